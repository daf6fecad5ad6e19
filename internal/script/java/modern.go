package java

import "github.com/dop251/goja"

// IsClass reports whether an object is that of a class, as [VM.ClassObject]
// returns it.
func (vm *VM) IsClass(o *goja.Object) bool { return vm.classBehind(o) != nil }

// MethodNames returns the names of a class's own methods, static ones apart.
func (c *Class) MethodNames() (static, instance []string) {
	for name := range c.Static {
		static = append(static, name)
	}
	for name := range c.Methods {
		instance = append(instance, name)
	}
	return static, instance
}

// Has reports whether instances of the class have a method, their own or inherited.
func (c *Class) Has(method string) bool { return c.methods[method] != nil }
