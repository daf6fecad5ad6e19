package mirth

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Node is an element of a document that clients of Mirth's REST API exchange.
// Names in it choose nothing: what it means is up to who reads it.
type Node struct {
	Name     string
	Attrs    []Attr
	Text     string
	Children []*Node
	Short    bool // empty, and written <a/> as collections are; an empty text is <a></a>
}

// Attr is an attribute of a Node.
type Attr struct{ Name, Value string }

// restartMark stands where Mirth noticed a circle of references and began the
// document again.
var restartMark = []byte("|__>==INVALID==<__|")

// ParseDocument reads an XML document of up to limit bytes, with the limits and
// the leniency of all that this package reads.
func ParseDocument(data []byte, limit int) (*Node, error) {
	if len(data) > limit {
		return nil, fmt.Errorf("the document has more than %d bytes", limit)
	}
	if i := bytes.LastIndex(data, restartMark); i >= 0 {
		data = data[i+len(restartMark):]
	}
	text, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	root, err := scan(text, defaultLimits)
	if err != nil {
		return nil, err
	}
	return nodeOf(root), nil
}

// nodeOf makes a node of an element, which is of no use any longer: of a large
// document there is never a second copy.
func nodeOf(e *element) *Node {
	n := &Node{Name: e.name, Text: e.text, Short: e.short}
	for _, a := range e.attrs {
		n.Attrs = append(n.Attrs, Attr{a.name, a.value})
	}
	if len(e.children) > 0 {
		n.Children = make([]*Node, len(e.children))
	}
	for i, c := range e.children {
		n.Children[i] = nodeOf(c)
		e.children[i] = nil
	}
	return n
}

func elementOf(n *Node) *element {
	e := &element{name: n.Name, text: n.Text, short: n.Short}
	for _, a := range n.Attrs {
		e.attrs = append(e.attrs, attribute{a.Name, a.Value})
	}
	for _, c := range n.Children {
		e.children = append(e.children, elementOf(c))
	}
	return e
}

// ReadDocument reads a document as [ReadFile] reads a file. Its notes have no lines.
func ReadDocument(n *Node) (*Import, error) {
	im := &Import{Inside: map[string][]Library{}}
	if err := im.read(elementOf(n), defaultLimits); err != nil {
		return nil, err
	}
	im.join()
	im.finish()
	return im, nil
}

// El makes a node with children.
func El(name string, children ...*Node) *Node {
	return &Node{Name: name, Children: children, Short: true}
}

// Leaf makes a node with a text.
func Leaf(name, text string) *Node { return &Node{Name: name, Text: text} }

// IntLeaf and BoolLeaf make nodes with a number or a truth.
func IntLeaf(name string, n int64) *Node { return Leaf(name, strconv.FormatInt(n, 10)) }
func BoolLeaf(name string, b bool) *Node { return Leaf(name, strconv.FormatBool(b)) }

// Class sets the attribute class, Version the attribute version to that of the
// exports that Weir writes.
func (n *Node) Class(name string) *Node { return n.SetAttr("class", name) }
func (n *Node) Version() *Node          { return n.SetAttr("version", WrittenVersion) }

// SetAttr sets an attribute.
func (n *Node) SetAttr(name, value string) *Node {
	for i := range n.Attrs {
		if n.Attrs[i].Name == name {
			n.Attrs[i].Value = value
			return n
		}
	}
	n.Attrs = append(n.Attrs, Attr{name, value})
	return n
}

// Attr returns the value of an attribute, or "".
func (n *Node) Attr(name string) string {
	if n != nil {
		for _, a := range n.Attrs {
			if a.Name == name {
				return a.Value
			}
		}
	}
	return ""
}

// At follows child names; nil where there is none.
func (n *Node) At(names ...string) *Node {
	for _, name := range names {
		if n == nil {
			return nil
		}
		i := slices.IndexFunc(n.Children, func(c *Node) bool { return c.Name == name })
		if i < 0 {
			return nil
		}
		n = n.Children[i]
	}
	return n
}

// TextAt returns the text found by following child names, or "".
func (n *Node) TextAt(names ...string) string {
	if c := n.At(names...); c != nil {
		return c.Text
	}
	return ""
}

