package script

import (
	"context"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/access"
	"github.com/weir-health/weir/internal/script/java"
	"github.com/weir-health/weir/tree"
)

// Scope is what one run of a script sees. Nil and empty fields are names that
// the script does not have.
type Scope struct {
	Host Host

	// Access is what the script may reach outside of the engine; nil: nothing.
	Access *access.Grants

	// Context is Mirth's name of the place the script stands in, such as
	// "SOURCE_FILTER_TRANSFORMER". It decides the logger's name.
	Context string

	// Logger is the logger's name where it is not that of the context.
	Logger string

	ChannelID   string
	ChannelName string
	Connector   string // name of the connector, for contexts that have one

	// Message is the connector message of the run. Its maps are used in place;
	// a nil map that the script writes to is made.
	Message *weir.ConnectorMessage

	// Whole is the message of a postprocessor. Scripts then see no connector
	// message, and the maps of Message, which is [Merge] of Whole where the
	// caller leaves it nil.
	Whole *weir.Message

	Global        *SharedMap        // globalMap
	GlobalChannel *SharedMap        // globalChannelMap
	Configuration map[string]string // configurationMap; read only

	DestinationSet *DestinationSet // source connector only
	Destinations   map[string]int  // metadata ids of the channel's destinations by name

	// Response holds the response variables of a response transformer, which the
	// run changes.
	Response *ResponseVars

	// Vars are further variables by name, such as message, reader or binary. A Go
	// string becomes a JavaScript string, []any an array; see the package comment
	// for the rest, [NewReader] for reader, and [NewAttachmentList] for mirth_attachments,
	// which addAttachment adds to in an attachment script.
	Vars map[string]any

	// SourceMap is the source map of a script without a message: of attachments and
	// of batches. It is read only.
	SourceMap map[string]any
}

// NewReader returns a java.io.BufferedReader over text, the variable reader of a
// batch script. It keeps its place from one run to the next.
func NewReader(text string) any { return java.NewReader(text) }

// ResponseVars are response, responseStatus, responseStatusMessage and
// responseErrorMessage of a response transformer.
type ResponseVars struct {
	Original weir.Response // what response shows; it does not change

	// Status, StatusMessage and Error begin as Original's and are read back from
	// the script's variables after the run, also after a failed one.
	Status        weir.Status
	StatusMessage string
	Error         string
}

// Input is a message on its way into a filter and transformer.
type Input struct {
	Form     weir.Form
	Root     *tree.Node // FormTree; the run changes it in place
	Text     string     // FormText and FormJSON; of a Template the variable template in any form
	Template *Input     // outbound template, which becomes tmp; nil when there is none
}

// Output is what filter and transformer made of an Input: tmp where there was a
// template, else msg.
type Output struct {
	Accepted bool

	// Root is the message where the script left an XML element; IsTree tells.
	// Otherwise Text is the message: a string, or JSON.
	IsTree bool
	Root   *tree.Node
	Text   string
}

// Host is what scripts reach of the engine. Its methods may be called from many
// goroutines at once.
type Host interface {
	// Log writes one line to the server log. logger is the name of the script's
	// place, such as "transformer".
	Log(s *Scope, level Level, logger, text string)

	// Alert raises an alert with the script's own text.
	Alert(s *Scope, text string)

	// Route hands a message to another channel, found by its name or id, and
	// waits for its response, which is nil when the channel gives none.
	Route(ctx context.Context, channel string, in weir.Inbound) (*weir.Response, error)

	// Channels lists all channels the engine has, deployed or not.
	Channels() []Channel

	// Control does something to a channel, or to one of its connectors. It is
	// called in a goroutine of its own when the script does not wait for it.
	Control(ctx context.Context, c Control) error

	// Count returns how many messages a channel, or one connector of it, has in
	// a status since its statistics were reset; false when there is no such.
	Count(channelID string, metaDataID int, status weir.Status) (int64, bool)

	// Resolve replaces the ${…} of a template, finding names first in more, then
	// in what the scope has.
	Resolve(s *Scope, template string, more map[string]any) string

	// DataType returns a data type with the given settings over its defaults,
	// for SerializerFactory. A name that is not known gives nil.
	DataType(name string, serialization, deserialization map[string]any) (weir.DataType, error)

	// DataTypeDefaults returns the default settings of a data type by name.
	DataTypeDefaults(name string, deserialization bool) map[string]any
}

// Attachments is implemented by a [Host] that keeps attachments.
type Attachments interface {
	// ListAttachments returns the ids of a message's attachments.
	ListAttachments(ctx context.Context, channelID string, messageID int64) ([]string, error)
	// GetAttachment returns one attachment, nil when there is none.
	GetAttachment(ctx context.Context, channelID string, messageID int64, id string) (*weir.Attachment, error)
	// PutAttachment stores one, replacing that of the same id.
	PutAttachment(ctx context.Context, channelID string, messageID int64, a *weir.Attachment) error
	// Reattach replaces the attachment tokens in text by the contents, as bytes.
	Reattach(ctx context.Context, m *weir.ConnectorMessage, text string, how Reattach) (string, error)
}

// Encryption is implemented by a [Host] that has keys, for EncryptionUtil.
type Encryption interface {
	// Encrypt seals what a script gives, Decrypt opens what Encrypt made. An
	// error holds nothing of either.
	Encrypt(plain []byte) ([]byte, error)
	Decrypt(sealed []byte) ([]byte, error)
}

// Identity is implemented by a [Host] that knows the names that the server was given.
type Identity interface {
	ServerIdentity() (name, environment string, err error)
}

// Mail is implemented by a [Host] that has mail settings, for SMTPConnectionFactory.
type Mail interface {
	// MailSettings returns the settings as they were set, with the variables in
	// them; those of a server without a mail server are empty.
	MailSettings() (MailSettings, error)
}

// MailSettings are the server's own mail settings.
type MailSettings struct {
	Host, Port, From   string
	Timeout            string // milliseconds
	Secure             string // tls, ssl; all else is neither
	Login              bool
	Username, Password string
}

// Reattach says how tokens are replaced; the zero value replaces all by contents.
type Reattach struct {
	Expand bool // tokens of the message's own become those that other channels understand
	Local  bool // tokens of other messages stay
}

// Channel is a channel as scripts see it.
type Channel struct {
	ID, Name   string
	State      weir.State         // Undeployed when it is not deployed
	Connectors map[int]weir.State // by metadata id, of a deployed channel
}

// Control is a wish to start, stop or deploy something.
type Control struct {
	Action    Action
	ChannelID string

	// MetaDataID is the connector of StartConnector, StopConnector and of
	// ResetStatistics, where -1 means all.
	MetaDataID int
	// Statuses limits ResetStatistics; nil means all.
	Statuses []weir.Status
}

// Action is what a [Control] asks for.
type Action string

const (
	StartChannel    Action = "startChannel"
	StopChannel     Action = "stopChannel"
	PauseChannel    Action = "pauseChannel"
	ResumeChannel   Action = "resumeChannel"
	HaltChannel     Action = "haltChannel"
	DeployChannel   Action = "deployChannel"
	UndeployChannel Action = "undeployChannel"
	StartConnector  Action = "startConnector"
	StopConnector   Action = "stopConnector"
	ResetStatistics Action = "resetStatistics"
)

// Level is the level of a log line.
type Level string

const (
	LevelTrace Level = "TRACE"
	LevelDebug Level = "DEBUG"
	LevelInfo  Level = "INFO"
	LevelWarn  Level = "WARN"
	LevelError Level = "ERROR"
	LevelFatal Level = "FATAL"
)
