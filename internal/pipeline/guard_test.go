package pipeline

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// with adds settings of the group weir to a connector.
func with(c weir.Connector, settings ...string) weir.Connector {
	g := config.Setting{Name: "weir"}
	for i := 0; i < len(settings); i += 2 {
		g.Group = append(g.Group, config.Setting{Name: settings[i], Text: settings[i+1]})
	}
	c.Settings = append(c.Settings, g)
	return c
}

// gaps are the times between deliveries, in whole milliseconds.
func (r *rig) gaps() string {
	var gaps []string
	sent := r.deliveries()
	for i := 1; i < len(sent); i++ {
		gaps = append(gaps, fmt.Sprint(sent[i].at.Sub(sent[i-1].at).Milliseconds()))
	}
	return strings.Join(gaps, " ")
}

func TestThrottle(t *testing.T) {
	queue := []string{"queueEnabled", "true"}
	for _, c := range []struct {
		name     string
		dest     weir.Connector
		messages int
		atOnce   int // messages that have come to their end when no time has passed
		gaps     string
	}{
		{"two a second", with(dest(1), "messagesPerSecond", "2"), 4, 1, "500 500 500"},
		{"one in ten seconds", with(dest(1), "messagesPerSecond", "0.1"), 3, 1, "10000 10000"},
		{"a burst of three", with(dest(1), "messagesPerSecond", "2", "burst", "3"), 5, 3, "0 0 500 500"},
		{"with a queue", with(dest(1, queue...), "messagesPerSecond", "2"), 3, 1, "500 500"},
		{"first sent, then queued", with(dest(1, append(queue, "sendFirst", "true")...), "messagesPerSecond", "2"), 3, 1, "500 500"},
		{"none", dest(1), 3, 3, "0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, destinations(c.dest), func(r *rig) {
				var senders sync.WaitGroup
				for i := range c.messages {
					senders.Go(func() { r.receive(fmt.Sprint(i)) })
					r.idle()
				}
				if n := len(r.deliveries()); n != c.atOnce {
					t.Errorf("%d were sent at once, want %d", n, c.atOnce)
				}
				r.pass(time.Minute)
				senders.Wait()
				if got := r.gaps(); got != c.gaps {
					t.Errorf("times between sends %s, want %s", got, c.gaps)
				}
				for i, d := range r.deliveries() {
					if d.text != fmt.Sprint(i) {
						t.Errorf("delivery %d is of message %q", i, d.text)
					}
				}
			})
		})
	}
}

// A message that waits for its turn does not keep its channel from stopping: it
// stays in the queue, or, without one, is finished at the next start.
func TestThrottledStop(t *testing.T) {
	for _, c := range []struct {
		name, before string
		settings     []string
	}{
		{"queue", "T 1Q", []string{"queueEnabled", "true"}},
		{"no queue", "T 1R unfinished", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, destinations(with(dest(1, c.settings...), "messagesPerSecond", "0.001")), func(r *rig) {
				r.receive("1")
				r.idle()
				var sender sync.WaitGroup
				sender.Go(func() { r.Receive(context.Background(), weir.Inbound{Text: "2"}) })
				r.idle()
				if err := r.Halt(); err != nil {
					t.Fatal(err)
				}
				sender.Wait()
				r.wantStates(2, c.before)
				if err := r.Start(context.Background()); err != nil { // with a rate that begins anew
					t.Fatal(err)
				}
				r.idle()
				r.wantStates(2, "T 1S")
				r.wantSent("D1:1/1 D1:2/1")
			})
		})
	}
}

