package xmlhost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/internal/script/xmlhost"
	"github.com/weir-health/weir/tree"
)

// These scripts are written as the rewriter prints them; the cases of
// test/e4x-cases.json go through it. Here is what those do not reach.
func TestHost(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"read", `msg['PID']['PID.5']['PID.5.1'].toString()`, "Doe"},
		{"fused read", `__e4x.getstr(msg, 'PID', 'PID.5', 'PID.5.1')`, "Doe"},
		{"fused read of a list", `__e4x.call(__e4x.get(msg, 'PID', 'PID.3'), "length")`, "2"},
		{"fused index", `__e4x.getstr(msg, 'PID', 'PID.3', 1, 'PID.3.1')`, "B"},
		{"fused index missing, last", `typeof __e4x.get(msg, 'PID', 'PID.3', 7)`, "undefined"},
		{"fused index missing, on the way", `__e4x.get(msg, 'PID', 'PID.3', 7, 'PID.3.1')`, "TypeError"},
		{"fused read of plain objects", `__e4x.get({a: [{b: 5}]}, 'a', 0, 'b')`, "5"},
		{"fused read from object into XML", `__e4x.getstr({m: msg}, 'm', 'PID', 'PID.5', 'PID.5.1')`, "Doe"},
		{"fused read of undefined", `__e4x.get(undefined, 'a', 'b')`, "TypeError"},
		{"fused toString as a value", `typeof __e4x.get(msg, 'PID', 'toString')`, "function"},
		{"string base", `__e4x.get('abc', 'length')`, "3"},
		{"text of undefined", `__e4x.str(undefined)`, "TypeError"},
		{"text of a number", `__e4x.str(5)`, "5"},

		{"identity", `msg.PID === msg.PID[0]`, "false"},
		{"identity of items", `msg.PID[0] === msg.PID[0] && new Set([msg.PID[0]]).has(msg.PID[0])`, "true"},
		{"is not JSON", `Object.prototype.toString.call(msg) + Object.prototype.toString.call(msg.PID)`, "[object XML][object XMLList]"},
		{"JSON", `JSON.stringify({m: msg})`, "TypeError"},
		{"keys", `Object.keys(msg.PID['PID.3']).join()`, "0,1"},
		{"template literal", "`${msg.PID['PID.5']['PID.5.1']}`", "Doe"},
		{"negative index", `msg.PID[-1]`, "TypeError"},

		{"call of a string", `__e4x.call('a^b', 'split', '^').length`, "2"},
		{"call of a number", `__e4x.call(5.25, 'toFixed', 1)`, "5.3"},
		{"call of an array", `__e4x.call([1, 2], 'concat', [3]).length`, "3"},
		{"call of an own function", `__e4x.call({v: 7, length: function (x) { return this.v + x; }}, 'length', 1)`, "8"},
		{"call of nothing", `__e4x.call({}, 'length')`, "TypeError"},
		{"call on null", `__e4x.call(null, 'length')`, "TypeError"},
		{"call of an added method", `XML.prototype.shout = function () { return this.toString() + '!'; }; __e4x.call(msg.PID['PID.5']['PID.5.1'][0], 'shout')`, "Doe!"},
		{"exceptions pass", `try { __e4x.call({length: function () { throw new RangeError('x'); }}, 'length'); } catch (e) { e.name }`, "RangeError"},
		{"Java's methods of strings", `__e4x.call('a', 'equals', 'a') + ',' + __e4x.call('a', 'equalsIgnoreCase', 'A')`, "true,true"},

		{"typeof", `[1, 'a', true, null, undefined, {}, [], function () {}, msg, msg.PID, Symbol()].map(function (v) { return __e4x.typeof(v); }).join()`,
			"number,string,boolean,object,undefined,object,object,function,xml,xml,symbol"},
		{"eq of plain values", `[__e4x.eq(1, '1'), __e4x.eq(null, undefined), __e4x.eq('a', 'b'), __e4x.eq({}, {})].join()`, "true,true,false,false"},
		{"eq of QNames", `__e4x.eq(new QName('u', 'a'), new QName('u', 'a')) + ',' + __e4x.eq(__e4x.call(msg, 'name'), 'HL7Message')`, "true,true"},
		{"add of plain values", `[__e4x.add(1, 2), __e4x.add('a', 1), __e4x.add(0.5, 'x'), __e4x.add(true, 1), __e4x.add(null, 'a'), __e4x.add([1], 2)].join()`, "3,a1,0.5x,2,nulla,12"},
		{"add of undefined", `__e4x.add(msg.PID['PID.5']['PID.5.1'], undefined)`, "Doe"},
		{"add of an object", `__e4x.add(msg.PID['PID.5']['PID.5.1'], {toString: function () { return '!'; }})`, "Doe!"},
		{"addTo of objects", `var o = {a: 1}; __e4x.addTo(o, 'a', 2); o.a`, "3"},
		{"addTo of arrays", `var o = [1]; __e4x.addTo(o, 0, 'x'); o[0]`, "1x"},
		{"addTo of undefined", `__e4x.addTo(undefined, 'a', 2)`, "TypeError"},
		{"addTo returns the sum", `__e4x.addTo(msg.PID['PID.5'], 'PID.5.1', 'x')`, "Doex"},

		{"each", `var r = []; for (var v of __e4x.each([1, 2])) r.push(v); for (var v of __e4x.each({a: 3})) r.push(v); for (var v of __e4x.each(null)) r.push(v); r.join()`, "1,2,3"},
		{"each of what is inherited", `var o = Object.create({b: 2}); o.a = 1; var r = ''; for (var v of __e4x.each(o)) r += v; r`, "12"},
		{"each is a snapshot of arrays", `var a = [1, 2], n = 0; for (var v of __e4x.each(a)) { a.push(v); n++; } n`, "2"},

		{"descendants", `__e4x.desc(msg, 'PID.3.1').toXMLString()`, "<PID.3.1>A</PID.3.1><PID.3.1>B</PID.3.1>"},
		{"descendants of other values", `__e4x.desc({}, 'a')`, "TypeError"},
		{"remove", `__e4x.del(__e4x.desc(msg, 'PID.3')); msg.PID.toXMLString()`, "<PID><PID.5><PID.5.1>Doe</PID.5.1></PID.5></PID>"},
		{"ref", `__e4x.ref(() => nowhere).toXMLString() + __e4x.ref(() => 5)`, "5"},
		{"ref passes other errors", `__e4x.ref(() => null.x)`, "TypeError"},

		{"an index of a list whose place is missing too", `msg["NK1"]["NK1.2"][0] = "x"; msg.NK1.toXMLString()`, ""},
		{"assign to an attribute by index", `var x = new XML('<a k="1"/>'); x['@k'][0] = 2; x.none['@k'][0] = 3; x.toXMLString()`, `<a k="1"/>`},
		{"new item copies the first", `var x = new XML('<a><b k="1">t</b></a>'); x.b[1] = 'u'; x.toXMLString()`, `<a><b k="1">t</b><b k="1">u</b></a>`},
		{"assign an attribute to a child", `var x = new XML('<a k="1"/>'); x.b = x['@k']; x.toXMLString()`, `<a k="1"><b>1</b></a>`},
		{"append an attribute", `var x = new XML('<a k="1"/>'); x.b.c = ''; __e4x.call(x.b, 'appendChild', x['@k']); x.toXMLString()`, `<a k="1"><b><c/>1</b></a>`},
		{"assign all attributes", `msg['@*'] = 1`, "TypeError"},
		{"assign to a text", `var x = new XML("t"); x.b = 1; x.toXMLString()`, "t"},
		{"assign to a list of two", `msg.PID['PID.3'].x = 1`, "TypeError"},
		{"assign below a list without place", `new XMLList().x = 1`, "TypeError"},

		{"create in a namespace", `var x = new XML('<p:a xmlns:p="u"/>'); x['u::b'] = '1'; x.toXMLString()`, `<p:a xmlns:p="u"><p:b>1</p:b></p:a>`},
		{"create in a new namespace", `var x = new XML('<a/>'); x['u::b'] = '1'; x.toXMLString()`, `<a xmlns:e4x_0="u"><e4x_0:b>1</e4x_0:b></a>`},
		{"create with the prefix of the namespace object", `var x = new XML('<a/>'); x[__e4x.qn(new Namespace('q', 'u'), 'b', false)] = '1'; x.toXMLString()`, `<a><q:b xmlns:q="u">1</q:b></a>`},
		{"any namespace", `new XML('<a xmlns:p="u"><p:b>1</p:b><b>2</b></a>')['*::b'].length`, ""},
		{"no namespace", `__e4x.ns('u'); new XML('<a xmlns="u"><b xmlns="">2</b></a>')['::b'].toString()`, "2"},
		{"default namespace ends", `var t = __e4x.enter(0); __e4x.ns('u'); __e4x.leave(t); new XML('<a/>').toXMLString()`, "<a/>"},
		{"default namespace of parsed text", `__e4x.ns(new Namespace('u')); new XML('<a/>').toXMLString()`, `<a xmlns="u"/>`},
		{"isXMLName", `isXMLName('a.b') + ',' + isXMLName('1a')`, "true,false"},
		{"namespace parts", `var n = new Namespace('p', 'u'); n.prefix + n.uri + n + typeof new Namespace('u').prefix`, "puuundefined"},
		{"settings", `XML.ignoreWhitespace = false; var s = XML.settings(); XML.setSettings(); s.ignoreWhitespace + ',' + XML.ignoreWhitespace`, "false,true"},
		{"XMLList of text", `new XMLList('<a/> <b/>').length + __e4x.call(new XMLList('<><a/>t</>'), 'length')`, "2"},
		{"eval of text", `eval(__e4x.src('1 + 1'))`, "2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, lazy := range []bool{false, true} {
				rt := goja.New()
				h := xmlhost.Install(rt, nil, xmlhost.Hooks{Lazy: lazy})
				if lazy {
					for _, name := range xmlhost.Names {
						rt.GlobalObject().Set(name, h.Global(name))
					}
				}
				rt.GlobalObject().Set("msg", h.Wrap(hostMessage()))
				v, err := rt.RunString(numbered(tt.script))
				got := ""
				if err != nil {
					got = errorName(err)
				} else {
					got = h.Text(v)
				}
				if got != tt.want {
					t.Errorf("lazy=%v: %s\n got %q (%v)\nwant %q", lazy, tt.script, got, err, tt.want)
				}
			}
		})
	}
}

