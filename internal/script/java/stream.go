package java

import (
	"fmt"
	"math"
	"strings"
)

// stream is a java.util.stream.Stream, or an IntStream, LongStream or
// DoubleStream. Its elements are there from the beginning, so a stream without
// end is cut at MaxElements when it is asked for all of them.
type stream struct {
	class string
	items []any
	more  func() any // of iterate and generate: makes the next one; needs limit
}

const streamPackage = "java.util.stream."

func newStream(items []any) *stream { return &stream{class: streamPackage + "Stream", items: items} }

func (s *stream) JavaClass() string { return s.class }

// Items makes streams run through like collections.
func (s *stream) Items() []any { return s.items }

// numbers is a stream of one of the primitive classes.
func numbers(kind string, items []any) *stream {
	return &stream{class: streamPackage + kind, items: items}
}

// collector is what Collectors' methods return.
type collector func(c *Call, items []any) any

func (collector) JavaClass() string { return streamPackage + "Collector" }

func functionalClasses() []*Class {
	classes := []*Class{collectorsClass(), {Name: streamPackage + "Collector"}}
	for _, kind := range []string{"Stream", "IntStream", "LongStream", "DoubleStream"} {
		classes = append(classes, streamClass(kind))
	}
	return append(append(classes, functionClasses()...), &Class{Name: "java.util.IntSummaryStatistics", Methods: summaryMethods()},
		&Class{Name: "java.util.DoubleSummaryStatistics", Methods: summaryMethods()}, &Class{Name: "java.util.LongSummaryStatistics", Methods: summaryMethods()})
}

// functionClasses are the functional interfaces. A JavaScript function is one.
func functionClasses() []*Class {
	var classes []*Class
	for _, name := range strings.Fields("Function BiFunction Consumer BiConsumer Supplier Predicate BiPredicate UnaryOperator BinaryOperator " +
		"IntFunction IntPredicate IntUnaryOperator IntBinaryOperator ToIntFunction ToLongFunction ToDoubleFunction BooleanSupplier IntConsumer IntSupplier") {
		classes = append(classes, &Class{Name: "java.util.function." + name})
	}
	same := func(*Call) any { return lambda(func(args ...any) any { return args[0] }) }
	classes[0].Static = Methods{"identity": same}
	classes[0].Methods = Methods{"apply": func(c *Call) any {
		args := make([]any, c.Len())
		for i := range args {
			args[i] = c.Object(i)
		}
		return Object(c.This.(lambda)(args...))
	}}
	return classes
}

