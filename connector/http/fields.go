package http

import (
	"sort"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// field is a name of a header or parameter with its values.
type field struct {
	name   string
	values []string
}

// fields are names in the order in which they are written.
type fields []field

// fieldsOf replaces the variables in a table. Of names that become the same the
// last is kept, and the order is that of Java's HashMap, both as in Mirth.
func fieldsOf(table config.TemplateMap, resolve func(config.Template) string) fields {
	var out fields
	for _, e := range table {
		f := field{name: resolve(e.Name)}
		for _, v := range e.Values {
			f.values = append(f.values, resolve(v))
		}
		out = out.put(f)
	}
	return out.hashed()
}

// fieldsIn returns the names and values of a map from a script; ok is false if
// it is none.
func fieldsIn(v any) (out fields, ok bool) {
	if m, isMulti := v.(*weir.MultiMap); isMulti {
		for _, name := range m.Keys() {
			out = append(out, field{name, m.List(name)})
		}
		return out.hashed(), true
	}
	if p, isPortable := v.(interface{ Portable() any }); isPortable {
		v = p.Portable()
	}
	switch m := v.(type) {
	case map[string]any:
		for name, value := range m {
			out = append(out, field{name, textsOf(value)})
		}
	case map[string]string:
		for name, value := range m {
			out = append(out, field{name, []string{value}})
		}
	case map[string][]string:
		for name, values := range m {
			out = append(out, field{name, values})
		}
	default:
		return nil, false
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out.hashed(), true
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
			out = append(out, textOf(item))
		}
		return out
	}
	return []string{textOf(v)}
}

func (f fields) put(new field) fields {
	for i := range f {
		if f[i].name == new.name {
			f[i] = new
			return f
		}
	}
	return append(f, new)
}

func (f fields) hashed() fields {
	byName := map[string]field{}
	var names []string
	for _, one := range f {
		byName[one.name] = one
		names = append(names, one.name)
	}
	out := make(fields, 0, len(f))
	for _, name := range hashOrder(names) {
		out = append(out, byName[name])
	}
	return out
}

// get returns the first value of a header, whose name may be in any case.
func (f fields) get(name string) string {
	for _, one := range f {
		if strings.EqualFold(one.name, name) && len(one.values) > 0 {
			return one.values[0]
		}
	}
	return ""
}

// has reports whether a header is there.
func (f fields) has(name string) bool {
	for _, one := range f {
		if strings.EqualFold(one.name, name) {
			return true
		}
	}
	return false
}

// headerName makes a name that can be written, or returns "" if there is none.
// Only characters that RFC 9110 §5.6.2 allows in names may be in it.
func headerName(name string) string {
	name = strings.TrimSpace(name)
	for _, r := range name {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			return ""
		}
	}
	return name
}

// headerValue makes a value that can be written: in one line, so that no message
// can add a header of its own, and in ISO-8859-1.
func headerValue(value string) string {
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
