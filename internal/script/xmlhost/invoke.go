package xmlhost

import (
	"strings"

	"github.com/dop251/goja"
)

// callMethod is __e4x.call(o, "name", args…): o.name(args…).
func (h *Host) callMethod(c goja.FunctionCall) goja.Value {
	return h.invoke(c.Argument(0), c.Argument(1).String(), c.Arguments[min(2, len(c.Arguments)):])
}

func (h *Host) invoke(o goja.Value, name string, args []goja.Value) goja.Value {
	switch o := o.(type) {
	case *goja.Object:
		if x, ok := h.xml(o); ok {
			return h.invokeXML(x, o, name, args)
		}
		return h.invokeFound(o.Get(name), o, name, args)
	case goja.String:
		return h.invokeString(o, name, args)
	}
	if goja.IsUndefined(o) || goja.IsNull(o) {
		h.throw("Cannot call method \"%s\" of %s", name, o.String())
	}
	return h.invokeFound(o.ToObject(h.rt).Get(name), o, name, args)
}

// makeNew is __e4x.make(f, args…): new f(args…). Of what is no constructor, such
// as a method of Java, Rhino makes a call, whose result counts if it is an object.
func (h *Host) makeNew(c goja.FunctionCall) goja.Value {
	args := c.Arguments[min(1, len(c.Arguments)):]
	if construct, ok := goja.AssertConstructor(c.Argument(0)); ok {
		o, err := construct(nil, args...)
		if err != nil {
			panic(err)
		}
		return o
	}
	f := asFunction(c.Argument(0))
	if f == nil {
		h.throw("%s is not a function, it is %s.", h.Text(c.Argument(0)), h.typeOf(c.Argument(0)))
	}
	if o, ok := f(goja.FunctionCall{This: goja.Undefined(), Arguments: args}).(*goja.Object); ok {
		return o
	}
	return h.rt.NewObject()
}

// invokeXML calls a method of XML. Of simple content, and only for names that
// no XML method has, the methods of its text can be called too.
func (h *Host) invokeXML(x value, o *goja.Object, name string, args []goja.Value) goja.Value {
	if m := methods[name]; m != nil {
		return m(call{h: h, value: x, this: o, name: name, args: args})
	}
	if added := o.Prototype().Get(name); added != nil {
		if f := asFunction(added); f != nil {
			return f(goja.FunctionCall{This: o, Arguments: args})
		}
	}
	if !x.simple() {
		h.notFunction(name, o)
	}
	return h.invokeString(h.rt.ToValue(x.text()), name, args)
}

// invokeString calls a method of a string; Rhino's have two of Java's too.
func (h *Host) invokeString(s goja.Value, name string, args []goja.Value) goja.Value {
	if h.lazy.strings == nil {
		h.lazy.strings = s.ToObject(h.rt).Prototype()
	}
	if f := asFunction(h.lazy.strings.Get(name)); f != nil {
		return f(goja.FunctionCall{This: s, Arguments: args})
	}
	if len(args) > 0 {
		switch name {
		case "equals":
			return h.rt.ToValue(s.String() == h.Text(args[0]))
		case "equalsIgnoreCase":
			return h.rt.ToValue(strings.EqualFold(s.String(), h.Text(args[0])))
		}
	}
	h.notFunction(name, s)
	return nil
}

func (h *Host) invokeFound(found, this goja.Value, name string, args []goja.Value) goja.Value {
	f := asFunction(found)
	if f == nil {
		h.notFunction(name, this)
	}
	return f(goja.FunctionCall{This: this, Arguments: args})
}

func (h *Host) apply(f, this goja.Value, args []goja.Value) goja.Value {
	return h.invokeFound(f, this, "", args)
}

// asFunction returns what calling v runs, or nil. The result may be called only
// inside of a native function: exceptions pass through as panics.
func asFunction(v goja.Value) func(goja.FunctionCall) goja.Value {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	if o.ClassName() == "Function" {
		if f, ok := o.Export().(func(goja.FunctionCall) goja.Value); ok {
			return f
		}
	}
	f, ok := goja.AssertFunction(o)
	if !ok {
		return nil
	}
	return func(c goja.FunctionCall) goja.Value {
		result, err := f(c.This, c.Arguments...)
		if err != nil {
			panic(err)
		}
		return result
	}
}
