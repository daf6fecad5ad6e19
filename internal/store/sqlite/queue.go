package sqlite

import (
	"context"
	"slices"
	"sync"

	"github.com/weir-health/weir/internal/store"
)

// What may wait for the writer, and so how much one transaction may hold.
// Who comes when it is full waits in line.
const (
	MaxQueuedChanges = 1024
	MaxQueuedBytes   = 8 << 20 // a single change may exceed it
)

// entry is one piece of work for the writer: a change, or the opening of a channel.
type entry struct {
	apply func(*transaction) error
	size  int           // bytes it occupies while it waits
	err   error         // written before done is closed
	done  chan struct{} // closed when it is committed, or failed; nil if nobody waits
}

// queue collects entries while the writer commits. Order is that of put calls:
// who waits for room is let in first come, first served.
type queue struct {
	mu      sync.Mutex
	pending []*entry
	bytes   int
	waiting []*waiter
	closed  bool
	wake    chan struct{} // holds a token when the writer has something to look at
}

type waiter struct {
	*entry
	in chan error // nil once the entry is pending
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.pending)
}

// put hands an entry to the writer. It waits while the queue is full; an error
// means that the entry is not in.
func (q *queue) put(ctx context.Context, e *entry) error {
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
	w := &waiter{entry: e, in: make(chan error, 1)}
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
func (q *queue) leave(w *waiter, reason error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.admit() // who stood behind may be smaller
		return reason
	}
	return <-w.in
}

func (q *queue) fits(e *entry) bool {
	return len(q.pending) == 0 || len(q.pending) < MaxQueuedChanges && q.bytes+e.size <= MaxQueuedBytes
}

func (q *queue) add(e *entry) {
	q.pending = append(q.pending, e)
	q.bytes += e.size
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) admit() {
	for len(q.waiting) > 0 && q.fits(q.waiting[0].entry) {
		w := q.waiting[0]
		q.waiting = slices.Delete(q.waiting, 0, 1)
		q.add(w.entry)
		w.in <- nil
	}
}

// take returns all that is pending, in order, and waits until there is
// something. It returns nil when the queue is closed and empty. spare is a
// former group to reuse, or nil.
func (q *queue) take(spare []*entry) []*entry {
	clear(spare)
	for {
		q.mu.Lock()
		if len(q.pending) > 0 {
			group := q.pending
			q.pending, q.bytes = spare[:0], 0
			q.admit()
			q.mu.Unlock()
			return group
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil
		}
		<-q.wake
	}
}

// close refuses new entries and those in line; what is pending is still taken.
func (q *queue) close() {
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
