package java

import (
	"math/bits"
	"reflect"
	"sort"
	"strings"
	"sync"
)

// mapping is what the methods of java.util.Map are written against: the maps of
// this package, and those that live elsewhere, such as the channel map.
type mapping interface {
	Get(key any) (any, bool)
	// Put sets a value and returns the one before; it panics with a thrown value
	// where that is refused.
	Put(c *Call, key, value any) any
	Remove(c *Call, key any) any
	Clear(c *Call)
	Len() int
	Keys() []any
}

// Mapping is mapping, for packages that add maps of their own.
type Mapping = mapping

// order is how a Map arranges its keys.
type order uint8

const (
	hashed order = iota // as java.util.HashMap does
	linked              // in order of insertion
	sorted              // in natural order
)

// Map is a map of any of Java's classes. It may be shared by runs.
type Map struct {
	class  string
	order  order
	mu     sync.Mutex
	index  map[any]int
	pairs  []Pair // in order of insertion, removed ones have gone
	table  int    // buckets of a hashed map; a power of two that only grows
	frozen bool
	// anyNumber lets numbers of other classes find Integer keys.
	anyNumber bool
	folded    bool                // texts are found in upper or lower case
	less      func(a, b any) bool // of a sorted one with a comparator
	noNulls   bool
}

// NewMap returns a LinkedHashMap.
func NewMap() *Map { return newMap("java.util.LinkedHashMap", linked) }

// columnsClass is the class of the maps that NewColumns makes.
const columnsClass = "org.apache.commons.dbutils.BasicRowProcessor$CaseInsensitiveHashMap"

// NewColumns returns the map of a row of a database. It keeps the labels of columns as they
// are and finds them in upper or lower case, as that of Commons DbUtils, which Mirth has.
func NewColumns() *Map {
	m := newMap(columnsClass, linked)
	m.folded = true
	return m
}

// IsColumns reports whether it is such a map.
func (m *Map) IsColumns() bool { return m.folded }

// NewHashMap returns a HashMap.
func NewHashMap() *Map { return newMap("java.util.HashMap", hashed) }

// NewFixedMap returns a map that scripts cannot change.
func NewFixedMap(pairs ...Pair) *Map {
	m := NewMap()
	for _, p := range pairs {
		m.set(p.Key, p.Value)
	}
	m.frozen = true
	return m
}

func newMap(class string, o order) *Map {
	return &Map{class: class, order: o, index: make(map[any]int)}
}

// tableFor is how many buckets a HashMap has that is made as a copy of n entries.
func tableFor(n int) int {
	return 1 << bits.Len(uint(n*4/3))
}

func (m *Map) JavaClass() string { return m.class }

// Portable gives the map with the texts of its keys.
func (m *Map) Portable() any {
	out := make(map[string]any, m.Len())
	for _, p := range m.Pairs() {
		out[Text(p.Key)] = p.Value
	}
	return out
}

// keyOf returns what a key is found by.
func keyOf(k any) any {
	switch k := k.(type) {
	case nil, string, float64, int32, int64, bool:
		return k
	case *Date:
		return dateKey(k.Millis())
	}
	if reflect.TypeOf(k).Comparable() {
		return k
	}
	return Text(k)
}

type dateKey int64

// keyOf is keyOf as the map finds keys.
func (m *Map) keyOf(key any) any {
	k := keyOf(key)
	if text, ok := k.(string); ok && m.folded {
		return strings.ToLower(text)
	}
	return k
}

func (m *Map) Get(key any) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.keyOf(key)
	if f, ok := k.(float64); ok && m.anyNumber {
		k = int32(f)
	}
	i, ok := m.index[k]
	if !ok {
		return nil, false
	}
	return m.pairs[i].Value, true
}

// Set puts a value from Go code.
func (m *Map) Set(key, value any) { m.set(key, value) }

func (m *Map) set(key, value any) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.keyOf(key)
	if i, ok := m.index[k]; ok {
		old := m.pairs[i].Value
		m.pairs[i].Value = value
		return old
	}
	m.index[k] = len(m.pairs)
	m.pairs = append(m.pairs, Pair{key, value})
	if m.table == 0 {
		m.table = 16
	}
	if n := len(m.pairs); n > m.table/4*3 {
		m.table *= 2
	}
	return nil
}

