package delimited

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what is read.
const (
	MaxColumns = 100_000   // in one record
	MaxCells   = 4_000_000 // in all records of a message
)

// reader takes one record after the other off a text.
type reader struct {
	*format
	text string
	pos  int
}

// next reads one record into the columns given, which it may grow. ok is false
// at the end of the text; a record delimiter at the end begins no other record.
func (r *reader) next(columns []string) (record []string, ok bool, err error) {
	r.skipCR()
	if r.pos >= len(r.text) {
		return columns, false, nil
	}
	if len(r.widths) > 0 {
		return r.fixed(columns), true, nil
	}
	for {
		columns = append(columns, r.value())
		if len(columns) > MaxColumns {
			return nil, false, fmt.Errorf("a record has more than %d columns", MaxColumns)
		}
		switch {
		case r.take(r.record):
			return columns, true, nil
		case !r.take(r.column):
			return columns, true, nil
		}
	}
}

// value reads one column up to the delimiter after it. Only a quote at its
// beginning counts; what follows the quote that ends it belongs to it as it is.
func (r *reader) value() string {
	r.skipCR()
	if r.take(r.quote) {
		return r.quoted() + r.plain()
	}
	return r.plain()
}

func (r *reader) plain() string {
	start := r.pos
	for r.pos < len(r.text) && !r.at(r.record) && !r.at(r.column) {
		r.pos++
	}
	return r.clean(r.text[start:r.pos])
}

// quoted reads up to the quote that ends the value, or to the end of the text.
func (r *reader) quoted() string {
	var b strings.Builder
	from := r.pos
	flush := func() { b.WriteString(r.clean(r.text[from:r.pos])) }
	for r.pos < len(r.text) {
		escape := r.escape
		if r.doubled {
			escape = r.quote
		}
		if literal := r.escaped(escape); literal != "" {
			flush()
			b.WriteString(literal)
			r.pos += len(escape) + len(literal)
			from = r.pos
			continue
		}
		if r.at(r.quote) {
			break
		}
		r.pos++
	}
	flush()
	r.take(r.quote)
	return b.String()
}

// escaped returns what stands escaped at the position: a quote or the escape
// itself, or "" when there is none.
func (r *reader) escaped(escape string) string {
	if !r.at(escape) {
		return ""
	}
	rest := r.text[r.pos+len(escape):]
	for _, literal := range [...]string{r.quote, escape} {
		if strings.HasPrefix(rest, literal) {
			return literal
		}
	}
	return ""
}

// fixed reads a record of columns with fixed widths: blanks at their ends are
// dropped, and so is what follows the last one. A short record has fewer columns.
func (r *reader) fixed(columns []string) []string {
	line, _, _ := strings.Cut(r.text[r.pos:], r.record)
	r.pos += len(line)
	r.take(r.record)
	line = r.clean(line)
	for _, width := range r.widths {
		if line == "" {
			break
		}
		n := prefix(line, width)
		columns = append(columns, strings.TrimRight(line[:n], " \t\r\n\v\f"))
		line = line[n:]
	}
	return columns
}

// prefix returns the length in bytes of the first characters of a text.
func prefix(text string, characters int) int {
	n := 0
	for range characters {
		if n >= len(text) {
			break
		}
		_, size := utf8.DecodeRuneInString(text[n:])
		n += size
	}
	return n
}

// skipCR passes over carriage returns that are to be left out. A record
// delimiter that begins with one is found nevertheless.
func (r *reader) skipCR() {
	for r.dropCR && r.at("\r") && !r.at(r.record) && !r.at(r.column) {
		r.pos++
	}
}

func (r *reader) clean(value string) string {
	if r.dropCR && strings.IndexByte(value, '\r') >= 0 {
		return strings.ReplaceAll(value, "\r", "")
	}
	return value
}

// at reports whether a delimiter, which must not be empty, is at the position.
func (r *reader) at(delimiter string) bool {
	return delimiter != "" && r.pos < len(r.text) && r.text[r.pos] == delimiter[0] && strings.HasPrefix(r.text[r.pos:], delimiter)
}

func (r *reader) take(delimiter string) bool {
	if !r.at(delimiter) {
		return false
	}
	r.pos += len(delimiter)
	return true
}
