package script

import (
	"errors"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/java"
)

// The modern dialect has the same maps, objects and user API classes as Mirth's.
// Behind them are the same Java values; what a script gets is plain: strings,
// numbers and booleans of JavaScript, arrays for lists, objects for maps, and for
// all else an object with the methods of the Java one, whose answers are plain.

// modernGlobal makes the value of a name, nil where the dialect has no such name.
func (r *run) modernGlobal(name string) goja.Value {
	if v, ok := r.scope.Vars[name]; ok {
		return r.plain(r.variable(v))
	}
	if _, ok := modernNames()[name]; !ok {
		if userClasses()[name] == nil {
			return nil
		}
	}
	v := r.define(name)
	if v == nil {
		return nil
	}
	if f, ok := goja.AssertFunction(v); ok && userClasses()[name] == nil {
		return r.plainFunction(f, goja.Undefined())
	}
	return r.plain(v)
}

// facade is a Java object, or class, with plain methods.
type facade struct {
	r    *run
	of   *goja.Object
	made map[string]goja.Value
}

func (f *facade) Get(key string) goja.Value {
	if v := f.made[key]; v != nil {
		return v
	}
	v := f.of.Get(key)
	if v == nil {
		return nil
	}
	call, ok := goja.AssertFunction(v)
	if !ok {
		return f.r.plain(v)
	}
	made := f.r.plainFunction(call, f.of)
	if f.made == nil {
		f.made = map[string]goja.Value{}
	}
	f.made[key] = made
	return made
}

func (f *facade) Set(key string, v goja.Value) bool { return false }
func (f *facade) Has(key string) bool               { return f.Get(key) != nil }
func (f *facade) Delete(string) bool                { return false }
func (f *facade) Keys() []string                    { return nil }

// plainFunction calls a function of Java with what is behind facades, and makes
// its answer plain.
func (r *run) plainFunction(f goja.Callable, this goja.Value) goja.Value {
	return r.native(func(c goja.FunctionCall) goja.Value {
		v, err := f(this, r.behind(c.Arguments)...)
		if err != nil {
			panic(r.plainError(err))
		}
		return r.plain(v)
	})
}

func (r *run) behind(args []goja.Value) []goja.Value {
	out := make([]goja.Value, len(args))
	for i, v := range args {
		out[i] = v
		o, ok := v.(*goja.Object)
		if !ok {
			continue
		}
		switch x := o.Export().(type) {
		case *facade:
			out[i] = x.of
		case *nodeObject:
			out[i] = r.rt.ToValue(x.n.XMLString())
		default:
			if class := r.modernClasses[o]; class != nil {
				out[i] = class
			}
		}
	}
	return out
}

// plainError makes an Error of JavaScript of an exception of Java. What it says
// stays with the message, as that of any error that a script throws.
func (r *run) plainError(err error) any {
	var ex *goja.Exception
	if !errors.As(err, &ex) {
		return err
	}
	t := java.Thrown(ex.Value())
	if t == nil {
		return ex.Value()
	}
	e, err := r.rt.New(r.rt.Get("Error"), r.rt.ToValue(t.Message))
	if err != nil {
		return ex.Value()
	}
	e.Set("name", t.Class)
	return e
}

// plain makes a value plain.
func (r *run) plain(v goja.Value) goja.Value {
	o, ok := v.(*goja.Object)
	if !ok {
		return v
	}
	x, isJava := java.Unwrap(o)
	if !isJava {
		if r.java.IsClass(o) {
			return r.plainClass(o)
		}
		return r.plainMembers(o)
	}
	return r.plainJava(x, o)
}

// plainJava makes a Java value plain; o is its wrapper, if there is one already.
func (r *run) plainJava(x any, o *goja.Object) goja.Value {
	switch x := x.(type) {
	case nil:
		return goja.Null()
	case string, bool, float64, int32, int64, int:
		return r.rt.ToValue(x)
	case []byte:
		return r.rt.ToValue(r.rt.NewArrayBuffer(x))
	case *java.List:
		items := make([]any, x.Len())
		for i, item := range x.Items() {
			items[i] = r.plainJava(item, nil)
		}
		return r.rt.NewArray(items...)
	case *java.Map:
		made := r.rt.NewObject()
		for _, p := range x.Pairs() {
			made.Set(java.Text(p.Key), r.plainJava(p.Value, nil))
		}
		return made
	case *java.Enum:
		return r.rt.ToValue(x.Name())
	}
	if o == nil {
		v := r.java.ToJS(x)
		var ok bool
		if o, ok = v.(*goja.Object); !ok {
			return v
		}
		if _, isJava := java.Unwrap(o); !isJava {
			return r.plainMembers(o)
		}
	}
	if made := r.facades[o]; made != nil {
		return made
	}
	made := r.rt.NewDynamicObject(&facade{r: r, of: o})
	if r.facades == nil {
		r.facades = map[*goja.Object]*goja.Object{}
	}
	r.facades[o] = made
	return made
}

// plainMembers looks into an array or object that came out of a map, where texts
// are Java's.
func (r *run) plainMembers(o *goja.Object) goja.Value {
	switch o.ClassName() {
	case "Array", "Object":
		if nodeOf(o) != nil || r.isFacade(o) {
			return o
		}
		for _, key := range o.Keys() {
			if v, ok := o.Get(key).(*goja.Object); ok {
				if p := r.plain(v); p != v {
					o.Set(key, p)
				}
			}
		}
	}
	return o
}

func (r *run) isFacade(o *goja.Object) bool {
	_, ok := o.Export().(*facade)
	return ok
}

// plainClass is a class of the user API: it can be made with new where Java's can,
// and has its static methods.
func (r *run) plainClass(class *goja.Object) goja.Value {
	for made, of := range r.modernClasses {
		if of == class {
			return made
		}
	}
	made := r.rt.ToValue(func(c goja.ConstructorCall) *goja.Object {
		o, err := r.rt.New(class, r.behind(c.Arguments)...)
		if err != nil {
			panic(r.plainError(err))
		}
		v, ok := r.plain(o).(*goja.Object)
		if !ok {
			return o
		}
		return v
	}).(*goja.Object)
	made.SetPrototype(r.rt.NewDynamicObject(&facade{r: r, of: class}))
	if r.modernClasses == nil {
		r.modernClasses = map[*goja.Object]*goja.Object{}
	}
	r.modernClasses[made] = class
	return made
}
