package xslt

import (
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
)

var (
	textEscapes      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	attributeEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;")
)

func (w *writer) xml(root *xpath.Node) {
	if !w.omitDeclaration {
		version := w.version
		if version == "" {
			version = "1.0"
		}
		w.put(`<?xml version="`, version, `" encoding="`, w.charset(), `"`)
		if w.standalone != "" {
			w.put(` standalone="`, w.standalone, `"`)
		}
		w.put("?>")
		if w.indent == "yes" && (!w.jdk || w.standalone != "" || w.doctypePublic != "" || w.doctypeSystem != "") {
			w.put("\n")
		}
	}
	if w.doctypeSystem == "" {
		w.doctypePublic = "" // which XML cannot say alone
	}
	first := true
	for _, n := range root.Children {
		if n.Kind == xpath.Element && first {
			first = false
			w.doctype(n.QName())
		}
		w.xmlNode(n, 0, w.indent == "yes")
		if w.indent == "yes" && n.Kind != xpath.Text {
			w.put("\n")
		}
	}
}

func (w *writer) xmlNode(n *xpath.Node, depth int, indent bool) {
	switch n.Kind {
	case xpath.Element:
		w.xmlElement(n, depth, indent)
	case xpath.Text:
		switch {
		case n.Raw:
			w.put(n.Data)
		case n.Parent.Kind == xpath.Element && w.cdata[n.Parent.Name]:
			w.put("<![CDATA[", strings.ReplaceAll(n.Data, "]]>", "]]]]><![CDATA[>"), "]]>")
		default:
			w.escape(n.Data, textEscapes)
		}
	case xpath.Comment:
		w.put("<!--", n.Data, "-->")
	case xpath.ProcInst:
		w.put("<?", n.Name.Local)
		if n.Data != "" {
			w.put(" ", n.Data)
		}
		w.put("?>")
	}
}

func (w *writer) xmlElement(n *xpath.Node, depth int, indent bool) {
	w.put("<", n.QName())
	w.declarations(n)
	for _, a := range n.Attributes {
		w.put(" ", a.QName(), `="`)
		w.escape(a.Data, attributeEscapes)
		w.put(`"`)
	}
	if len(n.Children) == 0 {
		w.put("/>")
		return
	}
	w.put(">")
	for _, c := range n.Children {
		indent = indent && c.Kind != xpath.Text // blanks would become part of it
	}
	for _, c := range n.Children {
		w.newLine(depth+1, indent)
		w.xmlNode(c, depth+1, indent)
	}
	w.newLine(depth, indent)
	w.put("</", n.QName(), ">")
}

func (w *writer) newLine(depth int, indent bool) {
	if indent {
		blanks := 2
		if w.jdk {
			blanks = w.blanks
		}
		w.put("\n", strings.Repeat(" ", min(depth, 50)*blanks))
	}
}
