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
