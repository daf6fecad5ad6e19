package script_test

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/datatype/all"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/velocity"
	"github.com/weir-health/weir/tree"
)

// bombs are scripts that would take time, memory or stack without end. Each must
// end in an error, by itself or because the watch ended it; want is part of what
// that error says where it is not just any, and "-" where it may end well because
// the engine found a way to do it.
var bombs = []struct{ name, body, want string }{
	// Loops in every place that runs a script's code.
	{"loop in a getter", `var o = {get x() { for (;;); }}; o.x`, "time limit"},
	{"loop in a setter", `var o = {set x(v) { for (;;); }}; o.x = 1`, "time limit"},
	{"loop in toString", `'' + {toString: function () { for (;;); }}`, "time limit"},
	{"loop in valueOf", `1 * {valueOf: function () { for (;;); }}`, "time limit"},
	{"loop in toPrimitive", `var o = {}; o[Symbol.toPrimitive] = function () { for (;;); }; '' + o`, "time limit"},
	{"loop in sort", `[3, 2, 1].sort(function () { for (;;); })`, "time limit"},
	{"loop in replace", `'abc'.replace(/b/, function () { for (;;); })`, "time limit"},
	{"loop in toJSON", `JSON.stringify({toJSON: function () { for (;;); }})`, "time limit"},
	{"loop in a reviver", `JSON.parse('[1]', function () { for (;;); })`, "time limit"},
	{"loop in a predicate", `function f() { for (;;); } var x = <a><b/></a>; return x.b.(f())`, "time limit"},
	{"loop in an XML literal", `function f() { for (;;); } return <a>{f()}</a>`, "time limit"},
	{"loop in a generator", `function* g() { for (;;); } g().next()`, "time limit"},
	{"endless generator", `function* g() { for (;;) yield 1; } for (var x of g());`, "time limit"},
	{"endless iterator", `var o = {}; o[Symbol.iterator] = function () { return {next: function () { return {done: false}; }} }; for (var x of o);`, "time limit"},
	{"endless iterator in Array.from", `var o = {}; o[Symbol.iterator] = function () { return {next: function () { return {done: false, value: 1}; }} }; Array.from(o)`, ""},
	{"endless iterator in Map", `var o = {}, i = 0; o[Symbol.iterator] = function () { return {next: function () { return {done: false, value: [i++, 1]}; }} }; new Map(o)`, ""},
	{"loop in catch", `try { throw 1 } catch (e) { for (;;); }`, "time limit"},
	{"loop in finally", `try { throw 1 } finally { for (;;); }`, "time limit"},
	{"finally that returns", `function f() { try { for (;;); } finally { return 1 } } for (;;) f()`, "time limit"},
	{"finally that continues", `for (;;) { try { for (;;); } finally { continue } }`, "time limit"},
	{"promise that resolves again", `function f() { return Promise.resolve().then(f) } f()`, "time limit"},
	{"loop in a promise", `Promise.resolve().then(function () { for (;;); })`, "time limit"},
	{"loop in an async function", `Promise.resolve(1).then(function () { return new Promise(function () { for (;;); }) })`, "time limit"},
	{"loop in a proxy", `var p = new Proxy({}, {get: function () { for (;;); }}); p.x`, "time limit"},
	{"loop in has of with", `with (new Proxy({}, {has: function () { for (;;); }})) { x }`, "time limit"},
	{"loop in a Java comparator", `var l = new java.util.ArrayList(); l.add(1); l.add(2); java.util.Collections.sort(l, function () { for (;;); })`, "time limit"},
	{"loop in a Java forEach", `var l = new java.util.ArrayList(); l.add(1); l.forEach(function () { for (;;); })`, "time limit"},
	{"loop in Java toString", `var l = new java.util.ArrayList(); l.add({toString: function () { for (;;); }}); '' + l`, "time limit"},
	{"loop in eval", `eval('for (;;);')`, "time limit"},
	{"loop in Function", `new Function('for (;;);')()`, "time limit"},
	{"loop in a map's value", `channelMap.put('a', {toString: function () { for (;;); }}); '' + channelMap`, "time limit"},
	{"loop in a logged value", `logger.info({toString: function () { for (;;); }})`, "time limit"},
	{"loop in an array's length", `Array.prototype.map.call({get length() { for (;;); }}, function () {})`, "time limit"},
	{"loop in for each", `for each (var i in {get x() { for (;;); }});`, "time limit"},
	{"loop in an XML name", `var x = <a/>; x[{toString: function () { for (;;); }}]`, "time limit"},
	{"loop in XML equality", `<a>1</a> == {toString: function () { for (;;); }}`, ""},
	{"loop in default xml namespace", `default xml namespace = {toString: function () { for (;;); }}`, "time limit"},

	// Loops inside of the engine.
	{"indexOf over a length", `[].indexOf.call({length: 9007199254740991}, 1)`, ""},
	{"lastIndexOf over a length", `[].lastIndexOf.call({length: 9007199254740991}, 1)`, ""},
	{"includes over a length", `[].includes.call({length: 9007199254740991}, 1)`, ""},
	{"includes in an empty array", `new Array(4294967295).includes(1)`, ""},
	{"indexOf in an empty array", `var a = []; a.length = 4294967295; a.indexOf(1)`, ""},
	{"map over a length", `var a = []; a.length = 4294967295; a.map(function (x) { return x })`, ""},
	{"forEach over a length", `[].forEach.call({length: 9007199254740991}, function () {})`, ""},
	{"every over a length", `[].every.call({length: 9007199254740991}, function () { return true })`, ""},
	{"reduce over a length", `[].reduce.call({length: 9007199254740991}, function () {})`, ""},
	{"filter over a length", `var a = new Array(4294967295); a.filter(Boolean)`, ""},
	{"find over a length", `[].find.call({length: 9007199254740991}, Boolean)`, ""},
	{"join over a length", `new Array(4294967295).join('x')`, ""},
	{"join of an array-like", `[].join.call({length: 4294967295}, 'xxxxxxxxxxxx')`, ""},
	{"toString of an array", `'' + new Array(4294967295)`, ""},
	{"toLocaleString of an array", `new Array(4294967295).toLocaleString()`, ""},
	{"fill", `new Array(4294967295).fill(0)`, ""},
	{"fill of an array-like", `[].fill.call({length: 9007199254740991}, 0)`, ""},
	{"reverse", `var a = new Array(4294967295); a.reverse()`, ""},
	{"reverse of an array-like", `[].reverse.call({length: 9007199254740991})`, ""},
	{"sort of an array-like", `[].sort.call({length: 9007199254740991})`, ""},
	{"sort of holes", `var a = [1]; a.length = 4294967295; a.sort()`, ""},
	{"shift of an array-like", `[].shift.call({length: 9007199254740991})`, ""},
	{"unshift of an array-like", `[].unshift.call({length: 9007199254740000}, 1)`, ""},
	{"splice of an array-like", `[].splice.call({length: 9007199254740000}, 0, 1)`, ""},
	{"slice of an array-like", `[].slice.call({length: 4294967295})`, ""},
	{"concat of holes", `var a = []; a.length = 4294967295; a.concat([1])`, ""},
	{"concat of a spreadable", `var o = {length: 4294967295}; o[Symbol.isConcatSpreadable] = true; [].concat(o)`, ""},
	{"copyWithin", `[].copyWithin.call({length: 9007199254740991}, 1, 0)`, ""},
	{"Array.from a length", `Array.from({length: 4294967295})`, ""},
	{"flat of a shared array", `var a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]; for (var i = 0; i < 12; i++) a = [a, a, a, a, a, a, a, a]; a.flat(20)`, ""},
	{"flat of itself", `var a = []; a.push(a, a); a.flat(100)`, ""},
	{"toSorted", `[].toSorted.call({length: 4294967295})`, ""},
	{"toReversed", `[].toReversed.call({length: 4294967295})`, ""},
	{"with", `[].with.call({length: 4294967295}, 0, 1)`, ""},
	{"toSpliced", `[].toSpliced.call({length: 4294967295}, 0, 1)`, ""},
	{"apply with a length", `Math.max.apply(null, {length: 4294967295})`, ""},
	{"Reflect.apply with a length", `Reflect.apply(Math.max, null, {length: 4294967295})`, ""},
	{"Reflect.construct with a length", `Reflect.construct(Array, {length: 4294967295})`, ""},
	{"spread of holes", `Math.max(...new Array(4294967295))`, ""},
	{"String.raw over a length", `String.raw({raw: {length: 9007199254740991}})`, ""},
	{"String.fromCharCode of many", `String.fromCharCode.apply(null, {length: 4294967295})`, ""},
	{"JSON of a length", `var a = []; a.length = 4294967295; JSON.stringify(a)`, ""},
	{"JSON of a shared object", `var a = {}; for (var i = 0; i < 40; i++) a = {a: a, b: a}; JSON.stringify(a)`, ""},
	{"JSON of a shared object, chosen keys", `var a = {}; for (var i = 0; i < 40; i++) a = {a: a, b: a}; JSON.stringify(a, ['a', 'b'])`, ""},
	{"JSON of shared strings", `var s = new Array(1 << 20).join('x'), a = []; for (var i = 0; i < 100000; i++) a.push(s); JSON.stringify(a)`, ""},
	{"JSON replacer list of a length", `JSON.stringify({a: 1}, new Array(4294967295))`, ""},
	{"JSON.parse nested", `JSON.parse(new Array(2000000).join('[') + '1')`, ""},
	{"JSON.stringify nested", `var a = []; for (var i = 0; i < 1e6; i++) a = [a]; JSON.stringify(a)`, ""},
	{"JSON cycle", `var a = {}; a.a = a; JSON.stringify(a)`, "TypeError"},
	{"freeze and keys of many", `var o = {}; for (var i = 0; ; i++) o['k' + i] = i`, ""},
	{"Object.keys of a long string", `Object.keys(new String(new Array(1 << 24).join('x'))); for (;;);`, ""},
	{"prototype cycle", `var a = {}, b = {__proto__: a}; a.__proto__ = b`, "TypeError"},
	{"long prototype chain", `var o = {}; for (;;) o = Object.create(o)`, ""},
	{"BigInt power", `eval('2n ** 9999999999n')`, ""},
	{"BigInt shift", `eval('1n << 99999999999n')`, ""},
	{"BigInt multiplied", `var b = BigInt(3); for (;;) b = b * b`, ""},
	{"BigInt from text", `BigInt(new Array(1 << 24).join('9'))`, ""},
	{"BigInt to text", `var b = BigInt(3); for (var i = 0; i < 26; i++) b = b * b; return '' + b`, ""},
	{"sort of many", `var a = []; for (var i = 0; i < 200000; i++) a.push(i ^ 0x5555); for (;;) a.sort()`, "time limit"},

	// Regular expressions.
	{"backtracking", `/^(a+)+$/.test(new Array(60).join('a') + '!'); /(?=.)(a+)+$/.test(new Array(60).join('a') + '!'); for (;;);`, "time limit"},
	{"backtracking in replace", `(new Array(60).join('a') + '!').replace(/(?=.)(a|a)+$/, '')`, "-"},
	{"backtracking in match", `(new Array(60).join('a') + '!').match(/(?=.)(a|a)+$/g)`, "-"},
	{"backtracking in split", `(new Array(60).join('a') + '!').split(/(?=.)(?:a|a)+$/)`, "-"},
	{"backtracking in search", `(new Array(60).join('a') + '!').search(/(?=.)(a|a)+$/)`, "-"},
	{"backtracking many times", `for (;;) { try { /(?=.)(a+)+$/.test(new Array(60).join('a') + '!') } catch (e) {} }`, "time limit"},
	{"quadratic match", `new Array(400000).join('a').match(/a*b|a/g)`, ""},
	{"quadratic replace", `new Array(400000).join('a').replace(/a*b|a/g, 'c')`, ""},
	{"quadratic split", `new Array(400000).join('a').split(/a*b|a/)`, ""},
	{"regex replacement that grows", `var s = new Array(1 << 20).join('x'); s.replace(/x/g, s)`, ""},
	{"regex replacement by context", "var s = new Array(1 << 20).join('x'); s.replace(/x/g, '$`')", ""},
	{"replaceAll that grows", `var s = new Array(1 << 20).join('x'); s.replaceAll('x', s)`, ""},
	{"large counted repetition", `new RegExp('((a{1,1000}){1,1000}){1,1000}').test('a'); for (;;);`, ""},
	{"long expression", `new RegExp(new Array(1 << 22).join('(a|b)*')).test('ab'); for (;;);`, ""},
	{"nested expression", `new RegExp(new Array(1 << 20).join('(') + new Array(1 << 20).join(')')).test('a'); for (;;);`, ""},
	{"regex results", `var a = []; for (;;) a.push(new Array(1 << 16).join('ab').match(/a/g))`, ""},

	// Memory.
	{"repeat", `'xxxxxxxxxx'.repeat(1e9)`, ""},
	{"repeat by another name", `'xxxxxxxxxx'['rep' + 'eat'](1e9)`, ""},
	{"padStart", `'x'.padStart(2e9)`, ""},
	{"padEnd", `'x'.padEnd(2e9, 'ab')`, ""},
	{"concat of strings", `var s = new Array(1 << 24).join('x'), a = []; for (var i = 0; i < 10000; i++) a.push(s); ''.concat.apply('', a)`, ""},
	{"join of strings", `var s = new Array(1 << 24).join('x'), a = []; for (var i = 0; i < 10000; i++) a.push(s); a.join('')`, ""},
	{"join by a long separator", `new Array(1 << 20).join(new Array(1 << 20).join('x'))`, ""},
	{"split into characters", `var a = []; for (;;) a.push(new Array(1 << 22).join('x').split(''))`, ""},
	{"ArrayBuffer", `new ArrayBuffer(1e12)`, ""},
	{"ArrayBuffer of gigabytes", `new ArrayBuffer(6e9)`, ""},
	{"Uint8Array", `new Uint8Array(6e9)`, ""},
	{"Float64Array", `new Float64Array(4e9)`, ""},
	{"Float64Array of a length", `new Float64Array({length: 4e9})`, ""},
	{"typed arrays", `var a = []; for (;;) a.push(new Uint8Array(1 << 24))`, ""},
	{"Float64Array.from", `Float64Array.from({length: 4e9})`, ""},
	{"encodeURIComponent", `var s = '\u20ac'; for (;;) s = encodeURIComponent(s + s)`, ""},
	{"escape", `var s = '\u20ac'; for (;;) s = escape(s + s)`, ""},
	{"normalize", `var s = '\ufdfa'; for (;;) s = (s + s).normalize('NFKD')`, ""},
	{"toUpperCase", `var s = '\u0390'; for (;;) s = (s + s).toUpperCase()`, ""},
	{"array", `var a = []; for (;;) a.push([a.length])`, "memory"},
	{"array by concat", `var a = [1]; for (;;) a = a.concat(a)`, ""},
	{"Set", `var s = new Set(); for (var i = 0; ; i++) s.add(i)`, ""},
	{"closures", `var f = null; for (;;) f = (function (g) { var big = new Array(100).join('x' + Math.random()); return function () { return g && big } })(f)`, ""},
	{"symbols", `var o = {}; for (;;) o[Symbol()] = 1`, ""},
	{"toFixed and toString", `var a = []; for (;;) a.push((Math.random() * 1e300).toString(2) + Math.random())`, ""},
	{"console of errors", `var a = []; for (;;) a.push(new Error('x' + a.length))`, ""},
	{"map of the channel", `for (var i = 0; ; i++) channelMap.put('k' + i, new Array(1000).join('x' + i))`, ""},
	{"map of the channel, arrays", `var a = [1]; for (var i = 0; i < 30; i++) a = [a, a]; channelMap.put('a', a)`, "-"},
	{"map of the channel, objects", `var a = {}; for (var i = 0; i < 40; i++) a = {a: a, b: a}; globalMap.put('a', a); return a`, ""},
	{"log", `var s = 'xxxxxxxxxxxxxxxx'; for (;;) { logger.info(s); s += s }`, ""},
	{"function source", `var s = 'x=1;'; for (;;) { s += s; new Function(s) }`, ""},
	{"eval of nested code", `eval(new Array(1 << 20).join('('))`, ""},
	{"eval of nested arrays", `eval(new Array(1 << 20).join('['))`, ""},
	{"eval of nested XML", `eval(new Array(1 << 18).join('<a>'))`, ""},
	{"eval of a long sum", `eval(new Array(1 << 21).join('1+') + '1'); for (;;);`, ""},
	{"eval of nested functions", `eval(new Array(1 << 17).join('function f(){'))`, ""},
	{"eval of nested negations", `eval(new Array(1 << 21).join('!') + '1')`, ""},

	// XML.
	{"XML that grows", `var x = <a/>; for (;;) x.appendChild(<b>{x.toXMLString()}</b>)`, ""},
	{"XML doubled", `var x = <a><b/></a>; for (;;) x.appendChild(x.copy())`, ""},
	{"XML doubled by a list", `var x = <a><b/></a>; for (;;) x.b += x.b`, ""},
	{"XML children", `var x = <a/>; for (;;) x.appendChild(<b/>)`, ""},
	{"XML doubled by +", `var l = <><a/></>; for (;;) l += l`, ""},
	{"XML of itself", `var x = <a/>; x.appendChild(x); x.b = x; for (;;) x.c = x`, ""},
	{"XML deep", `var x = <a/>; for (;;) x = <a>{x}</a>`, ""},
	{"XML deep by assignment", `var x = <a/>, y = x; for (;;) { y.b = ''; y = y.b[0] }`, ""},
	{"XML deep text", `new XML(new Array(1 << 21).join('<a>'))`, ""},
	{"XML deep and closed", `new XML(new Array(1 << 20).join('<a>') + new Array(1 << 20).join('</a>')).toXMLString()`, ""},
	{"XML descendants", `var x = <a/>, y = x; for (var i = 0; i < 2000; i++) { y.b = ''; y = y.b[0] } for (;;) x..b..b`, ""},
	{"XML attributes", `var x = <a/>; for (var i = 0; ; i++) x['@k' + i] = i`, ""},
	{"XML namespaces", `var x = <a/>; for (var i = 0; ; i++) x.addNamespace(new Namespace('p' + i, 'u' + i))`, ""},
	{"XML index", `var x = <a/>; x.b[4294967294] = 1; for (;;) x.b[0] += x.b`, ""},
	{"XML entities", `new XML('<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;&d;&d;&d;</a>')`, "TypeError"},
	{"XML external entity", `new XML('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')`, "TypeError"},
	{"XML external DTD", `new XML('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>')`, "TypeError"},
	{"XML list doubled in a literal", `var x = <a/>; for (;;) x = <b>{x}{x}</b>`, ""},
	{"XML equality of deep trees", `var x = <a/>, i; for (i = 0; i < 22; i++) x = <b>{x}{x}</b>; for (;;) x == x.copy()`, ""},
	{"huge XML", `new XML('<a>' + new Array(1 << 25).join('<b/>') + '</a>')`, ""},
	{"XML setName and parents", `var x = <a/>; for (;;) x.prependChild(x)`, ""},

	// Depth.
	{"recursion", `(function f() { f() })()`, "too deeply"},
	{"recursion through apply", `(function f() { f.apply(this, arguments) })()`, "too deeply"},
	{"recursion through call.call", `(function f() { f.call.call(f) })()`, "too deeply"},
	{"recursion through bind", `var f = function () {}; for (var i = 0; i < 1e6; i++) f = f.bind(null); f()`, ""},
	{"recursion through sort", `(function f() { [1, 2].sort(f) })()`, "too deeply"},
	{"recursion through replace", `(function f() { 'a'.replace(/a/, f) })()`, "too deeply"},
	{"recursion through JSON", `(function f() { JSON.stringify({toJSON: f}) })()`, "too deeply"},
	{"recursion through a getter", `var o = {get x() { return this.x }}; o.x`, "too deeply"},
	{"recursion through a proxy", `var p = new Proxy({}, {get: function (t, k) { return p[k] }}); p.x`, "too deeply"},
	{"proxies in proxies", `var p = {}; for (var i = 0; i < 1e6; i++) p = new Proxy(p, {}); p.x`, ""},
	{"proxies in proxies, callable", `var p = function () {}; for (var i = 0; i < 1e6; i++) p = new Proxy(p, {}); p()`, ""},
	{"proxy as its own prototype", `var p = new Proxy({}, {}); Object.setPrototypeOf(p, p); p.x`, ""},
	{"recursion through a predicate", `var x = <a><b/></a>; function f() { return x.b.(f()) } f()`, "too deeply"},
	{"recursion through an XML literal", `function f() { return <a>{f()}</a> } f()`, "too deeply"},
	{"recursion through Java", `var l = new java.util.ArrayList(); l.add(1); (function f() { l.forEach(f) })()`, "too deeply"},
	{"recursion through a constructor", `function F() { new F() } new F()`, "too deeply"},
	{"recursion through eval", `function f() { eval('f()') } f()`, "too deeply"},
	{"recursion through instanceof", `var o = {}; Object.defineProperty(o, Symbol.hasInstance, {value: function (x) { return x instanceof o }}); 1 instanceof o`, "too deeply"},
	{"recursion through an iterator", `var o = {}; o[Symbol.iterator] = function () { for (var x of o); }; for (var x of o);`, "too deeply"},
	{"recursion through a generator", `function* g() { yield* g() } for (var x of g());`, ""},
	{"recursion through toString of Java", `var l = new java.util.ArrayList(); l.add({toString: function () { return '' + l }}); '' + l`, ""},
	{"array in itself, as text", `var a = []; a.push({toString: function () { return '' + a }}); '' + a; for (;;);`, ""},
	{"Java list in itself", `var l = new java.util.ArrayList(); l.add(l); '' + l`, "IllegalArgumentException"},
	{"Java map in itself", `var m = new java.util.HashMap(); m.put('m', m); '' + m`, "IllegalArgumentException"},
	{"Java list in itself, hash", `var l = new java.util.ArrayList(); l.add(l); l.hashCode()`, ""},
	{"Java lists in one another, equal", `var l = new java.util.ArrayList(), k = new java.util.ArrayList(); l.add(k); k.add(l); l.equals(k)`, ""},
	{"Java list in itself, JSON", `var l = new java.util.ArrayList(); l.add(l); JSON.stringify(l)`, ""},
	{"Java list in itself, in a map", `var l = new java.util.ArrayList(); l.add(l); channelMap.put('l', l); '' + channelMap`, ""},
	{"Java lists shared", `var l = new java.util.ArrayList(); l.add('x'); for (var i = 0; i < 40; i++) { var k = new java.util.ArrayList(); k.add(l); k.add(l); l = k } '' + l`, ""},
	{"Java lists shared, JSON", `var l = new java.util.ArrayList(); l.add('x'); for (var i = 0; i < 40; i++) { var k = new java.util.ArrayList(); k.add(l); k.add(l); l = k } JSON.stringify(l)`, ""},
	{"Java lists shared, hash", `var l = new java.util.ArrayList(); l.add('x'); for (var i = 0; i < 40; i++) { var k = new java.util.ArrayList(); k.add(l); k.add(l); l = k } l.hashCode()`, ""},
	{"Java lists shared, equal", `function f() { var l = new java.util.ArrayList(); l.add('x'); for (var i = 0; i < 40; i++) { var k = new java.util.ArrayList(); k.add(l); k.add(l); l = k } return l } f().equals(f())`, ""},

	// Java's classes.
	{"Java matches", `new java.lang.String(new Array(60).join('a') + '!').matches('(?=.)(a+)+')`, "time limit"},
	{"Java replaceAll", `new java.lang.String(new Array(60).join('a') + '!').replaceAll('(?=.)(a|a)+$', '')`, "-"},
	{"Java split", `new java.lang.String(new Array(60).join('a') + '!').split('(?=.)(?:a|a)+$')`, "-"},
	{"Java Matcher", `java.util.regex.Pattern.compile('(?=.)(a+)+$').matcher(new Array(60).join('a') + '!').find()`, "-"},
	{"Java regex many times", `for (;;) { try { new java.lang.String(new Array(60).join('a') + '!').matches('(?=.)(a+)+') } catch (e) {} }`, "time limit"},
	{"Java quadratic replaceAll", `new java.lang.String(new Array(400000).join('a')).replaceAll('a*b|a', 'c')`, ""},
	{"Java quadratic split", `new java.lang.String(new Array(400000).join('a')).split('a*b|a')`, ""},
	{"Java replaceAll that grows", `var s = new java.lang.String(new Array(1 << 20).join('x')); s.replaceAll('x', s)`, ""},
	{"Java replace that grows", `var s = new java.lang.String(new Array(1 << 20).join('x')); s.replace('x', s)`, ""},
	{"validate that grows", `var s = new Array(1 << 20).join('x'); validate(s, '', [['x', s]])`, ""},
	{"Java regex, nested", `java.util.regex.Pattern.compile(new Array(1 << 20).join('(') + new Array(1 << 20).join(')')); for (;;);`, ""},
	{"Java regex, repeated", `java.util.regex.Pattern.compile('(?=a)((a{1,1000}){1,1000}){1,1000}').matcher('a').find(); for (;;);`, ""},
	{"Java regexes without end", `for (var i = 0; ; i++) java.util.regex.Pattern.compile(new Array(1000).join('(a|b' + i + ')'))`, ""},
	{"Java format width", `java.lang.String.format('%2000000000d', 1)`, ""},
	{"Java format precision", `java.lang.String.format('%.2000000000f', 1.5)`, ""},
	{"Java format many", `java.lang.String.format(new Array(1 << 16).join('%99999s'), 'x')`, ""},
	{"Java repeat", `new java.lang.String('xxxxxxxxxx').repeat(1000000000)`, ""},
	{"Java StringBuilder", `var b = new java.lang.StringBuilder('xxxxxxxx'); for (;;) b.append(b)`, ""},
	{"Java StringBuilder setLength", `new java.lang.StringBuilder().setLength(2000000000)`, ""},
	{"Java StringBuilder capacity", `new java.lang.StringBuilder(2000000000).append('x').ensureCapacity(2000000000); for (;;);`, ""},
	{"Java StringBuilder insert", `var b = new java.lang.StringBuilder('xxxxxxxx'); for (;;) b.insert(0, b)`, ""},
	{"Java ArrayList", `var l = new java.util.ArrayList(); for (;;) l.add('x' + l.size())`, ""},
	{"Java ArrayList capacity", `new java.util.ArrayList(2000000000).add(1); for (;;);`, ""},
	{"Java ArrayList doubled", `var l = new java.util.ArrayList(); l.add('x'); for (;;) l.addAll(l)`, ""},
	{"Java HashMap", `var m = new java.util.HashMap(); for (var i = 0; ; i++) m.put('k' + i, i)`, ""},
	{"Java TreeMap", `var m = new java.util.TreeMap(); for (var i = 0; ; i++) m.put('k' + i, i)`, ""},
	{"Java array", `java.lang.reflect.Array.newInstance(java.lang.Byte.TYPE, 2000000000)`, ""},
	{"Java array of objects", `java.lang.reflect.Array.newInstance(java.lang.String, 2000000000)`, ""},
	{"Java array of arrays", `java.lang.reflect.Array.newInstance(java.lang.Byte.TYPE, 100000, 100000)`, "-"},
	{"Java nCopies", `java.util.Collections.nCopies(2000000000, 'x')`, ""},
	{"Java Arrays.copyOf", `java.util.Arrays.copyOf([1], 2000000000)`, ""},
	{"Java Arrays.asList of a length", `var a = []; a.length = 4294967295; java.util.Arrays.asList(a)`, ""},
	{"JavaScript array as a list", `var a = []; a.length = 4294967295; new java.util.ArrayList(a)`, ""},
	{"JavaScript array as bytes", `var a = []; a.length = 4294967295; new java.lang.String(a)`, ""},
	{"Java BigInteger power", `java.math.BigInteger.TEN.pow(2000000000)`, ""},
	{"Java BigInteger multiplied", `var b = new java.math.BigInteger('3'); for (;;) b = b.multiply(b)`, ""},
	{"Java BigInteger shift", `java.math.BigInteger.ONE.shiftLeft(2000000000)`, ""},
	{"Java BigInteger modPow", `var b = new java.math.BigInteger(new Array(9000).join('7')); for (;;) b.modPow(b, b)`, ""},
	{"Java BigInteger from text", `new java.math.BigInteger(new Array(1 << 24).join('9'))`, ""},
	{"Java BigDecimal scale", `new java.math.BigDecimal('1').setScale(2000000000)`, "-"},
	{"Java BigDecimal exponent", `new java.math.BigDecimal('1E2000000000').toPlainString()`, ""},
	{"Java BigDecimal power", `new java.math.BigDecimal('1.1').pow(999999999)`, ""},
	{"Java BigDecimal movePoint", `new java.math.BigDecimal('1').movePointRight(2000000000).toPlainString()`, ""},
	{"Java BigDecimal multiplied", `var b = new java.math.BigDecimal('1.3'); for (;;) b = b.multiply(b)`, ""},
	{"Java DecimalFormat", `new java.text.DecimalFormat(new Array(1 << 22).join('0')).format(1); for (;;);`, ""},
	{"Java DecimalFormat digits", `var f = new java.text.DecimalFormat('0'); f.setMinimumIntegerDigits(2000000000); f.format(1)`, "-"},
	{"Java DecimalFormat fraction", `var f = new java.text.DecimalFormat('0'); f.setMinimumFractionDigits(2000000000); f.format(1)`, "-"},
	{"Java SimpleDateFormat", `new java.text.SimpleDateFormat(new Array(1 << 24).join('y')).format(new java.util.Date()); for (;;);`, ""},
	{"Java SimpleDateFormat many", `for (;;) new java.text.SimpleDateFormat(new Array(10000).join("MMMM ")).format(new java.util.Date())`, ""},
	{"Java sleep", `java.lang.Thread.sleep(3600000)`, "time limit"},
	{"Java sleep that catches", `for (;;) { try { java.lang.Thread.sleep(3600000) } catch (e) {} }`, "time limit"},
	{"Java TimeUnit sleep", `java.util.concurrent.TimeUnit.DAYS.sleep(10)`, ""},
	{"Java wait", `new java.lang.Object().wait()`, ""},
	{"Java PBKDF2", `var f = javax.crypto.SecretKeyFactory.getInstance('PBKDF2WithHmacSHA1'); f.generateSecret(new javax.crypto.spec.PBEKeySpec(new java.lang.String('secret').toCharArray(), new java.lang.String('saltsalt').getBytes(), 2000000000, 256)).getEncoded()`, ""},
	{"Java RSA key", `var g = java.security.KeyPairGenerator.getInstance('RSA'); g.initialize(65536); g.generateKeyPair()`, ""},
	{"Java digest of much", `var d = java.security.MessageDigest.getInstance('SHA-512'), b = new java.lang.String(new Array(1 << 20).join('x')).getBytes(); for (;;) d.update(b)`, "time limit"},
	{"Java random bytes", `new java.security.SecureRandom().generateSeed(2000000000)`, ""},
	{"Java GZIP bomb", `var o = new java.io.ByteArrayOutputStream(), z = new java.util.zip.GZIPOutputStream(o), b = new java.lang.String(new Array(1 << 20).join('x')).getBytes(); for (;;) z.write(b)`, ""},
	{"Java stream that grows", `var o = new java.io.ByteArrayOutputStream(), b = new java.lang.String(new Array(1 << 20).join('x')).getBytes(); for (;;) o.write(b)`, ""},
	{"Java sort of much", `var l = new java.util.ArrayList(); for (var i = 0; i < 100000; i++) l.add('k' + (i * 7919 % 100003)); for (;;) { java.util.Collections.sort(l); java.util.Collections.shuffle(l) }`, ""},
	{"Java DOM that grows", domHead + `var d = parse('<a/>'), e = d.documentElement; for (;;) e.appendChild(d.createElement('x'))`, ""},
	{"Java DOM that doubles", domHead + `var d = parse('<a/>'), e = d.documentElement; for (;;) { var k = e.cloneNode(true); e = d.createElement('x'); e.appendChild(k); e.appendChild(k.cloneNode(true)) }`, ""},
	{"Java DOM text that doubles", domHead + `var t = parse('<a>x</a>').documentElement.firstChild; for (;;) t.appendData(t.getData())`, ""},
	{"Java DOM names that double", domHead + `var d = parse('<a/>'), n = 'x'; for (;;) { d.createElement(n); n += n }`, ""},
	{"Java XPath without end", domHead + `var s = '<a>'; for (var i = 0; i < 5000; i++) s += '<b>' + i + '</b>'; find('count(//b[count(//b[. > ../b]) > //b])', parse(s + '</a>'))`, ""},
	{"Java DOM of much text", domHead + `var s = '<a>' + new Array(1 << 17).join('<b>1</b>') + '</a>'; for (;;) parse(s)`, ""},
	{"Java UUID", `for (;;) java.util.UUID.randomUUID()`, "time limit"},
	{"Java string of char arrays", `var l = []; for (;;) l.push(new java.lang.String(new Array(1 << 20).join('x')).toCharArray())`, ""},
	{"Java Base64", `var s = new java.lang.String('xxxx'); for (;;) s = new java.lang.String(java.util.Base64.getEncoder().encode((s + s + '').split('')))`, ""},
	{"Java future of its own", `ChannelUtil.stopChannel(channelId).get()`, ""},
	{"Java StringUtils.repeat", `org.apache.commons.lang3.StringUtils.repeat('xxxxxxxxxx', 1000000000)`, ""},
	{"Java StringUtils.leftPad", `org.apache.commons.lang3.StringUtils.leftPad('x', 2000000000)`, ""},
	{"Java StringUtils.replace", `var s = new Array(1 << 20).join('x'); org.apache.commons.lang3.StringUtils.replace(s, 'x', s)`, ""},
	{"Java StringUtils.join", `var s = new Array(1 << 20).join('x'); org.apache.commons.lang3.StringUtils.join(new Array(1 << 20), s)`, ""},
	{"Java StringUtils.getLevenshteinDistance", `var s = new Array(1 << 20).join('x'); org.apache.commons.lang3.StringUtils.getLevenshteinDistance(s, s + 'y')`, ""},
	{"Java LocalDate loop", `var d = java.time.LocalDate.now(); for (;;) d = d.plusDays(1)`, ""},
	{"Java Calendar add", `var c = java.util.Calendar.getInstance(); c.add(java.util.Calendar.DATE, 2147483647); for (;;);`, ""},
	{"Java Scanner", `var s = new java.util.Scanner(new Array(1 << 20).join('a ')); s.useDelimiter('(?=.)(a|a)+$'); for (;;) s.next()`, ""},
	{"Java unzip bomb", `var o = new java.io.ByteArrayOutputStream(), z = new java.util.zip.GZIPOutputStream(o), b = new java.lang.String(new Array(1 << 20).join('x')).getBytes(); for (var i = 0; i < 2000; i++) z.write(b); z.close(); new java.lang.String(org.apache.commons.io.IOUtils.toByteArray(new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(o.toByteArray()))))`, ""},
	{"Java streams", `java.util.stream.IntStream.range(0, 2000000000).sum(); for (;;);`, ""},
	{"Java String.join", `var s = new Array(1 << 20).join('x'); java.lang.String.join(s, new Array(1 << 20))`, ""},
	{"Java StringTokenizer", `var t = new java.util.StringTokenizer(new Array(1 << 20).join('a ')); for (;;) t = new java.util.StringTokenizer(new Array(1 << 20).join('a '))`, ""},
	{"NCPDP number", `NCPDPUtil.formatNCPDPNumber('12A', 2000000000)`, "-"},

	{"Java nCopies of many", `java.util.Collections.nCopies(60000000, 'x')`, "OutOfMemoryError"},
	{"Java array of many objects", `java.lang.reflect.Array.newInstance(java.lang.String, 60000000)`, "OutOfMemoryError"},
	{"Java IntStream.range of many", `java.util.stream.IntStream.range(0, 60000000).sum()`, "OutOfMemoryError"},
	{"Java Stream.iterate", `java.util.stream.Stream.iterate(1, function (x) { return x + 1 }).forEach(function () {}); for (;;);`, ""},
	{"Java Stream.iterate, counted", `java.util.stream.Stream.iterate(1, function (x) { return x + 1 }).limit(2000000000).count()`, ""},
	{"Java Stream.iterate, never done", `java.util.stream.Stream.iterate(1, function (x) { return true }, function (x) { return x + 1 }).count()`, ""},
	{"Java Stream.generate", `java.util.stream.Stream.generate(function () { return 'x' }).limit(60000000).collect(java.util.stream.Collectors.toList())`, ""},
	{"Java Stream.generate that loops", `java.util.stream.Stream.generate(function () { for (;;); }).limit(1).count()`, "time limit"},
	{"Java streams, flat", `var l = new java.util.ArrayList(); for (var i = 0; i < 10000; i++) l.add('x'); l.stream().flatMap(function (x) { return l.stream() }).count(); for (;;);`, ""},
	{"Java streams, distinct", `var l = new java.util.ArrayList(); for (var i = 0; i < 100000; i++) l.add('x' + i); l.stream().distinct().count()`, "time limit"},
	{"Java streams, joining", `var s = new Array(1 << 20).join('x'); java.util.Collections.nCopies(1 << 20, s).stream().collect(java.util.stream.Collectors.joining(s))`, ""},
	{"Java list removed one by one", `var l = new java.util.ArrayList(java.util.Collections.nCopies(1000000, 'x')); while (!l.isEmpty()) l.remove(0)`, "time limit"},
	{"Java list removeAll", `var l = new java.util.ArrayList(); for (var i = 0; i < 50000; i++) l.add('x' + i); var k = new java.util.ArrayList(l); for (;;) { l.removeAll(k); l.addAll(k) }`, "time limit"},
	{"Java list containsAll", `var l = new java.util.ArrayList(); for (var i = 0; i < 50000; i++) l.add('x' + i); for (;;) l.containsAll(l)`, "time limit"},
	{"Java list doubled by subList", `var l = java.util.Collections.nCopies(1 << 20, 'x'); for (;;) { var k = new java.util.ArrayList(l); k.addAll(l); l = k }`, ""},
	{"Java permutations of LocalDate", `java.time.LocalDate.of(1, 1, 1).datesUntil(java.time.LocalDate.of(999999, 1, 1)).count(); for (;;);`, ""},
	{"Java LocalDate, far", `java.time.LocalDate.now().plusYears(2000000000).plusYears(2000000000); for (;;);`, ""},
	{"Java DateTimeFormatter", `java.time.format.DateTimeFormatter.ofPattern(new Array(1 << 22).join('y')).format(java.time.LocalDate.now()); for (;;);`, ""},
	{"Java DateTimeFormatter, nested", `java.time.format.DateTimeFormatter.ofPattern(new Array(1 << 20).join('[') + new Array(1 << 20).join(']')).format(java.time.LocalDate.now()); for (;;);`, ""},
	{"Java DateTimeFormatter, options", `java.time.LocalDate.parse(new Array(60).join('1'), java.time.format.DateTimeFormatter.ofPattern(new Array(40).join('[d]') + 'x')); for (;;);`, ""},
	{"Java DateTimeFormatter, padded", `java.time.format.DateTimeFormatter.ofPattern('ppppppppppppppppppppppppppppppppppppppppy').format(java.time.LocalDate.now()); for (;;);`, ""},
	{"Joda pattern", `org.joda.time.format.DateTimeFormat.forPattern(new Array(1 << 22).join('y')).print(org.joda.time.DateTime.now()); for (;;);`, ""},
	{"Joda loop", `var d = org.joda.time.DateTime.now(); for (;;) d = d.plusDays(1)`, "time limit"},
	{"Joda, far", `org.joda.time.DateTime.now().plusYears(2000000000); for (;;);`, ""},
	{"Java BigInteger primes", `for (;;) new java.math.BigInteger(new Array(5000).join('7')).isProbablePrime(100)`, ""},
	{"Java BigInteger nextProbablePrime", `new java.math.BigInteger(new Array(5000).join('7')).nextProbablePrime(); for (;;);`, ""},
	{"Java BigInteger modInverse", `var b = new java.math.BigInteger(new Array(100000).join('7')); for (;;) b.modInverse(b.add(java.math.BigInteger.ONE))`, ""},
	{"Java BigInteger gcd", `var b = new java.math.BigInteger(new Array(100000).join('7')); for (;;) b.gcd(b.multiply(b).add(java.math.BigInteger.ONE))`, ""},
	{"Java BigInteger text", `var b = java.math.BigInteger.ONE.shiftLeft(3000000); for (;;) b.toString()`, ""},
	{"Java BigInteger random", `new java.math.BigInteger(2000000000, new java.util.Random()); for (;;);`, ""},
	{"Java BigDecimal divide", `new java.math.BigDecimal('1').divide(new java.math.BigDecimal('3'), 2000000000, java.math.RoundingMode.HALF_UP); for (;;);`, ""},
	{"Java BigDecimal added to one far off", `new java.math.BigDecimal('1E999999').add(new java.math.BigDecimal('1E-999999')); for (;;);`, ""},
	{"Java BigDecimal scale upon scale", `var b = new java.math.BigDecimal('1'); for (;;) b = b.movePointLeft(999999).movePointLeft(999999).add(java.math.BigDecimal.ONE)`, ""},
	{"Java BigDecimal compared", `new java.math.BigDecimal('1E999999').compareTo(new java.math.BigDecimal('1E-999999')); for (;;);`, ""},
	{"BigInt in a compound assignment", `var o = {b: BigInt(3)}; for (;;) o.b *= o.b`, ""},
	{"BigInt shifted in a compound assignment", `var o = {b: BigInt(3)}; for (;;) o.b <<= BigInt(1 << 20)`, ""},
	{"BigInt raised in a compound assignment", `var o = {b: BigInt(3)}; for (;;) o.b **= BigInt(9)`, ""},
	{"BigInt divided", `var b = BigInt(3); for (var i = 0; i < 19; i++) b *= b; for (;;) b / (b - BigInt(1)) % BigInt(7)`, ""},
	{"Java PBKDF2, many within the bound", `var f = javax.crypto.SecretKeyFactory.getInstance('PBKDF2WithHmacSHA512'); for (;;) f.generateSecret(new javax.crypto.spec.PBEKeySpec(new java.lang.String('secret').toCharArray(), new java.lang.String('saltsalt').getBytes(), 500000, 512)).getEncoded()`, ""},
	{"Java PBKDF2, long key", `var f = javax.crypto.SecretKeyFactory.getInstance('PBKDF2WithHmacSHA1'); f.generateSecret(new javax.crypto.spec.PBEKeySpec(new java.lang.String('secret').toCharArray(), new java.lang.String('saltsalt').getBytes(), 1000, 2000000000)).getEncoded()`, ""},
	{"Java key size", `var g = javax.crypto.KeyGenerator.getInstance('AES'); g.init(2000000000); g.generateKey()`, ""},
	{"Java HMAC key size", `var g = javax.crypto.KeyGenerator.getInstance('HmacSHA256'); g.init(2000000000); g.generateKey()`, ""},
	{"Java RSA keys", `var g = java.security.KeyPairGenerator.getInstance('RSA'); g.initialize(4096); for (;;) g.generateKeyPair()`, ""},
	{"Java RSA with a key of one's own", `var n = java.math.BigInteger.ONE.shiftLeft(500000).add(java.math.BigInteger.ONE); var k = java.security.KeyFactory.getInstance('RSA').generatePublic(new java.security.spec.RSAPublicKeySpec(n, n)); var c = javax.crypto.Cipher.getInstance('RSA'); c.init(1, k); c.doFinal([1]); for (;;);`, ""},
	{"Java cipher of much", `var c = javax.crypto.Cipher.getInstance('AES'); c.init(1, new javax.crypto.spec.SecretKeySpec(new java.lang.String('0123456789abcdef').getBytes(), 'AES')); var b = new java.lang.String(new Array(1 << 20).join('x')).getBytes(); for (;;) c.update(b)`, ""},

	// Templates in scripts.
	{"template: range", `replacer.replaceValues('#foreach($i in [1..2000000000])x#end'); for (;;);`, ""},
	{"template: nested loops", `replacer.replaceValues('#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])#end#end#end'); for (;;);`, ""},
	{"template: doubling", `replacer.replaceValues('#set($s = "xxxxxxxxxxxxxxxx")#foreach($i in [1..60])#set($s = "$s$s")#end$s'); for (;;);`, ""},
	{"template: doubling by +", `replacer.replaceValues("#set($s = 'xxxxxxxxxxxxxxxx')#foreach($i in [1..60])#set($s = $s + $s)#end$s"); for (;;);`, ""},
	{"template: lists", `replacer.replaceValues('#set($l = [1,2])#foreach($i in [1..60])#set($l = [$l, $l])#end$l'); for (;;);`, ""},
	{"template: list in itself", `replacer.replaceValues('#set($l = [1])$l.add($l)$l'); for (;;);`, ""},
	{"template: macro of itself", `replacer.replaceValues('#macro(m)#m()#m()#end#m()'); for (;;);`, ""},
	{"template: evaluate of itself", `replacer.replaceValues('#set($e = \'#evaluate($e)\')#evaluate($e)'); for (;;);`, ""},
	{"template: nested", `replacer.replaceValues(new Array(1 << 18).join('#if(true)') + new Array(1 << 18).join('#end')); for (;;);`, ""},
	{"template: parentheses", `replacer.replaceValues('#set($a = ' + new Array(1 << 20).join('(') + '1' + new Array(1 << 20).join(')') + ')'); for (;;);`, ""},
	{"template: regular expression", `replacer.replaceValues("#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(?=.)(a+)+')"); for (;;);`, ""},
	{"template: format", `replacer.replaceValues("$s.format('%2000000000d', 1)#set($s = '')$s.format('%2000000000d', 1)$s.repeat(2000000000)"); for (;;);`, ""},

	// Data types in scripts.
	{"HL7 of many fields", `var t = 'MSH|^~\\&|A\rPID' + new Array(1 << 24).join('|'); for (;;) SerializerFactory.getSerializer('HL7V2').toXML(t)`, ""},
	{"HL7 of many repetitions", `SerializerFactory.getSerializer('HL7V2').toXML('MSH|^~\\&|A\rPID|' + new Array(1 << 23).join('~^&')); for (;;);`, ""},
	{"HL7 of many segments", `SerializerFactory.getSerializer('HL7V2').toXML('MSH|^~\\&|A' + new Array(1 << 23).join('\rA')); for (;;);`, ""},
	{"HL7 of a far field", `SerializerFactory.getSerializer('HL7V2').fromXML('<HL7Message><MSH><MSH.1>|</MSH.1><MSH.2>^~\\&amp;</MSH.2></MSH><PID><PID.2000000000>x</PID.2000000000></PID></HL7Message>'); for (;;);`, ""},
	{"HL7 of far components", `var x = ''; for (var i = 0; i < 10000; i++) x += '<PID.' + (i + 1) + '><PID.1.999999><PID.1.1.999999>x</PID.1.1.999999></PID.1.999999></PID.' + (i + 1) + '>'; SerializerFactory.getSerializer('HL7V2').fromXML('<HL7Message><MSH><MSH.1>|</MSH.1><MSH.2>^~\\&amp;</MSH.2></MSH><PID>' + x + '</PID></HL7Message>'); for (;;);`, ""},
	{"EDI", `SerializerFactory.getSerializer('EDI/X12').toXML('ISA*00*          *00*          *ZZ*A              *ZZ*B              *200101*1200*U*00401*000000001*0*P*:~' + new Array(1 << 22).join('A*:~')); for (;;);`, ""},
	{"EDI of a far element", `SerializerFactory.getSerializer('EDI/X12').fromXML('<X12Transaction segmentDelimiter="~" elementDelimiter="*" subelementDelimiter=":"><A><A.2000000000><A.2000000000.1>x</A.2000000000.1></A.2000000000></A></X12Transaction>'); for (;;);`, ""},
	{"delimited", `SerializerFactory.getSerializer('DELIMITED').toXML(new Array(1 << 23).join(',"')); for (;;);`, ""},
	{"delimited rows", `SerializerFactory.getSerializer('DELIMITED').toXML(new Array(1 << 22).join('a,b\n')); for (;;);`, ""},
	{"delimited from XML", `var x = <delimited/>; for (;;) { x.appendChild(<row><column1>x</column1></row>); SerializerFactory.getSerializer('DELIMITED').fromXML(x.toXMLString()) }`, ""},
	{"NCPDP", `SerializerFactory.getSerializer('NCPDP').toXML('610066D0B1' + new Array(1 << 22).join('\x1d\x1e\x1cAM01')); for (;;);`, ""},
	{"NCPDP counts", `SerializerFactory.getSerializer('NCPDP').toXML('00000000000D0B1A         1071         1234567890     20200101          \x1e\x1cAM07\x1cNX999999999\x1c3V99999999'); for (;;);`, ""},
	{"DICOM", `SerializerFactory.getSerializer('DICOM').toXML(new Array(1 << 22).join('AAAA')); for (;;);`, ""},
	{"DICOM lengths", `SerializerFactory.getSerializer('DICOM').toXML('CAAFAFVM//8AAAAA/////w=='); for (;;);`, ""},
	{"XML by a serializer", `SerializerFactory.getSerializer('XML').toXML('<!DOCTYPE a [<!ENTITY b "bb">]>' + new Array(1 << 20).join('<a>')); for (;;);`, ""},
	{"JSON by a serializer", `SerializerFactory.getSerializer('JSON').toJSON(new Array(1 << 20).join('[')); for (;;);`, ""},
	{"HL7 v3 by a serializer", `SerializerFactory.getSerializer('HL7V3').toXML(new Array(1 << 20).join('<a>')); for (;;);`, ""},

	// Templates, XML tools and parsers that scripts reach.
	{"XmlUtil of entities", `XmlUtil.prettyPrint('<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'); for (;;);`, ""},
	{"XmlUtil of depth", `XmlUtil.prettyPrint(new Array(1 << 20).join('<a>') + new Array(1 << 20).join('</a>')); for (;;);`, ""},
	{"XmlUtil.toJson of depth", `XmlUtil.toJson(new Array(1 << 20).join('<a>') + new Array(1 << 20).join('</a>')); for (;;);`, ""},
	{"JsonUtil of depth", `JsonUtil.prettyPrint(new Array(1 << 20).join('[') + new Array(1 << 20).join(']')); for (;;);`, ""},
	{"JsonUtil.toXml of depth", `JsonUtil.toXml('{"a":' + new Array(1 << 20).join('[') + new Array(1 << 20).join(']') + '}'); for (;;);`, ""},
	{"XSLT document()", `` + xsltBomb(`<xsl:copy-of select="document('file:///etc/passwd')"/>`), ""},
	{"XSLT recursion", `` + xsltBomb(`<xsl:call-template name="t"/></xsl:template><xsl:template name="t"><xsl:call-template name="t"/>`), ""},
	{"XSLT growth", `` + xsltBomb(`<xsl:call-template name="t"><xsl:with-param name="s" select="'xxxxxxxxxxxxxxxx'"/></xsl:call-template></xsl:template><xsl:template name="t"><xsl:param name="s"/><xsl:call-template name="t"><xsl:with-param name="s" select="concat($s, $s)"/></xsl:call-template>`), ""},
	{"XSLT XPath", `` + xsltBomb(`<xsl:value-of select="count(//*[count(//*[count(//*[count(//*[count(//*) &gt; 0]) &gt; 0]) &gt; 0]) &gt; 0])"/>`), ""},
	{"XSLT include", `var t = javax.xml.transform.TransformerFactory.newInstance().newTransformer(new javax.xml.transform.stream.StreamSource(new java.io.StringReader('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:include href="file:///etc/passwd"/></xsl:stylesheet>')))`, ""},
}

