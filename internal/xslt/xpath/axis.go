package xpath

type axis uint8

const (
	axisChild axis = iota
	axisAttribute
	axisSelf
	axisParent
	axisDescendant
	axisDescendantOrSelf
	axisAncestor
	axisAncestorOrSelf
	axisFollowing
	axisFollowingSibling
	axisPreceding
	axisPrecedingSibling
	axisNamespace
)

var axes = map[string]axis{
	"child": axisChild, "attribute": axisAttribute, "self": axisSelf, "parent": axisParent,
	"descendant": axisDescendant, "descendant-or-self": axisDescendantOrSelf,
	"ancestor": axisAncestor, "ancestor-or-self": axisAncestorOrSelf,
	"following": axisFollowing, "following-sibling": axisFollowingSibling,
	"preceding": axisPreceding, "preceding-sibling": axisPrecedingSibling, "namespace": axisNamespace,
}

// reverse reports whether positions on an axis count backwards in the document.
func (a axis) reverse() bool {
	switch a {
	case axisAncestor, axisAncestorOrSelf, axisPreceding, axisPrecedingSibling:
		return true
	}
	return false
}

// principal is the kind of node that a name finds on an axis.
func (a axis) principal() Kind {
	switch a {
	case axisAttribute:
		return Attribute
	case axisNamespace:
		return NamespaceNode
	}
	return Element
}

type testKind uint8

const (
	testName  testKind = iota // p:a
	testAny                   // *
	testSpace                 // p:*
	testNode
	testText
	testComment
	testProcInst
)

type test struct {
	kind  testKind
	named bool // a processing instruction with a target
	name  Name
}

func (t *test) matches(n *Node, principal Kind) bool {
	switch t.kind {
	case testName:
		return n.Kind == principal && n.Name == t.name
	case testAny:
		return n.Kind == principal
	case testSpace:
		return n.Kind == principal && n.Name.Space == t.name.Space
	case testText:
		return n.Kind == Text
	case testComment:
		return n.Kind == Comment
	case testProcInst:
		return n.Kind == ProcInst && (!t.named || n.Name.Local == t.name.Local)
	}
	return true
}

// walk collects the nodes on an axis that pass a test, nearest first.
type walk struct {
	c         *Context
	test      *test
	principal Kind
	most      int // enough nodes; 0 means all
	found     Nodes
}

// add looks at a node and reports whether there are enough.
func (w *walk) add(n *Node) (enough bool) {
	w.c.Budget.Spend(1)
	if w.test.matches(n, w.principal) {
		w.found = append(w.found, n)
	}
	return w.most > 0 && len(w.found) >= w.most
}

func (w *walk) all(nodes []*Node) (enough bool) {
	for _, n := range nodes {
		if w.add(n) {
			return true
		}
	}
	return false
}

func (w *walk) run(a axis, n *Node) {
	switch a {
	case axisChild:
		w.all(n.Children)
	case axisAttribute:
		w.all(n.Attributes)
	case axisNamespace:
		w.all(n.namespaceNodes())
	case axisSelf:
		w.add(n)
	case axisParent:
		if n.Parent != nil {
			w.add(n.Parent)
		}
	case axisDescendantOrSelf:
		if !w.add(n) {
			w.descendants(n)
		}
	case axisDescendant:
		w.descendants(n)
	case axisAncestorOrSelf:
		if !w.add(n) {
			w.ancestors(n)
		}
	case axisAncestor:
		w.ancestors(n)
	case axisFollowingSibling:
		w.all(n.after())
	case axisPrecedingSibling:
		w.backwards(n.before())
	case axisFollowing:
		w.following(n)
	case axisPreceding:
		w.preceding(n)
	}
}

// inside reports whether a node is among its parent's children.
func (n *Node) inside() bool {
	return n.Parent != nil && n.Kind != Attribute && n.Kind != NamespaceNode
}

func (n *Node) after() []*Node {
	if !n.inside() {
		return nil
	}
	return n.Parent.Children[n.index+1:]
}

func (n *Node) before() []*Node {
	if !n.inside() {
		return nil
	}
	return n.Parent.Children[:n.index]
}

func (w *walk) descendants(n *Node) (enough bool) {
	for _, c := range n.Children {
		if w.add(c) || w.descendants(c) {
			return true
		}
	}
	return false
}

func (w *walk) ancestors(n *Node) {
	for a := n.Parent; a != nil; a = a.Parent {
		if w.add(a) {
			return
		}
	}
}

func (w *walk) backwards(nodes []*Node) {
	for i := len(nodes) - 1; i >= 0; i-- {
		if w.add(nodes[i]) {
			return
		}
	}
}

func (w *walk) following(n *Node) {
	if n.Parent != nil && !n.inside() {
		n = n.Parent
		if w.descendants(n) {
			return
		}
	}
	for ; n.Parent != nil; n = n.Parent {
		for _, s := range n.after() {
			if w.add(s) || w.descendants(s) {
				return
			}
		}
	}
}

func (w *walk) preceding(n *Node) {
	if n.Parent != nil && !n.inside() {
		n = n.Parent
	}
	for ; n.Parent != nil; n = n.Parent {
		siblings := n.before()
		for i := len(siblings) - 1; i >= 0; i-- {
			if w.insideOut(siblings[i]) {
				return
			}
		}
	}
}

// insideOut visits the nodes inside n and n, the last in the document first.
func (w *walk) insideOut(n *Node) (enough bool) {
	for i := len(n.Children) - 1; i >= 0; i-- {
		if w.insideOut(n.Children[i]) {
			return true
		}
	}
	return w.add(n)
}
