package e4x

import "slices"

// Doubt is something that the grammar allows and that nobody means.
type Doubt struct {
	Pos  int // offset in the source
	Text string
}

// Doubts lists what is certainly wrong in a script of the modern dialect, in the
// order of the source, and the names that it declares.
func Doubts(name, source string) (doubts []Doubt, declared []string, err error) {
	prog, err := parse(name, source, Options{Modern: true})
	if err != nil {
		return nil, nil, err
	}
	d := &doubter{}
	for _, n := range prog.body {
		d.visit(n)
	}
	slices.SortStableFunc(d.found, func(a, b Doubt) int { return a.Pos - b.Pos })
	return d.found, declarations(prog), nil
}

type doubter struct{ found []Doubt }

func (d *doubter) visit(n node) {
	switch n := n.(type) {
	case *binary:
		if l, ok := bare(n.l).(*binary); ok && orders[n.op] && orders[l.op] {
			d.found = append(d.found, Doubt{l.pos, "a " + l.op + " b " + n.op + " c compares true or false with c; write a " + l.op + " b && b " + n.op + " c"})
		}
	case *plain:
		if n.kind == pIf || n.kind == pLoop || n.kind == pCond {
			for _, k := range n.kids {
				d.condition(k) // a body is none, and is no assignment either
			}
		}
	case *forStmt:
		if n.test != nil {
			d.condition(n.test)
		}
	}
	children(n, d.visit)
}

var orders = map[string]bool{"<": true, "<=": true, ">": true, ">=": true}

// condition looks for an assignment of what is always the same, where a comparison
// was meant.
func (d *doubter) condition(n node) {
	switch n := bare(n).(type) {
	case *binary:
		if n.op == "&&" || n.op == "||" {
			d.condition(n.l)
			d.condition(n.r)
		}
	case *unary:
		if n.op == "!" {
			d.condition(n.x)
		}
	case *assign:
		if n.op == "=" && constant(n.r) {
			d.found = append(d.found, Doubt{n.pos, "the condition assigns a value and is always the same; write === to compare"})
		}
	}
}

// constant reports whether an expression is a literal.
func constant(n node) bool {
	switch n := bare(n).(type) {
	case *str, *atom:
		return true
	case *template:
		return len(n.holes) == 0
	case *unary:
		return n.op != "await" && n.op != "yield" && n.op != "yield*" && n.x != nil && constant(n.x)
	}
	return false
}

// declarations are the names that a script declares anywhere.
func declarations(prog *program) (names []string) {
	var visit func(n node)
	pattern := func(n node) {
		names = append(names, targets(n)...)
	}
	visit = func(n node) {
		switch n := n.(type) {
		case *declarator:
			pattern(n.target)
		case *fn:
			if n.name != nil {
				names = append(names, n.name.name)
			}
			for _, p := range n.params {
				pattern(p)
			}
		case *class:
			if n.name != nil {
				names = append(names, n.name.name)
			}
		}
		children(n, visit)
	}
	for _, n := range prog.body {
		visit(n)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// targets are the names in a pattern.
func targets(n node) (names []string) {
	switch n := n.(type) {
	case *ident:
		return []string{n.name}
	case *assign: // a default
		return targets(n.l)
	case *spread:
		return targets(n.x)
	case *array:
		for _, item := range n.items {
			maybe(item, func(n node) { names = append(names, targets(n)...) })
		}
	case *object:
		for _, p := range n.props {
			maybe(p.value, func(n node) { names = append(names, targets(n)...) })
		}
	}
	return names
}
