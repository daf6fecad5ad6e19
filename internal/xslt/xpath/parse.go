package xpath

import (
	"errors"
	"fmt"
	"strings"
)

// MaxLength is the greatest length of an expression, in bytes.
const MaxLength = 20_000

// MaxDepth is how deep brackets and predicates of an expression may be nested.
const MaxDepth = 200

// Environment is what stands around an expression.
type Environment interface {
	// Namespace returns what a prefix stands for.
	Namespace(prefix string) (uri string, ok bool)

	// Variable returns the slot of a variable, by which it is asked for later.
	Variable(name Name) (slot int, ok bool)

	// Function returns a function that XPath itself does not have. An error says
	// why a function that may be known elsewhere is not there.
	Function(name Name) (*Function, error)
}

// Function is a function that expressions can call.
type Function struct {
	Min, Max int // how many arguments; Max below 0 means any number

	// Call is given as many arguments as it wants. The arguments are its own.
	Call func(c *Context, args []Value) Value

	// Numeric is set where the result may be a number, which as a predicate
	// would be a position.
	Numeric bool
}

// Expr is a compiled expression. It may be used by many goroutines.
type Expr struct{ root expr }

// Compile reads an expression.
func Compile(text string, env Environment) (*Expr, error) {
	p, err := newParser(text, env)
	if err != nil {
		return nil, err
	}
	root, err := p.whole(p.or)
	if err != nil {
		return nil, err
	}
	return &Expr{root}, nil
}

// Literal returns the text of an expression that is nothing but a literal.
func (e *Expr) Literal() (text string, ok bool) {
	l, ok := e.root.(literal)
	if !ok {
		return "", false
	}
	text, ok = l.value.(string)
	return text, ok
}

func syntax(problem string) error { return errors.New(problem) }

type parser struct {
	tokens []token
	env    Environment
	depth  int
}

func newParser(text string, env Environment) (*parser, error) {
	if len(text) > MaxLength {
		return nil, fmt.Errorf("an expression is longer than %d bytes", MaxLength)
	}
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	return &parser{tokens: tokens, env: env}, nil
}

// whole reads with f and expects nothing after that.
func (p *parser) whole(f func() (expr, error)) (expr, error) {
	e, err := f()
	if err == nil && p.peek().kind != tokEnd {
		err = syntax("there is something after the end of the expression")
	}
	return e, err
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != tokEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) is(symbol string) bool {
	return p.tokens[0].kind == tokSymbol && p.tokens[0].text == symbol
}

// followed reports whether the token after the next is a symbol.
func (p *parser) followed(symbol string) bool {
	return len(p.tokens) > 1 && p.tokens[1].kind == tokSymbol && p.tokens[1].text == symbol
}

func (p *parser) accept(symbol string) bool {
	if p.is(symbol) {
		p.take()
		return true
	}
	return false
}

func (p *parser) expect(symbol string) error {
	if !p.accept(symbol) {
		return fmt.Errorf("there is no %s where one is needed", symbol)
	}
	return nil
}

