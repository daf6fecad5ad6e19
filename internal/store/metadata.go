package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// PackMetaData returns the values of metadata columns as a JSON object, or ""
// when there are none. Strings, numbers and booleans are written as such. What
// JSON cannot say is an object with one member: {"time": RFC 3339}, {"bytes":
// base64} for a string that is not UTF-8, {"number": "NaN"} for a number that is
// not finite. A nil value is left out. Integers are taken as float64; any other
// type is an error that names the column.
func PackMetaData(values map[string]any) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	b := []byte{'{'}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v, err := packValue(values[name])
		if err != nil {
			return "", fmt.Errorf("metadata column %s: %w", name, err)
		}
		if v == nil {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return "", fmt.Errorf("metadata column %s: %w", name, err)
		}
		b = append(append(append(b, key...), ':'), v...)
	}
	if len(b) == 1 {
		return "", nil
	}
	return string(append(b, '}')), nil
}

func packValue(v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if !utf8.ValidString(v) {
			return json.Marshal(map[string]string{"bytes": base64.StdEncoding.EncodeToString([]byte(v))})
		}
		return json.Marshal(v)
	case bool:
		return strconv.AppendBool(nil, v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return json.Marshal(map[string]string{"number": strconv.FormatFloat(v, 'g', -1, 64)})
		}
		return json.Marshal(v)
	case int:
		return json.Marshal(float64(v))
	case int64:
		return json.Marshal(float64(v))
	case time.Time:
		return json.Marshal(map[string]string{"time": v.Format(time.RFC3339Nano)})
	default:
		return nil, fmt.Errorf("cannot keep a value of type %T", v)
	}
}

// UnpackMetaData reads what PackMetaData wrote: string, float64, bool and
// time.Time come back as what they were, a time with its offset from UTC.
func UnpackMetaData(text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil, fmt.Errorf("metadata is damaged: %w", err)
	}
	for name, v := range values {
		special, ok := v.(map[string]any)
		if !ok {
			continue
		}
		value, err := unpackSpecial(special)
		if err != nil {
			return nil, fmt.Errorf("metadata column %s is damaged: %w", name, err)
		}
		values[name] = value
	}
	return values, nil
}

func unpackSpecial(v map[string]any) (any, error) {
	for form, x := range v {
		text, ok := x.(string)
		if !ok {
			break
		}
		switch form {
		case "time":
			return time.Parse(time.RFC3339Nano, text)
		case "bytes":
			b, err := base64.StdEncoding.DecodeString(text)
			return string(b), err
		case "number":
			return strconv.ParseFloat(text, 64)
		}
	}
	return nil, fmt.Errorf("unknown form")
}
