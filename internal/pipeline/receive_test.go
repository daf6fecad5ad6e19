package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

func TestPassThrough(t *testing.T) {
	in(t, responds("d1"), func(r *rig) {
		reply := r.receive("hello")
		if reply.MessageID != 1 || reply.Response == nil || *reply.Response != sentOK {
			t.Errorf("reply: %+v, response %+v", reply, reply.Response)
		}
		r.wantStates(1, "T 1S")
		r.wantTexts("hello")
		r.wantCounts("1/0/0/0 1/0/1/0")
		m := r.message(1)
		src, d := m.Connector(0), m.Connector(1)
		if src.SendAttempts != 1 || d.SendAttempts != 1 || d.SendDate.IsZero() || d.ChainID != 1 || d.OrderID != 1 {
			t.Errorf("source %+v\ndestination %+v", src, d)
		}
		if got := src.Text(weir.SourceMapContent); got != `{"destinationSet":[{"i":"1"}]}` {
			t.Errorf("source map: %s", got)
		}
	})
}

// A channel that does not run takes nothing, a paused one what a user sends.
func TestAccepts(t *testing.T) {
	in(t, nil, func(r *rig) {
		try := func(force bool) error {
			_, err := r.Receive(context.Background(), weir.Inbound{Text: "x", Force: force})
			return err
		}
		r.Pause(context.Background())
		if err := try(false); err == nil || !strings.Contains(err.Error(), "paused") {
			t.Errorf("paused: %v", err)
		}
		if err := try(true); err != nil {
			t.Errorf("paused, by force: %v", err)
		}
		r.Stop(context.Background())
		if err := try(true); err == nil || !strings.Contains(err.Error(), "stopped") {
			t.Errorf("stopped: %v", err)
		}
		r.Start(context.Background())
		if err := try(false); err != nil {
			t.Errorf("started: %v", err)
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := r.Receive(ended, weir.Inbound{Text: "x"}); !errors.Is(err, context.Canceled) {
			t.Errorf("ended context: %v", err)
		}
		r.wantSent("D1:1/1 D1:2/1")
	})
}

// Which response the sender gets.
func TestResponseSelection(t *testing.T) {
	const (
		before = "Auto-generate (Before processing)"
		after  = "Auto-generate (After source transformer)"
		done   = "Auto-generate (Destinations completed)"
		post   = "Postprocessor"
	)
	status := func(s weir.Status) *weir.Response { return &weir.Response{Status: s} }
	failing := says(weir.Response{Status: weir.Error, Message: "no", Error: "refused"})
	queued := func(id int) weir.Connector { return dest(id, "queueEnabled", "true") }
	for _, c := range []struct {
		name     string
		variable string
		setup    func(*weir.Channel)
		answers  map[string]answer
		want     *weir.Response
	}{
		{name: "none", variable: "None"},
		{name: "empty", variable: ""},
		{name: "before", variable: before, want: status(weir.Received)},
		{name: "before, filtered", variable: before, setup: filtered, want: status(weir.Received)},
		{name: "after", variable: after, want: status(weir.Transformed)},
		{name: "after, filtered", variable: after, setup: filtered, want: status(weir.Filtered)},
		{name: "after, failed", variable: after, setup: broken, want: status(weir.Error)},
		{name: "after, destination failed", variable: after, answers: map[string]answer{"D1": failing}, want: status(weir.Transformed)},
		{name: "done", variable: done, want: status(weir.Sent)},
		{name: "done, failed", variable: done, answers: map[string]answer{"D1": failing}, want: status(weir.Error)},
		{name: "done, source filtered", variable: done, setup: filtered, want: status(weir.Error)},
		{name: "done, source failed", variable: done, setup: broken, want: status(weir.Error)},
		{name: "done, queued", variable: done, setup: destinations(dest(1), queued(2)), want: status(weir.Queued)},
		{name: "done, queued and failed", variable: done, setup: destinations(dest(1), queued(2)),
			answers: map[string]answer{"D1": failing}, want: status(weir.Error)},
		{name: "done, sent and filtered", variable: done, setup: destinations(dest(1), withFilter(dest(2), "return false")), want: status(weir.Sent)},
		{name: "done, all filtered", variable: done, setup: destinations(withFilter(dest(1), "return false")), want: status(weir.Filtered)},
		{name: "done, one left out", variable: done, setup: both(destinations(dest(1), dest(2)), steps("destinationSet.remove(2)")), want: status(weir.Sent)},
		{name: "done, all left out", variable: done, setup: steps("destinationSet.removeAll()"), want: status(weir.Error)},
		{name: "done, no destinations", variable: done, setup: destinations(), want: status(weir.Sent)},
		{name: "done, chain ended", variable: done,
			setup: destinations(dest(1), withSteps(dest(2), "throw 'x'"), chained(dest(3))), want: status(weir.Error)},
		{name: "d1", variable: "d1", want: &sentOK},
		{name: "d1, failed", variable: "d1", answers: map[string]answer{"D1": failing},
			want: &weir.Response{Status: weir.Error, Message: "no", Error: "refused"}},
		{name: "d1, queued", variable: "d1", setup: destinations(queued(1)),
			want: &weir.Response{Status: weir.Queued, StatusMessage: "Message queued successfully"}},
		{name: "d1, filtered", variable: "d1", setup: destinations(withFilter(dest(1), "return false")),
			want: &weir.Response{Status: weir.Filtered, StatusMessage: "Message has been filtered"}},
		{name: "d2, which is not there", variable: "d2"},
		{name: "d1, response transformer failed", variable: "d1", setup: destinations(withResponse(dest(1), "throw 'x'"))},
		{name: "d1, response transformed", variable: "d1", setup: destinations(withResponse(dest(1), "msg = 'was ' + msg; responseStatusMessage = 'better'")),
			want: &weir.Response{Status: weir.Sent, Message: "was ok", StatusMessage: "better"}},
		{name: "map key", variable: "mine", setup: steps("responseMap.put('mine', 'text')"), want: &weir.Response{Status: weir.Sent, Message: "text"}},
		{name: "map key with a number", variable: "mine", setup: steps("responseMap.put('mine', 1)"), want: &weir.Response{Status: weir.Sent, Message: "1.0"}},
		{name: "map key with a response", variable: "mine", setup: steps("responseMap.put('mine', new Response(Status.ERROR, 'a', 'b', 'c'))"),
			want: &weir.Response{Status: weir.Error, Message: "a", StatusMessage: "b", Error: "c"}},
		{name: "map key with null", variable: "mine", setup: steps("responseMap.put('mine', null)")},
		{name: "map key of a destination", variable: "mine", setup: destinations(dest(1), withSteps(dest(2), "responseMap.put('mine', 'from 2')")),
			want: &weir.Response{Status: weir.Sent, Message: "from 2"}},
		{name: "postprocessor", variable: post, setup: postprocessor("return 'done'"), want: &weir.Response{Status: weir.Sent, Message: "done"}},
		{name: "postprocessor with a response", variable: post, setup: postprocessor("return ResponseFactory.getErrorResponse('bad')"),
			want: &weir.Response{Status: weir.Error, Message: "bad"}},
		{name: "postprocessor without", variable: post, setup: postprocessor("return;")},
		{name: "postprocessor after a filter", variable: post, setup: both(filtered, postprocessor("return 'done'")),
			want: &weir.Response{Status: weir.Sent, Message: "done"}},
		{name: "postprocessor failed", variable: post, setup: postprocessor("throw 'x'")},
		{name: "source queue, before", variable: before, setup: sourceQueue, want: status(weir.Received)},
		{name: "source queue, after", variable: after, setup: sourceQueue, want: status(weir.Received)},
		{name: "source queue, d1", variable: "d1", setup: sourceQueue},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(cfg *weir.Channel) {
				if c.setup != nil {
					c.setup(cfg)
				}
				cfg.Source.Settings = append(cfg.Source.Settings, source("responseVariable", c.variable)...)
				merge(cfg)
			}, func(r *rig) {
				for name, a := range c.answers {
					r.answer(name, a)
				}
				got := r.receive("text").Response
				if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
					t.Errorf("response\n got %v\nwant %v\n%s", got, c.want, r.log)
				}
				r.idle()
				src := r.message(1).Connector(0)
				if stored := src.Contents[weir.ResponseContent]; stored.Set != (got != nil) {
					t.Errorf("the stored response is %q", stored.Text)
				} else if got != nil {
					if back, err := decodeResponse(stored.Text); err != nil || back != *got {
						t.Errorf("the stored response is %v, %v", back, err)
					}
				}
			})
		})
	}
}

