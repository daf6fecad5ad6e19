package pipeline

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/store"
)

// In these tests ten bytes are too large for memory.
const tooLarge = 10

// streaming is in for a channel whose limits are low.
func streamed(t *testing.T, setup func(*weir.Channel), test func(r *rig)) {
	t.Helper()
	synctestRig(t, setup, func(r *rig) { r.engine.StreamAbove, r.engine.HoldAtMost = tooLarge, 100 }, test)
}

var identity = handler("identity.Identity", "identity.mimetype", "t/${site}")

func (r *rig) stream(content string) (weir.Reply, error) {
	return r.Receive(context.Background(), weir.Inbound{Stream: iotest.HalfReader(strings.NewReader(content)), SourceMap: map[string]any{"from": "sender"}})
}

func nested(name, setting, text string) config.Group {
	return config.Group{{Name: name, Group: config.Group{{Name: setting, Text: text}}}}
}

func (r *rig) wantNothingLoose() {
	r.t.Helper()
	if list, err := r.store.LooseBlobs(context.Background(), 10); err != nil || len(list) > 0 {
		r.t.Errorf("loose blobs %v, error %v", list, err)
	}
}

// A content that streams is kept as an attachment, and goes out as it came.
func TestStream(t *testing.T) {
	long := strings.Repeat("a content ", 200)
	for _, c := range []struct {
		name  string
		setup func(*weir.Channel)
		text  string
		sent  string
		kind  string
	}{
		{"whole message", identity, long, long, "t/configured"},
		{"no handler", nil, long, long, "text/plain"},
		{"no handler, raw storage", func(c *weir.Channel) { c.Properties.Storage = weir.RawOnly }, long, long, "text/plain"},
		{"with text around it", both(identity, destinations(dest(1, "own text", "[${message.encodedData}]"))), long, "[" + long + "]", "t/configured"},
		{"steps see the token, as in Mirth", both(identity, func(c *weir.Channel) { c.Source = withSteps(c.Source, "msg = '<' + msg.length + msg") }),
			long, "<46" + long, "t/configured"},
		{"whole message that is not stored", both(identity, func(c *weir.Channel) { c.Properties.StoreAttachments = false }), long, "", ""},
		{"whole message where nothing is kept", both(identity, func(c *weir.Channel) { c.Properties.Storage = weir.Disabled }), long, "", ""},
		{"nothing in it", identity, "", "", ""},
		{"nothing in it, no handler", nil, "", "", ""},
		{"HL7 without line feeds", hl7, "MSH|^~\\&|A|B\rPID|1\r", "MSH|^~\\&|A|B\rPID|1\r", "text/plain"},
		{"HL7 whose line feeds are converted", hl7, "MSH|^~\\&|A|B\nPID|1\r\n", "MSH|^~\\&|A|B\rPID|1\r", ""},
		{"regular expression, so it is held", numbers, "a 17 and so on", "a 17 and so on", "text/x-number"},
		{"steps, so it is held", func(c *weir.Channel) { c.Source = withSteps(c.Source, "msg = msg.length") }, "twelve bytes", "12", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			streamed(t, c.setup, func(r *rig) {
				reply, err := r.stream(c.text)
				if err != nil || reply.MessageID != 1 {
					t.Fatalf("reply %+v, error %v", reply, err)
				}
				r.wantTexts(c.sent)
				kind, content, _ := strings.Cut(r.attachments(1), " ")
				if c.text == "a 17 and so on" {
					c.text = "17"
				}
				if kind != c.kind || kind != "" && content != c.text {
					t.Errorf("kept %q with %d bytes, want %q", kind, len(content), c.kind)
				}
				r.wantNothingLoose()
			})
		})
	}
}

var hl7 = both(destinations(func() weir.Connector { d := dest(1); d.Transformer = hl7ToHL7(); return d }()),
	func(c *weir.Channel) { c.Source.Transformer = hl7ToHL7() })

