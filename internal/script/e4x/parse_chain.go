package e4x

// leftHand reads a primary expression and the chain of members, calls and
// selections behind it. Without calls, it reads what new takes.
func (p *parser) leftHand(calls bool) node {
	start := p.tok.pos
	outer := p.links
	p.links = 0
	var x node
	if p.tok.word("new") {
		x = p.newExpression()
	} else {
		x = p.primary()
	}
	for !isArrow(x) {
		more := p.link(x, start, calls)
		if more == nil {
			break
		}
		x = more
		p.links++
		if p.links > MaxChain {
			p.failAt(start, "the chain of members and calls is too long")
		}
	}
	p.links = max(outer, p.links)
	return x
}

// link reads the next link of a chain, or returns nil.
func (p *parser) link(x node, start int, calls bool) node {
	if p.tok.kind == tTemplate {
		chain := inChain(x)
		if chain {
			p.failAt(p.tok.pos, "a template after ?.")
		}
		return &tagged{tag: x, text: p.template(), at: p.since(start)}
	}
	if p.tok.kind != tPunct {
		return nil
	}
	switch p.tok.text {
	case ".":
		p.next()
		return p.dot(x, start)
	case "..":
		p.next()
		n := &pick{obj: x, desc: true}
		p.selector(n)
		n.at = p.since(start)
		return n
	case "?.":
		if !calls {
			p.failAt(p.tok.pos, "?. after new")
		}
		return p.optional(x, start)
	case "[":
		return p.index(x, start, false)
	case "(":
		if calls {
			return p.call(x, start, false)
		}
	}
	return nil
}

// inChain tells whether leaving early at a ?. in x skips what follows x.
func inChain(x node) bool {
	switch x := x.(type) {
	case *member:
		return x.chain
	case *index:
		return x.chain
	case *call:
		return x.chain
	case *pick:
		return x.chain
	}
	return false
}

func (p *parser) optional(x node, start int) node {
	p.next()
	switch {
	case p.tok.is("["):
		return p.index(x, start, true)
	case p.tok.is("("):
		return p.call(x, start, true)
	case p.tok.kind == tName || p.tok.kind == tPrivate:
		n := &member{obj: x, name: p.tok.text, nameAt: at{p.tok.pos, p.tok.end}, optional: true, chain: true}
		p.next()
		n.at = p.since(start)
		return n
	}
	p.unexpected()
	return nil
}

func (p *parser) index(x node, start int, optional bool) node {
	n := &index{obj: x, optional: optional, chain: optional || inChain(x)}
	p.apart(func() {
		p.expect("[")
		n.key = p.expression()
		p.expect("]")
	})
	n.at = p.since(start)
	return n
}

// apart runs f, which reads something in brackets beside the chain.
func (p *parser) apart(f func()) {
	links := p.links
	p.links = 0
	p.bracketed(f)
	p.links = max(links, p.links)
}

// call reads the arguments of a call. async(a, b) => … is an arrow function
// that looks like one.
func (p *parser) call(x node, start int, optional bool) node {
	n := &call{callee: x, optional: optional, chain: optional || inChain(x)}
	n.open = p.tok.pos
	p.apart(func() { n.args = p.arguments() })
	n.at = p.since(start)
	if id, ok := x.(*ident); ok && id.name == "async" && p.tok.is("=>") && !p.tok.newline {
		return p.arrow(start, n.args, true)
	}
	return n
}

func (p *parser) arguments() (args []node) {
	p.expect("(")
	for !p.tok.is(")") {
		args = append(args, p.element())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return args
}

// element reads an argument or an item of a literal: an expression or ...x.
func (p *parser) element() node {
	start := p.tok.pos
	if p.accept("...") {
		return &spread{x: p.assignment(), at: p.since(start)}
	}
	return p.assignment()
}

// newExpression reads new. Rhino takes an object literal behind it as one more
// argument, for JavaAdapter in the shape of an anonymous class.
func (p *parser) newExpression() node {
	start := p.tok.pos
	p.next()
	if p.accept(".") {
		p.expectWord("target")
		return &atom{p.since(start), "new.target", unknown}
	}
	p.deeper()
	n := &newCall{callee: p.leftHand(false)}
	p.depth--
	if p.tok.is("(") {
		p.apart(func() { n.args = p.arguments() })
		n.close = p.prevEnd - 1
	}
	if p.tok.is("{") && !p.tok.newline {
		n.extra = p.object()
	}
	n.at = p.since(start)
	return n
}
