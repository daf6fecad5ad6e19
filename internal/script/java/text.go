package java

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decimalFormat is a DecimalFormat: a pattern such as #,##0.00 and what scripts
// have changed since.
type decimalFormat struct {
	affixes
	minInt, maxInt   int
	minFrac, maxFrac int
	group            int // digits between separators
	grouping         bool
	point            bool // the decimal separator is always shown
	exponent         int  // least digits behind E; 0: no exponent
	multiplier       int
	mode             string
	integerOnly      bool // of parse
	decimals         bool // parse gives BigDecimal
	symbols          *decimalSymbols
}

// affixes are what stands around the digits. negative is false where the pattern
// has no part of its own for negative numbers: they get a minus.
type affixes struct {
	prefix, suffix                 string
	negativePrefix, negativeSuffix string
	negative                       bool
}

func (*decimalFormat) JavaClass() string { return "java.text.DecimalFormat" }

// decimalSymbols are DecimalFormatSymbols.
type decimalSymbols struct {
	decimal, group, currency, code string
	beforePercent                  string // blank
}

func (*decimalSymbols) JavaClass() string { return "java.text.DecimalFormatSymbols" }

// currencies lists countries with their currency and its symbol there.
var currencies = map[string][2]string{
	"US": {"USD", "$"}, "GB": {"GBP", "£"}, "CA": {"CAD", "$"}, "AU": {"AUD", "$"}, "DE": {"EUR", "€"}, "FR": {"EUR", "€"},
	"ES": {"EUR", "€"}, "IT": {"EUR", "€"}, "NL": {"EUR", "€"}, "AT": {"EUR", "€"}, "IE": {"EUR", "€"}, "BE": {"EUR", "€"},
}

// symbolsOf returns the symbols of a locale, by its tag. A language that is not
// known has those of English.
func symbolsOf(tag string) *decimalSymbols {
	language, country, _ := strings.Cut(strings.ReplaceAll(tag, "-", "_"), "_")
	s := &decimalSymbols{decimal: ".", group: ",", currency: "¤", code: "XXX"}
	switch language {
	case "de", "es", "it", "nl", "pt":
		s.decimal, s.group = ",", "."
	case "fr":
		s.decimal, s.group, s.beforePercent = ",", "\u202f", "\u202f"
	}
	if language == "de" || language == "es" {
		s.beforePercent = "\u00a0"
	}
	if country == "AT" {
		s.group = "\u00a0"
	}
	if c, ok := currencies[country]; ok {
		s.code, s.currency = c[0], c[1]
	}
	return s
}

// symbolsArg returns the symbols that an argument gives, itself or as a locale;
// without one those of the server's locale, which is en_US.
func (c *Call) symbolsArg(i int) *decimalSymbols {
	switch v := c.Object(i).(type) {
	case *decimalSymbols:
		copied := *v
		return &copied
	case *Locale:
		return symbolsOf(v.tag)
	}
	return symbolsOf("en_US")
}

// Limits that DecimalFormat has for doubles; those of BigDecimal's own are far
// beyond what a script may make.
const (
	maxInteger  = 309
	maxFraction = 340
)

func (c *Call) decimalFormat(pattern string, s *decimalSymbols) *decimalFormat {
	f := &decimalFormat{mode: "HALF_EVEN", symbols: s}
	c.applyPattern(f, pattern)
	return f
}

