package velocity

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// list is a list that the template made and may change; []any is one that it was
// given.
type list struct{ items []any }

// dict is a map that the template made. Its keys keep their order.
type dict struct {
	keys   []string
	values map[string]any
}

func (d *dict) put(key string, value any) (before any) {
	before, ok := d.values[key]
	if !ok {
		d.keys = append(d.keys, key)
	}
	if d.values == nil {
		d.values = make(map[string]any)
	}
	d.values[key] = value
	return before
}

// entry is an element of entrySet().
type entry struct {
	key   string
	value any
}

// normal turns values from outside into the few kinds used inside.
func normal(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int64, float64, []any, map[string]any, Object:
		return v
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case int16:
		return int64(v)
	case int8:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case float32:
		return float64(v)
	case []byte:
		return string(v)
	case []string:
		items := make([]any, len(v))
		for i, s := range v {
			items[i] = s
		}
		return items
	case map[string]string:
		m := make(map[string]any, len(v))
		for k, s := range v {
			m[k] = s
		}
		return m
	}
	return v
}

// text returns how a value is shown; ok is false for nil and for what cannot be
// shown.
func (r *renderer) text(v any) (s string, ok bool, err error) {
	switch v := v.(type) {
	case string:
		return v, true, nil
	case bool:
		return strconv.FormatBool(v), true, nil
	case int64:
		return strconv.FormatInt(v, 10), true, nil
	case float64:
		return JavaDouble(v), true, nil
	case nil:
		return "", false, nil
	case []any, map[string]any, *list, *dict, *entry:
		w := writer{max: r.maxOutput}
		err := w.value(v, 0)
		return w.String(), true, err
	case *loop:
		return "{}", true, nil
	case fmt.Stringer:
		return v.String(), true, nil
	}
	return "", false, nil
}

// writer writes lists and maps as Java does: [a, b], {k=v}.
type writer struct {
	strings.Builder
	max    int
	values int // written so far; a list may hold one other many times
}

func (w *writer) value(v any, depth int) error {
	if depth > MaxDepth {
		return errDepth
	}
	if w.values++; w.values > MaxSteps {
		return errSteps
	}
	switch v := normal(v).(type) {
	case []any, *list:
		return w.joined("[", itemsOf(v), "]", depth)
	case map[string]any, *dict:
		return w.joined("{", entriesOf(v), "}", depth)
	case *entry:
		w.WriteString(v.key + "=")
		return w.value(v.value, depth+1)
	default:
		r := renderer{maxOutput: w.max}
		s, ok, err := r.text(v)
		if !ok {
			s = "null"
		}
		w.WriteString(s)
		if w.Len() > w.max {
			err = errOutput
		}
		return err
	}
}

func (w *writer) joined(open string, items []any, shut string, depth int) error {
	w.WriteString(open)
	for i, item := range items {
		if i > 0 {
			w.WriteString(", ")
		}
		if err := w.value(item, depth+1); err != nil {
			return err
		}
	}
	w.WriteString(shut)
	return nil
}

// keysOf returns the keys of a map, those of one from outside sorted.
func keysOf(v any) []string {
	switch v := v.(type) {
	case map[string]any:
		return slices.Sorted(maps.Keys(v))
	case *dict:
		return v.keys
	}
	return nil
}

func entriesOf(v any) []any {
	var all []any
	for _, k := range keysOf(v) {
		all = append(all, &entry{k, valueAt(v, k)})
	}
	return all
}

func valueAt(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		return normal(v[key])
	case *dict:
		return v.values[key]
	}
	return nil
}

// itemsOf returns what #foreach goes through: elements of a list, values of a
// map.
func itemsOf(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case *list:
		return v.items
	case map[string]any, *dict:
		var all []any
		for _, k := range keysOf(v) {
			all = append(all, valueAt(v, k))
		}
		return all
	}
	return nil
}