func streamClass(kind string) *Class {
	on := func(f func(s *stream, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*stream), c) }
	}
	of := func(kind string, f func(s *stream, c *Call) []any) func(*Call) any {
		return on(func(s *stream, c *Call) any {
			into := kind
			if into == "" {
				into = shortClass(s.class)
			}
			return numbers(into, f(s, c))
		})
	}
	mapped := func(into string, box func(any) any) func(*Call) any {
		return of(into, func(s *stream, c *Call) []any {
			f, out := c.Func(0), make([]any, len(s.items))
			for i, v := range s.items {
				out[i] = box(f(v))
			}
			return out
		})
	}
	kept := func(f func(c *Call) func(i int, v any) bool) func(*Call) any {
		return of("", func(s *stream, c *Call) (out []any) {
			keep := f(c)
			for i, v := range s.items {
				if keep(i, v) {
					out = append(out, v)
				}
			}
			return out
		})
	}
	match := func(result func(hits, n int) bool) func(*Call) any {
		return on(func(s *stream, c *Call) any {
			f, hits := c.Func(0), 0
			for _, v := range s.items {
				if truth(f(v)) {
					hits++
				}
			}
			return result(hits, len(s.items))
		})
	}
	best := func(sign int) func(*Call) any {
		return on(func(s *stream, c *Call) any {
			if len(s.items) == 0 {
				return &optional{}
			}
			order, found := c.order(0), s.items[0]
			for _, v := range s.items[1:] {
				if order(v, found)*sign > 0 {
					found = v
				}
			}
			return &optional{found}
		})
	}
	same := func(v any) any { return v }
	each := on(func(s *stream, c *Call) any {
		f := c.Func(0)
		for _, v := range s.items {
			f(v)
		}
		return Void
	})
	methods := Methods{
		"map": mapped("", boxOf(kind)), "mapToObj": mapped("Stream", same), "mapToInt": mapped("IntStream", boxOf("IntStream")),
		"mapToLong": mapped("LongStream", boxOf("LongStream")), "mapToDouble": mapped("DoubleStream", boxOf("DoubleStream")),
		"boxed": of("Stream", func(s *stream, c *Call) []any { return s.items }), "parallel": on(func(s *stream, c *Call) any { return s }),
		"sequential": on(func(s *stream, c *Call) any { return s }), "asLongStream": of("LongStream", func(s *stream, c *Call) []any { return s.items }),
		"asDoubleStream": of("DoubleStream", func(s *stream, c *Call) []any { return s.items }),
		"filter": kept(func(c *Call) func(int, any) bool {
			f := c.Func(0)
			return func(_ int, v any) bool { return truth(f(v)) }
		}),
		"skip": kept(func(c *Call) func(int, any) bool { n := c.Int(0); return func(i int, _ any) bool { return i >= n } }),
		"takeWhile": kept(func(c *Call) func(int, any) bool {
			f, going := c.Func(0), true
			return func(_ int, v any) bool { going = going && truth(f(v)); return going }
		}),
		"dropWhile": kept(func(c *Call) func(int, any) bool {
			f, going := c.Func(0), true
			return func(_ int, v any) bool { going = going && truth(f(v)); return !going }
		}),
		"distinct": kept(func(c *Call) func(int, any) bool {
			var seen []any
			return func(_ int, v any) bool {
				if find(seen, v) >= 0 {
					return false
				}
				seen = append(seen, v)
				return true
			}
		}),
		"limit": of("", func(s *stream, c *Call) []any {
			n := c.objects(c.Int(0))
			for s.more != nil && len(s.items) < n {
				s.items = append(s.items, s.more())
			}
			return s.items[:min(n, len(s.items))]
		}),
		"sorted": of("", func(s *stream, c *Call) []any {
			out := append([]any(nil), s.items...)
			sortItems(out, c.order(0))
			return out
		}),
		"peek": of("", func(s *stream, c *Call) []any {
			f := c.Func(0)
			for _, v := range s.items {
				f(v)
			}
			return s.items
		}),
		"flatMap": of("", func(s *stream, c *Call) (out []any) {
			f := c.Func(0)
			for _, v := range s.items {
				if inner, ok := f(v).(*stream); ok {
					out = append(out, inner.items...)
					c.objects(len(out))
				}
			}
			return out
		}),
		"forEach": each, "forEachOrdered": each,
		"count":    on(func(s *stream, c *Call) any { return len(s.items) }),
		"anyMatch": match(func(hits, n int) bool { return hits > 0 }), "allMatch": match(func(hits, n int) bool { return hits == n }),
		"noneMatch": match(func(hits, n int) bool { return hits == 0 }),
		"max":       best(1), "min": best(-1),
		"findFirst": on(func(s *stream, c *Call) any { return &optional{firstOf(s.items)} }),
		"findAny":   on(func(s *stream, c *Call) any { return &optional{firstOf(s.items)} }),
		"iterator":  func(c *Call) any { return newIterator(c) },
		"toArray": on(func(s *stream, c *Call) any {
			elem := map[string]string{"IntStream": "int", "LongStream": "long", "DoubleStream": "double"}[shortClass(s.class)]
			if elem == "" {
				elem = "java.lang.Object"
			}
			return NewArray(elem, append([]any(nil), s.items...))
		}),
		"toList": on(func(s *stream, c *Call) any { return NewFixedList(append([]any(nil), s.items...)...) }),
		"reduce": on(func(s *stream, c *Call) any {
			items := s.items
			if c.Len() == 1 {
				if len(items) == 0 {
					return &optional{}
				}
				f, v := c.Func(0), items[0]
				for _, w := range items[1:] {
					v = boxOf(kind)(f(v, w))
				}
				return &optional{v}
			}
			f, v := c.Func(1), c.Object(0)
			for _, w := range items {
				v = boxOf(kind)(f(v, w))
			}
			return Object(v)
		}),
		"collect": on(func(s *stream, c *Call) any {
			if k, ok := c.Object(0).(collector); ok {
				return Object(k(c, append([]any(nil), s.items...)))
			}
			into, f := c.Func(0)(), c.Func(1)
			for _, v := range s.items {
				f(into, v)
			}
			return Object(into)
		}),
		"close": func(*Call) any { return Void },
	}
	if kind != "Stream" {
		methods["sum"] = on(func(s *stream, c *Call) any { return boxOf(kind)(summarized(s.items).sum) })
		methods["average"] = on(func(s *stream, c *Call) any {
			if len(s.items) == 0 {
				return &optional{}
			}
			return &optional{summarized(s.items).sum / float64(len(s.items))}
		})
		methods["summaryStatistics"] = on(func(s *stream, c *Call) any {
			sum := summarized(s.items)
			sum.kind = kind
			return sum
		})
	}
	return &Class{Name: streamPackage + kind, Methods: methods, Static: streamStatics(kind)}
}

