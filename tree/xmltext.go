package tree

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// value reads characters up to stop, which it leaves, or to the end of the text:
// references are replaced and line ends made LF. Without either, the result is
// a part of the text. forbidden must not occur.
func (p *xmlParser) value(stop byte, forbidden string) (string, error) {
	start, from := p.pos, p.pos
	p.buf = p.buf[:0]
	attribute := forbidden == ""
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if xmlPlain[c] && c != stop {
			p.pos++
			continue
		}
		if c == stop {
			break
		}
		switch {
		case c == '&':
			p.buf = append(p.buf, p.text[from:p.pos]...)
			if err := p.reference(); err != nil {
				return "", err
			}
			from = p.pos
		case c == '<':
			return "", p.fail(p.pos, "an attribute contains <")
		case c == ']':
			if forbidden != "" && strings.HasPrefix(p.text[p.pos:], forbidden) {
				return "", p.fail(p.pos, "the end of a CDATA section stands in a text")
			}
			p.pos++
		case c == '\r':
			p.buf = append(append(p.buf, p.text[from:p.pos]...), lineEnd(attribute))
			p.pos++
			if strings.HasPrefix(p.text[p.pos:], "\n") {
				p.pos++
			}
			from = p.pos
		case c == '\n' || c == '\t':
			if attribute {
				p.buf = append(append(p.buf, p.text[from:p.pos]...), ' ')
				from = p.pos + 1
			}
			p.pos++
		case c < 0x20:
			return "", p.fail(p.pos, "there is a control character")
		default: // a quote of the other kind, >
			p.pos++
		}
	}
	if from == start {
		return p.text[start:p.pos], nil
	}
	return string(append(p.buf, p.text[from:p.pos]...)), nil
}

func lineEnd(attribute bool) byte {
	if attribute {
		return ' '
	}
	return '\n'
}

// quoted reads an attribute's value with its quotes.
func (p *xmlParser) quoted() (string, error) {
	if p.pos >= len(p.text) || p.text[p.pos] != '"' && p.text[p.pos] != '\'' {
		return "", p.fail(p.pos, "an attribute's value is not quoted")
	}
	quote, start := p.text[p.pos], p.pos
	p.pos++
	value, err := p.value(quote, "")
	if err != nil {
		return "", err
	}
	if p.pos >= len(p.text) {
		return "", p.fail(start, "an attribute's value has no end")
	}
	p.pos++
	return value, nil
}

// reference reads &…; and appends what it stands for.
func (p *xmlParser) reference() error {
	start := p.pos
	rest := p.text[p.pos+1:]
	end := strings.IndexByte(rest[:min(len(rest), 16)], ';')
	if end <= 0 {
		return p.fail(start, "an ampersand does not begin a reference")
	}
	name := rest[:end]
	p.pos += end + 2
	if name[0] == '#' {
		r, ok := numericReference(name[1:])
		if !ok {
			return p.fail(start, "a numeric reference is no character")
		}
		if utf16.IsSurrogate(r) {
			r = p.lowSurrogate(r)
		}
		p.buf = utf8.AppendRune(p.buf, r)
		return nil
	}
	for _, e := range &xmlEntities {
		if e.name == name {
			p.buf = append(p.buf, e.char)
			return nil
		}
	}
	return p.fail(start, "an entity is not known")
}

// lowSurrogate joins two references that some writers make of one character
// outside of the basic plane.
func (p *xmlParser) lowSurrogate(high rune) rune {
	rest := p.text[p.pos:]
	end := strings.IndexByte(rest[:min(len(rest), 16)], ';')
	if end < 2 || rest[:2] != "&#" {
		return utf8.RuneError
	}
	low, ok := numericReference(rest[2:end])
	r := utf16.DecodeRune(high, low)
	if !ok || r == utf8.RuneError {
		return utf8.RuneError
	}
	p.pos += end + 1
	return r
}

func numericReference(digits string) (rune, bool) {
	base := 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune
}

var xmlEntities = [...]struct {
	name string
	char byte
}{{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}

// upTo reads a section without references: what is between begin and end.
func (p *xmlParser) upTo(begin, end, problem string) (string, error) {
	from := p.pos + len(begin)
	i := strings.Index(p.text[from:], end)
	if i < 0 {
		return "", p.fail(p.pos, problem)
	}
	value := p.text[from : from+i]
	for j := 0; j < len(value); j++ {
		if c := value[j]; c < 0x20 && !isBlank(c) {
			return "", p.fail(from+j, "there is a control character")
		}
	}
	p.pos = from + i + len(end)
	if strings.IndexByte(value, '\r') >= 0 {
		value = strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", "\n"), "\r", "\n")
	}
	return value, nil
}

// name reads the name of an element or attribute.
func (p *xmlParser) name() (tag, prefix, local string, err error) {
	start, colon := p.pos, -1
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if c == ':' && colon < 0 {
			colon = p.pos - start
		} else if c < utf8.RuneSelf && !xmlNameByte[c] {
			break
		}
		p.pos++
	}
	tag = p.text[start:p.pos]
	local = tag
	if colon >= 0 {
		prefix, local = tag[:colon], tag[colon+1:]
	}
	if !IsXMLName(local) || colon >= 0 && !IsXMLName(prefix) {
		return "", "", "", p.fail(start, "there is no proper name")
	}
	return tag, prefix, local, nil
}

func (p *xmlParser) skipBlanks() bool {
	start := p.pos
	for p.pos < len(p.text) && isBlank(p.text[p.pos]) {
		p.pos++
	}
	return p.pos > start
}

// IsXMLName reports whether s can be the name of an element or attribute,
// without a prefix.
func IsXMLName(s string) bool {
	if s == "" {
		return false
	}
	if c := s[0]; c < utf8.RuneSelf && (!xmlNameByte[c] || c == '-' || c == '.' || '0' <= c && c <= '9') {
		return false
	}
	for i, r := range s {
		if r < utf8.RuneSelf {
			if !xmlNameByte[r] {
				return false
			}
		} else if !nameRune(r, i == 0) {
			return false
		}
	}
	return true
}

// nameRune is the part of the production NameChar beyond ASCII.
func nameRune(r rune, first bool) bool {
	switch {
	case r == 0xB7, 0x300 <= r && r <= 0x36F, 0x203F <= r && r <= 0x2040:
		return !first
	case r < 0xC0, r == 0xD7, r == 0xF7, r == 0x37E:
		return false
	case r <= 0x1FFF, 0x200C <= r && r <= 0x200D, 0x2070 <= r && r <= 0x218F, 0x2C00 <= r && r <= 0x2FEF,
		0x3001 <= r && r <= 0xD7FF, 0xF900 <= r && r <= 0xFDCF, 0xFDF0 <= r && r < 0xFFFD, 0x10000 <= r && r <= 0xEFFFF:
		return true
	}
	return false
}

// xmlNameByte are the ASCII characters of names.
var xmlNameByte = func() (t [256]bool) {
	for c := range t {
		t[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.'
	}
	return t
}()

// xmlPlain are the bytes that need no look inside a text.
var xmlPlain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != '<' && c != '&' && c != ']' && c != '"' && c != '\''
	}
	return t
}()

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func allBlank(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isBlank(s[i]) {
			return false
		}
	}
	return true
}

// invalidUTF8 returns where s stops being UTF-8, or -1.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}
