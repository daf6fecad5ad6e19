package java

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// collator is a java.text.Collator: letters are compared before their accents, those
// before their case; blanks and punctuation count last.
type collator struct{ strength int }

func (*collator) JavaClass() string { return "java.text.RuleBasedCollator" }

// The strengths of Collator.
const (
	collatePrimary = iota
	collateSecondary
	collateTertiary
	collateIdentical
)

func collatorClasses() []*Class {
	on := func(f func(k *collator, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*collator), c) }
	}
	constants := map[string]any{"PRIMARY": int32(collatePrimary), "SECONDARY": int32(collateSecondary), "TERTIARY": int32(collateTertiary),
		"IDENTICAL": int32(collateIdentical), "NO_DECOMPOSITION": int32(0), "CANONICAL_DECOMPOSITION": int32(1), "FULL_DECOMPOSITION": int32(2)}
	return []*Class{
		{Name: "java.text.Collator", Implements: []string{"java.util.Comparator"}, Constants: constants,
			Static: Methods{"getInstance": func(*Call) any { return &collator{collateTertiary} }},
			Methods: Methods{
				"compare": on(func(k *collator, c *Call) any { return k.compare(c.Need(0), c.Need(1)) }),
				"equals": on(func(k *collator, c *Call) any {
					if c.Len() < 2 {
						return c.Object(0) == any(k)
					}
					return k.compare(c.Need(0), c.Need(1)) == 0
				}),
				"setStrength": on(func(k *collator, c *Call) any {
					k.strength = max(collatePrimary, min(c.Int(0), collateIdentical))
					return Void
				}),
				"getStrength":      on(func(k *collator, c *Call) any { return k.strength }),
				"setDecomposition": func(*Call) any { return Void },
			}},
		{Name: "java.text.RuleBasedCollator", Super: "java.text.Collator"},
	}
}

func (k *collator) compare(a, b string) int {
	x, y := collationOf(a), collationOf(b)
	for level := collatePrimary; level <= min(k.strength, collateTertiary); level++ {
		if n := strings.Compare(x[level], y[level]); n != 0 {
			return n
		}
	}
	if k.strength == collateIdentical {
		return cmp.Compare(a, b)
	}
	return 0
}

// collationOf are the texts to compare, level by level: letters and digits, accents
// with what is between, and case, the small letters first.
func collationOf(s string) (levels [3]string) {
	var base, marks, cases strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			marks.WriteRune(r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			base.WriteRune(unicode.ToLower(r))
			marks.WriteByte(1)
			if unicode.IsUpper(r) {
				cases.WriteByte(2)
			} else {
				cases.WriteByte(1)
			}
		default:
			marks.WriteRune(r)
		}
	}
	return [3]string{base.String(), marks.String(), cases.String()}
}