// What the source is told is never a surprise to a step: only where nobody looks at the
// content does it stream without a handler that says so.
func TestStreamAbove(t *testing.T) {
	steps := func(c *weir.Channel) { c.Source = withSteps(c.Source, "msg = msg") }
	for _, c := range []struct {
		name  string
		setup func(*weir.Channel)
		want  bool
	}{
		{"pass through", nil, true},
		{"pass through HL7", hl7, true},
		{"two destinations in a chain, with queues", destinations(dest(1, "queueEnabled", "true"), chained(dest(2))), true},
		{"a file name of maps", destinations(dest(1, "own other", "${originalFilename}-${message.messageId}")), true},
		{"entire message", identity, true},
		{"entire message with steps", both(identity, steps), true},
		{"entire message in batches", both(identity, func(c *weir.Channel) {
			c.Source.Settings = source("processBatch", "true")
			c.Source.Transformer.InboundSettings = nested("batchProperties", "batchScript", "return reader.readLine()")
		}), false},
		{"entire message, duplicates by script", both(identity, duplicates("duplicates", "script", "duplicateScript", "return message")), false},
		{"regular expressions", numbers, false},
		{"steps", steps, false},
		{"filter", func(c *weir.Channel) { c.Source = withFilter(c.Source, "return true") }, false},
		{"steps of a destination", func(c *weir.Channel) { c.Destinations[0] = withSteps(c.Destinations[0], "msg = msg") }, false},
		{"steps of a response", func(c *weir.Channel) { c.Destinations[0] = withResponse(c.Destinations[0], "msg = msg") }, false},
		{"preprocessor", func(c *weir.Channel) { c.Preprocessor = "return message" }, false},
		{"postprocessor", func(c *weir.Channel) { c.Postprocessor = "return" }, false},
		{"other type goes out", func(c *weir.Channel) { c.Source.Transformer.Outbound = "JSON" }, false},
		{"namespaces are stripped", func(c *weir.Channel) {
			c.Source.Transformer = weir.Transformer{Inbound: "XML", Outbound: "XML", InboundSettings: nested("serializationProperties", "stripNamespaces", "true")}
		}, false},
		{"text around the content", destinations(dest(1, "own text", "[${message.encodedData}]")), false},
		{"content in capitals", destinations(dest(1, "own text", "$message.getEncodedData().toUpperCase()")), false},
		{"hash of the content in a name", destinations(dest(1, "own other", "${HASH}")), false},
		{"content in a setting that is no template", destinations(dest(1, "own unknown", "${message.rawData}")), false},
		{"tokens are handed on", destinations(dest(1, "reattachAttachments", "false")), false},
		{"contents are not kept", func(c *weir.Channel) { c.Properties.Storage = weir.MetadataOnly }, false},
		{"nothing is kept", func(c *weir.Channel) { c.Properties.Storage = weir.Disabled }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			streamed(t, c.setup, func(r *rig) {
				want := int64(0)
				if c.want {
					want = tooLarge
				}
				if r.env.StreamAbove != want {
					t.Errorf("got %d, want %d", r.env.StreamAbove, want)
				}
			})
		})
	}
	synctestRig(t, nil, func(r *rig) {
		r.engine.Scripts = func() *GlobalScripts {
			return &GlobalScripts{Preprocessor: compiled(t, "preprocessor", "return message + '!'")}
		}
	}, func(r *rig) {
		if r.env.StreamAbove != 0 {
			t.Error("a global preprocessor does not count")
		}
		if _, err := r.stream("something"); err != nil { // it came meanwhile, and sees all of it
			t.Error(err)
		}
		r.wantTexts("something!")
	})
}

// A content that may not be held, and has to be, is refused with what to do.
func TestHoldAtMost(t *testing.T) {
	long := strings.Repeat("x", 101)
	for name, in := range map[string]weir.Inbound{"stream": {Stream: strings.NewReader(long)}, "text": {Text: long}} {
		streamed(t, numbers, func(r *rig) {
			_, err := r.Receive(context.Background(), in)
			if !errors.Is(err, weir.ErrUnusable) || !strings.Contains(err.Error(), "--hold-at-most") || !strings.HasPrefix(err.Error(), "Channel, Source: ") {
				t.Errorf("%s: got %v", name, err)
			}
			r.wantCounts("0/0/0/0 0/0/0/0")
		})
	}
	streamed(t, hl7, func(r *rig) { // it is known at its end that it cannot pass
		if _, err := r.stream("MSH|\n" + long); !errors.Is(err, weir.ErrUnusable) || !strings.Contains(err.Error(), "--hold-at-most") {
			t.Errorf("got %v", err)
		}
		r.wantNothingLoose()
	})
	// A destination that knows no streams says so, and the message waits for help.
	streamed(t, both(identity, destinations(dest(1), dest(2))), func(r *rig) {
		r.bodies = true
		if _, err := r.stream(long); err != nil {
			t.Fatal(err)
		}
		r.wantTexts()
		r.wantStates(1, "T 1E 2E")
		if text := r.message(1).Connectors[1].Text(weir.ProcessingError); !strings.Contains(text, "--hold-at-most") {
			t.Errorf("error %q", text)
		}
	})
}

