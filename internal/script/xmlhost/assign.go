package xmlhost

import (
	"strconv"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// set is __e4x.set(o, k1, k2, …, v): o[k1][k2]… = v.
func (h *Host) set(call goja.FunctionCall) goja.Value {
	last := len(call.Arguments) - 2
	o, keys, key, v := call.Argument(0), call.Arguments[1:last], call.Arguments[last], call.Arguments[last+1]
	if x, ok := h.xml(o); ok {
		if c, used := h.walk(x, keys); used == len(keys) {
			c.set(key, v)
			return v
		}
	}
	o = h.get(goja.FunctionCall{Arguments: call.Arguments[:last]})
	if x, ok := h.xml(o); ok {
		c := h.cursor(x)
		c.set(key, v)
		return v
	}
	return h.plainOperator(1, o, key, v)
}

// set assigns to what a key selects from where the cursor is.
func (c *cursor) set(k, v goja.Value) {
	key := k.String()
	switch {
	case c.node != nil:
		(&element{c.h, c.node}).Set(key, v)
	case c.origin != nil:
		c.origin.Set(key, v)
	default:
		c.list.Set(key, v)
	}
}

// assign does n[key] = v. What is assigned is copied; text replaces the whole
// element, so the attributes of the old one are gone.
func (h *Host) assign(n *tree.Node, s *selector, v goja.Value) {
	if n.Kind != tree.Element {
		h.throw("Only elements can be assigned to")
	}
	switch {
	case s.kind == byAttribute:
		h.assignAttribute(n, s, h.Text(v))
	case s.any && s.everywhere:
		n.SetChildren(h.fit(n, h.copies(v))...)
	default:
		h.place(n, s, h.replacement(n, s, v))
	}
}

func (h *Host) assignAttribute(n *tree.Node, s *selector, text string) {
	if s.any {
		h.throw("All attributes cannot be assigned at once")
	}
	name := h.name(n, s.space, s.local, true)
	n.SetAttribute(name, text)
}

// replacement returns the nodes for a child: copies of assigned nodes, which
// keep their own names, or an element of the selected name with a text.
func (h *Host) replacement(n *tree.Node, s *selector, v goja.Value) []*tree.Node {
	x, ok := h.xml(v)
	if !ok {
		return []*tree.Node{h.leaf(n, s.space, s.local, h.Text(v))}
	}
	nodes := make([]*tree.Node, x.count())
	for i := range nodes {
		if c := x.at(i); c.Kind == tree.Attribute {
			nodes[i] = h.leaf(n, s.space, s.local, c.Data)
		} else {
			nodes[i] = c.Copy()
		}
	}
	return nodes
}

// place puts nodes where the first child of that name is, and removes the other
// children of that name. Without one, nodes go to the end.
func (h *Host) place(n *tree.Node, s *selector, nodes []*tree.Node) {
	h.fit(n, nodes)
	if from, to, ok := s.named(n); ok && to-from == 1 && len(nodes) == 1 {
		n.Replace(from, nodes[0])
		return
	}
	at := -1
	children := n.Children()
	for i := len(children) - 1; i >= 0; i-- {
		if !s.child(children[i]) {
			continue
		}
		if at >= 0 {
			n.Remove(at)
			children = n.Children()
		}
		at = i
	}
	if at < 0 {
		insert(n, len(children), nodes)
		return
	}
	if len(nodes) == 1 {
		n.Replace(at, nodes[0])
		return
	}
	n.Remove(at)
	insert(n, at, nodes)
}

// fit throws when nodes put into n would lie too deep in the tree: what copies and
// writes trees goes down into them by recursion.
func (h *Host) fit(n *tree.Node, nodes []*tree.Node) []*tree.Node {
	room := maxDepth
	for p := n; p != nil; p = p.Parent() {
		room--
	}
	h.fitInto(room, nodes)
	return nodes
}

func (h *Host) fitInto(room int, nodes []*tree.Node) {
	for _, c := range nodes {
		if c == nil {
			continue // a field that nobody has looked at; it is shallow
		}
		if c.Kind == tree.Element && room <= 0 {
			h.throw("More than %d elements are inside one another", maxDepth)
		}
		h.fitInto(room-1, c.Made())
	}
}

func insert(n *tree.Node, at int, nodes []*tree.Node) {
	for i, c := range nodes {
		n.Insert(at+i, c)
	}
}

// create returns the one node behind a list, and makes it when the list is
// empty but remembers where it was asked for.
func (l *list) create() *tree.Node {
	switch l.count() {
	case 0:
	case 1:
		return l.at(0)
	default:
		l.h.throw("Assignment to lists with more than one item is not supported")
	}
	parent := l.target()
	if parent == nil || !l.named || parent.Kind != tree.Element {
		l.h.throw("Assignment to empty XMLList without targets not supported")
	}
	n := l.h.leaf(parent, l.space, l.local, "")
	s := selector{space: l.space, local: l.local}
	l.h.place(parent, &s, []*tree.Node{n})
	l.first = n
	return n
}

// target returns the node that new items of an empty list go into, or nil.
func (l *list) target() *tree.Node {
	if !l.named {
		return nil
	}
	if l.owner != nil {
		return l.owner.create()
	}
	return l.parent
}

// assignIndex does list[i] = v. An item's text is replaced with its attributes
// kept. An index past the end, however far, appends to the items' parent, not
// beside the last item.
func (l *list) assignIndex(i int, v goja.Value) {
	x, isXML := l.h.xml(v)
	item := l.at(i)
	if item != nil && !isXML && (l.named || item.Kind == tree.Attribute) {
		l.h.setContent(item, v)
		return
	}
	nodes := x.copies()
	if !isXML {
		nodes = []*tree.Node{l.itemOf(v)}
	}
	if item != nil {
		l.replaceItem(i, item, nodes)
		return
	}
	parent := l.commonParent()
	if l.count() == 0 {
		parent = l.target()
	}
	if parent == nil {
		if isXML {
			nodes = x.all()
		}
		l.add(nodes...)
		return
	}
	insert(parent, len(parent.Children()), l.h.fit(parent, nodes))
	if len(nodes) > 0 {
		l.add(nodes[len(nodes)-1])
	}
}

// itemOf makes the new item for a text: like the first item, with the text in
// it; without items an element of the list's name; without a name what new XML
// makes of the text.
func (l *list) itemOf(v goja.Value) *tree.Node {
	switch {
	case !l.named:
		return l.h.parse(l.h.Text(v))
	case l.count() == 0:
		return l.h.leaf(l.target(), l.space, l.local, l.h.Text(v))
	}
	n := l.at(0).Copy()
	l.h.setContent(n, v)
	return n
}

func (l *list) replaceItem(i int, item *tree.Node, nodes []*tree.Node) {
	if len(nodes) == 0 {
		return
	}
	if p := item.Parent(); p != nil {
		at := item.Index()
		if at < 0 {
			l.h.throw("An attribute cannot be replaced by XML")
		}
		l.h.fit(p, nodes)
		p.Replace(at, nodes[0])
		insert(p, at+1, nodes[1:])
	}
	l.put(i, nodes...)
}

// commonParent returns the parent of all items, or nil when they differ.
func (l *list) commonParent() *tree.Node {
	var parent *tree.Node
	for i := range l.count() {
		p := l.at(i).Parent()
		if p == nil || i > 0 && p != parent {
			return nil
		}
		parent = p
	}
	return parent
}

// setContent replaces the children of an element, or the data of another node.
func (h *Host) setContent(n *tree.Node, v goja.Value) {
	if n.Kind != tree.Element {
		n.SetText(h.Text(v))
		return
	}
	if _, ok := h.xml(v); !ok {
		n.SetText(h.Text(v))
		return
	}
	n.SetChildren(h.fit(n, h.copies(v))...)
}

// copies returns the nodes to insert for v: copies of nodes, or one text.
func (h *Host) copies(v goja.Value) []*tree.Node {
	if x, ok := h.xml(v); ok {
		return x.copies()
	}
	text := h.Text(v)
	if text == "" {
		return nil
	}
	return []*tree.Node{tree.NewText(text)}
}

func (x value) copies() []*tree.Node {
	if x.node == nil && x.list == nil {
		return nil
	}
	nodes := make([]*tree.Node, x.count())
	for i := range nodes {
		nodes[i] = x.at(i).Copy()
		if nodes[i].Kind == tree.Attribute {
			nodes[i].Kind = tree.Text
		}
	}
	return nodes
}

// leaf makes an element with a text, to be a child of parent.
func (h *Host) leaf(parent *tree.Node, space, local, text string) *tree.Node {
	n := tree.NewNamed(h.name(parent, space, local, false))
	n.FillText(text)
	return n
}

// name finds the prefix for a new element or attribute: that of the namespace
// object the script used, or one in force at parent. Otherwise one is made and
// declared on the root.
func (h *Host) name(parent *tree.Node, space, local string, attribute bool) tree.Name {
	if !tree.IsXMLName(local) {
		h.throw("Invalid XML name")
	}
	name := tree.Name{Space: space, Local: local}
	if space == "" {
		return name
	}
	if p, ok := h.prefixes[space]; ok && (p != "" || !attribute) {
		name.Prefix = p
		return name
	}
	if parent == nil {
		return name
	}
	if p, ok := parent.PrefixOf(space); ok && (p != "" || !attribute) {
		name.Prefix = p
		return name
	}
	for i := 0; ; i++ {
		name.Prefix = "e4x_" + strconv.Itoa(i)
		if _, taken := parent.NamespaceOf(name.Prefix); !taken {
			parent.Root().Declare(tree.Namespace{Prefix: name.Prefix, URI: space})
			return name
		}
	}
}
