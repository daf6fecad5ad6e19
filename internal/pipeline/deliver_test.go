package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Outcomes of one destination, by its queue settings and what it meets.
func TestDelivery(t *testing.T) {
	failing := says(weir.Response{Status: weir.Error, StatusMessage: "no", Error: "refused"})
	queue := []string{"queueEnabled", "true", "retryIntervalMillis", "1000"}
	first := append(slices.Clone(queue), "sendFirst", "true")
	for _, c := range []struct {
		name     string
		settings []string
		answer   answer
		states   string // when Receive has returned and nothing can move
		sent     string
		later    string // states after a minute
		sentAll  string
	}{
		{"never, sent", nil, nil, "T 1S", "D1:1/1", "T 1S", "D1:1/1"},
		{"never, failed", nil, failing, "T 1E", "D1:1/1", "T 1E", "D1:1/1"},
		{"never, error returned", nil, fails(9, sentOK), "T 1E", "D1:1/1", "T 1E", "D1:1/1"},
		{"never, retried in vain", []string{"retryCount", "2", "retryIntervalMillis", "1000"}, fails(9, sentOK), "", "", "T 1E", "D1:1/1 D1:1/2 D1:1/3"},
		{"never, retried until sent", []string{"retryCount", "3", "retryIntervalMillis", "1000"}, fails(2, sentOK), "", "", "T 1S", "D1:1/1 D1:1/2 D1:1/3"},
		{"always, sent", queue, nil, "T 1S", "D1:1/1", "T 1S", "D1:1/1"},
		{"always, down for some time", queue, fails(3, sentOK), "T 1Q", "D1:1/1", "T 1S", "D1:1/1 D1:1/2 D1:1/3 D1:1/4"},
		{"always, refused leaves the queue", queue, failing, "T 1E", "D1:1/1", "T 1E", "D1:1/1"},
		{"on failure, sent", first, nil, "T 1S", "D1:1/1", "T 1S", "D1:1/1"},
		{"on failure, down for some time", first, fails(2, sentOK), "T 1Q", "D1:1/1", "T 1S", "D1:1/1 D1:1/2 D1:1/3"},
		{"on failure, refused is not queued", first, failing, "T 1E", "D1:1/1", "T 1E", "D1:1/1"},
		{"on failure, retried before it is queued", append(slices.Clone(first), "retryCount", "1"), fails(2, sentOK), "", "", "T 1S", "D1:1/1 D1:1/2 D1:1/3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, destinations(dest(1, c.settings...)), func(r *rig) {
				if c.answer != nil {
					r.answer("D1", c.answer)
				}
				r.receive("text")
				r.idle()
				if c.states != "" {
					r.wantStates(1, c.states)
					r.wantSent(c.sent)
				}
				r.pass(time.Minute)
				r.wantStates(1, c.later)
				r.wantSent(c.sentAll)
				sent := r.deliveries()
				for i := 1; i < len(sent); i++ {
					if gap := sent[i].at.Sub(sent[i-1].at); gap != time.Second {
						t.Errorf("attempt %d came %v after the one before, want the retry interval", i+1, gap)
					}
				}
				d := r.message(1).Connector(1)
				if d.SendAttempts != len(sent) || !d.SendDate.Equal(sent[0].at) || !d.ResponseDate.Equal(sent[len(sent)-1].at) {
					t.Errorf("attempts %d, sent %v, answered %v", d.SendAttempts, d.SendDate, d.ResponseDate)
				}
				// Errors of attempts before the last are not left behind.
				if d.Status == weir.Sent && (d.Errors() != 0 || d.Text(weir.ProcessingError) != "") {
					t.Errorf("a sent message has the error %q", d.Text(weir.ProcessingError))
				}
				if d.Status == weir.Error && d.Text(weir.ProcessingError) == "" {
					t.Error("a failed message has no error")
				}
			})
		})
	}
}

func TestErrorTexts(t *testing.T) {
	in(t, nil, func(r *rig) {
		r.answer("D1", fails(1, sentOK))
		r.receive("text")
		d := r.message(1).Connector(1)
		got, err := decodeResponse(d.Text(weir.ResponseContent))
		want := weir.Response{Status: weir.Error, StatusMessage: "connection refused", Error: "Channel, D1: connection refused"}
		if err != nil || got != want {
			t.Errorf("response\n got %+v\nwant %+v", got, want)
		}
		if d.Text(weir.ProcessingError) != want.Error {
			t.Errorf("processing error %q", d.Text(weir.ProcessingError))
		}
	})
}

