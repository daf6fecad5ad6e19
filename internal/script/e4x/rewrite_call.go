package e4x

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

// call writes a call. Methods that XML has, or that XML passes on to its text,
// go through the runtime.
func (r *rewriter) call(n *call) {
	if id, ok := n.callee.(*ident); ok {
		r.plainCall(n, id)
		return
	}
	obj, name := r.method(n)
	switch {
	case obj == nil:
	case name == "toString" && len(n.args) == 0:
		r.str(n, obj)
		return
	default:
		r.w.copy(n.pos)
		r.w.put(host("call"))
		r.emit(obj)
		r.w.copy(endOf(obj))
		r.key(n.callee, ", ")
		if len(n.args) > 0 {
			r.w.skip(n.open + 1)
			r.w.put(", ")
			each(n.args, r.emit)
		} else {
			r.w.skip(n.end - 1)
		}
		r.w.copy(n.end)
		return
	}
	r.callee(n.callee)
	each(n.args, r.emit)
}

// method returns receiver and name of a call that the runtime must see, or
// nil.
func (r *rewriter) method(n *call) (obj node, name string) {
	if n.chain {
		return nil, ""
	}
	switch c := n.callee.(type) {
	case *member:
		obj, name = c.obj, c.name
	case *index:
		k, ok := c.key.(*str)
		if !ok {
			return nil, ""
		}
		obj, name = c.obj, k.value
	default:
		return nil, ""
	}
	if !methods[name] || nativeReceiver(obj, name) {
		return nil, ""
	}
	return obj, name
}

// nativeReceiver tells whether obj is known to be neither XML nor Java. The
// strings of Rhino's scripts answer to equals, which those of goja do not.
func nativeReceiver(obj node, name string) bool {
	switch n := bare(obj).(type) {
	case *atom:
		return true
	case *ident:
		if n.bind == nil {
			return builtin(n.name)
		}
	}
	k := kindOf(obj)
	if name == "equals" || name == "equalsIgnoreCase" {
		return k == number || k == boolean || k == plainObject
	}
	return k.known()
}

// str writes x.toString().
func (r *rewriter) str(n *call, obj node) {
	r.w.copy(n.pos)
	if root, keys, fuse := constantKeys(obj); fuse {
		r.w.put(host("getstr"))
		r.fused(root, keys)
	} else {
		r.w.put(host("str"))
		r.emit(obj)
		r.w.copy(endOf(obj))
	}
	r.w.skip(n.end)
	r.w.put(")")
}

// plainCall writes a call of a variable. Code that is made at run time goes
// through the rewriter, too.
func (r *rewriter) plainCall(n *call, id *ident) {
	if id.bind == nil && !n.optional && len(n.args) > 0 {
		switch id.name {
		case "eval":
			r.source(n.args, 0)
			return
		case "Function":
			r.source(n.args, len(n.args)-1)
			return
		}
	}
	each(n.args, r.emit)
}

// source writes arguments of which one is source text.
func (r *rewriter) source(args []node, which int) {
	for i, a := range args {
		_, ok := a.(*spread)
		if i != which || ok {
			r.emit(a)
			continue
		}
		r.w.copy(startOf(a))
		r.w.put(host("src"))
		r.arg(a)
		r.w.put(")")
	}
}

// callee writes what is called: its last key stays native, as it says what
// this is.
func (r *rewriter) callee(n node) {
	switch n := n.(type) {
	case *paren:
		r.callee(n.x)
	case *ident:
	case *member, *index, *pick:
		r.native(n, false)
	default:
		r.emit(n)
	}
}

// makeCall writes new of a member whose name begins with a small letter. That
// is a method as a rule, which Rhino calls, and JavaScript has it refused.
func (r *rewriter) makeCall(n *newCall) {
	r.w.copy(n.pos)
	r.w.skip(startOf(n.callee))
	r.w.put(host("make"))
	r.callee(n.callee)
	r.w.copy(endOf(n.callee))
	switch {
	case n.close == 0:
		r.w.put(")")
		return
	case len(n.args) == 0:
		r.w.skip(n.close)
	default:
		r.w.skip(startOf(n.args[0]))
		r.w.put(", ")
		each(n.args, r.emit)
	}
	r.w.copy(n.end)
}

func (r *rewriter) newCall(n *newCall) {
	if m, ok := n.callee.(*member); ok && r.rhino && n.extra == nil && m.name[0] >= 'a' && m.name[0] <= 'z' {
		r.makeCall(n)
		return
	}
	if r.bareCallee(n.callee) {
		r.emit(n.callee)
	} else {
		r.w.copy(startOf(n.callee))
		r.w.put("(")
		r.emit(n.callee)
		r.w.copy(endOf(n.callee))
		r.w.put(")")
	}
	id, ok := n.callee.(*ident)
	if ok && id.bind == nil && id.name == "Function" {
		r.source(n.args, len(n.args)-1)
	} else {
		each(n.args, r.emit)
	}
	if n.extra == nil {
		return
	}
	switch {
	case n.close == 0:
		r.w.copy(endOf(n.callee))
		r.w.put("(")
	case len(n.args) == 0:
		r.w.copy(n.close)
	default:
		r.w.copy(n.close)
		r.w.put(", ")
	}
	r.w.skip(n.extra.pos)
	r.emit(n.extra)
	r.w.copy(n.extra.end)
	r.w.put(")")
}

// bareCallee tells whether what new takes stays free of calls of ours, which
// new would take for its own.
func (r *rewriter) bareCallee(n node) bool {
	for {
		switch x := n.(type) {
		case *member:
			n = x.obj
		case *ident:
			return r.predicate == 0 || x.bind != nil || builtin(x.name)
		case *atom, *paren, *fn, *class, *newCall, *str, *array, *object:
			return true
		default:
			return false
		}
	}
}
