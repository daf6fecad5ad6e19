package xmlhost

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

var namingMethods = map[string]method{
	"name":         nodeName,
	"localName":    localName,
	"nodeKind":     func(c call) goja.Value { return c.h.rt.ToValue(kindNames[c.one().Kind]) },
	"setName":      setName,
	"setLocalName": setLocalName,
}

var kindNames = [...]string{
	tree.Element:   "element",
	tree.Text:      "text",
	tree.CDATA:     "text",
	tree.Comment:   "comment",
	tree.ProcInst:  "processing-instruction",
	tree.Attribute: "attribute",
}

// named reports whether nodes of the kind have a name.
func named(n *tree.Node) bool {
	return n.Kind == tree.Element || n.Kind == tree.Attribute || n.Kind == tree.ProcInst
}

func nodeName(c call) goja.Value {
	n := c.one()
	if !named(n) {
		return goja.Null()
	}
	return c.h.qname(qname{space: n.Name.Space, prefix: n.Name.Prefix, local: n.Name.Local})
}

func localName(c call) goja.Value {
	n := c.one()
	if !named(n) {
		return goja.Null()
	}
	return c.h.rt.ToValue(n.Name.Local)
}

// setName takes a QName, or a string for a name in the default xml namespace.
func setName(c call) goja.Value {
	n := c.one()
	if !named(n) {
		return goja.Undefined()
	}
	name := tree.Name{}
	if q, ok := c.h.toQName(c.arg(0)); ok {
		name = tree.Name{Space: q.space, Prefix: q.prefix, Local: q.local}
	} else {
		name.Local = c.h.Text(c.arg(0))
		// The text of a QName, from name().toString().
		if i := strings.LastIndex(name.Local, "::"); i >= 0 {
			name.Space, name.Local = name.Local[:i], name.Local[i+2:]
		} else if n.Kind == tree.Element {
			name.Space = c.h.space
		}
	}
	c.rename(n, name)
	return goja.Undefined()
}

func setLocalName(c call) goja.Value {
	n := c.one()
	if !named(n) {
		return goja.Undefined()
	}
	name := n.Name
	if q, ok := c.h.toQName(c.arg(0)); ok {
		name.Local = q.local
	} else {
		name.Local = c.h.Text(c.arg(0))
	}
	c.rename(n, name)
	return goja.Undefined()
}

func (c call) rename(n *tree.Node, name tree.Name) {
	if !tree.IsXMLName(name.Local) {
		c.h.throw("Invalid XML name")
	}
	if name.Space == n.Name.Space && name.Prefix == "" {
		name.Prefix = n.Name.Prefix
	}
	n.SetName(name)
}
