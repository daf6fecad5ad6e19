package java

import (
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/weir-health/weir/tree"
)

// jsonXMLClass is org.json.XML: attributes and elements become members, text beside
// them the member content, and what repeats an array.
func jsonXMLClass() *Class {
	return &Class{Name: jsonPackage + "XML", Static: Methods{
		"toJSONObject": func(c *Call) any {
			text := ""
			if r, ok := c.Object(0).(*reader); ok {
				text = r.rest(c)
			} else {
				text = c.Need(0)
			}
			top, err := tree.ParseXMLDocument(strings.TrimSpace(text), tree.XMLOptions{AsWritten: true, MaxDepth: maxJSONDepth})
			if err != nil {
				panic(c.VM.ThrowJava(&Throwable{Class: "org.json.JSONException", Message: err.Error(), HasText: true, Plain: true}))
			}
			out := newMap(jsonPackage+"JSONObject", hashed)
			for _, n := range top {
				if n.Kind == tree.Element {
					accumulate(out, n.Name.Local, jsonOfElement(n, c.Bool(1)))
				}
			}
			return out
		},
		"toString": func(c *Call) any {
			var b strings.Builder
			c.writeXMLOfJSON(&b, c.wrapJSON(c.Object(0), 0), c.Text(1), 0)
			return b.String()
		},
		"escape":        func(c *Call) any { return escapeJSONXML(c.Need(0)) },
		"unescape":      func(c *Call) any { return html.UnescapeString(c.Need(0)) },
		"stringToValue": func(c *Call) any { return Object(valueOfXMLText(c.Text(0))) },
	}}
}

// jsonOfElement is the value of an element; an empty one is an empty text.
func jsonOfElement(n *tree.Node, keepStrings bool) any {
	value := func(s string) any {
		if keepStrings {
			return s
		}
		return valueOfXMLText(s)
	}
	out := newMap(jsonPackage+"JSONObject", hashed)
	for _, a := range n.Attributes() {
		accumulate(out, a.Name.Local, value(a.Data))
	}
	for _, child := range n.Children() {
		switch child.Kind {
		case tree.Text:
			if s := strings.TrimSpace(child.Data); s != "" {
				accumulate(out, "content", value(s))
			}
		case tree.CDATA:
			if child.Data != "" {
				accumulate(out, "content", child.Data)
			}
		case tree.Element:
			accumulate(out, child.Name.Local, jsonOfElement(child, keepStrings))
		}
	}
	if out.Len() == 0 {
		return ""
	}
	if content, ok := out.Get("content"); ok && out.Len() == 1 {
		return content
	}
	return out
}

// accumulate puts a value, or makes an array of it and those of the same name before.
func accumulate(m *Map, name string, v any) {
	old, ok := m.Get(name)
	switch l, isList := old.(*List); {
	case !ok:
		m.set(name, v)
	case isList:
		l.Add(v)
	default:
		m.set(name, &List{class: jsonPackage + "JSONArray", items: []any{old, v}})
	}
}

var xmlNumber = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?$`)

// valueOfXMLText is a text as the value that it looks like. What begins with a zero
// more than it needs, as identifiers do, stays a text.
func valueOfXMLText(s string) any {
	switch {
	case strings.EqualFold(s, "true"):
		return true
	case strings.EqualFold(s, "false"):
		return false
	case strings.EqualFold(s, "null"):
		return theJSONNull
	case s != "-0" && len(s) <= 400 && xmlNumber.MatchString(s):
		if _, err := strconv.ParseInt(s, 10, 64); err == nil || strings.ContainsAny(s, ".eE") {
			return jsonNumber(s)
		}
		if d, ok := parseDecimal(s); ok {
			return d
		}
	}
	return s
}

func (c *Call) writeXMLOfJSON(b *strings.Builder, v any, tag string, depth int) {
	if depth > maxJSONDepth {
		panic(c.Throw("org.json.JSONException", "nested too deep"))
	}
	open, end := "", ""
	if tag != "" {
		open, end = "<"+tag+">", "</"+tag+">"
	}
	switch v := v.(type) {
	case *Map:
		b.WriteString(open)
		for _, p := range v.Pairs() {
			c.writeMemberOfJSON(b, c.VM.Text(p.Key), p.Value, depth)
		}
		b.WriteString(end)
	case *List:
		if tag == "" {
			tag = "array"
		}
		for _, item := range v.Items() {
			c.writeXMLOfJSON(b, item, tag, depth+1)
		}
	default:
		text := escapeJSONXML(c.VM.Text(v))
		switch {
		case tag == "":
			b.WriteString(`"` + text + `"`)
		case text == "":
			b.WriteString("<" + tag + "/>")
		default:
			b.WriteString(open + text + end)
		}
	}
}

func (c *Call) writeMemberOfJSON(b *strings.Builder, name string, v any, depth int) {
	l, isList := v.(*List)
	switch {
	case name == "content" && isList:
		for i, item := range l.Items() {
			if i > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(escapeJSONXML(c.VM.Text(item)))
		}
	case name == "content":
		b.WriteString(escapeJSONXML(c.VM.Text(v)))
	case isList:
		for _, item := range l.Items() {
			if inner, ok := item.(*List); ok {
				b.WriteString("<" + name + ">")
				c.writeXMLOfJSON(b, inner, "", depth+1)
				b.WriteString("</" + name + ">")
				continue
			}
			c.writeXMLOfJSON(b, item, name, depth+1)
		}
	default:
		c.writeXMLOfJSON(b, v, name, depth+1)
	}
}

var jsonXMLEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// escapeJSONXML is XML.escape: control characters become references.
func escapeJSONXML(s string) string {
	s = jsonXMLEscapes.Replace(s)
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isControl(r) {
			b.WriteString("&#x" + hex(uint32(r)) + ";")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 && r != 0x85
}
