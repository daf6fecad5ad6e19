package pipeline

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// handler sets a channel's attachment handler; properties are pairs.
func handler(class string, properties ...string) func(*weir.Channel) {
	group := config.Setting{Name: "properties"}
	for i := 0; i < len(properties); i += 2 {
		group.Group = append(group.Group, config.Setting{Name: "entry", Group: config.Group{
			{Name: "string", Text: properties[i]}, {Name: "string", Text: properties[i+1]}}})
	}
	return func(c *weir.Channel) {
		c.Properties.StoreAttachments = true
		c.Properties.AttachmentHandler = config.Setting{
			Class: "com.mirth.connect.server.attachments." + class + "AttachmentHandlerProvider", Group: config.Group{group}}
	}
}

// numbers takes digits out of messages.
var numbers = handler("regex.Regex", "regex.pattern0", "[0-9]+", "regex.mimetype0", "text/x-number")

func scripted(code string) func(*weir.Channel) {
	return handler("javascript.JavaScript", "javascript.script", code)
}

// attachments are type and content of what a message has, joined.
func (r *rig) attachments(id int64) string {
	r.t.Helper()
	r.idle()
	all, err := Attachments(context.Background(), r.store, r.cfg.ID, id)
	if err != nil {
		r.t.Fatal(err)
	}
	var parts []string
	for _, a := range all {
		parts = append(parts, a.Type+" "+string(a.Content))
	}
	return strings.Join(parts, "; ")
}

func TestAttachments(t *testing.T) {
	for _, c := range []struct {
		name         string
		setup        func(*weir.Channel)
		text         string
		sent, stored string
	}{
		{"put back", numbers, "a 17 b", "a 17 b", "text/x-number 17"},
		{"none in it", numbers, "a b", "a b", ""},
		{"what steps made of the rest", both(numbers, func(c *weir.Channel) { c.Source = withSteps(c.Source, "msg = msg.replace('a', 'x')") }), "a 17", "x 17", "text/x-number 17"},
		{"seen by templates, not expanded", both(numbers, destinations(dest(1, "own text", "[${message.encodedData}]"))), "a 17", "[a 17]", "text/x-number 17"},
		{"whole message", handler("identity.Identity", "identity.mimetype", "t/${site}"), "all", "all", "t/configured all"},
		{"not stored", both(numbers, func(c *weir.Channel) { c.Properties.StoreAttachments = false }), "a 17 b", "a  b", ""},
		{"metadata storage keeps them", both(numbers, func(c *weir.Channel) { c.Properties.Storage = weir.MetadataOnly }), "a 17", "a 17", "text/x-number 17"},
		{"disabled storage has none", both(numbers, func(c *weir.Channel) { c.Properties.Storage = weir.Disabled }), "a 17", "a ", ""},
		{"script", scripted(`var a = addAttachment(message.substring(2), 'text/plain', true); a.setType('t/changed'); return message.substring(0, 2) + a.getAttachmentId();`),
			"a 17", "a MTc=", "t/changed MTc="},
		{"script without a result", scripted(`addAttachment('x', 'text/plain');`), "a 17", "a 17", "text/plain x"},
		{"script with null", scripted(`return null;`), "a 17", "a 17", ""},
		{"script sees what it should", scripted(`return [message, binary, typeof connectorMessage, sourceMap.get('from'), channelName, globalChannelMap.containsKey('x'),
			mirth_attachments.size(), $('from'), typeof channelMap].join()`), "a", "a,false,undefined,sender,Channel,false,0,sender,undefined", ""},
		{"source map is read only", scripted(`try { sourceMap.put('a', 1) } catch (e) { return e.javaException.getClass().getSimpleName() }`), "a", "UnsupportedOperationException", ""},
		{"code templates", both(scripted(`return help(message)`), func(c *weir.Channel) {
			c.CodeTemplates = []weir.CodeTemplate{{Name: "help", Code: "function help(x) { return '<' + x + '>' }", Contexts: []string{"CHANNEL_ATTACHMENT"}}}
		}), "a", "<a>", ""},
		{"two and the same content", numbers, "1 1", "1 1", "text/x-number 1; text/x-number 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, c.setup, func(r *rig) {
				if _, err := r.Receive(context.Background(), weir.Inbound{Text: c.text, SourceMap: map[string]any{"from": "sender"}}); err != nil {
					t.Fatal(err)
				}
				r.wantTexts(c.sent)
				if got := r.attachments(1); got != c.stored {
					t.Errorf("kept %q, want %q", got, c.stored)
				}
			})
		})
	}
}

// What is kept first holds the message with its tokens, and the attachments, in one
// change: there is no moment at which one is kept without the other.
func TestAttachmentsAreKeptAtOnce(t *testing.T) {
	in(t, numbers, func(r *rig) {
		var first *store.Change
		var raw string
		r.store.onSave(func(n int, c *store.Change) error {
			if n == 1 {
				first, raw = c, c.Connectors[0].Connector.Text(weir.Raw)
			}
			return nil
		})
		r.receive("a 17")
		if len(first.Attachments) != 1 || raw != "a "+first.Attachments[0].Token() || !first.Insert || first.Lazy {
			t.Errorf("first change: %d attachments, raw %q, lazy %v", len(first.Attachments), raw, first.Lazy)
		}
	})
}

