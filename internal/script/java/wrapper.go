package java

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// wrapper is a Java value in a script. What a map holds comes first, then methods, then
// elements of arrays and lists, then bean properties: date.time is date.getTime().
type wrapper struct {
	vm    *VM
	class *Class
	value any
}

func (w *wrapper) Get(key string) goja.Value {
	if m := w.asMap(); m != nil {
		if v, ok := valueAt(m, key); ok {
			return w.vm.ToJS(v)
		}
	}
	if m := w.class.methods[key]; m != nil {
		return w.vm.method(w.class, key, m)
	}
	if v := w.builtin(key); v != nil {
		return v
	}
	if a, ok := w.value.(indexed); ok {
		if key == "length" {
			return w.vm.Runtime.ToValue(a.Len())
		}
		if i, err := strconv.Atoi(key); err == nil {
			if i < 0 || i >= a.Len() {
				return nil
			}
			return w.vm.ToJS(a.At(i))
		}
	}
	if b, ok := w.value.([]byte); ok {
		if key == "length" {
			return w.vm.Runtime.ToValue(len(b))
		}
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(b) {
			return w.vm.Runtime.ToValue(int(int8(b[i])))
		}
	}
	if get := w.bean("get", key); get != nil {
		return w.vm.result(get(&Call{VM: w.vm, This: w.value}))
	}
	if is := w.bean("is", key); is != nil {
		return w.vm.result(is(&Call{VM: w.vm, This: w.value}))
	}
	if p, ok := w.value.(Properties); ok {
		if v, ok := p.Property(key); ok {
			return w.vm.ToJS(v)
		}
	}
	if c, ok := w.class.Constants[key]; ok {
		return w.vm.ToJS(w.vm.constant(w.class, key, c))
	}
	return nil
}

// Properties is implemented by values with fields of their own.
type Properties interface {
	Property(name string) (any, bool)
}

// indexed is a value with elements by number: arrays and lists.
type indexed interface {
	Len() int
	At(i int) any
	SetAt(i int, v any)
}

// bean finds the accessor of a property.
func (w *wrapper) bean(prefix, key string) func(*Call) any {
	r, n := utf8.DecodeRuneInString(key)
	if n == 0 || !unicode.IsLetter(r) {
		return nil
	}
	return w.class.methods[prefix+string(unicode.ToUpper(r))+key[n:]]
}

// builtin answers what JavaScript itself asks of an object.
func (w *wrapper) builtin(key string) goja.Value {
	switch key {
	case "toJSON":
		return w.vm.native("toJSON", func(v any) goja.Value { return w.vm.json(v) })
	case "valueOf":
		return w.vm.native("valueOf", func(v any) goja.Value { return w.vm.primitive(v, "default") })
	}
	return nil
}

func (w *wrapper) Set(key string, val goja.Value) bool {
	if m := w.asMap(); m != nil {
		c := &Call{VM: w.vm, This: w.value, Args: []goja.Value{val}}
		m.Put(c, keyFor(key), c.Object(0))
		return true
	}
	if a, ok := w.value.(indexed); ok {
		if i, err := strconv.Atoi(key); err == nil && i >= 0 {
			c := &Call{VM: w.vm, This: w.value}
			a.SetAt(i, c.element(w.vm.FromJS(val)))
			return true
		}
	}
	if b, ok := w.value.([]byte); ok {
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(b) {
			b[i] = byte(val.ToInteger())
			return true
		}
	}
	if set := w.bean("set", key); set != nil {
		set(&Call{VM: w.vm, This: w.value, Args: []goja.Value{val}})
		return true
	}
	panic(w.vm.Runtime.NewTypeError("Java class %q has no public instance field or method named %q.", w.class.Name, key))
}

func (w *wrapper) Has(key string) bool { return w.Get(key) != nil }

func (w *wrapper) Delete(string) bool { return true }

func (w *wrapper) Keys() []string {
	if m := w.asMap(); m != nil {
		return namesOf(m)
	}
	n := 0
	switch a := w.value.(type) {
	case indexed:
		n = a.Len()
	case []byte:
		n = len(a)
	}
	keys := make([]string, n)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	return keys
}

