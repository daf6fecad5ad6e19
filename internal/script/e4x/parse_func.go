package e4x

// function reads a function declaration or expression from async or function
// on.
func (p *parser) function(decl bool) node {
	f := &fn{at: at{pos: p.tok.pos}, decl: decl}
	async := p.acceptWord("async")
	p.expectWord("function")
	generator := p.accept("*")
	if !p.tok.is("(") {
		f.name = p.name()
	} else if decl {
		p.failAt(p.tok.pos, "a function statement needs a name")
	}
	p.signature(f, generator, async)
	return f
}

// signature reads parameters and body of a function.
func (p *parser) signature(f *fn, generator, async bool) {
	p.isolated(generator, async, func() {
		p.expect("(")
		for !p.tok.is(")") {
			f.params = append(f.params, p.parameter())
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
		p.body(f)
	})
	f.at = p.since(f.pos)
}

// body reads a body in braces or, which is Rhino's, an expression in its
// place.
func (p *parser) body(f *fn) {
	if !p.tok.is("{") {
		f.open = -1
		f.body = []node{p.assignment()}
		return
	}
	b := p.block()
	f.open, f.close = b.pos+1, b.end-1
	f.body = b.list
}

// parameter reads a parameter with its default, or a rest parameter.
func (p *parser) parameter() node {
	start := p.tok.pos
	if p.accept("...") {
		return &spread{x: p.bindingTarget(), at: p.since(start)}
	}
	target := p.bindingTarget()
	if !p.tok.is("=") {
		return target
	}
	n := &assign{op: "=", opAt: at{p.tok.pos, p.tok.end}, l: target}
	p.next()
	n.r = p.assignment()
	n.at = p.since(start)
	return n
}

// bindingTarget reads the name or the pattern that a declaration binds.
func (p *parser) bindingTarget() (n node) {
	switch {
	case p.tok.is("["):
		n = p.array()
	case p.tok.is("{"):
		n = p.object()
	default:
		return p.name()
	}
	p.checkBinding(n)
	return n
}

// checkBinding refuses what a declaration or a parameter cannot bind.
func (p *parser) checkBinding(n node) {
	switch n := n.(type) {
	case nil, *ident:
	case *array:
		for _, item := range n.items {
			p.checkBinding(item)
		}
	case *object:
		for _, q := range n.props {
			p.checkBinding(q.value)
		}
	case *spread:
		p.checkBinding(n.x)
	case *assign:
		if n.op != "=" {
			p.failAt(n.opAt.pos, "unexpected "+n.op)
		}
		p.checkBinding(n.l)
	default:
		p.failAt(startOf(n), "a name or a pattern is needed here")
	}
}

// arrow reads an arrow function from => on; its parameters were read as
// expressions.
func (p *parser) arrow(start int, params []node, async bool) node {
	for _, n := range params {
		p.checkBinding(n)
	}
	if p.tok.newline {
		p.unexpected()
	}
	p.expect("=>")
	f := &fn{at: at{pos: start}, arrow: true, params: params}
	g, a := p.generator, p.async
	p.generator, p.async = false, async
	if p.tok.is("{") {
		p.bracketed(func() { p.body(f) })
	} else {
		f.open = -1
		f.body = []node{p.assignment()}
	}
	p.generator, p.async = g, a
	f.at = p.since(start)
	return f
}

// object reads an object literal.
func (p *parser) object() *object {
	start := p.tok.pos
	o := &object{}
	p.apart(func() {
		p.next()
		for !p.tok.is("}") {
			o.props = append(o.props, p.property())
			if !p.accept(",") {
				break
			}
		}
		p.expect("}")
	})
	o.at = p.since(start)
	return o
}

func (p *parser) property() *prop {
	start := p.tok.pos
	if p.accept("...") {
		return &prop{value: &spread{x: p.assignment(), at: p.since(start)}, at: p.since(start)}
	}
	q := &prop{}
	generator, async, accessor := p.modifiers()
	name := p.tok
	p.propertyKey(q)
	switch {
	case p.tok.is("(") || accessor:
		p.methodValue(q, start, generator, async)
	case generator || async:
		p.unexpected()
	case p.accept(":"):
		q.value = p.assignment()
	case name.kind == tName && (name.escaped || !reserved(name.text)):
		q.shorthand = true
		q.value = q.key
		if p.tok.is("=") { // only patterns may have it; goja refuses it elsewhere
			n := &assign{op: "=", opAt: at{p.tok.pos, p.tok.end}, l: q.key}
			p.next()
			n.r = p.assignment()
			n.at = p.since(start)
			q.value = n
		}
	default:
		p.unexpected()
	}
	q.at = p.since(start)
	return q
}

// modifiers reads async, get, set and * before the name of a property.
func (p *parser) modifiers() (generator, async, accessor bool) {
	if p.tok.word("get") || p.tok.word("set") || p.tok.word("async") {
		isAsync := p.tok.text == "async"
		if t := p.peek(); t.kind != tEOF && !(isAsync && t.newline) && (t.kind != tPunct || t.is("[") || t.is("*") && isAsync) {
			p.next()
			async, accessor = isAsync, !isAsync
		}
	}
	return p.accept("*"), async, accessor
}

func (p *parser) propertyKey(q *prop) {
	switch p.tok.kind {
	case tName, tPrivate:
		q.key = &ident{at: at{p.tok.pos, p.tok.end}, name: p.tok.text}
		p.next()
	case tString, tNumber:
		q.key = p.primary()
	default:
		q.computed = true
		p.expect("[")
		p.bracketed(func() { q.key = p.assignment() })
		p.expect("]")
	}
}

func (p *parser) methodValue(q *prop, start int, generator, async bool) {
	f := &fn{at: at{pos: p.tok.pos}}
	p.signature(f, generator, async)
	q.value = f
	q.at = p.since(start)
}

func (p *parser) class(decl bool) node {
	c := &class{at: at{pos: p.tok.pos}, decl: decl}
	p.next()
	if !p.tok.is("{") && !p.tok.word("extends") {
		c.name = p.name()
	} else if decl {
		p.failAt(p.tok.pos, "a class statement needs a name")
	}
	if p.acceptWord("extends") {
		c.super = p.leftHand(true)
	}
	p.apart(func() {
		p.expect("{")
		for !p.tok.is("}") {
			if !p.accept(";") {
				c.members = append(c.members, p.classMember())
			}
		}
		p.expect("}")
	})
	c.at = p.since(c.pos)
	return c
}

func (p *parser) classMember() *prop {
	start := p.tok.pos
	q := &prop{}
	if p.tok.word("static") {
		switch t := p.peek(); {
		case t.is("{"):
			p.next()
			p.isolated(false, false, func() { q.value = &plain{at: at{p.tok.pos, p.tok.pos}, kind: pStatic, kids: []node{p.block()}} })
			q.at = p.since(start)
			return q
		case t.kind != tPunct || t.is("[") || t.is("*"):
			p.next()
		}
	}
	generator, async, accessor := p.modifiers()
	p.propertyKey(q)
	if p.tok.is("(") || accessor {
		p.methodValue(q, start, generator, async)
		return q
	}
	if generator || async {
		p.unexpected()
	}
	if p.accept("=") {
		p.isolated(false, false, func() { q.value = p.assignment() })
	}
	p.semicolon()
	q.at = p.since(start)
	return q
}
