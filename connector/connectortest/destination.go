package connectortest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
)

// DestinationCase is a destination for the suite.
type DestinationCase struct {
	New func() weir.Destination

	// Template is the setting that holds what is sent; a destination that is a
	// script finds the text under this name in Outbound.Resolved.
	Template string

	// Run runs the destination's own scripts.
	Run func(ctx context.Context, name string, m *weir.Outbound) (any, error)

	// Up starts a partner that takes every message. Down, Silent and Cutting
	// return the settings of partners that cannot be reached, that take a
	// message and never answer, and that break off after taking one; nil where
	// there is no such thing.
	Up      func(t *testing.T) Partner
	Down    func(t *testing.T) (settings []string)
	Silent  func(t *testing.T) (settings []string)
	Cutting func(t *testing.T) (settings []string)
}

// Partner is a system that takes messages.
type Partner struct {
	Settings []string
	Received func() []string // in order; complete once Send has returned
}

// Destination runs the suite.
func Destination(t *testing.T, c DestinationCase) {
	t.Run("Delivers", c.delivers)
	t.Run("HugeAndEmpty", c.hugeAndEmpty)
	t.Run("Attachments", c.attachments)
	t.Run("Concurrent", c.concurrent)
	t.Run("Down", func(t *testing.T) { c.fails(t, c.Down) })
	t.Run("Cut", func(t *testing.T) { c.fails(t, c.Cutting) })
	t.Run("Halted", c.halted)
}

func (c DestinationCase) open(t *testing.T, settings []string) weir.Destination {
	d := c.New()
	env := DestinationEnv(t)
	env.Run = c.Run
	OpenIn(t, d, env, Settings(settings...))
	return d
}

func (c DestinationCase) outbound(id int, text string) *weir.Outbound {
	return Outbound(int64(id), c.Template, text)
}

func (c DestinationCase) delivers(t *testing.T) {
	p := c.Up(t)
	d := c.open(t, p.Settings)
	var want []string
	for i := range 20 {
		want = append(want, text(i))
		r, err := d.Send(Context(t), c.outbound(i, text(i)))
		if err != nil || r.Status != weir.Sent {
			t.Fatalf("Send %d = %v, %v; want SENT", i, r.Status, err)
		}
		if strings.Contains(r.StatusMessage, Secret) {
			t.Errorf("message content in the status message %q", r.StatusMessage)
		}
	}
	if got := p.Received(); !slices.Equal(got, want) {
		t.Errorf("the partner received\n%q\nwant\n%q", got, want)
	}
}

func (c DestinationCase) hugeAndEmpty(t *testing.T) {
	p := c.Up(t)
	d := c.open(t, p.Settings)
	huge := text(0) + strings.Repeat("0123456789abcdef", 1<<19) // 8 MiB
	for i, content := range []string{huge, "", "äöü€😀"} {
		r, err := d.Send(Context(t), c.outbound(i, content))
		if err != nil || r.Status != weir.Sent {
			t.Fatalf("Send of %d bytes = %v, %v; want SENT", len(content), r.Status, err)
		}
	}
	got := p.Received()
	if len(got) != 3 || got[0] != huge || got[1] != "" || got[2] != "äöü€😀" {
		t.Errorf("the partner received %d messages, not what was sent", len(got))
	}
}

// attachments go into what is sent, and nothing is sent without them.
func (c DestinationCase) attachments(t *testing.T) {
	if c.Run != nil {
		t.Skip("scripts put attachments back themselves")
	}
	p := c.Up(t)
	d := c.open(t, p.Settings)
	m := c.outbound(1, text(1)+"${ATTACH:1}")
	m.Reattach = func(text string) (string, error) { return "", errors.New("the attachment cannot be read") }
	if r, err := d.Send(Context(t), m); err == nil || r.Status == weir.Sent {
		t.Errorf("Send without its attachment = %v, %v; want an error", r.Status, err)
	}
	m = c.outbound(2, text(1)+"${ATTACH:1}")
	m.Reattach = func(text string) (string, error) { return strings.ReplaceAll(text, "${ATTACH:1}", "attached"), nil }
	if r, err := d.Send(Context(t), m); err != nil || r.Status != weir.Sent {
		t.Fatalf("Send = %v, %v; want SENT", r.Status, err)
	}
	if got, want := p.Received(), []string{text(1) + "attached"}; !slices.Equal(got, want) {
		t.Errorf("the partner received\n%q\nwant\n%q", got, want)
	}
}

func (c DestinationCase) concurrent(t *testing.T) {
	const threads, each = 8, 15
	p := c.Up(t)
	d := c.open(t, p.Settings)
	var all sync.WaitGroup
	for thread := range threads {
		all.Go(func() {
			for i := range each {
				m := c.outbound(thread*each+i, text(thread*each+i))
				m.Thread = thread
				if r, err := d.Send(Context(t), m); err != nil || r.Status != weir.Sent {
					t.Errorf("Send = %v, %v; want SENT", r.Status, err)
				}
			}
		})
	}
	all.Wait()
	got := map[string]int{}
	for _, text := range p.Received() {
		got[text]++
	}
	for i := range threads * each {
		if got[text(i)] != 1 {
			t.Errorf("the partner received message %d %d times, want once", i, got[text(i)])
		}
	}
}

// fails sends to a partner with whom nothing can be delivered: Open works all
// the same, and the error of Send is for a person.
func (c DestinationCase) fails(t *testing.T, partner func(t *testing.T) []string) {
	if partner == nil {
		t.Skip("this destination has no such partner")
	}
	d := c.open(t, partner(t))
	for i := range 3 {
		m := c.outbound(i, text(i))
		m.Queue = true
		r, err := d.Send(Context(t), m)
		if err == nil || r.Status == weir.Sent {
			t.Fatalf("Send = %v, %v; want an error", r.Status, err)
		}
		CheckFault(t, err)
	}
}

// halted ends the ctx of a send that waits, and closes after it.
func (c DestinationCase) halted(t *testing.T) {
	if c.Silent == nil {
		t.Skip("this destination has no silent partner")
	}
	d := c.open(t, c.Silent(t))
	ctx, cancel := context.WithCancel(Context(t))
	returned := make(chan error, 1)
	go func() {
		r, err := d.Send(ctx, c.outbound(1, text(1)))
		if r.Status == weir.Sent && err == nil {
			err = errors.New("SENT")
		} else if err != nil {
			err = nil
		}
		returned <- err
	}()
	cancel()
	select {
	case err := <-returned:
		if err != nil {
			t.Errorf("a send that was halted is %v", err)
		}
	case <-Context(t).Done():
		t.Fatal("Send did not return when its ctx ended")
	}
}
