package script

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/java"
)

// caught gives an error that a script catches the words that Rhino has for it:
// scripts log e.message, and some compare it. Errors that a script made are as it
// made them.
func (r *run) caught(v goja.Value) goja.Value {
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Error" || java.Thrown(o) != nil {
		return v
	}
	kind, message := property(o, "name"), property(o, "message")
	if message != "" {
		showMessage(o, r.rt.ToValue(r.rhinoWords(kind, message, property(o, "stack"))))
	}
	return v
}

// showMessage sets the message of an error. Rhino's is there for JSON.stringify and for-in.
func showMessage(o *goja.Object, text goja.Value) {
	if err := o.DefineDataProperty("message", text, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
		panic(err)
	}
}

// otherWords are messages of goja for which Rhino has others.
var otherWords = map[string]string{
	"Invalid array length":                        "Inappropriate array length.",
	"Invalid time value":                          "Date is invalid.",
	"Malformed URI":                               "Malformed URI sequence.",
	"Malformed URI sequence":                      "Malformed URI sequence.",
	"No initial value":                            "Reduce of empty array with no initial value",
	"Reduce of empty array with no initial value": "Reduce of empty array with no initial value",
}

var (
	unknownName  = regexp.MustCompile(`^([\w$]+) is not defined$`)
	readOfNone   = regexp.MustCompile(`^Cannot read property '(.*)' of undefined( or null)?$`)
	noMember     = regexp.MustCompile(`^Object has no member '(.*)'$`)
	notCallable  = regexp.MustCompile(`(?s)^Value is not an object: (.*)$`)
	calleeBefore = regexp.MustCompile(`([\w$]+(?:\.[\w$]+)*)\s*$`)
)

// rhinoWords turns a message of goja into that of Rhino. goja does not keep what
// a missing function was looked for in; Rhino shows it, so that is said only of
// plain objects.
func (r *run) rhinoWords(kind, message, stack string) string {
	if other, ok := otherWords[message]; ok {
		return other
	}
	switch kind {
	case "ReferenceError":
		return unknownName.ReplaceAllString(message, `"$1" is not defined.`)
	case "TypeError":
	default:
		return message
	}
	if m := readOfNone.FindStringSubmatch(message); m != nil {
		if m[2] != "" {
			return `Cannot call method "` + m[1] + `" of undefined`
		}
		return `Cannot read property "` + m[1] + `" from undefined`
	}
	if m := noMember.FindStringSubmatch(message); m != nil {
		return "Cannot find function " + m[1] + " in object [object Object]."
	}
	if m := notCallable.FindStringSubmatch(message); m != nil {
		path := r.calleeAt(stack)
		if path == "" {
			path = m[1]
		}
		if i := strings.LastIndexByte(path, '.'); i >= 0 {
			return "Cannot call property " + path[i+1:] + ` in object [object Object]. It is not a function, it is "` + typeName(m[1]) + `".`
		}
		return path + " is not a function, it is " + typeName(m[1]) + "."
	}
	return message
}

// calleeAt reads what stands before the parenthesis at which a call failed.
func (r *run) calleeAt(stack string) string {
	var e Error
	section := r.placeFromText(&e, stack)
	lines := strings.Split(section.code, "\n")
	if e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column-1 > len(lines[e.Line-1]) {
		return ""
	}
	if m := calleeBefore.FindStringSubmatch(lines[e.Line-1][:e.Column-1]); m != nil {
		return m[1]
	}
	return ""
}

// typeName is typeof of a value that is known by its text.
func typeName(text string) string {
	switch text {
	case "undefined":
		return text
	case "null":
		return "object"
	case "true", "false":
		return "boolean"
	case "NaN", "Infinity", "-Infinity":
		return "number"
	}
	if strings.HasPrefix(text, "[object ") {
		return "object"
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return "number"
	}
	return "string"
}

// installJSON has JSON.parse fail in Rhino's words.
func (r *run) installJSON() {
	json := r.rt.Get("JSON").ToObject(r.rt)
	parse, ok := goja.AssertFunction(json.Get("parse"))
	if !ok {
		return
	}
	json.Set("parse", r.native(func(c goja.FunctionCall) goja.Value {
		v, err := parse(c.This, c.Arguments...)
		if err == nil {
			return v
		}
		if text := c.Argument(0).String(); jsonFault(text) != "" {
			r.throw("SyntaxError", jsonFault(text))
		}
		panic(err)
	}))
}

