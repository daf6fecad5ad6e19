// Package e4x turns the JavaScript dialect of existing channels into plain
// JavaScript that goja runs.
//
// The dialect is the one of the Rhino engine: ECMAScript 5, parts of ES2015,
// E4X (ECMA-357) and Rhino's own extensions. ES2015 to ES2023 syntax that goja
// understands is accepted too, so new scripts may use both. The package has
// its own scanner and parser for the whole language; nothing is decided by
// looking at text patterns.
//
// [Rewrite] parses a script, then copies the source to the output and changes
// only the constructs that plain JavaScript lacks. Every statement stays on
// its line: whatever is left out gives its line ends back. A script that uses
// none of the constructs comes out byte for byte. [Unit.Position] leads from a
// place in the output back to the source, for error reports.
//
// # What the output calls
//
// XML literals become templates ([Literal]) that the runtime instantiates.
// Everything else that needs XML semantics becomes a call of one host function,
// the reserved global __e4x, whose first argument says which of [Operations] is
// meant. Written with their names:
//
//	source                        output
//	<a k={v}>{w}</a>              __e4x.xml(n, v, w)
//	msg['PID']['PID.3']           __e4x.get(msg, 'PID', 'PID.3')
//	x.toString()                  __e4x.str(x)
//	msg['PID']['PID.3'].toString()
//	                              __e4x.getstr(msg, 'PID', 'PID.3')
//	x.split('^')                  __e4x.call(x, "split", '^')
//	x..name                       __e4x.desc(x, "name")
//	x.b.(c == 'v')                __e4x.filter(x.b, ($w) => { with ($w) return (…) })
//	a name inside a predicate     __e4x.ref(() => name)
//	a == b, a != b                __e4x.eq(a, b), !__e4x.eq(a, b)
//	a + b                         __e4x.add(a, b)
//	a += b                        a = __e4x.add(a, b)
//	x.b += v                      __e4x.addTo(x, "b", v)
//	msg['PID']['PID.3'] = v       __e4x.set(msg, 'PID', 'PID.3', v)
//	typeof v                      __e4x.typeof(v)
//	for each (var a in v)         for (var a, l = __e4x.each(v), i = 0; i < l.length && (a = l[i++], true);)
//	for each (let a in v)         for (let a of __e4x.each(v))
//	x.@id, x.*                    x["@id"], x["*"]
//	x.@[e]                        x[__e4x.at(e)]
//	x.ns::b, x.@ns::b, x.*::[e]   x[__e4x.qn(ns, "b", false)], …
//	delete x..c, delete f()       __e4x.del(…)
//	default xml namespace = v     __e4x.ns(v)
//	the function around it        var t = __e4x.enter(); try { … }
//	                              finally { __e4x.leave(t) }
//	eval(s), new Function(s)      eval(__e4x.src(s)), new Function(__e4x.src(s))
//
// A script without a return does not restore the namespace it sets: in the
// original it is one script with the units after it.
//
// get fuses a chain of two or more constant keys (names, string literals,
// indexes, .@id and .*) that is read, if at least one is not a plain name;
// a.b.c stays native. call is emitted for the methods of XML and XMLList and
// for those of strings (see methods.go), and only when the receiver may be
// XML: a read of the same name without a call stays a read of a child. eq and
// add are emitted only when an operand may be XML or a Java object; what is
// known about an operand without running the script is in kind.go, and about
// a local variable in infer.go. Reading, assigning, deleting and testing ("in")
// a single member stay native, because host objects trap them.
//
// # Rhino's dialect
//
// These are rewritten in the Rhino dialect, which is the default:
//
//   - catch clauses with conditions, expression closures (function (x) x * x),
//     array comprehensions, let blocks and let expressions, object literals
//     after a new expression (also accepted with [Options.Modern]);
//   - a function declared in a block is a variable of the function around,
//     assigned when execution reaches the declaration;
//   - const is a variable of the function, its first value sticks, and
//     assigning to it again is ignored;
//   - let in a function's outermost block may repeat a var; a closure in a
//     loop sees the loop's one variable, not one per round;
//   - backtick strings do not interpolate;
//   - <!-- and --> start comments (also with [Options.Modern]);
//   - format characters between tokens, such as zero-width spaces, count for
//     nothing;
//   - "use strict" is a string without effect.
package e4x
