package mirth

import (
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir/config"
)

// element is an XML element and where it stood.
type element struct {
	name     string
	attrs    []attribute
	text     string // of its own, without the indentation of children
	children []*element
	short    bool // written <a/>, as empty collections are
	line     int
	version  version // of the engine that wrote it, see migrate.go
}

type attribute struct{ name, value string }

// child returns the first child of that name, or nil.
func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// at follows child names separated by slashes; nil where there is none.
func (e *element) at(path string) *element {
	for _, name := range strings.Split(path, "/") {
		e = e.child(name)
	}
	return e
}

// textAt returns the text at a path, or "".
func (e *element) textAt(path string) string {
	if c := e.at(path); c != nil {
		return c.text
	}
	return ""
}

// boolAt reads true or false at a path, or returns what is assumed without it.
func (e *element) boolAt(path string, absent bool) bool {
	if c := e.at(path); c != nil {
		return strings.EqualFold(strings.TrimSpace(c.text), "true")
	}
	return absent
}

// intAt reads a number at a path; anything else is 0.
func (e *element) intAt(path string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(e.textAt(path)))
	return n
}

// items returns the texts of the children: a list or set of strings.
func (e *element) items() []string {
	if e == nil {
		return nil
	}
	var texts []string
	for _, c := range e.children {
		texts = append(texts, c.text)
	}
	return texts
}

// each returns the children, none for an absent element.
func (e *element) each() []*element {
	if e == nil {
		return nil
	}
	return e.children
}

func (e *element) attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func (e *element) setAttr(name, value string) {
	for i := range e.attrs {
		if e.attrs[i].name == name {
			e.attrs[i].value = value
			return
		}
	}
	at := len(e.attrs)
	if name == "version" { // which stands first, behind the class
		at = 0
		if at < len(e.attrs) && e.attrs[0].name == "class" {
			at = 1
		}
	}
	e.attrs = slices.Insert(e.attrs, at, attribute{name, value})
}

// setting returns the element as a setting.
func (e *element) setting() config.Setting {
	return config.Setting{Name: e.name, Text: e.text, Class: e.attr("class"), Group: e.group()}
}

// group returns attributes and children as settings, without those excepted.
func (e *element) group(except ...string) config.Group {
	if e == nil {
		return nil
	}
	g := e.attributes()
	g = slices.Grow(g, len(e.children))
	for _, c := range e.children {
		if !slices.Contains(except, c.name) {
			g = append(g, c.setting())
		}
	}
	return g
}

// attributes returns those that a setting has no field for, but for the version.
func (e *element) attributes() config.Group {
	var g config.Group
	for _, a := range e.attrs {
		if a.name != "class" && a.name != "version" {
			g = append(g, config.Setting{Name: "@" + a.name, Text: a.value})
		}
	}
	return g
}

// The rest changes elements; migrations are made of it.

// add appends a child with a text and returns it.
func (e *element) add(name, text string) *element {
	c := &element{name: name, text: text, line: e.line, version: e.version}
	e.children = append(e.children, c)
	return c
}

// addMissing appends a child unless there is one of that name.
func (e *element) addMissing(name, text string) *element {
	if c := e.child(name); c != nil {
		return c
	}
	return e.add(name, text)
}

// remove takes out the first child of that name and returns it, or nil.
func (e *element) remove(name string) *element {
	for i, c := range e.children {
		if c.name == name {
			e.children = slices.Delete(e.children, i, i+1)
			return c
		}
	}
	return nil
}

// rename gives the first child of that name another, unless that is taken.
func (e *element) rename(from, to string) {
	if c := e.child(from); c != nil && e.child(to) == nil {
		c.name = to
	}
}

// move takes a child out and puts it into another element under a name, unless
// that is taken there.
func (e *element) move(name string, into *element, as string) {
	c := e.child(name)
	if c == nil || into == nil || into.child(as) != nil {
		return
	}
	e.remove(name)
	c.name = as
	into.children = append(into.children, c)
}
