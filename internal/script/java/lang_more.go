package java

import (
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// moreLang completes the classes of java.lang, java.math and java.util.concurrent.
func moreLang() []*Class {
	classes := []*Class{systemClass(), threadClass(), mathContextClass(), executorsClass(), futureClass("java.util.concurrent.CompletableFuture")}
	for _, name := range []string{"java.math.BigDecimal", "java.math.BigInteger"} {
		c := decimalClass(name)
		c.Methods, c.Static = merged(c.Methods, moreDecimal(name)), merged(c.Static, decimalStatics(name))
		c.New = func(c *Call) any { return newDecimal(c, name) }
		classes = append(classes, c)
	}
	for _, name := range []string{"java.lang.StringBuilder", "java.lang.StringBuffer"} {
		for _, c := range langBuilders() {
			if c.Name == name {
				c.Methods = merged(c.Methods, moreBuilder())
				classes = append(classes, c)
			}
		}
	}
	for _, name := range []string{"java.util.Random", "java.security.SecureRandom"} {
		classes = append(classes, seededRandom(name))
	}
	return append(classes, atomics()...)
}

func systemClass() *Class {
	var base *Class
	for _, c := range langSystem() {
		if c.Name == "java.lang.System" {
			base = c
		}
	}
	properties := func() *Map {
		m := newMap("java.util.Properties", hashed)
		for k, v := range systemProperties {
			m.set(k, v)
		}
		m.set("user.timezone", zoneID(time.Local))
		m.set("os.name", "Linux")
		m.set("user.language", "en")
		m.frozen = true
		return m
	}
	denied := func(what, instead string) func(*Call) any {
		return func(c *Call) any {
			panic(c.Throw("java.lang.SecurityException", what+" is not possible for scripts; "+instead))
		}
	}
	base.Static = merged(base.Static, Methods{
		"getProperties": func(*Call) any { return properties() },
		"getProperty": func(c *Call) any {
			if v, ok := properties().Get(c.Need(0)); ok {
				return v
			}
			if c.Len() > 1 && !c.Null(1) {
				return c.Text(1)
			}
			return nil
		},
		"setProperty":   denied("System.setProperty", "keep the value in the global map"),
		"clearProperty": denied("System.clearProperty", "keep values in the global map"),
		// The environment holds secrets of the server.
		"getenv": denied("System.getenv", "put the value into the configuration map, where env: refers to a variable"),
		"load":   denied("System.load", "Weir loads no libraries"), "loadLibrary": denied("System.loadLibrary", "Weir loads no libraries"),
		"identityHashCode": func(c *Call) any {
			if c.Null(0) {
				return 0
			}
			return int(hashOf(c.Object(0)))
		},
		"nanoTime":          func(c *Call) any { return float64(time.Since(started).Nanoseconds()) },
		"currentTimeMillis": func(c *Call) any { return c.VM.Now().UnixMilli() },
		"lineSeparator":     func(*Call) any { return "\n" },
	})
	return base
}

// started is where nanoTime counts from: a time of day in nanoseconds would be
// too large for a number of JavaScript.
var started = time.Now()

func threadClass() *Class {
	var base *Class
	for _, c := range langSystem() {
		if c.Name == "java.lang.Thread" {
			base = c
		}
	}
	base.Methods = merged(base.Methods, Methods{
		"getPriority": func(*Call) any { return 5 }, "isAlive": func(*Call) any { return true }, "isDaemon": func(*Call) any { return false },
		"setPriority": func(*Call) any { return Void }, "threadId": func(*Call) any { return 1 },
		"getStackTrace": func(*Call) any { return NewArray("java.lang.StackTraceElement", nil) },
		"toString":      func(*Call) any { return "Thread[script,5,main]" },
	})
	base.Static = merged(base.Static, Methods{"interrupted": func(c *Call) any { return c.VM.Context.Err() != nil },
		"onSpinWait": func(*Call) any { return Void }, "activeCount": func(*Call) any { return 1 }})
	return base
}

func executorsClass() *Class {
	return &Class{Name: "java.util.concurrent.Executors",
		Instead: "a script cannot start threads; route the work to another channel, whose threads and queue take it"}
}

func futureClass(name string) *Class {
	return &Class{Name: name, Instead: "a script cannot start threads; route the work to another channel, whose threads and queue take it"}
}

// moreBuilder completes StringBuilder and StringBuffer.
func moreBuilder() Methods {
	on := func(f func(b *Builder, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Builder), c) }
	}
	return Methods{
		"appendCodePoint": on(func(b *Builder, c *Call) any { b.append(c, string(rune(c.Int(0)))); return b }),
		"codePointAt":     on(func(b *Builder, c *Call) any { return charAt(c, b.String(), c.Int(0)) }),
		"subSequence":     on(func(b *Builder, c *Call) any { return substring(b.String(), c) }),
		"ensureCapacity":  func(*Call) any { return Void }, "trimToSize": func(*Call) any { return Void },
		"compareTo": on(func(b *Builder, c *Call) any { return compareStrings(b.String(), c.Text(0)) }),
		"chars": on(func(b *Builder, c *Call) any {
			var items []any
			for _, u := range units(b.String()) {
				items = append(items, int32(u))
			}
			return numbers("IntStream", items)
		}),
		"repeat": on(func(b *Builder, c *Call) any {
			s := c.char2(0)
			b.append(c, strings.Repeat(s, c.limit(c.Int(1)*max(len(s), 1))/max(len(s), 1)))
			return b
		}),
	}
}

