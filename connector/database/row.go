package database

import (
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/jdbc"
)

// column is a value of a row.
type column struct {
	name  string // label in small letters
	label string // as a query in a script gave it; empty for a map of the script's own
	raw   any    // as the driver gave it, to be bound again
	value any    // as jdbc.Dialect.Value gives it
}

type row []column

// get returns the value to bind of a column, whose name is found in any case.
func (r row) get(name string) (any, bool) {
	name = strings.ToLower(name)
	for _, c := range r {
		if c.name == name {
			return c.raw, true
		}
	}
	return nil, false
}

// variables is the row as scripts see it, a weir.Row or weir.Columns. Mirth gives the map of
// a query's row as it is, and writes that of a script's own anew with small letters.
func (r row) variables() any {
	out, columns := make(weir.Row, len(r)), false
	for i, c := range r {
		out[i] = weir.Entry{Key: c.name, Value: c.value}
		if c.label != "" {
			out[i].Key, columns = c.label, true
		}
	}
	if columns {
		return weir.Columns(out)
	}
	return out
}

// resultsOf is all rows as scripts see them: those of a query, or the maps of a script.
func resultsOf(all []row) any {
	var queried []weir.Columns
	var own []weir.Row
	for _, r := range all {
		switch v := r.variables().(type) {
		case weir.Columns:
			queried = append(queried, v)
		case weir.Row:
			own = append(own, v)
		}
	}
	if len(own) > 0 {
		return own
	}
	return queried
}

// columnsOf names the columns of a result.
func columnsOf(rows *sql.Rows) (names, types []string, err error) {
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, c := range columns {
		name := strings.ToLower(c.Name())
		if seen[name] {
			return nil, nil, fmt.Errorf("two columns are called %q: give one another name with AS", name)
		}
		seen[name] = true
		names, types = append(names, name), append(types, c.DatabaseTypeName())
	}
	return names, types, nil
}

// scanRow reads the row that rows stands on.
func scanRow(d jdbc.Dialect, rows *sql.Rows, names, types []string) (row, error) {
	values, targets := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return nil, err
	}
	out := make(row, len(names))
	for i, v := range values {
		out[i] = column{name: names[i], raw: v, value: d.Value(v, types[i])}
		if text, ok := out[i].value.(string); ok {
			if _, isBytes := v.([]byte); isBytes {
				out[i].raw = text
			}
		}
	}
	return out, nil
}

const declaration = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>`

// oneXML is the message of one row.
func oneXML(r row, decode func([]byte) string) string {
	var b strings.Builder
	b.WriteString(declaration)
	writeRow(&b, r, "", decode)
	return b.String()
}

// allXML is the message of all rows.
func allXML(rows []row, decode func([]byte) string) string {
	var b strings.Builder
	b.WriteString(declaration + "<results>\n")
	for _, r := range rows {
		writeRow(&b, r, indent, decode)
	}
	b.WriteString("</results>\n")
	return b.String()
}

const indent = "    "

func writeRow(b *strings.Builder, r row, margin string, decode func([]byte) string) {
	b.WriteString(margin + "<result")
	open := false
	for _, c := range r {
		if c.value == nil {
			continue
		}
		if !open {
			b.WriteString(">\n")
			open = true
		}
		name := elementName(c.name)
		text := jdbc.Text(c.value, decode)
		if text == "" {
			b.WriteString(margin + indent + "<" + name + "/>\n")
			continue
		}
		b.WriteString(margin + indent + "<" + name + ">")
		escaped.WriteString(b, text)
		b.WriteString("</" + name + ">\n")
	}
	if !open {
		b.WriteString("/>\n")
		return
	}
	b.WriteString(margin + "</result>\n")
}

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")

// elementName is a column's name if that is a name in XML; else a first
// character that may not begin one, and each run of others that may not be in one,
// become an underscore.
func elementName(name string) string {
	if name == "" {
		return "_"
	}
	first, size := utf8.DecodeRuneInString(name)
	var b strings.Builder
	if mayBegin(first) {
		b.WriteRune(first)
	} else {
		b.WriteByte('_')
	}
	bad := false
	for _, c := range name[size:] {
		switch {
		case mayBegin(c) || c == '-' || c == '.' || c == 0xB7 || c >= '0' && c <= '9' || c >= 0x300 && c <= 0x36F || c == 0x203F || c == 0x2040:
			b.WriteRune(c)
			bad = false
		case !bad:
			b.WriteByte('_')
			bad = true
		}
	}
	return b.String()
}

// mayBegin tells whether a name in XML may begin with a character.
func mayBegin(c rune) bool {
	switch {
	case c < 0x80:
		return c == ':' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	case c == utf8.RuneError, c < 0xC0, c == 0xD7, c == 0xF7, c >= 0x300 && c <= 0x36F, c == 0x37E,
		c >= 0x2000 && c <= 0x206F && c != 0x200C && c != 0x200D, c >= 0x2190 && c <= 0x2BFF, c >= 0x2FF0 && c <= 0x3000,
		c >= 0xD800 && c <= 0xF8FF, c >= 0xFDD0 && c <= 0xFDEF, c >= 0xFFFE && c <= 0xFFFF, c >= 0xF0000:
		return false
	}
	return true
}
