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

// parseDocument is [tree.ParseXML] with what stands around the root element.
func parseDocument(text string) ([]*tree.Node, error) {
	nodes, err := tree.ParseXMLFragment(text, tree.XMLOptions{})
	if err != nil {
		return nil, err
	}
	roots := 0
	var kept []*tree.Node
	for _, n := range nodes {
		switch {
		case n.Kind == tree.Element:
			roots++
		case n.Kind == tree.CDATA, n.Kind == tree.Text && strings.Trim(n.Data, " \t\r\n") != "":
			roots += 2 // no document
		case n.Kind == tree.Text:
			continue
		}
		kept = append(kept, n)
	}
	if roots != 1 {
		root, err := tree.ParseXML(text, tree.XMLOptions{}) // which knows what is wrong
		return []*tree.Node{root}, err
	}
	return kept, nil
}

// document makes a document of trees, one of them an element: texts that are
// neighbours become one, and blank ones go where strip says so.
func (e *evaluation) document(top []*tree.Node, strip func(*evaluation, *xpath.Node) bool) *xpath.Node {
	l := loader{e: e, strip: strip}
	root := e.forest.New(xpath.Root)
	for _, n := range top {
		l.node(root, n, false)
	}
	return root
}

type loader struct {
	e     *evaluation
	strip func(*evaluation, *xpath.Node) bool
}

// node adds what is no text.
func (l *loader) node(parent *xpath.Node, from *tree.Node, preserve bool) {
	kind := xpath.Comment
	switch from.Kind {
	case tree.Element:
		l.element(parent, from, preserve)
		return
	case tree.ProcInst:
		kind = xpath.ProcInst
	}
	leaf := l.e.forest.New(kind)
	leaf.Name.Local, leaf.Data = from.Name.Local, from.Data
	parent.Append(leaf)
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
		c := children[i]
		switch c.Kind {
		default:
			l.node(n, c, preserve)
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
