package hl7v2

import "strings"

// lastHeaderField is the highest field of MSH that is read without a tree:
// MSH-15, which says when to acknowledge.
const lastHeaderField = 15

// header is the MSH of a message, read without looking at what comes after it.
type header struct {
	delimiters
	encoding string // MSH-2, four characters at most
	fields   [lastHeaderField + 1]string
}

// readHeader reads the MSH of a message, which may stand behind the headers of a
// file or batch. ok is false when there is none.
func readHeader(text string) (h header, ok bool) {
	text = trimLeft(text)
	for strings.HasPrefix(text, "FHS") || strings.HasPrefix(text, "BHS") {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return h, false
		}
		text = trimLeft(text[i:])
	}
	if !strings.HasPrefix(text, "MSH") {
		return h, false
	}
	line := text
	if i := strings.IndexByte(line, '\r'); i >= 0 {
		line = line[:i]
	}
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	h.delimiters, h.encoding, ok = delimitersOf(line)
	if !ok {
		return h, false
	}
	_, rest, more := strings.Cut(line[3+len(h.field):], h.field)
	for i := 3; more && i <= lastHeaderField; i++ {
		h.fields[i], rest, more = strings.Cut(rest, h.field)
	}
	return h, true
}

// part returns a component of a field of the MSH, in its first repetition.
func (h *header) part(field, component int) string {
	return partOf(h.first(field), h.component, component)
}

// first returns the first repetition of a field of the MSH.
func (h *header) first(field int) string {
	text, _, _ := strings.Cut(h.fields[field], h.repetition)
	return text
}

// partOf returns the part of that number, from 1, between separators.
func partOf(text, separator string, number int) string {
	if separator == "" {
		if number == 1 {
			return text
		}
		return ""
	}
	for ; number > 1; number-- {
		var found bool
		if _, text, found = strings.Cut(text, separator); !found {
			return ""
		}
	}
	text, _, _ = strings.Cut(text, separator)
	return text
}
