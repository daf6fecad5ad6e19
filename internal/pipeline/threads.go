package pipeline

import (
	"hash/maphash"
	"sync"
)

// senders numbers those who send at the same moment, lowest free number first,
// so that a connector that keeps a socket for each needs few of them.
type senders struct {
	mu   sync.Mutex
	busy []bool
}

func (s *senders) take() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range s.busy {
		if !b {
			s.busy[i] = true
			return i
		}
	}
	s.busy = append(s.busy, true)
	return len(s.busy) - 1
}

func (s *senders) give(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[n] = false
}

// threadAssignment pins the values of a destination's thread assignment
// variable to its queue threads: the same value, the same thread, so order is
// kept for each value. As in Mirth the first values take the threads one after
// another and further ones are hashed; the mapping holds for one run.
type threadAssignment struct {
	count int

	mu    sync.Mutex
	seed  maphash.Seed
	known map[string]int
}

func (t *threadAssignment) bucket(value string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n, ok := t.known[value]; ok {
		return n
	}
	if t.known == nil {
		t.known, t.seed = map[string]int{}, maphash.MakeSeed()
	}
	if n := len(t.known); n < t.count {
		t.known[value] = n
		return n
	}
	return int(maphash.String(t.seed, value) % uint64(t.count))
}

// forget begins a new run.
func (t *threadAssignment) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = nil
}
