package e4x

import (
	"strconv"
	"strings"
)

// resolver finds out what every name stands for, and settles how declarations
// of Rhino's dialect are to be written in plain JavaScript. It walks the tree
// once, collecting declarations and uses, and then connects them: a use may
// come before its declaration.
type resolver struct {
	rhino  bool
	free   string // a name, and the beginning of names, that the script does not use
	temps  int
	loop   int // nesting of loops in the current function
	with   int // nesting of with statements
	arrow  int // nesting of what becomes an arrow function
	param  int // nesting of default values of parameters
	err    *failure
	refs   []ref
	blocks []*binding // functions in blocks
	consts []*binding // constants in blocks
	once   []onceDecl
	values []given
	evals  bool // there is a direct eval, which may assign anything
}

// onceDecl is a constant declared in a loop.
type onceDecl struct {
	decl *declarator
	id   *ident
	fn   *function
}

func resolve(prog *program, src string, o Options) *resolver {
	r := &resolver{rhino: !o.Modern, free: freeName(src)}
	prog.info = &function{}
	top := &scope{fn: prog.info, whole: true}
	r.list(prog.body, top)
	if r.rhino {
		r.hoistConsts()
		r.hoistFunctions()
	}
	r.connect()
	r.infer(prog)
	r.settle()
	r.arguments()
	return r
}

// freeName returns a name that src does not contain: $w, or with the first
// number behind it that no other $w has.
func freeName(src string) string {
	taken := make(map[string]bool)
	for rest := src; ; {
		i := strings.Index(rest, "$w")
		if i < 0 {
			break
		}
		rest = rest[i+2:]
		n := 0
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		taken[rest[:n]] = true
	}
	if len(taken) == 0 {
		return "$w"
	}
	n := 0
	for taken[strconv.Itoa(n)] {
		n++
	}
	return "$w" + strconv.Itoa(n) + "_"
}

// temp returns a new name for a helper variable.
func (r *resolver) temp() string {
	r.temps++
	return r.free + strconv.Itoa(r.temps)
}

func (r *resolver) list(list []node, sc *scope) {
	for _, n := range list {
		if n != nil {
			r.visit(n, sc)
		}
	}
}

func (r *resolver) visit(n node, sc *scope) {
	switch n := n.(type) {
	case *ident:
		r.use(n, sc, false)
	case *binary:
		r.binary(n, sc)
	case *assign:
		if id, ok := bare(n.l).(*ident); ok {
			r.use(id, sc, true)
			r.give(id, n.op[:len(n.op)-1], n.r)
		} else {
			r.target(n.l, sc)
		}
		r.visit(n.r, sc)
	case *update:
		if id, ok := bare(n.x).(*ident); ok {
			r.use(id, sc, true)
			r.giveKind(id, number)
		} else {
			r.target(n.x, sc)
		}
	case *fn:
		r.function(n, sc)
	case *class:
		r.class(n, sc)
	case *comprehension, *letExpr:
		r.arrow++
		r.rhinoScope(n, sc)
		r.arrow--
	case *letBlock:
		r.rhinoScope(n, sc)
	case *filter:
		r.visit(n.obj, sc)
		r.arrow++
		r.visit(n.pred, sc)
		r.arrow--
	case *pick:
		maybe(n.obj, func(x node) { r.visit(x, sc) })
		if n.ns != nil {
			r.visit(n.ns, sc)
		}
		maybe(n.key, func(x node) { r.visit(x, sc) })
	default:
		r.statement(n, sc)
	}
}

// binary walks down the left sides without recursion, because a text put
// together from a thousand lines is as deep.
func (r *resolver) binary(n *binary, sc *scope) {
	var spine []*binary
	for {
		spine = append(spine, n)
		l, ok := n.l.(*binary)
		if !ok {
			break
		}
		n = l
	}
	r.visit(n.l, sc)
	for i := len(spine) - 1; i >= 0; i-- {
		r.visit(spine[i].r, sc)
	}
}

func (r *resolver) statement(n node, sc *scope) {
	switch n := n.(type) {
	case *varDecl:
		r.declaration(n, sc, false)
	case *block:
		r.list(n.list, &scope{parent: sc, fn: sc.fn})
	case *plain:
		r.plain(n, sc)
	case *forStmt:
		head := &scope{parent: sc, fn: sc.fn}
		if d, ok := n.init.(*varDecl); ok {
			r.declaration(d, head, true)
		} else if n.init != nil {
			r.visit(n.init, head)
		}
		r.inLoop(head, n.test, n.update, n.body)
	case *forIn:
		head := &scope{parent: sc, fn: sc.fn}
		if d, ok := n.left.(*varDecl); ok {
			r.declaration(d, head, true)
			r.giveKind(d.decls[0].target, eachKind(n))
		} else {
			r.target(n.left, head)
		}
		r.visit(n.right, head)
		r.inLoop(head, n.body)
	case *catch:
		in := &scope{parent: sc, fn: sc.fn}
		if n.param != nil {
			r.bind(n.param, in, bOther, false)
		}
		if n.cond != nil {
			r.visit(n.cond, in)
		}
		r.visit(n.body, in)
	case *defaultNS:
		sc.fn.holder().ns = true
		r.visit(n.x, sc)
	default:
		children(n, func(n node) { r.visit(n, sc) })
	}
}

