// Package store says what must be kept and how it is asked for. Each dialect is
// a folder below, and passes the one suite in storetest.
//
// Everything a message does is saved through [Store.Save], which returns when
// the change is on disk (architecture: "ack only what is on disk"). Dialects
// collect the changes of all channels into one transaction while the previous
// one is being committed: no timers, a lone change commits at once.
//
// A message's attachments are saved with it, in the same transaction, so that one
// that is acknowledged never lacks them; they go when it goes.
//
// Contents are kept apart from the rows that lists and counts read. Maps are
// contents too: the pipeline encodes them, and the store leaves SourceMap and
// its like alone. Which errors a connector message has (its Errors) is kept in
// its row, and the row decides: an error content that the row does not know is
// not returned, one whose text was dropped is returned empty.
//
// Times are kept to the microsecond and come back in UTC; metadata values that
// are times keep their offset. Texts are bytes and come back as they were.
package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
)

// Store keeps messages. All methods may be called from many goroutines.
type Store interface {
	// OpenChannel makes a channel known, or renames it, and returns the highest
	// message id it ever had, so that ids rise across restarts and removals. keep says
	// how long what comes from now on is to stay; what is there already stays where it is.
	OpenChannel(ctx context.Context, channelID, name string, keep Retention) (lastMessageID int64, err error)

	// Save applies a change in one transaction, shared with others. It returns
	// when the change is durable, at once when Change.Lazy is set and the change
	// is queued. Changes of one message are applied in the order of their Save
	// calls. An error means that nothing of the change is kept; it says why, and
	// the store keeps trying for later changes (a disk that was full may have room).
	// The one exception is the error of an ended ctx: Save then returns at once,
	// and whether the change is kept is not known. What is not kept, of a message
	// or connector message to insert, is ErrExists; of one to update, ErrNotFound.
	//
	// Save waits while too much is queued, a lazy change included. It reads the
	// change before it returns and keeps nothing of it, so the caller may go on
	// changing the message. A lazy change that fails later is logged and lost.
	// The channel must have been opened once.
	Save(ctx context.Context, c *Change) error

	// Unfinished returns, in order of id, up to limit messages after id after
	// that are not processed, with all contents.
	Unfinished(ctx context.Context, channelID string, after int64, limit int) ([]*weir.Message, error)

	// Queued returns, in order of message id, up to limit connector messages
	// with status Queued of one destination, after message id after, with all
	// their contents, each inside its message, beside the source's connector
	// message, whose contents are also read.
	Queued(ctx context.Context, channelID string, metaDataID int, after int64, limit int) ([]*weir.Message, error)

	// CountQueued counts the queued connector messages of one destination.
	CountQueued(ctx context.Context, channelID string, metaDataID int) (int64, error)

	// Message returns one message with all contents, or ErrNotFound.
	Message(ctx context.Context, channelID string, id int64) (*weir.Message, error)

	// Messages lists messages without contents, newest first. Of the three error
	// contents Set tells whether there is one, so that Errors works.
	Messages(ctx context.Context, q Query) ([]*weir.Message, error)

	// Holding looks for a text, in upper or lower case, in the contents of up to
	// SearchAtOnce of the messages that a query selects, newest first. It returns
	// those of which some content holds it, without contents and up to the query's
	// limit, and the id below which the search goes on, 0 where it is at its end.
	Holding(ctx context.Context, q Query, text string) (found []*weir.Message, next int64, err error)

	// Attachments lists a message's attachments in order of their ids. A message
	// that is not kept has none.
	Attachments(ctx context.Context, channelID string, messageID int64) ([]AttachmentInfo, error)

	// Attachment returns one attachment of a message, or ErrNoAttachment. One that is
	// larger than MaxAttachment is ErrTooLarge: OpenAttachment reads it.
	Attachment(ctx context.Context, channelID string, messageID int64, id string) (*weir.Attachment, error)

	// PutAttachment keeps an attachment of a message that is kept already, in place
	// of the one with its id. It returns when that is durable, and comes after what
	// was saved of the message before. Without the message it is ErrNotFound.
	PutAttachment(ctx context.Context, channelID string, messageID int64, a *weir.Attachment) error

	// Blobs keeps contents of attachments that are too large for the above.
	Blobs

	// FindKey returns the message that was last saved under a key, or ErrNotFound,
	// and when it was received. The message may have been removed meanwhile.
	FindKey(ctx context.Context, channelID, key string) (id int64, received time.Time, err error)

	// ForgetKeys removes the keys of a channel's messages that were received
	// before a time, no more than ForgetAtOnce, so that nobody waits for long. It does not
	// wait for the disk.
	ForgetKeys(ctx context.Context, channelID string, before time.Time) error

	// Statistics returns the counts of a channel by metadata id. They are exact
	// sums of what was saved; a negative one reads as 0.
	Statistics(ctx context.Context, channelID string) (map[int]Counts, error)

	// Lifetime returns the counts since the channel was first opened: Statistics,
	// and what Change.Earlier took out of them.
	Lifetime(ctx context.Context, channelID string) (map[int]Counts, error)

	// NotEmpty returns those of some messages that have contents or attachments, in order
	// of their ids.
	NotEmpty(ctx context.Context, channelID string, ids []int64) ([]int64, error)

	// Remove removes messages with all that is kept of them, in one transaction,
	// and returns those that were there. With finished set, those that are not
	// processed stay. Statistics stay as they are. Many messages are removed in
	// parts of RemoveAtOnce, so that nobody waits for long.
	Remove(ctx context.Context, channelID string, ids []int64, finished bool) ([]Removed, error)

	// RemoveContents removes contents and attachments of messages, and leaves the
	// rows. It returns when that is durable.
	RemoveContents(ctx context.Context, channelID string, ids []int64) error

	// Expire drops what has aged as a whole: what lies together of which all channels'
	// messages were received before their limits. What is not finished, waits in a queue
	// or is pending stays, and so does what failed and is kept longer. It removes no single
	// messages: what lies beside others that are to stay is left to Remove. Of channels
	// that limits do not name nothing goes. One call at a time; others wait.
	Expire(ctx context.Context, limits map[string]Limits) (Expired, error)

	// Close waits for what was queued, and releases everything.
	Close() error
}

