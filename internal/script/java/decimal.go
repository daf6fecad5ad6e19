package java

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a java.math.BigDecimal or, with scale 0, a BigInteger: an integer
// and the number of digits behind the point.
type Decimal struct {
	class string
	n     *big.Int
	scale int
}

const decimalClassName, integerClassName = "java.math.BigDecimal", "java.math.BigInteger"

func (d *Decimal) JavaClass() string { return d.class }

// Portable gives the text.
func (d *Decimal) Portable() any { return d.String() }

// Float is doubleValue.
func (d *Decimal) Float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// Equal compares value and scale.
func (d *Decimal) Equal(o any) bool {
	e, ok := o.(*Decimal)
	return ok && d.scale == e.scale && d.n.Cmp(e.n) == 0
}

// String is toPlainString.
func (d *Decimal) String() string {
	s := d.n.String()
	if d.scale <= 0 {
		if d.n.Sign() == 0 {
			return s
		}
		return s + strings.Repeat("0", -d.scale)
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if len(s) <= d.scale {
		s = strings.Repeat("0", d.scale-len(s)+1) + s
	}
	return sign + s[:len(s)-d.scale] + "." + s[len(s)-d.scale:]
}

// maxDigits bounds the numbers that scripts make.
const maxDigits = 10000

func parseDecimal(s string) (*Decimal, bool) {
	s = strings.TrimSpace(s)
	exp := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxDigits || e < -maxDigits {
			return nil, false
		}
		exp, s = e, s[:i]
	}
	scale := 0
	if i := strings.IndexByte(s, '.'); i >= 0 {
		scale = len(s) - i - 1
		s = s[:i] + s[i+1:]
	}
	if len(s) > maxDigits || strings.Contains(s, "_") {
		return nil, false
	}
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, false
	}
	return &Decimal{decimalClassName, n, scale - exp}, true
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// align gives two numbers one scale.
func align(a, b *Decimal) (x, y *big.Int, scale int) {
	scale = max(a.scale, b.scale)
	x = new(big.Int).Mul(a.n, pow10(scale-a.scale))
	y = new(big.Int).Mul(b.n, pow10(scale-b.scale))
	return x, y, scale
}

func (d *Decimal) setScale(scale int, mode string) *Decimal {
	if scale >= d.scale {
		return &Decimal{d.class, new(big.Int).Mul(d.n, pow10(scale-d.scale)), scale}
	}
	return &Decimal{d.class, divided(d.n, pow10(d.scale-scale), mode), scale}
}

// divided divides and rounds; an unknown mode is HALF_UP.
func divided(a, b *big.Int, mode string) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Sign() == 0 {
		return q
	}
	sign := int64(a.Sign() * b.Sign())
	half := new(big.Int).Abs(r)
	half.Lsh(half, 1)
	cmp := half.Cmp(new(big.Int).Abs(b))
	away := false
	switch mode {
	case "UP":
		away = true
	case "DOWN":
	case "CEILING":
		away = sign > 0
	case "FLOOR":
		away = sign < 0
	case "HALF_DOWN":
		away = cmp > 0
	case "HALF_EVEN":
		away = cmp > 0 || cmp == 0 && q.Bit(0) == 1
	default:
		away = cmp >= 0
	}
	if away {
		q.Add(q, big.NewInt(sign))
	}
	return q
}

// roundingModes are RoundingMode's names by the old constants' numbers.
var roundingModes = []string{"UP", "DOWN", "CEILING", "FLOOR", "HALF_UP", "HALF_DOWN", "HALF_EVEN", "UNNECESSARY"}

func (c *Call) rounding(i int) string {
	if e, ok := c.Object(i).(*Enum); ok {
		return e.name
	}
	if c.Len() > i && c.IsNumber(i) && c.Int(i) >= 0 && c.Int(i) < len(roundingModes) {
		return roundingModes[c.Int(i)]
	}
	return "HALF_UP"
}

// decimal reads an argument as a BigDecimal.
func (c *Call) decimal(i int) *Decimal {
	switch v := c.Object(i).(type) {
	case *Decimal:
		return v
	case float64:
		d, _ := parseDecimal(strconv.FormatFloat(v, 'f', -1, 64))
		if d != nil {
			return d
		}
	default:
		if d, ok := parseDecimal(c.Need(i)); ok {
			return d
		}
	}
	panic(c.Throw("java.lang.NumberFormatException", ""))
}

func bigDecimalClass() *Class { return decimalClass(decimalClassName) }
func bigIntegerClass() *Class { return decimalClass(integerClassName) }

