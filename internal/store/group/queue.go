// Package group collects the work of many callers for the one writer of a store:
// while the writer commits one group, the next collects.
//
//	q := group.NewQueue[*change]()
//	go group.Run(q, commit)
//	…
//	err := q.Submit(ctx, group.Entry[*change]{Work: c, Size: size})
//
// There are no timers: a lone change is taken at once, and a thousand that come
// during a commit are one group. What waits is bounded by [MaxQueued] and
// [MaxQueuedBytes]; who comes when it is full waits in line.
package group

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"

	"github.com/weir-health/weir/internal/store"
)

// What may wait for the writer, and so how much one transaction may hold.
// Who comes when it is full waits in line.
const (
	MaxQueued      = 1024
	MaxQueuedBytes = 8 << 20 // a single entry may exceed it
)

// Entry is one piece of work for the writer.
type Entry[W any] struct {
	Work W
	Size int   // bytes it occupies while it waits
	Err  error // written by the writer before it calls Finish

	done chan struct{} // closed when it is committed, or failed; nil if nobody waits
}

// Queue collects entries while the writer commits. Order is that of the calls:
// who waits for room is let in first come, first served.
type Queue[W any] struct {
	mu      sync.Mutex
	pending []*Entry[W]
	bytes   int
	waiting []*waiter[W]
	closed  bool
	wake    chan struct{} // holds a token when the writer has something to look at
}

type waiter[W any] struct {
	*Entry[W]
	in chan error // nil once the entry is pending
}

// NewQueue makes an empty queue.
func NewQueue[W any]() *Queue[W] { return &Queue[W]{wake: make(chan struct{}, 1)} }

// Submit hands an entry to the writer and waits for its outcome, or until ctx
// ends; then the outcome is not known.
func (q *Queue[W]) Submit(ctx context.Context, e *Entry[W]) error {
	e.done = make(chan struct{})
	if err := q.Put(ctx, e); err != nil {
		return err
	}
	select {
	case <-e.done:
		return e.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Length is how many entries wait for the writer.
func (q *Queue[W]) Length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pending)
}

// Put hands an entry to the writer and does not wait for its outcome. It waits
// while the queue is full; an error means that the entry is not in.
func (q *Queue[W]) Put(ctx context.Context, e *Entry[W]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return store.ErrClosed
	}
	if len(q.waiting) == 0 && q.fits(e) {
		q.add(e)
		q.mu.Unlock()
		return nil
	}
	w := &waiter[W]{Entry: e, in: make(chan error, 1)}
	q.waiting = append(q.waiting, w)
	q.mu.Unlock()

	select {
	case err := <-w.in:
		return err
	case <-ctx.Done():
		return q.leave(w, ctx.Err())
	}
}

// leave takes a waiter out of the line, unless it was let in meanwhile.
func (q *Queue[W]) leave(w *waiter[W], reason error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.admit() // who stood behind may be smaller
		return reason
	}
	return <-w.in
}

func (q *Queue[W]) fits(e *Entry[W]) bool {
	return len(q.pending) == 0 || len(q.pending) < MaxQueued && q.bytes+e.Size <= MaxQueuedBytes
}

func (q *Queue[W]) add(e *Entry[W]) {
	q.pending = append(q.pending, e)
	q.bytes += e.Size
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue[W]) admit() {
	for len(q.waiting) > 0 && q.fits(q.waiting[0].Entry) {
		w := q.waiting[0]
		q.waiting = slices.Delete(q.waiting, 0, 1)
		q.add(w.Entry)
		w.in <- nil
	}
}

// take returns all that is pending, in order, and waits until there is
// something. It returns nil when the queue is closed and empty. spare is a
// former group to reuse, or nil.
func (q *Queue[W]) take(spare []*Entry[W]) []*Entry[W] {
	clear(spare)
	for {
		if group, closed := q.Pending(spare); group != nil {
			return group
		} else if closed {
			return nil
		}
		<-q.wake
	}
}

// Pending returns what is pending now, in order, or nil, and whether the queue is
// closed. It is for a writer that cannot write and has to refuse what comes.
func (q *Queue[W]) Pending(spare []*Entry[W]) (group []*Entry[W], closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) == 0 {
		return nil, q.closed
	}
	group = q.pending
	q.pending, q.bytes = spare[:0], 0
	q.admit()
	return group, q.closed
}

// Close refuses new entries and those in line; what is pending is still taken.
func (q *Queue[W]) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, w := range q.waiting {
		w.in <- store.ErrClosed
	}
	q.waiting = nil
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Run is the one goroutine that writes: it hands commit one group after another,
// and returns when the queue is closed and empty. commit calls Finish for every
// entry that it is given, and keeps none.
func Run[W any](q *Queue[W], commit func([]*Entry[W])) {
	var group []*Entry[W]
	for {
		letIn(q)
		if group = q.take(group); group == nil {
			return
		}
		commit(group)
	}
}

// letIn gives way to those whom the last commit woke, for as long as more of them
// come with their next change: with 64 callers that saves a third of the
// commits. A lone caller loses a microsecond.
func letIn[W any](q *Queue[W]) {
	for n := -1; n < q.Length(); {
		n = q.Length()
		runtime.Gosched()
	}
}

// Finish tells the callers: err if set, else what the entry itself met.
func Finish[W any](group []*Entry[W], err error) {
	for _, e := range group {
		if err != nil {
			e.Err = err
		}
		if e.done != nil {
			close(e.done)
		}
	}
}

// ReportLost logs what failed of a group and has no caller to be told: changes
// that promise no durability.
func ReportLost[W any](log *slog.Logger, group []*Entry[W]) {
	lost := 0
	var err error
	for _, e := range group {
		if e.done == nil && e.Err != nil {
			lost++
			err = e.Err
		}
	}
	if lost > 0 {
		log.Error("changes that promise no durability were lost", "changes", lost, "error", err)
	}
}
