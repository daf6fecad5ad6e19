// Package connectortest is the suite that every connector passes, and what a
// connector's own tests need: an engine that keeps messages in memory, and
// settings from a list of names and texts or from a Mirth export.
//
//	func TestListener(t *testing.T) {
//		connectortest.Declared(t, new(tcp.Listener))
//		connectortest.Source(t, connectortest.SourceCase{
//			New:  func(t *testing.T) weir.Source { … },
//			Peer: func(t *testing.T, s weir.Source) connectortest.Peer { … },
//		})
//	}
//
// Nothing here sleeps: what takes time is waited for, up to a limit that only a
// failing test reaches.
package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Limit is how long a test waits for what should come soon.
const Limit = 30 * time.Second

// Secret is in every text that the suite sends. It must never be in an error, a
// log line or a connection event.
const Secret = "DOE^JANE"

// Context returns a context that ends with the test, or after Limit.
func Context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), Limit)
	t.Cleanup(cancel)
	return ctx
}

// Engine is the engine as a source sees it. Its zero value keeps every message
// and answers nothing.
type Engine struct {
	// Answer is asked before a message is kept; nil keeps it without a response.
	Answer func(ctx context.Context, in weir.Inbound) (*weir.Response, error)

	// StreamAbove is the size above which sources hand over streams. One is read to
	// its end and kept as Text, with Stream left to tell.
	StreamAbove int64

	// Run runs the source's own scripts, and RunAfter those for a message that
	// was kept.
	Run      func(ctx context.Context, name string) (any, error)
	RunFor   func(ctx context.Context, name string, sourceMap map[string]any) (any, error)
	RunAfter func(ctx context.Context, name string, vars map[string]any) (any, error)

	mu      sync.Mutex
	kept    []weir.Inbound
	calls   int
	failed  []error
	events  []weir.ConnectionEvent
	changed chan struct{}
}

// SourceEnv is what the engine lends a source.
func (e *Engine) SourceEnv(t testing.TB) weir.SourceEnv {
	return weir.SourceEnv{
		ChannelID: "c1", ChannelName: "Test", Log: slog.New(slog.NewTextHandler(&logged{t: t}, nil)),
		Receive: e.receive, StreamAbove: e.StreamAbove, Run: e.Run, RunFor: e.RunFor,
		Resolve: func(tpl config.Template) string { return tpl.Text },
		Connection: func(ev weir.ConnectionEvent) {
			if strings.Contains(ev.Detail, Secret) {
				t.Errorf("message content in a connection event: %q", ev.Detail)
			}
			e.change(func() { e.events = append(e.events, ev) })
		},
	}
}

func (e *Engine) receive(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
	e.change(func() { e.calls++ })
	if in.Stream != nil {
		text, err := io.ReadAll(in.Stream)
		if err != nil {
			return weir.Reply{}, err
		}
		in.Text = string(text)
	}
	var response *weir.Response
	if e.Answer != nil {
		r, err := e.Answer(ctx, in)
		if err != nil {
			return weir.Reply{}, err
		}
		response = r
	}
	var id int64
	e.change(func() {
		e.kept = append(e.kept, in)
		id = int64(len(e.kept))
	})
	return weir.Reply{MessageID: id, Response: response, Run: e.RunAfter, Failed: func(err error) {
		e.change(func() { e.failed = append(e.failed, err) })
	}}, nil
}

// change alters the engine and wakes those who wait for a change.
func (e *Engine) change(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
	if e.changed != nil {
		close(e.changed)
		e.changed = nil
	}
}

// Until waits until ok, which is asked after every change and may not call other
// methods of e.
func (e *Engine) Until(t testing.TB, what string, ok func(e *Engine) bool) {
	t.Helper()
	limit := time.After(Limit)
	for {
		e.mu.Lock()
		if ok(e) {
			e.mu.Unlock()
			return
		}
		if e.changed == nil {
			e.changed = make(chan struct{})
		}
		changed := e.changed
		e.mu.Unlock()
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// UntilKept waits until n messages are kept and returns them.
func (e *Engine) UntilKept(t testing.TB, n int) []weir.Inbound {
	t.Helper()
	e.Until(t, fmt.Sprintf("%d messages", n), func(e *Engine) bool { return len(e.kept) >= n })
	return e.Kept()
}

// UntilText waits until a message with a text is kept.
func (e *Engine) UntilText(t testing.TB, text string) {
	t.Helper()
	e.Until(t, "a certain message", func(e *Engine) bool {
		return slices.ContainsFunc(e.kept, func(in weir.Inbound) bool { return in.Text == text })
	})
}

// UntilCalled waits until Receive has been called n times.
func (e *Engine) UntilCalled(t testing.TB, n int) {
	t.Helper()
	e.Until(t, fmt.Sprintf("%d calls of Receive", n), func(e *Engine) bool { return e.calls >= n })
}

// UntilFailed waits until a reply has failed and returns why.
func (e *Engine) UntilFailed(t testing.TB) error {
	t.Helper()
	e.Until(t, "a reply that failed", func(e *Engine) bool { return len(e.failed) > 0 })
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed[0]
}

// UntilEvent waits until n connection events with a state have come.
func (e *Engine) UntilEvent(t testing.TB, state string, n int) {
	t.Helper()
	e.Until(t, fmt.Sprintf("%d events %q", n, state), func(e *Engine) bool {
		count := 0
		for _, ev := range e.events {
			if ev.State == state {
				count++
			}
		}
		return count >= n
	})
}

// Details returns the words of all connection events so far.
func (e *Engine) Details() (out []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.events {
		if ev.Detail != "" {
			out = append(out, ev.Detail)
		}
	}
	return out
}

// Kept returns the messages kept so far.
func (e *Engine) Kept() []weir.Inbound {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]weir.Inbound(nil), e.kept...)
}

