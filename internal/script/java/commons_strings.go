package java

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// moreStringUtils completes StringUtils.
func moreStringUtils() Methods {
	text := func(f func(s string, c *Call) any) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			return f(c.Text(0), c)
		}
	}
	// over asks about each of the texts given, in an array or one by one.
	over := func(c *Call) []any {
		if items, ok := c.Items(0); ok && c.Len() == 1 {
			return items
		}
		items := make([]any, c.Len())
		for i := range items {
			if !c.Null(i) {
				items[i] = c.Object(i)
			}
		}
		return items
	}
	empty := func(c *Call, v any, blank bool) bool {
		if v == nil {
			return true
		}
		s := c.VM.Text(v)
		return s == "" || blank && strings.TrimFunc(s, unicode.IsSpace) == ""
	}
	runes := func(ok func(r rune) bool, ifEmpty bool) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) || c.Text(0) == "" {
				return !c.Null(0) && ifEmpty
			}
			return strings.IndexFunc(c.Text(0), func(r rune) bool { return !ok(r) }) < 0
		}
	}
	anyOf := func(match func(s, x string) bool) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return false
			}
			rest := &Call{VM: c.VM, Args: c.Args[min(1, len(c.Args)):]}
			for _, v := range over(rest) {
				if v != nil && match(c.Text(0), c.VM.Text(v)) {
					return true
				}
			}
			return false
		}
	}
	fold := func(f func(a, b string) bool) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) || c.Null(1) {
				return c.Null(0) && c.Null(1)
			}
			return f(strings.ToLower(c.Text(0)), strings.ToLower(c.Text(1)))
		}
	}
	split := func(keepEmpty, whole bool) func(*Call) any {
		return text(func(s string, c *Call) any {
			seps, limit := "", 0
			if !c.Null(1) {
				seps = c.char2(1)
			}
			if c.Len() > 2 {
				limit = c.Int(2)
			}
			return NewStrings(splitSeparators(s, seps, limit, keepEmpty, whole))
		})
	}
	wrapped := func(s, w string) string { return w + s + w }
	methods := Methods{
		"isAlphaSpace":        runes(func(r rune) bool { return unicode.IsLetter(r) || r == ' ' }, true),
		"isAlphanumericSpace": runes(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' }, true),
		"isAsciiPrintable":    runes(func(r rune) bool { return r >= ' ' && r < 0x7f }, true),
		"isAllLowerCase":      runes(unicode.IsLower, false), "isAllUpperCase": runes(unicode.IsUpper, false),
		"isMixedCase": func(c *Call) any {
			s := c.Text(0)
			return strings.IndexFunc(s, unicode.IsUpper) >= 0 && strings.IndexFunc(s, unicode.IsLower) >= 0
		},
		"equalsAny": anyOf(func(s, x string) bool { return s == x }), "equalsAnyIgnoreCase": anyOf(strings.EqualFold),
		"startsWithAny": anyOf(strings.HasPrefix), "endsWithAny": anyOf(strings.HasSuffix), "containsAnyIgnoreCase": anyOf(func(s, x string) bool {
			return strings.Contains(strings.ToLower(s), strings.ToLower(x))
		}),
		"startsWithIgnoreCase": fold(strings.HasPrefix), "endsWithIgnoreCase": fold(strings.HasSuffix),
		"containsNone":       func(c *Call) any { return c.Null(0) || c.Null(1) || !strings.ContainsAny(c.Text(0), c.Text(1)) },
		"containsWhitespace": func(c *Call) any { return strings.IndexFunc(c.Text(0), unicode.IsSpace) >= 0 },
		"containsAny": func(c *Call) any {
			if c.Null(0) || c.Null(1) {
				return false
			}
			if items, ok := c.Items(1); ok || c.Len() > 2 {
				if !ok {
					items = over(&Call{VM: c.VM, Args: c.Args[1:]})
				}
				for _, v := range items {
					if strings.Contains(c.Text(0), c.VM.Text(v)) {
						return true
					}
				}
				return false
			}
			return strings.ContainsAny(c.Text(0), c.Text(1))
		},
		"compare": func(c *Call) any {
			switch {
			case c.Null(0) && c.Null(1):
				return 0
			case c.Null(0):
				return -1
			case c.Null(1):
				return 1
			}
			return compareStrings(c.Text(0), c.Text(1))
		},
		"split": split(false, false), "splitPreserveAllTokens": split(true, false), "splitByWholeSeparator": split(false, true),
		"splitByWholeSeparatorPreserveAllTokens": split(true, true),
		"splitByCharacterType":                   text(func(s string, c *Call) any { return NewStrings(splitByType(s, false)) }),
		"splitByCharacterTypeCamelCase":          text(func(s string, c *Call) any { return NewStrings(splitByType(s, true)) }),
		"stripToNull":                            text(func(s string, c *Call) any { return nullable(strings.TrimFunc(s, unicode.IsSpace)) }),
		"stripToEmpty":                           func(c *Call) any { return strings.TrimFunc(c.Text(0), unicode.IsSpace) },
		"chop": text(func(s string, c *Call) any {
			if strings.HasSuffix(s, "\r\n") {
				return s[:len(s)-2]
			}
			return sub(c, s, 0, max(0, length(s)-1))
		}),
		"abbreviate": text(func(s string, c *Call) any {
			width := c.Int(1)
			if width < 4 {
				panic(c.Throw("java.lang.IllegalArgumentException", "Minimum abbreviation width is 4"))
			}
			if length(s) <= width {
				return s
			}
			return sub(c, s, 0, width-3) + "..."
		}),
		"truncate": text(func(s string, c *Call) any { return sub(c, s, 0, min(max(c.Int(1), 0), length(s))) }),
		"swapCase": text(func(s string, c *Call) any {
			return strings.Map(func(r rune) rune {
				if unicode.IsUpper(r) || unicode.IsTitle(r) {
					return unicode.ToLower(r)
				}
				return unicode.ToUpper(r)
			}, s)
		}),
		"reverseDelimited": text(func(s string, c *Call) any {
			parts := strings.Split(s, c.char2(1))
			for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
				parts[i], parts[j] = parts[j], parts[i]
			}
			return strings.Join(parts, c.char2(1))
		}),
		"overlay": text(func(s string, c *Call) any {
			n := length(s)
			from, to := max(0, min(c.Int(2), n)), max(0, min(c.Int(3), n))
			if from > to {
				from, to = to, from
			}
			return sub(c, s, 0, from) + c.Text(1) + sub(c, s, to, n)
		}),
		"replaceIgnoreCase": text(func(s string, c *Call) any { return replaceFold(s, c.Text(1), c.Text(2)) }),
		"removeIgnoreCase":  text(func(s string, c *Call) any { return replaceFold(s, c.Text(1), "") }),
		"removeStartIgnoreCase": text(func(s string, c *Call) any {
			if x := c.Text(1); len(s) >= len(x) && strings.EqualFold(s[:len(x)], x) {
				return s[len(x):]
			}
			return s
		}),
		"removeEndIgnoreCase": text(func(s string, c *Call) any {
			if x := c.Text(1); len(s) >= len(x) && strings.EqualFold(s[len(s)-len(x):], x) {
				return s[:len(s)-len(x)]
			}
			return s
		}),
		"replaceEach": text(func(s string, c *Call) any {
			from, ok1 := c.Items(1)
			to, ok2 := c.Items(2)
			if !ok1 || !ok2 {
				return s
			}
			if len(from) != len(to) {
				panic(c.Throw("java.lang.IllegalArgumentException", "Search and Replace array lengths don't match: "+strconv.Itoa(len(from))+" vs "+strconv.Itoa(len(to))))
			}
			var pairs []string
			for i := range from {
				if c.VM.Text(from[i]) != "" {
					pairs = append(pairs, c.VM.Text(from[i]), c.VM.Text(to[i]))
				}
			}
			return strings.NewReplacer(pairs...).Replace(s)
		}),
		"replaceChars": text(func(s string, c *Call) any {
			from, to := []rune(c.char2(1)), []rune(c.char2(2))
			return strings.Map(func(r rune) rune {
				for i, f := range from {
					if f == r {
						if i < len(to) {
							return to[i]
						}
						return -1
					}
				}
				return r
			}, s)
		}),
		"replacePattern": text(func(s string, c *Call) any { return c.pattern("(?s)"+c.Text(1)).replace(c, s, c.Text(2), -1) }),
		"removePattern":  text(func(s string, c *Call) any { return c.pattern("(?s)"+c.Text(1)).replace(c, s, "", -1) }),
		"removeAll":      text(func(s string, c *Call) any { return c.pattern(c.Text(1)).replace(c, s, "", -1) }),
		"deleteWhitespace": text(func(s string, c *Call) any {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		}),
		"getDigits": text(func(s string, c *Call) any {
			return strings.Map(func(r rune) rune {
				if unicode.IsDigit(r) {
					return r
				}
				return -1
			}, s)
		}),
		"wrap": text(func(s string, c *Call) any { return wrapped(s, c.char2(1)) }),
		"unwrap": text(func(s string, c *Call) any {
			w := c.char2(1)
			if len(s) >= 2*len(w) && strings.HasPrefix(s, w) && strings.HasSuffix(s, w) {
				return s[len(w) : len(s)-len(w)]
			}
			return s
		}),
		"prependIfMissing": text(func(s string, c *Call) any {
			if strings.HasPrefix(s, c.Text(1)) {
				return s
			}
			return c.Text(1) + s
		}),
		"appendIfMissing": text(func(s string, c *Call) any {
			if strings.HasSuffix(s, c.Text(1)) {
				return s
			}
			return s + c.Text(1)
		}),
		"difference": func(c *Call) any {
			a, b := units(c.Text(0)), units(c.Text(1))
			i := 0
			for i < len(a) && i < len(b) && a[i] == b[i] {
				i++
			}
			return fromUnits(b[i:])
		},
		"getLevenshteinDistance": func(c *Call) any { return levenshtein(c, units(c.Need(0)), units(c.Need(1))) },
		"indexOfIgnoreCase": func(c *Call) any {
			return unitIndex(c.Text(0), strings.Index(strings.ToLower(c.Text(0)), strings.ToLower(c.Text(1))))
		},
		"indexOf": func(c *Call) any {
			if c.Null(0) || c.Null(1) {
				return -1
			}
			return indexOf(&Call{VM: c.VM, Args: c.Args[1:]}, c.Text(0))
		},
		"lastIndexOf": func(c *Call) any {
			if c.Null(0) || c.Null(1) {
				return -1
			}
			return lastIndexOf(&Call{VM: c.VM, Args: c.Args[1:]}, c.Text(0))
		},
		"indexOfAny": func(c *Call) any { return unitIndex(c.Text(0), strings.IndexAny(c.Text(0), c.Text(1))) },
		"ordinalIndexOf": func(c *Call) any {
			s, x, at := c.Text(0), c.Text(1), -1
			for n := c.Int(2); n > 0; n-- {
				i := strings.Index(s[at+1:], x)
				if i < 0 {
					return -1
				}
				at += 1 + i
			}
			return unitIndex(s, at)
		},
		"substringsBetween": text(func(s string, c *Call) any {
			open, shut := c.Text(1), c.Text(2)
			var out []string
			for open != "" && shut != "" {
				_, rest, ok := strings.Cut(s, open)
				inner, after, ok2 := strings.Cut(rest, shut)
				if !ok || !ok2 {
					break
				}
				out = append(out, inner)
				s = after
			}
			if out == nil {
				return nil
			}
			return NewStrings(out)
		}),
		"toEncodedString": func(c *Call) any { return c.decode(c.Bytes(0), charsetName(c, 1)) },
		"firstNonBlank": func(c *Call) any {
			for _, v := range over(c) {
				if !empty(c, v, true) {
					return c.VM.Text(v)
				}
			}
			return nil
		},
		"firstNonEmpty": func(c *Call) any {
			for _, v := range over(c) {
				if !empty(c, v, false) {
					return c.VM.Text(v)
				}
			}
			return nil
		},
		"joinWith": func(c *Call) any {
			return c.VM.JoinTexts(blanked(over(&Call{VM: c.VM, Args: c.Args[1:]})), c.Text(0))
		},
		"join": func(c *Call) any {
			items, ok := c.Items(0)
			if !ok {
				if c.Null(0) {
					return nil
				}
				return c.VM.JoinTexts(blanked(over(c)), "")
			}
			if c.Len() > 3 {
				items = items[max(0, min(c.Int(2), len(items))):max(0, min(c.Int(3), len(items)))]
			}
			sep := ""
			if !c.Null(1) {
				sep = c.char2(1)
			}
			return c.VM.JoinTexts(blanked(append([]any(nil), items...)), sep)
		},
		"rotate": text(func(s string, c *Call) any {
			u := units(s)
			if len(u) == 0 {
				return s
			}
			n := ((c.Int(1) % len(u)) + len(u)) % len(u)
			return fromUnits(append(append([]uint16(nil), u[len(u)-n:]...), u[:len(u)-n]...))
		}),
		"stripAccents": text(func(s string, c *Call) any { return stripAccents(s) }),
	}
	for name, blank := range map[string]bool{"Empty": false, "Blank": true} {
		methods["isAll"+name] = func(c *Call) any { return all(over(c), func(v any) bool { return empty(c, v, blank) }) }
		methods["isNone"+name] = func(c *Call) any { return all(over(c), func(v any) bool { return !empty(c, v, blank) }) }
		methods["isAny"+name] = func(c *Call) any { return !all(over(c), func(v any) bool { return !empty(c, v, blank) }) }
	}
	return methods
}

