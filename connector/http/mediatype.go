package http

import (
	"errors"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/charset"
)

// binaryDefault is Mirth's pattern of types that are bytes, not text.
const binaryDefault = `application/.*(?<!json|xml)$|image/.*|video/.*|audio/.*`

// mediaType is the value of a Content-Type header.
type mediaType struct {
	name   string // as written: text/plain
	params []param
}

type param struct{ name, value string }

// textPlain is what a body without a type is.
var textPlain = mediaType{name: "text/plain"}

// parseMediaType reads a Content-Type; ok is false for what is none.
func parseMediaType(text string) (t mediaType, ok bool) {
	name, rest, _ := strings.Cut(text, ";")
	t.name = strings.TrimSpace(name)
	if t.name == "" || strings.ContainsAny(t.name, " \t\r\n,\"") {
		return textPlain, false
	}
	for rest != "" {
		var p param
		p, rest = nextParam(rest)
		if p.name != "" {
			t.params = append(t.params, p)
		}
	}
	return t, true
}

// nextParam takes one parameter off a list; its value may be in quotes.
func nextParam(text string) (p param, rest string) {
	end := strings.IndexAny(text, "=;")
	if end < 0 || text[end] == ';' {
		name, rest, _ := strings.Cut(text, ";")
		return param{name: strings.TrimSpace(name)}, rest
	}
	p.name = strings.TrimSpace(text[:end])
	text = strings.TrimLeft(text[end+1:], " \t")
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ := strings.Cut(text, ";")
		p.value = strings.TrimSpace(value)
		return p, rest
	}
	var value strings.Builder
	i := 1
	for ; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		value.WriteByte(text[i])
	}
	p.value = value.String()
	_, rest, _ = strings.Cut(text[min(i, len(text)):], ";")
	return p, rest
}

func (t mediaType) param(name string) string {
	for _, p := range t.params {
		if strings.EqualFold(p.name, name) {
			return p.value
		}
	}
	return ""
}

func (t mediaType) String() string {
	var b strings.Builder
	b.WriteString(t.name)
	for _, p := range t.params {
		b.WriteString("; " + p.name)
		if p.value != "" {
			b.WriteString("=" + quoted(p.value))
		}
	}
	return b.String()
}

func quoted(value string) string {
	if !strings.ContainsAny(value, " \t;,=\"\\()<>@:/[]?{}") {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

func (t mediaType) is(name string) bool { return strings.EqualFold(t.name, name) }

func (t mediaType) form() bool { return hasPrefixFold(t.name, "application/x-www-form-urlencoded") }

func (t mediaType) multipart() bool { return hasPrefixFold(t.name, "multipart/") }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// charset returns the character set that the type names, or fallback.
func (t mediaType) charset(fallback string) (charset.Charset, error) {
	name := t.param("charset")
	if name == "" {
		name = fallback
	}
	return charset.Lookup(strings.Trim(name, "'"))
}

// binaryTypes tells bytes from text by the media type.
type binaryTypes struct {
	pattern  *regexp2.Regexp // matches the whole type
	prefixes []string
}

// binaryTypesOf reads the settings: a regular expression of Java, or a list of
// beginnings separated by commas. at names the setting.
func binaryTypesOf(text string, regex bool, at string) (binaryTypes, error) {
	var b binaryTypes
	if !regex {
		for _, p := range strings.Split(text, ",") {
			if p = strings.TrimSpace(p); p != "" {
				b.prefixes = append(b.prefixes, p)
			}
		}
		return b, nil
	}
	pattern, err := regexp2.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return b, &weir.Fault{At: at, Err: errors.New("the pattern of binary types is no regular expression"),
			Hint: "Write a regular expression, or turn the regular expression off and list beginnings of types."}
	}
	pattern.MatchTimeout = time.Second
	b.pattern = pattern
	return b, nil
}

func (b binaryTypes) match(t mediaType) bool {
	if b.pattern != nil {
		ok, err := b.pattern.MatchString(t.name)
		return ok && err == nil
	}
	for _, p := range b.prefixes {
		if strings.HasPrefix(t.name, p) {
			return true
		}
	}
	return false
}
