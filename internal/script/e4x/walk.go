package e4x

// children calls f for each node directly inside n, in the order of the
// source.
func children(n node, f func(node)) {
	switch n := n.(type) {
	case *template:
		each(n.holes, f)
	case *tagged:
		f(n.tag)
		f(n.text)
	case *array:
		each(n.items, f)
	case *object:
		for _, p := range n.props {
			f(p)
		}
	case *prop:
		if n.computed {
			f(n.key)
		}
		maybe(n.value, f)
	case *fn:
		each(n.params, f)
		each(n.body, f)
	case *class:
		maybe(n.super, f)
		for _, m := range n.members {
			f(m)
		}
	case *unary:
		maybe(n.x, f)
	case *update:
		f(n.x)
	case *binary:
		f(n.l)
		f(n.r)
	case *assign:
		f(n.l)
		f(n.r)
	case *member:
		f(n.obj)
	case *index:
		f(n.obj)
		f(n.key)
	case *call:
		f(n.callee)
		each(n.args, f)
	case *newCall:
		f(n.callee)
		each(n.args, f)
		if n.extra != nil {
			f(n.extra)
		}
	case *spread:
		f(n.x)
	case *paren:
		f(n.x)
	default:
		childrenE4X(n, f)
	}
}

func childrenE4X(n node, f func(node)) {
	switch n := n.(type) {
	case *pick:
		maybe(n.obj, f)
		maybe(n.ns, f)
		maybe(n.key, f)
	case *filter:
		f(n.obj)
		f(n.pred)
	case *xmlLit:
		each(n.holes, f)
	case *comprehension:
		f(n.item)
		for _, l := range n.loops {
			f(l.target)
			f(l.list)
		}
		maybe(n.cond, f)
	case *letExpr:
		declarators(n.decls, f)
		f(n.body)
	default:
		childrenStmt(n, f)
	}
}

func childrenStmt(n node, f func(node)) {
	switch n := n.(type) {
	case *plain:
		each(n.kids, f)
	case *block:
		each(n.list, f)
	case *exprStmt:
		f(n.x)
	case *varDecl:
		declarators(n.decls, f)
	case *declarator:
		f(n.target)
		maybe(n.init, f)
	case *forStmt:
		maybe(n.init, f)
		maybe(n.test, f)
		maybe(n.update, f)
		f(n.body)
	case *forIn:
		f(n.left)
		f(n.right)
		f(n.body)
	case *labeled:
		f(n.body)
	case *try:
		f(n.body)
		for _, c := range n.catches {
			f(c)
		}
		if n.finally != nil {
			f(n.finally)
		}
	case *catch:
		maybe(n.param, f)
		maybe(n.cond, f)
		f(n.body)
	case *letBlock:
		declarators(n.decls, f)
		f(n.body)
	case *defaultNS:
		f(n.x)
	}
}

func each(list []node, f func(node)) {
	for _, n := range list {
		maybe(n, f)
	}
}

func declarators(list []*declarator, f func(node)) {
	for _, d := range list {
		f(d)
	}
}

func maybe(n node, f func(node)) {
	if n != nil {
		f(n)
	}
}

// bare takes the parentheses off an expression.
func bare(n node) node {
	for {
		p, ok := n.(*paren)
		if !ok {
			return n
		}
		n = p.x
	}
}
