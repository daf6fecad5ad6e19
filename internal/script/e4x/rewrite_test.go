package e4x

import (
	"strings"
	"testing"
)

func TestRewriteE4X(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing to do", "var a = f(b.c.d)[0] - 1; // x..y", "var a = f(b.c.d)[0] - 1; // x..y"},
		{"literal", "x = <a k={v}>{w}</a>", "x = __e4x.xml(0, v, w)"},
		{"literals are numbered", "f(<a>{<b/>}</a>, <c/>)", "f(__e4x.xml(0, __e4x.xml(1)), __e4x.xml(2))"},
		{"comma in a hole", "<a>{b, c}</a>", "__e4x.xml(0, (b, c))"},
		{"lines in a literal", "x = <a>\n{v}\n</a> ;y", "x = __e4x.xml(0\n, v\n) ;y"},
		{"literal after a keyword", "return<a/>", "return __e4x.xml(0)"},
		{"fused read", "v = msg['PID']['PID.3'][0].x", "v = __e4x.get(msg, 'PID', 'PID.3', 0, \"x\")"},
		{"one key is not fused", "v = msg['PID']", "v = msg['PID']"},
		{"plain names are not fused", "v = a.b.c[0]", "v = a.b.c[0]"},
		{"a key in a variable", "v = m['a']['b'][i]['c']", "v = __e4x.get(m, 'a', 'b', i, 'c')"},
		{"generator inside of one", "function* f() { yield* g(a == b); yield b }", "function* f() { yield* __e4x.inner(g(__e4x.eq(a, b))); yield b }"},
		{"operators where BigInts are", "x = BigInt(2) ** y * z << 1; x *= 3", "x = __e4x.big(2, __e4x.big(0, __e4x.big(1, BigInt(2), y), z), 1); x = __e4x.big(0, x, 3)"},
		{"optional chains stay", "v = a?.b['c']['d'].toString()", "v = a?.b['c']['d'].toString()"},
		{"assignment", "m['a']['b']['c'] = m['a']['b']", "__e4x.set(m, 'a', 'b', 'c',__e4x.get(m, 'a', 'b'))"},
		{"update", "m['a']['b']++", "m['a']['b']++"},
		{"delete a member", "delete m['a']['b']['c']", "delete __e4x.get(m, 'a', 'b')['c']"},
		{"delete an attribute", "delete x.@id", "delete x[\"@id\"]"},
		{"delete an item of a predicate", "delete x.b.(c)[0]", "delete __e4x.filter(x.b, ($w) => { with ($w) return (__e4x.ref(() => c)) })[0]"},
		{"delete a list", "delete x..c; delete f()", "__e4x.del(__e4x.desc(x, \"c\")); __e4x.del(f())"},
		{"lines in a chain", "v = m\n['a']\n.b.@c", "v = __e4x.get(m\n, 'a'\n, \"b\", \"@c\")"},
		{"toString", "x.b.toString()", "__e4x.str(x.b)"},
		{"toString of a fused chain", "x['b'].toString()", "__e4x.getstr(x, 'b')"},
		{"toString with an argument", "n.toString(2)", "__e4x.call(n, \"toString\", 2)"},
		{"toString without a call", "f(x.toString)", "f(x.toString)"},
		{"method", "x.b.split('^')[1]", "__e4x.call(x.b, \"split\", '^')[1]"},
		{"method without arguments", "x . length ( )", "__e4x.call(x, \"length\")"},
		{"method by bracket", "x['name']()", "__e4x.call(x, 'name')"},
		{"method with spread", "x.concat(...l,)", "__e4x.call(x, \"concat\", ...l,)"},
		{"other methods keep this", "x['a']['b'].foo(); x['a']['b'](1); (x['a']['b'])(1)", "__e4x.get(x, 'a', 'b').foo(); x['a']['b'](1); (x['a']['b'])(1)"},
		{"receivers that are not XML", "'a'.split(''); [].concat(b); Math.name(); this.name(); /a/.toString()", "'a'.split(''); [].concat(b); Math.name(); this.name(); /a/.toString()"},
		{"strings have equals", "x.toString().equals('a')", "__e4x.call(__e4x.str(x), \"equals\", 'a')"},
		{"strings stay strings", "x.toString().replace(/a/, 'b').length", "__e4x.str(x).replace(/a/, 'b').length"},
		{"super", "class A extends B { f() { return super.toString() } }", "class A extends B { f() { return super.toString() } }"},
		{"attributes", "x.@id; x.@*; x.@[e]; x.@['id']", "x[\"@id\"]; x[\"@*::*\"]; x[__e4x.at(e)]; x[__e4x.at('id')]"},
		{"wildcard", "x.* = 'n'; y = x.*[1]; x.*='m'", "x[\"*\"] = 'n'; y = __e4x.get(x, \"*\", 1); x[\"*\"]='m'"},
		{"qualified names", "x.ns::b; x.*::b; x.@ns::b; x.ns::[e]; x.ns::*", "x[__e4x.qn(ns, \"b\", false)]; x[__e4x.qn(\"*\", \"b\", false)]; x[__e4x.qn(ns, \"b\", true)]; x[__e4x.qn(ns, e, false)]; x[__e4x.qn(ns, \"*\", false)]"},
		{"descendants", "x..b; x..*; x..@id; x..ns::b; x..*::b", "__e4x.desc(x, \"b\"); __e4x.desc(x, \"*\"); __e4x.desc(x, \"@id\"); __e4x.desc(x, __e4x.qn(ns, \"b\", false)); __e4x.desc(x, __e4x.qn(\"*\", \"b\", false))"},
		{"predicate", "x.p.(@id == '2').n", "__e4x.filter(x.p, ($w) => { with ($w) return (__e4x.eq($w[\"@id\"], '2')) }).n"},
		{"names in a predicate", "var o; x.(a > o && f(b) && Math.abs(c))", "var o; __e4x.filter(x, ($w) => { with ($w) return (__e4x.ref(() => a) > o && f(__e4x.ref(() => b)) && Math.abs(__e4x.ref(() => c))) })"},
		{"predicate in a predicate", "x.(b.(@c))", "__e4x.filter(x, ($w) => { with ($w) return (__e4x.filter(__e4x.ref(() => b), ($w) => { with ($w) return ($w[\"@c\"]) })) })"},
		{"qualified names in a predicate", "x.(ns::c == 1 && *::d)", "__e4x.filter(x, ($w) => { with ($w) return (__e4x.eq($w[__e4x.qn(ns, \"c\", false)], 1) && $w[__e4x.qn(\"*\", \"d\", false)]) })"},
		{"a name of ours in the script", "x.($w == 1)", "__e4x.filter(x, ($w0_) => { with ($w0_) return (__e4x.eq(__e4x.ref(() => $w), 1)) })"},
		{"equality", "a == b; a != 'x'; a === b", "__e4x.eq(a, b); !__e4x.eq(a, 'x'); a === b"},
		{"equality of what is known", "1 == 2; a.toString() == 'x'; String(a) != 'x'; typeof a.b == 'xml'; i % 2 == 0; a.length() == 0", "1 == 2; __e4x.str(a) == 'x'; String(a) != 'x'; __e4x.typeof(a.b) == 'xml'; i % 2 == 0; __e4x.call(a, \"length\") == 0"},
		{"null and undefined", "a == null; a == undefined; null == a; undefined == a", "a == null; a == undefined; null == a; __e4x.eq(undefined, a)"},
		{"a missing child is not an empty string", "x.missing == ''", "__e4x.eq(x.missing, '')"},
		{"chain of operators", "a + b + c == d", "__e4x.eq(__e4x.add(__e4x.add(a, b), c), d)"},
		{"concatenation", "a + ' ' + b; 1 + a; a + (b + 'x')", "a + ' ' + b; 1 + a; a + (b + 'x')"},
		{"lines in a sum", "v = a // first\n + b", "v = __e4x.add(a\n, b)"},
		{"addition to a variable", "r += a; r += 'a'", "r = __e4x.add(r, a); r += 'a'"},
		{"addition to a member", "x.b += v; x['b'] += v; x.@k += v; x[i + 1] += v; x.b += 'a'; f().b += v", "__e4x.addTo(x, \"b\", v); __e4x.addTo(x, 'b', v); __e4x.addTo(x, \"@k\", v); __e4x.addTo(x, i + 1, v); x.b += 'a'; __e4x.addTo(f(), \"b\", v)"},
		{"typeof", "typeof a; typeof x.b; typeof 'a'; var v; typeof v", "__e4x.typeof(typeof a == \"undefined\" ? void 0 : a); __e4x.typeof(x.b); typeof 'a'; var v; __e4x.typeof(v)"},
		{"variables whose kind is known", "function f(p) { var a = 'x', b = p, c; a += p; if (a == 'y' && b == 'y' && c == 'y') a.split(b); for (var i = 0; i == n; i++) ; typeof a }", "function f(p) { var a = 'x', b = p, c; a += p; if (a == 'y' && __e4x.eq(b, 'y') && c == 'y') a.split(b); for (var i = 0; __e4x.eq(i, n); i++) ; typeof a }"},
		{"variables that others may assign", "var a = 'x'; a == 'x'; function f(b) { b = 'x'; b == 'x'; var c = 'x'; [c] = d; c == 'x'; var e = 'x'; with (o) e = g, e == 'x'; e == 'x' }", "var a = 'x'; __e4x.eq(a, 'x'); function f(b) { b = 'x'; __e4x.eq(b, 'x'); var c = 'x'; [c] = d; __e4x.eq(c, 'x'); var e = 'x'; with (o) e = g, __e4x.eq(e, 'x'); __e4x.eq(e, 'x') }"},
		{"variables that become XML in the end", "function f() { var a = '', b = a, c = b; a == ''; c == ''; a = <x/> }", "function f() { var a = '', b = a, c = b; __e4x.eq(a, ''); __e4x.eq(c, ''); a = __e4x.xml(0) }"},
		{"variables in reach of eval", "function f(p) { var a = 'x'; eval(p); a == 'x' }", "function f(p) { var a = 'x'; eval(__e4x.src(p)); __e4x.eq(a, 'x') }"},
		{"variables set by for", "function f(o) { for (var k in o) k == 'a'; for each (var v in o) v == 'a'; for (var w of o) w == 'a' }", "function f(o) { for (var k in o) k == 'a'; for (var v, $w1 = __e4x.each(o), $w2 = 0; $w2 < $w1.length && (v = $w1[$w2++], true); ) __e4x.eq(v, 'a'); for (var w of o) __e4x.eq(w, 'a') }"},
		{"for each", "for each (a in b) c; for each(var d in e.f) g", "for (var $w1 = __e4x.each(b), $w2 = 0; $w2 < $w1.length && (a = $w1[$w2++], true); ) c; for (var d, $w3 = __e4x.each(e.f), $w4 = 0; $w4 < $w3.length && (d = $w3[$w4++], true); ) g"},
		{"for each on several lines", "for each\n(var\na\nin\nb)\nc", "for \n(var a, $w1 =\n\n\n__e4x.each(b), $w2 = 0; $w2 < $w1.length && (a = $w1[$w2++], true); )\nc"},
		{"for each that counts", "for each (var i = 0; i < n; i++) f(i)", "for (var i = 0; i < n; i++) f(i)"},
		{"for each that counts, with a closure", "for each (let i = 0; i < n; i++) f(() => i)", "{ let i; for (i = 0; i < n; i++) f(() => i) }"},
		{"an iterator", "for (var [k, v] in Iterator(o)) f(k)", "for (var [k, v] of Iterator(o)) f(k)"},
		{"an iterator that the script has", "function Iterator() {} for (k in Iterator(o)) f(k)", "function Iterator() {} for (k in Iterator(o)) f(k)"},
		{"for each into a member", "for each (o.p in l) f()", "for (o.p of __e4x.each(l)) f()"},
		{"a variable named each", "each = 1; each (a)", "each = 1; each (a)"},
		{"default namespace of the script", "default xml namespace = 'x'; f()", "__e4x.ns('x'); f()"},
		{"default namespace of a function", "function g() { default xml namespace = ns\nf() }", "function g() { var $w1 = __e4x.enter(); try { __e4x.ns(ns)\nf()  } finally { __e4x.leave($w1) }}"},
		{"default namespace of a body", "default xml namespace = ns; return 1 // c", "var $w1 = __e4x.enter(); try { __e4x.ns(ns); return 1 } finally { __e4x.leave($w1) } // c"},
		{"default namespace and two functions of a name", "function g() { default xml namespace = n; function f() {} function f() {} }", "function g() { var $w1 = __e4x.enter(); try { __e4x.ns(n); void function f() {}; function f() {}  } finally { __e4x.leave($w1) }}"},
		{"source text", "eval(s); new Function('a', b); Function(c)", "eval(__e4x.src(s)); new Function('a', __e4x.src(b)); Function(__e4x.src(c))"},
		{"new with selection", "new x['a']['b'](1)", "new (__e4x.get(x, 'a', 'b'))(1)"},
		{"function namespace", "x.function::f()", "x[__e4x.qn((() => { throw new ReferenceError(\"function is not defined\") })(), \"f\", false)]()"},
		{"switch and default namespace", "switch (a) { default: b; case 1: default xml namespace = c; }", "switch (a) { default: b; case 1: __e4x.ns(c); }"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expectRewrite(t, test.in, test.want, Options{}) })
	}
}

