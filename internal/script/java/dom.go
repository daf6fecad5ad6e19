package java

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/weir-health/weir/tree"
)

// domDocument is what all nodes of a document share. Their nodes are those of a tree;
// the document itself is an element above the topmost one.
type domDocument struct {
	mu      sync.Mutex
	holder  atomic.Pointer[VM] // who has mu: what a script's own object does as an argument may come back
	root    *tree.Node
	changes int // counts them, for what is kept of a state of the document
	form    *xpathForm

	standalone        bool
	version, encoding string // of the XML declaration
}

// domNode is a node of org.w3c.dom. Two of them are the same node when they are equal.
type domNode struct {
	n   *tree.Node
	doc *domDocument
}

// The names of the elements that stand for a document and a fragment, which no
// element can have.
const (
	documentName = "#document"
	fragmentName = "#document-fragment"
)

// level1 is the namespace of a name that was given without knowing of namespaces, by
// createElement or a parser that is not aware of them: it has neither a local name nor
// a namespace, and its prefix is part of it.
const level1 = "\x00"

const xmlnsSpace = "http://www.w3.org/2000/xmlns/"

// The types of nodes, as Node has them.
const (
	elementNode = 1 + iota
	attributeNode
	textNode
	cdataNode
	entityReferenceNode
	entityNode
	procInstNode
	commentNode
	documentNode
	documentTypeNode
	fragmentNode
	notationNode
)

// maxDOMDepth is how deep elements of a document may lie in one another, as in XML
// that is read.
const maxDOMDepth = tree.MaxXMLDepth

// maxClone is the most nodes that are copied at once: no script can be ended in it.
const maxClone = 200_000

var domClasses = map[int]string{
	elementNode: "org.w3c.dom.Element", attributeNode: "org.w3c.dom.Attr", textNode: "org.w3c.dom.Text", cdataNode: "org.w3c.dom.CDATASection",
	procInstNode: "org.w3c.dom.ProcessingInstruction", commentNode: "org.w3c.dom.Comment", documentNode: "org.w3c.dom.Document",
	fragmentNode: "org.w3c.dom.DocumentFragment",
}

func newDocument() *domDocument {
	return &domDocument{root: tree.New(documentName), version: "1.0"}
}

// node is the document as a node.
func (d *domDocument) node() domNode { return domNode{d.root, d} }

// lock takes the document for a call of a run.
func (d *domDocument) lock(vm *VM) (unlock func()) {
	if d.holder.Load() == vm {
		return func() {}
	}
	d.mu.Lock()
	d.holder.Store(vm)
	return func() {
		d.holder.Store(nil)
		d.mu.Unlock()
	}
}

// onNode is a method of a node.
func onNode(f func(d domNode, c *Call) any) func(*Call) any {
	return func(c *Call) any {
		d := c.This.(domNode)
		defer d.doc.lock(c.VM)()
		return f(d, c)
	}
}

func (d domNode) JavaClass() string { return domClasses[d.kind()] }

// String is what Xerces shows of a node.
func (d domNode) String() string {
	value := "null"
	if v, ok := d.value(); ok {
		value = v
	}
	if d.kind() == attributeNode {
		return d.name() + `="` + value + `"`
	}
	return "[" + d.name() + ": " + value + "]"
}

func (d domNode) kind() int {
	switch d.n.Kind {
	case tree.Text:
		return textNode
	case tree.CDATA:
		return cdataNode
	case tree.Comment:
		return commentNode
	case tree.ProcInst:
		return procInstNode
	case tree.Attribute:
		return attributeNode
	}
	switch d.n.Name.Local {
	case documentName:
		return documentNode
	case fragmentName:
		return fragmentNode
	}
	return elementNode
}

func (d domNode) name() string {
	switch d.n.Kind {
	case tree.Text:
		return "#text"
	case tree.CDATA:
		return "#cdata-section"
	case tree.Comment:
		return "#comment"
	}
	return qualified(d.n.Name)
}

