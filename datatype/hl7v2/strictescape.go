package hl7v2

import "strings"

// escapes are the escape sequences of a message (HL7 v2.5.1 §2.7), as HAPI reads
// and writes them.
type escapes struct {
	escape    string
	sequences []string // each with what it stands for behind it
}

func (d *delimiters) escapes() escapes {
	e := escapes{escape: d.escape}
	if d.escape == "" {
		return e
	}
	for _, one := range [...]struct{ code, means string }{
		{"F", d.field}, {"S", d.component}, {"T", d.subcomponent}, {"R", d.repetition}, {"E", d.escape}, {"X000d", "\r"},
	} {
		if one.means != "" {
			e.sequences = append(e.sequences, d.escape+one.code+d.escape, one.means)
		}
	}
	return e
}

// unescape puts delimiters in the place of their sequences. Sequences that format
// a text, and those of character sets and of one's own, stay; an escape character
// that begins none is dropped.
func (e *escapes) unescape(text string) string {
	if e.escape == "" || !strings.Contains(text, e.escape) {
		return text
	}
	var out strings.Builder
	for text != "" {
		i := strings.Index(text, e.escape)
		if i < 0 {
			break
		}
		out.WriteString(text[:i])
		text = text[i:]
		sequence, means := e.known(text)
		if sequence == "" {
			sequence = e.kept(text)
			means = sequence
		}
		if sequence == "" {
			sequence = e.escape
		}
		out.WriteString(means)
		text = text[len(sequence):]
	}
	return out.String() + text
}

func (e *escapes) known(text string) (sequence, means string) {
	for i := 0; i < len(e.sequences); i += 2 {
		if strings.HasPrefix(text, e.sequences[i]) {
			return e.sequences[i], e.sequences[i+1]
		}
	}
	return "", ""
}

// kept returns the sequence at the beginning of a text that is neither read nor
// written, or "".
func (e *escapes) kept(text string) string {
	rest := text[len(e.escape):]
	end := strings.Index(rest, e.escape)
	if end < 0 || rest == "" {
		return ""
	}
	switch rest[0] {
	case '.', 'C', 'M', 'X', 'Z':
	case 'H', 'N':
		if end != 1 {
			return ""
		}
	default:
		return ""
	}
	return text[:len(e.escape)+end+len(e.escape)]
}

// escaped puts sequences in the place of delimiters.
func (e *escapes) escaped(text string) string {
	if e.escape == "" {
		return text
	}
	var out strings.Builder
next:
	for text != "" {
		if strings.HasPrefix(text, e.escape) {
			if sequence := e.kept(text); sequence != "" {
				out.WriteString(sequence)
				text = text[len(sequence):]
				continue
			}
		}
		for i := 0; i < len(e.sequences); i += 2 {
			if rest, ok := strings.CutPrefix(text, e.sequences[i+1]); ok {
				out.WriteString(e.sequences[i])
				text = rest
				continue next
			}
		}
		out.WriteByte(text[0])
		text = text[1:]
	}
	return out.String()
}
