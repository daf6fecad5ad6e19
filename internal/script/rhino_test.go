package script_test

import (
	"testing"
	"time"
)

// check runs bodies, each with what it returns.
func check(t *testing.T, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		got, err := runBody(t, newScope(), c[0])
		if err != nil {
			t.Errorf("%s\n failed: %v", c[0], detail(err))
			continue
		}
		if s := show(got); s != c[1] {
			t.Errorf("%s\n got %q\nwant %q", c[0], s, c[1])
		}
	}
}

// detail is an error with what the script threw.
func detail(err error) string {
	if d, ok := err.(interface{ Detail() string }); ok {
		return d.Detail()
	}
	return err.Error()
}

// TestRhinoWords checks the words of errors that scripts catch.
func TestRhinoWords(t *testing.T) {
	caught := func(code string) string {
		return "try { " + code + " } catch (e) { return e.name + ': ' + e.message }"
	}
	check(t, [][2]string{
		{caught("nope.x"), `ReferenceError: "nope" is not defined.`},
		{caught("nope()"), `ReferenceError: "nope" is not defined.`},
		{"var o = {}; " + caught("o.a.b"), `TypeError: Cannot read property "b" from undefined`},
		{"function f(o) { return o['a']['b'] } " + caught("f({a: null})"), `TypeError: Cannot read property "b" from null`},
		{"var o = {}; " + caught("o.a.b()"), `TypeError: Cannot call method "b" of undefined`},
		{"function f(o) { return o.toString() } " + caught("f(null)"), `TypeError: Cannot call method "toString" of null`},
		{"var o = {}; " + caught("o.zip(1)"), `TypeError: Cannot find function zip in object [object Object].`},
		{"function f(x) { return x.child() } " + caught("f('abc')"), `TypeError: Cannot find function child in object abc.`},
		{"var f = 5; " + caught("var y = 3 + f(1)"), `TypeError: f is not a function, it is number.`},
		{"var f; " + caught("f ()"), `TypeError: f is not a function, it is undefined.`},
		{"var o = {a: 'x'}; " + caught("o.a(1)"), `TypeError: Cannot call property a in object [object Object]. It is not a function, it is "string".`},
		{"try { nope } catch (e if e.name == 'ReferenceError') { return e.message }", `"nope" is not defined.`},
		{caught("throw new Error('x is not defined')"), `Error: x is not defined`},
		{"try { throw 'nope is not defined' } catch (e) { return e }", `nope is not defined`},
		{"try { nope } catch (e) { return e.rhinoException.getMessage() + e.rhinoException.lineNumber() }", `ReferenceError: "nope" is not defined. (body#1)1`},
	})
}

// TestIterator checks Rhino's Iterator, over objects and Java's collections.
func TestIterator(t *testing.T) {
	check(t, [][2]string{
		{"var s = ''; for (var [k, v] in Iterator({a: 1, b: 2})) s += k + v; return s", "a1b2"},
		{"var s = ''; for (var p in Iterator({a: 1, b: 2})) s += p[0] + p[1]; return s", "a1b2"},
		{"var s = ''; for (var k in Iterator({a: 1, b: 2}, true)) s += k; return s", "ab"},
		{"var l = new java.util.ArrayList(['x', 'y']), s = ''; for (var v in Iterator(l)) s += v; return s", "xy"},
		{"var l = new java.util.ArrayList(['x', 'y']), s = ''; for (var v in Iterator(l.iterator())) s += v; return s", "xy"},
		{"var it = Iterator({a: 1}), s = it.next().join(); try { it.next() } catch (e if e instanceof StopIteration) { s += ' end' } return s", "a,1 end"},
		{"var it = Iterator(['a']); it.next(); try { it.next() } catch (e) { return (e === StopIteration) + ' ' + e }", "true [object StopIteration]"},
	})
}

