package script

import (
	"sync"

	"github.com/weir-health/weir/internal/script/java"
)

// SharedMap is globalMap or globalChannelMap: values that outlive a message. It
// may be used by many goroutines at once.
type SharedMap struct {
	mu     sync.Mutex
	values map[string]*shared
	locks  map[string]chan struct{}
	kept   []java.Handle // what its values hold open
}

// shared is a value as it was put. It is not changed: a new Put makes a new one,
// so that a script can tell whether what it once read is still there.
type shared struct{ value any }

// NewSharedMap returns an empty map.
func NewSharedMap() *SharedMap {
	return &SharedMap{values: make(map[string]*shared), locks: make(map[string]chan struct{})}
}

// Get returns a value and whether there is one.
func (m *SharedMap) Get(key string) (any, bool) {
	if s := m.get(key); s != nil {
		return s.value, true
	}
	return nil, false
}

func (m *SharedMap) get(key string) *shared {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[key]
}

// Put sets a value and returns the one that was there.
func (m *SharedMap) Put(key string, value any) (previous any) {
	if old, _ := m.put(key, value); old != nil {
		return old.value
	}
	return nil
}

// put returns what was there, or nil, and what is there now.
func (m *SharedMap) put(key string, value any) (before, now *shared) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, now = m.values[key], &shared{value}
	m.values[key] = now
	return before, now
}

// takeBack has what was there before a put there again, unless somebody has put something
// else since.
func (m *SharedMap) takeBack(key string, before, now *shared) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.values[key] != now:
	case before == nil:
		delete(m.values, key)
	default:
		m.values[key] = before
	}
}

// replace puts a value in the place of one that is still there.
func (m *SharedMap) replace(key string, old *shared, value any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values[key] == old {
		m.values[key] = &shared{value}
	}
}

// Remove takes a value out and returns it.
func (m *SharedMap) Remove(key string) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.values[key]
	if s == nil {
		return nil
	}
	delete(m.values, key)
	return s.value
}

// Clear removes all values, and closes what they hold open.
func (m *SharedMap) Clear() {
	m.mu.Lock()
	clear(m.values)
	kept := m.kept
	m.kept = nil
	m.mu.Unlock()
	for _, h := range kept {
		h.Release()
	}
}

// maxKept is how much the values of a map may hold open before what is no longer
// among them is closed.
const maxKept = 20

// keep takes over what a run has opened and left in the map; it returns the
// rest, which the run closes.
func (m *SharedMap) keep(open map[java.Handle]bool) map[java.Handle]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	here := make(map[java.Handle]bool)
	for _, s := range m.values {
		if h := java.HandleOf(s.value); h != nil {
			here[h] = true
		}
	}
	rest := make(map[java.Handle]bool)
	for h := range open {
		if here[h] {
			m.kept = append(m.kept, h)
		} else {
			rest[h] = true
		}
	}
	if len(m.kept) > maxKept {
		var kept []java.Handle
		for _, h := range m.kept {
			if here[h] {
				kept = append(kept, h)
			} else {
				rest[h] = true
			}
		}
		m.kept = kept
	}
	return rest
}

// Snapshot returns a copy of what the map holds.
func (m *SharedMap) Snapshot() map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[string]any, len(m.values))
	for k, s := range m.values {
		out[k] = s.value
	}
	return out
}

// lock returns the lock of a key: a channel that holds one token while the key
// is free.
func (m *SharedMap) lock(key string) chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.locks[key]
	if l == nil {
		l = make(chan struct{}, 1)
		l <- struct{}{}
		m.locks[key] = l
	}
	return l
}