// method returns the function object of a method, one for each runtime.
func (vm *VM) method(c *Class, name string, m func(*Call) any) goja.Value {
	key := methodKey{c, name}
	if f, ok := vm.methods[key]; ok {
		return f
	}
	f := vm.Runtime.ToValue(func(fc goja.FunctionCall) goja.Value {
		this, ok := Unwrap(fc.This)
		if !ok {
			this = vm.receiver(c, fc.This)
		}
		return vm.result(m(&Call{VM: vm, This: this, Args: fc.Arguments, name: name}))
	})
	if vm.showMethods {
		vm.shown(f.(*goja.Object))
	}
	if vm.methods == nil {
		vm.methods = make(map[methodKey]goja.Value)
	}
	vm.methods[key] = f
	return f
}

// receiver finds the receiver of a method that was not called on a Java value.
func (vm *VM) receiver(c *Class, this goja.Value) any {
	v := vm.FromJS(this)
	if k := vm.ClassOf(v); k != nil && k.Is(c.Name) {
		return v
	}
	panic(vm.Runtime.NewTypeError("A method of Java class %q was called on something else.", c.Name))
}

// native returns a function of the receiver's value alone.
func (vm *VM) native(name string, f func(v any) goja.Value) goja.Value {
	key := methodKey{nil, name}
	if fn, ok := vm.methods[key]; ok {
		return fn
	}
	fn := vm.Runtime.ToValue(func(fc goja.FunctionCall) goja.Value {
		v, _ := Unwrap(fc.This)
		return f(v)
	})
	if vm.methods == nil {
		vm.methods = make(map[methodKey]goja.Value)
	}
	vm.methods[key] = fn
	return fn
}

// primitive is what JavaScript's operators make of a Java value.
func (vm *VM) primitive(v any, hint string) goja.Value {
	if hint != "string" {
		switch v := v.(type) {
		case float64, int32, int64, bool:
			return vm.Runtime.ToValue(v)
		case numeric:
			return vm.Runtime.ToValue(v.Float())
		case *Date:
			if hint == "number" {
				return vm.Runtime.ToValue(v.Millis())
			}
		}
	}
	return vm.Runtime.ToValue(vm.Text(v))
}

// numeric is a number of another class, such as BigDecimal.
type numeric interface{ Float() float64 }

// json is what JSON.stringify makes of a Java value: collections and arrays of objects are
// arrays, texts and numbers themselves, and all else is left out, as in Mirth.
func (vm *VM) json(v any) goja.Value {
	var items []any
	switch v := v.(type) {
	case iterable:
		items = v.Items()
	case indexed:
		for i := range v.Len() {
			items = append(items, v.At(i))
		}
	default:
		return vm.jsonElement(v)
	}
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = vm.jsonElement(item)
	}
	return vm.Runtime.NewArray(values...)
}

// jsonElement is json of what a collection holds: one inside of another is left out.
func (vm *VM) jsonElement(v any) goja.Value {
	switch v := v.(type) {
	case string, float64, int32, int64, bool:
		return vm.Runtime.ToValue(v)
	case numeric:
		return vm.Runtime.ToValue(v.Float())
	case *Builder:
		return vm.Runtime.ToValue(vm.Text(v))
	case *Held:
		return vm.heldValue(v)
	case nil:
		return goja.Null()
	case []byte, Instance:
		return goja.Undefined()
	}
	return vm.ToJS(v)
}

// iterable is a collection that can be run through.
type iterable interface{ Items() []any }

// protos are the prototypes of wrappers, made when first needed. They hold what
// goja looks up by symbol, which it never asks the wrapper itself for.
type protos struct {
	plain, text, entries *goja.Object
	many, array, run     *goja.Object // those that can be run through
	primitive            goja.Value
}

