package java

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func langStrings() []*Class {
	return []*Class{
		{Name: "java.lang.CharSequence"},
		{Name: "java.lang.String", Implements: []string{"java.lang.CharSequence", "java.lang.Comparable"},
			New: newString, Static: stringStatics(), Methods: stringMethods(),
			Constants: map[string]any{"CASE_INSENSITIVE_ORDER": func() any {
				return comparator(func(a, b any) int {
					return strings.Compare(strings.ToLower(Text(a)), strings.ToLower(Text(b)))
				})
			}}},
	}
}

// newString makes a String of nothing, of text, of bytes with a charset and an
// optional range, or of characters.
func newString(c *Call) any {
	if c.Len() == 0 {
		return ""
	}
	first := c.Object(0)
	if _, ok := first.(*Held); ok && c.Len() > 1 {
		first = c.Bytes(0) // an array of JavaScript, for byte[]
	}
	switch v := first.(type) {
	case []byte:
		charset := ""
		switch c.Len() {
		case 2:
			charset = charsetName(c, 1)
		case 3, 4:
			from, n := c.Int(1), c.Int(2)
			if from < 0 || n < 0 || from+n > len(v) {
				panic(c.Throw("java.lang.StringIndexOutOfBoundsException", "bytes"))
			}
			v = v[from : from+n]
			charset = charsetName(c, 3)
		}
		return c.decode(v, charset)
	case *Array:
		var b strings.Builder
		for _, item := range v.items {
			if n, ok := item.(string); ok {
				b.WriteString(n)
			} else {
				b.WriteRune(rune(floatOf(item)))
			}
		}
		return b.String()
	}
	return c.Text(0)
}

func stringStatics() Methods {
	valueOf := func(c *Call) any {
		if v, ok := c.Object(0).(*Array); ok {
			return newString(&Call{VM: c.VM, Args: c.Args, This: v})
		}
		return c.VM.Text(c.Object(0))
	}
	return Methods{
		"valueOf":     valueOf,
		"copyValueOf": valueOf,
		"format": func(c *Call) any {
			if locale, ok := c.Object(0).(*Locale); ok && locale != nil {
				return c.format(1)
			}
			return c.format(0)
		},
		"join": func(c *Call) any {
			items, ok := c.Items(1)
			if !ok || c.Len() > 2 {
				items = nil
				for i := 1; i < c.Len(); i++ {
					items = append(items, c.Object(i))
				}
			}
			return strings.Join(c.VM.texts(items), c.Text(0))
		},
	}
}

func (vm *VM) texts(items []any) []string {
	out := make([]string, len(items))
	for i, v := range items {
		out[i] = vm.Text(v)
	}
	return out
}

func stringMethods() Methods {
	str := func(f func(s string, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(string), c) }
	}
	return Methods{
		"toString":            str(func(s string, c *Call) any { return s }),
		"length":              str(func(s string, c *Call) any { return length(s) }),
		"isEmpty":             str(func(s string, c *Call) any { return s == "" }),
		"isBlank":             str(func(s string, c *Call) any { return strings.TrimFunc(s, unicode.IsSpace) == "" }),
		"equals":              str(func(s string, c *Call) any { return sameText(c, s) }),
		"equalsIgnoreCase":    str(func(s string, c *Call) any { return !c.Null(0) && strings.EqualFold(s, c.Text(0)) }),
		"contentEquals":       str(func(s string, c *Call) any { return s == c.Need(0) }),
		"compareTo":           str(func(s string, c *Call) any { return compareStrings(s, c.Need(0)) }),
		"compareToIgnoreCase": str(func(s string, c *Call) any { return compareStrings(strings.ToLower(s), strings.ToLower(c.Need(0))) }),
		"contains":            str(func(s string, c *Call) any { return strings.Contains(s, c.Need(0)) }),
		"startsWith": str(func(s string, c *Call) any {
			if c.Len() > 1 {
				s = sub(c, s, c.Int(1), length(s))
			}
			return strings.HasPrefix(s, c.Need(0))
		}),
		"endsWith":       str(func(s string, c *Call) any { return strings.HasSuffix(s, c.Need(0)) }),
		"indexOf":        str(func(s string, c *Call) any { return indexOf(c, s) }),
		"lastIndexOf":    str(func(s string, c *Call) any { return lastIndexOf(c, s) }),
		"charAt":         str(func(s string, c *Call) any { return charAt(c, s, c.Int(0)) }),
		"codePointAt":    str(func(s string, c *Call) any { return charAt(c, s, c.Int(0)) }),
		"substring":      str(substring),
		"subSequence":    str(substring),
		"concat":         str(func(s string, c *Call) any { return s + c.Need(0) }),
		"toUpperCase":    str(func(s string, c *Call) any { return upper(s) }),
		"toLowerCase":    str(func(s string, c *Call) any { return strings.ToLower(s) }),
		"trim":           str(func(s string, c *Call) any { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }),
		"strip":          str(func(s string, c *Call) any { return strings.TrimFunc(s, unicode.IsSpace) }),
		"stripLeading":   str(func(s string, c *Call) any { return strings.TrimLeftFunc(s, unicode.IsSpace) }),
		"stripTrailing":  str(func(s string, c *Call) any { return strings.TrimRightFunc(s, unicode.IsSpace) }),
		"intern":         str(func(s string, c *Call) any { return s }),
		"hashCode":       str(func(s string, c *Call) any { return int(stringHash(s)) }),
		"getBytes":       str(func(s string, c *Call) any { return c.encode(s, charsetName(c, 0)) }),
		"toCharArray":    str(toCharArray),
		"replace":        str(replace),
		"replaceAll":     str(func(s string, c *Call) any { return c.pattern(c.Need(0)).replace(c, s, c.Need(1), -1) }),
		"replaceFirst":   str(func(s string, c *Call) any { return c.pattern(c.Need(0)).replace(c, s, c.Need(1), 1) }),
		"matches":        str(func(s string, c *Call) any { return c.pattern(c.Need(0)).whole(c, s) != nil }),
		"split":          str(split),
		"repeat":         str(func(s string, c *Call) any { return strings.Repeat(s, c.limit(c.Int(0)*max(1, len(s)))/max(1, len(s))) }),
		"format":         str(func(s string, c *Call) any { return c.formatText(s, 0) }),
		"formatted":      str(func(s string, c *Call) any { return c.formatText(s, 0) }),
		"lines":          str(func(s string, c *Call) any { return listOf(strings.Split(strings.TrimSuffix(s, "\n"), "\n")) }),
		"regionMatches":  str(regionMatches),
		"codePointCount": str(func(s string, c *Call) any { return utf8.RuneCountInString(s) }),
	}
}

