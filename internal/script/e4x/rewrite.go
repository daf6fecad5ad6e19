package e4x

// Rewrite turns a script into plain JavaScript. The script may be a whole
// program or the body of a function: return is accepted at its top level.
// name is used in errors only. Every error is a *SyntaxError.
//
// Code that goja would refuse for a reason unrelated to the dialect, such as
// a variable declared twice in one block, may pass here and be refused there.
func Rewrite(name, source string, o Options) (*Unit, error) {
	prog, err := parse(name, source, o)
	if err != nil {
		return nil, err
	}
	r := &rewriter{
		w:     writer{src: source, patches: prog.patches},
		rhino: !o.Modern,
		eval:  o.Eval,
		first: o.FirstLiteral,
		names: resolve(prog, source, o),
	}
	r.err = r.names.err
	r.program(prog)
	if r.err != nil {
		return nil, located(name, source, r.err)
	}
	u := &Unit{Literals: r.literals}
	u.Code, u.places = r.w.finish()
	return u, nil
}

// rewriter walks the tree in the order of the source. Where a node is plain
// JavaScript already it does nothing but look inside; the writer copies the
// source when the next change, or the end, is reached.
type rewriter struct {
	w         writer
	rhino     bool
	eval      bool
	first     int
	literals  []*Literal
	names     *resolver
	fn        *function
	predicate int // nesting of predicates
	strict    int // nesting of strict code
	err       *failure
}

func (r *rewriter) fail(pos int, msg string) {
	if r.err == nil {
		r.err = &failure{pos, msg}
	}
}

func (r *rewriter) program(prog *program) {
	r.fn = prog.info
	// Without a return the whole script sees the namespace it sets, and so do
	// the units after it, as they are one script in the original.
	restore := prog.info.ns && prog.info.returns
	r.block(prog.body, restore)
	if restore {
		r.w.copy(endOf(prog.body[len(prog.body)-1]))
		r.restore()
	}
}

// block writes the statements of a function or script, with the variables it
// needs declared before the first that is not a directive.
func (r *rewriter) block(list []node, restore bool) {
	i := 0
	for ; i < len(list) && r.directive(list[i]); i++ {
	}
	if i == len(list) {
		return
	}
	if r.fn.args {
		r.w.copy(startOf(list[i]))
		r.w.put("typeof arguments; ")
	}
	if vars := r.fn.vars; vars != nil {
		r.w.copy(startOf(list[i]))
		r.w.put("var ")
		for i, name := range vars {
			if i > 0 {
				r.w.put(", ")
			}
			r.w.put(name)
		}
		r.w.put("; ")
	}
	if restore {
		r.w.copy(startOf(list[i]))
		r.fn.nsVar = r.names.temp()
		r.w.put("var ", r.fn.nsVar, " = ", host("enter"), "0); try { ")
	}
	for _, n := range list[i:] {
		r.emit(n)
	}
}

// restore ends what block began.
func (r *rewriter) restore() {
	r.w.put(" } finally { ", host("leave"), r.fn.nsVar, ") }")
}

// directive tells whether n is a directive. Rhino's dialect is never strict.
func (r *rewriter) directive(n node) bool {
	s, ok := n.(*exprStmt)
	if !ok {
		return false
	}
	x, ok := s.x.(*str)
	if ok && x.value == "use strict" {
		if r.rhino {
			r.w.copy(x.pos)
			r.w.put("void ")
		} else {
			r.strict++
		}
	}
	return ok
}

// emit writes n.
func (r *rewriter) emit(n node) {
	switch n := n.(type) {
	case *ident:
		r.ident(n)
	case *template:
		r.template(n)
	case *tagged:
		r.callee(n.tag)
		r.emit(n.text)
	case *binary:
		r.binary(n)
	case *assign:
		r.assign(n)
	case *update:
		r.update(n)
	case *unary:
		r.unary(n)
	case *member, *index, *pick:
		r.read(n)
	case *call:
		r.call(n)
	case *newCall:
		r.newCall(n)
	case *filter:
		r.filter(n)
	case *xmlLit:
		r.xmlLiteral(n)
	case *prop:
		r.prop(n)
	case *fn:
		r.function(n)
	case *class:
		r.strict++
		children(n, r.emit)
		r.strict--
	case *comprehension:
		r.comprehension(n)
	case *letExpr:
		r.letExpr(n)
	default:
		r.statement(n)
	}
}

func (r *rewriter) statement(n node) {
	switch n := n.(type) {
	case *exprStmt:
		if _, ok := n.x.(*letExpr); ok {
			r.w.copy(n.pos)
			r.w.put("0, ") // a parenthesis here could call the line before
		}
		r.emit(n.x)
	case *varDecl:
		r.varDecl(n)
	case *forStmt:
		r.forStmt(n)
	case *forIn:
		r.forIn(n)
	case *try:
		r.try(n)
	case *letBlock:
		r.letBlock(n)
	case *defaultNS:
		r.w.copy(n.pos)
		r.w.put(host("ns"))
		r.arg(n.x)
		r.w.put(")")
	default:
		children(n, r.emit)
	}
}

// prop writes a property. A shorthand whose value changes is written out.
func (r *rewriter) prop(n *prop) {
	if id, ok := n.value.(*ident); ok && n.shorthand {
		r.w.copy(n.pos)
		if r.predicate > 0 && id.bind == nil && !builtin(id.name) {
			r.w.put(id.name, ": ")
		}
	}
	children(n, r.emit)
}

// arg writes n, and nothing of the source before it, as an argument of a call.
func (r *rewriter) arg(n node) {
	pos, end := n.extent()
	r.w.skip(pos)
	p, ok := n.(*plain)
	comma := ok && p.kind == pComma
	if comma {
		r.w.put("(")
	}
	r.emit(n)
	r.w.copy(end)
	if comma {
		r.w.put(")")
	}
}

// quoted writes the source of a name as a string.
func (r *rewriter) quoted(prefix string, name at) {
	r.w.skip(name.pos)
	r.w.put(prefix)
	r.w.copy(name.end)
	r.w.put(`"`)
}
