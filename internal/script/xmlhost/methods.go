package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// call is one call of a method on an XML or XMLList.
type call struct {
	h *Host
	value
	this goja.Value
	name string
	args []goja.Value
}

type method func(c call) goja.Value

// methods are those of XML and XMLList, shared by all runtimes. It is filled by
// the functions below, one table for each story.
var methods = merge(readingMethods, namingMethods, changingMethods, namespaceMethods)

func merge(tables ...map[string]method) map[string]method {
	all := make(map[string]method)
	for _, t := range tables {
		for name, m := range t {
			all[name] = m
		}
	}
	return all
}

func (c call) arg(i int) goja.Value {
	if i < len(c.args) {
		return c.args[i]
	}
	return goja.Undefined()
}

// key returns the name an argument means: "*" when there is none.
func (c call) key(i int) string {
	if i < len(c.args) {
		return c.args[i].String()
	}
	return "*"
}

// one returns the node, for methods that lists of several do not have.
func (c call) one() *tree.Node {
	n := c.only()
	if n == nil {
		c.h.notFunction(c.name, c.this)
	}
	return n
}

// notFunction ends a call of what is no method of o, in Rhino's words. These hold
// the text of o, so they reach the script and what is kept with the message only.
func (h *Host) notFunction(name string, o goja.Value) {
	if !tree.IsXMLName(name) {
		name = "that"
	}
	h.throw("Cannot find function %s in object %s.", name, h.Text(o))
}

var readingMethods = map[string]method{
	"toString":    func(c call) goja.Value { return c.h.rt.ToValue(c.text()) },
	"toXMLString": func(c call) goja.Value { return c.h.rt.ToValue(c.markup()) },
	"toSource":    func(c call) goja.Value { return c.h.rt.ToValue(c.markup()) },
	"valueOf":     func(c call) goja.Value { return c.this },
	"length":      func(c call) goja.Value { return c.h.rt.ToValue(c.count()) },
	"copy":        copyXML,

	"attribute":              attribute,
	"attributes":             func(c call) goja.Value { return c.read(everyAttribute) },
	"child":                  child,
	"children":               children,
	"elements":               elements,
	"text":                   func(c call) goja.Value { return c.ofKind(tree.Text, tree.CDATA) },
	"comments":               func(c call) goja.Value { return c.ofKind(tree.Comment, tree.Comment) },
	"processingInstructions": instructions,
	"descendants":            func(c call) goja.Value { return c.h.below(c.value, c.key(0)).value() },

	"parent":               parent,
	"childIndex":           func(c call) goja.Value { return c.h.rt.ToValue(c.one().Index()) },
	"contains":             contains,
	"hasSimpleContent":     func(c call) goja.Value { return c.h.rt.ToValue(c.simple()) },
	"hasComplexContent":    func(c call) goja.Value { return c.h.rt.ToValue(!c.simple()) },
	"hasOwnProperty":       func(c call) goja.Value { return c.h.rt.ToValue(c.has(c.key(0))) },
	"propertyIsEnumerable": func(c call) goja.Value { return c.h.rt.ToValue(c.has(c.key(0))) },
}

// read does what o[key] does.
func (c call) read(key string) goja.Value {
	cur := c.h.cursor(c.value)
	s := c.h.selector(key)
	if !cur.step(&s) {
		return goja.Undefined()
	}
	return cur.value()
}

func (c call) has(key string) bool {
	s := c.h.selector(key)
	return c.found(&s)
}

func attribute(c call) goja.Value {
	if key := c.key(0); key != "*" {
		return c.read("@" + key)
	}
	return c.read(everyAttribute)
}

// child takes a name, or a position among the children of each item.
func child(c call) goja.Value {
	key := c.key(0)
	i, isIndex := arrayIndex(key)
	if !isIndex {
		return elements(c)
	}
	l := c.h.newList()
	for _, n := range c.all() {
		if children := n.Children(); i >= 0 && i < len(children) {
			l.add(children[i])
		}
	}
	return l.value()
}

func elements(c call) goja.Value {
	s := c.h.selector(c.key(0))
	l := c.h.newList()
	if c.node != nil {
		l.parent = c.node
		l.wants(&s)
	}
	for _, n := range c.all() {
		for _, child := range n.Children() {
			if child.Kind == tree.Element && s.name(child) {
				l.add(child)
			}
		}
	}
	return l.value()
}

// children are those that * selects, and the text of an attribute. Those of a list do
// not remember where they were asked for.
func children(c call) goja.Value {
	if c.node != nil && c.node.Kind != tree.Attribute {
		return c.read("*")
	}
	l := c.h.newList()
	for _, n := range c.all() {
		if n.Kind == tree.Attribute {
			l.add(tree.NewText(n.Data))
		}
		l.add(n.Children()...)
	}
	return l.value()
}

func (c call) ofKind(kind, other tree.Kind) goja.Value {
	l := c.h.newList()
	for _, n := range c.all() {
		if n.Kind == tree.Attribute && kind == tree.Text {
			l.add(tree.NewText(n.Data))
		}
		for _, child := range n.Children() {
			if child.Kind == kind || child.Kind == other {
				l.add(child)
			}
		}
	}
	return l.value()
}

func instructions(c call) goja.Value {
	name := c.key(0)
	l := c.h.newList()
	for _, n := range c.all() {
		for _, child := range n.Children() {
			if child.Kind == tree.ProcInst && (name == "*" || child.Name.Local == name) {
				l.add(child)
			}
		}
	}
	return l.value()
}

// parent is null for a root and an attribute, and undefined for items with different
// parents.
func parent(c call) goja.Value {
	switch {
	case c.list != nil:
		if p := c.list.commonParent(); p != nil {
			return c.h.wrap(p)
		}
		return goja.Undefined()
	case c.node.Parent() == nil || c.node.Kind == tree.Attribute:
		return goja.Null()
	}
	return c.h.wrap(c.node.Parent())
}

func copyXML(c call) goja.Value {
	if c.list == nil {
		return c.h.wrap(c.node.Copy())
	}
	l := c.h.newList()
	for _, n := range c.all() {
		l.add(n.Copy())
	}
	return l.value()
}

func contains(c call) goja.Value {
	found := false
	for _, n := range c.all() {
		found = found || c.h.equalXML(value{node: n}, c.arg(0))
	}
	return c.h.rt.ToValue(found)
}