// jsonFault is what Rhino's parser says of a text that is not JSON; "" of one
// that is.
func jsonFault(text string) (fault string) {
	p := &jsonReader{s: text}
	defer func() {
		if f, ok := recover().(jsonFaultText); ok {
			fault = string(f)
		}
	}()
	p.value(0)
	p.blanks()
	if p.i < len(p.s) {
		p.fail("Expected end of stream at char " + strconv.Itoa(len([]rune(p.s[:p.i]))))
	}
	return ""
}

type jsonFaultText string

type jsonReader struct {
	s string
	i int
}

func (p *jsonReader) fail(text string) { panic(jsonFaultText(text)) }

func (p *jsonReader) blanks() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

// char is the character at i, which may take several bytes.
func (p *jsonReader) char(i int) string {
	for _, c := range p.s[i:] {
		return string(c)
	}
	return ""
}

// maxJSONFault is how deep a text may be nested for its fault to be looked for.
const maxJSONFault = 10_000

func (p *jsonReader) value(depth int) {
	if depth > maxJSONFault {
		p.fail("Too deeply nested")
	}
	p.blanks()
	if p.i >= len(p.s) {
		p.fail("Empty JSON string")
	}
	start := p.i
	c := p.s[p.i]
	p.i++
	switch {
	case c == '{':
		p.members('}', "object", depth)
	case c == '[':
		p.members(']', "array", depth)
	case c == '"':
		p.text()
	case c == 't' || c == 'f' || c == 'n':
		word := map[byte]string{'t': "true", 'f': "false", 'n': "null"}[c]
		if !strings.HasPrefix(p.s[start:], word) {
			p.fail("Unexpected token: " + string(c))
		}
		p.i = start + len(word)
	case c == '-' || c >= '0' && c <= '9':
		p.number(start)
	default:
		p.fail("Unexpected token: " + p.char(start))
	}
}

// members reads what is inside of an object or array.
func (p *jsonReader) members(end byte, kind string, depth int) {
	p.blanks()
	if p.i < len(p.s) && p.s[p.i] == end {
		p.i++
		return
	}
	comma := false // one must come before the next member
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch {
		case c == end || c == ',':
			if !comma {
				p.fail("Unexpected comma in " + kind + " literal")
			}
			p.i++
			if c == end {
				return
			}
			comma = false
		case kind == "object" && c != '"':
			p.fail("Unexpected token in object literal")
		case comma:
			p.fail("Missing comma in " + kind + " literal")
		default:
			if kind == "object" {
				p.i++
				p.text()
				p.colon()
			}
			p.value(depth + 1)
			comma = true
		}
		p.blanks()
	}
	p.fail("Unterminated " + kind + " literal")
}

func (p *jsonReader) colon() {
	p.blanks()
	if p.i >= len(p.s) {
		p.fail("Expected : but reached end of stream")
	}
	if p.s[p.i] != ':' {
		p.fail("Expected : found " + p.char(p.i))
	}
	p.i++
}

func (p *jsonReader) text() {
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c < 0x20:
			p.fail("String contains control character")
		case c == '"':
			return
		case c == '\\':
			p.escape()
		}
	}
	p.fail("Unterminated string literal")
}

