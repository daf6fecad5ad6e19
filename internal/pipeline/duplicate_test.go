package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

func adt(sender, control string) string {
	return "MSH|^~\\&|" + sender + "|F|B|B|20240101||ADT^A01|" + control + "|P|2.3\rPID|1||7\r"
}

func TestControlKey(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{adt("A", "1"), "control A\x00F\x001"},
		{"\x0b\r\n" + adt("A", "1"), "control A\x00F\x001"},
		{"MSH#*~\\&#A#F#B#B#20240101##ADT#9#P\nPID", "control A\x00F\x009"},
		{"MSH|^~\\&|A|F|B|B|20240101||ADT|9", "control A\x00F\x009"},
		{"MSH|^~\\&|A|F|B|B|20240101||ADT||P\r", ""},
		{"MSH|^~\\&|A|F", ""},
		{"MSH", ""},
		{"MSH\r|", ""},
		{"", ""},
		{"FHS|\rMSH|^~\\&|A|F|B|B|20240101||ADT|9", ""},
		{"MSH|^~\\&|A|F|B|B|20240101||ADT|" + strings.Repeat("9", maxControlID) + "|P", ""},
	} {
		if got := controlKey(c.text); got != c.want {
			t.Errorf("control id of %q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzControlKey(f *testing.F) {
	f.Add(adt("A", "1"))
	f.Add("MSH|||||||||||")
	f.Fuzz(func(t *testing.T, text string) {
		key := controlKey(text)
		if len(key) > maxControlID || key != "" && strings.Count(key, "\x00") < 2 {
			t.Errorf("key %q", key)
		}
		if key != "" && controlKey(text+"\rPID|1") != key {
			t.Error("what follows MSH changes the key")
		}
	})
}

// hl7In is a channel that answers with acknowledgments.
func hl7In(c *weir.Channel) {
	c.Source.Transformer = hl7ToHL7()
	c.Source.Settings = source("responseVariable", "Auto-generate (Destinations completed)")
}

func ackOf(r weir.Reply) string {
	if r.Response == nil {
		return "nothing"
	}
	_, msa, _ := strings.Cut(r.Response.Message, "MSA|")
	return r.Response.Status.String() + " " + strings.TrimRight(msa, "\r")
}

func TestDuplicates(t *testing.T) {
	by := func(settings ...string) func(*weir.Channel) {
		return both(hl7In, duplicates(append([]string{"duplicates", "control id"}, settings...)...))
	}
	type receipt struct {
		text   string
		wait   time.Duration // before it
		states string
		ack    string
	}
	twice := []receipt{{adt("A", "1"), 0, "T 1S", "SENT AA|1"}, {adt("A", "1"), 0, "F", "SENT AA|1"}}
	anew := []receipt{{adt("A", "1"), 0, "T 1S", "SENT AA|1"}, {adt("A", "1"), 0, "T 1S", "SENT AA|1"}}
	for _, c := range []struct {
		name     string
		setup    func(*weir.Channel)
		receipts []receipt
	}{
		{"off", hl7In, anew},
		{"by control id", by(), append(twice, receipt{adt("A", "2"), 0, "T 1S", "SENT AA|2"}, receipt{adt("B", "1"), 0, "T 1S", "SENT AA|1"},
			receipt{adt("A", "1"), time.Hour, "F", "SENT AA|1"})},
		{"without a control id", by(), []receipt{{adt("A", ""), 0, "T 1S", "SENT AA|1"}, {adt("A", ""), 0, "T 1S", "SENT AA|1"}}},
		{"before the window ends", by("duplicateWindow", "60000"), []receipt{twice[0], {adt("A", "1"), 59 * time.Second, "F", "SENT AA|1"}}},
		{"after the window", by("duplicateWindow", "60000"), []receipt{twice[0], {adt("A", "1"), time.Minute, "T 1S", "SENT AA|1"}}},
		{"no window", by("duplicateWindow", "0"), []receipt{twice[0], {adt("A", "1"), 1000 * time.Hour, "F", "SENT AA|1"}}},
		{"two messages ago", by("duplicateCount", "2"), []receipt{twice[0], {adt("A", "2"), 0, "T 1S", "SENT AA|2"}, {adt("A", "1"), 0, "F", "SENT AA|1"}}},
		{"three messages ago", by("duplicateCount", "2"), []receipt{twice[0], {adt("A", "2"), 0, "T 1S", "SENT AA|2"}, {adt("A", "3"), 0, "T 1S", "SENT AA|3"}, {adt("A", "1"), 0, "T 1S", "SENT AA|1"}}},
		{"kept as error", by("duplicateThen", "error"), []receipt{twice[0], {adt("A", "1"), 0, "E", "ERROR AE|1|An Error Occurred Processing Message."}}},
		{"processed", by("duplicateThen", "process"), anew},
		{"metadata alone", both(by(), func(c *weir.Channel) { c.Properties.Storage = weir.MetadataOnly }),
			[]receipt{{adt("A", "1"), 0, "T 1S", "SENT AA|1"}, {adt("A", "1"), 0, "F", "TRANSFORMED AA|1"}}},
		{"contents removed", both(by(), func(c *weir.Channel) { c.Properties.RemoveContentOnCompletion = true }),
			[]receipt{twice[0], {adt("A", "1"), 0, "F", "TRANSFORMED AA|1"}}},
		{"source queue", both(by(), func(c *weir.Channel) {
			c.Source.Settings[0] = source("responseVariable", "Auto-generate (Before processing)", "respondAfterProcessing", "false")[0]
		}), []receipt{{adt("A", "1"), 0, "T 1S", "RECEIVED AA|1"}, {adt("A", "1"), 0, "F", "RECEIVED AA|1"}}},
		{"by a script", both(hl7In, duplicates("duplicates", "script", "duplicateScript", "return /PID\\|1\\|\\|(\\d+)/.exec(message)[1]")),
			[]receipt{twice[0], {adt("B", "9"), 0, "F", "SENT AA|1"}}},
		{"a script without a key", both(hl7In, duplicates("duplicates", "script", "duplicateScript", "return ''")), anew},
		{"a script that fails", both(hl7In, duplicates("duplicates", "script", "duplicateScript", "throw 'no'")), anew},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, c.setup, func(r *rig) {
				for i, rec := range c.receipts {
					r.pass(rec.wait)
					reply := r.receive(rec.text)
					r.idle()
					if got := r.states(int64(i + 1)); got != rec.states {
						t.Errorf("message %d stands at %q, want %q", i+1, got, rec.states)
					}
					if got := ackOf(reply); got != rec.ack {
						t.Errorf("message %d is answered %q, want %q", i+1, got, rec.ack)
					}
				}
			})
		})
	}
}

