// Package api is the engine's own HTTP interface: what it serves, and the client
// that the command line uses.
//
// The table of routes, in table.go, is all there is: method, path, the permission
// that an operation needs, its name in the audit trail, and the function that does
// it. The types of that function are the parameters, the body and the answer; the
// description in OpenAPI is made of them.
//
// Over the Unix socket in the data directory everything is served: whoever may
// open the socket is the user that runs the engine, or root. Over HTTPS it needs a
// token or a session, whose roles say what it permits. Both ways what changes
// something, and each look at messages, is an event in the audit trail.
package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/weir-health/weir/internal/history"
)

// Engine is what the handlers need of the engine.
type Engine interface {
	Ready() bool
	Channels() []Channel
	// Control does "start", "stop", "pause", "halt", "deploy" or "undeploy" to a
	// channel found by id or name.
	Control(ctx context.Context, channel, action string) error
	// Test tries the connections of a channel's connectors, or of the one with that
	// name; "Source" is the source's.
	Test(ctx context.Context, channel, connector string) ([]Tested, error)
	// Messages calls visit for the messages that a query finds, newest first, as they
	// are found.
	Messages(ctx context.Context, channel string, q MessageQuery, visit func(Message) error) error
	Message(ctx context.Context, channel string, id int64) (Message, error)
	// Attachment returns what one attachment of a message holds.
	Attachment(ctx context.Context, channel string, id int64, attachment string) (*Bytes, error)
	AttachmentPlaces
	// File returns a channel as one of Weir's files; Apply takes such a file,
	// keeps it and deploys its channel, whose name it returns.
	File(channel string) ([]byte, error)
	Apply(ctx context.Context, file []byte, by history.By) (channel string, err error)
	// History lists the revisions of an object, by id or name, newest first; without
	// a name the newest of every object. Rollback saves a revision again.
	History(kind, name string) ([]history.Entry, error)
	Revision(kind, name string, number int) (history.Entry, []byte, error)
	Rollback(ctx context.Context, kind, name string, number int, by history.By) error
	Lifecycle
	Exchange
	Pruner
}

// Channel is a channel in lists.
type Channel struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Revision int    `json:"revision"`
	State    string `json:"state"`
	Problem  string `json:"problem,omitempty"` // why it is not deployed or did not start
	Counts
	Connectors []Connector `json:"connectors,omitempty"`
}

// Counts are statistics since the beginning; queued is now.
type Counts struct {
	Received int64 `json:"received"`
	Filtered int64 `json:"filtered"`
	Queued   int64 `json:"queued"`
	Sent     int64 `json:"sent"`
	Errored  int64 `json:"errored"`
}

// Connector is a source or destination of a channel.
type Connector struct {
	MetaDataID  int        `json:"metaDataId"`
	Name        string     `json:"name"`
	Type        string     `json:"type"`
	State       string     `json:"state"`
	Connection  string     `json:"connection,omitempty"`  // see weir.ConnectionEvent
	Detail      string     `json:"detail,omitempty"`      // of that
	Connections int        `json:"connections,omitempty"` // open ones, where they are counted
	Denied      int64      `json:"denied,omitempty"`      // connections that were not let in
	Failure     string     `json:"failure,omitempty"`     // the last one, however long ago
	FailedAt    *time.Time `json:"failedAt,omitempty"`
	Counts
}

// Tested is what came of trying a connector's connection.
type Tested struct {
	MetaDataID int    `json:"metaDataId"`
	Name       string `json:"name"`
	Type       string `json:"type"`
	OK         bool   `json:"ok"`
	Text       string `json:"text"` // what was found, or what failed and what to do
}

// Message is a message in lists, and with contents when asked for alone.
type Message struct {
	ID         int64     `json:"id"`
	Received   time.Time `json:"received"`
	Processed  bool      `json:"processed"`
	OriginalID int64     `json:"originalId,omitempty"` // the message this one reprocesses
	// ImportID is the id that an imported message had where it was exported, from another
	// channel than its own if ImportChannelID is set.
	ImportID        int64              `json:"importId,omitempty"`
	ImportChannelID string             `json:"importChannelId,omitempty"`
	Connectors      []ConnectorMessage `json:"connectors"`

	// Attachments are given with a message that is asked for alone.
	Attachments []Attachment `json:"attachments,omitempty"`
}

// Attachment is what a message shows of an attachment.
type Attachment struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Size int64  `json:"size"` // bytes
}

// ConnectorMessage is what one connector has of a message.
type ConnectorMessage struct {
	MetaDataID int            `json:"metaDataId"`
	Name       string         `json:"name"`
	Status     string         `json:"status"`
	Attempts   int            `json:"attempts"`
	Sent       *time.Time     `json:"sent,omitempty"`
	Answered   *time.Time     `json:"answered,omitempty"`
	MaybeTwice bool           `json:"maybeSentTwice,omitempty"` // an earlier delivery may have happened
	Failed     bool           `json:"failed,omitempty"`
	MetaData   map[string]any `json:"metaData,omitempty"`
	Contents   []Content      `json:"contents,omitempty"`
}

// Content is one text kept with a connector message.
type Content struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Public serves what anyone may see: whether the engine lives and is ready.
func Public(e Engine) http.Handler {
	mux := http.NewServeMux()
	health(mux, e)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(w, "Weir is running. On this host, see it with: weir channel list, weir message list CHANNEL.\n")
	})
	return mux
}

func health(mux *http.ServeMux, e Engine) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if !e.Ready() {
			http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
}
