package java

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

func langNumbers() []*Class {
	integer := numberClass("java.lang.Integer", func(f float64) any { return int32(int64(f)) }, 32)
	integer.Constants = map[string]any{"MAX_VALUE": math.MaxInt32, "MIN_VALUE": math.MinInt32, "SIZE": 32}
	long := numberClass("java.lang.Long", func(f float64) any { return int64(f) }, 64)
	long.Constants = map[string]any{"MAX_VALUE": float64(math.MaxInt64), "MIN_VALUE": float64(math.MinInt64)}
	short := numberClass("java.lang.Short", func(f float64) any { return int32(int16(int64(f))) }, 16)
	byteClass := numberClass("java.lang.Byte", func(f float64) any { return int32(int8(int64(f))) }, 8)
	byteClass.Constants = map[string]any{"TYPE": func() any { return &ClassRef{&Class{Name: "byte"}} }}
	integer.Constants["TYPE"] = func() any { return &ClassRef{&Class{Name: "int"}} }
	double := numberClass("java.lang.Double", func(f float64) any { return f }, 0)
	double.Constants = map[string]any{"MAX_VALUE": math.MaxFloat64, "NaN": math.NaN(),
		"POSITIVE_INFINITY": math.Inf(1), "NEGATIVE_INFINITY": math.Inf(-1)}
	float := numberClass("java.lang.Float", func(f float64) any { return f }, 0)
	return []*Class{
		{Name: "java.lang.Number", Methods: numberMethods()},
		integer, long, short, byteClass, double, float,
		booleanClass(), characterClass(), bigDecimalClass(), bigIntegerClass(),
	}
}

func numberMethods() Methods {
	trunc := func(c *Call) any { return math.Trunc(floatOf(c.This)) }
	return Methods{
		"intValue":    func(c *Call) any { return int(int32(int64(floatOf(c.This)))) },
		"longValue":   trunc,
		"shortValue":  func(c *Call) any { return int(int16(int64(floatOf(c.This)))) },
		"byteValue":   func(c *Call) any { return int(int8(int64(floatOf(c.This)))) },
		"doubleValue": func(c *Call) any { return floatOf(c.This) },
		"floatValue":  func(c *Call) any { return floatOf(c.This) },
		"toString":    func(c *Call) any { return Text(c.This) },
		"compareTo": func(c *Call) any {
			n, _ := compare(c.This, c.Object(0))
			return n
		},
		"isNaN": func(c *Call) any { return math.IsNaN(floatOf(c.This)) },
		// JavaScript's own, which scripts call on numbers out of a map.
		"toFixed": func(c *Call) any {
			digits := 0
			if c.Len() > 0 {
				digits = c.Int(0)
			}
			return c.VM.Runtime.ToValue(strconv.FormatFloat(floatOf(c.This), 'f', min(digits, 100), 64))
		},
	}
}

// numberClass is a boxed number; bits is 0 for those with a fraction.
func numberClass(name string, box func(float64) any, bits int) *Class {
	parse := func(c *Call) float64 {
		if bits == 0 {
			f, ok := parseDouble(c.Need(0))
			if !ok {
				panic(c.Throw("java.lang.NumberFormatException", `For input string: "`+c.Text(0)+`"`))
			}
			return f
		}
		if c.Null(0) {
			panic(c.Throw("java.lang.NumberFormatException", "Cannot parse null string"))
		}
		radix := 10
		if c.Len() > 1 {
			radix = c.Int(1)
		}
		text := c.Need(0)
		n, err := strconv.ParseInt(text, radix, bits)
		if err != nil || strings.HasPrefix(text, "_") {
			panic(c.Throw("java.lang.NumberFormatException", `For input string: "`+text+`"`))
		}
		return float64(n)
	}
	value := func(c *Call) any {
		if c.IsText(0) {
			return box(parse(c))
		}
		return box(c.Float(0))
	}
	short := name[strings.LastIndexByte(name, '.')+1:]
	if short == "Integer" {
		short = "Int"
	}
	text := func(c *Call) any {
		if c.Len() > 1 && bits != 0 {
			return strconv.FormatInt(int64(c.Float(0)), c.Int(1))
		}
		return Text(box(c.Float(0)))
	}
	return &Class{
		Name: name, Super: "java.lang.Number", Implements: []string{"java.lang.Comparable"},
		New: value,
		Static: Methods{
			"parse" + short: func(c *Call) any { return parse(c) },
			"valueOf":       func(c *Call) any { return Object(value(c)) },
			"toString": func(c *Call) any {
				if c.This != nil {
					return Text(c.This)
				}
				return text(c)
			},
			"decode":         func(c *Call) any { return Object(box(parse(c))) },
			"compare":        func(c *Call) any { return compareFloats(c.Float(0), c.Float(1)) },
			"toHexString":    func(c *Call) any { return strconv.FormatUint(unsigned(c.Float(0), bits), 16) },
			"toBinaryString": func(c *Call) any { return strconv.FormatUint(unsigned(c.Float(0), bits), 2) },
			"toOctalString":  func(c *Call) any { return strconv.FormatUint(unsigned(c.Float(0), bits), 8) },
			"max":            func(c *Call) any { return math.Max(c.Float(0), c.Float(1)) },
			"min":            func(c *Call) any { return math.Min(c.Float(0), c.Float(1)) },
			"sum":            func(c *Call) any { return c.Float(0) + c.Float(1) },
			"isNaN": func(c *Call) any {
				if c.This != nil {
					return math.IsNaN(floatOf(c.This))
				}
				return math.IsNaN(c.Float(0))
			},
		},
	}
}