// eachKind is what a for-in gives its variable: names, as text.
func eachKind(n *forIn) kind {
	if n.of || n.each.pos != 0 {
		return unknown
	}
	return text
}

func (r *resolver) inLoop(sc *scope, list ...node) {
	r.loop++
	r.parts(list, sc)
	r.loop--
}

// parts visits the parts of a statement. A function that is one, as in
// if (a) function f() {}, is in a block of its own.
func (r *resolver) parts(list []node, sc *scope) {
	for _, n := range list {
		if f, ok := n.(*fn); ok && f.decl {
			r.visit(n, &scope{parent: sc, fn: sc.fn})
		} else if n != nil {
			r.visit(n, sc)
		}
	}
}

func (r *resolver) plain(n *plain, sc *scope) {
	switch n.kind {
	case pLoop:
		r.inLoop(sc, n.kids...)
	case pReturn:
		sc.fn.returns = true
		r.list(n.kids, sc)
	case pSwitch:
		r.list(n.kids, &scope{parent: sc, fn: sc.fn})
	case pWith:
		r.visit(n.kids[0], sc)
		r.with++
		r.visit(n.kids[1], sc)
		r.with--
	case pStatic:
		f := &function{parent: sc.fn, loose: true}
		r.list(n.kids, &scope{parent: sc, fn: f, whole: true})
	default:
		r.parts(n.kids, sc)
	}
}

// rhinoScope visits what Rhino lets have variables of its own. The
// initializers of let see the names outside.
func (r *resolver) rhinoScope(n node, sc *scope) {
	in := &scope{parent: sc, fn: sc.fn}
	var decls []*declarator
	switch n := n.(type) {
	case *comprehension:
		for _, l := range n.loops {
			r.bind(l.target, in, bOther, false)
			r.visit(l.list, in)
		}
		r.visit(n.item, in)
		if n.cond != nil {
			r.visit(n.cond, in)
		}
		return
	case *letExpr:
		decls = n.decls
		defer func() { r.visit(n.body, in) }()
	case *letBlock:
		decls = n.decls
		defer func() { r.visit(n.body, in) }()
	}
	for _, d := range decls {
		if d.init != nil {
			r.visit(d.init, sc)
		}
		r.bind(d.target, in, bOther, false)
	}
}

func (r *resolver) function(n *fn, sc *scope) {
	f := &function{parent: sc.fn, loose: n.open < 0, arrow: n.arrow}
	n.info = f
	if n.name != nil {
		switch {
		case n.decl && sc.whole:
			r.declare(n.name, sc, bFunction, false)
		case n.decl:
			r.declare(n.name, sc, bInBlock, false)
		default:
			sc = &scope{parent: sc, fn: f}
			r.declare(n.name, sc, bOther, false)
		}
	}
	in := &scope{parent: sc, fn: f, whole: true}
	loop, arrow, param := r.loop, r.arrow, r.param
	r.loop = 0
	if !n.arrow {
		r.arrow, r.param = 0, 1
	}
	for _, p := range n.params {
		r.bind(p, in, bParam, false)
	}
	if !n.arrow {
		r.param = 0
	}
	r.list(n.body, in)
	r.loop, r.arrow, r.param = loop, arrow, param
}

// class visits a class. Its code is strict and Rhino never knew it, so the
// rules of its own dialect end here.
func (r *resolver) class(n *class, sc *scope) {
	rhino := r.rhino
	r.rhino = false
	if n.decl {
		r.declare(n.name, sc, bOther, false)
	}
	in := &scope{parent: sc, fn: &function{parent: sc.fn, loose: true}}
	if n.name != nil && !n.decl {
		r.declare(n.name, in, bOther, false)
	}
	if n.super != nil {
		r.visit(n.super, sc)
	}
	for _, m := range n.members {
		r.visit(m, in)
	}
	r.rhino = rhino
}

// use notes that a name is used.
func (r *resolver) use(id *ident, sc *scope, write bool) {
	id.dyn = r.with > 0
	r.evals = r.evals || id.name == "eval"
	r.refs = append(r.refs, ref{id, sc, write, r.arrow > 0 || sc.fn.arrow, r.param > 0})
}

// target visits what is assigned to.
func (r *resolver) target(n node, sc *scope) {
	switch n := n.(type) {
	case *ident:
		r.use(n, sc, true)
		r.giveKind(n, unknown)
	case *paren:
		r.target(n.x, sc)
	case *array:
		for _, item := range n.items {
			maybe(item, func(n node) { r.target(n, sc) })
		}
	case *object:
		for _, q := range n.props {
			if q.computed {
				r.visit(q.key, sc)
			}
			maybe(q.value, func(n node) { r.target(n, sc) })
		}
	case *spread:
		r.target(n.x, sc)
	case *assign: // a default in a pattern
		r.target(n.l, sc)
		r.visit(n.r, sc)
	case *varDecl:
		r.visit(n, sc)
	default:
		r.visit(n, sc)
	}
}
