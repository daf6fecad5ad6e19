package java

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	encodinghex "encoding/hex"
	"hash"
	"html"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/weir-health/weir/datefmt"
)

// commonsFamilies are the packages whose classes are the same: lang3, and lang
// before it.
var commonsFamilies = []string{"org.apache.commons.lang3.", "org.apache.commons.lang."}

func moreCommons() []*Class {
	var classes []*Class
	escape := merged(escapeUtils(), moreEscapes())
	for _, pkg := range commonsFamilies {
		classes = append(classes,
			&Class{Name: pkg + "StringUtils", Static: merged(stringUtils(), moreStringUtils()), Constants: map[string]any{
				"EMPTY": "", "SPACE": " ", "LF": "\n", "CR": "\r", "INDEX_NOT_FOUND": -1}},
			&Class{Name: pkg + "StringEscapeUtils", Static: escape},
			&Class{Name: pkg + "ArrayUtils", Static: merged(arrayUtils(), moreArrayUtils())},
			&Class{Name: pkg + "math.NumberUtils", Static: merged(numberUtils(), moreNumberUtils())},
			&Class{Name: pkg + "BooleanUtils", Static: booleanUtils()},
			&Class{Name: pkg + "ObjectUtils", Static: objectUtils()},
			&Class{Name: pkg + "RandomStringUtils", Static: randomStrings()},
			&Class{Name: pkg + "CharUtils", Static: charUtils()},
			&Class{Name: pkg + "WordUtils", Static: wordUtils()}, &Class{Name: pkg + "text.WordUtils", Static: wordUtils()},
			&Class{Name: pkg + "time.DateUtils", Static: dateUtils(), Constants: map[string]any{"MILLIS_PER_SECOND": 1000.0,
				"MILLIS_PER_MINUTE": 60000.0, "MILLIS_PER_HOUR": 3600000.0, "MILLIS_PER_DAY": 86400000.0}},
			&Class{Name: pkg + "time.DateFormatUtils", Static: dateFormatUtils(), Constants: dateFormatConstants()},
			&Class{Name: pkg + "time.FastDateFormat", Super: "java.text.SimpleDateFormat", Static: Methods{"getInstance": func(c *Call) any {
				d := &dateFormat{pattern: c.Need(0), format: c.datePattern(c.Need(0)), loc: time.Local}
				if z, ok := c.Object(1).(*TimeZone); ok {
					d.loc = z.loc
				}
				return d
			}}},
		)
	}
	digests := hashMethods()
	for name, h := range map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha": sha1.New, "sha256": sha256.New, "sha384": sha512.New384,
		"sha512": sha512.New, "sha512_256": sha512.New512_256} {
		digests["get"+strings.ToUpper(name[:1])+name[1:]+"Digest"] = func(c *Call) any {
			return &digester{class: "java.security.MessageDigest", name: strings.ToUpper(name), h: h()}
		}
	}
	return append(classes,
		&Class{Name: "org.apache.commons.text.StringEscapeUtils", Static: escape},
		&Class{Name: "org.apache.commons.text.WordUtils", Static: wordUtils()},
		&Class{Name: "org.apache.commons.codec.digest.DigestUtils", Static: digests},
		&Class{Name: "org.apache.commons.codec.binary.Hex", New: func(*Call) any { return &object{"org.apache.commons.codec.binary.Hex"} },
			Static: hexMethods()},
		&Class{Name: "org.apache.commons.codec.binary.StringUtils", Static: Methods{
			"getBytesUtf8":  func(c *Call) any { return []byte(c.Text(0)) },
			"newStringUtf8": func(c *Call) any { return c.decode(c.Bytes(0), "UTF-8") },
		}},
	)
}

func hexMethods() Methods {
	return Methods{
		"encodeHexString": func(c *Call) any {
			if c.Len() > 1 && !c.Bool(1) {
				return strings.ToUpper(hexText(c.Bytes(0)))
			}
			return hexText(c.Bytes(0))
		},
		"encodeHex": func(c *Call) any {
			text := hexText(c.Bytes(0))
			if c.Len() > 1 && !c.Bool(1) {
				text = strings.ToUpper(text)
			}
			return toCharArray(text, c)
		},
		"decodeHex": func(c *Call) any {
			text := c.Text(0)
			if a, ok := c.Object(0).(*Array); ok {
				text = c.VM.JoinTexts(a.items, "")
			}
			if len(text)%2 != 0 {
				panic(c.Throw("org.apache.commons.codec.DecoderException", "Odd number of characters."))
			}
			b, err := encodinghex.DecodeString(text)
			if err != nil {
				at := strings.IndexFunc(text, func(r rune) bool { return !unicode.Is(unicode.ASCII_Hex_Digit, r) })
				panic(c.Throw("org.apache.commons.codec.DecoderException", "Illegal hexadecimal character "+text[at:at+1]+" at index "+strconv.Itoa(at)))
			}
			return b
		},
	}
}

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

