package script

import (
	"runtime"
	"testing"
)

// Equal scripts share what they are compiled to, others do not, and nothing is
// kept for programs that are gone.
func TestShared(t *testing.T) {
	compile := func(part, code string) *Program {
		p, err := CompileScript("shared", nil, Part{Name: part, Code: code})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const code = "return <a b='1'/> + 'TestShared'"
	a, b := compile("body", code), compile("body", code)
	if a.main != b.main {
		t.Error("equal scripts are compiled twice")
	}
	if a.main == compile("body", code+" ").main || a.main == compile("step 1", code).main {
		t.Error("different scripts share a unit")
	}
	key := func() unitKey {
		s := newSource()
		s.frame("function doScript() {")
		s.part(Part{Name: "body", Code: code})
		s.frame("}")
		return s.key("shared", 0)
	}()
	there := func() bool {
		compiled.Lock()
		defer compiled.Unlock()
		_, ok := compiled.units[key]
		return ok
	}
	if !there() {
		t.Fatal("the test knows another key than the compiler")
	}
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
	for there() {
		runtime.GC() // the test does not end if the unit is kept
	}
}
