package hl7v2

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir/tree"
)

// MaxPosition is the highest number in the name of a field, component or
// subcomponent that Encode fills up to: PID.20000 would come with as many
// separators.
const MaxPosition = 10_000

// Serialize returns the XML text of a message.
func (t *Type) Serialize(text string) (string, error) {
	root, err := t.Parse(text)
	if err != nil {
		return "", err
	}
	if t.readStrict {
		return root.XMLString(), nil
	}
	return root.Serialized(), nil
}

// Encode writes a message as Mirth's non-strict parser does.
//
// The delimiters are those in MSH.1 and MSH.2 of the tree, or of the FHS or BHS
// it begins with. Elements are written in the order of the document: the number
// in the name of a field or component only says how many separators to write
// when it is higher than that of the one before, so PID.3 after PID.5 becomes
// the sixth field. A field after one of the same name is a repetition. Texts are
// written as they are, with whatever delimiters they contain; escaping is the
// script's affair. Each segment ends with the segment delimiter.
//
// A root that is no HL7Message gives a part of a message: a segment without the
// delimiter at its end, or the content of a field.
func (t *Type) Encode(root *tree.Node) (text string, regular bool, err error) {
	text, hint, ok, err := t.EncodeHint(root)
	return text, ok && hint == "", err
}

// EncodeHint is Encode that also tells, in hint, how [Type.Reread] gives root
// again; ok is false when it cannot.
func (t *Type) EncodeHint(root *tree.Node) (text, hint string, ok bool, err error) {
	if t.writeStrict {
		text, err = t.encodeStrict(root)
		return text, "", false, err
	}
	if text, hint, ok, err = t.encodeAsIs(root); t.readStrict {
		return text, "", false, err // reading it gives another tree
	}
	return text, hint, ok, err
}

func (t *Type) encodeAsIs(root *tree.Node) (text, hint string, ok bool, err error) {
	if m, unchanged := root.Source().(*message); unchanged {
		text, ok = t.unchanged(m)
		return text, "", ok, nil
	}
	w := writer{delimiters: announced(root), end: t.ready().end}
	if root.Name.Local != rootName {
		w.part(root)
		return w.b.String(), "", false, w.err
	}
	w.b.Grow(2048) // of most messages
	w.message(root)
	if w.err != nil {
		return "", "", false, w.err
	}
	text = w.b.String()
	gaps, ok := t.rereads(root, text, &w.delimiters)
	return text, gaps.String(), ok, nil
}

// unchanged writes a message that nobody changed, mostly by taking the text it
// came from.
func (t *Type) unchanged(m *message) (text string, regular bool) {
	end := t.ready().end
	switch after := m.tail[len(m.text):]; {
	case m.blank || m.bare || m.present != "" && m.present != end:
		text = m.join(end)
	case strings.HasPrefix(after, end):
		text = m.tail[:len(m.text)+len(end)]
	default:
		text = m.text + end
	}
	regular = !m.bare && m.dialect == t.dialect(m.delimiters, t.ready().ends) && t.readsItsEnd() &&
		readable(strings.TrimSuffix(text, end))
	return text, regular
}

// join writes the segments with another end, without the blank ones and with a
// separator in the bare ones.
func (m *message) join(end string) string {
	var b strings.Builder
	b.Grow(len(m.text) + m.segments*(len(end)+len(m.field)))
	for line, rest := m.cut(m.text); ; line, rest = m.cut(rest) {
		if !isBlank(line) {
			b.WriteString(line)
			if m.bare && !strings.Contains(line, m.field) {
				b.WriteString(m.field)
			}
			b.WriteString(end)
		}
		if rest == "" {
			return b.String()
		}
	}
}

// announced finds the delimiters to write with.
func announced(root *tree.Node) delimiters {
	d := standard
	header := root
	if root.Name.Local == rootName {
		header = firstElement(root)
	}
	if header == nil || !isHeader(header.Name.Local) {
		return d
	}
	if s, ok := header.Source().(*segment); ok {
		if read, encoding, ok := delimitersOf(s.text); ok {
			d.field = read.field
			d.announce(encoding)
		}
		return d
	}
	for _, c := range header.Children() {
		switch text := leafText(c); c.Name.Local {
		case header.Name.Local + ".1":
			if text != "" {
				_, size := utf8.DecodeRuneInString(text)
				d.field = text[:size]
			}
		case header.Name.Local + ".2":
			d.announce(text)
			return d
		}
	}
	return d
}

