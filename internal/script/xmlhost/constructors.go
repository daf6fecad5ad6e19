package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/tree"
)

// The constructors, in the order the prelude returns them.
const (
	ctorXML = iota
	ctorXMLList
	ctorQName
	ctorNamespace
)

var ctorNames = [...]string{"XML", "XMLList", "QName", "Namespace"}

// prelude makes the constructors. They are written in JavaScript because only
// there new XML(x) can be told from XML(x).
var prelude = goja.MustCompile("E4X", `(make => [
function XML(v) { return make(0, new.target !== undefined, v); },
function XMLList(v) { return make(1, new.target !== undefined, v); },
function QName(a, b) { return make(2, true, ...arguments); },
function Namespace(a, b) { return make(3, true, ...arguments); },
])`, false)

// Names are the globals that Install defines for scripts to use.
var Names = [...]string{"XML", "XMLList", "QName", "Namespace", "isXMLName", e4x.HostName}

// Global returns one of [Names], made when it is first asked for, or nil.
func (h *Host) Global(name string) goja.Value {
	if name == "isXMLName" {
		return h.function(&h.lazy.isXMLName, func(c goja.FunctionCall) goja.Value {
			return h.rt.ToValue(tree.IsXMLName(h.Text(c.Argument(0))))
		})
	}
	if name == e4x.HostName {
		return h.Bridge()
	}
	for i, n := range ctorNames {
		if n == name {
			return h.ctor(i)
		}
	}
	return nil
}

func (h *Host) ctor(which int) *goja.Object {
	if h.ctors[which] == nil {
		h.makeConstructors()
	}
	return h.ctors[which]
}

func (h *Host) makeConstructors() {
	v, err := h.rt.RunProgram(prelude)
	if err != nil {
		panic(err)
	}
	made := h.apply(v, goja.Undefined(), []goja.Value{h.rt.ToValue(h.make)}).(*goja.Object)
	for i, index := range [...]string{"0", "1", "2", "3"} {
		h.ctors[i] = made.Get(index).(*goja.Object)
		h.ctors[i].Set("prototype", h.bareProto(i))
	}
	s := h.rt.NewDynamicObject(&statics{h: h})
	s.SetPrototype(h.ctors[ctorXML].Prototype())
	h.ctors[ctorXML].SetPrototype(s)
}

func (h *Host) make(c goja.FunctionCall) goja.Value {
	isNew, args := c.Argument(1).ToBoolean(), c.Arguments[2:]
	v := c.Argument(2)
	switch c.Argument(0).ToInteger() {
	case ctorXML:
		return h.makeXML(v, isNew)
	case ctorXMLList:
		return h.makeXMLList(v, isNew)
	case ctorQName:
		return h.makeQName(args)
	}
	return h.makeNamespace(args)
}

// proto returns the prototype of a constructor's objects. Names reach the objects
// themselves, toString too, while goja looks symbols up here.
func (h *Host) proto(ctor int) *goja.Object {
	if p := h.protos[ctor]; p != nil {
		return p
	}
	p := h.bareProto(ctor)
	if ctor != ctorXML && ctor != ctorXMLList {
		p.SetSymbol(goja.SymToPrimitive, h.function(&h.lazy.convert, h.convert))
	}
	if !h.hooks.Untagged {
		p.SetSymbol(goja.SymToStringTag, ctorNames[ctor])
	}
	h.protos[ctor] = p
	return p
}

// bareProto is proto as long as there is no object: enough for instanceof.
func (h *Host) bareProto(ctor int) *goja.Object {
	if h.bare[ctor] == nil {
		h.bare[ctor] = h.rt.NewObject()
	}
	return h.bare[ctor]
}
