package e4x

import "strings"

// opening returns what is to be put before a binary expression, "" if its
// operator stays native.
func opening(n *binary) string {
	switch n.op {
	case "+":
		if !nativePlus(n.l, n.r) {
			return host("add")
		}
	case "==":
		if !nativeEquals(n.l, n.r) {
			return host("eq")
		}
	case "!=":
		if !nativeEquals(n.l, n.r) {
			return "!" + host("eq")
		}
	}
	if n.big {
		return host("big") + growing[n.op]
	}
	return ""
}

// growing are the operators that can make something huge of two BigInts, with
// what the host calls them.
var growing = map[string]string{"*": "0, ", "**": "1, ", "<<": "2, "}

// binary writes operators. It walks down the left sides without recursion, as
// the resolver does.
func (r *rewriter) binary(n *binary) {
	var spine []*binary
	for {
		spine = append(spine, n)
		if s := opening(n); s != "" {
			r.w.copy(n.pos)
			r.w.put(s)
		}
		if comparesComparison(n) {
			r.w.copy(n.pos)
			r.w.put("(")
		}
		l, ok := n.l.(*binary)
		if !ok {
			break
		}
		n = l
	}
	r.emit(n.l)
	for i := len(spine) - 1; i >= 0; i-- {
		n := spine[i]
		if comparesComparison(n) {
			r.w.copy(endOf(n.l))
			r.w.put(")")
		}
		if opening(n) == "" {
			r.emit(n.r)
			continue
		}
		r.w.copy(endOf(n.l))
		r.w.skip(n.opAt.end)
		r.w.put(",")
		r.emit(n.r)
		r.w.copy(n.end)
		r.w.put(")")
	}
}

// comparesComparison reports a < b < c, which goja takes for a < (b < c).
func comparesComparison(n *binary) bool {
	l, ok := n.l.(*binary)
	return ok && relational[n.op] && relational[l.op]
}

var relational = map[string]bool{"<": true, ">": true, "<=": true, ">=": true, "in": true, "instanceof": true}

// unary writes typeof and delete; the others are native.
func (r *rewriter) unary(n *unary) {
	switch n.op {
	case "typeof":
		if !kindOf(n.x).known() {
			r.typeof(n)
			return
		}
	case "delete":
		r.delete(n)
		return
	case "yield*":
		r.w.copy(startOf(n.x))
		r.w.put(host("inner"))
		r.emit(n.x)
		r.w.copy(n.end)
		r.w.put(")")
		return
	}
	children(n, r.emit)
}

func (r *rewriter) typeof(n *unary) {
	r.w.copy(n.pos)
	if id, ok := bare(n.x).(*ident); ok && (id.bind == nil || id.dyn) {
		r.w.put(host("typeof"), "typeof ", id.name, ` == "undefined" ? void 0 : `, id.name)
		r.w.skip(n.end)
	} else {
		r.w.put(host("typeof"))
		r.arg(n.x)
		r.w.skip(n.end)
	}
	r.w.put(")")
}

// delete leaves the deletion of a member to the host object. Deleting a list
// of any other origin deletes its items.
func (r *rewriter) delete(n *unary) {
	switch x := bare(n.x).(type) {
	case *member, *index, *ident:
		r.callee(n.x)
		return
	case *pick:
		if !x.desc {
			r.callee(n.x)
			return
		}
	default:
		if kindOf(x).known() {
			r.emit(n.x)
			return
		}
	}
	r.w.copy(n.pos)
	r.w.put(host("del"))
	r.arg(n.x)
	r.w.put(")")
}

func (r *rewriter) assign(n *assign) {
	id, isName := bare(n.l).(*ident)
	switch {
	case isName && r.sunk(id) && n.op != "=":
		r.assignSunk(n, id)
	case !isName && r.set(n):
	case n.big && isName:
		op := strings.TrimSuffix(n.op, "=")
		r.w.copy(endOf(n.l))
		r.w.skip(n.opAt.end)
		r.w.put(" = ", host("big"), growing[op], id.name, ",")
		r.emit(n.r)
		r.w.copy(n.end)
		r.w.put(")")
	case n.op == "+=" && !nativePlus(n.l, n.r) && isName:
		r.w.copy(endOf(n.l))
		r.w.skip(n.opAt.end)
		r.w.put(" = ", host("add"), id.name, ",")
		r.emit(n.r)
		r.w.copy(n.end)
		r.w.put(")")
	case n.op == "+=" && !nativePlus(n.l, n.r) && hostMember(n.l):
		r.addTo(n)
	default:
		r.target(n.l, false)
		r.emit(n.r)
	}
}