// The acknowledgment that HL7 v2 makes answers the message as received.
func TestAcknowledgments(t *testing.T) {
	const message = "MSH|^~\\&|LAB|HOSP|EHR|CLIN|202401010000||ADT^A01|77|T|2.5\rPID|1\r"
	for _, c := range []struct {
		name     string
		variable string
		text     string
		setup    func(*weir.Channel)
		want     string // MSA; empty: nothing is sent back
	}{
		{"accepted", "Auto-generate (After source transformer)", message, nil, "MSA|AA|77\r"},
		{"changed by the preprocessor", "Auto-generate (After source transformer)", message,
			func(c *weir.Channel) { c.Preprocessor = "return message.replace('|77|', '|78|')" }, "MSA|AA|77\r"},
		{"filtered", "Auto-generate (After source transformer)", message, filtered, "MSA|AR|77|Message Rejected.\r"},
		{"failed", "Auto-generate (After source transformer)", message, broken, "MSA|AE|77|An Error Occurred Processing Message.\r"},
		{"failed, but answered before", "Auto-generate (Before processing)", message, broken, "MSA|AA|77\r"},
		{"destination failed", "Auto-generate (Destinations completed)", message,
			destinations(withSteps(dest(1), "throw 'x'")), "MSA|AE|77|An Error Occurred Processing Message.\r"},
		{"not HL7", "Auto-generate (After source transformer)", "hello", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, both(func(cfg *weir.Channel) {
				cfg.Source.Transformer = hl7ToHL7()
				cfg.Source.Settings = source("responseVariable", c.variable)
			}, orNothing(c.setup)), func(r *rig) {
				got := r.receive(c.text).Response
				if c.want == "" {
					if got != nil {
						t.Errorf("response %v", got)
					}
				} else if got == nil || !strings.HasSuffix(got.Message, c.want) {
					t.Errorf("response %+v, want %q", got, c.want)
				}
			})
		})
	}
}

