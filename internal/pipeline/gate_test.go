package pipeline

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
)

// With one slot, messages are processed in the order of their tickets, in
// whatever order they come to the gate, and a skipped ticket holds up nobody.
func TestGateKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		const n = 200
		tickets := make([]uint64, n)
		for i := range tickets {
			tickets[i] = g.next()
		}
		var mu sync.Mutex
		var order []uint64
		var all sync.WaitGroup
		for _, i := range rand.Perm(n) {
			number := tickets[i]
			all.Go(func() {
				if number%7 == 3 {
					g.skip(number)
					return
				}
				g.enter(number)
				mu.Lock()
				order = append(order, number)
				mu.Unlock()
				g.leave()
			})
		}
		all.Wait()
		for i := 1; i < len(order); i++ {
			if order[i] < order[i-1] {
				t.Fatalf("ticket %d was served after %d", order[i], order[i-1])
			}
		}
		if want := n - (n+3)/7; len(order) != want {
			t.Errorf("%d tickets were served, want %d", len(order), want)
		}
	})
}

// No more are inside than there are slots, and all slots are used.
func TestGateBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4)
		release := make(chan struct{})
		var mu sync.Mutex
		inside, highest := 0, 0
		var all sync.WaitGroup
		for range 20 {
			number := g.next()
			all.Go(func() {
				g.enter(number)
				mu.Lock()
				inside++
				highest = max(highest, inside)
				mu.Unlock()
				<-release
				mu.Lock()
				inside--
				mu.Unlock()
				g.leave()
			})
		}
		synctest.Wait()
		if inside != 4 {
			t.Errorf("%d are inside, want 4", inside)
		}
		close(release)
		all.Wait()
		if highest != 4 {
			t.Errorf("%d were inside at once, want 4", highest)
		}
	})
}
