package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"
)

// queue is an order over messages that the store holds, with a bounded window
// of them in memory. It is never a second place for messages: what does not fit
// is read from the store again, in order of id.
//
// A message is announced before it is saved and confirmed when the save is
// durable, so that the order is that of the announcements and nothing is taken
// before it is on disk.
type queue struct {
	limit  int
	refill func(ctx context.Context, after int64, limit int) ([]*work, error)

	mu      sync.Mutex
	moved   sync.Cond
	items   []*item        // the window, in order
	outside map[int64]bool // announced, not confirmed, not in the window
	more    bool           // the store may hold messages beyond the window
	from    int64          // with more: every message outside the window has a higher id
	size    int64          // all waiting messages, in the window or not
	resting bool           // a refill is under way, or failed and is tried again soon
	ended   map[int64]bool // finished while a refill was reading, which may still have seen them waiting
}

// item is one place in the window.
type item struct {
	id     int64
	w      *work // nil until confirmed
	busy   bool
	tried  bool // delivery was tried and failed since it came into the window
	bucket int
}

func newQueue(limit int, refill func(ctx context.Context, after int64, limit int) ([]*work, error)) *queue {
	q := &queue{limit: limit, refill: refill, outside: map[int64]bool{}}
	q.moved.L = &q.mu
	return q
}

// load begins with what the store holds already.
func (q *queue) load(count int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size, q.more, q.from = count, count > 0, 0
}

// announce takes a place for a message that is about to be saved.
func (q *queue) announce(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size++
	switch {
	case !q.more && len(q.items) < q.limit:
		q.items = append(q.items, &item{id: id})
		return
	case !q.more:
		q.more, q.from = true, id-1
	default:
		q.from = min(q.from, id-1)
	}
	q.outside[id] = true
}

// confirm makes an announced message available.
func (q *queue) confirm(id int64, w *work, bucket int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.outside[id] {
		delete(q.outside, id)
	} else {
		for _, it := range q.items {
			if it.id == id {
				it.w, it.bucket = w, bucket
				break
			}
		}
	}
	q.moved.Broadcast()
}

// withdraw gives up an announced message that was not saved after all.
func (q *queue) withdraw(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size--
	delete(q.outside, id)
	q.remove(id)
	q.moved.Broadcast()
}

func (q *queue) remove(id int64) {
	for i, it := range q.items {
		if it.id == id {
			copy(q.items[i:], q.items[i+1:])
			q.items[len(q.items)-1] = nil
			q.items = q.items[:len(q.items)-1]
			return
		}
	}
}

// take returns the first free message of a bucket, marked busy, or nil when ctx
// ends. anyBucket takes from all. bucketOf sorts what comes from the store.
func (q *queue) take(ctx context.Context, bucket int, bucketOf func(*work) int) *item {
	stop := context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.moved.Broadcast()
	})
	defer stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for ctx.Err() == nil {
		if it := q.first(bucket); it != nil {
			it.busy = true
			return it
		}
		if q.more && !q.resting && len(q.items) <= q.limit/2 {
			q.fill(ctx, bucketOf)
			continue
		}
		q.moved.Wait()
	}
	return nil
}

const anyBucket = -1

// first finds the first free item of a bucket. A place that is not confirmed
// yet holds up what is behind it: order comes before speed.
func (q *queue) first(bucket int) *item {
	for _, it := range q.items {
		switch {
		case it.w == nil:
			return nil
		case bucket == anyBucket && !it.busy:
			return it
		case bucket == anyBucket || it.bucket != bucket:
		case it.busy:
			return nil // one at a time in a bucket
		default:
			return it
		}
	}
	return nil
}

// refillRetry is how long a queue waits before it asks the store again after a
// failure, or while a message with a lower id is still being saved.
const refillRetry = 200 * time.Millisecond

// fill reads the next messages from the store. It is called with mu held, and
// gives it up while reading. Ids at or above the lowest one that is announced
// but not confirmed stay for the next time: that one must come before them.
func (q *queue) fill(ctx context.Context, bucketOf func(*work) int) {
	q.resting, q.ended = true, map[int64]bool{}
	after, room := q.from, q.limit-len(q.items)
	q.mu.Unlock()
	works, err := q.refill(ctx, after, room)
	q.mu.Lock()
	ended := q.ended
	q.resting, q.ended = false, nil

	added := 0
	for _, w := range works {
		if q.blocked(w.m.ID) {
			err = errLowerIDPending
			break
		}
		q.from = max(q.from, w.m.ID)
		if !q.holds(w.m.ID) && !ended[w.m.ID] {
			q.items = append(q.items, &item{id: w.m.ID, w: w, bucket: bucketOf(w)})
			added++
		}
	}
	if err == nil && len(works) < room && len(q.outside) == 0 {
		q.more = false
	} else if added == 0 && (err != nil || len(works) < room) {
		q.resting = true
		time.AfterFunc(refillRetry, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.resting = false
			q.moved.Broadcast()
		})
	}
	q.moved.Broadcast()
}

var errLowerIDPending = errors.New("a message with a lower id is still being saved")

func (q *queue) blocked(id int64) bool {
	for waiting := range q.outside {
		if waiting <= id {
			return true
		}
	}
	return false
}

func (q *queue) holds(id int64) bool {
	for _, it := range q.items {
		if it.id == id {
			return true
		}
	}
	return false
}

// done takes a finished message out.
func (q *queue) done(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size--
	q.remove(it.id)
	if q.ended != nil {
		q.ended[it.id] = true
	}
	q.moved.Broadcast()
}

// release gives a message back: to its place, or behind the others.
func (q *queue) release(it *item, behind bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.busy = false
	if behind {
		q.remove(it.id)
		q.items = append(q.items, it)
	}
	q.moved.Broadcast()
}

// length is how many messages wait.
func (q *queue) length() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}

// empty forgets the window: the store has it all.
func (q *queue) empty() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items, q.outside, q.more, q.size, q.from = nil, map[int64]bool{}, false, 0, 0
}
