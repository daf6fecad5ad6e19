package xmlhost

import (
	"slices"

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
		if s.kind == byAttribute {
			h.throw("Only elements have attributes")
		}
		return
	}
	switch {
	case s.kind == byAttribute:
		h.assignAttribute(n, s, h.Text(v))
	case s.any && s.everywhere:
		h.setChildren(n, v)
	default:
		h.place(n, s, func() []*tree.Node { return h.replacement(n, s, v) })
	}
}

func (h *Host) assignAttribute(n *tree.Node, s *selector, text string) {
	if s.any {
		h.throw("All attributes cannot be assigned at once")
	}
	name := h.name(n, s)
	if a := n.Attribute(name); a != nil {
		a.SetName(name)
	}
	n.SetAttribute(name, text)
}

// replacement returns the nodes for a child: copies of assigned nodes, which
// keep their own names, or an element of the selected name with a text.
func (h *Host) replacement(n *tree.Node, s *selector, v goja.Value) []*tree.Node {
	x, ok := h.xml(v)
	if !ok {
		return []*tree.Node{h.leaf(n, s, h.Text(v))}
	}
	nodes := make([]*tree.Node, x.count())
	for i := range nodes {
		if c := x.at(i); c.Kind == tree.Attribute {
			nodes[i] = h.leaf(n, s, c.Data)
		} else {
			nodes[i] = c.Copy()
		}
	}
	return nodes
}

