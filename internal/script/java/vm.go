package java

import (
	"context"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/access"
)

// Hooks connect Java with what else lives in the runtime. Every hook is optional.
type Hooks struct {
	// Text returns the text of a value that is not Java's, such as an XML object.
	Text func(v goja.Value) (string, bool)

	// Neutral returns what remains of a JavaScript value when its run has ended.
	Neutral func(v goja.Value) any

	// Live returns the JavaScript value of what Neutral made.
	Live func(v any) (goja.Value, bool)

	// Tagged has Object.prototype.toString tell Java values apart, for scripts that ask.
	Tagged bool

	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// VM is Java in one runtime. Like the runtime it is used by one goroutine at a
// time.
type VM struct {
	Runtime *goja.Runtime
	Context context.Context // of the run; it ends waits
	// Owner is for the methods of classes that the caller of [NewLibrary] adds.
	Owner any
	// Access is what the run may reach outside of the engine; nil: nothing.
	Access *access.Grants

	lib    *Library
	hooks  Hooks
	protos protos

	methods     map[methodKey]goja.Value
	classes     map[*Class]*goja.Object
	objects     map[any]*goja.Object // wrappers of pointers, so that === holds
	consts      map[constKey]any
	helds       []*Held
	handles     map[Handle]bool // what the run holds open
	showMethods bool
	depth       int // of values in values that are being written as text
}

type methodKey struct {
	class *Class
	name  string
}

type constKey struct {
	class *Class
	name  string
}

// New returns Java for a runtime. It makes nothing there until a script asks.
func New(rt *goja.Runtime, lib *Library, hooks Hooks) *VM {
	return &VM{Runtime: rt, Context: context.Background(), lib: lib, hooks: hooks}
}

// Now is the time as the run sees it.
func (vm *VM) Now() time.Time {
	if vm.hooks.Now != nil {
		return vm.hooks.Now()
	}
	return time.Now()
}

// Instance is a Java value of a class.
type Instance interface{ JavaClass() string }

// ClassOf returns the class of a Java value; of nil it is nil.
func (vm *VM) ClassOf(v any) *Class { return vm.lib.classes[className(v)] }

func className(v any) string {
	switch v := v.(type) {
	case string:
		return "java.lang.String"
	case float64:
		return "java.lang.Double"
	case int32:
		return "java.lang.Integer"
	case int64:
		return "java.lang.Long"
	case bool:
		return "java.lang.Boolean"
	case []byte:
		return "byte[]"
	case Instance:
		return v.JavaClass()
	}
	return "java.lang.Object"
}

// Text is what String.valueOf gives: the text that Java and templates show.
func (vm *VM) Text(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case *Held:
		defer vm.deeper()()
		return vm.heldText(v)
	case iterable, mapping:
		defer vm.deeper()()
	}
	if m := vm.ClassOf(v).methods["toString"]; m != nil {
		if s, ok := m(&Call{VM: vm, This: v}).(string); ok {
			return s
		}
	}
	return Text(v)
}

// maxDepth is how deep collections may lie in one another when they are written
// as text. What lies deeper most likely holds itself.
const maxDepth = 200

// deeper counts a level and throws past the last; what it returns takes the
// level back.
func (vm *VM) deeper() (back func()) {
	if vm.depth >= maxDepth {
		panic(vm.Throw("java.lang.StackOverflowError", "collections lie too deep in one another"))
	}
	vm.depth++
	return func() { vm.depth-- }
}

// Text is the text of a value where no script runs.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case float64:
		return DoubleText(v)
	case int32:
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case interface{ String() string }:
		return v.String()
	}
	return className(v)
}

// DoubleText is Double.toString: 5.0, 1.0E10.
func DoubleText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	if a := math.Abs(f); a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, 64)
		if f == math.Trunc(f) {
			s += ".0"
		}
		return s
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exp := s, ""
	for i := 0; i < len(s); i++ {
		if s[i] == 'e' {
			mantissa, exp = s[:i], s[i+1:]
		}
	}
	if !containsByte(mantissa, '.') {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exp)
	return mantissa + "E" + strconv.Itoa(n)
}

func containsByte(s string, c byte) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return true
		}
	}
	return false
}

var wrapperType = reflect.TypeOf((*wrapper)(nil))

// Unwrap returns the Java value behind a JavaScript value, if there is one.
func Unwrap(v goja.Value) (any, bool) {
	if o, ok := v.(*goja.Object); ok && o.ExportType() == wrapperType {
		return o.Export().(*wrapper).value, true
	}
	return nil, false
}

// FromJS returns what Java gets when a script passes v as an Object.
func (vm *VM) FromJS(v goja.Value) any {
	if v == nil || goja.IsUndefined(v) {
		return "undefined"
	}
	if goja.IsNull(v) {
		return nil
	}
	if o, ok := v.(*goja.Object); ok {
		if o.ExportType() == wrapperType {
			return o.Export().(*wrapper).value
		}
		if c := vm.classBehind(o); c != nil {
			return &ClassRef{c}
		}
		return vm.hold(v)
	}
	switch x := v.Export().(type) {
	case string:
		return x
	case bool:
		return x
	case int64:
		return float64(x)
	case float64:
		return x
	}
	return vm.hold(v)
}

// ToJS wraps a Java value as the result of something declared to return Object.
func (vm *VM) ToJS(v any) goja.Value {
	switch v := v.(type) {
	case nil:
		return goja.Null()
	case goja.Value:
		return v
	case *Held:
		return vm.heldValue(v)
	case int:
		return vm.wrap(int32(v))
	case string, float64, int32, int64, bool, []byte:
		return vm.wrap(v)
	case Instance:
		return vm.shared(v)
	}
	if vm.hooks.Live != nil {
		if live, ok := vm.hooks.Live(v); ok {
			return live
		}
	}
	return vm.wrap(Text(v))
}

// Object marks what a method returns as declared Object: numbers and booleans
// reach the script as Java objects, not as primitives.
func Object(v any) any { return boxed{v} }

type boxed struct{ v any }

// Void is the result of a method without one.
var Void = void{}

type void struct{}

// result is what a script gets from a method.
func (vm *VM) result(v any) goja.Value {
	switch v := v.(type) {
	case void:
		return goja.Undefined()
	case boxed:
		return vm.ToJS(v.v)
	case bool, int, int32, int64, float64:
		return vm.Runtime.ToValue(v)
	}
	return vm.ToJS(v)
}

// shared returns the one wrapper of a pointer.
func (vm *VM) shared(v Instance) goja.Value {
	if !reflect.TypeOf(v).Comparable() {
		return vm.wrap(v)
	}
	if o := vm.objects[v]; o != nil {
		return o
	}
	o := vm.wrap(v)
	if vm.objects == nil {
		vm.objects = make(map[any]*goja.Object)
	}
	vm.objects[v] = o
	return o
}

func (vm *VM) wrap(v any) *goja.Object {
	c := vm.ClassOf(v)
	if c == nil {
		c = vm.lib.classes["java.lang.Object"]
	}
	o := vm.Runtime.NewDynamicObject(&wrapper{vm: vm, class: c, value: v})
	o.SetPrototype(vm.protos.of(vm, v))
	return o
}