// merge puts the settings of all groups with one name into the first.
func merge(c *weir.Channel) {
	g := c.Source.Settings
	for _, more := range g[1:] {
		g[0].Group = append(g[0].Group, more.Group...)
	}
	c.Source.Settings = g[:1]
}

func filtered(c *weir.Channel) { c.Source.Filter = js("return false") }
func broken(c *weir.Channel)   { c.Source.Transformer.Steps = js("throw 'broken'") }
func steps(code string) func(*weir.Channel) {
	return func(c *weir.Channel) { c.Source.Transformer.Steps = js(code) }
}
func postprocessor(code string) func(*weir.Channel) {
	return func(c *weir.Channel) { c.Postprocessor = code }
}
func sourceQueue(c *weir.Channel) { c.Source.Settings = source("respondAfterProcessing", "false") }

// Where the first save fails the sender is told, and nothing is delivered.
func TestFirstSaveFails(t *testing.T) {
	for name, setup := range map[string]func(*weir.Channel){"at once": nil, "source queue": sourceQueue} {
		t.Run(name, func(t *testing.T) {
			in(t, setup, func(r *rig) {
				r.store.onSave(func(n int, _ *store.Change) error {
					if n == 1 {
						return errors.New("disk full")
					}
					return nil
				})
				_, err := r.Receive(context.Background(), weir.Inbound{Text: "lost"})
				if err == nil || !strings.Contains(err.Error(), "disk full") || strings.Contains(err.Error(), "lost") {
					t.Errorf("error: %v", err)
				}
				r.receive("kept")
				r.idle()
				r.wantTexts("kept")
				r.wantCounts("1/0/0/0 1/0/1/0")
			})
		})
	}
}

