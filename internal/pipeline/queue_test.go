package pipeline

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/weir-health/weir"
)

// fakeRows is the waiting messages of a store.
type fakeRows struct {
	mu  sync.Mutex
	ids map[int64]bool
}

func (f *fakeRows) refill(_ context.Context, after int64, limit int) ([]*work, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []int64
	for id := range f.ids {
		if id > after {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var works []*work
	for _, id := range ids[:min(len(ids), limit)] {
		works = append(works, workOf(id))
	}
	return works, nil
}

func workOf(id int64) *work { return &work{m: &weir.Message{ID: id}} }

// Whatever the order in which saves are confirmed or fail, and however small the
// window, every kept message is taken exactly once, in the order of its place.
func TestQueueTakesEachOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := &fakeRows{ids: map[int64]bool{}}
		q := newQueue(rapid.IntRange(1, 8).Draw(t, "window"), rapid.IntRange(1, 3).Draw(t, "hands"), rows.refill)
		stored := rapid.IntRange(0, 10).Draw(t, "stored")
		next := int64(1)
		for range stored {
			rows.ids[next] = true
			next++
		}
		q.load(int64(stored))
		var open, taken []int64
		kept := map[int64]bool{}
		for id := range rows.ids {
			kept[id] = true
		}
		ctx := context.Background()
		take := func() {
			it := q.take(ctx, anyBucket, noBucket)
			taken = append(taken, it.id)
			rows.mu.Lock()
			delete(rows.ids, it.id)
			rows.mu.Unlock()
			q.done(it)
		}
		// ready tells whether a take would return at once: the lowest place is
		// kept, and nothing lower is still being saved.
		ready := func() bool {
			lowest := int64(0)
			for id := range rows.ids {
				if lowest == 0 || id < lowest {
					lowest = id
				}
			}
			if lowest == 0 {
				return false
			}
			for _, id := range open {
				if id < lowest {
					return false
				}
			}
			return true
		}
		steps := rapid.IntRange(1, 60).Draw(t, "steps")
		for range steps {
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0:
				q.announce(next)
				open = append(open, next)
				next++
			case 1, 2:
				if len(open) == 0 {
					continue
				}
				i := rapid.IntRange(0, len(open)-1).Draw(t, "which")
				id := open[i]
				open = slices.Delete(open, i, i+1)
				if rapid.Bool().Draw(t, "saved") {
					rows.ids[id], kept[id] = true, true
					q.confirm(id, workOf(id), 0)
				} else {
					q.withdraw(id)
				}
			case 3:
				if ready() {
					take()
				}
			}
		}
		for _, id := range open {
			rows.ids[id], kept[id] = true, true
			q.confirm(id, workOf(id), 0)
		}
		open = nil
		for q.length() > 0 {
			take()
		}
		if len(taken) != len(kept) {
			t.Fatalf("%d of %d kept messages were taken: %v", len(taken), len(kept), taken)
		}
		if !slices.IsSorted(taken) {
			t.Fatalf("not in order: %v", taken)
		}
	})
}

// One message of a bucket is in hand at a time; another bucket goes on.
func TestQueueBuckets(t *testing.T) {
	q := newQueue(10, 1, nil)
	for id := int64(1); id <= 4; id++ {
		q.announce(id)
		q.confirm(id, workOf(id), int(id%2))
	}
	ctx, cancel := context.WithCancel(context.Background())
	odd := q.take(ctx, 1, noBucket)
	even := q.take(ctx, 0, noBucket)
	if odd.id != 1 || even.id != 2 {
		t.Fatalf("took %d and %d, want 1 and 2", odd.id, even.id)
	}
	cancel()
	if it := q.take(ctx, 1, noBucket); it != nil {
		t.Errorf("took %d of a bucket that has a message in hand", it.id)
	}
	q.done(odd)
	if it := q.take(context.Background(), 1, noBucket); it.id != 3 {
		t.Errorf("took %d after 1 was done, want 3", it.id)
	}
}

// A message given back stands in its old place, or behind all others.
func TestQueueRelease(t *testing.T) {
	q := newQueue(10, 1, nil)
	for id := int64(1); id <= 3; id++ {
		q.announce(id)
		q.confirm(id, workOf(id), 0)
	}
	take := func() *item { return q.take(context.Background(), anyBucket, noBucket) }
	q.release(take(), false)
	first := take()
	if first.id != 1 {
		t.Fatalf("took %d, want 1 again", first.id)
	}
	q.release(first, true)
	var got []int64
	for range 3 {
		it := take()
		got = append(got, it.id)
		q.done(it)
	}
	if want := []int64{2, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
}

// A take that waits ends with its context.
func TestQueueTakeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1, 1, nil)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan *item)
		go func() { ended <- q.take(ctx, anyBucket, noBucket) }()
		synctest.Wait()
		cancel()
		if it := <-ended; it != nil {
			t.Errorf("took %v from an empty queue", it)
		}
	})
}

// A message confirmed while the store is being read is not forgotten, although
// the read has seen only those behind it.
func TestQueueConfirmedWhileReading(t *testing.T) {
	rows := &fakeRows{ids: map[int64]bool{}}
	var q *queue
	during := func() {}
	q = newQueue(1, 1, func(ctx context.Context, after int64, limit int) ([]*work, error) {
		works, err := rows.refill(ctx, after, limit)
		during()
		return works, err
	})
	keep := func(id int64) {
		rows.mu.Lock()
		rows.ids[id] = true
		rows.mu.Unlock()
		q.confirm(id, workOf(id), 0)
	}
	for id := int64(1); id <= 3; id++ {
		q.announce(id)
	}
	keep(1)
	keep(3)
	during = func() { // 3 has been read, 2 is on disk only now
		during = func() {}
		keep(2)
	}
	var got []int64
	for range 3 {
		it := q.take(context.Background(), anyBucket, noBucket)
		got = append(got, it.id)
		rows.mu.Lock()
		delete(rows.ids, it.id)
		rows.mu.Unlock()
		q.done(it)
	}
	if want := []int64{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
}

// Large messages that wait are in memory a few at a time; all come, in order, and one that
// is larger than the window passes too.
func TestQueueBytes(t *testing.T) {
	large := strings.Repeat("x", windowBytes/4)
	workOf := func(id int64) *work {
		cm := &weir.ConnectorMessage{MessageID: id}
		cm.Set(weir.Raw, large, "RAW")
		if id == 7 {
			cm.Set(weir.Encoded, strings.Repeat(large, 5), "RAW")
		}
		return &work{m: &weir.Message{ID: id, Connectors: []*weir.ConnectorMessage{cm}}}
	}
	const stored, all = 20, 40
	onDisk := int64(stored)
	q := newQueue(1000, 1, func(_ context.Context, after int64, limit int) (works []*work, err error) {
		for id := after + 1; id <= onDisk && len(works) < limit; id++ {
			works = append(works, workOf(id))
		}
		return works, nil
	})
	q.load(stored)
	most := 0
	for want := int64(1); want <= all; want++ {
		it := q.take(context.Background(), anyBucket, noBucket)
		if it.id != want {
			t.Fatalf("took %d, want %d", it.id, want)
		}
		if most = max(most, len(q.items)); want == stored/2 {
			for id := int64(stored + 1); id <= all; id++ { // as they come in
				q.announce(id)
				onDisk = id
				q.confirm(id, workOf(id), 0)
			}
		}
		q.done(it)
	}
	if q.length() != 0 || q.bytes != 0 || most > firstRead {
		t.Errorf("%d wait, %d bytes in the window, %d at most in it", q.length(), q.bytes, most)
	}
}
