package e4x

import "strings"

// function writes a function of any form.
func (r *rewriter) function(n *fn) {
	outer, strict := r.fn, r.strict
	r.fn = n.info
	end := r.functionHead(n, outer)
	for _, p := range n.params {
		r.target(p, true)
	}
	switch {
	case n.open >= 0:
		r.block(n.body, n.info.ns)
		if n.info.ns {
			r.w.copy(n.close)
			r.restore()
		}
	case n.arrow:
		r.emit(n.body[0])
	default:
		r.w.copy(startOf(n.body[0]))
		r.w.put("{ ")
		if n.info.args {
			r.w.put("typeof arguments; ")
		}
		r.w.put("return ")
		r.emit(n.body[0])
		r.w.copy(n.end)
		r.w.put("; }")
	}
	r.fn, r.strict = outer, strict
	if end != "" {
		r.w.copy(n.end)
		r.w.put(end)
	}
}

// functionHead writes what comes before a function's parameters where that
// changes, and returns what must follow the function.
//
// A declaration in a block becomes an assignment, which is what Rhino does
// when it gets there. A function that restores the default namespace has its
// body in a try block, where a name must not be declared twice.
func (r *rewriter) functionHead(n *fn, outer *function) (end string) {
	if !n.decl {
		return ""
	}
	b := n.name.bind
	switch {
	case b.hoisted:
		r.w.copy(n.pos)
		r.w.put(n.name.name, " = ")
		r.w.copy(n.name.pos)
		r.w.skip(n.name.end)
		return ";"
	case outer.nsVar != "" && b.scope.whole && n.name.pos != b.last && b.funcs > 1:
		r.w.copy(n.pos)
		r.w.put("void ")
		return ";"
	}
	return ""
}

// clash returns the name that a declarator shares with a function declared in
// the same try block.
func clash(d *declarator) (name string, ok bool) {
	id, ok := d.target.(*ident)
	if !ok {
		return "", false
	}
	b := id.bind
	return id.name, b.funcs > 0 && b.scope.whole && b.scope.fn.nsVar != ""
}

func (r *rewriter) varDecl(n *varDecl) {
	r.w.copy(n.pos)
	if word := keyword(n, r.rhino); word != n.kind {
		r.w.put(word)
		r.w.skip(n.pos + len(n.kind))
	}
	for _, d := range n.decls {
		if name, ok := clash(d); ok {
			r.w.copy(d.pos)
			r.w.put(r.names.temp())
			if d.init != nil {
				r.w.put(" = ", name)
			}
			r.w.skip(endOf(d.target))
		} else {
			r.target(d.target, true)
		}
		if d.init == nil {
			continue
		}
		if d.once == 0 {
			r.emit(d.init)
			continue
		}
		// The initializer runs each time, but its first value stays.
		value, done := r.names.free+itoa(d.once), r.names.free+itoa(d.once+1)
		name := d.target.(*ident).name
		r.w.copy(startOf(d.init))
		r.w.put("(", value, " = ")
		r.emit(d.init)
		r.w.copy(endOf(d.init))
		r.w.put(", ", done, " ? ", name, " : (", done, " = true, ", value, "))")
	}
}

// shared returns the names that the head of a loop declares with let, if a
// function made in the loop could tell whether each round has its own.
func (r *rewriter) shared(head node) (list []string) {
	d, ok := head.(*varDecl)
	if !ok || !r.rhino || d.kind == "var" {
		return nil
	}
	captured := false
	for _, d := range d.decls {
		names(d.target, func(id *ident) {
			list = append(list, id.name)
			captured = captured || id.bind.captured
		})
	}
	if !captured {
		return nil
	}
	return list
}

// openShared declares the variables of a loop in a block around it.
func (r *rewriter) openShared(n *forStmt, list []string, d *varDecl) {
	r.w.copy(n.label)
	r.w.put("{ let ", strings.Join(list, ", "), "; ")
	r.withoutEach(n.each)
	r.w.copy(d.pos)
	r.w.skip(startOf(d.decls[0]))
}

// withoutEach leaves out the word each of a loop that has it.
func (r *rewriter) withoutEach(each at) {
	if each.pos == 0 {
		return
	}
	r.w.copy(each.pos)
	r.w.skip(each.end)
	for r.w.at < len(r.w.src) && r.w.src[r.w.at] == ' ' {
		r.w.skip(r.w.at + 1)
	}
}