func decimalClass(class string) *Class {
	made := func(d *Decimal) *Decimal {
		if class == integerClassName && d.scale != 0 {
			d = d.setScale(0, "DOWN")
		}
		return &Decimal{class, d.n, d.scale}
	}
	with := func(f func(a, b *Decimal) *Decimal) func(*Call) any {
		return func(c *Call) any { return made(f(c.This.(*Decimal), c.decimal(0))) }
	}
	on := func(f func(d *Decimal, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Decimal), c) }
	}
	cmp := func(a, b *Decimal) int { x, y, _ := align(a, b); return x.Cmp(y) }
	constants := map[string]any{}
	for i, name := range roundingModes {
		constants["ROUND_"+name] = i
	}
	for name, n := range map[string]int64{"ZERO": 0, "ONE": 1, "TEN": 10} {
		constants[name] = &Decimal{class, big.NewInt(n), 0}
	}
	value := func(c *Call) any { return made(c.decimal(0)) }
	return &Class{Name: class, Super: "java.lang.Number", New: value, Constants: constants,
		Static: Methods{"valueOf": value},
		Methods: Methods{
			"add": with(func(a, b *Decimal) *Decimal { x, y, s := align(a, b); return &Decimal{n: x.Add(x, y), scale: s} }),
			"subtract": with(func(a, b *Decimal) *Decimal {
				x, y, s := align(a, b)
				return &Decimal{n: x.Sub(x, y), scale: s}
			}),
			"multiply": with(func(a, b *Decimal) *Decimal {
				return &Decimal{n: new(big.Int).Mul(a.n, b.n), scale: a.scale + b.scale}
			}),
			"divide": on(func(d *Decimal, c *Call) any { return made(divide(c, d, c.decimal(0), class)) }),
			"remainder": with(func(a, b *Decimal) *Decimal {
				x, y, s := align(a, b)
				if y.Sign() == 0 {
					return &Decimal{n: big.NewInt(0)}
				}
				return &Decimal{n: x.Rem(x, y), scale: s}
			}),
			"max": with(func(a, b *Decimal) *Decimal {
				if cmp(a, b) < 0 {
					return b
				}
				return a
			}),
			"min": with(func(a, b *Decimal) *Decimal {
				if cmp(a, b) > 0 {
					return b
				}
				return a
			}),
			"intValue":      on(func(d *Decimal, c *Call) any { return int(int32(d.low())) }),
			"longValue":     on(func(d *Decimal, c *Call) any { return float64(d.low()) }),
			"negate":        on(func(d *Decimal, c *Call) any { return &Decimal{class, new(big.Int).Neg(d.n), d.scale} }),
			"abs":           on(func(d *Decimal, c *Call) any { return &Decimal{class, new(big.Int).Abs(d.n), d.scale} }),
			"signum":        on(func(d *Decimal, c *Call) any { return d.n.Sign() }),
			"scale":         on(func(d *Decimal, c *Call) any { return d.scale }),
			"precision":     on(func(d *Decimal, c *Call) any { return len(new(big.Int).Abs(d.n).String()) }),
			"compareTo":     on(func(d *Decimal, c *Call) any { return cmp(d, c.decimal(0)) }),
			"setScale":      on(func(d *Decimal, c *Call) any { return d.setScale(min(c.Int(0), maxDigits), c.rounding(1)) }),
			"toString":      on(func(d *Decimal, c *Call) any { return d.String() }),
			"toPlainString": on(func(d *Decimal, c *Call) any { return d.String() }),
			"stripTrailingZeros": on(func(d *Decimal, c *Call) any {
				n, scale, ten, r := new(big.Int).Set(d.n), d.scale, big.NewInt(10), new(big.Int)
				for n.Sign() != 0 {
					q, _ := new(big.Int).QuoRem(n, ten, r)
					if r.Sign() != 0 {
						break
					}
					n, scale = q, scale-1
				}
				return &Decimal{class, n, scale}
			}),
			"pow": on(func(d *Decimal, c *Call) any {
				e := c.Int(0)
				if e < 0 || e*len(d.n.String()) > maxDigits {
					panic(c.Throw("java.lang.ArithmeticException", "Invalid operation"))
				}
				return &Decimal{class, new(big.Int).Exp(d.n, big.NewInt(int64(e)), nil), d.scale * e}
			}),
		}}
}

// low are the lowest 64 bits of the whole part, as Java's conversions give them.
func (d *Decimal) low() int64 {
	whole := d.setScale(0, "DOWN").n
	bits := new(big.Int).And(whole, new(big.Int).SetUint64(math.MaxUint64))
	return int64(bits.Uint64())
}

// divide is BigDecimal.divide; without a scale the result has as many digits as
// it needs, up to sixteen.
func divide(c *Call, a, b *Decimal, class string) *Decimal {
	if b.n.Sign() == 0 {
		panic(c.Throw("java.lang.ArithmeticException", "Division by zero"))
	}
	mode, scale := "HALF_UP", 0
	switch {
	case class == integerClassName:
		mode = "DOWN"
	case c.Len() >= 3:
		scale, mode = min(c.Int(1), maxDigits), c.rounding(2)
	case c.Len() == 2:
		scale, mode = a.scale, c.rounding(1)
	default:
		scale = max(a.scale-b.scale, 0)
		x, y, _ := align(a, b)
		for extra := 0; extra < 16; extra++ {
			if new(big.Int).Rem(new(big.Int).Mul(x, pow10(scale)), y).Sign() == 0 {
				break
			}
			scale++
		}
	}
	x, y, _ := align(a, b)
	return &Decimal{class, divided(x.Mul(x, pow10(scale)), y, mode), scale}
}
