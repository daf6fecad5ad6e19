package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
)

// guard stands before the sends of a destination. It holds them to a rate, and
// its circuit breaker keeps them back while the remote system is down. A breaker
// begins closed with each start of the channel.
type guard struct {
	connector.Guard
	limiter *rate.Limiter // nil: any rate
	now     func() time.Time
	log     *slog.Logger
	show    func(state, detail string) // on the dashboard

	mu      sync.Mutex
	failed  int       // sends in a row
	until   time.Time // when an open breaker lets one message through
	probing bool      // that one is under way
	moved   chan struct{}
}

// verdict is what a guard says to a message.
type verdict int

const (
	pass    verdict = iota
	probe           // pass, and the breaker waits for what comes of it
	refused         // the breaker is open, and the message does not wait for it
	ended           // the wait was cut short
)

func newGuard(settings connector.Guard, now func() time.Time, log *slog.Logger, show func(state, detail string)) *guard {
	g := &guard{Guard: settings, now: now, log: log, show: show, moved: make(chan struct{})}
	if settings.Rate > 0 {
		g.limiter = rate.NewLimiter(rate.Limit(settings.Rate), max(settings.Burst, 1))
	}
	return g
}

// ready reports whether a message could be sent now.
func (g *guard) ready() bool {
	if g.limiter != nil && g.limiter.TokensAt(g.now()) < 1 {
		return false
	}
	return !g.open()
}

// open reports whether the breaker lets nothing through.
func (g *guard) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.tripped() && (g.probing || g.now().Before(g.until))
}

func (g *guard) tripped() bool { return g.Failures > 0 && g.failed >= g.Failures }

// enter waits until a message may be sent. Without wait it does not wait for the
// breaker. What enter lets pass is reported with leave.
func (g *guard) enter(ctx context.Context, wait bool) verdict {
	v, delay, moved := g.look()
	for v == refused && wait {
		if !pauseOr(ctx, delay, moved) {
			return ended
		}
		v, delay, moved = g.look()
	}
	if v == refused {
		return refused
	}
	if g.limiter != nil {
		// The breaker comes first: a rate is not used up by what is kept back.
		if g.limiter.Wait(ctx) != nil {
			g.cancel(v)
			return ended
		}
	}
	return v
}

// look says what the breaker does with a message now. For one that is kept back
// it says how long to wait, 0 for as long as nothing moves.
func (g *guard) look() (v verdict, delay time.Duration, moved chan struct{}) {
	if g.Failures == 0 {
		return pass, 0, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delay = g.until.Sub(g.now())
	switch {
	case !g.tripped():
		return pass, 0, nil
	case g.probing:
		return refused, 0, g.moved
	case delay > 0:
		return refused, delay, g.moved
	}
	g.probing = true
	return probe, 0, nil
}

// cancel gives up what enter let pass and was not sent.
func (g *guard) cancel(v verdict) {
	if v == probe {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.probing = false
		g.wake()
	}
}

// leave takes what came of a send.
func (g *guard) leave(v verdict, sent bool) {
	if g.Failures == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.tripped()
	if v == probe {
		g.probing = false
	}
	if sent {
		g.failed = 0
	} else {
		g.failed++
	}
	switch {
	case g.tripped() && (!was || v == probe):
		g.until = g.now().Add(g.OpenFor)
		if !was {
			g.log.Warn("The circuit breaker opens: nothing is sent for some time", "failures", g.failed, "open", g.OpenFor)
		}
		g.show("waiting", fmt.Sprintf("the circuit breaker is open after %d failed sends in a row; the next try is at %s", g.failed, clock(g.until)))
	case was && !g.tripped():
		g.log.Info("The circuit breaker closes: messages are sent again")
	}
	g.wake()
}

// wake lets those that wait look again. The caller holds mu.
func (g *guard) wake() {
	close(g.moved)
	g.moved = make(chan struct{})
}

// refusal is the response of a message that an open breaker does not let through.
func (g *guard) refusal() weir.Response {
	g.mu.Lock()
	defer g.mu.Unlock()
	why := fmt.Sprintf("Circuit breaker open: not sent, after %d failed sends in a row; the next try is at %s", g.failed, clock(g.until))
	return weir.Response{Status: weir.Queued, StatusMessage: why, Error: why}
}

func clock(t time.Time) string { return t.Format("2006-01-02 15:04:05 MST") }

// pauseOr waits until d has passed, 0 being for ever, or until moved is closed.
// It reports whether that came before ctx ended.
func pauseOr(ctx context.Context, d time.Duration, moved chan struct{}) bool {
	var passed <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		passed = t.C
	}
	select {
	case <-passed:
	case <-moved:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
