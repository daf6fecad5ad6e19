// Package httpbody is the body of an HTTP request or response as XML, in the form
// that Mirth's HTTP connectors and its HTTPUtil give it:
//
//	<Content multipart="no">text</Content>
//	<Content multipart="no" encoding="Base64">AAEC</Content>
//	<Content multipart="yes" boundary="b"><Part><Headers>…</Headers><Content…/></Part></Content>
//
// How bytes become text and which types are bytes is said by a [Form].
package httpbody

import (
	"bytes"
	"encoding/base64"
	"io"
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

// XML is a document that is being written, without white space between elements.
type XML struct{ bytes.Buffer }

// Open writes a start tag, and Close an end tag. The name is one of XML already.
func (x *XML) Open(name string)  { x.WriteString("<" + name + ">") }
func (x *XML) Close(name string) { x.WriteString("</" + name + ">") }

// Element writes an element with text.
func (x *XML) Element(name, content string) {
	x.Open(name)
	x.WriteString(escaped(content))
	x.Close(name)
}

// escaped makes text fit for XML; characters that XML cannot have become U+FFFD.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\r':
			b.WriteString("&#13;")
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

// Write writes a body as an element: its parts if it is multipart and they are
// wanted, bytes in base64, or text. A multipart body that cannot be read is shown
// whole.
func (f Form) Write(x *XML, name string, t MediaType, body []byte) { f.write(x, name, t, body, 0) }

func (f Form) write(x *XML, name string, t MediaType, body []byte, depth int) {
	if f.Parts && t.Multipart() && t.Param("boundary") != "" && depth < MaxNesting {
		if f.multipart(x, name, t.Param("boundary"), body, depth) {
			return
		}
	}
	if f.Binary(t) {
		x.WriteString("<" + name + ` multipart="no" encoding="Base64">` + base64.StdEncoding.EncodeToString(body))
	} else {
		x.WriteString("<" + name + ` multipart="no">` + escaped(f.Text(t, body)))
	}
	x.Close(name)
}

func (f Form) multipart(x *XML, name, boundary string, body []byte, depth int) (ok bool) {
	var out XML
	out.WriteString("<" + name + ` multipart="yes" boundary="` + escaped(boundary) + `">`)
	if preamble, _, found := bytes.Cut(body, []byte("--"+boundary)); found && len(bytes.TrimSpace(preamble)) > 0 {
		out.Element("Preamble", f.Text(TextPlain, bytes.TrimRight(preamble, "\r\n")))
	}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := 0; ; n++ {
		part, err := r.NextRawPart()
		if err == io.EOF && n > 0 {
			break
		}
		if err != nil {
			return false
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return false
		}
		f.part(&out, part.Header, transferred(part.Header.Get("Content-Transfer-Encoding"), content), depth)
	}
	out.Close(name)
	x.Write(out.Bytes())
	return true
}

func (f Form) part(x *XML, header textproto.MIMEHeader, content []byte, depth int) {
	t := TextPlain
	if text := header.Get("Content-Type"); text != "" {
		t, _ = ParseMediaType(text)
	}
	x.Open("Part")
	x.Open("Headers")
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range header[name] {
			x.Element(ElementName(name), headerText(v))
		}
	}
	x.Close("Headers")
	f.write(x, "Content", t, content, depth+1)
	x.Close("Part")
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