func (p *protos) of(vm *VM, v any) *goja.Object {
	switch v.(type) {
	case string:
		if p.text == nil {
			// By way of a value: the constructor String is dear to make.
			p.text = p.make(vm, vm.Runtime.ToValue("").ToObject(vm.Runtime).Prototype(), "JavaObject")
		}
		return p.text
	case *Array, []byte:
		// Java's arrays have the methods of JavaScript's.
		a := p.list(vm, &p.array, vm.Runtime.NewArray().Prototype(), "JavaArray")
		define(a, goja.SymIsConcatSpreadable, vm.Runtime.ToValue(true))
		return a
	case *List:
		return p.list(vm, &p.many, nil, "JavaList")
	case iterable, indexed:
		return p.list(vm, &p.run, nil, "JavaObject")
	case mapping:
		if p.entries == nil {
			p.entries = p.make(vm, nil, "JavaMap")
		}
		return p.entries
	}
	if p.plain == nil {
		p.plain = p.make(vm, nil, "JavaObject")
	}
	return p.plain
}

// list returns the prototype of values that can be run through.
func (p *protos) list(vm *VM, place **goja.Object, parent *goja.Object, tag string) *goja.Object {
	if *place == nil {
		*place = p.make(vm, parent, tag)
		define(*place, goja.SymIterator, vm.Runtime.ToValue(vm.iterator))
	}
	return *place
}

// make makes a prototype; tag is what Object.prototype.toString says of its objects.
func (p *protos) make(vm *VM, parent *goja.Object, tag string) *goja.Object {
	if p.primitive == nil {
		p.primitive = vm.Runtime.ToValue(vm.toPrimitive)
	}
	var o *goja.Object
	if parent != nil {
		o = vm.Runtime.CreateObject(parent)
	} else {
		o = vm.Runtime.NewObject()
	}
	define(o, goja.SymToPrimitive, p.primitive)
	if vm.hooks.Tagged {
		define(o, goja.SymToStringTag, vm.Runtime.ToValue(tag))
	}
	return o
}

func define(o *goja.Object, name *goja.Symbol, v goja.Value) {
	err := o.DefineDataPropertySymbol(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	if err != nil {
		panic(err)
	}
}

func (vm *VM) toPrimitive(fc goja.FunctionCall) goja.Value {
	v, _ := Unwrap(fc.This)
	return vm.primitive(v, fc.Argument(0).String())
}

func (vm *VM) iterator(fc goja.FunctionCall) goja.Value {
	items, ok := vm.Each(fc.This)
	if !ok {
		panic(vm.Runtime.NewTypeError("the value cannot be run through"))
	}
	next, _ := goja.AssertFunction(items.ToObject(vm.Runtime).GetSymbol(goja.SymIterator))
	it, err := next(items)
	if err != nil {
		panic(err)
	}
	return it
}

// Each returns the array that "for each" and for-of run over.
func (vm *VM) Each(v goja.Value) (goja.Value, bool) {
	value, ok := Unwrap(v)
	if !ok {
		return nil, false
	}
	var items []any
	switch x := value.(type) {
	case iterable:
		items = x.Items()
	case indexed:
		for i := 0; i < x.Len(); i++ {
			items = append(items, x.At(i))
		}
	case []byte:
		for _, b := range x {
			items = append(items, vm.Runtime.ToValue(int(int8(b))))
		}
	default:
		return nil, false
	}
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = vm.ToJS(item)
	}
	return vm.Runtime.NewArray(values...), true
}

// Equal answers a == b where one of them is a Java value.
func (vm *VM) Equal(a, b goja.Value) (result, handled bool) {
	x, okA := Unwrap(a)
	y, okB := Unwrap(b)
	if !okA || !okB {
		return false, false // ToPrimitive does the rest
	}
	if _, ok := x.(Instance); ok {
		if _, ok := y.(Instance); ok {
			if !vm.comparesByText(x) && !vm.comparesByText(y) {
				return same(x, y), true
			}
		}
	}
	return vm.primitive(x, "default").Equals(vm.primitive(y, "default")), true
}

func (vm *VM) comparesByText(v any) bool {
	switch v.(type) {
	case numeric:
		return true
	}
	return false
}

func same(x, y any) bool {
	defer func() { _ = recover() }() // values of types that Go cannot compare are not the same
	return x == y
}