// sameText is equals: only a String can be equal to a String.
func sameText(c *Call, s string) bool {
	t, ok := c.Object(0).(string)
	return ok && s == t
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// length counts UTF-16 units.
func length(s string) int {
	if ascii(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// upper is String.toUpperCase, which makes SS of a sharp s.
func upper(s string) string {
	if strings.Contains(s, "ß") {
		s = strings.ReplaceAll(s, "ß", "SS")
	}
	return strings.ToUpper(s)
}

// sub is substring; positions are UTF-16 units.
func sub(c *Call, s string, from, to int) string {
	n := length(s)
	if from < 0 || to > n || from > to {
		panic(c.Throw("java.lang.StringIndexOutOfBoundsException",
			"begin "+Text(from)+", end "+Text(to)+", length "+Text(n)))
	}
	if n == len(s) {
		return s[from:to]
	}
	return fromUnits(units(s)[from:to])
}

func substring(s string, c *Call) any {
	to := length(s)
	if c.Len() > 1 {
		to = c.Int(1)
	}
	return sub(c, s, c.Int(0), to)
}

func charAt(c *Call, s string, i int) int {
	if n := length(s); i < 0 || i >= n {
		panic(c.Throw("java.lang.StringIndexOutOfBoundsException", "String index out of range: "+Text(i)))
	}
	if ascii(s) {
		return int(s[i])
	}
	return int(units(s)[i])
}

func toCharArray(s string, c *Call) any {
	items := make([]any, 0, len(s))
	for _, r := range s {
		items = append(items, string(r))
	}
	return NewArray("char", items)
}

// needle is what indexOf looks for: a text, or the number of a character.
func needle(c *Call) string {
	if c.IsNumber(0) {
		return string(rune(c.Int(0)))
	}
	return c.Need(0)
}

func indexOf(c *Call, s string) int {
	from := 0
	if c.Len() > 1 {
		from = min(max(c.Int(1), 0), length(s))
	}
	rest := sub(c, s, from, length(s))
	i := strings.Index(rest, needle(c))
	if i < 0 {
		return -1
	}
	return from + length(rest[:i])
}

func lastIndexOf(c *Call, s string) int {
	text := needle(c)
	if c.Len() > 1 {
		if c.Int(1) < 0 {
			return -1
		}
		s = sub(c, s, 0, min(c.Int(1)+length(text), length(s)))
	}
	i := strings.LastIndex(s, text)
	if i < 0 {
		return -1
	}
	return length(s[:i])
}

// replace replaces all occurrences, of text or of one character. A regular
// expression of JavaScript replaces as JavaScript does, which Rhino refuses.
func replace(s string, c *Call) any {
	if h, ok := c.Object(0).(*Held); ok && h.value.ToObject(c.VM.Runtime).ClassName() == "RegExp" {
		return c.VM.javascript(s, "replace", c.Args)
	}
	old, with := needle(c), ""
	if c.IsNumber(1) {
		with = string(rune(c.Int(1)))
	} else {
		with = c.Need(1)
	}
	c.replacing(s, old, with)
	return strings.ReplaceAll(s, old, with)
}

// replacing throws when what replacing all makes is too long.
func (c *Call) replacing(s, old, with string) {
	if len(with) > 0 && len(s) > MaxElements/len(with) {
		c.limit(strings.Count(s, old) * len(with))
	}
}

// split is String.split: a regular expression, trailing empty texts left out
// when there is no limit.
func split(s string, c *Call) any {
	if h, ok := c.Object(0).(*Held); ok && h.value.ToObject(c.VM.Runtime).ClassName() == "RegExp" {
		return c.VM.javascript(s, "split", c.Args)
	}
	limit := 0
	if c.Len() > 1 {
		limit = c.Int(1)
	}
	re := c.Need(0)
	if len(re) == 1 && !strings.Contains(`.$|()[{^?*+\`, re) {
		return NewStrings(trimSplit(splitText(s, re, limit), limit))
	}
	return NewStrings(c.pattern(re).split(c, s, limit))
}

func splitText(s, sep string, limit int) []string {
	if limit > 0 {
		return strings.SplitN(s, sep, limit)
	}
	return strings.Split(s, sep)
}

func trimSplit(parts []string, limit int) []string {
	if limit != 0 || len(parts) == 1 {
		return parts
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

func regionMatches(s string, c *Call) any {
	fold, at := false, 0
	if c.IsBool(0) {
		fold, at = c.Bool(0), 1
	}
	from, other, start, n := c.Int(at), c.Text(at+1), c.Int(at+2), c.Int(at+3)
	if from < 0 || start < 0 || from+n > length(s) || start+n > length(other) {
		return false
	}
	a, b := sub(c, s, from, from+n), sub(c, other, start, start+n)
	return a == b || fold && strings.EqualFold(a, b)
}