// place puts nodes where the first child of that name is, and removes the other
// children of that name before it makes the nodes, which may be copies of what is around
// them. Without a child of the name, nodes go to the end.
func (h *Host) place(n *tree.Node, s *selector, replacement func() []*tree.Node) {
	if from, to, ok := s.named(n); ok && to-from == 1 {
		if nodes := h.fit(n, replacement()); len(nodes) == 1 {
			n.Replace(from, nodes[0])
		} else {
			n.Remove(from)
			insert(n, from, nodes)
		}
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
	nodes := h.fit(n, replacement())
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

// change does something to the one node behind a list. A list that is empty but
// remembers where it was asked for makes the node, has it changed, and only then puts
// it into the tree.
func (l *list) change(do func(n *tree.Node)) {
	switch l.count() {
	case 0:
	case 1:
		do(l.at(0))
		return
	default:
		l.h.throw("Assignment to lists with more than one item is not supported")
	}
	if !l.named || l.local == "" || l.parent == nil && l.owner == nil {
		l.h.throw("Assignment to empty XMLList without targets not supported")
	}
	s := selector{space: l.space, ns: l.ns, local: l.local}
	n := tree.NewNamed(l.h.name(nil, &s))
	l.first = n
	do(n)
	into := func(parent *tree.Node) {
		l.h.place(parent, &s, func() []*tree.Node { return []*tree.Node{n} })
		children := parent.Children()
		l.first = children[len(children)-1] // Rhino takes the last, wherever the new one is
	}
	switch {
	case l.owner != nil:
		l.owner.change(into)
	case l.parent.Kind == tree.Element:
		into(l.parent)
	}
}

// assignIndex does list[i] = v. An item's text is replaced with its attributes kept:
// it is changed, and a copy takes its place, so that whoever holds the item holds what
// is no longer in the tree. An index past the end, however far, appends to the items'
// parent, not beside the last item; of an empty list, to where it was asked for, unless
// that is missing too.
func (l *list) assignIndex(i int, v goja.Value) {
	x, isXML := l.h.xml(v)
	item := l.at(i)
	if !isXML {
		x = value{node: l.itemOf(item, v)}
	}
	if item != nil {
		l.replaceItem(i, item, x)
		return
	}
	parent := l.commonParent()
	if l.count() == 0 {
		parent = l.parent
		if l.owner != nil {
			parent = (value{list: l.owner}).only()
		}
	}
	if parent == nil {
		l.add(x.all()...)
		return
	}
	if parent.Kind != tree.Element {
		return
	}
	nodes := l.h.fit(parent, x.copies())
	insert(parent, len(parent.Children()), nodes)
	if children := parent.Children(); len(children) > 0 {
		l.add(children[len(children)-1])
	}
}

// itemOf makes an item hold a text: the one there is, or a new one like the first, with
// its attributes; without items an element of the list's name; without a name what new
// XML makes of the text.
func (l *list) itemOf(item *tree.Node, v goja.Value) *tree.Node {
	switch {
	case !l.named:
		return l.h.parse(l.h.Text(v))
	case item != nil:
	case l.count() > 0:
		item = l.at(0).Copy()
	case l.local == "":
		l.h.throw("Assignment to empty XMLList without targets not supported")
	default:
		item = tree.NewNamed(l.h.name(nil, &selector{space: l.space, ns: l.ns, local: l.local}))
	}
	if item.Kind == tree.Element {
		l.h.setContent(item, v)
	}
	return item
}

// replaceItem puts copies where an item is in its tree. What the list holds then is
// the item itself where one node replaces it, and the new nodes themselves, which are
// in no tree, where a list does.
func (l *list) replaceItem(i int, item *tree.Node, x value) {
	if x.count() == 0 {
		return
	}
	p := item.Parent()
	if p != nil && item.Kind != tree.Attribute {
		nodes := l.h.fit(p, x.copies())
		at := item.Index()
		p.Replace(at, nodes[0])
		insert(p, at+1, nodes[1:])
		if x.list == nil {
			return
		}
	}
	l.put(i, x.all()...)
}

// commonParent returns the parent of all items, or nil when they differ.
func (l *list) commonParent() *tree.Node {
	var parent *tree.Node
	for i := range l.count() {
		p := l.at(i).Parent()
		if p == nil || l.at(i).Kind == tree.Attribute || i > 0 && p != parent {
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
	h.setChildren(n, v)
}

// setChildren replaces the children of an element. They go before v is copied, so that
// an element that is to be put into itself is empty.
func (h *Host) setChildren(n *tree.Node, v goja.Value) {
	x, ok := h.xml(v)
	if !ok {
		setText(n, h.Text(v))
		return
	}
	from := slices.Clone(x.all())
	n.SetChildren()
	n.SetChildren(h.fit(n, copies(from))...)
}

// setText makes a text the only child of an element. An empty one is a child, too.
func setText(n *tree.Node, text string) {
	if text == "" {
		n.SetChildren(tree.NewText(""))
	} else {
		n.SetText(text)
	}
}

// copies returns the nodes to insert for XML.
func (x value) copies() []*tree.Node {
	if x.node == nil && x.list == nil {
		return nil
	}
	return copies(x.all())
}

func copies(of []*tree.Node) []*tree.Node {
	nodes := make([]*tree.Node, len(of))
	for i, n := range of {
		nodes[i] = n.Copy()
		if nodes[i].Kind == tree.Attribute {
			nodes[i].Kind = tree.Text
		}
	}
	return nodes
}

// leaf makes an element with a text, to be a child of parent.
func (h *Host) leaf(parent *tree.Node, s *selector, text string) *tree.Node {
	n := tree.NewNamed(h.name(parent, s))
	if text == "" {
		n.Fill(tree.NewText(""))
	} else {
		n.FillText(text)
	}
	return n
}

// name makes the name of a new child or attribute of an element. Without an element,
// for a child that will be put into one later, it has no prefix of its own.
func (h *Host) name(at *tree.Node, s *selector) tree.Name {
	if !tree.IsXMLName(s.local) {
		h.throw("Invalid XML name")
	}
	ns := s.ns
	if ns == nil {
		ns = &namespace{uri: s.space, hasPrefix: s.space == ""}
	}
	return tree.Name{Space: s.space, Prefix: ns.prefixAt(at), Local: s.local}
}
