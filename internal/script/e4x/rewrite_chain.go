package e4x

import "strings"

// ident writes a variable that is read. Inside a predicate a name that nothing
// declares may be a child that this item does not have.
func (r *rewriter) ident(n *ident) {
	if r.predicate == 0 || n.bind != nil || builtin(n.name) {
		return
	}
	r.w.copy(n.pos)
	r.w.put(host("ref"), "() => ")
	r.w.copy(n.end)
	r.w.put(")")
}

// read writes a chain of members that is read.
func (r *rewriter) read(n node) {
	root, keys, fuse := constantKeys(n)
	if fuse && len(keys) >= 2 {
		r.w.copy(startOf(n))
		r.w.put(host("get"))
		r.fused(root, keys)
		r.w.skip(endOf(n))
		r.w.put(")")
		return
	}
	r.native(n, len(keys) > 0 && !fuse)
}

// constantKeys splits a chain into its root and the keys at its end that can be
// known before the chain is followed, in the order of the source. fuse is set if one of them is not a plain name.
func constantKeys(n node) (root node, keys []node, fuse bool) {
	root = n
	for {
		obj, bracket, ok := constantKey(root)
		if !ok {
			break
		}
		keys = append(keys, root)
		fuse = fuse || bracket
		root = obj
	}
	for i, j := 0, len(keys)-1; i < j; i, j = i+1, j-1 {
		keys[i], keys[j] = keys[j], keys[i]
	}
	return root, keys, fuse
}

// constantKey tells whether n is a member whose key is known or in a variable.
// bracket is set unless the key is a plain name, an index or a variable.
func constantKey(n node) (obj node, bracket, ok bool) {
	switch n := n.(type) {
	case *member:
		return n.obj, false, !n.chain && n.name[0] != '#' && !isSuper(n.obj)
	case *index:
		if n.chain || isSuper(n.obj) {
			return nil, false, false
		}
		switch k := n.key.(type) {
		case *str:
			return n.obj, true, true
		case *atom:
			return n.obj, false, isIndex(k.text)
		case *ident:
			return n.obj, false, true // reading a variable changes nothing
		}
	case *pick:
		if n.obj != nil && !n.chain && !n.desc && !n.qual && n.key == nil {
			return n.obj, true, true
		}
	}
	return nil, false, false
}

func isSuper(n node) bool {
	a, ok := n.(*atom)
	return ok && a.text == "super"
}

// isIndex tells whether a number is a whole one in plain decimal digits.
func isIndex(s string) bool {
	return s == "0" || s != "" && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

// fused writes root and keys as arguments.
func (r *rewriter) fused(root node, keys []node) {
	r.emit(root)
	r.w.copy(endOf(root))
	for _, k := range keys {
		r.key(k, ", ")
	}
}

// key writes the key of a member, after sep, as an expression.
func (r *rewriter) key(n node, sep string) {
	switch n := n.(type) {
	case *member:
		r.quoted(sep+`"`, n.nameAt)
	case *index:
		r.w.skip(startOf(n.key))
		r.w.put(sep)
		r.arg(n.key)
	case *pick:
		r.pickKey(n, sep)
	}
}

// native writes a member with the syntax of JavaScript. asWritten says that no
// constant key left of it needs a look.
func (r *rewriter) native(n node, asWritten bool) {
	switch n := n.(type) {
	case *member:
		r.object(n.obj, asWritten)
	case *index:
		r.object(n.obj, asWritten)
		r.emit(n.key)
	case *pick:
		if n.desc {
			r.w.copy(n.pos)
			r.w.put(host("desc"))
			r.emit(n.obj)
			r.w.copy(endOf(n.obj))
			r.pickKey(n, ", ")
			r.w.skip(n.end)
			r.w.put(")")
			return
		}
		if n.obj == nil {
			r.w.copy(n.pos)
			r.w.put(r.names.free)
		} else {
			r.object(n.obj, asWritten)
			r.w.copy(endOf(n.obj))
		}
		r.pickKey(n, "[")
		r.w.skip(n.end)
		r.w.put("]")
	}
}

func (r *rewriter) object(n node, asWritten bool) {
	if _, _, ok := constantKey(n); ok && asWritten {
		r.native(n, true)
		return
	}
	r.emit(n)
}

// pickKey writes what a selection selects, after sep.
func (r *rewriter) pickKey(n *pick, sep string) {
	switch {
	case n.qual:
		r.qualified(n, sep)
	case n.key != nil:
		r.w.skip(startOf(n.key))
		r.w.put(sep, host("at"))
		r.arg(n.key)
		r.w.skip(n.end)
		r.w.put(")")
	case n.attr && n.name == "*":
		r.quoted(sep+`"@*::`, n.nameAt) // every namespace, unlike ['@*']
	case n.attr:
		r.quoted(sep+`"@`, n.nameAt)
	default:
		r.quoted(sep+`"`, n.nameAt)
	}
}

func (r *rewriter) qualified(n *pick, sep string) {
	ns, _ := n.ns.(*ident)
	switch {
	case n.anyNS:
		r.w.put(sep, host("qn"), `"*"`)
	case reserved(ns.name):
		// x.function::name compiles in the original and then fails.
		r.w.put(sep, host("qn"), `(() => { throw new ReferenceError("`, ns.name, ` is not defined") })()`)
	default:
		r.w.skip(ns.pos)
		r.w.put(sep, host("qn"))
		r.w.copy(ns.end)
	}
	if n.key != nil {
		r.w.skip(startOf(n.key))
		r.w.put(", ")
		r.arg(n.key)
		r.w.skip(n.end)
	} else {
		r.quoted(`, "`, n.nameAt)
	}
	if n.attr {
		r.w.put(", true)")
	} else {
		r.w.put(", false)")
	}
}

// filter writes a predicate as a function of the item.
func (r *rewriter) filter(n *filter) {
	if r.strict > 0 {
		r.fail(n.open-2, "a predicate cannot be used in strict code or a class")
		return
	}
	item := r.names.free
	r.w.copy(n.pos)
	r.w.put(host("filter"))
	r.emit(n.obj)
	r.w.copy(endOf(n.obj))
	r.w.skip(startOf(n.pred))
	r.w.put(", (", item, ") => { with (", item, ") return (")
	r.predicate++
	r.emit(n.pred)
	r.predicate--
	r.w.copy(endOf(n.pred))
	r.w.skip(n.end)
	r.w.put(") })")
}

// xmlLiteral writes the call that instantiates a literal.
func (r *rewriter) xmlLiteral(n *xmlLit) {
	r.w.copy(n.pos)
	r.w.put(host("xml"), itoa(r.first+len(r.literals)))
	r.literals = append(r.literals, n.lit)
	for _, h := range n.holes {
		r.w.skip(startOf(h))
		r.w.put(", ")
		r.arg(h)
	}
	r.w.skip(n.end)
	r.w.put(")")
}
