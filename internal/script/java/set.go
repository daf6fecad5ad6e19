package java

// Set is a HashSet, LinkedHashSet or TreeSet. It may be shared by runs.
type Set struct {
	class string
	of    *Map
}

func newSet(class string, o order) *Set { return &Set{class: class, of: newMap(class, o)} }

// NewFixedSet returns a set that scripts cannot change.
func NewFixedSet(items ...any) *Set {
	s := newSet("java.util.LinkedHashSet", linked)
	for _, v := range items {
		s.of.set(v, true)
	}
	s.of.frozen = true
	return s
}

func (s *Set) JavaClass() string { return s.class }
func (s *Set) Items() []any      { return s.of.Keys() }
func (s *Set) Portable() any     { return s.Items() }
func (s *Set) String() string    { return bracketed(s.Items(), Text) }

// Equal is Set.equals.
func (s *Set) Equal(o any) bool {
	t, ok := o.(*Set)
	if !ok || s.of.Len() != t.of.Len() {
		return false
	}
	for _, v := range s.Items() {
		if _, has := t.of.Get(v); !has {
			return false
		}
	}
	return true
}

func setMethods() Methods {
	on := func(f func(s *Set, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Set), c) }
	}
	add := func(s *Set, c *Call, v any) bool {
		if _, has := s.of.Get(v); has {
			return false
		}
		s.of.Put(c, v, true)
		return true
	}
	return Methods{
		"add":      on(func(s *Set, c *Call) any { return add(s, c, c.Object(0)) }),
		"contains": on(func(s *Set, c *Call) any { _, has := s.of.Get(c.Object(0)); return has }),
		"remove": on(func(s *Set, c *Call) any {
			_, has := s.of.Get(c.Object(0))
			s.of.Remove(c, c.Object(0))
			return has
		}),
		"clear": on(func(s *Set, c *Call) any { s.of.Clear(c); return Void }),
		"addAll": on(func(s *Set, c *Call) any {
			changed := false
			for _, v := range c.needItems(0) {
				changed = add(s, c, v) || changed
			}
			return changed
		}),
		"removeAll": on(func(s *Set, c *Call) any {
			before := s.of.Len()
			for _, v := range c.needItems(0) {
				s.of.Remove(c, v)
			}
			return s.of.Len() != before
		}),
		"retainAll": on(func(s *Set, c *Call) any {
			before, stay := s.of.Len(), c.needItems(0)
			for _, v := range s.Items() {
				if find(stay, v) < 0 {
					s.of.Remove(c, v)
				}
			}
			return s.of.Len() != before
		}),
		"first": on(func(s *Set, c *Call) any { return Object(end(c, s.Items(), 0)) }),
		"last":  on(func(s *Set, c *Call) any { return Object(end(c, s.Items(), -1)) }),
	}
}
