// Package tree is a parsed message as scripts and mappings see it. HL7 v2, XML,
// EDI and delimited text share this one type: an element tree with names, texts
// and attributes.
//
// Nodes can be lazy: a data type makes an element whose inside is split only
// when somebody looks ([NewLazy]). An element that nobody changed still knows
// the source it came from ([Node.Source]), so an encoder can write the original
// bytes back. Reading never counts as a change.
//
// A tree is used by one goroutine at a time.
package tree

import (
	"slices"
	"strings"
)

// Kind tells what a node is.
type Kind uint8

const (
	Element Kind = iota
	Text
	CDATA
	Comment
	ProcInst
	Attribute
)

// Name is the qualified name of an element or attribute. Two names are the same
// when Space and Local are; Prefix is only how it was written.
type Name struct {
	Space  string
	Prefix string
	Local  string
}

// tag is the name as it is written.
func (n Name) tag() string { return string(appendTag(nil, n.Prefix, n.Local)) }

// Is reports whether two names are the same, whatever their prefixes.
func (n Name) Is(o Name) bool { return n.Local == o.Local && n.Space == o.Space }

// Namespace is a declaration xmlns:Prefix="URI" on an element; the default one
// has an empty prefix.
type Namespace struct{ Prefix, URI string }

// Lazy is the unsplit inside of an element. Expand adds the children with
// [Node.Fill]; it is called at most once for each node that holds it. A Lazy is
// immutable: copies of the node share it.
type Lazy interface {
	Expand(n *Node)
}

// Sparse is a [Lazy] that knows, without splitting, which names cannot occur
// inside. A search by name leaves out what lacks it, so that looking for all OBX
// segments of a message does not split every segment.
type Sparse interface {
	Lazy

	// Lacks reports that no element at any depth inside has this local name.
	// False means that there may be one.
	Lacks(local string) bool
}

// Slots is a [Lazy] that can make its children one at a time, so that reading one
// field of a segment does not make all of them. Until a child is made, its place
// among the element's children is an empty slot: see [Node.Named] and [Node.Made].
type Slots interface {
	Sparse

	// Count is how many children Expand adds, or 0 where they cannot be made singly.
	Count() int

	// Find tells which of them have a local name: those stand side by side.
	Find(local string) (from, to int)

	// Child makes one of them.
	Child(i int) *Node
}

// Node is one node of the tree.
type Node struct {
	Kind     Kind
	expanded bool // all children are made
	changed  bool
	leaf     bool // an element with one text, which is in Data and not yet a node
	Name     Name
	Data     string // text of everything but elements; what an element has there is the tree's own

	parent *Node
	nodes  []*Node // nil for each that is not yet made
	lazy   Lazy
	tag    *tag
}

// tag is what an element's tag holds beside the name. Most elements of a message
// have nothing there, and messages have many elements.
type tag struct {
	attrs  []*Node
	spaces []Namespace
}

func (n *Node) ownTag() *tag {
	if n.tag == nil {
		n.tag = new(tag)
	}
	return n.tag
}

// New returns an element without a parent.
func New(name string) *Node { return &Node{Name: Name{Local: name}} }

// NewNamed returns an element with a qualified name.
func NewNamed(name Name) *Node { return &Node{Name: name} }

// NewLazy returns an element whose inside is made by lazy when first needed.
func NewLazy(name string, lazy Lazy) *Node { return &Node{Name: Name{Local: name}, lazy: lazy} }

// NewText returns a text node.
func NewText(s string) *Node { return &Node{Kind: Text, Data: s} }

// NewLeaf returns an element that holds one text, or nothing when s is empty.
func NewLeaf(name, s string) *Node {
	n := New(name)
	n.FillText(s)
	return n
}

// Parent returns the element that holds n, or nil.
func (n *Node) Parent() *Node { return n.parent }

// Children returns the child nodes, in order. The slice belongs to the node: it
// is read only, and valid until the next change.
func (n *Node) Children() []*Node {
	n.expand()
	return n.nodes
}

// slots returns what makes n's children one at a time, or nil where they are all
// made or have to be made together.
func (n *Node) slots() Slots {
	if n.lazy == nil || n.expanded {
		return nil
	}
	s, ok := n.lazy.(Slots)
	if !ok || n.nodes == nil && s.Count() == 0 {
		return nil
	}
	return s
}

// Named returns the positions of the children with a local name, where that can be
// told without making the others; those are made. ok is false where one has to go
// through [Node.Children].
func (n *Node) Named(local string) (from, to int, ok bool) {
	s := n.slots()
	if s == nil {
		return 0, 0, false
	}
	from, to = s.Find(local)
	if from < to && n.nodes == nil {
		n.nodes = make([]*Node, s.Count())
	}
	for i := from; i < to; i++ {
		if n.nodes[i] == nil {
			c := s.Child(i)
			c.parent = n
			n.nodes[i] = c
		}
	}
	return from, to, true
}

// Made returns the children as far as they are made, with nil in the empty slots;
// read only.
func (n *Node) Made() []*Node { return n.nodes }

