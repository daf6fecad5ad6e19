package xpath

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Value is a string, a float64, a bool or Nodes. A result tree fragment is the
// Nodes that hold its root, which is how XSLT 1.0 §11.1 says it behaves.
type Value any

// Nodes is a set of nodes in document order, each once.
type Nodes []*Node

// String converts a value as the function string() does.
func String(v Value) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return FormatNumber(v)
	case bool:
		if v {
			return "true"
		}
		return "false"
	case Nodes:
		if len(v) > 0 {
			return v[0].String()
		}
	}
	return ""
}

// Number converts a value as the function number() does.
func Number(v Value) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return ParseNumber(String(v))
}

// Bool converts a value as the function boolean() does.
func Bool(v Value) bool {
	switch v := v.(type) {
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	case Nodes:
		return len(v) > 0
	}
	return false
}

// FormatNumber writes a number as XPath does: no exponent, as many digits as tell
// it from all others.
func FormatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// ParseNumber reads a number as XPath writes it, with white space around it. What
// is no number is NaN; there are no exponents and no plus sign.
func ParseNumber(s string) float64 {
	s = strings.Trim(s, " \t\r\n")
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits == "." || strings.Trim(digits, "0123456789.") != "" || strings.Count(digits, ".") > 1 {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range is infinite, which is right
	return f
}

// sorted puts nodes into document order and takes out what is there twice.
func sorted(nodes Nodes) Nodes {
	strictly := true
	for i := 1; i < len(nodes); i++ {
		if before(nodes[i-1], nodes[i]) >= 0 {
			strictly = false
			break
		}
	}
	if strictly {
		return nodes
	}
	slices.SortFunc(nodes, before)
	return slices.CompactFunc(nodes, func(a, b *Node) bool { return before(a, b) == 0 })
}

// Union returns the nodes of all sets.
func Union(sets ...Nodes) Nodes {
	return sorted(slices.Concat(sets...))
}

// compare evaluates a comparison as XPath 1.0 §3.4 says.
func compare(c *Context, op string, a, b Value) bool {
	an, aNodes := a.(Nodes)
	bn, bNodes := b.(Nodes)
	switch {
	case aNodes && bNodes:
		return compareSets(c, op, an, bn)
	case aNodes:
		return compareSet(c, op, an, b)
	case bNodes:
		return compareSet(c, mirrored[op], bn, a)
	}
	return compareAtoms(op, a, b)
}

var mirrored = map[string]string{"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func compareAtoms(op string, a, b Value) bool {
	if op != "=" && op != "!=" {
		return ordered(op, Number(a), Number(b))
	}
	var same bool
	switch {
	case isA[bool](a) || isA[bool](b):
		same = Bool(a) == Bool(b)
	case isA[float64](a) || isA[float64](b):
		same = Number(a) == Number(b)
	default:
		same = String(a) == String(b)
	}
	return same == (op == "=")
}

func isA[T any](v Value) bool {
	_, ok := v.(T)
	return ok
}

func ordered(op string, a, b float64) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// compareSet compares nodes with a value that is no set: one node that fits is enough.
func compareSet(c *Context, op string, nodes Nodes, v Value) bool {
	if isA[bool](v) {
		return compareAtoms(op, len(nodes) > 0, v)
	}
	for _, n := range nodes {
		if compareAtoms(op, c.text(n), v) {
			return true
		}
	}
	return false
}

// compareSets looks for a pair that fits. Pairs are not tried one by one: equality
// asks a table, and order asks the least and the greatest.
func compareSets(c *Context, op string, a, b Nodes) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	switch op {
	case "=":
		known := make(map[string]bool, len(a))
		for _, n := range a {
			known[c.text(n)] = true
		}
		return slices.ContainsFunc(b, func(n *Node) bool { return known[c.text(n)] })
	case "!=":
		first := c.text(a[0])
		differs := func(n *Node) bool { return c.text(n) != first }
		return slices.ContainsFunc(a, differs) || slices.ContainsFunc(b, differs)
	}
	least, greatest := extremes(c, a)
	otherLeast, otherGreatest := extremes(c, b)
	if op == "<" || op == "<=" {
		return ordered(op, least, otherGreatest)
	}
	return ordered(op, greatest, otherLeast)
}

// extremes leaves out what is no number; without any, both are NaN.
func extremes(c *Context, nodes Nodes) (least, greatest float64) {
	least, greatest = math.NaN(), math.NaN()
	for _, n := range nodes {
		f := ParseNumber(c.text(n))
		if math.IsNaN(f) {
			continue
		}
		if math.IsNaN(least) || f < least {
			least = f
		}
		if math.IsNaN(greatest) || f > greatest {
			greatest = f
		}
	}
	return least, greatest
}
