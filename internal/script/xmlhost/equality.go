package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// equal is __e4x.eq(a, b): a == b.
func (h *Host) equal(call goja.FunctionCall) goja.Value {
	return h.rt.ToValue(h.same(call.Argument(0), call.Argument(1)))
}

func (h *Host) same(a, b goja.Value) bool {
	_, objectA := a.(*goja.Object)
	_, objectB := b.(*goja.Object)
	if !objectA && !objectB {
		return a.Equals(b)
	}
	// An empty list equals undefined, but only when undefined stands on the
	// left: with XML on the left and nothing on the right nobody asks the XML.
	if x, ok := h.xml(a); ok {
		if goja.IsUndefined(b) || goja.IsNull(b) {
			return false
		}
		return h.equalXML(x, b)
	}
	if x, ok := h.xml(b); ok {
		return h.equalXML(x, a)
	}
	if qa, ok := h.toQName(a); ok {
		if qb, ok := h.toQName(b); ok {
			return qa.any == qb.any && qa.uri == qb.uri && qa.local == qb.local
		}
	}
	if na, ok := h.isNamespace(a); ok {
		if nb, ok := h.isNamespace(b); ok {
			return na.uri == nb.uri
		}
	}
	if h.hooks.Equal != nil {
		if result, handled := h.hooks.Equal(a, b); handled {
			return result
		}
	}
	return a.Equals(b)
}

// equalXML compares XML with anything: with XML by structure, else by text if
// its content is simple.
func (h *Host) equalXML(x value, v goja.Value) bool {
	if x.list != nil && x.count() != 1 {
		return h.equalList(x.list, v)
	}
	n := x.at(0)
	if y, ok := h.xml(v); ok {
		return y.count() == 1 && equalNodes(n, y.at(0))
	}
	return simple(n) && nodeText(n) == h.Text(v)
}

func (h *Host) equalList(l *list, v goja.Value) bool {
	if goja.IsUndefined(v) {
		return l.count() == 0
	}
	y, ok := h.xml(v)
	if !ok || y.list == nil || y.count() != l.count() {
		return false
	}
	for i := range l.count() {
		if !equalNodes(l.at(i), y.at(i)) {
			return false
		}
	}
	return true
}

// equalNodes compares names, attributes and children, by the markup.
func equalNodes(a, b *tree.Node) bool {
	switch {
	case a == b:
		return true
	case a.Kind == tree.Element && b.Kind == tree.Element:
		return a.Name.Is(b.Name) && a.XMLString() == b.XMLString()
	case a.Kind == tree.Element || b.Kind == tree.Element:
		return false
	}
	return nodeText(a) == nodeText(b)
}

// kind is __e4x.typeof(v).
func (h *Host) kind(call goja.FunctionCall) goja.Value {
	return h.rt.ToValue(h.typeOf(call.Argument(0)))
}

func (h *Host) typeOf(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return primitiveType(v)
	}
	if h.isXML(o) {
		return "xml"
	}
	if h.hooks.TypeOf != nil {
		if s, ok := h.hooks.TypeOf(o); ok {
			return s
		}
	}
	if o.ClassName() == "Function" {
		return "function"
	}
	if _, callable := goja.AssertFunction(o); callable {
		return "function"
	}
	return "object"
}

func primitiveType(v goja.Value) string {
	switch v.(type) {
	case goja.String:
		return "string"
	case *goja.Symbol:
		return "symbol"
	}
	switch {
	case goja.IsUndefined(v):
		return "undefined"
	case goja.IsNull(v):
		return "object"
	case goja.IsNumber(v):
		return "number"
	case goja.IsBigInt(v):
		return "bigint"
	}
	return "boolean"
}
