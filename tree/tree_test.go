package tree

import "testing"

// The text of a leaf becomes a node when somebody looks, and not before; nothing
// else tells the two apart.
func TestLeafText(t *testing.T) {
	changes := []struct {
		name string
		do   func(n *Node)
		want string
	}{
		{"nothing", func(n *Node) {}, "<a>x</a>"},
		{"another text", func(n *Node) { n.SetText("y") }, "<a>y</a>"},
		{"no text", func(n *Node) { n.SetText("") }, "<a/>"},
		{"an attribute", func(n *Node) { n.SetAttribute(Name{Local: "k"}, "v") }, `<a k="v">x</a>`},
		{"a child behind it", func(n *Node) { n.Append(New("b")) }, "<a>x<b/></a>"},
		{"a child filled in", func(n *Node) { n.Fill(New("b")) }, "<a>x<b/></a>"},
		{"the text itself", func(n *Node) { n.Children()[0].SetText("y") }, "<a>y</a>"},
		{"no children", func(n *Node) { n.SetChildren() }, "<a/>"},
		{"other children", func(n *Node) { n.SetChildren(New("b"), New("c")) }, "<a><b/><c/></a>"},
		{"the text removed", func(n *Node) { n.Remove(0) }, "<a/>"},
		{"the text replaced", func(n *Node) { n.Replace(0, New("b")) }, "<a><b/></a>"},
	}
	for _, tt := range changes {
		unseen, seen := NewLeaf("a", "x"), NewLeaf("a", "x")
		if len(seen.Children()) != 1 || seen.Children()[0].Parent() != seen {
			t.Fatal("a leaf has not its text as its child")
		}
		if text, ok := unseen.LeafText(); text != "x" || !ok {
			t.Fatalf("LeafText is %q, %v", text, ok)
		}
		if _, ok := seen.LeafText(); ok {
			t.Fatal("LeafText does not see that the children tell")
		}
		tt.do(unseen)
		tt.do(seen)
		for _, n := range []*Node{unseen, seen, unseen.Copy()} {
			if got := n.XMLString(); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
		}
	}
}
