package connectortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/weir-health/weir"
)

// SourceCase is a source for the suite.
type SourceCase struct {
	// Settings are those to start it with, on the loopback address and a free
	// port, or on a directory of the test.
	Settings func(t *testing.T) []string
	New      func() weir.Source

	// Engine, if given, is called with the engine of each test before the source
	// is started.
	Engine func(e *Engine)

	// Peer returns a system that sends to a started source.
	Peer func(t *testing.T, s weir.Source) Peer

	// Unanswered is for a source that tells nobody what became of a message: what
	// is about that is left out, and Send may report what the engine knows.
	Unanswered bool

	// Bubble runs each test in a bubble of testing/synctest, for a source that
	// waits for no network: its polls cost no time.
	Bubble bool
}

// Peer is a system that sends messages to a source.
type Peer interface {
	// Send hands a message over and reports whether it was acknowledged, as
	// soon as that is known. A source may also ask for the message again by
	// itself, and then the report is about the last time.
	Send(text string) (acknowledged bool)

	// Cut ends in the middle of a message.
	Cut()
}

// Source runs the suite.
func Source(t *testing.T, c SourceCase) {
	run := func(name string, test func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			if c.Bubble {
				synctest.Test(t, test)
			} else {
				test(t)
			}
		})
	}
	run("InOrder", c.inOrder)
	run("StopWaits", c.stopWaits)
	run("StopCuts", c.stopCuts)
	run("StopAtOnce", c.stopAtOnce)
	run("ManyPeers", c.manyPeers)
	if !c.Unanswered {
		run("NotKeptIsNotAcknowledged", c.notKept)
		run("Cut", c.cut)
	}
}

func (c SourceCase) start(t *testing.T, e *Engine) weir.Source {
	if c.Engine != nil {
		c.Engine(e)
	}
	s := c.New()
	Start(t, s, e, Settings(c.Settings(t)...))
	return s
}

func text(n int) string {
	return fmt.Sprintf("MSH|^~\\&|A|B|C|D|20260101||ADT^A01|%d|P|2.5\rPID|1||%d||%s\r", n, n, Secret)
}

func acknowledged(context.Context, weir.Inbound) (*weir.Response, error) {
	return &weir.Response{Status: weir.Sent, Message: "MSH|^~\\&|ACK\rMSA|AA|1\r"}, nil
}

func (c SourceCase) inOrder(t *testing.T) {
	e := &Engine{Answer: acknowledged}
	s := c.start(t, e)
	defer Stop(t, s)
	peer := c.Peer(t, s)
	var want []string
	for i := range 25 {
		want = append(want, text(i))
		if !peer.Send(text(i)) {
			t.Fatalf("message %d was not acknowledged", i)
		}
	}
	if got := e.Texts(); !slices.Equal(got, want) {
		t.Errorf("kept\n%q\nwant\n%q", got, want)
	}
}

// notKept has Receive fail twice. Whatever the source does, a message that is
// acknowledged has been kept, and one that was not comes again when it is sent
// again.
func (c SourceCase) notKept(t *testing.T) {
	var mu sync.Mutex
	calls := 0
	e := &Engine{}
	e.Answer = func(ctx context.Context, in weir.Inbound) (*weir.Response, error) {
		mu.Lock()
		calls++
		n := calls
		mu.Unlock()
		if n < 3 {
			return nil, errors.New("the disk is full")
		}
		return acknowledged(ctx, in)
	}
	s := c.start(t, e)
	defer Stop(t, s)
	for try := 0; ; try++ {
		if c.Peer(t, s).Send(text(1)) {
			break
		}
		if kept := len(e.Kept()); kept != 0 {
			t.Fatalf("a message that was kept was not acknowledged")
		}
		if try > 5 {
			t.Fatal("the message never got through")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if calls != 3 || len(e.Kept()) != 1 {
		t.Errorf("Receive was called %d times and kept %d messages, want 3 and 1", calls, len(e.Kept()))
	}
}

// hold is an Answer that waits to be let go.
type hold struct {
	release chan struct{}
	ignore  bool // of ctx
}

func (h hold) answer(ctx context.Context, in weir.Inbound) (*weir.Response, error) {
	if h.ignore {
		<-h.release
		return acknowledged(ctx, in)
	}
	select {
	case <-h.release:
		return acknowledged(ctx, in)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c SourceCase) stopWaits(t *testing.T) {
	h := hold{release: make(chan struct{})}
	e := &Engine{Answer: h.answer}
	s := c.start(t, e)
	sent := make(chan bool, 1)
	peer := c.Peer(t, s)
	go func() { sent <- peer.Send(text(1)) }()
	e.UntilCalled(t, 1)

	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop(Context(t)) }()
	select {
	case err := <-stopped:
		t.Fatalf("Stop returned %v while a message was being received", err)
	case ok := <-sent:
		t.Fatalf("the message was answered (%v) before it was received", ok)
	default:
	}
	close(h.release)
	if err := <-stopped; err != nil {
		t.Errorf("Stop: %v", err)
	}
	if !<-sent {
		t.Error("the message that was being received was not acknowledged")
	}
	if n := len(e.Kept()); n != 1 {
		t.Errorf("%d messages kept, want 1", n)
	}
}

// stopCuts has Receive never return, not even when its ctx ends.
func (c SourceCase) stopCuts(t *testing.T) {
	h := hold{release: make(chan struct{}), ignore: true}
	defer close(h.release)
	e := &Engine{Answer: h.answer}
	s := c.start(t, e)
	peer := c.Peer(t, s)
	go peer.Send(text(1))
	e.UntilCalled(t, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v, want the error of its ctx", err)
	}
}

func (c SourceCase) stopAtOnce(t *testing.T) {
	for range 3 {
		Stop(t, c.start(t, &Engine{}))
	}
}

func (c SourceCase) cut(t *testing.T) {
	e := &Engine{Answer: acknowledged}
	s := c.start(t, e)
	defer Stop(t, s)
	c.Peer(t, s).Cut()
	if !c.Peer(t, s).Send(text(1)) {
		t.Error("after a peer was cut off, the next one's message was not acknowledged")
	}
	for _, got := range e.Texts() {
		if !strings.HasPrefix(got, "MSH|") || !strings.HasSuffix(got, "\r") {
			t.Errorf("a message that was cut off was kept: %q", got)
		}
	}
}

func (c SourceCase) manyPeers(t *testing.T) {
	const peers, each = 8, 10
	e := &Engine{Answer: acknowledged}
	s := c.start(t, e)
	defer Stop(t, s)
	var all sync.WaitGroup
	for p := range peers {
		peer := c.Peer(t, s)
		all.Go(func() {
			for i := range each {
				if !peer.Send(text(p*each + i)) {
					t.Errorf("message %d of peer %d was not acknowledged", i, p)
					return
				}
			}
		})
	}
	all.Wait()
	got := map[string]int{}
	for _, text := range e.Texts() {
		got[text]++
	}
	for i := range peers * each {
		if got[text(i)] != 1 {
			t.Errorf("message %d was kept %d times, want once", i, got[text(i)])
		}
	}
}
