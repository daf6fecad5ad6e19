package xmlhost

import (
	"strings"

	"github.com/weir-health/weir/tree"
)

// text is toString(): the text of simple content, else the markup. Several
// elements are markup, one after the other without anything between.
func (x value) text() string {
	if x.list != nil {
		return x.list.text()
	}
	return nodeText(x.node)
}

// markup is toXMLString().
func (x value) markup() string {
	switch {
	case x.list != nil:
		return x.list.markup()
	case x.node != nil:
		return x.node.XMLString()
	}
	return ""
}

func (l *list) text() string {
	switch l.count() {
	case 0:
		return ""
	case 1:
		return nodeText(l.at(0))
	}
	for _, n := range l.nodes {
		if n.Kind == tree.Element {
			return l.markup()
		}
	}
	var b strings.Builder
	for _, n := range l.nodes {
		if n.Kind != tree.Comment && n.Kind != tree.ProcInst {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

func (l *list) markup() string {
	var b []byte
	for _, n := range l.all() {
		b = n.AppendXML(b)
	}
	return string(b)
}

func nodeText(n *tree.Node) string {
	switch n.Kind {
	case tree.Element:
		return elementText(n)
	case tree.Comment, tree.ProcInst:
		return n.XMLString()
	}
	return n.Data
}

func elementText(n *tree.Node) string {
	if text, ok := n.LeafText(); ok {
		return text
	}
	children := n.Children()
	switch {
	case len(children) == 0:
		return ""
	case len(children) == 1 && (children[0].Kind == tree.Text || children[0].Kind == tree.CDATA):
		return children[0].Data
	case !simple(n):
		return n.XMLString()
	}
	var b strings.Builder
	for _, c := range children {
		if c.Kind == tree.Text || c.Kind == tree.CDATA {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// simple reports whether n has simple content: no elements inside.
func simple(n *tree.Node) bool {
	if n.Kind == tree.Comment || n.Kind == tree.ProcInst {
		return false
	}
	if _, ok := n.LeafText(); ok {
		return true
	}
	for _, c := range n.Children() {
		if c.Kind == tree.Element {
			return false
		}
	}
	return true
}

// simple reports whether x has simple content. Of several items none may be an
// element.
func (x value) simple() bool {
	if n := x.only(); n != nil {
		return simple(n)
	}
	for _, n := range x.all() {
		if n.Kind == tree.Element {
			return false
		}
	}
	return true
}