func xsltBomb(body string) string {
	return `var big = <r/>; for (var i = 0; i < 200; i++) big.appendChild(<i/>);
	var t = javax.xml.transform.TransformerFactory.newInstance().newTransformer(new javax.xml.transform.stream.StreamSource(new java.io.StringReader(` +
		"'" + strings.ReplaceAll(`<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">`+body+`</xsl:template></xsl:stylesheet>`, "'", `\'`) + "'" + `)));
	var w = new java.io.StringWriter();
	t.transform(new javax.xml.transform.stream.StreamSource(new java.io.StringReader(big.toXMLString())), new javax.xml.transform.stream.StreamResult(w));
	return '' + w`
}

// bombHost has templates and data types as the engine has them.
type bombHost struct{ recorder }

func (*bombHost) Log(*script.Scope, script.Level, string, string) {}

func (*bombHost) Resolve(_ *script.Scope, template string, _ map[string]any) string {
	t, err := velocity.Parse(template)
	if err != nil {
		return template
	}
	text, err := t.Render(velocity.LookupFunc(func(string) (any, bool) { return nil, false }))
	if err != nil {
		return template
	}
	return text
}

func (*bombHost) DataType(name string, _, _ map[string]any) (weir.DataType, error) {
	for _, d := range all.DataTypes {
		if d.Name == name {
			dt := d.New()
			_, err := config.Decode(nil, dt)
			return dt, err
		}
	}
	return nil, nil
}

