package script

import (
	"strings"

	"github.com/dop251/goja"
)

// extras are old features of Rhino that would cost every run something and that
// few scripts use. They are installed where a script's text mentions them.
type extras struct {
	errorPlace bool // e.lineNumber, e.fileName
	statics    bool // RegExp.$1
	toSource   bool
	generics   bool // Array.forEach(a, f)
	growth     bool // s.repeat(n) and its like, which make long strings at once
	dates      bool // d.toLocaleString(), in Java's words
}

func (x *extras) look(code string) {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(code, w) {
				return true
			}
		}
		return false
	}
	x.errorPlace = x.errorPlace || has("lineNumber", "fileName", "columnNumber", "rhinoException")
	x.statics = x.statics || has("RegExp.$", "RegExp.last", "RegExp.left", "RegExp.right", "RegExp['$", `RegExp["$`)
	x.toSource = x.toSource || has("toSource", "uneval")
	x.generics = x.generics || has("Array.forEach", "Array.map", "Array.filter", "Array.indexOf", "Array.join",
		"Array.slice", "Array.some", "Array.every", "Array.concat", "Array.push", "Array.lastIndexOf")
	x.dates = x.dates || has("toLocale")
	x.growth = x.growth || has("repeat", "padStart", "padEnd", "eval", "Function(")
}

// install prepares a runtime for what the program mentions.
func (x extras) install(r *run) {
	for _, e := range []struct {
		wanted bool
		code   *goja.Program
	}{
		{x.statics, statics()},
		{x.toSource, toSource()},
		{x.generics, generics()},
		{x.growth, growth()},
		{x.dates, dates()},
	} {
		if e.wanted {
			if _, err := r.rt.RunProgram(e.code); err != nil {
				panic(err)
			}
		}
	}
	if x.errorPlace {
		r.installErrorPlace()
	}
}
