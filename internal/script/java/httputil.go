package java

import (
	"bufio"
	"net/textproto"
	"strings"

	"github.com/weir-health/weir/wire/httpbody"
)

// httpAPI is HTTPUtil.
func httpAPI() []*Class {
	return []*Class{{Name: serverUtil + "HTTPUtil", Static: Methods{
		"parseHeaders": func(c *Call) any {
			r := textproto.NewReader(bufio.NewReader(strings.NewReader(strings.TrimRight(c.Need(0), "\r\n") + "\r\n\r\n")))
			m := NewHashMap()
			for {
				line, err := r.ReadContinuedLine()
				if err != nil || line == "" {
					return m
				}
				if name, value, ok := strings.Cut(line, ":"); ok {
					m.set(strings.TrimSpace(name), strings.TrimSpace(value))
				}
			}
		},
		"httpBodyToXml": bodyToXML,
	}}}
}

// bodyToXML is httpBodyToXml: of a stream, whose bytes are ISO-8859-1 where the type
// names no character set, or of a text. Unlike the HTTP Listener it takes all of
// application/ for bytes, JSON and XML too, as Mirth does.
func bodyToXML(c *Call) any {
	t := mediaType(c.Text(1))
	fallback := "ISO-8859-1"
	var body []byte
	switch v := c.Object(0).(type) {
	case *input:
		body = v.rest(c)
	case []byte:
		body = v
	default:
		// The parts of a text are text already.
		if t.Multipart() {
			fallback = "UTF-8"
		}
		body = c.encode(c.Text(0), charsetIn(t, fallback))
	}
	text := func(t httpbody.MediaType, b []byte) string { return c.decode(b, charsetIn(t, fallback)) }
	if s, ok := c.Object(0).(string); ok && !t.Multipart() {
		text = func(httpbody.MediaType, []byte) string { return s }
	}
	return httpbody.Form{Parts: true, Binary: binaryType, Text: text}.Element("Content", t, body).String()
}

// mediaType reads a type as Mirth does: what names a character set that is not
// known, or is none, is text.
func mediaType(text string) httpbody.MediaType {
	t, ok := httpbody.ParseMediaType(text)
	if _, known := encodingOf(t.Param("charset")); !ok || !known {
		return httpbody.TextPlain
	}
	return t
}

func charsetIn(t httpbody.MediaType, fallback string) string {
	name := t.Param("charset")
	if _, known := encodingOf(name); name == "" || !known {
		return fallback
	}
	return name
}

func binaryType(t httpbody.MediaType) bool {
	for _, prefix := range []string{"application/", "image/", "video/", "audio/"} {
		if strings.HasPrefix(t.Name, prefix) {
			return true
		}
	}
	return false
}