// mathContext is a MathContext: digits, and how to round.
type mathContext struct {
	digits int
	mode   string
}

func (*mathContext) JavaClass() string { return "java.math.MathContext" }
func (m *mathContext) String() string {
	return "precision=" + strconv.Itoa(m.digits) + " roundingMode=" + m.mode
}

func mathContextClass() *Class {
	return &Class{Name: "java.math.MathContext",
		New: func(c *Call) any {
			m := &mathContext{min(max(c.Int(0), 0), maxDigits), "HALF_UP"}
			if c.Len() > 1 {
				m.mode = c.rounding(1)
			}
			return m
		},
		Constants: map[string]any{"UNLIMITED": &mathContext{0, "HALF_UP"}, "DECIMAL32": &mathContext{7, "HALF_EVEN"},
			"DECIMAL64": &mathContext{16, "HALF_EVEN"}, "DECIMAL128": &mathContext{34, "HALF_EVEN"}},
		Methods: Methods{
			"getPrecision":    func(c *Call) any { return c.This.(*mathContext).digits },
			"getRoundingMode": func(c *Call) any { return c.VM.Enum("java.math.RoundingMode", c.This.(*mathContext).mode) },
			"toString":        func(c *Call) any { return c.This.(*mathContext).String() },
		}}
}

// rounded brings a decimal to the digits of a context.
func rounded(d *Decimal, m *mathContext) *Decimal {
	for m.digits > 0 {
		have := len(new(big.Int).Abs(d.n).String())
		if have <= m.digits {
			break
		}
		drop := have - m.digits // rounding up may add a digit, which is dropped in the next turn
		d = &Decimal{d.class, divided(d.n, pow10(drop), m.mode), d.scale - drop}
	}
	return d
}

// inBounds throws for a number that has too many digits or zeros.
func (c *Call) inBounds(d *Decimal) *Decimal {
	if d.scale > maxDigits || d.scale < -maxDigits || d.n.BitLen() > 4*maxDigits {
		panic(c.Throw("java.lang.ArithmeticException", "Overflow"))
	}
	return d
}

// canonical is BigDecimal.toString: scientific where the exponent is small or
// the scale negative.
func canonical(d *Decimal, engineering bool) string {
	digits := new(big.Int).Abs(d.n).String()
	sign := ""
	if d.n.Sign() < 0 {
		sign = "-"
	}
	exp := len(digits) - 1 - d.scale
	if d.scale >= 0 && exp >= -6 {
		return d.String()
	}
	whole := 1
	if engineering {
		shift := ((exp % 3) + 3) % 3
		exp -= shift
		whole += shift
		for len(digits) < whole {
			digits += "0"
		}
	}
	s := sign + digits[:whole]
	if len(digits) > whole {
		s += "." + digits[whole:]
	}
	if exp != 0 {
		s += "E"
		if exp > 0 {
			s += "+"
		}
		s += strconv.Itoa(exp)
	}
	return s
}