// moreEscapes completes StringEscapeUtils.
func moreEscapes() Methods {
	text := func(f func(string) string) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			return f(c.Text(0))
		}
	}
	java := text(func(s string) string { return strings.ReplaceAll(escapeJSON(s), `\/`, "/") })
	script := text(func(s string) string { return strings.ReplaceAll(escapeJSON(s), "'", `\'`) })
	back := text(unescapeJava)
	return Methods{
		"escapeJava": java, "escapeEcmaScript": script, "escapeJavaScript": script,
		"unescapeJava": back, "unescapeEcmaScript": back, "unescapeJavaScript": back, "unescapeJson": back,
		"escapeHtml": text(escapeHTML), "escapeHtml4": text(escapeHTML), "escapeHtml3": text(escapeHTML),
		"unescapeCsv": text(func(s string) string {
			if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' && strings.ContainsAny(s[1:len(s)-1], ",\"\r\n") {
				return strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)
			}
			return s
		}),
		"unescapeXml": text(func(s string) string {
			return xmlEntities.Replace(numericEntities(s))
		}),
	}
}

var xmlEntities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'")

// numericEntities replaces &#65; and &#x41; but for those that are markup.
func numericEntities(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "&#")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := strings.IndexByte(s[i:], ';')
		if end < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i] + html.UnescapeString(s[i:i+end+1]))
		s = s[i+end+1:]
	}
}

