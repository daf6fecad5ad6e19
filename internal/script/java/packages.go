package java

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// Package returns the object of a Java package, such as java or java.util.
// "" is Packages.
func (vm *VM) Package(name string) *goja.Object {
	return vm.Runtime.NewDynamicObject(&javaPackage{vm: vm, name: name, seen: make(map[string]goja.Value)})
}

type javaPackage struct {
	vm   *VM
	name string
	seen map[string]goja.Value
}

func (p *javaPackage) Get(key string) goja.Value {
	if v, ok := p.seen[key]; ok {
		return v
	}
	switch key {
	case "toString", "valueOf", "toJSON", "constructor", "__proto__":
		if key == "toString" || key == "toJSON" {
			return p.vm.Runtime.ToValue(func(goja.FunctionCall) goja.Value {
				return p.vm.Runtime.ToValue("[JavaPackage " + p.name + "]")
			})
		}
		return nil
	}
	full := key
	if p.name != "" {
		full = p.name + "." + key
	}
	v := p.vm.named(full, key)
	p.seen[key] = v
	return v
}

func (p *javaPackage) Set(string, goja.Value) bool { return true }
func (p *javaPackage) Has(key string) bool         { return p.Get(key) != nil }
func (p *javaPackage) Delete(string) bool          { return true }
func (p *javaPackage) Keys() []string              { return nil }

// PackageName returns the name of a package object.
func PackageName(v goja.Value) (string, bool) {
	if o, ok := v.(*goja.Object); ok {
		if p, ok := o.Export().(*javaPackage); ok {
			return p.name, true
		}
	}
	return "", false
}

// named returns the class, the package, or a stand-in for what is missing.
func (vm *VM) named(full, last string) goja.Value {
	if c := vm.lib.classes[full]; c != nil {
		return vm.ClassObject(c)
	}
	if vm.lib.packages[full] {
		return vm.Package(full)
	}
	if r, _ := utf8.DecodeRuneInString(last); unicode.IsUpper(r) {
		return vm.missing(full)
	}
	if i := strings.LastIndexByte(full, '.'); i >= 0 && vm.lib.packages[full[:i]] && isLeaf(full[:i]) {
		return vm.missing(full)
	}
	return vm.Package(full)
}

// isLeaf tells the packages in which a lower-case name is a mistake and not one
// more package.
func isLeaf(pkg string) bool { return pkg == "java.lang" || pkg == "java.util" }

// HasClass reports whether a package of the library has a class of that name.
func (vm *VM) HasClass(pkg, name string) bool {
	return vm.lib.classes[pkg+"."+name] != nil
}

// Class returns the class object of a full name, or a stand-in that says that
// there is none.
func (vm *VM) Class(name string) goja.Value {
	return vm.named(name, name[strings.LastIndexByte(name, '.')+1:])
}

// ClassObject returns the object of a class: a constructor with static members.
func (vm *VM) ClassObject(c *Class) *goja.Object {
	if o := vm.classes[c]; o != nil {
		return o
	}
	o := vm.Runtime.ToValue(func(call goja.ConstructorCall) *goja.Object {
		if len(call.Arguments) == 1 && c.New == nil && c.Instead == "" {
			// An interface: new java.lang.Runnable({run: …}), or a cast.
			if arg, ok := call.Arguments[0].(*goja.Object); ok {
				return arg
			}
		}
		if c.New == nil {
			panic(vm.refuse(c))
		}
		v := c.New(&Call{VM: vm, Args: call.Arguments, name: c.ShortName()})
		o, ok := vm.ToJS(v).(*goja.Object)
		if !ok {
			panic(vm.Throw("java.lang.InstantiationException", c.Name))
		}
		return o
	}).(*goja.Object)
	statics := vm.Runtime.NewDynamicObject(&classMembers{vm: vm, class: c})
	statics.SetPrototype(vm.classProto())
	o.SetPrototype(statics)
	if vm.classes == nil {
		vm.classes = make(map[*Class]*goja.Object)
	}
	vm.classes[c] = o
	return o
}

func (vm *VM) refuse(c *Class) goja.Value {
	if c.Instead != "" {
		return vm.Throw("java.lang.SecurityException", c.Name+": "+c.Instead)
	}
	return vm.Throw("java.lang.InstantiationException", c.Name)
}

// classBehind returns the class of a class object, or nil.
func (vm *VM) classBehind(o *goja.Object) *Class {
	if len(vm.classes) == 0 || o.ClassName() != "Function" {
		return nil
	}
	for c, object := range vm.classes {
		if object == o {
			return c
		}
	}
	return nil
}

// classProto makes instanceof work with class objects.
func (vm *VM) classProto() *goja.Object {
	key := methodKey{nil, "class prototype"}
	if p, ok := vm.methods[key]; ok {
		return p.(*goja.Object)
	}
	p := vm.Runtime.CreateObject(vm.Runtime.Get("Function").ToObject(vm.Runtime).Get("prototype").ToObject(vm.Runtime))
	define(p, goja.SymHasInstance, vm.Runtime.ToValue(func(fc goja.FunctionCall) goja.Value {
		o, _ := fc.This.(*goja.Object)
		return vm.Runtime.ToValue(vm.isInstance(fc.Argument(0), vm.classBehind(o)))
	}))
	if vm.methods == nil {
		vm.methods = make(map[methodKey]goja.Value)
	}
	vm.methods[key] = p
	return p
}

