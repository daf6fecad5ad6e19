package delimited

import (
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// Serialize returns the XML text of a message.
func (t *Type) Serialize(text string) (string, error) {
	root, err := t.Parse(text)
	if err != nil {
		return "", err
	}
	return root.Serialized(), nil
}

// Encode writes a record for every element whose name begins with row, in any
// case of letters and at any depth, but not inside another. The elements in it
// are its columns in the order of the document, whatever their names.
//
// The record delimiter stands after every record. A column is quoted only when
// it contains a delimiter; one that has just quotes is written as it is, as in
// Mirth. Columns of fixed width are cut or filled up with blanks, and those
// beyond the last width are dropped.
func (t *Type) Encode(root *tree.Node) (text string, regular bool, err error) {
	f := &t.ready().write
	if f.err != nil {
		return "", false, &weir.Fault{At: "deserializationProperties.columnWidths", Err: f.err, Hint: "Give the number of characters of each column."}
	}
	w := writer{format: f}
	w.element(root)
	return w.b.String(), t.regular(root), nil
}

type writer struct {
	*format
	b strings.Builder
}

func (w *writer) element(n *tree.Node) {
	if isRow(n.Name.Local) {
		w.row(n)
		return
	}
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			w.element(c)
		}
	}
}

func isRow(name string) bool {
	return len(name) >= len(rowName) && strings.EqualFold(name[:len(rowName)], rowName)
}

func (w *writer) row(n *tree.Node) {
	i := 0
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			continue
		}
		value := textOf(c)
		switch {
		case len(w.widths) == 0:
			if i > 0 {
				w.b.WriteString(w.column)
			}
			w.value(value)
		case i < len(w.widths):
			w.fixed(value, w.widths[i])
		}
		i++
	}
	w.b.WriteString(w.record)
}

// value writes a column, in quotes when it contains a delimiter. Then the escape
// token is doubled whether or not it is the one that escapes quotes, as in Mirth.
func (w *writer) value(value string) {
	if !w.needsQuotes(value) {
		w.b.WriteString(value)
		return
	}
	escape := w.escape
	if w.doubled {
		escape = w.quote
	}
	if w.escape != "" && w.escape != w.quote {
		value = strings.ReplaceAll(value, w.escape, w.escape+w.escape)
	}
	if w.quote != "" {
		value = strings.ReplaceAll(value, w.quote, escape+w.quote)
	}
	w.b.WriteString(w.quote)
	w.b.WriteString(value)
	w.b.WriteString(w.quote)
}

func (f *format) needsQuotes(value string) bool {
	return f.column != "" && strings.Contains(value, f.column) || f.record != "" && strings.Contains(value, f.record)
}

func (w *writer) fixed(value string, width int) {
	value = value[:prefix(value, width)]
	w.b.WriteString(value)
	for range width - utf8.RuneCountInString(value) {
		w.b.WriteByte(' ')
	}
}

// textOf returns all texts inside of an element.
func textOf(n *tree.Node) string {
	if text, ok := n.LeafText(); ok {
		return text
	}
	children := n.Children()
	var b strings.Builder
	for _, c := range children {
		switch c.Kind {
		case tree.Text, tree.CDATA:
			b.WriteString(c.Data)
		case tree.Element:
			b.WriteString(textOf(c))
		}
	}
	return b.String()
}
