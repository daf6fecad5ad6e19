package java

import (
	"slices"
	"strings"

	"github.com/weir-health/weir/internal/xslt"
	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// writeDOM writes a node as the identity transformation of a DOMSource does: nodes
// become markup as they are, and declarations of namespaces that names need are added.
func (d domNode) write(properties map[string]string) (string, error) {
	all := make(map[string]string, len(properties)+1)
	if d.kind() == documentNode && !d.doc.standalone {
		all["standalone"] = "no"
	}
	for name, value := range properties {
		all[name] = value
	}
	var w domWriter
	root := w.forest.New(xpath.Root)
	if d.kind() == documentNode || d.kind() == fragmentNode {
		for _, n := range d.n.Children() {
			w.node(root, n)
		}
	} else {
		w.node(root, d.n)
	}
	return xslt.Write(root, all)
}

// domWriter makes of nodes what the writer of a transformation's result takes.
type domWriter struct {
	forest xpath.Forest
	scope  []xpath.Namespace // in force, the innermost last
}

func (w *domWriter) node(parent *xpath.Node, n *tree.Node) {
	if n.Kind == tree.Element {
		w.element(parent, n)
		return
	}
	leaf := w.forest.New(map[tree.Kind]xpath.Kind{tree.Comment: xpath.Comment, tree.ProcInst: xpath.ProcInst}[n.Kind])
	leaf.Name.Local, leaf.Data = n.Name.Local, n.Data
	switch n.Kind {
	case tree.Text, tree.Attribute:
		leaf.Kind = xpath.Text
	case tree.CDATA:
		leaf.Kind, leaf.Raw = xpath.Text, true
		leaf.Data = "<![CDATA[" + strings.ReplaceAll(n.Data, "]]>", "]]]]><![CDATA[>") + "]]>"
	}
	parent.Append(leaf)
}

func (w *domWriter) element(parent *xpath.Node, n *tree.Node) {
	outside := len(w.scope)
	to := w.forest.New(xpath.Element)
	to.Prefix, to.Name.Local = n.Name.Prefix, n.Name.Local
	parent.Append(to)
	attributes := domNode{n: n}.attributes()
	for _, a := range attributes {
		if prefix, ok := declaration1(a); ok {
			w.need(to, prefix, a.Data)
		}
	}
	for _, a := range attributes {
		if _, ok := declaration1(a); ok {
			continue
		}
		if a.Name.Space != "" && a.Name.Space != level1 && a.Name.Prefix != "" && a.Name.Prefix != "xml" {
			w.need(to, a.Name.Prefix, a.Name.Space)
		}
		made := w.forest.New(xpath.Attribute)
		made.Prefix, made.Name.Local, made.Data = a.Name.Prefix, a.Name.Local, a.Data
		to.AddAttribute(made)
	}
	if n.Name.Space != level1 && n.Name.Prefix != "xml" {
		w.need(to, n.Name.Prefix, n.Name.Space)
	}
	if text, leaf := n.LeafText(); leaf {
		if text != "" {
			t := w.forest.New(xpath.Text)
			t.Data = text
			to.Append(t)
		}
	} else {
		for _, c := range n.Children() {
			w.node(to, c)
		}
	}
	w.scope = w.scope[:outside]
}

// declaration1 reports whether an attribute, of whatever level, declares a namespace.
func declaration1(a *tree.Node) (prefix string, ok bool) {
	name := qualified(a.Name)
	if name == "xmlns" {
		return "", true
	}
	return strings.CutPrefix(name, "xmlns:")
}

// need declares a namespace unless it is in force.
func (w *domWriter) need(n *xpath.Node, prefix, uri string) {
	if slices.ContainsFunc(n.Declared, func(s xpath.Namespace) bool { return s.Prefix == prefix }) {
		return
	}
	in := ""
	for i := len(w.scope) - 1; i >= 0; i-- {
		if w.scope[i].Prefix == prefix {
			in = w.scope[i].URI
			break
		}
	}
	if in == uri {
		return
	}
	s := xpath.Namespace{Prefix: prefix, URI: uri}
	w.scope = append(w.scope, s)
	n.Declared = append(n.Declared, s)
}