// A destination that does not want attachments put back gets tokens that another
// channel understands; that one's scripts and destinations get the content.
func TestReattachOff(t *testing.T) {
	in(t, both(numbers, destinations(dest(1, "reattachAttachments", "false"), chained(dest(2)))), func(r *rig) {
		r.receive("a 17")
		infos, err := r.store.Attachments(context.Background(), "c1", 1)
		if err != nil || len(infos) != 1 {
			t.Fatal(infos, err)
		}
		expanded := "a ${ATTACH:c1:1:" + infos[0].ID + "}"
		r.wantTexts(expanded, "a 17")
		// Channel ids are 36 characters; this one's token is none.
		r.receive(expanded)
		if got := r.message(2).Connectors[0].Text(weir.Raw); !strings.Contains(got, "${ATTACH:c") {
			t.Errorf("raw %q", got)
		}
	})
}

// A message whose attachments cannot be taken out is refused for good, and nothing
// of it is kept.
func TestAttachmentHandlerFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(*weir.Channel)
		want  string
	}{
		{"script", scripted(`throw 'the secret ' + message`), "attachment script"},
		{"group that took no part", handler("regex.Regex", "regex.pattern0", "a(b)?"), "took no part"},
		{"too many", scripted("for (var i = 0; i < 10001; i++) addAttachment('', 'text/plain');"), "more than 10000 attachments"},
		{"no DICOM", handler("dicom.DICOM"), "attachments cannot be taken out"},
	} {
		in(t, c.setup, func(r *rig) {
			_, err := r.Receive(context.Background(), weir.Inbound{Text: "ac secret"})
			if !errors.Is(err, weir.ErrUnusable) || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "Channel, Source: ") {
				t.Errorf("%s: got %v", c.name, err)
			}
			if strings.Contains(fmt.Sprint(err, r.log), "secret") {
				t.Errorf("%s: content is in the error or the log: %v\n%s", c.name, err, r.log)
			}
			r.wantCounts("0/0/0/0 0/0/0/0")
			if _, err := r.store.Message(context.Background(), "c1", 1); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: a message is kept: %v", c.name, err)
			}
		})
	}
}

// A handler that Weir does not have, or that cannot work, keeps the channel from
// being deployed.
func TestAttachmentHandlerRefused(t *testing.T) {
	for want, setup := range map[string]func(*weir.Channel){
		"attachmentProperties: attachment handler com.mirth.connect.server.attachments.own.AttachmentHandlerProvider is not available": handler("own."),
		"attachment script": scripted("return (;"),
		"regex.pattern0":    handler("regex.Regex", "regex.pattern0", "("),
	} {
		r := newRig(t, setup)
		if _, err := New(context.Background(), r.cfg, r.engine); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		r.store.Store.Close()
	}
}

// With one processing thread an attachment script is alone.
func TestAttachmentScriptIsAlone(t *testing.T) {
	const code = `var n = globalMap.get('inside') || 0; if (Number(n) > 0) globalMap.put('two', 'yes');
		globalMap.put('inside', 1); logger.info('in'); java.lang.Thread.sleep(5); globalMap.put('inside', 0); return message;`
	in(t, scripted(code), func(r *rig) {
		done := make(chan struct{}, 8)
		for i := range 8 {
			go func() {
				r.receive(fmt.Sprint("message ", i))
				done <- struct{}{}
			}()
		}
		for range 8 {
			<-done
		}
		if _, ok := r.engine.Global.Get("two"); ok {
			t.Error("two scripts ran at once")
		}
	})
}

func TestRemoveAttachmentsOnCompletion(t *testing.T) {
	remove := func(c *weir.Channel) { c.Properties.RemoveAttachmentsOnCompletion = true }
	in(t, both(numbers, remove), func(r *rig) {
		r.receive("a 17")
		r.wantTexts("a 17")
		if got := r.attachments(1); got != "" {
			t.Errorf("kept %q", got)
		}
		if r.message(1).Connectors[0].Text(weir.Raw) == "" {
			t.Error("the content is gone, too")
		}
	})
	in(t, both(numbers, remove, destinations(dest(1), dest(2))), func(r *rig) {
		r.answer("D2", fails(1, sentOK))
		r.receive("a 17")
		r.wantStates(1, "T 1S 2E")
		if got := r.attachments(1); got != "text/x-number 17" {
			t.Errorf("after an error: kept %q", got)
		}
	})
	in(t, both(numbers, remove, destinations(dest(1, "queueEnabled", "true"))), func(r *rig) {
		r.answer("D1", fails(1, sentOK))
		r.receive("a 17")
		r.idle()
		if got := r.attachments(1); got != "text/x-number 17" {
			t.Errorf("while queued: kept %q", got)
		}
		r.pass(time.Minute)
		r.wantTexts("a 17", "a 17")
		if got := r.attachments(1); got != "" {
			t.Errorf("after the queue: kept %q", got)
		}
	})
}

