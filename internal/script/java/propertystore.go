package java

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// storeProperties writes the lines key=value, as load reads them: the comment first,
// then the time.
func storeProperties(c *Call) any {
	var b strings.Builder
	if !c.Null(1) {
		b.WriteString("#" + strings.NewReplacer("\r\n", "\n#", "\r", "\n#", "\n", "\n#").Replace(c.Text(1)) + "\n")
	}
	b.WriteString("#" + NewDate(c.VM.Now()).String() + "\n")
	for _, p := range c.This.(*Map).Pairs() {
		key, value := escapedProperty(c.VM.Text(p.Key), true), escapedProperty(c.VM.Text(p.Value), false)
		b.WriteString(key + "=" + value + "\n")
	}
	c.writeTo(b.String())
	return Void
}

// escapedProperty escapes a key or a value. Blanks matter in keys and before values.
func escapedProperty(s string, key bool) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == ' ' && (key || i == 0), strings.ContainsRune(`\=:#!`, r):
			b.WriteString(`\` + string(r))
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r > 0xffff:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&b, `\u%04X\u%04X`, high, low)
		case r < ' ' || r > '~':
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// storePropertiesToXML writes the document that Java has for properties.
func storePropertiesToXML(c *Call) any {
	var b strings.Builder
	text := func(before, s, after string) {
		b.WriteString(before)
		_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
		b.WriteString(after)
	}
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n" +
		"<!DOCTYPE properties SYSTEM \"http://java.sun.com/dtd/properties.dtd\">\n<properties>\n")
	if !c.Null(1) {
		text("<comment>", c.Text(1), "</comment>\n")
	}
	for _, p := range c.This.(*Map).Pairs() {
		text(`<entry key="`, c.VM.Text(p.Key), `">`)
		text("", c.VM.Text(p.Value), "</entry>\n")
	}
	b.WriteString("</properties>\n")
	c.writeTo(b.String())
	return Void
}

// writeTo writes to the stream or Writer that the first argument is.
func (c *Call) writeTo(s string) {
	switch out := c.Object(0).(type) {
	case *output:
		_, err := out.Write([]byte(s))
		c.must(err)
	default:
		writerFrom(c, "java.io.Writer").write(c, s)
	}
}
