package xmlhost

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// qname is a QName object. Its text is uri::local, or local without a
// namespace; as a property key it selects that name.
type qname struct {
	h      *Host
	space  string
	any    bool // uri null: in every namespace
	prefix string
	local  string
}

func (q *qname) text() string {
	switch {
	case q.any:
		return "*::" + q.local
	case q.space == "":
		return q.local
	}
	return q.space + "::" + q.local
}

// Get reads uri or localName.
func (q *qname) Get(key string) goja.Value {
	switch key {
	case "uri":
		if q.any {
			return goja.Null()
		}
		return q.h.rt.ToValue(q.space)
	case "localName":
		return q.h.rt.ToValue(q.local)
	case "toString":
		return q.h.inherited(key)
	}
	return nil
}

// Set ignores: a QName does not change.
func (q *qname) Set(string, goja.Value) bool { return true }

// Has answers "key in qname".
func (q *qname) Has(key string) bool { return key == "uri" || key == "localName" }

// Delete does nothing.
func (q *qname) Delete(string) bool { return true }

// Keys lists the properties.
func (q *qname) Keys() []string { return []string{"uri", "localName"} }

func (h *Host) qname(q qname) goja.Value {
	q.h = h
	o := h.rt.NewDynamicObject(&q)
	o.SetPrototype(h.proto(ctorQName))
	return o
}

func (h *Host) toQName(v goja.Value) (*qname, bool) {
	o, ok := v.(*goja.Object)
	if !ok || h.protos[ctorQName] == nil || o.Prototype() != h.protos[ctorQName] {
		return nil, false
	}
	q, ok := o.Export().(*qname)
	return q, ok
}

// makeQName is new QName(name) and new QName(namespace, name).
func (h *Host) makeQName(args []goja.Value) goja.Value {
	switch len(args) {
	case 0:
		return h.qname(qname{})
	case 1:
		if q, ok := h.toQName(args[0]); ok {
			return h.qname(*q)
		}
		local := h.Text(args[0])
		return h.qname(qname{space: h.space, any: local == "*", local: local})
	}
	q := qname{local: h.Text(args[1])}
	if old, ok := h.toQName(args[1]); ok {
		q.local = old.local
	}
	switch {
	case goja.IsNull(args[0]):
		q.any = true
	case goja.IsUndefined(args[0]):
		q.space = h.space
	default:
		ns := h.toNamespace(args[0])
		q.space, q.prefix = ns.uri, ns.prefix
	}
	return h.qname(q)
}

// namespace is a Namespace object.
type namespace struct {
	h         *Host
	uri       string
	prefix    string
	hasPrefix bool
}

// Get reads uri or prefix.
func (n *namespace) Get(key string) goja.Value {
	switch key {
	case "uri":
		return n.h.rt.ToValue(n.uri)
	case "prefix":
		if !n.hasPrefix {
			return goja.Undefined()
		}
		return n.h.rt.ToValue(n.prefix)
	case "toString":
		return n.h.inherited(key)
	}
	return nil
}

// Set ignores: a Namespace does not change.
func (n *namespace) Set(string, goja.Value) bool { return true }

// Has answers "key in namespace".
func (n *namespace) Has(key string) bool { return key == "uri" || key == "prefix" }

// Delete does nothing.
func (n *namespace) Delete(string) bool { return true }

// Keys lists the properties.
func (n *namespace) Keys() []string { return []string{"uri", "prefix"} }

func (h *Host) namespace(n namespace) goja.Value {
	n.h = h
	o := h.rt.NewDynamicObject(&n)
	o.SetPrototype(h.proto(ctorNamespace))
	return o
}

func (h *Host) isNamespace(v goja.Value) (*namespace, bool) {
	o, ok := v.(*goja.Object)
	if !ok || h.protos[ctorNamespace] == nil || o.Prototype() != h.protos[ctorNamespace] {
		return nil, false
	}
	n, ok := o.Export().(*namespace)
	return n, ok
}

// toNamespace understands a Namespace, the namespace of a QName, or a URI.
func (h *Host) toNamespace(v goja.Value) namespace {
	if n, ok := h.isNamespace(v); ok {
		return *n
	}
	if q, ok := h.toQName(v); ok {
		return namespace{uri: q.space, prefix: q.prefix, hasPrefix: q.prefix != ""}
	}
	uri := h.Text(v)
	return namespace{uri: uri, hasPrefix: uri == ""}
}

// makeNamespace is new Namespace(uri) and new Namespace(prefix, uri).
func (h *Host) makeNamespace(args []goja.Value) goja.Value {
	switch len(args) {
	case 0:
		return h.namespace(namespace{hasPrefix: true})
	case 1:
		return h.namespace(h.toNamespace(args[0]))
	}
	n := h.toNamespace(args[1])
	n.prefix, n.hasPrefix = "", false
	if !goja.IsUndefined(args[0]) {
		p := h.Text(args[0])
		switch {
		case n.uri == "" && p != "":
			h.throw("A prefix needs a namespace")
		case p == "" || tree.IsXMLName(p):
			n.prefix, n.hasPrefix = p, true
		}
	}
	return h.namespace(n)
}

var namespaceMethods = map[string]method{
	"namespace":             nodeNamespace,
	"inScopeNamespaces":     inScopeNamespaces,
	"namespaceDeclarations": namespaceDeclarations,
	"addNamespace":          addNamespace,
	"removeNamespace":       removeNamespace,
	"setNamespace":          setNamespace,
}

