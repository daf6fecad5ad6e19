package e4x

// declaration visits var, let and const.
func (r *resolver) declaration(n *varDecl, sc *scope, head bool) {
	k := bVar
	switch n.kind {
	case "let":
		k = bLet
	case "const":
		k = bConst
	}
	for _, d := range n.decls {
		r.bind(d.target, sc, k, head)
		if d.init != nil {
			r.visit(d.init, sc)
		}
		id, ok := d.target.(*ident)
		switch {
		case !ok:
			r.giveKind(d.target, unknown)
		case d.init != nil:
			r.give(id, "", d.init)
		default:
			r.giveKind(id, nothing)
		}
		if ok && k == bConst && !head && r.rhino && d.init != nil && r.loop > 0 {
			r.once = append(r.once, onceDecl{d, id, sc.fn})
		}
	}
}

// bind declares the names in a pattern.
func (r *resolver) bind(n node, sc *scope, k bindingKind, head bool) {
	switch n := n.(type) {
	case *ident:
		r.declare(n, sc, k, head)
	case *array:
		for _, item := range n.items {
			maybe(item, func(n node) { r.bind(n, sc, k, head) })
		}
	case *object:
		for _, q := range n.props {
			if q.computed {
				r.visit(q.key, sc)
			}
			maybe(q.value, func(n node) { r.bind(n, sc, k, head) })
		}
	case *spread:
		r.bind(n.x, sc, k, head)
	case *assign:
		r.bind(n.l, sc, k, head)
		r.visit(n.r, sc)
	}
}

// declare declares one name and connects its identifier.
func (r *resolver) declare(id *ident, sc *scope, k bindingKind, head bool) {
	lexical := k == bLet || k == bConst
	asVar := r.rhino && lexical && sc.whole
	if r.rhino && k == bLet && !sc.whole && !head && sc.vars[id.name] {
		asVar = true // let after var in one block
		sc = sc.outermost()
	}
	if k == bVar {
		for !sc.whole {
			if sc.vars == nil {
				sc.vars = make(map[string]bool)
			}
			sc.vars[id.name] = true
			sc = sc.parent
		}
	}
	b := sc.names[id.name]
	if b == nil {
		b = &binding{name: id.name, kind: k, scope: sc, pos: id.pos, head: head, asVar: asVar}
		sc.set(id.name, b)
		switch {
		case k == bInBlock && r.rhino:
			r.blocks = append(r.blocks, b)
		case k == bConst && !sc.whole && !head && r.rhino:
			r.consts = append(r.consts, b)
		}
	} else if b.kind == bConst || k == bConst {
		// Rhino refuses this; it is kinder to let the later value win.
		b.assigned = b.assigned || b.kind == bParam || b.kind == bFunction
		b.kind, b.asVar = bVar, b.asVar || asVar
	} else if r.rhino && b.kind == bLet && k == bLet {
		b.asVar = true
	}
	if k == bFunction {
		b.funcs++
		b.last = id.pos
	}
	id.bind = b
}

// keyword returns the word that declares the variables of n: in Rhino's dialect
// var, or let where they must keep a block of their own.
func keyword(n *varDecl, rhino bool) string {
	if !rhino || n.kind == "var" {
		return n.kind
	}
	word := "var"
	for _, d := range n.decls {
		names(d.target, func(id *ident) {
			switch b := id.bind; b.kind {
			case bLet, bConst, bOther:
				if !b.asVar {
					word = "let"
				}
			}
		})
	}
	return word
}

// names calls f for each name that a pattern binds.
func names(n node, f func(*ident)) {
	switch n := n.(type) {
	case *ident:
		f(n)
	case *array:
		for _, item := range n.items {
			names(item, f)
		}
	case *object:
		for _, q := range n.props {
			names(q.value, f)
		}
	case *spread:
		names(n.x, f)
	case *assign:
		names(n.l, f)
	}
}