func TestRewriteRhino(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"conditional catch", "try { a } catch (e if e.b) { c } catch (e if d(e)) { f } finally { g }", "try { a } catch (e) { e = __e4x.caught(e); if (e.b) { c } else if (d(e)) { f } else throw e; } finally { g }"},
		{"conditional catch with another name", "try { a } catch (e if b) { c } catch (f) { d }", "try { a } catch (e) { e = __e4x.caught(e); if (b) { c } else { let f = e; { d } } }"},
		{"expression closure", "f = function (x) x * x; function g() 1;", "f = function (x) { return x * x; }; function g() { return 1; };"},
		{"array comprehension", "[x * 2 for each (x in l) if (x > 1)]", "((e, l) => l(e))((x) => (x * 2), ($wf) => { var $wr = []; for (let x of __e4x.each(l)) if (x > 1) $wr.push($wf(x)); return $wr; })"},
		{"comprehension over keys", "[k for (k in o)]", "((e, l) => l(e))((k) => (k), ($wf) => { var $wr = []; for (let k in o) $wr.push($wf(k)); return $wr; })"},
		{"let block", "let (a = 1, b = a) { f(a) }", "{ let $w1 = 1; let $w2 = a; { let a = $w1, b = $w2; { f(a) } } }"},
		{"let expression", "v = let (a = 1) a + 2", "v = ((...v) => (f) => f(...v))(1)((a) => (a + 2))"},
		{"let expression as a statement", "f()\nlet (a = 1) g(a)", "f()\n0, ((...v) => (f) => f(...v))(1)((a) => (g(a)))"},
		{"function in a block", "if (c) { function f() { return 1 } } else function f() {}", "var f; if (c) { f = function () { return 1 }; } else f = function () {};"},
		{"function in a block of a function", "function g() { { function* f() {} } }", "function g() { var f; { f = function* () {}; } }"},
		{"function in a block with a let of its name around", "{ let f; { function f() {} } }", "{ let f; { function f() {} } }"},
		{"constant", "const c = 1; c = 2; c += x; [c, d] = q; ({c} = q)", "var $w1; var c = 1; $w1 = 2; $w1 = __e4x.add(c, x); [$w1, d] = q; ({c: $w1} = q)"},
		{"constant counted up", "const c = 1; c++; ++c; --c", "var $w1; var c = 1; Number(c); Number(+c + 1); Number(c - 1)"},
		{"constant in a loop", "for (i in o) { const c = i; f(c) }", "var $w1, $w2; for (i in o) { var c = ($w1 = i, $w2 ? c : ($w2 = true, $w1)); f(c) }"},
		{"constants of two blocks", "{ const c = 1 } { const c = 2 }", "{ let c = 1 } { let c = 2 }"},
		{"constant in the head of a loop", "for (const k of l) f(k)", "for (let k of l) f(k)"},
		{"let of a function", "let a = 1; var a", "var a = 1; var a"},
		{"let in a block keeps its own", "let a; { let a = 1; f(a) }", "var a; { let a = 1; f(a) }"},
		{"let after var in a block", "{ var a; let a = 1 }", "{ var a; var a = 1 }"},
		{"let used before it is declared", "{ f(a); let a = 1 }", "{ f(a); var a = 1 }"},
		{"let of a loop", "for (let i = 0; i < 3; i++) f(i)", "for (let i = 0; i < 3; i++) f(i)"},
		{"let of a loop in a closure", "a: for (let i = 0, {n} = o; i < n; i++) f(() => i)", "{ let i, n; a: for (i = 0, ({n} = o); i < n; i++) f(() => i) }"},
		{"let of for-in in a closure", "for (let k in o) f(() => k)", "{ let k; for (k in o) f(() => k) }"},
		{"let of for each in a closure", "for each (let k in o) f(() => k)", "{ let k; for (k of __e4x.each(o)) f(() => k) }"},
		{"backticks", "`a ${b} \\1 \\0`", "`a \\${b} \\x01 \\0`"},
		{"zero-width space", "a\u200b;\n\u200b\nb = '\u200b' \u00ad+ 1", "a   ;\n   \nb = '\u200b'   + 1"},
		{"html comments", "a <!-- b\n--> c\nd", "a //-- b\n//> c\nd"},
		{"strict mode", "'use strict'\nf()", "void 'use strict'\nf()"},
		{"strict mode of a function", "function f() { 'use strict'; const c = 1; c = 2 }", "function f() { void 'use strict'; var $w1; var c = 1; $w1 = 2 }"},
		{"object after new", "new R(1) { run: f }; new R { run: f }; new R() {}", "new R(1, { run: f }); new R({ run: f }); new R({})"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expectRewrite(t, test.in, test.want, Options{}) })
	}
}

