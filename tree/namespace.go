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
