package e4x

import (
	"testing"

	"github.com/dop251/goja"
)

// simpleHost is just enough of __e4x for scripts without XML.
const simpleHost = `var operations = {
	get: (o, ...k) => k.reduce((o, k) => o[k], o),
	str: o => o.toString(),
	getstr: (o, ...k) => k.reduce((o, k) => o[k], o).toString(),
	call: (o, n, ...a) => o[n](...a),
	eq: (a, b) => a == b,
	add: (a, b) => a + b,
	addTo: (o, k, v) => o[k] += v,
	typeof: v => typeof v,
	each: v => Object.keys(v).map(k => v[k]),
	filter: (o, f) => o.filter(f),
	ref: f => { try { return f() } catch (e) { return 'none' } },
	src: s => s,
	caught: e => e,
	make: (f, ...a) => new f(...a),
	ns: v => log.push('ns ' + v),
	enter: () => { log.push('enter'); return 7 },
	leave: t => log.push('leave ' + t),
};
var __e4x = (n, ...args) => operations[names[n]](...args);
var log = [];`

// Rhino's dialect must do in goja what it did in Rhino.
func TestRunRhino(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"for each", "var s = ''; for each (x in [1, 2]) s += x; for each (var y in {a: 3}) s += y; return s + x", "1232"},
		{"conditional catch", "function f(v) { try { throw v } catch (e if e == 1) { return 'one' } catch (e if e == 2) { return 'two' } catch (g) { return 'other ' + g } } return [f(1), f(2), f(3)].join()", "one,two,other 3"},
		{"conditional catch that does not catch", "try { try { throw 1 } catch (e if e == 2) { return 'wrong' } finally { log.push('finally') } } catch (e) { return e + log.join() }", "1finally"},
		{"expression closure", "return (function (x) x * x)(3) + [1, 2].map(function (v) v + 1).join()", "92,3"},
		{"comprehension", "var l = [1, 2, 3], t = this; return [x * y for each (x in l) for each (y in [10, 20]) if (x != 2)].join() + [k for (k in {a: 1, b: 2})].join()", "10,20,30,60a,b"},
		{"let block", "var a = 1, r; let (a = a + 1, b = a) { r = a * 10 + b } return r + ' ' + a", "21 1"},
		{"let expression", "var a = 1; return let (a = a + 1, b = 5) a + b", "7"},
		{"function in the branch taken", "if (true) { function f() { return 1 } } else { function f() { return 2 } } return f()", "1"},
		{"function in a loop", "for (var i = 0; i < 2; i++) { function f() { return i } } return f()", "2"},
		{"constant keeps its value", "const c = 1; c = 2; c += 5; c++; [c] = [9]; for (c in {z: 1}); return c", "1"},
		{"value of assigning to a constant", "const c = 1; return [c = 2, c += 5, c++, ++c].join()", "2,6,1,2"},
		{"constant in a loop sticks", "var r = ''; for (var i = 0; i < 3; i++) { const c = i; r += c } return r + c", "0000"},
		{"constant of a call is new", "function f(i) { for (;;) { const c = i; return c } } return f(1) + f(2)", "3"},
		{"constant of a block is seen outside", "if (true) { const c = 1 } return c", "1"},
		{"constant in the head of a loop", "var r = ''; for (const k of [1, 2]) { r += k } for (const q in {a: 1}) r += q; return r", "12a"},
		{"let after var", "var a = 1; let a; return a", "1"},
		{"inner let is its own", "let a = 1; { let a = 2 } for (let a = 3; a < 4; a++) ; return a", "1"},
		{"let of a loop is shared", "var l = []; for (let i = 0; i < 2; i++) l.push(function () i); return l[0]() + l[1]()", "4"},
		{"let of for-in is shared", "var l = []; outer: for (let k in {a: 1, b: 2}) { for (;;) { l.push(function () k); continue outer } } return l[0]() + l[1]()", "bb"},
		{"no dead zone", "var r = typeof a; { r += typeof b; let b = 1 } let a = 1; return r", "undefinedundefined"},
		{"backticks", "var b = 1; return `a ${b}\n\\1c`.length", "9"},
		{"html comment", "var a = 1; <!-- a = 2\na++\n--> a = 5\nreturn a", "2"},
		{"never strict", "'use strict'; undeclared = 010; return undeclared", "8"},
		{"namespace is restored", "function f() { default xml namespace = 'x'; function g() { return 1 } return g() } f(); return log.join()", "enter,ns x,leave 7"},
		{"namespace and names declared twice", "function f(p) { default xml namespace = 'x'; var r = typeof w, v = 1; function v() {} var w; for (var w in {k: 1}); function w() {} function g() { return 1 } function g() { return 2 } return g() + v + p + r + w } return f(3)", "6functionk"},
		{"typeof of nothing", "return typeof nothing", "undefined"},
		{"predicate", "var want = 2; return [{a: 1}, {a: 2}, {}].(a == want || a == 'none').length", "2"},
		{"predicate keeps this and arguments", "function f() { return [1].(this.k + arguments[0] == 3).length } return f.call({k: 1}, 2)", "1"},
		{"arguments in an arrow function", "function f() { return (() => [1, 2].map(function (x) x + arguments.length).concat(arguments[0]))() } return f('z').join()", "4,5,z"},
		{"arguments in an expression closure", "return (function () [arguments[0] for each (x in [1, 2])])('a').join()", "a,a"},
		{"shorthand in a predicate", "return [{a: 1}].({a}.a == 1).length", "1"},
		{"each operand once", "var n = 0; function o() { n++; return {k: 'a'} } o().k += o(); o()[n++] += n; return n", "4"},
		{"source text", "return eval('for each (var i in [4]) i; i')", "4"},
		{"object after new", "function R(a, b) { this.v = a + b.k } return new R(1) { k: 2 }.v", "3"},
		{"argument of delete", "var o = {a: {b: 1}}; delete o['a']['b']; return 'b' in o.a", "false"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := Rewrite("t", test.src, Options{})
			if err != nil {
				t.Fatal(err)
			}
			rt := goja.New()
			if _, err := rt.RunString(simpleHost); err != nil {
				t.Fatal(err)
			}
			rt.Set("names", Operations[:])
			rt.Set("rewrite", func(s string) string {
				u, err := Rewrite("eval", s, Options{})
				if err != nil {
					panic(rt.NewGoError(err))
				}
				return u.Code
			})
			if _, err := rt.RunString("operations.src = rewrite"); err != nil {
				t.Fatal(err)
			}
			v, err := rt.RunString("(function () {" + u.Code + "\n})()")
			if err != nil {
				t.Fatalf("%s\n%v", u.Code, err)
			}
			if v.String() != test.want {
				t.Errorf("%s\n%s\n got %s\nwant %s", test.src, u.Code, v, test.want)
			}
		})
	}
}
