package java

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// Charset is a java.nio.charset.Charset.
type Charset struct{ name string }

func (s *Charset) JavaClass() string { return "java.nio.charset.Charset" }
func (s *Charset) String() string    { return s.name }

// charsetName reads an argument that is a charset or its name; none is "".
func charsetName(c *Call, i int) string {
	if c.Null(i) {
		return ""
	}
	return c.Text(i)
}

// charset finds an encoding by name; nil is UTF-8.
func (c *Call) charset(name string) encoding.Encoding {
	e, ok := encodingOf(name)
	if !ok {
		panic(c.Throw("java.io.UnsupportedEncodingException", name))
	}
	return e
}

func encodingOf(name string) (e encoding.Encoding, ok bool) {
	switch strings.ToUpper(name) {
	case "", "UTF-8", "UTF8":
		return nil, true
	case "US-ASCII", "ASCII", "ISO-8859-1", "LATIN1", "ISO8859_1":
		return latin1{}, true
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e, true
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e, true
	}
	return nil, false
}

// Decode is new String(b, charset), and Encode is s.getBytes(charset). An empty
// charset is UTF-8.
func (c *Call) Decode(b []byte, charset string) string { return c.decode(b, charset) }
func (c *Call) Encode(s, charset string) []byte        { return c.encode(s, charset) }

func (c *Call) decode(b []byte, charset string) string {
	e := c.charset(charset)
	if e == nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	if _, ok := e.(latin1); ok {
		return decodeLatin1(b)
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(s)
}

func (c *Call) encode(s, charset string) []byte {
	e := c.charset(charset)
	if e == nil {
		return []byte(s)
	}
	if _, ok := e.(latin1); ok {
		return encodeLatin1(s)
	}
	b, err := encoding.ReplaceUnsupported(e.NewEncoder()).Bytes([]byte(s))
	if err != nil {
		return []byte(s)
	}
	return b
}

// latin1 marks the encodings whose bytes are characters; Java maps what does not
// fit to a question mark.
type latin1 struct{ encoding.Encoding }

func decodeLatin1(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for _, c := range b {
		out.WriteRune(rune(c))
	}
	return out.String()
}

func encodeLatin1(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			r = '?'
		}
		b = append(b, byte(r))
	}
	return b
}
