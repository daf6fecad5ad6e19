package java

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// messageFormat is a MessageFormat. Its pattern is read each time: scripts make one
// for one message.
type messageFormat struct{ pattern string }

func (*messageFormat) JavaClass() string { return "java.text.MessageFormat" }

// choiceFormat is a ChoiceFormat: from each limit on, its text.
type choiceFormat struct {
	limits []float64
	texts  []string
}

func (*choiceFormat) JavaClass() string { return "java.text.ChoiceFormat" }

// maxFormatDepth is how deep the patterns of choices may lie in one another.
const maxFormatDepth = 20

func messageFormatClasses() []*Class {
	return []*Class{
		{Name: "java.text.MessageFormat",
			New: func(c *Call) any { return &messageFormat{c.Need(0)} },
			Static: Methods{"format": func(c *Call) any {
				args, ok := c.Items(1)
				if !ok || c.Len() > 2 {
					args = nil
					for i := 1; i < c.Len(); i++ {
						args = append(args, c.Object(i))
					}
				}
				return c.message(c.Need(0), args, maxFormatDepth)
			}},
			Methods: Methods{
				"format": func(c *Call) any {
					m, isNew := c.This.(*messageFormat)
					if !isNew {
						return nil
					}
					args, ok := c.Items(0)
					if !ok {
						args = []any{c.Object(0)}
					}
					return c.message(m.pattern, args, maxFormatDepth)
				},
				"toPattern": func(c *Call) any { return c.This.(*messageFormat).pattern },
			}},
		{Name: "java.text.ChoiceFormat", Super: "java.text.NumberFormat",
			New: func(c *Call) any { return c.choice(c.Need(0)) },
			Methods: Methods{"format": func(c *Call) any {
				return c.This.(*choiceFormat).text(c.Float(0))
			}}},
	}
}

// message is MessageFormat.format.
func (c *Call) message(pattern string, args []any, depth int) string {
	if depth == 0 {
		panic(c.Throw("java.lang.IllegalArgumentException", "the choices of a message format lie too deep in one another"))
	}
	var b strings.Builder
	for i := 0; i < len(pattern); {
		switch pattern[i] {
		case '\'':
			if strings.HasPrefix(pattern[i+1:], "'") {
				b.WriteByte('\'')
				i += 2
				continue
			}
			end := strings.IndexByte(pattern[i+1:], '\'')
			if end < 0 { // a quote that is not closed goes to the end
				b.WriteString(pattern[i+1:])
				return b.String()
			}
			b.WriteString(pattern[i+1 : i+1+end])
			i += end + 2
		case '{':
			end := closing(pattern[i:])
			if end < 0 {
				panic(c.Throw("java.lang.IllegalArgumentException", "Unmatched braces in the pattern."))
			}
			b.WriteString(c.argument(pattern[i+1:i+end], args, depth))
			i += end + 1
		default:
			b.WriteByte(pattern[i])
			i++
		}
		c.tooLong(b.Len())
	}
	return b.String()
}

// maxFormatted bounds what a message format may come to, in bytes.
const maxFormatted = 64 << 20

func (c *Call) tooLong(n int) {
	if n > maxFormatted {
		panic(c.Throw("java.lang.OutOfMemoryError", "the text is too long"))
	}
}

// closing returns where the brace that s begins with is closed, or -1.
func closing(s string) int {
	depth, quoted := 0, false
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case quoted:
		case s[i] == '{':
			depth++
		case s[i] == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// argument is what stands for {index,type,style}.
func (c *Call) argument(element string, args []any, depth int) string {
	index, rest, _ := strings.Cut(element, ",")
	n, err := strconv.Atoi(strings.TrimSpace(index))
	if err != nil || n < 0 {
		panic(c.Throw("java.lang.IllegalArgumentException", "can't parse argument number: "+index))
	}
	if n >= len(args) {
		return "{" + strconv.Itoa(n) + "}"
	}
	v := args[n]
	if v == nil {
		return "null"
	}
	kind, style, _ := strings.Cut(rest, ",")
	kind = strings.ToLower(strings.TrimSpace(kind))
	switch kind {
	case "":
		switch v := v.(type) {
		case float64, int32, int64, numeric:
			return c.decimalFormat("#,##0.###", symbolsOf("en_US")).format(c, v)
		case *Date:
			return c.datePattern(dateStyle(3) + ", " + timeStyle(3)).Format(v.Time())
		}
		return c.VM.Text(v)
	case "number":
		pattern := style
		switch strings.ToLower(strings.TrimSpace(style)) {
		case "":
			pattern = "#,##0.###"
		case "integer":
			pattern = "#,##0"
		case "percent":
			pattern = "#,##0%"
		case "currency":
			pattern = "¤#,##0.00"
		}
		return c.decimalFormat(pattern, symbolsOf("en_US")).format(c, v)
	case "date", "time":
		styled := dateStyle
		if kind == "time" {
			styled = timeStyle
		}
		pattern := style
		for i, name := range []string{"full", "long", "medium", "short"} {
			if s := strings.ToLower(strings.TrimSpace(style)); s == name || s == "" && name == "medium" {
				pattern = styled(i)
			}
		}
		var t time.Time
		switch v := v.(type) {
		case *Date:
			t = v.Time()
		case float64, int32, int64:
			t = time.UnixMilli(int64(floatOf(v))).In(time.Local)
		default:
			panic(c.Throw("java.lang.IllegalArgumentException", "Cannot format given Object as a Date"))
		}
		return c.datePattern(pattern).Format(t)
	case "choice":
		text := c.choice(style).text(floatOf(v))
		if strings.Contains(text, "{") {
			return c.message(text, args, depth-1)
		}
		return text
	}
	panic(c.Throw("java.lang.IllegalArgumentException", "unknown format type: "+kind))
}

// dateStyle and timeStyle are DateFormat's styles in the locale en_US, from FULL (0)
// to SHORT (3).
func dateStyle(i int) string {
	return []string{"EEEE, MMMM d, y", "MMMM d, y", "MMM d, y", "M/d/yy"}[i]
}

func timeStyle(i int) string {
	return []string{"h:mm:ss a zzzz", "h:mm:ss a z", "h:mm:ss a", "h:mm a"}[i]
}

// choice reads the pattern of a ChoiceFormat, such as 0#none|1#one|1<many.
func (c *Call) choice(pattern string) *choiceFormat {
	f := &choiceFormat{}
	for _, part := range strings.Split(pattern, "|") {
		i := strings.IndexAny(part, "#<≤")
		if i < 0 {
			panic(c.Throw("java.lang.IllegalArgumentException", "Each interval must contain a number before a format"))
		}
		number := strings.TrimSpace(part[:i])
		limit, err := strconv.ParseFloat(strings.NewReplacer("∞", "Inf").Replace(number), 64)
		if err != nil {
			panic(c.Throw("java.lang.IllegalArgumentException", "Each interval must contain a number before a format"))
		}
		text := strings.TrimPrefix(part[i:], "≤")
		if strings.HasPrefix(part[i:], "<") {
			limit = math.Nextafter(limit, math.Inf(1))
		}
		f.limits = append(f.limits, limit)
		f.texts = append(f.texts, strings.TrimPrefix(strings.TrimPrefix(text, "#"), "<"))
	}
	return f
}

// text is the text of the last limit that a number reaches; of the first below all.
func (f *choiceFormat) text(n float64) string {
	i := 0
	for i+1 < len(f.limits) && n >= f.limits[i+1] {
		i++
	}
	return f.texts[i]
}
