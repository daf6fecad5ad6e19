package xmlhost

import (
	"slices"
	"strconv"

	"github.com/weir-health/weir/tree"
)

// What is in force at a node follows from the declarations around it, and from names:
// an element in a namespace without a prefix has that as its default namespace, whether
// or not that was declared. So it is in the DOM that Rhino keeps its nodes in.

// around returns the innermost element at a node.
func around(n *tree.Node) *tree.Node {
	if n.Kind != tree.Element {
		return n.Parent()
	}
	return n
}

// uriAt returns the namespace that a prefix has at a node, "" when there is none.
func uriAt(n *tree.Node, prefix string) string {
	for e := around(n); e != nil; e = e.Parent() {
		if e.Name.Space != "" && e.Name.Prefix == prefix {
			return e.Name.Space
		}
		for _, s := range e.Namespaces() {
			if s.Prefix == prefix {
				return s.URI
			}
		}
	}
	return ""
}

// defaultAt returns the default namespace at a node.
func defaultAt(n *tree.Node) string { return uriAt(n, "") }

// prefixAt returns a prefix that has a namespace at a node.
func prefixAt(n *tree.Node, uri string) (prefix string, ok bool) {
	means := func(prefix string) bool { return prefix != "" && uriAt(n, prefix) == uri }
	for e := around(n); e != nil; e = e.Parent() {
		if e.Name.Space == uri && means(e.Name.Prefix) {
			return e.Name.Prefix, true
		}
		var found []string
		for _, s := range e.Namespaces() {
			if s.URI == uri && means(s.Prefix) {
				found = append(found, s.Prefix)
			}
		}
		if len(found) > 0 {
			return slices.Min(found), true
		}
	}
	return "", false
}

// prefixAt returns the prefix for a name in the namespace that is going to be at an
// element: the namespace's own if it has one, else one that has it there already, else
// a new one that is declared on the outermost element. The namespace keeps it.
func (n *namespace) prefixAt(at *tree.Node) string {
	if n.hasPrefix || n.uri == "" {
		return n.prefix
	}
	n.hasPrefix = true
	if at == nil {
		return n.prefix
	}
	if p, ok := prefixAt(at, n.uri); ok {
		n.prefix = p
	} else if defaultAt(at) != n.uri {
		for i := 0; n.prefix == "" || uriAt(at, n.prefix) != ""; i++ {
			n.prefix = "e4x_" + strconv.Itoa(i)
		}
		at.Root().Declare(tree.Namespace{Prefix: n.prefix, URI: n.uri})
	}
	return n.prefix
}

// declared returns what an element declares: prefixes by declarations, and its default
// namespace where that differs from the one outside.
func declared(n *tree.Node) []tree.Namespace {
	var found []tree.Namespace
	outside := ""
	if n.Parent() != nil {
		outside = defaultAt(n.Parent())
	}
	if own := defaultAt(n); own != outside || n.Parent() == nil {
		found = append(found, tree.Namespace{URI: own})
	}
	for _, s := range n.Namespaces() {
		if s.Prefix != "" {
			found = append(found, s)
		}
	}
	return found
}

// inScope returns what is declared at a node, the innermost of each prefix.
func inScope(n *tree.Node) []tree.Namespace {
	var found []tree.Namespace
	for e := around(n); e != nil; e = e.Parent() {
		for _, s := range declared(e) {
			known := func(f tree.Namespace) bool { return f.Prefix == s.Prefix }
			if !slices.ContainsFunc(found, known) {
				found = append(found, s)
			}
		}
	}
	return found
}