// Items returns the children, none for an absent node.
func (n *Node) Items() []*Node {
	if n == nil {
		return nil
	}
	return n.Children
}

// Texts returns the texts of the children: a list or set of strings. Text beside
// them counts for nothing.
func (n *Node) Texts() []string {
	var texts []string
	for _, c := range n.Items() {
		if c.Name != "null" {
			texts = append(texts, c.Text)
		}
	}
	return texts
}

// Add appends children.
func (n *Node) Add(children ...*Node) *Node {
	n.Children = append(n.Children, children...)
	return n
}

// Remove takes out all children of a name and returns the first, or nil.
func (n *Node) Remove(name string) *Node {
	found := n.At(name)
	n.Children = slices.DeleteFunc(n.Children, func(c *Node) bool { return c.Name == name })
	return found
}

// SetText sets the text of a child, which is added where there is none.
func (n *Node) SetText(name, text string) *Node {
	c := n.At(name)
	if c == nil {
		c = &Node{Name: name}
		n.Children = append(n.Children, c)
	}
	c.Text, c.Children, c.Short = text, nil, false
	return n
}

// Put puts a child in the place of those with its name, or at the end.
func (n *Node) Put(child *Node) *Node {
	for i, c := range n.Children {
		if c.Name == child.Name {
			n.Children[i] = child
			return n
		}
	}
	return n.Add(child)
}

// Renamed is the node with another name.
func (n *Node) Renamed(name string) *Node {
	c := *n
	c.Name = name
	return &c
}

// Clone copies a node with all below it.
func (n *Node) Clone() *Node {
	c := *n
	c.Attrs = slices.Clone(n.Attrs)
	c.Children = make([]*Node, len(n.Children))
	for i := range n.Children {
		c.Children[i] = n.Children[i].Clone()
	}
	return &c
}

// Bytes is the document as Mirth writes it: no declaration, two spaces for each
// level, no line feed at the end.
func (n *Node) Bytes() []byte { return n.append(nil, 0) }

func (n *Node) append(b []byte, depth int) []byte {
	b = append(b, bytes.Repeat([]byte("  "), depth)...)
	b = append(append(b, '<'), n.Name...)
	for _, a := range n.Attrs {
		b = append(append(b, ' '), a.Name...)
		b = append(appendText(append(b, '=', '"'), a.Value), '"')
	}
	if n.Text == "" && len(n.Children) == 0 && n.Short {
		return append(b, '/', '>')
	}
	b = append(b, '>')
	b = appendText(b, n.Text)
	for _, c := range n.Children {
		b = c.append(append(b, '\n'), depth+1)
	}
	if len(n.Children) > 0 {
		b = append(b, '\n')
		b = append(b, bytes.Repeat([]byte("  "), depth)...)
	}
	b = append(append(b, '<', '/'), n.Name...)
	return append(b, '>')
}

// WriteLibrary is a code template library as a document.
func WriteLibrary(l Library) *Node { return current(libraryElement(l)) }

// KeptDocument is a group of what an import keeps as it was, under a name of its own.
func KeptDocument(name string, g config.Group) *Node {
	n := El(name)
	for _, s := range g {
		n.Add(current(fromSetting(s)))
	}
	return n
}

// ChannelDocument is a channel as a document, without its code templates. All in
// it is of the version that Weir writes, whichever it was read from: reading has
// brought it there.
func ChannelDocument(ch *weir.Channel) *Node {
	root := channelElement(ch, nil)
	if written, ok := ch.Extra.Get(writtenName); ok {
		respell(root, written.Group)
	}
	return current(root)
}

// current is an element as a document of the version that Weir writes.
func current(e *element) *Node {
	e.setVersions(nil, WrittenVersion)
	return finish(nodeOf(e))
}

// finish writes empty collections as such, and the version for older ones.
func finish(n *Node) *Node {
	if n.Attr("version") != "" {
		n.SetAttr("version", WrittenVersion)
	}
	n.Short = n.Text == "" && len(n.Children) == 0 && collections[n.Name]
	for _, c := range n.Children {
		finish(c)
	}
	return n
}