// Errors that callers tell apart.
var (
	ErrNotFound     = errors.New("no such message")
	ErrNoAttachment = errors.New("no such attachment")
	ErrExists       = errors.New("message exists already")
	ErrClosed       = errors.New("the store is closed")
)

// Change is what one message has new at one point of its way.
type Change struct {
	// Message is the message's header: id, channel, received, processed. Its
	// Connectors are not looked at. With id 0 there is no message, and the change
	// is of statistics only: Insert is false then and Connectors is empty.
	Message *weir.Message
	// Insert is set for a message that is not yet kept. Where it was imported from is
	// kept with it then, and never changed.
	Insert bool
	// ForgetImport takes that away again: the message begins anew.
	ForgetImport bool
	// Key, if not empty, is what FindKey finds the message by; it takes the place
	// of the one that had it before.
	Key        string
	Connectors []ConnectorChange
	// Source is the message's source, as the store has it or gets it with this
	// change; nil is none. Contents that equal its raw or encoded one are kept as
	// references to that.
	Source *weir.ConnectorMessage
	// Attachments are kept with the message, each in place of the one with its id.
	// DropAttachments removes all that the message had before.
	Attachments     []weir.Attachment
	DropAttachments bool
	// Large are attachments like these, whose contents are blobs.
	Large []Large
	// Encrypt keeps the contents encrypted, EncryptMetaData the metadata. Whether an
	// attachment is, it says itself.
	Encrypt, EncryptMetaData bool
	Counts                   map[int]Counts // added to the statistics, by metadata id
	// Earlier is added to what Lifetime has beyond the statistics, so that a reset
	// takes counts out of the one and into the other in the same transaction.
	Earlier map[int]Counts
	// RemoveConnectors are metadata ids whose connector messages are removed with
	// their contents, before Connectors are written: they begin anew.
	RemoveConnectors []int
	// Terms are what the message is found by, see Query.Terms. Those it has stay. With
	// Encrypt their hashes are keyed.
	Terms []Term
	// Lazy does not wait for the disk: for storage modes that promise nothing.
	Lazy bool
}

