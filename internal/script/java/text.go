package java

import (
	"math"
	"strconv"
	"strings"
)

// decimalFormat is a DecimalFormat with a pattern such as #,##0.00.
type decimalFormat struct {
	pattern        string
	prefix, suffix string
	minInt         int
	minFrac        int
	maxFrac        int
	grouping       bool
	percent        bool
	mode           string
}

func (*decimalFormat) JavaClass() string { return "java.text.DecimalFormat" }

func newDecimalFormat(pattern string) *decimalFormat {
	f := &decimalFormat{pattern: pattern, mode: "HALF_EVEN"}
	positive, _, _ := strings.Cut(pattern, ";")
	from := strings.IndexAny(positive, "#0,.")
	if from < 0 {
		f.prefix, f.maxFrac = positive, 3
		return f
	}
	to := strings.LastIndexAny(positive, "#0,.") + 1
	f.prefix, f.suffix = literal(positive[:from]), literal(positive[to:])
	f.percent = strings.Contains(positive[to:], "%")
	whole, frac, _ := strings.Cut(positive[from:to], ".")
	f.grouping = strings.Contains(whole, ",")
	f.minInt = strings.Count(whole, "0")
	f.minFrac = strings.Count(frac, "0")
	f.maxFrac = f.minFrac + strings.Count(frac, "#")
	return f
}

func literal(s string) string { return strings.ReplaceAll(s, "'", "") }

func (f *decimalFormat) format(v any) string {
	n := floatOf(v)
	if math.IsNaN(n) {
		return "NaN"
	}
	d, ok := v.(*Decimal)
	if !ok {
		if d, ok = parseDecimal(strconv.FormatFloat(n, 'f', -1, 64)); !ok {
			return Text(v)
		}
	}
	if f.percent {
		d = &Decimal{d.class, d.n, d.scale - 2}
	}
	s := d.setScale(f.maxFrac, f.mode).String()
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	for len(frac) > f.minFrac && strings.HasSuffix(frac, "0") {
		frac = frac[:len(frac)-1]
	}
	whole = strings.TrimLeft(whole, "0")
	for len(whole) < f.minInt {
		whole = "0" + whole
	}
	if whole == "" && frac == "" {
		whole = "0"
	}
	if f.grouping {
		whole = grouped(whole)
	}
	if frac != "" {
		frac = "." + frac
	}
	return sign + f.prefix + whole + frac + f.suffix
}

func textClasses() []*Class {
	fixed := func(pattern string) func(*Call) any {
		return func(*Call) any { return newDecimalFormat(pattern) }
	}
	set := func(change func(f *decimalFormat, c *Call)) func(*Call) any {
		return func(c *Call) any { change(c.This.(*decimalFormat), c); return Void }
	}
	return []*Class{
		{Name: "java.text.NumberFormat", Static: Methods{
			"getInstance": fixed("#,##0.###"), "getNumberInstance": fixed("#,##0.###"), "getIntegerInstance": fixed("#,##0"),
			"getPercentInstance": fixed("#,##0%"), "getCurrencyInstance": fixed("$#,##0.00"),
		}},
		{Name: "java.text.DecimalFormat", Super: "java.text.NumberFormat",
			New: func(c *Call) any {
				if c.Len() == 0 {
					return newDecimalFormat("#,##0.###")
				}
				return newDecimalFormat(c.Need(0))
			},
			Methods: Methods{
				"format": func(c *Call) any { return c.This.(*decimalFormat).format(c.Object(0)) },
				"parse": func(c *Call) any {
					n, ok := parseDouble(strings.ReplaceAll(c.Need(0), ",", ""))
					if !ok {
						panic(c.Throw("java.text.ParseException", "Unparseable number"))
					}
					return Object(n)
				},
				"setMaximumFractionDigits": set(func(f *decimalFormat, c *Call) {
					f.maxFrac = min(c.Int(0), 340)
					f.minFrac = min(f.minFrac, f.maxFrac)
				}),
				"setMinimumFractionDigits": set(func(f *decimalFormat, c *Call) {
					f.minFrac = min(c.Int(0), 340)
					f.maxFrac = max(f.minFrac, f.maxFrac)
				}),
				"setMinimumIntegerDigits": set(func(f *decimalFormat, c *Call) { f.minInt = min(c.Int(0), 340) }),
				"setGroupingUsed":         set(func(f *decimalFormat, c *Call) { f.grouping = c.Bool(0) }),
				"setRoundingMode":         set(func(f *decimalFormat, c *Call) { f.mode = c.rounding(0) }),
				"toPattern":               func(c *Call) any { return c.This.(*decimalFormat).pattern },
			}},
		NewEnum("java.math.RoundingMode", nil, roundingModes...),
		{Name: "java.text.MessageFormat", Static: Methods{"format": func(c *Call) any {
			text := c.Need(0)
			for i := 1; i < c.Len(); i++ {
				text = strings.ReplaceAll(text, "{"+strconv.Itoa(i-1)+"}", c.VM.Text(c.Object(i)))
			}
			return strings.ReplaceAll(text, "''", "'")
		}}},
	}
}
