package mirth

import (
	"fmt"
	"strconv"
	"strings"
)

// version is that of an engine: 4.5.2.
type version [3]int

var (
	noVersion = version{3, 0, 0} // what a missing attribute means
	newest    = version{4, 5, 99}
)

// parseVersion reads the numbers of a version; what is no number is 0.
func parseVersion(text string) version {
	var v version
	for i, part := range strings.SplitN(text, ".", 4) {
		if i < len(v) {
			v[i], _ = strconv.Atoi(strings.TrimSpace(part))
		}
	}
	return v
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

func (v version) before(o version) bool {
	for i := range v {
		if v[i] != o[i] {
			return v[i] < o[i]
		}
	}
	return false
}

// inherit gives an element and all inside it the version of its attribute, or
// of the element around it: one document may mix versions.
func (e *element) inherit(v version) {
	if text := e.attr("version"); text != "" {
		v = parseVersion(text)
	}
	e.version = v
	for _, c := range e.children {
		c.inherit(v)
	}
}
