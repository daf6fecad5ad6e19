package hl7v2

import (
	"fmt"
	"testing"

	"github.com/weir-health/weir/tree"
)

// A segment whose fields are made one at a time is the one whose fields are made
// all at once: whatever is changed in both, in the same order, they say the same.
func FuzzSlots(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, []byte{1, 3, 0, 1, 5, 1, 2, 3, 2, 3, 5, 3, 1, 8, 4, 2, 2, 5}, "x^y")
		f.Add(s, []byte{2, 5, 0, 2, 3, 6, 2, 5, 1}, "")
	}
	f.Fuzz(func(t *testing.T, text string, changes []byte, value string) {
		dt := New()
		single, err := dt.Parse(text)
		if err != nil {
			return
		}
		whole, _ := dt.Parse(text)
		for _, s := range whole.Children() {
			slots, _ := s.Source().(tree.Slots)
			if n := slots.Count(); n > 0 && n != len(s.Children()) {
				t.Fatalf("%s has %d slots and %d children", s.Name.Local, n, len(s.Children()))
			}
		}
		for i := 0; i+2 < len(changes) && i < 30; i += 3 {
			at, name, what := int(changes[i]), int(changes[i+1])%12, changes[i+2]
			changeField(single, at, name, what, value, true)
			changeField(whole, at, name, what, value, false)
		}
		got, gotHint, gotOK, gotErr := dt.EncodeHint(single)
		want, wantHint, wantOK, wantErr := dt.EncodeHint(whole)
		if got != want || gotHint != wantHint || gotOK != wantOK || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Fatalf("%q\n got %q, hint %q, %v, %v\nwant %q, hint %q, %v, %v", text, got, gotHint, gotOK, gotErr, want, wantHint, wantOK, wantErr)
		}
		if got, want := single.Copy().XMLString(), whole.XMLString(); got != want {
			t.Fatalf("%q: a copy\n got %s\nwant %s", text, got, want)
		}
		if got, want := single.XMLString(), whole.XMLString(); got != want {
			t.Fatalf("%q\n got %s\nwant %s", text, got, want)
		}
	})
}

// changeField does one thing to the last field of a name in a segment.
func changeField(root *tree.Node, at, number int, what byte, value string, singly bool) {
	if len(root.Children()) == 0 {
		return
	}
	s := root.Children()[at%len(root.Children())]
	name := fmt.Sprintf("%s.%d", s.Name.Local, number)
	var n *tree.Node
	if from, to, ok := s.Named(name); ok && singly {
		if from < to {
			n = s.Made()[to-1]
		}
	} else {
		for _, c := range s.Children() {
			if c.Name.Local == name {
				n = c
			}
		}
	}
	if n == nil {
		return
	}
	switch what % 8 {
	case 0: // only looked at
	case 1:
		n.SetText(value)
	case 2:
		n.Append(tree.NewLeaf(name+".9", value))
	case 3:
		s.Replace(n.Index(), tree.NewLeaf(name, value))
	case 4:
		s.Replace(n.Index(), tree.NewLeaf(name+"0", value))
	case 5:
		s.Remove(n.Index())
	case 6:
		n.SetName(tree.Name{Local: name + "1"})
	case 7:
		s.Insert(n.Index(), n.Copy())
	}
}
