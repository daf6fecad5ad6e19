package java

import (
	"strings"
	"unicode"
)

// stringUtils is StringUtils: null in, null or false out.
func stringUtils() Methods {
	text := func(f func(s string, c *Call) any) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			return f(c.Text(0), c)
		}
	}
	all := func(ok func(r rune) bool, empty bool) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) || c.Text(0) == "" {
				return !c.Null(0) && empty
			}
			return strings.IndexFunc(c.Text(0), func(r rune) bool { return !ok(r) }) < 0
		}
	}
	blank := func(c *Call, i int) bool { return c.Null(i) || strings.TrimFunc(c.Text(i), unicode.IsSpace) == "" }
	pad := func(left, right bool) func(*Call) any {
		return text(func(s string, c *Call) any {
			fill := " "
			if c.Len() > 2 {
				fill = c.char2(2)
			}
			n := c.limit(max(c.Int(1), 0)) - length(s)
			if n <= 0 || fill == "" {
				return s
			}
			l, r := 0, 0
			switch {
			case left && right:
				l, r = n/2, n-n/2
			case left:
				l = n
			case right:
				r = n
			}
			return run(fill, l) + s + run(fill, r)
		})
	}
	cut := func(f func(s, sep string) string) func(*Call) any {
		return text(func(s string, c *Call) any { return f(s, c.Text(1)) })
	}
	fold := func(f func(a, b string) bool) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) || c.Null(1) {
				return c.Null(0) && c.Null(1)
			}
			return f(c.Text(0), c.Text(1))
		}
	}
	have := func(f func(a, b string) bool) func(*Call) any {
		return func(c *Call) any { return !c.Null(0) && !c.Null(1) && f(c.Text(0), c.Text(1)) }
	}
	part := func(f func(c *Call, s string, n int) (from, to int)) func(*Call) any {
		return text(func(s string, c *Call) any {
			from, to := f(c, s, length(s))
			if from > to {
				return ""
			}
			return sub(c, s, from, to)
		})
	}
	return Methods{
		"isEmpty":            func(c *Call) any { return c.Null(0) || c.Text(0) == "" },
		"isNotEmpty":         func(c *Call) any { return !c.Null(0) && c.Text(0) != "" },
		"isBlank":            func(c *Call) any { return blank(c, 0) },
		"isNotBlank":         func(c *Call) any { return !blank(c, 0) },
		"isNumeric":          all(unicode.IsDigit, false),
		"isAlpha":            all(unicode.IsLetter, false),
		"isAlphanumeric":     all(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }, false),
		"isWhitespace":       all(unicode.IsSpace, true),
		"isNumericSpace":     all(func(r rune) bool { return unicode.IsDigit(r) || r == ' ' }, true),
		"trim":               text(func(s string, c *Call) any { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }),
		"strip":              text(func(s string, c *Call) any { return strings.TrimFunc(s, c.stripped(1)) }),
		"stripStart":         text(func(s string, c *Call) any { return strings.TrimLeftFunc(s, c.stripped(1)) }),
		"stripEnd":           text(func(s string, c *Call) any { return strings.TrimRightFunc(s, c.stripped(1)) }),
		"trimToEmpty":        func(c *Call) any { return strings.TrimFunc(c.Text(0), func(r rune) bool { return r <= ' ' }) },
		"trimToNull":         text(func(s string, c *Call) any { return nullable(strings.TrimSpace(s)) }),
		"defaultString":      func(c *Call) any { return c.firstText(false) },
		"defaultIfEmpty":     func(c *Call) any { return c.firstText(true) },
		"defaultIfBlank":     func(c *Call) any { return c.orElse(blank(c, 0)) },
		"upperCase":          text(func(s string, c *Call) any { return upper(s) }),
		"lowerCase":          text(func(s string, c *Call) any { return strings.ToLower(s) }),
		"capitalize":         text(func(s string, c *Call) any { return firstRune(s, unicode.ToUpper) }),
		"uncapitalize":       text(func(s string, c *Call) any { return firstRune(s, unicode.ToLower) }),
		"reverse":            text(func(s string, c *Call) any { return reversed(s) }),
		"length":             func(c *Call) any { return length(c.Text(0)) },
		"leftPad":            pad(true, false),
		"rightPad":           pad(false, true),
		"center":             pad(true, true),
		"repeat":             text(func(s string, c *Call) any { return run(s, c.limit(max(c.Int(1), 0)*max(len(s), 1))) }),
		"substringBefore":    cut(func(s, sep string) string { a, _, _ := strings.Cut(s, sep); return a }),
		"substringAfter":     cut(func(s, sep string) string { _, b, _ := strings.Cut(s, sep); return b }),
		"deleteWhitespace":   text(func(s string, c *Call) any { return strings.Join(strings.Fields(s), "") }),
		"normalizeSpace":     text(func(s string, c *Call) any { return strings.Join(strings.Fields(s), " ") }),
		"remove":             cut(func(s, x string) string { return strings.ReplaceAll(s, x, "") }),
		"removeStart":        cut(strings.TrimPrefix),
		"removeEnd":          cut(strings.TrimSuffix),
		"replace":            text(func(s string, c *Call) any { return replaceText(c, s, c.Text(1), c.Text(2), -1) }),
		"replaceOnce":        text(func(s string, c *Call) any { return replaceText(c, s, c.Text(1), c.Text(2), 1) }),
		"chomp":              text(func(s string, c *Call) any { return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r") }),
		"equals":             fold(func(a, b string) bool { return a == b }),
		"equalsIgnoreCase":   fold(strings.EqualFold),
		"contains":           have(strings.Contains),
		"startsWith":         have(strings.HasPrefix),
		"endsWith":           have(strings.HasSuffix),
		"containsOnly":       have(func(a, b string) bool { return strings.Trim(a, b) == "" }),
		"containsAny":        have(strings.ContainsAny),
		"indexOf":            func(c *Call) any { return unitIndex(c.Text(0), strings.Index(c.Text(0), c.Text(1))) },
		"lastIndexOf":        func(c *Call) any { return unitIndex(c.Text(0), strings.LastIndex(c.Text(0), c.Text(1))) },
		"countMatches":       func(c *Call) any { return countText(c.Text(0), c.Text(1)) },
		"left":               part(func(c *Call, s string, n int) (int, int) { return 0, max(0, min(c.Int(1), n)) }),
		"right":              part(func(c *Call, s string, n int) (int, int) { return n - max(0, min(c.Int(1), n)), n }),
		"mid":                part(func(c *Call, s string, n int) (int, int) { p := max(c.Int(1), 0); return p, min(p+max(c.Int(2), 0), n) }),
		"containsIgnoreCase": have(func(a, b string) bool { return strings.Contains(strings.ToLower(a), strings.ToLower(b)) }),
		"substringBeforeLast": cut(func(s, sep string) string {
			if i := strings.LastIndex(s, sep); i >= 0 && sep != "" {
				return s[:i]
			}
			return s
		}),
		"substringAfterLast": cut(func(s, sep string) string {
			if i := strings.LastIndex(s, sep); i >= 0 && sep != "" {
				return s[i+len(sep):]
			}
			return ""
		}),
		"substring": part(func(c *Call, s string, n int) (int, int) {
			from, to := c.Int(1), n
			if c.Len() > 2 {
				to = c.Int(2)
			}
			if from < 0 {
				from += n
			}
			if to < 0 {
				to += n
			}
			return max(0, min(from, n)), max(0, min(to, n))
		}),
		"substringBetween": text(func(s string, c *Call) any {
			open, shut := c.Text(1), c.Text(1)
			if c.Len() > 2 {
				shut = c.Text(2)
			}
			_, rest, ok1 := strings.Cut(s, open)
			inner, _, ok2 := strings.Cut(rest, shut)
			if !ok1 || !ok2 {
				return nil
			}
			return inner
		}),
		"split": text(func(s string, c *Call) any {
			seps := " \t\r\n\f"
			if c.Len() > 1 {
				seps = c.Text(1)
			}
			return NewStrings(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(seps, r) }))
		}),
		"join": func(c *Call) any {
			items, ok := c.Items(0)
			if !ok {
				return nil
			}
			for i, v := range items {
				if v == nil {
					items[i] = ""
				}
			}
			return c.VM.JoinTexts(items, c.Text(1))
		},
	}
}

