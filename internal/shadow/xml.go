package shadow

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// element is an element of XML as it is compared: prefixes count, where texts are
// cut into parts does not.
type element struct {
	name     string
	attrs    []xml.Attr
	children []*element
	text     string // all of its own
}

// xml compares two XML texts, and reports whether they are.
func (c *comparison) xml(recorded, here string) bool {
	a, b := parseXML(recorded), parseXML(here)
	if a == nil || b == nil {
		return false
	}
	if a.name != b.name {
		c.add("/"+a.name, "<"+a.name+">", "<"+b.name+">")
		return true
	}
	c.elements("/"+a.name, a, b)
	return true
}

func parseXML(text string) *element {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = true
	// What is declared as another character set has been decoded already.
	d.CharsetReader = nil
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.RawToken()
		if token == nil {
			break
		}
		if err != nil {
			return nil
		}
		in := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			e := &element{name: qualified(t.Name), attrs: slices.Clone(t.Attr)}
			in.children = append(in.children, e)
			if open = append(open, e); len(open) > maxDepth {
				return nil
			}
		case xml.EndElement:
			if len(open) < 2 || in.name != qualified(t.Name) {
				return nil
			}
			open = open[:len(open)-1]
		case xml.CharData:
			in.text += string(t)
		case xml.Directive:
			return nil // a document type
		}
	}
	if len(open) != 1 || len(root.children) != 1 {
		return nil
	}
	return root.children[0]
}

func qualified(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func (c *comparison) elements(place string, a, b *element) {
	for _, x := range a.attrs {
		if y, ok := b.attr(qualified(x.Name)); !ok || y != x.Value {
			c.add(place+"/@"+qualified(x.Name), x.Value, y)
		}
	}
	for _, y := range b.attrs {
		if _, ok := a.attr(qualified(y.Name)); !ok {
			c.add(place+"/@"+qualified(y.Name), "", y.Value)
		}
	}
	x, y := a.text, b.text
	if len(a.children) > 0 || len(b.children) > 0 {
		x, y = strings.TrimSpace(x), strings.TrimSpace(y) // indentation
	}
	if x != y {
		c.add(place, x, y)
	}
	count := map[string]int{}
	for _, p := range align(a.children, b.children, func(x, y *element) bool { return x.name == y.name }) {
		one := p.a
		if one == nil {
			one = p.b
		}
		name := (*one).name
		count[name]++
		at := place + "/" + name
		if a.count(name) > 1 || b.count(name) > 1 {
			at = fmt.Sprintf("%s[%d]", at, count[name])
		}
		switch {
		case p.b == nil:
			c.add(at, (*p.a).show(), "")
		case p.a == nil:
			c.add(at, "", (*p.b).show())
		default:
			c.elements(at, *p.a, *p.b)
		}
	}
}

func (e *element) attr(name string) (string, bool) {
	for _, a := range e.attrs {
		if qualified(a.Name) == name {
			return a.Value, true
		}
	}
	return "", false
}

func (e *element) count(name string) (n int) {
	for _, c := range e.children {
		if c.name == name {
			n++
		}
	}
	return n
}

// show is an element in a difference: its text, or that it is there.
func (e *element) show() string {
	if len(e.children) == 0 && e.text != "" {
		return e.text
	}
	return "<" + e.name + ">"
}