// hangTime is when a bomb counts as one that nothing ends.
const hangTime = time.Minute

// TestBombs runs all bombs while another channel's messages go through.
func TestBombs(t *testing.T) {
	const memory = 150 << 20
	defer script.Setup(50*time.Millisecond, memory)()
	answers, leave := neighbour(t, func(err error) { t.Errorf("the other channel: %v", err) })
	for _, c := range allBombs() {
		if raceEnabled && c.want == "memory" {
			continue // allocation is too slow under the race detector to fill memory in a minute
		}
		t.Run(c.name, func(t *testing.T) {
			p, err := script.CompileScript("bomb", nil, script.Part{Name: "body", Code: c.body})
			if err != nil {
				t.Fatal(err)
			}
			p.Limits.Time = 50 * time.Millisecond
			if c.want == "memory" || c.want == "too deeply" {
				p.Limits.Time = hangTime
			}
			before := answers.Load()
			var start, end runtime.MemStats
			runtime.ReadMemStats(&start)
			done := make(chan error, 1)
			go func() {
				scope := newScope()
				scope.Host = &bombHost{}
				_, err := p.Run(context.Background(), scope)
				done <- err
			}()
			select {
			case err = <-done:
			case <-time.After(hangTime):
				t.Fatalf("%s\nis not ended by anything", c.body)
			}
			if c.want != "-" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s\n got %v\nwant an error about %q", c.body, err, c.want)
			}
			for answers.Load() == before {
				runtime.Gosched() // the neighbour is answered, or the test does not end
			}
			// What the system once gave counts for ever, so each case is for its own.
			if runtime.ReadMemStats(&end); int64(end.Sys)-int64(start.Sys) > 8*memory {
				t.Errorf("%s\nthe process grew by %d MB", c.body, (end.Sys-start.Sys)>>20)
			}
		})
	}
	leave()
}

