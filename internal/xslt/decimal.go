package xslt

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// decimalFormat is xsl:decimal-format: the characters of patterns and of numbers.
type decimalFormat struct {
	decimal, grouping, minus, percent, perMille, zero, digit, separator rune
	infinity, nan                                                       string
}

func newDecimalFormat() *decimalFormat {
	return &decimalFormat{'.', ',', '-', '%', '‰', '0', '#', ';', "Infinity", "NaN"}
}

func (c *compiler) decimalFormat(n *tree.Node) {
	f := newDecimalFormat()
	for name, to := range map[string]*rune{
		"decimal-separator": &f.decimal, "grouping-separator": &f.grouping, "minus-sign": &f.minus, "percent": &f.percent,
		"per-mille": &f.perMille, "zero-digit": &f.zero, "digit": &f.digit, "pattern-separator": &f.separator,
	} {
		if !has(n, name) {
			continue
		}
		r, size := utf8.DecodeRuneInString(text(n, name))
		if size == 0 || size != len(text(n, name)) {
			c.fail(n, "the attribute %s is not one character", name)
		}
		*to = r
	}
	if has(n, "infinity") {
		f.infinity = text(n, "infinity")
	}
	if has(n, "NaN") {
		f.nan = text(n, "NaN")
	}
	var name xpath.Name
	if has(n, "name") {
		name = c.qname(n, text(n, "name"))
	}
	c.sheet.formats[name] = f
}

func callFormatNumber(c *xpath.Context, n *tree.Node, args []xpath.Value) xpath.Value {
	var name xpath.Name
	if len(args) > 2 {
		name = named(c, n, args[2])
	}
	f := stateOf(c).sheet.formats[name]
	if f == nil {
		xpath.Fail("there is no decimal format of the name that format-number() is given")
	}
	return f.format(c.Number(args[0]), c.String(args[1]))
}

// format writes a number as a pattern says, which is that of Java's DecimalFormat.
func (f *decimalFormat) format(x float64, pattern string) string {
	if math.IsNaN(x) {
		return f.nan
	}
	positive, negative, two := cutUnquoted(pattern, f.separator)
	p := f.parse(positive)
	negated := x < 0
	x = math.Abs(x)
	text := f.infinity
	if !math.IsInf(x, 0) {
		text = f.digits(x*p.factor, p)
	}
	if negated && strings.ContainsFunc(text, func(r rune) bool { return r > f.zero && r <= f.zero+9 }) || negated && math.IsInf(x, 0) {
		if !two {
			return string(f.minus) + p.prefix + text + p.suffix
		}
		n := f.parse(negative)
		p.prefix, p.suffix = n.prefix, n.suffix
	}
	return p.prefix + text + p.suffix
}

// decimalPattern is one half of a pattern.
type decimalPattern struct {
	prefix, suffix                       string
	minInteger, minFraction, maxFraction int
	group                                int
	factor                               float64
}

// maxFraction keeps a pattern of very many digits within reason.
const maxFraction = 340

func (f *decimalFormat) parse(pattern string) decimalPattern {
	p := decimalPattern{factor: 1}
	var prefix, suffix strings.Builder
	number, fraction, grouped, quoted := false, false, -1, false
	affix := &prefix
	for _, r := range pattern {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
			affix.WriteRune(r)
		case affix == &prefix && (r == f.digit || r == f.zero || r == f.decimal || r == f.grouping):
			number = true
			affix = &suffix
			f.numeral(r, &p, &fraction, &grouped)
		case number && suffix.Len() == 0 && (r == f.digit || r == f.zero || r == f.decimal || r == f.grouping):
			f.numeral(r, &p, &fraction, &grouped)
		default:
			if r == f.percent {
				p.factor = 100
			} else if r == f.perMille {
				p.factor = 1000
			}
			affix.WriteRune(r)
		}
	}
	if fraction && p.minInteger == 0 && p.minFraction == 0 {
		p.minInteger = 1 // #.## means 0.##, unlike #.00
	}
	p.prefix, p.suffix = prefix.String(), suffix.String()
	if grouped > 0 {
		p.group = grouped
	}
	p.maxFraction = min(p.maxFraction, maxFraction)
	p.minFraction = min(p.minFraction, maxFraction)
	return p
}

func (f *decimalFormat) numeral(r rune, p *decimalPattern, fraction *bool, grouped *int) {
	switch {
	case r == f.decimal:
		*fraction = true
	case r == f.grouping:
		*grouped = 0
	case *fraction:
		p.maxFraction++
		if r == f.zero {
			p.minFraction = p.maxFraction
		}
	default:
		if *grouped >= 0 {
			*grouped++
		}
		if r == f.zero {
			p.minInteger++
		}
	}
}

func (f *decimalFormat) digits(x float64, p decimalPattern) string {
	integer, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', p.maxFraction, 64), ".")
	for len(fraction) > p.minFraction && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	integer = strings.TrimLeft(integer, "0")
	if integer == "" && fraction == "" && p.minInteger == 0 {
		integer = "0"
	}
	if missing := min(p.minInteger, maxFraction) - len(integer); missing > 0 {
		integer = strings.Repeat("0", missing) + integer
	}
	text := f.localized(integer)
	if p.group > 0 {
		text = f.localized(grouped(integer, ",", p.group))
	}
	if fraction != "" {
		text += string(f.decimal) + f.localized(fraction)
	}
	return text
}

// localized replaces digits and the commas between groups.
func (f *decimalFormat) localized(digits string) string {
	return strings.Map(func(r rune) rune {
		if r == ',' {
			return f.grouping
		}
		return r - '0' + f.zero
	}, digits)
}

// cutUnquoted cuts at a character that is not between quotes.
func cutUnquoted(s string, at rune) (before, after string, found bool) {
	quoted := false
	for i, r := range s {
		if r == '\'' {
			quoted = !quoted
		} else if r == at && !quoted {
			return s[:i], s[i+utf8.RuneLen(r):], true
		}
	}
	return s, "", false
}
