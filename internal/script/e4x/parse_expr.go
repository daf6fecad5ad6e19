package e4x

import "strings"

// expression reads an expression with commas.
func (p *parser) expression() node {
	start := p.tok.pos
	x := p.assignment()
	if !p.tok.is(",") {
		return x
	}
	kids := []node{x}
	for p.accept(",") {
		kids = append(kids, p.assignment())
	}
	return &plain{p.since(start), pComma, kids}
}

// assignment reads an expression without commas.
func (p *parser) assignment() node {
	p.deeper()
	n := p.anyAssignment()
	p.depth--
	return n
}

func (p *parser) anyAssignment() node {
	start := p.tok.pos
	if p.generator && p.tok.word("yield") {
		return p.yield()
	}
	l := p.conditional()
	if isArrow(l) || p.tok.kind != tPunct || !assigns(p.tok.text) {
		return l
	}
	p.checkTarget(l)
	n := &assign{op: p.tok.text, opAt: at{p.tok.pos, p.tok.end}, l: l}
	n.big = p.big && growing[strings.TrimSuffix(n.op, "=")] != ""
	p.next()
	n.r = p.assignment()
	n.at = p.since(start)
	return n
}

func assigns(op string) bool {
	switch op {
	case "=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=",
		"&=", "|=", "^=", "&&=", "||=", "??=":
		return true
	}
	return false
}

// checkTarget refuses what cannot be assigned to.
func (p *parser) checkTarget(n node) {
	switch n := bare(n).(type) {
	case *ident, *member, *index, *array, *object:
		return
	case *pick:
		if n.desc {
			p.failAt(n.pos, "descendants (..) cannot be assigned to")
		}
		return
	case *filter:
		p.failAt(n.pos, "the result of a predicate cannot be assigned to")
	}
	p.failAt(startOf(n), "this cannot be assigned to")
}

func (p *parser) yield() node {
	start := p.tok.pos
	n := &unary{op: "yield"}
	p.next()
	switch {
	case p.tok.newline || p.tok.kind == tEOF || p.tok.word("in") || p.tok.word("of"):
	case p.tok.kind == tPunct && endsExpression(p.tok.text):
	case p.tok.is("*"):
		n.op = "yield*"
		p.next()
		n.x = p.assignment()
	default:
		n.x = p.assignment()
	}
	n.at = p.since(start)
	return n
}

func endsExpression(op string) bool {
	switch op {
	case ")", "]", "}", ",", ";", ":":
		return true
	}
	return false
}

func (p *parser) conditional() node {
	start := p.tok.pos
	test := p.binary(1)
	if isArrow(test) || !p.tok.is("?") {
		return test
	}
	p.next()
	var yes node
	p.bracketed(func() { yes = p.assignment() })
	p.expect(":")
	return &plain{kind: pCond, kids: []node{test, yes, p.assignment()}, at: p.since(start)}
}

// precedence returns how strongly the current token binds as a binary
// operator, or 0.
func (p *parser) precedence() int {
	if p.tok.kind == tName && !p.tok.escaped {
		if p.tok.text == "instanceof" || p.tok.text == "in" && !p.noIn {
			return 8
		}
		return 0
	}
	if p.tok.kind != tPunct {
		return 0
	}
	switch p.tok.text {
	case "??":
		return 1
	case "||":
		return 2
	case "&&":
		return 3
	case "|":
		return 4
	case "^":
		return 5
	case "&":
		return 6
	case "==", "!=", "===", "!==":
		return 7
	case "<", ">", "<=", ">=":
		return 8
	case "<<", ">>", ">>>":
		return 9
	case "+", "-":
		return 10
	case "*", "/", "%":
		return 11
	case "**":
		return 12
	}
	return 0
}

// binary reads operators that bind at least as strongly as least.
func (p *parser) binary(least int) node {
	l := p.unary()
	for {
		prec := p.precedence()
		if prec < least || prec == 0 || isArrow(l) {
			return l
		}
		n := &binary{op: p.tok.text, opAt: at{p.tok.pos, p.tok.end}, l: l}
		p.next()
		if prec == 12 { // ** groups from the right
			p.deeper()
			n.r = p.binary(prec)
			p.depth--
		} else {
			n.r = p.binary(prec + 1)
		}
		n.at = p.since(startOf(l))
		n.kind = binaryKind(n)
		n.big = p.big && growing[n.op] != ""
		l = n
	}
}

func (p *parser) unary() node {
	start := p.tok.pos
	op := ""
	switch {
	case p.tok.kind == tPunct:
		switch p.tok.text {
		case "+", "-", "~", "!", "++", "--":
			op = p.tok.text
		}
	case p.tok.kind == tName && !p.tok.escaped:
		switch p.tok.text {
		case "delete", "void", "typeof":
			op = p.tok.text
		case "await":
			if p.async {
				op = p.tok.text
			}
		}
	}
	if op == "" {
		return p.postfix()
	}
	p.next()
	p.deeper()
	x := p.unary()
	p.depth--
	if op == "++" || op == "--" {
		p.checkTarget(x)
		return &update{p.since(start), op, true, x}
	}
	return &unary{p.since(start), op, x}
}

func (p *parser) postfix() node {
	start := p.tok.pos
	x := p.leftHand(true)
	if p.tok.kind == tPunct && (p.tok.text == "++" || p.tok.text == "--") && !p.tok.newline && !isArrow(x) {
		op := p.tok.text
		p.checkTarget(x)
		p.next()
		return &update{p.since(start), op, false, x}
	}
	return x
}

func isArrow(n node) bool {
	f, ok := n.(*fn)
	return ok && f.arrow
}