func (vm *VM) isInstance(v goja.Value, c *Class) bool {
	value, ok := Unwrap(v)
	if !ok || c == nil {
		return false
	}
	k := vm.ClassOf(value)
	return k != nil && k.Is(c.Name)
}

// classMembers are the static members of a class.
type classMembers struct {
	vm    *VM
	class *Class
}

func (m *classMembers) Get(key string) goja.Value {
	if m.class.Instead != "" && key != "toString" && key != "valueOf" && key != "prototype" && key != "class" {
		return m.vm.Runtime.ToValue(func(goja.FunctionCall) goja.Value { panic(m.vm.refuse(m.class)) })
	}
	if f := m.class.Static[key]; f != nil {
		return m.static(key, f)
	}
	if c, ok := m.class.Constants[key]; ok {
		return m.vm.result(m.vm.constant(m.class, key, c))
	}
	switch key {
	case "class":
		return m.vm.ToJS(&ClassRef{m.class})
	case "toString", "toJSON":
		return m.vm.Runtime.ToValue(func(goja.FunctionCall) goja.Value {
			return m.vm.Runtime.ToValue("[JavaClass " + m.class.Name + "]")
		})
	case "getName":
		return m.vm.Runtime.ToValue(func(goja.FunctionCall) goja.Value { return m.vm.ToJS(m.class.Name) })
	}
	if c := m.vm.lib.classes[m.class.Name+"."+key]; c != nil {
		return m.vm.ClassObject(c)
	}
	return nil
}

// static returns the function of a static method. It is kept apart from the
// instance methods of the same name: Integer.toString(5) has no receiver.
func (m *classMembers) static(name string, f func(*Call) any) goja.Value {
	key := methodKey{m.class, "static " + name}
	if fn, ok := m.vm.methods[key]; ok {
		return fn
	}
	vm := m.vm
	fn := vm.Runtime.ToValue(func(fc goja.FunctionCall) goja.Value {
		return vm.result(f(&Call{VM: vm, Args: fc.Arguments, name: name}))
	})
	if vm.methods == nil {
		vm.methods = make(map[methodKey]goja.Value)
	}
	vm.methods[key] = fn
	return fn
}

func (vm *VM) constant(c *Class, name string, v any) any {
	make1, ok := v.(func() any)
	if !ok {
		return v
	}
	key := constKey{c, name}
	if made, ok := vm.consts[key]; ok {
		return made
	}
	made := make1()
	if vm.consts == nil {
		vm.consts = make(map[constKey]any)
	}
	vm.consts[key] = made
	return made
}

func (m *classMembers) Set(string, goja.Value) bool { return true }
func (m *classMembers) Has(key string) bool         { return m.Get(key) != nil }
func (m *classMembers) Delete(string) bool          { return true }
func (m *classMembers) Keys() []string              { return nil }

// ClassName returns the full name behind a class object, also of a class that is
// missing, or "" when v is none.
func ClassName(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		return ""
	}
	switch m := o.Prototype().Export().(type) {
	case *classMembers:
		return m.class.Name
	case *missingMembers:
		return m.name
	}
	return ""
}

// missing returns what stands for a class that Weir does not have. Reading its
// members goes on; calling it or one of them says what is missing.
func (vm *VM) missing(full string) goja.Value {
	fail := func() goja.Value {
		text := "Java class " + missingClass(full) + " is not available in Weir."
		if hint := insteadOf(full); hint != "" {
			text += " " + hint
		}
		return vm.Runtime.NewTypeError(text)
	}
	o := vm.Runtime.ToValue(func(goja.ConstructorCall) *goja.Object { panic(fail()) }).(*goja.Object)
	o.SetPrototype(vm.Runtime.NewDynamicObject(&missingMembers{vm: vm, name: full, seen: make(map[string]goja.Value)}))
	return o
}

// missingClass cuts a path behind the class: com.acme.Tool.run is com.acme.Tool.
func missingClass(full string) string {
	parts := strings.Split(full, ".")
	for i, p := range parts {
		if r, _ := utf8.DecodeRuneInString(p); unicode.IsUpper(r) {
			return strings.Join(parts[:i+1], ".")
		}
	}
	return full
}

type missingMembers struct {
	vm   *VM
	name string
	seen map[string]goja.Value
}

func (m *missingMembers) Get(key string) goja.Value {
	switch key {
	case "toString", "valueOf", "toJSON", "constructor", "call", "apply", "bind":
		return nil
	}
	if v, ok := m.seen[key]; ok {
		return v
	}
	v := m.vm.missing(m.name + "." + key)
	m.seen[key] = v
	return v
}

func (m *missingMembers) Set(string, goja.Value) bool { return true }
func (m *missingMembers) Has(string) bool             { return false }
func (m *missingMembers) Delete(string) bool          { return true }
func (m *missingMembers) Keys() []string              { return nil }
