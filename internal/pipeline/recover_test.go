package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// After any number of saves the process ends. Whatever had been delivered by
// then, the next start brings the message to the same end, delivers nothing
// twice without saying so, and counts exactly.
func TestCrash(t *testing.T) {
	queue := []string{"queueEnabled", "true", "retryIntervalMillis", "1000"}
	for _, c := range []struct {
		name   string
		setup  func(*weir.Channel)
		want   string // states, without marks of doubt
		counts string
	}{
		{"one destination", nil, "T 1S", "1/0/0/0 1/0/1/0"},
		{"source queue", sourceQueue, "T 1S", "1/0/0/0 1/0/1/0"},
		{"chain", destinations(dest(1), chained(dest(2)), chained(dest(3))), "T 1S 2S 3S", "1/0/0/0 1/0/1/0 1/0/1/0 1/0/1/0"},
		{"two chains", destinations(dest(1), chained(dest(2)), dest(3)), "T 1S 2S 3S", "1/0/0/0 1/0/1/0 1/0/1/0 1/0/1/0"},
		{"filtered in a chain", destinations(dest(1), chained(withFilter(dest(2), "return false")), chained(dest(3))),
			"T 1S 2F 3S", "1/0/0/0 1/0/1/0 1/1/0/0 1/0/1/0"},
		{"queue", destinations(dest(1, queue...)), "T 1S", "1/0/0/0 1/0/1/0"},
		{"queue, sent first", destinations(dest(1, append(queue, "sendFirst", "true")...)), "T 1S", "1/0/0/0 1/0/1/0"},
		{"queue and chain", destinations(dest(1, queue...), chained(dest(2)), dest(3, queue...)), "T 1S 2S 3S", "1/0/0/0 1/0/1/0 1/0/1/0 1/0/1/0"},
		{"response transformer", destinations(withResponse(dest(1), "msg = '!'")), "T 1S", "1/0/0/0 1/0/1/0"},
		{"response transformer in a chain", destinations(withResponse(dest(1), "msg = '!'"), chained(dest(2))), "T 1S 2S", "1/0/0/0 1/0/1/0 1/0/1/0"},
		{"response transformer in a queue", destinations(withResponse(dest(1, queue...), "msg = '!'")), "T 1S", "1/0/0/0 1/0/1/0"},
		{"response transformers in two queues", destinations(withResponse(dest(1, queue...), "msg = '!'"), withResponse(dest(2, queue...), "msg = '!'")),
			"T 1S 2S", "1/0/0/0 1/0/1/0 1/0/1/0"},
		{"everything, from a source queue", both(sourceQueue, destinations(withResponse(dest(1, queue...), "msg = '!'"), chained(dest(2)), dest(3)),
			steps("channelMap.put('x', 1)")), "T 1S 2S 3S", "1/0/0/0 1/0/1/0 1/0/1/0 1/0/1/0"},
		{"destination set", both(destinations(dest(1), chained(dest(2)), dest(3)), steps("destinationSet.remove(2)")), "T 1S 3S", "1/0/0/0 1/0/1/0 0/0/0/0 1/0/1/0"},
	} {
		for _, late := range []bool{false, true} {
			saves := 99
			for cut := 1; cut <= saves; cut++ {
				t.Run(fmt.Sprintf("%s/late=%v/%d", c.name, late, cut), func(t *testing.T) {
					in(t, c.setup, func(r *rig) {
						reached := crash(r, cut, late)
						if reached < cut {
							saves = reached // the message was done before
						}
						before := len(r.deliveries())
						r.restart(true)
						r.pass(time.Minute)
						if got := strings.ReplaceAll(r.states(1), "?", ""); got != c.want {
							t.Errorf("states %q, want %q; deliveries %v\n%s", got, c.want, r.deliveries(), r.log)
						}
						r.wantCounts(c.counts)
						seen := map[string]bool{}
						for i, d := range r.deliveries() {
							if i >= before && seen[d.dest] && !d.maybe {
								t.Errorf("delivered again without a mark: %v, %d before the crash", r.deliveries(), before)
							}
							if i < before && d.maybe {
								t.Errorf("marked without need: %v", d)
							}
							seen[d.dest] = true
						}
						if n := strings.Count(c.want, "S"); len(seen) != n {
							t.Errorf("delivered to %d destinations, want %d", len(seen), n)
						}
						for _, cm := range r.message(1).Connectors[1:] {
							if marked := cm.Doubtful; cm.Status == weir.Sent && marked != wasMarked(r, cm.ConnectorName) {
								t.Errorf("%s is marked as doubtful: %v, deliveries %v", cm.ConnectorName, marked, r.deliveries())
							}
						}
						for _, d := range r.destinations {
							if d.queue != nil && d.queue.length() != 0 {
								t.Errorf("%d wait for %s", d.queue.length(), d.cfg.Name)
							}
						}
					})
				})
			}
		}
	}
}

