package xslt

import (
	"fmt"
	"strconv"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// functionNamed returns a function that XSLT or EXSLT adds to XPath. n is the element
// on which an expression stands: the names that functions are given are resolved there.
func functionNamed(name xpath.Name, n *tree.Node) (*xpath.Function, error) {
	if name.Space == "" {
		if f := ownFunction(name.Local, n); f != nil {
			return f, nil
		}
		return nil, fmt.Errorf("there is no function %s()", name.Local)
	}
	if f := extensions[name]; f != nil {
		return f, nil
	}
	// A stylesheet may ask by function-available before it calls.
	return &xpath.Function{Max: -1, Numeric: true, Call: func(*xpath.Context, []xpath.Value) xpath.Value {
		xpath.Fail(fmt.Sprintf("there is no function %s() of the namespace %s", name.Local, name.Space))
		return nil
	}}, nil
}

func stateOf(c *xpath.Context) *state { return c.Host.(*state) }

func ownFunction(name string, n *tree.Node) *xpath.Function {
	switch name {
	case "current":
		return &xpath.Function{Call: func(c *xpath.Context, _ []xpath.Value) xpath.Value { return xpath.Nodes{c.Current} }}
	case "key":
		return &xpath.Function{Min: 2, Max: 2, Call: func(c *xpath.Context, a []xpath.Value) xpath.Value { return callKey(c, named(c, n, a[0]), a[1]) }}
	case "document":
		return &xpath.Function{Min: 1, Max: 2, Call: document}
	case "generate-id":
		return &xpath.Function{Max: 1, Call: generateID}
	case "format-number":
		return &xpath.Function{Min: 2, Max: 3, Call: func(c *xpath.Context, a []xpath.Value) xpath.Value { return callFormatNumber(c, n, a) }}
	case "system-property":
		return &xpath.Function{Min: 1, Max: 1, Call: func(c *xpath.Context, a []xpath.Value) xpath.Value { return systemProperty(named(c, n, a[0])) }}
	case "element-available":
		return &xpath.Function{Min: 1, Max: 1, Call: func(c *xpath.Context, a []xpath.Value) xpath.Value {
			return elementAvailable(n, c.String(a[0]))
		}}
	case "function-available":
		return &xpath.Function{Min: 1, Max: 1, Call: func(c *xpath.Context, a []xpath.Value) xpath.Value {
			name := named(c, n, a[0])
			return extensions[name] != nil || name.Space == "" && (xpath.IsCore(name.Local) || ownFunction(name.Local, n) != nil)
		}}
	case "unparsed-entity-uri":
		return &xpath.Function{Min: 1, Max: 1, Call: func(*xpath.Context, []xpath.Value) xpath.Value { return "" }}
	}
	return nil
}

// named resolves a name that is an argument.
func named(c *xpath.Context, n *tree.Node, v xpath.Value) xpath.Name {
	name, ok := resolve(n, c.String(v))
	if !ok {
		xpath.Fail("the name that a function is given is not valid or its prefix is not declared")
	}
	return name
}

func callKey(c *xpath.Context, name xpath.Name, v xpath.Value) xpath.Value {
	s := stateOf(c)
	if s.sheet.keys[name] == nil {
		xpath.Fail("there is no key of the name that key() is given")
	}
	top := c.Node.Top()
	nodes, ok := v.(xpath.Nodes)
	if !ok {
		return s.keyed(name, top, c.String(v))
	}
	sets := make([]xpath.Nodes, len(nodes))
	for i, n := range nodes {
		sets[i] = s.keyed(name, top, c.String(xpath.Nodes{n}))
	}
	return xpath.Union(sets...)
}

// document gives the stylesheet itself for an empty address and refuses all others.
func document(c *xpath.Context, args []xpath.Value) xpath.Value {
	if nodes, ok := args[0].(xpath.Nodes); ok && len(nodes) == 0 {
		return nodes
	}
	if c.String(args[0]) != "" {
		xpath.Fail("document() is not available: a stylesheet reaches no other documents")
	}
	s := stateOf(c)
	if s.own == nil {
		s.own = s.document([]*tree.Node{s.sheet.tree}, func(*evaluation, *xpath.Node) bool { return false })
	}
	return xpath.Nodes{s.own}
}

func generateID(c *xpath.Context, args []xpath.Value) xpath.Value {
	n := c.Node
	if len(args) > 0 {
		nodes, ok := args[0].(xpath.Nodes)
		switch {
		case !ok:
			xpath.Fail("generate-id() is given a value that is no node")
		case len(nodes) == 0:
			return ""
		}
		n = nodes[0]
	}
	if id := n.ID(); id < 0 {
		return "idns" + strconv.Itoa(-id)
	}
	return "id" + strconv.Itoa(n.ID())
}

func systemProperty(name xpath.Name) xpath.Value {
	if name.Space == Space {
		switch name.Local {
		case "version":
			return "1.0"
		case "vendor":
			return "Weir"
		case "vendor-url":
			return "https://github.com/weir-health/weir"
		}
	}
	return ""
}

func elementAvailable(n *tree.Node, name string) bool {
	q, ok := resolve(n, name)
	if !ok || q.Space != Space {
		return false
	}
	switch q.Local {
	case "apply-imports", "apply-templates", "attribute", "call-template", "choose", "comment", "copy", "copy-of", "element",
		"fallback", "for-each", "if", "message", "number", "processing-instruction", "text", "value-of", "variable":
		return true
	}
	return false
}
