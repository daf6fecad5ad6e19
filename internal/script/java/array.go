package java

import "strings"

// Array is a Java array of anything but bytes.
type Array struct {
	Elem  string // class of the elements, or a primitive such as "int"
	items []any
}

// NewArray returns an array over items.
func NewArray(elem string, items []any) *Array { return &Array{Elem: elem, items: items} }

// NewObjects returns an Object[].
func NewObjects(items []any) *Array { return NewArray("java.lang.Object", items) }

// NewStrings returns a String[].
func NewStrings(items []string) *Array {
	a := &Array{Elem: "java.lang.String", items: make([]any, len(items))}
	for i, s := range items {
		a.items[i] = s
	}
	return a
}

func (a *Array) JavaClass() string { return "java.lang.Object[]" }
func (a *Array) Len() int          { return len(a.items) }
func (a *Array) At(i int) any      { return a.items[i] }
func (a *Array) Items() []any      { return a.items }

// SetAt sets an element that exists; others are left alone.
func (a *Array) SetAt(i int, v any) {
	if i < len(a.items) {
		a.items[i] = a.fit(v)
	}
}

// fit makes a number of the primitive that the elements are.
func (a *Array) fit(v any) any {
	f, ok := v.(float64)
	if !ok {
		return v
	}
	switch a.Elem {
	case "int", "java.lang.Integer":
		return int32(int64(f))
	case "short", "java.lang.Short":
		return int32(int16(int64(f)))
	case "long", "java.lang.Long":
		return int64(f)
	}
	return v
}

// Portable gives the elements.
func (a *Array) Portable() any { return a.items }

// String is the list of the elements in brackets, which says more than Java's
// own name@hash.
func (a *Array) String() string {
	texts := make([]string, len(a.items))
	for i, v := range a.items {
		texts[i] = Text(v)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