func wasMarked(r *rig, dest string) bool {
	for _, d := range r.deliveries() {
		if d.dest == dest && d.maybe {
			return true
		}
	}
	return false
}

// crash has one message processed by a process that ends after its cut-th save.
// With late what it does goes on although nothing is saved any more; otherwise
// it does nothing any more. It returns how many saves there were.
func crash(r *rig, cut int, late bool) (reached int) {
	dead := make(chan struct{})
	n := 0
	r.store.onSave(func(_ int, c *store.Change) error {
		r.store.mu.Lock()
		over := n == cut
		if !over {
			n++
		}
		r.store.mu.Unlock()
		if !over {
			return nil
		}
		if !late {
			<-dead // never
		}
		return store.ErrClosed
	})
	before := maps.Clone(r.answers)
	for _, d := range r.cfg.Destinations {
		r.answer(d.Name, func(ctx context.Context, call delivery, m *weir.Outbound) (weir.Response, error) {
			r.store.mu.Lock()
			gone := n == cut && !late
			r.store.mu.Unlock()
			if gone {
				<-ctx.Done()
				return weir.Response{}, ctx.Err()
			}
			if answer := before[d.Name]; answer != nil {
				return answer(ctx, call, m)
			}
			return sentOK, nil
		})
	}
	go r.Receive(context.Background(), weir.Inbound{Text: "x"})
	r.pass(time.Minute)
	close(dead)
	r.Halt() // the goroutines have to end; what they save is refused
	r.store.onSave(nil)
	for _, d := range r.cfg.Destinations {
		r.answer(d.Name, before[d.Name])
	}
	return n
}

// A message whose first save has failed is not there after a crash either.
func TestCrashBeforeTheFirstSave(t *testing.T) {
	in(t, nil, func(r *rig) {
		crash(r, 0, false)
		r.restart(true)
		r.wantSent("")
		r.wantCounts("0/0/0/0 0/0/0/0")
	})
}

// Halting cuts sends and scripts short. What was cut is no error: the next start
// finishes it, and marks what may have been sent.
func TestHalt(t *testing.T) {
	loop := "logger.info('looping'); while (true) {}"
	for _, c := range []struct {
		name    string
		setup   func(*weir.Channel)
		answers map[string]answer
		halted  string
		mended  func(*weir.Channel)
		want    string
		sent    string
	}{
		{"in a send", nil, map[string]answer{"D1": hangs}, "T 1R? unfinished", nil, "T 1S?", "D1:1/1 D1:1/2?"},
		{"in a queued send", destinations(dest(1, "queueEnabled", "true")), map[string]answer{"D1": hangs}, "T 1Q?", nil, "T 1S?", "D1:1/1 D1:1/2?"},
		{"between retries", destinations(dest(1, "retryCount", "9", "retryIntervalMillis", "9999999")), map[string]answer{"D1": fails(1, sentOK)},
			"T 1R unfinished", nil, "T 1S", "D1:1/1 D1:1/2"},
		{"later in a chain", destinations(dest(1), chained(dest(2))), map[string]answer{"D2": hangs}, "T 1S 2R? unfinished", nil, "T 1S 2S?", "D1:1/1 D2:1/1 D2:1/2?"},
		{"in the source's script", steps(loop), nil, "R unfinished", steps(""), "T 1S", "D1:1/1"},
		{"in the preprocessor", func(c *weir.Channel) { c.Preprocessor = loop }, nil, "R unfinished", func(c *weir.Channel) { c.Preprocessor = "" }, "T 1S", "D1:1/1"},
		{"in a destination's script", destinations(withSteps(dest(1), loop)), nil, "T 1R unfinished", destinations(dest(1)), "T 1S", "D1:1/1"},
		{"in the postprocessor", postprocessor(loop), nil, "T 1S unfinished", postprocessor(""), "T 1S", "D1:1/1"},
		{"in a response transformer", destinations(withResponse(dest(1), loop)), nil, "T 1P unfinished", destinations(withResponse(dest(1), "1")), "T 1S", "D1:1/1"},
		{"in a queued response transformer", destinations(withResponse(dest(1, "queueEnabled", "true"), loop)), nil, "T 1P", destinations(withResponse(dest(1, "queueEnabled", "true"), "1")), "T 1S", "D1:1/1"},
		{"in the source queue", sourceQueue, map[string]answer{"D1": hangs}, "T 1R? unfinished", nil, "T 1S?", "D1:1/1 D1:1/2?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, c.setup, func(r *rig) {
				for name, a := range c.answers {
					r.answer(name, a)
				}
				done := make(chan error, 1)
				go func() {
					_, err := r.Receive(context.Background(), weir.Inbound{Text: "x"})
					done <- err
				}()
				if strings.Contains(c.name, "script") || strings.Contains(c.name, "processor") || strings.Contains(c.name, "response transformer") {
					<-r.said // the script is running, and burns time that the bubble does not see
				} else {
					r.idle()
				}
				r.Halt()
				if err := <-done; err == nil && strings.Contains(c.halted, "unfinished") && c.name != "in the source queue" {
					t.Error("Receive claims that an unfinished message is done")
				}
				r.wantStates(1, c.halted)
				for name := range c.answers {
					r.answer(name, nil)
				}
				if c.mended != nil {
					c.mended(&r.cfg)
				}
				r.restart(false)
				r.pass(time.Minute)
				r.wantStates(1, c.want)
				r.wantSent(c.sent)
				r.wantCounts("1/0/0/0 1/0/1/0" + strings.Repeat(" 1/0/1/0", len(r.cfg.Destinations)-1))
			})
		})
	}
}