func hostMessage() *tree.Node {
	root, err := tree.ParseXML(`<HL7Message><PID><PID.3><PID.3.1>A</PID.3.1></PID.3><PID.3><PID.3.1>B</PID.3.1></PID.3>`+
		`<PID.5><PID.5.1>Doe</PID.5.1></PID.5></PID></HL7Message>`, tree.XMLOptions{})
	if err != nil {
		panic(err)
	}
	return root
}

func TestNodes(t *testing.T) {
	rt := goja.New()
	h := xmlhost.Install(rt, nil, xmlhost.Hooks{})
	root := hostMessage()
	rt.GlobalObject().Set("msg", h.Wrap(root))
	v, err := rt.RunString("msg.PID['PID.3']")
	if err != nil {
		t.Fatal(err)
	}
	pid := root.Children()[0]
	if nodes, isXML := h.Nodes(v); !isXML || len(nodes) != 2 || nodes[1] != pid.Children()[1] {
		t.Errorf("Nodes(list) = %v, %v", nodes, isXML)
	}
	if nodes, isXML := h.Nodes(rt.ToValue("x")); isXML || nodes != nil {
		t.Errorf("Nodes(string) = %v, %v", nodes, isXML)
	}
	if h.Wrap(root) != h.Wrap(root) {
		t.Error("a node has two objects")
	}
	if root.Changed() {
		t.Error("reading counts as a change")
	}
	if got := h.XMLString(h.Wrap(pid.Children()[0])); got != "<PID.3><PID.3.1>A</PID.3.1></PID.3>" {
		t.Errorf("XMLString = %s", got)
	}
}