// A message behind others waits for them; with rotation it does not.
func TestQueueOrder(t *testing.T) {
	bad := func(ctx context.Context, d delivery, _ *weir.Outbound) (weir.Response, error) {
		if d.text == "bad" && d.attempt < 3 {
			return weir.Response{}, errors.New("down")
		}
		return sentOK, nil
	}
	for _, c := range []struct {
		name     string
		settings []string
		texts    []string
		want     string
	}{
		{"in order", nil, []string{"bad", "b", "c"}, "D1:1/1 D1:1/2 D1:1/3 D1:2/1 D1:3/1"},
		{"in order past the window", []string{"queueBufferSize", "2"}, []string{"bad", "b", "c", "d", "e"}, "D1:1/1 D1:1/2 D1:1/3 D1:2/1 D1:3/1 D1:4/1 D1:5/1"},
		{"rotating", []string{"rotate", "true"}, []string{"bad", "b", "c"}, "D1:1/1 D1:2/1 D1:3/1 D1:1/2 D1:1/3"},
		{"rotating, two are bad", []string{"rotate", "true"}, []string{"bad", "bad", "c"}, "D1:1/1 D1:2/1 D1:3/1 D1:1/2 D1:2/2 D1:1/3 D1:2/3"},
		{"rotating past the window", []string{"rotate", "true", "queueBufferSize", "1"}, []string{"bad", "bad", "c", "d"},
			"D1:1/1 D1:2/1 D1:3/1 D1:4/1 D1:1/2 D1:2/2 D1:1/3 D1:2/3"},
		{"on failure, behind what waits", []string{"sendFirst", "true"}, []string{"bad", "b"}, "D1:1/1 D1:1/2 D1:1/3 D1:2/1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, destinations(dest(1, append([]string{"queueEnabled", "true"}, c.settings...)...)), func(r *rig) {
				gate := make(chan bool)
				r.answer("D1", func(ctx context.Context, d delivery, m *weir.Outbound) (weir.Response, error) {
					<-gate
					return bad(ctx, d, m)
				})
				received := make(chan bool)
				go func() {
					for _, text := range c.texts {
						r.receive(text)
					}
					close(received)
				}()
				if !slices.Contains(c.settings, "sendFirst") {
					<-received
				}
				close(gate)
				<-received
				r.pass(10 * time.Minute)
				r.wantSent(c.want)
				for id := range c.texts {
					r.wantStates(int64(id+1), "T 1S")
				}
				if n := r.destinations[0].queue.length(); n != 0 {
					t.Errorf("%d wait", n)
				}
			})
		})
	}
}

// Rotation waits once a round, not once for each message.
func TestRotationWaitsOncePerRound(t *testing.T) {
	in(t, destinations(dest(1, "queueEnabled", "true", "rotate", "true", "retryIntervalMillis", "1000")), func(r *rig) {
		gate, down := make(chan bool), fails(6, sentOK)
		r.answer("D1", func(ctx context.Context, d delivery, m *weir.Outbound) (weir.Response, error) {
			<-gate
			return down(ctx, d, m)
		})
		for range 3 {
			r.receive("x")
		}
		close(gate)
		begin := time.Now()
		r.pass(time.Minute)
		var at []string
		for _, d := range r.deliveries() {
			at = append(at, fmt.Sprint(d.id, "@", d.at.Sub(begin).Seconds()))
		}
		if got, want := strings.Join(at, " "), "1@0 2@0 3@0 1@1 2@1 3@1 1@2 2@2 3@2"; got != want {
			t.Errorf("sent\n got %s\nwant %s", got, want)
		}
	})
}

