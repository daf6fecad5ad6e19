package java

import (
	"math/rand/v2"
	"sort"

	"github.com/dop251/goja"
)

// lambda is a function of Java that Go code made, such as Function.identity().
type lambda func(args ...any) any

func (lambda) JavaClass() string { return "java.util.function.Function" }

// madeOf returns an argument that Go code made as a function.
func (c *Call) madeOf(i int) func(args ...any) any {
	switch f := c.Object(i).(type) {
	case lambda:
		return f
	case comparator:
		return func(args ...any) any { return int32(f(args[0], args[1])) }
	}
	return nil
}

// comparing is the order of what a function takes from a value.
func comparing(c *Call, i int) comparator {
	f, order := c.Func(i), (&Call{VM: c.VM}).order(0)
	if c.Len() > i+1 {
		order = c.order(i + 1)
	}
	return func(a, b any) int { return order(f(a), f(b)) }
}

func comparatorClass() *Class {
	on := func(f func(k comparator, c *Call) comparator) func(*Call) any {
		return func(c *Call) any { return f(c.This.(comparator), c) }
	}
	by := func(c *Call) any { return comparing(c, 0) }
	natural := func(sign int) func(*Call) any {
		return func(c *Call) any {
			order := (&Call{VM: c.VM}).order(0)
			return comparator(func(a, b any) int { return sign * order(a, b) })
		}
	}
	nulls := func(sign int) func(*Call) any {
		return func(c *Call) any {
			order := c.order(0)
			return comparator(func(a, b any) int {
				switch {
				case a == nil && b == nil:
					return 0
				case a == nil:
					return sign
				case b == nil:
					return -sign
				}
				return order(a, b)
			})
		}
	}
	then := on(func(k comparator, c *Call) comparator {
		var next func(a, b any) int
		if c.parameterCount(0) == 1 {
			next = comparing(c, 0)
		} else {
			next = c.order(0)
		}
		return func(a, b any) int {
			if n := k(a, b); n != 0 {
				return n
			}
			return next(a, b)
		}
	})
	return &Class{Name: "java.util.Comparator",
		Static: Methods{"comparing": by, "comparingInt": by, "comparingLong": by, "comparingDouble": by, "naturalOrder": natural(1),
			"reverseOrder": natural(-1), "nullsFirst": nulls(-1), "nullsLast": nulls(1)},
		Methods: Methods{
			"compare":       func(c *Call) any { return c.This.(comparator)(c.Object(0), c.Object(1)) },
			"reversed":      on(func(k comparator, c *Call) comparator { return func(a, b any) int { return k(b, a) } }),
			"thenComparing": then, "thenComparingInt": then, "thenComparingLong": then, "thenComparingDouble": then,
		}}
}

// moreCollections are the collections beside lists, sets and maps proper.
func moreCollections() []*Class {
	interfaces := func(names ...string) []*Class {
		var out []*Class
		for _, n := range names {
			out = append(out, &Class{Name: n})
		}
		return out
	}
	classes := interfaces("java.util.Queue", "java.util.Deque", "java.util.SortedMap", "java.util.NavigableMap", "java.util.SortedSet",
		"java.util.NavigableSet", "java.util.AbstractMap", "java.util.AbstractList", "java.io.Serializable", "java.lang.Comparable", "java.lang.Cloneable",
		"java.util.concurrent.ConcurrentMap", "java.util.concurrent.BlockingQueue")
	newSorted := func(c *Call) any {
		q := &List{class: "java.util.PriorityQueue"}
		if items, ok := c.Items(0); ok {
			q.items = items
			sortItems(q.items, (&Call{VM: c.VM}).order(0))
			return q
		}
		at := c.Len() - 1
		if at >= 0 && !c.IsNumber(at) {
			q.order = c.order(at)
		}
		return q
	}
	insert := func(c *Call) any {
		q, v := c.This.(*List), c.Element(0)
		order := q.order
		if order == nil {
			order = (&Call{VM: c.VM}).order(0)
		}
		q.rearrange(c, func(items []any) []any {
			i := sort.Search(len(items), func(i int) bool { return order(items[i], v) > 0 })
			return append(items[:i:i], append([]any{v}, items[i:]...)...)
		})
		return true
	}
	return append(classes, comparatorClass(),
		&Class{Name: "java.util.PriorityQueue", Super: "java.util.List", Implements: []string{"java.util.Queue"}, New: newSorted,
			Methods: Methods{"add": insert, "offer": insert}},
		&Class{Name: "java.util.Stack", Super: "java.util.List", Implements: []string{"java.util.Vector"},
			New: func(*Call) any { return &List{class: "java.util.Stack"} }, Methods: stackMethods()},
		&Class{Name: "java.util.Enumeration", Methods: enumerationMethods()},
		&Class{Name: "java.util.ListIterator", Methods: listIteratorMethods()},
		&Class{Name: "java.util.AbstractMap.SimpleEntry", Super: "java.util.Map.Entry", New: func(c *Call) any {
			return &Entry{NewMap(), c.Object(0), c.Object(1)}
		}},
	)
}

