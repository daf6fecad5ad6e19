package e4x

import "slices"

// set writes an assignment at the end of a chain of constant keys as one call, so
// that the steps of the chain make no objects: msg['PID']['PID.5'] = v. It returns
// false where that would change what happens: the chain is then read after the
// value is made, not before.
func (r *rewriter) set(n *assign) bool {
	if n.op != "=" || !steady(n.r) {
		return false
	}
	l := bare(n.l)
	root, keys, fuse := constantKeys(l)
	if !fuse || len(keys) < 2 || !steady(root) {
		return false
	}
	r.w.copy(n.pos)
	r.w.put(host("set"))
	r.w.skip(startOf(l))
	r.fused(root, keys)
	r.w.skip(n.opAt.end)
	r.w.put(",")
	r.arg(n.r)
	r.w.copy(n.end)
	r.w.put(")")
	return true
}

// steady reports whether nothing changes while n is evaluated: it reads, and calls
// methods of strings and XML that read.
func steady(n node) bool {
	switch n := n.(type) {
	case *atom, *str, *ident:
		return true
	case *paren:
		return steady(n.x)
	case *member:
		return steady(n.obj)
	case *index:
		return steady(n.obj) && steady(n.key)
	case *binary:
		return steady(n.l) && steady(n.r)
	case *unary:
		return (n.op == "!" || n.op == "-" || n.op == "+" || n.op == "typeof") && steady(n.x)
	case *plain:
		return n.kind == pCond && !slices.ContainsFunc(n.kids, func(k node) bool { return !steady(k) })
	case *call:
		m, ok := n.callee.(*member)
		return ok && reads(m.name) && steady(m.obj) && !slices.ContainsFunc(n.args, func(a node) bool { return !steady(a) })
	}
	return false
}

// reads reports whether a method of that name changes nothing, of strings and of XML.
func reads(name string) bool {
	return name == "toString" || name == "length" || name == "replace" || slices.Contains(stringMethods, name)
}
