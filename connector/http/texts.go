package http

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weir-health/weir/connector/charset"
)

// whole reads a number as Mirth does: what is none gives the default.
func whole(text string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return otherwise
	}
	return n
}

// millis reads a number of milliseconds; below 0 is 0.
func millis(text string, otherwise time.Duration) time.Duration {
	n := whole(text, int(otherwise/time.Millisecond))
	return time.Duration(max(n, 0)) * time.Millisecond
}

// textOf is a value of a map as text, numbers as JavaScript writes them.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// formText writes names and values as forms and query strings have them, as
// Java's URLEncoder does: letters, digits and -_.* stay, a blank is a plus sign.
// encode gives the bytes of a text in the character set of the form.
func formText(f fields, encode func(string) []byte) string {
	var b strings.Builder
	for _, one := range f {
		for _, value := range one.values {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			escape(&b, encode(one.name))
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

// headerText is the value of a header that came: UTF-8 if it is that, else
// ISO-8859-1.
func headerText(value string) string {
	if utf8.ValidString(value) {
		return value
	}
	return latin1(value)
}

func latin1(value string) string {
	runes := make([]rune, len(value))
	for i := range runes {
		runes[i] = rune(value[i])
	}
	return string(runes)
}

// utf8Text reads bytes that should be UTF-8.
func utf8Text(b []byte) string {
	cs, _ := charset.Lookup("UTF-8")
	return cs.Decode(b)
}
