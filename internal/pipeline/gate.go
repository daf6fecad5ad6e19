package pipeline

import (
	"container/heap"
	"sync"
)

// gate lets a fixed number of messages be processed at once, strictly in the
// order in which their tickets were drawn: with one processing thread, in order
// of message id, whatever the order in which the store answered.
//
// A ticket is drawn with next, and must be given back exactly once: by skip when
// the message was not kept, or by leave after enter.
type gate struct {
	mu      sync.Mutex
	free    int
	drawn   uint64
	serving uint64 // the lowest ticket that has neither entered nor been skipped
	waiting ticketHeap
	skipped map[uint64]bool
}

type ticket struct {
	number uint64
	ready  chan struct{}
}

func newGate(slots int) *gate {
	return &gate{free: max(slots, 1), skipped: map[uint64]bool{}}
}

func (g *gate) next() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.drawn
	g.drawn++
	return n
}

// skip gives up a ticket that never entered.
func (g *gate) skip(number uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.skipped[number] = true
	g.admit()
}

// enter waits for the ticket's turn.
func (g *gate) enter(number uint64) {
	g.mu.Lock()
	if g.free > 0 && number == g.serving {
		g.free--
		g.serving++
		g.admit()
		g.mu.Unlock()
		return
	}
	t := ticket{number, make(chan struct{})}
	heap.Push(&g.waiting, t)
	g.admit()
	g.mu.Unlock()
	<-t.ready
}

// leave frees the slot of a ticket that entered.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free++
	g.admit()
}

func (g *gate) admit() {
	for {
		for g.skipped[g.serving] {
			delete(g.skipped, g.serving)
			g.serving++
		}
		if g.free == 0 || len(g.waiting) == 0 || g.waiting[0].number != g.serving {
			return
		}
		t := heap.Pop(&g.waiting).(ticket)
		g.free--
		g.serving++
		close(t.ready)
	}
}

type ticketHeap []ticket

func (h ticketHeap) Len() int           { return len(h) }
func (h ticketHeap) Less(i, j int) bool { return h[i].number < h[j].number }
func (h ticketHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *ticketHeap) Push(x any)        { *h = append(*h, x.(ticket)) }
func (h *ticketHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	*h = old[:len(old)-1]
	return t
}
