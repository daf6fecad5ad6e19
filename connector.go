package weir

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strconv"
	"strings"

	"github.com/weir-health/weir/config"
)

// SourceType is how the engine knows a kind of source.
type SourceType struct {
	Name    string // transport name, as in an export
	Summary string // one sentence for the reference page
	New     func() Source
}

// DestinationType is how the engine knows a kind of destination.
type DestinationType struct {
	Name    string
	Summary string
	New     func() Destination
}

// Source brings messages in.
//
// The engine decodes the settings, calls Start once, then Stop once. A source is
// not started again: a restarted channel makes a new one.
type Source interface {
	config.Settings

	// Start begins to listen or to poll and returns once that works: with the
	// port bound, with the directory seen. An error means nothing is running.
	// Goroutines it starts hand messages to env.Receive until Stop.
	Start(ctx context.Context, env SourceEnv) error

	// Stop takes no new messages, waits for those inside env.Receive and for
	// their replies to be written, and releases everything. When ctx ends
	// first, connections are cut; what was kept is recovered at the next start.
	Stop(ctx context.Context) error
}

// SourceEnv is what the engine lends a source.
type SourceEnv struct {
	ChannelID   string
	ChannelName string
	Log         *slog.Logger // carries channel and connector; never given message content

	// Receive keeps one message, has it processed as the channel says, and
	// returns the reply for the sender. An error means the message is not kept:
	// do not acknowledge it. An error that is ErrUnusable says that the text is
	// to blame and would be refused again; a part of its batch may be kept. Receive
	// may be called from many goroutines at once and blocks while the channel's
	// processing threads are busy. With batch processing on, the text is split and
	// the reply is the first or last one's.
	Receive func(ctx context.Context, in Inbound) (Reply, error)

	// StreamAbove is the size in bytes, as it arrives, above which a source hands a
	// message over as Inbound.Stream, where it can. 0 is never: the channel's steps
	// read the content as a whole.
	StreamAbove int64

	// Room waits while the engine is short of memory or has its hands full, see
	// AwaitRoom. It may be nil: there is always room.
	Room func(ctx context.Context) error

	// Resolve replaces ${…} in a setting from the global and configuration maps.
	Resolve func(t config.Template) string

	// Lookup finds a variable in the global channel, global and configuration
	// maps, in this order. It may be nil, which finds nothing.
	Lookup func(name string) (any, bool)

	// Connection reports what the connection log and the dashboard show.
	Connection func(event ConnectionEvent)

	// Run runs one of the source's own scripts, see Scripted.
	Run func(ctx context.Context, name string) (any, error)

	// RunFor runs one of them for what may become a message with that source map.
	RunFor func(ctx context.Context, name string, sourceMap map[string]any) (any, error)
}

// AwaitRoom waits until the engine has room for more. A source calls it before it reads a
// message, and so stops reading when memory is short: what it has not read waits where it
// is. The error is that of ctx, or tells that the source is being stopped; where there is
// room, ctx may have ended.
func (e *SourceEnv) AwaitRoom(ctx context.Context) error {
	if e.Room == nil {
		return nil
	}
	return e.Room(ctx)
}

// Scripted is a connector with scripts of its own. The engine compiles them when
// the channel is deployed and runs them for the connector.
//
// What a script returned comes as nil, a Response, a Status, an *Inbound
// (RawMessage), an *Authentication, a Row (java.util.Map), a []any of these, or else as the string that
// Java makes of it.
type Scripted interface {
	Scripts() []Script
}

// Row is a java.util.Map that a script returns or is given: keys and values in
// order, such as the columns of a database's row.
type Row []Entry

// Columns is a Row as the result of a query gives it: its keys are the labels of the
// columns, and are found in upper or lower case.
type Columns Row

// Entry is a key of a Row with its value.
type Entry struct {
	Key   string
	Value any
}

// Get returns the value of a key.
func (r Row) Get(key string) (any, bool) {
	for _, e := range r {
		if e.Key == key {
			return e.Value, true
		}
	}
	return nil, false
}

