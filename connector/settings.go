// Package connector holds the settings that all connectors share. Every source
// declares [SourceSettings] among its own settings, every destination
// [DestinationSettings], every source that listens [ListenerSettings], and every
// source that polls those of package poll:
//
//	func (r *Reader) Fields(f *config.Fields) {
//		r.Poll.Fields(f)
//		r.Source.Fields(f)
//		f.Template(&r.Host, "host", "", "Directory that is read.")
//	}
//
// What acts on the shared settings is not the connector but the channel around
// it, which gets them with [SettingsOfSource] and [SettingsOfDestination].
package connector

import (
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Values of SourceSettings.ResponseVariable. Any other is "d" and the metadata id
// of a destination, or a key of the response map.
const (
	RespondNothing          = "None"
	RespondBefore           = "Auto-generate (Before processing)"
	RespondAfterTransformer = "Auto-generate (After source transformer)"
	RespondAfterAll         = "Auto-generate (Destinations completed)"
	RespondPostprocessor    = "Postprocessor"
)

// DefaultBufferSize is how many messages of a queue are held in memory when
// QueueBufferSize is 0.
const DefaultBufferSize = 1000

// SourceSettings is what a channel does with the messages of any source.
type SourceSettings struct {
	ResponseVariable       string // see RespondNothing and its neighbours
	RespondAfterProcessing bool   // false: messages wait in a source queue
	ProcessBatch           bool
	FirstResponse          bool
	ProcessingThreads      int // at least 1
	QueueBufferSize        int // 0 means DefaultBufferSize
	ResourceIDs            []config.Pair
	Duplicates             Duplicates
}

// Fields declares the settings, with the defaults of most sources.
func (s *SourceSettings) Fields(f *config.Fields) { s.FieldsWith(f, RespondNothing, false) }

// FieldsWith declares the settings with the defaults of one kind of source.
func (s *SourceSettings) FieldsWith(f *config.Fields, responseVariable string, firstResponse bool) {
	const in = "sourceConnectorProperties."
	f.String(&s.ResponseVariable, in+"responseVariable", responseVariable,
		"Which response the sender gets: None, one of the Auto-generate choices, Postprocessor, a destination such as d1, or a key of the response map.")
	f.Bool(&s.RespondAfterProcessing, in+"respondAfterProcessing", true,
		"Answer after the message is processed. Off turns the source queue on: the message is kept, answered at once, and processed later.")
	f.Bool(&s.ProcessBatch, in+"processBatch", false,
		"Split what arrives into messages as the inbound data type says.")
	f.Bool(&s.FirstResponse, in+"firstResponse", firstResponse,
		"Answer a batch with the response of its first message instead of its last.")
	f.Int(&s.ProcessingThreads, in+"processingThreads", 1,
		"How many messages are processed at once. More than 1 gives up their order.")
	f.Int(&s.QueueBufferSize, in+"queueBufferSize", 0,
		"How many messages of the source queue are held in memory; 0 means 1000.").Range(0, 1<<30)
	f.Map(&s.ResourceIDs, in+"resourceIds",
		"Library resources of the source's scripts, by id and name.")
	s.Duplicates.Fields(f)
}

// DestinationSettings is what a channel does around the sends of any
// destination.
type DestinationSettings struct {
	QueueEnabled             bool
	SendFirst                bool
	RetryInterval            time.Duration
	RegenerateTemplate       bool
	RetryCount               int
	Rotate                   bool
	IncludeFilterTransformer bool
	ThreadCount              int // at least 1
	ThreadAssignmentVariable string
	ValidateResponse         bool
	QueueBufferSize          int // 0 means DefaultBufferSize
	ReattachAttachments      bool
	ResourceIDs              []config.Pair
	Plugins                  config.Setting // of extensions that Weir does not have
	Guard                    Guard
	DeadLetters              DeadLetters
}

// Fields declares the settings, with the defaults of most destinations.
func (s *DestinationSettings) Fields(f *config.Fields) { s.FieldsWith(f, false) }

// FieldsWith declares the settings with the default of one kind of destination.
func (s *DestinationSettings) FieldsWith(f *config.Fields, validateResponse bool) {
	const in = "destinationConnectorProperties."
	f.Bool(&s.QueueEnabled, in+"queueEnabled", false,
		"Keep messages that could not be delivered in a queue and try them again.")
	f.Bool(&s.SendFirst, in+"sendFirst", false,
		"Try to send once before a message goes to the queue.")
	f.Millis(&s.RetryInterval, in+"retryIntervalMillis", 10*time.Second,
		"Milliseconds between two attempts to deliver a message.")
	f.Bool(&s.RegenerateTemplate, in+"regenerateTemplate", false,
		"Replace the variables in the settings anew for every attempt of a queued message.")
	f.Int(&s.RetryCount, in+"retryCount", 0,
		"How often an attempt outside the queue is repeated.").Range(0, 1<<30)
	f.Bool(&s.Rotate, in+"rotate", false,
		"Put a queued message that failed behind the others. Gives up their order.")
	f.Bool(&s.IncludeFilterTransformer, in+"includeFilterTransformer", false,
		"Run filter and transformer again too, when variables are replaced anew.")
	f.Int(&s.ThreadCount, in+"threadCount", 1,
		"How many queued messages are sent at once. More than 1 gives up their order.")
	f.String(&s.ThreadAssignmentVariable, in+"threadAssignmentVariable", "",
		"Map variable whose value keeps messages in order among themselves when there are several threads.")
	f.Bool(&s.ValidateResponse, in+"validateResponse", validateResponse,
		"Let the data type judge the remote system's response.")
	f.Map(&s.ResourceIDs, in+"resourceIds",
		"Library resources of the destination's scripts, by id and name.")
	f.Int(&s.QueueBufferSize, in+"queueBufferSize", 0,
		"How many messages of the queue are held in memory; 0 means 1000.").Range(0, 1<<30)
	f.Bool(&s.ReattachAttachments, in+"reattachAttachments", true,
		"Put attachments back into the message in place of their tokens before it is sent.")
	f.Group(&s.Plugins, in+"pluginProperties",
		"Settings of extensions for this destination; kept for export, without effect.")
	s.Guard.Fields(f)
	s.DeadLetters.Fields(f)
}

// ListenerSettings is where a source listens.
type ListenerSettings struct {
	Host config.Template
	Port config.Template
	Door Door
}

// Fields declares the settings with the default port of one kind of listener.
func (s *ListenerSettings) Fields(f *config.Fields, port string) {
	const in = "listenerConnectorProperties."
	f.Template(&s.Host, in+"host", "0.0.0.0",
		"Address of this computer on which to listen; 0.0.0.0 means all.")
	f.Template(&s.Port, in+"port", port, "Port on which to listen.")
	s.Door.Fields(f)
}

// SettingsOfSource returns the shared settings of a source that has been
// decoded from g. A source that has defaults of its own, such as the TCP
// Listener, says so with a method SourceSettings() SourceSettings.
func SettingsOfSource(s weir.Source, g config.Group) (SourceSettings, error) {
	var out SourceSettings
	if own, ok := s.(interface{ SourceSettings() SourceSettings }); ok {
		out = own.SourceSettings()
	} else if _, err := config.Decode(g, &out); err != nil {
		return out, err
	}
	out.ProcessingThreads = max(out.ProcessingThreads, 1)
	return out, nil
}

// SettingsOfDestination returns the shared settings of a destination that has
// been decoded from g. A destination that has defaults of its own, such as the
// TCP Sender, says so with a method DestinationSettings() DestinationSettings.
func SettingsOfDestination(d weir.Destination, g config.Group) (DestinationSettings, error) {
	var out DestinationSettings
	if own, ok := d.(interface{ DestinationSettings() DestinationSettings }); ok {
		out = own.DestinationSettings()
	} else if _, err := config.Decode(g, &out); err != nil {
		return out, err
	}
	out.ThreadCount = max(out.ThreadCount, 1)
	return out, nil
}
