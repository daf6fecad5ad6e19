package xml

import (
	"errors"
	"iter"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
	"github.com/weir-health/weir/tree/xpath"
)

// The split types.
const (
	byName   = "Element_Name"
	byLevel  = "Level"
	byQuery  = "XPath_Query"
	byScript = "JavaScript"
)

// BatchScript returns the script that cuts batches, when the settings choose one.
func (t *Type) BatchScript() (script string, ok bool) { return t.batchScript, t.splitType == byScript }

// CheckBatch reports why Split cannot work with these settings.
func (t *Type) CheckBatch() error {
	fault := func(at, problem, hint string) error {
		return &weir.Fault{At: "batchProperties." + at, Err: errors.New(problem), Hint: hint}
	}
	switch {
	case t.splitType == byQuery:
		if _, err := xpath.Compile(t.query, nil); err != nil {
			return fault("query", err.Error(), "Give an XPath 1.0 expression that finds the messages' elements.")
		}
	case t.splitType == byScript:
		return fault("splitType", "the batch is cut by a script, not by the data type", "Cut it by element name, level or XPath.")
	case t.splitType == byName && t.elementName == "":
		return fault("elementName", "the name of the messages' elements is missing", "Give the name of the element that repeats.")
	}
	return nil
}

// Split yields the chosen elements in the order of the document, also one inside
// another. Each is written anew as Mirth does: without declaration, indented by
// four blanks, with a line feed at the end.
func (t *Type) Split(text string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := t.CheckBatch(); err != nil {
			yield("", err)
			return
		}
		root, err := t.Parse(text)
		if err != nil {
			yield("", err)
			return
		}
		if t.splitType == byQuery {
			t.find(root, yield)
			return
		}
		t.walk(root, 0, func(n *tree.Node) bool { return yield(message(n), nil) })
	}
}

// find yields what the query finds. Names in it are compared as written, prefix
// and all.
func (t *Type) find(root *tree.Node, yield func(string, error) bool) {
	const setting = "batchProperties.query"
	query, err := xpath.Compile(t.query, nil)
	if err != nil {
		yield("", &weir.Fault{At: setting, Err: err})
		return
	}
	nodes, err := query.Nodes(root)
	if err != nil {
		yield("", &weir.Fault{At: setting, Err: err, Hint: "Give an expression that finds elements."})
		return
	}
	for _, n := range nodes {
		if n.Kind != tree.Element {
			yield("", &weir.Fault{At: setting, Err: errors.New("the query finds something that is no element"), Hint: "Give an expression that finds elements."})
			return
		}
		if !yield(message(n), nil) {
			return
		}
	}
}

// walk visits the chosen elements until visit returns false.
func (t *Type) walk(n *tree.Node, depth int, visit func(*tree.Node) bool) bool {
	if t.chosen(n, depth) && !visit(n) {
		return false
	}
	if t.splitType == byLevel && depth >= t.level {
		return true
	}
	for _, c := range n.Children() {
		if c.Kind == tree.Element && !t.walk(c, depth+1, visit) {
			return false
		}
	}
	return true
}

func (t *Type) chosen(n *tree.Node, depth int) bool {
	if t.splitType == byLevel {
		return depth == t.level
	}
	return n.Name.Local == t.elementName || n.Name.Prefix != "" && n.Name.Prefix+":"+n.Name.Local == t.elementName
}

func message(n *tree.Node) string {
	c := n.Copy()
	indent(c, "\n")
	return c.XMLString() + "\n"
}

// indent puts every element inside n on a line of its own, but leaves elements
// that hold texts as they are.
func indent(n *tree.Node, line string) {
	children := n.Children()
	if len(children) == 0 {
		return
	}
	for _, c := range children {
		if c.Kind == tree.Text && strings.TrimSpace(c.Data) != "" || c.Kind == tree.CDATA {
			return
		}
	}
	if children[0].Kind == tree.Text {
		return // a leaf of blanks
	}
	inside := line + "    "
	spaced := make([]*tree.Node, 0, 2*len(children)+1)
	for _, c := range children {
		indent(c, inside)
		spaced = append(spaced, tree.NewText(inside), c)
	}
	n.SetChildren(append(spaced, tree.NewText(line))...)
}
