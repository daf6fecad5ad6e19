package group

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/weir-health/weir/internal/store"
)

var ctx = context.Background()

func TestQueueIsBounded(t *testing.T) {
	for _, c := range []struct {
		name string
		size int
		fits int
	}{
		{"by number", 1, MaxQueued},
		{"by bytes", MaxQueuedBytes / 4, 4},
		{"but one may exceed it", MaxQueuedBytes * 3, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue[int]()
				var in atomic.Int64
				for range c.fits + 10 {
					go func() {
						if q.Put(t.Context(), &Entry[int]{Size: c.size}) == nil {
							in.Add(1)
						}
					}()
				}
				synctest.Wait()
				if got := int(in.Load()); got != c.fits {
					t.Errorf("%d were let in, want %d", got, c.fits)
				}
				if got := len(q.take(nil)); got != c.fits {
					t.Errorf("took %d, want %d", got, c.fits)
				}
				synctest.Wait()
				if got, want := int(in.Load()), c.fits+min(c.fits, 10); got != want {
					t.Errorf("%d were let in after the group was taken, want %d", got, want)
				}
				q.Close()
			})
		})
	}
}

func TestQueueKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue[int]()
		// The second is too large to join the first; the third, small, stays behind it.
		sizes := []int{10, MaxQueuedBytes, 20}
		for _, size := range sizes {
			go q.Put(ctx, &Entry[int]{Size: size})
			synctest.Wait()
		}
		for _, want := range sizes {
			group := q.take(nil)
			if len(group) != 1 || group[0].Size != want {
				t.Errorf("got %d entries, first of size %d, want one of %d", len(group), group[0].Size, want)
			}
		}
	})
}

func TestQueueLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue[int]()
		over, cancel := context.WithCancel(ctx)
		q.Put(ctx, &Entry[int]{Size: 10})
		left := make(chan error, 1)
		go func() { left <- q.Put(over, &Entry[int]{Size: MaxQueuedBytes}) }()
		synctest.Wait()
		in := make(chan error, 1)
		go func() { in <- q.Put(ctx, &Entry[int]{Size: 20}) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v", err, context.Canceled)
		}
		if err := <-in; err != nil {
			t.Errorf("who stood behind: %v", err)
		}
		if got := len(q.take(nil)); got != 2 {
			t.Errorf("took %d, want 2", got)
		}
	})
}

func TestQueueClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue[int]()
		q.Put(ctx, &Entry[int]{Size: 10})
		refused := make(chan error, 1)
		go func() { refused <- q.Put(ctx, &Entry[int]{Size: MaxQueuedBytes}) }()
		synctest.Wait()
		q.Close()
		if err := <-refused; !errors.Is(err, store.ErrClosed) {
			t.Errorf("in line: got error %v, want %v", err, store.ErrClosed)
		}
		if err := q.Put(ctx, &Entry[int]{}); !errors.Is(err, store.ErrClosed) {
			t.Errorf("after close: got error %v, want %v", err, store.ErrClosed)
		}
		if got := q.take(nil); len(got) != 1 {
			t.Errorf("took %d of what was pending, want 1", len(got))
		}
		if got := q.take(nil); got != nil {
			t.Errorf("took %d after all, want nil", len(got))
		}
	})
}
