package java

import (
	"html"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/weir-health/weir/tree"
)

const (
	sharedUtil = "com.mirth.connect.userutil."
	serverUtil = "com.mirth.connect.server.userutil."
)

// userClasses are the classes of Mirth's user API that need no engine.
func userClasses() []*Class {
	listBuilder := func(c *Call) any {
		l := &List{class: sharedUtil + "ListBuilder"}
		if c.Len() == 1 {
			if items, ok := c.Items(0); ok {
				l.items = items
				return l
			}
		}
		for i := range c.Args {
			l.items = append(l.items, c.Object(i))
		}
		return l
	}
	mapBuilder := func(c *Call) any {
		m := newMap(sharedUtil+"MapBuilder", hashed)
		if c.Len() == 1 {
			pairs, _ := c.Pairs(0)
			for _, p := range pairs {
				m.set(p.Key, p.Value)
			}
		} else if c.Len() > 1 {
			m.set(c.Object(0), c.Object(1))
		}
		return m
	}
	return []*Class{
		{Name: serverUtil + "DateUtil", Static: dateUtil()},
		{Name: serverUtil + "UUIDGenerator", Static: Methods{"getUUID": func(*Call) any { return uuid.NewString() }}},
		{Name: serverUtil + "HashUtil", Static: Methods{"generate": func(c *Call) any {
			switch {
			case c.Len() >= 3:
				return hexText(digest(c.hash(c.Text(2)), c.encode(c.Text(0), charsetName(c, 1))))
			case c.Len() == 2:
				return hexText(digest(c.hash(c.Text(1)), c.Bytes(0)))
			}
			return hexText(digest(c.hash("SHA-256"), c.Bytes(0)))
		}}},
		{Name: sharedUtil + "Lists", Static: Methods{"list": listBuilder}},
		{Name: sharedUtil + "ListBuilder", Super: "java.util.List", New: listBuilder},
		{Name: sharedUtil + "Maps", Static: Methods{"map": mapBuilder}},
		{Name: sharedUtil + "MapBuilder", Super: "java.util.Map", New: mapBuilder},
		{Name: sharedUtil + "XmlUtil", Static: xmlUtil()},
		{Name: sharedUtil + "JsonUtil", Static: jsonUtil()},
		{Name: serverUtil + "NCPDPUtil", Static: Methods{"formatNCPDPNumber": func(c *Call) any {
			return overpunch(c.Text(0), c.Int(1))
		}}},
		attachmentEntry(),
	}
}

func dateUtil() Methods {
	return Methods{
		"getCurrentDate": func(c *Call) any { return c.datePattern(c.Need(0)).Format(c.VM.Now().In(time.Local)) },
		"formatDate": func(c *Call) any {
			t, ok := c.Time(1)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			return c.datePattern(c.Need(0)).Format(t.In(time.Local))
		},
		"getDate": func(c *Call) any {
			return NewDate(c.parseDate(c.datePattern(c.Need(0)), c.Need(1), time.Local, false))
		},
		"convertDate": func(c *Call) any {
			t := c.parseDate(c.datePattern(c.Need(0)), c.Need(2), time.Local, false)
			return c.datePattern(c.Need(1)).Format(t)
		},
	}
}

// overpunch reads NCPDP's signed numbers: the last character is a digit with a
// sign, { and A to I for plus, } and J to R for minus.
func overpunch(s string, decimals int) string {
	if s == "" {
		return ""
	}
	sign, last := "", s[len(s)-1]
	switch {
	case last == '{':
		last = '0'
	case last == '}':
		sign, last = "-", '0'
	case last >= 'A' && last <= 'I':
		last = last - 'A' + '1'
	case last >= 'J' && last <= 'R':
		sign, last = "-", last-'J'+'1'
	}
	s = s[:len(s)-1] + string(rune(last))
	if decimals > 0 && decimals <= len(s) {
		s = s[:len(s)-decimals] + "." + s[len(s)-decimals:]
	}
	return sign + s
}

// entry is an AttachmentEntry.
type entry struct {
	name, mimeType string
	content        any
}

func (*entry) JavaClass() string { return serverUtil + "AttachmentEntry" }

// AttachmentEntry gives its parts to the connectors that send attachments.
func (e *entry) AttachmentEntry() (name string, content any, mimeType string) {
	return e.name, e.content, e.mimeType
}

func attachmentEntry() *Class {
	on := func(f func(e *entry, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*entry), c) }
	}
	return &Class{Name: serverUtil + "AttachmentEntry",
		New: func(c *Call) any { return &entry{c.Text(0), c.Text(2), c.Object(1)} },
		Methods: Methods{
			"getName":     on(func(e *entry, c *Call) any { return e.name }),
			"getMimeType": on(func(e *entry, c *Call) any { return e.mimeType }),
			"getContent":  on(func(e *entry, c *Call) any { return Object(e.content) }),
			"setName":     on(func(e *entry, c *Call) any { e.name = c.Text(0); return Void }),
			"setMimeType": on(func(e *entry, c *Call) any { e.mimeType = c.Text(0); return Void }),
			"setContent":  on(func(e *entry, c *Call) any { e.content = c.Object(0); return Void }),
		}}
}

// xmlUtil is the class XmlUtil.
func xmlUtil() Methods {
	return Methods{
		"prettyPrint": func(c *Call) any {
			root, err := parseXML(c.Need(0))
			if err != nil {
				return c.Text(0)
			}
			var b strings.Builder
			indentXML(&b, root, 0)
			return b.String()
		},
		"encode": func(c *Call) any { return encodeXML(c.char2(0)) },
		"decode": func(c *Call) any { return html.UnescapeString(c.Text(0)) },
		"toJson": func(c *Call) any {
			root, err := parseXML(c.Need(0))
			if err != nil {
				panic(c.Throw("java.lang.Exception", err.Error()))
			}
			o := jsonOptions{primitives: true, arrays: true, normalize: true}
			switch {
			case c.Len() == 2:
				o.normalize = c.Bool(1)
			case c.Len() >= 5:
				o.arrays, o.primitives, o.pretty, o.normalize = c.Bool(1), c.Bool(2), c.Bool(3), c.Bool(4)
				if c.Len() >= 7 {
					o.always, o.expand = c.Bool(5), c.Bool(6)
				}
			}
			text := o.toJSON(root)
			if o.pretty {
				return prettyJSON(text)
			}
			return text
		},
	}
}

// encodeXML writes the five characters of markup and everything that is not
// ASCII as references.
func encodeXML(s string) string { return string(tree.AppendASCII(nil, s)) }

func jsonUtil() Methods {
	return Methods{
		"prettyPrint": func(c *Call) any { return prettyJSON(c.Need(0)) },
		"escape":      func(c *Call) any { return escapeJSON(c.Need(0)) },
		"toXml": func(c *Call) any {
			text, err := jsonToXML(c.Need(0), c.Len() > 2 && c.Bool(2))
			if err != nil {
				panic(c.Throw("java.lang.Exception", err.Error()))
			}
			return text
		},
	}
}

// escapeJSON is StringEscapeUtils.escapeJson.
func escapeJSON(s string) string {
	var b strings.Builder
	for _, u := range units(s) {
		switch {
		case u == '"' || u == '\\' || u == '/':
			b.WriteByte('\\')
			b.WriteByte(byte(u))
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
		case u < 0x20 || u > 0x7e:
			h := strings.ToUpper(hex(uint32(u)))
			b.WriteString(`\u` + strings.Repeat("0", 4-len(h)) + h)
		default:
			b.WriteByte(byte(u))
		}
	}
	return b.String()
}