func firstOf(items []any) any {
	if len(items) == 0 {
		return nil
	}
	return items[0]
}

// boxOf turns what a function returned into an element of a kind of stream.
func boxOf(kind string) func(any) any {
	return func(v any) any {
		switch kind {
		case "IntStream":
			return int32(int64(floatOf(v)))
		case "LongStream":
			return int64(floatOf(v))
		case "DoubleStream":
			return floatOf(v)
		}
		return v
	}
}

func streamStatics(kind string) Methods {
	span := func(extra int) func(*Call) any {
		return func(c *Call) any {
			from, to := c.Int(0), c.Int(1)+extra
			items := make([]any, 0, c.objects(max(0, to-from)))
			for i := from; i < to; i++ {
				items = append(items, boxOf(kind)(float64(i)))
			}
			return numbers(kind, items)
		}
	}
	return Methods{
		"of": func(c *Call) any {
			if items, ok := c.Items(0); ok && c.Len() == 1 {
				return numbers(kind, items)
			}
			items := make([]any, c.Len())
			for i := range items {
				items[i] = boxOf(kind)(c.Object(i))
			}
			return numbers(kind, items)
		},
		"empty": func(*Call) any { return numbers(kind, nil) },
		"concat": func(c *Call) any {
			return numbers(kind, append(append([]any(nil), c.needItems(0)...), c.needItems(1)...))
		},
		"range": span(0), "rangeClosed": span(1),
		"iterate": func(c *Call) any {
			s := numbers(kind, nil)
			v := c.Object(0)
			if c.Len() > 2 {
				has, next := c.Func(1), c.Func(2)
				for truth(has(v)) {
					s.items = append(s.items, v)
					c.objects(len(s.items))
					v = boxOf(kind)(next(v))
				}
				return s
			}
			next := c.Func(1)
			s.more = func() any { old := v; v = boxOf(kind)(next(v)); return old }
			return s
		},
		"generate": func(c *Call) any {
			s, f := numbers(kind, nil), c.Func(0)
			s.more = func() any { return f() }
			return s
		},
	}
}

// summary is an IntSummaryStatistics and its like.
type summary struct {
	kind           string
	n              int
	sum, low, high float64
}

func (s *summary) JavaClass() string {
	return "java.util." + strings.TrimSuffix(s.kind, "Stream") + "SummaryStatistics"
}

func summarized(items []any) *summary {
	s := &summary{n: len(items), low: math.Inf(1), high: math.Inf(-1)}
	for _, v := range items {
		f := floatOf(v)
		s.sum, s.low, s.high = s.sum+f, math.Min(s.low, f), math.Max(s.high, f)
	}
	return s
}

func summaryMethods() Methods {
	on := func(f func(s *summary) any) func(*Call) any { return func(c *Call) any { return f(c.This.(*summary)) } }
	return Methods{
		"getCount": on(func(s *summary) any { return s.n }), "getSum": on(func(s *summary) any { return s.sum }),
		"getMin": on(func(s *summary) any { return s.low }), "getMax": on(func(s *summary) any { return s.high }),
		"getAverage": on(func(s *summary) any {
			if s.n == 0 {
				return 0.0
			}
			return s.sum / float64(s.n)
		}),
	}
}

