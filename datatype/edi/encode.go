package edi

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-health/weir/tree"
)

// MaxPosition is the highest number in the name of an element or subelement that
// Encode fills up to: X.20000 would come with as many delimiters.
const MaxPosition = 10_000

// Serialize returns the XML text of a message.
func (t *Type) Serialize(text string) (string, error) {
	root, err := t.Parse(text)
	if err != nil {
		return "", err
	}
	return root.Serialized(), nil
}

// Encode writes a message with the delimiters in the attributes of its root, or
// ~, * and : where they are missing. The segment delimiter stands after every
// segment.
//
// Elements are written in the order of the document: the number in a name only
// says how many delimiters to write when it is higher than that of the one
// before. Texts are written as they are, with whatever delimiters they contain.
//
// A root that is itself a segment, with elements named after it, gives that
// segment.
func (t *Type) Encode(root *tree.Node) (text string, regular bool, err error) {
	w := writer{delimiters: written(root)}
	if isSegment(root) {
		w.segment(root)
	} else {
		for _, c := range root.Children() {
			if c.Kind == tree.Element {
				w.segment(c)
			}
		}
	}
	if w.err != nil {
		return "", false, w.err
	}
	text = w.b.String()
	return text, t.regular(root, text, w.delimiters), nil
}

// written finds the delimiters to write with.
func written(root *tree.Node) delimiters {
	d := delimiters{"~", "*", ":"}
	for _, a := range root.Attributes() {
		switch a.Name.Local {
		case segmentAttribute:
			d.segment = a.Data
		case elementAttribute:
			d.element = a.Data
		case subelementAttribute:
			d.subelement = a.Data
		}
	}
	return d
}

func isSegment(root *tree.Node) bool {
	name := root.Name.Local
	if name == x12Root || name == otherRoot {
		return false
	}
	for _, c := range root.Children() {
		if c.Kind == tree.Element {
			return strings.HasPrefix(c.Name.Local, name+".")
		}
	}
	return false
}

type writer struct {
	delimiters
	b   strings.Builder
	err error
}

func (w *writer) segment(n *tree.Node) {
	w.b.WriteString(n.Name.Local)
	if s, ok := n.Source().(*segment); ok && s.name == n.Name.Local && *s.delimiters == w.delimiters {
		w.b.WriteString(s.elements)
		w.b.WriteString(w.delimiters.segment)
		return
	}
	last := 0
	elements := hasElements(n)
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			w.text(c, elements)
			continue
		}
		number := numberOf(c.Name.Local)
		w.fill(w.element, max(1, number-last))
		last = max(1, number)
		w.content(c)
	}
	w.b.WriteString(w.delimiters.segment)
}

// content writes what is inside an element: subelements, or a text.
func (w *writer) content(n *tree.Node) {
	last := 0
	elements := hasElements(n)
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			w.text(c, elements)
			continue
		}
		number := numberOf(c.Name.Local)
		if last == 0 {
			w.fill(w.subelement, number-1)
		} else {
			w.fill(w.subelement, max(1, number-last))
		}
		last = max(1, number)
		for _, text := range c.Children() {
			w.text(text, false)
		}
	}
}

// text writes a text as it is. Among elements, white space is indentation.
func (w *writer) text(n *tree.Node, amongElements bool) {
	if n.Kind != tree.Text && n.Kind != tree.CDATA || amongElements && trim(n.Data) == "" {
		return
	}
	w.b.WriteString(n.Data)
}

func (w *writer) fill(delimiter string, count int) {
	if count > MaxPosition {
		if w.err == nil {
			w.err = fmt.Errorf("an element has a number above %d in its name", MaxPosition)
		}
		return
	}
	for range count {
		w.b.WriteString(delimiter)
	}
}

func hasElements(n *tree.Node) bool {
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			return true
		}
	}
	return false
}

// numberOf returns the number at the end of a name such as "ST.05", or 0.
func numberOf(name string) int {
	n, err := strconv.Atoi(name[strings.LastIndexByte(name, '.')+1:])
	if err != nil || n < 0 {
		return 0
	}
	return n
}
