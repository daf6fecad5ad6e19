package xslt

import (
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// spaceRule is one name of xsl:strip-space or xsl:preserve-space.
type spaceRule struct {
	pattern *xpath.Pattern
	strip   bool
}

// stripped reports whether blank texts directly inside an element go.
func (s *Stylesheet) stripped(e *evaluation, n *xpath.Node) bool {
	strip, priority := false, -1.0
	c := &xpath.Context{Budget: &e.budget}
	for _, r := range s.spaces {
		if p := r.pattern.Priority(); p >= priority && r.pattern.Matches(c, n) {
			strip, priority = r.strip, p
		}
	}
	return strip
}

// document makes a document of a tree: texts that are neighbours become one, and
// blank ones go where strip says so.
func (e *evaluation) document(top *tree.Node, strip func(*evaluation, *xpath.Node) bool) *xpath.Node {
	l := loader{e: e, strip: strip}
	root := e.forest.New(xpath.Root)
	l.element(root, top, false)
	return root
}

type loader struct {
	e     *evaluation
	strip func(*evaluation, *xpath.Node) bool
}

func (l *loader) element(parent *xpath.Node, from *tree.Node, preserve bool) {
	n := l.e.forest.New(xpath.Element)
	n.Name, n.Prefix = xpath.Name{Space: from.Name.Space, Local: from.Name.Local}, from.Name.Prefix
	n.Scope = parent.Scope
	parent.Append(n)
	for _, ns := range from.Namespaces() {
		if ns.Prefix != "xml" && (ns.Prefix != n.Prefix || ns.URI == n.Name.Space) {
			declare(n, xpath.Namespace{Prefix: ns.Prefix, URI: ns.URI})
		}
	}
	if n.Prefix != "xml" && (n.Prefix == "" || n.Name.Space != "") {
		declare(n, xpath.Namespace{Prefix: n.Prefix, URI: n.Name.Space})
	}
	for _, a := range from.Attributes() {
		to := l.e.forest.New(xpath.Attribute)
		to.Name, to.Prefix, to.Data = xpath.Name{Space: a.Name.Space, Local: a.Name.Local}, a.Name.Prefix, a.Data
		if to.Name.Space == xpath.XMLNamespace && to.Name.Local == "space" {
			preserve = a.Data == "preserve"
		}
		n.AddAttribute(to)
	}
	l.inside(n, from.Children(), preserve)
}

func (l *loader) inside(n *xpath.Node, children []*tree.Node, preserve bool) {
	keepBlank := preserve || !l.strip(l.e, n)
	for i := 0; i < len(children); i++ {
		switch c := children[i]; c.Kind {
		case tree.Element:
			l.element(n, c, preserve)
		case tree.Comment, tree.ProcInst:
			kind := xpath.Comment
			if c.Kind == tree.ProcInst {
				kind = xpath.ProcInst
			}
			leaf := l.e.forest.New(kind)
			leaf.Name.Local, leaf.Data = c.Name.Local, c.Data
			n.Append(leaf)
		case tree.Text, tree.CDATA:
			data := c.Data
			from := i
			for i+1 < len(children) && (children[i+1].Kind == tree.Text || children[i+1].Kind == tree.CDATA) {
				i++
			}
			if i > from {
				data = joined(children[from : i+1])
			}
			if data != "" && (keepBlank || strings.Trim(data, " \t\r\n") != "") {
				leaf := l.e.forest.New(xpath.Text)
				leaf.Data = data
				n.Append(leaf)
			}
		}
	}
}

func joined(texts []*tree.Node) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(t.Data)
	}
	return b.String()
}
