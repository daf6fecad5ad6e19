package e4x

// forStatement reads all forms of for, and Rhino's for each.
func (p *parser) forStatement() node {
	start := p.tok.pos
	p.next()
	var each at
	switch {
	case p.tok.word("each"):
		each = at{p.tok.pos, p.tok.end}
		p.next()
	case p.async && p.tok.word("await"):
		p.next()
	}
	p.expect("(")
	open := p.prevEnd
	init, of, in := p.forHead()
	if of || in {
		n := &forIn{label: start, each: each, left: init, of: of}
		n.word = at{p.tok.pos, p.tok.end}
		p.next()
		if of && each.pos == 0 {
			n.right = p.assignment()
		} else {
			n.right = p.expression()
		}
		n.closes = p.expect(")")
		n.body = p.statement()
		n.at = p.since(start)
		return n
	}
	n := &forStmt{label: start, each: each, init: init, open: open}
	p.expect(";")
	if !p.tok.is(";") {
		n.test = p.expression()
	}
	p.expect(";")
	if !p.tok.is(")") {
		n.update = p.expression()
	}
	p.expect(")")
	n.body = p.statement()
	n.at = p.since(start)
	return n
}

// forHead reads the first part of a head, and tells whether of or in follows.
func (p *parser) forHead() (init node, of, in bool) {
	p.noIn = true
	switch {
	case p.tok.is(";"):
	case p.tok.word("var") || p.tok.word("const") || p.declares():
		d := p.declaration()
		init = d
		if len(d.decls) > 1 {
			break
		}
		of, in = p.tok.word("of"), p.tok.word("in")
	default:
		init = p.expression()
		of, in = p.tok.word("of"), p.tok.word("in")
		if of || in {
			p.checkTarget(init)
		}
	}
	p.noIn = false
	return init, of, in
}
