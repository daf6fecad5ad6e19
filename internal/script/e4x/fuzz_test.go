package e4x

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// Whatever the script, the rewriter ends without a panic, keeps the lines, and
// makes nothing that goja refuses from something that goja takes.
func FuzzRewrite(f *testing.F) {
	var cases []struct{ Script string }
	data, err := os.ReadFile("../../../test/e4x-cases.json")
	if err != nil {
		f.Fatal(err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		f.Add(c.Script, false)
	}
	for _, s := range languageSamples {
		f.Add(s, true)
		f.Add(s, false)
	}
	for _, s := range dialectSamples {
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, src string, modern bool) {
		u, err := Rewrite("t", src, Options{Modern: modern})
		if err != nil {
			return
		}
		u.Position(1, 1)
		u.Position(strings.Count(src, "\n")+1, 3)
		if a, b := len(linesOf(src).starts), len(linesOf(u.Code).starts); a != b {
			t.Fatalf("%d lines became %d\n%q\n%q", a, b, src, u.Code)
		}
		if before := parses("function f() {" + src + "\n}"); before != nil {
			return
		}
		if after := parses("function f() {" + u.Code + "\n}"); after != nil {
			t.Fatalf("%q\nbecame\n%q\n%v", src, u.Code, after)
		}
	})
}

var dialectSamples = []string{
	"for each (a in b) { c += a..d.(@e == 'f') }",
	"try { a } catch (e if e.b) { c } catch (f) { d } finally { g }",
	"default xml namespace = 'x'; function g() { default xml namespace = y; return <a/> }",
	"const c = 1; for (;;) { const d = c; c = 2; let e; function f() {} } let (x = 1) { x } let (y = 2) y",
	"for (let i = 0; i < 3; i++) f(() => i); [x for each (x in l) if (x)]",
	"var x = <a b={c} d='e'>{f}<![CDATA[g]]><!-- h --></a>; x.b += <></>; delete x.@b; x.ns::c; x.@*; x.*",
	"a <!-- b\n--> c\n`d ${e}`; new F() { g: 1 }; m['a']['b'].toString() == typeof n",
}
