package e4x

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner cuts the source into tokens. It does not know whether / divides or
// begins a regular expression and whether < compares or begins an XML literal:
// it always takes the operator, and the parser asks for the other reading
// where an expression begins.
type scanner struct {
	src     string
	pos     int
	patches []int // offsets of <!-- and --> that start comments, and of format characters
	err     *failure
}

// failure is an error at an offset of the source.
type failure struct {
	pos int
	msg string
}

func (f *failure) Error() string { return f.msg }

func (s *scanner) fail(pos int, msg string) {
	if s.err == nil {
		s.err = &failure{pos, msg}
	}
}

// next returns the next token.
func (s *scanner) next() token {
	t := token{newline: s.skipSpace()}
	t.pos = s.pos
	if s.pos >= len(s.src) {
		t.end = s.pos
		return t
	}
	c := s.src[s.pos]
	switch {
	case isNameStart(c) || c == '\\':
		t.kind = tName
		t.text, t.escaped = s.name()
	case c >= utf8.RuneSelf:
		r, _ := utf8.DecodeRuneInString(s.src[s.pos:])
		if !isIDStart(r) {
			s.fail(s.pos, "unexpected character "+string(r))
			s.pos = len(s.src)
			t.kind = tEOF
			break
		}
		t.kind = tName
		t.text, t.escaped = s.name()
	case isDigit(c) || c == '.' && s.pos+1 < len(s.src) && isDigit(s.src[s.pos+1]):
		t.kind = tNumber
		s.number()
		t.text = s.src[t.pos:s.pos]
	case c == '"' || c == '\'':
		t.kind = tString
		s.str(c)
		t.text = s.src[t.pos:s.pos]
	case c == '`':
		t.kind = tTemplate
		t.last = s.template()
		t.text = s.src[t.pos:s.pos]
	case c == '#':
		t.kind = tPrivate
		s.pos++
		name, _ := s.name()
		if name == "" {
			s.fail(t.pos, "unexpected #")
		}
		t.text = "#" + name
	default:
		n := punctLength(s.src[s.pos:])
		if n == 0 {
			s.fail(s.pos, "unexpected character "+string(rune(c)))
			s.pos = len(s.src)
			break
		}
		t.kind = tPunct
		s.pos += n
		t.text = s.src[t.pos:s.pos]
	}
	t.end = s.pos
	return t
}

// skipSpace skips white space and comments, and tells whether a line end was
// among them.
func (s *scanner) skipSpace() (newline bool) {
	lineStart := s.pos == 0
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ' ' || c == '\t' || c == '\v' || c == '\f':
			s.pos++
		case c == '\n' || c == '\r':
			s.pos++
			newline = true
		case c == '/' && s.at("//"):
			s.skipLine()
		case c == '/' && s.at("/*"):
			n := strings.Index(s.src[s.pos+2:], "*/")
			if n < 0 {
				s.fail(s.pos, "comment without end")
				s.pos = len(s.src)
				return newline
			}
			newline = newline || hasLineEnd(s.src[s.pos:s.pos+n+2])
			s.pos += n + 4
		case c == '<' && s.at("<!--"), c == '-' && (newline || lineStart) && s.at("-->"):
			// Rhino and browsers take both as the start of a one-line comment.
			s.patch()
			s.skipLine()
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s.src[s.pos:])
			switch {
			case r == '\u2028' || r == '\u2029':
				newline = true
			case r == '\ufeff', unicode.Is(unicode.Zs, r):
			case unicode.Is(unicode.Cf, r):
				// Rhino does not see format characters, such as the zero-width
				// spaces that come along with text copied from a web page.
				s.patch()
			default:
				return newline
			}
			s.pos += n
		default:
			return newline
		}
	}
	return newline
}

// patch notes that what stands here is to be written differently.
func (s *scanner) patch() {
	if n := len(s.patches); n == 0 || s.patches[n-1] < s.pos {
		s.patches = append(s.patches, s.pos)
	}
}

func (s *scanner) at(text string) bool { return strings.HasPrefix(s.src[s.pos:], text) }

func (s *scanner) skipLine() {
	for s.pos < len(s.src) && lineEnd(s.src, s.pos) == 0 {
		s.pos++
	}
}

func hasLineEnd(text string) bool {
	return strings.ContainsAny(text, "\n\r\u2028\u2029")
}

// name scans an identifier, with its \u escapes resolved.
func (s *scanner) name() (name string, escaped bool) {
	start := s.pos
	var b strings.Builder
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		if isNameStart(c) || isDigit(c) {
			s.pos++
			continue
		}
		if c == '\\' {
			b.WriteString(s.src[start:s.pos])
			r, n := unicodeEscape(s.src[s.pos:])
			if n == 0 || !isIDPart(r) {
				s.fail(s.pos, "broken \\u escape in a name")
				s.pos = len(s.src)
				return "", true
			}
			b.WriteRune(r)
			s.pos += n
			start, escaped = s.pos, true
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRuneInString(s.src[s.pos:])
		if !isIDPart(r) {
			break
		}
		s.pos += n
	}
	if !escaped {
		return s.src[start:s.pos], false
	}
	b.WriteString(s.src[start:s.pos])
	return b.String(), true
}

