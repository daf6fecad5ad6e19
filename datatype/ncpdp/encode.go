package ncpdp

import (
	"slices"
	"strings"

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

// Encode writes a message: its header, the values of a request's padded to their
// widths, and the segments with the delimiters of the settings. The names are
// those of version D.0 or 5.1, whichever occurs first in the markup.
//
// A name that the version does not know is written in the place of its code, as
// in Mirth, also one that Parse made of an unknown code. Texts are written as
// they are.
func (t *Type) Encode(root *tree.Node) (text string, regular bool, err error) {
	w := writer{delimiters: t.write.delimiters(), dictionary: named(root.Name.Local, root.XMLString)}
	for _, c := range root.Children() {
		if c.Kind != tree.Element {
			continue
		}
		switch c.Name.Local {
		case requestName, responseName:
			w.header(c)
		case groupsName:
			w.groups(c)
		case groupName:
			w.groupOf(c)
		default:
			w.segmentOf(c)
		}
	}
	text = w.b.String()
	again, err := t.Parse(text)
	return text, err == nil && same(again, root), nil
}

type writer struct {
	delimiters
	*dictionary
	b strings.Builder
}

func (w *writer) header(n *tree.Node) {
	request := n.Name.Local == requestName
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			continue
		}
		value := textOf(c)
		w.b.WriteString(value)
		if request {
			w.b.WriteString(padding(c.Name.Local, value))
		}
	}
}

func (w *writer) groups(n *tree.Node) {
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			w.groupOf(c)
		}
	}
}

func (w *writer) groupOf(n *tree.Node) {
	w.b.WriteString(w.group)
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			w.segmentOf(c)
		}
	}
}

func (w *writer) segmentOf(n *tree.Node) {
	w.b.WriteString(w.segment)
	w.b.WriteString(w.field)
	w.b.WriteString(nameOr(w.segmentCodes, n.Name.Local))
	w.content(n)
}

// content writes the fields inside of a segment or count.
func (w *writer) content(n *tree.Node) {
	elements := slices.ContainsFunc(n.Children(), func(c *tree.Node) bool { return c.Kind == tree.Element })
	for _, c := range n.Children() {
		switch {
		case c.Kind == tree.Element:
			w.fieldOf(c)
		case c.Kind != tree.Text && c.Kind != tree.CDATA:
		case !elements || trim(c.Data) != "": // among elements, white space is indentation
			w.b.WriteString(c.Data)
		}
	}
}

func (w *writer) fieldOf(n *tree.Node) {
	name := n.Name.Local
	w.b.WriteString(w.field)
	w.b.WriteString(nameOr(w.fieldCodes, name))
	if attributes := n.Attributes(); len(attributes) > 0 && (isCounter(name) || isCount(name)) {
		w.b.WriteString(attributes[0].Data)
	}
	w.content(n)
}

// textOf returns the texts directly inside of an element.
func textOf(n *tree.Node) string {
	text := ""
	for _, c := range n.Children() {
		if c.Kind == tree.Text || c.Kind == tree.CDATA {
			text += c.Data
		}
	}
	return text
}

// same reports whether two trees are equal. Messages are small, so that reading
// again what was written is the simplest way to know that it is regular.
func same(a, b *tree.Node) bool {
	return a.Kind == b.Kind && a.Name == b.Name && (a.Kind == tree.Element || a.Data == b.Data) && len(b.Namespaces()) == 0 &&
		slices.EqualFunc(a.Attributes(), b.Attributes(), same) && slices.EqualFunc(a.Children(), b.Children(), same)
}