// applyPattern reads a pattern. What # and 0 mean together is Java's: in "#.##"
// the # before the point counts as a 0, in "#.00" it does not.
func (c *Call) applyPattern(f *decimalFormat, pattern string) {
	bad := func(text string) {
		panic(c.Throw("java.lang.IllegalArgumentException", text+` pattern "`+pattern+`"`))
	}
	f.affixes, f.multiplier, f.exponent = affixes{}, 1, 0
	if pattern == "" {
		f.minInt, f.maxInt, f.minFrac, f.maxFrac = 0, maxInteger, 0, maxFraction
		f.grouping, f.group, f.point = false, 0, false
		return
	}
	left, zeros, right, point, groups, rest := 0, 0, 0, -1, -1, ""
	prefix, at := affix(f, pattern, "#0,.;")
	f.prefix = prefix
	i := at
digits:
	for ; i < len(pattern); i++ {
		switch pattern[i] {
		case '#', '0':
			switch {
			case pattern[i] == '0' && right > 0:
				panic(c.Throw("java.lang.IllegalArgumentException", `Unexpected '0' in pattern "`+pattern+`"`))
			case pattern[i] == '0':
				zeros++
			case zeros > 0:
				right++
			default:
				left++
			}
			if groups >= 0 && point < 0 {
				groups++
			}
		case ',':
			groups = 0
		case '.':
			if point >= 0 {
				bad("Multiple decimal separators in")
			}
			point = left + zeros + right
		case 'E':
			for i++; i < len(pattern) && pattern[i] == '0'; i++ {
				f.exponent++
			}
			if left+zeros < 1 || f.exponent < 1 {
				bad("Malformed exponential")
			}
			break digits
		default:
			break digits
		}
	}
	rest = pattern[i:]
	f.suffix, at = affix(f, rest, ";")
	if strings.ContainsAny(rest[:at], "#0") && !strings.Contains(rest[:at], "'") {
		panic(c.Throw("java.lang.IllegalArgumentException", `Unquoted special character '`+rest[strings.IndexAny(rest, "#0"):][:1]+`' in pattern "`+pattern+`"`))
	}
	if at < len(rest) {
		f.negative = true
		var n int
		negative := rest[at+1:]
		f.negativePrefix, n = affix(f, negative, "#0,.")
		negative = strings.TrimLeft(negative[n:], "#0,.")
		f.negativeSuffix, _ = affix(f, negative, "")
		// One that says the same as the positive part says nothing.
		f.negative = f.negativePrefix != f.prefix || f.negativeSuffix != f.suffix
	}
	if zeros == 0 && left > 0 && point >= 0 {
		n := max(point, 1)
		right, left, zeros = left-n, n-1, 1
	}
	if point >= 0 && (point < left || point > left+zeros) || groups == 0 {
		bad("Malformed")
	}
	total, whole := left+zeros+right, point
	if point < 0 {
		whole = total
	}
	f.minInt, f.maxInt = whole-left, maxInteger
	if f.exponent > 0 {
		f.maxInt = left + f.minInt
	}
	f.minFrac, f.maxFrac = 0, 0
	if point >= 0 {
		f.minFrac, f.maxFrac = min(left+zeros-point, maxFraction), min(total-point, maxFraction)
	}
	f.grouping, f.group = groups > 0, max(groups, 0)
	f.point = point == 0 || point == total
}

// affix reads what stands before or behind the digits, up to one of the bytes of
// end, with quotes taken away. It returns how far it went.
func affix(f *decimalFormat, s, end string) (string, int) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\'' && strings.HasPrefix(s[i+1:], "'"):
			b.WriteByte('\'')
			n++
		case r == '\'':
			quoted = !quoted
		case quoted:
			b.WriteRune(r)
		case strings.ContainsRune(end, r):
			return b.String(), i
		case r == '¤' && strings.HasPrefix(s[i+n:], "¤"):
			b.WriteString(f.symbols.code)
			n += n
		case r == '¤':
			b.WriteString(f.symbols.currency)
		case r == '%' || r == '‰':
			f.multiplier = 100
			if r == '‰' {
				f.multiplier = 1000
			}
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String(), len(s)
}

// around puts what stands around the digits of a number.
func (f *decimalFormat) around(digits string, negative bool) string {
	switch {
	case negative && f.negative:
		return f.negativePrefix + digits + f.negativeSuffix
	case negative:
		return "-" + f.prefix + digits + f.suffix
	}
	return f.prefix + digits + f.suffix
}

// format is DecimalFormat.format of a Number.
func (f *decimalFormat) format(c *Call, v any) string {
	var d *Decimal
	switch v := v.(type) {
	case float64:
		n := v * float64(f.multiplier)
		if math.IsNaN(n) {
			return "NaN"
		}
		if math.IsInf(n, 0) {
			return f.around("∞", n < 0)
		}
		d = f.ofDouble(math.Abs(n))
		return f.digits(c, d, math.Signbit(n))
	case int32, int64:
		d, _ = parseDecimal(Text(v))
	case *Decimal:
		d = v
	case numeric:
		return f.format(c, v.Float())
	default:
		panic(c.Throw("java.lang.IllegalArgumentException", "Cannot format given Object as a Number"))
	}
	n := new(big.Int).Mul(d.n, big.NewInt(int64(f.multiplier)))
	negative := n.Sign() < 0
	return f.digits(c, &Decimal{decimalClassName, n.Abs(n), d.scale}, negative)
}