// number scans a number of any form. Only its extent matters here.
func (s *scanner) number() {
	start := s.pos
	digits := func(ok func(byte) bool) {
		for s.pos < len(s.src) && (ok(s.src[s.pos]) || s.src[s.pos] == '_') {
			s.pos++
		}
	}
	defer func() {
		r, _ := utf8.DecodeRuneInString(s.src[s.pos:])
		if s.pos < len(s.src) && (isIDStart(r) || r == '\\' || isDigit(s.src[s.pos])) {
			s.fail(s.pos, "a name or digit directly after a number")
		}
	}()
	if s.src[s.pos] == '0' && s.pos+1 < len(s.src) {
		switch c := s.src[s.pos+1]; {
		case c|0x20 == 'x' || c|0x20 == 'o' || c|0x20 == 'b':
			s.pos += 2
			digits(isHex)
			s.big()
			return
		case isDigit(c):
			digits(isDigit)
			if !strings.ContainsAny(s.src[start:s.pos], "89") {
				return // 010 is octal and 010.5 is not a number
			}
		}
	}
	digits(isDigit)
	if s.big() {
		return
	}
	if s.pos < len(s.src) && s.src[s.pos] == '.' {
		s.pos++
		digits(isDigit)
	}
	if s.pos < len(s.src) && s.src[s.pos]|0x20 == 'e' {
		mark := s.pos
		s.pos++
		if s.pos < len(s.src) && (s.src[s.pos] == '+' || s.src[s.pos] == '-') {
			s.pos++
		}
		if s.pos >= len(s.src) || !isDigit(s.src[s.pos]) {
			s.pos = mark
			return
		}
		digits(isDigit)
	}
}

// big skips the n of a BigInt.
func (s *scanner) big() bool {
	if s.pos < len(s.src) && s.src[s.pos] == 'n' {
		s.pos++
		return true
	}
	return false
}

// str scans a string in quotes.
func (s *scanner) str(quote byte) {
	start := s.pos
	s.pos++
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case quote:
			s.pos++
			return
		case '\\':
			s.pos++
			if s.pos < len(s.src) {
				if n := lineEnd(s.src, s.pos); n > 0 {
					s.pos += n
					continue
				}
				s.pos++
			}
		case '\n', '\r':
			s.fail(start, "string without end")
			s.pos = len(s.src)
			return
		default:
			s.pos++
		}
	}
	s.fail(start, "string without end")
}

// template scans a template, or its next part, from ` or } on, and tells
// whether that was the last part.
func (s *scanner) template() (last bool) {
	start := s.pos
	s.pos++
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '`':
			s.pos++
			return true
		case c == '\\':
			s.pos = min(s.pos+2, len(s.src))
		case c == '$' && s.at("${"):
			s.pos += 2
			return false
		default:
			s.pos++
		}
	}
	s.fail(start, "template without end")
	return true
}

// regex scans a regular expression that begins at pos.
func (s *scanner) regex(pos int) token {
	s.pos = pos + 1
	class := false
	for s.pos < len(s.src) && lineEnd(s.src, s.pos) == 0 {
		c := s.src[s.pos]
		s.pos++
		switch {
		case c == '\\':
			if s.pos < len(s.src) && lineEnd(s.src, s.pos) == 0 {
				s.pos++
			}
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			s.name()
			return token{kind: tRegex, pos: pos, end: s.pos, text: s.src[pos:s.pos]}
		}
	}
	s.fail(pos, "regular expression without end")
	s.pos = len(s.src)
	return token{kind: tRegex, pos: pos, end: s.pos}
}

// punctLength returns the length of the operator that s begins with, or 0.
func punctLength(s string) int {
	switch s[0] {
	case '(', ')', '[', ']', '{', '}', ';', ',', '~', '@':
		return 1
	case '.':
		if strings.HasPrefix(s, "...") {
			return 3
		}
		return prefixLength(s, "..", 1)
	case ':':
		return prefixLength(s, "::", 1)
	case '?':
		if strings.HasPrefix(s, "?.") && (len(s) == 2 || !isDigit(s[2])) {
			return 2
		}
		return operatorLength(s, '?', 2)
	case '<':
		return operatorLength(s, '<', 2)
	case '>':
		return operatorLength(s, '>', 3)
	case '*':
		return operatorLength(s, '*', 2)
	case '&':
		return operatorLength(s, '&', 2)
	case '|':
		return operatorLength(s, '|', 2)
	case '+', '-':
		if len(s) > 1 && s[1] == s[0] {
			return 2
		}
		return prefixLength(s[1:], "=", 0) + 1
	case '=':
		if strings.HasPrefix(s, "=>") {
			return 2
		}
		n := 1
		for n < 3 && n < len(s) && s[n] == '=' {
			n++
		}
		return n
	case '!':
		n := 1
		for n > 0 && n < 3 && n < len(s) && s[n] == '=' {
			n++
		}
		return n
	case '/', '%', '^':
		return prefixLength(s[1:], "=", 0) + 1
	}
	return 0
}

// operatorLength measures up to most times c and a = after it. A ? alone takes
// no =.
func operatorLength(s string, c byte, most int) int {
	n := 1
	for n < most && n < len(s) && s[n] == c {
		n++
	}
	if n < len(s) && s[n] == '=' && (c != '?' || n == 2) {
		n++
	}
	return n
}

func prefixLength(s, prefix string, otherwise int) int {
	if strings.HasPrefix(s, prefix) {
		return len(prefix)
	}
	return otherwise
}
