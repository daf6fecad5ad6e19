package java

import "github.com/dop251/goja"

// javascript calls a method of JavaScript's String on a text.
func (vm *VM) javascript(s, method string, args []goja.Value) goja.Value {
	proto := vm.Runtime.Get("String").ToObject(vm.Runtime).Get("prototype").ToObject(vm.Runtime)
	f, _ := goja.AssertFunction(proto.Get(method))
	v, err := f(vm.Runtime.ToValue(s), args...)
	if err != nil {
		panic(err)
	}
	return v
}

// StringMethod calls a Java method on a JavaScript string that lacks it, such
// as equals. ok is false when String has no such method.
func (vm *VM) StringMethod(s, method string, args []goja.Value) (v goja.Value, ok bool) {
	m := vm.lib.classes["java.lang.String"].Methods[method]
	if m == nil {
		return nil, false
	}
	return vm.result(m(&Call{VM: vm, This: s, Args: args, name: method})), true
}
