package script

import (
	"regexp"
	"strings"

	"github.com/dop251/goja"
)

// extras are old features of Rhino that would cost every run something and that
// few scripts use. They are installed where a script's text mentions them.
type extras struct {
	errorPlace bool // e.lineNumber, e.fileName
	statics    bool // RegExp.$1
	toSource   bool
	generics   bool // Array.forEach(a, f), String.replace(s, a, b)
	html       bool // s.bold()
	accessors  bool // o.__defineGetter__
	dateZone   bool // GMT-0000
	oldDates   bool // d.getYear()
	dates      bool // d.toLocaleString(), in Java's words
	dateText   bool // new Date(text)
	json       bool // JSON.parse, for the words of its errors
	methods    bool // list.size, where list.size() was meant
	tags       bool // Object.prototype.toString.call(x)

	fences fences // before what could go on without end
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
		"Array.slice", "Array.some", "Array.every", "Array.concat", "Array.push", "Array.lastIndexOf",
		"String.replace", "String.match", "String.split", "String.search", "String.trim", "String.indexOf", "String.slice",
		"String.substr", "String.toUpperCase", "String.toLowerCase", "String.charAt", "String.charCodeAt", "String.lastIndexOf", "String.concat")
	x.html = x.html || has(".anchor(", ".big(", ".blink(", ".bold(", ".fixed(", ".fontcolor(", ".fontsize(", ".italics(",
		".link(", ".small(", ".strike(", ".sub(", ".sup(")
	x.accessors = x.accessors || has("__define", "__lookup")
	x.dateZone = x.dateZone || has("new Date", "Date()")
	x.oldDates = x.oldDates || has("getYear", "setYear", "toGMTString")
	x.dates = x.dates || has("toLocale")
	x.dateText = x.dateText || madeOfText.MatchString(code)
	x.methods = x.methods || namesMethod(code)
	x.json = x.json || has("JSON.parse", "JSON['parse", `JSON["parse`)
	x.tags = x.tags || has("prototype", "toString.call", "toString.apply", "toString.bind")
	x.fences |= fencesFor(code)
}

// madeOfText finds new Date with arguments, which may be a text, and Date.parse.
var madeOfText = regexp.MustCompile(`new\s+Date\s*\(\s*[^\s)]|Date\s*\.\s*parse`)

var memberRead = regexp.MustCompile(`\.\s*([a-z]\w*)\s*(?:[^\w\s(.=\[]|==|$)`)

// namesMethod reports whether a script reads what may be a method of Java and
// does not call it.
func namesMethod(code string) bool {
	for _, m := range memberRead.FindAllStringSubmatch(code, -1) {
		if library().IsMethod(m[1]) {
			return true
		}
	}
	return false
}

// install prepares a runtime for what the program mentions.
func (x extras) install(r *run) {
	x.fences.install(r)
	for _, e := range []struct {
		wanted bool
		code   *goja.Program
	}{
		{x.statics, statics()},
		{x.toSource, toSource()},
		{x.generics, generics()},
		{x.dates, dates()},
		{x.html, dialectParts()["html"]},
		{x.accessors, dialectParts()["accessors"]},
		{x.dateZone, dialectParts()["dateZone"]},
		{x.oldDates, dialectParts()["oldDates"]},
	} {
		if e.wanted {
			if _, err := r.rt.RunProgram(e.code); err != nil {
				panic(err)
			}
		}
	}
	if x.methods {
		r.java.ShowMethods()
	}
	if x.dateText {
		r.installDate()
	}
	if x.json {
		r.installJSON()
	}
	if x.errorPlace {
		r.installErrorPlace()
	}
}
