package e4x

import (
	"slices"
	"testing"
)

func TestDoubts(t *testing.T) {
	for _, c := range []struct {
		script string
		at     []int
	}{
		{"1 < a < 2", []int{0}},
		{"(a >= b) > c", []int{1}},
		{"a < b < c < d", []int{0, 0}},
		{"a < b && b < c", nil},
		{"a < b == c < d", nil},
		{"if (a = 1) b()", []int{4}},
		{"if (a = b) c()", nil},
		{"if (a == 1) b = 1", nil},
		{"for (; a = '';) b()", []int{7}},
		{"do a = 1; while ((b = -1))", []int{18}},
		{"x = a = `t` ? 1 : 2", nil},
		{"x = (a = `t`) ? 1 : 2", []int{5}},
		{"while (!(a = null) || b) c()", []int{9}},
	} {
		found, _, err := Doubts("s", c.script)
		var at []int
		for _, d := range found {
			at = append(at, d.Pos)
		}
		if err != nil || !slices.Equal(at, c.at) {
			t.Errorf("%s: at %v, want %v, %v", c.script, at, c.at, err)
		}
	}
	_, names, err := Doubts("s", "var a = 1, { b, c: [d = e] } = f; let g; function h(i, ...j) { const k = l => 1 } class M { n(o) { try { } catch { } } }")
	if want := []string{"M", "a", "b", "d", "g", "h", "i", "j", "k", "l", "o"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("names %v, want %v, %v", names, want, err)
	}
}

func FuzzDoubts(f *testing.F) {
	f.Add("if (a < b < c) { let {d = [e]} = f } while (g = 1);")
	f.Fuzz(func(t *testing.T, code string) {
		found, _, err := Doubts("s", code)
		for _, d := range found {
			if err != nil || d.Pos < 0 || d.Pos >= len(code) {
				t.Errorf("a doubt at %d of %d, %v", d.Pos, len(code), err)
			}
		}
	})
}