func (d domNode) value() (s string, ok bool) { return d.n.Data, d.n.Kind != tree.Element }

// named reports whether the node is an element or attribute with a local name.
func (d domNode) named() bool {
	return (d.kind() == elementNode || d.kind() == attributeNode) && d.n.Name.Space != level1
}

// at is a node of the same document as Java gets it; none is null.
func (d domNode) at(n *tree.Node) any {
	if n == nil {
		return nil
	}
	return domNode{n, d.doc}
}

func (d domNode) sibling(step int) any {
	if d.n.Parent() == nil || d.n.Kind == tree.Attribute {
		return nil
	}
	all := d.n.Parent().Children()
	if i := d.n.Index() + step; i >= 0 && i < len(all) {
		return domNode{all[i], d.doc}
	}
	return nil
}

// text is the text content: that of all texts inside.
func (d domNode) text() string {
	if d.n.Kind != tree.Element {
		return d.n.Data
	}
	var b strings.Builder
	textInside(&b, d.n)
	return b.String()
}

func textInside(b *strings.Builder, n *tree.Node) {
	if s, ok := n.LeafText(); ok {
		b.WriteString(s)
		return
	}
	for _, c := range n.Children() {
		switch c.Kind {
		case tree.Text, tree.CDATA:
			b.WriteString(c.Data)
		case tree.Element:
			textInside(b, c)
		}
	}
}

// attributes are in the order in which Xerces keeps them, that of their names.
func (d domNode) attributes() []*tree.Node {
	all := slices.Clone(d.n.Attributes())
	slices.SortStableFunc(all, func(a, b *tree.Node) int { return strings.Compare(qualified(a.Name), qualified(b.Name)) })
	return all
}

func (d domNode) attribute(name string) *tree.Node {
	for _, a := range d.n.Attributes() {
		if qualified(a.Name) == name {
			return a
		}
	}
	return nil
}

func (d domNode) attributeNS(space, local string) *tree.Node {
	for _, a := range d.n.Attributes() {
		if a.Name.Space == space && a.Name.Local == local {
			return a
		}
	}
	return nil
}

// namespace is what a prefix stands for at a node; the empty one is the default.
func (d domNode) namespace(prefix string) (uri string, ok bool) {
	for n := d.n; n != nil; n = n.Parent() {
		if n.Kind != tree.Element {
			continue
		}
		if n.Name.Space != level1 && n.Name.Prefix == prefix && n.Name.Space != "" {
			return n.Name.Space, true
		}
		for _, a := range n.Attributes() {
			if a.Name.Space == xmlnsSpace && declared(a) == prefix {
				return a.Data, a.Data != ""
			}
		}
	}
	return "", false
}

// declared is the prefix that a declaration of a namespace is about.
func declared(a *tree.Node) string {
	if a.Name.Prefix == "" {
		return ""
	}
	return a.Name.Local
}

func (d domNode) changed() { d.doc.changes++ }

// domFault is a DOMException in the words of Xerces.
func (c *Call) domFault(code string) any {
	text := map[string]string{
		"HIERARCHY_REQUEST_ERR":            "An attempt was made to insert a node where it is not permitted.",
		"NOT_FOUND_ERR":                    "An attempt is made to reference a node in a context where it does not exist.",
		"WRONG_DOCUMENT_ERR":               "A node is used in a different document than the one that created it.",
		"INVALID_CHARACTER_ERR":            "An invalid or illegal XML character is specified.",
		"NAMESPACE_ERR":                    "An attempt is made to create or change an object in a way which is incorrect with regard to namespaces.",
		"INUSE_ATTRIBUTE_ERR":              "An attempt is made to add an attribute that is already in use elsewhere.",
		"INDEX_SIZE_ERR":                   "The index or size is negative, or greater than the allowed value.",
		"NOT_SUPPORTED_ERR":                "The implementation does not support the requested type of object or operation.",
		"NO_MODIFICATION_ALLOWED_ERR":      "An attempt is made to modify an object where modifications are not allowed.",
		"HIERARCHY_REQUEST_ERR (too deep)": "More elements lie in one another than are allowed.",
	}[code]
	return c.VM.ThrowJava(&Throwable{Class: "org.w3c.dom.DOMException", Message: code + ": " + text, HasText: true, Plain: true})
}

