package pipeline

import (
	"context"
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
	limit   int  // messages in the window
	hands   int  // threads that take from it
	buckets bool // each thread takes from a bucket of its own, not from all
	refill  func(ctx context.Context, after int64, limit int) ([]*work, error)

	mu      sync.Mutex
	moved   sync.Cond
	items   []*item        // the window, in order
	bytes   int64          // of their contents
	atOnce  int            // how many are read from the store next time
	outside map[int64]bool // announced, not confirmed, not in the window
	more    bool           // the store may hold messages beyond the window
	from    int64          // with more: every message outside the window has a higher id
	size    int64          // all waiting messages, in the window or not
	reading bool           // a refill is under way
	resting bool           // the last refill brought nothing; the next one waits for news
	ended   map[int64]bool // finished while a refill was reading, which may still have seen them waiting
	fresh   int64          // lowest id confirmed while a refill was reading, which may not have seen it; or 0
	behind  bool           // messages were put back into the store, to be taken again after all others
	taken   int64          // messages taken since load
	left    map[int64]bool // finished while messages are being removed; see watch
	held    map[int64]bool // waiting in the store, but about to begin anew; see withhold
}

// item is one place in the window.
type item struct {
	id      int64
	w       *work // nil until confirmed
	size    int64 // of its contents
	busy    bool
	sent    bool // busy, but for its outcome to be recorded
	bucket  int
	ordinal int64 // how many were taken before, when it was last taken
	gone    bool  // somebody has removed it from the store
}

func newQueue(limit, hands int, refill func(ctx context.Context, after int64, limit int) ([]*work, error)) *queue {
	q := &queue{limit: limit, hands: hands, atOnce: firstRead, refill: refill, outside: map[int64]bool{}}
	q.moved.L = &q.mu
	return q
}

// load begins with what the store holds already.
func (q *queue) load(count int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items, q.bytes, q.outside = nil, 0, map[int64]bool{}
	q.size, q.more, q.from = count, count > 0, 0
	q.resting, q.behind, q.taken = false, false, 0
}

// announce takes a place for a message that is about to be saved.
func (q *queue) announce(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size++
	switch {
	case !q.more && len(q.items) < q.limit && q.bytes < windowBytes:
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
	q.resting = false
	if q.outside[id] {
		delete(q.outside, id)
		if q.reading && (q.fresh == 0 || id < q.fresh) {
			q.fresh = id
		}
	} else {
		for i := len(q.items) - 1; i >= 0; i-- { // it came lately
			if it := q.items[i]; it.id == id {
				it.w, it.bucket, it.size = w, bucket, w.size()
				q.bytes += it.size
				break
			}
		}
	}
	q.wake()
}

// wake wakes who may take something. Of threads that take from all, one is enough: it
// wakes the next one if there is more.
func (q *queue) wake() {
	switch {
	case q.buckets:
		q.moved.Broadcast()
	case q.first(anyBucket) != nil, q.wanting():
		q.moved.Signal()
	}
}

// What of a queue is in memory. What waits is read from the store a few at a time, so that
// many queues with a long backlog need no more memory than few.
const (
	windowBytes = 4 << 20 // of contents; what is in the threads' hands may exceed it
	firstRead   = 8       // messages that are read first, while their size is not known
	mostRead    = 128     // and that are read at once
)

// wanting reports whether the next messages are to be read from the store.
func (q *queue) wanting() bool {
	if !q.more || q.reading || q.resting {
		return false
	}
	low := min(q.limit/2, 2*q.hands+recordAtOnce)
	if q.buckets { // a thread may look for its own among many
		low = q.limit / 2
	}
	return len(q.items) <= low && q.bytes <= windowBytes/2 || len(q.items) < q.limit && q.first(anyBucket) == nil
}

// withdraw gives up an announced message that was not saved after all.
func (q *queue) withdraw(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size--
	q.resting = false
	delete(q.outside, id)
	q.remove(id)
	q.moved.Broadcast()
}

func (q *queue) remove(id int64) {
	for i, it := range q.items {
		if it.id == id {
			q.bytes -= it.size
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
			it.busy, it.ordinal = true, q.taken
			q.taken++
			if !q.buckets {
				q.wake()
			}
			return it
		}
		if q.wanting() {
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
		case bucket == anyBucket || it.bucket != bucket || it.sent:
		case it.busy:
			return nil // one at a time in a bucket
		default:
			return it
		}
	}
	return nil
}

// refillRetry is how long a queue waits before it asks a store again that failed.
const refillRetry = 200 * time.Millisecond

// fill reads the next messages from the store. It is called with mu held, and
// gives it up while reading.
func (q *queue) fill(ctx context.Context, bucketOf func(*work) int) {
	q.reading, q.ended, q.fresh = true, map[int64]bool{}, 0
	after, room := q.from, min(q.limit-len(q.items), q.atOnce)
	q.mu.Unlock()
	works, err := q.refill(ctx, after, room)
	q.mu.Lock()
	q.learn(works)
	ended, fresh := q.ended, q.fresh
	q.reading, q.ended = false, nil

	added, blocked := 0, false
	for _, w := range works {
		id := w.m.ID
		if blocked = q.blocked(id); blocked || fresh != 0 && id > fresh {
			break // a message with a lower id comes first
		}
		q.from = max(q.from, id)
		if !q.holds(id) && !ended[id] && !q.held[id] {
			it := &item{id: id, w: w, bucket: bucketOf(w), size: w.size()}
			q.items = append(q.items, it)
			q.bytes += it.size
			added++
		}
	}
	exhausted := len(works) < room && !blocked && fresh == 0
	switch {
	case err != nil:
		q.rest(refillRetry)
	case exhausted && len(q.outside) == 0 && q.behind:
		q.from, q.behind = 0, false
	case exhausted && len(q.outside) == 0:
		q.more = false
	case added == 0 && (exhausted || blocked):
		q.resting = true // until a message outside is saved
	}
	q.moved.Broadcast()
}

// learn sets how many messages are read next time, from the size of those that came now.
func (q *queue) learn(works []*work) {
	if len(works) == 0 {
		return
	}
	total := int64(0)
	for _, w := range works {
		total += w.size()
	}
	fit := windowBytes / 2 * int64(len(works)) / max(total, 1)
	q.atOnce = int(max(1, min(fit, int64(2*q.atOnce), mostRead)))
}

// rest keeps the queue from asking the store for some time.
func (q *queue) rest(d time.Duration) {
	q.resting = true
	time.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.resting = false
		q.moved.Broadcast()
	})
}

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