func TestRewriteModern(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"template", "`a ${b == c} d ${`${e}`}`", "`a ${__e4x.eq(b, c)} d ${`${e}`}`"},
		{"tagged template", "x['a']['b']`c ${d}`", "x['a']['b']`c ${d}`"},
		{"constants and blocks", "const c = 1; { function f() {} } let d; for (const e of f) g(() => e)", "const c = 1; { function f() {} } let d; for (const e of f) g(() => e)"},
		{"strict mode", "'use strict'; default xml namespace = a; return", "'use strict'; var $w1 = __e4x.enter(); try { __e4x.ns(a); return } finally { __e4x.leave($w1) }"},
		{"E4X", "for each (const a in m['x']['y']) f(a.@id)", "for (const a of __e4x.each(__e4x.get(m, 'x', 'y'))) f(a[\"@id\"])"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { expectRewrite(t, test.in, test.want, Options{Modern: true}) })
	}
}

// expectRewrite also asks that goja takes the result and that no line moved.
func expectRewrite(t *testing.T, in, want string, o Options) {
	t.Helper()
	u, err := Rewrite("t", in, o)
	if err != nil {
		t.Fatalf("%s\n%v", in, err)
	}
	if got := named(u.Code); got != want {
		t.Errorf("%s\n got %s\nwant %s", in, got, want)
	}
	if a, b := strings.Count(in, "\n"), strings.Count(u.Code, "\n"); a != b {
		t.Errorf("%d line ends became %d\n%s", a, b, u.Code)
	}
	if err := parses("function f() {" + u.Code + "\n}"); err != nil {
		t.Errorf("%s\n%v", u.Code, err)
	}
}

