package messagefile

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/mirth"
	"github.com/weir-health/weir/internal/pipeline"
)

// errEncrypted is the error of contents that another server has encrypted.
var errEncrypted = &weir.Fault{Err: errors.New("the message is encrypted, with a key that this engine does not have"),
	Hint: "Export it without encryption, or import it with the engine whose key encrypted it."}

// ContentOf is the content that Mirth gives a name, such as RAW.
func ContentOf(kind string) (weir.ContentType, bool) {
	for _, e := range contentElements {
		if e.kind == kind {
			return e.content, true
		}
	}
	t, ok := map[string]weir.ContentType{"SOURCE_MAP": weir.SourceMapContent, "CONNECTOR_MAP": weir.ConnectorMapContent, "CHANNEL_MAP": weir.ChannelMapContent,
		"RESPONSE_MAP": weir.ResponseMapContent, "PROCESSING_ERROR": weir.ProcessingError, "POSTPROCESSOR_ERROR": weir.PostprocessorError, "RESPONSE_ERROR": weir.ResponseError}[kind]
	return t, ok
}

// maxApart is how many files the content of an attachment may have.
const maxApart = 1 << 20

func parseApart(a, content *mirth.Node) (Apart, error) {
	out := Apart{ID: a.TextAt("id"), Type: a.TextAt("type"), Files: content.Attr("files"), SHA256: content.Attr("sha256")}
	var err, bad error
	if out.Count, err = strconv.Atoi(content.Attr("count")); err != nil || out.Count < 0 || out.Count > maxApart {
		bad = errors.New("the count of an attachment's files is no number")
	}
	if out.Size, err = strconv.ParseInt(content.Attr("size"), 10, 64); err != nil || out.Size < 0 {
		bad = errors.New("the size of an attachment is no number")
	}
	if out.Files != path.Base(out.Files) || strings.ContainsAny(out.Files, `/\`) || out.Files == ".." || out.Files == "." {
		bad = errors.New("the files of an attachment have no plain name")
	}
	return out, bad
}

// Parse reads a message from its document. Contents that are encrypted are refused,
// see Decrypt. Errors name elements and never quote the document.
func Parse(n *mirth.Node) (*Message, error) {
	if n.Name != "message" {
		return nil, errors.New("the document is no <message>")
	}
	m := &Message{Message: &weir.Message{ChannelID: n.TextAt("channelId"), Processed: n.TextAt("processed") == "true", ImportChannelID: n.TextAt("importChannelId")},
		ServerID: n.TextAt("serverId"), ChannelName: n.TextAt("channelName")}
	var err error
	for name, into := range map[string]*int64{"messageId": &m.ID, "originalId": &m.OriginalID, "importId": &m.ImportID} {
		if text := n.TextAt(name); text != "" {
			if *into, err = strconv.ParseInt(text, 10, 64); err != nil || *into < 0 {
				return nil, fmt.Errorf("%s is not a number", name)
			}
		}
	}
	m.Received, _ = When(n.At("receivedDate"))
	for _, a := range n.At("attachments").Items() {
		content, err := base64.StdEncoding.DecodeString(blankless(a.TextAt("content")))
		if err != nil {
			return nil, errors.New("the content of an attachment is not in base64")
		}
		if a.TextAt("id") == "" {
			return nil, errors.New("an attachment has no id")
		}
		if c := a.At("content"); c.Attr("files") != "" {
			apart, err := parseApart(a, c)
			if err != nil {
				return nil, err
			}
			m.Apart = append(m.Apart, apart)
			continue
		}
		m.Attachments = append(m.Attachments, weir.Attachment{ID: a.TextAt("id"), Type: a.TextAt("type"), Content: content})
	}
	for _, e := range n.At("connectorMessages").Items() {
		if e := e.At("connectorMessage"); e != nil {
			cm, err := parseConnector(e, m)
			if err != nil {
				return nil, err
			}
			if m.Connector(cm.MetaDataID) != nil {
				return nil, fmt.Errorf("there are two connector messages with the metaDataId %d", cm.MetaDataID)
			}
			m.Connectors = append(m.Connectors, cm)
			if cm.MetaDataID == 0 && m.ChannelName == "" {
				m.ChannelName = e.TextAt("channelName")
			}
		}
	}
	if m.Connector(0) == nil {
		return nil, errors.New("the message has no source")
	}
	return m, nil
}

// blankless is base64 without the line ends that encoders put into it.
func blankless(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

func parseConnector(n *mirth.Node, m *Message) (*weir.ConnectorMessage, error) {
	metaDataID, err := strconv.Atoi(n.TextAt("metaDataId"))
	if err != nil || metaDataID < 0 {
		return nil, errors.New("a connector message has no metaDataId")
	}
	status, ok := weir.ParseStatus(n.TextAt("status"))
	if !ok {
		return nil, errors.New("a connector message has no status")
	}
	number := func(name string) int { v, _ := strconv.Atoi(n.TextAt(name)); return v }
	cm := &weir.ConnectorMessage{MessageID: m.ID, ChannelID: m.ChannelID, MetaDataID: metaDataID, ConnectorName: n.TextAt("connectorName"), Status: status,
		ChainID: number("chainId"), OrderID: number("orderId"), SendAttempts: number("sendAttempts"), MetaData: map[string]any{}}
	if cm.Received, ok = When(n.At("receivedDate")); !ok {
		cm.Received = m.Received
	}
	cm.SendDate, _ = When(n.At("sendDate"))
	cm.ResponseDate, _ = When(n.At("responseDate"))
	for _, e := range contentElements {
		if err := contentOf(n, e.name, func(text, dataType string) {
			cm.Set(e.content, stored(e.content, text, status), dataType)
		}); err != nil {
			return nil, err
		}
	}
	for _, e := range errorElements {
		if err := contentOf(n, e.name, func(text, _ string) { cm.Set(e.content, text, "") }); err != nil {
			return nil, err
		}
	}
	for _, e := range mapElements(cm) {
		if n.TextAt(e.name, "encrypted") == "true" && n.At(e.name, "content") != nil {
			return nil, errEncrypted
		}
		*e.values = mapOf(n.At(e.name, "content"))
	}
	cm.MetaData = mapOf(n.At("metaDataMap"))
	return cm, nil
}

// contentOf hands on what the element of a content holds, if it is there.
func contentOf(n *mirth.Node, name string, set func(text, dataType string)) error {
	one := n.At(name)
	if one == nil || one.At("content") == nil {
		return nil
	}
	if one.TextAt("encrypted") == "true" {
		return errEncrypted
	}
	text, err := textOf(one.At("content"))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	set(text, one.TextAt("dataType"))
	return nil
}

// textOf is the text of a leaf, see textLeaf.
func textOf(n *mirth.Node) (string, error) {
	if n.Attr("encoding") != "base64" {
		return n.Text, nil
	}
	text, err := base64.StdEncoding.DecodeString(blankless(n.Text))
	if err != nil {
		return "", errors.New("the text is not in base64")
	}
	return string(text), nil
}

// stored is a content as the store has it: responses are not kept as documents there.
func stored(t weir.ContentType, text string, status weir.Status) string {
	if t != weir.ResponseContent && t != weir.ProcessedResponse {
		return text
	}
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		if doc, err := mirth.ParseDocument([]byte(text), MaxDocument); err == nil && doc.Name == "response" {
			return pipeline.StoreResponse(responseOf(doc))
		}
	}
	return pipeline.StoreResponse(weir.Response{Status: status, Message: text})
}

func responseOf(n *mirth.Node) weir.Response {
	status, _ := weir.ParseStatus(n.TextAt("status"))
	at := func(name string) string {
		if c := n.At(name); c != nil {
			text, _ := textOf(c)
			return text
		}
		return ""
	}
	return weir.Response{Status: status, Message: at("message"), StatusMessage: at("statusMessage"), Error: at("error")}
}

// When reads a time as Mirth writes it.
func When(n *mirth.Node) (time.Time, bool) {
	if n == nil {
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(strings.TrimSpace(n.TextAt("time")), 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	t := time.UnixMilli(ms).UTC()
	if name := n.TextAt("timezone"); name != "" && name != "Local" && name != "Etc/UTC" {
		if loc, err := time.LoadLocation(name); err == nil {
			t = t.In(loc)
		} else if z, err := time.Parse("GMT-07:00", name); err == nil {
			t = t.In(z.Location())
		}
	}
	return t, true
}

// mapOf reads the entries of a map, also where it stands in one that cannot be changed.
func mapOf(n *mirth.Node) map[string]any {
	if inner := n.At("m"); inner != nil {
		n = inner
	}
	values := map[string]any{}
	for _, e := range n.Items() {
		if e.Name == "entry" && len(e.Children) == 2 {
			key, err := textOf(e.Children[0])
			if err == nil {
				values[key] = valueOf(e.Children[1])
			}
		}
	}
	return values
}

// valueOf reads a value. Of a class that Weir does not have its text is left.
func valueOf(n *mirth.Node) any {
	switch n.Name {
	case "null":
		return nil
	case "boolean":
		return n.Text == "true"
	case "int", "short", "byte":
		i, _ := strconv.ParseInt(n.Text, 10, 32)
		return int32(i)
	case "long":
		i, _ := strconv.ParseInt(n.Text, 10, 64)
		return i
	case "double", "float", "big-decimal", "big-int":
		f, _ := strconv.ParseFloat(n.Text, 64)
		return f
	case "gregorian-calendar":
		if t, ok := When(n); ok {
			return t
		}
	case "date", "sql-timestamp":
		for _, layout := range []string{"2006-01-02 15:04:05.999999999 MST", "2006-01-02 15:04:05.999999999"} {
			if t, err := time.Parse(layout, n.Text); err == nil {
				return t
			}
		}
	case "byte-array":
		if b, err := base64.StdEncoding.DecodeString(blankless(n.Text)); err == nil {
			return b
		}
	case "response", "com.mirth.connect.userutil.Response", "com.mirth.connect.donkey.model.message.Response":
		return responseOf(n)
	case "list", "linked-list", "set", "linked-hash-set", "tree-set", "string-array", "object-array":
		return itemsOf(n)
	case "map", "linked-hash-map", "tree-map", "properties":
		return mapOf(n)
	}
	switch {
	case n.At("m") != nil:
		return mapOf(n)
	case n.At("list") != nil && len(n.Children) <= 2: // a list that cannot be changed
		return itemsOf(n.At("list"))
	case len(n.Children) > 0:
		return string(n.Bytes())
	}
	text, err := textOf(n)
	if err != nil {
		return n.Text
	}
	return text
}

func itemsOf(n *mirth.Node) []any {
	items := []any{}
	for _, c := range n.Items() {
		items = append(items, valueOf(c))
	}
	return items
}
