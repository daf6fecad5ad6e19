package script

import (
	_ "embed"
	"sync"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/java"
)

//go:embed helpers.js
var helpersText string

// helpers is the predefined functions that are best said in JavaScript, each
// compiled apart and loaded when a script asks for it.
var helpers = sync.OnceValue(func() map[string]*unit {
	p := newProgram("helpers")
	if _, err := p.templates(splitFunctions(helpersText)); err != nil {
		panic(err)
	}
	return p.lazy
})

// helperGlobal makes the predefined functions.
func (r *run) helperGlobal(name string) goja.Value {
	switch name {
	case "validate":
		return r.native(r.validate)
	case "importPackage":
		return r.native(func(c goja.FunctionCall) goja.Value {
			for _, a := range c.Arguments {
				if pkg, ok := java.PackageName(a); ok {
					r.imports = append(r.imports, pkg)
				}
			}
			return goja.Undefined()
		})
	case "importClass":
		return r.native(func(c goja.FunctionCall) goja.Value {
			for _, a := range c.Arguments {
				if class, ok := r.java.FromJS(a).(*java.ClassRef); ok {
					r.set(class.ShortName(), a)
				}
			}
			return goja.Undefined()
		})
	case "JavaImporter":
		return r.rt.ToValue(func(c goja.ConstructorCall) *goja.Object { return r.importer(c.Arguments) })
	case "JavaAdapter":
		return r.rt.ToValue(func(c goja.ConstructorCall) *goja.Object { return r.adapter(c.Arguments) })
	case "getAttachmentIds", "getAttachments", "getAttachment", "addAttachment", "updateAttachment":
		return r.attachmentFunction(name)
	case "StopIteration":
		return r.stopIteration()
	case "regex", "xml", "xmllist", "namespace", "qname":
		return r.rt.ToValue("")
	}
	return nil
}

// stopIteration is what next of an Iterator throws behind the last item.
func (r *run) stopIteration() goja.Value {
	o := r.rt.NewObject()
	is := func(c goja.FunctionCall) goja.Value { return r.rt.ToValue(c.Argument(0).SameAs(o)) }
	for _, err := range []error{o.SetSymbol(goja.SymHasInstance, r.rt.ToValue(is)), o.Set("toString", r.native(func(goja.FunctionCall) goja.Value {
		return r.rt.ToValue("[object StopIteration]")
	}))} {
		if err != nil {
			panic(err)
		}
	}
	return o
}

// validate is the function of mappers: a default for what is missing or empty,
// then replacements with Java's regular expressions.
func (r *run) validate(c goja.FunctionCall) goja.Value {
	v := c.Argument(0)
	if goja.IsUndefined(v) || goja.IsNull(v) || r.text(v) == "" {
		if v = c.Argument(1); goja.IsUndefined(v) {
			v = r.rt.ToValue("")
		}
	}
	switch x := v.(type) {
	case goja.String:
	case *goja.Object:
		if _, isXML := r.xml.Nodes(x); !isXML {
			if j, _ := java.Unwrap(x); j == nil {
				return v
			} else if _, isString := j.(string); !isString {
				return v
			}
		}
	default:
		return v
	}
	text := r.text(v)
	if list, ok := c.Argument(2).(*goja.Object); ok {
		n := int(list.Get("length").ToInteger())
		for i := 0; i < n; i++ {
			if pair, ok := list.Get(r.rt.ToValue(i).String()).(*goja.Object); ok {
				call := &java.Call{VM: r.java, Args: []goja.Value{pair.Get("0"), pair.Get("1")}}
				text = call.ReplaceAll(text, 0, 1)
			}
		}
	}
	return r.java.ToJS(text)
}

// adapter is new JavaAdapter(java.lang.Runnable, {run: …}): of interfaces the
// object itself will do, wherever one is wanted. Classes cannot be extended.
func (r *run) adapter(args []goja.Value) *goja.Object {
	for _, a := range args[:max(len(args)-1, 0)] {
		name := java.ClassName(a)
		if class := library().Class(name); class == nil || !class.Interface() {
			panic(r.rt.NewTypeError("JavaAdapter cannot extend %s in Weir. It can implement an interface, such as java.lang.Runnable.", name))
		}
	}
	if len(args) > 0 {
		if o, ok := args[len(args)-1].(*goja.Object); ok {
			return o
		}
	}
	panic(r.rt.NewTypeError("JavaAdapter needs an interface and an object with its methods."))
}

// importer is a JavaImporter: the classes of some packages, for with.
func (r *run) importer(args []goja.Value) *goja.Object {
	im := &javaImporter{r: r, classes: make(map[string]goja.Value)}
	im.add(args)
	return r.rt.NewDynamicObject(im)
}

type javaImporter struct {
	r        *run
	packages []string
	classes  map[string]goja.Value
}

func (im *javaImporter) add(args []goja.Value) {
	for _, a := range args {
		if pkg, ok := java.PackageName(a); ok {
			im.packages = append(im.packages, pkg)
		} else if class, ok := im.r.java.FromJS(a).(*java.ClassRef); ok {
			im.classes[class.ShortName()] = a
		}
	}
}

func (im *javaImporter) Get(key string) goja.Value {
	if key == "importPackage" || key == "importClass" {
		return im.r.native(func(c goja.FunctionCall) goja.Value { im.add(c.Arguments); return goja.Undefined() })
	}
	if v := im.classes[key]; v != nil {
		return v
	}
	for _, pkg := range im.packages {
		if im.r.java.HasClass(pkg, key) {
			return im.r.java.Class(pkg + "." + key)
		}
	}
	return nil
}

func (im *javaImporter) Set(string, goja.Value) bool { return false }
func (im *javaImporter) Has(key string) bool         { return im.Get(key) != nil }
func (im *javaImporter) Delete(string) bool          { return true }
func (im *javaImporter) Keys() []string              { return nil }
