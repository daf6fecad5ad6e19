package charset

import (
	"strings"
	"unicode/utf8"
)

// decodeUTF8 reads UTF-8 and puts one U+FFFD where Java puts one: for the longest
// beginning of a character that is broken off, and for a whole surrogate.
func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	out.Grow(len(b) + 16)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			out.WriteRune(utf8.RuneError)
			b = b[malformed(b):]
			continue
		}
		out.Write(b[:n])
		b = b[n:]
	}
	return out.String()
}

// malformed returns how many bytes at the start of b, which begins with no
// character, Java replaces by one mark.
func malformed(b []byte) int {
	size := 0
	switch lead := b[0]; {
	case lead >= 0xC2 && lead <= 0xDF:
		size = 2
	case lead >= 0xE0 && lead <= 0xEF:
		size = 3
	case lead >= 0xF0 && lead <= 0xF4:
		size = 4
	default:
		return 1
	}
	n := 1
	for n < size && n < len(b) && b[n]&0xC0 == 0x80 {
		if n == 1 && !mayFollow(b[0], b[1]) {
			return 1
		}
		n++
	}
	return n
}

// mayFollow tells whether the second byte of a character can be one: of
// overlong forms and of what lies beyond U+10FFFF it cannot.
func mayFollow(lead, second byte) bool {
	switch lead {
	case 0xE0:
		return second >= 0xA0
	case 0xF0:
		return second >= 0x90
	case 0xF4:
		return second < 0x90
	}
	return true
}
