package edi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/tree"
)

// Limits of what a tree is made of.
const (
	MaxSegments          = 1_000_000
	MaxSegmentDelimiters = 100_000   // in one segment
	MaxDelimiters        = 4_000_000 // in all segments together
)

// shortest is the least number of characters of a message, as in Mirth.
const shortest = 3

// The names of roots.
const (
	x12Root   = "X12Transaction"
	otherRoot = "EDIMessage"
)

// The attributes of the root, which hold the delimiters.
const (
	segmentAttribute    = "segmentDelimiter"
	elementAttribute    = "elementDelimiter"
	subelementAttribute = "subelementDelimiter"
)

// delimiters separate the parts of a message. Each character of segment ends one.
type delimiters struct{ segment, element, subelement string }

// The places of the delimiters in an ISA, which has a fixed width (X12.5): the
// one of elements is behind the name, that of subelements is ISA16, and then
// comes the end of the segment.
const (
	elementPlace    = 3
	subelementPlace = 104
	segmentPlace    = 105
)

// Parse reads a message into its tree; see the package comment.
//
// Line breaks become LF, white space around the message and around the names of
// segments is dropped, and so are empty segments. An element that is not empty
// has at least the subelement 1; a delimiter at the end begins one that is empty.
func (t *Type) Parse(text string) (*tree.Node, error) {
	body := prepare(text)
	if tooShort(body) {
		return nil, &weir.Fault{
			Err:  errors.New("the message is too short to be EDI"),
			Hint: "Check that the sender sends EDI and that the message is complete.",
		}
	}
	d := t.delimitersOf(body)
	if n := d.count(body); n > MaxDelimiters {
		return nil, fmt.Errorf("the message has more than %d delimiters", MaxDelimiters)
	}
	var segments []*segment
	for s, err := range d.segments(body) {
		if err != nil {
			return nil, err
		}
		if len(segments) == MaxSegments {
			return nil, fmt.Errorf("the message has more than %d segments", MaxSegments)
		}
		segments = append(segments, s)
	}
	return d.tree(segments), nil
}

func (d *delimiters) tree(segments []*segment) *tree.Node {
	name := otherRoot
	if len(segments) > 0 && segments[0].name == "ISA" {
		name = x12Root
	}
	root := tree.New(name)
	root.FillAttribute(tree.Name{Local: segmentAttribute}, d.segment)
	root.FillAttribute(tree.Name{Local: elementAttribute}, d.element)
	root.FillAttribute(tree.Name{Local: subelementAttribute}, d.subelement)
	root.Grow(len(segments))
	for _, s := range segments {
		root.Fill(tree.NewLazy(s.name, s))
	}
	return root
}

// prepare makes line breaks LF and takes white space off both ends.
func prepare(text string) string {
	if strings.IndexByte(text, '\r') >= 0 {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	return trim(text)
}

// trim takes off what Mirth does: blanks and control characters.
func trim(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }

func tooShort(body string) bool { return utf8.RuneCountInString(body) < shortest }

// delimitersOf returns the delimiters of a prepared message: those of its ISA,
// or those of the settings.
func (t *Type) delimitersOf(body string) delimiters {
	if t.infer && strings.HasPrefix(body, "ISA") {
		if d, ok := inferred(body); ok {
			return d
		}
	}
	return delimiters{
		segment:    config.Delimiter(t.segmentDelimiter),
		element:    config.Delimiter(t.elementDelimiter),
		subelement: config.Delimiter(t.subelementDelimiter),
	}
}

// inferred reads the delimiters off an ISA. A line feed behind the end of the
// segment belongs to it.
func inferred(body string) (d delimiters, ok bool) {
	place := 0
	for i, r := range body {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(body[i:])
		}
		switch place {
		case elementPlace:
			d.element = body[i : i+size]
		case subelementPlace:
			d.subelement = body[i : i+size]
		case segmentPlace:
			d.segment = body[i : i+size]
			if strings.HasPrefix(body[i+size:], "\n") {
				d.segment += "\n"
			}
			return d, true
		}
		place++
	}
	return delimiters{}, false
}

func (d *delimiters) count(text string) int {
	n := 0
	for _, s := range [...]string{d.element, d.subelement} {
		if s != "" {
			n += strings.Count(text, s)
		}
	}
	return n
}

// segments yields the segments of a prepared message, unsplit.
func (d *delimiters) segments(body string) func(yield func(*segment, error) bool) {
	return func(yield func(*segment, error) bool) {
		for number, rest := 1, body; rest != ""; {
			var text string
			text, rest = d.cut(rest)
			if trim(text) == "" {
				continue
			}
			s, err := d.read(text)
			if err != nil {
				yield(nil, &weir.Fault{At: "segment " + strconv.Itoa(number), Err: err, Hint: "Check the delimiters in the settings."})
				return
			}
			if !yield(s, nil) {
				return
			}
			number++
		}
	}
}

func (d *delimiters) cut(text string) (segment, rest string) {
	i := strings.IndexAny(text, d.segment)
	if i < 0 {
		return text, ""
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return text[:i], text[i+size:]
}

func (d *delimiters) read(text string) (*segment, error) {
	name, elements := text, ""
	if i := strings.Index(text, d.element); i >= 0 && d.element != "" {
		name, elements = text[:i], text[i:]
	}
	s := &segment{d, trim(name), elements}
	if !tree.IsXMLName(s.name) {
		return nil, errors.New("there is no segment name before the first element delimiter")
	}
	if len(elements) > MaxSegmentDelimiters && d.count(elements) > MaxSegmentDelimiters {
		return nil, fmt.Errorf("there are more than %d delimiters", MaxSegmentDelimiters)
	}
	return s, nil
}
