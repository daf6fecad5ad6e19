package hl7v2

import (
	"strings"

	"github.com/weir-health/weir/tree"
)

// rereads reports whether Parse of text, which Encode made of root, gives root
// again, but for the empty elements at the places in gaps. What nobody changed
// and was cut as Parse would cut it is not looked into. Where a case is rare the
// answer is no without a closer look.
func (t *Type) rereads(root *tree.Node, text string, written *delimiters) (gaps gaps, ok bool) {
	end := t.ready().end
	if !plain(root) || len(root.Children()) == 0 || !t.readsItsEnd() {
		return nil, false
	}
	if !readable(strings.TrimSuffix(text, end)) {
		return nil, false
	}
	first := text
	if i := strings.IndexAny(text, t.ready().ends); i >= 0 {
		first = text[:i]
	}
	read, encoding, isHeader := delimitersOf(first)
	if read.field != written.field || read.component != written.component || read.repetition != written.repetition ||
		isHeader && !strings.HasPrefix(text[3+len(read.field):], encoding) {
		return nil, false
	}
	c := checker{dialect: t.dialect(read, t.ready().ends)}
	c.special = c.field + c.component + c.repetition + c.subcomponent + c.ends
	for i, s := range root.Children() {
		c.at = place{i, whole, whole}
		if !c.segment(s) || len(c.gaps) > MaxGaps {
			return nil, false
		}
	}
	return c.gaps, true
}

// readsItsEnd reports whether reading takes for the end of a segment what
// writing puts there.
func (t *Type) readsItsEnd() bool {
	c := t.ready()
	return c.end != "" && strings.Trim(c.end, c.ends) == ""
}

// readable reports whether Parse takes a text as it is, without its last end: it
// is long enough, and loses no white space.
func readable(body string) bool { return !tooShort(body) && body[len(body)-1] > ' ' }

// checker compares a tree with the one that the dialect would cut.
type checker struct {
	dialect
	special string // characters that cannot be in a text
	at      place
	gaps    gaps
}

func (c *checker) segment(n *tree.Node) bool {
	name := n.Name.Local
	if s, ok := n.Source().(*segment); ok && *s.dialect == c.dialect {
		return !s.bare()
	}
	if !plain(n) || !isName(name) || strings.ContainsAny(name, c.special) {
		return false
	}
	slots := n.Slots()
	if slots == nil && len(n.Children()) == 0 {
		return false
	}
	names := namesOf(name)
	if s, ok := slots.(*segment); ok && s.names == names && *s.dialect == c.dialect {
		return c.fields(n, s)
	}
	number := 0
	c.at.field = 0
	for i, f := range n.Children() {
		switch {
		case number > 0 && f.Name.Local == names.field(number).name:
			if c.repetition == "" || names.header && number <= 2 {
				return false
			}
		case f.Name.Local == names.field(number+1).name:
			number++
		default:
			next := numberOf(f.Name.Local)
			if next <= number || next > number+MaxGaps || c.field == c.repetition || names.header && number < 2 || f.Name.Local != names.field(next).name {
				return false
			}
			for ; number < next-1; number++ {
				c.gaps = append(c.gaps, c.at)
				c.at.field++
			}
			number = next
		}
		if names.header && i < 2 {
			if !c.headerField(f, i) {
				return false
			}
			c.at.field++
			continue
		}
		if !c.content(f, names.field(number)) {
			return false
		}
		c.at.field++
	}
	return !names.header || number >= 2
}

// fields checks those fields of a segment that somebody looked into.
func (c *checker) fields(n *tree.Node, s *segment) bool {
	c.at.field = 0
	for number := range s.fields() {
		if f := n.Made()[c.at.field]; f != nil && !c.content(f, s.names.field(number)) {
			return false
		}
		c.at.field++
	}
	return true
}

// fills reports whether a separator that is written for a component that is not
// there will be read as that: it exists and means nothing else.
func (c *checker) fills() bool {
	return c.component != "" && c.component != c.repetition && c.component != c.field && c.component != c.subcomponent
}

// headerField checks MSH-1 and MSH-2.
func (c *checker) headerField(n *tree.Node, i int) bool {
	text, ok := onlyText(n)
	if i == 0 {
		return ok && text == c.field
	}
	return ok && text != "" && !strings.ContainsAny(text, c.field+c.ends)
}

func (c *checker) content(n *tree.Node, names *fieldNames) bool {
	if f, ok := n.Source().(*field); ok && *f.dialect == c.dialect {
		return true
	}
	if !plain(n) {
		return false
	}
	components := n.Children()
	number := 0
	for _, p := range components {
		if p.Name.Local != names.component(number+1) {
			next := numberOf(p.Name.Local)
			if next <= number || next > number+MaxGaps || !c.fills() || p.Name.Local != names.component(next) {
				return false
			}
			for ; number < next-1; number++ {
				c.gaps = append(c.gaps, place{c.at.segment, c.at.field, number})
			}
		}
		number++
		if !c.componentElement(p) {
			return false
		}
	}
	if number != 1 {
		return true
	}
	if text, ok := components[0].LeafText(); ok {
		return text != ""
	}
	return len(components[0].Children()) > 0
}

func (c *checker) componentElement(n *tree.Node) bool {
	if _, ok := n.LeafText(); ok {
		return c.leaf(n)
	}
	children := n.Children()
	if len(children) < 2 {
		return c.leaf(n)
	}
	if !plain(n) || c.subcomponent == "" {
		return false
	}
	for i, s := range children {
		if s.Kind != tree.Element || s.Name.Local != numbered(n.Name.Local, i+1) || !c.leaf(s) {
			return false
		}
	}
	return true
}

// leaf checks an element that holds a text or nothing.
func (c *checker) leaf(n *tree.Node) bool {
	text, ok := onlyText(n)
	return ok && !strings.ContainsAny(text, c.special)
}

// onlyText returns the text of an element that holds just one, or nothing.
func onlyText(n *tree.Node) (text string, ok bool) {
	if !plain(n) {
		return "", false
	}
	if text, ok := n.LeafText(); ok {
		return text, true
	}
	children := n.Children()
	if len(children) != 1 {
		return "", len(children) == 0
	}
	return children[0].Data, children[0].Kind == tree.Text && children[0].Data != ""
}

// plain reports whether n is an element without attributes and namespaces.
func plain(n *tree.Node) bool {
	return n.Kind == tree.Element && len(n.Attributes()) == 0 && len(n.Namespaces()) == 0 && n.Name.Space == "" && n.Name.Prefix == ""
}
