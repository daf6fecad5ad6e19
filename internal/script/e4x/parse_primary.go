package e4x

// primary reads what an expression begins with. This is where / begins a
// regular expression and < an XML literal.
func (p *parser) primary() node {
	start := p.tok.pos
	switch p.tok.kind {
	case tName:
		if !p.tok.escaped {
			if n := p.wordExpression(); n != nil {
				return n
			}
		}
		return p.nameExpression()
	case tNumber:
		return p.atom(number)
	case tString:
		n := &str{at{start, p.tok.end}, stringValue(p.tok.text)}
		p.next()
		return n
	case tTemplate:
		return p.template()
	case tPrivate:
		return p.atom(unknown)
	case tPunct:
		switch p.tok.text {
		case "(":
			return p.parenthesis()
		case "[":
			return p.array()
		case "{":
			return p.object()
		case "/", "/=":
			p.tok = p.regex(start)
			if p.err != nil {
				panic(p.err)
			}
			return p.atom(plainObject)
		case "<":
			return p.xmlLiteral()
		case "@":
			return p.selection()
		case "*", "*=", "**", "**=":
			if p.predicate {
				return p.selection()
			}
		}
	}
	p.unexpected()
	return nil
}

// atom makes the current token an expression.
func (p *parser) atom(k kind) node {
	n := &atom{at{p.tok.pos, p.tok.end}, p.tok.text, k}
	p.next()
	return n
}

// wordExpression reads an expression that begins with a keyword, or returns
// nil.
func (p *parser) wordExpression() node {
	switch p.tok.text {
	case "function":
		if !p.predicate || !p.qualifies() {
			return p.function(false)
		}
	case "class":
		return p.class(false)
	case "async":
		t := p.peek()
		if t.newline || t.kind != tName {
			return nil
		}
		if t.word("function") {
			return p.function(false)
		}
		if !reserved(t.text) && t.text != "of" {
			start := p.tok.pos
			p.next()
			return p.arrow(start, []node{p.name()}, true)
		}
	case "this", "super":
		return p.atom(unknown)
	case "null":
		return p.atom(nothing)
	case "true", "false":
		return p.atom(boolean)
	case "let":
		if p.peek().is("(") {
			start := p.tok.pos
			decls := p.letHead()
			body := p.assignment()
			return &letExpr{p.since(start), decls, body}
		}
	}
	return nil
}

// nameExpression reads a variable, or an arrow function of one parameter.
func (p *parser) nameExpression() node {
	start := p.tok.pos
	if p.predicate && p.qualifies() {
		return p.selection()
	}
	id := p.name()
	if p.tok.is("=>") && !p.tok.newline {
		return p.arrow(start, []node{id}, false)
	}
	return id
}

// name reads the name of a variable.
func (p *parser) name() *ident {
	if p.tok.kind != tName || !p.tok.escaped && reserved(p.tok.text) {
		p.unexpected()
	}
	id := &ident{at: at{p.tok.pos, p.tok.end}, name: p.tok.text}
	p.next()
	return id
}

// parenthesis reads an expression in parentheses, or an arrow function.
func (p *parser) parenthesis() (n node) {
	start := p.tok.pos
	var items []node
	loose := false // only parameters may be empty, end with a comma or spread
	p.bracketed(func() {
		p.next()
		for !p.tok.is(")") {
			items = append(items, p.element())
			if _, ok := items[len(items)-1].(*spread); ok {
				loose = true
			}
			if !p.tok.is(",") {
				break
			}
			p.next()
			loose = loose || p.tok.is(")")
		}
		loose = loose || len(items) == 0
		p.expect(")")
	})
	if p.tok.is("=>") && !p.tok.newline {
		return p.arrow(start, items, false)
	}
	if loose {
		p.unexpected()
	}
	x := items[0]
	if len(items) > 1 {
		_, end := items[len(items)-1].extent()
		x = &plain{at{startOf(x), end}, pComma, items}
	}
	return &paren{p.since(start), x}
}

// array reads an array literal or a comprehension.
func (p *parser) array() node {
	start := p.tok.pos
	n := &array{}
	var c node
	p.apart(func() {
		p.next()
		for !p.tok.is("]") {
			if p.accept(",") {
				n.items = append(n.items, nil)
				continue
			}
			item := p.element()
			if len(n.items) == 0 && p.tok.word("for") {
				c = p.comprehension(start, item)
				return
			}
			n.items = append(n.items, item)
			if !p.accept(",") {
				break
			}
		}
		p.expect("]")
	})
	if c != nil {
		return c
	}
	n.at = p.since(start)
	return n
}

// template reads a template literal. In Rhino's dialect it is a string in
// which ${ means nothing.
func (p *parser) template() *template {
	start := p.tok.pos
	t := &template{}
	if !p.modern {
		for !p.tok.last {
			p.pos--
			p.tok.last = p.scanner.template()
			if p.err != nil {
				panic(p.err)
			}
		}
		p.tok.end = p.pos
		t.parts = []at{{start, p.tok.end}}
		p.next()
		t.at = p.since(start)
		return t
	}
	t.parts = []at{{p.tok.pos, p.tok.end}}
	p.apart(func() {
		for !p.tok.last {
			p.next()
			t.holes = append(t.holes, p.expression())
			if !p.tok.is("}") {
				p.unexpected()
			}
			part := p.tok.pos
			p.pos = part
			p.tok.last = p.scanner.template()
			if p.err != nil {
				panic(p.err)
			}
			p.tok.kind, p.tok.end = tTemplate, p.pos
			t.parts = append(t.parts, at{part, p.pos})
		}
	})
	p.next()
	t.at = p.since(start)
	return t
}
