package http

import (
	"strings"

	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/httpfield"
)

// formText writes names and values as forms and query strings have them, as
// Java's URLEncoder does: letters, digits and -_.* stay, a blank is a plus sign.
// encode gives the bytes of a text in the character set of the form.
func formText(f httpfield.Fields, encode func(string) []byte) string {
	var b strings.Builder
	for _, one := range f {
		for _, value := range one.Values {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			escape(&b, encode(one.Name))
			b.WriteByte('=')
			escape(&b, encode(value))
		}
	}
	return b.String()
}

func escape(b *strings.Builder, text []byte) {
	const hex = "0123456789ABCDEF"
	for _, c := range text {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_.*", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
}

// charsetName is a character set as headers name it.
func charsetName(name string) string {
	if name = strings.TrimSpace(name); name == "" || strings.EqualFold(name, "DEFAULT_ENCODING") {
		return "UTF-8"
	}
	return name
}

// utf8Text reads bytes that should be UTF-8.
func utf8Text(b []byte) string {
	cs, _ := charset.Lookup("UTF-8")
	return cs.Decode(b)
}
