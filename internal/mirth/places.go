package mirth

import (
	"slices"
	"strconv"
	"strings"
)

// Places finds the lines of elements in a file, for what is found out about a
// channel after it was read.
type Places struct{ channels map[string]*element }

// ReadPlaces reads a file once more. One that is not XML has no places.
func ReadPlaces(data []byte) Places {
	p := Places{map[string]*element{}}
	text, err := decodeText(data)
	if err != nil {
		return p
	}
	root, err := scan(text, defaultLimits)
	if err != nil {
		return p
	}
	var look func(e *element)
	look = func(e *element) {
		if e.name == "channel" {
			if id := strings.TrimSpace(e.textAt("id")); p.channels[id] == nil && e.child("sourceConnector") != nil {
				p.channels[id] = e
			}
			return
		}
		for _, c := range e.children {
			look(c)
		}
	}
	look(root)
	return p
}

// Find follows a path like that of a [Note] in a channel, and returns it as far as
// the file has it, with the line of its last element. A step may be named *[n], for
// the n-th of whatever class.
func (p Places) Find(channelID, path string) (full string, line int) {
	e := p.channels[channelID]
	if e == nil {
		return path, 0
	}
	full = e.name
	names := strings.Split(path, "/")
	for _, name := range names[1:] {
		next := e.item(name)
		if next == nil {
			break
		}
		e = next
		if name, n, numbered := strings.Cut(name, "["); numbered && name == "*" {
			full += "/" + stepLabel(e) + "[" + n
		} else {
			full += "/" + shown(stepLabel(e))
			if numbered {
				full += "[" + n
			}
		}
	}
	return full, e.line
}

// item is the child of a name, or the one at a place: name[n] counts all children.
func (e *element) item(name string) *element {
	name, number, numbered := strings.Cut(name, "[")
	if !numbered {
		return e.child(name)
	}
	n, err := strconv.Atoi(strings.TrimSuffix(number, "]"))
	if err != nil || n < 1 || n > len(e.children) {
		return nil
	}
	c := e.children[n-1]
	if name != "*" && name != c.name && !slices.Contains([]string{"step", "rule"}, c.name) {
		return nil
	}
	return c
}
