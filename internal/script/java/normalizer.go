package java

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

var normalForms = map[string]norm.Form{"NFD": norm.NFD, "NFC": norm.NFC, "NFKD": norm.NFKD, "NFKC": norm.NFKC}

// normalizerClasses are java.text.Normalizer, with which scripts take accents off, and
// StringJoiner.
func normalizerClasses() []*Class {
	const form = "java.text.Normalizer.Form"
	formOf := func(c *Call) norm.Form {
		if e, ok := c.Object(1).(*Enum); ok && e.class == form {
			return normalForms[e.name]
		}
		panic(c.Throw("java.lang.NullPointerException", "form"))
	}
	return []*Class{
		{Name: "java.text.Normalizer", Static: Methods{
			"normalize":    func(c *Call) any { return formOf(c).String(c.Need(0)) },
			"isNormalized": func(c *Call) any { return formOf(c).IsNormalString(c.Need(0)) },
		}},
		NewEnum(form, nil, "NFD", "NFC", "NFKD", "NFKC"),
		stringJoinerClass(),
	}
}

// joiner is a StringJoiner.
type joiner struct {
	between, before, after string
	parts                  []string
	empty                  *string // of setEmptyValue
}

func (*joiner) JavaClass() string { return "java.util.StringJoiner" }

func (j *joiner) String() string {
	if len(j.parts) == 0 && j.empty != nil {
		return *j.empty
	}
	return j.before + strings.Join(j.parts, j.between) + j.after
}

func stringJoinerClass() *Class {
	return &Class{Name: "java.util.StringJoiner",
		New: func(c *Call) any { return &joiner{between: c.Need(0), before: c.Text(1), after: c.Text(2)} },
		Methods: Methods{
			"add": func(c *Call) any {
				j := c.This.(*joiner)
				j.parts = append(j.parts, c.VM.Text(c.Object(0)))
				return j
			},
			"setEmptyValue": func(c *Call) any {
				text := c.Need(0)
				c.This.(*joiner).empty = &text
				return c.This
			},
			"length":   func(c *Call) any { return length(c.This.(*joiner).String()) },
			"toString": func(c *Call) any { return c.This.(*joiner).String() },
		}}
}