// ofDouble returns the shortest decimal that is the double n, as Double.toString
// gives it. Where that lies in the middle of two results, the exact value decides.
func (f *decimalFormat) ofDouble(n float64) *Decimal {
	s := strconv.FormatFloat(n, 'f', -1, 64)
	_, frac, _ := strings.Cut(s, ".")
	if f.exponent == 0 && strings.HasPrefix(f.mode, "HALF_") && len(frac) == f.maxFrac+1 && strings.HasSuffix(frac, "5") {
		s = new(big.Float).SetFloat64(n).Text('f', 1074)
	}
	d, _ := parseDecimal(s)
	return d
}

// rounded rounds a number that has no sign, by the mode for one that has.
func (f *decimalFormat) rounded(c *Call, d *Decimal, scale int, negative bool) *Decimal {
	if d.scale <= scale {
		return d
	}
	mode := f.mode
	switch {
	case mode == "UNNECESSARY":
		if r := d.setScale(scale, "DOWN"); new(big.Int).Mul(r.n, pow10(d.scale-scale)).Cmp(d.n) != 0 {
			panic(c.Throw("java.lang.ArithmeticException", "Rounding needed with the rounding mode being set to RoundingMode.UNNECESSARY"))
		}
	case mode == "FLOOR" && negative, mode == "CEILING" && !negative:
		mode = "UP"
	case mode == "FLOOR", mode == "CEILING":
		mode = "DOWN"
	}
	return d.setScale(scale, mode)
}

// digits writes a number without its sign.
func (f *decimalFormat) digits(c *Call, d *Decimal, negative bool) string {
	if f.exponent > 0 {
		return f.around(f.scientific(c, d, negative), negative)
	}
	// A zero that a number was rounded to keeps its minus, as in Java.
	d = f.rounded(c, d, f.maxFrac, negative)
	whole, frac, _ := strings.Cut(d.String(), ".")
	frac = strings.TrimRight(frac, "0")
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > f.maxInt {
		whole = whole[len(whole)-f.maxInt:]
	}
	if n := f.minFrac - len(frac); n > 0 {
		frac += strings.Repeat("0", n)
	}
	if n := f.minInt - len(whole); n > 0 {
		whole = strings.Repeat("0", n) + whole
	}
	if whole == "" && frac == "" {
		whole = "0"
	}
	if f.grouping && f.group > 0 {
		for i := len(whole) - f.group; i > 0; i -= f.group {
			whole = whole[:i] + f.symbols.group + whole[i:]
		}
	}
	if frac != "" || f.point {
		frac = f.symbols.decimal + frac
	}
	return f.around(whole+frac, negative)
}

// scientific writes a number with an exponent.
func (f *decimalFormat) scientific(c *Call, d *Decimal, negative bool) string {
	text := func(d *Decimal) (digits string, point int) {
		s := d.n.String()
		return strings.TrimRight(s, "0"), len(s) - d.scale
	}
	digits, point := text(d)
	if most := f.maxInt + f.maxFrac; most > 0 && len(digits) > most {
		d = f.rounded(c, d, most-point, negative)
		digits, point = text(d)
	}
	zero := digits == ""
	whole, exponent := f.minInt, point
	switch {
	case f.maxInt > 1 && f.maxInt > f.minInt:
		exponent, whole = int(math.Floor(float64(point-1)/float64(f.maxInt)))*f.maxInt, 1
	default:
		exponent -= f.minInt
	}
	if !zero {
		whole = point - exponent
	} else {
		exponent = 0
	}
	total := max(f.minInt+f.minFrac, whole, len(digits))
	digits += strings.Repeat("0", total-len(digits))
	out := digits[:whole]
	if total > whole || f.point {
		out += f.symbols.decimal + digits[whole:]
	}
	sign := "E"
	if exponent < 0 {
		sign, exponent = "E-", -exponent
	}
	e := strconv.Itoa(exponent)
	return out + sign + strings.Repeat("0", max(f.exponent-len(e), 0)) + e
}

