package java

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// Pattern is a compiled regular expression in Java's syntax. Those that Go's
// linear-time engine can do are done by it; look-around and back-references need
// the backtracking one, which ends at a time limit.
type Pattern struct {
	text  string
	flags int
	fast  *regexp.Regexp
	slow  *regexp2.Regexp

	// patient is the backtracking form of a fast one, for long texts: between
	// two of its matches one can stop.
	patient func() *regexp2.Regexp
}

func (p *Pattern) JavaClass() string { return "java.util.regex.Pattern" }
func (p *Pattern) String() string    { return p.text }

// Flags of Pattern.compile.
const (
	flagCase    = 2
	flagComment = 4
	flagMulti   = 8
	flagLiteral = 16
	flagDotAll  = 32
)

// MatchTime is how long one search with a backtracking expression may take, if
// regexp2's own default is not shorter.
const MatchTime = 10 * time.Second

// patterns keeps compiled expressions: replaceAll in a loop compiles once.
var patterns cache[*Pattern]

func (c *Call) pattern(text string) *Pattern { return c.compile(text, 0) }

func (c *Call) compile(text string, flags int) *Pattern {
	key := strconv.Itoa(flags) + text
	if p, ok := patterns.get(key); ok {
		return p
	}
	p, err := compilePattern(text, flags)
	if err != nil {
		panic(c.Throw("java.util.regex.PatternSyntaxException", err.Error()))
	}
	patterns.put(key, p)
	return p
}

// CompilePattern compiles a regular expression in Java's syntax, for Go code.
func CompilePattern(text string) (*Pattern, error) { return compilePattern(text, 0) }

// FindAll returns the places of all matches, with the groups, as byte positions in
// s; -1 for a group that took no part. It is an error when that takes too long.
func (p *Pattern) FindAll(s string) ([][]int, error) { return p.search(nil, s, -1) }

// maxGroups is how deep groups may lie in one another: the compilers go down
// into them by recursion.
const maxGroups = 250

// Nests reports whether groups lie too deep in one another to be compiled.
func Nests(expression string) bool {
	depth := 0
	for i := 0; i < len(expression); i++ {
		switch expression[i] {
		case '\\':
			i++
		case '(', '[':
			if depth++; depth > maxGroups {
				return true
			}
		case ')', ']':
			depth = max(depth-1, 0)
		}
	}
	return false
}

// Rescans reports whether an expression may read far ahead of what it matches,
// so that finding all matches in a long text can take the square of its length:
// it has a repetition without end that something follows.
func Rescans(expression string) bool {
	for i := 0; i < len(expression)-1; i++ {
		switch expression[i] {
		case '\\':
			i++
		case '*', '+':
			if next := expression[i+1]; next != '?' && next != '+' || i+2 < len(expression) {
				return true
			}
		case ',':
			if expression[i+1] == '}' && i+2 < len(expression) {
				return true
			}
		}
	}
	return false
}

// LongText is from how many bytes on a search for all matches can be stopped.
const LongText = 16 << 10

func compilePattern(text string, flags int) (*Pattern, error) {
	if Nests(text) {
		return nil, errors.New("groups lie too deep in one another")
	}
	p := &Pattern{text: text, flags: flags}
	if flags&flagLiteral != 0 {
		text = regexp.QuoteMeta(text)
	}
	prefix := ""
	for _, f := range []struct {
		bit    int
		letter string
	}{{flagCase, "i"}, {flagMulti, "m"}, {flagDotAll, "s"}} {
		if flags&f.bit != 0 {
			prefix += f.letter
		}
	}
	if prefix != "" {
		prefix = "(?" + prefix + ")"
	}
	if flags&flagComment == 0 {
		if re, err := regexp.Compile(prefix + goSyntax(text, flags&flagDotAll != 0)); err == nil {
			p.fast = re
			p.patient = sync.OnceValue(func() *regexp2.Regexp {
				re, _ := backtracking(prefix, text, flags)
				return re
			})
			return p, nil
		}
	}
	re, err := backtracking(prefix, text, flags)
	p.slow = re
	return p, err
}

func backtracking(prefix, text string, flags int) (*regexp2.Regexp, error) {
	options := regexp2.None
	if flags&flagComment != 0 {
		options |= regexp2.IgnorePatternWhitespace
	}
	re, err := regexp2.Compile(prefix+netSyntax(text), options)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = min(MatchTime, regexp2.DefaultMatchTimeout)
	return re, nil
}