// Texts returns the texts of the messages kept so far.
func (e *Engine) Texts() (out []string) {
	for _, in := range e.Kept() {
		out = append(out, in.Text)
	}
	return out
}

// DestinationEnv is what the engine lends a destination.
func DestinationEnv(t testing.TB) weir.DestinationEnv {
	return weir.DestinationEnv{
		ChannelID: "c1", ChannelName: "Test", Name: "Destination 1", Log: slog.New(slog.NewTextHandler(&logged{t: t}, nil)),
		Resolve: func(tpl config.Template) string { return tpl.Text },
		Connection: func(ev weir.ConnectionEvent) {
			if strings.Contains(ev.Detail, Secret) {
				t.Errorf("message content in a connection event: %q", ev.Detail)
			}
		},
		Route: func(context.Context, string, weir.Inbound) (weir.Reply, error) {
			return weir.Reply{}, errors.New("no channel can be reached in this test")
		},
	}
}

// Outbound returns a message with one template resolved.
func Outbound(id int64, template, text string) *weir.Outbound {
	return &weir.Outbound{
		MessageID: id, ChannelID: "c1", MetaDataID: 1, Attempt: 1,
		Resolved:     map[string]string{template: text},
		Lookup:       func(string) (any, bool) { return nil, false },
		ConnectorMap: map[string]any{},
	}
}

// OutboundStream returns a message with one template whose content is a stream.
// One that breaks off does so in the middle, with the error broken.
func OutboundStream(id int64, template, content string, broken error) *weir.Outbound {
	m := Outbound(id, template, "${ATTACH:large}")
	m.ReattachStream = func(_ context.Context, text string) (*weir.Stream, bool, error) {
		if text != "${ATTACH:large}" {
			return nil, false, nil
		}
		return &weir.Stream{Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
			if broken != nil {
				return io.NopCloser(io.MultiReader(strings.NewReader(content[:len(content)/2]), iotest.ErrReader(broken))), nil
			}
			return io.NopCloser(strings.NewReader(content)), nil
		}}, true, nil
	}
	return m
}

// logged is a log that fails the test when a message shows up in it.
type logged struct {
	t  testing.TB
	mu sync.Mutex
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(string(p), Secret) {
		l.t.Errorf("message content in the log: %s", p)
	}
	return len(p), nil
}

// Start decodes settings, starts a source, and stops it with the test.
func Start(t testing.TB, s weir.Source, e *Engine, settings config.Group) {
	t.Helper()
	Decode(t, s, settings)
	if err := s.Start(Context(t), e.SourceEnv(t)); err != nil {
		t.Fatalf("Start: %v", err)
	}
}

// Stop stops a source.
func Stop(t testing.TB, s weir.Source) {
	t.Helper()
	if err := s.Stop(Context(t)); err != nil {
		t.Fatalf("Stop: %v", err)
	}
}

// Open decodes settings, opens a destination, and closes it with the test.
func Open(t testing.TB, d weir.Destination, settings config.Group) {
	t.Helper()
	OpenIn(t, d, DestinationEnv(t), settings)
}

// OpenIn is Open with what a test's own engine lends.
func OpenIn(t testing.TB, d weir.Destination, env weir.DestinationEnv, settings config.Group) {
	t.Helper()
	Decode(t, d, settings)
	if err := d.Open(Context(t), env); err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Limit)
		defer cancel()
		if err := d.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// Decode fills s and fails the test for a setting that is unknown or wrong.
func Decode(t testing.TB, s config.Settings, settings config.Group) {
	t.Helper()
	unknown, err := config.Decode(settings, s)
	if err != nil {
		t.Fatalf("settings: %v", err)
	}
	if len(unknown) > 0 {
		t.Fatalf("unknown settings: %v", unknown)
	}
}

// CheckFault fails the test if an error is not written for the person who gets
// it, or holds message content.
func CheckFault(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	if strings.Contains(err.Error(), Secret) {
		t.Errorf("message content in an error: %v", err)
	}
	var f *weir.Fault
	switch {
	case !errors.As(err, &f):
		t.Errorf("%v: the error is no *weir.Fault", err)
	case f.At == "" || f.Hint == "":
		t.Errorf("%v: the fault does not say where (%q) or what to do (%q)", err, f.At, f.Hint)
	}
}