func TestBreaker(t *testing.T) {
	queue := []string{"queueEnabled", "true", "retryIntervalMillis", "1000"}
	breaker := []string{"breakerFailures", "3", "breakerOpen", "60000"}
	t.Run("queue", func(t *testing.T) {
		in(t, destinations(with(dest(1, queue...), breaker...)), func(r *rig) {
			r.answer("D1", fails(4, sentOK))
			r.receive("1")
			r.pass(30 * time.Second)
			r.receive("2") // while it is open
			r.idle()
			r.wantSent("D1:1/1 D1:1/2 D1:1/3")
			m := r.message(2).Connectors[1]
			response := m.Text(weir.ResponseMapContent)
			if m.Status != weir.Queued || !strings.Contains(response, "Circuit breaker open: not sent, after 3 failed sends in a row") {
				t.Errorf("message 2 is %v, %s", m.Status, response)
			}
			r.pass(5 * time.Minute)
			r.wantSent("D1:1/1 D1:1/2 D1:1/3 D1:1/4 D1:1/5 D1:2/1")
			if got := r.gaps(); got != "1000 1000 60000 60000 0" {
				t.Errorf("times between sends %s", got)
			}
			r.wantStates(1, "T 1S")
			r.wantStates(2, "T 1S")
			for _, line := range []string{"The circuit breaker opens", "The circuit breaker closes"} {
				if strings.Count(r.log.String(), line) != 1 {
					t.Errorf("the log has not once %q:\n%s", line, r.log)
				}
			}
		})
	})
	t.Run("sent first", func(t *testing.T) {
		in(t, destinations(with(dest(1, append(queue, "sendFirst", "true")...), "breakerFailures", "1", "breakerOpen", "60000")), func(r *rig) {
			r.answer("D1", fails(1, sentOK))
			r.receive("1")
			r.receive("2")
			r.wantStates(1, "T 1Q")
			r.wantStates(2, "T 1Q")
			r.pass(2 * time.Minute)
			r.wantSent("D1:1/1 D1:1/2 D1:2/1")
		})
	})
	t.Run("no queue, waits", func(t *testing.T) {
		in(t, destinations(with(dest(1), "breakerFailures", "1", "breakerOpen", "60000")), func(r *rig) {
			r.answer("D1", fails(1, sentOK))
			r.receive("1")
			began := time.Now()
			r.receive("2")
			if waited := time.Since(began); waited != time.Minute {
				t.Errorf("waited %v, want a minute", waited)
			}
			r.wantStates(1, "T 1E")
			r.wantStates(2, "T 1S")
		})
	})
	t.Run("no queue, fails", func(t *testing.T) {
		in(t, destinations(with(dest(1), "breakerFailures", "1", "breakerOpen", "60000", "breakerThen", "error")), func(r *rig) {
			r.answer("D1", fails(1, sentOK))
			r.receive("1")
			r.receive("2")
			r.wantStates(2, "T 1E")
			if text := r.message(2).Connectors[1].Text(weir.ProcessingError); !strings.HasPrefix(text, "Circuit breaker open: ") {
				t.Errorf("the error is %q", text)
			}
			r.pass(time.Minute)
			r.receive("3")
			r.wantStates(3, "T 1S")
			r.wantSent("D1:1/1 D1:3/1")
		})
	})
	// One message is tried; what it meets is what the others get.
	t.Run("half open", func(t *testing.T) {
		in(t, destinations(with(dest(1, append(queue, "threadCount", "4")...), "breakerFailures", "1", "breakerOpen", "60000")), func(r *rig) {
			r.answer("D1", fails(2, sentOK))
			for i := range 5 {
				r.receive(fmt.Sprint(i))
			}
			r.pass(59 * time.Second)
			before := len(r.deliveries())
			r.pass(2 * time.Second)
			if n := len(r.deliveries()) - before; n != 1 {
				t.Errorf("%d were tried, want 1", n)
			}
			r.pass(10 * time.Minute)
			for id := range int64(5) {
				r.wantStates(id+1, "T 1S")
			}
		})
	})
	// An answer that refuses the message shows that the system is there.
	t.Run("refusals", func(t *testing.T) {
		d := with(dest(1, "validateResponse", "true"), "breakerFailures", "1", "breakerThen", "error")
		d.Transformer, d.ResponseTransformer = hl7ToHL7(), hl7ToHL7()
		setup := func(c *weir.Channel) { c.Source.Transformer = hl7ToHL7(); c.Destinations = []weir.Connector{d} }
		in(t, setup, func(r *rig) {
			r.answer("D1", says(weir.Response{Status: weir.Sent, Message: "MSH|^~\\&|B|B|A|A|20240101||ACK|1|P|2.3\rMSA|AE|1\r"}))
			for range 3 {
				r.receive("MSH|^~\\&|A|A|B|B|20240101||ADT^A01|1|P|2.3\r")
			}
			r.wantSent("D1:1/1 D1:2/1 D1:3/1")
			r.wantStates(3, "T 1E")
		})
	})
}

// What cannot work is refused when the channel is loaded, with what to do.
func TestOptionsRefused(t *testing.T) {
	for _, c := range []struct {
		setup func(*weir.Channel)
		want  string
	}{
		{destinations(with(dest(1), "messagesPerSecond", "many")), `weir.messagesPerSecond: "many" is not a number from 0`},
		{destinations(with(dest(1), "messagesPerSecond", "-1")), `weir.messagesPerSecond: "-1"`},
		{destinations(with(dest(1), "burst", "0")), "weir.burst: 0 is outside 1"},
		{destinations(with(dest(1), "breakerFailures", "3", "breakerOpen", "0")), "weir.breakerOpen: 0 would open the circuit breaker for no time; write"},
		{destinations(with(dest(1), "breakerThen", "give up")), `weir.breakerThen: "give up" is none of wait, error`},
		{destinations(with(dest(1), "deadLetterAttempts", "3")), "weir.deadLetterAttempts: there is no dead-letter channel"},
		{destinations(with(dest(1), "deadLetterChannel", "c1")), "weir.deadLetterChannel: the dead-letter channel is the channel itself. Name another"},
		{duplicates("duplicates", "maybe"), `weir.duplicates: "maybe" is none of off, control id, script`},
		{duplicates("duplicates", "script"), "weir.duplicateScript: duplicates are told by a script, and there is none; write one"},
		{duplicates("duplicates", "script", "duplicateScript", "return ("), "Source: "},
		{duplicates("duplicates", "control id"), "weir.duplicates: messages of data type RAW have no control id. Use a script"},
		{both(duplicates("duplicates", "script", "duplicateScript", "return 1"), func(c *weir.Channel) { c.Properties.Storage = weir.Disabled }),
			"weir.duplicates: duplicates cannot be told, since message storage DISABLED keeps nothing. Choose"},
	} {
		r := newRig(t, c.setup)
		_, err := New(context.Background(), r.cfg, r.engine)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "Channel, ") {
			t.Errorf("got error %v, want one of the channel with %q", err, c.want)
		}
		r.store.Store.Close()
	}
}

// duplicates sets the source's group weir.
func duplicates(settings ...string) func(*weir.Channel) {
	return func(c *weir.Channel) { c.Source = with(c.Source, settings...) }
}
