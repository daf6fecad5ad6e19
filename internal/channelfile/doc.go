// Package channelfile reads and writes Weir's own channel files: one YAML file
// for a channel, made to be read, reviewed and merged.
//
//	name: ADT to folder
//	id: 6a1f0f5e-3f0e-4f7c-9d6a-0b8b1c1f4a10
//	source:
//	  type: TCP Listener
//	  settings:
//	    listenerConnectorProperties:
//	      port: 6661
//	  transformer:
//	    inbound: HL7V2
//	    steps:
//	      - type: JavaScript
//	        name: tidy
//	        script: |-
//	          msg['PID']['PID.5']['PID.5.2'] = '';
//
// Settings have the names of a Mirth export. [Write] gives a channel with all
// that it has, keys always in the same order; [Read] gives the same channel back.
// Of connectors, data types and steps only what differs from a new one is written.
// In data types and steps a null stands for a setting that a new one has and this
// one has not; in connectors such a setting means what it is in a new one.
//
// Reading is strict. A key that is not known is an error, with its line and the
// nearest one that is known; so is a value that the connector's own declarations
// refuse. What a Mirth export held and Weir has no use for stands under extra, in
// the channel or in its connectors, and is accepted whatever it is. See group.go
// for how any XML is written in YAML.
//
// A setting that is written as a reference, env:NAME or for secrets file:/path,
// stays one: [Resolve] puts in the values when the channel is deployed.
package channelfile
