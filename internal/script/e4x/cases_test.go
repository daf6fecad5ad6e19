package e4x

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// The two files hold scripts with the results that the original engine gave;
// the runtime is tested with them too. Here each must be understood.
func TestRealScripts(t *testing.T) {
	type scriptCase struct {
		Name, Script, FilterScript, ExpectedError string
	}
	for _, file := range []string{"e4x-cases.json", "hl7-script-cases.json"} {
		data, err := os.ReadFile("../../../test/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []scriptCase
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatal(err)
		}
		if len(cases) < 100 {
			t.Fatalf("%s has %d cases only", file, len(cases))
		}
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				src := c.Script + c.FilterScript
				u, err := Rewrite(c.Name, src, Options{})
				if err != nil {
					if c.ExpectedError != "SyntaxError" {
						t.Fatalf("%s\n%v", src, err)
					}
					return
				}
				if got, want := strings.Count(u.Code, "\n"), strings.Count(src, "\n"); got != want {
					t.Errorf("%d lines became %d\n%s\n%s", want, got, src, u.Code)
				}
				if err := parses("function f() {" + u.Code + "\n}"); err != nil {
					t.Errorf("%s\nbecame\n%s\n%v", src, u.Code, err)
				}
			})
		}
	}
}

func parses(src string) error {
	_, err := goja.Compile("", src, false)
	return err
}
