package xslt

import (
	"fmt"
	"time"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// evaluation is one transformation.
type evaluation struct {
	sheet  *Stylesheet
	params map[string]string
	now    func() time.Time

	forest  xpath.Forest
	source  *xpath.Node
	own     *xpath.Node // the stylesheet, once document('') was called
	globals []globalValue
	indexes map[index]map[string]xpath.Nodes
	budget  xpath.Budget
	depth   int    // templates that wait for one another
	at      *place // of the latest instruction
}

type globalValue struct {
	value       xpath.Value
	known, busy bool
}

func (e *evaluation) transform(source []*tree.Node) string {
	e.source = e.document(source, e.sheet.stripped)
	e.globals = make([]globalValue, len(e.sheet.globals))
	for i := range e.globals {
		e.global(i)
	}
	out := newBuilder(e)
	s := &state{evaluation: e, node: e.source, position: 1, size: 1, out: out}
	s.applyTo(xpath.Nodes{e.source}, xpath.Name{}, nil)
	return e.sheet.output.write(out.root)
}

// state is where an evaluation is.
type state struct {
	*evaluation
	node           *xpath.Node
	position, size int
	mode           xpath.Name // of the template
	vars           []xpath.Value
	passed         []value // with-param
	out            *builder
}

type value struct {
	name  xpath.Name
	value xpath.Value
}

func (s *state) context() *xpath.Context {
	return &xpath.Context{Node: s.node, Position: s.position, Size: s.size, Current: s.node, Variables: s, Budget: &s.budget, Host: s}
}

func (s *state) eval(e *xpath.Expr) xpath.Value { return e.Eval(s.context()) }

func (s *state) text(e *xpath.Expr) string {
	c := s.context()
	return c.String(e.Eval(c))
}

func (s *state) nodes(e *xpath.Expr) xpath.Nodes {
	nodes, ok := s.eval(e).(xpath.Nodes)
	if !ok {
		xpath.Fail("there is a value where nodes should be")
	}
	return nodes
}

// expand evaluates an attribute value template.
func (s *state) expand(t avt) string {
	if len(t) == 1 && t[0].expr == nil {
		return t[0].text
	}
	text := ""
	for _, p := range t {
		if p.expr == nil {
			text += p.text
			continue
		}
		text += s.text(p.expr)
		if len(text) > xpath.MaxText {
			xpath.Fail("a text is too long")
		}
	}
	return text
}

// Variable gives a variable to expressions.
func (s *state) Variable(slot int) xpath.Value {
	if slot < 0 {
		return s.global(-1 - slot)
	}
	return s.vars[slot]
}

// global is a variable or parameter of the whole stylesheet. They are evaluated
// when first asked for, because one may use another that stands below it.
type global struct {
	binding
	name  xpath.Name
	param bool
	slots int
}

func (e *evaluation) global(i int) xpath.Value {
	g, v := e.sheet.globals[i], &e.globals[i]
	switch {
	case v.known:
		return v.value
	case v.busy:
		e.at = g.where()
		xpath.Fail("a global variable needs its own value")
	}
	v.busy = true
	given, ok := e.params[g.name.Local]
	if g.param && ok && g.name.Space == "" {
		v.value = given
	} else {
		s := &state{evaluation: e, node: e.source, position: 1, size: 1, vars: make([]xpath.Value, g.slots)}
		v.value = s.bind(&g.binding)
	}
	v.known = true
	return v.value
}

// binding is how a variable, a parameter or an argument gets its value.
type binding struct {
	place
	value *xpath.Expr // or nil
	body  sequence
}

func (s *state) bind(b *binding) xpath.Value {
	s.at = b.where()
	switch {
	case b.value != nil:
		return s.eval(b.value)
	case len(b.body) == 0:
		return ""
	}
	return xpath.Nodes{s.fragment(b.body)}
}

// fragment evaluates a body apart and returns the root of what it makes.
func (s *state) fragment(body sequence) *xpath.Node {
	sub := *s
	sub.out = newBuilder(s.evaluation)
	body.run(&sub)
	return sub.out.root
}

// textOf evaluates a body of which only the texts count.
func (s *state) textOf(body sequence) string {
	text := ""
	for _, n := range s.fragment(body).Children {
		if n.Kind == xpath.Text {
			text += n.Data
		}
	}
	return text
}

// apply runs a template at the state's node.
func (s *state) apply(t *template) {
	if s.depth++; s.depth > MaxTemplates {
		s.at = t.where()
		xpath.Fail(fmt.Sprintf("more than %d templates wait for one another", MaxTemplates))
	}
	s.vars = make([]xpath.Value, t.slots)
	t.body.run(s)
	s.depth--
}

// applyTo applies the templates of a mode to nodes.
func (s *state) applyTo(nodes xpath.Nodes, mode xpath.Name, passed []value) {
	sub := *s
	sub.mode, sub.size = mode, len(nodes)
	for i, n := range nodes {
		sub.node, sub.position, sub.passed = n, i+1, passed
		s.budget.Spend(1)
		if t := sub.find(); t != nil {
			sub.apply(t)
			continue
		}
		sub.builtIn()
	}
}

// builtIn is the template for nodes that no other matches.
func (s *state) builtIn() {
	switch s.node.Kind {
	case xpath.Root, xpath.Element:
		if s.depth++; s.depth > MaxTemplates {
			xpath.Fail(fmt.Sprintf("more than %d templates wait for one another", MaxTemplates))
		}
		s.applyTo(s.node.Children, s.mode, nil)
		s.depth--
	case xpath.Text, xpath.Attribute:
		s.out.text(s.node.Data, false)
	}
}
