package script

import (
	"strconv"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// connectorMessage is the variable connectorMessage. Its maps are those of the
// run where it is the run's own message.
type connectorMessage struct {
	r *run
	m *weir.ConnectorMessage
}

func (*connectorMessage) JavaClass() string {
	return "com.mirth.connect.userutil.ImmutableConnectorMessage"
}

func (m *connectorMessage) String() string {
	return "message " + m.m.ChannelID + "-" + strconv.FormatInt(m.m.MessageID, 10) + "-" +
		strconv.Itoa(m.m.MetaDataID) + " (" + m.m.ConnectorName + ")"
}

func (r *run) connectorMessage(m *weir.ConnectorMessage) *connectorMessage {
	return &connectorMessage{r, m}
}

// values returns one of the message's maps.
func (m *connectorMessage) values(name string, values map[string]any) any {
	if m.m == m.r.scope.Message {
		if live := m.r.maps.named(m.r, name); live != nil {
			return live
		}
	}
	fixed := make([]java.Pair, 0, len(values))
	for _, k := range hashOrder(values) {
		v := values[k.(string)]
		if a := m.r.alive(v); a != nil {
			v = a
		}
		fixed = append(fixed, java.Pair{Key: k, Value: v})
	}
	return java.NewFixedMap(fixed...)
}

// contentNames are the constants of ContentType, in order of weir's numbers.
var contentNames = []string{"RAW", "PROCESSED_RAW", "TRANSFORMED", "ENCODED", "SENT", "RESPONSE", "RESPONSE_TRANSFORMED",
	"PROCESSED_RESPONSE", "CONNECTOR_MAP", "CHANNEL_MAP", "RESPONSE_MAP", "PROCESSING_ERROR", "POSTPROCESSOR_ERROR",
	"RESPONSE_ERROR", "SOURCE_MAP"}

// content is an ImmutableMessageContent.
type content struct {
	m *weir.ConnectorMessage
	t weir.ContentType
}

func (*content) JavaClass() string { return "com.mirth.connect.userutil.ImmutableMessageContent" }

func messageClasses() []*java.Class {
	on := func(f func(m *connectorMessage, c *java.Call) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*connectorMessage), c) }
	}
	text := func(t weir.ContentType) func(*java.Call) any {
		return on(func(m *connectorMessage, c *java.Call) any {
			text, ok := m.m.Content(t)
			if !ok {
				return nil
			}
			return text
		})
	}
	whole := func(t weir.ContentType) func(*java.Call) any {
		return on(func(m *connectorMessage, c *java.Call) any { return contentOf(m.m, t) })
	}
	byType := on(func(m *connectorMessage, c *java.Call) any {
		if e, ok := c.Object(0).(*java.Enum); ok {
			for i, name := range contentNames {
				if name == e.Name() {
					return contentOf(m.m, weir.ContentType(i+1))
				}
			}
		}
		return nil
	})
	response := func(t weir.ContentType) func(*java.Call) any {
		return on(func(m *connectorMessage, c *java.Call) any {
			if !m.m.Contents[t].Set {
				return nil
			}
			return responseOf(m.m, t)
		})
	}
	methods := java.Methods{
		"getMetaDataId":    on(func(m *connectorMessage, c *java.Call) any { return m.m.MetaDataID }),
		"getChannelId":     on(func(m *connectorMessage, c *java.Call) any { return m.m.ChannelID }),
		"getChannelName":   on(func(m *connectorMessage, c *java.Call) any { return m.r.scope.ChannelName }),
		"getConnectorName": on(func(m *connectorMessage, c *java.Call) any { return m.m.ConnectorName }),
		"getServerId":      on(func(m *connectorMessage, c *java.Call) any { return ServerID }),
		"getReceivedDate":  on(func(m *connectorMessage, c *java.Call) any { return calendar(m.m.Received) }),
		"getSendDate":      on(func(m *connectorMessage, c *java.Call) any { return calendar(m.m.SendDate) }),
		"getResponseDate":  on(func(m *connectorMessage, c *java.Call) any { return calendar(m.m.ResponseDate) }),
		"getSendAttempts":  on(func(m *connectorMessage, c *java.Call) any { return m.m.SendAttempts }),
		"getMessageId":     on(func(m *connectorMessage, c *java.Call) any { return m.m.MessageID }),
		"getStatus": on(func(m *connectorMessage, c *java.Call) any {
			if m.m.Status == 0 {
				return nil
			}
			return m.r.status(m.m.Status)
		}),
		"getSourceMap": on(func(m *connectorMessage, c *java.Call) any { return m.values("sourceMap", m.m.SourceMap) }),
		"getChannelMap": on(func(m *connectorMessage, c *java.Call) any {
			return m.values("channelMap", m.m.ChannelMap)
		}),
		"getConnectorMap": on(func(m *connectorMessage, c *java.Call) any {
			return m.values("connectorMap", m.m.ConnectorMap)
		}),
		"getResponseMap": on(func(m *connectorMessage, c *java.Call) any {
			return m.values("responseMap", m.m.ResponseMap)
		}),
		"getMessageContent": byType, "getContent": byType,
		"getRaw": whole(weir.Raw), "getProcessedRaw": whole(weir.ProcessedRaw), "getTransformed": whole(weir.TransformedContent),
		"getEncoded": whole(weir.Encoded), "getSent": whole(weir.SentContent), "getResponse": whole(weir.ResponseContent),
		"getResponseTransformed": whole(weir.ResponseTransformed), "getProcessedResponse": whole(weir.ProcessedResponse),
		"getRawData": text(weir.Raw), "getProcessedRawData": text(weir.ProcessedRaw),
		"getTransformedData": text(weir.TransformedContent), "getEncodedData": text(weir.Encoded),
		"getResponseTransformedData": text(weir.ResponseTransformed),
		"getResponseData":            response(weir.ResponseContent),
		"getProcessedResponseData":   response(weir.ProcessedResponse),
		"getProcessingError":         text(weir.ProcessingError), "getPostProcessorError": text(weir.PostprocessorError),
		"getResponseError":      text(weir.ResponseError),
		"getDestinationIdMap":   func(c *java.Call) any { return destinationIDs(runOf(c)) },
		"getDestinationNameMap": func(c *java.Call) any { return destinationKeys(runOf(c)) },
		"toString":              on(func(m *connectorMessage, c *java.Call) any { return m.String() }),
	}
	return []*java.Class{
		{Name: "com.mirth.connect.userutil.ImmutableConnectorMessage", Methods: methods},
		{Name: "com.mirth.connect.userutil.ImmutableMessageContent", Methods: java.Methods{
			"getContent": func(c *java.Call) any {
				v := c.This.(*content)
				text, _ := v.m.Content(v.t)
				return text
			},
			"getDataType":   func(c *java.Call) any { v := c.This.(*content); return v.m.Contents[v.t].DataType },
			"getMessageId":  func(c *java.Call) any { return c.This.(*content).m.MessageID },
			"getMetaDataId": func(c *java.Call) any { return c.This.(*content).m.MetaDataID },
			"getContentType": func(c *java.Call) any {
				return c.VM.Enum("com.mirth.connect.userutil.ContentType", contentNames[c.This.(*content).t-1])
			},
		}},
		wholeMessageClass(),
	}
}

