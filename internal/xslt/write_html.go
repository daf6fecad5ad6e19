package xslt

import (
	"fmt"
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
)

var (
	htmlTextEscapes      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	htmlAttributeEscapes = strings.NewReplacer("&{", "&{", "&", "&amp;", `"`, "&quot;", ">", "&gt;")
)

func set(names string) map[string]bool {
	m := make(map[string]bool)
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

var (
	htmlEmpty = set("area base basefont br col frame hr img input isindex link meta param")

	// Before and after what is inline a line end would show.
	htmlInline = set("a abbr acronym applet b basefont bdo big br cite code dfn em embed font i iframe img input ins kbd " +
		"label map object q s samp script select small span strike strong sub sup textarea tt u var del button")

	htmlAlone   = set("checked compact declare defer disabled ismap multiple nohref noresize noshade nowrap readonly selected")
	htmlAddress = set("href src action cite longdesc background usemap classid codebase data profile")
)

// html writes HTML 4. Unless the stylesheet says no, lines end around blocks.
func (w *writer) html(root *xpath.Node) {
	first := true
	for i, n := range root.Children {
		if n.Kind == xpath.Element && first {
			first = false
			w.doctype(n.QName())
		}
		w.htmlNode(n)
		if w.htmlIndent() && n.Kind != xpath.Text && i+1 < len(root.Children) && root.Children[i+1].Kind != xpath.Text {
			w.put("\n")
		}
	}
}

func (w *writer) htmlIndent() bool { return w.indent != "no" }

func tagName(n *xpath.Node) string {
	if n.Name.Space != "" {
		return ""
	}
	return strings.ToLower(n.Name.Local)
}

func (w *writer) htmlNode(n *xpath.Node) {
	switch n.Kind {
	case xpath.Element:
		w.htmlElement(n)
	case xpath.Text:
		if parent := tagName(n.Parent); n.Raw || parent == "script" || parent == "style" {
			w.put(n.Data)
			return
		}
		w.escape(n.Data, htmlTextEscapes)
	case xpath.Comment:
		w.put("<!--", n.Data, "-->")
	case xpath.ProcInst:
		w.put("<?", n.Name.Local, " ", n.Data, ">")
	}
}

func (w *writer) htmlElement(n *xpath.Node) {
	tag := tagName(n)
	w.put("<", n.QName())
	w.declarations(n)
	for _, a := range n.Attributes {
		w.htmlAttribute(a)
	}
	w.put(">")
	if htmlEmpty[tag] {
		return
	}
	apart := w.htmlIndent() && tag != "" && !htmlInline[tag] && tag != "p" && tag != "pre"
	if tag == "head" {
		w.contentType(n, apart)
	}
	last := len(n.Children) - 1
	if apart && last > 0 && n.Children[0].Kind != xpath.Text {
		w.put("\n")
	}
	for i, c := range n.Children {
		if tag == "head" && isContentType(c) {
			continue
		}
		w.htmlNode(c)
		if i < last && apart && c.Kind == xpath.Element && !htmlInline[tagName(c)] && n.Children[i+1].Kind != xpath.Text {
			w.put("\n")
		}
	}
	if apart && last > 0 && n.Children[last].Kind != xpath.Text {
		w.put("\n")
	}
	w.put("</", n.QName(), ">")
}

// contentType writes the meta element that names the encoding.
func (w *writer) contentType(head *xpath.Node, apart bool) {
	if apart && (len(head.Children) == 0 || head.Children[0].Kind != xpath.Text) {
		w.put("\n")
	}
	media := w.mediaType
	if media == "" {
		media = "text/html"
	}
	w.put(`<meta http-equiv="Content-Type" content="`)
	w.escape(media+"; charset="+w.charset(), htmlAttributeEscapes)
	w.put(`">`)
	if apart && len(head.Children) == 1 && head.Children[0].Kind != xpath.Text {
		w.put("\n")
	}
}

func isContentType(n *xpath.Node) bool {
	if n.Kind != xpath.Element || tagName(n) != "meta" {
		return false
	}
	for _, a := range n.Attributes {
		if strings.EqualFold(a.Name.Local, "http-equiv") && strings.EqualFold(a.Data, "Content-Type") {
			return true
		}
	}
	return false
}

func (w *writer) htmlAttribute(a *xpath.Node) {
	name := strings.ToLower(a.Name.Local)
	w.put(" ", a.QName())
	if a.Prefix == "" && htmlAlone[name] && strings.EqualFold(a.Data, name) {
		return
	}
	w.put(`="`)
	value := a.Data
	if a.Prefix == "" && htmlAddress[name] {
		value = address(value)
	}
	w.escape(value, htmlAttributeEscapes)
	w.put(`"`)
}

// address escapes what may not stand in an address.
func address(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7F {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
