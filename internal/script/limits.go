package script

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// Limits bound one run of a script. A field that is zero means its default.
type Limits struct {
	Time  time.Duration // from start to end
	Depth int           // nested function calls
}

const (
	DefaultTime  = 30 * time.Second
	DefaultDepth = 3000
)

func (l Limits) time() time.Duration {
	if l.Time > 0 {
		return l.Time
	}
	return DefaultTime
}

func (l Limits) depth() int {
	if l.Depth > 0 {
		return l.Depth
	}
	return DefaultDepth
}

var (
	errTime   = errors.New("the script ran longer than its time limit")
	errMemory = errors.New("the script was ended because the server's memory was running out")
)

// Setup prepares what all scripts of the process share: the watch over memory
// and the time limit of regular expressions that a script cannot be interrupted
// in. The server calls it once, before the first script is compiled. memory is
// the size in bytes of what lives on the heap above which the script that has run
// longest is ended, best a little less than GOMEMLIMIT; 0 means no watch. stop ends the watch and returns when it has ended.
func Setup(longest time.Duration, memory uint64) (stop func()) {
	if longest <= 0 {
		longest = DefaultTime
	}
	regexp2.DefaultMatchTimeout = longest + matchGrace
	if memory == 0 {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		w := watcher{limit: memory}
		t := time.NewTicker(sampleEvery)
		defer t.Stop()
		for {
			select {
			case <-end:
				return
			case now := <-t.C:
				w.look(now)
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// matchGrace lets a script reach its time limit before a search gives up, whose
// clock is a coarse one.
const matchGrace = 200 * time.Millisecond

// sampleEvery is how often the heap is looked at while scripts run. A string
// doubled in a loop takes longer than this to grow from a tenth of a gigabyte
// to one.
const sampleEvery = 5 * time.Millisecond

// settleTime is how long the watch lets things be after it found that garbage
// was what filled the heap.
const settleTime = time.Second

// youth is how many looks a script must have seen to be ended: what makes so much takes
// time, and most others are gone by then. It is not counted in time: where all stands
// still, for a collection or a machine that is short of memory, nobody looks, either.
const youth = 2

// victimTime is how long a script that was ended may take to go before the next
// one is ended: it may be inside of a built-in function.
const victimTime = 10 * time.Second

// watcher ends the script that has run longest when what lives on the heap is
// more than the limit.
type watcher struct {
	limit  uint64
	last   uint64    // the heap when it was last looked at
	until  time.Time // no look before
	victim *guard    // the run that was ended last
	sample [1]metrics.Sample
}

func (w *watcher) heap() uint64 {
	w.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(w.sample[:])
	if w.sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return w.sample[0].Value.Uint64()
}

// look takes one sample. The figure counts garbage, too, so a script is ended
// only for what is left after a collection; but not where the heap is twice the
// limit, or has grown by a leap: something is being doubled then, and a collection takes
// as long as the next doubling.
func (w *watcher) look(now time.Time) {
	if running.empty() {
		w.last = 0
		return
	}
	gone := running.looked()
	if w.victim != nil {
		if running.has(w.victim) && now.Before(w.until) {
			return
		}
		// What it leaves is no reason to end the next one.
		w.victim, w.until = nil, time.Time{}
		runtime.GC()
	}
	heap := w.heap()
	leap := w.last > 0 && heap > w.last+w.limit/4
	w.last = heap
	switch {
	case heap <= w.limit:
		return
	case heap > 2*w.limit, leap:
		// What a run has left that is over is garbage, and no reason to end one that began
		// after it. Who grows alone is not waited for.
		if gone && running.young() {
			runtime.GC()
			if w.last = w.heap(); w.last <= w.limit {
				return
			}
		}
	case now.Before(w.until):
		return
	default:
		runtime.GC()
		if w.heap() <= w.limit {
			w.until = now.Add(settleTime)
			return
		}
	}
	if w.victim = running.endOldest(errMemory); w.victim != nil {
		w.until = now.Add(victimTime)
	}
	if heap > 2*w.limit {
		runtime.GC()
	}
}

// running are the runs under way, in order of their start.
var running runList

type runList struct {
	mu          sync.Mutex
	first, last *guard
	looks       int64
	gone        bool // see looked
}

// guard is the watch over one run.
type guard struct {
	rt         *goja.Runtime
	prev, next *guard
	since      int64 // looks there had been
	timer      *time.Timer
	unwatch    func() bool
	cancel     context.CancelFunc

	mu     sync.Mutex
	reason error // why the run was ended; nil while nobody did
}

// begin starts the watch. The context it returns ends with the run, and when the
// run is ended. It does not end with ctx by itself: what waits for it would give
// the script an exception, to catch or to end with, before the run is known to be
// ended.
func (g *guard) begin(ctx context.Context, limit time.Duration, rt *goja.Runtime) context.Context {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	g.rt, g.cancel = rt, cancel
	g.timer = time.AfterFunc(limit, func() { g.end(errTime) })
	if ctx.Done() != nil {
		g.unwatch = context.AfterFunc(ctx, func() { g.end(context.Cause(ctx)) })
	}
	running.add(g)
	return inner
}

// end interrupts the run; the first reason stays.
func (g *guard) end(reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reason == nil {
		g.reason = reason
		g.rt.Interrupt(reason)
		g.cancel()
	}
}

func (g *guard) reasonSoFar() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reason
}

// stop ends the watch and tells why the run was ended, if it was.
func (g *guard) stop() error {
	running.remove(g)
	g.timer.Stop()
	if g.unwatch != nil {
		g.unwatch()
	}
	g.cancel()
	return g.reasonSoFar()
}

func (l *runList) empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first == nil
}

func (l *runList) has(g *guard) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return g == l.first || g.prev != nil
}

// looked counts a look at the heap, and reports whether a run has come to its end since the
// last one that had been looked at before.
func (l *runList) looked() (gone bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks++
	gone, l.gone = l.gone, false
	return gone
}

func (l *runList) add(g *guard) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g.since = l.looks
	g.prev = l.last
	if l.last != nil {
		l.last.next = g
	} else {
		l.first = g
	}
	l.last = g
}

func (l *runList) remove(g *guard) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g.prev != nil {
		g.prev.next = g.next
	} else {
		l.first = g.next
	}
	if g.next != nil {
		g.next.prev = g.prev
	} else {
		l.last = g.prev
	}
	g.prev, g.next = nil, nil
	l.gone = l.gone || l.looks > g.since
}

// young reports whether all runs have begun just now.
func (l *runList) young() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first != nil && l.looks-l.first.since <= youth
}

// endOldest ends the run that began first and has not been ended yet, and
// returns it; one that is young is left alone, if it has company.
func (l *runList) endOldest(reason error) *guard {
	l.mu.Lock()
	defer l.mu.Unlock()
	for g := l.first; g != nil && (l.looks-g.since > youth || l.first == l.last); g = g.next {
		g.mu.Lock()
		fresh := g.reason == nil
		g.mu.Unlock()
		if fresh {
			g.end(reason)
			return g
		}
	}
	return nil
}
