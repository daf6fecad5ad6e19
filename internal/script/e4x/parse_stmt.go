package e4x

// statement reads one statement or declaration.
func (p *parser) statement() node {
	p.deeper()
	n := p.anyStatement()
	p.depth--
	return n
}

func (p *parser) anyStatement() node {
	start := p.tok.pos
	if p.tok.kind == tPunct {
		switch p.tok.text {
		case "{":
			return p.block()
		case ";":
			p.next()
			return &plain{at: p.since(start)}
		}
	}
	if p.tok.kind != tName || p.tok.escaped {
		return p.expressionStatement()
	}
	switch p.tok.text {
	case "var", "const":
		d := p.declaration()
		p.semicolon()
		d.at = p.since(start)
		return d
	case "let":
		return p.let()
	case "function":
		return p.function(true)
	case "async":
		if t := p.peek(); t.word("function") && !t.newline {
			return p.function(true)
		}
	case "class":
		return p.class(true)
	case "if":
		return p.ifStatement()
	case "for":
		return p.forStatement()
	case "while":
		p.next()
		test := p.condition()
		return &plain{kind: pLoop, kids: []node{test, p.statement()}, at: p.since(start)}
	case "do":
		return p.doWhile()
	case "return", "throw":
		return p.leave()
	case "break", "continue":
		return p.jump()
	case "with":
		p.next()
		object := p.condition()
		return &plain{kind: pWith, kids: []node{object, p.statement()}, at: p.since(start)}
	case "switch":
		return p.switchStatement()
	case "try":
		return p.tryStatement()
	case "debugger":
		p.next()
		p.semicolon()
		return &plain{at: p.since(start)}
	case "default":
		if p.peek().word("xml") {
			return p.defaultNamespace()
		}
	case "import", "export":
		p.failAt(start, "modules are not supported: "+p.tok.text)
	}
	return p.expressionStatement()
}

func (p *parser) block() *block {
	start := p.expect("{")
	b := &block{}
	for !p.tok.is("}") {
		if p.tok.kind == tEOF {
			p.unexpected()
		}
		b.list = append(b.list, p.statement())
	}
	p.next()
	b.at = p.since(start)
	return b
}

// expressionStatement reads an expression statement or a labeled statement.
func (p *parser) expressionStatement() node {
	start := p.tok.pos
	x := p.expression()
	if _, ok := x.(*ident); ok && p.tok.is(":") {
		p.next()
		l := &labeled{body: p.statement()}
		l.at = p.since(start)
		mark(l.body, start)
		return l
	}
	p.semicolon()
	return &exprStmt{p.since(start), x}
}

// mark tells a loop where its labels begin.
func mark(n node, start int) {
	switch n := n.(type) {
	case *labeled:
		mark(n.body, start)
	case *forStmt:
		n.label = start
	case *forIn:
		n.label = start
	}
}

// declaration reads var, let or const up to the end of its last initializer.
func (p *parser) declaration() *varDecl {
	start := p.tok.pos
	d := &varDecl{kind: p.tok.text}
	p.next()
	for {
		d.decls = append(d.decls, p.declarator())
		if !p.accept(",") {
			break
		}
	}
	d.at = p.since(start)
	return d
}

func (p *parser) declarator() *declarator {
	start := p.tok.pos
	d := &declarator{target: p.bindingTarget()}
	if p.accept("=") {
		d.init = p.assignment()
	}
	d.at = p.since(start)
	return d
}

// let reads what begins with the word let: a declaration, a let block, a let
// expression, or an expression that uses a variable of that name.
func (p *parser) let() node {
	start := p.tok.pos
	if p.declares() {
		d := p.declaration()
		p.semicolon()
		d.at = p.since(start)
		return d
	}
	if !p.peek().is("(") {
		return p.expressionStatement()
	}
	decls := p.letHead()
	if p.tok.is("{") {
		b := p.block()
		return &letBlock{p.since(start), decls, b}
	}
	body := p.assignment()
	x := &letExpr{p.since(start), decls, body}
	p.semicolon()
	return &exprStmt{p.since(start), x}
}

