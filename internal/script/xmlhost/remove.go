package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// detach takes a node out of its tree.
func detach(n *tree.Node) {
	p := n.Parent()
	switch {
	case p == nil:
	case n.Kind == tree.Attribute:
		p.RemoveAttribute(n)
	default:
		p.Remove(n.Index())
	}
}

// remove removes what s selects, and reports that nothing of it is left.
func (x value) remove(s *selector, key string) bool {
	if isQName(key) {
		return true
	}
	for _, n := range x.all() {
		removeFound(n, s)
	}
	return !x.found(s)
}

// removeFound removes the children or attributes that s selects.
func removeFound(n *tree.Node, s *selector) {
	var l list
	s.find(n, &l)
	for _, c := range l.all() {
		detach(c)
	}
}

// remove is __e4x.del(o): all nodes of a list leave their trees.
func (h *Host) remove(call goja.FunctionCall) goja.Value {
	if x, ok := h.xml(call.Argument(0)); ok {
		for _, n := range x.all() {
			detach(n)
		}
	}
	return h.rt.ToValue(true)
}