// posix are Java's names of ASCII classes.
var posix = map[string]string{
	"Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9", "Upper": "A-Z", "Lower": "a-z",
	"Punct": `!-/:-@\[-` + "`" + `{-~`, "Space": `\t\n\v\f\r `, "Blank": `\t `, "XDigit": "0-9a-fA-F",
	"Cntrl": `\x00-\x1f\x7f`, "Graph": "!-~", "Print": " -~", "ASCII": `\x00-\x7f`,
	"IsAlphabetic": `\p{L}`, "IsDigit": `\p{Nd}`, "IsLetter": `\p{L}`,
	"InCombiningDiacriticalMarks": `\x{300}-\x{36F}`,
}

// goSyntax turns Java's syntax into Go's where the two differ: the line ends
// that a dot stops at, blanks, the classes with Java's own names.
func goSyntax(s string, dotAll bool) string {
	return rewrite(s, func(token string, inClass bool) string {
		switch {
		case token == "." && !inClass && !dotAll:
			return `[^\n\r\x{85}\x{2028}\x{2029}]`
		case token == `\s`:
			return bracket(`\t\n\v\f\r `, inClass, false)
		case token == `\S` && !inClass:
			return bracket(`\t\n\v\f\r `, inClass, true)
		case token == `\h`:
			return bracket(`\t \x{a0}`, inClass, false)
		case token == `\R` && !inClass:
			return `(?:\r\n|[\n\v\f\r\x{85}\x{2028}\x{2029}])`
		case token == `\Z`:
			return `\n?\z`
		}
		return token
	})
}

func netSyntax(s string) string {
	return rewrite(s, func(token string, inClass bool) string {
		if token == `\h` {
			return bracket(`\t `, inClass, false)
		}
		return token
	})
}

func bracket(set string, inClass, not bool) string {
	switch {
	case inClass:
		return set
	case not:
		return "[^" + set + "]"
	}
	return "[" + set + "]"
}

// rewrite hands the tokens of an expression that may need another spelling to f:
// escapes, dots, and \p{…} classes, which it has spelled out already.
func rewrite(s string, f func(token string, inClass bool) string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '\\' && i+1 < len(s):
			next := s[i+1]
			if next == 'Q' {
				end := strings.Index(s[i+2:], `\E`)
				quoted := s[i+2:]
				if end >= 0 {
					quoted = s[i+2 : i+2+end]
					i += 2 + end + 1
				} else {
					i = len(s)
				}
				b.WriteString(regexp.QuoteMeta(quoted))
				continue
			}
			if (next == 'p' || next == 'P') && i+2 < len(s) && s[i+2] == '{' {
				if end := strings.IndexByte(s[i:], '}'); end > 0 {
					if set, ok := posix[s[i+3:i+end]]; ok {
						b.WriteString(bracket(set, depth > 0, next == 'P'))
						i += end
						continue
					}
				}
			}
			if next == 'u' && i+5 < len(s) {
				b.WriteString(`\x{` + s[i+2:i+6] + `}`)
				i += 5
				continue
			}
			b.WriteString(f(s[i:i+2], depth > 0))
			i++
		case ch == '[':
			if depth > 0 {
				b.WriteByte('\\') // a bracket inside a class is a union, whose members count all the same
			}
			depth++
			b.WriteByte(ch)
			if i+1 < len(s) && s[i+1] == '^' {
				b.WriteByte('^')
				i++
			}
			if i+1 < len(s) && s[i+1] == ']' {
				b.WriteString(`\]`)
				i++
			}
		case ch == ']' && depth > 0:
			depth = 0
			b.WriteByte(ch)
		case ch == '.':
			b.WriteString(f(".", depth > 0))
		default:
			b.WriteByte(ch)
		}
	}
	return b.String()
}

// all returns the places of up to n matches (n < 0: of all), with the groups, as
// byte positions in s; -1 for a group that took no part.
func (p *Pattern) all(c *Call, s string, n int) [][]int {
	out, err := p.search(c, s, n)
	if err != nil {
		panic(c.Throw("java.lang.RuntimeException", "a search with this regular expression takes too long"))
	}
	return out
}

// search is all for who has no call, too, and wants to know what went wrong.
func (p *Pattern) search(c *Call, s string, n int) ([][]int, error) {
	re := p.slow
	if p.fast != nil {
		if len(s) > LongText && n != 1 && Rescans(p.text) {
			re = p.patient()
		}
		if re == nil {
			return p.fast.FindAllStringSubmatchIndex(s, n), nil
		}
	}
	var out [][]int
	m, err := re.FindStringMatch(s)
	for m != nil && err == nil && n != 0 {
		out = append(out, places(m))
		n--
		if c != nil && c.VM.Context.Err() != nil {
			return out, c.VM.Context.Err()
		}
		m, err = re.FindNextMatch(m)
	}
	return out, err
}