func TestHooks(t *testing.T) {
	rt := goja.New()
	var java *goja.Object
	h := xmlhost.Install(rt, nil, xmlhost.Hooks{
		Equal:  func(a, b goja.Value) (bool, bool) { return true, a == java || b == java },
		TypeOf: func(v goja.Value) (string, bool) { return "java", v == java },
		Each:   func(v goja.Value) (goja.Value, bool) { return rt.NewArray(1, 2), v == java },
		Text:   func(v goja.Value) (string, bool) { return "text", v == java },
	})
	java = rt.NewObject()
	rt.GlobalObject().Set("java", java)
	rt.GlobalObject().Set("msg", h.Wrap(hostMessage()))
	for script, want := range map[string]string{
		"__e4x.eq(java, 5)":                     "true",
		"__e4x.typeof(java)":                    "java",
		"Array.from(__e4x.each(java)).join()":   "1,2",
		"msg.x = java; msg.x.toString()":        "text",
		"msg.x = 'text'; __e4x.eq(msg.x, java)": "true",
		"XML(java).toString()":                  "text",
	} {
		v, err := rt.RunString(numbered(script))
		if err != nil || v.String() != want {
			t.Errorf("%s = %v, %v; want %s", script, v, err, want)
		}
	}
}

// A script may nest deeper than any message; the limits hold and nothing panics.
func TestDeepTrees(t *testing.T) {
	rt := goja.New()
	xmlhost.Install(rt, nil, xmlhost.Hooks{})
	v, err := rt.RunString(`var x = new XML('<a/>'), n = x; for (var i = 0; i < 20000; i++) { n.a = ''; n = n.a[0]; } x.toXMLString().length`)
	if err != nil || v.ToInteger() < 100000 {
		t.Errorf("%v, %v", v, err)
	}
	_, err = rt.RunString(`for (; i < 40000; i++) { n.a = ''; n = n.a[0]; }`)
	if errorName(err) != "TypeError" {
		t.Errorf("a tree that grows too deep: %v", err)
	}
	_, err = rt.RunString(`new XML('` + strings.Repeat("<a>", 2000) + `')`)
	if errorName(err) != "TypeError" {
		t.Errorf("a text nested too deeply: %v", err)
	}
}

// numbered writes the host's operations, here with their names, as they are called.
func numbered(script string) string {
	for i, name := range e4x.Operations {
		script = strings.ReplaceAll(script, e4x.HostName+"."+name+"(", fmt.Sprintf("%s(%d, ", e4x.HostName, i))
	}
	return script
}
