package java

import (
	"sort"
	"strings"
)

// queues are the lists that are queues as well.
var queues = map[string][]string{
	"java.util.LinkedList": {"java.util.Deque", "java.util.Queue"}, "java.util.ArrayDeque": {"java.util.Deque", "java.util.Queue"},
	"java.util.concurrent.ConcurrentLinkedQueue": {"java.util.Queue"}, "java.util.concurrent.LinkedBlockingQueue": {"java.util.Queue", "java.util.concurrent.BlockingQueue"},
}

func collectionClasses() []*Class {
	collection := collectionMethods()
	newList := func(class string) func(*Call) any {
		return func(c *Call) any {
			l := &List{class: class}
			if items, ok := c.Items(0); ok {
				l.items = items
			}
			return l
		}
	}
	list := func(name string) *Class {
		return &Class{Name: name, Super: "java.util.List", New: newList(name), Implements: queues[name]}
	}
	set := func(name string, o order) *Class {
		return &Class{Name: name, Super: "java.util.Set", New: func(c *Call) any {
			s := newSet(name, o)
			if items, ok := c.Items(0); ok {
				for _, v := range items {
					s.of.set(v, true)
				}
			}
			return s
		}, Methods: merged(setMethods(), sortedSetMethods())}
	}
	maps := func(name string, o order) *Class {
		return &Class{Name: name, Super: "java.util.Map", New: func(c *Call) any {
			m := newMap(name, o)
			m.noNulls = name == "java.util.Hashtable" || name == "java.util.concurrent.ConcurrentHashMap"
			if pairs, ok := c.Pairs(0); ok && c.Len() > 0 {
				m.table = tableFor(len(pairs))
				for _, p := range pairs {
					m.set(p.Key, p.Value)
				}
			} else if o == sorted && c.Len() > 0 && !c.Null(0) {
				less := c.order(0)
				m.less = func(a, b any) bool { return less(a, b) < 0 }
			}
			return m
		}}
	}
	return []*Class{
		{Name: "java.lang.Iterable"},
		{Name: "java.util.Collection", Implements: []string{"java.lang.Iterable"}, Methods: collection},
		{Name: "java.util.List", Super: "java.util.Collection", Static: fixedOf(false), Methods: merged(listMethods(), moreListMethods())},
		{Name: "java.util.Set", Super: "java.util.Collection", Static: fixedOf(true)},
		{Name: "java.util.Map", Static: mapStatics(), Methods: MapMethods()},
		{Name: "java.util.Map.Entry", Methods: Methods{
			"getKey":   func(c *Call) any { return Object(c.This.(*Entry).key) },
			"getValue": func(c *Call) any { return Object(c.This.(*Entry).value) },
			"setValue": func(c *Call) any {
				e := c.This.(*Entry)
				e.value = c.Object(0)
				return Object(e.of.Put(c, e.key, e.value))
			},
			"toString": func(c *Call) any { e := c.This.(*Entry); return c.VM.Text(e.key) + "=" + c.VM.Text(e.value) },
		}},
		list("java.util.ArrayList"), list("java.util.LinkedList"), list("java.util.Vector"),
		list("java.util.ArrayDeque"), list("java.util.concurrent.CopyOnWriteArrayList"),
		list("java.util.concurrent.ConcurrentLinkedQueue"), list("java.util.concurrent.LinkedBlockingQueue"),
		set("java.util.HashSet", hashed), set("java.util.LinkedHashSet", linked), set("java.util.TreeSet", sorted),
		maps("java.util.HashMap", hashed), maps("java.util.LinkedHashMap", linked), maps("java.util.TreeMap", sorted),
		{Name: columnsClass, Super: "java.util.LinkedHashMap"}, maps("java.util.Hashtable", hashed), maps("java.util.WeakHashMap", hashed), maps("java.util.concurrent.ConcurrentSkipListMap", sorted),
		set("java.util.concurrent.ConcurrentSkipListSet", sorted), set("java.util.concurrent.CopyOnWriteArraySet", linked),
		list("java.util.concurrent.ConcurrentLinkedDeque"), maps("java.util.concurrent.ConcurrentHashMap", hashed),
		{Name: "java.util.Iterator", Methods: iteratorMethods()},
		{Name: "java.util.Arrays", Static: arraysStatics()},
		{Name: "java.util.Collections", Static: merged(collectionsStatics(), moreCollectionsStatics())},
	}
}

