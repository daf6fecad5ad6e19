package poll

import (
	"context"
	"sync/atomic"
	"time"
)

// longestSleep bounds one sleep, so that a clock that is set, and a computer
// that was suspended, delay a poll by no more.
const longestSleep = time.Minute

// Func polls once. ctx ends when the poll is to be broken off; more turns false
// when no further work should begin, and is to be asked between two messages.
type Func func(ctx context.Context, more func() bool)

// Poller runs polls on a goroutine of its own, never two at once.
type Poller struct {
	stopping atomic.Bool
	stop     chan struct{}
	cut      context.CancelFunc
	done     chan struct{}
}

// Start polls at the times of s, and at once if now is set, until Stop.
func Start(s Schedule, now bool, poll Func) *Poller {
	ctx, cut := context.WithCancel(context.Background())
	p := &Poller{stop: make(chan struct{}), cut: cut, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if now {
			poll(ctx, p.more)
		}
		for p.wait(s.Next(time.Now())) {
			poll(ctx, p.more)
		}
	}()
	return p
}

// Stop begins no more polls and waits for the current one. When ctx ends first
// it breaks that one off and returns the error of ctx at once: what the poll is
// waiting for may itself end only after Stop. It may be called once.
func (p *Poller) Stop(ctx context.Context) error {
	defer p.cut()
	p.stopping.Store(true)
	close(p.stop)
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Poller) more() bool { return !p.stopping.Load() }

// wait sleeps until at; the zero time means for ever. It returns false when the
// poller was stopped.
func (p *Poller) wait(at time.Time) bool {
	for {
		sleep := longestSleep
		if !at.IsZero() {
			sleep = min(sleep, time.Until(at))
		}
		timer := time.NewTimer(sleep)
		select {
		case <-p.stop:
			timer.Stop()
			return false
		case <-timer.C:
		}
		if !at.IsZero() && !time.Now().Before(at) {
			return p.more()
		}
	}
}
