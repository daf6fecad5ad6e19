package java

import (
	"slices"
	"strings"
	"sync"
)

// List is a list, or a set kept in its order, of any of Java's classes. It may
// be shared by runs.
type List struct {
	class  string
	mu     sync.Mutex
	items  []any
	frozen bool               // unmodifiable
	sized  bool               // of Arrays.asList: neither grows nor shrinks
	order  func(a, b any) int // of a PriorityQueue with a comparator
}

// NewList returns an ArrayList of items, which it takes over.
func NewList(items ...any) *List { return &List{class: "java.util.ArrayList", items: items} }

// NewFixedList returns a list that scripts cannot change.
func NewFixedList(items ...any) *List {
	return &List{class: "java.util.ArrayList", items: items, frozen: true}
}

// newSizedList returns a list whose elements can be set and not added or removed.
func newSizedList(items []any) *List {
	return &List{class: "java.util.ArrayList", items: items, sized: true}
}

func listOf(texts []string) *List {
	l := NewList()
	for _, s := range texts {
		l.items = append(l.items, s)
	}
	return l
}

func (l *List) JavaClass() string { return l.class }

// Items returns a copy of the elements.
func (l *List) Items() []any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]any(nil), l.items...)
}

// Portable gives the elements.
func (l *List) Portable() any { return l.Items() }

func (l *List) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.items)
}

// At returns an element, nil past the end.
func (l *List) At(i int) any {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i < 0 || i >= len(l.items) {
		return nil
	}
	return l.items[i]
}

// SetAt sets an element, or adds one at the end.
func (l *List) SetAt(i int, v any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.frozen:
	case i < len(l.items):
		l.items[i] = v
	case i == len(l.items) && !l.sized:
		l.items = append(l.items, v)
	}
}

// Add adds an element at the end.
func (l *List) Add(v any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, v)
}

// String is [a, b].
func (l *List) String() string { return bracketed(l.Items(), Text) }

func bracketed(items []any, text func(any) string) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, v := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text(v))
	}
	b.WriteByte(']')
	return b.String()
}

// rearrange is edit for an f that may run a script's code, which may come back to the list.
func (l *List) rearrange(c *Call, f func(items []any) []any) {
	items := f(l.Items())
	l.edit(c, func([]any) []any { return items })
}