// moreDecimal completes BigDecimal and BigInteger.
func moreDecimal(class string) Methods {
	on := func(f func(d *Decimal, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Decimal), c) }
	}
	whole := class == integerClassName
	integer := func(n *big.Int) *Decimal { return &Decimal{integerClassName, n, 0} }
	made := func(c *Call, d *Decimal) any {
		d = &Decimal{class, d.n, d.scale}
		if m, ok := c.Object(c.Len() - 1).(*mathContext); ok && c.Len() > 0 {
			d = rounded(d, m)
		}
		return c.inBounds(d)
	}
	two := func(f func(a, b *Decimal) *Decimal) func(*Call) any {
		return on(func(d *Decimal, c *Call) any { return made(c, f(d, c.decimal(0))) })
	}
	exact := func(from, to float64, kind string) func(*Call) any {
		return on(func(d *Decimal, c *Call) any {
			f := d.Float()
			if f < from || f > to || f != math.Trunc(f) {
				if whole {
					panic(c.Throw("java.lang.ArithmeticException", "BigInteger out of "+kind+" range"))
				}
				panic(c.Throw("java.lang.ArithmeticException", map[bool]string{true: "Overflow", false: "Rounding necessary"}[f == math.Trunc(f)]))
			}
			return f
		})
	}
	methods := Methods{
		"add":      two(func(a, b *Decimal) *Decimal { x, y, s := align(a, b); return &Decimal{n: x.Add(x, y), scale: s} }),
		"subtract": two(func(a, b *Decimal) *Decimal { x, y, s := align(a, b); return &Decimal{n: x.Sub(x, y), scale: s} }),
		"multiply": two(func(a, b *Decimal) *Decimal {
			return &Decimal{n: new(big.Int).Mul(a.n, b.n), scale: a.scale + b.scale}
		}),
		"round":         on(func(d *Decimal, c *Call) any { return made(c, d) }),
		"equals":        on(func(d *Decimal, c *Call) any { return d.Equal(c.Object(0)) }),
		"hashCode":      on(func(d *Decimal, c *Call) any { return int(stringHash(d.String())) }),
		"intValueExact": exact(math.MinInt32, math.MaxInt32, "int"), "longValueExact": exact(math.MinInt64, math.MaxInt64, "long"),
		"signum": on(func(d *Decimal, c *Call) any { return d.n.Sign() }),
	}
	if !whole {
		divideAll := func(d *Decimal, c *Call) *Decimal {
			b := c.decimal(0)
			if b.n.Sign() == 0 {
				if d.n.Sign() == 0 {
					panic(c.Throw("java.lang.ArithmeticException", "Division undefined"))
				}
				panic(c.Throw("java.lang.ArithmeticException", "Division by zero"))
			}
			return b
		}
		methods["divide"] = on(func(d *Decimal, c *Call) any {
			b := divideAll(d, c)
			if m, ok := c.Object(1).(*mathContext); ok && c.Len() > 1 && m.digits > 0 {
				return quotient(d, b, m)
			}
			switch {
			case c.Len() >= 3:
				return c.inBounds(quotientAt(c, d, b, min(c.Int(1), maxDigits), c.rounding(2)))
			case c.Len() == 2 && !c.isContext(1):
				return c.inBounds(quotientAt(c, d, b, d.scale, c.rounding(1)))
			}
			// Without a rounding the quotient must end.
			g := new(big.Int).GCD(nil, nil, new(big.Int).Abs(d.n), new(big.Int).Abs(b.n))
			rest := new(big.Int).Abs(b.n)
			if g.Sign() > 0 {
				rest.Quo(rest, g)
			}
			need := 0
			for _, p := range []int64{2, 5} {
				count, q, r := 0, new(big.Int), new(big.Int)
				for q.QuoRem(rest, big.NewInt(p), r); r.Sign() == 0; q.QuoRem(rest, big.NewInt(p), r) {
					rest.Set(q)
					count++
				}
				need = max(need, count)
			}
			if rest.Cmp(big.NewInt(1)) != 0 {
				panic(c.Throw("java.lang.ArithmeticException", "Non-terminating decimal expansion; no exact representable decimal result."))
			}
			preferred := d.scale - b.scale
			out := quotientAt(c, d, b, min(max(preferred, preferred+need), maxDigits), "HALF_UP")
			for out.scale > preferred {
				q, r := new(big.Int).QuoRem(out.n, big.NewInt(10), new(big.Int))
				if r.Sign() != 0 {
					break
				}
				out = &Decimal{class, q, out.scale - 1}
			}
			return c.inBounds(out)
		})
		methods["divideToIntegralValue"] = on(func(d *Decimal, c *Call) any {
			return quotientAt(c, d, divideAll(d, c), 0, "DOWN")
		})
		methods["divideAndRemainder"] = on(func(d *Decimal, c *Call) any {
			b := divideAll(d, c)
			q := quotientAt(c, d, b, 0, "DOWN")
			x, y, s := align(d, b)
			return NewArray(class, []any{q, &Decimal{class, new(big.Int).Rem(x, y), s}})
		})
		methods["remainder"] = on(func(d *Decimal, c *Call) any {
			x, y, s := align(d, divideAll(d, c))
			return &Decimal{class, new(big.Int).Rem(x, y), s}
		})
		methods["setScale"] = on(func(d *Decimal, c *Call) any {
			scale := c.Int(0)
			if scale > maxDigits || scale < -maxDigits {
				panic(c.Throw("java.lang.ArithmeticException", "Overflow"))
			}
			mode := "UNNECESSARY"
			if c.Len() > 1 {
				mode = c.rounding(1)
			}
			out := d.setScale(scale, mode)
			if mode == "UNNECESSARY" && scale < d.scale && new(big.Int).Mul(out.n, pow10(d.scale-scale)).Cmp(d.n) != 0 {
				panic(c.Throw("java.lang.ArithmeticException", "Rounding necessary"))
			}
			return out
		})
		methods["toString"] = on(func(d *Decimal, c *Call) any { return canonical(d, false) })
		methods["toEngineeringString"] = on(func(d *Decimal, c *Call) any { return canonical(d, true) })
		methods["unscaledValue"] = on(func(d *Decimal, c *Call) any { return integer(d.n) })
		methods["toBigInteger"] = on(func(d *Decimal, c *Call) any { return integer(d.setScale(0, "DOWN").n) })
		methods["movePointLeft"] = on(func(d *Decimal, c *Call) any { return moved(c, d, c.Int(0)) })
		methods["movePointRight"] = on(func(d *Decimal, c *Call) any { return moved(c, d, -c.Int(0)) })
		methods["scaleByPowerOfTen"] = on(func(d *Decimal, c *Call) any { return c.inBounds(&Decimal{class, d.n, d.scale - c.Int(0)}) })
		methods["plus"] = on(func(d *Decimal, c *Call) any { return made(c, d) })
		methods["ulp"] = on(func(d *Decimal, c *Call) any { return &Decimal{class, big.NewInt(1), d.scale} })
		methods["sqrt"] = on(func(d *Decimal, c *Call) any {
			if d.n.Sign() < 0 {
				panic(c.Throw("java.lang.ArithmeticException", "Attempted square root of negative BigDecimal"))
			}
			m, ok := c.Object(0).(*mathContext)
			if !ok || m.digits == 0 {
				m = &mathContext{34, "HALF_EVEN"}
			}
			scale := m.digits + 2
			shifted := d.setScale(2*scale, "DOWN")
			return rounded(&Decimal{class, new(big.Int).Sqrt(shifted.n), scale}, m)
		})
		methods["precision"] = on(func(d *Decimal, c *Call) any { return len(new(big.Int).Abs(d.n).String()) })
		return methods
	}
	bitwise := func(f func(z, a, b *big.Int) *big.Int) func(*Call) any {
		return on(func(d *Decimal, c *Call) any {
			return integer(f(new(big.Int), d.n, c.decimal(0).setScale(0, "DOWN").n))
		})
	}
	divides := func(f func(z, a, b *big.Int) *big.Int, word string) func(*Call) any {
		return on(func(d *Decimal, c *Call) any {
			b := c.decimal(0).setScale(0, "DOWN").n
			if b.Sign() == 0 || word != "" && b.Sign() < 0 {
				if word == "" {
					word = "BigInteger divide by zero"
				}
				panic(c.Throw("java.lang.ArithmeticException", word))
			}
			return integer(f(new(big.Int), d.n, b))
		})
	}
	shift := func(sign int) func(*Call) any {
		return on(func(d *Decimal, c *Call) any {
			n := sign * c.Int(0)
			if n > 4*maxDigits {
				panic(c.Throw("java.lang.ArithmeticException", "BigInteger would overflow supported range"))
			}
			if n < 0 {
				return integer(new(big.Int).Rsh(d.n, uint(min(-n, 8*maxDigits))))
			}
			return integer(new(big.Int).Lsh(d.n, uint(n)))
		})
	}
	for name, f := range (Methods{
		"divide": divides((*big.Int).Quo, ""), "remainder": divides((*big.Int).Rem, ""), "mod": divides((*big.Int).Mod, "BigInteger: modulus not positive"),
		"gcd": bitwise(func(z, a, b *big.Int) *big.Int { return z.GCD(nil, nil, new(big.Int).Abs(a), new(big.Int).Abs(b)) }),
		"and": bitwise((*big.Int).And), "or": bitwise((*big.Int).Or), "xor": bitwise((*big.Int).Xor), "andNot": bitwise((*big.Int).AndNot),
		"not": on(func(d *Decimal, c *Call) any { return integer(new(big.Int).Not(d.n)) }), "shiftLeft": shift(1), "shiftRight": shift(-1),
		"testBit":   on(func(d *Decimal, c *Call) any { return d.n.Bit(c.limit(c.Int(0))) == 1 }),
		"bitLength": on(func(d *Decimal, c *Call) any { return d.n.BitLen() }),
		"bitCount": on(func(d *Decimal, c *Call) any {
			n := 0
			for _, w := range d.n.Bits() {
				n += bits.OnesCount(uint(w))
			}
			return n
		}),
		"sqrt": on(func(d *Decimal, c *Call) any {
			if d.n.Sign() < 0 {
				panic(c.Throw("java.lang.ArithmeticException", "Negative BigInteger"))
			}
			return integer(new(big.Int).Sqrt(d.n))
		}),
		"modPow": on(func(d *Decimal, c *Call) any {
			m := c.decimal(1).n
			if m.Sign() <= 0 {
				panic(c.Throw("java.lang.ArithmeticException", "BigInteger: modulus not positive"))
			}
			c.bits(maxModulus, d.n, c.decimal(0).n, m)
			return integer(new(big.Int).Exp(d.n, c.decimal(0).n, m))
		}),
		"modInverse": on(func(d *Decimal, c *Call) any {
			out := new(big.Int).ModInverse(d.n, c.decimal(0).n)
			if out == nil {
				panic(c.Throw("java.lang.ArithmeticException", "BigInteger not invertible."))
			}
			return integer(out)
		}),
		"isProbablePrime": on(func(d *Decimal, c *Call) any {
			c.bits(maxPrime, d.n)
			return d.n.ProbablyPrime(20)
		}),
		"toString": on(func(d *Decimal, c *Call) any {
			if r := c.Int(0); c.Len() > 0 && r >= 2 && r <= 36 {
				return d.n.Text(r)
			}
			return d.n.String()
		}),
		"toByteArray": on(func(d *Decimal, c *Call) any { return twosComplement(d.n) }),
	}) {
		methods[name] = f
	}
	return methods
}