// What has happened is saved, however long the store refuses; the reply waits.
func TestLaterSavesAreRetried(t *testing.T) {
	in(t, responds("d1"), func(r *rig) {
		r.store.onSave(func(n int, _ *store.Change) error {
			if n > 1 {
				return errors.New("disk full")
			}
			return nil
		})
		replied := make(chan weir.Reply, 1)
		go func() { replied <- r.receive("a") }()
		r.pass(10 * saveRetry)
		select {
		case <-replied:
			t.Error("the reply went out before the message was saved")
		default:
		}
		r.wantStates(1, "R unfinished")
		r.store.onSave(nil)
		r.pass(saveRetry)
		if reply := <-replied; *reply.Response != sentOK {
			t.Errorf("reply: %v", reply.Response)
		}
		r.wantStates(1, "T 1S")
		r.wantSent("D1:1/1")
		r.wantCounts("1/0/0/0 1/0/1/0")
		if n := strings.Count(r.log.String(), "cannot be saved"); n != 1 {
			t.Errorf("the failure was logged %d times", n)
		}
	})
}

// A reply that could not be delivered is recorded beside everything else.
func TestReplyFailed(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(*weir.Channel)
		raw   string
	}{
		{"kept", responds("d1"), "a"},
		{"removed", both(responds("d1"), func(c *weir.Channel) { c.Properties.RemoveContentOnCompletion = true }), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, c.setup, func(r *rig) {
				r.receive("a").Failed(errors.New("the sender has gone"))
				src := r.message(1).Connector(0)
				if src.Text(weir.ResponseError) != "the sender has gone" || src.Errors() != 4 || src.Text(weir.Raw) != c.raw {
					t.Errorf("source: errors %d, %q, raw %q", src.Errors(), src.Text(weir.ResponseError), src.Text(weir.Raw))
				}
				r.wantStates(1, "T 1S")
				r.wantCounts("1/0/0/0 1/0/1/0")
			})
		})
	}
}

// With one processing thread messages are processed in order of their ids, one
// at a time; with more, side by side.
func TestProcessingThreads(t *testing.T) {
	for threads := 1; threads <= 3; threads++ {
		t.Run(fmt.Sprint(threads), func(t *testing.T) {
			in(t, func(c *weir.Channel) {
				c.Source.Settings = source("processingThreads", fmt.Sprint(threads))
			}, func(r *rig) {
				inside, most := 0, 0
				release := make(chan struct{})
				r.answer("D1", func(context.Context, delivery, *weir.Outbound) (weir.Response, error) {
					r.mu.Lock()
					inside++
					most = max(most, inside)
					r.mu.Unlock()
					<-release
					r.mu.Lock()
					inside--
					r.mu.Unlock()
					return sentOK, nil
				})
				done := make(chan bool)
				for range 6 {
					go func() { r.receive("x"); done <- true }()
				}
				synctest.Wait()
				close(release)
				for range 6 {
					<-done
				}
				if most != threads {
					t.Errorf("%d were processed at once, want %d", most, threads)
				}
				if threads == 1 {
					r.wantSent("D1:1/1 D1:2/1 D1:3/1 D1:4/1 D1:5/1 D1:6/1")
				}
			})
		})
	}
}
