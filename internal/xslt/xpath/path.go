package xpath

import (
	"math"
	"slices"
)

// path is a location path, from the context node, from the root of its document, or
// from what an expression gives.
type path struct {
	start    expr
	absolute bool
	steps    []step
	pattern  []step // the steps as they were written
}

type step struct {
	axis       axis
	test       test
	predicates []predicate
}

// anyDescendant is what // stands for.
var anyDescendant = step{axis: axisDescendantOrSelf, test: test{kind: testNode}}

func (s *step) isAnyDescendant() bool {
	return s.axis == axisDescendantOrSelf && s.test.kind == testNode && len(s.predicates) == 0
}

// simplify makes //a one step, where positions play no part.
func (p *path) simplify() {
	p.pattern = p.steps
	var steps []step
	for i := 0; i < len(p.steps); i++ {
		s := p.steps[i]
		if s.isAnyDescendant() && i+1 < len(p.steps) && p.steps[i+1].axis == axisChild && !positional(p.steps[i+1].predicates) {
			i++
			s = p.steps[i]
			s.axis = axisDescendant
		}
		steps = append(steps, s)
	}
	p.steps = steps
}

func (p *path) eval(c *Context) Value {
	var nodes Nodes
	switch {
	case p.start != nil:
		nodes = nodesOf(p.start.eval(c))
	case p.absolute:
		nodes = Nodes{c.Node.Top()}
	default:
		nodes = Nodes{c.Node}
	}
	for i := range p.steps {
		nodes = p.steps[i].eval(c, nodes)
	}
	return nodes
}

func (s *step) eval(c *Context, from Nodes) Nodes {
	var all Nodes
	for i, n := range from {
		found := s.from(c, n)
		if s.axis.reverse() {
			slices.Reverse(found)
		}
		if i == 0 {
			all = found
		} else {
			all = append(all, found...)
		}
	}
	return sorted(all)
}

// from returns what the step finds from one node, nearest first.
func (s *step) from(c *Context, n *Node) Nodes {
	w := walk{c: c, test: &s.test, principal: s.axis.principal()}
	if len(s.predicates) > 0 {
		w.most = s.predicates[0].at
	}
	w.run(s.axis, n)
	for i := range s.predicates {
		w.found = s.predicates[i].keep(c, w.found)
	}
	return w.found
}

// predicate is an expression in square brackets.
type predicate struct {
	expr       expr
	positional bool // may depend on the position
	at         int  // the position that it is, or 0
}

func newPredicate(e expr) predicate {
	p := predicate{expr: e, positional: dependsOnPosition(e)}
	if l, ok := e.(literal); ok {
		if f, ok := l.value.(float64); ok && f >= 1 && f < math.MaxInt32 && f == math.Trunc(f) {
			p.at = int(f)
		}
	}
	return p
}

// keep returns the nodes for which the predicate holds. It writes over the list.
func (p *predicate) keep(c *Context, nodes Nodes) Nodes {
	if p.at > 0 {
		if p.at > len(nodes) {
			return nil
		}
		return nodes[p.at-1 : p.at : p.at]
	}
	sub := *c
	sub.Size = len(nodes)
	kept := nodes[:0]
	for i, n := range nodes {
		sub.Node, sub.Position = n, i+1
		if p.holds(&sub) {
			kept = append(kept, n)
		}
	}
	return kept
}

func (p *predicate) holds(c *Context) bool {
	c.Budget.Spend(1)
	v := p.expr.eval(c)
	if f, ok := v.(float64); ok {
		return f == float64(c.Position)
	}
	return Bool(v)
}

func positional(list []predicate) bool {
	return slices.ContainsFunc(list, func(p predicate) bool { return p.positional })
}

// dependsOnPosition reports whether a predicate may be a number, or asks for the
// position or the size.
func dependsOnPosition(e expr) bool { return mayBeNumber(e) || asksForPosition(e) }

func mayBeNumber(e expr) bool {
	switch e := e.(type) {
	case literal:
		return isA[float64](e.value)
	case *path, union:
		return false
	case *filter:
		return false
	case chain:
		switch e.ops[0] {
		case "+", "-", "*", "div", "mod":
			return true
		}
		return false
	case *call:
		return e.function.Numeric
	}
	return true
}

func asksForPosition(e expr) bool {
	switch e := e.(type) {
	case literal, variable:
		return false
	case negative:
		return asksForPosition(e.of)
	case chain:
		return slices.ContainsFunc(e.operands, asksForPosition)
	case union:
		return slices.ContainsFunc(e, asksForPosition)
	case *path:
		return e.start != nil && asksForPosition(e.start)
	case *filter:
		return asksForPosition(e.of)
	case *call:
		return e.function == core["position"] || e.function == core["last"] || slices.ContainsFunc(e.args, asksForPosition)
	}
	return true
}

// filter is an expression with predicates, such as (//a)[1].
type filter struct {
	of         expr
	predicates []predicate
}

func (f *filter) eval(c *Context) Value {
	nodes := slices.Clone(nodesOf(f.of.eval(c)))
	for i := range f.predicates {
		nodes = f.predicates[i].keep(c, nodes)
	}
	return nodes
}