// escapeHTML writes the letters of ISO 8859-1 that HTML has names for by these.
func escapeHTML(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r >= 160 && r <= 255:
			b.WriteString("&" + latinNames[r-160] + ";")
		case r == '€':
			b.WriteString("&euro;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// latinNames are HTML's names of the characters 160 to 255.
var latinNames = strings.Fields("nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para " +
	"middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute " +
	"Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring " +
	"aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml " +
	"yacute thorn yuml")

func unescapeJava(s string) string {
	var out []uint16
	u := units(s)
	for i := 0; i < len(u); i++ {
		if u[i] != '\\' || i+1 >= len(u) {
			out = append(out, u[i])
			continue
		}
		i++
		switch u[i] {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			if i+4 < len(u) {
				if n, err := strconv.ParseUint(fromUnits(u[i+1:i+5]), 16, 16); err == nil {
					out = append(out, uint16(n))
					i += 4
					continue
				}
			}
			out = append(out, '\\', 'u')
		default:
			out = append(out, u[i])
		}
	}
	return fromUnits(out)
}

func moreArrayUtils() Methods {
	items := func(f func(c *Call, items []any) []any) func(*Call) any {
		return func(c *Call) any {
			if c.Null(0) {
				return nil
			}
			if b, ok := c.Object(0).([]byte); ok {
				wrapped := make([]any, len(b))
				for i, x := range b {
					wrapped[i] = int32(int8(x))
				}
				return bytesOf(f(c, wrapped))
			}
			elem := "java.lang.Object"
			if a, ok := c.Object(0).(*Array); ok {
				elem = a.Elem
			}
			return NewArray(elem, f(c, append([]any(nil), c.needItems(0)...)))
		}
	}
	inPlace := func(c *Call) any {
		switch a := c.Object(0).(type) {
		case *Array:
			for i, j := 0, len(a.items)-1; i < j; i, j = i+1, j-1 {
				a.items[i], a.items[j] = a.items[j], a.items[i]
			}
		case []byte:
			for i, j := 0, len(a)-1; i < j; i, j = i+1, j-1 {
				a[i], a[j] = a[j], a[i]
			}
		}
		return Void
	}
	return Methods{
		"isNotEmpty": func(c *Call) any { items, _ := c.Items(0); b, _ := c.Object(0).([]byte); return len(items)+len(b) > 0 },
		"remove": items(func(c *Call, v []any) []any {
			i := (&List{items: v}).index(c, c.Int(1))
			return append(v[:i:i], v[i+1:]...)
		}),
		"removeElement": items(func(c *Call, v []any) []any {
			if i := find(v, c.Object(1)); i >= 0 {
				return append(v[:i:i], v[i+1:]...)
			}
			return v
		}),
		"insert": func(c *Call) any {
			v := c.needItems(1)
			i := c.Int(0)
			if i < 0 || i > len(v) {
				panic(c.Throw("java.lang.IndexOutOfBoundsException", "Index: "+strconv.Itoa(i)+", Length: "+strconv.Itoa(len(v))))
			}
			out := append([]any(nil), v[:i]...)
			for k := 2; k < c.Len(); k++ {
				out = append(out, c.Object(k))
			}
			return NewObjects(append(out, v[i:]...))
		},
		"clone":    items(func(c *Call, v []any) []any { return v }),
		"toObject": items(func(c *Call, v []any) []any { return v }), "toPrimitive": items(func(c *Call, v []any) []any { return v }),
		"nullToEmpty": func(c *Call) any {
			if c.Null(0) {
				return NewObjects(nil)
			}
			return c.Object(0)
		},
		"toArray": func(c *Call) any {
			l := &List{}
			for i := range c.Args {
				l.items = append(l.items, c.Object(i))
			}
			return NewObjects(l.items)
		},
		"toStringArray": func(c *Call) any { return NewStrings(c.VM.texts(c.needItems(0))) },
		"reverse":       inPlace,
		"addFirst":      items(func(c *Call, v []any) []any { return append([]any{c.Object(1)}, v...) }),
		"lastIndexOf": func(c *Call) any {
			v, _ := c.Items(0)
			for i := len(v) - 1; i >= 0; i-- {
				if equal(v[i], c.Object(1)) {
					return i
				}
			}
			return -1
		},
		"isSameLength": func(c *Call) any { a, _ := c.Items(0); b, _ := c.Items(1); return len(a) == len(b) },
	}
}

func moreNumberUtils() Methods {
	creatable := func(c *Call) any {
		s := strings.TrimLeft(c.Text(0), "+-")
		if rest, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
			_, err := strconv.ParseUint(rest, 16, 64)
			return err == nil
		}
		t := c.Text(0)
		if t == "" || strings.TrimSpace(t) != t || strings.HasSuffix(t, ".") && len(t) == 1 {
			return false
		}
		if strings.HasSuffix(t, "l") || strings.HasSuffix(t, "L") {
			t = t[:len(t)-1]
		}
		_, ok := parseDouble(t)
		return ok && !strings.ContainsAny(t, "nN")
	}
	ends := func(sign float64) func(*Call) any {
		return func(c *Call) any {
			items, ok := c.Items(0)
			if !ok {
				for i := range c.Args {
					items = append(items, c.Object(i))
				}
			}
			if len(items) == 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "Array cannot be empty."))
			}
			best := floatOf(items[0])
			for _, v := range items {
				if f := floatOf(v); f*sign > best*sign {
					best = f
				}
			}
			return best
		}
	}
	create := func(c *Call) any {
		if creatable(c) != true {
			panic(c.Throw("java.lang.NumberFormatException", c.Text(0)+" is not a valid number."))
		}
		if n, err := strconv.ParseInt(strings.TrimRight(c.Text(0), "lL"), 0, 64); err == nil {
			if n == int64(int32(n)) && !strings.HasSuffix(strings.ToUpper(c.Text(0)), "L") {
				return Object(int32(n))
			}
			return Object(n)
		}
		f, _ := parseDouble(c.Text(0))
		return Object(f)
	}
	return Methods{
		"isNumber": creatable, "isCreatable": creatable,
		"isParsable": func(c *Call) any {
			s := strings.TrimPrefix(c.Text(0), "-")
			whole, frac, point := strings.Cut(s, ".")
			digits := func(t string) bool { return strings.Trim(t, "0123456789") == "" }
			return s != "" && digits(whole) && digits(frac) && (!point || frac != "")
		},
		"toFloat": func(c *Call) any { return c.numberOr(false) }, "toShort": func(c *Call) any { return c.numberOr(true) },
		"max": ends(1), "min": ends(-1), "compare": func(c *Call) any { return compareFloats(c.Float(0), c.Float(1)) },
		"createNumber": create, "createInteger": create, "createLong": create, "createDouble": create,
	}
}