// newDecimal makes a number of a text, with a radix for BigInteger, or of a double,
// which BigDecimal takes exactly: of 0.1 it keeps all 55 digits.
func newDecimal(c *Call, class string) any {
	if class == integerClassName {
		if c.Len() > 1 && c.IsText(0) {
			n, ok := new(big.Int).SetString(c.Text(0), min(max(c.Int(1), 2), 36))
			if !ok || len(c.Text(0)) > maxDigits {
				panic(c.Throw("java.lang.NumberFormatException", `For input string: "`+c.Text(0)+`"`))
			}
			return &Decimal{class, n, 0}
		}
		text := c.Need(0)
		n, ok := new(big.Int).SetString(text, 10)
		if !ok || len(text) > maxDigits {
			panic(c.Throw("java.lang.NumberFormatException", `For input string: "`+text+`"`))
		}
		return &Decimal{class, n, 0}
	}
	var d *Decimal
	switch v := c.Object(0).(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			panic(c.Throw("java.lang.NumberFormatException", "Infinite or NaN"))
		}
		text := new(big.Float).SetFloat64(v).Text('f', 1074)
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
		d, _ = parseDecimal(text)
	case *Decimal:
		d = v
	default:
		parsed, ok := parseDecimal(c.Need(0))
		if !ok || strings.TrimSpace(c.Text(0)) != c.Text(0) {
			panic(c.Throw("java.lang.NumberFormatException", badNumber(c.Text(0))))
		}
		d = parsed
	}
	if m, ok := c.Object(1).(*mathContext); ok && c.Len() > 1 {
		d = rounded(d, m)
	} else if c.Len() > 1 {
		d = &Decimal{class, d.n, d.scale + c.Int(1)}
	}
	return c.inBounds(&Decimal{class, d.n, d.scale})
}

