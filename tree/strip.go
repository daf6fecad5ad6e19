package tree

import "strings"

// StripNamespaces takes the attributes xmlns and xmlns:… out of all start tags,
// as text, without reading the document. Prefixes stay where names have them, and a
// document with such names cannot be parsed afterwards: so it is in Mirth.
func StripNamespaces(text string) string {
	if !strings.Contains(text, "xmlns") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for text != "" {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		text = text[i:]
		if n := markupSection(text); n > 0 {
			b.WriteString(text[:n])
			text = text[n:]
			continue
		}
		text = stripTag(&b, text)
	}
	b.WriteString(text)
	return b.String()
}

// markupSection returns the length of a comment, CDATA section or processing
// instruction that text begins with, or 0.
func markupSection(text string) int {
	for _, s := range [...]struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if strings.HasPrefix(text, s.begin) {
			if i := strings.Index(text, s.end); i > 0 {
				return i + len(s.end)
			}
			return len(text)
		}
	}
	return 0
}

// stripTag copies the tag that text begins with and returns what follows it.
func stripTag(b *strings.Builder, text string) (rest string) {
	from := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '>':
			b.WriteString(text[from : i+1])
			return text[i+1:]
		case c == '"' || c == '\'':
			i = afterQuote(text, i)
		case isBlank(c):
			start := i
			for i < len(text) && isBlank(text[i]) {
				i++
			}
			if n := xmlnsAttribute(text[i:]); n > 0 {
				b.WriteString(text[from:start])
				i += n
				from = i
			}
		default:
			i++
		}
	}
	b.WriteString(text[from:])
	return ""
}

// xmlnsAttribute returns the length of a declaration that text begins with, or 0.
func xmlnsAttribute(text string) int {
	rest, ok := strings.CutPrefix(text, "xmlns")
	if !ok || rest == "" || rest[0] != ':' && rest[0] != '=' && !isBlank(rest[0]) {
		return 0
	}
	i := strings.IndexAny(rest, `"'>`)
	if i < 0 || rest[i] == '>' {
		return 0
	}
	return len("xmlns") + afterQuote(rest, i)
}

// afterQuote returns the position behind the quoted text that begins at i.
func afterQuote(text string, i int) int {
	n := strings.IndexByte(text[i+1:], text[i])
	if n < 0 {
		return len(text)
	}
	return i + n + 2
}