func stackMethods() Methods {
	last := func(c *Call, take bool) any {
		l := c.This.(*List)
		n := l.Len()
		if n == 0 {
			panic(c.Throw("java.util.EmptyStackException", ""))
		}
		v := l.At(n - 1)
		if take {
			l.edit(c, func(items []any) []any { return items[:len(items)-1] })
		}
		return Object(v)
	}
	return Methods{
		"push": func(c *Call) any {
			v := c.Element(0)
			c.This.(*List).edit(c, func(items []any) []any { return append(items, v) })
			return Object(v)
		},
		"pop":   func(c *Call) any { return last(c, true) },
		"peek":  func(c *Call) any { return last(c, false) },
		"empty": func(c *Call) any { return c.This.(*List).Len() == 0 },
		"search": func(c *Call) any {
			items, v := c.This.(*List).Items(), c.Object(0)
			for i := len(items) - 1; i >= 0; i-- {
				if equal(items[i], v) {
					return len(items) - i
				}
			}
			return -1
		},
	}
}

// listIterator is a ListIterator: it goes both ways and changes the list.
type listIterator struct {
	l    *List
	at   int
	last int // index of what next or previous gave; -1: nothing
}

func (*listIterator) JavaClass() string { return "java.util.ListIterator" }

func listIteratorMethods() Methods {
	on := func(f func(it *listIterator, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*listIterator), c) }
	}
	step := func(forward bool) func(*Call) any {
		return on(func(it *listIterator, c *Call) any {
			i := it.at
			if !forward {
				i--
			}
			if i < 0 || i >= it.l.Len() {
				panic(c.Throw("java.util.NoSuchElementException", ""))
			}
			if it.last, it.at = i, i; forward {
				it.at++
			}
			return Object(it.l.At(i))
		})
	}
	given := func(it *listIterator, c *Call) int {
		if it.last < 0 {
			panic(c.Throw("java.lang.IllegalStateException", ""))
		}
		return it.last
	}
	return Methods{
		"hasNext": on(func(it *listIterator, c *Call) any { return it.at < it.l.Len() }), "next": step(true),
		"hasPrevious": on(func(it *listIterator, c *Call) any { return it.at > 0 }), "previous": step(false),
		"nextIndex": on(func(it *listIterator, c *Call) any { return it.at }), "previousIndex": on(func(it *listIterator, c *Call) any { return it.at - 1 }),
		"set": on(func(it *listIterator, c *Call) any {
			i, v := given(it, c), (&Call{VM: c.VM, This: it.l, Args: c.Args}).Element(0)
			it.l.edit(c, func(items []any) []any { items[i] = v; return items })
			return Void
		}),
		"remove": on(func(it *listIterator, c *Call) any {
			i := given(it, c)
			it.l.edit(c, func(items []any) []any { return append(items[:i:i], items[i+1:]...) })
			if it.last < it.at {
				it.at--
			}
			it.last = -1
			return Void
		}),
		"add": on(func(it *listIterator, c *Call) any {
			i, v := it.at, (&Call{VM: c.VM, This: it.l, Args: c.Args}).Element(0)
			it.l.edit(c, func(items []any) []any { return append(items[:i:i], append([]any{v}, items[i:]...)...) })
			it.at++
			it.last = -1
			return Void
		}),
	}
}