// neighbour runs a transformer of another channel again and again, until leave is
// called. answers counts its messages; failed is told of those that fail.
func neighbour(t *testing.T, failed func(err error)) (answers *atomic.Int64, leave func()) {
	steps := []script.Part{{Name: "step 0", Code: `msg['PID']['PID.5']['PID.5.1'] = 'X' + [1, 2].join('') + {a: 1}.a; channelMap.put('n', 1)`}}
	p, err := script.CompileTransformer("neighbour", nil, nil, steps, false)
	if err != nil {
		t.Fatal(err)
	}
	answers = new(atomic.Int64)
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-end:
				return
			default:
			}
			root, err := tree.ParseXML(`<HL7Message><PID><PID.5><PID.5.1>A</PID.5.1></PID.5></PID></HL7Message>`, tree.XMLOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			out, err := p.Transform(context.Background(), newScope(), script.Input{Form: weir.FormTree, Root: root})
			if err != nil {
				failed(err)
			} else if !strings.Contains(out.Root.XMLString(), "X121") {
				t.Errorf("the other channel made %s", out.Root.XMLString())
			}
			answers.Add(1)
		}
	}()
	return answers, func() {
		close(end)
		<-ended
	}
}

// TestEscapes tries the ways out of a script. What a script returns must be what
// stands beside it; an error is shown as its kind.
func TestEscapes(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"the global object", `return typeof ({}).constructor.constructor('return this')().process`, "undefined"},
		{"the global object of Node", `return typeof require + typeof process + typeof global + typeof module + typeof Deno`, "undefinedundefinedundefinedundefinedundefined"},
		{"load and print", `return typeof load + typeof print + typeof quit + typeof readFile + typeof runCommand`, "undefinedundefinedundefinedundefinedundefined"},
		{"timers", `return typeof setTimeout + typeof setInterval + typeof setImmediate`, "undefinedundefinedundefined"},
		{"network of browsers", `return typeof fetch + typeof XMLHttpRequest + typeof WebSocket`, "undefinedundefinedundefined"},
		{"constructor of a Java string", `return typeof new java.lang.String('x').constructor.constructor('return this')().process`, "undefined"},
		{"constructor of a map", `var f = channelMap.constructor; return f === undefined || typeof f('x') != 'symbol'`, "true"},
		{"constructor of logger", `return typeof logger.constructor.constructor('return this')().process`, "undefined"},
		{"constructor of XML", `return typeof (<a/>).constructor`, "xml"},
		{"stack traces", `Error.prepareStackTrace = function (e, frames) { return frames }; return typeof new Error('x').stack`, "string"},
		{"callee", `return (function () { return arguments.callee.caller })()`, "undefined"},
		{"getter on arguments", `return (function (a) { Object.defineProperty(arguments, 0, {get: function () { return 2 }}); return a })(1)`, "1"},
		{"Runtime", `java.lang.Runtime.getRuntime().exec('id')`, "java.lang.SecurityException"},
		{"Runtime by Packages", `Packages.java.lang.Runtime.getRuntime()`, "java.lang.SecurityException"},
		{"ProcessBuilder", `new java.lang.ProcessBuilder(['id']).start()`, "java.lang.SecurityException"},
		{"System.exit", `java.lang.System.exit(1)`, "java.lang.SecurityException"},
		{"System.load", `java.lang.System.load('/lib/x.so')`, "java.lang.SecurityException"},
		{"Class.forName", `java.lang.Class.forName('java.lang.Runtime').getRuntime()`, "TypeError"},
		{"getClass", `new java.lang.String('x').getClass().forName('java.lang.Runtime').getMethod('getRuntime')`, "TypeError"},
		{"getClass, class loader", `new java.lang.String('x').getClass().getClassLoader().loadClass('java.lang.Runtime')`, "TypeError"},
		{"class.getResource", `new java.util.ArrayList().class.getResource('/')`, "TypeError"},
		{"protection domain", `new java.util.ArrayList().getClass().getProtectionDomain()`, "TypeError"},
		{"newInstance", `java.util.ArrayList['class'].newInstance().getClass().getDeclaredMethods()`, "TypeError"},
		{"thread's loader", `java.lang.Thread.currentThread().getContextClassLoader().loadClass('x')`, "TypeError"},
		{"new Thread", `new java.lang.Thread(function () {}).start()`, "java.lang.SecurityException"},
		{"executors", `java.util.concurrent.Executors.newCachedThreadPool()`, "java.lang.SecurityException"},
		{"script engines", `new javax.script.ScriptEngineManager().getEngineByName('js')`, "TypeError"},
		{"Unsafe", `Packages.sun.misc.Unsafe.getUnsafe()`, "TypeError"},
		{"reflection", `java.lang.reflect.Method.invoke()`, "TypeError"},
		{"Rhino's context", `Packages.org.mozilla.javascript.Context.getCurrentContext()`, "TypeError"},
		{"JNDI", `new javax.naming.InitialContext().lookup('ldap://127.0.0.1/x')`, "TypeError"},
		{"serialized objects", `new java.io.ObjectInputStream(new java.io.ByteArrayInputStream([])).readObject()`, "TypeError"},
		{"environment of the server", `return '' + java.lang.System.getenv('PATH')`, "java.lang.SecurityException"},
		{"files", `return java.io.File('/etc/passwd').exists()`, "java.lang.SecurityException"},
		{"new files", `return new java.io.File('/etc/passwd').exists()`, "java.lang.SecurityException"},
		{"FileUtil", `return FileUtil.read('/etc/passwd')`, "java.lang.SecurityException"},
		{"FileReader", `return new java.io.FileReader('/etc/passwd').read()`, "java.lang.SecurityException"},
		{"nio", `return java.nio.file.Files.readAllBytes(java.nio.file.Paths.get('/etc/passwd'))`, "java.lang.SecurityException"},
		{"a URL of a file", `return new java.net.URL('file:///etc/passwd').openStream().read()`, "java.lang.SecurityException"},
		{"Socket", `new java.net.Socket('127.0.0.1', 1)`, "java.lang.SecurityException"},
		{"the host function", `return typeof __e4x(99)`, "TypeError"},
		{"engine internals", `com.mirth.connect.server.controllers.ControllerFactory.getFactory().createUserController()`, "java.lang.UnsupportedOperationException"},
		{"more of them", `com.mirth.connect.server.controllers.UserController.getInstance()`, "TypeError"},
		{"source map is read-only", `sourceMap.put('a', 1)`, "java.lang.UnsupportedOperationException"},
		{"doScript replaced", `doScript = function () { return 'mine' }; return 'ours'`, "ours"},
		{"__proto__ of a literal", `return ({__proto__: {x: 1}}).hasOwnProperty('x')`, "false"},
		{"__proto__ in JSON", `var o = JSON.parse('{"__proto__": {"x": 1}}'); return typeof ({}).x + o.hasOwnProperty('__proto__')`, "undefinedtrue"},
		{"Symbol hooks on XML", `var x = <a>1</a>; x[Symbol.toPrimitive] = function () { return 'mine' }; return '' + x`, "1"},
		{"a proxy around msg's kind", `var p = new Proxy(<a><b>1</b></a>, {}); return typeof p`, "object"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := script.CompileScript("escape", nil, script.Part{Name: "body", Code: "try { var it = (function () {" + c.body +
				"}).call(this); return String(it) } catch (e) { return String(e.javaException ? e.javaException.getClass().getName() : e.name) }"})
			if err != nil {
				t.Fatal(err)
			}
			scope := newScope()
			got, err := p.Run(context.Background(), scope)
			if err != nil || got != c.want {
				t.Errorf("%s\n got %v, %v\nwant %s", c.body, got, err, c.want)
			}
		})
	}
}

