package script_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/attach"
	"github.com/weir-health/weir/internal/script"
)

// cabinet is a host that keeps attachments, by channel, message and id.
type cabinet struct {
	recorder
	kept map[string]*weir.Attachment
}

func drawer(channelID string, messageID int64) string {
	return fmt.Sprintf("%s/%d/", channelID, messageID)
}

func (c *cabinet) ListAttachments(_ context.Context, channelID string, messageID int64) (ids []string, err error) {
	for _, place := range slices.Sorted(maps.Keys(c.kept)) {
		if id, ok := strings.CutPrefix(place, drawer(channelID, messageID)); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (c *cabinet) GetAttachment(_ context.Context, channelID string, messageID int64, id string) (*weir.Attachment, error) {
	return c.kept[drawer(channelID, messageID)+id], nil
}

func (c *cabinet) PutAttachment(_ context.Context, channelID string, messageID int64, a *weir.Attachment) error {
	if messageID == 404 {
		return fmt.Errorf("no such message")
	}
	c.kept[drawer(channelID, messageID)+a.ID] = a
	return nil
}

func (c *cabinet) Reattach(ctx context.Context, m *weir.ConnectorMessage, text string, how script.Reattach) (string, error) {
	t := attach.Tokens{ChannelID: m.ChannelID, MessageID: m.MessageID, Expand: how.Expand, Local: how.Local,
		Content: func(channelID string, messageID int64, id string) ([]byte, bool, error) {
			a, _ := c.GetAttachment(ctx, channelID, messageID, id)
			if a == nil {
				return nil, false, nil
			}
			return a.Content, true, nil
		}}
	return t.Replace(text)
}

const (
	channelHere  = "11111111-2222-4333-8444-00000000000a"
	channelThere = "11111111-2222-4333-8444-00000000000b"
	first        = "aaaaaaaa-2222-4333-8444-000000000001"
	second       = "aaaaaaaa-2222-4333-8444-000000000002"
)

// attachmentScope is message 7 of a channel, with two attachments. It was routed
// from message 3 of another channel, which has one.
func attachmentScope() (*script.Scope, *cabinet) {
	c := &cabinet{kept: map[string]*weir.Attachment{
		drawer(channelHere, 7) + first:  {ID: first, Type: "text/plain", Content: []byte("Grüße")},
		drawer(channelHere, 7) + second: {ID: second, Type: "image/png", Content: []byte("AP8+\r\n_w==")},
		drawer(channelThere, 3) + first: {ID: first, Type: "text/plain", Content: []byte("from there")},
	}}
	s := newScope()
	s.Host, s.ChannelID = c, channelHere
	s.Message.ChannelID = channelHere
	s.Message.SourceMap = map[string]any{"sourceChannelId": channelThere, "sourceMessageId": int64(3)}
	s.Message.Set(weir.Raw, "raw ${ATTACH:"+first+"}", "RAW")
	s.Message.Set(weir.Encoded, "encoded ${ATTACH:"+first+"}", "RAW")
	return s, c
}

func TestAttachmentUtil(t *testing.T) {
	own, long := "${ATTACH:"+first+"}", "${ATTACH:"+channelThere+":3:"+first+"}"
	with := strings.NewReplacer("FIRST", first, "SECOND", second, "HERE", channelHere, "THERE", channelThere, "OWN", own, "LONG", long)
	for _, c := range []struct{ name, body, want string }{
		{"ids", `return String(getAttachmentIds())`, "[" + first + ", " + second + "]"},
		{"ids of another message", `return String(getAttachmentIds('THERE', 3)) + AttachmentUtil.getMessageAttachmentIds('THERE', 4).size()`, "[" + first + "]0"},
		{"all", `return getAttachments().size() + getAttachments().get(0).getContentString()`, "2Grüße"},
		{"decoded, leniently", `var b = getAttachments(true).get(1).getContent(); return [b.length, b[0], b[1], b[2], b[3]].join()`, "4,0,-1,62,-1"},
		{"one", `return getAttachment('SECOND').type + getAttachment('nothing') + getAttachment('THERE', 3, 'FIRST').getContentString()`, "image/pngnullfrom there"},
		{"of the source channel", `return AttachmentUtil.getMessageAttachmentsFromSourceChannel(connectorMessage).get(0).getContentString()`, "from there"},
		{"put back into the message", `return AttachmentUtil.reAttachMessage(connectorMessage)`, "encoded Grüße"},
		{"into a text", `return AttachmentUtil.reAttachMessage('<OWN|LONG>', connectorMessage)`, "<Grüße|from there>"},
		{"in a character set", `return AttachmentUtil.reAttachMessage('<OWN>', connectorMessage, 'ISO-8859-1', false).length + ',' + AttachmentUtil.reAttachMessage('<OWN>', connectorMessage, 'UTF-8', false).length`, "7,9"},
		{"as bytes", `return AttachmentUtil.reAttachMessage('${ATTACH:SECOND}', connectorMessage, null, true).length`, "4"},
		{"not put back", `return new java.lang.String(AttachmentUtil.reAttachMessage('OWN', connectorMessage, 'UTF-8', false, false, false))`, "${ATTACH:" + channelHere + ":7:" + first + "}"},
		{"own alone", `return new java.lang.String(AttachmentUtil.reAttachMessage('OWNLONG', connectorMessage, 'UTF-8', false, true, true))`, "Grüße" + long},
		{"added", `var a = addAttachment('neu', 'text/plain'); return getAttachment(a.getId()).getContentString() + a.getAttachmentId().startsWith('${ATTACH:') + getAttachments().size()`, "neutrue3"},
		{"added as bytes, encoded", `return addAttachment(new java.lang.String('ab').getBytes(), 'a/b', true).getContentString()`, "YWI="},
		{"created for a message", `AttachmentUtil.createAttachment(connectorMessage, 'neu', 'a/b'); return getAttachments().size()`, "3"},
		{"updated by id", `updateAttachment('FIRST', 'neu', 'a/b'); return getAttachment('FIRST').getType() + getAttachment('FIRST').getContentString()`, "a/bneu"},
		{"updated as an object", `var a = getAttachment('FIRST'); a.setContentString('neu'); updateAttachment(a, true); return getAttachment('FIRST').getContentString()`, "bmV1"},
		{"updated in another message", `updateAttachment('THERE', 3, 'FIRST', 'neu', 'a/b'); return getAttachment('THERE', 3, 'FIRST').getContentString() + getAttachment('FIRST').getContentString()`, "neuGrüße"},
		{"into a list", `var l = new java.util.ArrayList(); AttachmentUtil.addAttachment(l, 'neu', 'a/b'); return l.size() + l.get(0).getContentString() + getAttachments().size()`, "1neu2"},
		{"character sets of an object", `var a = new Attachment('id', 'ü', 'ISO-8859-1', 'a/b'); var n = a.getContent().length; a.setContentString('ü', 'UTF-16BE');
			return n + a.getContentString('UTF-16BE') + a.getContent().length + new Attachment('id', 'ü', 'a/b').getContent().length`, "1ü22"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scope, _ := attachmentScope()
			got, err := runBody(t, scope, with.Replace(c.body))
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("got %v, %v\nwant %s", got, err, c.want)
			}
		})
	}
	for _, body := range []string{
		`addAttachment(5, 'a/b')`, `addAttachment({}, 'a/b')`, `updateAttachment('HERE', 404, 'FIRST', 'x', 'a/b')`,
	} {
		scope, _ := attachmentScope()
		if got, err := runBody(t, scope, with.Replace(body)); err == nil {
			t.Errorf("%s: got %v", body, got)
		}
	}
}