// parse reads a number from the beginning of a text, and tells where it ended; ok
// is false, and end where it failed, when there is none.
func (f *decimalFormat) parse(s string) (v any, end int, ok bool) {
	negative, prefix, suffix := false, f.prefix, f.suffix
	negativePrefix, negativeSuffix := f.negativePrefix, f.negativeSuffix
	if !f.negative {
		negativePrefix, negativeSuffix = "-"+f.prefix, f.suffix
	}
	isPositive, isNegative := strings.HasPrefix(s, prefix), strings.HasPrefix(s, negativePrefix)
	switch {
	case isNegative && (!isPositive || len(negativePrefix) > len(prefix)):
		negative, prefix, suffix = true, negativePrefix, negativeSuffix
	case !isPositive:
		return nil, 0, false
	}
	i := len(prefix)
	if strings.HasPrefix(s[i:], "∞") {
		n := math.Inf(1)
		if negative {
			n = math.Inf(-1)
		}
		return n, i + len("∞") + len(suffix), strings.HasPrefix(s[i+len("∞"):], suffix)
	}
	number, after := f.number(s[i:])
	if number == "" {
		return nil, i, false
	}
	i += after
	// Both signs fit before; what follows tells them apart, as in (1) and (1.
	if isPositive && isNegative && f.prefix == negativePrefix && !strings.HasPrefix(s[i:], suffix) {
		negative, suffix = true, negativeSuffix
	}
	if !strings.HasPrefix(s[i:], suffix) {
		return nil, i, false
	}
	i += len(suffix)
	d, ok := parseDecimal(number)
	if !ok {
		return nil, i, false
	}
	if negative {
		d = &Decimal{decimalClassName, new(big.Int).Neg(d.n), d.scale}
	}
	if f.multiplier != 1 {
		d = &Decimal{decimalClassName, d.n, d.scale + len(strconv.Itoa(f.multiplier)) - 1}
	}
	if f.decimals {
		return d, i, true
	}
	if w := d.setScale(0, "DOWN"); w.n.IsInt64() && new(big.Int).Mul(w.n, pow10(max(d.scale, 0))).Cmp(d.setScale(max(d.scale, 0), "DOWN").n) == 0 && !(negative && d.n.Sign() == 0) {
		return w.n.Int64(), i, true
	}
	n, _ := strconv.ParseFloat(d.String(), 64)
	if negative && n == 0 {
		n = math.Copysign(0, -1)
	}
	return n, i, true
}

// number reads digits with separators, and an exponent. A separator of groups that
// no digit follows is not part of it.
func (f *decimalFormat) number(s string) (number string, end int) {
	var b strings.Builder
	point, any := false, false
	for i := 0; i < len(s); {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			b.WriteByte(s[i])
			any = true
			i++
			end = i
			continue
		case !point && !f.integerOnly && strings.HasPrefix(s[i:], f.symbols.decimal):
			point = true
			b.WriteByte('.')
			i += len(f.symbols.decimal)
			end = i
			continue
		case !point && f.grouping && strings.HasPrefix(s[i:], f.symbols.group):
			i += len(f.symbols.group)
			continue
		case s[i] == 'E' && any && i == end:
			n := i + 1
			if n < len(s) && s[n] == '-' {
				n++
			}
			from := n
			for n < len(s) && s[n] >= '0' && s[n] <= '9' {
				n++
			}
			if n > from {
				return strings.TrimSuffix(b.String(), ".") + s[i:n], n
			}
		}
		break
	}
	if !any {
		return "", 0
	}
	return strings.TrimSuffix(b.String(), "."), end
}

// pattern is toPattern.
func (f *decimalFormat) toPattern() string {
	var b strings.Builder
	whole := strings.Repeat("0", f.minInt)
	if f.exponent > 0 {
		whole = strings.Repeat("#", max(f.maxInt-f.minInt, 0)) + whole
	} else if n := f.group + 1 - f.minInt; f.grouping && n > 0 {
		whole = strings.Repeat("#", n) + whole
	} else {
		whole = "#" + whole
	}
	if f.grouping && f.group > 0 && len(whole) > f.group {
		whole = whole[:len(whole)-f.group] + "," + whole[len(whole)-f.group:]
	}
	b.WriteString(whole)
	if f.maxFrac > 0 || f.point {
		b.WriteByte('.')
	}
	b.WriteString(strings.Repeat("0", f.minFrac) + strings.Repeat("#", f.maxFrac-f.minFrac))
	if f.exponent > 0 {
		b.WriteString("E" + strings.Repeat("0", f.exponent))
	}
	out := f.prefix + b.String() + f.suffix
	if f.negative {
		out += ";" + f.negativePrefix + b.String() + f.negativeSuffix
	}
	return out
}

// parsePosition is a ParsePosition.
type parsePosition struct{ index, failed int }

func (*parsePosition) JavaClass() string { return "java.text.ParsePosition" }

