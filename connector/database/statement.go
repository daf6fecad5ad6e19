package database

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/wire/jdbc"
)

// reference is ${…} in a statement.
var reference = regexp.MustCompile(`\$\{[^}]*\}`)

// mark stands for a reference while a statement is taken apart: what is in the
// braces may have quotes of its own.
const mark = "\x00"

// statement is SQL with its references taken out.
type statement struct {
	text   string // with a placeholder ? for each parameter
	params []config.Template
}

// references returns the ${…} of a statement as templates. Each is called after
// its place and its text, so that a value stored for one is never used for another.
func references(setting, sql string) []config.Template {
	var out []config.Template
	for i, text := range reference.FindAllString(sql, -1) {
		out = append(out, config.Template{Name: fmt.Sprintf("%s.%d.%s", setting, i, text), Text: text})
	}
	return out
}

// parse makes a statement of SQL. Quotes right around a reference are taken off:
// the parameter takes the place of the whole literal. References in comments are
// no parameters.
func parse(d jdbc.Dialect, setting, sql string) (statement, error) {
	all := references(setting, sql)
	var s statement
	var b strings.Builder
	next, inside := 0, ""
	d.Parts(reference.ReplaceAllString(strings.ReplaceAll(sql, mark, ""), mark), func(text string, quoted bool) {
		n := strings.Count(text, mark)
		refs := all[next : next+n]
		next += n
		switch {
		case quoted && n > 0 && (strings.HasPrefix(text, "--") || strings.HasPrefix(text, "/*") || strings.HasPrefix(text, "#")):
			b.WriteByte(' ')
			if strings.HasSuffix(text, "\n") {
				b.WriteByte('\n')
			}
			return
		case text == "'"+mark+"'":
			text = mark
		case quoted && n > 0:
			inside = refs[0].Text
		}
		s.params = append(s.params, refs...)
		b.WriteString(strings.ReplaceAll(text, mark, "?"))
	})
	if inside != "" {
		return s, &weir.Fault{At: setting, Err: fmt.Errorf("%s stands within quotes", inside),
			Hint: "A value is a parameter of its own: join it to other text with the database's own function, such as CONCAT('%', ${name}, '%')."}
	}
	if strings.TrimSpace(s.text+b.String()) == "" {
		return s, &weir.Fault{At: setting, Err: errors.New("there is no statement"), Hint: "Enter the SQL that is to be run."}
	}
	s.text = b.String()
	return s, nil
}
