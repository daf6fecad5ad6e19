package hl7v2

import (
	"fmt"
	"strconv"
	"strings"
)

// Location is a place in a message, as people write it: "PID-3[2].1" is the
// first component of the second repetition of PID-3, "OBX[3]-5" the first
// repetition of OBX-5 in the third OBX, "PID-3.4.2" a subcomponent.
type Location struct {
	Segment      string
	Occurrence   int // of the segment, from 1
	Field        int // from 1
	Repetition   int // from 1
	Component    int // 0: all of the repetition
	Subcomponent int // 0: all of the component
}

// ParseLocation reads a location. The field may follow a dot as well, as in the
// names of the tree's elements: "PID.3.1".
func ParseLocation(path string) (Location, error) {
	l := Location{Occurrence: 1, Repetition: 1}
	i := strings.IndexAny(path, "-.[")
	if i < 1 {
		return l, fmt.Errorf("location %q: a segment and a field are needed, as in PID-3.1", path)
	}
	var rest string
	l.Segment, rest = path[:i], path[i:]
	var err error
	take := func(marks string, optional bool, number *int) {
		if err == nil && !(optional && (rest == "" || strings.IndexByte(marks, rest[0]) < 0)) {
			rest, *number, err = takeNumber(rest, marks)
		}
	}
	take("[", true, &l.Occurrence)
	take("-.", false, &l.Field)
	take("[", true, &l.Repetition)
	take(".", true, &l.Component)
	if l.Component > 0 {
		take(".", true, &l.Subcomponent)
	}
	if err == nil && rest != "" {
		err = fmt.Errorf("%q is too much", rest)
	}
	if err != nil {
		return l, fmt.Errorf("location %q: %w", path, err)
	}
	return l, nil
}

// takeNumber reads a mark and the number from 1 behind it.
func takeNumber(s, marks string) (rest string, number int, err error) {
	if s == "" || strings.IndexByte(marks, s[0]) < 0 {
		return s, 0, fmt.Errorf("there is no %c with a number", marks[0])
	}
	bracket := s[0] == '['
	s = s[1:]
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	number, err = strconv.Atoi(s[:n])
	if err != nil || number < 1 {
		return s, 0, fmt.Errorf("there is no number from 1 behind a %c", marks[0])
	}
	s = s[n:]
	if bracket {
		var closed bool
		if s, closed = strings.CutPrefix(s, "]"); !closed {
			return s, 0, fmt.Errorf("a bracket is not closed")
		}
	}
	return s, number, nil
}

// String writes the location the way ParseLocation reads it.
func (l Location) String() string {
	s := l.Segment
	if l.Occurrence > 1 {
		s += fmt.Sprintf("[%d]", l.Occurrence)
	}
	s += fmt.Sprintf("-%d", l.Field)
	if l.Repetition > 1 {
		s += fmt.Sprintf("[%d]", l.Repetition)
	}
	if l.Component > 0 {
		s += fmt.Sprintf(".%d", l.Component)
	}
	if l.Component > 0 && l.Subcomponent > 0 {
		s += fmt.Sprintf(".%d", l.Subcomponent)
	}
	return s
}

// Get returns what a message has at a location such as "MSH-10", or "" when it
// has nothing there or the location is none. It is for the odd look into a
// message; see [Location.Get].
func Get(text, path string) string {
	l, err := ParseLocation(path)
	if err != nil {
		return ""
	}
	return l.Get(text)
}

// Get returns the text at the location, "" when there is none. No tree is made:
// the message is searched for the segment, whose lines may end with CR, LF or
// both. Escape sequences stay as they are. The delimiters are the message's own.
func (l Location) Get(text string) string {
	text = trimLeft(text)
	first, _ := nextLine(text)
	d, _, _ := delimitersOf(first)
	occurrence := l.Occurrence
	for line, rest := nextLine(text); ; line, rest = nextLine(rest) {
		if l.names(line, d.field) {
			if occurrence--; occurrence <= 0 {
				return l.in(line, &d)
			}
		}
		if rest == "" {
			return ""
		}
	}
}

// names reports whether a line is a segment of that name.
func (l Location) names(line, separator string) bool {
	rest, ok := strings.CutPrefix(line, l.Segment)
	return ok && l.Segment != "" && (rest == "" || strings.HasPrefix(rest, separator))
}

func (l Location) in(line string, d *delimiters) string {
	number := l.Field + 1
	if isHeader(l.Segment) {
		switch l.Field {
		case 1:
			return d.field
		case 2:
			return partOf(line, d.field, 2)
		}
		number = l.Field
	}
	if l.Field < 1 {
		return ""
	}
	s := partOf(line, d.field, number)
	s = partOf(s, d.repetition, max(1, l.Repetition))
	if l.Component > 0 {
		s = partOf(s, d.component, l.Component)
		if l.Subcomponent > 0 {
			s = partOf(s, d.subcomponent, l.Subcomponent)
		}
	}
	return s
}
