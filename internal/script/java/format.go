package java

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// format is String.format with the pattern in argument i.
func (c *Call) format(i int) any { return c.formatText(c.Need(i), i+1) }

// formatText writes java.util.Formatter's conversions s d f x X o e E g c b n %,
// with flags, width, precision and positions such as %1$s. Numbers from scripts
// are doubles, which %d of Java refuses; here it takes whole ones.
func (c *Call) formatText(pattern string, first int) any {
	args := make([]any, 0, c.Len())
	for i := first; i < c.Len(); i++ {
		args = append(args, c.Object(i))
	}
	if len(args) == 1 {
		if a, ok := args[0].(*Array); ok {
			args = a.items
		} else if items, ok := c.Items(first); ok {
			args = items
		}
	}
	var b strings.Builder
	next := 0
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			b.WriteByte(pattern[i])
			continue
		}
		spec, conversion, end := formatSpec(pattern, i+1)
		i = end
		switch conversion {
		case 'n':
			b.WriteByte('\n')
			continue
		case '%':
			b.WriteByte('%')
			continue
		case 0:
			panic(c.Throw("java.util.IllegalFormatException", "Conversion = '%'"))
		}
		at := next
		if spec.index > 0 {
			at = spec.index - 1
		} else {
			next++
		}
		if at >= len(args) {
			panic(c.Throw("java.util.IllegalFormatException", "Format specifier '%"+string(conversion)+"'"))
		}
		b.WriteString(c.convert(spec, conversion, args[at]))
	}
	return b.String()
}

type spec struct {
	index, width, precision int // precision is -1 when there is none
	flags                   string
}

func formatSpec(s string, i int) (sp spec, conversion byte, end int) {
	sp.precision = -1
	n, j := digits(s, i)
	if j < len(s) && s[j] == '$' && j > i {
		sp.index, i = n, j+1
	}
	for i < len(s) && strings.IndexByte("-#+ 0,(", s[i]) >= 0 {
		sp.flags += s[i : i+1]
		i++
	}
	sp.width, i = digits(s, i)
	if i < len(s) && s[i] == '.' {
		sp.precision, i = digits(s, i+1)
	}
	if i >= len(s) {
		return sp, 0, i
	}
	return sp, s[i], i
}

func digits(s string, i int) (n, end int) {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' && n < 1e6 {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, i
}

func (c *Call) convert(sp spec, conversion byte, v any) string {
	s := ""
	switch conversion {
	case 's', 'S':
		s = c.VM.Text(v)
		if sp.precision >= 0 && sp.precision < len(s) {
			s = s[:sp.precision]
		}
	case 'd':
		s = c.wholeNumber(sp, v)
	case 'x', 'X':
		s = strconv.FormatUint(uint64(uint32(int64(floatOf(v)))), 16)
		if b, ok := v.(float64); ok && math.Abs(b) > math.MaxUint32 {
			s = strconv.FormatInt(int64(b), 16)
		}
	case 'o':
		s = strconv.FormatInt(int64(floatOf(v)), 8)
	case 'f':
		p := 6
		if sp.precision >= 0 {
			p = sp.precision
		}
		s = strconv.FormatFloat(roundHalfUp(floatOf(v), p), 'f', p, 64)
		if strings.Contains(sp.flags, ",") {
			s = grouped(s)
		}
	case 'e', 'E', 'g':
		p := 6
		if sp.precision >= 0 {
			p = sp.precision
		}
		s = strconv.FormatFloat(floatOf(v), conversion|0x20, p, 64)
	case 'c':
		if t, ok := v.(string); ok {
			s = t
		} else {
			s = string(rune(int(floatOf(v))))
		}
	case 'b', 'B':
		b, isBool := v.(bool)
		s = fmt.Sprint(v != nil && (!isBool || b))
	default:
		panic(c.Throw("java.util.IllegalFormatException", "Conversion = '"+string(conversion)+"'"))
	}
	if conversion >= 'A' && conversion <= 'Z' {
		s = strings.ToUpper(s)
	}
	if strings.IndexByte("dfeg", conversion) >= 0 && !strings.HasPrefix(s, "-") {
		if strings.Contains(sp.flags, "+") {
			s = "+" + s
		} else if strings.Contains(sp.flags, " ") {
			s = " " + s
		}
	}
	return padded(s, sp)
}

func (c *Call) wholeNumber(sp spec, v any) string {
	f := floatOf(v)
	switch x := v.(type) {
	case int64:
		return group(strconv.FormatInt(x, 10), sp)
	case nil:
		return "null"
	}
	if math.IsNaN(f) || f != math.Trunc(f) {
		panic(c.Throw("java.util.IllegalFormatException", "d != "+className(v)))
	}
	return group(strconv.FormatFloat(f, 'f', 0, 64), sp)
}

func group(s string, sp spec) string {
	if strings.Contains(sp.flags, ",") {
		return grouped(s)
	}
	return s
}

// grouped puts commas between thousands.
func grouped(s string) string {
	sign, frac := "", ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	if i := strings.IndexByte(s, '.'); i >= 0 {
		s, frac = s[:i], s[i:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s + frac
}

func padded(s string, sp spec) string {
	n := min(sp.width, 10000) - length(s)
	switch {
	case n <= 0:
		return s
	case strings.Contains(sp.flags, "-"):
		return s + strings.Repeat(" ", n)
	case strings.Contains(sp.flags, "0"):
		if s != "" && (s[0] == '-' || s[0] == '+') {
			return s[:1] + strings.Repeat("0", n) + s[1:]
		}
		return strings.Repeat("0", n) + s
	}
	return strings.Repeat(" ", n) + s
}

// roundHalfUp rounds the decimal form as Formatter does, 0.125 to 0.13.
func roundHalfUp(f float64, digits int) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) || digits > 15 {
		return f
	}
	d, ok := parseDecimal(strconv.FormatFloat(f, 'f', -1, 64))
	if !ok {
		return f
	}
	return d.setScale(digits, "HALF_UP").Float()
}
