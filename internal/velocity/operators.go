package velocity

import (
	"errors"
	"math"
	"math/big"
	"strings"
)

type constant struct{ value any }

func (c constant) eval(*renderer) (any, error) { return c.value, nil }

// interpolated is a double-quoted string with references in it.
type interpolated struct {
	nodes  []node
	offset int
}

func (s *interpolated) eval(r *renderer) (any, error) {
	outer := r.out
	r.out = new(strings.Builder)
	_, err := r.all(s.nodes)
	text := r.out.String()
	r.out = outer
	if err != nil {
		// Places inside the string are of no use to who reads the template.
		var p placed
		if errors.As(err, &p) {
			err = p.error
		}
		return nil, r.fail(s.offset, err)
	}
	return text, nil
}

type listLiteral []expression

func (l listLiteral) eval(r *renderer) (any, error) {
	items := make([]any, len(l))
	for i, e := range l {
		var err error
		if items[i], err = e.eval(r); err != nil {
			return nil, err
		}
	}
	return &list{items}, nil
}

type rangeLiteral struct {
	first, last expression
	offset      int
}

func (l *rangeLiteral) eval(r *renderer) (any, error) {
	first, err := l.first.eval(r)
	if err != nil {
		return nil, err
	}
	last, err := l.last.eval(r)
	if err != nil {
		return nil, err
	}
	from, ok1 := first.(int64)
	to, ok2 := last.(int64)
	if !ok1 || !ok2 {
		return nil, nil
	}
	by := int64(1)
	if to < from {
		by = -1
	}
	if length := math.Abs(float64(to) - float64(from)); length >= float64(r.maxSteps) {
		return nil, r.fail(l.offset, errSteps)
	}
	if err := r.step(int((to-from)*by) + 1); err != nil {
		return nil, r.fail(l.offset, err)
	}
	var items []any
	for i := from; i != to; i += by {
		items = append(items, i)
	}
	return &list{append(items, to)}, nil
}

type mapLiteral [][2]expression

func (m mapLiteral) eval(r *renderer) (any, error) {
	d := new(dict)
	for _, pair := range m {
		key, err := pair[0].eval(r)
		if err != nil {
			return nil, err
		}
		name, _, err := r.text(key)
		if err != nil {
			return nil, err
		}
		value, err := pair[1].eval(r)
		if err != nil {
			return nil, err
		}
		d.put(name, value)
	}
	return d, nil
}

// operation is an operator with its operands; left is nil for ! and unary -.
type operation struct {
	sign        string
	left, right expression
	offset      int
}

func (o *operation) eval(r *renderer) (any, error) {
	v, err := o.value(r)
	if err != nil {
		return nil, r.fail(o.offset, err)
	}
	return v, nil
}

func (o *operation) value(r *renderer) (any, error) {
	var left any
	var err error
	if o.left != nil {
		if left, err = o.left.eval(r); err != nil {
			return nil, err
		}
	}
	switch {
	case o.sign == "||" && truth(left):
		return true, nil
	case o.sign == "&&" && !truth(left):
		return false, nil
	}
	right, err := o.right.eval(r)
	if err != nil {
		return nil, err
	}
	switch o.sign {
	case "||", "&&":
		return truth(right), nil
	case "!":
		return !truth(right), nil
	case "==":
		return equal(left, right), nil
	case "!=":
		return !equal(left, right), nil
	case "<", "<=", ">", ">=":
		return less(o.sign, left, right), nil
	case "+":
		return o.plus(r, left, right)
	}
	if o.left == nil {
		left = zeroLike(right)
	}
	return arithmetic(o.sign, left, right)
}

// zeroLike returns what to subtract v from to change its sign.
func zeroLike(v any) any {
	switch v.(type) {
	case string:
		return "0"
	case float64:
		return math.Copysign(0, -1)
	}
	return int64(0)
}

// plus joins texts if one side is a string; an undefined reference is then as
// written.
func (o *operation) plus(r *renderer, left, right any) (any, error) {
	_, ok1 := left.(string)
	_, ok2 := right.(string)
	if !ok1 && !ok2 {
		return arithmetic("+", left, right)
	}
	a, err := textOrWritten(r, o.left, left)
	if err != nil {
		return nil, err
	}
	b, err := textOrWritten(r, o.right, right)
	if err != nil {
		return nil, err
	}
	if len(a)+len(b) > r.maxOutput {
		return nil, errOutput
	}
	return a + b, nil
}

func textOrWritten(r *renderer, e expression, v any) (string, error) {
	s, ok, err := r.text(v)
	if ref, isRef := e.(*reference); !ok && isRef {
		return ref.written, err
	}
	return s, err
}

// truth is what #if sees: undefined, false, zero and everything empty are false.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case int64:
		return v != 0
	case float64:
		return v != 0
	case []any, map[string]any, *list, *dict:
		return sizeOf(v) > 0
	}
	return true
}

// arithmetic returns nil for what is no number and for division by zero. A
// string that holds a number counts as one, and makes the result of - and * a
// fraction if the other side is no string.
func arithmetic(sign string, left, right any) (any, error) {
	a, aText, ok1 := operandOf(left)
	b, bText, ok2 := operandOf(right)
	if !ok1 || !ok2 {
		return nil, nil
	}
	x, whole1 := a.(int64)
	y, whole2 := b.(int64)
	if whole1 && whole2 && (aText == bText || sign == "/" || sign == "%") {
		return wholeArithmetic(sign, x, y)
	}
	f, g := float(a), float(b)
	switch sign {
	case "+":
		return f + g, nil
	case "-":
		return f - g, nil
	case "*":
		return f * g, nil
	}
	if g == 0 {
		return nil, nil
	}
	if sign == "/" {
		return f / g, nil
	}
	return math.Mod(f, g), nil
}

func operandOf(v any) (number any, isText, ok bool) {
	switch v := v.(type) {
	case int64, float64:
		return v, false, true
	case string:
		number, ok = parseNumber(v)
		return number, true, ok
	}
	return nil, false, false
}

func wholeArithmetic(sign string, x, y int64) (any, error) {
	if sign == "/" || sign == "%" {
		switch {
		case y == 0:
			return nil, nil
		case sign == "%" && y == -1:
			return int64(0), nil
		case sign == "%":
			return x % y, nil
		case x != math.MinInt64 || y != -1:
			return x / y, nil
		}
	}
	a, b := big.NewInt(x), big.NewInt(y)
	switch sign {
	case "+":
		a.Add(a, b)
	case "-":
		a.Sub(a, b)
	case "*":
		a.Mul(a, b)
	default:
		a.Neg(a)
	}
	if !a.IsInt64() {
		return nil, errors.New("number has more than 64 bits")
	}
	return a.Int64(), nil
}

// equal compares numbers and texts of numbers by value, so "05" equals 5; other
// values of different kinds by their text.
func equal(left, right any) bool {
	if left == nil || right == nil {
		return left == nil && right == nil
	}
	if c, ok := compareNumbers(left, right); ok {
		return c == 0
	}
	budget := maxCompared
	return equalValues(left, right, &budget)
}

func less(sign string, left, right any) bool {
	c, ok := compareNumbers(left, right)
	if !ok {
		return false
	}
	switch sign {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}
