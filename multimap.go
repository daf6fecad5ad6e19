package weir

import "strings"

// MultiMap is names with lists of values: the headers or the parameters of a
// request, as source maps and connector maps hold them. It is not changed once
// it is in a map, and may then be read by many goroutines at once.
//
// Scripts know it as Mirth's MessageHeaders or MessageParameters.
type MultiMap struct {
	kind   MultiMapKind
	names  []string
	values map[string][]string // by folded name
}

// MultiMapKind tells what a MultiMap holds.
type MultiMapKind string

// The kinds are named as in the methods of scripts: getHeader, getParameter.
const (
	Headers    MultiMapKind = "Header"    // names in any case are the same
	Parameters MultiMapKind = "Parameter" // names are told apart by case
)

// NewMultiMap returns an empty map.
func NewMultiMap(kind MultiMapKind) *MultiMap {
	return &MultiMap{kind: kind, values: map[string][]string{}}
}

// Kind tells what the map holds.
func (m *MultiMap) Kind() MultiMapKind { return m.kind }

// Add appends values to those of a name; without values the name is there with
// an empty list.
func (m *MultiMap) Add(name string, values ...string) {
	key := m.fold(name)
	old, ok := m.values[key]
	if !ok {
		m.names = append(m.names, name)
	}
	m.values[key] = append(old, values...)
}

// Get returns the first value of a name; ok is false where there is none.
func (m *MultiMap) Get(name string) (value string, ok bool) {
	values := m.values[m.fold(name)]
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// List returns all values of a name, nil if it is absent. The list is the map's
// own.
func (m *MultiMap) List(name string) []string { return m.values[m.fold(name)] }

// Contains reports whether a name is there.
func (m *MultiMap) Contains(name string) bool {
	_, ok := m.values[m.fold(name)]
	return ok
}

// Keys returns the names as they were first added, in that order. The list is
// the map's own.
func (m *MultiMap) Keys() []string { return m.names }

// Len returns the number of names.
func (m *MultiMap) Len() int { return len(m.names) }

// String is the form of a map in Java: {name=[value, value], name=[value]}.
func (m *MultiMap) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range m.names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name + "=[" + strings.Join(m.List(name), ", ") + "]")
	}
	b.WriteByte('}')
	return b.String()
}

// Portable gives the map in terms of maps, lists and texts.
func (m *MultiMap) Portable() any {
	out := make(map[string]any, len(m.names))
	for _, name := range m.names {
		list := []any{}
		for _, v := range m.List(name) {
			list = append(list, v)
		}
		out[name] = list
	}
	return out
}

func (m *MultiMap) fold(name string) string {
	if m.kind == Headers {
		return strings.ToLower(name)
	}
	return name
}
