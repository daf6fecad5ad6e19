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

	// Text returns the text of v when it is assigned into XML.
	Text func(v goja.Value) (string, bool)
}

// Host is E4X in one runtime. Like the runtime it is used by one goroutine at a
// time.
type Host struct {
	rt       *goja.Runtime
	hooks    Hooks
	literals []*e4x.Literal
}

// Install defines XML, XMLList, QName, Namespace, isXMLName and __e4x in rt.
// literals are those of the programs that will run there.
func Install(rt *goja.Runtime, literals []*e4x.Literal, hooks Hooks) *Host {
	return &Host{rt: rt, literals: literals, hooks: hooks}
}

// Wrap returns the XML object of a node.
func (h *Host) Wrap(n *tree.Node) goja.Value { return nil }

// Nodes returns the nodes behind an XML or XMLList value; isXML is false for
// all other values.
func (h *Host) Nodes(v goja.Value) (nodes []*tree.Node, isXML bool) { return nil, false }

// Text returns what v.toString() gives in a script.
func (h *Host) Text(v goja.Value) string { return "" }

// XMLString returns the markup of an XML or XMLList value, and the text of any
// other.
func (h *Host) XMLString(v goja.Value) string { return "" }

// Parse does what new XML(text) does.
func (h *Host) Parse(text string) (*tree.Node, error) { return nil, nil }

// SetDefaultNamespace does what "default xml namespace = uri" does outside of
// any function: it lasts for the rest of the run.
func (h *Host) SetDefaultNamespace(uri string) {}
