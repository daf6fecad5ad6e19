package server

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/weir-health/weir/internal/pipeline"
)

// Before memory runs out sources stop reading: what they have not read waits where it is,
// and what is in hand can come to its end. Scripts are ended only after that.

const (
	lookEvery = 50 * time.Millisecond

	// garbageWait is until the next look after one that found garbage to fill the heap.
	garbageWait = time.Second

	// stuckAfter is when memory has been short for so long with nothing in hand that it is
	// not messages that fill it: waiting does not help then, and some are taken every
	// trickleWait.
	stuckAfter  = 30 * time.Second
	trickleWait = time.Second
)

// pressure holds sources back while what lives on the heap is near the limit.
type pressure struct {
	flow        *pipeline.Flow
	log         *slog.Logger
	above, back uint64 // bytes from which sources wait, and below which they go on

	since time.Time // when they began to wait; zero while they do not
	until time.Time // no look before
	stuck bool
}

// newPressure makes the watch for a limit above which scripts are ended.
func newPressure(flow *pipeline.Flow, log *slog.Logger, scripts uint64) *pressure {
	return &pressure{flow: flow, log: log, above: scripts / 6 * 5, back: scripts / 3 * 2}
}

func (p *pressure) run(ctx context.Context) {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			p.look(now)
		}
	}
}

func (p *pressure) look(now time.Time) {
	switch {
	case now.Before(p.until):
	case p.since.IsZero():
		p.mayHold(now)
	default:
		p.mayResume(now)
	}
}

func (p *pressure) mayHold(now time.Time) {
	if heapObjects() <= p.above {
		return
	}
	runtime.GC() // the figure counts garbage, too
	lives := heapObjects()
	if lives <= p.above {
		p.until = now.Add(garbageWait)
		return
	}
	p.since = now
	p.hold(lives)
	p.log.Warn("Memory is running short: sources read nothing until messages in hand have come to their end",
		"used", mebibytes(lives), "limit", mebibytes(p.above), "in hand", mebibytes(uint64(p.flow.InHand())))
}

func (p *pressure) hold(lives uint64) {
	p.flow.Hold(fmt.Sprintf("memory is short: %s are in use, sources go on below %s", mebibytes(lives), mebibytes(p.back)))
}

func (p *pressure) mayResume(now time.Time) {
	runtime.GC()
	lives := heapObjects()
	p.until = now.Add(garbageWait / 4)
	switch {
	case lives <= p.back:
		p.log.Info("There is memory again: sources read on", "used", mebibytes(lives), "after", now.Sub(p.since).Round(time.Millisecond))
		p.since, p.stuck = time.Time{}, false
		p.flow.Hold("")
	case now.Sub(p.since) < stuckAfter || p.flow.InHand() > 0:
		p.hold(lives)
	default:
		if !p.stuck {
			p.stuck = true
			p.log.Error("Memory is short though no messages are in hand: they are taken slowly. Raise --memory-limit, or see what maps of scripts keep",
				"used", mebibytes(lives), "limit", mebibytes(p.above))
		}
		p.flow.Hold("")
		time.AfterFunc(lookEvery, func() { p.flow.Hold("memory is short, and messages are taken slowly") })
		p.until = now.Add(trickleWait)
	}
}

func heapObjects() uint64 {
	sample := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}

func mebibytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }
