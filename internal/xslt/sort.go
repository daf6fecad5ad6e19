package xslt

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/weir-health/weir/internal/xslt/xpath"
)

// sortKey is one xsl:sort.
type sortKey struct {
	value                      *xpath.Expr
	dataType, order, caseOrder avt
}

// sorted returns nodes in the order that keys give, and else as they are.
func (s *state) sorted(nodes xpath.Nodes, keys []sortKey) xpath.Nodes {
	if len(keys) == 0 || len(nodes) == 0 {
		return nodes
	}
	type item struct {
		node    *xpath.Node
		texts   []string
		numbers []float64
	}
	items := make([]item, len(nodes))
	sub := *s
	sub.size = len(nodes)
	orders := s.orders(keys)
	for i, n := range nodes {
		sub.node, sub.position = n, i+1
		items[i] = item{n, make([]string, len(keys)), make([]float64, len(keys))}
		for k := range keys {
			items[i].texts[k] = sub.text(keys[k].value)
			if orders[k].numeric {
				items[i].numbers[k] = xpath.ParseNumber(items[i].texts[k])
			}
		}
	}
	slices.SortStableFunc(items, func(a, b item) int {
		for k, o := range orders {
			s.budget.Spend(1 + min(len(a.texts[k]), len(b.texts[k]))/8)
			n := 0
			if o.numeric {
				n = compareNumbers(a.numbers[k], b.numbers[k])
			} else {
				n = compareTexts(a.texts[k], b.texts[k], o.upperFirst)
			}
			if n != 0 {
				return n * o.sign
			}
		}
		return 0
	})
	result := make(xpath.Nodes, len(items))
	for i := range items {
		result[i] = items[i].node
	}
	return result
}

type order struct {
	numeric, upperFirst bool
	sign                int
}

func (s *state) orders(keys []sortKey) []order {
	orders := make([]order, len(keys))
	for i, k := range keys {
		orders[i] = order{numeric: s.expand(k.dataType) == "number", upperFirst: s.expand(k.caseOrder) == "upper-first", sign: 1}
		if s.expand(k.order) == "descending" {
			orders[i].sign = -1
		}
	}
	return orders
}

// compareNumbers puts what is no number first.
func compareNumbers(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b) || a == b:
		return 0
	case math.IsNaN(a) || a < b:
		return -1
	}
	return 1
}

// compareTexts looks at letters first, and at their case only where nothing else differs.
func compareTexts(a, b string, upperFirst bool) int {
	byCase := 0
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		a, b = a[n:], b[m:]
		if x == y {
			continue
		}
		if fx, fy := unicode.ToLower(x), unicode.ToLower(y); fx != fy {
			return int(fx) - int(fy)
		}
		if byCase == 0 {
			byCase = 1
			if unicode.IsLower(x) != upperFirst {
				byCase = -1
			}
		}
	}
	if n := strings.Compare(a, b); n != 0 {
		return n
	}
	return byCase
}