// badNumber is what BigDecimal says of a text that is no number.
func badNumber(s string) string {
	for _, r := range s {
		if (r < '0' || r > '9') && !strings.ContainsRune("+-.eE", r) {
			return "Character " + string(r) + ` is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`
		}
	}
	return ""
}

func (c *Call) isContext(i int) bool { _, ok := c.Object(i).(*mathContext); return ok }

// moved moves the point; the scale does not become negative.
func moved(c *Call, d *Decimal, left int) any {
	out := c.inBounds(&Decimal{d.class, d.n, d.scale + left})
	if out.scale < 0 {
		return out.setScale(0, "DOWN")
	}
	return out
}

// quotientAt divides to a scale.
func quotientAt(c *Call, a, b *Decimal, scale int, mode string) *Decimal {
	x, y, _ := align(a, b)
	if scale >= 0 {
		x = new(big.Int).Mul(x, pow10(scale))
	} else {
		y = new(big.Int).Mul(y, pow10(-scale))
	}
	q := divided(x, y, mode)
	if mode == "UNNECESSARY" && new(big.Int).Mul(q, y).Cmp(x) != 0 {
		panic(c.Throw("java.lang.ArithmeticException", "Rounding necessary"))
	}
	return &Decimal{decimalClassName, q, scale}
}