// TestDocumentLiteral checks literals that are whole documents, as people paste them.
func TestDocumentLiteral(t *testing.T) {
	check(t, [][2]string{
		{"var x = <?xml version=\"1.0\" encoding='UTF-8'?>\n<!-- {not} a hole -->\n<?style a?>\n<a b={1 + 1}><c/></a>; return x.toXMLString()", `<a b="2"><c/></a>`},
		{"return new Packages.java.io.StringReader(<?xml version='1.0'?><a>x<b/></a>) != null", "true"},
		{"return <?go on?>.toXMLString()", ""},
	})
}

// TestJSONErrors checks the words of JSON.parse where it fails.
func TestJSONErrors(t *testing.T) {
	for text, want := range map[string]string{
		``: "Empty JSON string", `x`: "Unexpected token: x", `{a`: "Unexpected token in object literal",
		`{"a"`: "Expected : but reached end of stream", `{"a" 1}`: "Expected : found 1", `{"a":1`: "Unterminated object literal",
		`{"a":1,}`: "Unexpected comma in object literal", `{,}`: "Unexpected comma in object literal",
		`{"a":1 "b":2}`: "Missing comma in object literal", `[1 2]`: "Missing comma in array literal",
		`[1,]`: "Unexpected comma in array literal", `[1`: "Unterminated array literal", `[`: "Unterminated array literal",
		`"abc`: "Unterminated string literal", "\"a\nb\"": "String contains control character",
		`"\q"`: `Unexpected character in string: '\q'`, `"\u12`: `Invalid character code: \u12`, `"\u12zzz"`: "Invalid character code: 12zz",
		`1 2`: "Expected end of stream at char 2", `tru`: "Unexpected token: t", `-`: "Unsupported number format: -",
		`1.`: "Unsupported number format: 1.", `1e`: "Unsupported number format: 1e", `01`: "Expected end of stream at char 1",
		`undefined`: "Unexpected token: u",
	} {
		scope := newScope()
		scope.Vars = map[string]any{"text": text}
		got, err := runBody(t, scope, "try { JSON.parse(text) } catch (e) { return e.name + ': ' + e.message }")
		if err != nil || got != "SyntaxError: "+want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
	check(t, [][2]string{
		{`var o = JSON.parse('{"a": [1, {"b": null}], "c": "\\u0041\\n"}'); return JSON.stringify(o)`, `{"a":[1,{"b":null}],"c":"A\n"}`},
		{`channelMap.put('j', '{"a":1}'); return JSON.parse($('j')).a`, "1"},
		{`return JSON.parse('[1,2]', function (k, v) { return k === '0' ? 9 : v }).join()`, "9,2"},
	})
}

// TestDates checks which texts a date may be made of.
func TestDates(t *testing.T) {
	zone := time.Local
	time.Local = time.FixedZone("EST", -5*3600)
	defer func() { time.Local = zone }()
	for text, want := range map[string]string{
		"2024": "2024-01-01T00:00:00.000Z", "2024-01-02": "2024-01-02T00:00:00.000Z", "2024-01-02T03:04": "2024-01-02T08:04:00.000Z",
		"2024-01-02T03:04:05.678Z": "2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05+0130": "2024-01-02T01:34:05.000Z",
		"2024-02-30": "", "2024-01-02 03:04": "", "2024-01-02 03:04:05": "", "20240102": "", "": "", "soon": "", "2024-1-2": "",
		"1/2/2024": "2024-01-02T05:00:00.000Z", "1/2/24": "1924-01-02T05:00:00.000Z", "1/2/2024 3:04 PM": "2024-01-02T20:04:00.000Z",
		"2024/01/02 03:04:05": "2024-01-02T08:04:05.000Z", "Jan 2, 2024": "2024-01-02T05:00:00.000Z",
		"2 January 2024 12:30 AM": "2024-01-02T05:30:00.000Z", "Tue Jan 02 2024 03:04:05 GMT-0500 (EST)": "2024-01-02T08:04:05.000Z",
		"Tue, 02 Jan 2024 03:04:05 GMT": "2024-01-02T03:04:05.000Z", "Jan 2 2024 03:04 PST": "2024-01-02T11:04:00.000Z",
		"Jan 2 2024 03:04 GMT+4:30": "2024-01-01T22:34:00.000Z", "Jan 2 2024 2025": "", "Jan Feb 2 2024": "", "Jan 2 2024 13:00 PM": "",
	} {
		scope := newScope()
		scope.Vars = map[string]any{"text": text}
		got, err := runBody(t, scope, "var d = new Date(text); return isNaN(d) ? String(d) : d.toISOString()")
		if want == "" {
			want = "Invalid Date"
		}
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
	check(t, [][2]string{
		{"var d = new Date(0); return (d instanceof Date) + typeof new Date(2024, 0) + new Date(5).getTime() + new Date(d).getTime() + typeof Date()", "trueobject50string"},
		{"return new Date(2024, 0, 2, 3).getTime() - Date.parse('2024-01-02T03:00') + Date.UTC(1970, 0)", "0"},
		{"return new Date(new java.util.Date(7000)).getTime() + (new Date(1).constructor === Date)", "7001"},
		{"return new Date(undefined).getTime() + '' + Date.name + Date.length", "NaNDate7"},
	})
}

// TestMethodsAsValues checks what Rhino makes of a method that is not called, or
// called with new.
func TestMethodsAsValues(t *testing.T) {
	check(t, [][2]string{
		{"return String(new java.util.ArrayList().size)", "function size() {/*\nint size()\n*/}\n"},
		{"var s = new java.lang.String('x'); return '' + s.length", "function length() {/*\nint length()\n*/}\n"},
		{"channelMap.put('s', 'x'); return typeof $('s').length", "function"},
		{`return new ACKGenerator.generateAckResponse('MSH|^~\\&|A|B|C|D|20240101||ADT^A01|99|P|2.5\r', 'AA', 'ok').replaceAll('\\d{14}', 'T')`,
			"MSH|^~\\&|C|D|A|B|T||ACK^A01^ACK|T|P|2.5\rMSA|AA|99|ok\r"},
		{"return new java.util.UUID.randomUUID() instanceof java.util.UUID", "true"},
		{"var o = {make: function (n) { this.n = n }}; return new o.make(3).n + new o.make.prototype.constructor(4).n", "7"},
		{"return typeof new java.lang.Math.abs(5)", "object"},
		{"return new java.util.ArrayList(new java.util.Arrays.asList('a', 'b')).size()", "2"},
	})
}

// TestJavaExceptions checks how a Java exception looks to the script that
// catches it.
func TestJavaExceptions(t *testing.T) {
	check(t, [][2]string{
		{"try { java.util.UUID.fromString('x') } catch (e) { return [e.name, e.message, e, e.javaException, e.javaException.getMessage(), e instanceof Error].join('|') }",
			"JavaException|java.lang.IllegalArgumentException: Invalid UUID string: x|JavaException: java.lang.IllegalArgumentException: Invalid UUID string: x|java.lang.IllegalArgumentException: Invalid UUID string: x|Invalid UUID string: x|true"},
		{"try { new java.util.ArrayList().iterator().next() } catch (e) { return e.message + e.javaException.getMessage() + e.javaException }",
			"java.util.NoSuchElementException: nullnulljava.util.NoSuchElementException"},
		{"try { new java.util.ArrayList().get(3) } catch (e) { return e.rhinoException + '|' + e.rhinoException.getWrappedException().getMessage() }",
			"org.mozilla.javascript.WrappedException: Wrapped java.lang.IndexOutOfBoundsException: Index 3 out of bounds for length 0|Index 3 out of bounds for length 0"},
		{"try { new java.util.ArrayList().get(3) } catch (e if e.javaException instanceof java.lang.RuntimeException) { return Object.keys(e).length + JSON.stringify(e) }", "0{}"},
		{"try { throw new java.lang.IllegalStateException('x', new java.io.IOException('y')) } catch (e) { return e.getCause().getMessage() + e.cause + e.class.name + (e instanceof java.lang.RuntimeException) }",
			"yjava.io.IOException: yjava.lang.IllegalStateExceptiontrue"},
	})
}