func all(items []any, ok func(v any) bool) bool {
	for _, v := range items {
		if !ok(v) {
			return false
		}
	}
	return true
}

// blanked has nulls be empty texts.
func blanked(items []any) []any {
	for i, v := range items {
		if v == nil {
			items[i] = ""
		}
	}
	return items
}

// splitSeparators is split of StringUtils: at any of the characters or at the
// whole separator; none is white space. Adjacent separators are one, unless empty
// texts are kept.
func splitSeparators(s, seps string, limit int, keepEmpty, whole bool) []string {
	var out []string
	sep := func(at string) int {
		switch {
		case whole && seps != "":
			if strings.HasPrefix(at, seps) {
				return len(seps)
			}
			return 0
		case seps == "":
			if r, size := utf8.DecodeRuneInString(at); unicode.IsSpace(r) {
				return size
			}
			return 0
		}
		if r, size := utf8.DecodeRuneInString(at); strings.ContainsRune(seps, r) {
			return size
		}
		return 0
	}
	start := 0
	for i := 0; i < len(s); {
		n := sep(s[i:])
		if n == 0 {
			i++
			continue
		}
		if keepEmpty || i > start {
			if limit > 0 && len(out) == limit-1 {
				return append(out, s[start:])
			}
			out = append(out, s[start:i])
		}
		i += n
		start = i
	}
	if start < len(s) || keepEmpty && s != "" {
		out = append(out, s[start:])
	}
	return out
}

