package script

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

// mailbox is what a script reads from.
type mailbox struct {
	e       *connectortest.Engine
	mu      sync.Mutex
	waiting []any
}

// run is the script: it returns what waits.
func (b *mailbox) run(context.Context, string) (any, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.waiting
	b.waiting = nil
	return out, nil
}

// peer writes to the mailbox.
type peer struct {
	t *testing.T
	*mailbox
}

// Send hands a message to the script and waits until it is kept.
func (p peer) Send(text string) bool {
	p.mu.Lock()
	p.waiting = append(p.waiting, text)
	p.mu.Unlock()
	p.e.UntilText(p.t, text)
	return true
}

func (p peer) Cut() {}

func TestReaderSuite(t *testing.T) {
	connectortest.Declared(t, new(Reader))
	var box *mailbox
	connectortest.Source(t, connectortest.SourceCase{
		New:      func() weir.Source { return new(Reader) },
		Settings: func(*testing.T) []string { return nil },
		Engine: func(e *connectortest.Engine) {
			box = &mailbox{e: e}
			e.Run = box.run
		},
		Peer: func(t *testing.T, _ weir.Source) connectortest.Peer {
			return peer{t, box}
		},
		Unanswered: true,
		Bubble:     true,
	})
}

func TestWriterSuite(t *testing.T) {
	connectortest.Declared(t, new(Writer))
	var script func(ctx context.Context, text string) (any, error)
	connectortest.Destination(t, connectortest.DestinationCase{
		New:      func() weir.Destination { return new(Writer) },
		Template: "text",
		Run: func(ctx context.Context, _ string, m *weir.Outbound) (any, error) {
			return script(ctx, m.Resolved["text"])
		},
		Up: func(*testing.T) connectortest.Partner {
			var mu sync.Mutex
			var got []string
			script = func(_ context.Context, text string) (any, error) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, text)
				return nil, nil
			}
			return connectortest.Partner{Received: func() []string {
				mu.Lock()
				defer mu.Unlock()
				return got
			}}
		},
		Silent: func(*testing.T) []string {
			script = func(ctx context.Context, _ string) (any, error) {
				<-ctx.Done()
				return nil, errors.New("the script was halted")
			}
			return nil
		},
	})
}
