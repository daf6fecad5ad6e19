package e4x

import (
	"strings"
	"testing"
)

// FuzzUses looks through any script. What it finds stands in it.
func FuzzUses(f *testing.F) {
	for _, s := range append(languageSamples, dialectSamples...) {
		f.Add(s)
	}
	for _, s := range []string{
		"var F = java.io.File, f = new F('/a' + b), g = g + f; for each (var x in f.listFiles()) x.getPath()",
		"try { typeof com.acme.X; Packages['java'].io.File } catch (e) { a = b = a }",
		"var a = b, b = c, c = a; new a.b.c(a + b + c)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		uses, err := Uses("t", src, Options{})
		if err != nil {
			return
		}
		for _, u := range uses {
			if len(u.Path) == 0 || u.Pos < 0 || u.Pos > len(src) {
				t.Fatalf("%q: %+v", src, u)
			}
			if line, _ := Places(src)(u.Pos); line < 1 || line > strings.Count(src, "\n")+strings.Count(src, "\r")+strings.Count(src, "\u2028")+strings.Count(src, "\u2029")+1 {
				t.Fatalf("%q: line %d of %+v", src, line, u)
			}
		}
	})
}
