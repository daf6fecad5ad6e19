package xpath

import (
	"slices"
	"strings"

	"github.com/antchfx/xpath"
	"github.com/weir-health/weir/tree"
)

// cursor is a place in a tree. It remembers the way down, because a node does not
// know its position among its siblings without a search.
type cursor struct {
	root      *tree.Node
	node      *tree.Node // nil for the root of the document, above the root element
	path      []int      // positions from the root element, whose own is 0, to node
	attribute int        // of node, or -1
	steps     *int       // taken in this evaluation
}

var _ xpath.NodeNavigator = (*cursor)(nil)

// newCursor returns a cursor at a node, which may be an attribute.
func newCursor(at *tree.Node, steps *int) *cursor {
	c := &cursor{root: at.Root(), node: at, attribute: -1, steps: steps}
	if at.Kind == tree.Attribute && at.Parent() != nil {
		c.node = at.Parent()
		c.attribute = slices.Index(c.node.Attributes(), at)
	}
	for n := c.node; n != c.root; n = n.Parent() {
		c.path = append(c.path, n.Index())
	}
	c.path = append(c.path, 0)
	slices.Reverse(c.path)
	return c
}

// current returns the node or attribute at the place.
func (c *cursor) current() *tree.Node {
	if c.attribute >= 0 {
		return c.node.Attributes()[c.attribute]
	}
	return c.node
}

func (c *cursor) step() {
	if *c.steps++; *c.steps > MaxSteps {
		panic(ErrTooManySteps)
	}
}

func (c *cursor) clone() *cursor {
	d := *c
	d.path = slices.Clone(c.path)
	return &d
}

func (c *cursor) Copy() xpath.NodeNavigator {
	c.step()
	return c.clone()
}

func (c *cursor) NodeType() xpath.NodeType {
	if c.node == nil {
		return xpath.RootNode
	}
	switch c.current().Kind {
	case tree.Attribute:
		return xpath.AttributeNode
	case tree.Text, tree.CDATA:
		return xpath.TextNode
	case tree.Comment, tree.ProcInst:
		return xpath.CommentNode
	}
	return xpath.ElementNode
}

func (c *cursor) LocalName() string { return c.name().Local }
func (c *cursor) Prefix() string    { return c.name().Prefix }

// NamespaceURL is what the library asks for when an expression has namespaces.
func (c *cursor) NamespaceURL() string { return c.name().Space }

func (c *cursor) name() tree.Name {
	if c.node == nil {
		return tree.Name{}
	}
	return c.current().Name
}

// Value returns the string value: of an element, all texts inside of it.
func (c *cursor) Value() string {
	n := c.root
	if c.node != nil {
		n = c.current()
	}
	if n.Kind != tree.Element {
		return n.Data
	}
	var b strings.Builder
	c.texts(&b, n)
	return b.String()
}

func (c *cursor) texts(b *strings.Builder, n *tree.Node) {
	if text, ok := n.LeafText(); ok {
		c.step()
		b.WriteString(text)
		return
	}
	for _, child := range n.Children() {
		c.step()
		switch child.Kind {
		case tree.Text, tree.CDATA:
			b.WriteString(child.Data)
		case tree.Element:
			c.texts(b, child)
		}
	}
}

func (c *cursor) MoveToRoot() {
	c.step()
	c.node, c.path, c.attribute = nil, c.path[:0], -1
}

func (c *cursor) MoveToParent() bool {
	c.step()
	switch {
	case c.node == nil:
		return false
	case c.attribute >= 0:
		c.attribute = -1
		return true
	case c.node == c.root:
		c.node = nil
	default:
		c.node = c.node.Parent()
	}
	c.path = c.path[:len(c.path)-1]
	return true
}

func (c *cursor) MoveToNextAttribute() bool {
	c.step()
	if c.node == nil || c.attribute+1 >= len(c.node.Attributes()) {
		return false
	}
	c.attribute++
	return true
}

func (c *cursor) MoveToChild() bool {
	c.step()
	switch {
	case c.attribute >= 0:
		return false
	case c.node == nil:
		c.node, c.path = c.root, append(c.path, 0)
		return true
	}
	return c.take(c.node.Children(), 0, 1, func(i int) { c.path = append(c.path, i) })
}

func (c *cursor) MoveToFirst() bool {
	for c.MoveToPrevious() {
	}
	return true
}

func (c *cursor) MoveToNext() bool     { return c.sibling(1) }
func (c *cursor) MoveToPrevious() bool { return c.sibling(-1) }

func (c *cursor) sibling(direction int) bool {
	c.step()
	if c.node == nil || c.node == c.root || c.attribute >= 0 {
		return false
	}
	last := len(c.path) - 1
	return c.take(c.node.Parent().Children(), c.path[last]+direction, direction, func(i int) { c.path[last] = i })
}

// take moves to the next of some siblings that expressions can see.
func (c *cursor) take(siblings []*tree.Node, from, direction int, enter func(int)) bool {
	for i := from; i >= 0 && i < len(siblings); i += direction {
		if siblings[i].Kind != tree.ProcInst {
			enter(i)
			c.node = siblings[i]
			return true
		}
	}
	return false
}

func (c *cursor) MoveTo(other xpath.NodeNavigator) bool {
	c.step()
	o, ok := other.(*cursor)
	if !ok || o.root != c.root {
		return false
	}
	c.node, c.attribute = o.node, o.attribute
	c.path = append(c.path[:0], o.path...)
	return true
}