// quotient divides to the digits of a context. The preferred scale is that of
// the operands' difference, so zeros behind it are dropped.
func quotient(a, b *Decimal, m *mathContext) *Decimal {
	x, y, _ := align(a, b)
	scale := m.digits + 3 + max(0, len(y.String())-len(x.String()))
	q, r := new(big.Int).QuoRem(new(big.Int).Mul(x, pow10(scale)), y, new(big.Int))
	if r.Sign() != 0 { // one more digit, so that what was cut counts in rounding
		q.Mul(q, big.NewInt(10))
		q.Add(q, big.NewInt(int64(x.Sign()*y.Sign())))
		scale++
	}
	out := rounded(&Decimal{decimalClassName, q, scale}, m)
	for preferred := a.scale - b.scale; out.scale > preferred; {
		q, r := new(big.Int).QuoRem(out.n, big.NewInt(10), new(big.Int))
		if r.Sign() != 0 {
			break
		}
		out = &Decimal{decimalClassName, q, out.scale - 1}
	}
	return out
}

func twosComplement(n *big.Int) []byte {
	size := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		size = new(big.Int).Not(n).BitLen()/8 + 1
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	}
	return n.FillBytes(make([]byte, size))
}

func decimalStatics(class string) Methods {
	if class == integerClassName {
		return nil
	}
	return Methods{"valueOf": func(c *Call) any {
		if c.Len() > 1 {
			return c.inBounds(&Decimal{class, big.NewInt(int64(c.Float(0))), c.Int(1)})
		}
		d, ok := parseDecimal(DoubleText(c.Float(0)))
		if v, isLong := c.Object(0).(int64); isLong {
			d, ok = &Decimal{class, big.NewInt(v), 0}, true
		}
		if !ok {
			panic(c.Throw("java.lang.NumberFormatException", "Character "+c.Text(0)+" is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark."))
		}
		return &Decimal{class, d.n, d.scale}
	}}
}

// lcg is the generator of java.util.Random, whose numbers follow from its seed.
type lcg struct {
	class string
	mu    sync.Mutex
	seed  uint64
	next  float64 // the second of a pair of Gaussians
	has   bool
}

func (r *lcg) JavaClass() string { return r.class }

func (r *lcg) setSeed(seed int64) {
	r.seed, r.has = (uint64(seed)^0x5DEECE66D)&(1<<48-1), false
}

// bits returns so many random bits.
func (r *lcg) bits(n uint) int32 {
	if r.class != "java.util.Random" {
		return int32(rand.Uint32() >> (32 - n))
	}
	r.seed = (r.seed*0x5DEECE66D + 0xB) & (1<<48 - 1)
	return int32(r.seed >> (48 - n))
}

func (r *lcg) below(n int32) int32 {
	if n&-n == n {
		return int32(int64(n) * int64(r.bits(31)) >> 31)
	}
	for {
		b := r.bits(31)
		if v := b % n; b-v+(n-1) >= 0 {
			return v
		}
	}
}

func (r *lcg) double() float64 {
	return float64(int64(r.bits(26))<<27+int64(r.bits(27))) / (1 << 53)
}

func (r *lcg) gaussian() float64 {
	if r.has {
		r.has = false
		return r.next
	}
	for {
		a, b := 2*r.double()-1, 2*r.double()-1
		if s := a*a + b*b; s < 1 && s != 0 {
			m := math.Sqrt(-2 * math.Log(s) / s)
			r.next, r.has = b*m, true
			return a * m
		}
	}
}

