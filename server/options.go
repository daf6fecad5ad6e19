// Package server wires the parts of Weir into an engine, and is the way to embed
// one:
//
//	s, err := server.New(ctx, server.Options{Data: "weir-data", Channels: "channels"})
//	…
//	err = s.Run(ctx) // until ctx ends
//
// New opens the store and reads the channel files; Run deploys and starts the
// channels, serves the API, and stops everything in order when its context ends.
package server

import (
	"log/slog"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/all"
	datatypes "github.com/weir-health/weir/datatype/all"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
)

// Options say what an engine runs and where. The zero value of a field means
// the default that its comment gives.
type Options struct {
	// Data is the directory with the embedded store, the socket and generated
	// certificates. Default "weir-data".
	Data string
	// Database is the URL of a PostgreSQL database for the messages. Default: none,
	// which is the embedded store in Data.
	Database string
	// Channels is a directory of channel files that are deployed at start.
	// Default: none.
	Channels string
	// Exports is the directory below which users of the Mirth API export messages to
	// and import them from. Default "exports" in Data.
	Exports string
	// Variables is a YAML file with the values of variables of channel files. Default:
	// none.
	Variables string
	// Set are values of variables that go before those of the file.
	Set map[string]string
	// Listen is the address of the HTTPS port. Default "127.0.0.1:8443"; "none"
	// opens no port.
	Listen string
	// Log gets one line for each event, never with message content. Default
	// slog.Default().
	Log *slog.Logger
	// StopWithin is how long messages in hand may take to come to their end when
	// the engine stops. What is unfinished then is recovered at the next start.
	// Default 4 seconds, below what service managers grant before they kill.
	StopWithin time.Duration
	// ChannelTime is how long others wait for a channel to deploy, to start, or to stop.
	// Default DefaultChannelTime.
	ChannelTime time.Duration
	// MemoryLimit is the heap size in bytes above which the script that has run
	// longest is ended. Default 0: three quarters of GOMEMLIMIT where that is
	// set, else 2 GiB.
	MemoryLimit uint64
	// InFlight is how many bytes of messages the sources of all channels may have in
	// hand at once; a larger message is taken alone. Default: an eighth of GOMEMLIMIT
	// where that is set, else 128 MiB.
	InFlight int64
	// ScriptTime is how long one run of a script may take. Default
	// script.DefaultTime.
	ScriptTime time.Duration
	// StreamAbove is the size in bytes above which a message is not held in memory, where
	// its channel allows that; below 0 never. Default pipeline.DefaultStreamAbove.
	StreamAbove int64
	// HoldAtMost is the most that is held in memory of one message or attachment, in
	// bytes. Default pipeline.DefaultHoldAtMost.
	HoldAtMost int64
	// Attachments is where contents of new attachments go: database, directory or s3.
	// Those of before stay where they are and are read there. Default "database".
	Attachments string
	// AttachmentsDirectory is the place named directory. Default attachments in Data.
	AttachmentsDirectory string
	// AttachmentsS3 is the place named s3. Default: there is none.
	AttachmentsS3 S3
	// Access says, by the name of a channel, what its scripts may reach, in the
	// place of what was found in them. A kind that is nil stays as found.
	// GlobalScripts is the name of the global scripts.
	Access map[string]weir.Access
	// AdminPassword is the password of the first account, admin, where there is no
	// account yet. Default: the log tells a link with which the first is made.
	AdminPassword string
	// Prune says when channels are pruned, each as its settings say: a time of day such as
	// 03:00, a span such as 6h, a cron expression of Quartz, or off. Default: what the
	// settings of the data pruner say that users of the Mirth API have saved, else
	// DefaultPrune.
	Prune string
	// Archive is where messages go before they are pruned: a directory, or
	// s3://bucket/prefix. Default: they do not.
	Archive string
	// ArchiveRecipients are the public keys of age for whose owners the archive is
	// encrypted. Default: it is not.
	ArchiveRecipients []string
	// Config is the path of the file the options were read from, if any. Scripts
	// never reach it.
	Config string
	// Now is the clock. Default time.Now.
	Now func() time.Time

	// The connectors and data types there are. Default: all that come with Weir.
	Sources      []weir.SourceType
	Destinations []weir.DestinationType
	DataTypes    []weir.DataTypeDef
}

// S3 is a bucket of S3, or of a store like it, and who may use it.
type S3 struct {
	// URL is s3://bucket/prefix, with the parameters region, endpoint and kmsKey.
	URL string
	// AccessKey and SecretKey are found where AWS keeps them if they are empty.
	AccessKey, SecretKey string
}

// What is held in memory of one message where nothing else is said.
const (
	DefaultStreamAbove = pipeline.DefaultStreamAbove
	DefaultHoldAtMost  = pipeline.DefaultHoldAtMost
)

// DefaultListen is the address of the HTTPS port where none is given.
const DefaultListen = "127.0.0.1:8443"

// DefaultData is the data directory where none is given.
const DefaultData = "weir-data"

func (o Options) withDefaults() Options {
	if o.Data == "" {
		o.Data = DefaultData
	}
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.StopWithin == 0 {
		o.StopWithin = 4 * time.Second
	}
	if o.ChannelTime == 0 {
		o.ChannelTime = DefaultChannelTime
	}
	if o.ScriptTime == 0 {
		o.ScriptTime = script.DefaultTime
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sources == nil {
		o.Sources = all.Sources
	}
	if o.Destinations == nil {
		o.Destinations = all.Destinations
	}
	if o.DataTypes == nil {
		o.DataTypes = datatypes.DataTypes
	}
	return o
}

func (o Options) source(name string) (weir.SourceType, bool) {
	for _, t := range o.Sources {
		if t.Name == name {
			return t, true
		}
	}
	return weir.SourceType{}, false
}

func (o Options) destination(name string) (weir.DestinationType, bool) {
	for _, t := range o.Destinations {
		if t.Name == name {
			return t, true
		}
	}
	return weir.DestinationType{}, false
}

func (o Options) dataType(name string) (weir.DataTypeDef, bool) {
	for _, t := range o.DataTypes {
		if t.Name == name {
			return t, true
		}
	}
	return weir.DataTypeDef{}, false
}