// What is kept of a duplicate says of which message it is one.
func TestDuplicateSays(t *testing.T) {
	in(t, both(hl7In, duplicates("duplicates", "control id")), func(r *rig) {
		r.receive(adt("A", "1"))
		r.receive(adt("A", "1"))
		src := r.message(2).Connectors[0]
		from, _ := decodeMap(src.Text(weir.SourceMapContent))
		why, _ := decodeMap(src.Text(weir.ConnectorMapContent))
		if whole(from[duplicateOf]) != 1 || !strings.HasPrefix(fmt.Sprint(why[duplicateReason]), "The message is a duplicate of message 1, received ") {
			t.Errorf("source map %v, connector map %v", from, why)
		}
		if src.Text(weir.Raw) != adt("A", "1") {
			t.Errorf("raw is %q", src.Text(weir.Raw))
		}
		r.wantCounts("2/1/0/0 1/0/1/0")
	})
}

// A sender that was told to send again is not a duplicate; nor is what a user
// sends on purpose.
func TestDuplicateOfFailed(t *testing.T) {
	in(t, both(hl7In, duplicates("duplicates", "control id")), func(r *rig) {
		r.answer("D1", fails(1, sentOK))
		if got := ackOf(r.receive(adt("A", "1"))); !strings.HasPrefix(got, "ERROR AE|1") {
			t.Fatalf("answered %q", got)
		}
		r.receive(adt("A", "1"))
		r.wantStates(2, "T 1S")
		if _, err := r.Receive(context.Background(), weir.Inbound{Text: adt("A", "1"), Force: true}); err != nil {
			t.Fatal(err)
		}
		r.wantStates(3, "T 1S")
		r.receive(adt("A", "1"))
		r.wantStates(4, "F")
	})
}

