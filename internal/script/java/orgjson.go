package java

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

const jsonPackage = "org.json."

// jsonNull is JSONObject.NULL.
type jsonNull struct{ _ byte }

func (*jsonNull) JavaClass() string { return jsonPackage + "JSONObject.Null" }
func (*jsonNull) String() string    { return "null" }

var theJSONNull = new(jsonNull)

// maxJSONDepth is how deep a JSON text may be nested.
const maxJSONDepth = 500

// parseJSON reads a text as JSONObject and JSONArray values.
func (c *Call) parseJSON(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := c.jsonValue(d, 0)
	if err == nil && d.More() {
		err = errTrailing
	}
	if err != nil {
		panic(c.Throw("org.json.JSONException", "A JSONObject text must begin with '{', be well-formed and end; it is not at character "+strconv.FormatInt(d.InputOffset(), 10)))
	}
	return v
}

type jsonError string

func (e jsonError) Error() string { return string(e) }

const (
	errTrailing = jsonError("text behind the value")
	errTooDeep  = jsonError("nested too deep")
)

func (c *Call) jsonValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, errTooDeep
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			l := &List{class: jsonPackage + "JSONArray"}
			for d.More() {
				v, err := c.jsonValue(d, depth+1)
				if err != nil {
					return nil, err
				}
				l.items = append(l.items, v)
			}
			_, err := d.Token()
			return l, err
		}
		m := newMap(jsonPackage+"JSONObject", hashed)
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := c.jsonValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			name, _ := k.(string)
			m.set(name, v)
		}
		_, err := d.Token()
		return m, err
	case json.Number:
		return jsonNumber(string(t)), nil
	case nil:
		return theJSONNull, nil
	}
	return t, nil
}

