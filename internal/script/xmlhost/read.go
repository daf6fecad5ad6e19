package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// cursor is where a chain of reads has come to: an XML when node is set, else
// an XMLList. No object of the runtime is made on the way.
type cursor struct {
	h      *Host
	node   *tree.Node
	list   list
	origin *list // the list itself, when a script may hold it
}

func (h *Host) cursor(x value) cursor {
	if x.list != nil {
		return cursor{h: h, list: *x.list, origin: x.list}
	}
	return cursor{h: h, node: x.node}
}

// step goes on to what s selects. It returns false for an index that does not
// exist, which reads as undefined.
func (c *cursor) step(s *selector) bool {
	if s.kind == byIndex {
		if c.node == nil {
			c.node = c.list.at(s.index)
			return c.node != nil
		}
		return s.index == 0
	}
	next := list{h: c.h}
	next.wants(s)
	n := c.node
	if n == nil && c.list.count() == 1 {
		n = c.list.at(0)
	}
	if n != nil {
		if s.kind == byName || c.node == nil {
			next.parent = n
		}
		s.find(n, &next)
	} else {
		for _, n := range c.list.nodes {
			s.find(n, &next)
		}
		if next.count() == 0 {
			next.owner = c.heap()
		}
	}
	c.node, c.list, c.origin = nil, next, nil
	return true
}

// heap returns the current list as one that outlives the cursor.
func (c *cursor) heap() *list {
	if c.origin == nil {
		c.origin = new(list)
		*c.origin = c.list
	}
	return c.origin
}

func (c *cursor) value() goja.Value {
	if c.node != nil {
		return c.h.wrap(c.node)
	}
	return c.heap().value()
}

// walk follows keys from o on. It stops early, with the key it could not use,
// when the way leaves XML: then v is where it has come to.
func (h *Host) walk(x value, keys []goja.Value) (c cursor, used int) {
	c = h.cursor(x)
	for i, k := range keys {
		if _, ok := k.(*goja.Symbol); ok {
			return c, i
		}
		s := h.selector(k.String())
		if !c.step(&s) {
			return c, i
		}
	}
	return c, len(keys)
}

// get is __e4x.get(o, k1, k2, …).
func (h *Host) get(call goja.FunctionCall) goja.Value {
	o, keys := call.Argument(0), call.Arguments[1:]
	for i := 0; ; i++ {
		if x, ok := h.xml(o); ok {
			if len(keys) > 0 && i < len(keys) && h.inherited(keys[len(keys)-1].String()) != nil {
				return h.plainChain(o, keys[i:])
			}
			c, used := h.walk(x, keys[i:])
			if i+used == len(keys) {
				return c.value()
			}
			if i+used == len(keys)-1 {
				return goja.Undefined()
			}
			o, i = goja.Undefined(), i+used+1
		}
		if i == len(keys) {
			return o
		}
		o = h.property(o, keys[i])
	}
}

// plainChain reads one property after the other.
func (h *Host) plainChain(o goja.Value, keys []goja.Value) goja.Value {
	for _, k := range keys {
		o = h.property(o, k)
	}
	return o
}

// property reads o[key] of any value as JavaScript does.
func (h *Host) property(o, key goja.Value) goja.Value {
	obj, ok := o.(*goja.Object)
	if !ok {
		if goja.IsUndefined(o) || goja.IsNull(o) {
			h.throw("Cannot read property \"%s\" from %s", key, o.String())
		}
		obj = o.ToObject(h.rt)
	}
	var v goja.Value
	if symbol, ok := key.(*goja.Symbol); ok {
		v = obj.GetSymbol(symbol)
	} else {
		v = obj.Get(key.String())
	}
	if v != nil {
		return v
	}
	return goja.Undefined()
}

// getText is __e4x.getstr(o, k1, …): o[k1]….toString().
func (h *Host) getText(call goja.FunctionCall) goja.Value {
	if x, ok := h.xml(call.Argument(0)); ok {
		c, used := h.walk(x, call.Arguments[1:])
		if used == len(call.Arguments)-1 {
			if c.node != nil {
				return h.rt.ToValue(nodeText(c.node))
			}
			return h.rt.ToValue(c.list.text())
		}
	}
	return h.toText(h.get(call))
}

// str is __e4x.str(o): o.toString().
func (h *Host) str(call goja.FunctionCall) goja.Value { return h.toText(call.Argument(0)) }

func (h *Host) toText(o goja.Value) goja.Value {
	switch o := o.(type) {
	case goja.String:
		return o
	case *goja.Object:
		if x, ok := h.xml(o); ok {
			return h.rt.ToValue(x.text())
		}
	}
	return h.invoke(o, "toString", nil)
}

// descend is __e4x.desc(o, key): o..key.
func (h *Host) descend(call goja.FunctionCall) goja.Value {
	x, ok := h.xml(call.Argument(0))
	if !ok {
		if p, isScope := exported[*scope](call.Argument(0)); isScope {
			x, ok = value{node: p.node}, true
		}
	}
	if !ok {
		h.throw("Only XML has descendants")
	}
	return h.below(x, call.Argument(1).String()).value()
}

func (h *Host) below(x value, key string) *list {
	s := h.selector(key)
	l := h.newList()
	l.parent = x.node
	for _, n := range x.all() {
		s.findBelow(n, l)
	}
	return l
}

// exported returns the Go value behind an object that is not ours by prototype.
func exported[T any](v goja.Value) (t T, ok bool) {
	if o, isObject := v.(*goja.Object); isObject && o.Prototype() == nil && o.ExportType() != nil {
		t, ok = o.Export().(T)
	}
	return t, ok
}