// Threads send side by side; a value of the thread variable stays with one.
func TestQueueThreads(t *testing.T) {
	in(t, both(
		steps("channelMap.put('who', String(msg).charAt(0))"),
		destinations(dest(1, "queueEnabled", "true", "threadCount", "3", "threadAssignmentVariable", "who")),
	), func(r *rig) {
		hold := make(chan bool)
		r.answer("D1", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) { <-hold; return sentOK, nil })
		for _, text := range strings.Fields("a1 a2 b1 c1 b2 a3 d1 d2 c2") {
			r.receive(text)
		}
		r.idle()
		if n := len(r.deliveries()); n != 3 {
			t.Errorf("%d are sent at once, want 3", n)
		}
		close(hold)
		r.idle()
		last, thread := map[byte]string{}, map[byte]int{}
		for _, d := range r.deliveries() {
			who := d.text[0]
			if d.text < last[who] {
				t.Errorf("%s came after %s", d.text, last[who])
			}
			if n, ok := thread[who]; ok && n != d.thread {
				t.Errorf("%s was sent by thread %d, others of %c by %d", d.text, d.thread, who, n)
			}
			last[who], thread[who] = d.text, d.thread
		}
		if thread['a'] != 0 || thread['b'] != 1 || thread['c'] != 2 {
			t.Errorf("threads: %v", thread)
		}
		if len(r.deliveries()) != 9 {
			t.Errorf("%d deliveries", len(r.deliveries()))
		}
	})
}

// What a queued message is sent as: as it was, with variables of now, or made
// anew from its beginning.
func TestQueueTemplates(t *testing.T) {
	for _, c := range []struct {
		name       string
		regenerate string
		include    string
		want       []string
	}{
		{"as it was", "false", "false", []string{"x+1 1", "x+1 1"}},
		{"variables anew", "true", "false", []string{"x+1 1", "x+1 2"}},
		{"filter and transformer anew", "true", "true", []string{"x+1 1", "x+2 2"}},
		{"filter and transformer need variables anew", "false", "true", []string{"x+1 1", "x+1 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := withSteps(dest(1, "queueEnabled", "true", "regenerateTemplate", c.regenerate, "includeFilterTransformer", c.include,
				"own text", "${message.encodedData} ${now}"), "msg = msg + '+' + globalMap.get('now')")
			in(t, destinations(d), func(r *rig) {
				r.engine.Global.Put("now", "1")
				r.answer("D1", func(_ context.Context, d delivery, _ *weir.Outbound) (weir.Response, error) {
					if d.attempt == 1 {
						r.engine.Global.Put("now", "2")
						return weir.Response{}, errors.New("down")
					}
					return sentOK, nil
				})
				r.receive("x")
				r.pass(time.Minute)
				r.wantTexts(c.want...)
				r.wantStates(1, "T 1S")
			})
		})
	}
}

// A queued message whose filter runs on the queue leaves it when it is filtered.
func TestQueueFilters(t *testing.T) {
	for code, want := range map[string]string{"return false": "T 1F", "throw 'x'": "T 1E", "return true": "T 1S"} {
		t.Run(code, func(t *testing.T) {
			d := withFilter(dest(1, "queueEnabled", "true", "regenerateTemplate", "true", "includeFilterTransformer", "true"), code)
			in(t, both(destinations(d), responds("d1")), func(r *rig) {
				if got := r.receive("x").Response; got.Status != weir.Queued {
					t.Errorf("response %v", got)
				}
				r.pass(time.Minute)
				r.wantStates(1, want)
				if n := r.destinations[0].queue.length(); n != 0 {
					t.Errorf("%d wait", n)
				}
			})
		})
	}
}

// Queued untransformed by settings that the channel no longer has.
func TestQueuedUntransformed(t *testing.T) {
	in(t, destinations(dest(1, "queueEnabled", "true", "regenerateTemplate", "true", "includeFilterTransformer", "true")), func(r *rig) {
		r.answer("D1", hangs)
		r.receive("x")
		r.idle()
		if err := r.Halt(); err != nil {
			t.Error(err)
		}
		r.cfg.Destinations = []weir.Connector{dest(1, "queueEnabled", "true")}
		r.store.onSave(nil)
		r.answer("D1", nil)
		m := r.message(1)
		if m.Connector(1).Contents[weir.Encoded].Set {
			// It was transformed for the attempt that was cut; see to one that was not.
			c := m.Connector(1)
			c.Contents[weir.Encoded] = weir.Content{}
			err := r.store.Save(context.Background(), &store.Change{Message: m, Connectors: []store.ConnectorChange{{Connector: c, Slot: 1, Contents: []weir.ContentType{weir.Encoded}}}})
			if err != nil {
				t.Fatal(err)
			}
		}
		r.restart(false)
		r.pass(time.Minute)
		r.wantStates(1, "T 1E?")
		if e := r.message(1).Connector(1).Text(weir.ProcessingError); !strings.Contains(e, "queued untransformed") {
			t.Errorf("error %q", e)
		}
	})
}