// ConnectorChange saves one connector message: its row as a whole, and the
// listed contents.
type ConnectorChange struct {
	Connector *weir.ConnectorMessage
	Insert    bool
	// Slot says where the contents go. What a slot held is replaced; reading
	// puts the slots together, a higher one winning. So a first save fills slot 0
	// and a later one slot 1 without writing anything twice. With no contents
	// listed the slot stays as it is. A content that is listed but not set is
	// absent, and hides what a lower slot has.
	Slot     int // 0 to 3
	Contents []weir.ContentType
	// Empty tells that the slot is known to hold nothing, which spares the store a look.
	Empty bool
	// Drop removes all contents of the connector message before the new ones are
	// written (remove content on completion).
	Drop bool
}

// AttachmentInfo is what a list shows of an attachment.
type AttachmentInfo struct {
	ID   string
	Type string
	Size int64 // bytes of its content
}

// Counts are the statistics of one connector. Queued is never stored: it is
// counted.
type Counts struct {
	Received, Filtered, Sent, Error int64
}

// Add returns the sum of two counts.
func (c Counts) Add(d Counts) Counts {
	return Counts{c.Received + d.Received, c.Filtered + d.Filtered, c.Sent + d.Sent, c.Error + d.Error}
}

// Negative returns the counts that take these away.
func (c Counts) Negative() Counts {
	return Counts{-c.Received, -c.Filtered, -c.Sent, -c.Error}
}

// Query selects messages for a list. Statuses, Connectors, Failed and MetaData
// are to be met by one and the same connector message.
type Query struct {
	ChannelID  string
	Before     int64         // only ids below it; 0 means from the newest
	After      int64         // only ids above it
	Limit      int           // at most; 0 means DefaultLimit
	Statuses   []weir.Status // any connector with one of these; nil means all
	Connectors []int         // metadata ids; nil means all
	Failed     bool          // only with an error
	MetaData   []Match       // all of them
	Terms      []Term        // all of them
	Since      time.Time     // received then or later; zero means no bound
	Until      time.Time     // received before then; zero means no bound
}

// AnyConnector reports whether the query asks for nothing of connector messages.
func (q *Query) AnyConnector() bool {
	return len(q.Statuses) == 0 && len(q.Connectors) == 0 && !q.Failed && len(q.MetaData) == 0
}

// Match is what a metadata column is to be.
type Match struct {
	Column   string
	Value    string // as it is shown
	Contains bool   // it is a part of the value, in upper or lower case
}

// Matches reports whether the values of a connector message meet all of them.
func Matches(matches []Match, values map[string]any) bool {
	for _, m := range matches {
		v, ok := values[m.Column]
		if !ok {
			return false
		}
		text := metaDataText(v)
		if m.Contains && !strings.Contains(strings.ToLower(text), strings.ToLower(m.Value)) || !m.Contains && text != m.Value {
			return false
		}
	}
	return true
}

// metaDataText is a metadata value as it is shown.
func metaDataText(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02 15:04:05")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// Removed is a message that was removed.
type Removed struct {
	ID         int64
	Unfinished bool  // it was not processed
	Queued     []int // metadata ids of the destinations that had it in their queue
}

// ForgetAtOnce is how many keys are forgotten in one transaction.
const ForgetAtOnce = 50_000

// RemoveAtOnce is how many messages are removed in one transaction.
const RemoveAtOnce = 500

// DefaultLimit is the page size of a list that asks for none.
const DefaultLimit = 100
