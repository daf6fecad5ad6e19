package database

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/jdbc"
)

// urlFault is the fault of a URL that cannot be used.
func urlFault(err error) error {
	var e *jdbc.Error
	if errors.As(err, &e) {
		return &weir.Fault{At: "url", Err: e.Err, Hint: e.Hint}
	}
	return weir.WithHint(err, "url", "Check the URL of the database.")
}

// connectFault is the fault of a database that cannot be reached.
func connectFault(src jdbc.Source, err error) error {
	return &weir.Fault{At: "url", Err: fmt.Errorf("connect to the %s database %s: %w", src.Dialect, src.Address, err),
		Hint: "Check url, username and password, and that the database accepts connections from this computer."}
}

// statementFault is the fault of a statement that the database refused. Databases
// quote values in their messages; those are left out.
func statementFault(setting string, err error, args []any) error {
	return &weir.Fault{At: setting, Err: &withoutValues{err, hideValues(err.Error(), args)},
		Hint: "Check the statement, and what the user may do in the database."}
}

type withoutValues struct {
	error
	text string
}

func (w *withoutValues) Error() string { return w.text }
func (w *withoutValues) Unwrap() error { return w.error }

// hidden stands in an error where a value stood.
const hidden = "…"

// shortest is the length from which a value is taken out wherever it stands; a
// shorter one only from quotes and parentheses, or it would be found in words.
const shortest = 6

// hideValues takes the parameters out of a text, and what is quoted and part of
// one, since databases shorten values.
func hideValues(text string, args []any) string {
	for _, arg := range args {
		value := jdbc.Text(arg, func(b []byte) string { return string(b) })
		if value == "" {
			continue
		}
		if len(value) >= shortest {
			text = strings.ReplaceAll(text, value, hidden)
		}
		for _, marks := range []string{`""`, "''", "()", "``"} {
			text = hideQuoted(text, value, marks[:1], marks[1:])
		}
	}
	return text
}

func hideQuoted(text, value, open, shut string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, open)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, shut)
		if inside != "" && (strings.Contains(value, inside) || strings.Contains(inside, value) && len(value) >= shortest) {
			inside = hidden
		}
		b.WriteString(open + inside)
		if !closed {
			return b.String()
		}
		b.WriteString(shut)
		text = after
	}
}
