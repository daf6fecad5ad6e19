package xmlhost_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/internal/script/xmlhost"
)

// elsewhere are the cases that need more than this package: Java classes, which
// the script engine brings. It runs all cases.
var elsewhere = map[string]bool{
	"set-java-string":                       true,
	"xml-foreach-over-java-list-and-object": true,
	"map-lookup-xml-key-needs-toString":     true,
	"string-object-compare":                 true,
}

// Every case of test/e4x-cases.json is the body of a function; what it returns
// is compared as text, what it throws by the error's name.
func TestCases(t *testing.T) {
	text, err := os.ReadFile("../../../test/e4x-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Script            string
		Expected, ExpectedError *string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := runCase(c.Script)
			switch {
			case elsewhere[c.Name]:
				t.Skip("needs Java classes")
			case c.ExpectedError != nil && errorName(err) != *c.ExpectedError:
				t.Errorf("%s\n got %q, %v\nwant %s", c.Script, got, err, *c.ExpectedError)
			case c.ExpectedError == nil && err != nil:
				t.Errorf("%s\n got error %v\nwant %q", c.Script, err, *c.Expected)
			case c.ExpectedError == nil && got != *c.Expected:
				t.Errorf("%s\n got %q\nwant %q", c.Script, got, *c.Expected)
			default:
				passed++
			}
		})
	}
	t.Logf("%d of %d cases passed", passed, len(cases))
}

func runCase(script string) (string, error) {
	unit, err := e4x.Rewrite("case", script, e4x.Options{})
	if err != nil {
		return "", err
	}
	rt := goja.New()
	xmlhost.Install(rt, unit.Literals, xmlhost.Hooks{})
	v, err := rt.RunString("(function () {" + unit.Code + "\n})()")
	if err != nil {
		return "", err
	}
	var text string
	if ex := rt.Try(func() { text = v.String() }); ex != nil {
		return "", ex
	}
	return text, nil
}

// errorName returns the name of the error a script ended with.
func errorName(err error) string {
	var ex *goja.Exception
	if errors.As(err, &ex) {
		if o, ok := ex.Value().(*goja.Object); ok {
			return o.Get("name").String()
		}
		return ex.Value().String()
	}
	var notRewritten *e4x.SyntaxError
	var notCompiled *goja.CompilerSyntaxError
	if errors.As(err, &notRewritten) || errors.As(err, &notCompiled) {
		return "SyntaxError"
	}
	return ""
}

// These go through the rewriter like the cases, which do not have them.
func TestRewritten(t *testing.T) {
	for script, want := range map[string]string{
		`var x = <a><b>1</b></a>; return eval("<c>{x.b}</c>.toXMLString()");`:                                         "<c><b>1</b></c>",
		`return new Function("x", "return x.b + <c>2</c>")(<a><b>1</b></a>).toXMLString();`:                           "<b>1</b><c>2</c>",
		`var x = <a/>; for (var i = 0; i < 3; i++) x.appendChild(<b>{i}</b>); return x.toXMLString();`:                "<a><b>0</b><b>1</b><b>2</b></a>",
		`function f() { default xml namespace = 'u'; throw 1; } try { f(); } catch (e) {} return <a/>.toXMLString();`: "<a/>",
		`var x = <a><b k="1"/><b/></a>; return x.b.(@k.length() > 0).length();`:                                       "1",
		`var x = <a xmlns:p="u" p:k="1"><p:b/></a>; return x.toXMLString();`:                                          `<a xmlns:p="u" p:k="1"><p:b/></a>`,
		`var x = <a b={undefined} c={null}/>; return x.toXMLString();`:                                                `<a b="undefined" c="null"/>`,
		`return <a>{' '}<b/> {'x'} </a>.toXMLString();`:                                                               "<a><b/> x </a>",
		`XML.ignoreWhitespace = false; return <a> <b/> </a>.toXMLString();`:                                           "<a> <b/> </a>",
		`return <p:a/>.toXMLString();`:                                                                                "TypeError",
	} {
		got, err := runCase(script)
		if err != nil {
			got = errorName(err)
		}
		if got != want {
			t.Errorf("%s\n got %q (%v)\nwant %q", script, got, err, want)
		}
	}
}