// splitByType cuts where the kind of character changes; with camel the last of
// several capitals belongs to the small letters behind it.
func splitByType(s string, camel bool) []string {
	kind := func(r rune) int {
		switch {
		case unicode.IsUpper(r):
			return 1
		case unicode.IsLower(r):
			return 2
		case unicode.IsLetter(r):
			return 3
		case unicode.IsDigit(r):
			return 4
		case unicode.IsSpace(r):
			return 5
		}
		return 6 + int(r)
	}
	var out []string
	runes, start := []rune(s), 0
	for i := 1; i <= len(runes); i++ {
		if i < len(runes) && kind(runes[i]) == kind(runes[i-1]) {
			continue
		}
		if camel && i < len(runes) && kind(runes[i]) == 2 && kind(runes[i-1]) == 1 {
			if i-1 > start {
				out = append(out, string(runes[start:i-1]))
				start = i - 1
			}
			continue
		}
		out = append(out, string(runes[start:i]))
		start = i
	}
	return out
}

func replaceFold(s, old, with string) string {
	if old == "" {
		return s
	}
	var b strings.Builder
	low, want := strings.ToLower(s), strings.ToLower(old)
	if len(low) != len(s) { // a letter whose small form is longer
		return strings.ReplaceAll(s, old, with)
	}
	for {
		i := strings.Index(low, want)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i] + with)
		s, low = s[i+len(want):], low[i+len(want):]
	}
}

