package script

import "sync"

// SharedMap is globalMap or globalChannelMap: values that outlive a message. It
// may be used by many goroutines at once. Null keys and values are refused, as
// in Mirth.
type SharedMap struct {
	mu     sync.Mutex
	values map[string]any
	locks  map[string]chan struct{}
}

// NewSharedMap returns an empty map.
func NewSharedMap() *SharedMap { return &SharedMap{values: make(map[string]any)} }

// Get returns a value and whether there is one.
func (m *SharedMap) Get(key string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok
}

// Put sets a value and returns the one that was there.
func (m *SharedMap) Put(key string, value any) (previous any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	previous = m.values[key]
	m.values[key] = value
	return previous
}

// Remove takes a value out and returns it.
func (m *SharedMap) Remove(key string) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.values[key]
	delete(m.values, key)
	return v
}

// Clear removes all values.
func (m *SharedMap) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.values)
}

// Snapshot returns a copy of what the map holds.
func (m *SharedMap) Snapshot() map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[string]any, len(m.values))
	for k, v := range m.values {
		out[k] = v
	}
	return out
}