func run(s string, n int) string {
	if n <= 0 || s == "" {
		return ""
	}
	if len(s) == 1 {
		return strings.Repeat(s, n)
	}
	return fromUnits(units(strings.Repeat(s, n/length(s)+1))[:n])
}

// char2 reads an argument that is a text or the number of a character.
func (c *Call) char2(i int) string {
	if c.IsNumber(i) {
		return string(rune(c.Int(i)))
	}
	return c.Text(i)
}

func (c *Call) stripped(i int) func(rune) bool {
	if c.Null(i) {
		return unicode.IsSpace
	}
	set := c.Text(i)
	return func(r rune) bool { return strings.ContainsRune(set, r) }
}

func (c *Call) firstText(empty bool) any {
	return c.orElse(c.Null(0) || empty && c.Text(0) == "")
}

func (c *Call) orElse(other bool) any {
	switch {
	case !other:
		return c.Text(0)
	case c.Len() < 2:
		return ""
	case c.Null(1):
		return nil
	}
	return c.Text(1)
}

func firstRune(s string, f func(rune) rune) string {
	for i, r := range s {
		return string(f(r)) + s[i+len(string(r)):]
	}
	return s
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func replaceText(c *Call, s, old, with string, n int) string {
	if old == "" {
		return s
	}
	if n < 0 {
		c.replacing(s, old, with)
	}
	return strings.Replace(s, old, with, n)
}

func countText(s, what string) int {
	if what == "" {
		return 0
	}
	return strings.Count(s, what)
}

func unitIndex(s string, i int) int {
	if i < 0 {
		return -1
	}
	return length(s[:i])
}
