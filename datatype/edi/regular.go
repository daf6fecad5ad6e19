package edi

import (
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir/tree"
)

// regular reports whether Parse of text, which Encode made of root, gives root
// again. Segments that nobody changed are not looked into. Where a case is rare
// the answer is no without a closer look.
func (t *Type) regular(root *tree.Node, text string, d delimiters) bool {
	if !unambiguous(d) || strings.IndexByte(text, '\r') >= 0 || !announces(root) || !plainName(root) {
		return false
	}
	body := trim(text)
	if tooShort(body) || t.delimitersOf(body) != d || !endsWhole(text, d.segment) {
		return false
	}
	c := checker{d, d.segment + d.element + d.subelement}
	name := otherRoot
	for i, s := range root.Children() {
		if i == 0 && s.Name.Local == "ISA" {
			name = x12Root
		}
		if !c.checkSegment(s) {
			return false
		}
	}
	return root.Name.Local == name
}

// announces reports whether a root has the three delimiters as attributes and no
// others.
func announces(root *tree.Node) bool {
	for _, name := range [...]string{segmentAttribute, elementAttribute, subelementAttribute} {
		if root.Attribute(tree.Name{Local: name}) == nil {
			return false
		}
	}
	return len(root.Attributes()) == 3
}

// unambiguous reports whether the delimiters are characters that differ.
func unambiguous(d delimiters) bool {
	return d.segment != "" && utf8.ValidString(d.segment) && utf8.RuneCountInString(d.element) == 1 && utf8.RuneCountInString(d.subelement) == 1 &&
		d.element != d.subelement && !strings.Contains(d.segment, d.element) && !strings.Contains(d.segment, d.subelement)
}

// endsWhole reports whether a trim takes nothing off the last segment.
func endsWhole(text, segmentDelimiter string) bool {
	body := strings.TrimSuffix(text, segmentDelimiter)
	return body != "" && body[len(body)-1] > ' '
}

// checker compares a tree with the one that Parse would make.
type checker struct {
	delimiters
	special string // characters that cannot be in a text
}

func (c *checker) checkSegment(n *tree.Node) bool {
	name := n.Name.Local
	if s, ok := n.Source().(*segment); ok {
		return s.name == name && *s.delimiters == c.delimiters
	}
	if !plain(n) || !tree.IsXMLName(name) || strings.ContainsAny(name, c.special) {
		return false
	}
	for i, e := range n.Children() {
		if !plain(e) || e.Name.Local != elementName(name, i+1) || !c.checkElement(e) {
			return false
		}
	}
	return true
}

func (c *checker) checkElement(n *tree.Node) bool {
	children := n.Children()
	for i, s := range children {
		text, ok := onlyText(s)
		if !ok || s.Name.Local != subelementName(n.Name.Local, i+1) || strings.ContainsAny(text, c.special) {
			return false
		}
	}
	return len(children) != 1 || len(children[0].Children()) > 0
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
func plain(n *tree.Node) bool { return plainName(n) && len(n.Attributes()) == 0 }

func plainName(n *tree.Node) bool {
	return n.Kind == tree.Element && len(n.Namespaces()) == 0 && n.Name.Space == "" && n.Name.Prefix == ""
}