// PENDING is on disk before a response transformer runs, in the queue too.
func TestPendingComesFirst(t *testing.T) {
	for name, d := range map[string]weir.Connector{
		"at once": dest(1), "queue": dest(1, "queueEnabled", "true"), "chain": chained(dest(1)),
	} {
		t.Run(name, func(t *testing.T) {
			in(t, destinations(withResponse(d, "msg = msg + '!'")), func(r *rig) {
				var saved []string
				r.store.onSave(func(_ int, c *store.Change) error {
					for _, cc := range c.Connectors {
						if cc.Connector.MetaDataID == 1 {
							saved = append(saved, cc.Connector.Status.String()+map[bool]string{true: " lazily"}[c.Lazy])
						}
					}
					return nil
				})
				r.receive("x")
				r.idle()
				r.wantStates(1, "T 1S")
				want := "PENDING SENT"
				if name == "queue" {
					want = "QUEUED PENDING SENT"
				}
				if got := strings.Join(saved, " "); got != want {
					t.Errorf("saved %s, want %s", got, want)
				}
				d := r.message(1).Connector(1)
				if got, _ := decodeResponse(d.Text(weir.ProcessedResponse)); got.Message != "ok!" || d.Text(weir.ResponseTransformed) != "ok!" {
					t.Errorf("processed response %+v, transformed %q", got, d.Text(weir.ResponseTransformed))
				}
				r.wantCounts("1/0/0/0 1/0/1/0")
			})
		})
	}
}

// The remote system's acknowledgment decides, where the destination asks.
func TestValidation(t *testing.T) {
	const message = "MSH|^~\\&|A|B|C|D|202401010000||ADT^A01|77|P|2.5\r"
	ack := func(code, id string) weir.Response {
		return weir.Response{Status: weir.Sent, Message: "MSH|^~\\&|C|D|A|B|1||ACK|1|P|2.5\rMSA|" + code + "|" + id + "\r"}
	}
	for _, c := range []struct {
		name     string
		settings []string
		answer   weir.Response
		want     string
	}{
		{"accepted", nil, ack("AA", "77"), "T 1S"},
		{"refused", nil, ack("AE", "77"), "T 1E"},
		{"refused, not queued", []string{"queueEnabled", "true"}, ack("AR", "77"), "T 1E"},
		{"refused, not queued, sent first", []string{"queueEnabled", "true", "sendFirst", "true"}, ack("AR", "77"), "T 1E"},
		{"of another message", []string{"queueEnabled", "true"}, ack("AA", "78"), "T 1E"},
		{"empty is tried again", []string{"queueEnabled", "true"}, weir.Response{Status: weir.Sent}, "T 1Q"},
		{"empty, without a queue", nil, weir.Response{Status: weir.Sent}, "T 1E"},
		{"nonsense is tried again", []string{"queueEnabled", "true"}, weir.Response{Status: weir.Sent, Message: "hello"}, "T 1Q"},
		{"not asked for", []string{"validateResponse", "false"}, ack("AE", "77"), "T 1S"},
		{"no answer asked for", nil, weir.Response{Status: weir.Sent, NoAnswer: true}, "T 1S"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := dest(1, append(c.settings, "validateResponse", "true")...)
			d.Transformer, d.ResponseTransformer = hl7ToHL7(), hl7ToHL7()
			in(t, func(cfg *weir.Channel) {
				cfg.Source.Transformer = hl7ToHL7()
				cfg.Destinations = []weir.Connector{d}
			}, func(r *rig) {
				r.answer("D1", says(c.answer))
				r.receive(message)
				r.idle()
				r.wantStates(1, c.want)
				if got, _ := decodeResponse(r.message(1).Connector(1).Text(weir.ResponseContent)); got.Message != c.answer.Message {
					t.Errorf("stored response %+v", got)
				}
			})
		})
	}
}