func collectionMethods() Methods {
	items := func(f func(items []any, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(iterable).Items(), c) }
	}
	return Methods{
		"size":     items(func(v []any, c *Call) any { return len(v) }),
		"isEmpty":  items(func(v []any, c *Call) any { return len(v) == 0 }),
		"contains": items(func(v []any, c *Call) any { return find(v, c.Object(0)) >= 0 }),
		"containsAll": items(func(v []any, c *Call) any {
			for _, want := range c.needItems(0) {
				if find(v, want) < 0 {
					return false
				}
			}
			return true
		}),
		"toArray":  items(func(v []any, c *Call) any { return NewObjects(v) }),
		"iterator": func(c *Call) any { return newIterator(c) },
		"stream":   items(func(v []any, c *Call) any { return newStream(v) }), "parallelStream": items(func(v []any, c *Call) any { return newStream(v) }),
		"forEach": items(func(v []any, c *Call) any {
			f := c.Func(0)
			for _, item := range v {
				f(item)
			}
			return Void
		}),
		"remove": func(c *Call) any {
			v, ok := c.This.(*view)
			return ok && v.discard(c, c.Object(0))
		},
		"toString": items(func(v []any, c *Call) any { return bracketed(v, c.VM.Text) }),
	}
}

// Iterator is a java.util.Iterator over a snapshot, whose remove works on the
// collection itself.
type Iterator struct {
	items []any
	next  int
	drop  func(c *Call, at int, item any)
}

func (*Iterator) JavaClass() string { return "java.util.Iterator" }

func newIterator(c *Call) *Iterator {
	it := &Iterator{items: c.This.(iterable).Items()}
	removed := 0
	switch of := c.This.(type) {
	case *List:
		it.drop = func(c *Call, at int, _ any) {
			at -= removed
			removed++
			of.edit(c, func(items []any) []any { return append(items[:at:at], items[at+1:]...) })
		}
	case *Set:
		it.drop = func(c *Call, _ int, item any) { of.of.Remove(c, item) }
	case *view:
		it.drop = func(c *Call, _ int, item any) { of.discard(c, item) }
	}
	return it
}

func iteratorMethods() Methods {
	return Methods{
		"hasNext": func(c *Call) any { it := c.This.(*Iterator); return it.next < len(it.items) },
		"next": func(c *Call) any {
			it := c.This.(*Iterator)
			if it.next >= len(it.items) {
				panic(c.Throw("java.util.NoSuchElementException", ""))
			}
			it.next++
			return Object(it.items[it.next-1])
		},
		"remove": func(c *Call) any {
			it := c.This.(*Iterator)
			if it.next == 0 || it.drop == nil {
				panic(c.Throw("java.lang.IllegalStateException", ""))
			}
			it.drop(c, it.next-1, it.items[it.next-1])
			return Void
		},
	}
}

// comparator is a java.util.Comparator made in Go.
type comparator func(a, b any) int

func (comparator) JavaClass() string { return "java.util.Comparator" }

// order returns the order that an argument asks for: a comparator, or none for
// the natural one.
func (c *Call) order(i int) func(a, b any) int {
	if c.Null(i) {
		return func(a, b any) int {
			n, ok := compare(a, b)
			if !ok {
				panic(c.Throw("java.lang.ClassCastException", "these values have no order"))
			}
			return n
		}
	}
	switch f := c.Object(i).(type) {
	case comparator:
		return f
	case *collator:
		return func(a, b any) int { return f.compare(c.VM.Text(a), c.VM.Text(b)) }
	}
	f := c.Func(i)
	return func(a, b any) int { return int(floatOf(f(a, b))) }
}

func sortItems(items []any, order func(a, b any) int) {
	sort.SliceStable(items, func(i, j int) bool { return order(items[i], items[j]) < 0 })
}

func arraysStatics() Methods {
	return Methods{
		"asList": func(c *Call) any {
			if c.Len() == 1 {
				if items, ok := c.Items(0); ok {
					return newSizedList(items)
				}
			}
			var items []any
			for i := range c.Args {
				items = append(items, c.Object(i))
			}
			return newSizedList(items)
		},
		"toString": func(c *Call) any {
			if b, ok := c.Object(0).([]byte); ok {
				var items []any
				for _, x := range b {
					items = append(items, int(int8(x)))
				}
				return bracketed(items, c.VM.Text)
			}
			return bracketed(c.needItems(0), c.VM.Text)
		},
		"equals": func(c *Call) any {
			a, b := c.Object(0), c.Object(1)
			if sameBytes(a, b) {
				return true
			}
			x, ok1 := a.(*Array)
			y, ok2 := b.(*Array)
			return ok1 && ok2 && equalItems(x.items, y.items)
		},
		"sort": func(c *Call) any {
			if a, ok := c.Object(0).(*Array); ok {
				sortItems(a.items, c.order(1))
			}
			return Void
		},
		"fill": func(c *Call) any {
			switch a := c.Object(0).(type) {
			case *Array:
				for i := range a.items {
					a.items[i] = c.Object(1)
				}
			case []byte:
				for i := range a {
					a[i] = byte(c.Int(1))
				}
			}
			return Void
		},
		"copyOf":      func(c *Call) any { return copyRange(c, 0, c.Int(1)) },
		"copyOfRange": func(c *Call) any { return copyRange(c, c.Int(1), c.Int(2)) },
		"stream": func(c *Call) any {
			kind := "Stream"
			if a, ok := c.Object(0).(*Array); ok {
				kind = map[string]string{"int": "IntStream", "long": "LongStream", "double": "DoubleStream"}[a.Elem]
				if kind == "" {
					kind = "Stream"
				}
			}
			return numbers(kind, c.needItems(0))
		},
		"hashCode":     func(c *Call) any { return int(hashOf(NewList(c.needItems(0)...))) },
		"binarySearch": func(c *Call) any { return moreCollectionsStatics()["binarySearch"](c) },
		"setAll": func(c *Call) any {
			f := c.Func(1)
			if a, ok := c.Object(0).(*Array); ok {
				for i := range a.items {
					a.items[i] = f(int32(i))
				}
			}
			return Void
		},
	}
}

