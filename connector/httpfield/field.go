// Package httpfield is the headers and parameters of HTTP requests as channels write
// them: tables of templates, maps in variables, and what of them may stand on the
// line.
package httpfield

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// Field is a name of a header or parameter with its values.
type Field struct {
	Name   string
	Values []string
}

// Fields are names in the order in which they are written.
type Fields []Field

// Of replaces the variables in a table. Of names that become the same the
// last is kept, and the order is that of Java's HashMap, both as in Mirth.
func Of(table config.TemplateMap, resolve func(config.Template) string) Fields {
	var out Fields
	for _, e := range table {
		f := Field{Name: resolve(e.Name)}
		for _, v := range e.Values {
			f.Values = append(f.Values, resolve(v))
		}
		out = out.put(f)
	}
	return out.Hashed()
}

// In returns the names and values of a map from a script; ok is false if
// it is none.
func In(v any) (out Fields, ok bool) {
	if m, isMulti := v.(*weir.MultiMap); isMulti {
		for _, name := range m.Keys() {
			out = append(out, Field{name, m.List(name)})
		}
		return out.Hashed(), true
	}
	if p, isPortable := v.(interface{ Portable() any }); isPortable {
		v = p.Portable()
	}
	switch m := v.(type) {
	case map[string]any:
		for name, value := range m {
			out = append(out, Field{name, textsOf(value)})
		}
	case map[string]string:
		for name, value := range m {
			out = append(out, Field{name, []string{value}})
		}
	case map[string][]string:
		for name, values := range m {
			out = append(out, Field{name, values})
		}
	default:
		return nil, false
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out.Hashed(), true
}

// textsOf returns the values of a list, or one value as a list.
func textsOf(v any) []string {
	if p, ok := v.(interface{ Portable() any }); ok {
		v = p.Portable()
	}
	switch v := v.(type) {
	case nil:
		return nil
	case []string:
		return v
	case []any:
		var out []string
		for _, item := range v {
			out = append(out, TextOf(item))
		}
		return out
	}
	return []string{TextOf(v)}
}

func (f Fields) put(new Field) Fields {
	for i := range f {
		if f[i].Name == new.Name {
			f[i] = new
			return f
		}
	}
	return append(f, new)
}

// Hashed puts the names into the order of Java's HashMap.
func (f Fields) Hashed() Fields {
	byName := map[string]Field{}
	var names []string
	for _, one := range f {
		byName[one.Name] = one
		names = append(names, one.Name)
	}
	out := make(Fields, 0, len(f))
	for _, name := range HashOrder(names) {
		out = append(out, byName[name])
	}
	return out
}

// Get returns the first value of a header, whose name may be in any case.
func (f Fields) Get(name string) string {
	for _, one := range f {
		if strings.EqualFold(one.Name, name) && len(one.Values) > 0 {
			return one.Values[0]
		}
	}
	return ""
}

// Has reports whether a header is there.
func (f Fields) Has(name string) bool {
	for _, one := range f {
		if strings.EqualFold(one.Name, name) {
			return true
		}
	}
	return false
}

// Name makes a name that can be written, or returns "" if there is none.
// Only characters that RFC 9110 §5.6.2 allows in names may be in it.
func Name(name string) string {
	name = strings.TrimSpace(name)
	for _, r := range name {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			return ""
		}
	}
	return name
}

// Value makes a value that can be written: in one line, so that no message
// can add a header of its own, and in ISO-8859-1.
func Value(value string) string {
	plain := true
	for i := 0; i < len(value); i++ {
		if c := value[i]; c < ' ' && c != '\t' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return strings.TrimSpace(value)
	}
	out := make([]byte, 0, len(value))
	for _, r := range value {
		b, ok := charmap.ISO8859_1.EncodeRune(r)
		switch {
		case !ok:
			b = '?'
		case r < ' ' && r != '\t', r == 0x7f:
			b = ' '
		}
		out = append(out, b)
	}
	return strings.TrimSpace(string(out))
}

// Without leaves a header out.
func (f Fields) Without(name string) Fields {
	out := make(Fields, 0, len(f))
	for _, one := range f {
		if !strings.EqualFold(one.Name, name) {
			out = append(out, one)
		}
	}
	return out
}

// Set writes a header into a request as it was typed, but for those that HTTP itself
// needs.
func (f Field) Set(r *http.Request) {
	name := Name(f.Name)
	switch canonical := http.CanonicalHeaderKey(name); canonical {
	case "", "Content-Length", "Transfer-Encoding", "Trailer", "Te", "Upgrade", "Keep-Alive":
		return
	case "Host":
		if len(f.Values) > 0 {
			r.Host = Value(f.Values[0])
		}
		return
	case "User-Agent", "Authorization", "Connection", "Accept-Encoding":
		name = canonical
	}
	for _, v := range f.Values {
		r.Header[name] = append(r.Header[name], Value(v))
	}
}

// TextOf is a value of a map as text, numbers as JavaScript writes them.
func TextOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// Text is the value of a header that came: UTF-8 if it is that, else
// ISO-8859-1.
func Text(value string) string {
	if utf8.ValidString(value) {
		return value
	}
	return Latin1(value)
}

// Latin1 reads each byte as a character of ISO-8859-1.
func Latin1(value string) string {
	runes := make([]rune, len(value))
	for i := range runes {
		runes[i] = rune(value[i])
	}
	return string(runes)
}

// Gzipped reports whether a Content-Encoding is gzip.
func Gzipped(encoding string) bool {
	encoding = strings.TrimSpace(encoding)
	return strings.EqualFold(encoding, "gzip") || strings.EqualFold(encoding, "x-gzip")
}
