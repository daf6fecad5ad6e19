package xmlhost

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/e4x"
	"github.com/weir-health/weir/tree"
)

// literal is __e4x.xml(n, v0, v1, …): a fresh copy of the literal's template
// with the values of its holes.
func (h *Host) literal(call goja.FunctionCall) goja.Value {
	n := int(call.Argument(0).ToInteger())
	if n < 0 || n >= len(h.literals) {
		h.throw("There is no such XML literal")
	}
	t := h.literals[n]
	b := builder{h: h, settings: h.settings(), values: call.Arguments[1:]}
	if h.space.uri != "" {
		b.scope = []tree.Namespace{{URI: h.space.uri}}
	}
	nodes := b.children(t.Nodes)
	if t.List {
		return h.newList(nodes...).value()
	}
	if len(nodes) == 0 {
		return h.wrap(tree.NewText(""))
	}
	return h.wrap(nodes[0])
}

// builder makes nodes from templates. scope are the namespaces in force, the
// innermost last.
type builder struct {
	h *Host
	settings
	values []goja.Value
	scope  []tree.Namespace
}

// children builds the nodes of a content. Texts that touch become one.
func (b *builder) children(templates []*e4x.Node) []*tree.Node {
	nodes := make([]*tree.Node, 0, len(templates))
	text := func(s string) {
		if last := len(nodes) - 1; last >= 0 && nodes[last].Kind == tree.Text {
			nodes[last].Data += s
		} else if s != "" {
			nodes = append(nodes, tree.NewText(s))
		}
	}
	elements := false
	for _, t := range templates {
		switch t.Kind {
		case e4x.Element:
			elements = true
			nodes = append(nodes, b.element(t))
		case e4x.Text:
			text(t.Text)
		case e4x.CDATA:
			nodes = append(nodes, &tree.Node{Kind: tree.CDATA, Data: t.Text})
		case e4x.Comment:
			nodes = append(nodes, &tree.Node{Kind: tree.Comment, Data: t.Text})
		case e4x.ProcInst:
			if !b.dropsProcInsts() {
				name, _ := t.Name.Static()
				nodes = append(nodes, &tree.Node{Kind: tree.ProcInst, Name: tree.Name{Local: name}, Data: t.Text})
			}
		case e4x.Hole:
			x, ok := b.h.xml(b.value(t.Hole))
			if !ok {
				text(b.h.Text(b.value(t.Hole)))
				continue
			}
			for _, c := range x.copies() {
				elements = elements || c.Kind == tree.Element
				if c.Kind == tree.Text {
					text(c.Data)
				} else {
					nodes = append(nodes, c)
				}
			}
		}
	}
	if elements && b.ignoreWhitespace {
		nodes = withoutBlanks(nodes)
	}
	return nodes
}

func withoutBlanks(nodes []*tree.Node) []*tree.Node {
	kept := nodes[:0]
	for _, n := range nodes {
		if n.Kind != tree.Text || strings.Trim(n.Data, " \t\r\n") != "" {
			kept = append(kept, n)
		}
	}
	return kept
}

func (b *builder) value(hole int) goja.Value {
	if hole < len(b.values) {
		return b.values[hole]
	}
	return goja.Undefined()
}

func (b *builder) element(t *e4x.Node) *tree.Node {
	n := tree.New("")
	outside := len(b.scope)
	type attribute struct{ name, value string }
	var attributes []attribute
	for _, a := range t.Attrs {
		name, value := b.text(a.Name), b.text(a.Value)
		prefix, local, qualified := strings.Cut(name, ":")
		switch {
		case name == "xmlns":
			prefix, local = "", ""
		case prefix == "xmlns" && qualified:
			prefix = local
		default:
			attributes = append(attributes, attribute{name, value})
			continue
		}
		ns := tree.Namespace{Prefix: prefix, URI: value}
		n.FillNamespace(ns)
		b.scope = append(b.scope, ns)
	}
	n.Name = b.name(b.text(t.Name), false)
	for _, a := range attributes {
		name := b.name(a.name, true)
		if n.Attribute(name) != nil {
			b.h.throw("An attribute is there twice")
		}
		n.FillAttribute(name, a.value)
	}
	n.Fill(b.h.fit(n, b.children(t.Children))...)
	b.scope = b.scope[:outside]
	return n
}

// text joins parts; a hole is the text of its value.
func (b *builder) text(parts e4x.Parts) string {
	if len(parts) == 1 && parts[0].Hole < 0 {
		return parts[0].Text
	}
	var s strings.Builder
	for _, p := range parts {
		if p.Hole < 0 {
			s.WriteString(p.Text)
		} else {
			s.WriteString(b.h.Text(b.value(p.Hole)))
		}
	}
	return s.String()
}

// name finds the namespace of a name as written.
func (b *builder) name(tag string, attribute bool) tree.Name {
	name := tree.Name{Local: tag}
	if prefix, local, ok := strings.Cut(tag, ":"); ok {
		name.Prefix, name.Local = prefix, local
	}
	if !tree.IsXMLName(name.Local) || name.Local != tag && !tree.IsXMLName(name.Prefix) {
		b.h.throw("Invalid XML name")
	}
	if attribute && name.Prefix == "" {
		return name
	}
	for i := len(b.scope) - 1; i >= 0; i-- {
		if b.scope[i].Prefix == name.Prefix {
			name.Space = b.scope[i].URI
			return name
		}
	}
	if name.Prefix == "xml" {
		name.Space = tree.XMLNamespace
	} else if name.Prefix != "" {
		b.h.throw("The prefix of a name is not declared")
	}
	return name
}