// moreListMethods are of Vector and the older and newer parts of List and Deque.
func moreListMethods() Methods {
	elements := func(c *Call) any { it := newIterator(c); return &enumeration{it} }
	removal := func(last bool) func(*Call) any {
		return func(c *Call) any {
			l, v := c.This.(*List), c.Object(0)
			items := l.Items()
			at := find(items, v)
			for i := len(items) - 1; last && i >= 0; i-- {
				if equal(items[i], v) {
					at = i
					break
				}
			}
			if at >= 0 {
				l.edit(c, func(items []any) []any { return append(items[:at:at], items[at+1:]...) })
			}
			return at >= 0
		}
	}
	atEnd := func(c *Call) any {
		v := c.Element(0)
		c.This.(*List).edit(c, func(items []any) []any { return append(items, v) })
		return Void
	}
	return Methods{
		"elements": elements, "addElement": atEnd,
		"elementAt":     func(c *Call) any { l := c.This.(*List); return Object(l.At(l.index(c, c.Int(0)))) },
		"removeElement": removal(false), "removeFirstOccurrence": removal(false), "removeLastOccurrence": removal(true),
		"removeAllElements": func(c *Call) any { c.This.(*List).edit(c, func([]any) []any { return nil }); return Void },
		"setElementAt": func(c *Call) any {
			l, i, v := c.This.(*List), c.Int(1), c.Element(0)
			l.index(c, i)
			l.edit(c, func(items []any) []any { items[i] = v; return items })
			return Void
		},
		"offerLast": func(c *Call) any { atEnd(c); return true }, "put": atEnd,
		"peekLast": func(c *Call) any {
			l := c.This.(*List)
			return Object(l.At(l.Len() - 1))
		},
		"listIterator": func(c *Call) any {
			it := &listIterator{l: c.This.(*List), last: -1}
			if c.Len() > 0 {
				it.at = c.Int(0)
			}
			return it
		},
		"descendingIterator": func(c *Call) any {
			items := c.This.(*List).Items()
			for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
				items[i], items[j] = items[j], items[i]
			}
			return &Iterator{items: items}
		},
	}
}

// enumeration is an Enumeration.
type enumeration struct{ *Iterator }

func (*enumeration) JavaClass() string { return "java.util.Enumeration" }

func enumerationMethods() Methods {
	as := func(name string) func(*Call) any {
		f := iteratorMethods()[name]
		return func(c *Call) any { return f(&Call{VM: c.VM, This: c.This.(*enumeration).Iterator, Args: c.Args}) }
	}
	return Methods{"hasMoreElements": as("hasNext"), "nextElement": as("next"), "asIterator": func(c *Call) any { return c.This.(*enumeration).Iterator }}
}

