// Package xpath is XPath 1.0 as XSLT needs it: with variables, with functions that
// depend on the stylesheet, with patterns, and over documents that have a root.
//
//	e, err := xpath.Compile("key('drug', @code)[$n > 1]", env)
//	…
//	v := e.Eval(&xpath.Context{Node: n, Position: 1, Size: 1, Variables: v, Budget: b})
//
// What goes wrong while an expression is evaluated is a panic with a [*Failure];
// whoever evaluates a whole stylesheet recovers it, once.
package xpath

import (
	"math"
	"slices"
)

// Context is where an expression is evaluated.
type Context struct {
	Node           *Node
	Position, Size int
	Current        *Node // of the instruction, for the function current()
	Variables      Variables
	Budget         *Budget
	Host           any // for the functions of the [Environment]
}

// Variables gives the values of variables by their slots.
type Variables interface{ Variable(slot int) Value }

// Failure is what ends an evaluation. It never holds content.
type Failure struct{ Problem string }

// Fail ends the evaluation.
func Fail(problem string) { panic(&Failure{problem}) }

// Budget is what evaluations may cost altogether.
type Budget struct {
	Steps int         // what is left: a node looked at, or some bytes of text made
	Check func() bool // asked now and then whether to go on; may be nil

	sinceCheck int
	siblings   siblings
}

// siblings is what a step of a pattern finds below one parent, kept because the
// siblings of a node are usually asked about next.
type siblings struct {
	step   *step
	parent *Node
	fit    map[*Node]bool
}

// Spend takes from what is left, and fails when it is used up.
func (b *Budget) Spend(steps int) {
	b.Steps -= steps
	b.sinceCheck += steps
	if b.Steps < 0 {
		Fail("it takes too many steps with this document")
	}
	if b.sinceCheck > 10_000 {
		b.sinceCheck = 0
		if b.Check != nil && !b.Check() {
			Fail("it was ended from outside")
		}
	}
}

// MaxText is the greatest length of a text that an expression makes, in bytes.
const MaxText = 64 << 20

// made charges for a text and returns it.
func (c *Context) made(s string) string {
	if len(s) > MaxText {
		Fail("a text is too long")
	}
	c.Budget.Spend(1 + len(s)/8)
	return s
}

// text returns the string value of a node.
func (c *Context) text(n *Node) string {
	if n.Kind == Element || n.Kind == Root {
		return c.made(n.String())
	}
	c.Budget.Spend(1)
	return n.Data
}

// String converts a value and charges for it.
func (c *Context) String(v Value) string {
	if nodes, ok := v.(Nodes); ok {
		if len(nodes) == 0 {
			return ""
		}
		return c.text(nodes[0])
	}
	s := String(v)
	c.Budget.Spend(len(s) / 64)
	return s
}

// Number converts a value and charges for it.
func (c *Context) Number(v Value) float64 {
	switch v.(type) {
	case Nodes, string:
		return ParseNumber(c.String(v))
	}
	return Number(v)
}

// Eval evaluates an expression.
func (e *Expr) Eval(c *Context) Value { return e.root.eval(c) }

type expr interface{ eval(c *Context) Value }

type literal struct{ value Value }

func (l literal) eval(*Context) Value { return l.value }

type variable int

func (v variable) eval(c *Context) Value { return c.Variables.Variable(int(v)) }

type call struct {
	function *Function
	args     []expr
}

func (e *call) eval(c *Context) Value {
	c.Budget.Spend(1)
	args := make([]Value, len(e.args))
	for i, a := range e.args {
		args[i] = a.eval(c)
	}
	return e.function.Call(c, args)
}

type negative struct {
	of       expr
	negative bool // an even number of signs only makes a number
}

func (e negative) eval(c *Context) Value {
	f := c.Number(e.of.eval(c))
	if e.negative {
		return -f
	}
	return f
}

// chain is operators of one level with what stands between them.
type chain struct {
	operands []expr
	ops      []string
}

func (e chain) eval(c *Context) Value {
	switch e.ops[0] {
	case "or":
		return slices.ContainsFunc(e.operands, func(o expr) bool { return Bool(o.eval(c)) })
	case "and":
		return !slices.ContainsFunc(e.operands, func(o expr) bool { return !Bool(o.eval(c)) })
	}
	v := e.operands[0].eval(c)
	for i, op := range e.ops {
		right := e.operands[i+1].eval(c)
		switch op {
		case "+", "-", "*", "div", "mod":
			v = arithmetic(op, c.Number(v), c.Number(right))
		default:
			v = compare(c, op, v, right)
		}
	}
	return v
}

func arithmetic(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "div":
		return a / b
	}
	return math.Mod(a, b)
}

type union []expr

func (e union) eval(c *Context) Value {
	var all Nodes
	for _, o := range e {
		all = append(all, nodesOf(o.eval(c))...)
	}
	return sorted(all)
}

func nodesOf(v Value) Nodes {
	nodes, ok := v.(Nodes)
	if !ok {
		Fail("there is a value where nodes should be")
	}
	return nodes
}