func copyRange(c *Call, from, to int) any {
	n := c.limit(to - from)
	if from < 0 {
		panic(c.Throw("java.lang.ArrayIndexOutOfBoundsException", Text(from)))
	}
	if b, ok := c.Object(0).([]byte); ok {
		out := make([]byte, n)
		if from < len(b) {
			copy(out, b[from:])
		}
		return out
	}
	items, elem := c.needItems(0), "java.lang.Object"
	if a, ok := c.Object(0).(*Array); ok {
		elem = a.Elem
	}
	out := filled(elem, n, nil)
	if from < len(items) {
		copy(out.items, items[from:])
	}
	return out
}

func collectionsStatics() Methods {
	pick := func(sign int) func(*Call) any {
		return func(c *Call) any {
			items, order := c.needItems(0), c.order(1)
			if len(items) == 0 {
				panic(c.Throw("java.util.NoSuchElementException", ""))
			}
			best := items[0]
			for _, v := range items[1:] {
				if order(v, best)*sign > 0 {
					best = v
				}
			}
			return Object(best)
		}
	}
	same := func(c *Call) any { return c.Object(0) }
	fixedList := func(c *Call) any { return NewFixedList(c.needItems(0)...) }
	return Methods{
		"sort": func(c *Call) any {
			if l, ok := c.Object(0).(*List); ok {
				order := c.order(1)
				l.rearrange(c, func(items []any) []any { sortItems(items, order); return items })
			}
			return Void
		},
		"reverse": func(c *Call) any {
			if l, ok := c.Object(0).(*List); ok {
				l.edit(c, func(items []any) []any {
					for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
						items[i], items[j] = items[j], items[i]
					}
					return items
				})
			}
			return Void
		},
		"max": pick(1), "min": pick(-1),
		"emptyList":        func(c *Call) any { return NewFixedList() },
		"emptyMap":         func(c *Call) any { return NewFixedMap() },
		"emptySet":         func(c *Call) any { return NewFixedSet() },
		"singletonList":    func(c *Call) any { return NewFixedList(c.Object(0)) },
		"singleton":        func(c *Call) any { return NewFixedSet(c.Object(0)) },
		"singletonMap":     func(c *Call) any { return NewFixedMap(Pair{c.Object(0), c.Object(1)}) },
		"unmodifiableList": fixedList, "unmodifiableCollection": fixedList,
		"unmodifiableSet": func(c *Call) any { return NewFixedSet(c.needItems(0)...) },
		"unmodifiableMap": func(c *Call) any { pairs, _ := c.Pairs(0); return NewFixedMap(pairs...) },
		// Every collection locks itself.
		"synchronizedList": same, "synchronizedMap": same, "synchronizedSet": same,
		"addAll": func(c *Call) any {
			for i := 1; i < c.Len(); i++ {
				if l, ok := c.Object(0).(*List); ok {
					l.Add(c.Object(i))
				}
			}
			return true
		},
		"frequency": func(c *Call) any {
			n, v := 0, c.Object(1)
			for _, item := range c.needItems(0) {
				if equal(item, v) {
					n++
				}
			}
			return n
		},
		"reverseOrder": func(c *Call) any {
			order := c.order(0)
			return comparator(func(a, b any) int { return order(b, a) })
		},
		"nCopies": func(c *Call) any {
			return NewFixedList(filled("", c.objects(c.Int(0)), c.Object(1)).items...)
		},
	}
}

// JoinTexts joins the texts of values.
func (vm *VM) JoinTexts(items []any, sep string) string { return strings.Join(vm.texts(items), sep) }
