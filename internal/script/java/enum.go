package java

// Enum is a constant of an enum class. There is one for each name.
type Enum struct {
	class   string
	name    string
	ordinal int
	text    string
}

func (e *Enum) JavaClass() string { return e.class }
func (e *Enum) String() string    { return e.text }

// Name is the constant's name.
func (e *Enum) Name() string { return e.name }

// Portable gives the name.
func (e *Enum) Portable() any { return e.name }

// Compare is the order of declaration.
func (e *Enum) Compare(o any) (int, bool) {
	f, ok := o.(*Enum)
	if !ok {
		return 0, false
	}
	return e.ordinal - f.ordinal, true
}

// NewEnum returns a class with the constants of those names, in that order.
// text gives what toString shows; nil means the name.
func NewEnum(class string, text func(name string) string, names ...string) *Class {
	c := &Class{Name: class, Constants: make(map[string]any, len(names)), Implements: []string{"java.lang.Comparable"}}
	all := make([]any, len(names))
	for i, name := range names {
		e := &Enum{class: class, name: name, ordinal: i, text: name}
		if text != nil {
			e.text = text(name)
		}
		c.Constants[name] = e
		all[i] = e
	}
	c.Static = Methods{
		"values": func(*Call) any { return NewArray(class, append([]any(nil), all...)) },
		"valueOf": func(call *Call) any {
			if e, ok := c.Constants[call.Need(0)]; ok {
				return e
			}
			panic(call.Throw("java.lang.IllegalArgumentException", "No enum constant "+class+"."+call.Text(0)))
		},
	}
	c.Methods = Methods{
		"name":    func(c *Call) any { return c.This.(*Enum).name },
		"ordinal": func(c *Call) any { return c.This.(*Enum).ordinal },
		"compareTo": func(c *Call) any {
			n, _ := c.This.(*Enum).Compare(c.Object(0))
			return n
		},
		"getDeclaringClass": func(call *Call) any { return &ClassRef{c} },
	}
	return c
}

// Enum returns a constant of an enum class of the library, or nil.
func (vm *VM) Enum(class, name string) any {
	if c := vm.lib.classes[class]; c != nil {
		return c.Constants[name]
	}
	return nil
}