// nodeNamespace returns the node's own, or that of a prefix; undefined when the
// prefix has none. The empty prefix always has one.
func nodeNamespace(c call) goja.Value {
	n := c.one()
	if len(c.args) == 0 {
		if !named(n) {
			return goja.Null()
		}
		return c.h.namespace(namespace{uri: n.Name.Space, prefix: n.Name.Prefix, hasPrefix: true})
	}
	prefix := c.h.Text(c.args[0])
	uri, ok := n.NamespaceOf(prefix)
	if !ok {
		return goja.Undefined()
	}
	return c.h.namespace(namespace{uri: uri, prefix: prefix, hasPrefix: true})
}

func inScopeNamespaces(c call) goja.Value {
	var found []any
	seen := make(map[string]bool)
	add := func(prefix, uri string) {
		if !seen[prefix] && uri != "" {
			found = append(found, c.h.namespace(namespace{uri: uri, prefix: prefix, hasPrefix: true}))
		}
		seen[prefix] = true
	}
	for n := c.one(); n != nil; n = n.Parent() {
		if n.Kind == tree.Element {
			add(n.Name.Prefix, n.Name.Space)
		}
		for _, s := range n.Namespaces() {
			add(s.Prefix, s.URI)
		}
	}
	return c.h.rt.NewArray(found...)
}

func namespaceDeclarations(c call) goja.Value {
	var found []any
	for _, s := range c.one().Namespaces() {
		found = append(found, c.h.namespace(namespace{uri: s.URI, prefix: s.Prefix, hasPrefix: true}))
	}
	return c.h.rt.NewArray(found...)
}

func addNamespace(c call) goja.Value {
	n, ns := c.element(), c.h.toNamespace(c.arg(0))
	if ns.hasPrefix && !(ns.prefix == "" && n.Name.Space == "") {
		n.Declare(tree.Namespace{Prefix: ns.prefix, URI: ns.uri})
	}
	return c.h.wrap(n)
}

// removeNamespace does nothing while the element or an attribute uses it.
func removeNamespace(c call) goja.Value {
	n, ns := c.element(), c.h.toNamespace(c.arg(0))
	used := n.Name.Space == ns.uri
	for _, a := range n.Attributes() {
		used = used || a.Name.Space == ns.uri
	}
	if used {
		return c.h.wrap(n)
	}
	for _, s := range append([]tree.Namespace(nil), n.Namespaces()...) {
		if s.URI == ns.uri && (!ns.hasPrefix || s.Prefix == ns.prefix) {
			n.Undeclare(s.Prefix)
		}
	}
	return c.h.wrap(n)
}

func setNamespace(c call) goja.Value {
	n, ns := c.one(), c.h.toNamespace(c.arg(0))
	if n.Kind == tree.Element || n.Kind == tree.Attribute {
		n.SetName(tree.Name{Space: ns.uri, Prefix: ns.prefix, Local: n.Name.Local})
	}
	return goja.Undefined()
}

// qualify is __e4x.qn(ns, local, isAttribute): the property key of ns::local.
func (h *Host) qualify(call goja.FunctionCall) goja.Value {
	v := call.Argument(0)
	space := "*"
	if !goja.IsNull(v) && v.String() != "*" {
		ns := h.toNamespace(v)
		h.remember(ns)
		space = ns.uri
	}
	local := h.localKey(call.Argument(1))
	key := space + "::" + local
	if call.Argument(2).ToBoolean() {
		key = "@" + key
	}
	return h.rt.ToValue(key)
}

// remember keeps the prefix of a namespace object for names that are made with
// it later, because a property key holds the URI alone.
func (h *Host) remember(ns namespace) {
	if !ns.hasPrefix || ns.uri == "" {
		return
	}
	if h.prefixes == nil {
		h.prefixes = make(map[string]string)
	}
	h.prefixes[ns.uri] = ns.prefix
}

// localKey returns the local name in v: a QName's, or the text without what
// stands before it.
func (h *Host) localKey(v goja.Value) string {
	if q, ok := h.toQName(v); ok {
		return q.local
	}
	return strings.TrimPrefix(h.Text(v), "@")
}

// attributeKey is __e4x.at(e): the property key of @[e].
func (h *Host) attributeKey(call goja.FunctionCall) goja.Value {
	return h.rt.ToValue("@" + strings.TrimPrefix(call.Argument(0).String(), "@"))
}

// setDefault is __e4x.ns(v): default xml namespace = v.
func (h *Host) setDefault(call goja.FunctionCall) goja.Value {
	ns := h.toNamespace(call.Argument(0))
	h.space = ns.uri
	return goja.Undefined()
}

// enter is __e4x.enter(): a function that sets the default xml namespace begins.
// What it returns goes to leave when the function ends.
func (h *Host) enter(goja.FunctionCall) goja.Value {
	h.saved = append(h.saved, h.space)
	return h.rt.ToValue(len(h.saved) - 1)
}

func (h *Host) leave(call goja.FunctionCall) goja.Value {
	if i := int(call.Argument(0).ToInteger()); i >= 0 && i < len(h.saved) {
		h.space = h.saved[i]
		h.saved = h.saved[:i]
	}
	return goja.Undefined()
}