func places(m *regexp2.Match) []int {
	var loc []int
	for _, g := range m.Groups() {
		if len(g.Captures) == 0 {
			loc = append(loc, -1, -1)
			continue
		}
		from, n := g.ByteRange()
		loc = append(loc, from, from+n)
	}
	return loc
}

// whole matches all of s, or gives nil.
func (p *Pattern) whole(c *Call, s string) []int {
	full, err := p.anchored(`\z`)
	if err != nil {
		return nil
	}
	m := full.all(c, s, 1)
	if len(m) == 0 || m[0][0] != 0 {
		return nil
	}
	return m[0]
}

// anchored returns the pattern held fast at the beginning of the text, and at
// the end if end says so.
func (p *Pattern) anchored(end string) (*Pattern, error) {
	key := strconv.Itoa(p.flags) + "\x00" + end + p.text
	if q, ok := patterns.get(key); ok {
		return q, nil
	}
	text := p.text
	if p.flags&flagLiteral != 0 {
		text = regexp.QuoteMeta(text)
	}
	q, err := compilePattern(`\A(?:`+text+`)`+end, p.flags&^flagLiteral)
	if err != nil {
		return nil, err
	}
	patterns.put(key, q)
	return q, nil
}

// names returns the number of a named group, or -1.
func (p *Pattern) group(name string) int {
	if p.fast != nil {
		return p.fast.SubexpIndex(name)
	}
	return p.slow.GroupNumberFromName(name)
}

// replace replaces up to n matches; with says how in Java's terms: $1, ${name},
// and a backslash before what is meant literally.
func (p *Pattern) replace(c *Call, s, with string, n int) string {
	var b strings.Builder
	last := 0
	for _, m := range p.all(c, s, n) {
		b.WriteString(s[last:m[0]])
		p.expand(c, &b, s, with, m)
		c.limit(b.Len())
		last = m[1]
	}
	if last == 0 && b.Len() == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

func (p *Pattern) expand(c *Call, b *strings.Builder, s, with string, m []int) {
	for i := 0; i < len(with); i++ {
		switch ch := with[i]; {
		case ch == '\\' && i+1 < len(with):
			i++
			b.WriteByte(with[i])
		case ch == '$' && i+1 < len(with) && with[i+1] == '{':
			end := strings.IndexByte(with[i:], '}')
			if end < 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "named capturing group is missing trailing '}'"))
			}
			g := p.group(with[i+2 : i+end])
			if g < 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "No group with name {"+with[i+2:i+end]+"}"))
			}
			writeGroup(b, s, m, g)
			i += end
		case ch == '$':
			if i+1 >= len(with) || with[i+1] < '0' || with[i+1] > '9' {
				panic(c.Throw("java.lang.IllegalArgumentException", "Illegal group reference"))
			}
			i++
			g := int(with[i] - '0')
			if 2*g >= len(m) {
				panic(c.Throw("java.lang.IndexOutOfBoundsException", "No group "+Text(g)))
			}
			for i+1 < len(with) && with[i+1] >= '0' && with[i+1] <= '9' {
				more := g*10 + int(with[i+1]-'0')
				if 2*more >= len(m) {
					break
				}
				g = more
				i++
			}
			writeGroup(b, s, m, g)
		default:
			b.WriteByte(ch)
		}
	}
}

func writeGroup(b *strings.Builder, s string, m []int, g int) {
	if m[2*g] >= 0 {
		b.WriteString(s[m[2*g]:m[2*g+1]])
	}
}

// split is Pattern.split.
func (p *Pattern) split(c *Call, s string, limit int) []string {
	var parts []string
	last := 0
	for _, m := range p.all(c, s, -1) {
		if limit > 0 && len(parts) == limit-1 {
			break
		}
		if m[1] == 0 {
			continue // an empty match at the beginning never makes an empty text
		}
		if m[0] == m[1] && m[0] == len(s) {
			continue
		}
		parts = append(parts, s[last:m[0]])
		last = m[1]
	}
	if len(parts) == 0 {
		return []string{s}
	}
	return trimSplit(append(parts, s[last:]), limit)
}