// The acknowledgment needs no more than the beginning.
func TestStreamIsAcknowledged(t *testing.T) {
	const head = "MSH|^~\\&|A|B|C|D|20240310||ADT^A01|ID17|P|2.5\r"
	for _, mode := range []string{"Auto-generate (Before processing)", "Auto-generate (After source transformer)"} {
		streamed(t, both(hl7, responds(mode)), func(r *rig) {
			reply, err := r.stream(head + "OBX|1|ED|||" + strings.Repeat("JVBERi0", headSize/4))
			if err != nil || reply.Response == nil || !strings.Contains(reply.Response.Message, "MSA|AA|ID17") {
				t.Errorf("%s: reply %+v, error %v", mode, reply.Response, err)
			}
			if got := r.message(1).Connectors[0]; got.Status != weir.Transformed || !strings.Contains(got.Text(weir.ConnectorMapContent), "ADT-A01") {
				t.Errorf("%s: the type of the message is not known: %s", mode, got.Text(weir.ConnectorMapContent))
			}
		})
	}
}

// What breaks off on the way in, and what cannot be saved, leaves nothing.
func TestStreamFails(t *testing.T) {
	cut := errors.New("the sender is gone")
	streamed(t, identity, func(r *rig) {
		_, err := r.Receive(context.Background(), weir.Inbound{Stream: io.MultiReader(strings.NewReader("half"), iotest.ErrReader(cut))})
		if !errors.Is(err, cut) {
			t.Errorf("got %v", err)
		}
		r.wantNothingLoose()
		r.store.onSave(func(int, *store.Change) error { return errors.New("the disk is full") })
		if _, err := r.stream("something longer"); err == nil || !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("got %v", err)
		}
		r.store.onSave(nil)
		r.wantNothingLoose()
		r.wantCounts("0/0/0/0 0/0/0/0")
	})
}

// A halted channel does not wait for a sender that is slow.
func TestStreamIsHalted(t *testing.T) {
	streamed(t, nil, func(r *rig) {
		content, sender := io.Pipe()
		done := make(chan error)
		go func() {
			_, err := r.Receive(context.Background(), weir.Inbound{Stream: content})
			done <- err
		}()
		io.WriteString(sender, "half")
		r.idle()
		go func() { // as a source does that is being stopped
			r.idle()
			sender.CloseWithError(errors.New("closed"))
		}()
		if err := r.Halt(); err != nil {
			t.Error(err)
		}
		if err := <-done; err == nil {
			t.Error("it was taken")
		}
		r.wantNothingLoose()
	})
}

// A queued message reads its content at each attempt, after a restart too.
func TestStreamIsSentAgain(t *testing.T) {
	long := strings.Repeat("content ", 20)
	streamed(t, destinations(dest(1, "queueEnabled", "true")), func(r *rig) {
		r.answer("D1", fails(2, sentOK))
		if _, err := r.stream(long); err != nil {
			t.Fatal(err)
		}
		r.idle()
		if err := r.Undeploy(context.Background()); err != nil {
			t.Fatal(err)
		}
		r.restart(true)
		r.pass(time.Minute)
		r.wantTexts(long, long, long)
		for _, d := range r.deliveries() {
			if !d.streamed {
				t.Errorf("attempt %d was held in memory", d.attempt)
			}
		}
		r.wantStates(1, "T 1S?")
	})
}

// Reprocessing and resending read the content again, and hold none of it.
func TestStreamIsReprocessed(t *testing.T) {
	long := strings.Repeat("content ", 20) // more than may be held
	for name, setup := range map[string]func(*weir.Channel){"handler": identity, "no handler": nil} {
		streamed(t, setup, func(r *rig) {
			if _, err := r.stream(long); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Reprocess(context.Background(), 1, Again{}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := r.Reprocess(context.Background(), 1, Again{Replace: true}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := r.Resend(context.Background(), 1, 1); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			r.wantTexts(long, long, long, long)
			for id := int64(1); id <= 2; id++ {
				if got := r.attachments(id); !strings.HasSuffix(got, " "+long) {
					t.Errorf("%s: message %d has %d bytes", name, id, len(got))
				}
			}
			list, err := r.store.LooseBlobs(context.Background(), 10)
			if err != nil || len(list) != 1 { // what the replaced message had
				t.Errorf("%s: loose %v, error %v", name, list, err)
			}
		})
	}
}

// With "remove content on completion" a content that streams by itself goes, too.
func TestStreamIsRemovedOnCompletion(t *testing.T) {
	streamed(t, func(c *weir.Channel) { c.Properties.RemoveContentOnCompletion = true }, func(r *rig) {
		if _, err := r.stream("something longer"); err != nil {
			t.Fatal(err)
		}
		r.wantTexts("something longer")
		if got := r.attachments(1); got != "" {
			t.Errorf("kept %q", got)
		}
	})
}

// A binary content is base64 as it passes, whoever asks for it.
func TestStreamIsBinary(t *testing.T) {
	text := base64.StdEncoding.EncodeToString([]byte("\x00\x01 and other bytes \xff"))
	streamed(t, nil, func(r *rig) {
		if _, err := r.Receive(context.Background(), weir.Inbound{Stream: strings.NewReader(text), Binary: true}); err != nil {
			t.Fatal(err)
		}
		r.wantTexts(text)
	})
}
