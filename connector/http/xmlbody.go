package http

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/httpfield"
)

// maxNesting is how deep multipart bodies may lie in one another; what is deeper
// is shown as one part.
const maxNesting = 20

// element writes XML without white space between elements.
type element struct{ bytes.Buffer }

func (e *element) open(name string)  { e.WriteString("<" + name + ">") }
func (e *element) close(name string) { e.WriteString("</" + name + ">") }

func (e *element) text(name, content string) {
	e.open(name)
	e.WriteString(escaped(content))
	e.close(name)
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

// elementName makes a name of a header or parameter one that every edition of
// XML allows.
func elementName(name string) string {
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

func (e *element) fields(name string, m *weir.MultiMap) {
	e.open(name)
	for _, key := range m.Keys() {
		for _, v := range m.List(key) {
			e.text(elementName(key), v)
		}
	}
	e.close(name)
}

// requestXML is a request as an XML document, in Mirth's form.
func requestXML(q *incoming, metadata, parts bool, types binaryTypes) string {
	var e element
	e.open("HttpRequest")
	if metadata {
		e.text("RemoteAddress", q.remoteAddress)
		e.text("RequestUrl", q.url)
		e.text("Method", q.method)
		e.text("RequestPath", q.query)
		e.text("RequestContextPath", q.path)
		e.fields("Parameters", q.parameters)
		e.fields("Header", q.headers)
	}
	e.content("Content", q.mediaType, q.body, parts, types, 0)
	e.close("HttpRequest")
	return e.String()
}

// responseXML is a response as an XML document, in Mirth's form.
func (s *Sender) responseXML(answer *http.Response, t mediaType, types binaryTypes, body []byte) string {
	var e element
	e.open("HttpResponse")
	if s.Response.Metadata {
		e.text("Status", statusLine(answer))
		e.open("Header")
		headers := multiHeaders(answer.Header)
		for _, name := range headers.Keys() {
			for _, v := range headers.List(name) {
				e.open("Field")
				e.text("Name", name)
				e.text("Value", v)
				e.close("Field")
			}
		}
		e.close("Header")
	}
	e.content("Body", t, body, s.Response.ParseMultipart, types, 0)
	e.close("HttpResponse")
	return e.String()
}

// content writes a body: its parts if it is multipart and they are wanted, bytes
// in base64, or text. A multipart body that cannot be read is shown whole.
func (e *element) content(name string, t mediaType, body []byte, parts bool, types binaryTypes, depth int) {
	if parts && t.multipart() && t.param("boundary") != "" && depth < maxNesting {
		if e.multipart(name, t.param("boundary"), body, types, depth) {
			return
		}
	}
	if types.match(t) {
		e.WriteString("<" + name + ` multipart="no" encoding="Base64">` + base64.StdEncoding.EncodeToString(body))
	} else {
		e.WriteString("<" + name + ` multipart="no">` + escaped(decodeText(t, body)))
	}
	e.close(name)
}

func (e *element) multipart(name, boundary string, body []byte, types binaryTypes, depth int) (ok bool) {
	var out element
	out.WriteString("<" + name + ` multipart="yes" boundary="` + escaped(boundary) + `">`)
	if preamble, _, found := bytes.Cut(body, []byte("--"+boundary)); found && len(bytes.TrimSpace(preamble)) > 0 {
		out.text("Preamble", decodeText(textPlain, bytes.TrimRight(preamble, "\r\n")))
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
		out.part(part.Header, transferred(part.Header.Get("Content-Transfer-Encoding"), content), types, depth)
	}
	out.close(name)
	e.Write(out.Bytes())
	return true
}

func (e *element) part(header textproto.MIMEHeader, content []byte, types binaryTypes, depth int) {
	t := textPlain
	if text := header.Get("Content-Type"); text != "" {
		t, _ = parseMediaType(text)
	}
	e.open("Part")
	e.open("Headers")
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range header[name] {
			e.text(elementName(name), httpfield.Text(v))
		}
	}
	e.close("Headers")
	e.content("Content", t, content, true, types, depth+1)
	e.close("Part")
}

// transferred undoes the transfer encoding of a part. What is not in it stays as
// it came.
func transferred(encoding string, content []byte) []byte {
	switch {
	case strings.EqualFold(encoding, "base64"):
		if out, err := decodeBase64(string(content)); err == nil {
			return out
		}
	case strings.EqualFold(encoding, "quoted-printable"):
		if out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(content))); err == nil {
			return out
		}
	}
	return content
}