// sent says that a message is done but for its outcome to be recorded: the next one
// may be taken.
func (q *queue) sent(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.sent = true
	if q.buckets {
		q.wake()
	}
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
	if q.left != nil {
		q.left[it.id] = true
	}
	q.wake()
}

// find returns a message of the window, or nil.
func (q *queue) find(id int64) *item {
	for _, it := range q.items {
		if it.id == id {
			return it
		}
	}
	return nil
}

// watch notes what the queue's threads finish, until forget.
func (q *queue) watch() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.left = map[int64]bool{}
}

// forget takes out messages that waited when they were removed from the store,
// after watch. One that is in a thread's hand is the thread's to take out.
func (q *queue) forget(ids []int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		it := q.find(id)
		switch {
		case q.left[id]:
		case it != nil && it.busy:
			it.gone = true
		default:
			q.takeOut(id)
		}
	}
	q.left = nil
	q.moved.Broadcast()
}

// takeOut takes out a message that waits, here or in the store.
func (q *queue) takeOut(id int64) {
	q.size--
	q.resting = false
	delete(q.outside, id)
	q.remove(id)
	if q.ended != nil {
		q.ended[id] = true
	}
}

// isGone reports whether a message was removed while it was in a thread's hand.
func (q *queue) isGone(it *item) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return it.gone
}

// free leaves out those ids that are in a thread's hand.
func (q *queue) free(ids []int64) []int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	var list []int64
	for _, id := range ids {
		if it := q.find(id); it == nil || !it.busy {
			list = append(list, id)
		}
	}
	return list
}

// withhold takes out a message that waits, and keeps it out until restore. It
// returns false when the message is in a thread's hand.
func (q *queue) withhold(id int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if it := q.find(id); it != nil && (it.busy || it.w == nil) || q.outside[id] {
		return false
	}
	q.takeOut(id)
	if q.held == nil {
		q.held = map[int64]bool{}
	}
	q.held[id] = true
	return true
}

// restore ends withhold; back gives the message its place again.
func (q *queue) restore(id int64, back bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, id)
	if back {
		q.size++
		if !q.more {
			q.more, q.from = true, id-1
		}
		q.from = min(q.from, id-1)
	}
	q.moved.Broadcast()
}

// release gives a message back: to its place, or behind the others, those in the
// store included.
func (q *queue) release(it *item, behind bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	it.busy = false
	it.sent = false
	if behind {
		q.remove(it.id)
	}
	switch {
	case it.gone:
		q.size--
		q.remove(it.id)
	case behind && q.more:
		q.behind = true
	case behind:
		q.items = append(q.items, it)
		q.bytes += it.size
	}
	q.moved.Broadcast()
}

// length is how many messages wait.
func (q *queue) length() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}

// empty lets go of the window: the store has it all.
func (q *queue) empty() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items, q.bytes = nil, 0
}
