package jdbc

import (
	"strconv"
	"strings"
)

// Rebind writes the placeholders ? of a statement as the dialect has them.
// Question marks in quotes, comments and dollar quotes stay; so does, as one, a
// doubled one, which JDBC has for operators of PostgreSQL.
func (d Dialect) Rebind(statement string) string {
	if !strings.Contains(statement, "?") {
		return statement
	}
	var b strings.Builder
	n := 0
	scan(d, statement, func(text string, quoted bool) {
		if quoted {
			b.WriteString(text)
			return
		}
		for {
			before, after, found := strings.Cut(text, "?")
			b.WriteString(before)
			if !found {
				return
			}
			text = after
			if d == PostgreSQL && strings.HasPrefix(after, "?") {
				b.WriteByte('?')
				text = after[1:]
				continue
			}
			n++
			b.WriteString(d.placeholder(n))
		}
	})
	return b.String()
}

func (d Dialect) placeholder(n int) string {
	switch d {
	case PostgreSQL:
		return "$" + strconv.Itoa(n)
	case SQLServer:
		return "@p" + strconv.Itoa(n)
	case Oracle:
		return ":" + strconv.Itoa(n)
	}
	return "?"
}

// Statement is one of several in a text.
type Statement struct {
	Text       string // as typed, with placeholders ?
	Parameters int
}

// Split takes a text of statements separated by semicolons apart. Most databases
// take parameters with one statement only.
func (d Dialect) Split(text string) []Statement {
	var out []Statement
	var b strings.Builder
	n, content := 0, false
	flush := func() {
		if content {
			out = append(out, Statement{strings.TrimSpace(b.String()), n})
		}
		b.Reset()
		n, content = 0, false
	}
	scan(d, text, func(part string, quoted bool) {
		if quoted {
			b.WriteString(part)
			content = content || !strings.HasPrefix(part, "--") && !strings.HasPrefix(part, "/*")
			return
		}
		for i := 0; i < len(part); i++ {
			switch c := part[i]; {
			case c == ';':
				flush()
				continue
			case c == '?' && d == PostgreSQL && strings.HasPrefix(part[i+1:], "?"):
				b.WriteByte('?')
				i++
			case c == '?':
				n++
				content = true
			case c > ' ':
				content = true
			}
			b.WriteByte(part[i])
		}
	})
	flush()
	return out
}

// Parts calls f with the pieces of a statement in order: what is a literal, a
// quoted name or a comment, whole with its marks, and what lies between.
func (d Dialect) Parts(statement string, f func(text string, quoted bool)) { scan(d, statement, f) }

func scan(d Dialect, s string, f func(text string, quoted bool)) {
	plain := 0
	for i := 0; i < len(s); {
		end := quoted(d, s, i)
		if end == i {
			i++
			continue
		}
		if i > plain {
			f(s[plain:i], false)
		}
		f(s[i:end], true)
		i, plain = end, end
	}
	if plain < len(s) {
		f(s[plain:], false)
	}
}

// quoted returns where the literal, name or comment that begins at i ends, and i
// when none does. One that is not closed reaches to the end.
func quoted(d Dialect, s string, i int) int {
	rest := s[i:]
	through := func(from int, mark string) int {
		if j := strings.Index(rest[from:], mark); j >= 0 {
			return i + from + j + len(mark)
		}
		return len(s)
	}
	switch c := s[i]; {
	case strings.HasPrefix(rest, "--"), c == '#' && d.MySQLs():
		return through(1, "\n")
	case strings.HasPrefix(rest, "/*"):
		return through(2, "*/")
	case c == '\'' || c == '"' || c == '`' && (d.MySQLs() || d == SQLite):
		escapes := d.MySQLs() && c != '`' || d == PostgreSQL && c == '\'' && i > 0 && (s[i-1] == 'E' || s[i-1] == 'e')
		return closing(s, i, c, escapes)
	case c == '[' && (d == SQLServer || d == SQLite):
		return closing(s, i, ']', false)
	case c == '$' && d == PostgreSQL:
		if j := strings.IndexByte(rest[1:], '$'); j >= 0 && isTag(rest[1:1+j]) {
			return through(j+2, rest[:j+2])
		}
	}
	return i
}

func closing(s string, i int, mark byte, escapes bool) int {
	for j := i + 1; j < len(s); j++ {
		switch {
		case escapes && s[j] == '\\':
			j++
		case s[j] == mark && j+1 < len(s) && s[j+1] == mark:
			j++
		case s[j] == mark:
			return j + 1
		}
	}
	return len(s)
}

func isTag(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
