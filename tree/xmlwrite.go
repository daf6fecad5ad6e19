package tree

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// XMLString returns the markup of n: an element with everything inside it, the
// escaped text of a text, and nothing for an attribute.
//
// There is no indentation and no XML declaration. Namespace declarations come
// first, then the attributes in alphabetical order, whatever the order they
// were made in. Declarations that names need are added, those that repeat what
// is already in force are left out. An element without content is <a/>.
func (n *Node) XMLString() string { return string(n.AppendXML(nil)) }

// AppendXML appends the markup of n to b; see [Node.XMLString].
func (n *Node) AppendXML(b []byte) []byte {
	w := xmlWriter{b: b}
	w.node(n)
	return w.b
}

type xmlWriter struct {
	b     []byte
	scope []Namespace // in force, the innermost last
}

func (w *xmlWriter) node(n *Node) {
	switch n.Kind {
	case Element:
		w.element(n)
	case Text:
		w.b = AppendXMLText(w.b, n.Data)
	case CDATA:
		w.b = append(w.b, "<![CDATA["...)
		w.b = append(w.b, strings.ReplaceAll(n.Data, "]]>", "]]]]><![CDATA[>")...)
		w.b = append(w.b, "]]>"...)
	case Comment:
		w.comment(n.Data)
	case ProcInst:
		w.b = append(append(w.b, "<?"...), n.Name.Local...)
		if n.Data != "" {
			w.b = append(append(w.b, ' '), strings.ReplaceAll(n.Data, "?>", "? >")...)
		}
		w.b = append(w.b, "?>"...)
	}
}

// comment writes a comment; dashes that would end it get a blank between them.
func (w *xmlWriter) comment(data string) {
	for strings.Contains(data, "--") {
		data = strings.ReplaceAll(data, "--", "- -")
	}
	w.b = append(append(w.b, "<!--"...), data...)
	if strings.HasSuffix(data, "-") {
		w.b = append(w.b, ' ')
	}
	w.b = append(w.b, "-->"...)
}

func (w *xmlWriter) element(n *Node) {
	outside := len(w.scope)
	prefix := n.Name.Prefix
	w.b = append(w.b, '<')
	if len(w.scope) == 0 && n.unqualified() {
		w.b = append(w.b, n.Name.Local...)
	} else {
		prefix = w.namespaces(n)
	}
	if len(n.Attributes()) > 0 {
		w.attributes(n)
	}
	start := len(w.b)
	w.b = append(w.b, '>')
	if text, ok := n.LeafText(); ok {
		w.b = AppendXMLText(w.b, text)
	} else {
		for _, c := range n.Children() {
			w.node(c)
		}
	}
	if len(w.b) == start+1 {
		w.b = append(w.b[:start], "/>"...)
	} else {
		w.b = append(appendTag(append(w.b, "</"...), prefix, n.Name.Local), '>')
	}
	w.scope = w.scope[:outside]
}

// unqualified reports whether nothing about the element's own tag has to do with
// namespaces, as is so in every HL7 message.
func (n *Node) unqualified() bool {
	if len(n.Namespaces()) > 0 || n.Name.Space != "" || n.Name.Prefix != "" {
		return false
	}
	for _, a := range n.Attributes() {
		if a.Name.Space != "" {
			return false
		}
	}
	return true
}

// namespaces writes the tag's name and the declarations of an element, and
// returns the prefix it has been given.
func (w *xmlWriter) namespaces(n *Node) (prefix string) {
	outside := len(w.scope)
	prefix = n.Name.Prefix
	if n.Name.Space == "" {
		prefix = "" // a prefix without a namespace cannot be written
	}
	if prefix != "xml" {
		w.need(n, Namespace{prefix, n.Name.Space}, outside)
	}
	for _, s := range n.Namespaces() {
		if s.Prefix == prefix && s.URI != n.Name.Space || s.Prefix == "xml" || s.Prefix != "" && s.URI == "" {
			continue // the name of the element wins
		}
		w.need(n, s, outside)
	}
	for _, a := range n.Attributes() {
		if a.Name.Space != "" && a.Name.Space != XMLNamespace {
			w.attributePrefix(a, outside)
		}
	}
	w.b = appendTag(w.b, prefix, n.Name.Local)
	own := w.scope[outside:]
	slices.SortStableFunc(own, func(a, b Namespace) int { return strings.Compare(a.Prefix, b.Prefix) })
	for _, s := range own {
		w.b = append(w.b, " xmlns"...)
		if s.Prefix != "" {
			w.b = append(append(w.b, ':'), s.Prefix...)
		}
		w.b = append(AppendXMLAttribute(append(w.b, `="`...), s.URI), '"')
	}
	return prefix
}