// TestNothingLasts changes all that a script can reach; the next script, with the
// same maps, sees none of it.
func TestNothingLasts(t *testing.T) {
	look := `var seen = [typeof leaked, typeof Object.prototype.leaked, typeof [].leaked, typeof ''.leaked, 'a'.trim(), typeof Function.prototype.leaked,
		[1, 2].join('-'), [1].map(function (x) { return x + 1 })[0], /a/.test('a'), JSON.stringify({a: 1}), Math.max(1, 2), parseInt('7'), String(5), typeof Array,
		<a>  <b/>  </a>.toXMLString(), <a b="1"/>.@b.toString(), XML.ignoreWhitespace, XML.prettyPrinting, String(<a/>.namespace()), typeof XML.prototype.leaked,
		typeof java.leaked, typeof java.util.ArrayList.leaked, new java.util.ArrayList().size(), new java.lang.String('ab').length(), typeof logger.leaked,
		typeof validate, String(createSegment('A').toXMLString()), java.lang.Math.abs(-3), String(java.util.Locale.ENGLISH), Object.isFrozen(Object.prototype),
		typeof doScript, Symbol.iterator in [], new Date(0).getTime(), Number('3'), String(Packages.java.util.TimeZone.getTimeZone('UTC').getID())];
		return seen.join('|')`
	spoil := `leaked = 1; Object.prototype.leaked = 1; Array.prototype.leaked = 1; String.prototype.leaked = 1; Function.prototype.leaked = 1;
		String.prototype.trim = function () { return 'spoilt' }; Array.prototype.join = function () { return 'spoilt' }; Array.prototype.map = null;
		RegExp.prototype.test = function () { return false }; JSON.stringify = JSON = null; Math.max = function () { return 0 }; Math = null; parseInt = null;
		XML.ignoreWhitespace = false; XML.prettyPrinting = true; try { XML.prototype.leaked = 1 } catch (e) {}
		default xml namespace = 'urn:leaked';
		try { java.leaked = 1 } catch (e) {} try { java.util.ArrayList.leaked = 1 } catch (e) {} try { java.util.ArrayList = null } catch (e) {}
		try { java.lang.Math.abs = null } catch (e) {} try { logger.leaked = 1 } catch (e) {}
		try { java.util.Locale.ENGLISH.leaked = 1 } catch (e) {} try { java.util.Locale.ENGLISH = 1 } catch (e) {}
		try { java.util.TimeZone.getTimeZone('UTC').setID('spoilt') } catch (e) {} try { java.util.TimeZone.setDefault(null) } catch (e) {}
		validate = null; createSegment = null; String = null; Array = null; Number = null; Date = null; Symbol = null; java = null; Packages = null;
		delete Object.prototype.toString; Object.freeze(Object.prototype); doScript = null; undefined = 1; this.XML = null`
	compile := func(body string) *script.Program {
		p, err := script.CompileScript("lasting", nil, script.Part{Name: "body", Code: body})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	looking, spoiling := compile(look), compile(spoil)
	scope := newScope()
	want, err := looking.Run(context.Background(), scope)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := spoiling.Run(context.Background(), scope); err != nil {
			t.Fatal(err)
		}
		got, err := looking.Run(context.Background(), scope)
		if err != nil || got != want {
			t.Errorf("after another script\n got %v, %v\nwant %v", got, err, want)
		}
	}
}
