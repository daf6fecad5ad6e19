package velocity

import (
	"errors"
	"fmt"
	"slices"
)

// call calls a method of any value.
func (r *renderer) call(v any, method string, args []any) (any, error) {
	switch v := v.(type) {
	case string:
		return r.callString(v, method, args)
	case Object:
		return v.Call(method, args)
	case []any, *list:
		return r.callList(v, method, args)
	case map[string]any, *dict:
		return r.callMap(v, method, args)
	case *entry:
		return callEntry(v, method, args)
	case int64, float64, bool:
		return r.callScalar(v, method, args)
	}
	return nil, ErrNoMethod
}

// A method is named with the number of its arguments, because Java tells methods
// of one name apart by them.
func signature(method string, args []any) string {
	return fmt.Sprintf("%s/%d", method, len(args))
}

func (r *renderer) callScalar(v any, method string, args []any) (any, error) {
	switch signature(method, args) {
	case "toString/0":
		s, _, err := r.text(v)
		return s, err
	case "equals/1":
		return v == args[0], nil
	}
	if b, ok := v.(bool); ok {
		if method == "booleanValue" && len(args) == 0 {
			return b, nil
		}
		return nil, ErrNoMethod
	}
	switch signature(method, args) {
	case "intValue/0", "longValue/0":
		n, _ := wholeOf(v)
		return n, nil
	case "doubleValue/0", "floatValue/0":
		return float(v), nil
	case "compareTo/1":
		c, ok := compareNumbers(v, args[0])
		if !ok {
			return nil, errors.New("compareTo needs a number")
		}
		return int64(c), nil
	}
	return nil, ErrNoMethod
}

func (r *renderer) callList(v any, method string, args []any) (any, error) {
	items := itemsOf(v)
	switch signature(method, args) {
	case "size/0":
		return int64(len(items)), nil
	case "isEmpty/0":
		return len(items) == 0, nil
	case "get/1":
		n, ok := wholeOf(args[0])
		if !ok || n < 0 { // only [..] counts from the end
			return nil, fmt.Errorf("get: index %v is not in a list of %d", args[0], len(items))
		}
		i, err := position(v, n)
		if err != nil {
			return nil, err
		}
		return items[i], nil
	case "contains/1":
		return indexIn(items, args[0]) >= 0, nil
	case "indexOf/1":
		return int64(indexIn(items, args[0])), nil
	case "toString/0":
		s, _, err := r.text(v)
		return s, err
	}
	if l, ok := v.(*list); ok {
		return l.change(method, args)
	}
	return nil, ErrNoMethod
}

func indexIn(items []any, v any) int {
	budget := maxCompared
	return slices.IndexFunc(items, func(item any) bool {
		item = normal(item)
		return sameKind(item, v) && equalValues(item, v, &budget)
	})
}

// change does what only lists of the template's own can.
func (l *list) change(method string, args []any) (any, error) {
	switch signature(method, args) {
	case "add/1":
		l.items = append(l.items, args[0])
		return true, nil
	case "set/2", "remove/1":
		i, err := position(l, args[0])
		if err != nil {
			return nil, err
		}
		before := l.items[i]
		if method == "set" {
			l.items[i] = args[1]
		} else {
			l.items = slices.Delete(l.items, i, i+1)
		}
		return before, nil
	case "clear/0":
		l.items = nil
		return nil, nil
	}
	return nil, ErrNoMethod
}

func (r *renderer) callMap(v any, method string, args []any) (any, error) {
	key := ""
	if len(args) > 0 {
		var err error
		if key, _, err = r.text(args[0]); err != nil {
			return nil, err
		}
	}
	switch signature(method, args) {
	case "get/1":
		return valueAt(v, key), nil
	case "getOrDefault/2":
		if slices.Contains(keysOf(v), key) {
			return valueAt(v, key), nil
		}
		return args[1], nil
	case "containsKey/1":
		return slices.Contains(keysOf(v), key), nil
	case "size/0":
		return int64(sizeOf(v)), nil
	case "isEmpty/0":
		return sizeOf(v) == 0, nil
	case "keySet/0":
		keys := []any{}
		for _, k := range keysOf(v) {
			keys = append(keys, k)
		}
		return keys, nil
	case "values/0":
		return append([]any{}, itemsOf(v)...), nil
	case "entrySet/0":
		return append([]any{}, entriesOf(v)...), nil
	case "toString/0":
		s, _, err := r.text(v)
		return s, err
	case "put/2":
		if d, ok := v.(*dict); ok {
			return d.put(key, args[1]), nil
		}
	}
	return nil, ErrNoMethod
}

func callEntry(e *entry, method string, args []any) (any, error) {
	switch signature(method, args) {
	case "getKey/0":
		return e.key, nil
	case "getValue/0":
		return e.value, nil
	}
	return nil, ErrNoMethod
}
