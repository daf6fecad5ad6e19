package java

// optional is an Optional, OptionalInt, OptionalLong or OptionalDouble.
type optional struct{ v any }

func (o *optional) JavaClass() string {
	switch o.v.(type) {
	case int32:
		return "java.util.OptionalInt"
	case int64:
		return "java.util.OptionalLong"
	}
	return "java.util.Optional"
}

// Equal compares values.
func (o *optional) Equal(other any) bool {
	p, ok := other.(*optional)
	return ok && equal(o.v, p.v)
}

func optionalClasses() []*Class {
	on := func(f func(v any, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*optional).v, c) }
	}
	get := on(func(v any, c *Call) any {
		if v == nil {
			panic(c.Throw("java.util.NoSuchElementException", "No value present"))
		}
		return Object(v)
	})
	number := func(c *Call) any {
		if b, ok := get(c).(boxed); ok {
			return b.v
		}
		return nil
	}
	methods := Methods{
		"isPresent": on(func(v any, c *Call) any { return v != nil }), "isEmpty": on(func(v any, c *Call) any { return v == nil }),
		"get": get, "getAsInt": number, "getAsLong": number, "getAsDouble": number,
		"orElse": on(func(v any, c *Call) any {
			if v != nil {
				return Object(v)
			}
			return Object(c.Object(0))
		}),
		"orElseGet": on(func(v any, c *Call) any {
			if v != nil {
				return Object(v)
			}
			return Object(c.Func(0)())
		}),
		"orElseThrow": on(func(v any, c *Call) any {
			if v == nil && c.Len() > 0 {
				if t, ok := c.Func(0)().(*Throwable); ok {
					panic(c.VM.ThrowJava(t))
				}
			}
			return get(c)
		}),
		"ifPresent": on(func(v any, c *Call) any {
			if v != nil {
				c.Func(0)(v)
			}
			return Void
		}),
		"ifPresentOrElse": on(func(v any, c *Call) any {
			if v != nil {
				c.Func(0)(v)
			} else {
				c.Func(1)()
			}
			return Void
		}),
		"map": on(func(v any, c *Call) any {
			if v == nil {
				return &optional{}
			}
			return &optional{c.Func(0)(v)}
		}),
		"flatMap": on(func(v any, c *Call) any {
			if v == nil {
				return &optional{}
			}
			return c.Func(0)(v)
		}),
		"filter": on(func(v any, c *Call) any {
			if v == nil || !truth(c.Func(0)(v)) {
				return &optional{}
			}
			return c.This
		}),
		"or": on(func(v any, c *Call) any {
			if v != nil {
				return c.This
			}
			return c.Func(0)()
		}),
		"stream": on(func(v any, c *Call) any {
			if v == nil {
				return newStream(nil)
			}
			return newStream([]any{v})
		}),
		"toString": on(func(v any, c *Call) any {
			name := shortClass(c.This.(*optional).JavaClass())
			if v == nil {
				return name + ".empty"
			}
			return name + "[" + c.VM.Text(v) + "]"
		}),
	}
	statics := Methods{
		"of": func(c *Call) any {
			if c.Null(0) {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			return &optional{c.Object(0)}
		},
		"ofNullable": func(c *Call) any {
			if c.Null(0) {
				return &optional{}
			}
			return &optional{c.Object(0)}
		},
		"empty": func(c *Call) any { return &optional{} },
	}
	return []*Class{{Name: "java.util.Optional", Static: statics, Methods: methods}, {Name: "java.util.OptionalInt", Static: statics, Methods: methods},
		{Name: "java.util.OptionalLong", Static: statics, Methods: methods}, {Name: "java.util.OptionalDouble", Static: statics, Methods: methods}}
}
