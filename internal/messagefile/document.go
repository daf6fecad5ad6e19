package messagefile

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/script"
)

// Document is a message as Mirth writes it, with contents or without. Its maps are
// those of its fields, see pipeline.DecodeMaps.
func Document(m *Message, contents bool) *mirth.Node {
	n := mirth.El("message", mirth.IntLeaf("messageId", m.ID), mirth.Leaf("serverId", m.ServerID), mirth.Leaf("channelId", m.ChannelID))
	if m.ChannelName != "" {
		n.Add(mirth.Leaf("channelName", m.ChannelName))
	}
	n.Add(Calendar("receivedDate", m.Received), mirth.BoolLeaf("processed", m.Processed))
	if m.OriginalID != 0 {
		n.Add(mirth.IntLeaf("originalId", m.OriginalID))
	}
	if m.ImportID != 0 {
		n.Add(mirth.IntLeaf("importId", m.ImportID))
	}
	if m.ImportChannelID != "" {
		n.Add(mirth.Leaf("importChannelId", m.ImportChannelID))
	}
	if len(m.Attachments)+len(m.Apart) > 0 {
		list := mirth.El("attachments")
		for i := range m.Attachments {
			a := &m.Attachments[i]
			list.Add(Attachment(a.ID, a.Type, a.Content, true))
		}
		for i := range m.Apart {
			list.Add(m.Apart[i].node())
		}
		n.Add(list)
	}
	list := mirth.El("connectorMessages").Class("linked-hash-map")
	for _, cm := range m.Connectors {
		list.Add(mirth.El("entry", mirth.IntLeaf("int", int64(cm.MetaDataID)), connectorNode(m, cm, contents)))
	}
	return n.Add(list)
}

// Attachment is an attachment as Mirth writes it, with its content or without.
func Attachment(id, kind string, content []byte, whole bool) *mirth.Node {
	n := mirth.El("attachment", mirth.Leaf("id", id))
	if whole {
		n.Add(mirth.Leaf("content", base64.StdEncoding.EncodeToString(content)))
	}
	return n.Add(mirth.Leaf("type", kind), mirth.BoolLeaf("encrypt", false))
}

func (a *Apart) node() *mirth.Node {
	content := mirth.Leaf("content", "").SetAttr("files", a.Files).SetAttr("count", strconv.Itoa(a.Count)).
		SetAttr("size", strconv.FormatInt(a.Size, 10)).SetAttr("sha256", a.SHA256)
	return mirth.El("attachment", mirth.Leaf("id", a.ID), content, mirth.Leaf("type", a.Type), mirth.BoolLeaf("encrypt", false))
}

// contentElements are the contents in Mirth's order.
var contentElements = []struct {
	name, kind string
	content    weir.ContentType
}{
	{"raw", "RAW", weir.Raw}, {"processedRaw", "PROCESSED_RAW", weir.ProcessedRaw}, {"transformed", "TRANSFORMED", weir.TransformedContent},
	{"encoded", "ENCODED", weir.Encoded}, {"sent", "SENT", weir.SentContent}, {"response", "RESPONSE", weir.ResponseContent},
	{"responseTransformed", "RESPONSE_TRANSFORMED", weir.ResponseTransformed}, {"processedResponse", "PROCESSED_RESPONSE", weir.ProcessedResponse},
}

// errorElements are the errors, likewise.
var errorElements = []struct {
	name    string
	content weir.ContentType
}{
	{"processingErrorContent", weir.ProcessingError}, {"postProcessorErrorContent", weir.PostprocessorError}, {"responseErrorContent", weir.ResponseError},
}

// mapElements are the maps of a connector message, likewise.
func mapElements(cm *weir.ConnectorMessage) []mapElement {
	return []mapElement{
		{"sourceMapContent", &cm.SourceMap}, {"connectorMapContent", &cm.ConnectorMap},
		{"channelMapContent", &cm.ChannelMap}, {"responseMapContent", &cm.ResponseMap},
	}
}

type mapElement struct {
	name   string
	values *map[string]any
}