func (m *Map) Put(c *Call, key, value any) any {
	m.check(c)
	if (m.order == sorted || m.noNulls) && key == nil || m.noNulls && value == nil {
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	return m.set(key, (&Call{VM: c.VM, This: m}).element(value))
}

func (m *Map) check(c *Call) {
	if m.frozen {
		panic(c.Throw("java.lang.UnsupportedOperationException", "the map cannot be changed"))
	}
}

func (m *Map) Remove(c *Call, key any) any {
	m.check(c)
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.keyOf(key)
	i, ok := m.index[k]
	if !ok {
		return nil
	}
	old := m.pairs[i].Value
	m.pairs = append(m.pairs[:i:i], m.pairs[i+1:]...)
	delete(m.index, k)
	for k, at := range m.index {
		if at > i {
			m.index[k] = at - 1
		}
	}
	return old
}

func (m *Map) Clear(c *Call) {
	m.check(c)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pairs = nil
	clear(m.index)
}

func (m *Map) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.pairs)
}

// Pairs returns the entries in the order in which Java would run through them.
func (m *Map) Pairs() []Pair {
	m.mu.Lock()
	pairs := append([]Pair(nil), m.pairs...)
	table := m.table
	m.mu.Unlock()
	switch m.order {
	case hashed:
		shift := bits.TrailingZeros(uint(max(table, 1)))
		bucket := func(k any) uint32 {
			h := uint32(hashOf(k))
			return (h ^ h>>16) & (1<<shift - 1)
		}
		sort.SliceStable(pairs, func(i, j int) bool { return bucket(pairs[i].Key) < bucket(pairs[j].Key) })
	case sorted:
		sort.SliceStable(pairs, func(i, j int) bool { return m.before(pairs[i].Key, pairs[j].Key) })
	}
	return pairs
}

func (m *Map) before(a, b any) bool {
	if m.less != nil {
		return m.less(a, b)
	}
	n, _ := compare(a, b)
	return n < 0
}

// Keys returns the keys in the map's order.
func (m *Map) Keys() []any {
	pairs := m.Pairs()
	keys := make([]any, len(pairs))
	for i, p := range pairs {
		keys[i] = p.Key
	}
	return keys
}

// String is {k=v, k=v}.
func (m *Map) String() string { return braces(m, Text) }

func braces(m mapping, text func(any) string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, k := range m.Keys() {
		if i > 0 {
			b.WriteString(", ")
		}
		v, _ := m.Get(k)
		b.WriteString(text(k) + "=" + text(v))
	}
	b.WriteByte('}')
	return b.String()
}

// Entry is a Map.Entry.
type Entry struct {
	of         mapping
	key, value any
}

func (e *Entry) JavaClass() string { return "java.util.Map.Entry" }
func (e *Entry) String() string    { return Text(e.key) + "=" + Text(e.value) }

