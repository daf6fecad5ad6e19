package java

import (
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// ClassRef is a java.lang.Class.
type ClassRef struct{ class *Class }

func (r *ClassRef) JavaClass() string { return "java.lang.Class" }
func (r *ClassRef) String() string    { return "class " + r.class.Name }

func langObjects() []*Class {
	return []*Class{
		{Name: "java.lang.Object", New: func(*Call) any { return new(plainObject) }, Methods: Methods{
			"toString": func(c *Call) any { return Text(c.This) },
			"equals":   func(c *Call) any { return equal(c.This, c.Object(0)) },
			"hashCode": func(c *Call) any { return int(hashOf(c.This)) },
			"getClass": func(c *Call) any { return &ClassRef{c.VM.ClassOf(c.This)} },
		}},
		{Name: "java.lang.Object[]"},
		{Name: "byte[]", Methods: Methods{
			"toString": func(c *Call) any { return "[B@" + hex(uint32(len(c.This.([]byte)))) },
		}},
		{Name: "java.lang.Class", Methods: Methods{
			"getName":       func(c *Call) any { return c.This.(*ClassRef).class.Name },
			"getSimpleName": func(c *Call) any { return c.This.(*ClassRef).class.ShortName() },
			"isInstance": func(c *Call) any {
				return c.VM.isInstance(c.Arg(0), c.This.(*ClassRef).class)
			},
			"newInstance": func(c *Call) any {
				k := c.This.(*ClassRef).class
				if k.New == nil {
					panic(c.VM.refuse(k))
				}
				return k.New(&Call{VM: c.VM})
			},
		}, Static: Methods{
			"forName": func(c *Call) any {
				if k := c.VM.lib.classes[c.Text(0)]; k != nil {
					return &ClassRef{k}
				}
				panic(c.Throw("java.lang.ClassNotFoundException", c.Text(0)))
			},
		}},
		{Name: "java.lang.reflect.Array", Static: Methods{
			"newInstance": func(c *Call) any {
				elem := ""
				if r, ok := c.Object(0).(*ClassRef); ok {
					elem = r.class.Name
				}
				if elem == "byte" || elem == "java.lang.Byte" {
					return make([]byte, c.limit(c.Int(1)))
				}
				n := c.objects(c.Int(1))
				switch elem {
				case "int", "short", "char":
					return filled(elem, n, int32(0))
				case "long":
					return filled(elem, n, int64(0))
				case "double", "float":
					return filled(elem, n, 0.0)
				case "boolean":
					return filled(elem, n, false)
				}
				return filled(elem, n, nil)
			},
			"getLength": func(c *Call) any {
				items, _ := c.Items(0)
				return len(items)
			},
		}},
	}
}

// plainObject is new java.lang.Object(), which scripts use as a lock.
type plainObject struct{ _ byte }

func (*plainObject) JavaClass() string { return "java.lang.Object" }

func filled(elem string, n int, v any) *Array {
	items := make([]any, n)
	for i := range items {
		items[i] = v
	}
	return NewArray(elem, items)
}

// MaxElements is the most elements, characters or bytes that one call may make
// at once.
const MaxElements = 64 << 20

// limit throws when a script asks for more than MaxElements of anything.
func (c *Call) limit(n int) int {
	if n < 0 {
		panic(c.Throw("java.lang.IllegalArgumentException", "negative size"))
	}
	if n > MaxElements {
		panic(c.Throw("java.lang.OutOfMemoryError", "too much asked for at once"))
	}
	return n
}

// MaxObjects is the most elements of an array or a list of objects that one call
// may make at once: each takes sixteen bytes or more.
const MaxObjects = 4 << 20

// objects throws when a script asks for more than MaxObjects elements.
func (c *Call) objects(n int) int {
	if c.limit(n) > MaxObjects {
		panic(c.Throw("java.lang.OutOfMemoryError", "too much asked for at once"))
	}
	return n
}

// maxModulus and maxPrime bound, in bits, what modPow and isProbablePrime take,
// which no script can be stopped in. They are twice what keys have.
const maxModulus, maxPrime = 16384, 4096

// bits throws when a number has more bits than that.
func (c *Call) bits(most int, numbers ...*big.Int) {
	for _, n := range numbers {
		if n.BitLen() > most {
			panic(c.Throw("java.lang.ArithmeticException", "BigInteger would overflow supported range"))
		}
	}
}

func hex(n uint32) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for shift := 28; shift >= 0; shift -= 4 {
		if d := n >> shift & 15; d != 0 || b.Len() > 0 || shift == 0 {
			b.WriteByte(digits[d])
		}
	}
	return b.String()
}