func textClasses() []*Class {
	fixed := func(pattern string, change func(*decimalFormat)) func(*Call) any {
		return func(c *Call) any {
			f := c.decimalFormat(pattern, c.symbolsArg(0))
			if change != nil {
				change(f)
			}
			return f
		}
	}
	on := func(f func(f *decimalFormat, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*decimalFormat), c) }
	}
	set := func(change func(f *decimalFormat, c *Call)) func(*Call) any {
		return func(c *Call) any { change(c.This.(*decimalFormat), c); return Void }
	}
	whole := func(f *decimalFormat) { f.integerOnly = true }
	currency := func(c *Call) any {
		s := c.symbolsArg(0)
		if s.decimal == "," {
			return c.decimalFormat("#,##0.00\u00a0¤", s)
		}
		return c.decimalFormat("¤#,##0.00", s)
	}
	percent := func(c *Call) any {
		s := c.symbolsArg(0)
		return c.decimalFormat("#,##0"+s.beforePercent+"%", s)
	}
	bounded := func(c *Call, most int) int { return max(0, min(c.Int(0), most)) }
	general := fixed("#,##0.###", nil)
	classes := []*Class{
		{Name: "java.text.NumberFormat", Static: Methods{
			"getInstance": general, "getNumberInstance": general, "getIntegerInstance": fixed("#,##0", whole),
			"getPercentInstance": percent, "getCurrencyInstance": currency,
		}},
		{Name: "java.text.DecimalFormat", Super: "java.text.NumberFormat",
			New: func(c *Call) any {
				if c.Len() == 0 {
					return c.decimalFormat("#,##0.###", c.symbolsArg(1))
				}
				return c.decimalFormat(c.Need(0), c.symbolsArg(1))
			},
			Methods: Methods{
				"format": on(func(f *decimalFormat, c *Call) any { return f.format(c, c.Object(0)) }),
				"parse": on(func(f *decimalFormat, c *Call) any {
					text := c.Need(0)
					if p, ok := c.Object(1).(*parsePosition); ok {
						// Positions count bytes here and characters in Java: the same
						// for what numbers are written with.
						from := min(max(p.index, 0), len(text))
						v, end, ok := f.parse(text[from:])
						if !ok {
							p.failed = from + end
							return nil
						}
						p.index = from + end
						return Object(v)
					}
					v, _, ok := f.parse(text)
					if !ok {
						panic(c.Throw("java.text.ParseException", `Unparseable number: "`+text+`"`))
					}
					return Object(v)
				}),
				"applyPattern": set(func(f *decimalFormat, c *Call) { c.applyPattern(f, c.Need(0)) }),
				"toPattern":    on(func(f *decimalFormat, c *Call) any { return f.toPattern() }),
				"setMaximumFractionDigits": set(func(f *decimalFormat, c *Call) {
					f.maxFrac = bounded(c, maxFraction)
					f.minFrac = min(f.minFrac, f.maxFrac)
				}),
				"setMinimumFractionDigits": set(func(f *decimalFormat, c *Call) {
					f.minFrac = bounded(c, maxFraction)
					f.maxFrac = max(f.minFrac, f.maxFrac)
				}),
				"setMinimumIntegerDigits": set(func(f *decimalFormat, c *Call) {
					f.minInt = bounded(c, maxInteger)
					f.maxInt = max(f.minInt, f.maxInt)
				}),
				"setMaximumIntegerDigits": set(func(f *decimalFormat, c *Call) {
					f.maxInt = bounded(c, maxInteger)
					f.minInt = min(f.minInt, f.maxInt)
				}),
				"getMaximumFractionDigits": on(func(f *decimalFormat, c *Call) any { return f.maxFrac }),
				"getMinimumFractionDigits": on(func(f *decimalFormat, c *Call) any { return f.minFrac }),
				"getMinimumIntegerDigits":  on(func(f *decimalFormat, c *Call) any { return f.minInt }),
				"setGroupingUsed":          set(func(f *decimalFormat, c *Call) { f.grouping = c.Bool(0) }),
				"isGroupingUsed":           on(func(f *decimalFormat, c *Call) any { return f.grouping }),
				"setGroupingSize":          set(func(f *decimalFormat, c *Call) { f.group = bounded(c, 127) }),
				"getGroupingSize":          on(func(f *decimalFormat, c *Call) any { return f.group }),
				"setRoundingMode":          set(func(f *decimalFormat, c *Call) { f.mode = c.rounding(0) }),
				"setMultiplier": set(func(f *decimalFormat, c *Call) {
					if n := c.Int(0); n != 1 && n != 10 && n != 100 && n != 1000 && n != 10000 {
						panic(c.Throw("java.lang.UnsupportedOperationException", "a multiplier other than a power of ten up to 10000"))
					}
					f.multiplier = c.Int(0)
				}),
				"setParseIntegerOnly":     set(func(f *decimalFormat, c *Call) { f.integerOnly = c.Bool(0) }),
				"setParseBigDecimal":      set(func(f *decimalFormat, c *Call) { f.decimals = c.Bool(0) }),
				"setPositivePrefix":       set(func(f *decimalFormat, c *Call) { f.prefix = c.Text(0) }),
				"setPositiveSuffix":       set(func(f *decimalFormat, c *Call) { f.suffix = c.Text(0) }),
				"setNegativePrefix":       set(func(f *decimalFormat, c *Call) { f.setNegative(c.Text(0), f.negativeSuffixOf()) }),
				"setNegativeSuffix":       set(func(f *decimalFormat, c *Call) { f.setNegative(f.negativePrefixOf(), c.Text(0)) }),
				"getDecimalFormatSymbols": on(func(f *decimalFormat, c *Call) any { s := *f.symbols; return &s }),
				"setDecimalFormatSymbols": set(func(f *decimalFormat, c *Call) { f.symbols = c.symbolsArg(0) }),
				"getCurrency":             on(func(f *decimalFormat, c *Call) any { return money{f.symbols.code} }),
				"setCurrency": set(func(f *decimalFormat, c *Call) {
					m, ok := c.Object(0).(money)
					if !ok {
						panic(c.Throw("java.lang.NullPointerException", ""))
					}
					for _, s := range []*string{&f.prefix, &f.suffix, &f.negativePrefix, &f.negativeSuffix} {
						*s = strings.ReplaceAll(*s, f.symbols.currency, m.symbol())
					}
					f.symbols.code, f.symbols.currency = m.code, m.symbol()
				}),
				"setDecimalSeparatorAlwaysShown": set(func(f *decimalFormat, c *Call) { f.point = c.Bool(0) }),
			}},
		symbolsClass(),
		{Name: "java.text.ParsePosition",
			New: func(c *Call) any { return &parsePosition{c.Int(0), -1} },
			Methods: Methods{
				"getIndex":      func(c *Call) any { return c.This.(*parsePosition).index },
				"setIndex":      func(c *Call) any { c.This.(*parsePosition).index = c.Int(0); return Void },
				"getErrorIndex": func(c *Call) any { return c.This.(*parsePosition).failed },
				"setErrorIndex": func(c *Call) any { c.This.(*parsePosition).failed = c.Int(0); return Void },
			}},
		NewEnum("java.math.RoundingMode", nil, roundingModes...),
	}
	return append(append(classes, currencyClass()), messageFormatClasses()...)
}