// Stopping waits for what is in hand, as long as it may.
func TestStop(t *testing.T) {
	in(t, destinations(dest(1), dest(2, "queueEnabled", "true")), func(r *rig) {
		slow := func(ctx context.Context, _ delivery, _ *weir.Outbound) (weir.Response, error) {
			select {
			case <-time.After(10 * time.Second):
				return sentOK, nil
			case <-ctx.Done():
				return weir.Response{}, ctx.Err()
			}
		}
		r.answer("D1", slow)
		r.answer("D2", slow)
		go r.Receive(context.Background(), weir.Inbound{Text: "x"})
		r.idle()
		begin := time.Now()
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if d := time.Since(begin); d < 10*time.Second || d > 20*time.Second {
			t.Errorf("stopping took %v", d)
		}
		r.wantStates(1, "T 1S 2Q")
		if err := r.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		r.idle()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		begin = time.Now()
		r.Stop(ctx)
		if d := time.Since(begin); d != time.Second {
			t.Errorf("stopping took %v, its deadline was 1s", d)
		}
		r.wantStates(1, "T 1S 2Q?")
		if s := r.State(); s != weir.Stopped {
			t.Errorf("state %s", s)
		}
	})
}

// A message that somebody removes while it waits does not hold up its queue.
func TestRemovedWhileQueued(t *testing.T) {
	in(t, destinations(dest(1, "queueEnabled", "true")), func(r *rig) {
		r.answer("D1", func(_ context.Context, d delivery, _ *weir.Outbound) (weir.Response, error) {
			if d.id == 1 {
				r.store.onSave(func(_ int, c *store.Change) error {
					if c.Message.ID == 1 {
						return fmt.Errorf("save message 1: %w", store.ErrNotFound)
					}
					return nil
				})
			}
			return sentOK, nil
		})
		r.receive("a")
		r.receive("b")
		r.pass(time.Minute)
		r.wantSent("D1:1/1 D1:2/1")
		r.wantStates(2, "T 1S")
	})
}

func TestStartFails(t *testing.T) {
	in(t, nil, func(r *rig) {
		r.Stop(context.Background())
		r.sourceErr = errors.New("port in use")
		if err := r.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "port in use") {
			t.Errorf("error %v", err)
		}
		if r.open != 0 || r.State() != weir.Stopped {
			t.Errorf("%d destinations are open, state %s", r.open, r.State())
		}
		r.sourceErr = nil
		if err := r.Start(context.Background()); err != nil {
			t.Errorf("second start: %v", err)
		}
		r.receive("x")
	})
}

func TestInitialState(t *testing.T) {
	in(t, func(c *weir.Channel) { c.Properties.InitialState = weir.Paused }, func(r *rig) {
		if r.State() != weir.Paused || r.running != 0 || r.open != 1 {
			t.Errorf("state %s, %d sources, %d destinations", r.State(), r.running, r.open)
		}
		if err := r.Start(context.Background()); err != nil || r.State() != weir.Started || r.running != 1 {
			t.Errorf("started: %v, state %s", err, r.State())
		}
	})
}