// hostMember tells whether a target may be a member of XML.
func hostMember(n node) bool {
	switch n := bare(n).(type) {
	case *member:
		return n.name[0] != '#' && !isSuper(n.obj) && !n.chain
	case *index:
		return !isSuper(n.obj) && !n.chain
	case *pick:
		return n.obj != nil && !n.chain
	}
	return false
}

// addTo writes x.b += v.
func (r *rewriter) addTo(n *assign) {
	l := bare(n.l)
	var obj node
	switch l := l.(type) {
	case *member:
		obj = l.obj
	case *index:
		obj = l.obj
	case *pick:
		obj = l.obj
	}
	r.w.copy(n.pos)
	r.w.put(host("addTo"))
	r.w.skip(startOf(l))
	r.emit(obj)
	r.w.copy(endOf(obj))
	r.key(l, ", ")
	r.w.skip(n.opAt.end)
	r.w.put(",")
	r.emit(n.r)
	r.w.copy(n.end)
	r.w.put(")")
}

// sunk tells whether assigning to a name is ignored, because Rhino's constants
// keep their value without a complaint.
func (r *rewriter) sunk(id *ident) bool {
	return r.rhino && id.bind != nil && id.bind.kind == bConst && !id.dyn
}

// assignSunk writes a compound assignment to a constant: its value counts, and
// goes into a variable that nobody reads.
func (r *rewriter) assignSunk(n *assign, id *ident) {
	r.w.copy(n.pos)
	r.w.skip(n.opAt.end)
	op := n.op[:len(n.op)-1]
	if op == "+" && !nativePlus(n.l, n.r) {
		r.w.put(r.sink(), " = ", host("add"), id.name, ",")
	} else {
		r.w.put(r.sink(), " = ", id.name, " ", op, " (")
	}
	r.emit(n.r)
	r.w.copy(n.end)
	r.w.put(")")
}

func (r *rewriter) sink() string { return r.fn.holder().sink }

func (r *rewriter) update(n *update) {
	id, ok := bare(n.x).(*ident)
	if !ok || !r.sunk(id) {
		r.target(n.x, false)
		return
	}
	r.w.copy(n.pos)
	switch {
	case !n.prefix:
		r.w.put("Number(", id.name, ")")
	case n.op == "++":
		r.w.put("Number(+", id.name, " + 1)")
	default:
		r.w.put("Number(", id.name, " - 1)")
	}
	r.w.skip(n.end)
}

// target writes what is assigned to, or bound by a declaration.
func (r *rewriter) target(n node, declares bool) {
	switch n := n.(type) {
	case nil:
	case *ident:
		if !declares && r.sunk(n) {
			r.w.copy(n.pos)
			r.w.put(r.sink())
			r.w.skip(n.end)
		}
	case *paren:
		r.target(n.x, declares)
	case *array:
		for _, item := range n.items {
			r.target(item, declares)
		}
	case *object:
		for _, q := range n.props {
			r.targetProp(q, declares)
		}
	case *spread:
		r.target(n.x, declares)
	case *assign: // a default
		r.target(n.l, declares)
		r.emit(n.r)
	case *member, *index, *pick:
		r.native(n, false)
	default:
		r.emit(n)
	}
}

func (r *rewriter) targetProp(q *prop, declares bool) {
	if q.computed {
		r.emit(q.key)
	}
	if id, ok := q.key.(*ident); ok && q.shorthand && !declares {
		v, _ := q.value.(*ident)
		if a, ok := q.value.(*assign); ok {
			v, _ = a.l.(*ident)
		}
		if v != nil && r.sunk(v) {
			r.w.copy(q.pos)
			r.w.put(id.name, ": ")
		}
	}
	r.target(q.value, declares)
}
