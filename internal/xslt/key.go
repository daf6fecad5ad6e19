package xslt

import (
	"github.com/weir-health/weir/internal/xslt/xpath"
)

// key is one xsl:key; those of one name are used together.
type key struct {
	match []*xpath.Pattern
	use   *xpath.Expr
}

// index names the table of a key in one document.
type index struct {
	name xpath.Name
	top  *xpath.Node
}

// keyed returns the nodes of a document that have a value for a key.
func (e *evaluation) keyed(name xpath.Name, top *xpath.Node, value string) xpath.Nodes {
	at := index{name, top}
	if e.indexes == nil {
		e.indexes = make(map[index]map[string]xpath.Nodes)
	}
	table, ok := e.indexes[at]
	if !ok {
		table = make(map[string]xpath.Nodes)
		e.indexes[at] = table // a key that asks for itself finds nothing
		s := &state{evaluation: e, position: 1, size: 1}
		s.fill(table, e.sheet.keys[name], top)
	}
	return table[value]
}

func (s *state) fill(table map[string]xpath.Nodes, keys []*key, n *xpath.Node) {
	s.enter(table, keys, n)
	for _, a := range n.Attributes {
		s.enter(table, keys, a)
	}
	for _, c := range n.Children {
		s.fill(table, keys, c)
	}
}

func (s *state) enter(table map[string]xpath.Nodes, keys []*key, n *xpath.Node) {
	s.node = n
	for _, k := range keys {
		c := s.context()
		if !matchesAny(k.match, c, n) {
			continue
		}
		v := k.use.Eval(c)
		nodes, ok := v.(xpath.Nodes)
		if !ok {
			add(table, c.String(v), n)
			continue
		}
		for _, used := range nodes {
			add(table, c.String(xpath.Nodes{used}), n)
		}
	}
}

func add(table map[string]xpath.Nodes, value string, n *xpath.Node) {
	list := table[value]
	if len(list) == 0 || list[len(list)-1] != n {
		table[value] = append(list, n)
	}
}