// need adds a declaration unless it is in force. Those from outside on are the
// element's own.
func (w *xmlWriter) need(n *Node, ns Namespace, outside int) {
	for _, s := range w.scope[outside:] {
		if s.Prefix == ns.Prefix {
			return
		}
	}
	if uri, ok := w.uri(ns.Prefix); ok && uri == ns.URI || !ok && ns.URI == "" {
		return
	}
	w.scope = append(w.scope, ns)
}

// attributePrefix returns the prefix for an attribute in a namespace, and
// declares it when that is needed.
func (w *xmlWriter) attributePrefix(a *Node, outside int) string {
	if a.Name.Space == XMLNamespace {
		return "xml"
	}
	if p := a.Name.Prefix; p != "" {
		if uri, _ := w.uri(p); uri == a.Name.Space {
			return p
		}
	}
	for i := len(w.scope) - 1; i >= 0; i-- {
		s := w.scope[i]
		if s.URI == a.Name.Space && s.Prefix != "" {
			if uri, _ := w.uri(s.Prefix); uri == s.URI {
				return s.Prefix
			}
		}
	}
	p := a.Name.Prefix
	if _, taken := w.own(p, outside); p == "" || p == "xmlns" || p == "xml" || taken {
		p = w.generatedPrefix()
	}
	w.scope = append(w.scope, Namespace{p, a.Name.Space})
	return p
}

func (w *xmlWriter) generatedPrefix() string {
	for i := 0; ; i++ {
		p := "e4x_" + strconv.Itoa(i)
		if _, taken := w.uri(p); !taken {
			return p
		}
	}
}

func (w *xmlWriter) uri(prefix string) (uri string, ok bool) { return w.own(prefix, 0) }

func (w *xmlWriter) own(prefix string, from int) (uri string, ok bool) {
	for i := len(w.scope) - 1; i >= from; i-- {
		if w.scope[i].Prefix == prefix {
			return w.scope[i].URI, true
		}
	}
	return "", false
}

func (w *xmlWriter) attributes(n *Node) {
	type attribute struct{ prefix, local, value string }
	var few [8]attribute
	list := few[:0]
	for _, a := range n.Attributes() {
		prefix := ""
		if a.Name.Space != "" {
			prefix = w.attributePrefix(a, 0)
		}
		list = append(list, attribute{prefix, a.Name.Local, a.Data})
	}
	if len(list) > 1 {
		slices.SortStableFunc(list, func(a, b attribute) int {
			return compareTags(a.prefix, a.local, b.prefix, b.local)
		})
	}
	for _, a := range list {
		w.b = appendTag(append(w.b, ' '), a.prefix, a.local)
		w.b = append(AppendXMLAttribute(append(w.b, `="`...), a.value), '"')
	}
}

// compareTags orders names as they are written.
func compareTags(prefix, local, prefix2, local2 string) int {
	if prefix == "" && prefix2 == "" {
		return strings.Compare(local, local2)
	}
	return strings.Compare(string(appendTag(nil, prefix, local)), string(appendTag(nil, prefix2, local2)))
}

func appendTag(b []byte, prefix, local string) []byte {
	if prefix != "" {
		b = append(append(b, prefix...), ':')
	}
	return append(b, local...)
}

// AppendXMLText appends s as the text of an element: & < > are escaped, control
// characters except tab and line feed become numeric references.
func AppendXMLText(b []byte, s string) []byte { return appendEscaped(b, s, &textEscapes) }

// AppendXMLAttribute appends s as an attribute's value between double quotes:
// as text, with the quote, tab and line feed escaped too.
func AppendXMLAttribute(b []byte, s string) []byte { return appendEscaped(b, s, &attributeEscapes) }

func appendEscaped(b []byte, s string, escapes *[256]string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		e := escapes[c]
		if e == "" {
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			if (r < 0x80 || r > 0x9F) && r != '\u2028' {
				i += size - 1
				continue
			}
			e = "&#" + strconv.Itoa(int(r)) + ";"
		}
		b = append(append(b, s[from:i]...), e...)
		i += size - 1
		from = i + 1
	}
	return append(b, s[from:]...)
}

var textEscapes = func() (t [256]string) {
	for c := range 0x20 {
		t[c] = "&#" + strconv.Itoa(c) + ";"
	}
	t[0x7f] = "&#127;"
	t['\t'], t['\n'] = "", ""
	t['&'], t['<'], t['>'] = "&amp;", "&lt;", "&gt;"
	// The first bytes of U+0080 to U+009F and of U+2028, which need a look.
	t[0xC2], t[0xE2] = "?", "?"
	return t
}()

var attributeEscapes = func() (t [256]string) {
	t = textEscapes
	t['\t'], t['\n'], t['"'] = "&#9;", "&#10;", "&quot;"
	return t
}()