// jsonNumber is a number as org.json keeps it: an Integer, a Long or a BigDecimal.
func jsonNumber(s string) any {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && s != "-0" {
		if n == int64(int32(n)) {
			return int32(n)
		}
		return n
	}
	if d, ok := parseDecimal(s); ok {
		return d
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// wrapJSON makes JSON of a value: maps and lists become JSONObject and JSONArray.
func (c *Call) wrapJSON(v any, depth int) any {
	if depth > maxJSONDepth {
		panic(c.Throw("org.json.JSONException", "JSONObject nesting depth is larger than 500"))
	}
	switch v := v.(type) {
	case nil:
		return theJSONNull
	case *Held:
		if out, ok := c.jsonOfHeld(v); ok {
			return out
		}
		return c.VM.Text(v)
	case *Map:
		if v.class == jsonPackage+"JSONObject" {
			return v
		}
		m := newMap(jsonPackage+"JSONObject", hashed)
		for _, p := range v.Pairs() {
			if p.Value != nil {
				m.set(c.VM.Text(p.Key), c.wrapJSON(p.Value, depth+1))
			}
		}
		return m
	case *List:
		if v.class == jsonPackage+"JSONArray" {
			return v
		}
		l := &List{class: jsonPackage + "JSONArray"}
		for _, item := range v.Items() {
			l.items = append(l.items, c.wrapJSON(item, depth+1))
		}
		return l
	case iterable:
		l := &List{class: jsonPackage + "JSONArray"}
		for _, item := range v.Items() {
			l.items = append(l.items, c.wrapJSON(item, depth+1))
		}
		return l
	}
	return v
}

// jsonOfHeld makes JSON of an array or object of JavaScript.
func (c *Call) jsonOfHeld(h *Held) (any, bool) {
	stringify, ok := goja.AssertFunction(c.VM.Runtime.Get("JSON").ToObject(c.VM.Runtime).Get("stringify"))
	if !ok {
		return nil, false
	}
	text, err := stringify(goja.Undefined(), c.VM.heldValue(h))
	if err != nil {
		panic(err)
	}
	if goja.IsUndefined(text) {
		return nil, false
	}
	return c.parseJSON(text.String()), true
}

// writeJSON writes a value as org.json does; indent 0 is one line.
func (c *Call) writeJSON(b *strings.Builder, v any, indent, at int) {
	if at > maxJSONDepth*max(indent, 1) {
		panic(c.Throw("org.json.JSONException", "nested too deep"))
	}
	line := func(n int) {
		if indent > 0 {
			b.WriteString("\n" + strings.Repeat(" ", n))
		}
	}
	switch v := v.(type) {
	case *Map:
		b.WriteByte('{')
		pairs := v.Pairs()
		inner := at + indent
		if len(pairs) == 1 {
			inner = at
		}
		for i, p := range pairs {
			if i > 0 {
				b.WriteByte(',')
			}
			if len(pairs) > 1 {
				line(inner)
			}
			b.WriteString(quoteJSON(c.VM.Text(p.Key)) + ":")
			if indent > 0 {
				b.WriteByte(' ')
			}
			c.writeJSON(b, p.Value, indent, inner)
		}
		if len(pairs) > 1 {
			line(at)
		}
		b.WriteByte('}')
	case *List:
		b.WriteByte('[')
		items := v.Items()
		inner := at + indent
		if len(items) == 1 {
			inner = at
		}
		for i, item := range items {
			if i > 0 {
				b.WriteByte(',')
			}
			if len(items) > 1 {
				line(inner)
			}
			c.writeJSON(b, item, indent, inner)
		}
		if len(items) > 1 {
			line(at)
		}
		b.WriteByte(']')
	case nil, *jsonNull:
		b.WriteString("null")
	case bool, int32, int64:
		b.WriteString(Text(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			panic(c.Throw("org.json.JSONException", "JSON does not allow non-finite numbers."))
		}
		b.WriteString(strings.TrimSuffix(DoubleText(v), ".0"))
	case *Decimal:
		b.WriteString(canonical(v, false))
	default:
		b.WriteString(quoteJSON(c.VM.Text(v)))
	}
}

// quoteJSON is JSONObject.quote: a slash is escaped only behind a <.
func quoteJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	var before uint16
	for _, u := range units(s) {
		switch {
		case u == '"' || u == '\\':
			b.WriteString(`\` + string(rune(u)))
		case u == '/' && before == '<':
			b.WriteString(`\/`)
		case u == '\n':
			b.WriteString(`\n`)
		case u == '\r':
			b.WriteString(`\r`)
		case u == '\t':
			b.WriteString(`\t`)
		case u == '\b':
			b.WriteString(`\b`)
		case u == '\f':
			b.WriteString(`\f`)
		case u < ' ' || u >= 0x80 && u < 0xa0 || u >= 0x2000 && u < 0x2100:
			h := hex(uint32(u))
			b.WriteString(`\u` + strings.Repeat("0", 4-len(h)) + h)
		case u >= 0xd800 && u < 0xdc00:
			before = u
			continue
		case u >= 0xdc00 && u < 0xe000:
			b.WriteString(fromUnits([]uint16{before, u}))
		default:
			b.WriteRune(rune(u))
		}
		before = u
	}
	b.WriteByte('"')
	return b.String()
}

func (c *Call) jsonText(v any) any {
	indent := 0
	if c.Len() > 0 {
		indent = min(max(c.Int(0), 0), 20)
	}
	var b strings.Builder
	c.writeJSON(&b, v, indent, 0)
	return b.String()
}

func jsonClasses() []*Class {
	const objectClass, arrayClass = jsonPackage + "JSONObject", jsonPackage + "JSONArray"
	// at finds an element by name or position, and what it is called in errors.
	at := func(c *Call) (v any, ok bool, label string) {
		if l, isList := c.This.(*List); isList {
			i := c.Int(0)
			return l.At(i), i >= 0 && i < l.Len(), "JSONArray[" + strconv.Itoa(i) + "]"
		}
		v, ok = c.This.(*Map).Get(c.Text(0))
		return v, ok, "JSONObject[" + quoteJSON(c.Text(0)) + "]"
	}
	wrong := func(c *Call, label, kind string) any {
		return c.Throw("org.json.JSONException", label+" is not a "+kind+".")
	}
	kinds := map[string]struct {
		kind string
		as   func(v any) (any, bool)
		none any
	}{
		"String":     {"string", func(v any) (any, bool) { s, ok := v.(string); return s, ok }, ""},
		"Int":        {"int", asNumber(func(f float64) any { return int(f) }), 0},
		"Long":       {"long", asNumber(func(f float64) any { return int64(f) }), int64(0)},
		"Double":     {"double", asNumber(func(f float64) any { return f }), math.NaN()},
		"Boolean":    {"boolean", asBoolean, false},
		"JSONObject": {"JSONObject", func(v any) (any, bool) { m, ok := v.(*Map); return m, ok }, nil},
		"JSONArray":  {"JSONArray", func(v any) (any, bool) { l, ok := v.(*List); return l, ok }, nil},
		"BigDecimal": {"BigDecimal", func(v any) (any, bool) { d, ok := parseDecimal(Text(v)); return d, ok }, nil},
	}
	shared := Methods{
		"get": func(c *Call) any {
			v, ok, label := at(c)
			if !ok {
				panic(c.Throw("org.json.JSONException", label+" not found."))
			}
			return Object(v)
		},
		"opt":      func(c *Call) any { v, _, _ := at(c); return Object(v) },
		"isNull":   func(c *Call) any { v, ok, _ := at(c); return !ok || v == any(theJSONNull) },
		"toString": func(c *Call) any { return c.jsonText(c.This) },
		"isEmpty":  func(c *Call) any { return c.This.(interface{ Len() int }).Len() == 0 },
		"length":   func(c *Call) any { return c.This.(interface{ Len() int }).Len() },
	}
	for name, k := range kinds {
		shared["get"+name] = func(c *Call) any {
			v, ok, label := at(c)
			if !ok {
				panic(c.Throw("org.json.JSONException", label+" not found."))
			}
			out, ok := k.as(v)
			if !ok {
				panic(wrong(c, label, k.kind))
			}
			return out
		}
		shared["opt"+name] = func(c *Call) any {
			v, ok, _ := at(c)
			if ok {
				if out, ok := k.as(v); ok {
					return out
				}
				if name == "String" && v != any(theJSONNull) {
					return c.VM.Text(v)
				}
			}
			if c.Len() > 1 {
				return c.Arg(1)
			}
			if k.none == nil {
				return nil
			}
			return k.none
		}
	}
	put := func(c *Call) any {
		m := c.This.(*Map)
		if c.Null(0) {
			panic(c.Throw("java.lang.NullPointerException", "Null key."))
		}
		if c.Null(1) {
			m.Remove(c, c.Text(0))
			return m
		}
		m.Put(c, c.Text(0), c.wrapJSON(c.Object(1), 0))
		return m
	}
	add := func(c *Call) any {
		l := c.This.(*List)
		if c.Len() > 1 {
			i, v := c.Int(0), c.wrapJSON(c.Object(1), 0)
			if i < 0 {
				panic(c.Throw("org.json.JSONException", "JSONArray["+strconv.Itoa(i)+"] not found."))
			}
			c.limit(i)
			l.edit(c, func(items []any) []any {
				for len(items) <= i {
					items = append(items, theJSONNull)
				}
				items[i] = v
				return items
			})
			return l
		}
		v := c.wrapJSON(c.Object(0), 0)
		if reaches(v, l, maxDepth) {
			panic(c.Throw("java.lang.IllegalArgumentException", "a collection cannot hold itself"))
		}
		l.edit(c, func(items []any) []any { return append(items, v) })
		return l
	}
	names := func(c *Call) []any {
		return append([]any(nil), c.This.(*Map).Keys()...)
	}
	newObject := func(c *Call) any {
		switch {
		case c.Len() == 0:
			return newMap(objectClass, hashed)
		case c.IsText(0):
			if m, ok := c.parseJSON(c.Text(0)).(*Map); ok {
				return m
			}
			panic(c.Throw("org.json.JSONException", "A JSONObject text must begin with '{' at 1 [character 2 line 1]"))
		}
		if m, ok := c.wrapJSON(c.Object(0), 0).(*Map); ok {
			return m
		}
		return newMap(objectClass, hashed)
	}
	newArray := func(c *Call) any {
		switch {
		case c.Len() == 0:
			return &List{class: arrayClass}
		case c.IsText(0):
			if l, ok := c.parseJSON(c.Text(0)).(*List); ok {
				return l
			}
			panic(c.Throw("org.json.JSONException", "A JSONArray text must start with '[' at 1 [character 2 line 1]"))
		}
		if l, ok := c.wrapJSON(c.Object(0), 0).(*List); ok {
			return l
		}
		panic(c.Throw("org.json.JSONException", "JSONArray initial value should be a string or collection or array."))
	}
	return []*Class{
		{Name: objectClass, New: newObject, Constants: map[string]any{"NULL": theJSONNull}, Static: Methods{
			"quote": func(c *Call) any { return quoteJSON(c.Text(0)) },
			"valueToString": func(c *Call) any {
				var b strings.Builder
				c.writeJSON(&b, c.wrapJSON(c.Object(0), 0), 0, 0)
				return b.String()
			},
			"getNames": func(c *Call) any {
				m, _ := c.Object(0).(*Map)
				if m == nil || m.Len() == 0 {
					return nil
				}
				return NewStrings(c.VM.texts(m.Keys()))
			},
		}, Methods: merged(shared, Methods{
			"put": put, "putOnce": put, "putOpt": put,
			"has":    func(c *Call) any { _, ok := c.This.(*Map).Get(c.Text(0)); return ok },
			"remove": func(c *Call) any { return Object(c.This.(*Map).Remove(c, c.Text(0))) },
			"keys":   func(c *Call) any { return &Iterator{items: names(c)} },
			"keySet": func(c *Call) any { return newView(c.This.(*Map), "java.util.Set", true, false) },
			"names":  func(c *Call) any { return &List{class: arrayClass, items: names(c)} },
			"toMap":  func(c *Call) any { return plainJSON(c.This) },
			"append": func(c *Call) any {
				m := c.This.(*Map)
				old, _ := m.Get(c.Text(0))
				l, ok := old.(*List)
				if !ok {
					l = &List{class: arrayClass}
					m.set(c.Text(0), l)
				}
				l.Add(c.wrapJSON(c.Object(1), 0))
				return m
			},
			"accumulate": func(c *Call) any {
				m := c.This.(*Map)
				old, has := m.Get(c.Text(0))
				l, ok := old.(*List)
				switch {
				case !has:
					m.set(c.Text(0), c.wrapJSON(c.Object(1), 0))
				case ok:
					l.Add(c.wrapJSON(c.Object(1), 0))
				default:
					m.set(c.Text(0), &List{class: arrayClass, items: []any{old, c.wrapJSON(c.Object(1), 0)}})
				}
				return m
			},
		})},
		{Name: arrayClass, New: newArray, Implements: []string{"java.lang.Iterable"}, Methods: merged(shared, Methods{
			"put": add, "putAll": func(c *Call) any {
				l := c.This.(*List)
				for _, v := range c.needItems(0) {
					l.Add(c.wrapJSON(v, 0))
				}
				return l
			},
			"remove": func(c *Call) any {
				l, i := c.This.(*List), c.Int(0)
				v := l.At(i)
				if i >= 0 && i < l.Len() {
					l.edit(c, func(items []any) []any { return append(items[:i:i], items[i+1:]...) })
				}
				return Object(v)
			},
			"iterator": func(c *Call) any { return newIterator(c) },
			"toList":   func(c *Call) any { return plainJSON(c.This) },
			"join": func(c *Call) any {
				var parts []string
				for _, v := range c.This.(*List).Items() {
					var b strings.Builder
					c.writeJSON(&b, v, 0, 0)
					parts = append(parts, b.String())
				}
				return strings.Join(parts, c.Text(0))
			},
		})},
		{Name: jsonPackage + "JSONObject.Null", Methods: Methods{"equals": func(c *Call) any { return c.Null(0) || c.Object(0) == any(theJSONNull) }}},
	}
}

func asNumber(box func(float64) any) func(v any) (any, bool) {
	return func(v any) (any, bool) {
		if s, ok := v.(string); ok {
			f, ok := parseDouble(s)
			return box(f), ok
		}
		f := floatOf(v)
		return box(f), !math.IsNaN(f)
	}
}

func asBoolean(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		return strings.EqualFold(v, "true"), strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	}
	return false, false
}

// plainJSON turns JSON into maps and lists of java.util.
func plainJSON(v any) any {
	switch v := v.(type) {
	case *Map:
		m := NewHashMap()
		for _, p := range v.Pairs() {
			m.set(p.Key, plainJSON(p.Value))
		}
		return m
	case *List:
		l := NewList()
		for _, item := range v.Items() {
			l.items = append(l.items, plainJSON(item))
		}
		return l
	case *jsonNull:
		return nil
	}
	return v
}