func seededRandom(name string) *Class {
	on := func(f func(r *lcg, c *Call) any) func(*Call) any {
		return func(c *Call) any {
			r := c.This.(*lcg)
			r.mu.Lock()
			defer r.mu.Unlock()
			return f(r, c)
		}
	}
	make1 := func(c *Call) any {
		r := &lcg{class: name}
		r.setSeed(rand.Int64())
		if c.Len() > 0 && name == "java.util.Random" {
			r.setSeed(int64(c.Float(0)))
		}
		return r
	}
	return &Class{Name: name, New: make1, Static: Methods{"getInstance": make1, "getInstanceStrong": make1}, Methods: Methods{
		"nextInt": on(func(r *lcg, c *Call) any {
			from, to := 0, c.Int(0)
			switch c.Len() {
			case 0:
				return r.bits(32)
			case 2:
				from, to = to, c.Int(1)
			}
			if from >= to || to-from > math.MaxInt32 {
				text := "bound must be positive"
				if c.Len() == 2 {
					text = "bound must be greater than origin"
				}
				panic(c.Throw("java.lang.IllegalArgumentException", text))
			}
			return from + int(r.below(int32(to-from)))
		}),
		"nextLong":     on(func(r *lcg, c *Call) any { return int64(r.bits(32))<<32 + int64(r.bits(32)) }),
		"nextDouble":   on(func(r *lcg, c *Call) any { return r.double() }),
		"nextFloat":    on(func(r *lcg, c *Call) any { return float64(r.bits(24)) / (1 << 24) }),
		"nextBoolean":  on(func(r *lcg, c *Call) any { return r.bits(1) != 0 }),
		"nextGaussian": on(func(r *lcg, c *Call) any { return r.gaussian() }),
		"setSeed":      on(func(r *lcg, c *Call) any { r.setSeed(int64(c.Float(0))); return Void }),
		"nextBytes": on(func(r *lcg, c *Call) any {
			b, _ := c.Object(0).([]byte)
			for i := 0; i < len(b); {
				for v, k := r.bits(32), 0; k < 4 && i < len(b); k++ {
					b[i] = byte(v)
					v >>= 8
					i++
				}
			}
			return Void
		}),
		"generateSeed": on(func(r *lcg, c *Call) any {
			b := make([]byte, c.limit(c.Int(0)))
			for i := range b {
				b[i] = byte(rand.Uint32())
			}
			return b
		}),
		"ints": on(func(r *lcg, c *Call) any {
			items := make([]any, c.objects(c.Int(0)))
			for i := range items {
				if c.Len() > 2 {
					items[i] = int32(c.Int(1)) + r.below(int32(max(1, c.Int(2)-c.Int(1))))
				} else {
					items[i] = r.bits(32)
				}
			}
			return numbers("IntStream", items)
		}),
	}}
}

// holder is an AtomicReference or AtomicBoolean.
type holder struct {
	class string
	mu    sync.Mutex
	v     any
}

func (h *holder) JavaClass() string { return h.class }
func (h *holder) String() string    { h.mu.Lock(); defer h.mu.Unlock(); return Text(h.v) }

// latch is a CountDownLatch; locks are those a script never has to wait for.
type latch struct{ n atomic.Int64 }

func (*latch) JavaClass() string { return "java.util.concurrent.CountDownLatch" }

