package edi

import (
	"testing"

	"github.com/weir-health/weir/datatype/datatypetest"
	"github.com/weir-health/weir/tree"
)

// What Parse takes is written alike whoever looks, what is called regular is, and
// nothing panics.
func FuzzEDI(f *testing.F) {
	for _, s := range append(suite.Messages, suite.Broken...) {
		f.Add(s, "~", "*", ":", "x")
		f.Add(s, `~\n`, "**", "", "a:b")
	}
	f.Fuzz(func(t *testing.T, text, segment, element, subelement, value string) {
		dt := New()
		dt.segmentDelimiter, dt.elementDelimiter, dt.subelementDelimiter = segment, element, subelement
		dt.Describe(text)
		root, err := dt.Parse(text)
		if err != nil {
			return
		}
		want := check(t, dt, root)
		for _, s := range root.Children() {
			for _, e := range s.Children() {
				e.Children()
			}
		}
		if got := check(t, dt, root); got != want {
			t.Fatalf("%q after a look\n got %q\nwant %q", text, got, want)
		}
		touched := root.Copy()
		for _, s := range touched.Children() {
			s.SetName(s.Name)
		}
		if got := check(t, dt, touched); got != want {
			t.Fatalf("%q after a touch\n got %q\nwant %q", text, got, want)
		}
		if segments := root.Children(); len(segments) > 0 {
			s := segments[len(segments)/2]
			e := tree.New(elementName(s.Name.Local, len(s.Children())+1))
			e.Append(tree.NewLeaf(subelementName(e.Name.Local, 1), value))
			s.Append(e)
			check(t, dt, root)
		}
	})
}

func check(t *testing.T, dt *Type, root *tree.Node) string {
	text, regular, err := dt.Encode(root)
	if err != nil {
		t.Fatal(err)
	}
	if !regular {
		return text
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
	return text
}