// named writes the host's operations with their names.
func named(code string) string {
	code = strings.ReplaceAll(code, host("enter")+"0)", HostName+".enter()")
	for _, name := range Operations {
		code = strings.ReplaceAll(code, host(name), HostName+"."+name+"(")
	}
	return code
}

// What the language has beside E4X must be understood and come out as it is.
func TestLanguageIsUntouched(t *testing.T) {
	for _, src := range languageSamples {
		u, err := Rewrite("t", src, Options{Modern: true})
		if err != nil {
			t.Errorf("%s\n%v", src, err)
			continue
		}
		if u.Code != src {
			t.Errorf("%s\nbecame\n%s", src, u.Code)
		}
		if err := parses("function f() {" + src + "\n}"); err != nil {
			t.Logf("goja refuses %s: %v", src, err)
		}
	}
}

func TestLiteral(t *testing.T) {
	u, err := Rewrite("t", "x = <a k=\"1 &lt;\n2\" {n}={v}><p:b/> t&#65;\r\n{w}<![CDATA[<]]><!-- c --><?p  i?></a>; y = <>z<b/></>", Options{FirstLiteral: 7})
	if err != nil {
		t.Fatal(err)
	}
	if want := "x = __e4x.xml(7\n, n, v\r\n, w); y = __e4x.xml(8)"; named(u.Code) != want {
		t.Errorf(" got %q\nwant %q", u.Code, want)
	}
	got := show(u.Literals[0]) + "\n" + show(u.Literals[1])
	want := `3 holes: <a k="1 < 2" {0}={1}>[<p:b>[] " tA\n" {2} cdata"<" comment" c " pi p "i"]` + "\n" +
		`list 0 holes: "z" <b>[]`
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

var languageSamples = []string{
	"var a = 010, b = 0x1F, c = 0b11, d = 0o17, e = 1e-3, f = .5, g = 5., h = 10n, i = 1_000, j = 089.5",
	"x.if.class.default.each; ({if: 1, class: 2, 'x y': 3, 4: 5, get: 6, set: 7, async: 8, of: 9})",
	"({get a() { return 1 }, set a(v) {}, async b() {}, *c() {}, async *d() {}, [e]: 1, 'f'() {}, get() {}, async() {}})",
	"class A extends (B, C) { static x = 1; #y; y; 'z' = 2; [k] = 3; get a() { return this.#y } static async *b() {} static { f() } constructor() { super(); new.target } has(o) { return #y in o } }",
	"var {a, b: [c, , d = 1, ...e], ...f} = g; [a, b.c, d[0]] = h; ({a, b: c.d} = i)",
	"function f(a, {b, c} = {}, [d] = [], ...e) {}",
	"var f = (a, b = 1, {c}, ...d) => ({a}), g = a => { return a }, h = async a => await a, i = async (a, b) => { await a; for await (var x of b) ; }",
	"function* f() { yield; yield a; var c = yield\nd }",
	"async function f() { await g() } var async; async = 1; async\nfunction h() {}",
	"a ? b : c ? d : e; a ?? b; a?.b?.[c]?.(d); a ** b ** c; a ||= b; c &&= d; e ??= f; g **= h; i >>>= j",
	"lab: for (;;) { for (var k in o) { if (k) continue lab; else break lab } }",
	"do x--; while (x > 0) y(); switch (a) { case 1: case 'b': c(); break; default: d() } with (o) { p = q }",
	"try { a() } catch { b() } finally { c() } debugger; ; if (a) ; else b()",
	"var yield_ = 1, let_ = 2, of = 3, get = 4, each = 5; of = each; var let = 1; let = 2",
	"for (var i = 0, n = 1; i < n; i++, n--) ; for (;;) break; for (var x of y) z(x); for (x.y in z) ; for ([a, b] of c) ;",
	"a = b\n/c/d\nvar \u00e9t\u00e9 = '\u2028', \\u0061b = 1\na\u00a0= 2",
	"void 0, !a, ~b, -c, +d, delete e.f, a in b, a instanceof b, a << 1 >> 2 >>> 3 & 4 | 5 ^ 6, (1, 2)",
	"'a\\\nb'; \"\\x41\\u0041\\u{41}\\101\"; /[/\\]]\\//gi.test(s)",
	"new A; new A(); new A.B.C(d).e(); new (f())(); new new A()()",
}
