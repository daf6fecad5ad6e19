package xslt

import (
	"slices"

	"github.com/weir-health/weir/internal/xslt/xpath"
)

type template struct {
	place
	body  sequence
	slots int // variables
}

// rule is a template with one alternative of its pattern.
type rule struct {
	template *template
	pattern  *xpath.Pattern
	priority float64
	order    int // in the stylesheet
}

// rules is the templates of one mode. Those that only elements of one name can match
// are found by that name.
type rules struct {
	named map[xpath.Name][]rule
	other []rule
	count int
}

func newRules() *rules { return &rules{named: make(map[xpath.Name][]rule)} }

func (r *rules) add(x rule) {
	r.count++
	x.order = r.count
	if name, ok := x.pattern.Element(); ok {
		r.named[name] = append(r.named[name], x)
		return
	}
	r.other = append(r.other, x)
}

// sort puts first what is tried first. Of two templates of one priority the last
// wins.
func (r *rules) sort() {
	slices.SortFunc(r.other, compareRules)
	for _, list := range r.named {
		slices.SortFunc(list, compareRules)
	}
}

func compareRules(a, b rule) int {
	switch {
	case a.priority > b.priority:
		return -1
	case a.priority < b.priority:
		return 1
	}
	return b.order - a.order
}

// find returns the template for the state's node in its mode, or nil.
func (s *state) find() *template {
	r := s.sheet.modes[s.mode]
	if r == nil {
		return nil
	}
	var named []rule
	if s.node.Kind == xpath.Element {
		named = r.named[s.node.Name]
	}
	other := r.other
	c := s.context()
	for len(named) > 0 || len(other) > 0 {
		var next rule
		if len(other) == 0 || len(named) > 0 && compareRules(named[0], other[0]) < 0 {
			next, named = named[0], named[1:]
		} else {
			next, other = other[0], other[1:]
		}
		if next.pattern.Matches(c, s.node) {
			return next.template
		}
	}
	return nil
}

func matchesAny(patterns []*xpath.Pattern, c *xpath.Context, n *xpath.Node) bool {
	return slices.ContainsFunc(patterns, func(p *xpath.Pattern) bool { return p.Matches(c, n) })
}
