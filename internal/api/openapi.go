package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// OpenAPI describes the API as an OpenAPI 3.1 document, from the routes and the types
// that serve them.
func OpenAPI() []byte {
	d := describer{schemas: object{}}
	paths := object{}
	for _, rt := range routes() {
		item, ok := paths[rt.path].(object)
		if !ok {
			item = object{}
			paths[rt.path] = item
		}
		item[strings.ToLower(rt.method)] = d.operation(&rt)
	}
	d.of(reflect.TypeFor[problem]())
	text, err := json.MarshalIndent(object{
		"openapi": "3.1.0",
		"info": object{"title": "Weir", "version": "1", "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "What is done to an engine: its channels, messages, accounts and audit trail. Channels are named by id or name. Over HTTPS it takes a token, or the session of a log-in; over the socket in the data directory neither."},
		"servers":  []object{{"url": Base}},
		"security": []object{{"token": []string{}}, {"session": []string{}}},
		"paths":    paths,
		"components": object{"schemas": d.schemas, "securitySchemes": object{
			"token":   object{"type": "http", "scheme": "bearer"},
			"session": object{"type": "apiKey", "in": "cookie", "name": CookieName},
		}},
	}, "", "  ")
	if err != nil {
		panic(err) // it is made of maps and texts
	}
	return append(text, '\n')
}

type object map[string]any

// describer collects the schemas of types that have a name.
type describer struct{ schemas object }

func (d describer) operation(rt *route) object {
	var parameters []object
	for _, name := range rt.parameters() {
		parameters = append(parameters, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, p := range parametersOf(rt.query) {
		parameters = append(parameters, object{"name": p.name, "in": "query", "description": p.doc, "schema": d.of(p.kind)})
	}
	refused := object{"description": "Refused", "content": object{"application/problem+json": object{"schema": d.of(reflect.TypeFor[problem]())}}}
	answer := object{"description": "Done"}
	status := "200"
	if rt.answer == reflect.TypeFor[none]() {
		status = "204"
	} else {
		answer["content"] = d.content(rt.answer)
	}
	op := object{"operationId": operationID(rt.name), "summary": rt.name, "tags": []string{strings.Split(rt.path, "/")[1]},
		"responses": object{status: answer, "default": refused}}
	if parameters != nil {
		op["parameters"] = parameters
	}
	if rt.body != reflect.TypeFor[none]() {
		op["requestBody"] = object{"required": true, "content": d.content(rt.body)}
	}
	switch rt.permission {
	case public:
		op["security"] = []object{}
	case anyone:
		op["description"] = "Needs a log-in."
	default:
		op["description"] = "Needs the permission " + rt.permission + "."
	}
	return op
}

// operationID is a name as programs have it: listChannels.
func operationID(name string) string {
	var b strings.Builder
	for i, word := range strings.Fields(name) {
		if i == 0 {
			word = strings.ToLower(word)
		} else {
			word = string(unicode.ToUpper(rune(word[0]))) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}

func (d describer) content(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[Text]():
		return object{"text/plain": object{"schema": object{"type": "string"}}}
	case reflect.TypeFor[octet](), reflect.TypeFor[upload]():
		return object{"application/octet-stream": object{}}
	case reflect.TypeFor[documents](), reflect.TypeFor[eachDocument]():
		return object{typeXML: object{}}
	case reflect.TypeFor[eachMessage]():
		t = reflect.TypeFor[[]Message]()
	case reflect.TypeFor[json.RawMessage]():
		return object{typeJSON: object{"schema": object{"type": "object"}}}
	}
	return object{typeJSON: object{"schema": d.of(t)}}
}

// of is the schema of a type: a reference for one that has a name and fields.
func (d describer) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.of(t.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer", "format": "int" + strconv.Itoa(t.Bits())}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "items": d.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": d.of(t.Elem())}
	case reflect.Interface:
		return object{}
	}
	name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	if _, known := d.schemas[name]; !known {
		d.schemas[name] = nil // for a type that holds itself
		d.schemas[name] = d.fields(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// fields is the schema of a struct, as encoding/json writes it.
func (d describer) fields(t reflect.Type) object {
	properties := object{}
	var required []string
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || !f.IsExported() || name == "-" || name == "" {
			continue
		}
		schema := d.of(f.Type)
		if f.Type.Kind() == reflect.Slice && !strings.Contains(options, "omitempty") {
			schema["type"] = []string{"array", "null"} // as nil is written
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			schema["description"] = doc
		}
		properties[name] = schema
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	out := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	return out
}

func (c *call) describe(none, none) (json.RawMessage, error) { return OpenAPI(), nil }
