package edi

import (
	"strconv"
	"strings"

	"github.com/weir-health/weir/tree"
)

// segment is the text of one segment, unsplit: its name, and the rest, which is
// empty or begins with an element delimiter.
type segment struct {
	*delimiters
	name     string
	elements string
}

// Expand adds the elements.
func (s *segment) Expand(n *tree.Node) {
	if s.elements == "" {
		return
	}
	rest, more := s.elements[len(s.element):], true
	n.Grow(1 + strings.Count(rest, s.element))
	for number := 1; more; number++ {
		var text string
		text, rest, more = strings.Cut(rest, s.element)
		n.Fill(s.split(elementName(s.name, number), text))
	}
}

// split makes an element of its text.
func (s *segment) split(name, text string) *tree.Node {
	n := tree.New(name)
	if text == "" {
		return n
	}
	if s.subelement == "" {
		n.Fill(tree.NewLeaf(subelementName(name, 1), text))
		return n
	}
	for number, more := 1, true; more; number++ {
		var one string
		one, text, more = strings.Cut(text, s.subelement)
		n.Fill(tree.NewLeaf(subelementName(name, number), one))
	}
	return n
}

// value returns the first subelement of an element without splitting the rest.
func (s *segment) value(number int) string {
	text := s.elements
	for range number {
		var ok bool
		if _, text, ok = strings.Cut(text, s.element); !ok || s.element == "" {
			return ""
		}
	}
	text, _, _ = strings.Cut(text, s.element)
	if s.subelement != "" {
		text, _, _ = strings.Cut(text, s.subelement)
	}
	return text
}

// elementName returns a name such as ST.01.
func elementName(segment string, number int) string {
	if number < 10 {
		return segment + ".0" + strconv.Itoa(number)
	}
	return segment + "." + strconv.Itoa(number)
}

// subelementName returns a name such as ST.01.1.
func subelementName(element string, number int) string { return element + "." + strconv.Itoa(number) }
