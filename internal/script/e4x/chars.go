package e4x

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// isNameStart tells whether an ASCII byte may begin an identifier.
func isNameStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$'
}

func isIDStart(r rune) bool {
	if r < utf8.RuneSelf {
		return isNameStart(byte(r))
	}
	return unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r)
}

func isIDPart(r rune) bool {
	if r < utf8.RuneSelf {
		return isNameStart(byte(r)) || isDigit(byte(r))
	}
	return isIDStart(r) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) ||
		r == '\u200c' || r == '\u200d'
}

// unicodeEscape reads \uXXXX or \u{X…} at the start of s. The length is 0 if
// there is none.
func unicodeEscape(s string) (rune, int) {
	if !strings.HasPrefix(s, `\u`) {
		return 0, 0
	}
	digits, n := "", 0
	if strings.HasPrefix(s, `\u{`) {
		end := strings.IndexByte(s, '}')
		if end < 4 || end > 16 {
			return 0, 0
		}
		digits, n = s[3:end], end+1
	} else if len(s) >= 6 {
		digits, n = s[2:6], 6
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || v > unicode.MaxRune || digits[0] == '+' {
		return 0, 0
	}
	return rune(v), n
}

// stringValue returns the value of a string literal, quotes included in text.
func stringValue(text string) string {
	s := text[1 : len(text)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		n := escape(&b, s[i:])
		i += n
	}
	return b.String()
}

// escape writes what the escape sequence at the start of s stands for and
// returns its length.
func escape(b *strings.Builder, s string) int {
	if n := lineEnd(s, 1); n > 0 {
		return 1 + n
	}
	switch c := s[1]; c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'v':
		b.WriteByte('\v')
	case 'x':
		if len(s) >= 4 && isHex(s[2]) && isHex(s[3]) {
			v, _ := strconv.ParseUint(s[2:4], 16, 8)
			b.WriteRune(rune(v))
			return 4
		}
		b.WriteByte('x')
	case 'u':
		if r, n := unicodeEscape(s); n > 0 {
			b.WriteRune(r)
			return n
		}
		b.WriteByte('u')
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n := 2
		for n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '7' && (n < 3 || c <= '3') {
			n++
		}
		v, _ := strconv.ParseUint(s[1:n], 8, 16)
		b.WriteRune(rune(v))
		return n
	default:
		_, n := utf8.DecodeRuneInString(s[1:])
		b.WriteString(s[1 : 1+n])
		return 1 + n
	}
	return 2
}