// edit runs f on the elements under the lock; it throws for an unmodifiable one.
func (l *List) edit(c *Call, f func(items []any) []any) {
	if l.frozen {
		panic(c.Throw("java.lang.UnsupportedOperationException", "the list cannot be changed"))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sized {
		if changed := f(slices.Clone(l.items)); len(changed) == len(l.items) {
			l.items = changed
			return
		}
		panic(c.Throw("java.lang.UnsupportedOperationException", "the list of Arrays.asList keeps its size"))
	}
	l.items = f(l.items)
}

// index checks a position and throws when there is no element.
func (l *List) index(c *Call, i int) int {
	if n := l.Len(); i < 0 || i >= n {
		panic(c.Throw("java.lang.IndexOutOfBoundsException", "Index "+Text(i)+" out of bounds for length "+Text(n)))
	}
	return i
}

func find(items []any, v any) int {
	for i, item := range items {
		if equal(item, v) {
			return i
		}
	}
	return -1
}

func listMethods() Methods {
	on := func(f func(l *List, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*List), c) }
	}
	at := func(i int) func(*Call) any {
		return on(func(l *List, c *Call) any {
			n := l.Len()
			if n == 0 {
				panic(c.Throw("java.util.NoSuchElementException", ""))
			}
			return Object(l.At((n + i) % n))
		})
	}
	peek := on(func(l *List, c *Call) any { return Object(l.At(0)) })
	take := func(first, throw bool) func(*Call) any {
		return on(func(l *List, c *Call) any {
			var v any
			l.edit(c, func(items []any) []any {
				if len(items) == 0 {
					return items
				}
				if first {
					v = items[0]
					return append([]any(nil), items[1:]...)
				}
				v = items[len(items)-1]
				return items[:len(items)-1]
			})
			if v == nil && throw && l.Len() == 0 {
				panic(c.Throw("java.util.NoSuchElementException", ""))
			}
			return Object(v)
		})
	}
	addFirst := on(func(l *List, c *Call) any {
		v := c.Element(0)
		l.edit(c, func(items []any) []any { return append([]any{v}, items...) })
		return Void
	})
	return Methods{
		"get": on(func(l *List, c *Call) any { return Object(l.At(l.index(c, c.Int(0)))) }),
		"set": on(func(l *List, c *Call) any {
			i, v := l.index(c, c.Int(0)), c.Element(1)
			old := l.At(i)
			l.edit(c, func(items []any) []any { items[i] = v; return items })
			return Object(old)
		}),
		"add": on(func(l *List, c *Call) any {
			if c.Len() > 1 {
				i, v := c.Int(0), c.Element(1)
				if i != l.Len() {
					l.index(c, i)
				}
				l.edit(c, func(items []any) []any {
					return append(items[:i:i], append([]any{v}, items[i:]...)...)
				})
				return Void
			}
			v := c.Element(0)
			l.edit(c, func(items []any) []any { return append(items, v) })
			return true
		}),
		"append": on(func(l *List, c *Call) any {
			v := c.Element(0)
			l.edit(c, func(items []any) []any { return append(items, v) })
			return l
		}),
		"addAll": on(func(l *List, c *Call) any {
			more, at := c.needItems(c.Len()-1), l.Len()
			if c.Len() > 1 {
				at = c.Int(0)
			}
			l.edit(c, func(items []any) []any {
				return append(append(items[:at:at], more...), items[at:]...)
			})
			return len(more) > 0
		}),
		"remove": on(func(l *List, c *Call) any {
			if c.Len() == 0 {
				return take(true, true)(c)
			}
			if _, ok := c.Arg(0).Export().(string); !ok && c.IsNumber(0) {
				i := l.index(c, c.Int(0))
				old := l.At(i)
				l.edit(c, func(items []any) []any { return append(items[:i:i], items[i+1:]...) })
				return Object(old)
			}
			i := find(l.Items(), c.Object(0))
			if i >= 0 {
				l.edit(c, func(items []any) []any { return append(items[:i:i], items[i+1:]...) })
			}
			return i >= 0
		}),
		"removeFirst": take(true, true), "removeLast": take(false, true), "pop": take(true, true),
		"poll": take(true, false), "pollFirst": take(true, false), "pollLast": take(false, false),
		"addFirst": addFirst, "push": addFirst, "offerFirst": addFirst,
		"addLast": on(func(l *List, c *Call) any {
			v := c.Element(0)
			l.edit(c, func(items []any) []any { return append(items, v) })
			return Void
		}),
		"offer": on(func(l *List, c *Call) any {
			v := c.Element(0)
			l.edit(c, func(items []any) []any { return append(items, v) })
			return true
		}),
		"getFirst": at(0), "getLast": at(-1), "element": at(0), "firstElement": at(0), "lastElement": at(-1),
		"peek": peek, "peekFirst": peek,
		"indexOf": on(func(l *List, c *Call) any { return find(l.Items(), c.Object(0)) }),
		"lastIndexOf": on(func(l *List, c *Call) any {
			items, v := l.Items(), c.Object(0)
			for i := len(items) - 1; i >= 0; i-- {
				if equal(items[i], v) {
					return i
				}
			}
			return -1
		}),
		"subList": on(func(l *List, c *Call) any {
			items, from, to := l.Items(), c.Int(0), c.Int(1)
			if from < 0 || to > len(items) || from > to {
				panic(c.Throw("java.lang.IndexOutOfBoundsException", "fromIndex "+Text(from)+", toIndex "+Text(to)))
			}
			return NewList(items[from:to]...)
		}),
		"sort": on(func(l *List, c *Call) any {
			less := c.order(0)
			l.rearrange(c, func(items []any) []any { sortItems(items, less); return items })
			return Void
		}),
		"replaceAll": on(func(l *List, c *Call) any {
			f := c.Func(0)
			for i, v := range l.Items() {
				l.SetAt(i, f(v))
			}
			return Void
		}),
		"clear": on(func(l *List, c *Call) any {
			l.edit(c, func([]any) []any { return nil })
			return Void
		}),
		"removeIf": on(func(l *List, c *Call) any {
			f := c.Func(0)
			return l.keep(c, func(v any) bool { return !truth(f(v)) })
		}),
		"removeAll": on(func(l *List, c *Call) any {
			drop := c.needItems(0)
			return l.keep(c, func(v any) bool { return find(drop, v) < 0 })
		}),
		"retainAll": on(func(l *List, c *Call) any {
			stay := c.needItems(0)
			return l.keep(c, func(v any) bool { return find(stay, v) >= 0 })
		}),
		"ensureCapacity": func(c *Call) any { return Void },
		"trimToSize":     func(c *Call) any { return Void },
		"clone":          on(func(l *List, c *Call) any { return &List{class: l.class, items: l.Items()} }),
	}
}

// keep leaves the elements that f wants and reports whether any went.
func (l *List) keep(c *Call, f func(any) bool) bool {
	var stay []any
	all := l.Items()
	for _, v := range all {
		if f(v) {
			stay = append(stay, v)
		}
	}
	l.edit(c, func([]any) []any { return stay })
	return len(stay) != len(all)
}

// truth is what JavaScript makes of a value that a function returned where Java
// wants a boolean.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && v == v
	case string:
		return v != "" && v != "undefined"
	}
	return true
}

// needItems returns the elements of an argument that must be a collection.
func (c *Call) needItems(i int) []any {
	items, ok := c.Items(i)
	if !ok {
		panic(c.Throw("java.lang.IllegalArgumentException", "a collection is needed"))
	}
	return items
}
