package java

import (
	"fmt"
	"math"
	"time"

	"github.com/dop251/goja"
)

// Call is one call of a method or constructor.
type Call struct {
	VM   *VM
	This any // the receiver; nil for static methods and constructors
	Args []goja.Value

	name string
}

// Len is the number of arguments.
func (c *Call) Len() int { return len(c.Args) }

// Arg returns an argument as it came, undefined when there is none.
func (c *Call) Arg(i int) goja.Value {
	if i < len(c.Args) {
		return c.Args[i]
	}
	return goja.Undefined()
}

// Null reports whether an argument is absent, null or undefined.
func (c *Call) Null(i int) bool {
	v := c.Arg(i)
	return goja.IsUndefined(v) || goja.IsNull(v)
}

// Object returns an argument as a Java value; one that is absent is nil.
func (c *Call) Object(i int) any {
	if i >= len(c.Args) {
		return nil
	}
	return c.VM.FromJS(c.Args[i])
}

// Text returns an argument as a String; null is "".
func (c *Call) Text(i int) string {
	if c.Null(i) {
		return ""
	}
	return c.VM.TextOf(c.Args[i])
}

// TextOf returns the text of any JavaScript value, of Java values as Java shows
// them.
func (vm *VM) TextOf(v goja.Value) string {
	if o, ok := v.(*goja.Object); ok {
		if value, ok := Unwrap(o); ok {
			return vm.Text(value)
		}
		if vm.hooks.Text != nil {
			if s, ok := vm.hooks.Text(v); ok {
				return s
			}
		}
	}
	return v.String()
}

// Need returns an argument as a String and throws when it is null.
func (c *Call) Need(i int) string {
	if c.Null(i) {
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	return c.Text(i)
}

// Int returns an argument as an int, truncated towards zero.
func (c *Call) Int(i int) int {
	f := c.Float(i)
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) > math.MaxInt64 {
		return 0
	}
	return int(f)
}

// Float returns an argument as a double.
func (c *Call) Float(i int) float64 {
	if i >= len(c.Args) {
		return math.NaN()
	}
	return c.Args[i].ToFloat()
}

// IsNumber reports whether an argument is a number, JavaScript's or Java's.
func (c *Call) IsNumber(i int) bool {
	switch c.Object(i).(type) {
	case float64, int32, int64, numeric:
		return true
	}
	return false
}

// IsText reports whether an argument is a string, JavaScript's or Java's.
func (c *Call) IsText(i int) bool {
	_, ok := c.Object(i).(string)
	return ok
}

// IsBool reports whether an argument is a boolean, JavaScript's or Java's.
func (c *Call) IsBool(i int) bool {
	_, ok := c.Object(i).(bool)
	return ok
}

// Bool returns an argument as a boolean; a Java Boolean counts by its value.
func (c *Call) Bool(i int) bool {
	if b, ok := c.Object(i).(bool); ok {
		return b
	}
	return c.Arg(i).ToBoolean()
}

// Bytes returns an argument as byte[]: a Java array, a JavaScript array of
// numbers, or the UTF-8 form of a text.
func (c *Call) Bytes(i int) []byte {
	switch v := c.Object(i).(type) {
	case nil:
		panic(c.Throw("java.lang.NullPointerException", ""))
	case []byte:
		return v
	case string:
		return []byte(v)
	case *Array:
		return bytesOf(v.items)
	case *List:
		return bytesOf(v.Items())
	case *Held:
		if items, ok := c.VM.arrayItems(c.Args[i]); ok {
			return bytesOf(items)
		}
	}
	return []byte(c.Text(i))
}

func bytesOf(items []any) []byte {
	b := make([]byte, len(items))
	for i, v := range items {
		b[i] = byte(int64(floatOf(v)))
	}
	return b
}

// Items returns an argument that is a Java collection or array, or a JavaScript
// array, as its elements; ok is false for anything else.
func (c *Call) Items(i int) (items []any, ok bool) {
	switch v := c.Object(i).(type) {
	case iterable:
		return v.Items(), true
	case *Held:
		return c.VM.arrayItems(c.Args[i])
	}
	return nil, false
}

