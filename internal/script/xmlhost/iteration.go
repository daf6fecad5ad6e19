package xmlhost

import (
	"strconv"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// each is __e4x.each(v): what "for each (… in v)" runs over. The nodes of XML
// are a snapshot. Of other objects it is the values of all enumerable
// properties, inherited ones too. __e4x.each(v, true) is what "for ([k, v] in v)" runs
// over: pairs of name and value.
func (h *Host) each(call goja.FunctionCall) goja.Value {
	v := call.Argument(0)
	if call.Argument(1).ToBoolean() {
		return h.pairs(v)
	}
	if x, ok := h.xml(v); ok {
		items := make([]any, x.count())
		for i := range items {
			items[i] = h.wrap(x.at(i))
		}
		return h.rt.NewArray(items...)
	}
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return h.rt.NewArray()
	}
	o, ok := v.(*goja.Object)
	if !ok {
		o = v.ToObject(h.rt)
	} else if h.hooks.Each != nil {
		if found, ok := h.hooks.Each(o); ok {
			return found
		}
	}
	return h.propertyValues(o)
}

func (h *Host) propertyValues(o *goja.Object) goja.Value {
	var items []any
	for _, key := range propertyNames(o) {
		items = append(items, o.Get(key))
	}
	return h.rt.NewArray(items...)
}

func propertyNames(o *goja.Object) (names []string) {
	seen := make(map[string]bool)
	for p := o; p != nil; p = p.Prototype() {
		for _, key := range p.Keys() {
			if !seen[key] {
				seen[key] = true
				names = append(names, key)
			}
		}
	}
	return names
}

func (h *Host) pairs(v goja.Value) goja.Value {
	var items []any
	if x, ok := h.xml(v); ok {
		for i, n := range x.all() {
			items = append(items, h.rt.NewArray(strconv.Itoa(i), h.wrap(n)))
		}
	} else if !goja.IsUndefined(v) && !goja.IsNull(v) {
		o := v.ToObject(h.rt)
		for _, key := range propertyNames(o) {
			items = append(items, h.rt.NewArray(key, o.Get(key)))
		}
	}
	return h.rt.NewArray(items...)
}

// filter is __e4x.filter(o, fn): o.(…), the items for which fn(scope) is true.
func (h *Host) filter(call goja.FunctionCall) goja.Value {
	x, ok := h.xml(call.Argument(0))
	if !ok {
		h.throw("Only XML can be filtered")
	}
	fn := call.Argument(1)
	kept := h.newList()
	for _, n := range x.all() {
		o := h.rt.NewDynamicObject(&scope{h, n})
		o.SetPrototype(nil)
		if h.apply(fn, goja.Undefined(), []goja.Value{o}).ToBoolean() {
			kept.add(n)
		}
	}
	return kept.value()
}

// scope is the object a predicate runs with: the children of an item are its
// variables. It has no methods of XML. What every object inherits, such as
// toString(), is called on the global object, as Rhino calls every function
// without an object before it.
type scope struct {
	h    *Host
	node *tree.Node
}

// inheritedByAll are the methods of Object.prototype.
func inheritedByAll(key string) bool {
	switch key {
	case "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf":
		return true
	}
	return false
}

func (s *scope) global(name string) goja.Value {
	return s.h.rt.ToValue(func(c goja.FunctionCall) goja.Value {
		return s.h.invoke(s.h.rt.GlobalObject(), name, c.Arguments)
	})
}

// Get reads a child or attribute.
func (s *scope) Get(key string) goja.Value {
	sel := s.h.selector(key)
	if sel.kind == byName && !sel.any && !sel.found(s.node) {
		if inheritedByAll(key) {
			return s.global(key)
		}
		return nil
	}
	c := cursor{h: s.h, node: s.node}
	if !c.step(&sel) {
		return nil
	}
	return c.value()
}

// Set assigns to a child.
func (s *scope) Set(key string, v goja.Value) bool { return (&element{s.h, s.node}).Set(key, v) }

// Has reports whether a name is that of a child.
func (s *scope) Has(key string) bool {
	sel := s.h.selector(key)
	return sel.found(s.node) || inheritedByAll(key)
}

// Delete removes children.
func (s *scope) Delete(key string) bool { return (&element{s.h, s.node}).Delete(key) }

// Keys lists nothing.
func (s *scope) Keys() []string { return nil }

// reference is __e4x.ref(thunk): a bare name in a predicate, which is an empty
// list when there is no such variable.
func (h *Host) reference(call goja.FunctionCall) goja.Value {
	f, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		return goja.Undefined()
	}
	v, err := f(goja.Undefined())
	if err == nil {
		return v
	}
	if ex, ok := err.(*goja.Exception); ok {
		if o, ok := ex.Value().(*goja.Object); ok && o.ClassName() == "Error" && o.Get("name").String() == "ReferenceError" {
			return h.newList().value()
		}
	}
	panic(err)
}