// Slots returns what the empty slots of n are made from, or nil when there are none.
func (n *Node) Slots() Slots {
	if n.nodes == nil {
		return nil
	}
	return n.slots()
}

// Attributes returns the attribute nodes in order of creation; read only.
func (n *Node) Attributes() []*Node {
	if n.tag == nil {
		return nil
	}
	return n.tag.attrs
}

// SortedAttributes returns the attributes in alphabetical order of their names as
// written, which is how channels see and write them; read only.
func (n *Node) SortedAttributes() []*Node {
	attrs := n.Attributes()
	if slices.IsSortedFunc(attrs, compareNames) {
		return attrs
	}
	attrs = slices.Clone(attrs)
	slices.SortStableFunc(attrs, compareNames)
	return attrs
}

// AllAttributes returns the attributes with the declarations of namespaces among
// them, as nodes made for this call, in alphabetical order.
func (n *Node) AllAttributes() []*Node {
	attrs := slices.Clone(n.Attributes())
	for _, s := range n.Namespaces() {
		name := Name{Space: DeclarationNamespace, Prefix: "xmlns", Local: s.Prefix}
		if s.Prefix == "" {
			name = Name{Space: DeclarationNamespace, Local: "xmlns"}
		}
		attrs = append(attrs, &Node{Kind: Attribute, Name: name, Data: s.URI, parent: n})
	}
	slices.SortStableFunc(attrs, compareNames)
	return attrs
}

func compareNames(a, b *Node) int {
	if a.Name.Prefix == "" && b.Name.Prefix == "" {
		return strings.Compare(a.Name.Local, b.Name.Local)
	}
	return strings.Compare(a.Name.tag(), b.Name.tag())
}

// Namespaces returns the declarations made on n; read only.
func (n *Node) Namespaces() []Namespace {
	if n.tag == nil {
		return nil
	}
	return n.tag.spaces
}

// Lacks reports that nothing inside n has this local name, as far as is known
// without splitting; see [Sparse]. False means that there may be one.
func (n *Node) Lacks(local string) bool {
	if n.lazy == nil || n.expanded || n.changed {
		return false
	}
	s, ok := n.lazy.(Sparse)
	return ok && s.Lacks(local)
}

// Source returns what an unchanged lazy element was made from, or nil when there
// is none or when something inside has changed.
func (n *Node) Source() Lazy {
	if n.changed {
		return nil
	}
	return n.lazy
}

// Changed reports whether n or anything inside it has changed since it was made.
func (n *Node) Changed() bool { return n.changed }

// Fill adds children while an element is being made. It does not count as a change.
func (n *Node) Fill(children ...*Node) {
	if n.leaf {
		n.expand()
	}
	for _, c := range children {
		c.parent = n
	}
	n.nodes = append(n.nodes, children...)
}

// FillText gives an empty element one text while it is being made, or none when s
// is empty. Most elements of a message are such, and most of their texts never
// become nodes: see [Node.LeafText].
func (n *Node) FillText(s string) {
	n.leaf, n.Data = s != "", s
}

// LeafText returns the text of an element that holds one text or nothing, without
// making a node of it. ok is false where only the children can tell.
func (n *Node) LeafText() (text string, ok bool) {
	if n.leaf {
		return n.Data, true
	}
	return "", n.Kind == Element && len(n.nodes) == 0 && (n.lazy == nil || n.expanded)
}

// Grow makes room for children that Fill will add.
func (n *Node) Grow(count int) {
	if cap(n.nodes)-len(n.nodes) < count {
		n.nodes = append(make([]*Node, 0, len(n.nodes)+count), n.nodes...)
	}
}

// FillAttribute adds an attribute while an element is being made.
func (n *Node) FillAttribute(name Name, value string) {
	t := n.ownTag()
	t.attrs = append(t.attrs, &Node{Kind: Attribute, Name: name, Data: value, parent: n})
}

// FillNamespace adds a namespace declaration while an element is being made.
func (n *Node) FillNamespace(ns Namespace) {
	t := n.ownTag()
	t.spaces = append(t.spaces, ns)
}

// Declare adds or replaces a namespace declaration.
func (n *Node) Declare(ns Namespace) {
	n.touch()
	t := n.ownTag()
	for i := range t.spaces {
		if t.spaces[i].Prefix == ns.Prefix {
			t.spaces[i] = ns
			return
		}
	}
	t.spaces = append(t.spaces, ns)
}

// Undeclare removes the declaration of a prefix.
func (n *Node) Undeclare(prefix string) {
	for i, s := range n.Namespaces() {
		if s.Prefix == prefix {
			n.touch()
			n.tag.spaces = append(n.tag.spaces[:i:i], n.tag.spaces[i+1:]...)
			return
		}
	}
}

func (n *Node) expand() {
	if n.leaf {
		text := &Node{Kind: Text, Data: n.Data, parent: n}
		n.leaf, n.Data = false, ""
		n.nodes = []*Node{text}
	}
	if n.lazy == nil || n.expanded {
		return
	}
	n.expanded = true
	if n.nodes == nil {
		n.lazy.Expand(n)
		return
	}
	var whole Node
	n.lazy.Expand(&whole)
	for i, c := range n.nodes {
		if c == nil {
			whole.nodes[i].parent = n
			n.nodes[i] = whole.nodes[i]
		}
	}
}