// MapMethods are the methods of java.util.Map for any [Mapping].
func MapMethods() Methods {
	on := func(f func(m mapping, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(mapping), c) }
	}
	computed := func(absent, present bool) func(*Call) any {
		return on(func(m mapping, c *Call) any {
			key := c.Object(0)
			old, has := m.Get(key)
			if has && old != nil && !present || (!has || old == nil) && !absent {
				return Object(old)
			}
			f := c.Func(1)
			var v any
			if present {
				v = f(key, old)
			} else {
				v = f(key)
			}
			if v == nil {
				m.Remove(c, key)
			} else {
				m.Put(c, key, v)
			}
			return Object(v)
		})
	}
	return merged(moreMapMethods(), Methods{
		"get": on(func(m mapping, c *Call) any { v, _ := m.Get(c.Object(0)); return Object(v) }),
		"getOrDefault": on(func(m mapping, c *Call) any {
			if v, ok := m.Get(c.Object(0)); ok {
				return Object(v)
			}
			return Object(c.Object(1))
		}),
		"put": on(func(m mapping, c *Call) any { return Object(m.Put(c, c.Object(0), c.Object(1))) }),
		"add": on(func(m mapping, c *Call) any { m.Put(c, c.Object(0), c.Object(1)); return c.This }),
		"putIfAbsent": on(func(m mapping, c *Call) any {
			v, ok := m.Get(c.Object(0))
			if !ok || v == nil {
				m.Put(c, c.Object(0), c.Object(1))
			}
			return Object(v)
		}),
		"putAll": on(func(m mapping, c *Call) any {
			pairs, ok := c.Pairs(0)
			if !ok {
				panic(c.Throw("java.lang.IllegalArgumentException", "a map is needed"))
			}
			for _, p := range pairs {
				m.Put(c, p.Key, p.Value)
			}
			return Void
		}),
		"remove": on(func(m mapping, c *Call) any {
			if c.Len() == 2 {
				v, has := m.Get(c.Object(0))
				if has = has && equal(v, c.Object(1)); has {
					m.Remove(c, c.Object(0))
				}
				return has
			}
			return Object(m.Remove(c, c.Object(0)))
		}),
		"containsKey": on(func(m mapping, c *Call) any { _, ok := m.Get(c.Object(0)); return ok }),
		"containsValue": on(func(m mapping, c *Call) any {
			v := c.Object(0)
			for _, k := range m.Keys() {
				if w, _ := m.Get(k); equal(w, v) {
					return true
				}
			}
			return false
		}),
		"size":    on(func(m mapping, c *Call) any { return m.Len() }),
		"isEmpty": on(func(m mapping, c *Call) any { return m.Len() == 0 }),
		"clear":   on(func(m mapping, c *Call) any { m.Clear(c); return Void }),
		"keySet":  on(func(m mapping, c *Call) any { return newView(m, "java.util.Set", true, false) }),
		"values":  on(func(m mapping, c *Call) any { return newView(m, "java.util.Collection", false, true) }),
		"entrySet": on(func(m mapping, c *Call) any {
			return newView(m, "java.util.Set", true, true)
		}),
		"forEach": on(func(m mapping, c *Call) any {
			f := c.Func(0)
			for _, k := range m.Keys() {
				v, _ := m.Get(k)
				f(k, v)
			}
			return Void
		}),
		"computeIfAbsent":  computed(true, false),
		"computeIfPresent": computed(false, true),
		"compute":          computed(true, true),
		"merge": on(func(m mapping, c *Call) any {
			v := c.Object(1)
			if old, ok := m.Get(c.Object(0)); ok && old != nil {
				v = c.Func(2)(old, v)
			}
			m.Put(c, c.Object(0), v)
			return Object(v)
		}),
		"toString": on(func(m mapping, c *Call) any { return braces(m, c.VM.Text) }),
		"firstKey": on(func(m mapping, c *Call) any { return Object(end(c, m.Keys(), 0)) }),
		"lastKey":  on(func(m mapping, c *Call) any { return Object(end(c, m.Keys(), -1)) }),
		"clone":    on(func(m mapping, c *Call) any { return copyMap(c.This, m) }),
	})
}

// end returns the first or last of keys that may not be empty.
func end(c *Call, keys []any, i int) any {
	if len(keys) == 0 {
		panic(c.Throw("java.util.NoSuchElementException", ""))
	}
	return keys[(len(keys)+i)%len(keys)]
}

func copyMap(like any, m mapping) *Map {
	out := NewHashMap()
	if l, ok := like.(*Map); ok {
		out = newMap(l.class, l.order)
	}
	for _, k := range m.Keys() {
		v, _ := m.Get(k)
		out.set(k, v)
	}
	return out
}

// view is keySet, values or entrySet: a collection that shows a map.
type view struct {
	class        string
	of           mapping
	keys, values bool
}

func newView(m mapping, class string, keys, values bool) *view {
	return &view{class: class, of: m, keys: keys, values: values}
}

func (v *view) JavaClass() string { return v.class }
func (v *view) Portable() any     { return v.Items() }
func (v *view) String() string    { return bracketed(v.Items(), Text) }

func (v *view) Items() []any {
	keys := v.of.Keys()
	items := make([]any, len(keys))
	for i, k := range keys {
		value, _ := v.of.Get(k)
		switch {
		case v.keys && v.values:
			items[i] = &Entry{v.of, k, value}
		case v.keys:
			items[i] = k
		default:
			items[i] = value
		}
	}
	return items
}

// discard removes the entry behind an element.
func (v *view) discard(c *Call, item any) bool {
	for _, k := range v.of.Keys() {
		value, _ := v.of.Get(k)
		e, isEntry := item.(*Entry)
		if isEntry && equal(e.key, k) || v.keys && !v.values && equal(item, k) || !v.keys && equal(item, value) {
			v.of.Remove(c, k)
			return true
		}
	}
	return false
}

// NewIntMap returns a map with Integer keys that numbers of any class find.
func NewIntMap() *Map {
	m := NewMap()
	m.anyNumber = true
	return m
}
