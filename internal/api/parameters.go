package api

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"time"
)

// The parameters of a query are the fields of a struct with a tag query:"name":
// texts, numbers, switches, times, and lists of texts. From the same fields come
// reading, writing and the description in OpenAPI.

// parameter is one of them.
type parameter struct {
	name, doc string
	index     []int
	kind      reflect.Type
}

func parametersOf(t reflect.Type) (list []parameter) {
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("query"); name != "" {
			list = append(list, parameter{name, f.Tag.Get("doc"), f.Index, f.Type})
		}
	}
	return list
}

// readQuery fills a struct from a query. A parameter that is not known is refused:
// one that is misspelt would otherwise select more than was meant.
func readQuery(values url.Values, into reflect.Value) error {
	known := map[string]bool{}
	for _, p := range parametersOf(into.Type()) {
		known[p.name] = true
		list := values[p.name]
		if len(list) == 0 || list[0] == "" && len(list) == 1 {
			continue
		}
		if err := p.read(list, into.FieldByIndex(p.index)); err != nil {
			return err
		}
	}
	for name := range values {
		if !known[name] {
			return fmt.Errorf("there is no parameter %q here", name)
		}
	}
	return nil
}

func (p parameter) read(list []string, field reflect.Value) error {
	text := list[0]
	if p.kind.Kind() != reflect.Slice && len(list) > 1 {
		return fmt.Errorf("%s: it is given more than once", p.name)
	}
	switch to := field.Addr().Interface().(type) {
	case *string:
		*to = text
	case *[]string:
		*to = list
	case *bool:
		if text != "true" && text != "false" {
			return fmt.Errorf("%s: %q is neither true nor false", p.name, text)
		}
		*to = text == "true"
	case *time.Time:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return fmt.Errorf("%s: %q is not a time such as 2026-03-10T14:00:00Z", p.name, text)
		}
		*to = t
	default: // int, int64
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || field.OverflowInt(n) {
			return fmt.Errorf("%s: %q is not a number", p.name, text)
		}
		field.SetInt(n)
	}
	return nil
}

// writeQuery is the query that readQuery reads; what is empty is left out.
func writeQuery(from any) url.Values {
	values := url.Values{}
	v := reflect.ValueOf(from)
	for _, p := range parametersOf(v.Type()) {
		field := v.FieldByIndex(p.index)
		if field.IsZero() {
			continue
		}
		switch of := field.Interface().(type) {
		case []string:
			if len(of) > 0 {
				values[p.name] = of
			}
		case time.Time:
			values.Set(p.name, of.Format(time.RFC3339Nano))
		default:
			values.Set(p.name, fmt.Sprint(of))
		}
	}
	return values
}
