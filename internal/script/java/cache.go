package java

import "sync"

// cache keeps what is dear to make, for all runtimes. When it is full it begins
// anew: scripts that make up ever new keys must not fill the memory.
type cache[V any] struct {
	mu sync.Mutex
	m  map[string]V
}

const maxCached = 1000

func (c *cache[V]) get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.m[key]
	return v, ok
}

func (c *cache[V]) put(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxCached {
		c.m = make(map[string]V)
	}
	c.m[key] = v
}
