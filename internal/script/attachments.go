package script

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/dop251/goja"
	"github.com/google/uuid"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// attachment is an Attachment in a script.
type attachment struct{ weir.Attachment }

func (*attachment) JavaClass() string { return "com.mirth.connect.server.userutil.Attachment" }
func (a *attachment) String() string  { return a.Token() }

// NewAttachmentList returns a java.util.List, the variable mirth_attachments of an
// attachment script.
func NewAttachmentList() any { return java.NewList() }

// AttachmentsIn returns what a script has put into a list of NewAttachmentList, as
// it left it.
func AttachmentsIn(list any) []weir.Attachment {
	var out []weir.Attachment
	for _, item := range list.(*java.List).Items() {
		if a, ok := item.(*attachment); ok {
			out = append(out, a.Attachment)
		}
	}
	return out
}

func (r *run) attachments(c *java.Call) Attachments {
	if a, ok := r.host(c).(Attachments); ok {
		return a
	}
	return noAttachments{c}
}

// noAttachments is an engine that keeps none: what looks for some finds none, and
// adding one throws.
type noAttachments struct{ c *java.Call }

func (noAttachments) ListAttachments(context.Context, string, int64) ([]string, error) {
	return nil, nil
}

func (noAttachments) GetAttachment(context.Context, string, int64, string) (*weir.Attachment, error) {
	return nil, nil
}

func (n noAttachments) PutAttachment(context.Context, string, int64, *weir.Attachment) error {
	panic(n.c.Throw("java.lang.UnsupportedOperationException", "this engine keeps no attachments"))
}

func (noAttachments) Reattach(_ context.Context, _ *weir.ConnectorMessage, text string, _ Reattach) (string, error) {
	return text, nil
}

func check(c *java.Call, err error) {
	if err != nil {
		panic(c.Throw("java.lang.Exception", err.Error()))
	}
}

// where reads the leading arguments that say which message is meant: channel id
// and message id, a connector message, or nothing for the run's own. rest are
// the other arguments.
func (r *run) where(c *java.Call, leading bool) (channelID string, messageID int64, rest *java.Call) {
	rest = &java.Call{VM: c.VM, Args: c.Args}
	if m, ok := rest.Object(0).(*connectorMessage); ok {
		rest.Args = rest.Args[1:]
		return m.m.ChannelID, m.m.MessageID, rest
	}
	if leading && c.Len() >= 2 && c.IsNumber(1) {
		rest.Args = c.Args[2:]
		return c.Text(0), int64(c.Float(1)), rest
	}
	if m := r.scope.Message; m != nil {
		return m.ChannelID, m.MessageID, rest
	}
	panic(c.Throw("java.lang.IllegalStateException", "there is no message here"))
}

func attachmentsOf(c *java.Call, channelID string, messageID int64, decode bool) any {
	r := runOf(c)
	ids, err := r.attachments(c).ListAttachments(r.ctx, channelID, messageID)
	check(c, err)
	l := java.NewList()
	for _, id := range ids {
		if a := r.attachment(c, channelID, messageID, id, decode); a != nil {
			l.Add(a)
		}
	}
	return l
}

func (r *run) attachment(c *java.Call, channelID string, messageID int64, id string, decode bool) *attachment {
	a, err := r.attachments(c).GetAttachment(r.ctx, channelID, messageID, id)
	check(c, err)
	if a == nil {
		return nil
	}
	out := &attachment{*a}
	if decode {
		out.Content = decodeBase64(string(a.Content))
	}
	return out
}

// decodeBase64 is the decoder of commons-codec: it takes both alphabets, leaves out
// what belongs to neither, and needs no padding.
func decodeBase64(text string) []byte {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '+', r == '/':
			return r
		case r == '-':
			return '+'
		case r == '_':
			return '/'
		}
		return -1
	}, text)
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	b, err := base64.RawStdEncoding.DecodeString(clean)
	if err != nil {
		panic(err) // nothing but the alphabet is left, and the length is right
	}
	return b
}

