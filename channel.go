package weir

import "github.com/weir-health/weir/config"

// Channel is the configuration of one interface: a source, destinations, and
// what happens between.
type Channel struct {
	ID          string
	Name        string
	Description string
	Revision    int
	Enabled     bool // false: not deployed at start
	NextID      int  // metadata id for the next added destination

	Source       Connector
	Destinations []Connector

	Preprocessor  string // JavaScript; empty when there is nothing to run
	Postprocessor string
	Deploy        string
	Undeploy      string

	CodeTemplates []CodeTemplate // of the libraries that apply, in library order
	Properties    ChannelProperties
	Depends       []string // ids of channels that are deployed first
	Access        Access

	// Variables are what its settings leave to the environment.
	Variables []Variable

	// Dialect is the language of the channel's scripts: empty for Mirth's
	// JavaScript, "modern" for TypeScript and current JavaScript.
	Dialect string
	// Modules are the texts of the files that modern scripts import, by their
	// paths from the channel's own file.
	Modules map[string]string

	// Extra is what the file held and Weir does not know. It is written back on
	// export and reported on import.
	Extra config.Group
}

// Variable is a name in settings, as ${{name}}, whose value the environment gives.
type Variable struct {
	Name       string
	Default    string
	HasDefault bool // without one the environment must give a value
	Help       string
}

// Connector is a source or a destination as configured.
type Connector struct {
	MetaDataID      int // 0 is the source
	Name            string
	Type            string // such as "TCP Listener"
	Enabled         bool
	WaitForPrevious bool // destinations: false begins a new chain
	Settings        config.Group
	// SettingsClass is the class attribute a Mirth export carries, kept for export.
	SettingsClass string

	Filter              []Step
	Transformer         Transformer
	ResponseTransformer Transformer // destinations only
}

// Transformer is data types and steps, for a transformer or a response transformer.
type Transformer struct {
	Inbound, Outbound                 string // data type names such as "HL7V2"
	InboundSettings, OutboundSettings config.Group
	InboundTemplate, OutboundTemplate string
	Steps                             []Step
}

// Step is one filter rule or transformer step.
type Step struct {
	// Type is one of "JavaScript", "Mapper", "Message Builder", "Rule Builder",
	// "External Script", "XSLT Step", "Destination Set Filter", "Iterator", or the
	// class name of a plugin that Weir does not have.
	Type     string
	Name     string
	Enabled  bool
	Operator string // rules: AND, OR or NONE
	Settings config.Group
	Steps    []Step // inside an iterator
}

// CodeTemplate is a piece of script that is put before the channel's own.
type CodeTemplate struct {
	ID       string
	Name     string
	Library  string
	Contexts []string // Mirth's names, such as SOURCE_FILTER_TRANSFORMER
	Code     string
}

// StorageMode is how much of each message is kept.
type StorageMode string

const (
	Development  StorageMode = "DEVELOPMENT"
	Production   StorageMode = "PRODUCTION"
	RawOnly      StorageMode = "RAW"
	MetadataOnly StorageMode = "METADATA"
	Disabled     StorageMode = "DISABLED"
)

// ChannelProperties is what a channel sets for all of its connectors.
type ChannelProperties struct {
	ClearGlobalChannelMap     bool
	Storage                   StorageMode
	EncryptData               bool // contents, maps and errors of messages
	EncryptAttachments        bool
	EncryptMetaData           bool // values of metadata columns
	RemoveContentOnCompletion bool
	RemoveOnlyFiltered        bool
	InitialState              State
	StoreAttachments          bool
	// RemoveAttachmentsOnCompletion removes a message's attachments when nothing of
	// it waits or has failed.
	RemoveAttachmentsOnCompletion bool
	MetaDataColumns               []MetaDataColumn
	AttachmentHandler             config.Setting // as written; empty class: none
}

// MetaDataColumn is a value kept searchable with each connector message.
type MetaDataColumn struct {
	Name    string
	Type    string // STRING, NUMBER, BOOLEAN, TIMESTAMP
	Mapping string // key looked up in the maps
}

// State is the state of a deployed channel or connector.
type State string

const (
	Undeployed State = "UNDEPLOYED"
	Deploying  State = "DEPLOYING"
	Starting   State = "STARTING"
	Started    State = "STARTED"
	Pausing    State = "PAUSING"
	Paused     State = "PAUSED"
	Stopping   State = "STOPPING"
	Stopped    State = "STOPPED"
)

// GlobalScripts are the scripts that run for all channels.
type GlobalScripts struct {
	Deploy, Undeploy, Preprocessor, Postprocessor string
}

// Access is what the scripts of a channel may reach outside of the engine. "*"
// grants all of a kind. Programs are never started.
type Access struct {
	Files     []string // directories with all below, and single files
	Network   []string // host, host:port or address
	Databases []string // beginnings of JDBC URLs, without user and properties
}