func connectorNode(m *Message, cm *weir.ConnectorMessage, contents bool) *mirth.Node {
	n := mirth.El("connectorMessage", mirth.IntLeaf("messageId", cm.MessageID), mirth.IntLeaf("metaDataId", int64(cm.MetaDataID)),
		mirth.Leaf("channelId", cm.ChannelID), mirth.Leaf("channelName", m.ChannelName), mirth.Leaf("connectorName", cm.ConnectorName),
		mirth.Leaf("serverId", m.ServerID), Calendar("receivedDate", cm.Received), mirth.Leaf("status", cm.Status.String()))
	for _, e := range contentElements {
		text, ok := cm.Content(e.content)
		if !contents || !ok {
			continue
		}
		n.Add(mirth.El(e.name, mirth.BoolLeaf("encrypted", false), mirth.Leaf("channelId", cm.ChannelID), mirth.IntLeaf("messageId", cm.MessageID),
			mirth.IntLeaf("metaDataId", int64(cm.MetaDataID)), mirth.Leaf("contentType", e.kind), textLeaf("content", shownContent(e.content, text)),
			mirth.Leaf("dataType", cm.Contents[e.content].DataType)))
	}
	for _, e := range mapElements(cm) {
		values := mirth.El("content").Class("map")
		if contents {
			addEntries(values, *e.values)
		}
		n.Add(mirth.El(e.name, mirth.BoolLeaf("encrypted", false), values))
	}
	meta := mirth.El("metaDataMap")
	for _, k := range slices.Sorted(maps.Keys(cm.MetaData)) {
		switch v := cm.MetaData[k].(type) {
		case nil:
		case float64:
			meta.Add(entry(k, mirth.Leaf("big-decimal", strconv.FormatFloat(v, 'f', -1, 64))))
		default:
			meta.Add(entry(k, valueNode(v)))
		}
	}
	n.Add(meta)
	for _, e := range errorElements {
		one := mirth.El(e.name, mirth.BoolLeaf("encrypted", false))
		if contents && cm.Contents[e.content].Set {
			one.Add(textLeaf("content", cm.Text(e.content)))
		}
		n.Add(one)
	}
	n.Add(mirth.IntLeaf("errorCode", int64(cm.Errors())), mirth.IntLeaf("sendAttempts", int64(cm.SendAttempts)))
	if !cm.SendDate.IsZero() {
		n.Add(Calendar("sendDate", cm.SendDate))
	}
	if !cm.ResponseDate.IsZero() {
		n.Add(Calendar("responseDate", cm.ResponseDate))
	}
	return n.Add(mirth.IntLeaf("chainId", int64(cm.ChainID)), mirth.IntLeaf("orderId", int64(cm.OrderID)))
}

// textLeaf is a text of a message. One that is no UTF-8, which no XML can hold, is in
// base64 and says so as Mirth's templates do.
func textLeaf(name, text string) *mirth.Node {
	if utf8.ValidString(text) {
		return mirth.Leaf(name, text)
	}
	return mirth.Leaf(name, base64.StdEncoding.EncodeToString([]byte(text))).SetAttr("encoding", "base64")
}

// shownContent is a content as clients expect it: a response as a document, what was
// sent as the settings with which it was, and all else as it is.
func shownContent(t weir.ContentType, text string) string {
	switch t {
	case weir.ResponseContent, weir.ProcessedResponse:
		if r, err := pipeline.StoredResponse(text); err == nil {
			return string(responseNode("response", r).Bytes())
		}
	case weir.SentContent:
		var stored map[string]*string
		if json.Unmarshal([]byte(text), &stored) != nil {
			return text
		}
		n := mirth.El("properties")
		for _, name := range slices.Sorted(maps.Keys(stored)) {
			value := "${message.encodedData}"
			if stored[name] != nil {
				value = *stored[name]
			}
			n.Add(mirth.Leaf("property", value).SetAttr("name", name))
		}
		return string(n.Bytes())
	}
	return text
}

func responseNode(name string, r weir.Response) *mirth.Node {
	return mirth.El(name, mirth.Leaf("status", r.Status.String()), textLeaf("message", r.Message), textLeaf("error", r.Error),
		textLeaf("statusMessage", r.StatusMessage))
}

// Calendar is a time as Mirth writes it.
func Calendar(name string, t time.Time) *mirth.Node {
	return mirth.El(name, mirth.IntLeaf("time", t.UnixMilli()), mirth.Leaf("timezone", zoneName(t)))
}

func zoneName(t time.Time) string {
	if name := t.Location().String(); name != "Local" && name != "" && name != "UTC" {
		return name
	}
	if _, offset := t.Zone(); offset != 0 {
		return t.Format("GMT-07:00")
	}
	return "Etc/UTC"
}

func entry(key string, value *mirth.Node) *mirth.Node {
	return mirth.El("entry", textLeaf("string", key), value)
}

func addEntries(to *mirth.Node, values map[string]any) *mirth.Node {
	for _, k := range slices.Sorted(maps.Keys(values)) {
		value := valueNode(values[k])
		if k == "destinationSet" && value.Name == "list" {
			value = value.Renamed("linked-hash-set") // Mirth wants it to be one
		}
		to.Add(entry(k, value))
	}
	return to
}

// valueNode is a value of a map. What no client can know is its text.
func valueNode(v any) *mirth.Node {
	switch v := v.(type) {
	case nil:
		return mirth.El("null")
	case string:
		return textLeaf("string", v)
	case bool:
		return mirth.BoolLeaf("boolean", v)
	case int32:
		return mirth.IntLeaf("int", int64(v))
	case int:
		return mirth.IntLeaf("int", int64(v))
	case int64:
		return mirth.IntLeaf("long", v)
	case float64:
		return mirth.Leaf("double", strconv.FormatFloat(v, 'g', -1, 64))
	case time.Time:
		return Calendar("gregorian-calendar", v)
	case []byte:
		return mirth.Leaf("byte-array", base64.StdEncoding.EncodeToString(v))
	case weir.Response:
		return responseNode("response", v)
	case []any:
		n := mirth.El("list")
		for _, item := range v {
			n.Add(valueNode(item))
		}
		return n
	case map[string]any:
		return addEntries(mirth.El("map"), v)
	case *script.Object:
		return addEntries(mirth.El("map"), v.Values)
	case pipeline.Portable:
		return valueNode(v.Portable())
	}
	return textLeaf("string", strings.ToValidUTF8(fmt.Sprint(v), "\uFFFD"))
}
