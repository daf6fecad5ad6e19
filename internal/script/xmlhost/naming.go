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
	return c.h.qname(qname{namespace: namespace{uri: n.Name.Space, prefix: n.Name.Prefix, hasPrefix: true}, local: n.Name.Local})
}

func localName(c call) goja.Value {
	n := c.one()
	if !named(n) {
		return goja.Null()
	}
	return c.h.rt.ToValue(n.Name.Local)
}

// setName takes a QName, or a string for a name in the default xml namespace. A prefix
// in a string is written, and means nothing.
func setName(c call) goja.Value {
	n := c.one()
	if !named(n) {
		return goja.Undefined()
	}
	q, ok := c.h.toQName(c.arg(0))
	if !ok {
		q = &qname{namespace: c.h.space, local: c.h.Text(c.arg(0))}
		// The text of a QName, from name().toString().
		if i := strings.LastIndex(q.local, "::"); i >= 0 {
			q.namespace, q.local = namespace{uri: q.local[:i]}, q.local[i+2:]
		}
	}
	name := tree.Name{Space: q.uri, Local: q.local}
	if n.Kind != tree.ProcInst {
		name.Prefix = q.prefixAt(n)
	}
	if prefix, local, ok := strings.Cut(name.Local, ":"); ok && name.Prefix == "" && tree.IsXMLName(prefix) {
		name.Prefix, name.Local = prefix, local
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
	n.SetName(name)
}