// nodeArg returns an argument that is a node; null is none.
func (c *Call) nodeArg(i int) (d domNode, ok bool) {
	if c.Null(i) {
		return domNode{}, false
	}
	d, ok = c.Object(i).(domNode)
	if !ok {
		panic(c.Throw("java.lang.ClassCastException", "an argument is no org.w3c.dom.Node"))
	}
	return d, true
}

func (c *Call) needNode(i int) domNode {
	d, ok := c.nodeArg(i)
	if !ok {
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	return d
}

// put inserts a node, or those of a fragment, before another one; without one, at
// the end.
func (d domNode) put(c *Call, child domNode, before *tree.Node) {
	if child.doc != d.doc {
		panic(c.domFault("WRONG_DOCUMENT_ERR"))
	}
	nodes := []*tree.Node{child.n}
	if child.kind() == fragmentNode {
		nodes = slices.Clone(child.n.Children())
	}
	if before != nil && before.Parent() != d.n {
		panic(c.domFault("NOT_FOUND_ERR"))
	}
	for _, n := range nodes {
		d.mayHold(c, domNode{n, d.doc}, before)
	}
	if before != nil && slices.Contains(nodes, before) {
		return // it is there already
	}
	d.changed()
	for _, n := range nodes {
		detach(n)
		at := len(d.n.Children())
		if before != nil {
			at = before.Index()
		}
		d.n.Insert(at, n)
	}
}

// mayHold throws where a node cannot stand.
func (d domNode) mayHold(c *Call, child domNode, before *tree.Node) {
	fits := false
	switch child.kind() {
	case commentNode, procInstNode:
		fits = d.n.Kind == tree.Element
	case textNode, cdataNode:
		fits = d.n.Kind == tree.Element && d.kind() != documentNode
	case elementNode:
		fits = d.n.Kind == tree.Element
		if d.kind() == documentNode {
			root := rootElement(d.n)
			fits = root == nil || root == child.n || root == before && c.name == "replaceChild"
		}
	}
	depth := 1
	for p := d.n; p != nil && fits; p = p.Parent() {
		fits = p != child.n
		depth++
	}
	if !fits {
		panic(c.domFault("HIERARCHY_REQUEST_ERR"))
	}
	if depth+height(child.n, maxDOMDepth) > maxDOMDepth {
		panic(c.domFault("HIERARCHY_REQUEST_ERR (too deep)"))
	}
}

// height is how deep elements lie in one another inside of a node, up to most.
func height(n *tree.Node, most int) int {
	if n.Kind != tree.Element || most == 0 {
		return 0
	}
	if _, leaf := n.LeafText(); leaf {
		return 1
	}
	deepest := 0
	for _, c := range n.Children() {
		deepest = max(deepest, height(c, most-1))
	}
	return 1 + deepest
}

func rootElement(document *tree.Node) *tree.Node {
	for _, n := range document.Children() {
		if n.Kind == tree.Element {
			return n
		}
	}
	return nil
}

// detach takes a node out of its parent.
func detach(n *tree.Node) {
	if i := n.Index(); i >= 0 {
		n.Parent().Remove(i)
	}
}

// setText replaces what is inside by one text.
func (d domNode) setText(s string) {
	d.changed()
	if d.n.Kind != tree.Element {
		d.n.SetText(s)
		return
	}
	if s == "" {
		d.n.SetChildren()
		return
	}
	d.n.SetChildren(tree.NewText(s))
}

// normalize makes texts that are neighbours one, and takes out empty ones.
func normalize(n *tree.Node) {
	if n.Kind != tree.Element {
		return
	}
	if _, leaf := n.LeafText(); leaf {
		return
	}
	for i := 0; i < len(n.Children()); i++ {
		child := n.Children()[i]
		if child.Kind != tree.Text {
			normalize(child)
			continue
		}
		var b strings.Builder
		b.WriteString(child.Data)
		for i+1 < len(n.Children()) && n.Children()[i+1].Kind == tree.Text {
			b.WriteString(n.Remove(i + 1).Data)
		}
		if b.Len() == 0 {
			n.Remove(i)
			i--
		} else if b.Len() > len(child.Data) {
			child.SetText(b.String())
		}
	}
}

// clone is a copy without a parent; only a deep one has what is inside.
func (d domNode) clone(c *Call, deep bool) *tree.Node {
	if deep || d.n.Kind != tree.Element {
		if left := nodesInside(d.n, maxClone); left < 0 {
			panic(c.Throw("java.lang.OutOfMemoryError", fmt.Sprintf("a copy of more than %d nodes", maxClone)))
		}
		return d.n.Copy()
	}
	n := tree.NewNamed(d.n.Name)
	for _, a := range d.n.Attributes() {
		n.FillAttribute(a.Name, a.Data)
	}
	return n
}

// nodesInside counts nodes down from left, to below 0.
func nodesInside(n *tree.Node, left int) int {
	left--
	if _, leaf := n.LeafText(); leaf {
		return left
	}
	for _, c := range n.Children() {
		if left < 0 {
			break
		}
		left = nodesInside(c, left)
	}
	return left
}

// equalNodes is isEqualNode.
func equalNodes(a, b domNode) bool {
	if a.kind() != b.kind() || a.name() != b.name() || a.n.Kind != tree.Element && a.n.Data != b.n.Data ||
		a.named() != b.named() || a.named() && a.n.Name.Space != b.n.Name.Space {
		return false
	}
	x, y := a.attributes(), b.attributes()
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !equalNodes(domNode{x[i], a.doc}, domNode{y[i], b.doc}) {
			return false
		}
	}
	if a.n.Kind != tree.Element {
		return true
	}
	m, n := a.n.Children(), b.n.Children()
	if len(m) != len(n) {
		return false
	}
	for i := range m {
		if !equalNodes(domNode{m[i], a.doc}, domNode{n[i], b.doc}) {
			return false
		}
	}
	return true
}

