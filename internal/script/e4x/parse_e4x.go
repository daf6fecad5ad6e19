package e4x

// dot reads what follows a dot: a name, a selection from XML, a predicate.
func (p *parser) dot(x node, start int) node {
	switch {
	case p.tok.kind == tPrivate, p.tok.kind == tName && !p.qualifies():
		n := &member{obj: x, name: p.tok.text, nameAt: at{p.tok.pos, p.tok.end}, chain: inChain(x)}
		p.next()
		n.at = p.since(start)
		return n
	case p.tok.is("("):
		return p.filter(x, start)
	}
	n := &pick{obj: x, chain: inChain(x)}
	p.selector(n)
	n.at = p.since(start)
	return n
}

// selector reads the part of a selection behind the dots, or all of one that
// has no object: @a, *, name, ns::name, and [e] where it may stand.
func (p *parser) selector(n *pick) {
	if p.accept("@") {
		n.attr = true
	}
	p.star()
	switch {
	case n.attr && p.tok.is("["):
		p.selectorKey(n)
		return
	case p.tok.kind != tName && !p.tok.is("*"):
		p.unexpected()
	}
	first := p.tok
	p.next()
	if !p.accept("::") {
		n.name, n.nameAt = first.text, at{first.pos, first.end}
		return
	}
	n.qual = true
	if first.is("*") {
		n.anyNS = true
	} else {
		n.ns = &ident{at: at{first.pos, first.end}, name: first.text}
	}
	p.star()
	switch {
	case p.tok.is("["):
		p.selectorKey(n)
	case p.tok.kind == tName || p.tok.is("*"):
		n.name, n.nameAt = p.tok.text, at{p.tok.pos, p.tok.end}
		p.next()
	default:
		p.unexpected()
	}
}

// qualifies tells whether :: follows the current token.
func (p *parser) qualifies() bool {
	for i := p.tok.end; i < len(p.src); i++ {
		switch p.src[i] {
		case ' ', '\t', '\r', '\n':
		case ':':
			return p.peek().is("::")
		default:
			return false
		}
	}
	return false
}

func (p *parser) selectorKey(n *pick) {
	p.apart(func() {
		p.expect("[")
		n.key = p.expression()
		p.expect("]")
	})
}

// star cuts a * off an operator such as *=, for x.*='v'.
func (p *parser) star() {
	if p.tok.kind == tPunct && p.tok.text[0] == '*' {
		p.pos = p.tok.pos + 1
		p.tok.end = p.pos
		p.tok.text = "*"
	}
}

// filter reads a predicate. What it contains runs in a function of ours, which
// yield and await cannot leave.
func (p *parser) filter(x node, start int) node {
	n := &filter{obj: x, open: p.tok.end}
	p.next()
	outer := p.predicate
	p.predicate = true
	p.apart(func() {
		p.isolated(false, false, func() { n.pred = p.expression() })
	})
	p.predicate = outer
	p.expect(")")
	n.at = p.since(start)
	return n
}

// selection reads a selection without an object, inside a predicate.
func (p *parser) selection() node {
	start := p.tok.pos
	if !p.predicate {
		p.failAt(start, p.tok.text+" selects from XML and needs an object here, as in x."+p.tok.text)
	}
	n := &pick{}
	p.selector(n)
	n.at = p.since(start)
	return n
}

// comprehension reads [item for …] from its first for on. The clauses run in
// a function of ours.
func (p *parser) comprehension(start int, item node) node {
	n := &comprehension{item: item}
	for p.tok.word("for") {
		l := &compLoop{at: at{p.tok.pos, p.tok.pos}}
		p.next()
		l.each = p.acceptWord("each")
		p.expect("(")
		l.target = p.bindingTarget()
		if p.acceptWord("of") {
			l.each = true
		} else {
			p.expectWord("in")
		}
		l.list = p.expression()
		p.expect(")")
		l.at = p.since(l.pos)
		n.loops = append(n.loops, l)
	}
	if p.acceptWord("if") {
		n.cond = p.condition()
	}
	p.expect("]")
	n.at = p.since(start)
	return n
}

// letHead reads let (a = 1, b = 2).
func (p *parser) letHead() (decls []*declarator) {
	p.next()
	p.expect("(")
	for !p.tok.is(")") {
		decls = append(decls, p.declarator())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return decls
}
