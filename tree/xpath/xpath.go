// Package xpath finds nodes of a [tree.Node] by XPath 1.0 expressions.
//
//	q, err := xpath.Compile("//order[status='new']", nil)
//	…
//	orders, err := q.Nodes(root)
//
// The tree's topmost element is taken for the root of a document. Processing
// instructions and namespace nodes do not exist for an expression.
package xpath

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/antchfx/xpath"
	"github.com/weir-health/weir/tree"
)

// MaxSteps is how often an evaluation may go from one node to another. With an
// expression that compares everything with everything, a document of moderate
// size would otherwise keep a thread for hours.
const MaxSteps = 100_000_000

// MaxLength is the greatest length of an expression, in bytes.
const MaxLength = 10_000

// ErrTooManySteps means that an evaluation was ended because of MaxSteps.
var ErrTooManySteps = fmt.Errorf("the expression takes more than %d steps in this document", MaxSteps)

// ErrNoNodes means that an expression has a value where nodes were asked for.
var ErrNoNodes = errors.New("the expression gives a value, not nodes")

// errEvaluate stands for what goes wrong with the values in a document, which no
// error may show.
var errEvaluate = errors.New("a function of the expression cannot take what it finds in this document")

// Expr is a compiled expression. It may be used by many goroutines.
type Expr struct {
	compiled *xpath.Expr
	value    bool // gives no nodes

	mu sync.Mutex // compiled keeps state while it makes a value
}

// Compile reads an expression. A prefix in it stands for the namespace it has in
// the map. With no map at all names are compared as they are written, prefix and
// all. A name without prefix finds elements of any default namespace.
func Compile(expression string, namespaces map[string]string) (*Expr, error) {
	if len(expression) > MaxLength {
		return nil, fmt.Errorf("the XPath expression is longer than %d bytes", MaxLength)
	}
	compiled, err := xpath.CompileWithNS(expression, namespaces)
	if err != nil {
		return nil, fmt.Errorf("XPath: %w", err)
	}
	e := &Expr{compiled: compiled}
	// What an expression gives is known only by evaluating it.
	err = guard(func() {
		_, nodes := compiled.Evaluate(newCursor(tree.New("x"), new(int))).(*xpath.NodeIterator)
		e.value = !nodes
	})
	e.value = e.value || err != nil // only a function can fail
	return e, nil
}

// Nodes returns what an expression finds, seen from a node: elements, texts,
// comments and attributes, each once, in the order of the document. The root of
// the document itself is no node of a tree and left out.
func (e *Expr) Nodes(context *tree.Node) (nodes []*tree.Node, err error) {
	if e.value {
		return nil, ErrNoNodes
	}
	err = guard(func() { nodes = inOrder(e.compiled.Select(newCursor(context, new(int)))) })
	if err != nil {
		return nil, err
	}
	return nodes, nil
}

// Evaluate returns a string, float64 or bool, or what [Expr.Nodes] returns.
func (e *Expr) Evaluate(context *tree.Node) (value any, err error) {
	if !e.value {
		return e.Nodes(context)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	err = guard(func() {
		value = e.compiled.Evaluate(newCursor(context, new(int)))
		if found, ok := value.(*xpath.NodeIterator); ok {
			value = inOrder(found)
		}
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// guard turns a panic into an error: the library panics when a function gets what
// it cannot take.
func guard(f func()) (err error) {
	defer func() {
		switch r := recover(); r {
		case nil:
		case ErrTooManySteps:
			err = ErrTooManySteps
		default:
			err = errEvaluate
		}
	}()
	f()
	return nil
}

func inOrder(found *xpath.NodeIterator) []*tree.Node {
	var all []*cursor
	for found.MoveNext() {
		if c := found.Current().(*cursor); c.node != nil {
			all = append(all, c.clone())
		}
	}
	if !slices.IsSortedFunc(all, compare) {
		slices.SortFunc(all, compare)
	}
	all = slices.CompactFunc(all, func(a, b *cursor) bool { return a.current() == b.current() })
	nodes := make([]*tree.Node, len(all))
	for i, c := range all {
		nodes[i] = c.current()
	}
	return nodes
}

// compare tells which of two places comes first in the document. Attributes come
// after their element and before what is inside of it.
func compare(a, b *cursor) int {
	if n := slices.Compare(a.path, b.path); n != 0 {
		return n
	}
	return a.attribute - b.attribute
}