func (p *jsonReader) escape() {
	if p.i >= len(p.s) {
		p.fail("Unterminated string")
	}
	at := p.i
	c := p.s[p.i]
	p.i++
	switch {
	case strings.IndexByte(`"\/bfnrt`, c) >= 0:
	case c == 'u':
		if len(p.s)-p.i < 5 {
			p.fail(`Invalid character code: \u` + p.s[p.i:])
		}
		if _, err := strconv.ParseUint(p.s[p.i:p.i+4], 16, 16); err != nil {
			p.fail("Invalid character code: " + p.s[p.i:p.i+4])
		}
		p.i += 4
	default:
		p.fail(`Unexpected character in string: '\` + p.char(at) + `'`)
	}
}

func (p *jsonReader) number(start int) {
	digit := func(i int) bool { return i < len(p.s) && p.s[i] >= '0' && p.s[i] <= '9' }
	need := func() {
		if !digit(p.i) {
			p.fail("Unsupported number format: " + p.s[start:min(p.i+1, len(p.s))])
		}
		for digit(p.i) {
			p.i++
		}
	}
	zero := p.s[start] == '0'
	if p.s[start] == '-' {
		if zero = p.i < len(p.s) && p.s[p.i] == '0'; zero {
			p.i++
		} else {
			need()
		}
	}
	for !zero && digit(p.i) {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '.' {
		p.i++
		need()
	}
	if p.i < len(p.s) && (p.s[p.i] == 'e' || p.s[p.i] == 'E') {
		p.i++
		if p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		need()
	}
}

// installDate has new Date(text) and Date.parse read what Rhino reads: the forms
// of ECMAScript 5 and the loose forms of old browsers, and no others.
func (r *run) installDate() {
	install, err := r.rt.RunProgram(dateParsing())
	if err != nil {
		panic(err)
	}
	f, _ := goja.AssertFunction(install)
	_, err = f(goja.Undefined(), r.native(func(c goja.FunctionCall) goja.Value {
		ms, ok := parseDate(c.Argument(0).String(), time.Local)
		if !ok {
			return r.rt.ToValue(math.NaN())
		}
		return r.rt.ToValue(ms)
	}))
	if err != nil {
		panic(err)
	}
}

var isoForm = regexp.MustCompile(`^(?:([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d))?)?)?(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?(Z|[+-]\d\d:?\d\d)?)?$`)

// parseDate reads a date as milliseconds since 1970.
func parseDate(s string, loc *time.Location) (ms int64, ok bool) {
	if ms, ok := parseISODate(s, loc); ok {
		return ms, true
	}
	return parseLooseDate(s, loc)
}

// parseISODate reads 2024, 2024-01, 2024-01-02 and these with T03:04, T03:04:05
// or T03:04:05.678 and a zone. A date alone is one in UTC, a time without a zone
// is local.
func parseISODate(s string, loc *time.Location) (ms int64, ok bool) {
	m := isoForm.FindStringSubmatch(s)
	if m == nil || s == "" {
		return 0, false
	}
	n := [7]int{1970, 1, 1}
	for i := range n {
		if m[i+1] != "" {
			n[i], _ = strconv.Atoi(strings.TrimPrefix(m[i+1], "+"))
		}
	}
	if n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > time.Date(n[0], time.Month(n[1]+1), 0, 0, 0, 0, 0, time.UTC).Day() ||
		n[3] > 24 || n[3] == 24 && n[4]+n[5]+n[6] > 0 || n[4] > 59 || n[5] > 59 {
		return 0, false
	}
	offset := 0
	switch zone := m[8]; {
	case m[4] == "" || zone == "Z":
		loc = time.UTC
	case zone != "":
		h, _ := strconv.Atoi(zone[1:3])
		min, _ := strconv.Atoi(zone[len(zone)-2:])
		if h > 23 || min > 59 {
			return 0, false
		}
		if offset = h*60 + min; zone[0] == '-' {
			offset = -offset
		}
		loc = time.UTC
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1e6, loc)
	return t.UnixMilli() - int64(offset)*60_000, true
}

// looseWords are the words of a loose date: a.m. and p.m., days, months, zones.
var looseWords = strings.Fields("am pm monday tuesday wednesday thursday friday saturday sunday " +
	"january february march april may june july august september october november december " +
	"gmt ut utc est edt cst cdt mst mdt pst pdt")

// looseZones are the hours behind Greenwich of the zones among looseWords.
var looseZones = []int{0, 0, 0, 5, 4, 6, 5, 7, 6, 8, 7}

// looseDate is a date that is being put together from the pieces of a text.
type looseDate struct {
	year, month, day, hour, minute, second int // -1: not seen
	zone                                   int // minutes behind Greenwich
	hasZone, signed                        bool
}

// parseLooseDate reads such as "Jan 2, 2024 3:04 PM EST", "1/2/2024" and
// "Tue Jan 02 2024 03:04:05 GMT-0500 (EST)". A number with dashes, as in
// "2024-01-02 03:04", is none of them.
func parseLooseDate(s string, loc *time.Location) (ms int64, ok bool) {
	d := looseDate{year: -1, month: -1, day: -1, hour: -1, minute: -1, second: -1}
	var mark byte // a sign, slash or colon before a number
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c <= ' ' || c == ',' || c == '-':
			i++
			if c == '-' && i < len(s) && isDigit(s[i]) {
				mark = c
			}
		case c == '(':
			i = afterComment(s, i)
		case isDigit(c):
			n := 0
			for i < len(s) && isDigit(s[i]) {
				if n = n*10 + int(s[i]-'0'); n > 1e8 {
					return 0, false
				}
				i++
			}
			next := byte(' ')
			if i < len(s) {
				next = s[i]
			}
			if !d.number(n, mark, next) {
				return 0, false
			}
			mark = 0
		case c == '/' || c == ':' || c == '+':
			mark = c
			i++
		default:
			start := i
			for i < len(s) && (s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z') {
				i++
			}
			if i-start < 2 || !d.word(strings.ToLower(s[start:i])) {
				return 0, false
			}
		}
	}
	if d.year < 0 || d.month < 0 || d.day < 0 {
		return 0, false
	}
	if d.hasZone {
		loc = time.UTC
	}
	t := time.Date(d.year, time.Month(d.month+1), d.day, max(d.hour, 0), max(d.minute, 0), max(d.second, 0), 0, loc)
	return t.UnixMilli() + int64(d.zone)*60_000, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func afterComment(s string, i int) int {
	for depth := 0; i < len(s); i++ {
		if s[i] == '(' {
			depth++
		} else if s[i] == ')' {
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return i
}

// number takes a number with the mark before it and the character behind it.
func (d *looseDate) number(n int, mark, next byte) bool {
	switch {
	case mark == '+' || mark == '-':
		d.signed = true
		if n < 24 {
			n *= 60
		} else {
			n = n%100 + n/100*60
		}
		if mark == '+' {
			n = -n
		}
		if d.hasZone && d.zone != 0 {
			return false
		}
		d.zone, d.hasZone = n, true
	case n >= 70 || mark == '/' && d.month >= 0 && d.day >= 0 && d.year < 0:
		if d.year >= 0 || next > ' ' && next != ',' && next != '/' {
			return false
		}
		if d.year = n; n < 100 {
			d.year += 1900
		}
	case next == ':':
		return fill(n, &d.hour, &d.minute)
	case next == '/':
		if d.month < 0 {
			n--
		}
		return fill(n, &d.month, &d.day)
	case next > ' ' && next != ',' && next != '-':
		return false
	case d.signed && n < 60:
		if d.zone < 0 {
			n = -n
		}
		d.zone += n
	case d.hour >= 0 && d.minute < 0:
		d.minute = n
	case d.minute >= 0 && d.second < 0:
		d.second = n
	default:
		return fill(n, &d.day)
	}
	return true
}

// fill sets the first of some fields that is not set yet.
func fill(n int, fields ...*int) bool {
	for _, f := range fields {
		if *f < 0 {
			*f = n
			return true
		}
	}
	return false
}

// word takes a word, which may be short.
func (d *looseDate) word(w string) bool {
	for i, word := range looseWords {
		if !strings.HasPrefix(word, w) {
			continue
		}
		switch {
		case i < 2:
			if d.hour > 12 || d.hour < 0 {
				return false
			}
			d.hour = d.hour%12 + 12*i
		case i < 9:
		case i < 21:
			return fill(i-9, &d.month)
		default:
			d.zone, d.hasZone = looseZones[i-21]*60, true
		}
		return true
	}
	return false
}

// rhinoException is e.rhinoException of an error that the engine raised.
type rhinoException struct{ e Error }

func (*rhinoException) JavaClass() string { return "org.mozilla.javascript.EcmaError" }

func (x *rhinoException) details() string { return x.e.Kind + ": " + x.e.Message }

func (x *rhinoException) String() string {
	return "org.mozilla.javascript.EcmaError: " + x.message()
}

func (x *rhinoException) message() string {
	return x.details() + " (" + x.e.Part + "#" + strconv.Itoa(x.e.Line) + ")"
}

func rhinoExceptionClass() *java.Class {
	on := func(f func(x *rhinoException) any) func(*java.Call) any {
		return func(c *java.Call) any { return f(c.This.(*rhinoException)) }
	}
	return &java.Class{Name: "org.mozilla.javascript.EcmaError", Implements: []string{
		"org.mozilla.javascript.RhinoException", "java.lang.RuntimeException", "java.lang.Exception", "java.lang.Throwable"},
		Methods: java.Methods{
			"getMessage":          on(func(x *rhinoException) any { return x.message() }),
			"getLocalizedMessage": on(func(x *rhinoException) any { return x.message() }),
			"details":             on(func(x *rhinoException) any { return x.details() }),
			"getName":             on(func(x *rhinoException) any { return x.e.Kind }),
			"getErrorMessage":     on(func(x *rhinoException) any { return x.e.Message }),
			"lineNumber":          on(func(x *rhinoException) any { return x.e.Line }),
			"columnNumber":        on(func(x *rhinoException) any { return x.e.Column }),
			"sourceName":          on(func(x *rhinoException) any { return x.e.Part }),
			"getScriptStackTrace": on(func(x *rhinoException) any { return "\tat " + x.e.Part + ":" + strconv.Itoa(x.e.Line) + "\n" }),
			"toString":            on(func(x *rhinoException) any { return x.String() }),
		}}
}