// nodeList is a NodeList or a NamedNodeMap. That of a method of a node is alive: it
// holds what is there when it is asked.
type nodeList struct {
	class string
	of    domNode
	find  func(d domNode) []*tree.Node // nil: nodes are all there ever are
	nodes []*tree.Node
	state int // of the document, when nodes were found
}

func (l *nodeList) JavaClass() string { return l.class }

func newNodeList(of domNode, find func(d domNode) []*tree.Node) *nodeList {
	return &nodeList{class: "org.w3c.dom.NodeList", of: of, find: find, state: -1}
}

// now returns the nodes; the document is locked.
func (l *nodeList) now() []*tree.Node {
	if l.find != nil && l.state != l.of.doc.changes {
		l.nodes, l.state = l.find(l.of), l.of.doc.changes
	}
	return l.nodes
}

// descendants finds elements inside of a node, in order of the document.
func descendants(fits func(d domNode) bool) func(d domNode) []*tree.Node {
	return func(d domNode) []*tree.Node {
		var found []*tree.Node
		var visit func(n *tree.Node)
		visit = func(n *tree.Node) {
			if _, leaf := n.LeafText(); leaf {
				return
			}
			for _, c := range n.Children() {
				if c.Kind == tree.Element {
					if fits(domNode{c, d.doc}) {
						found = append(found, c)
					}
					visit(c)
				}
			}
		}
		visit(d.n)
		return found
	}
}