func atomics() []*Class {
	var classes []*Class
	for _, name := range []string{"java.util.concurrent.atomic.AtomicReference", "java.util.concurrent.atomic.AtomicBoolean"} {
		boolean := strings.HasSuffix(name, "Boolean")
		value := func(c *Call, i int) any {
			if boolean {
				return i < c.Len() && c.Bool(i)
			}
			if c.Null(i) {
				return nil
			}
			return c.Element(i)
		}
		show := func(v any) any {
			if boolean {
				return v
			}
			return Object(v)
		}
		on := func(f func(h *holder, c *Call) any) func(*Call) any {
			return func(c *Call) any {
				h := c.This.(*holder)
				h.mu.Lock()
				defer h.mu.Unlock()
				return f(h, c)
			}
		}
		swap := on(func(h *holder, c *Call) any { old := h.v; h.v = value(c, 0); return show(old) })
		classes = append(classes, &Class{Name: name, New: func(c *Call) any { return &holder{class: name, v: value(c, 0)} }, Methods: Methods{
			"get": on(func(h *holder, c *Call) any { return show(h.v) }), "getPlain": on(func(h *holder, c *Call) any { return show(h.v) }),
			"set": on(func(h *holder, c *Call) any { h.v = value(c, 0); return Void }), "lazySet": on(func(h *holder, c *Call) any { h.v = value(c, 0); return Void }),
			"getAndSet": swap,
			"compareAndSet": on(func(h *holder, c *Call) any {
				if !equal(h.v, value(c, 0)) {
					return false
				}
				h.v = value(c, 1)
				return true
			}),
			"updateAndGet": on(func(h *holder, c *Call) any { h.v = c.Func(0)(h.v); return show(h.v) }),
			"getAndUpdate": on(func(h *holder, c *Call) any { old := h.v; h.v = c.Func(0)(h.v); return show(old) }),
			"toString":     func(c *Call) any { return c.This.(*holder).String() },
		}})
	}
	for _, name := range []string{"java.util.concurrent.atomic.AtomicInteger", "java.util.concurrent.atomic.AtomicLong", "java.util.concurrent.atomic.LongAdder"} {
		on := func(f func(a *counter, c *Call) any) func(*Call) any {
			return func(c *Call) any { return f(c.This.(*counter), c) }
		}
		update := func(before bool) func(*Call) any {
			return on(func(a *counter, c *Call) any {
				f, old := c.Func(c.Len()-1), a.n.Load()
				args := []any{old}
				if c.Len() > 1 {
					args = append(args, int64(c.Float(0)))
				}
				a.n.Store(int64(floatOf(f(args...))))
				if before {
					return old
				}
				return a.n.Load()
			})
		}
		var base *Class
		for _, c := range concurrency() {
			if c.Name == name || strings.HasSuffix(name, "LongAdder") && strings.HasSuffix(c.Name, "AtomicLong") {
				base = c
			}
		}
		base.Name = name
		base.New = func(c *Call) any {
			a := &counter{class: name}
			if c.Len() > 0 {
				a.n.Store(int64(c.Float(0)))
			}
			return a
		}
		base.Methods = merged(base.Methods, Methods{
			"updateAndGet": update(false), "getAndUpdate": update(true),
			"accumulateAndGet": on(func(a *counter, c *Call) any {
				a.n.Store(int64(floatOf(c.Func(1)(a.n.Load(), int64(c.Float(0))))))
				return a.n.Load()
			}),
			"getAndSet": on(func(a *counter, c *Call) any { return a.n.Swap(int64(c.Float(0))) }), "lazySet": on(func(a *counter, c *Call) any { a.n.Store(int64(c.Float(0))); return Void }),
			"increment": on(func(a *counter, c *Call) any { a.n.Add(1); return Void }), "decrement": on(func(a *counter, c *Call) any { a.n.Add(-1); return Void }),
			"add": on(func(a *counter, c *Call) any { a.n.Add(int64(c.Float(0))); return Void }), "sum": on(func(a *counter, c *Call) any { return a.n.Load() }),
			"reset": on(func(a *counter, c *Call) any { a.n.Store(0); return Void }),
		})
		classes = append(classes, base)
	}
	void := func(*Call) any { return Void }
	yes := func(*Call) any { return true }
	same := func(c *Call) any { return c.This }
	locks := Methods{"lock": void, "unlock": void, "lockInterruptibly": void, "acquire": void, "release": void, "tryLock": yes, "tryAcquire": yes,
		"isLocked": func(*Call) any { return false }, "isHeldByCurrentThread": yes, "availablePermits": func(*Call) any { return 1 },
		"readLock": same, "writeLock": same}
	for _, name := range []string{"java.util.concurrent.locks.ReentrantLock", "java.util.concurrent.locks.ReentrantReadWriteLock", "java.util.concurrent.Semaphore"} {
		classes = append(classes, &Class{Name: name, Implements: []string{"java.util.concurrent.locks.Lock"}, New: func(*Call) any { return &lock{name} }, Methods: locks})
	}
	return append(classes, &Class{Name: "java.util.concurrent.CountDownLatch",
		New: func(c *Call) any { l := new(latch); l.n.Store(int64(c.Int(0))); return l },
		Methods: Methods{
			"countDown": func(c *Call) any { c.This.(*latch).n.Add(-1); return Void },
			"getCount":  func(c *Call) any { return max(0, c.This.(*latch).n.Load()) },
			"await": func(c *Call) any {
				if c.This.(*latch).n.Load() <= 0 {
					return true
				}
				if c.Len() == 0 {
					panic(c.Throw("java.lang.InterruptedException", "nothing that a script does alone ends this wait"))
				}
				c.VM.Sleep(Lasting(c.Float(0), UnitOf(c.Object(1))))
				return false
			},
		}})
}
