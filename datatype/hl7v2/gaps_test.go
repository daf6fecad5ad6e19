package hl7v2

import (
	"testing"

	"github.com/weir-health/weir/tree"
)

// What a script leaves out and the text must fill in is told by the hint, so
// that the tree can be made again from the text.
func TestReread(t *testing.T) {
	const msh = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\r"
	for _, c := range []struct {
		name string
		edit func(root *tree.Node)
		text string
		hint string
	}{
		{"nothing", func(*tree.Node) {}, msh + "PID|1||2^^3\r", ""},
		{"a component", func(root *tree.Node) {
			root.Children()[1].Children()[2].Append(tree.NewLeaf("PID.3.6", "x"))
		}, msh + "PID|1||2^^3^^^x\r", "1.2.3 1.2.4"},
		{"a field", func(root *tree.Node) {
			f := tree.New("PID.7")
			f.Append(tree.NewLeaf("PID.7.1", "x"))
			root.Children()[1].Append(f)
		}, msh + "PID|1||2^^3||||x\r", "1.3 1.4 1.5"},
		{"both, in a new segment", func(root *tree.Node) {
			f := tree.New("ZZZ.2")
			f.Append(tree.NewLeaf("ZZZ.2.3", "x"))
			s := tree.New("ZZZ")
			s.Append(f)
			root.Append(s)
		}, msh + "PID|1||2^^3\rZZZ||^^x\r", "2.0 2.1.0 2.1.1"},
		{"beside a repetition", func(root *tree.Node) {
			f := tree.New("PID.3")
			f.Append(tree.NewLeaf("PID.3.4", "x"))
			root.Children()[1].Append(f)
		}, msh + "PID|1||2^^3~^^^x\r", "1.3.0 1.3.1 1.3.2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dt := New()
			root, err := dt.Parse(msh + "PID|1||2^^3\r")
			if err != nil {
				t.Fatal(err)
			}
			c.edit(root)
			text, hint, ok, err := dt.EncodeHint(root)
			if err != nil || !ok || text != c.text || hint != c.hint {
				t.Fatalf("got %q, hint %q, %v, %v\nwant %q, hint %q", text, hint, ok, err, c.text, c.hint)
			}
			again, err := dt.Reread(text, hint)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := again.XMLString(), root.XMLString(); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestRereadWrongHint(t *testing.T) {
	dt := New()
	for _, hint := range []string{"9", "0.99", "x", "-1", "0.0.0.0.0"} {
		if _, err := dt.Reread("MSH|^~\\&|A\r", hint); err == nil {
			t.Errorf("the hint %q gave no error", hint)
		}
	}
}
