package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/e4x"
)

// bridge is the object __e4x. Its functions are made when a script first calls
// them; most scripts use three or four.
type bridge struct {
	h    *Host
	made [operationCount]goja.Value
}

// operation numbers the functions of __e4x.
type operation int

const (
	opGet operation = iota
	opGetText
	opSet
	opStr
	opCall
	opXML
	opDescend
	opFilter
	opReference
	opEach
	opEqual
	opAdd
	opAddTo
	opTypeOf
	opAttribute
	opQualify
	opDefault
	opEnter
	opLeave
	opRemove
	opSource
	opCaught
	opMake
	operationCount
)

func operationOf(name string) (operation, func(*Host, goja.FunctionCall) goja.Value) {
	switch name {
	case "get":
		return opGet, (*Host).get
	case "getstr":
		return opGetText, (*Host).getText
	case "set":
		return opSet, (*Host).set
	case "str":
		return opStr, (*Host).str
	case "call":
		return opCall, (*Host).callMethod
	case "xml":
		return opXML, (*Host).literal
	case "desc":
		return opDescend, (*Host).descend
	case "filter":
		return opFilter, (*Host).filter
	case "ref":
		return opReference, (*Host).reference
	case "each":
		return opEach, (*Host).each
	case "eq":
		return opEqual, (*Host).equal
	case "add":
		return opAdd, (*Host).add
	case "addTo":
		return opAddTo, (*Host).addTo
	case "typeof":
		return opTypeOf, (*Host).kind
	case "at":
		return opAttribute, (*Host).attributeKey
	case "qn":
		return opQualify, (*Host).qualify
	case "ns":
		return opDefault, (*Host).setDefault
	case "enter":
		return opEnter, (*Host).enter
	case "leave":
		return opLeave, (*Host).leave
	case "del":
		return opRemove, (*Host).remove
	case "src":
		return opSource, (*Host).source
	case "make":
		return opMake, (*Host).makeNew
	case "caught":
		return opCaught, (*Host).caught
	}
	return -1, nil
}

// Get returns one of the functions.
func (b *bridge) Get(key string) goja.Value {
	op, f := operationOf(key)
	if f == nil {
		return nil
	}
	if b.made[op] == nil {
		h := b.h
		b.made[op] = h.rt.ToValue(func(c goja.FunctionCall) goja.Value { return f(h, c) })
	}
	return b.made[op]
}

// Set refuses: scripts do not change the bridge.
func (b *bridge) Set(string, goja.Value) bool { return false }

// Has answers "key in __e4x".
func (b *bridge) Has(key string) bool {
	_, f := operationOf(key)
	return f != nil
}

// Delete refuses.
func (b *bridge) Delete(string) bool { return false }

// Keys lists nothing: the bridge is not for scripts to look into.
func (b *bridge) Keys() []string { return nil }

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