func (f *decimalFormat) negativePrefixOf() string {
	if f.negative {
		return f.negativePrefix
	}
	return "-" + f.prefix
}

func (f *decimalFormat) negativeSuffixOf() string {
	if f.negative {
		return f.negativeSuffix
	}
	return f.suffix
}

func (f *decimalFormat) setNegative(prefix, suffix string) {
	f.negative, f.negativePrefix, f.negativeSuffix = true, prefix, suffix
}

func symbolsClass() *Class {
	get := func(of func(s *decimalSymbols) *string) func(*Call) any {
		return func(c *Call) any { return *of(c.This.(*decimalSymbols)) }
	}
	set := func(of func(s *decimalSymbols) *string) func(*Call) any {
		return func(c *Call) any { *of(c.This.(*decimalSymbols)) = c.char2(0); return Void }
	}
	decimal := func(s *decimalSymbols) *string { return &s.decimal }
	group := func(s *decimalSymbols) *string { return &s.group }
	currency := func(s *decimalSymbols) *string { return &s.currency }
	made := func(c *Call) any { return c.symbolsArg(0) }
	return &Class{Name: "java.text.DecimalFormatSymbols", New: made, Static: Methods{"getInstance": made}, Methods: Methods{
		"getDecimalSeparator": get(decimal), "setDecimalSeparator": set(decimal),
		"getGroupingSeparator": get(group), "setGroupingSeparator": set(group),
		"getCurrencySymbol": get(currency), "setCurrencySymbol": func(c *Call) any {
			c.This.(*decimalSymbols).currency = c.Text(0)
			return Void
		},
	}}
}
