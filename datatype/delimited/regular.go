package delimited

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir/tree"
)

// regular reports whether Parse of what Encode made of root gives root again:
// the tree is one that Parse makes, and its values survive. Where a case is rare
// the answer is no without a closer look.
func (t *Type) regular(root *tree.Node) bool {
	if !t.ready().exact || t.readable() != nil || !plain(root) || root.Name.Local != rootName {
		return false
	}
	for i, row := range root.Children() {
		if !plain(row) || row.Name.Local != t.rowName(i+1) || len(row.Children()) == 0 {
			return false
		}
		for j, c := range row.Children() {
			value, ok := onlyText(c)
			if !ok || c.Name.Local != t.columnName(j) || !t.survives(value) {
				return false
			}
		}
	}
	return true
}

// survives reports whether a value comes back when it is written and read.
func (t *Type) survives(value string) bool {
	c := t.ready()
	switch f := &c.write; {
	case c.read.dropCR && strings.IndexByte(value, '\r') >= 0:
		return false
	case f.needsQuotes(value):
		return f.quote != "" && !(f.doubled && f.escape != "" && f.escape != f.quote && strings.Contains(value, f.escape))
	default:
		return f.quote == "" || !strings.HasPrefix(value, f.quote)
	}
}

func (f *format) equal(o *format) bool {
	return f.column == o.column && f.record == o.record && f.quote == o.quote && f.escape == o.escape &&
		f.doubled == o.doubled && slices.Equal(f.widths, o.widths)
}

// unambiguous reports whether the delimiters are single characters that differ,
// so that none can be mistaken or come about where two texts meet. With widths
// blanks are lost, so that is not called unambiguous either.
func (f *format) unambiguous() bool {
	if len(f.widths) > 0 || f.err != nil {
		return false
	}
	all := []string{f.column, f.record, f.quote, f.escape}
	for i, d := range all {
		if utf8.RuneCountInString(d) != 1 || d == "\r" || slices.Contains(all[:i], d) {
			return false
		}
	}
	return true
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
