package xmlhost

import (
	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// changingMethods return the XML they were called on. What is inserted is copied, and
// what has no children stays as it is.
var changingMethods = map[string]method{
	"appendChild":       func(c call) goja.Value { return c.insert(c.one(), len(c.one().Children()), 0) },
	"prependChild":      func(c call) goja.Value { return c.insert(c.one(), 0, 0) },
	"insertChildAfter":  func(c call) goja.Value { return c.insertBeside(1) },
	"insertChildBefore": func(c call) goja.Value { return c.insertBeside(0) },
	"replace":           replace,
	"setChildren":       setChildren,
	"normalize":         normalize,
}

func (c call) insert(n *tree.Node, at, arg int) goja.Value {
	if n.Kind != tree.Element {
		return c.h.wrap(n)
	}
	if x, ok := c.h.xml(c.arg(arg)); ok {
		insert(n, at, c.h.fit(n, x.copies()))
	} else {
		n.Insert(at, tree.NewText(c.h.Text(c.arg(arg))))
	}
	return c.h.wrap(n)
}

// insertBeside inserts at a child. Null stands for before the first child when
// inserting after, and for after the last when inserting before. A list, even
// of one child, is ignored, with undefined as the result, and so is a node that is no
// child.
func (c call) insertBeside(offset int) goja.Value {
	n := c.one()
	if goja.IsNull(c.arg(0)) {
		if offset == 1 {
			return c.insert(n, 0, 1)
		}
		return c.insert(n, len(n.Children()), 1)
	}
	ref, ok := c.h.xml(c.arg(0))
	if !ok || ref.node == nil {
		return goja.Undefined()
	}
	if ref.node.Parent() != n || ref.node.Kind == tree.Attribute {
		return c.h.wrap(n)
	}
	return c.insert(n, ref.node.Index()+offset, 1)
}

// replace takes a name, and assigns, or a position among the children.
func replace(c call) goja.Value {
	n := c.one()
	s := c.h.selector(c.arg(0).String())
	if s.kind != byIndex {
		c.h.assign(n, &s, c.arg(1))
		return c.h.wrap(n)
	}
	if s.index >= 0 && s.index < len(n.Children()) {
		n.Remove(s.index)
		return c.insert(n, s.index, 1)
	}
	return c.h.wrap(n)
}

func setChildren(c call) goja.Value {
	n := c.one()
	if n.Kind == tree.Element {
		c.h.setChildren(n, c.arg(0))
	}
	return c.h.wrap(n)
}

func normalize(c call) goja.Value {
	for _, n := range c.all() {
		joinTexts(n)
	}
	return c.this
}

// joinTexts makes one text of neighbours, and drops empty ones.
func joinTexts(n *tree.Node) {
	for i := 0; i < len(n.Children()); i++ {
		t := n.Children()[i]
		if t.Kind != tree.Text {
			joinTexts(t)
			continue
		}
		for i+1 < len(n.Children()) && n.Children()[i+1].Kind == tree.Text {
			t.SetText(t.Data + n.Remove(i+1).Data)
		}
		if t.Data == "" {
			n.Remove(i)
			i--
		}
	}
}