// levels are the binary operators, those that bind least first.
var levels = [][]string{{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"}}

func (p *parser) or() (expr, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, fmt.Errorf("more than %d brackets are inside one another", MaxDepth)
	}
	defer func() { p.depth-- }()
	return p.binary(0)
}

func (p *parser) binary(level int) (expr, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	operands := []expr{left}
	var ops []string
	for p.peek().kind == tokSymbol && contains(levels[level], p.peek().text) {
		ops = append(ops, p.take().text)
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		operands = append(operands, right)
	}
	if len(ops) == 0 {
		return left, nil
	}
	return chain{operands, ops}, nil
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func (p *parser) unary() (expr, error) {
	signs := 0
	for p.accept("-") {
		signs++
	}
	e, err := p.union()
	if err != nil || signs == 0 {
		return e, err
	}
	return negative{e, signs%2 == 1}, nil
}

func (p *parser) union() (expr, error) {
	first, err := p.path()
	if err != nil || !p.is("|") {
		return first, err
	}
	u := union{first}
	for p.accept("|") {
		e, err := p.path()
		if err != nil {
			return nil, err
		}
		u = append(u, e)
	}
	return u, nil
}

// path reads a location path or a filtered expression with one after it.
func (p *parser) path() (expr, error) {
	var start expr
	if p.primaryBegins() {
		var err error
		if start, err = p.filtered(); err != nil {
			return nil, err
		}
		if !p.is("/") && !p.is("//") {
			return start, nil
		}
	}
	path := &path{start: start}
	switch {
	case p.accept("//"):
		path.absolute = start == nil
		path.steps = append(path.steps, anyDescendant)
	case p.accept("/"):
		path.absolute = start == nil
		if start == nil && !p.stepBegins() {
			return path, nil
		}
	}
	for {
		s, err := p.step()
		if err != nil {
			return nil, err
		}
		path.steps = append(path.steps, s)
		switch {
		case p.accept("//"):
			path.steps = append(path.steps, anyDescendant)
		case p.accept("/"):
		default:
			path.simplify()
			return path, nil
		}
	}
}

var nodeTypes = map[string]test{
	"node": {kind: testNode}, "text": {kind: testText}, "comment": {kind: testComment}, "processing-instruction": {kind: testProcInst},
}

func (p *parser) primaryBegins() bool {
	switch t := p.peek(); t.kind {
	case tokVariable, tokNumber, tokLiteral:
		return true
	case tokSymbol:
		return t.text == "("
	case tokName:
		_, isType := nodeTypes[t.text]
		return !isType && p.followed("(")
	}
	return false
}

func (p *parser) stepBegins() bool {
	return p.peek().kind == tokName || p.is(".") || p.is("..") || p.is("@")
}

func (p *parser) filtered() (expr, error) {
	e, err := p.primary()
	if err != nil || !p.is("[") {
		return e, err
	}
	predicates, err := p.predicates()
	return &filter{e, predicates}, err
}

func (p *parser) primary() (expr, error) {
	t := p.take()
	switch t.kind {
	case tokLiteral:
		return literal{t.text}, nil
	case tokNumber:
		return literal{ParseNumber(t.text)}, nil
	case tokVariable:
		name, err := p.name(t.text)
		if err != nil {
			return nil, err
		}
		slot, ok := p.env.Variable(name)
		if !ok {
			return nil, fmt.Errorf("there is no variable $%s here", t.text)
		}
		return variable(slot), nil
	case tokSymbol: // (
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	}
	return p.call(t.text)
}

// name gives a qualified name its namespace; without a prefix there is none.
func (p *parser) name(qname string) (Name, error) {
	prefix, local, ok := strings.Cut(qname, ":")
	if !ok {
		return Name{Local: qname}, nil
	}
	uri, ok := p.env.Namespace(prefix)
	if !ok {
		return Name{}, fmt.Errorf("the prefix %s is not declared", prefix)
	}
	return Name{uri, local}, nil
}

func (p *parser) call(qname string) (expr, error) {
	name, err := p.name(qname)
	if err != nil {
		return nil, err
	}
	f := core[name.Local]
	if f == nil || name.Space != "" {
		if f, err = p.env.Function(name); err != nil {
			return nil, err
		}
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var args []expr
	for !p.is(")") {
		if len(args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.or()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	p.take()
	if len(args) < f.Min || f.Max >= 0 && len(args) > f.Max {
		return nil, fmt.Errorf("the function %s cannot have %d arguments", qname, len(args))
	}
	return &call{f, args}, nil
}

func (p *parser) predicates() ([]predicate, error) {
	var list []predicate
	for p.accept("[") {
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		if err := p.expect("]"); err != nil {
			return nil, err
		}
		list = append(list, newPredicate(e))
	}
	return list, nil
}

func (p *parser) step() (step, error) {
	if p.accept(".") {
		return step{axis: axisSelf, test: test{kind: testNode}}, nil
	}
	if p.accept("..") {
		return step{axis: axisParent, test: test{kind: testNode}}, nil
	}
	s := step{axis: axisChild}
	if p.accept("@") {
		s.axis = axisAttribute
	} else if p.peek().kind == tokName && p.followed("::") {
		name := p.take().text
		axis, ok := axes[name]
		if !ok {
			return s, fmt.Errorf("there is no axis %s", name)
		}
		s.axis = axis
		p.take()
	}
	var err error
	if s.test, err = p.test(); err != nil {
		return s, err
	}
	s.predicates, err = p.predicates()
	return s, err
}

func (p *parser) test() (test, error) {
	t := p.take()
	if t.kind != tokName {
		return test{}, syntax("a step has no name")
	}
	if nodeType, ok := nodeTypes[t.text]; ok && p.is("(") {
		p.take()
		if nodeType.kind == testProcInst && p.peek().kind == tokLiteral {
			nodeType.name.Local, nodeType.named = p.take().text, true
		}
		return nodeType, p.expect(")")
	}
	if t.text == "*" {
		return test{kind: testAny}, nil
	}
	name, err := p.name(t.text)
	if err != nil {
		return test{}, err
	}
	if name.Local == "*" {
		return test{kind: testSpace, name: name}, nil
	}
	return test{kind: testName, name: name}, nil
}