// hoistConsts makes the constants declared in blocks variables of their
// function, which is where Rhino sees them, unless the name is taken there.
// Then the block keeps its own.
func (r *resolver) hoistConsts() {
	type key struct {
		sc   *scope
		name string
	}
	count := make(map[key]int)
	for _, b := range r.consts {
		count[key{b.scope.outermost(), b.name}]++
	}
	for _, b := range r.consts {
		top := b.scope.outermost()
		if b.kind != bConst || count[key{top, b.name}] > 1 || taken(b, true) {
			continue
		}
		delete(b.scope.names, b.name)
		b.scope, b.asVar = top, true
		top.set(b.name, b)
	}
}

// taken tells whether the name of b is declared further out in the function,
// in its outermost scope only if that is asked for too.
func taken(b *binding, outermost bool) bool {
	for sc := b.scope; !sc.whole; {
		sc = sc.parent
		if sc.names[b.name] != nil && (outermost || !sc.whole) {
			return true
		}
	}
	return false
}

// hoistFunctions makes functions declared in blocks variables of the function
// around.
func (r *resolver) hoistFunctions() {
	for _, b := range r.blocks {
		if taken(b, false) {
			continue
		}
		top := b.scope.outermost()
		v := top.names[b.name]
		if v != nil && v.kind == bOther || top.fn.loose {
			continue
		}
		if v == nil {
			v = &binding{name: b.name, kind: bVar, scope: top, pos: b.pos}
			top.set(b.name, v)
			top.fn.vars = append(top.fn.vars, b.name)
		}
		v.kind, v.assigned = bVar, true
		delete(b.scope.names, b.name)
		b.hoisted = true
	}
}

// connect finds the declaration of every use.
func (r *resolver) connect() {
	early := make(map[string][]*binding)
	for _, u := range r.refs {
		for sc := u.scope; sc != nil; sc = sc.parent {
			b := sc.names[u.id.name]
			if b == nil {
				continue
			}
			u.id.bind = b
			if sc.fn != u.scope.fn {
				b.captured = true
			} else if u.id.pos < b.pos && b.kind == bLet && !b.asVar && !b.head && r.rhino {
				early[b.name] = append(early[b.name], b)
			}
			break
		}
	}
	if len(early) > 0 {
		r.advance(early)
	}
}

// advance makes a let that is used before it is declared a var, as Rhino has
// no dead zone before a let, if nothing else in the function has that name.
func (r *resolver) advance(early map[string][]*binding) {
	type key struct {
		top  *scope
		name string
	}
	sole := make(map[key]*binding) // nil if the name means several things
	for _, u := range r.refs {
		if early[u.id.name] == nil {
			continue
		}
		for sc := u.scope; sc != nil; sc = sc.parent {
			if !sc.whole {
				continue
			}
			k := key{sc, u.id.name}
			if b, ok := sole[k]; ok && b != u.id.bind {
				sole[k] = nil
			} else {
				sole[k] = u.id.bind
			}
		}
	}
	for _, list := range early {
		for _, b := range list {
			if sole[key{b.scope.outermost(), b.name}] == b && !taken(b, true) {
				b.asVar = true
			}
		}
	}
}

// settle gives functions the helper variables that their constants and their
// default namespace need.
func (r *resolver) settle() {
	for _, u := range r.refs {
		if b := u.id.bind; r.rhino && u.write && b != nil && b.kind == bConst && !u.id.dyn {
			f := u.scope.fn.holder()
			if f.sink == "" {
				f.sink = r.temp()
				f.vars = append(f.vars, f.sink)
			}
		}
	}
	for _, o := range r.once {
		if b := o.id.bind; b.kind == bConst && b.asVar {
			o.decl.once = r.temps + 1
			f := o.fn.holder()
			f.vars = append(f.vars, r.temp(), r.temp())
		}
	}
}

// arguments finds the functions whose arguments an arrow function uses. Unless
// goja has met the name in such a function before, it takes another value for
// it or crashes, so the rewriter mentions it first. In the default value of a
// parameter that is not possible.
func (r *resolver) arguments() {
	for _, u := range r.refs {
		if !u.arrow || u.id.name != "arguments" || u.id.bind != nil {
			continue
		}
		if u.param && r.err == nil {
			r.err = &failure{u.id.pos, "arguments cannot be used in an arrow function in a default value"}
		}
		f := u.scope.fn
		for f.arrow {
			f = f.parent
		}
		f.args = true
	}
}
