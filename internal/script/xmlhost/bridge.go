package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/e4x"
)

// operations are what the host function does, in the order of [e4x.Operations].
var operations = func() (list [len(e4x.Operations)]func(*Host, goja.FunctionCall) goja.Value) {
	named := map[string]func(*Host, goja.FunctionCall) goja.Value{
		"get":    (*Host).get,
		"getstr": (*Host).getText,
		"set":    (*Host).set,
		"str":    (*Host).str,
		"call":   (*Host).callMethod,
		"xml":    (*Host).literal,
		"desc":   (*Host).descend,
		"filter": (*Host).filter,
		"ref":    (*Host).reference,
		"each":   (*Host).each,
		"eq":     (*Host).equal,
		"add":    (*Host).add,
		"addTo":  (*Host).addTo,
		"typeof": (*Host).kind,
		"at":     (*Host).attributeKey,
		"qn":     (*Host).qualify,
		"ns":     (*Host).setDefault,
		"enter":  (*Host).enter,
		"leave":  (*Host).leave,
		"del":    (*Host).remove,
		"src":    (*Host).source,
		"make":   (*Host).makeNew,
		"caught": (*Host).caught,
		"big":    (*Host).big,
		"inner":  (*Host).inner,
	}
	for i, name := range e4x.Operations {
		list[i] = named[name]
	}
	return list
}()

// Bridge returns the host function, made when a script first calls it.
func (h *Host) Bridge() goja.Value {
	if h.lazy.bridge == nil {
		h.global(e4x.HostName, h.function(&h.lazy.bridge, h.operate))
	}
	return h.lazy.bridge
}

// operate is the host function: its first argument is the number of an operation,
// whose arguments are the others.
func (h *Host) operate(c goja.FunctionCall) goja.Value {
	if len(c.Arguments) == 0 {
		h.throw("%s is reserved", e4x.HostName)
	}
	n := c.Arguments[0].ToInteger()
	if n < 0 || n >= int64(len(operations)) {
		h.throw("%s is reserved", e4x.HostName)
	}
	c.Arguments = c.Arguments[1:]
	return operations[n](h, c)
}

// caught is __e4x.caught(e): what a catch clause works with.
func (h *Host) caught(call goja.FunctionCall) goja.Value {
	if h.hooks.Caught == nil {
		return call.Argument(0)
	}
	return h.hooks.Caught(call.Argument(0))
}

// source is __e4x.src(s): the text of a script that eval is about to run, made
// plain JavaScript. Its literals join those of the runtime.
func (h *Host) source(call goja.FunctionCall) goja.Value {
	s, ok := call.Argument(0).(goja.String)
	if !ok {
		return call.Argument(0)
	}
	unit, err := e4x.Rewrite("eval", s.String(), e4x.Options{FirstLiteral: len(h.literals), Modern: h.hooks.Modern, Eval: true})
	if err != nil {
		ctor := h.rt.Get("SyntaxError")
		e, failed := h.rt.New(ctor, h.rt.ToValue(err.Error()))
		if failed != nil {
			panic(failed)
		}
		panic(e)
	}
	h.literals = append(h.literals, unit.Literals...)
	return h.rt.ToValue(unit.Code)
}