// made reads an attachment from arguments: an Attachment, or id, content and
// type; then whether to encode. Without an id one is made.
func made(c *java.Call, withID bool) weir.Attachment {
	var a weir.Attachment
	i := 0
	if v, ok := c.Object(0).(*attachment); ok {
		a, i = v.Attachment, 1
	} else {
		if withID {
			a.ID, i = c.Text(0), 1
		}
		switch v := c.Object(i).(type) {
		case []byte:
			a.Content = v
		case string:
			a.Content = []byte(v)
		default:
			panic(c.Throw("javax.activation.UnsupportedDataTypeException", "an attachment's content is a String or byte[]"))
		}
		a.Type = c.Text(i + 1)
		i += 2
	}
	if a.ID == "" {
		a.ID = uuid.NewString()
	}
	if i < c.Len() && c.Bool(i) {
		a.Content = []byte(base64.StdEncoding.EncodeToString(a.Content))
	}
	return a
}

// attachmentFunction makes getAttachments and its like.
func (r *run) attachmentFunction(name string) goja.Value {
	f := attachmentStatics()[map[string]string{"getAttachmentIds": "getMessageAttachmentIds",
		"getAttachments": "getMessageAttachments", "getAttachment": "getMessageAttachment",
		"addAttachment": "createAttachment", "updateAttachment": "updateAttachment"}[name]]
	list, collects := r.scope.Vars["mirth_attachments"].(*java.List)
	return r.native(func(fc goja.FunctionCall) goja.Value {
		c := &java.Call{VM: r.java, Args: fc.Arguments}
		if name == "addAttachment" && collects {
			a := &attachment{made(c, false)}
			list.Add(a)
			return r.java.ToJS(a)
		}
		v := f(c)
		if v == nil {
			return goja.Null()
		}
		return r.java.ToJS(v)
	})
}

func attachmentStatics() java.Methods {
	store := func(withID bool) func(*java.Call) any {
		return func(c *java.Call) any {
			r := runOf(c)
			channelID, messageID, rest := r.where(c, withID)
			a := made(rest, withID)
			check(c, r.attachments(c).PutAttachment(r.ctx, channelID, messageID, &a))
			return &attachment{a}
		}
	}
	return java.Methods{
		"getMessageAttachmentIds": func(c *java.Call) any {
			r := runOf(c)
			channelID, messageID, _ := r.where(c, true)
			ids, err := r.attachments(c).ListAttachments(r.ctx, channelID, messageID)
			check(c, err)
			l := java.NewList()
			for _, id := range ids {
				l.Add(id)
			}
			return l
		},
		"getMessageAttachments": func(c *java.Call) any {
			channelID, messageID, rest := runOf(c).where(c, true)
			return attachmentsOf(c, channelID, messageID, rest.Len() > 0 && rest.Bool(0))
		},
		"getMessageAttachment": func(c *java.Call) any {
			r := runOf(c)
			channelID, messageID, rest := r.where(c, true)
			if a := r.attachment(c, channelID, messageID, rest.Text(0), rest.Len() > 1 && rest.Bool(1)); a != nil {
				return a
			}
			return nil
		},
		"createAttachment": store(false),
		"updateAttachment": store(true),
		"getMessageAttachmentsFromSourceChannel": func(c *java.Call) any {
			_, _, rest := runOf(c).where(c, false)
			if m, ok := c.Object(0).(*connectorMessage); ok {
				if channelID, messageID, ok := origin(m.m.SourceMap); ok {
					return attachmentsOf(c, channelID, messageID, rest.Len() > 0 && rest.Bool(0))
				}
			}
			return java.NewList()
		},
		"addAttachment": func(c *java.Call) any {
			a := &attachment{made(&java.Call{VM: c.VM, Args: c.Args[min(1, c.Len()):]}, false)}
			if l, ok := c.Object(0).(*java.List); ok {
				l.Add(a)
			}
			return a
		},
		"reAttachMessage": reattachMessage,
	}
}

