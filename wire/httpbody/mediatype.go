package httpbody

import "strings"

// MediaType is the value of a Content-Type header.
type MediaType struct {
	Name   string // as written: text/plain
	Params []Param
}

// Param is a parameter of a type. A name without a value stands alone.
type Param struct{ Name, Value string }

// TextPlain is what a body without a type is.
var TextPlain = MediaType{Name: "text/plain"}

// ParseMediaType reads a Content-Type; ok is false for what is none.
func ParseMediaType(text string) (t MediaType, ok bool) {
	name, rest, _ := strings.Cut(text, ";")
	t.Name = strings.TrimSpace(name)
	if t.Name == "" || strings.ContainsAny(t.Name, " \t\r\n,\"") {
		return TextPlain, false
	}
	for rest != "" {
		var p Param
		p, rest = nextParam(rest)
		if p.Name != "" {
			t.Params = append(t.Params, p)
		}
	}
	return t, true
}

// nextParam takes one parameter off a list; its value may be in quotes.
func nextParam(text string) (p Param, rest string) {
	end := strings.IndexAny(text, "=;")
	if end < 0 || text[end] == ';' {
		name, rest, _ := strings.Cut(text, ";")
		return Param{Name: strings.TrimSpace(name)}, rest
	}
	p.Name = strings.TrimSpace(text[:end])
	text = strings.TrimLeft(text[end+1:], " \t")
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ := strings.Cut(text, ";")
		p.Value = strings.TrimSpace(value)
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
	p.Value = value.String()
	_, rest, _ = strings.Cut(text[min(i, len(text)):], ";")
	return p, rest
}

// Param returns the value of a parameter, whose name may be in any case; "" where
// it is absent.
func (t MediaType) Param(name string) string {
	for _, p := range t.Params {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

func (t MediaType) String() string {
	var b strings.Builder
	b.WriteString(t.Name)
	for _, p := range t.Params {
		b.WriteString("; " + p.Name)
		if p.Value != "" {
			b.WriteString("=" + quoted(p.Value))
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

// Is reports whether the type is name, in any case.
func (t MediaType) Is(name string) bool { return strings.EqualFold(t.Name, name) }

// Form reports whether the body is that of a form.
func (t MediaType) Form() bool { return hasPrefixFold(t.Name, "application/x-www-form-urlencoded") }

// Multipart reports whether the body has parts.
func (t MediaType) Multipart() bool { return hasPrefixFold(t.Name, "multipart/") }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