func collectorsClass() *Class {
	list := func(fixed bool) func(*Call) any {
		return func(*Call) any {
			return collector(func(_ *Call, items []any) any {
				if fixed {
					return NewFixedList(items...)
				}
				return NewList(items...)
			})
		}
	}
	set := func(*Call) any {
		return collector(func(_ *Call, items []any) any {
			s := newSet("java.util.HashSet", hashed)
			for _, v := range items {
				s.of.set(v, true)
			}
			return s
		})
	}
	number := func(f func(s *summary) any) func(*Call) any {
		return func(c *Call) any {
			of := c.Func(0)
			return collector(func(_ *Call, items []any) any {
				values := make([]any, len(items))
				for i, v := range items {
					values[i] = of(v)
				}
				return f(summarized(values))
			})
		}
	}
	average := number(func(s *summary) any {
		if s.n == 0 {
			return 0.0
		}
		return s.sum / float64(s.n)
	})
	into := func(c *Call, i int) collector {
		if k, ok := c.Object(i).(collector); ok && i < c.Len() {
			return k
		}
		return func(_ *Call, items []any) any { return NewList(items...) }
	}
	// grouped puts elements into lists by key, which a collector then takes.
	grouped := func(m *Map, key func(v any) any, then collector) collector {
		return func(c *Call, items []any) any {
			lists := NewMap()
			for _, v := range items {
				k := key(v)
				l, ok := lists.Get(k)
				if !ok {
					l = NewList()
					lists.set(k, l)
				}
				l.(*List).Add(v)
			}
			for _, p := range lists.Pairs() {
				m.set(p.Key, then(c, p.Value.(*List).Items()))
			}
			return m
		}
	}
	return &Class{Name: streamPackage + "Collectors", Static: Methods{
		"toList": list(false), "toUnmodifiableList": list(true), "toSet": set, "toUnmodifiableSet": set,
		"joining": func(c *Call) any {
			sep, before, after := c.Text(0), c.Text(1), c.Text(2)
			return collector(func(c *Call, items []any) any { return before + c.VM.JoinTexts(items, sep) + after })
		},
		"counting":     func(*Call) any { return collector(func(_ *Call, items []any) any { return int64(len(items)) }) },
		"averagingInt": average, "averagingLong": average, "averagingDouble": average,
		"summingInt":    number(func(s *summary) any { return int32(s.sum) }),
		"summingLong":   number(func(s *summary) any { return int64(s.sum) }),
		"summingDouble": number(func(s *summary) any { return s.sum }),
		"mapping": func(c *Call) any {
			f, then := c.Func(0), into(c, 1)
			return collector(func(c *Call, items []any) any {
				out := make([]any, len(items))
				for i, v := range items {
					out[i] = f(v)
				}
				return then(c, out)
			})
		},
		"toCollection": func(c *Call) any {
			f := c.Func(0)
			return collector(func(c *Call, items []any) any {
				made := f()
				switch made := made.(type) {
				case *List:
					for _, v := range items {
						made.Add(v)
					}
				case *Set:
					for _, v := range items {
						made.of.set(v, true)
					}
				}
				return made
			})
		},
		"toMap": func(c *Call) any {
			key, value := c.Func(0), c.Func(1)
			var merge func(...any) any
			if c.Len() > 2 {
				merge = c.Func(2)
			}
			m := NewHashMap()
			if c.Len() > 3 {
				if given, ok := c.Func(3)().(*Map); ok {
					m = given
				}
			}
			return collector(func(c *Call, items []any) any {
				for _, v := range items {
					k, w := key(v), value(v)
					if old, has := m.Get(k); has {
						if merge == nil {
							panic(c.Throw("java.lang.IllegalStateException", fmt.Sprintf("Duplicate key %s (attempted merging values %s and %s)",
								c.VM.Text(k), c.VM.Text(old), c.VM.Text(w))))
						}
						w = merge(old, w)
					}
					m.set(k, w)
				}
				return m
			})
		},
		"groupingBy": func(c *Call) any {
			f := c.Func(0)
			m, then := NewHashMap(), into(c, c.Len()-1)
			if c.Len() > 2 {
				if given, ok := c.Func(1)().(*Map); ok {
					m = given
				}
			}
			return grouped(m, func(v any) any { return f(v) }, then)
		},
		"partitioningBy": func(c *Call) any {
			f, then := c.Func(0), into(c, 1)
			return collector(func(c *Call, items []any) any {
				var no, yes []any
				for _, v := range items {
					if truth(f(v)) {
						yes = append(yes, v)
					} else {
						no = append(no, v)
					}
				}
				m := newMap("java.util.LinkedHashMap", linked)
				m.set(false, then(c, no))
				m.set(true, then(c, yes))
				return m
			})
		},
	}}
}
