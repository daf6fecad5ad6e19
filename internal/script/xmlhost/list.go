package xmlhost

import (
	"strconv"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/tree"
)

// list is an XMLList: live nodes, and where they were asked for. Most lists
// have one item or none, so the first needs no slice.
//
// The target says what assigning to the list creates when it is empty: a child
// local in space of parent, or of owner, another empty list that is to be
// created first. An XMLList without named has no such place.
type list struct {
	h      *Host
	object *goja.Object // made when a script needs it

	first *tree.Node
	nodes []*tree.Node // all of them, when there are several

	parent *tree.Node
	owner  *list
	space  string
	ns     *namespace
	local  string // "" when that is not one name
	named  bool
}

// wants keeps what the list was asked for, which attributes and descendants have not.
func (l *list) wants(s *selector) {
	l.named = s.kind == byName
	if l.named && !s.any && !s.everywhere {
		l.space, l.ns, l.local = s.space, s.ns, s.local
	}
}

func (l *list) count() int {
	if l.nodes != nil {
		return len(l.nodes)
	}
	if l.first != nil {
		return 1
	}
	return 0
}

func (l *list) at(i int) *tree.Node {
	if i < 0 || i >= l.count() {
		return nil
	}
	if l.nodes != nil {
		return l.nodes[i]
	}
	return l.first
}

func (l *list) all() []*tree.Node {
	if l.nodes == nil && l.first != nil {
		return []*tree.Node{l.first}
	}
	return l.nodes
}

func (l *list) add(nodes ...*tree.Node) {
	for _, n := range nodes {
		switch {
		case l.first == nil && l.nodes == nil:
			l.first = n
		case l.nodes == nil:
			l.nodes = append(make([]*tree.Node, 0, 4), l.first, n)
		default:
			l.nodes = append(l.nodes, n)
		}
	}
}

// put replaces one item by others, or by none.
func (l *list) put(i int, nodes ...*tree.Node) {
	old := l.all()
	kept := append(append([]*tree.Node(nil), old[:i]...), nodes...)
	kept = append(kept, old[i+1:]...)
	l.first, l.nodes = nil, nil
	l.add(kept...)
}

// newList returns a list without a target.
func (h *Host) newList(nodes ...*tree.Node) *list {
	l := &list{h: h}
	l.add(nodes...)
	return l
}

// value returns the XMLList object.
func (l *list) value() *goja.Object {
	if l.object == nil {
		l.object = l.h.rt.NewDynamicObject(l)
		l.object.SetPrototype(l.h.proto(ctorXMLList))
	}
	return l.object
}

// Get reads children or attributes of all items, or the item of an index.
func (l *list) Get(key string) goja.Value {
	if f := l.h.inherited(key); f != nil {
		return f
	}
	c := cursor{h: l.h, list: *l, origin: l}
	s := l.h.selector(key)
	if !c.step(&s) {
		return goja.Undefined()
	}
	return c.value()
}

// Set assigns; see assign.go.
func (l *list) Set(key string, v goja.Value) bool {
	s := l.h.selector(key)
	if s.kind == byIndex {
		l.assignIndex(s.index, v)
		return true
	}
	l.change(func(n *tree.Node) { l.h.assign(n, &s, v) })
	return true
}

// Has answers "key in list".
func (l *list) Has(key string) bool { return value{list: l}.has(l.h, key) }

// Delete removes nodes from the tree: the item of an index, or what is found in
// every item. Like everywhere in Rhino, the result tells whether it is gone.
func (l *list) Delete(key string) bool {
	s := l.h.selector(key)
	if s.kind != byIndex {
		return value{list: l}.remove(&s, key)
	}
	if n := l.at(s.index); n != nil {
		detach(n)
		l.put(s.index)
	}
	return l.at(s.index) == nil // the next item may be there now
}

// Keys lists the indexes.
func (l *list) Keys() []string {
	keys := make([]string, l.count())
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	return keys
}