// maxDistance bounds the texts whose distance is measured, which takes the product
// of their lengths.
const maxDistance = 10_000

func levenshtein(c *Call, a, b []uint16) int {
	if len(a) > maxDistance || len(b) > maxDistance {
		panic(c.Throw("java.lang.OutOfMemoryError", "too much asked for at once"))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// accents are letters with what remains of them without their accents.
var accents = func() *strings.Replacer {
	var pairs []string
	for plain, letters := range map[string]string{"A": "ÀÁÂÃÄÅĀĂĄ", "C": "ÇĆĈĊČ", "D": "Ď", "E": "ÈÉÊËĒĔĖĘĚ", "G": "ĜĞĠĢ", "I": "ÌÍÎÏĨĪĬĮİ", "L": "ŁĹĻĽ",
		"N": "ÑŃŅŇ", "O": "ÒÓÔÕÖŌŎŐ", "R": "ŔŖŘ", "S": "ŚŜŞŠ", "T": "ŢŤ", "U": "ÙÚÛÜŨŪŬŮŰŲ", "Y": "ÝŶŸ", "Z": "ŹŻŽ"} {
		for _, r := range letters {
			pairs = append(pairs, string(r), plain, string(unicode.ToLower(r)), strings.ToLower(plain))
		}
	}
	return strings.NewReplacer(pairs...)
}()

func stripAccents(s string) string { return accents.Replace(s) }

func wordUtils() Methods {
	words := func(f func(word string) string) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			delim := unicode.IsSpace
			if c.Len() > 1 && !c.Null(1) {
				set := c.Text(1)
				if a, ok := c.Object(1).(*Array); ok {
					set = c.VM.JoinTexts(a.items, "")
				}
				delim = func(r rune) bool { return strings.ContainsRune(set, r) }
			}
			var b, word strings.Builder
			for _, r := range c.Text(0) {
				if delim(r) {
					b.WriteString(f(word.String()))
					b.WriteRune(r)
					word.Reset()
					continue
				}
				word.WriteRune(r)
			}
			b.WriteString(f(word.String()))
			return b.String()
		}
	}
	return Methods{
		"capitalize": words(func(w string) string { return firstRune(w, unicode.ToTitle) }), "uncapitalize": words(func(w string) string { return firstRune(w, unicode.ToLower) }),
		"capitalizeFully": words(func(w string) string { return firstRune(strings.ToLower(w), unicode.ToTitle) }),
		"initials": words(func(w string) string {
			for _, r := range w {
				return string(r)
			}
			return ""
		}),
		"wrap": func(c *Call) any {
			width, line := max(c.Int(1), 1), "\n"
			if c.Len() > 2 && !c.Null(2) {
				line = c.Text(2)
			}
			var out []string
			text := []rune(c.Text(0))
			for len(text) > width {
				at := width
				for at > 0 && text[at] != ' ' {
					at--
				}
				if at == 0 {
					for at = width; at < len(text) && text[at] != ' '; at++ {
					}
				}
				out = append(out, string(text[:at]))
				text = text[min(at+1, len(text)):]
			}
			return strings.Join(append(out, string(text)), line)
		},
	}
}