// origin is the channel and the message that a routed message came from first.
func origin(sourceMap map[string]any) (channelID string, messageID int64, ok bool) {
	first := func(list, one string) any {
		if items, ok := sourceMap[list].([]any); ok && len(items) > 0 {
			return items[0]
		}
		return sourceMap[one]
	}
	channelID, ok = first("sourceChannelIds", "sourceChannelId").(string)
	messageID, isNumber := first("sourceMessageIds", "sourceMessageId").(int64)
	return channelID, messageID, ok && isNumber
}

// reattachMessage is AttachmentUtil.reAttachMessage: of a connector message, of a
// text and a connector message, or with a character set and whether the text is
// base64, which gives bytes.
func reattachMessage(c *java.Call) any {
	r := runOf(c)
	m, text := r.scope.Message, ""
	if cm, ok := c.Object(0).(*connectorMessage); ok {
		m = cm.m
		text = m.Text(weir.Encoded)
		if !m.Contents[weir.Encoded].Set {
			text = m.Text(weir.Raw)
		}
	} else {
		text = c.Text(0)
		if cm, ok := c.Object(1).(*connectorMessage); ok {
			m = cm.m
		}
	}
	if m == nil {
		panic(c.Throw("java.lang.NullPointerException", "there is no message here"))
	}
	how := Reattach{Expand: c.Len() > 4 && !c.Bool(4), Local: c.Len() > 5 && c.Bool(5)}
	out, err := r.attachments(c).Reattach(r.ctx, m, text, how)
	check(c, err)
	switch {
	case c.Len() <= 2:
		return strings.ToValidUTF8(out, "\uFFFD")
	case c.Len() > 3 && c.Bool(3):
		return decodeBase64(out)
	case c.Null(2) || strings.EqualFold(c.Text(2), "UTF-8"):
		return []byte(out) // as they were kept, be they characters or not
	}
	return c.Encode(out, c.Text(2))
}

// given is a text, null where it is empty.
func given(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func attachmentClasses() []*java.Class {
	on := func(f func(a *attachment, c *java.Call) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*attachment), c) }
	}
	set := func(f func(a *attachment, c *java.Call)) func(*java.Call) any {
		return on(func(a *attachment, c *java.Call) any { f(a, c); return java.Void })
	}
	return []*java.Class{
		{Name: "com.mirth.connect.server.userutil.AttachmentUtil", Static: attachmentStatics()},
		{Name: "com.mirth.connect.server.userutil.Attachment",
			New: func(c *java.Call) any {
				if c.Len() == 0 {
					return &attachment{}
				}
				a := &attachment{weir.Attachment{ID: c.Text(0), Content: c.Bytes(1), Type: c.Text(c.Len() - 1)}}
				if c.Len() > 3 {
					a.Content = c.Encode(c.Text(1), c.Text(2))
				}
				return a
			},
			Methods: java.Methods{
				"getId":           on(func(a *attachment, c *java.Call) any { return given(a.ID) }),
				"getAttachmentId": on(func(a *attachment, c *java.Call) any { return a.Token() }),
				"getType":         on(func(a *attachment, c *java.Call) any { return given(a.Type) }),
				"getContent": on(func(a *attachment, c *java.Call) any {
					if a.Content == nil {
						return nil
					}
					return a.Content
				}),
				"isEncrypted": on(func(a *attachment, c *java.Call) any { return false }),
				"getContentString": on(func(a *attachment, c *java.Call) any {
					if c.Len() > 0 {
						return c.Decode(a.Content, c.Text(0))
					}
					return c.Decode(a.Content, "")
				}),
				"setId":      set(func(a *attachment, c *java.Call) { a.ID = c.Text(0) }),
				"setType":    set(func(a *attachment, c *java.Call) { a.Type = c.Text(0) }),
				"setContent": set(func(a *attachment, c *java.Call) { a.Content = c.Bytes(0) }),
				"setContentString": set(func(a *attachment, c *java.Call) {
					if a.Content = []byte(c.Text(0)); c.Len() > 1 {
						a.Content = c.Encode(c.Text(0), c.Text(1))
					}
				}),
				"toString": on(func(a *attachment, c *java.Call) any { return a.Token() }),
			}},
	}
}
