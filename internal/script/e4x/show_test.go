package e4x

import (
	"fmt"
	"strings"
)

// show writes a literal so that a test can compare it.
func show(l *Literal) string {
	s := fmt.Sprintf("%d holes: %s", l.Holes, showNodes(l.Nodes))
	if l.List {
		s = "list " + s
	}
	return s
}

func showNodes(list []*Node) string {
	var all []string
	for _, n := range list {
		all = append(all, showNode(n))
	}
	return strings.Join(all, " ")
}

func showNode(n *Node) string {
	switch n.Kind {
	case Text:
		return fmt.Sprintf("%q", n.Text)
	case CDATA:
		return fmt.Sprintf("cdata%q", n.Text)
	case Comment:
		return fmt.Sprintf("comment%q", n.Text)
	case ProcInst:
		return fmt.Sprintf("pi %s %q", showParts(n.Name), n.Text)
	case Hole:
		return fmt.Sprintf("{%d}", n.Hole)
	}
	s := "<" + showParts(n.Name)
	for _, a := range n.Attrs {
		value := showParts(a.Value)
		if text, ok := a.Value.Static(); ok {
			value = fmt.Sprintf("%q", text)
		}
		s += " " + showParts(a.Name) + "=" + value
	}
	return s + ">[" + showNodes(n.Children) + "]"
}

func showParts(p Parts) string {
	s := ""
	for _, part := range p {
		if part.Hole >= 0 {
			s += fmt.Sprintf("{%d}", part.Hole)
		} else {
			s += part.Text
		}
	}
	return s
}