func (n *Node) touch() {
	for p := n; p != nil && !p.changed; p = p.parent {
		if p.nodes == nil && p.lazy != nil {
			p.expand() // a changed element has no other source
		}
		p.changed = true
	}
}

// Index returns the position of n among its parent's children, or -1.
func (n *Node) Index() int {
	if n.parent == nil || n.Kind == Attribute {
		return -1
	}
	for i, c := range n.parent.nodes {
		if c == n {
			return i
		}
	}
	return -1
}

// Append adds child as the last one. child must have no parent.
func (n *Node) Append(child *Node) { n.Insert(len(n.Children()), child) }

// Insert adds child before position i. child must have no parent.
func (n *Node) Insert(i int, child *Node) {
	n.expand()
	n.touch()
	child.parent = n
	n.nodes = append(n.nodes, nil)
	copy(n.nodes[i+1:], n.nodes[i:])
	n.nodes[i] = child
}

// Remove takes the child at position i out; it has no parent afterwards.
func (n *Node) Remove(i int) *Node {
	n.expand()
	n.touch()
	c := n.nodes[i]
	// A new array: whoever ranges over Children keeps a stable view.
	n.nodes = append(n.nodes[:i:i], n.nodes[i+1:]...)
	c.parent = nil
	return c
}

// Replace puts child in the place of the one at position i, which it returns.
//
// Where it takes the place of one of the same name, empty slots stay empty.
func (n *Node) Replace(i int, child *Node) *Node {
	if n.nodes == nil || n.nodes[i] == nil || n.nodes[i].Name != child.Name || child.Kind != Element {
		n.expand()
	}
	n.touch()
	old := n.nodes[i]
	old.parent = nil
	child.parent = n
	n.nodes[i] = child
	return old
}

// SetChildren replaces all children.
func (n *Node) SetChildren(children ...*Node) {
	n.clear()
	for _, c := range children {
		c.parent = n
	}
	n.nodes = append([]*Node(nil), children...)
}

// clear takes out all children.
func (n *Node) clear() {
	n.leaf, n.Data, n.expanded = false, "", true
	n.touch()
	for _, c := range n.nodes {
		if c != nil {
			c.parent = nil
		}
	}
	n.nodes = nil
}

// SetText replaces all children of an element by one text (none when s is
// empty), or the data of any other node.
func (n *Node) SetText(s string) {
	if n.Kind != Element {
		n.touch()
		n.Data = s
		return
	}
	n.clear()
	n.FillText(s)
}

// SetName renames an element or attribute.
func (n *Node) SetName(name Name) {
	n.touch()
	if n.parent != nil && n.Kind == Element {
		n.parent.expand() // its slots are found by name
	}
	n.Name = name
}

// Attribute returns the attribute of that name, or nil.
func (n *Node) Attribute(name Name) *Node {
	for _, a := range n.Attributes() {
		if a.Name.Is(name) {
			return a
		}
	}
	return nil
}

// SetAttribute sets or adds an attribute.
func (n *Node) SetAttribute(name Name, value string) {
	n.touch()
	if a := n.Attribute(name); a != nil {
		a.Data = value
		return
	}
	n.FillAttribute(name, value)
}

// AddAttribute adds an attribute node without a parent, whose name the element does
// not have.
func (n *Node) AddAttribute(attr *Node) {
	n.touch()
	attr.parent = n
	t := n.ownTag()
	t.attrs = append(t.attrs, attr)
}

// RemoveAttribute takes an attribute node out.
//
// One of [Node.AllAttributes] may be a declaration.
func (n *Node) RemoveAttribute(attr *Node) {
	if attr.Name.Space == DeclarationNamespace {
		n.Undeclare(strings.TrimPrefix(attr.Name.Local, "xmlns"))
	}
	for i, a := range n.Attributes() {
		if a == attr {
			n.touch()
			n.tag.attrs = append(n.tag.attrs[:i:i], n.tag.attrs[i+1:]...)
			a.parent = nil
			return
		}
	}
}

// Copy returns a deep copy without a parent. An element nobody looked into stays lazy.
func (n *Node) Copy() *Node {
	c := &Node{Kind: n.Kind, Name: n.Name, Data: n.Data, leaf: n.leaf, lazy: n.lazy, expanded: n.expanded, changed: n.changed}
	if spaces := n.Namespaces(); len(spaces) > 0 {
		c.ownTag().spaces = append([]Namespace(nil), spaces...)
	}
	for _, a := range n.Attributes() {
		c.FillAttribute(a.Name, a.Data)
	}
	if len(n.nodes) > 0 {
		c.nodes = make([]*Node, len(n.nodes))
		for i, k := range n.nodes {
			if k == nil {
				continue
			}
			kc := k.Copy()
			kc.parent = c
			c.nodes[i] = kc
		}
	}
	return c
}

// Root returns the topmost ancestor, or n itself.
func (n *Node) Root() *Node {
	for n.parent != nil {
		n = n.parent
	}
	return n
}
