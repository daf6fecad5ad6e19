package script

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

//go:embed dialect.js
var dialectText string

// dialectParts are the parts of dialect.js, each compiled once.
var dialectParts = sync.OnceValue(func() map[string]*goja.Program {
	parts := make(map[string]*goja.Program)
	for _, text := range strings.Split("\n"+dialectText, "\n//# ")[1:] {
		name, code, _ := strings.Cut(text, "\n")
		parts[name] = goja.MustCompile("weir: "+name, code, false)
	}
	return parts
})

func statics() *goja.Program  { return dialectParts()["statics"] }
func toSource() *goja.Program { return dialectParts()["toSource"] }
func generics() *goja.Program { return dialectParts()["generics"] }
func dates() *goja.Program    { return dialectParts()["dates"] }

func dateParsing() *goja.Program { return dialectParts()["dateParsing"] }

// installErrorPlace gives errors lineNumber, columnNumber and fileName: the
// place where they were made, as the user's own part and line.
func (r *run) installErrorPlace() {
	proto := r.rt.Get("Error").ToObject(r.rt).Get("prototype").ToObject(r.rt)
	getter := func(f func(e *Error) any) goja.Value {
		return r.native(func(c goja.FunctionCall) goja.Value {
			o, ok := c.This.(*goja.Object)
			if !ok {
				return goja.Undefined()
			}
			e := &Error{}
			r.placeFromText(e, property(o, "stack"))
			if e.Line == 0 {
				return goja.Undefined()
			}
			e.Kind, e.Message = property(o, "name"), property(o, "message")
			return r.rt.ToValue(f(e))
		})
	}
	proto.DefineAccessorProperty("rhinoException", getter(func(e *Error) any {
		return r.java.ToJS(&rhinoException{*e})
	}), nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	proto.DefineAccessorProperty("lineNumber", getter(func(e *Error) any { return e.Line }), nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	proto.DefineAccessorProperty("columnNumber", getter(func(e *Error) any { return e.Column }), nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
	proto.DefineAccessorProperty("fileName", getter(func(e *Error) any { return e.Part }), nil, goja.FLAG_TRUE, goja.FLAG_FALSE)
}

// placeFromText reads the first line of a stack's text that stands in a part:
// "	at doTransform (source transformer:12:9(34))".
func (r *run) placeFromText(e *Error, stack string) section {
	for _, line := range strings.Split(stack, "\n") {
		for name, u := range r.p.units {
			i := strings.Index(line, name+":")
			if i < 0 {
				continue
			}
			l, c := 0, 0
			rest := line[i+len(name)+1:]
			l, rest = number(rest)
			if strings.HasPrefix(rest, ":") {
				c, _ = number(rest[1:])
			}
			if s, sl, sc, ok := u.locate(l, c); ok {
				e.Part, e.Line, e.Column = s.part, sl, sc
				return s
			}
		}
	}
	return section{}
}

func number(s string) (n int, rest string) {
	for s != "" && s[0] >= '0' && s[0] <= '9' {
		n = n*10 + int(s[0]-'0')
		s = s[1:]
	}
	return n, s
}