// An attachment that cannot be read now is no reason to send without it.
func TestAttachmentCannotBeRead(t *testing.T) {
	synctestRig(t, both(numbers, destinations(dest(1, "queueEnabled", "true"))), func(r *rig) {
		r.engine.Store = &unreadable{tap: r.store, times: 2}
	}, func(r *rig) {
		r.receive("a 17")
		r.idle()
		r.wantTexts()
		r.wantStates(1, "T 1Q")
		r.pass(time.Minute)
		r.wantTexts("a 17")
		r.wantStates(1, "T 1S")
	})
}

// unreadable fails to read attachments some times.
type unreadable struct {
	*tap
	times int64
	read  atomic.Int64
}

func (u *unreadable) Attachment(ctx context.Context, channelID string, messageID int64, id string) (*weir.Attachment, error) {
	if u.read.Add(1) <= u.times {
		return nil, errors.New("the disk does not answer")
	}
	return u.tap.Attachment(ctx, channelID, messageID, id)
}

// What a destination makes an attachment is kept with the message.
func TestDestinationMakesAttachment(t *testing.T) {
	in(t, destinations(dest(1), chained(dest(2, "own text", "${d1.message}"))), func(r *rig) {
		r.answer("D1", func(ctx context.Context, _ delivery, m *weir.Outbound) (weir.Response, error) {
			token, err := m.Attach(ctx, []byte("made"), "t/made")
			return weir.Response{Status: weir.Sent, Message: token}, err
		})
		r.receive("a")
		r.wantTexts("a", "made")
		if got := r.attachments(1); got != "t/made made" {
			t.Errorf("kept %q", got)
		}
	})
}

// Pixel data stands beside its message and is put back for ${DICOMMESSAGE}.
func TestDICOMAttachments(t *testing.T) {
	element := func(tag uint32, vr string, value []byte) []byte {
		b := binary.LittleEndian.AppendUint16(nil, uint16(tag>>16))
		b = append(binary.LittleEndian.AppendUint16(b, uint16(tag)), vr...)
		if vr == "OB" {
			return append(binary.LittleEndian.AppendUint32(append(b, 0, 0), uint32(len(value))), value...)
		}
		return append(binary.LittleEndian.AppendUint16(b, uint16(len(value))), value...)
	}
	meta := element(0x00020010, "UI", []byte("1.2.840.10008.1.2.1\x00"))
	file := append(make([]byte, 128), "DICM"...)
	file = append(file, element(0x00020000, "UL", binary.LittleEndian.AppendUint32(nil, uint32(len(meta))))...)
	file = append(append(file, meta...), element(0x00100010, "PN", []byte("DOE^JANE"))...)
	header := bytes.Clone(file)
	file = append(file, element(0x7FE00010, "OB", []byte("pixels of a picture."))...)
	text := base64.StdEncoding.EncodeToString(file)

	synctestRig(t, both(handler("dicom.DICOM"), destinations(dest(1, "own text", "${DICOMMESSAGE}"), chained(dest(2, "own text", "${message.encodedData}"))), func(c *weir.Channel) {
		c.Source.Transformer = weir.Transformer{Inbound: "DICOM", Outbound: "DICOM"}
		for i := range c.Destinations {
			c.Destinations[i].Transformer = weir.Transformer{Inbound: "DICOM", Outbound: "DICOM"}
		}
	}), func(r *rig) {
		types := r.engine.DataType // only the name counts here
		r.engine.DataType = func(name string) (weir.DataTypeDef, bool) { return types(strings.Replace(name, "DICOM", "RAW", 1)) }
	}, func(r *rig) {
		if _, err := r.Receive(context.Background(), weir.Inbound{Text: text, Binary: true}); err != nil {
			t.Fatal(err)
		}
		if got := r.attachments(1); got != "DICOM pixels of a picture." {
			t.Errorf("kept %q", got)
		}
		r.wantTexts(text, base64.StdEncoding.EncodeToString(header))
	})
}

// A script's own way to put attachments back.
func TestReattachOptions(t *testing.T) {
	in(t, numbers, func(r *rig) {
		r.receive("a 17")
		cm := r.message(1).Connectors[0]
		for how, want := range map[script.Reattach]string{{}: "a 17", {Local: true}: "a 17"} {
			if got, err := r.Reattach(context.Background(), cm, cm.Text(weir.Raw), how); err != nil || got != want {
				t.Errorf("%+v: got %q, %v", how, got, err)
			}
		}
		if got, err := Reattach(context.Background(), r.store, cm, cm.Text(weir.Raw), script.Reattach{}); err != nil || got != "a 17" {
			t.Errorf("not deployed: got %q, %v", got, err)
		}
	})
}
