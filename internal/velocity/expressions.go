package velocity

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Operators from the loosest binding to the tightest, each with its word.
var levels = [...][]struct{ sign, word string }{
	{{"||", "or"}},
	{{"&&", "and"}},
	{{"==", "eq"}, {"!=", "ne"}},
	{{"<=", "le"}, {">=", "ge"}, {"<", "lt"}, {">", "gt"}},
	{{"+", ""}, {"-", ""}},
	{{"*", ""}, {"/", ""}, {"%", ""}},
}

func (p *parser) expression() (expression, error) { return p.binary(0) }

func (p *parser) binary(level int) (expression, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for {
		offset := p.pos
		sign := p.operator(level)
		if sign == "" {
			return left, nil
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		left = &operation{sign: sign, left: left, right: right, offset: offset}
	}
}

// operator reads an operator of the level, "" if another thing comes.
func (p *parser) operator(level int) string {
	p.skipSpace()
	rest := p.source[p.pos:]
	for _, op := range levels[level] {
		switch {
		case strings.HasPrefix(rest, op.sign) && !(op.sign == "-" && beginsNumber(rest)):
			p.pos += len(op.sign)
			return op.sign
		case op.word != "" && name(rest) == op.word:
			p.pos += len(op.word)
			return op.sign
		}
	}
	return ""
}

func (p *parser) unary() (expression, error) {
	p.skipSpace()
	rest := p.source[p.pos:]
	offset := p.pos
	sign := ""
	switch {
	case strings.HasPrefix(rest, "!"):
		sign = "!"
		p.pos++
	case name(rest) == "not":
		sign = "!"
		p.pos += len("not")
	case strings.HasPrefix(rest, "-") && !beginsNumber(rest):
		sign = "-"
		p.pos++
	case strings.HasPrefix(rest, "("):
		return p.nested(p.condition)
	default:
		return p.operand()
	}
	e, err := p.nested(p.unary)
	return &operation{sign: sign, right: e, offset: offset}, err
}

// nested guards against recursion without end.
func (p *parser) nested(read func() (expression, error)) (expression, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, errDepth
	}
	e, err := read()
	p.depth--
	return e, err
}

// operand reads a value without operators: a reference, string, number, list,
// map, true or false.
func (p *parser) operand() (expression, error) {
	if p.pos == len(p.source) {
		return nil, errors.New("template ends where a value is missing")
	}
	rest := p.source[p.pos:]
	switch c := rest[0]; {
	case c == '$':
		ref, err := p.reference()
		if err == nil && ref == nil {
			err = errors.New("$ without a name")
		}
		return ref, err
	case c == '"' || c == '\'':
		return p.quoted(c)
	case c == '[':
		return p.nested(p.list)
	case c == '{':
		return p.nested(p.mapping)
	case beginsNumber(rest):
		return p.number()
	}
	switch word := name(rest); word {
	case "true", "false":
		p.pos += len(word)
		return constant{word == "true"}, nil
	}
	return nil, errors.New("a value is missing: a reference, string, number, list or map")
}

// quoted reads a string. The quote doubled stands for itself. Between double
// quotes references and directives work as in a template.
func (p *parser) quoted(quote byte) (expression, error) {
	start := p.pos
	end := p.pos + 1
	for ; ; end++ {
		i := strings.IndexByte(p.source[end:], quote)
		if i < 0 {
			return nil, errors.New("string is not closed")
		}
		if end += i; end+1 == len(p.source) || p.source[end+1] != quote {
			break
		}
		end++
	}
	q := string(quote)
	content := strings.ReplaceAll(p.source[start+1:end], q+q, q)
	if quote == '"' {
		content = unescapeUnicode(content)
		if strings.ContainsAny(content, "$#") {
			inner := parser{source: content, depth: p.depth + 1, afterNewline: true}
			nodes, err := inner.template()
			if err != nil {
				return nil, fmt.Errorf("in the string: %w", err)
			}
			p.pos = end + 1
			return &interpolated{nodes, start}, nil
		}
	}
	p.pos = end + 1
	return constant{content}, nil
}

// unescapeUnicode replaces \u0041 by what it stands for.
func unescapeUnicode(s string) string {
	if !strings.Contains(s, `\u`) {
		return s
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, `\u`)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		if len(after) >= 4 {
			if code, err := strconv.ParseUint(after[:4], 16, 16); err == nil {
				b.WriteRune(rune(code))
				s = after[4:]
				continue
			}
		}
		b.WriteString(`\u`)
		s = after
	}
}

// beginsNumber reports whether s begins a number, which takes a minus right
// before it: "1 -1" is two numbers and no subtraction.
func beginsNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	s = strings.TrimPrefix(s, ".")
	return s != "" && isDigit(s[0])
}

func (p *parser) number() (expression, error) {
	rest := p.source[p.pos:]
	digits := func(n int) int {
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		return n
	}
	n := 0
	if rest[0] == '-' {
		n = 1
	}
	n = digits(n)
	whole := true
	if n < len(rest) && rest[n] == '.' && !strings.HasPrefix(rest[n:], "..") {
		whole = false
		n = digits(n + 1)
	}
	if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
		e := n + 1
		if e < len(rest) && (rest[e] == '+' || rest[e] == '-') {
			e++
		}
		if end := digits(e); end > e {
			whole, n = false, end
		}
	}
	p.pos += n
	if whole {
		i, err := strconv.ParseInt(rest[:n], 10, 64)
		if err != nil {
			return nil, errors.New("number has more than 64 bits")
		}
		return constant{i}, nil
	}
	f, _ := strconv.ParseFloat(rest[:n], 64) // too large is infinite, as in Java
	return constant{f}, nil
}

// list reads [a, b] or the range [1..3].
func (p *parser) list() (expression, error) {
	offset := p.pos
	p.pos++
	if p.accept("]") {
		return listLiteral(nil), nil
	}
	first, err := p.operand()
	if err != nil {
		return nil, err
	}
	if p.accept("..") {
		p.skipSpace()
		last, err := p.operand()
		if err != nil {
			return nil, err
		}
		if !mayBeWhole(first) || !mayBeWhole(last) {
			return nil, errors.New("a range goes from one whole number to another")
		}
		return &rangeLiteral{first, last, offset}, p.expect("]")
	}
	items := listLiteral{first}
	for !p.accept("]") {
		if err := p.expect(","); err != nil {
			return nil, err
		}
		p.skipSpace()
		item, err := p.operand()
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func mayBeWhole(e expression) bool {
	switch e := e.(type) {
	case *reference:
		return true
	case constant:
		_, ok := e.value.(int64)
		return ok
	}
	return false
}

// mapping reads {"key": value}.
func (p *parser) mapping() (expression, error) {
	p.pos++
	var pairs mapLiteral
	if p.accept("}") {
		return pairs, nil
	}
	for {
		p.skipSpace()
		key, err := p.operand()
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		p.skipSpace()
		value, err := p.operand()
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, [2]expression{key, value})
		if p.accept("}") {
			return pairs, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}