// Of many at once one is processed; the others wait for its answer.
func TestDuplicatesAtOnce(t *testing.T) {
	in(t, both(hl7In, duplicates("duplicates", "control id"), func(c *weir.Channel) {
		c.Source.Settings[0].Group = append(c.Source.Settings[0].Group, source("processingThreads", "8")[0].Group...)
	}), func(r *rig) {
		release := make(chan struct{})
		r.answer("D1", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
			<-release
			return sentOK, nil
		})
		var senders sync.WaitGroup
		for range 8 {
			senders.Go(func() {
				if got := ackOf(r.receive(adt("A", "1"))); got != "SENT AA|1" {
					t.Errorf("answered %q", got)
				}
			})
		}
		r.idle()
		if n := len(r.deliveries()); n != 1 {
			t.Errorf("%d are being sent", n)
		}
		close(release)
		senders.Wait()
		r.wantCounts("8/7/0/0 1/0/1/0")
	})
}

// A message that was not kept is none that may come again.
func TestDuplicateOfNothing(t *testing.T) {
	in(t, both(hl7In, duplicates("duplicates", "control id")), func(r *rig) {
		r.store.onSave(func(n int, _ *store.Change) error {
			if n == 1 {
				return errors.New("the disk is full")
			}
			return nil
		})
		if _, err := r.Receive(context.Background(), weir.Inbound{Text: adt("A", "1")}); err == nil {
			t.Fatal("received without being kept")
		}
		r.receive(adt("A", "1"))
		r.wantStates(2, "T 1S")
	})
}

// After any number of saves the process ends, and the sender sends again, since it
// got no answer: the message is processed once.
func TestDuplicateAfterCrash(t *testing.T) {
	for _, late := range []bool{false, true} {
		saves := 99
		for cut := 0; cut <= saves; cut++ {
			t.Run(fmt.Sprintf("late=%v/%d", late, cut), func(t *testing.T) {
				in(t, both(responds("Auto-generate (Destinations completed)"), duplicates("duplicates", "script", "duplicateScript", "return message")), func(r *rig) {
					if reached := crash(r, cut, late); reached < cut {
						saves = reached
					}
					r.restart(true)
					r.pass(time.Minute)
					r.receive("x") // as crash had it received
					processed := 0
					list, err := r.store.Messages(context.Background(), store.Query{ChannelID: "c1"})
					if err != nil {
						t.Fatal(err)
					}
					for _, m := range list {
						if m.Connectors[0].Status == weir.Transformed {
							processed++
						} else if m.Connectors[0].Status != weir.Filtered {
							t.Errorf("message %d is %v", m.ID, m.Connectors[0].Status)
						}
					}
					if processed != 1 {
						t.Errorf("processed %d times\n%s", processed, r.log)
					}
				})
			})
		}
	}
}

// Each message of a batch has a key of its own, and what is handed over under a
// key is taken once as a whole.
func TestHandedOverOnce(t *testing.T) {
	in(t, responds("D1"), func(r *rig) {
		for range 2 {
			reply, err := r.Receive(context.Background(), weir.Inbound{Text: "text", Key: "k"})
			if err != nil || reply.MessageID != 1 {
				t.Fatalf("message %d, %v", reply.MessageID, err)
			}
		}
		r.wantSent("D1:1/1")
		r.wantCounts("1/0/0/0 1/0/1/0")
	})
}
