package xmlhost

import "github.com/dop251/goja"

// add is __e4x.add(a, b): a + b.
func (h *Host) add(call goja.FunctionCall) goja.Value {
	return h.sum(call.Argument(0), call.Argument(1))
}

// sum makes a list of two XMLs; everything else is as in JavaScript, with XML
// as its text.
func (h *Host) sum(a, b goja.Value) goja.Value {
	sa, stringA := a.(goja.String)
	sb, stringB := b.(goja.String)
	if stringA && stringB {
		return sa.Concat(sb)
	}
	_, objectA := a.(*goja.Object)
	_, objectB := b.(*goja.Object)
	if objectA || objectB {
		return h.sumObjects(a, b)
	}
	switch {
	case stringA && goja.IsNumber(b):
		return sa.Concat(h.rt.ToValue(b.String()).(goja.String))
	case stringB && goja.IsNumber(a):
		return h.rt.ToValue(a.String()).(goja.String).Concat(sb)
	case goja.IsNumber(a) && goja.IsNumber(b):
		return h.rt.ToValue(a.ToFloat() + b.ToFloat())
	}
	return h.plainOperator(0, a, b)
}

func (h *Host) sumObjects(a, b goja.Value) goja.Value {
	x, xmlA := h.xml(a)
	y, xmlB := h.xml(b)
	switch {
	case xmlA && xmlB:
		l := h.newList(x.all()...)
		l.add(y.all()...)
		return l.value()
	// Rhino adds nothing at all for undefined.
	case xmlA && goja.IsUndefined(b):
		return h.rt.ToValue(x.text())
	case xmlB && goja.IsUndefined(a):
		return h.rt.ToValue(y.text())
	case xmlA:
		a = h.rt.ToValue(x.text())
	case xmlB:
		b = h.rt.ToValue(y.text())
	}
	if sa, ok := a.(goja.String); ok {
		if sb, ok := b.(goja.String); ok {
			return sa.Concat(sb)
		}
	}
	return h.plainOperator(0, a, b)
}

// addTo is __e4x.addTo(o, key, v): o[key] += v.
func (h *Host) addTo(call goja.FunctionCall) goja.Value {
	o, key, v := call.Argument(0), call.Argument(1), call.Argument(2)
	x, ok := h.xml(o)
	if !ok {
		if _, isObject := o.(*goja.Object); !isObject {
			h.property(o, key) // throws for undefined and null
		}
		return h.plainOperator(1, o, key, h.sum(h.plainOperator(2, o, key), v))
	}
	k := key.String()
	if x.list != nil {
		sum := h.sum(x.list.Get(k), v)
		x.list.Set(k, sum)
		return sum
	}
	e := element{h, x.node}
	sum := h.sum(e.Get(k), v)
	e.Set(k, sum)
	return sum
}

// operators are JavaScript's own, for values that goja exports no operation on.
var operators = goja.MustCompile("E4X operators",
	`[(a, b) => a + b, (o, k, v) => o[k] = v, (o, k) => o[k], (a, b) => a * b, (a, b) => a ** b, (a, b) => a << b]`, false)

func (h *Host) plainOperator(which int, args ...goja.Value) goja.Value {
	if h.lazy.plain == nil {
		v, err := h.rt.RunProgram(operators)
		if err != nil {
			panic(err)
		}
		h.lazy.plain = v.(*goja.Object)
	}
	f := h.lazy.plain.Get([...]string{"0", "1", "2", "3", "4", "5"}[which])
	return h.apply(f, goja.Undefined(), args)
}
