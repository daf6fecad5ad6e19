// Package httpbody is the body of an HTTP request or response as XML, in the form
// that Mirth's HTTP connectors and its HTTPUtil give it:
//
//	<Content multipart="no">text</Content>
//	<Content encoding="Base64" multipart="no">AAEC&#13;
//	</Content>
//	<Content boundary="b" multipart="yes"><Part><Headers>…</Headers><Content…/></Part></Content>
//
// How bytes become text and which types are bytes is said by a [Form].
package httpbody

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxNesting is how deep multipart bodies may lie in one another; what is deeper
// is shown as one part.
const MaxNesting = 20

// Element is an element of a document: with attributes, which are pairs in order of
// their names, and either children or text.
type Element struct {
	Name       string
	Attributes []string
	Children   []*Element
	Text       string
}

// Add adds a child with text.
func (e *Element) Add(name, text string) *Element {
	child := &Element{Name: name, Text: text}
	e.Children = append(e.Children, child)
	return child
}

// String writes the element as Java's serializer does for Mirth: indented by four
// blanks, empty elements in one tag, quotes in texts as they are, and a line end last.
func (e *Element) String() string {
	var b strings.Builder
	e.write(&b, "")
	return b.String()
}

func (e *Element) write(b *strings.Builder, indent string) {
	b.WriteString(indent + "<" + e.Name)
	for i := 0; i+1 < len(e.Attributes); i += 2 {
		b.WriteString(" " + e.Attributes[i] + `="` + strings.NewReplacer(`"`, "&quot;", "\n", "&#10;", "\t", "&#9;").Replace(escaped(e.Attributes[i+1])) + `"`)
	}
	switch {
	case len(e.Children) > 0:
		b.WriteString(">\n")
		for _, child := range e.Children {
			child.write(b, indent+"    ")
		}
		b.WriteString(indent + "</" + e.Name + ">\n")
	case e.Text != "":
		b.WriteString(">" + escaped(e.Text) + "</" + e.Name + ">\n")
	default:
		b.WriteString("/>\n")
	}
}

