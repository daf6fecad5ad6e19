package tree

// NamespaceOf returns the namespace that prefix has at n: declared on n or
// around it, or carried by an element's own name. The empty prefix, when nobody
// declares it, has the empty namespace.
func (n *Node) NamespaceOf(prefix string) (uri string, ok bool) {
	if prefix == "xml" {
		return XMLNamespace, true
	}
	for e := n; e != nil; e = e.parent {
		if e.Kind == Element && e.Name.Prefix == prefix {
			return e.Name.Space, true
		}
		for _, s := range e.Namespaces() {
			if s.Prefix == prefix {
				return s.URI, true
			}
		}
	}
	return "", prefix == ""
}

// PrefixOf returns a prefix that has the namespace uri at n. The default
// namespace, whose prefix is empty, counts.
func (n *Node) PrefixOf(uri string) (prefix string, ok bool) {
	for e := n; e != nil; e = e.parent {
		if e.Kind == Element && e.Name.Space == uri && n.means(e.Name.Prefix, uri) {
			return e.Name.Prefix, true
		}
		for _, s := range e.Namespaces() {
			if s.URI == uri && n.means(s.Prefix, uri) {
				return s.Prefix, true
			}
		}
	}
	return "", n.means("", uri)
}

// means reports whether the prefix is not redeclared between.
func (n *Node) means(prefix, uri string) bool {
	found, _ := n.NamespaceOf(prefix)
	return found == uri
}