func booleanUtils() Methods {
	read := func(c *Call, i int) any {
		switch v := c.Object(i).(type) {
		case bool:
			return v
		case string:
			switch strings.ToLower(v) {
			case "true", "t", "on", "yes", "y", "1":
				return true
			case "false", "f", "off", "no", "n", "0":
				return false
			}
		case float64:
			return v != 0
		case int32:
			return v != 0
		}
		return nil
	}
	is := func(want bool) func(*Call) any { return func(c *Call) any { return read(c, 0) == any(want) } }
	not := func(want bool) func(*Call) any { return func(c *Call) any { return read(c, 0) != any(want) } }
	named := func(yes, no string) func(*Call) any {
		return func(c *Call) any {
			switch read(c, 0) {
			case true:
				return yes
			case false:
				return no
			}
			return nil
		}
	}
	return Methods{
		"toBoolean": is(true), "isTrue": is(true), "isFalse": is(false), "isNotTrue": not(true), "isNotFalse": not(false),
		"toBooleanObject": func(c *Call) any { return Object(read(c, 0)) },
		"toBooleanDefaultIfNull": func(c *Call) any {
			if v := read(c, 0); v != nil {
				return v
			}
			return c.Bool(1)
		},
		"toStringTrueFalse": named("true", "false"), "toStringYesNo": named("yes", "no"), "toStringOnOff": named("on", "off"),
		"negate": func(c *Call) any {
			if b, ok := read(c, 0).(bool); ok {
				return Object(!b)
			}
			return nil
		},
		"toInteger": func(c *Call) any { b, _ := read(c, 0).(bool); return boolOrder(b) },
	}
}

func objectUtils() Methods {
	return Methods{
		"defaultIfNull": func(c *Call) any {
			if c.Null(0) {
				return c.Arg(1)
			}
			return c.Arg(0)
		},
		"firstNonNull": func(c *Call) any {
			for i := range c.Args {
				if !c.Null(i) {
					return c.Arg(i)
				}
			}
			return nil
		},
		"equals":   func(c *Call) any { return equal(c.Object(0), c.Object(1)) },
		"notEqual": func(c *Call) any { return !equal(c.Object(0), c.Object(1)) },
		"compare": func(c *Call) any {
			n, _ := compare(c.Object(0), c.Object(1))
			return n
		},
		"toString": func(c *Call) any {
			if c.Null(0) {
				return c.Text(1)
			}
			return c.Text(0)
		},
		"isEmpty": func(c *Call) any {
			if items, ok := c.Items(0); ok {
				return len(items) == 0
			}
			if m, ok := c.Object(0).(mapping); ok {
				return m.Len() == 0
			}
			return c.Null(0) || c.Text(0) == ""
		},
		"allNotNull": func(c *Call) any {
			for i := range c.Args {
				if c.Null(i) {
					return false
				}
			}
			return true
		},
	}
}

