package xslt

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/xslt/xpath"
	"github.com/weir-health/weir/tree"
)

// output is all xsl:output together.
type output struct {
	method                       string // "" means that the result says it
	version, encoding            string
	omitDeclaration              bool
	standalone                   string
	doctypePublic, doctypeSystem string
	mediaType                    string
	indent                       string
	cdata                        map[xpath.Name]bool

	// jdk lays out as the JDK's Transformer does: with more blanks a level, and
	// without a line end behind a declaration that says nothing of standalone.
	jdk    bool
	blanks int // a level
}

// jdkBlanks is how far the JDK's Transformer indents where nothing is said.
const jdkBlanks = 4

func (c *compiler) output(n *tree.Node) {
	o := &c.sheet.output
	for name, to := range map[string]*string{
		"method": &o.method, "version": &o.version, "encoding": &o.encoding, "doctype-public": &o.doctypePublic,
		"doctype-system": &o.doctypeSystem, "media-type": &o.mediaType,
	} {
		if has(n, name) {
			*to = text(n, name)
		}
	}
	switch o.method {
	case "", "xml", "html", "text":
	default:
		c.fail(n, "the method is none of xml, html and text")
	}
	if has(n, "omit-xml-declaration") {
		o.omitDeclaration = c.yes(n, "omit-xml-declaration")
	}
	if has(n, "indent") {
		o.indent = map[bool]string{true: "yes", false: "no"}[c.yes(n, "indent")]
	}
	if has(n, "standalone") {
		o.standalone = map[bool]string{true: "yes", false: "no"}[c.yes(n, "standalone")]
	}
	for _, name := range strings.Fields(text(n, "cdata-section-elements")) {
		q, ok := resolve(n, name)
		if !ok {
			c.fail(n, "a name is not valid or its prefix is not declared")
		}
		if q.Space == "" {
			q.Space, _ = n.NamespaceOf("") // of elements, unlike other names
		}
		if o.cdata == nil {
			o.cdata = make(map[xpath.Name]bool)
		}
		o.cdata[q] = true
	}
}

// WithOutput returns a stylesheet whose output has other properties, named as the
// attributes of xsl:output, and laid out as the JDK's Transformer does. Values that
// those cannot have, and properties of other names, are ignored.
func (s *Stylesheet) WithOutput(properties map[string]string) *Stylesheet {
	other := *s
	other.output.set(properties)
	return &other
}

// Write writes a document as a transformation without a stylesheet does, with output
// properties as those of [Stylesheet.WithOutput].
func Write(root *xpath.Node, properties map[string]string) (text string, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *xpath.Failure:
			text, err = "", &Error{1, 1, r.Problem}
		default:
			panic(r)
		}
	}()
	var o output
	o.set(properties)
	if o.method == "" {
		o.method = "xml"
	}
	return o.write(root), nil
}

func (o *output) set(properties map[string]string) {
	o.jdk, o.blanks = true, jdkBlanks
	for name, value := range properties {
		switch name {
		case "method":
			if value == "xml" || value == "html" || value == "text" {
				o.method = value
			}
		case "encoding":
			o.encoding = value
		case "doctype-public":
			o.doctypePublic = value
		case "doctype-system":
			o.doctypeSystem = value
		case "media-type":
			o.mediaType = value
		case "omit-xml-declaration":
			o.omitDeclaration = value == "yes"
		case "indent":
			o.indent = value
		case "standalone":
			o.standalone = value
		case "{http://xml.apache.org/xslt}indent-amount", "{http://xml.apache.org/xalan}indent-amount":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 {
				o.blanks = min(n, maxBlanks)
			}
		}
	}
}

// maxBlanks is the greatest amount of blanks a level.
const maxBlanks = 40

func (o *output) write(root *xpath.Node) string {
	method := o.method
	if method == "" {
		method = "xml"
		if isHTML(root) {
			method = "html"
		}
	}
	w := writer{output: *o, limit: limitOf(o.encoding)}
	switch method {
	case "text":
		return root.String()
	case "html":
		w.html(root)
	default:
		w.xml(root)
	}
	return w.b.String()
}

// isHTML reports whether a result is HTML without saying so: its first element is html.
func isHTML(root *xpath.Node) bool {
	for _, n := range root.Children {
		switch n.Kind {
		case xpath.Element:
			return n.Name.Space == "" && strings.EqualFold(n.Name.Local, "html")
		case xpath.Text:
			if strings.Trim(n.Data, " \t\r\n") != "" {
				return false
			}
		}
	}
	return false
}

// limitOf returns the greatest character that an encoding has.
func limitOf(encoding string) rune {
	switch strings.ToLower(encoding) {
	case "us-ascii", "ascii":
		return 0x7F
	case "iso-8859-1", "latin1":
		return 0xFF
	}
	return 0x10FFFF
}

// writer writes a result as text.
type writer struct {
	output
	b     strings.Builder
	limit rune
}

func (w *writer) put(parts ...string) {
	for _, p := range parts {
		w.b.WriteString(p)
	}
	if w.b.Len() > MaxOutput {
		xpath.Fail(fmt.Sprintf("the result is larger than %d bytes", MaxOutput))
	}
}

func (w *writer) charset() string {
	if w.encoding != "" {
		return w.encoding
	}
	return "UTF-8"
}

// doctype writes the document type for the first element.
func (w *writer) doctype(name string) {
	switch {
	case w.doctypePublic != "" && w.doctypeSystem != "":
		w.put("<!DOCTYPE ", name, ` PUBLIC "`, w.doctypePublic, `" "`, w.doctypeSystem, "\">\n")
	case w.doctypeSystem != "":
		w.put("<!DOCTYPE ", name, ` SYSTEM "`, w.doctypeSystem, "\">\n")
	case w.doctypePublic != "":
		w.put("<!DOCTYPE ", name, ` PUBLIC "`, w.doctypePublic, "\">\n")
	}
}

// escape writes a text, or an attribute's value, with what cannot stand there replaced.
func (w *writer) escape(s string, replaced *strings.Replacer) {
	s = replaced.Replace(s)
	if w.limit == 0x10FFFF || strings.IndexFunc(s, func(r rune) bool { return r > w.limit }) < 0 {
		w.put(s)
		return
	}
	for _, r := range s {
		if r > w.limit {
			w.put(fmt.Sprintf("&#%d;", r))
			continue
		}
		w.put(string(r))
	}
}

func (w *writer) declarations(n *xpath.Node) {
	for _, ns := range n.Declared {
		w.put(" xmlns")
		if ns.Prefix != "" {
			w.put(":", ns.Prefix)
		}
		w.put(`="`)
		w.escape(ns.URI, attributeEscapes)
		w.put(`"`)
	}
}
