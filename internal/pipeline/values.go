package pipeline

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/weir-health/weir"
)

// Maps are kept as JSON in which the types that JSON lacks stand as an object
// with one key: {"d":1.5} a double, {"i":3} an int, {"l":3} a long, {"t":"…"} a
// time, {"b":"…"} bytes in base64, {"r":[…]} a response, {"m":{…}} a map. Strings,
// booleans, null and lists stand for themselves.

// encodeMap returns a map's stored form, with its keys in order. A value of a
// type that cannot be kept is replaced by its text, as Mirth does.
func encodeMap(m map[string]any) string {
	return string(appendMap(nil, m))
}

func appendMap(dst []byte, m map[string]any) []byte {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, k)
		dst = append(dst, ':')
		dst = appendValue(dst, m[k])
	}
	return append(dst, '}')
}

// Portable is a value of the script engine that can be kept: it gives itself in
// terms of maps, lists and scalars.
type Portable interface{ Portable() any }

func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case float64:
		dst = append(dst, `{"d":`...)
		dst = appendString(dst, strconv.FormatFloat(v, 'g', -1, 64))
		return append(dst, '}')
	case int:
		return appendInteger(dst, 'l', int64(v))
	case int64:
		return appendInteger(dst, 'l', v)
	case int32:
		return appendInteger(dst, 'i', int64(v))
	case time.Time:
		dst = append(dst, `{"t":`...)
		dst = appendString(dst, v.Format(time.RFC3339Nano))
		return append(dst, '}')
	case []byte:
		dst = append(dst, `{"b":`...)
		dst = appendString(dst, base64.StdEncoding.EncodeToString(v))
		return append(dst, '}')
	case weir.Response:
		return appendResponse(dst, v)
	case *weir.Response:
		if v == nil {
			return append(dst, "null"...)
		}
		return appendResponse(dst, *v)
	case map[string]any:
		dst = append(dst, `{"m":`...)
		dst = appendMap(dst, v)
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, item)
		}
		return append(dst, ']')
	case Portable:
		return appendValue(dst, v.Portable())
	case fmt.Stringer:
		return appendString(dst, v.String())
	default:
		return appendString(dst, fmt.Sprint(v))
	}
}

func appendInteger(dst []byte, tag byte, n int64) []byte {
	dst = append(dst, '{', '"', tag, '"', ':', '"')
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, '"', '}')
}

func appendResponse(dst []byte, r weir.Response) []byte {
	dst = append(dst, `{"r":`...)
	dst = append(dst, encodeResponse(r)...)
	return append(dst, '}')
}

func appendString(dst []byte, s string) []byte {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	quoted, _ := json.Marshal(s)
	return append(dst, quoted...)
}

// decodeMap reads a stored map. What it cannot read it reports, with the rest.
func decodeMap(text string) (map[string]any, error) {
	if text == "" {
		return map[string]any{}, nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return map[string]any{}, fmt.Errorf("stored map: %w", err)
	}
	return decodeObject(raw)
}

func decodeObject(raw map[string]json.RawMessage) (map[string]any, error) {
	m := make(map[string]any, len(raw))
	for k, v := range raw {
		value, err := decodeValue(v)
		if err != nil {
			return m, fmt.Errorf("stored map, key %q: %w", k, err)
		}
		m[k] = value
	}
	return m, nil
}

func decodeValue(raw json.RawMessage) (any, error) {
	switch raw[0] {
	case '{':
		return decodeTagged(raw)
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		out := make([]any, len(list))
		for i, item := range list {
			v, err := decodeValue(item)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	default:
		var v any
		err := json.Unmarshal(raw, &v)
		return v, err
	}
}

func decodeTagged(raw json.RawMessage) (any, error) {
	var tagged map[string]json.RawMessage
	if err := json.Unmarshal(raw, &tagged); err != nil {
		return nil, err
	}
	for tag, inner := range tagged {
		switch tag {
		case "m":
			var object map[string]json.RawMessage
			if err := json.Unmarshal(inner, &object); err != nil {
				return nil, err
			}
			return decodeObject(object)
		case "r":
			return decodeResponse(string(inner))
		}
		var text string
		if err := json.Unmarshal(inner, &text); err != nil {
			return nil, err
		}
		switch tag {
		case "d":
			return strconv.ParseFloat(text, 64)
		case "l":
			return strconv.ParseInt(text, 10, 64)
		case "i":
			n, err := strconv.ParseInt(text, 10, 32)
			return int32(n), err
		case "t":
			return time.Parse(time.RFC3339Nano, text)
		case "b":
			return base64.StdEncoding.DecodeString(text)
		}
	}
	return nil, fmt.Errorf("an object with an unknown tag")
}

// storedResponse is a response as it is kept.
type storedResponse struct {
	Status        string `json:"status"`
	Message       string `json:"message"`
	StatusMessage string `json:"statusMessage,omitempty"`
	Error         string `json:"error,omitempty"`
}

func encodeResponse(r weir.Response) string {
	text, _ := json.Marshal(storedResponse{r.Status.String(), r.Message, r.StatusMessage, r.Error})
	return string(text)
}

func decodeResponse(text string) (weir.Response, error) {
	var s storedResponse
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return weir.Response{}, fmt.Errorf("stored response: %w", err)
	}
	status, _ := weir.ParseStatus(s.Status)
	return weir.Response{Status: status, Message: s.Message, StatusMessage: s.StatusMessage, Error: s.Error}, nil
}
