package attach

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// regex takes out what regular expressions find. Each goes over what the one
// before has left, tokens included.
type regex struct {
	patterns []pattern
	inbound  []replacement // done to what is taken out
	outbound []replacement // done to what is put back
	env      Env
}

type pattern struct {
	re       *java.Pattern
	mimeType string
}

// replacement is a text that takes the place of another; both may have ${…}.
type replacement struct{ key, value string }

func newRegex(properties map[string]string, env Env) (Handler, error) {
	h := &regex{env: env}
	for n := -1; ; n++ {
		number := strconv.Itoa(n)
		if n < 0 { // exports of before 3.5 have one, without a number
			number = ""
		}
		text, ok := properties["regex.pattern"+number]
		if !ok && n < 0 {
			continue
		}
		if !ok {
			break
		}
		re, err := java.CompilePattern(text)
		if err != nil {
			return nil, &weir.Fault{At: "regex.pattern" + number, Err: fmt.Errorf("the regular expression cannot be used: %w", err),
				Hint: "Correct it in the attachment settings of the channel."}
		}
		h.patterns = append(h.patterns, pattern{re, typeOr(properties["regex.mimetype"+number])})
	}
	var err error
	if h.inbound, err = replacements(properties, "regex.replace"); err != nil {
		return nil, err
	}
	h.outbound, err = replacements(properties, "outbound.regex.replace")
	return h, err
}

// replacements are the numbered pairs of a name, in the order of the HashMap that
// Mirth keeps them in.
func replacements(properties map[string]string, name string) ([]replacement, error) {
	pairs := java.NewHashMap()
	for n := 0; ; n++ {
		key, ok := properties[name+"Key"+strconv.Itoa(n)]
		if !ok {
			break
		}
		value, hasValue := properties[name+"Value"+strconv.Itoa(n)]
		key, err := unescape(key)
		if err == nil {
			value, err = unescape(value)
		}
		if err != nil {
			return nil, &weir.Fault{At: name + "Key" + strconv.Itoa(n), Err: err, Hint: "Write four hexadecimal digits after \\u, or \\\\u for the characters themselves."}
		}
		if hasValue {
			pairs.Set(key, value)
		}
	}
	var list []replacement
	for _, p := range pairs.Pairs() {
		list = append(list, replacement{p.Key.(string), p.Value.(string)})
	}
	return list, nil
}

func (h *regex) Extract(_ context.Context, m Message) (text string, taken []weir.Attachment, err error) {
	text = m.Text
	for _, p := range h.patterns {
		if text, err = h.take(p, text, m.SourceMap, &taken); err != nil {
			return "", nil, err
		}
	}
	return text, taken, nil
}

// take replaces what the last group of a pattern matches by tokens; without groups
// that is the whole match. What is blank stays.
func (h *regex) take(p pattern, text string, sourceMap map[string]any, taken *[]weir.Attachment) (string, error) {
	matches, err := p.re.FindAll(text)
	if err != nil {
		return "", weir.WithHint(fmt.Errorf("the regular expression of the attachments took too long: %w", err), "attachmentProperties",
			"Write it without nested repetitions, look-around or back references.")
	}
	var out strings.Builder
	offset := 0
	for _, at := range matches {
		from, to := at[len(at)-2], at[len(at)-1]
		if from < offset {
			return "", weir.WithHint(errors.New("the last group of the attachments' regular expression took no part in a match"), "attachmentProperties",
				"Make it the only group, and others (?:…).")
		}
		content := h.replace(h.inbound, text[from:to], sourceMap)
		out.WriteString(text[offset:from])
		offset = to
		if blank(content) {
			out.WriteString(content)
			continue
		}
		a := newAttachment(content, h.env.Replace(p.mimeType, sourceMap))
		*taken = append(*taken, a)
		if err := Check(*taken); err != nil {
			return "", err
		}
		out.WriteString(a.Token())
	}
	out.WriteString(text[offset:])
	return out.String(), nil
}

func (h *regex) replace(list []replacement, text string, sourceMap map[string]any) string {
	for _, r := range list {
		text = strings.ReplaceAll(text, h.env.Replace(r.key, sourceMap), h.env.Replace(r.value, sourceMap))
	}
	return text
}

func (h *regex) Outbound(content []byte) []byte {
	if len(h.outbound) == 0 {
		return content
	}
	return []byte(h.replace(h.outbound, string(content), nil))
}

// javaSpace is Character.isWhitespace.
func javaSpace(r rune) bool {
	switch {
	case r >= 0x1c && r <= 0x1f:
		return true
	case r == 0x85, r == 0xa0, r == 0x2007, r == 0x202f:
		return false
	}
	return unicode.IsSpace(r)
}

// unescape is StringEscapeUtils.unescapeJava: \n and its like, octal digits,
// \uXXXX; another backslash goes.
func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	in := utf16.Encode([]rune(s))
	out := make([]uint16, 0, len(in))
	for len(in) > 0 {
		if in[0] != '\\' || len(in) == 1 {
			if in[0] != '\\' {
				out = append(out, in[0])
			}
			in = in[1:]
			continue
		}
		in = in[1:]
		switch c := in[0]; {
		case c == 'u':
			unit, rest, err := unicodeEscape(in)
			if err != nil {
				return "", err
			}
			out, in = append(out, unit), rest
		case c >= '0' && c <= '7':
			unit, rest := octalEscape(in)
			out, in = append(out, unit), rest
		default:
			if i := strings.IndexRune(`bntfr\"'`, rune(c)); i >= 0 {
				out, in = append(out, uint16("\b\n\t\f\r\\\"'"[i])), in[1:]
			}
		}
	}
	return string(utf16.Decode(out)), nil
}

// unicodeEscape reads what follows a backslash: one u or more, perhaps a plus,
// four hexadecimal digits.
func unicodeEscape(in []uint16) (unit uint16, rest []uint16, err error) {
	for len(in) > 0 && in[0] == 'u' {
		in = in[1:]
	}
	if len(in) > 0 && in[0] == '+' {
		in = in[1:]
	}
	if len(in) < 4 {
		return 0, nil, errors.New(`fewer than four digits follow \u`)
	}
	n, err := strconv.ParseUint(string(utf16.Decode(in[:4])), 16, 16)
	if err != nil {
		return 0, nil, errors.New(`what follows \u are no hexadecimal digits`)
	}
	return uint16(n), in[4:], nil
}

// octalEscape reads one to three octal digits, of a number up to 377.
func octalEscape(in []uint16) (unit uint16, rest []uint16) {
	most := 2
	if in[0] <= '3' {
		most = 3
	}
	for i := 0; i < most && len(in) > 0 && in[0] >= '0' && in[0] <= '7'; i++ {
		unit, in = unit*8+in[0]-'0', in[1:]
	}
	return unit, in
}