// escaped makes text fit for XML; characters that XML cannot have become U+FFFD.
func escaped(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\r':
			b.WriteString("&#13;")
		case r > 0xFFFF: // as Java's serializer does it
			fmt.Fprintf(&b, "&#%d;", r)
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			b.WriteRune(unicode.ReplacementChar)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// ElementName makes a name of a header or parameter one that every edition of
// XML allows.
func ElementName(name string) string {
	out := strings.Map(func(r rune) rune {
		if letter(r) || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, name)
	if out == "" || !letter([]rune(out)[0]) && out[0] != '_' {
		out = "_" + out
	}
	return out
}

func letter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r <= 0xFF && r != 0xD7 && r != 0xF7
}

// Form says how bodies are shown.
type Form struct {
	Parts  bool                               // multipart bodies are taken apart
	Binary func(t MediaType) bool             // the type is shown as base64
	Text   func(t MediaType, b []byte) string // bytes of a type that is text
}

// Element returns a body as an element: its parts if it is multipart and they are
// wanted, bytes in base64, or text. A multipart body that cannot be read is shown
// whole.
func (f Form) Element(name string, t MediaType, body []byte) *Element {
	return f.element(name, t, body, 0)
}

func (f Form) element(name string, t MediaType, body []byte, depth int) *Element {
	if f.Parts && t.Multipart() && t.Param("boundary") != "" && depth < MaxNesting {
		if e := f.multipart(name, t.Param("boundary"), body, depth); e != nil {
			return e
		}
	}
	if f.Binary(t) {
		return &Element{Name: name, Attributes: []string{"encoding", "Base64", "multipart", "no"}, Text: Base64Lines(body)}
	}
	return &Element{Name: name, Attributes: []string{"multipart", "no"}, Text: f.Text(t, body)}
}

// multipart returns nil for a body that cannot be read.
func (f Form) multipart(name, boundary string, body []byte, depth int) *Element {
	e := &Element{Name: name, Attributes: []string{"boundary", boundary, "multipart", "yes"}}
	rest := body
	if preamble, after, found := bytes.Cut(body, []byte("--"+boundary)); found {
		if text := preambleOf(f.Text(TextPlain, preamble)); text != "" {
			e.Add("Preamble", text)
		}
		rest = after
	}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := 0; ; n++ {
		part, err := r.NextRawPart()
		if err == io.EOF && n > 0 {
			return e
		}
		if err != nil {
			return nil
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil
		}
		var names []string
		names, rest = headerNames(rest, boundary)
		e.Children = append(e.Children, f.part(part.Header, names, transferred(part.Header.Get("Content-Transfer-Encoding"), content), depth))
	}
}

// preambleOf is what stands before the parts as Java Mail gives it: without empty
// lines, and with a line end after each.
func preambleOf(text string) string {
	var b strings.Builder
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if line = strings.TrimRight(line, " \t"); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// headerNames returns the names of a part's headers as they were written, and the
// text from the next boundary on. The text begins after the boundary of the part.
func headerNames(text []byte, boundary string) (names []string, rest []byte) {
	part, rest, _ := bytes.Cut(text, []byte("\n--"+boundary))
	_, part, _ = bytes.Cut(part, []byte("\n")) // what may follow the boundary
	for line := range bytes.Lines(part) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok && len(bytes.TrimSpace(line)) == 0 {
			break
		}
		if ok && line[0] != ' ' && line[0] != '\t' {
			names = append(names, string(bytes.TrimSpace(name)))
		}
	}
	return names, rest
}

// part is a part with its headers, in the order of names as far as they stand there.
func (f Form) part(header textproto.MIMEHeader, names []string, content []byte, depth int) *Element {
	t := TextPlain
	if text := header.Get("Content-Type"); text != "" {
		t, _ = ParseMediaType(text)
	}
	e := &Element{Name: "Part"}
	headers := e.Add("Headers", "")
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if !slices.ContainsFunc(names, func(n string) bool { return textproto.CanonicalMIMEHeaderKey(n) == name }) {
			names = append(names, name)
		}
	}
	given := map[string]int{}
	for _, name := range names {
		key := textproto.CanonicalMIMEHeaderKey(name)
		values := header[key]
		if n := given[key]; n < len(values) {
			headers.Add(ElementName(name), headerText(values[n]))
		}
		given[key]++
	}
	e.Children = append(e.Children, f.element("Content", t, content, depth+1))
	return e
}

// headerText is the value of a header: UTF-8 if it is that, else ISO-8859-1.
func headerText(value string) string {
	if utf8.ValidString(value) {
		return value
	}
	runes := make([]rune, len(value))
	for i := range runes {
		runes[i] = rune(value[i])
	}
	return string(runes)
}

// transferred undoes the transfer encoding of a part. What is not in it stays as
// it came.
func transferred(encoding string, content []byte) []byte {
	switch {
	case strings.EqualFold(encoding, "base64"):
		if out, err := DecodeBase64(string(content)); err == nil {
			return out
		}
	case strings.EqualFold(encoding, "quoted-printable"):
		if out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(content))); err == nil {
			return out
		}
	}
	return content
}

// DecodeBase64 reads base64 with or without line ends, and with or without the
// signs that fill it up.
func DecodeBase64(text string) ([]byte, error) {
	text = strings.NewReplacer("\r", "", "\n", "", " ", "", "\t", "").Replace(text)
	if strings.HasSuffix(text, "=") || len(text)%4 == 0 {
		return base64.StdEncoding.DecodeString(text)
	}
	return base64.RawStdEncoding.DecodeString(text)
}

// Base64Lines is base64 in lines of 76 characters that end with CR LF, as Mirth
// writes it.
func Base64Lines(b []byte) string {
	const width = 57
	var out strings.Builder
	out.Grow((len(b)/width + 1) * 78)
	for len(b) > 0 {
		n := min(width, len(b))
		out.WriteString(base64.StdEncoding.EncodeToString(b[:n]) + "\r\n")
		b = b[n:]
	}
	return out.String()
}
