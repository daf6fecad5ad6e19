package hl7v2

import (
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
	d := s.dialect
	rest := s.text[len(s.names.name)+len(d.field):]
	count := 1 + strings.Count(rest, d.field)
	if d.repetition != "" {
		count += strings.Count(rest, d.repetition)
	}
	b := fields{dialect: d, nodes: slab{size: count}, lazies: make([]field, 0, count)}
	number, more := 1, true
	if s.names.header {
		b.nodes.size += 3
		n.Grow(count + 1)
		var encoding string
		encoding, rest, more = strings.Cut(rest, d.field)
		n.Fill(b.nodes.leaf(s.names.field(1).name, d.field), b.nodes.leaf(s.names.field(2).name, encoding))
		number = 3
	} else {
		n.Grow(count)
	}
	for more {
		var text string
		text, rest, more = strings.Cut(rest, d.field)
		b.add(n, s.names.field(number), text)
		number++
	}
}

// Lacks reports that a name is not one of the segment's own: all inside begin
// with its name and a dot (tree.Sparse).
func (s *segment) Lacks(local string) bool { return !inside(s.names.name, local) }

// inside reports whether a name is that of something inside an element.
func inside(element, local string) bool {
	return len(local) > len(element) && local[len(element)] == '.' && local[:len(element)] == element
}

// fields makes the fields of one segment.
type fields struct {
	dialect *dialect
	nodes   slab
	lazies  []field
}

// add adds a field with all its repetitions.
func (b *fields) add(n *tree.Node, names *fieldNames, text string) {
	if b.dialect.repetition == "" {
		b.one(n, names, text)
		return
	}
	for more := true; more; {
		var one string
		one, text, more = strings.Cut(text, b.dialect.repetition)
		b.one(n, names, one)
	}
}

func (b *fields) one(n *tree.Node, names *fieldNames, text string) {
	if text == "" {
		n.Fill(b.nodes.element(names.name))
		return
	}
	b.lazies = append(b.lazies, field{b.dialect, names, text})
	n.Fill(b.nodes.lazy(names.name, &b.lazies[len(b.lazies)-1]))
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
	nodes := slab{size: 2 * count}
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
	if text != "" {
		t := s.node()
		t.Kind = tree.Text
		t.Data = text
		n.Fill(t)
	}
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
