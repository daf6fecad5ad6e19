package xpath

// Pattern is one alternative of a pattern (XSLT 1.0 §5.2): those that | separates
// have priorities of their own.
type Pattern struct {
	start    expr // key('…', '…') or id('…'), or nil
	absolute bool
	steps    []step
}

// CompilePattern reads a pattern and returns its alternatives.
func CompilePattern(text string, env Environment) ([]*Pattern, error) {
	p, err := newParser(text, env)
	if err != nil {
		return nil, err
	}
	e, err := p.whole(p.union)
	if err != nil {
		return nil, err
	}
	all, ok := e.(union)
	if !ok {
		all = union{e}
	}
	var patterns []*Pattern
	for _, e := range all {
		pattern, err := patternOf(e)
		if err != nil {
			return nil, err
		}
		patterns = append(patterns, pattern)
	}
	return patterns, nil
}

func patternOf(e expr) (*Pattern, error) {
	if c, ok := e.(*call); ok {
		e = &path{start: c}
	}
	p, ok := e.(*path)
	if !ok {
		return nil, syntax("a pattern is not a path")
	}
	if p.start != nil {
		c, ok := p.start.(*call)
		if !ok || c.function.Numeric {
			return nil, syntax("a pattern begins with an expression")
		}
	}
	for _, s := range p.pattern {
		if s.axis != axisChild && s.axis != axisAttribute && !s.isAnyDescendant() {
			return nil, syntax("a pattern has an axis other than child and attribute")
		}
	}
	return &Pattern{p.start, p.absolute, p.pattern}, nil
}

// Priority is the default priority (XSLT 1.0 §5.5).
func (p *Pattern) Priority() float64 {
	if p.start != nil || p.absolute || len(p.steps) != 1 || len(p.steps[0].predicates) > 0 {
		return 0.5
	}
	switch t := p.steps[0].test; {
	case t.kind == testName, t.kind == testProcInst && t.named:
		return 0
	case t.kind == testSpace:
		return -0.25
	}
	return -0.5
}

// Element returns the name of the elements that alone can match; ok is false for
// patterns that other nodes can match, too.
func (p *Pattern) Element() (name Name, ok bool) {
	if len(p.steps) == 0 {
		return Name{}, false
	}
	last := &p.steps[len(p.steps)-1]
	return last.test.name, last.axis == axisChild && last.test.kind == testName
}

// Matches reports whether a node matches. The context's node is not looked at.
func (p *Pattern) Matches(c *Context, n *Node) bool {
	return p.upTo(c, n, len(p.steps)-1)
}

// upTo reports whether the steps up to i can end at n.
func (p *Pattern) upTo(c *Context, n *Node, i int) bool {
	c.Budget.Spend(1)
	if i < 0 {
		return p.begins(c, n)
	}
	s := &p.steps[i]
	if s.isAnyDescendant() {
		for ; n != nil; n = n.Parent {
			if p.upTo(c, n, i-1) {
				return true
			}
		}
		return false
	}
	if n.Parent == nil || !s.fits(c, n) {
		return false
	}
	if i == 0 && p.start == nil && !p.absolute {
		return true
	}
	return p.upTo(c, n.Parent, i-1)
}

func (p *Pattern) begins(c *Context, n *Node) bool {
	if p.start == nil {
		return n.Kind == Root && n.Parent == nil
	}
	sub := *c
	sub.Node, sub.Position, sub.Size = n, 1, 1
	for _, found := range nodesOf(p.start.eval(&sub)) {
		if before(found, n) == 0 {
			return true
		}
	}
	return false
}

// fits reports whether the step finds n from its parent.
func (s *step) fits(c *Context, n *Node) bool {
	inPlace := n.inside()
	if s.axis == axisAttribute {
		inPlace = n.Kind == Attribute
	}
	if !inPlace || !s.test.matches(n, s.axis.principal()) {
		return false
	}
	if len(s.predicates) == 0 {
		return true
	}
	if positional(s.predicates) {
		return s.fitsAmongSiblings(c, n)
	}
	sub := *c
	sub.Node, sub.Current, sub.Position, sub.Size = n, n, 1, 1
	for i := range s.predicates {
		if !s.predicates[i].holds(&sub) {
			return false
		}
	}
	return true
}

func (s *step) fitsAmongSiblings(c *Context, n *Node) bool {
	known := &c.Budget.siblings
	if known.step != s || known.parent != n.Parent {
		sub := *c
		sub.Current = n
		fit := make(map[*Node]bool)
		for _, found := range s.from(&sub, n.Parent) {
			fit[found] = true
		}
		*known = siblings{s, n.Parent, fit}
	}
	return known.fit[n]
}
