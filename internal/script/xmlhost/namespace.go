package xmlhost

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// qname is a QName object. Its text is uri::local, or local without a
// namespace; as a property key it selects that name.
type qname struct {
	namespace
	any   bool // uri null: in every namespace
	local string
}

func (q *qname) text() string {
	switch {
	case q.any:
		return "*::" + q.local
	case q.uri == "":
		return q.local
	}
	return q.uri + "::" + q.local
}

// Get reads uri or localName.
func (q *qname) Get(key string) goja.Value {
	switch key {
	case "uri":
		if q.any {
			return goja.Null()
		}
		return q.h.rt.ToValue(q.uri)
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
		return h.qname(qname{namespace: h.space, any: local == "*", local: local})
	}
	q := qname{local: h.Text(args[1])}
	if old, ok := h.toQName(args[1]); ok {
		q.local = old.local
	}
	switch {
	case goja.IsNull(args[0]):
		q.any = true
	case goja.IsUndefined(args[0]):
		q.namespace, q.any = h.space, q.local == "*"
	default:
		q.namespace = h.toNamespace(args[0])
	}
	return h.qname(q)
}

// namespace is a Namespace object.
type namespace struct {
	h         *Host
	uri       string
	prefix    string
	hasPrefix bool
	key       string // see spaceMark
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
		return namespace{uri: n.uri, prefix: n.prefix, hasPrefix: n.hasPrefix}
	}
	if q, ok := h.toQName(v); ok {
		return q.namespace
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

// nodeNamespace returns that of a prefix, or of the node's own. A prefix that nobody
// declared has none, be it the node's own, as after setNamespace.
func nodeNamespace(c call) goja.Value {
	n := c.one()
	prefix := n.Name.Prefix
	if len(c.args) > 0 {
		prefix = c.h.Text(c.args[0])
	}
	if n.Kind == tree.Attribute && prefix == "" {
		return c.h.namespace(namespace{hasPrefix: true})
	}
	for _, ns := range inScope(n) {
		if ns.Prefix == prefix {
			return c.h.namespace(namespace{uri: ns.URI, prefix: prefix, hasPrefix: true})
		}
	}
	if prefix != "" {
		return goja.Undefined()
	}
	return c.h.namespace(namespace{hasPrefix: true})
}

func inScopeNamespaces(c call) goja.Value { return c.h.namespaces(inScope(c.one())) }

func namespaceDeclarations(c call) goja.Value {
	if n := c.one(); n.Kind == tree.Element {
		return c.h.namespaces(declared(n))
	}
	return c.h.namespaces(nil)
}

// namespaces makes an array, in the order of a HashMap. The empty namespace without a
// prefix is none.
func (h *Host) namespaces(list []tree.Namespace) goja.Value {
	list = slices.DeleteFunc(list, func(ns tree.Namespace) bool { return ns == tree.Namespace{} })
	sortByHash(list)
	found := make([]any, len(list))
	for i, ns := range list {
		found[i] = h.namespace(namespace{uri: ns.URI, prefix: ns.Prefix, hasPrefix: true})
	}
	return h.rt.NewArray(found...)
}

// sortByHash puts namespaces in the order in which a HashMap of Java lists its keys,
// which are the prefixes.
func sortByHash(list []tree.Namespace) {
	size := uint32(16)
	for 4*len(list) > 3*int(size) {
		size *= 2
	}
	slot := func(ns tree.Namespace) uint32 {
		var h uint32
		for _, u := range utf16.Encode([]rune(ns.Prefix)) {
			h = 31*h + uint32(u)
		}
		return (h ^ h>>16) & (size - 1)
	}
	slices.SortStableFunc(list, func(a, b tree.Namespace) int { return cmp.Compare(slot(a), slot(b)) })
}

// addNamespace declares a namespace that has a prefix.
func addNamespace(c call) goja.Value {
	n, ns := c.one(), c.h.toNamespace(c.arg(0))
	if n.Kind == tree.Element && ns.hasPrefix && !(ns.prefix == "" && (ns.uri == "" || n.Name.Space == "")) {
		n.Declare(tree.Namespace{Prefix: ns.prefix, URI: ns.uri})
	}
	return c.h.wrap(n)
}

// removeNamespace gives the prefix that has the namespace the default one instead. It
// does nothing while the element's own name or an attribute has that prefix for it.
func removeNamespace(c call) goja.Value {
	n, ns := c.one(), c.h.toNamespace(c.arg(0))
	if n.Kind != tree.Element || ns.of(n.Name) {
		return c.h.wrap(n)
	}
	for _, a := range n.Attributes() {
		if ns.of(a.Name) {
			return c.h.wrap(n)
		}
	}
	prefix, known := "", defaultAt(n) == ns.uri
	if !known {
		prefix, known = prefixAt(n, ns.uri)
	}
	if known && prefix != "" && (!ns.hasPrefix || ns.prefix == prefix) {
		n.Declare(tree.Namespace{Prefix: prefix, URI: defaultAt(n)})
	}
	return c.h.wrap(n)
}

// of reports whether a name has this namespace with this prefix.
func (n *namespace) of(name tree.Name) bool {
	return n.hasPrefix && name.Prefix == n.prefix && name.Space == n.uri
}

// setNamespace gives the node's name another namespace.
func setNamespace(c call) goja.Value {
	n, ns := c.one(), c.h.toNamespace(c.arg(0))
	if n.Kind == tree.Element || n.Kind == tree.Attribute {
		n.SetName(tree.Name{Space: ns.uri, Prefix: ns.prefixAt(n), Local: n.Name.Local})
	}
	return goja.Undefined()
}

// spaceMark begins the namespace part of a key that ns::name made. Of a Namespace object
// its place among [Host.spaces] follows: what is made by the key takes the object's
// prefix, and gives it one if it has none. Else it is * or - and the URI.
const spaceMark = "\x01"

// qualify is __e4x.qn(ns, local, isAttribute): the property key of ns::local.
func (h *Host) qualify(call goja.FunctionCall) goja.Value {
	v := call.Argument(0)
	space := spaceMark + "*"
	if ns, ok := h.isNamespace(v); ok {
		space = h.spaceKey(ns)
	} else if !goja.IsNull(v) && v.String() != "*" {
		space = spaceMark + "-" + h.toNamespace(v).uri
	}
	local := h.localKey(call.Argument(1))
	key := space + "::" + local
	if call.Argument(2).ToBoolean() {
		key = "@" + key
	}
	return h.rt.ToValue(key)
}

func (h *Host) spaceKey(ns *namespace) string {
	if ns.key == "" {
		ns.key = spaceMark + strconv.Itoa(len(h.spaces))
		h.spaces = append(h.spaces, ns)
	}
	return ns.key
}

// spaceOf reads what stands behind the mark.
func (h *Host) spaceOf(key string) (uri string, ns *namespace) {
	if uri, ok := strings.CutPrefix(key, "-"); ok {
		return uri, nil
	}
	if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(h.spaces) {
		return h.spaces[i].uri, h.spaces[i]
	}
	return key, nil
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
	h.space = h.toNamespace(call.Argument(0))
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
