package xpath

import "strings"

// Kind tells what a node is.
type Kind uint8

const (
	Root Kind = iota // the root of a document, above its topmost element
	Element
	Attribute
	Text
	Comment
	ProcInst
	NamespaceNode
)

// Name is an expanded name.
type Name struct{ Space, Local string }

// Namespace is a prefix and what it stands for.
type Namespace struct{ Prefix, URI string }

// Node is a node of a document as XPath sees it: texts are never neighbours, the
// root stands above the topmost element, and every node knows its place in the
// order of all documents of its [Forest].
type Node struct {
	Kind   Kind
	Raw    bool // a text that is written without escapes
	Name   Name // of a processing instruction, its target; of a namespace node, its prefix
	Prefix string
	Data   string // text of everything but roots and elements

	Parent     *Node
	Children   []*Node
	Attributes []*Node

	// Scope is the namespaces in force at an element, without that of xml.
	// Elements share the slice; it is read only.
	Scope []Namespace

	// Declared is those of Scope that are not in force at the parent, and the
	// default namespace taken back as an empty URI.
	Declared []Namespace

	index      int // among the parent's children
	order, sub int
}

// Forest gives the nodes of one evaluation their order. The zero value is ready.
type Forest struct{ next int }

// New returns a node without a parent. Nodes are in the order in which they are made.
func (f *Forest) New(kind Kind) *Node {
	f.next++
	return &Node{Kind: kind, order: f.next}
}

// Append adds a child that the forest has made after everything inside n.
func (n *Node) Append(child *Node) {
	child.Parent, child.index = n, len(n.Children)
	n.Children = append(n.Children, child)
}

// AddAttribute adds an attribute that was made after n and before its children.
func (n *Node) AddAttribute(a *Node) {
	a.Parent = n
	n.Attributes = append(n.Attributes, a)
}

// ID is a number that no other node of the forest has.
func (n *Node) ID() int {
	if n.Kind == NamespaceNode {
		return -n.order<<10 - n.sub
	}
	return n.order
}

// Top returns the topmost ancestor, or n itself.
func (n *Node) Top() *Node {
	for n.Parent != nil {
		n = n.Parent
	}
	return n
}

// Index returns the position among the parent's children.
func (n *Node) Index() int { return n.index }

// Previous returns the node before n in its document, leaving out attributes; nil
// before the root.
func (n *Node) Previous() *Node {
	if !n.inside() || n.index == 0 {
		return n.Parent
	}
	p := n.Parent.Children[n.index-1]
	for len(p.Children) > 0 {
		p = p.Children[len(p.Children)-1]
	}
	return p
}

// Attribute returns the attribute of that name, or nil.
func (n *Node) Attribute(name Name) *Node {
	for _, a := range n.Attributes {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// String returns the string value.
func (n *Node) String() string {
	if n.Kind != Element && n.Kind != Root {
		return n.Data
	}
	if len(n.Children) == 0 {
		return ""
	}
	if len(n.Children) == 1 && n.Children[0].Kind == Text {
		return n.Children[0].Data
	}
	var b strings.Builder
	n.texts(&b)
	return b.String()
}

func (n *Node) texts(b *strings.Builder) {
	for _, c := range n.Children {
		switch c.Kind {
		case Text:
			b.WriteString(c.Data)
		case Element:
			c.texts(b)
		}
	}
}

// QName is the name as it is written in the document.
func (n *Node) QName() string {
	if n.Prefix != "" {
		return n.Prefix + ":" + n.Name.Local
	}
	return n.Name.Local
}

// Lookup returns the namespace of a prefix at an element.
func (n *Node) Lookup(prefix string) (uri string, ok bool) {
	if prefix == "xml" {
		return XMLNamespace, true
	}
	if n != nil {
		for _, s := range n.Scope {
			if s.Prefix == prefix {
				return s.URI, true
			}
		}
	}
	return "", prefix == ""
}

// NoNamespaces is the namespace of a name with a prefix in a document that was read
// without namespaces: no name of an expression is the same.
const NoNamespaces = "\x00"

// XMLNamespace is what the prefix xml always means.
const XMLNamespace = "http://www.w3.org/XML/1998/namespace"

// namespaceNodes makes the namespace nodes of an element. They are made anew each
// time, and told apart by their order.
func (n *Node) namespaceNodes() []*Node {
	if n.Kind != Element {
		return nil
	}
	nodes := make([]*Node, 0, len(n.Scope)+1)
	add := func(ns Namespace) {
		nodes = append(nodes, &Node{Kind: NamespaceNode, Name: Name{Local: ns.Prefix}, Data: ns.URI,
			Parent: n, order: n.order, sub: len(nodes) + 1})
	}
	add(Namespace{"xml", XMLNamespace})
	for _, s := range n.Scope {
		add(s)
	}
	return nodes
}

func before(a, b *Node) int {
	if a.order != b.order {
		return a.order - b.order
	}
	return a.sub - b.sub
}