// ServerID is what scripts and templates see of the server's identity.
const ServerID = "weir"

func contentOf(m *weir.ConnectorMessage, t weir.ContentType) any {
	if _, ok := m.Content(t); !ok {
		return nil
	}
	return &content{m, t}
}

func responseOf(m *weir.ConnectorMessage, t weir.ContentType) any {
	return &response{Response: weir.Response{Status: m.Status, Message: m.Text(t)}, hasStatus: m.Status != 0}
}

func calendar(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return java.NewCalendar(t)
}

func destinationIDs(r *run) any {
	m := java.NewMap()
	for _, name := range hashOrder(r.scope.Destinations) {
		m.Set(name, int32(r.scope.Destinations[name.(string)]))
	}
	return m
}

func destinationKeys(r *run) any {
	m := java.NewMap()
	for _, name := range hashOrder(r.scope.Destinations) {
		m.Set(name, "d"+strconv.Itoa(r.scope.Destinations[name.(string)]))
	}
	return m
}

// wholeMessage is the variable message of a postprocessor.
type wholeMessage struct {
	r *run
	m *weir.Message
}

func (*wholeMessage) JavaClass() string { return "com.mirth.connect.userutil.ImmutableMessage" }
func (m *wholeMessage) String() string {
	return "message " + m.m.ChannelID + "-" + strconv.FormatInt(m.m.ID, 10)
}

func wholeMessageClass() *java.Class {
	on := func(f func(m *wholeMessage, c *java.Call) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*wholeMessage), c) }
	}
	return &java.Class{Name: "com.mirth.connect.userutil.ImmutableMessage", Methods: java.Methods{
		"getMessageId":    on(func(m *wholeMessage, c *java.Call) any { return java.Object(m.m.ID) }),
		"getServerId":     on(func(m *wholeMessage, c *java.Call) any { return ServerID }),
		"getChannelId":    on(func(m *wholeMessage, c *java.Call) any { return m.m.ChannelID }),
		"getReceivedDate": on(func(m *wholeMessage, c *java.Call) any { return calendar(m.m.Received) }),
		"isProcessed":     on(func(m *wholeMessage, c *java.Call) any { return m.m.Processed }),
		"getOriginalId": on(func(m *wholeMessage, c *java.Call) any {
			if m.m.OriginalID == 0 {
				return nil
			}
			return java.Object(m.m.OriginalID)
		}),
		"getImportId":           on(func(m *wholeMessage, c *java.Call) any { return nil }),
		"getImportChannelId":    on(func(m *wholeMessage, c *java.Call) any { return nil }),
		"getAttachments":        on(func(m *wholeMessage, c *java.Call) any { return attachmentsOf(c, m.m.ChannelID, m.m.ID, false) }),
		"getDestinationIdMap":   func(c *java.Call) any { return destinationIDs(runOf(c)) },
		"getDestinationNameMap": func(c *java.Call) any { return destinationKeys(runOf(c)) },
		"getConnectorMessages":  on(func(m *wholeMessage, c *java.Call) any { return m.connectors() }),
		"getMergedConnectorMessage": on(func(m *wholeMessage, c *java.Call) any {
			return m.r.connectorMessage(m.r.scope.Message)
		}),
		"toString": on(func(m *wholeMessage, c *java.Call) any { return m.String() }),
	}}
}

// connectors are the connector messages by metadata id. Scripts ask with
// JavaScript numbers, so a Double finds them too.
func (m *wholeMessage) connectors() any {
	of := java.NewIntMap()
	for _, cm := range m.m.Connectors {
		of.Set(int32(cm.MetaDataID), m.r.connectorMessage(cm))
	}
	return of
}
