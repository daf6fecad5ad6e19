package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/tree"
)

// Hooks tell how values behave that come from elsewhere, such as wrapped Java
// strings, lists and maps. Every hook is optional.
type Hooks struct {
	// Equal answers a == b when one of them is such a value. Neither is XML.
	Equal func(a, b goja.Value) (result, handled bool)

	// TypeOf answers typeof v.
	TypeOf func(v goja.Value) (string, bool)

	// Each returns what "for each" runs over: an array or other iterable.
	Each func(v goja.Value) (goja.Value, bool)

	// Text returns the text of v when it is assigned into XML, parsed as XML,
	// or compared with XML.
	Text func(v goja.Value) (string, bool)

	// Caught returns what a catch clause gets for a thrown value.
	Caught func(v goja.Value) goja.Value

	// Lazy leaves the names XML, XMLList, QName, Namespace, isXMLName and __e4x
	// undefined, for an engine that asks for them with [Host.Global] when a
	// script does.
	Lazy bool

	// Stopped tells whether the run was ended; long operations ask for it.
	Stopped func() bool

	// Untagged leaves out what Object.prototype.toString says of E4X's objects, for
	// scripts that do not ask.
	Untagged bool

	// Modern is the dialect of text given to eval; see [e4x.Options].
	Modern bool
}

// Host is E4X in one runtime. Like the runtime it is used by one goroutine at a
// time.
type Host struct {
	rt       *goja.Runtime
	hooks    Hooks
	literals []*e4x.Literal

	inners int // generators handed on to

	space  namespace    // the default xml namespace
	saved  []namespace  // those of the functions around
	spaces []*namespace // those that keys name; see spaceMark

	// The constructors, and their prototypes once an object has needed them.
	ctors  [4]*goja.Object
	protos [4]*goja.Object
	bare   [4]*goja.Object // the same, when a constructor came first

	wrapped map[*tree.Node]*goja.Object
	lazy    struct{ bridge, convert, markup, toJSON, isXMLName, strings, plain *goja.Object }
}

// Install defines XML, XMLList, QName, Namespace, isXMLName and __e4x in rt.
// literals are those of the programs that will run there.
func Install(rt *goja.Runtime, literals []*e4x.Literal, hooks Hooks) *Host {
	h := &Host{rt: rt, literals: literals[:len(literals):len(literals)], hooks: hooks}
	if !hooks.Lazy {
		for _, name := range Names {
			h.global(name, h.Global(name))
		}
	}
	return h
}

func (h *Host) global(name string, v goja.Value) {
	err := h.rt.GlobalObject().DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	if err != nil {
		panic(err)
	}
}

// Wrap returns the XML object of a node, always the same one for the same node.
func (h *Host) Wrap(n *tree.Node) goja.Value { return h.wrap(n) }

// Nodes returns the nodes behind an XML or XMLList value; isXML is false for
// all other values.
func (h *Host) Nodes(v goja.Value) (nodes []*tree.Node, isXML bool) {
	x, ok := h.xml(v)
	if !ok {
		return nil, false
	}
	return append(nodes, x.all()...), true
}

// Text returns the text of v as it gets into XML: what v.toString() gives for
// XML, the words undefined and null for those.
func (h *Host) Text(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return v.String()
	}
	if s, ok := h.ownText(o); ok {
		return s
	}
	if h.hooks.Text != nil {
		if s, ok := h.hooks.Text(o); ok {
			return s
		}
	}
	return o.String()
}

// ownText returns the text of the objects of this package.
func (h *Host) ownText(v goja.Value) (string, bool) {
	if x, ok := h.xml(v); ok {
		return x.text(), true
	}
	if q, ok := h.toQName(v); ok {
		return q.text(), true
	}
	if n, ok := h.isNamespace(v); ok {
		return n.uri, true
	}
	return "", false
}

// convert is what conversions to a primitive value call on our prototypes.
func (h *Host) convert(c goja.FunctionCall) goja.Value {
	s, _ := h.ownText(c.This) // a prototype itself has no text
	return h.rt.ToValue(s)
}

// XMLString returns the markup of an XML or XMLList value, and the text of any
// other.
func (h *Host) XMLString(v goja.Value) string {
	if x, ok := h.xml(v); ok {
		return x.markup()
	}
	return h.Text(v)
}

// SetDefaultNamespace does what "default xml namespace = uri" does outside of
// any function, with the namespace that the root of a message has without a prefix:
// it lasts for the rest of the run.
func (h *Host) SetDefaultNamespace(uri string) { h.space = namespace{uri: uri, hasPrefix: true} }

// throw ends the script's operation with a TypeError. The message names
// operations, never content.
func (h *Host) throw(format string, args ...any) {
	panic(h.rt.NewTypeError(append([]any{format}, args...)...))
}