func unsigned(f float64, bits int) uint64 {
	if bits == 64 {
		return uint64(int64(f))
	}
	return uint64(uint32(int64(f)))
}

// parseDouble reads what Double.parseDouble reads: blanks around are fine.
func parseDouble(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimRight(s, "dDfF")
	if s == "" || strings.ContainsAny(s, "_xXpP") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

func booleanClass() *Class {
	value := func(c *Call) bool {
		if c.IsText(0) {
			return strings.EqualFold(c.Text(0), "true")
		}
		return !c.Null(0) && c.Bool(0)
	}
	return &Class{
		Name: "java.lang.Boolean", Implements: []string{"java.lang.Comparable"},
		New:       func(c *Call) any { return value(c) },
		Constants: map[string]any{"TRUE": boxed{true}, "FALSE": boxed{false}},
		Static: Methods{
			"parseBoolean": func(c *Call) any { return value(c) },
			"valueOf":      func(c *Call) any { return Object(value(c)) },
			"toString": func(c *Call) any {
				if b, ok := c.This.(bool); ok {
					return strconv.FormatBool(b)
				}
				return strconv.FormatBool(value(c))
			},
		},
		Methods: Methods{
			"booleanValue": func(c *Call) any { return c.This.(bool) },
		},
	}
}

func characterClass() *Class {
	is := func(f func(rune) bool) func(*Call) any {
		return func(c *Call) any { return f(c.char(0)) }
	}
	to := func(f func(rune) rune) func(*Call) any {
		return func(c *Call) any {
			if c.IsText(0) {
				return string(f(c.char(0)))
			}
			return int(f(c.char(0)))
		}
	}
	return &Class{
		Name: "java.lang.Character",
		New:  func(c *Call) any { return string(c.char(0)) },
		Static: Methods{
			"isDigit": is(unicode.IsDigit), "isLetter": is(unicode.IsLetter), "isWhitespace": is(unicode.IsSpace),
			"isUpperCase": is(unicode.IsUpper), "isLowerCase": is(unicode.IsLower),
			"isLetterOrDigit": is(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }),
			"toUpperCase":     to(unicode.ToUpper), "toLowerCase": to(unicode.ToLower),
			"toString": func(c *Call) any { return string(c.char(0)) },
			"valueOf":  func(c *Call) any { return string(c.char(0)) },
			"getNumericValue": func(c *Call) any {
				if r := c.char(0); r >= '0' && r <= '9' {
					return int(r - '0')
				} else if unicode.IsLetter(r) && r < 128 {
					return int(unicode.ToLower(r)-'a') + 10
				}
				return -1
			},
			"toChars": func(c *Call) any { return NewStrings([]string{string(c.char(0))}) },
		},
	}
}

// char returns an argument declared char: a number or the first letter of a text.
func (c *Call) char(i int) rune {
	if c.IsText(i) {
		for _, r := range c.Text(i) {
			return r
		}
		return 0
	}
	return rune(c.Int(i))
}