// arrayItems returns the elements of a JavaScript array as Java values.
func (vm *VM) arrayItems(v goja.Value) ([]any, bool) {
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Array" {
		return nil, false
	}
	n := int(o.Get("length").ToInteger())
	if n > MaxElements {
		panic(vm.Throw("java.lang.OutOfMemoryError", "an array of that length is too long"))
	}
	items := make([]any, n)
	for i := range items {
		if i%4096 == 4095 && vm.Context.Err() != nil {
			break // the script is ended anyway
		}
		items[i] = vm.FromJS(o.Get(fmt.Sprint(i)))
	}
	return items, true
}

// Pairs returns an argument that is a Java map or a JavaScript object as keys
// and values in its order; ok is false for anything else.
func (c *Call) Pairs(i int) (pairs []Pair, ok bool) {
	switch v := c.Object(i).(type) {
	case mapping:
		for _, k := range v.Keys() {
			value, _ := v.Get(k)
			pairs = append(pairs, Pair{k, value})
		}
		return pairs, true
	case *Held:
		o, ok := c.Args[i].(*goja.Object)
		if !ok || o.ClassName() != "Object" {
			return nil, false
		}
		for _, k := range o.Keys() {
			pairs = append(pairs, Pair{k, c.VM.FromJS(o.Get(k))})
		}
		return pairs, true
	}
	return nil, false
}

// Pair is an entry of a map.
type Pair struct{ Key, Value any }

// Func returns an argument that stands for a functional interface: a JavaScript
// function, or an object with one method.
func (c *Call) Func(i int) func(args ...any) any {
	v := c.Arg(i)
	if f := c.madeOf(i); f != nil {
		return f
	}
	f, ok := goja.AssertFunction(v)
	this := goja.Value(goja.Undefined())
	if !ok {
		if o, isObject := v.(*goja.Object); isObject {
			if _, isJava := Unwrap(o); !isJava {
				for _, k := range o.Keys() {
					if f, ok = goja.AssertFunction(o.Get(k)); ok {
						this = o
						break
					}
				}
			}
		}
	}
	if !ok {
		panic(c.VM.Runtime.NewTypeError("%s needs a function.", c.name))
	}
	return func(args ...any) any {
		values := make([]goja.Value, len(args))
		for i, a := range args {
			values[i] = c.VM.ToJS(a)
		}
		r, err := f(this, values...)
		if err != nil {
			panic(err)
		}
		if goja.IsUndefined(r) {
			return nil
		}
		return c.VM.FromJS(r)
	}
}

// Time returns an argument that is a Java or JavaScript date, a calendar, or
// milliseconds since 1970.
func (c *Call) Time(i int) (time.Time, bool) {
	switch v := c.Object(i).(type) {
	case *Date:
		return v.Time(), true
	case *Calendar:
		return v.Time(), true
	case instant:
		return v.Instant(), true
	case float64:
		return time.UnixMilli(int64(v)), true
	case int64:
		return time.UnixMilli(v), true
	case *Held:
		if o := c.Args[i].(*goja.Object); o.ClassName() == "Date" {
			if t, ok := o.Export().(time.Time); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// instant is a value of java.time that is one point in time.
type instant interface{ Instant() time.Time }

// Throw returns a Java exception for a method to panic with.
func (c *Call) Throw(class, message string) goja.Value { return c.VM.Throw(class, message) }

// floatOf is the number of a Java value.
func floatOf(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case int32:
		return float64(v)
	case int64:
		return float64(v)
	case numeric:
		return v.Float()
	case string:
		var f float64
		if _, err := fmt.Sscan(v, &f); err == nil {
			return f
		}
	}
	return math.NaN()
}

// parameters is how many parameters the function has that an argument is, or
// has as its method; -1 when that cannot be told.
func (c *Call) parameters(i int) int {
	o, ok := c.Arg(i).(*goja.Object)
	if !ok {
		return -1
	}
	if _, isFunction := goja.AssertFunction(o); !isFunction {
		for _, k := range o.Keys() {
			if f, ok := o.Get(k).(*goja.Object); ok {
				if _, ok := goja.AssertFunction(f); ok {
					o = f
					break
				}
			}
		}
	}
	if n := o.Get("length"); n != nil {
		return int(n.ToInteger())
	}
	return -1
}

// values returns Go values as arguments.
func (c *Call) values(args ...any) []goja.Value {
	out := make([]goja.Value, len(args))
	for i, a := range args {
		out[i] = c.VM.ToJS(a)
	}
	return out
}
