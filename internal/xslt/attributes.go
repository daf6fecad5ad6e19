package xslt

import (
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

func attribute(n *tree.Node, name tree.Name) string {
	if a := n.Attribute(name); a != nil {
		return a.Data
	}
	return ""
}

// text returns the value of an attribute without namespace.
func text(n *tree.Node, name string) string { return attribute(n, tree.Name{Local: name}) }

func has(n *tree.Node, name string) bool { return n.Attribute(tree.Name{Local: name}) != nil }

func (c *compiler) required(n *tree.Node, name string) string {
	if !has(n, name) {
		c.fail(n, "xsl:%s has no attribute %s", n.Name.Local, name)
	}
	return text(n, name)
}

// yes reads an attribute that is yes or no.
func (c *compiler) yes(n *tree.Node, name string) bool {
	switch text(n, name) {
	case "yes":
		return true
	case "", "no":
		return false
	}
	c.fail(n, "the attribute %s is neither yes nor no", name)
	return false
}

// qname resolves a name; without a prefix it has no namespace.
func (c *compiler) qname(n *tree.Node, name string) xpath.Name {
	q, ok := resolve(n, strings.TrimSpace(name))
	if !ok {
		c.fail(n, "a name is not valid or its prefix is not declared")
	}
	return q
}

func resolve(n *tree.Node, name string) (q xpath.Name, ok bool) {
	prefix, localName, found := strings.Cut(name, ":")
	if !found {
		return xpath.Name{Local: name}, xpath.IsNCName(name)
	}
	uri, ok := n.NamespaceOf(prefix)
	return xpath.Name{Space: uri, Local: localName}, ok && xpath.IsNCName(localName)
}

func (c *compiler) expression(n *tree.Node, name string) *xpath.Expr {
	return c.expr(n, c.required(n, name))
}

// optional is nil where the attribute is not there.
func (c *compiler) optional(n *tree.Node, name string) *xpath.Expr {
	if !has(n, name) {
		return nil
	}
	return c.expression(n, name)
}

func (c *compiler) expr(n *tree.Node, text string) *xpath.Expr {
	e, err := xpath.Compile(text, c.environment(n))
	if err != nil {
		c.fail(n, "XPath: %s", err)
	}
	return e
}

func (c *compiler) pattern(n *tree.Node, name string) []*xpath.Pattern {
	p, err := xpath.CompilePattern(c.required(n, name), c.environment(n))
	if err != nil {
		c.fail(n, "%s: %s", name, err)
	}
	return p
}

func (c *compiler) optionalPattern(n *tree.Node, name string) []*xpath.Pattern {
	if !has(n, name) {
		return nil
	}
	return c.pattern(n, name)
}

// avt is an attribute value template: texts and expressions in turns.
type avt []avtPart

type avtPart struct {
	text string
	expr *xpath.Expr // nil: text
}

// valueTemplate reads an attribute as a template; nil where the attribute is not there.
func (c *compiler) valueTemplate(n *tree.Node, name string) avt {
	if !has(n, name) {
		return nil
	}
	return c.avt(n, text(n, name))
}

func (c *compiler) avt(n *tree.Node, s string) avt {
	t := avt{}
	var plain strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '{' && s[i] != '}':
			plain.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == s[i]:
			plain.WriteByte(s[i])
			i++
		case s[i] == '}':
			c.fail(n, "an attribute has a } that ends nothing")
		default:
			end := closingBrace(s, i+1)
			if end < 0 {
				c.fail(n, "an attribute has a { without its }")
			}
			if plain.Len() > 0 {
				t = append(t, avtPart{text: plain.String()})
				plain.Reset()
			}
			t = append(t, avtPart{expr: c.expr(n, s[i+1:end])})
			i = end
		}
	}
	if plain.Len() > 0 {
		t = append(t, avtPart{text: plain.String()})
	}
	return t
}

// closingBrace finds the } that is not in a literal.
func closingBrace(s string, from int) int {
	var quote byte
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '}':
			return i
		}
	}
	return -1
}

// environment is what expressions on an element can name.
type environment struct {
	c *compiler
	n *tree.Node
}

func (c *compiler) environment(n *tree.Node) environment { return environment{c, n} }

func (e environment) Namespace(prefix string) (uri string, ok bool) { return e.n.NamespaceOf(prefix) }

func (e environment) Variable(name xpath.Name) (slot int, ok bool) {
	for i := len(e.c.locals) - 1; i >= 0; i-- {
		if e.c.locals[i].name == name {
			return e.c.locals[i].slot, true
		}
	}
	slot, ok = e.c.globals[name]
	return slot, ok
}

func (e environment) Function(name xpath.Name) (*xpath.Function, error) {
	return functionNamed(name, e.n)
}
