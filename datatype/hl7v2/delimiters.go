package hl7v2

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// delimiters are the separators a message announces in MSH-1 and MSH-2 (HL7
// v2.5.1 §2.5.4). One that is empty does not exist.
type delimiters struct {
	field, component, repetition, escape, subcomponent string
}

var (
	// standard are the delimiters the standard recommends.
	standard = delimiters{"|", "^", "~", `\`, "&"}

	// headless are used to read a message that does not begin with a header.
	headless = delimiters{"|", "^", "~", "", ""}
)

// delimitersOf reads the delimiters from the first segment of a message. ok is
// false when it is no header; encoding is MSH-2 as the tree shows it.
//
// MSH-2 may be shorter than four characters: what is missing keeps its default,
// but there is no subcomponent separator. ^~& is read as ^~\&, as senders that
// forget the escape character mean it. Further characters, such as the
// truncation character of v2.7, are ignored.
func delimitersOf(line string) (d delimiters, encoding string, ok bool) {
	if len(line) < 4 || !isHeader(line[:3]) {
		return headless, "", false
	}
	r, size := utf8.DecodeRuneInString(line[3:])
	if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\r' || r == '\n' || r == utf8.RuneError {
		return headless, "", false
	}
	d = headless
	d.field = line[3 : 3+size]
	encoding, _, _ = strings.Cut(line[3+size:], d.field)
	if encoding == "^~&" {
		encoding = `^~\&`
	}
	d.announce(encoding)
	return d, encoding, true
}

// announce takes delimiters from the text of MSH-2, up to one that is no character.
func (d *delimiters) announce(encoding string) {
	for _, p := range [...]*string{&d.component, &d.repetition, &d.escape, &d.subcomponent} {
		r, size := utf8.DecodeRuneInString(encoding)
		if r == utf8.RuneError {
			return
		}
		*p, encoding = encoding[:size], encoding[size:]
	}
}

// isHeader reports whether a segment begins with its delimiters: MSH, and the
// headers of files and batches (§2.10.3).
func isHeader(name string) bool { return name == "MSH" || name == "FHS" || name == "BHS" }

// dialect is how a text is cut into a tree: the delimiters that count with the
// settings, and the characters that end segments. Two equal dialects make equal
// trees of a segment.
type dialect struct {
	field, component, repetition, subcomponent string
	ends                                       string
}

func (t *Type) dialect(d delimiters, ends string) dialect {
	out := dialect{d.field, d.component, d.repetition, d.subcomponent, ends}
	if !t.handleRepetitions {
		out.repetition = ""
	}
	if !t.handleSubcomponents {
		out.subcomponent = ""
	}
	return out
}

// writtenBy reports whether joining with d gives back what was cut.
func (c *dialect) writtenBy(d *delimiters) bool {
	return c.field == d.field && c.component == d.component &&
		(c.repetition == "" || c.repetition == d.repetition) &&
		(c.subcomponent == "" || c.subcomponent == d.subcomponent)
}

// sortedSet returns the characters of s, each once, in order.
func sortedSet(s string) string {
	runes := []rune(s)
	slices.Sort(runes)
	return string(slices.Compact(runes))
}

// trim takes off what Mirth does: blanks and control characters at both ends.
func trim(s string) string {
	s = trimLeft(s)
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func trimLeft(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	return s
}

func isBlank(s string) bool { return trimLeft(s) == "" }
