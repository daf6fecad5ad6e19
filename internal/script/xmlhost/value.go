package xmlhost

import (
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// value is an XML or an XMLList: one of the two is set.
type value struct {
	node *tree.Node
	list *list
}

// xml returns the XML or XMLList that v is.
func (h *Host) xml(v goja.Value) (value, bool) {
	o, ok := v.(*goja.Object)
	if !ok {
		return value{}, false
	}
	p := o.Prototype()
	if p == nil {
		return value{}, false
	}
	switch p {
	case h.protos[ctorXML]:
		if x, ok := o.Export().(*element); ok {
			return value{node: x.node}, true
		}
	case h.protos[ctorXMLList]:
		if l, ok := o.Export().(*list); ok {
			return value{list: l}, true
		}
	}
	return value{}, false
}

func (h *Host) isXML(v goja.Value) bool {
	_, ok := h.xml(v)
	return ok
}

func (x value) count() int {
	if x.list != nil {
		return x.list.count()
	}
	return 1
}

func (x value) at(i int) *tree.Node {
	if x.list != nil {
		return x.list.at(i)
	}
	return x.node
}

// only returns the node of an XML or of a list of one, else nil.
func (x value) only() *tree.Node {
	if x.count() == 1 {
		return x.at(0)
	}
	return nil
}

func (x value) all() []*tree.Node {
	if x.list != nil {
		return x.list.all()
	}
	return []*tree.Node{x.node}
}

// element is the XML object of a node: the host side of a goja object. It is
// called element for what it nearly always is; attributes, texts and comments
// have one too.
type element struct {
	h    *Host
	node *tree.Node
}

// wrap returns the XML object of a node. Scripts compare nodes with ===, so
// there is one object a node.
func (h *Host) wrap(n *tree.Node) *goja.Object {
	if o := h.wrapped[n]; o != nil {
		return o
	}
	o := h.rt.NewDynamicObject(&element{h, n})
	o.SetPrototype(h.proto(ctorXML))
	if h.wrapped == nil {
		h.wrapped = make(map[*tree.Node]*goja.Object)
	}
	h.wrapped[n] = o
	return o
}

// Get reads a child, attribute or index.
func (x *element) Get(key string) goja.Value {
	if f := x.h.inherited(key); f != nil {
		return f
	}
	c := cursor{h: x.h, node: x.node}
	s := x.h.selector(key)
	if !c.step(&s) {
		return goja.Undefined()
	}
	return c.value()
}

// Set assigns; see assign.go.
func (x *element) Set(key string, v goja.Value) bool {
	s := x.h.selector(key)
	if s.kind == byIndex {
		x.h.throw("Assignment to indexed XML is not allowed")
	}
	x.h.assign(x.node, &s, v)
	return true
}

// Has answers "key in xml".
func (x *element) Has(key string) bool { return value{node: x.node}.has(x.h, key) }

// has does so for XML and XMLList.
func (x value) has(h *Host, key string) bool {
	s := h.selector(key)
	return !isQName(key) && x.found(&s)
}

// isQName reports whether a key is the text of a QName with a namespace. To the
// operators in and delete that is a text like any other, which no name is equal to.
func isQName(key string) bool {
	return strings.Contains(key, "::") && key != everyAttribute && !strings.Contains(key, spaceMark)
}

// everyAttribute is the key of .@*; ['@*'] is those in no namespace.
const everyAttribute = "@*::*"

// found reports whether there is anything that is selected.
func (x value) found(s *selector) bool {
	if s.kind == byIndex {
		return x.at(s.index) != nil && (x.list != nil || s.index == 0)
	}
	return slices.ContainsFunc(x.all(), s.found)
}

// Delete removes children or attributes from the tree.
func (x *element) Delete(key string) bool {
	s := x.h.selector(key)
	switch {
	case s.kind != byIndex:
		return value{node: x.node}.remove(&s, key)
	case s.index == 0:
		detach(x.node)
	}
	return s.index != 0 // x[0] is always there
}

// Keys lists one index, as for a list of one.
func (x *element) Keys() []string { return []string{"0"} }

// inherited returns the methods that code which was not rewritten may call:
// String(x) and JSON.stringify find them by name. All other names are children.
func (h *Host) inherited(key string) goja.Value {
	switch key {
	case "toString":
		return h.function(&h.lazy.convert, h.convert)
	case "toXMLString":
		return h.function(&h.lazy.markup, func(c goja.FunctionCall) goja.Value {
			x, _ := h.xml(c.This)
			return h.rt.ToValue(x.markup())
		})
	case "toJSON":
		return h.function(&h.lazy.toJSON, func(c goja.FunctionCall) goja.Value {
			h.throw("XML cannot be written as JSON")
			return nil
		})
	}
	return nil
}

// function makes a function object once.
func (h *Host) function(place **goja.Object, f func(goja.FunctionCall) goja.Value) *goja.Object {
	if *place == nil {
		*place = h.rt.ToValue(f).(*goja.Object)
	}
	return *place
}