// String is the text that Java makes of a map.
func (r Row) String() string {
	parts := make([]string, len(r))
	for i, e := range r {
		text := fmt.Sprint(e.Value)
		switch v := e.Value.(type) {
		case nil:
			text = "null"
		case float64:
			if v == math.Trunc(v) && math.Abs(v) < 1e7 {
				text = strconv.FormatFloat(v, 'f', 1, 64)
			}
		}
		parts[i] = e.Key + "=" + text
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Authentication is what a script says about the sender of a request
// (AuthenticationResult).
type Authentication struct {
	Status          string // SUCCESS, CHALLENGED or FAILURE
	Username, Realm string
	Headers         map[string][]string // for the answer to a sender that is not let in
}

// Script is a script of a connector.
type Script struct {
	Name    string // of the setting that holds it; Run is given this
	Context string // Mirth's context, which decides its code templates; or AuthenticationContext
	Code    string
	Logger  string // under whose name it logs; empty: that of its context
}

// AuthenticationContext is the context of a script that says who may send: that of a
// source's scripts, with the names of the possible results.
const AuthenticationContext = "HTTP_AUTHENTICATION"

// ConnectionEvent is a change in a connector's connections.
type ConnectionEvent struct {
	State  string // idle, connected, receiving, sending, waiting, disconnected, failed; denied for one that was not let in
	Remote string // the other side's address, if known
	Count  int    // open connections, where the connector counts them
	Detail string // words for the log; never message content
}

// Inbound is a message as a source hands it over.
type Inbound struct {
	Text string // decoded to UTF-8; base64 when Binary
	// Stream, where it is not nil, gives what Text would hold, for a content that is
	// too large to be held in memory; Text is empty then. See SourceEnv.StreamAbove.
	// Receive reads it once, to its end, before it returns; what it fails with means
	// that the message is not kept. The source closes what is behind it afterwards.
	Stream       io.Reader
	Binary       bool
	SourceMap    map[string]any // belongs to the engine afterwards
	Destinations []int          // metadata ids; nil means all
	Force        bool           // accept even when the source is paused (sent by a user)

	// Key, where it is not empty, is the same each time this message is handed
	// over, and is no other message's: the channel takes it once, and answers
	// again as it did the first time.
	Key string
}

// Reply is what the sender is to be told.
type Reply struct {
	MessageID int64
	// Response is the channel's selected response, nil when there is none.
	Response *Response
	// Failed records on the message that the reply could not be delivered. It is
	// nil where nothing is kept.
	Failed func(err error)

	// Lookup finds a variable in the merged maps of the processed message, as
	// Outbound.Lookup does, and Resolve replaces ${…} in a text from them. Both
	// are nil when the message has not been processed yet.
	Lookup  func(name string) (any, bool)
	Resolve func(template string) string

	// Run runs one of the source's own scripts as SourceEnv.Run does, with
	// further variables by name: texts, numbers, a Row, a []Row. It sees
	// the maps of the processed message, if it has been processed.
	Run func(ctx context.Context, name string, vars map[string]any) (any, error)
}

// Destination delivers messages to another system.
//
// The engine decodes the settings, calls Open once, then Send, then Close once.
// Send may be called from as many goroutines at once as the destination has
// threads; Close comes after the last Send has returned.
type Destination interface {
	config.Settings

	// Open acquires what all sends share. It does not wait for the remote system
	// to be up: a destination that is down at deploy time queues.
	Open(ctx context.Context, env DestinationEnv) error

	// Send delivers one message and returns the remote system's answer.
	//
	// An error means that delivery is not known to have happened; the engine
	// makes it QUEUED, or ERROR where the destination has no queue. A Response
	// with status Error or Queued says the same with an answer to keep. ctx ends
	// when the channel is halted or the deadline for stopping has passed.
	Send(ctx context.Context, m *Outbound) (Response, error)

	// Close releases what Open acquired.
	Close(ctx context.Context) error
}

// DestinationEnv is what the engine lends a destination.
type DestinationEnv struct {
	ChannelID   string
	ChannelName string
	Name        string
	Log         *slog.Logger

	Resolve    func(t config.Template) string // without a message: global and configuration maps
	Connection func(event ConnectionEvent)

	// Run runs one of the destination's own scripts for a message, see Scripted.
	Run func(ctx context.Context, name string, m *Outbound) (any, error)

	// Route hands a message to another channel on this engine, by id, and
	// returns its reply (Channel Writer).
	Route func(ctx context.Context, channelID string, in Inbound) (Reply, error)
}

// Outbound is a message on its way to a destination.
type Outbound struct {
	MessageID  int64
	ChannelID  string
	MetaDataID int
	Attempt    int  // 1 for the first
	Thread     int  // which of the destination's threads is sending, from 0
	Queue      bool // the destination has a queue: an error leads to QUEUED
	// Maybe is set when an earlier delivery may have happened unknown to us.
	Maybe bool

	// Resolved holds, by setting name, the templates with ${…} replaced for this
	// message. A name that is missing had nothing to replace.
	Resolved map[string]string

	// Lookup finds a variable in the message's maps as header and map variables
	// do: response, connector, channel, source, globalChannel, global, configuration.
	Lookup func(name string) (any, bool)

	// SourceMap is the message's source map, read only.
	SourceMap map[string]any

	// ConnectorMap takes what the connector tells scripts; it is never nil.
	ConnectorMap map[string]any

	// Binary tells that the outbound data type is binary, so texts are base64.
	Binary bool

	// Message is the whole connector message, for the scripts of the destination.
	Message *ConnectorMessage

	// Reattach puts attachments into a text in place of their tokens or, where the
	// destination does not want that, makes tokens that other channels understand.
	// What is put in may be bytes that are not UTF-8. Nil changes nothing; see Body and WithAttachments.
	Reattach func(text string) (string, error)

	// ReattachStream is Reattach for a text with attachments that are too large to be
	// held in memory. It reports false where there is none, and then Reattach is to be
	// used. Nil is the same. See Stream.
	ReattachStream func(ctx context.Context, text string) (body *Stream, ok bool, err error)

	// Attach keeps an attachment with the message and returns its token. It is nil
	// where nothing is kept.
	Attach func(ctx context.Context, content []byte, mimeType string) (token string, err error)
}

// Body returns the text of a template that makes up what is sent, with attachments
// put back.
func (m *Outbound) Body(t config.Template) (string, error) {
	return m.WithAttachments(m.Resolve(t))
}

// WithAttachments returns a text with attachments put back, as Reattach does.
func (m *Outbound) WithAttachments(text string) (string, error) {
	if m.Reattach == nil {
		return text, nil
	}
	return m.Reattach(text)
}

// Stream is a content that is read piece by piece. Each Open reads it from its
// beginning, for one that is sent again.
type Stream struct {
	Size int64 // bytes that Open gives
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Stream returns what Body would, for a content that is too large to be held in
// memory, and whether it is one: otherwise Body is to be used.
func (m *Outbound) Stream(ctx context.Context, t config.Template) (*Stream, bool, error) {
	if m.ReattachStream == nil {
		return nil, false, nil
	}
	return m.ReattachStream(ctx, m.Resolve(t))
}

// Resolve returns a template's text for this message.
func (m *Outbound) Resolve(t config.Template) string {
	if text, ok := m.Resolved[t.Name]; ok {
		return text
	}
	return t.Text
}
