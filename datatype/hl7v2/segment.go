package hl7v2

import (
	"iter"
	"strings"

	"github.com/weir-health/weir/tree"
)

// segment is the text of one segment, unsplit.
type segment struct {
	dialect *dialect
	names   *segmentNames
	text    string
}

// bare reports whether there is nothing but the name, not even a separator.
func (s *segment) bare() bool { return len(s.text) == len(s.names.name) }

// Expand adds the fields. In a header the first field is the field separator
// itself (§2.15.9.1), so that numbers are one ahead of the separators.
func (s *segment) Expand(n *tree.Node) {
	if s.bare() {
		return
	}
	count := s.count()
	nodes, lazies := slab{size: count}, make([]field, 0, count)
	if s.names.header {
		count += 2
		nodes.size = count
		encoding, _, _ := strings.Cut(s.inside(), s.dialect.field)
		n.Grow(count)
		n.Fill(nodes.leaf(s.names.field(1).name, s.dialect.field), nodes.leaf(s.names.field(2).name, encoding))
	} else {
		n.Grow(count)
	}
	for number, text := range s.fields() {
		names := s.names.field(number)
		if text == "" {
			n.Fill(nodes.element(names.name))
			continue
		}
		lazies = append(lazies, field{s.dialect, names, text})
		n.Fill(nodes.lazy(names.name, &lazies[len(lazies)-1]))
	}
}

// inside returns the text behind the name and its separator.
func (s *segment) inside() string { return s.text[len(s.names.name)+len(s.dialect.field):] }

// count returns how many times fields yields.
func (s *segment) count() int {
	text := s.inside()
	if s.names.header {
		var more bool
		if _, text, more = strings.Cut(text, s.dialect.field); !more {
			return 0
		}
	}
	n := 1 + strings.Count(text, s.dialect.field)
	if s.dialect.repetition != "" && s.dialect.repetition != s.dialect.field {
		n += strings.Count(text, s.dialect.repetition)
	}
	return n
}

// fields yields the number and the text of each field, and of each repetition, but
// for the first two of a header.
func (s *segment) fields() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		d := s.dialect
		rest, number, more := s.inside(), 1, true
		if s.names.header {
			_, rest, more = strings.Cut(rest, d.field)
			number = 3
		}
		for ; more; number++ {
			var text string
			text, rest, more = strings.Cut(rest, d.field)
			for again := true; again; {
				one := text
				if again = d.repetition != ""; again {
					one, text, again = strings.Cut(text, d.repetition)
				}
				if !yield(number, one) {
					return
				}
			}
		}
	}
}

// Count returns how many fields there are, repetitions each (tree.Slots). A header's
// are made together, as its first two are not cut from the text.
func (s *segment) Count() int {
	if s.bare() || s.names.header {
		return 0
	}
	return s.count()
}

// Find tells where the repetitions of a field are (tree.Slots).
func (s *segment) Find(local string) (from, to int) {
	if s.Lacks(local) {
		return 0, 0
	}
	i := 0
	for number := range s.fields() {
		switch {
		case s.names.field(number).name == local:
			to = i + 1
		case to > 0:
			return from, to
		default:
			from = i + 1
		}
		i++
	}
	if to == 0 {
		return 0, 0
	}
	return from, to
}

// Child makes one field (tree.Slots).
func (s *segment) Child(i int) *tree.Node {
	for number, text := range s.fields() {
		if i--; i >= 0 {
			continue
		}
		names := s.names.field(number)
		if text == "" {
			return tree.New(names.name)
		}
		f := &struct { // made together
			node tree.Node
			field
		}{field: field{s.dialect, names, text}}
		f.node = *tree.NewLazy(names.name, &f.field)
		return &f.node
	}
	return nil
}

// Lacks reports that a name is not one of the segment's own: all inside begin
// with its name and a dot (tree.Sparse).
func (s *segment) Lacks(local string) bool { return !inside(s.names.name, local) }

// inside reports whether a name is that of something inside an element.
func inside(element, local string) bool {
	return len(local) > len(element) && local[len(element)] == '.' && local[:len(element)] == element
}

// field is the text of one repetition of a field, unsplit and not empty.
type field struct {
	dialect *dialect
	names   *fieldNames
	text    string
}

// Lacks reports that a name is not one of the field's own (tree.Sparse).
func (f *field) Lacks(local string) bool { return !inside(f.names.name, local) }

// Expand adds the components.
func (f *field) Expand(n *tree.Node) {
	d := f.dialect
	count := 1 + strings.Count(f.text, d.component)
	nodes := slab{size: count}
	n.Grow(count)
	rest, more := f.text, true
	for number := 1; more; number++ {
		var text string
		text, rest, more = strings.Cut(rest, d.component)
		name := f.names.component(number)
		if d.subcomponent == "" || !strings.Contains(text, d.subcomponent) {
			n.Fill(nodes.leaf(name, text))
			continue
		}
		c := nodes.element(name)
		n.Fill(c)
		f.subcomponents(c, &nodes, text)
	}
}

func (f *field) subcomponents(c *tree.Node, nodes *slab, text string) {
	c.Grow(1 + strings.Count(text, f.dialect.subcomponent))
	more := true
	for number := 1; more; number++ {
		var one string
		one, text, more = strings.Cut(text, f.dialect.subcomponent)
		c.Fill(nodes.leaf(numbered(c.Name.Local, number), one))
	}
}

// slab hands out nodes that were made together, size at a time.
type slab struct {
	size int
	free []tree.Node
}

func (s *slab) element(name string) *tree.Node {
	n := s.node()
	n.Name.Local = name
	return n
}

func (s *slab) lazy(name string, lazy tree.Lazy) *tree.Node {
	n := s.node()
	*n = *tree.NewLazy(name, lazy)
	return n
}

func (s *slab) leaf(name, text string) *tree.Node {
	n := s.element(name)
	n.FillText(text)
	return n
}

func (s *slab) node() *tree.Node {
	if len(s.free) == 0 {
		s.free = make([]tree.Node, s.size)
	}
	n := &s.free[0]
	s.free = s.free[1:]
	return n
}
