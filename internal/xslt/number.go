package xslt

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// number is xsl:number.
type number struct {
	place
	value         *xpath.Expr // or nil: count
	level         string
	count, from   []*xpath.Pattern
	format        avt
	separator, by avt // grouping
}

func (c *compiler) number(n *tree.Node) instruction {
	in := &number{
		place: c.places[n], value: c.optional(n, "value"), level: text(n, "level"),
		count: c.optionalPattern(n, "count"), from: c.optionalPattern(n, "from"),
		format: c.valueTemplate(n, "format"), separator: c.valueTemplate(n, "grouping-separator"), by: c.valueTemplate(n, "grouping-size"),
	}
	switch in.level {
	case "", "single", "multiple", "any":
		return in
	}
	c.fail(n, "the level is none of single, multiple and any")
	return nil
}

func (in *number) run(s *state) {
	var list []float64
	switch {
	case in.value != nil:
		c := s.context()
		f := xpath.Round(c.Number(in.value.Eval(c)))
		if math.IsNaN(f) || math.IsInf(f, 0) || f < 0 || f > math.MaxInt64/2 {
			s.out.text(xpath.FormatNumber(f), false)
			return
		}
		list = []float64{f}
	case in.level == "any":
		list = in.any(s)
	default:
		list = in.levels(s)
	}
	if len(list) == 0 {
		return
	}
	format := "1"
	if in.format != nil {
		format = s.expand(in.format)
	}
	size, _ := strconv.Atoi(s.expand(in.by))
	s.out.text(formatNumbers(list, format, s.expand(in.separator), size), false)
}

// counts reports whether a node is one of those that are numbered: without a pattern,
// all of the kind and name of the current one.
func (in *number) counts(s *state, c *xpath.Context, n *xpath.Node) bool {
	s.budget.Spend(1)
	if in.count != nil {
		return matchesAny(in.count, c, n)
	}
	return n.Kind == s.node.Kind && n.Name == s.node.Name
}

func (in *number) any(s *state) []float64 {
	c := s.context()
	count := 0
	for n := s.node; n != nil; n = n.Previous() {
		if in.from != nil && matchesAny(in.from, c, n) {
			break
		}
		if in.counts(s, c, n) {
			count++
		}
	}
	if count == 0 {
		return nil
	}
	return []float64{float64(count)}
}

// levels numbers the current node and, at level multiple, the nodes around it.
func (in *number) levels(s *state) []float64 {
	c := s.context()
	var list []float64
	for n := s.node; n != nil; n = n.Parent {
		if n != s.node && in.from != nil && matchesAny(in.from, c, n) {
			break
		}
		if !in.counts(s, c, n) {
			continue
		}
		list = append([]float64{in.position(s, c, n)}, list...)
		if in.level != "multiple" {
			break
		}
	}
	return list
}

func (in *number) position(s *state, c *xpath.Context, n *xpath.Node) float64 {
	position := 1
	if n.Parent != nil && n.Kind != xpath.Attribute {
		for _, sibling := range n.Parent.Children[:n.Index()] {
			if in.counts(s, c, sibling) {
				position++
			}
		}
	}
	return float64(position)
}

// formatNumbers writes numbers as a format such as "1.a)" says.
func formatNumbers(list []float64, format, separator string, size int) string {
	tokens, separators := cutFormat(format)
	var b strings.Builder
	b.WriteString(separators[0])
	for i, f := range list {
		t := min(i, len(tokens)-1)
		if i > 0 {
			between := "."
			if len(tokens) > 1 {
				between = separators[max(t, 1)]
			}
			b.WriteString(between)
		}
		b.WriteString(formatOne(f, tokens[t], separator, size))
	}
	b.WriteString(separators[len(separators)-1])
	return b.String()
}

// cutFormat returns the tokens of letters and digits, and what stands before, between
// and after them: always one more.
func cutFormat(format string) (tokens, separators []string) {
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
	for {
		i := strings.IndexFunc(format, isWord)
		if i < 0 {
			break
		}
		separators = append(separators, format[:i])
		format = format[i:]
		end := strings.IndexFunc(format, func(r rune) bool { return !isWord(r) })
		if end < 0 {
			end = len(format)
		}
		tokens = append(tokens, format[:end])
		format = format[end:]
	}
	if len(tokens) == 0 {
		return []string{"1"}, []string{format, ""}
	}
	return tokens, append(separators, format)
}

func formatOne(f float64, token, separator string, size int) string {
	n := int64(f)
	switch {
	case token == "a" && n > 0:
		return alphabetic(n, 'a')
	case token == "A" && n > 0:
		return alphabetic(n, 'A')
	case token == "i" && n > 0 && n < 4000:
		return strings.ToLower(roman(n))
	case token == "I" && n > 0 && n < 4000:
		return roman(n)
	}
	digits := strconv.FormatInt(n, 10)
	if width := len(token); width > len(digits) && width <= 100 && strings.Trim(token[:width-1], "0") == "" && token[width-1] == '1' {
		digits = strings.Repeat("0", width-len(digits)) + digits
	}
	return grouped(digits, separator, size)
}

func alphabetic(n int64, first byte) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(first+byte((n-1)%26)) + s
	}
	return s
}

func roman(n int64) string {
	var b strings.Builder
	for _, r := range []struct {
		value int64
		text  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= r.value; n -= r.value {
			b.WriteString(r.text)
		}
	}
	return b.String()
}

// grouped puts separators between groups of digits.
func grouped(digits, separator string, size int) string {
	if size <= 0 || separator == "" || len(digits) <= size {
		return digits
	}
	var b strings.Builder
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%size == 0 {
			b.WriteString(separator)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}
