package pipeline

import (
	"errors"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/velocity"
)

// ErrorEvent is something that went wrong in a channel, as alerts know it.
type ErrorEvent struct {
	ChannelID, ChannelName string
	MetaDataID             int // of the connector; -1 is none
	Connector, Type        string
	MessageID              int64 // 0 is none
	Kind                   ErrorKind
	Text                   string // what failed, in a few words
	Err                    error
}

// ErrorKind is a type of error event, by Mirth's name.
type ErrorKind string

// The kinds that a channel has.
const (
	SourceConnectorError      ErrorKind = "SOURCE_CONNECTOR"
	DestinationConnectorError ErrorKind = "DESTINATION_CONNECTOR"
	SerializerError           ErrorKind = "SERIALIZER"
	FilterError               ErrorKind = "FILTER"
	TransformerError          ErrorKind = "TRANSFORMER"
	UserDefinedError          ErrorKind = "USER_DEFINED_TRANSFORMER"
	ResponseValidationError   ErrorKind = "RESPONSE_VALIDATION"
	ResponseTransformerError  ErrorKind = "RESPONSE_TRANSFORMER"
	AttachmentHandlerError    ErrorKind = "ATTACHMENT_HANDLER"
	DeployScriptError         ErrorKind = "DEPLOY_SCRIPT"
	PreprocessorError         ErrorKind = "PREPROCESSOR_SCRIPT"
	PostprocessorError        ErrorKind = "POSTPROCESSOR_SCRIPT"
	UndeployScriptError       ErrorKind = "UNDEPLOY_SCRIPT"
)

// kindOf is the kind of what failed, by the words with which it is kept.
func kindOf(what string) ErrorKind {
	switch what {
	case "Preprocessor error":
		return PreprocessorError
	case "Postprocessor error":
		return PostprocessorError
	case "Filter error":
		return FilterError
	case "Transformer error":
		return TransformerError
	case "Response transformer error":
		return ResponseTransformerError
	case "Deploy script error":
		return DeployScriptError
	case "Undeploy script error":
		return UndeployScriptError
	case "Queue error":
		return DestinationConnectorError
	}
	return SerializerError
}

// tell raises an error event; cm is nil where it is of no connector.
func (c *Channel) tell(kind ErrorKind, cm *weir.ConnectorMessage, text string, err error) {
	if c.engine.Failed == nil {
		return
	}
	e := ErrorEvent{ChannelID: c.Config.ID, ChannelName: c.Config.Name, MetaDataID: -1, Kind: kind, Text: text, Err: err}
	if cm != nil {
		e.MetaDataID, e.Connector, e.MessageID, e.Type = cm.MetaDataID, cm.ConnectorName, cm.MessageID, c.Config.Source.Type
		if d := c.destination(cm.MetaDataID); d != nil {
			e.Type = d.cfg.Type
		}
	}
	c.engine.Failed(e)
}

// Show is the error as people read it, what a script threw with it.
func (e ErrorEvent) Show() string {
	if e.Err == nil {
		return ""
	}
	_, text, _ := strings.Cut(errorText("", e.Err), "\n")
	return text
}

// Render replaces ${…} in a text that belongs to no message; one that is no template
// stays as it is typed.
func Render(text string, now time.Time, lookup func(name string) (any, bool)) string {
	tmpl, err := velocity.Parse(text)
	if err != nil {
		return text
	}
	out, err := tmpl.Render(velocity.LookupFunc(func(name string) (any, bool) {
		if name == "date" {
			return dateTool{now}, true
		}
		return lookup(name)
	}))
	if err != nil {
		return text
	}
	return out
}

var errNotAccepted = errors.New("the answer does not accept the message")