func randomStrings() Methods {
	const letters, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "0123456789"
	from := func(set string) func(*Call) any {
		return func(c *Call) any {
			chars := set
			if c.IsText(1) && c.Text(1) != "" {
				chars = c.Text(1)
			} else if c.IsBool(1) {
				chars = ""
				if c.Bool(1) {
					chars += letters
				}
				if c.Bool(2) {
					chars += digits
				}
			}
			n := c.Int(0)
			if n < 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "Requested random string length "+strconv.Itoa(n)+" is less than 0."))
			}
			b := make([]rune, c.limit(n))
			pool := []rune(chars)
			for i := range b {
				b[i] = pool[rand.IntN(len(pool))]
			}
			return string(b)
		}
	}
	return Methods{"random": from(letters + digits), "randomAlphabetic": from(letters), "randomNumeric": from(digits), "randomAlphanumeric": from(letters + digits),
		"randomAscii": from(letters + digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~")}
}

func charUtils() Methods {
	is := func(f func(r rune) bool) func(*Call) any { return func(c *Call) any { return f(c.char(0)) } }
	return Methods{
		"isAscii": is(func(r rune) bool { return r < 128 }), "isAsciiPrintable": is(func(r rune) bool { return r >= 32 && r < 127 }),
		"isAsciiNumeric": is(func(r rune) bool { return r >= '0' && r <= '9' }), "isAsciiAlpha": is(func(r rune) bool { return r|32 >= 'a' && r|32 <= 'z' }),
		"toString": func(c *Call) any { return string(c.char(0)) },
	}
}

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

// dateUtils is DateUtils of commons lang.
func dateUtils() Methods {
	need := func(c *Call, i int) time.Time {
		t, ok := c.Time(i)
		if !ok {
			panic(c.Throw("java.lang.NullPointerException", "The validated object is null"))
		}
		return t.In(time.Local)
	}
	m := Methods{
		"isSameDay":     func(c *Call) any { return need(c, 0).Format("20060102") == need(c, 1).Format("20060102") },
		"isSameInstant": func(c *Call) any { return need(c, 0).UnixMilli() == need(c, 1).UnixMilli() },
		"truncate":      func(c *Call) any { return NewDate(truncatedDate(need(c, 0), c.Int(1))) },
		"ceiling": func(c *Call) any {
			t := need(c, 0)
			if floor := truncatedDate(t, c.Int(1)); !floor.Equal(t) {
				return NewDate(truncatedDate(with(floor, c.Int(1), field(floor, c.Int(1))+1), c.Int(1)))
			}
			return NewDate(t)
		},
		"truncatedCompareTo": func(c *Call) any {
			return truncatedDate(need(c, 0), c.Int(2)).Compare(truncatedDate(need(c, 1), c.Int(2)))
		},
		"truncatedEquals": func(c *Call) any {
			return truncatedDate(need(c, 0), c.Int(2)).Equal(truncatedDate(need(c, 1), c.Int(2)))
		},
		"toCalendar": func(c *Call) any { return NewCalendar(need(c, 0)) },
	}
	parse := func(strict bool) func(*Call) any {
		return func(c *Call) any {
			patterns, ok := c.Items(1)
			if !ok || c.Len() > 2 {
				patterns = nil
				for i := 1; i < c.Len(); i++ {
					if !c.Null(i) {
						patterns = append(patterns, c.Text(i))
					}
				}
			}
			for _, p := range patterns {
				f := c.datePattern(c.VM.Text(p))
				read := f.Parse
				if strict {
					read = f.ParseStrict
				}
				// The whole text must be the date's: what is read is written and compared.
				if t, err := read(c.Need(0), time.Local); err == nil && (!strict || length(f.Format(t)) == length(c.Text(0))) {
					return NewDate(t)
				}
			}
			panic(c.Throw("java.text.ParseException", "Unable to parse the date: "+c.Need(0)))
		}
	}
	m["parseDate"], m["parseDateStrictly"] = parse(false), parse(true)
	for name, f := range map[string]struct {
		field int
		unit  string
	}{"Years": {fieldYear, "YEARS"}, "Months": {fieldMonth, "MONTHS"}, "Weeks": {0, "WEEKS"}, "Days": {fieldDay, "DAYS"}, "Hours": {fieldHour, "HOURS"},
		"Minutes": {fieldMinute, "MINUTES"}, "Seconds": {fieldSecond, "SECONDS"}, "Milliseconds": {fieldMilli, "MILLIS"}} {
		m["add"+name] = func(c *Call) any {
			return NewDate(advance(c, &moment{zonedDateTime, need(c, 0)}, f.unit, c.Int(1)).t)
		}
		if f.field != 0 {
			m["set"+name] = func(c *Call) any { return NewDate(with(need(c, 0), f.field, c.Int(1))) }
		}
	}
	return m
}

// truncatedDate cuts a date at a field of Calendar.
func truncatedDate(t time.Time, f int) time.Time {
	unit := map[int]string{fieldYear: "YEARS", fieldMonth: "MONTHS", fieldDay: "DAYS", fieldHour: "HOURS", fieldMinute: "MINUTES", fieldSecond: "SECONDS",
		fieldMilli: "MILLIS"}[f]
	if unit == "" {
		unit = "DAYS"
	}
	return floorTo(t, unit)
}

func dateFormatUtils() Methods {
	format := func(loc *time.Location) func(*Call) any {
		return func(c *Call) any {
			t, ok := c.Time(0)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			at := loc
			if at == nil {
				at = time.Local
				if z, ok := c.Object(2).(*TimeZone); ok {
					at = z.loc
				}
			}
			return c.datePattern(c.Need(1)).Format(t.In(at))
		}
	}
	return Methods{"format": format(nil), "formatUTC": format(time.UTC)}
}

func dateFormatConstants() map[string]any {
	out := make(map[string]any)
	for name, pattern := range map[string]string{"ISO_DATE_FORMAT": "yyyy-MM-dd", "ISO_DATETIME_FORMAT": "yyyy-MM-dd'T'HH:mm:ss",
		"ISO_DATETIME_TIME_ZONE_FORMAT": "yyyy-MM-dd'T'HH:mm:ssXXX", "ISO_8601_EXTENDED_DATE_FORMAT": "yyyy-MM-dd",
		"ISO_8601_EXTENDED_DATETIME_FORMAT": "yyyy-MM-dd'T'HH:mm:ss", "ISO_TIME_NO_T_FORMAT": "HH:mm:ss", "SMTP_DATETIME_FORMAT": "EEE, dd MMM yyyy HH:mm:ss Z"} {
		out[name] = func() any {
			return &dateFormat{pattern: pattern, format: datefmt.MustCompile(pattern), loc: time.Local}
		}
	}
	return out
}
