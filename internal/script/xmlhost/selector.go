package xmlhost

import (
	"strings"

	"github.com/weir-health/weir/tree"
)

// selector is a property key understood: what a read looks for.
type selector struct {
	kind       selectorKind
	any        bool // every name
	everywhere bool // in every namespace
	space      string
	ns         *namespace // the Namespace object that named space, if one did
	local      string
	index      int
}

type selectorKind uint8

const (
	byName selectorKind = iota
	byAttribute
	byIndex
)

// selector understands a key; see the package comment.
func (h *Host) selector(key string) selector {
	s := selector{space: h.space.uri, local: key}
	if key == "" {
		return s
	}
	switch c := key[0]; {
	case '0' <= c && c <= '9':
		if i, ok := arrayIndex(key); ok {
			return selector{kind: byIndex, index: i}
		}
	case c == '-':
		if _, ok := arrayIndex(key[1:]); ok {
			h.throw("Invalid XML name")
		}
	case c == '@':
		s.kind, s.space, s.local = byAttribute, "", key[1:]
	}
	if strings.IndexByte(s.local, ':') < 0 {
		if s.local == "*" {
			s.any, s.everywhere = true, s.kind == byName
		}
	} else if i := strings.LastIndex(s.local, "::"); i >= 0 {
		s.space, s.local = s.local[:i], s.local[i+2:]
		if marked, ok := strings.CutPrefix(s.space, spaceMark); ok {
			s.space, s.ns = h.spaceOf(marked)
		}
		s.everywhere = s.space == "*"
		s.any = s.local == "*"
	}
	if s.everywhere {
		s.space = ""
	}
	return s
}

// arrayIndex reads a whole number without leading zeros. One too large for any
// list is -1, which no list has either.
func arrayIndex(s string) (int, bool) {
	if s == "" || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if n < 1<<40 {
			n = 10*n + int(s[i]-'0')
		}
	}
	if n > 1<<31 {
		n = -1
	}
	return n, true
}

// child reports whether a child node is selected by name. All names in all
// namespaces select texts and comments as well.
func (s *selector) child(n *tree.Node) bool {
	if s.any && s.everywhere {
		return true
	}
	return n.Kind == tree.Element && s.name(n)
}

func (s *selector) name(n *tree.Node) bool {
	return (s.any || n.Name.Local == s.local) && (s.everywhere || n.Name.Space == s.space)
}

// find adds what is selected in n to l.
func (s *selector) find(n *tree.Node, l *list) {
	if s.kind == byAttribute {
		for _, a := range s.attributes(n) {
			if s.name(a) {
				l.add(a)
			}
		}
		return
	}
	if from, to, ok := s.named(n); ok {
		l.add(n.Made()[from:to]...)
		return
	}
	for _, c := range n.Children() {
		if s.child(c) {
			l.add(c)
		}
	}
}

// attributes returns those of n in alphabetical order. Where the namespace is open
// the declarations of namespaces are among them, as in Rhino.
func (s *selector) attributes(n *tree.Node) []*tree.Node {
	if !s.any && !s.everywhere || n.Kind != tree.Element {
		return n.Attributes()
	}
	if len(n.Namespaces()) == 0 || !s.everywhere {
		return n.SortedAttributes()
	}
	return n.AllAttributes()
}

// named finds children by a name in no namespace, without making the others.
func (s *selector) named(n *tree.Node) (from, to int, ok bool) {
	if s.kind != byName || s.any || s.space != "" {
		return 0, 0, false
	}
	return n.Named(s.local)
}

// findBelow adds what is selected anywhere inside n, in document order. n's own
// attributes belong to that, n itself does not.
func (s *selector) findBelow(n *tree.Node, l *list) {
	if s.kind == byAttribute {
		s.find(n, l)
	} else if !s.any && n.Lacks(s.local) {
		return
	}
	for _, c := range s.around(n) {
		if s.kind != byAttribute && s.child(c) {
			l.add(c)
		}
		s.findBelow(c, l)
	}
}

// around returns the children of n in which the selected may be: not those that
// are not made yet and lack it.
func (s *selector) around(n *tree.Node) []*tree.Node {
	slots := n.Slots()
	if slots == nil || s.kind == byAttribute || s.any || !slots.Lacks(s.local) {
		return n.Children()
	}
	var made []*tree.Node
	for _, c := range n.Made() {
		if c != nil {
			made = append(made, c)
		}
	}
	return made
}

// found reports whether anything is selected in n.
func (s *selector) found(n *tree.Node) bool {
	if s.kind == byIndex {
		return s.index == 0
	}
	var l list
	s.find(n, &l)
	return l.count() > 0
}
