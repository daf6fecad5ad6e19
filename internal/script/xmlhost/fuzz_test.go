package xmlhost_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/xmlhost"
)

// fuzzValues and fuzzSteps are what FuzzOperations strings together. %v is a
// value, %k a key, %m a method.
var (
	fuzzValues = []string{
		`msg`, `a`, `b`, `l`, `msg.PID`, `msg.PID["PID.3"]`, `msg.PID["PID.3"][1]`, `msg.none`, `msg.none.more`, `msg["@k"]`, `a["*"]`, `a["@*"]`,
		`msg.PID["PID.3"][0]["PID.3.1"]["*"][0]`, `new XML("t")`, `new XML("<p:x xmlns:p='u' k='1'>t<!--c--><y/></p:x>")`, `new XMLList("<a/><b>1</b>")`,
		`new XMLList()`, `new QName("u", "n")`, `new Namespace("p", "u")`, `undefined`, `null`, `""`, `"text"`, `5`, `-1`, `0`, `true`, `[]`, `({})`,
		`__e4x.desc(msg, "*")`, `__e4x.desc(msg, "PID.3.1")`, `__e4x.call(msg, "parent")`, `XML.prototype`, `Symbol()`,
	}
	fuzzKeys = []string{
		`"PID"`, `"PID.3"`, `"*"`, `"@k"`, `"@*"`, `0`, `1`, `7`, `-1`, `"::n"`, `"u::n"`, `"*::y"`, `"@u::k"`, `"1bad"`, `""`, `"@"`, `"::"`, `"__proto__"`,
		`"99999999999999999999"`, `new QName("u", "n")`, `"toString"`, `"a:b"`,
	}
	fuzzMethods = []string{
		"toString", "toXMLString", "valueOf", "length", "copy", "attribute", "attributes", "child", "children", "elements", "text", "comments",
		"processingInstructions", "descendants", "parent", "childIndex", "contains", "hasSimpleContent", "hasComplexContent", "hasOwnProperty",
		"name", "localName", "nodeKind", "setName", "setLocalName", "appendChild", "prependChild", "insertChildAfter", "insertChildBefore", "replace",
		"setChildren", "normalize", "namespace", "inScopeNamespaces", "namespaceDeclarations", "addNamespace", "removeNamespace", "setNamespace",
		"split", "nothing",
	}
	fuzzSteps = []string{
		`a = %v`, `b = %v`, `l = %v`, `a = %v[%k]`, `b = %v[%k][%k]`, `%v[%k] = %v`, `%v[%k][%k] = %v`, `delete %v[%k]`, `__e4x.del(%v)`,
		`a = __e4x.call(%v, "%m", %v, %v)`, `__e4x.call(%v, "%m")`, `__e4x.addTo(%v, %k, %v)`, `l = __e4x.add(%v, %v)`, `__e4x.eq(%v, %v)`,
		`a = __e4x.get(%v, %k, %k)`, `__e4x.getstr(%v, %k)`, `__e4x.str(%v)`, `a = __e4x.desc(%v, %k)`, `__e4x.typeof(%v)`, `for (a of __e4x.each(%v));`,
		`a = __e4x.filter(%v, w => { with (w) return __e4x.ref(() => PID) })`, `%k in %v`, `for (var k in %v);`, `a = XML(%v)`, `l = new XMLList(%v)`,
		`a = new XML(%v)`, `new QName(%v, %v)`, `new Namespace(%v, %v)`, `__e4x.ns(%v)`, `a = %v[__e4x.qn(%v, %v, true)]`, `__e4x.at(%v)`,
		`String(%v)`, `%v + ""`, `%v < %v`, `%v instanceof XML`, `XML.ignoreWhitespace = %v`, `XML.setSettings(%v)`, `isXMLName(%v)`, `__e4x.xml(%v)`,
	}
)

// No sequence of operations makes Go panic, whatever the values.
func FuzzOperations(f *testing.F) {
	for i := range fuzzSteps {
		f.Add([]byte{byte(i), byte(i * 7), byte(i * 3), byte(i * 5), byte(i + 1), byte(i * 11), 3, 4, 5, byte(i + 2), 1, 2, 3, 4})
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 60 {
			return
		}
		rt := goja.New()
		h := xmlhost.Install(rt, nil, xmlhost.Hooks{})
		root := hostMessage()
		rt.GlobalObject().Set("msg", h.Wrap(root))
		rt.RunString(`var a = msg.PID, b = new XML("<b k='1'>t<c/></b>"), l = new XMLList();`)
		timer := time.AfterFunc(time.Second, func() { rt.Interrupt("slow") })
		defer timer.Stop()
		for len(program) > 0 {
			var step string
			step, program = fuzzStep(program)
			rt.RunString(numbered(step))
		}
		root.XMLString()
	})
}

func fuzzStep(program []byte) (string, []byte) {
	next := func(from []string) string {
		if len(program) == 0 {
			return from[0]
		}
		s := from[int(program[0])%len(from)]
		program = program[1:]
		return s
	}
	step := next(fuzzSteps)
	for {
		i := strings.IndexByte(step, '%')
		if i < 0 {
			return step, program
		}
		word := ""
		switch step[i+1] {
		case 'v':
			word = next(fuzzValues)
		case 'k':
			word = next(fuzzKeys)
		case 'm':
			word = next(fuzzMethods)
		}
		step = step[:i] + word + step[i+2:]
	}
}
