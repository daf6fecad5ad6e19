package pipeline

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/script/java"
)

// Maps are kept as JSON in which the types that JSON lacks stand as an object
// with one key: {"d":1.5} a double, {"i":3} an int, {"l":3} a long, {"t":"…"} a
// time, {"b":"…"} bytes in base64, {"r":{…}} a response, {"m":{…}} a map of Java,
// {"j":[…]} a list of Java, {"a":[…]} an array of Java, {"o":{…}} an object of
// JavaScript with its keys in order, {"h":{…}} headers and {"p":{…}} parameters.
// Strings, booleans, null and arrays of JavaScript stand for themselves.

// encodeMap returns a map's stored form, with its keys in order. A value of a
// type that cannot be kept is replaced by its text, as Mirth does.
func encodeMap(m map[string]any) string {
	scratch := mapScratch.Get().(*[]byte)
	dst := appendMap((*scratch)[:0], m)
	text := string(dst)
	if cap(dst) <= maxScratch {
		*scratch = dst
	}
	mapScratch.Put(scratch)
	return text
}

// mapScratch is where maps are put together, used again up to a size of maxScratch.
var mapScratch = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

const maxScratch = 64 << 10

func appendMap(dst []byte, m map[string]any) []byte {
	if len(m) == 0 {
		return append(dst, '{', '}')
	}
	var few [16]string
	keys := few[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return appendPairs(dst, keys, m)
}

func appendPairs(dst []byte, keys []string, m map[string]any) []byte {
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
	case []weir.Response:
		items := make([]any, len(v))
		for i, r := range v {
			items[i] = r
		}
		return appendTaggedList(dst, 'j', items)
	case *script.Object:
		dst = append(dst, `{"o":`...)
		dst = appendPairs(dst, v.Keys, v.Values)
		return append(dst, '}')
	case *weir.MultiMap:
		return appendMultiMap(dst, v)
	case *java.Array:
		return appendTaggedList(dst, 'a', v.Items())
	case java.Instance:
		return appendInstance(dst, v)
	case Portable:
		return appendValue(dst, v.Portable())
	case fmt.Stringer:
		return appendString(dst, v.String())
	default:
		return appendString(dst, fmt.Sprint(v))
	}
}

// appendInstance writes a Java object as a collection of its kind, or as what is
// left of it without Java.
func appendInstance(dst []byte, v java.Instance) []byte {
	p, ok := v.(Portable)
	if !ok {
		return appendString(dst, java.Text(v))
	}
	portable := p.Portable()
	if list, ok := portable.([]any); ok && strings.HasPrefix(v.JavaClass(), "java.util.") {
		return appendTaggedList(dst, 'j', list)
	}
	return appendValue(dst, portable)
}

func appendTaggedList(dst []byte, tag byte, items []any) []byte {
	dst = append(dst, '{', '"', tag, '"', ':')
	dst = appendValue(dst, items)
	return append(dst, '}')
}

func appendMultiMap(dst []byte, m *weir.MultiMap) []byte {
	tag := byte('h')
	if m.Kind() == weir.Parameters {
		tag = 'p'
	}
	dst = append(dst, '{', '"', tag, '"', ':', '{')
	for i, name := range m.Keys() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':', '[')
		for n, value := range m.List(name) {
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, value)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}', '}')
}

func appendInteger(dst []byte, tag byte, n int64) []byte {
	dst = append(dst, '{', '"', tag, '"', ':', '"')
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, '"', '}')
}

func appendResponse(dst []byte, r weir.Response) []byte {
	dst = append(dst, `{"r":`...)
	dst = appendStored(dst, r)
	return append(dst, '}')
}

// appendString writes a JSON string. What is not UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
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
		case "o":
			return decodeJSObject(inner)
		case "j", "a":
			items, err := decodeValue(inner)
			list, ok := items.([]any)
			if err != nil || !ok {
				return nil, fmt.Errorf("a list is expected: %w", err)
			}
			if tag == "a" {
				return java.NewObjects(list), nil
			}
			return java.NewList(list...), nil
		case "h":
			return decodeMultiMap(inner, weir.Headers)
		case "p":
			return decodeMultiMap(inner, weir.Parameters)
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

// eachPair reads the pairs of a JSON object in their order.
func eachPair(raw json.RawMessage, do func(key string, value any)) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return errors.New("an object is expected")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var inner json.RawMessage
		if err := dec.Decode(&inner); err != nil {
			return err
		}
		v, err := decodeValue(inner)
		if err != nil {
			return err
		}
		do(key.(string), v)
	}
	return nil
}

func decodeJSObject(raw json.RawMessage) (any, error) {
	o := &script.Object{Values: map[string]any{}}
	err := eachPair(raw, func(k string, v any) {
		if _, again := o.Values[k]; !again {
			o.Keys = append(o.Keys, k)
		}
		o.Values[k] = v
	})
	return o, err
}

func decodeMultiMap(raw json.RawMessage, kind weir.MultiMapKind) (any, error) {
	m := weir.NewMultiMap(kind)
	err := eachPair(raw, func(k string, v any) {
		m.Add(k)
		list, _ := v.([]any)
		for _, item := range list {
			m.Add(k, textOf(item))
		}
	})
	return m, err
}

// storedResponse is a response as it is kept.
type storedResponse struct {
	Status        string `json:"status"`
	Message       string `json:"message"`
	StatusMessage string `json:"statusMessage,omitempty"`
	Error         string `json:"error,omitempty"`
}

func encodeResponse(r weir.Response) string {
	return string(appendStored(make([]byte, 0, 80+len(r.Message)+len(r.StatusMessage)+len(r.Error)), r))
}

func appendStored(dst []byte, r weir.Response) []byte {
	dst = append(dst, `{"status":"`...)
	dst = append(dst, r.Status.String()...)
	dst = append(dst, `","message":`...)
	dst = appendString(dst, r.Message)
	if r.StatusMessage != "" {
		dst = appendString(append(dst, `,"statusMessage":`...), r.StatusMessage)
	}
	if r.Error != "" {
		dst = appendString(append(dst, `,"error":`...), r.Error)
	}
	return append(dst, '}')
}

func decodeResponse(text string) (weir.Response, error) {
	var s storedResponse
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return weir.Response{}, fmt.Errorf("stored response: %w", err)
	}
	status, _ := weir.ParseStatus(s.Status)
	return weir.Response{Status: status, Message: s.Message, StatusMessage: s.StatusMessage, Error: s.Error}, nil
}
