package xslt

import (
	"fmt"
	"strconv"

	"github.com/weir-health/weir/internal/xslt/xpath"
)

// nodeCost is what a node of a result takes from the steps: it holds memory, which
// looking at a node does not.
const nodeCost = 20

// builder makes a tree of what instructions write. It is the result or a fragment.
type builder struct {
	e     *evaluation
	root  *xpath.Node
	open  *xpath.Node
	depth int
	size  int // bytes of texts
}

func newBuilder(e *evaluation) *builder {
	root := e.forest.New(xpath.Root)
	return &builder{e: e, root: root, open: root}
}

func (b *builder) make(kind xpath.Kind, data string) *xpath.Node {
	b.charge(data)
	n := b.e.forest.New(kind)
	n.Data = data
	return n
}

func (b *builder) charge(data string) {
	b.e.budget.Spend(nodeCost + len(data)/8)
	if b.size += len(data); b.size > MaxOutput {
		xpath.Fail(fmt.Sprintf("the result is larger than %d bytes", MaxOutput))
	}
}

func (b *builder) text(data string, raw bool) {
	if data == "" {
		return
	}
	if n := len(b.open.Children); n > 0 {
		if last := b.open.Children[n-1]; last.Kind == xpath.Text && last.Raw == raw {
			b.charge(data)
			b.e.budget.Spend(len(last.Data) / 8)
			last.Data += data
			return
		}
	}
	n := b.make(xpath.Text, data)
	n.Raw = raw
	b.open.Append(n)
}

func (b *builder) leaf(kind xpath.Kind, name, data string) {
	n := b.make(kind, data)
	n.Name.Local = name
	b.open.Append(n)
}

// start begins an element. scope is the namespaces that come with it; the name's own
// is added.
func (b *builder) start(name xpath.Name, prefix string, scope []xpath.Namespace) {
	if b.depth++; b.depth > MaxDepth {
		xpath.Fail(fmt.Sprintf("more than %d elements of the result are inside one another", MaxDepth))
	}
	n := b.make(xpath.Element, "")
	n.Name, n.Prefix = name, prefix
	n.Scope = b.open.Scope
	b.open.Append(n)
	b.open = n
	if name.Space == "" {
		n.Prefix = ""
	}
	if n.Prefix != "xml" {
		declare(n, xpath.Namespace{Prefix: n.Prefix, URI: name.Space})
	}
	for _, ns := range scope {
		if ns.Prefix != n.Prefix {
			declare(n, ns)
		}
	}
}

func (b *builder) end() {
	b.depth--
	b.open = b.open.Parent
}

// declare puts a namespace in force at an element, unless it is already.
func declare(n *xpath.Node, ns xpath.Namespace) {
	if uri, _ := n.Lookup(ns.Prefix); uri == ns.URI {
		return
	}
	n.Declared = append(n.Declared, ns)
	var scope []xpath.Namespace
	for _, s := range n.Scope {
		if s.Prefix != ns.Prefix {
			scope = append(scope, s)
		}
	}
	if ns.URI != "" {
		scope = append(scope, ns)
	}
	n.Scope = scope
}

// attribute adds an attribute to the open element. Where there is none, or where it
// already has content, the attribute is left out, as XSLT 1.0 §7.1.3 allows.
func (b *builder) attribute(name xpath.Name, prefix, data string) {
	n := b.open
	if n.Kind != xpath.Element || len(n.Children) > 0 {
		return
	}
	if a := n.Attribute(name); a != nil {
		b.charge(data)
		a.Data = data
		return
	}
	a := b.make(xpath.Attribute, data)
	a.Name = name
	if name.Space != "" {
		a.Prefix = b.prefix(name.Space, prefix)
	}
	n.AddAttribute(a)
}

// prefix returns a prefix that has the namespace at the open element, and declares
// one where there is none.
func (b *builder) prefix(space, wanted string) string {
	n := b.open
	if space == xpath.XMLNamespace {
		return "xml"
	}
	if wanted != "" && wanted != "xml" {
		uri, known := n.Lookup(wanted)
		if known && uri == space {
			return wanted
		}
		if !known || !b.uses(wanted) {
			declare(n, xpath.Namespace{Prefix: wanted, URI: space})
			return wanted
		}
	}
	for _, s := range n.Scope {
		if s.URI == space && s.Prefix != "" {
			return s.Prefix
		}
	}
	for i := 0; ; i++ {
		p := "ns" + strconv.Itoa(i)
		if _, known := n.Lookup(p); !known {
			declare(n, xpath.Namespace{Prefix: p, URI: space})
			return p
		}
	}
}

// uses reports whether the open element needs a prefix as it is.
func (b *builder) uses(prefix string) bool {
	n := b.open
	if n.Prefix == prefix {
		return true
	}
	for _, a := range n.Attributes {
		if a.Prefix == prefix {
			return true
		}
	}
	for _, d := range n.Declared {
		if d.Prefix == prefix {
			return true
		}
	}
	return false
}

// copy adds a copy of a node with everything inside it.
func (b *builder) copy(n *xpath.Node) {
	switch n.Kind {
	case xpath.Root:
		for _, c := range n.Children {
			b.copy(c)
		}
	case xpath.Element:
		b.start(n.Name, n.Prefix, n.Scope)
		for _, a := range n.Attributes {
			b.attribute(a.Name, a.Prefix, a.Data)
		}
		for _, c := range n.Children {
			b.copy(c)
		}
		b.end()
	case xpath.Attribute:
		b.attribute(n.Name, n.Prefix, n.Data)
	case xpath.Text:
		b.text(n.Data, n.Raw)
	case xpath.Comment, xpath.ProcInst:
		b.leaf(n.Kind, n.Name.Local, n.Data)
	case xpath.NamespaceNode:
		if b.open.Kind == xpath.Element && len(b.open.Children) == 0 {
			if _, known := b.open.Lookup(n.Name.Local); !known {
				declare(b.open, xpath.Namespace{Prefix: n.Name.Local, URI: n.Data})
			}
		}
	}
}
