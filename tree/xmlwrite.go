package tree

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// XMLString returns the markup of n: an element with everything inside it, the
// escaped text of a text, and nothing for an attribute.
//
// There is no indentation and no XML declaration. Attributes come in alphabetical
// order, whatever the order they were made in. An element without content is <a/>.
//
// Namespaces are written as the serializer of the channels does: first what was
// declared on the element, then, just before the attribute and behind all
// attributes, what the names of an attribute and of the element need. So the part
// <id root="1" xmlns="urn:hl7-org:v3"/> of a document has its declaration last.
// What is in force already is left out.
func (n *Node) XMLString() string { return string(n.AppendXML(nil)) }

// AppendXML appends the markup of n to b; see [Node.XMLString].
func (n *Node) AppendXML(b []byte) []byte {
	w := xmlWriter{b: b, first: true}
	w.node(n)
	return w.b
}

// Serialized returns the XML text that Mirth's data types make of a message before
// scripts see it: with a declaration, elements without content as <a></a>, attributes in
// order of creation, and all quotes, line ends and other than ASCII as references.
func (n *Node) Serialized() string {
	return string(n.appendSerialized([]byte(`<?xml version="1.0" encoding="UTF-8"?>`)))
}

func (n *Node) appendSerialized(b []byte) []byte {
	b = append(append(b, '<'), n.Name.Local...)
	for _, a := range n.Attributes() {
		b = append(append(append(b, ' '), a.Name.Local...), `="`...)
		b = append(AppendASCII(b, a.Data), '"')
	}
	b = append(b, '>')
	if text, ok := n.LeafText(); ok {
		b = AppendASCII(b, text)
	} else {
		for _, c := range n.Children() {
			if c.Kind == Element {
				b = c.appendSerialized(b)
			} else {
				b = AppendASCII(b, c.Data)
			}
		}
	}
	return append(append(append(b, "</"...), n.Name.Local...), '>')
}

// AppendASCII appends s with references for what XML or ASCII do not have, as Mirth's
// XmlUtil.encode makes them: a character beyond U+FFFF becomes two.
func AppendASCII(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && asciiEscapes[r] != "":
			b = append(b, asciiEscapes[r]...)
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = appendReference(appendReference(b, high), low)
		default:
			b = appendReference(b, r)
		}
	}
	return b
}

func appendReference(b []byte, r rune) []byte {
	return append(strconv.AppendInt(append(b, "&#"...), int64(r), 10), ';')
}

var asciiEscapes = [utf8.RuneSelf]string{
	'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&quot;", '\'': "&apos;", '\n': "&#10;", '\r': "&#13;",
}

type xmlWriter struct {
	b     []byte
	first bool        // the next element is the first
	scope []Namespace // in force, the innermost last
	tag   []attribute // of the start tag that is being written
}

// attribute is one of a tag, under the name that is written.
type attribute struct{ name, value string }

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
	w.b = appendTag(append(w.b, '<'), n.Name.Prefix, n.Name.Local)
	if outside > 0 || !n.unqualified() {
		w.qualified(n)
	} else if len(n.Attributes()) > 0 {
		w.attributes(n)
	}
	w.first = false
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
		w.b = append(appendTag(append(w.b, "</"...), n.Name.Prefix, n.Name.Local), '>')
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
		if a.Name.Space != "" || a.Name.Prefix != "" {
			return false
		}
	}
	return true
}

// attributes writes those of an unqualified element.
func (w *xmlWriter) attributes(n *Node) {
	for _, a := range n.SortedAttributes() {
		w.attribute(a.Name.Local, a.Data)
	}
}

func (w *xmlWriter) attribute(name, value string) {
	w.b = append(append(append(w.b, ' '), name...), `="`...)
	w.b = append(AppendXMLAttribute(w.b, value), '"')
}

// qualified writes the declarations and attributes of an element.
//
// In the very first element the declaration of its own prefix goes before all if it
// is known by the first attribute: the serializer of the channels holds the first
// tag back until then, and declares what it has learned of the element meanwhile.
func (w *xmlWriter) qualified(n *Node) {
	own := Namespace{n.Name.Prefix, n.Name.Space}
	if own.URI == "" {
		own.Prefix = ""
	}
	spaces := slices.Clone(n.Namespaces())
	slices.SortFunc(spaces, func(a, b Namespace) int { return strings.Compare(a.Prefix, b.Prefix) })
	attributes := n.SortedAttributes()
	if w.first {
		known := spaces
		if len(attributes) == 0 {
			known = append(known, own)
		} else if a := attributes[0].Name; a.Space != "" && a.Prefix != "" {
			known = append(known, Namespace{a.Prefix, a.Space})
		}
		for _, s := range known {
			if s.Prefix == n.Name.Prefix {
				if s.URI != "" {
					w.declare(s)
				}
				break
			}
		}
	}
	for _, s := range spaces {
		w.declare(s)
	}
	generated := 0
	for _, a := range attributes {
		name := a.Name
		if name.Space != "" {
			if name.Prefix == "" {
				name.Prefix = "ns" + strconv.Itoa(generated)
			}
			generated++
			w.declare(Namespace{name.Prefix, name.Space})
		}
		w.add(name.tag(), a.Data)
	}
	w.declare(own)
	for _, a := range w.tag {
		w.attribute(a.name, a.value)
	}
	w.tag = w.tag[:0]
}

// declare puts a namespace in force, with an attribute for it. That of a prefix is
// not written when its URI is empty, and prefixes that begin with xml are known.
func (w *xmlWriter) declare(ns Namespace) {
	if uri, ok := w.uri(ns.Prefix); strings.HasPrefix(ns.Prefix, "xml") || ok && uri == ns.URI {
		return
	}
	w.scope = append(w.scope, ns)
	switch {
	case ns.Prefix == "":
		w.add("xmlns", ns.URI)
	case ns.URI != "":
		w.add("xmlns:"+ns.Prefix, ns.URI)
	}
}

// add gives the tag an attribute, or another value to one that is there.
func (w *xmlWriter) add(name, value string) {
	for i := range w.tag {
		if w.tag[i].name == name {
			w.tag[i].value = value
			return
		}
	}
	w.tag = append(w.tag, attribute{name, value})
}

func (w *xmlWriter) uri(prefix string) (uri string, ok bool) {
	for i := len(w.scope) - 1; i >= 0; i-- {
		if w.scope[i].Prefix == prefix {
			return w.scope[i].URI, true
		}
	}
	return "", prefix == ""
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
