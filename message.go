package weir

import "time"

// Status is where a connector's part of a message stands. The letters are the
// ones that Mirth stores.
type Status byte

const (
	Received    Status = 'R' // kept, not completely processed
	Filtered    Status = 'F' // a filter rejected it
	Transformed Status = 'T' // source only: filter and transformer passed
	Sent        Status = 'S' // the destination delivered it
	Queued      Status = 'Q' // waits in the destination queue
	Error       Status = 'E' // failed
	Pending     Status = 'P' // sent, response transformer not finished
)

var statusNames = map[Status]string{
	Received: "RECEIVED", Filtered: "FILTERED", Transformed: "TRANSFORMED",
	Sent: "SENT", Queued: "QUEUED", Error: "ERROR", Pending: "PENDING",
}

// String returns the name users read, such as "QUEUED".
func (s Status) String() string {
	if name, ok := statusNames[s]; ok {
		return name
	}
	return "UNKNOWN"
}

// Completed reports whether nothing more will happen by itself and nothing failed.
func (s Status) Completed() bool { return s == Filtered || s == Transformed || s == Sent }

// ParseStatus returns the status of a name such as "QUEUED".
func ParseStatus(name string) (Status, bool) {
	for s, n := range statusNames {
		if n == name {
			return s, true
		}
	}
	return 0, false
}

// ContentType numbers the texts kept with a connector message, as Mirth does.
type ContentType uint8

const (
	Raw ContentType = iota + 1
	ProcessedRaw
	TransformedContent
	Encoded
	SentContent
	ResponseContent
	ResponseTransformed
	ProcessedResponse
	ConnectorMapContent
	ChannelMapContent
	ResponseMapContent
	ProcessingError
	PostprocessorError
	ResponseError
	SourceMapContent
	contentTypes
)

// ContentTypes is one more than the highest content type.
const ContentTypes = int(contentTypes)

var contentNames = [...]string{"", "Raw", "Processed Raw", "Transformed", "Encoded", "Sent", "Response",
	"Response Transformed", "Processed Response", "Connector Map", "Channel Map", "Response Map",
	"Processing Error", "Postprocessor Error", "Response Error", "Source Map"}

func (c ContentType) String() string { return contentNames[c] }

// Response is what a destination, a script or the engine answers.
type Response struct {
	Status        Status
	Message       string // the answer itself, such as an ACK
	StatusMessage string // one line for people
	Error         string // details of a failure

	// NoAnswer says that the other side was not asked for an answer, so that
	// there is none to validate.
	NoAnswer bool
}

// String gives the form that templates and scripts print: STATUS: status
// message, with the error in brackets.
func (r Response) String() string {
	s := r.Status.String()
	if r.StatusMessage != "" {
		s += ": " + r.StatusMessage
	}
	if r.Error != "" {
		s += " [" + r.Error + "]"
	}
	return s
}

// Message is one message and what each connector made of it.
type Message struct {
	ID         int64 // unique in its channel, rising in order of receipt
	ChannelID  string
	Received   time.Time
	Processed  bool  // nothing is left to do but what waits in queues
	OriginalID int64 // the message this one reprocesses, or 0
	ImportID   int64 // of an imported message: the id it had where it was exported, or 0
	// ImportChannelID is the channel that an imported message was exported from, where
	// that is not the one it is in.
	ImportChannelID string
	Connectors      []*ConnectorMessage // the source first, then destinations in order of their chains
}

// Connector returns the part of the connector with that metadata id, or nil.
func (m *Message) Connector(metaDataID int) *ConnectorMessage {
	for _, c := range m.Connectors {
		if c.MetaDataID == metaDataID {
			return c
		}
	}
	return nil
}

// ConnectorMessage is what one connector has of a message.
type ConnectorMessage struct {
	MessageID     int64
	MetaDataID    int // 0 is the source
	ChannelID     string
	ConnectorName string
	Received      time.Time
	Status        Status
	ChainID       int // 0 for the source, then one for each chain
	OrderID       int // position in the chain
	SendAttempts  int
	SendDate      time.Time // first attempt
	ResponseDate  time.Time
	// Doubtful is set while a delivery may have happened without our knowing:
	// the engine ended between sending and keeping the answer. The message is
	// then sent again, and says so.
	Doubtful bool

	Contents [ContentTypes]Content

	SourceMap    map[string]any
	ChannelMap   map[string]any
	ConnectorMap map[string]any
	ResponseMap  map[string]any

	MetaData map[string]any // values of the channel's metadata columns

	// Derive makes the transformed content where Contents lacks it because it
	// follows from the encoded one. It is nil where there is none to make.
	Derive func() (string, error)
}

// Content returns a content's text, made now where it is not kept, and whether
// there is one.
func (c *ConnectorMessage) Content(t ContentType) (string, bool) {
	if content := c.Contents[t]; content.Set && content.DataType != DerivedType {
		return content.Text, true
	}
	if t == TransformedContent && c.Derive != nil {
		text, err := c.Derive()
		return text, err == nil
	}
	return "", false
}

// DerivedType is the data type of a transformed content that is kept as the hint
// with which Derive makes it from the encoded one.
const DerivedType = "derived"

// Content is one text kept with a connector message.
type Content struct {
	Text     string
	DataType string
	Set      bool // false: absent, which is not the same as empty
}

// Text returns a content's text, or "" when it is absent.
func (c *ConnectorMessage) Text(t ContentType) string { return c.Contents[t].Text }

// Set keeps a content.
func (c *ConnectorMessage) Set(t ContentType, text, dataType string) {
	c.Contents[t] = Content{Text: text, DataType: dataType, Set: true}
}

// Attachment is a part of a message that is kept on its own, while a token stands
// in its place in the message.
type Attachment struct {
	ID      string // normally a UUID: tokens are known by its 36 characters
	Type    string // such as a MIME type
	Content []byte

	Encrypted bool // is, or is to be, kept encrypted
}

// Token is what stands in a message for the attachment.
func (a *Attachment) Token() string { return "${ATTACH:" + a.ID + "}" }

// Errors reports, as Mirth's bit mask, which error contents are set: 1
// processing, 2 postprocessor, 4 response.
func (c *ConnectorMessage) Errors() int {
	mask := 0
	for bit, t := range []ContentType{ProcessingError, PostprocessorError, ResponseError} {
		if c.Contents[t].Set {
			mask |= 1 << bit
		}
	}
	return mask
}