func sizeOf(v any) int {
	switch v := v.(type) {
	case []any:
		return len(v)
	case *list:
		return len(v.items)
	case map[string]any:
		return len(v)
	case *dict:
		return len(v.keys)
	}
	return 0
}

func propertyOf(v any, name string) any {
	switch v := v.(type) {
	case map[string]any, *dict:
		return valueAt(v, name)
	case *entry:
		switch name {
		case "key":
			return v.key
		case "value":
			return v.value
		}
	case *loop:
		return v.property(name)
	case string:
		if name == "empty" {
			return v == ""
		}
	case []any, *list:
		if name == "empty" {
			return sizeOf(v) == 0
		}
	case Object:
		if value, ok := v.Property(name); ok {
			return value
		}
	}
	return nil
}

// elementOf returns v[at]. A negative index counts from the end.
func elementOf(r *renderer, v, at any) (any, error) {
	switch v := v.(type) {
	case []any, *list:
		i, err := position(v, at)
		if err != nil {
			return nil, err
		}
		return itemsOf(v)[i], nil
	case map[string]any, *dict, Object:
		key, ok, err := r.text(at)
		if !ok || err != nil {
			return nil, err
		}
		return propertyOf(v, key), nil
	}
	return nil, nil
}

func position(v, at any) (int, error) {
	i, ok := wholeOf(at)
	if !ok {
		return 0, errors.New("index is not a number")
	}
	n := sizeOf(v)
	if i < 0 {
		i += int64(n)
	}
	if i < 0 || i >= int64(n) {
		return 0, fmt.Errorf("index %v is outside of a list of %d", at, n)
	}
	return int(i), nil
}

// wholeOf turns an argument into a whole number, as Velocity does for methods
// that ask for one.
func wholeOf(v any) (int64, bool) {
	if s, ok := v.(string); ok {
		n, ok := parseNumber(s)
		if !ok {
			return 0, false
		}
		v = n
	}
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), true
	}
	return 0, false
}

// assign is #set to a property or an element. What was given to the template
// from outside may be shared with others, so only an Object that says so takes
// an assignment. As in Velocity assigning to what has no properties does
// nothing.
func (r *renderer) assign(v any, s *step, value any) error {
	key := s.name
	if s.kind == index {
		at, err := s.args[0].eval(r)
		if err != nil {
			return err
		}
		if l, ok := v.(*list); ok {
			i, err := position(l, at)
			if err == nil {
				l.items[i] = value
			}
			return err
		}
		if key, _, err = r.text(at); err != nil {
			return err
		}
	}
	switch v := v.(type) {
	case *dict:
		v.put(key, value)
	case Setter:
		return v.SetProperty(key, value)
	case []any, map[string]any:
		return errors.New("#set cannot change this value, only lists and maps made in the template")
	}
	return nil
}

// maxCompared is how many elements one comparison looks at.
const maxCompared = 100_000

// equalValues compares as Java's equals, and by text if the kinds differ. It
// gives up when budget elements have been compared, because a list may hold the
// same list many times over.
func equalValues(a, b any, budget *int) bool {
	if *budget--; *budget < 0 {
		return false
	}
	a, b = normal(a), normal(b)
	switch {
	case a == nil || b == nil:
		return a == nil && b == nil
	case isList(a) && isList(b):
		return slices.EqualFunc(itemsOf(a), itemsOf(b), func(a, b any) bool {
			return sameKind(a, b) && equalValues(a, b, budget)
		})
	}
	r := renderer{maxOutput: MaxOutput}
	s, ok1, err1 := r.text(a)
	t, ok2, err2 := r.text(b)
	return ok1 && ok2 && err1 == nil && err2 == nil && s == t
}

func sameKind(a, b any) bool {
	return isList(a) && isList(b) || reflect.TypeOf(a) == reflect.TypeOf(b)
}

func isList(v any) bool {
	switch v.(type) {
	case []any, *list:
		return true
	}
	return false
}