// moreMapMethods are of sorted maps, of Hashtable, and the younger ones of Map.
func moreMapMethods() Methods {
	on := func(f func(m mapping, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(mapping), c) }
	}
	order := func(m mapping, c *Call) func(a, b any) int {
		if s, ok := m.(*Map); ok && s.less != nil {
			return func(a, b any) int {
				switch {
				case s.less(a, b):
					return -1
				case s.less(b, a):
					return 1
				}
				return 0
			}
		}
		return (&Call{VM: c.VM}).order(0)
	}
	// near finds the key next to an argument: below or above it, or it itself.
	near := func(m mapping, c *Call, above, itself bool) (any, bool) {
		var found any
		ok := false
		compare, want := order(m, c), c.Object(0)
		for _, k := range m.Keys() {
			switch n := compare(k, want); {
			case n == 0 && itself:
				return k, true
			case n < 0 && !above:
				found, ok = k, true
			case n > 0 && above:
				return k, true
			}
		}
		return found, ok
	}
	key := func(above, itself bool) func(*Call) any {
		return on(func(m mapping, c *Call) any { k, _ := near(m, c, above, itself); return Object(k) })
	}
	entry := func(above, itself bool) func(*Call) any {
		return on(func(m mapping, c *Call) any {
			if k, ok := near(m, c, above, itself); ok {
				v, _ := m.Get(k)
				return &Entry{m, k, v}
			}
			return nil
		})
	}
	endEntry := func(i int, take bool) func(*Call) any {
		return on(func(m mapping, c *Call) any {
			keys := m.Keys()
			if len(keys) == 0 {
				return nil
			}
			k := keys[(len(keys)+i)%len(keys)]
			v, _ := m.Get(k)
			if take {
				m.Remove(c, k)
			}
			return &Entry{NewMap(), k, v}
		})
	}
	part := func(in func(compare func(a, b any) int, k any, c *Call) bool) func(*Call) any {
		return on(func(m mapping, c *Call) any {
			out, compare := newMap("java.util.TreeMap", sorted), order(m, c)
			for _, k := range m.Keys() {
				if in(compare, k, c) {
					v, _ := m.Get(k)
					out.set(k, v)
				}
			}
			return out
		})
	}
	inclusive := func(c *Call, i int, unsaid bool) bool {
		if c.Len() > i {
			return c.Bool(i)
		}
		return unsaid
	}
	descending := on(func(m mapping, c *Call) any {
		out := newMap("java.util.LinkedHashMap", linked)
		keys := m.Keys()
		for i := len(keys) - 1; i >= 0; i-- {
			v, _ := m.Get(keys[i])
			out.set(keys[i], v)
		}
		return out
	})
	enumerate := func(values bool) func(*Call) any {
		return on(func(m mapping, c *Call) any {
			return &enumeration{&Iterator{items: newView(m, "java.util.Collection", !values, values).Items()}}
		})
	}
	return Methods{
		"floorKey": key(false, true), "lowerKey": key(false, false), "ceilingKey": key(true, true), "higherKey": key(true, false),
		"floorEntry": entry(false, true), "lowerEntry": entry(false, false), "ceilingEntry": entry(true, true), "higherEntry": entry(true, false),
		"firstEntry": endEntry(0, false), "lastEntry": endEntry(-1, false), "pollFirstEntry": endEntry(0, true), "pollLastEntry": endEntry(-1, true),
		"headMap": part(func(compare func(a, b any) int, k any, c *Call) bool {
			n := compare(k, c.Object(0))
			return n < 0 || n == 0 && inclusive(c, 1, false)
		}),
		"tailMap": part(func(compare func(a, b any) int, k any, c *Call) bool {
			n := compare(k, c.Object(0))
			return n > 0 || n == 0 && inclusive(c, 1, true)
		}),
		"subMap": part(func(compare func(a, b any) int, k any, c *Call) bool {
			from, to, incFrom, incTo := 0, 1, true, false
			if c.Len() > 2 {
				to, incFrom, incTo = 2, c.Bool(1), c.Bool(3)
			}
			a, b := compare(k, c.Object(from)), compare(k, c.Object(to))
			return (a > 0 || a == 0 && incFrom) && (b < 0 || b == 0 && incTo)
		}),
		"descendingMap": descending,
		"descendingKeySet": func(c *Call) any {
			return newView(descending(c).(*Map), "java.util.Set", true, false)
		},
		"navigableKeySet": on(func(m mapping, c *Call) any { return newView(m, "java.util.Set", true, false) }),
		"keys":            enumerate(false), "elements": enumerate(true),
		"contains": on(func(m mapping, c *Call) any {
			for _, k := range m.Keys() {
				if v, _ := m.Get(k); equal(v, c.Object(0)) {
					return true
				}
			}
			return false
		}),
		"replaceAll": on(func(m mapping, c *Call) any {
			f := c.Func(0)
			for _, k := range m.Keys() {
				v, _ := m.Get(k)
				m.Put(c, k, f(k, v))
			}
			return Void
		}),
		"replace": on(func(m mapping, c *Call) any {
			old, has := m.Get(c.Object(0))
			if c.Len() == 3 {
				if !has || !equal(old, c.Object(1)) {
					return false
				}
				m.Put(c, c.Object(0), c.Object(2))
				return true
			}
			if !has {
				return nil
			}
			return Object(m.Put(c, c.Object(0), c.Object(1)))
		}),
	}
}

// sortedSetMethods are of TreeSet.
func sortedSetMethods() Methods {
	maps := moreMapMethods()
	as := func(name string) func(*Call) any {
		return func(c *Call) any {
			return maps[name](&Call{VM: c.VM, This: c.This.(*Set).of, Args: c.Args})
		}
	}
	part := func(name string) func(*Call) any {
		f := as(name)
		return func(c *Call) any { return &Set{class: "java.util.TreeSet", of: f(c).(*Map)} }
	}
	poll := func(name string) func(*Call) any {
		f := as(name)
		return func(c *Call) any {
			if e, ok := f(c).(*Entry); ok {
				return Object(e.key)
			}
			return nil
		}
	}
	return Methods{"floor": as("floorKey"), "lower": as("lowerKey"), "ceiling": as("ceilingKey"), "higher": as("higherKey"),
		"pollFirst": poll("pollFirstEntry"), "pollLast": poll("pollLastEntry"), "headSet": part("headMap"), "tailSet": part("tailMap"), "subSet": part("subMap"),
		"descendingSet":      func(c *Call) any { return &Set{class: "java.util.LinkedHashSet", of: as("descendingMap")(c).(*Map)} },
		"descendingIterator": func(c *Call) any { return &Iterator{items: as("descendingMap")(c).(*Map).Keys()} },
	}
}

