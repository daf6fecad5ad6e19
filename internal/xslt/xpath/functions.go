package xpath

import (
	"math"
	"strings"
	"unicode/utf8"
)

// core is the functions of XPath 1.0 §4.
var core = map[string]*Function{
	"last":          {0, 0, func(c *Context, _ []Value) Value { return float64(c.Size) }, true},
	"position":      {0, 0, func(c *Context, _ []Value) Value { return float64(c.Position) }, true},
	"count":         {1, 1, func(_ *Context, a []Value) Value { return float64(len(nodesOf(a[0]))) }, true},
	"id":            {1, 1, func(*Context, []Value) Value { return Nodes(nil) }, false}, // there are no document types
	"local-name":    {0, 1, named(func(n *Node) string { return n.Name.Local }), false},
	"namespace-uri": {0, 1, named(func(n *Node) string { return strings.TrimPrefix(n.Name.Space, NoNamespaces) }), false},
	"name":          {0, 1, named((*Node).QName), false},

	"string":           {0, 1, func(c *Context, a []Value) Value { return c.own(a) }, false},
	"concat":           {2, -1, concat, false},
	"starts-with":      {2, 2, texts2(func(a, b string) Value { return strings.HasPrefix(a, b) }), false},
	"contains":         {2, 2, texts2(func(a, b string) Value { return strings.Contains(a, b) }), false},
	"substring-before": {2, 2, texts2(substringBefore), false},
	"substring-after":  {2, 2, texts2(substringAfter), false},
	"substring":        {2, 3, substring, false},
	"string-length":    {0, 1, func(c *Context, a []Value) Value { return float64(utf8.RuneCountInString(c.own(a))) }, true},
	"normalize-space":  {0, 1, func(c *Context, a []Value) Value { return c.made(strings.Join(words(c.own(a)), " ")) }, false},
	"translate":        {3, 3, translate, false},

	"boolean": {1, 1, func(_ *Context, a []Value) Value { return Bool(a[0]) }, false},
	"not":     {1, 1, func(_ *Context, a []Value) Value { return !Bool(a[0]) }, false},
	"true":    {0, 0, func(*Context, []Value) Value { return true }, false},
	"false":   {0, 0, func(*Context, []Value) Value { return false }, false},
	"lang":    {1, 1, lang, false},

	"number":  {0, 1, number, true},
	"sum":     {1, 1, sum, true},
	"floor":   {1, 1, rounded(math.Floor), true},
	"ceiling": {1, 1, rounded(math.Ceil), true},
	"round":   {1, 1, rounded(Round), true},
}

// own returns the argument as a string, or the string value of the context node.
func (c *Context) own(args []Value) string {
	if len(args) > 0 {
		return c.String(args[0])
	}
	return c.text(c.Node)
}

func named(f func(*Node) string) func(*Context, []Value) Value {
	return func(c *Context, args []Value) Value {
		n := c.Node
		if len(args) > 0 {
			nodes := nodesOf(args[0])
			if len(nodes) == 0 {
				return ""
			}
			n = nodes[0]
		}
		return f(n)
	}
}

func texts2(f func(a, b string) Value) func(*Context, []Value) Value {
	return func(c *Context, args []Value) Value { return f(c.String(args[0]), c.String(args[1])) }
}

func concat(c *Context, args []Value) Value {
	parts := make([]string, len(args))
	size := 0
	for i, a := range args {
		parts[i] = c.String(a)
		size += len(parts[i])
	}
	if size > MaxText {
		Fail("a text is too long")
	}
	return c.made(strings.Join(parts, ""))
}

func substringBefore(a, b string) Value {
	if head, _, ok := strings.Cut(a, b); ok {
		return head
	}
	return ""
}

func substringAfter(a, b string) Value {
	if _, tail, ok := strings.Cut(a, b); ok {
		return tail
	}
	return ""
}

// substring counts characters from 1 and rounds, as XPath 1.0 §4.2 says.
func substring(c *Context, args []Value) Value {
	s := c.String(args[0])
	from := Round(c.Number(args[1]))
	to := math.Inf(1)
	if len(args) > 2 {
		to = from + Round(c.Number(args[2]))
	}
	start, end, position := -1, len(s), 0.0
	for i := range s {
		if position++; position >= from && position < to {
			if start < 0 {
				start = i
			}
		} else if start >= 0 {
			end = i
			break
		}
	}
	if start < 0 {
		return ""
	}
	return c.made(s[start:end])
}

// words cuts at the white space of XML, and only that.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' })
}

func translate(c *Context, args []Value) Value {
	from, to := []rune(c.String(args[1])), []rune(c.String(args[2]))
	table := make(map[rune]rune, len(from))
	for i, r := range from {
		if _, known := table[r]; known {
			continue
		}
		table[r] = -1
		if i < len(to) {
			table[r] = to[i]
		}
	}
	return c.made(strings.Map(func(r rune) rune {
		if t, ok := table[r]; ok {
			return t
		}
		return r
	}, c.String(args[0])))
}

func lang(c *Context, args []Value) Value {
	want := strings.ToLower(c.String(args[0]))
	for n := c.Node; n != nil; n = n.Parent {
		if a := n.Attribute(Name{XMLNamespace, "lang"}); a != nil {
			has := strings.ToLower(a.Data)
			return has == want || strings.HasPrefix(has, want+"-")
		}
	}
	return false
}

func number(c *Context, args []Value) Value {
	if len(args) > 0 {
		return c.Number(args[0])
	}
	return ParseNumber(c.text(c.Node))
}

func sum(c *Context, args []Value) Value {
	total := 0.0
	for _, n := range nodesOf(args[0]) {
		total += ParseNumber(c.text(n))
	}
	return total
}

func rounded(f func(float64) float64) func(*Context, []Value) Value {
	return func(c *Context, args []Value) Value { return f(c.Number(args[0])) }
}

// Round rounds halves up, also those below zero.
func Round(f float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) || f == math.Trunc(f) {
		return f
	}
	if f < 0 && f >= -0.5 {
		return math.Copysign(0, -1)
	}
	floor := math.Floor(f)
	if f-floor >= 0.5 {
		return floor + 1
	}
	return floor
}

// IsCore reports whether XPath itself has a function.
func IsCore(name string) bool { return core[name] != nil }
