package xslt

import (
	"github.com/weir-health/weir/internal/xslt/xpath"
)

// instruction is an element in a template, or a text.
type instruction interface {
	where() *place
	run(s *state)
}

type sequence []instruction

func (q sequence) run(s *state) {
	for _, in := range q {
		s.budget.Spend(1)
		s.at = in.where()
		in.run(s)
	}
}

type textInstruction struct {
	place
	text string
	raw  bool
}

func (in *textInstruction) run(s *state) { s.out.text(in.text, in.raw) }

type valueOf struct {
	place
	value *xpath.Expr
	raw   bool
}

func (in *valueOf) run(s *state) { s.out.text(s.text(in.value), in.raw) }

type copyOf struct {
	place
	value *xpath.Expr
}

func (in *copyOf) run(s *state) {
	c := s.context()
	v := in.value.Eval(c)
	nodes, ok := v.(xpath.Nodes)
	if !ok {
		s.out.text(c.String(v), false)
		return
	}
	for _, n := range nodes {
		s.out.copy(n)
	}
}

type copyNode struct {
	place
	sets [][]*attributeSet
	body sequence
}

func (in *copyNode) run(s *state) {
	switch n := s.node; n.Kind {
	case xpath.Root:
		in.body.run(s)
	case xpath.Element:
		s.out.start(n.Name, n.Prefix, n.Scope)
		s.useSets(in.sets)
		in.body.run(s)
		s.out.end()
	default:
		s.out.copy(n)
	}
}

type choose struct {
	place
	whens     []when
	otherwise sequence
}

type when struct {
	test *xpath.Expr
	body sequence
}

func (in *choose) run(s *state) {
	for _, w := range in.whens {
		if xpath.Bool(s.eval(w.test)) {
			w.body.run(s)
			return
		}
	}
	in.otherwise.run(s)
}

type forEach struct {
	place
	nodes *xpath.Expr
	sorts []sortKey
	body  sequence
}

func (in *forEach) run(s *state) {
	nodes := s.sorted(s.nodes(in.nodes), in.sorts)
	sub := *s
	sub.size = len(nodes)
	for i, n := range nodes {
		sub.node, sub.position = n, i+1
		in.body.run(&sub)
	}
}

// variable is xsl:variable, or xsl:param in a template.
type variable struct {
	binding
	name  xpath.Name
	slot  int
	param bool
}

func (in *variable) run(s *state) {
	if in.param {
		for _, p := range s.passed {
			if p.name == in.name {
				s.vars[in.slot] = p.value
				return
			}
		}
	}
	s.vars[in.slot] = s.bind(&in.binding)
}

// argument is xsl:with-param.
type argument struct {
	name xpath.Name
	binding
}

func (s *state) bindAll(arguments []argument) []value {
	if len(arguments) == 0 {
		return nil
	}
	passed := make([]value, len(arguments))
	for i := range arguments {
		passed[i] = value{arguments[i].name, s.bind(&arguments[i].binding)}
	}
	return passed
}

type applyTemplates struct {
	place
	nodes     *xpath.Expr // nil: the children
	mode      xpath.Name
	sorts     []sortKey
	arguments []argument
}

func (in *applyTemplates) run(s *state) {
	nodes := xpath.Nodes(s.node.Children)
	if in.nodes != nil {
		nodes = s.nodes(in.nodes)
	}
	s.applyTo(s.sorted(nodes, in.sorts), in.mode, s.bindAll(in.arguments))
}

type callTemplate struct {
	place
	template  *template
	arguments []argument
}

func (in *callTemplate) run(s *state) {
	sub := *s
	sub.passed = s.bindAll(in.arguments)
	sub.apply(in.template)
}

// applyImports has nothing imported to apply, which leaves the built-in templates.
type applyImports struct{ place }

func (in *applyImports) run(s *state) {
	sub := *s
	sub.builtIn()
}

type message struct {
	place
	terminate bool
	body      sequence
}

// run evaluates the message and lets it fall: it holds content, which belongs in no log.
func (in *message) run(s *state) {
	s.fragment(in.body)
	if in.terminate {
		s.at = in.where()
		xpath.Fail("xsl:message ended the transformation")
	}
}

// unknown is an element of an extension or of a later version of XSLT.
type unknown struct {
	place
	fallback sequence
	has      bool
}

func (in *unknown) run(s *state) {
	if !in.has {
		xpath.Fail("an element is no instruction of XSLT 1.0 and has no xsl:fallback")
	}
	in.fallback.run(s)
}