func langSystem() []*Class {
	float1 := func(f func(float64) float64) func(*Call) any {
		return func(c *Call) any { return f(c.Float(0)) }
	}
	static := Methods{
		"abs": float1(math.Abs), "ceil": float1(math.Ceil), "floor": float1(math.Floor), "sqrt": float1(math.Sqrt),
		"cbrt": float1(math.Cbrt), "exp": float1(math.Exp), "log": float1(math.Log), "log10": float1(math.Log10),
		"sin": float1(math.Sin), "cos": float1(math.Cos), "tan": float1(math.Tan), "rint": float1(math.RoundToEven),
		"round":    float1(func(f float64) float64 { return math.Floor(f + 0.5) }),
		"pow":      func(c *Call) any { return math.Pow(c.Float(0), c.Float(1)) },
		"max":      func(c *Call) any { return math.Max(c.Float(0), c.Float(1)) },
		"min":      func(c *Call) any { return math.Min(c.Float(0), c.Float(1)) },
		"random":   func(c *Call) any { return rand.Float64() },
		"floorMod": func(c *Call) any { m := c.Int(1); return ((c.Int(0) % m) + m) % m },
	}
	return []*Class{
		{Name: "java.lang.Math", Static: static, Constants: map[string]any{"PI": math.Pi, "E": math.E}},
		{Name: "java.lang.System", Static: Methods{
			"currentTimeMillis": func(c *Call) any { return float64(c.VM.Now().UnixMilli()) },
			"nanoTime":          func(c *Call) any { return float64(c.VM.Now().UnixNano()) },
			"lineSeparator":     func(c *Call) any { return "\n" },
			"identityHashCode":  func(c *Call) any { return int(hashOf(c.Object(0))) },
			"arraycopy":         arrayCopy,
			"gc":                func(c *Call) any { return Void },
			"getProperty": func(c *Call) any {
				if v, ok := systemProperties[c.Text(0)]; ok {
					return v
				}
				if len(c.Args) > 1 {
					return c.Object(1)
				}
				return nil
			},
			// The environment holds secrets of the server.
			"getenv": func(c *Call) any { return nil },
			"exit": func(c *Call) any {
				panic(c.Throw("java.lang.SecurityException", "a script cannot end the server"))
			},
		}, Constants: map[string]any{"out": &printer{}, "err": &printer{}}},
		{Name: "java.io.PrintStream", Methods: Methods{
			"println": func(c *Call) any { return Void },
			"print":   func(c *Call) any { return Void },
			"flush":   func(c *Call) any { return Void },
		}},
		{Name: "java.lang.Thread", Static: Methods{
			"sleep": func(c *Call) any {
				c.VM.Sleep(Lasting(c.Float(0), time.Millisecond))
				return Void
			},
			"currentThread": func(c *Call) any { return &thread{} },
			"yield":         func(c *Call) any { return Void },
		}, Methods: Methods{
			"getName":       func(c *Call) any { return "script" },
			"getId":         func(c *Call) any { return 1 },
			"setName":       func(c *Call) any { return Void },
			"isInterrupted": func(c *Call) any { return c.VM.Context.Err() != nil },
			"interrupt":     func(c *Call) any { return Void },
		}, New: func(c *Call) any {
			panic(c.Throw("java.lang.SecurityException", "a script cannot start threads. Route the work to another channel instead"))
		}},
		{Name: "java.lang.Runnable"},
		{Name: "java.util.concurrent.Callable"},
	}
}

// systemProperties are the few that tell nothing about the server.
var systemProperties = map[string]string{
	"line.separator": "\n", "file.separator": string(os.PathSeparator), "path.separator": string(os.PathListSeparator),
	"file.encoding": "UTF-8", "java.version": "17", "user.timezone": "", "java.io.tmpdir": os.TempDir(),
}

type printer struct{ _ byte }

func (*printer) JavaClass() string { return "java.io.PrintStream" }

type thread struct{ _ byte }

func (*thread) JavaClass() string { return "java.lang.Thread" }

// Lasting is a number of units as a duration; one that is too long is the longest.
func Lasting(n float64, unit time.Duration) time.Duration {
	if d := n * float64(unit); d < math.MaxInt64 {
		return time.Duration(d)
	}
	return math.MaxInt64
}

// Sleep waits, or until the run's context ends.
func (vm *VM) Sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-vm.Context.Done():
		panic(vm.Throw("java.lang.InterruptedException", "sleep interrupted"))
	}
}

func arrayCopy(c *Call) any {
	from, at, n := c.Int(1), c.Int(3), c.Int(4)
	src, dst := c.Object(0), c.Object(2)
	if s, ok := src.([]byte); ok {
		if d, ok := dst.([]byte); ok && from >= 0 && at >= 0 && n >= 0 && from+n <= len(s) && at+n <= len(d) {
			copy(d[at:at+n], s[from:from+n])
			return Void
		}
	}
	s, ok1 := src.(*Array)
	d, ok2 := dst.(*Array)
	if !ok1 || !ok2 || from < 0 || at < 0 || n < 0 || from+n > len(s.items) || at+n > len(d.items) {
		panic(c.Throw("java.lang.ArrayIndexOutOfBoundsException", "arraycopy"))
	}
	copy(d.items[at:at+n], s.items[from:from+n])
	return Void
}

// ShortName is the class's name without its package.
func (r *ClassRef) ShortName() string { return r.class.ShortName() }