func firstElement(n *tree.Node) *tree.Node {
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			return c
		}
	}
	return nil
}

// leafText returns the texts directly inside of an element.
func leafText(n *tree.Node) string {
	text, ok := n.LeafText()
	if ok {
		return text
	}
	for _, c := range n.Children() {
		if c.Kind == tree.Text || c.Kind == tree.CDATA {
			text += c.Data
		}
	}
	return text
}

// writer writes a tree, or a part of one.
type writer struct {
	delimiters
	end string
	b   strings.Builder
	err error
}

func (w *writer) message(root *tree.Node) {
	elements := firstElement(root) != nil
	for _, c := range root.Children() {
		if c.Kind != tree.Element {
			w.text(c, elements)
			continue
		}
		w.segment(c)
		w.b.WriteString(w.end)
	}
}

// part writes a root that is no message. Its level is the number of dots in its name.
func (w *writer) part(root *tree.Node) {
	switch strings.Count(root.Name.Local, ".") {
	case 0:
		w.segment(root)
	case 1:
		w.content(root, w.component, w.subcomponent)
	case 2:
		w.content(root, w.subcomponent, "")
	default:
		w.content(root, "", "")
	}
}

func (w *writer) segment(n *tree.Node) {
	if s, ok := n.Source().(*segment); ok && s.dialect.writtenBy(&w.delimiters) {
		w.b.WriteString(s.text)
		if s.bare() {
			w.b.WriteString(w.field)
		}
		return
	}
	w.b.WriteString(n.Name.Local)
	w.b.WriteString(w.field)
	if s, ok := n.Slots().(*segment); ok && s.dialect.writtenBy(&w.delimiters) {
		w.fields(n, s)
		return
	}
	header := isHeader(n.Name.Local)
	elements := firstElement(n) != nil
	last, number := "", 0
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			w.text(c, elements)
			continue
		}
		next := numberOf(c.Name.Local)
		if header {
			if next == 1 && last == "" {
				last = c.Name.Local // the separator, which is there already
				continue
			}
			next--
		}
		switch {
		case c.Name.Local == last:
			w.b.WriteString(w.repetition)
		case number == 0:
			w.fill(w.field, next-1)
		default:
			w.fill(w.field, max(1, next-number))
		}
		last, number = c.Name.Local, max(1, next)
		w.content(c, w.component, w.subcomponent)
	}
}

// fields writes a segment that was changed inside of some of its fields.
func (w *writer) fields(n *tree.Node, s *segment) {
	i, last := 0, 1
	for number, text := range s.fields() {
		switch {
		case number > last:
			w.b.WriteString(w.field)
		case i > 0:
			w.b.WriteString(w.repetition)
		}
		if c := n.Made()[i]; c == nil {
			w.b.WriteString(text)
		} else {
			w.content(c, w.component, w.subcomponent)
		}
		i, last = i+1, number
	}
}

// content writes what is inside a field, a component or a subcomponent. outer
// separates the elements in it, inner those in them.
func (w *writer) content(n *tree.Node, outer, inner string) {
	if f, ok := n.Source().(*field); ok && outer == w.component && f.dialect.writtenBy(&w.delimiters) {
		w.b.WriteString(f.text)
		return
	}
	if text, ok := n.LeafText(); ok {
		w.b.WriteString(text)
		return
	}
	elements := firstElement(n) != nil
	number := 0
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			w.text(c, elements)
			continue
		}
		next := numberOf(c.Name.Local)
		if number == 0 {
			w.fill(outer, next-1)
		} else {
			w.fill(outer, max(1, next-number))
		}
		number = max(1, next)
		w.content(c, inner, "")
	}
}

// text writes a text as it is. Among elements, white space is indentation.
func (w *writer) text(n *tree.Node, amongElements bool) {
	if n.Kind != tree.Text && n.Kind != tree.CDATA || amongElements && isBlank(n.Data) {
		return
	}
	w.b.WriteString(n.Data)
}

func (w *writer) fill(separator string, count int) {
	if count > MaxPosition {
		if w.err == nil {
			w.err = fmt.Errorf("an element has a number above %d in its name", MaxPosition)
		}
		return
	}
	for range count {
		w.b.WriteString(separator)
	}
}

// numberOf returns the number at the end of a name such as "PID.5", or 0.
func numberOf(name string) int {
	n, err := strconv.Atoi(name[strings.LastIndexByte(name, '.')+1:])
	if err != nil || n < 0 {
		return 0
	}
	return n
}
