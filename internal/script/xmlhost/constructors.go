package xmlhost

import (
	"github.com/dop251/goja"

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
var prelude = goja.MustCompile("E4X", `(make => {
function XML(v) { return make(0, new.target !== undefined, v); }
function XMLList(v) { return make(1, new.target !== undefined, v); }
function QName(a, b) { return make(2, true, ...arguments); }
function Namespace(a, b) { return make(3, true, ...arguments); }
function isXMLName(v) { return make(4, false, v); }
XML.ignoreComments = XML.ignoreProcessingInstructions = XML.ignoreWhitespace = true;
XML.prettyPrinting = false;
XML.prettyIndent = 2;
XML.settings = () => make(5, false);
XML.setSettings = s => make(6, false, s);
XML.defaultSettings = () => make(7, false);
return [XML, XMLList, QName, Namespace, isXMLName];
})`, false)

func (h *Host) installConstructors() {
	v, err := h.rt.RunProgram(prelude)
	if err != nil {
		panic(err)
	}
	made := h.apply(v, goja.Undefined(), []goja.Value{h.rt.ToValue(h.make)}).(*goja.Object)
	for i, index := range [...]string{"0", "1", "2", "3"} {
		h.ctors[i] = made.Get(index).(*goja.Object)
		h.global(ctorNames[i], h.ctors[i])
	}
	h.global("isXMLName", made.Get("4"))
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
	case ctorNamespace:
		return h.makeNamespace(args)
	case 4:
		return h.rt.ToValue(tree.IsXMLName(h.Text(v)))
	case 5:
		return h.copySettings(h.ctors[ctorXML])
	case 6:
		h.setSettings(v)
		return goja.Undefined()
	}
	return h.copySettings(nil)
}

// defaultSettings are those channels start with.
var defaultSettings = []struct {
	name  string
	value any
}{
	{"ignoreComments", true},
	{"ignoreProcessingInstructions", true},
	{"ignoreWhitespace", true},
	{"prettyPrinting", false},
	{"prettyIndent", 2},
}

// copySettings returns an object with the settings of from, or the defaults.
func (h *Host) copySettings(from *goja.Object) *goja.Object {
	o := h.rt.NewObject()
	for _, s := range defaultSettings {
		v := h.rt.ToValue(s.value)
		if from != nil {
			v = from.Get(s.name)
		}
		o.Set(s.name, v)
	}
	return o
}

// setSettings takes what XML.settings() gave; nothing restores the defaults.
func (h *Host) setSettings(v goja.Value) {
	from, ok := v.(*goja.Object)
	if !ok {
		from = h.copySettings(nil)
	}
	for _, s := range defaultSettings {
		if v := from.Get(s.name); v != nil {
			h.ctors[ctorXML].Set(s.name, v)
		}
	}
}

// proto returns the prototype of a constructor, complete with the symbols that
// make conversions work: goja looks symbols up on the prototype, while names
// reach the objects themselves.
func (h *Host) proto(ctor int) *goja.Object {
	if p := h.protos[ctor]; p != nil {
		return p
	}
	p := h.ctors[ctor].Get("prototype").(*goja.Object)
	p.SetSymbol(goja.SymToPrimitive, h.function(&h.lazy.toPrimitive, func(c goja.FunctionCall) goja.Value {
		return h.rt.ToValue(h.Text(c.This))
	}))
	p.SetSymbol(goja.SymToStringTag, ctorNames[ctor])
	h.protos[ctor] = p
	return p
}
