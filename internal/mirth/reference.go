package mirth

import (
	"slices"
	"strconv"
	"strings"
)

// MaxReferences is how many references of a file are followed. Mirth writes one
// where an object is met twice, which its configuration hardly ever has.
const MaxReferences = 1000

// followReferences replaces elements that only refer to another one, as in
// reference="../../x", by its content. All copies together stay below the limit
// of elements, and each below that of depth.
func (im *Import) followReferences(root *element, l limits) {
	left, budget := MaxReferences, l.elements
	var path []*element
	var walk func(e *element)
	walk = func(e *element) {
		path = append(path, e)
		defer func() { path = path[:len(path)-1] }()
		if ref := e.attr("reference"); ref != "" && len(e.children) == 0 {
			left--
			if left < 0 || !e.copyFrom(follow(path, ref), path, l.depth, &budget) {
				place{im: im}.in(e.name).note(e, Difference, "Check that element, or export the channel again.",
					"<%s> refers to another part of the file that cannot be followed; it is kept as it is", shown(e.name))
			}
			return
		}
		for _, c := range e.children {
			walk(c)
		}
	}
	walk(root)
}

// follow goes from the last element of path along names, counted from 1, and
// "..".
func follow(path []*element, ref string) *element {
	for _, part := range strings.Split(ref, "/") {
		if part == ".." {
			if len(path) < 2 {
				return nil
			}
			path = path[:len(path)-1]
			continue
		}
		name, number, counted := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		n := 1
		if counted {
			n, _ = strconv.Atoi(number)
		}
		var next *element
		for _, c := range path[len(path)-1].children {
			if c.name == name {
				if n--; n == 0 {
					next = c
					break
				}
			}
		}
		if next == nil {
			return nil
		}
		path = append(path[:len(path):len(path)], next)
	}
	return path[len(path)-1]
}

// copyFrom gives e, the last of path, the content of another element. It
// reports false when there is none, when e is a part of it, or when it is larger
// or deeper than allowed.
func (e *element) copyFrom(o *element, path []*element, depth int, budget *int) bool {
	if o == nil || slices.Contains(path, o) {
		return false
	}
	children, ok := copies(o.children, depth-len(path), budget)
	if !ok {
		return false
	}
	e.text, e.children, e.version = o.text, children, o.version
	e.attrs = slices.Clone(o.attrs)
	return true
}

func copies(list []*element, depth int, budget *int) ([]*element, bool) {
	if len(list) > 0 && depth <= 0 {
		return nil, false
	}
	var made []*element
	for _, o := range list {
		if *budget--; *budget < 0 {
			return nil, false
		}
		c := *o
		c.attrs = slices.Clone(o.attrs)
		var ok bool
		if c.children, ok = copies(o.children, depth-1, budget); !ok {
			return nil, false
		}
		made = append(made, &c)
	}
	return made, true
}
