package velocity

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var errArgument = errors.New("argument is missing or not of the right kind")

// callString calls a method of java.lang.String. Positions count UTF-16 units,
// as in Java.
func (r *renderer) callString(s, method string, args []any) (any, error) {
	switch signature(method, args) {
	case "length/0":
		return int64(unitLength(s)), nil
	case "isEmpty/0":
		return s == "", nil
	case "toString/0":
		return s, nil
	case "trim/0":
		return strings.TrimFunc(s, func(c rune) bool { return c <= ' ' }), nil
	case "toUpperCase/0":
		return strings.ToUpper(s), nil
	case "toLowerCase/0":
		return strings.ToLower(s), nil
	case "equals/1":
		other, ok := args[0].(string)
		return ok && s == other, nil
	case "charAt/1", "substring/1", "substring/2":
		return substring(s, method, args)
	case "equalsIgnoreCase/1", "compareTo/1", "contains/1", "startsWith/1", "endsWith/1", "concat/1", "matches/1",
		"indexOf/1", "indexOf/2", "lastIndexOf/1", "split/1", "split/2":
		other, err := r.argument(args[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		return r.withText(s, method, other, args[1:])
	case "replace/2", "replaceAll/2", "replaceFirst/2":
		pattern, err := r.argument(args[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		by, err := r.argument(args[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		return r.replaced(s, method, pattern, by)
	}
	return nil, ErrNoMethod
}

// argument turns an argument into text.
func (r *renderer) argument(v any) (string, error) {
	s, ok, err := r.text(v)
	if err == nil && !ok {
		err = errArgument
	}
	return s, err
}

func (r *renderer) withText(s, method, other string, more []any) (any, error) {
	switch method {
	case "equalsIgnoreCase":
		return strings.EqualFold(s, other), nil
	case "compareTo":
		return int64(strings.Compare(s, other)), nil
	case "contains":
		return strings.Contains(s, other), nil
	case "startsWith":
		return strings.HasPrefix(s, other), nil
	case "endsWith":
		return strings.HasSuffix(s, other), nil
	case "concat":
		if len(s)+len(other) > r.maxOutput {
			return nil, errOutput
		}
		return s + other, nil
	case "matches":
		re, err := regexp.Compile("^(?:" + other + ")$")
		if err != nil {
			return nil, badPattern(err)
		}
		return re.MatchString(s), nil
	case "indexOf":
		return indexFrom(s, other, more)
	case "lastIndexOf":
		return unitIndex(s, strings.LastIndex(s, other)), nil
	}
	return r.split(s, other, more)
}

// badPattern says what is wrong with a pattern but not the pattern itself, which
// may come from a message.
func badPattern(err error) error {
	var bad *syntax.Error
	if errors.As(err, &bad) {
		return fmt.Errorf("regular expression: %s", bad.Code)
	}
	return errors.New("regular expression is not valid")
}

// unitLength is the number of UTF-16 units.
func unitLength(s string) int {
	n := 0
	for _, c := range s {
		n += max(utf16.RuneLen(c), 1)
	}
	return n
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unitIndex turns a position in bytes into one in UTF-16 units; -1 stays.
func unitIndex(s string, i int) int64 {
	if i <= 0 {
		return int64(i)
	}
	return int64(unitLength(s[:i]))
}

func indexFrom(s, other string, from []any) (any, error) {
	if len(from) == 0 {
		return unitIndex(s, strings.Index(s, other)), nil
	}
	begin, ok := wholeOf(from[0])
	if !ok {
		return nil, fmt.Errorf("indexOf: %w", errArgument)
	}
	length := int64(unitLength(s))
	begin = min(max(begin, 0), length)
	rest, err := cut(s, begin, length)
	if err != nil {
		return nil, err
	}
	i := unitIndex(rest, strings.Index(rest, other))
	if i >= 0 {
		i += begin
	}
	return i, nil
}

// substring is charAt and substring.
func substring(s, method string, args []any) (any, error) {
	var at [2]int64
	for i, arg := range args {
		n, ok := wholeOf(arg)
		if !ok {
			if arg == nil {
				return nil, nil // as Velocity, which then finds no method
			}
			return nil, fmt.Errorf("%s: %w", method, errArgument)
		}
		at[i] = n
	}
	switch {
	case method == "charAt":
		at[1] = at[0] + 1
	case len(args) == 1:
		at[1] = int64(unitLength(s))
	}
	part, err := cut(s, at[0], at[1])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return part, nil
}

// cut returns the UTF-16 units from begin to end.
func cut(s string, begin, end int64) (string, error) {
	if isASCII(s) {
		if begin < 0 || end > int64(len(s)) || begin > end {
			return "", fmt.Errorf("no characters from %d to %d in a text of %d", begin, end, len(s))
		}
		return s[begin:end], nil
	}
	units := utf16.Encode([]rune(s))
	if begin < 0 || end > int64(len(units)) || begin > end {
		return "", fmt.Errorf("no characters from %d to %d in a text of %d", begin, end, len(units))
	}
	return string(utf16.Decode(units[begin:end])), nil
}

// replaced is replace, which takes texts, and replaceAll and replaceFirst, which
// take a regular expression and a replacement with $1.
func (r *renderer) replaced(s, method, pattern, by string) (any, error) {
	if method == "replace" {
		if n := strings.Count(s, pattern); n > 0 && len(by) > len(pattern) && len(by)-len(pattern) > (r.maxOutput-len(s))/n {
			return nil, errOutput
		}
		return strings.ReplaceAll(s, pattern, by), nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, badPattern(err)
	}
	most := -1
	if method == "replaceFirst" {
		most = 1
	}
	var b strings.Builder
	end := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, most) {
		b.WriteString(s[end:m[0]])
		if err := expand(&b, re, by, s, m); err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		if end = m[1]; b.Len() > r.maxOutput {
			return nil, errOutput
		}
	}
	b.WriteString(s[end:])
	return b.String(), nil
}

// expand writes a replacement as java.util.regex.Matcher does: $1 and ${name}
// are groups, \x is x. A group number takes further digits as long as there is
// such a group.
func expand(b *strings.Builder, re *regexp.Regexp, by, s string, m []int) error {
	for i := 0; i < len(by); i++ {
		switch c := by[i]; {
		case c == '\\':
			if i++; i == len(by) {
				return errors.New(`replacement ends with \`)
			}
			b.WriteByte(by[i])
		case c != '$':
			b.WriteByte(c)
		default:
			group, n := groupAt(re, by[i+1:])
			if n == 0 {
				return errors.New("replacement has $ without the number of a group")
			}
			if m[2*group] >= 0 {
				b.WriteString(s[m[2*group]:m[2*group+1]])
			}
			i += n
		}
	}
	return nil
}

// groupAt reads the group after a $ and returns how many bytes name it, 0 if
// there is no such group.
func groupAt(re *regexp.Regexp, s string) (group, n int) {
	if strings.HasPrefix(s, "{") {
		word, _, ok := strings.Cut(s[1:], "}")
		if group = re.SubexpIndex(word); !ok || group < 0 {
			return 0, 0
		}
		return group, len(word) + 2
	}
	for n < len(s) && isDigit(s[n]) {
		next := group*10 + int(s[n]-'0')
		if next > re.NumSubexp() {
			break
		}
		group = next
		n++
	}
	return group, n
}

// split is String.split: without a limit empty strings at the end are dropped,
// and a match of nothing at the beginning makes no part.
func (r *renderer) split(s, pattern string, more []any) (any, error) {
	limit := int64(0)
	if len(more) > 0 {
		var ok bool
		if limit, ok = wholeOf(more[0]); !ok {
			return nil, fmt.Errorf("split: %w", errArgument)
		}
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, badPattern(err)
	}
	parts := []any{}
	end := 0
	for _, m := range re.FindAllStringIndex(s, -1) {
		if limit > 0 && int64(len(parts)) == limit-1 {
			break
		}
		if m[1] == 0 || m[0] == m[1] && m[0] == len(s) {
			continue
		}
		parts = append(parts, s[end:m[0]])
		end = m[1]
	}
	parts = append(parts, s[end:])
	for limit == 0 && len(parts) > 1 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return parts, r.step(len(parts))
}