func regexClasses() []*Class {
	on := func(f func(p *Pattern, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Pattern), c) }
	}
	return []*Class{
		{Name: "java.util.regex.Pattern",
			Constants: map[string]any{"CASE_INSENSITIVE": flagCase, "COMMENTS": flagComment, "MULTILINE": flagMulti,
				"LITERAL": flagLiteral, "DOTALL": flagDotAll, "UNICODE_CASE": 64},
			Static: Methods{
				"compile": func(c *Call) any {
					flags := 0
					if c.Len() > 1 {
						flags = c.Int(1)
					}
					return c.compile(c.Need(0), flags&(flagCase|flagComment|flagMulti|flagLiteral|flagDotAll))
				},
				"matches": func(c *Call) any { return c.pattern(c.Need(0)).whole(c, c.Need(1)) != nil },
				"quote":   func(c *Call) any { return `\Q` + c.Need(0) + `\E` },
			},
			Methods: Methods{
				"matcher": on(func(p *Pattern, c *Call) any { return &Matcher{p: p, s: c.Need(0)} }),
				"pattern": on(func(p *Pattern, c *Call) any { return p.text }),
				"flags":   on(func(p *Pattern, c *Call) any { return p.flags }),
				"split": on(func(p *Pattern, c *Call) any {
					limit := 0
					if c.Len() > 1 {
						limit = c.Int(1)
					}
					return NewStrings(p.split(c, c.Need(0), limit))
				}),
			}},
		{Name: "java.util.regex.Matcher", Methods: matcherMethods(), Static: Methods{
			"quoteReplacement": func(c *Call) any {
				return strings.NewReplacer(`\`, `\\`, `$`, `\$`).Replace(c.Need(0))
			},
		}},
	}
}

// Matcher is a java.util.regex.Matcher.
type Matcher struct {
	p     *Pattern
	s     string
	found [][]int // all matches, once looked for
	next  int
	now   []int
}

func (*Matcher) JavaClass() string { return "java.util.regex.Matcher" }

func (m *Matcher) find(c *Call) bool {
	if m.found == nil {
		m.found = m.p.all(c, m.s, -1)
	}
	if m.next >= len(m.found) {
		m.now = nil
		return false
	}
	m.now = m.found[m.next]
	m.next++
	return true
}

func (m *Matcher) group(c *Call) (from, to int) {
	g := 0
	if c.IsText(0) {
		g = m.p.group(c.Text(0))
	} else if c.Len() > 0 {
		g = c.Int(0)
	}
	if m.now == nil {
		panic(c.Throw("java.lang.IllegalStateException", "No match found"))
	}
	if g < 0 || 2*g >= len(m.now) {
		panic(c.Throw("java.lang.IndexOutOfBoundsException", "No group "+Text(g)))
	}
	return m.now[2*g], m.now[2*g+1]
}

func matcherMethods() Methods {
	on := func(f func(m *Matcher, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Matcher), c) }
	}
	place := func(s string, i int) int {
		if i < 0 {
			return -1
		}
		return length(s[:i])
	}
	return Methods{
		"find":    on(func(m *Matcher, c *Call) any { return m.find(c) }),
		"matches": on(func(m *Matcher, c *Call) any { m.now = m.p.whole(c, m.s); return m.now != nil }),
		"lookingAt": on(func(m *Matcher, c *Call) any {
			m.now = nil
			if p, err := m.p.anchored(""); err == nil {
				if all := p.all(c, m.s, 1); len(all) > 0 {
					m.now = all[0]
				}
			}
			return m.now != nil
		}),
		"group": on(func(m *Matcher, c *Call) any {
			from, to := m.group(c)
			if from < 0 {
				return nil
			}
			return m.s[from:to]
		}),
		"start": on(func(m *Matcher, c *Call) any { from, _ := m.group(c); return place(m.s, from) }),
		"end":   on(func(m *Matcher, c *Call) any { _, to := m.group(c); return place(m.s, to) }),
		"groupCount": on(func(m *Matcher, c *Call) any {
			if m.p.fast != nil {
				return m.p.fast.NumSubexp()
			}
			return len(m.p.slow.GetGroupNumbers()) - 1
		}),
		"replaceAll":   on(func(m *Matcher, c *Call) any { return m.p.replace(c, m.s, c.Need(0), -1) }),
		"replaceFirst": on(func(m *Matcher, c *Call) any { return m.p.replace(c, m.s, c.Need(0), 1) }),
		"reset": on(func(m *Matcher, c *Call) any {
			if c.Len() > 0 {
				m.s = c.Need(0)
			}
			m.found, m.next, m.now = nil, 0, nil
			return m
		}),
	}
}

// ReplaceAll is s.replaceAll with two of the call's arguments.
func (c *Call) ReplaceAll(s string, pattern, with int) string {
	return c.pattern(c.Need(pattern)).replace(c, s, c.Need(with), -1)
}