// moreCollectionsStatics are further methods of Collections.
func moreCollectionsStatics() Methods {
	change := func(f func(c *Call, items []any) []any) func(*Call) any {
		return func(c *Call) any {
			if l, ok := c.Object(0).(*List); ok {
				l.rearrange(c, func(items []any) []any { return f(c, items) })
			}
			return Void
		}
	}
	return Methods{
		"shuffle": change(func(c *Call, items []any) []any {
			rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
			return items
		}),
		"swap": change(func(c *Call, items []any) []any {
			l := &List{items: items}
			i, j := l.index(c, c.Int(1)), l.index(c, c.Int(2))
			items[i], items[j] = items[j], items[i]
			return items
		}),
		"fill": change(func(c *Call, items []any) []any {
			for i := range items {
				items[i] = c.Object(1)
			}
			return items
		}),
		"rotate": change(func(c *Call, items []any) []any {
			if len(items) == 0 {
				return items
			}
			n := ((c.Int(1) % len(items)) + len(items)) % len(items)
			return append(append([]any(nil), items[len(items)-n:]...), items[:len(items)-n]...)
		}),
		"binarySearch": func(c *Call) any {
			items, order, want := c.needItems(0), c.order(2), c.Object(1)
			i := sort.Search(len(items), func(i int) bool { return order(items[i], want) >= 0 })
			if i < len(items) && order(items[i], want) == 0 {
				return i
			}
			return -i - 1
		},
		"disjoint": func(c *Call) any {
			b := c.needItems(1)
			for _, v := range c.needItems(0) {
				if find(b, v) >= 0 {
					return false
				}
			}
			return true
		},
		"enumeration":   func(c *Call) any { return &enumeration{&Iterator{items: c.needItems(0)}} },
		"list":          func(c *Call) any { e, _ := c.Object(0).(*enumeration); return NewList(e.items[e.next:]...) },
		"emptyIterator": func(*Call) any { return &Iterator{} },
	}
}

// fixedOf is List.of, Set.of and their copyOf: they cannot be changed.
func fixedOf(set bool) Methods {
	made := func(c *Call, items []any) any {
		for _, v := range items {
			if v == nil {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
		}
		if set {
			return NewFixedSet(items...)
		}
		return NewFixedList(items...)
	}
	return Methods{
		"of": func(c *Call) any {
			if items, ok := c.Items(0); ok && c.Len() == 1 {
				return made(c, items)
			}
			items := make([]any, c.Len())
			for i := range items {
				items[i] = c.Object(i)
			}
			return made(c, items)
		},
		"copyOf": func(c *Call) any { return made(c, c.needItems(0)) },
	}
}

func mapStatics() Methods {
	return Methods{
		"of": func(c *Call) any {
			var pairs []Pair
			for i := 0; i+1 < c.Len(); i += 2 {
				pairs = append(pairs, Pair{c.Object(i), c.Object(i + 1)})
			}
			return NewFixedMap(pairs...)
		},
		"entry":  func(c *Call) any { return &Entry{NewMap(), c.Object(0), c.Object(1)} },
		"copyOf": func(c *Call) any { pairs, _ := c.Pairs(0); return NewFixedMap(pairs...) },
		"ofEntries": func(c *Call) any {
			var pairs []Pair
			for i := range c.Args {
				if e, ok := c.Object(i).(*Entry); ok {
					pairs = append(pairs, Pair{e.key, e.value})
				}
			}
			return NewFixedMap(pairs...)
		},
	}
}

// merged returns the methods of several tables; the later win.
func merged(tables ...Methods) Methods {
	out := Methods{}
	for _, t := range tables {
		for name, f := range t {
			out[name] = f
		}
	}
	return out
}

// parameterCount is how many parameters the function has that an argument is.
func (c *Call) parameterCount(i int) int {
	if o, ok := c.Arg(i).(*goja.Object); ok && o.ClassName() == "Function" {
		return int(o.Get("length").ToInteger())
	}
	return -1
}
