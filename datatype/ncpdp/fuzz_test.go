package ncpdp

import (
	"strings"
	"testing"

	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
)

// What is called regular is and stays so, and nothing panics.
func FuzzNCPDP(f *testing.F) {
	for _, s := range append(suite.Messages, suite.Broken...) {
		f.Add(s, "x")
		f.Add(strings.Replace(s, "\x1c", "\x1cFA1\x1c7E2\x1c", 3), "\x1c")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		dt := New()
		dt.Describe(text)
		dt.Pass(text, dt)
		root, err := dt.Parse(text)
		if err != nil {
			return
		}
		check(t, dt, root)
		parts := root.Children()
		last := parts[len(parts)-1]
		last.Append(tree.NewLeaf("Message", value))
		check(t, dt, root)
	})
}

func check(t *testing.T, dt *Type, root *tree.Node) {
	text, regular, err := dt.Encode(root)
	if err != nil {
		t.Fatal(err)
	}
	if !regular {
		return
	}
	again, err := dt.Parse(text)
	if err != nil {
		t.Fatalf("%q is regular, but: %v", text, err)
	}
	if d := datatypetest.Difference(again, root); d != "" {
		t.Fatalf("%q is regular, but: %s", text, d)
	}
	if got, _, _ := dt.Encode(again); got != text {
		t.Fatalf("%q is not stable: %q", text, got)
	}
}