func (r *rewriter) forStmt(n *forStmt) {
	list := r.shared(n.init)
	if list == nil {
		r.withoutEach(n.each)
		children(n, r.emit)
		return
	}
	d := n.init.(*varDecl)
	r.openShared(n, list, d)
	for _, d := range d.decls {
		_, braces := d.target.(*object)
		r.w.copy(d.pos)
		if braces {
			r.w.put("(")
		}
		r.target(d.target, true)
		maybe(d.init, r.emit)
		r.w.copy(d.end)
		if braces {
			r.w.put(")")
		}
	}
	each([]node{n.test, n.update, n.body}, r.emit)
	r.w.copy(n.end)
	r.w.put(" }")
}

// counted returns the variable of a for each that can count through its items,
// which spares an iterator and an object for each item. That is so where all
// rounds set one variable.
func (r *rewriter) counted(n *forIn) *ident {
	if n.each.pos == 0 || r.eval || n.iterates() {
		return nil
	}
	if d, ok := n.left.(*varDecl); ok {
		id, ok := d.decls[0].target.(*ident)
		if _, twice := clash(d.decls[0]); !ok || twice || d.kind != "var" || d.decls[0].init != nil {
			return nil
		}
		return id
	}
	id, ok := n.left.(*ident)
	if !ok || r.sunk(id) {
		return nil
	}
	return id
}

// countedLoop writes the head of a for each as one that counts.
func (r *rewriter) countedLoop(n *forIn, id *ident) {
	items, next := r.names.temp(), r.names.temp()
	r.withoutEach(n.each)
	r.w.copy(startOf(n.left))
	r.w.put("var ")
	if _, declares := n.left.(*varDecl); declares {
		r.w.put(id.name, ", ")
	}
	r.w.put(items, " =")
	r.w.skip(n.word.end)
	r.w.copy(startOf(n.right))
	r.w.put(host("each"))
	r.arg(n.right)
	r.w.put("), ", next, " = 0; ", next, " < ", items, ".length && (", id.name, " = ", items, "[", next, "++], true); ")
	r.w.copy(n.closes)
	r.emit(n.body)
}

// iterates reports for (x in Iterator(o)), which is over what the iterator gives.
func (n *forIn) iterates() bool {
	c, ok := bare(n.right).(*call)
	if !ok || n.of {
		return false
	}
	id, ok := bare(c.callee).(*ident)
	return ok && id.name == "Iterator" && id.bind == nil
}

// pairs reports for ([key, value] in o), which is over both in Rhino.
func (r *rewriter) pairs(n *forIn) bool {
	if n.each.pos != 0 || n.of || !r.rhino {
		return false
	}
	target := n.left
	if d, ok := target.(*varDecl); ok {
		target = d.decls[0].target
	}
	switch bare(target).(type) {
	case *array, *object:
		return true
	}
	return false
}

func (r *rewriter) forIn(n *forIn) {
	list := r.shared(n.left)
	if list != nil {
		r.w.copy(n.label)
		r.w.put("{ let ", strings.Join(list, ", "), "; ")
	}
	if id := r.counted(n); id != nil {
		r.countedLoop(n, id)
		return
	}
	r.withoutEach(n.each)
	d, ok := n.left.(*varDecl)
	switch {
	case list != nil:
		r.w.copy(d.pos)
		r.w.skip(startOf(d.decls[0]))
		r.target(d.decls[0].target, true)
	case ok:
		if _, twice := clash(d.decls[0]); twice {
			r.w.copy(d.pos)
			r.w.skip(d.decls[0].pos)
			break
		}
		r.varDecl(d)
	default:
		r.target(n.left, false)
	}
	pairs := r.pairs(n)
	switch {
	case n.iterates():
		r.w.copy(n.word.pos)
		r.w.put("of")
		r.w.skip(n.word.end)
		r.emit(n.right)
	case n.each.pos == 0 && !pairs:
		r.emit(n.right)
	default:
		r.w.copy(n.word.pos)
		r.w.put("of")
		r.w.skip(n.word.end)
		r.w.copy(startOf(n.right))
		r.w.put(host("each"))
		r.arg(n.right)
		if pairs {
			r.w.put(", true")
		}
		r.w.put(")")
	}
	r.emit(n.body)
	if list != nil {
		r.w.copy(n.end)
		r.w.put(" }")
	}
}