// declares tells whether the word let begins a declaration here.
func (p *parser) declares() bool {
	if !p.tok.word("let") {
		return false
	}
	t := p.peek()
	return t.kind == tName && !t.word("in") && !t.word("instanceof") || t.is("[") || t.is("{")
}

// condition reads an expression in parentheses.
func (p *parser) condition() (x node) {
	p.expect("(")
	p.bracketed(func() { x = p.expression() })
	p.expect(")")
	return x
}

func (p *parser) ifStatement() node {
	start := p.tok.pos
	p.next()
	kids := []node{p.condition(), p.statement()}
	if p.acceptWord("else") {
		kids = append(kids, p.statement())
	}
	return &plain{kind: pIf, at: p.since(start), kids: kids}
}

func (p *parser) doWhile() node {
	start := p.tok.pos
	p.next()
	body := p.statement()
	p.expectWord("while")
	test := p.condition()
	p.accept(";") // optional here even on the same line
	return &plain{p.since(start), pLoop, []node{body, test}}
}

// leave reads return and throw.
func (p *parser) leave() node {
	start := p.tok.pos
	n := &plain{}
	if p.tok.text == "return" {
		n.kind = pReturn
	}
	p.next()
	if n.kind != pReturn && p.tok.newline {
		p.failAt(start, "throw needs a value on the same line")
	}
	if !p.tok.newline && !p.tok.is(";") && !p.tok.is("}") && p.tok.kind != tEOF {
		n.kids = []node{p.expression()}
	} else if n.kind != pReturn {
		p.unexpected()
	}
	p.semicolon()
	n.at = p.since(start)
	return n
}

// jump reads break and continue.
func (p *parser) jump() node {
	start := p.tok.pos
	p.next()
	if p.tok.kind == tName && !p.tok.newline {
		p.next()
	}
	p.semicolon()
	return &plain{at: p.since(start)}
}

func (p *parser) switchStatement() node {
	start := p.tok.pos
	p.next()
	kids := []node{p.condition()}
	p.expect("{")
	for !p.tok.is("}") {
		switch {
		case p.acceptWord("case"):
			kids = append(kids, p.expression())
		case p.acceptWord("default"):
		default:
			p.unexpected()
		}
		p.expect(":")
		for !p.tok.is("}") && !p.tok.word("case") && !p.defaultClause() {
			if p.tok.kind == tEOF {
				p.unexpected()
			}
			kids = append(kids, p.statement())
		}
	}
	p.next()
	return &plain{p.since(start), pSwitch, kids}
}

// defaultClause tells the default of a switch from default xml namespace.
func (p *parser) defaultClause() bool {
	return p.tok.word("default") && !p.peek().word("xml")
}

func (p *parser) tryStatement() node {
	start := p.tok.pos
	p.next()
	t := &try{body: p.block()}
	for p.tok.word("catch") {
		t.catches = append(t.catches, p.catchClause())
	}
	if p.acceptWord("finally") {
		t.finally = p.block()
	} else if t.catches == nil {
		p.failAt(p.tok.pos, "try needs catch or finally")
	}
	for i, c := range t.catches {
		if c.cond == nil && i < len(t.catches)-1 {
			p.failAt(t.catches[i+1].pos, "a catch after the one that catches everything")
		}
	}
	t.at = p.since(start)
	return t
}

func (p *parser) catchClause() *catch {
	start := p.tok.pos
	p.next()
	c := &catch{}
	if p.accept("(") {
		c.param = p.bindingTarget()
		if p.acceptWord("if") {
			c.cond = p.expression()
		}
		p.expect(")")
	}
	c.body = p.block()
	c.at = p.since(start)
	return c
}

func (p *parser) defaultNamespace() node {
	start := p.tok.pos
	p.next()
	p.next()
	p.expectWord("namespace")
	p.expect("=")
	x := p.expression()
	p.semicolon()
	return &defaultNS{p.since(start), x}
}
