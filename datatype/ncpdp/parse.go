package ncpdp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// Limits of what a tree is made of.
const (
	MaxDelimiters = 1_000_000
	MaxDepth      = 500 // elements that hold the fields after them, inside one another
)

// shortest is the least number of characters of a message, as in Mirth.
const shortest = 3

// The elements around transactions.
const (
	groupsName = "TRANSACTIONS"
	groupName  = "TRANSACTION"
	counter    = "counter"
)

// Parse reads a message into its tree; see the package comment.
//
// White space and delimiters around the message are dropped, and so are empty
// segments and fields. The names are those of version D.0 or, for any other
// version in the header, 5.1. An id or code that has no name there becomes the
// element AM99 or XX_field.
//
// A field whose name ends in Counter holds the fields up to the next such field.
// One whose name ends in Count holds the repeating fields after it; a further
// Count opens inside of it, and a field that does not repeat closes one. The end
// of the segment closes all.
func (t *Type) Parse(text string) (*tree.Node, error) {
	d := t.read.delimiters()
	if d.segment == "" || d.field == "" {
		return nil, &weir.Fault{At: "serializationProperties", Err: errors.New("a delimiter is missing"), Hint: "Give a segment delimiter and a field delimiter."}
	}
	body := trim(text)
	if utf8.RuneCountInString(body) < shortest {
		return nil, &weir.Fault{
			Err:  errors.New("the message is too short to be NCPDP"),
			Hint: "Check that the sender sends NCPDP and that the message is complete.",
		}
	}
	if n := d.count(body); n > MaxDelimiters {
		return nil, fmt.Errorf("the message has more than %d delimiters", MaxDelimiters)
	}
	head, body := d.cutHeader(body)
	h := readHeader(head)
	if !tree.IsXMLName(h.rootName()) {
		return nil, &weir.Fault{
			At:   "header",
			Err:  errors.New("the version and the transaction code are not letters and digits"),
			Hint: "Check that the header is complete and that nothing stands before it.",
		}
	}
	p := parser{delimiters: d, dictionary: of(h.value("VersionReleaseNumber"))}
	root := tree.New(h.rootName())
	root.Fill(h.element())
	if err := p.message(root, body); err != nil {
		return nil, err
	}
	return root, nil
}

// cutHeader cuts a message before the first segment or group.
func (d *delimiters) cutHeader(text string) (header, body string) {
	header, _, _ = strings.Cut(text, d.segment)
	if d.segment == "" {
		header = text
	}
	if d.group != "" {
		header, _, _ = strings.Cut(header, d.group)
	}
	return header, text[len(header):]
}

func (d *delimiters) count(text string) int {
	n := strings.Count(text, d.segment) + strings.Count(text, d.field)
	if d.group != "" {
		n += strings.Count(text, d.group)
	}
	return n
}

// trim takes off what Mirth does: blanks and control characters, so that
// delimiters at the end go too.
func trim(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }

type parser struct {
	delimiters
	*dictionary
	segmentCount int
}

// message adds the segments before the first group and the groups.
func (p *parser) message(root *tree.Node, body string) error {
	first, rest, more := body, "", false
	if p.group != "" {
		first, rest, more = strings.Cut(body, p.group)
	}
	if err := p.parseSegments(root, first); err != nil || !more {
		return err
	}
	groups := tree.New(groupsName)
	root.Fill(groups)
	for number := 1; more; number++ {
		var text string
		text, rest, more = strings.Cut(rest, p.group)
		g := tree.New(groupName)
		g.FillAttribute(tree.Name{Local: counter}, strconv.Itoa(number))
		groups.Fill(g)
		if err := p.parseSegments(g, text); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) parseSegments(parent *tree.Node, text string) error {
	for more := true; more; {
		var one string
		one, text, more = strings.Cut(text, p.segment)
		if trim(one) == "" {
			continue
		}
		p.segmentCount++
		s, err := p.parseSegment(one)
		if err != nil {
			return &weir.Fault{At: "segment " + strconv.Itoa(p.segmentCount), Err: err, Hint: "Check the delimiters in the settings."}
		}
		parent.Fill(s)
	}
	return nil
}

func (p *parser) parseSegment(text string) (*tree.Node, error) {
	text = strings.TrimPrefix(text, p.field)
	id, rest, more := strings.Cut(text, p.field)
	name := nameOr(p.segments, id)
	if !tree.IsXMLName(name) {
		return nil, errors.New("there is no segment id before the first field")
	}
	open := nest{tree.New(name)}
	for number := 1; more; number++ {
		var field string
		field, rest, more = strings.Cut(rest, p.field)
		if field == "" {
			continue
		}
		if err := p.parseField(&open, field); err != nil {
			return nil, fmt.Errorf("field %d: %w", number, err)
		}
	}
	return open[0], nil
}

// parseField adds a field to what is open in its segment.
func (p *parser) parseField(open *nest, text string) error {
	code, value := cutCode(text)
	name, ok := p.fields[code]
	if !ok {
		name = code + "_field"
		if !tree.IsXMLName(name) {
			return errors.New("its code is not known and cannot be the name of an XML element")
		}
	}
	n := tree.New(name)
	switch {
	case isCounter(name):
		open.endCounter()
		n.FillAttribute(tree.Name{Local: counter}, value)
		return open.begin(n)
	case isCount(name):
		n.FillAttribute(tree.Name{Local: name}, value)
		return open.begin(n)
	}
	if !p.repeating[name] {
		open.endCount()
	}
	if value != "" {
		n.Fill(tree.NewText(value))
	}
	open.last().Fill(n)
	return nil
}

// cutCode cuts the two characters of the code off a field.
func cutCode(text string) (code, value string) {
	n := 0
	for i := 0; i < 2 && n < len(text); i++ {
		_, size := utf8.DecodeRuneInString(text[n:])
		n += size
	}
	return text[:n], text[n:]
}

// nest is a segment and the elements open inside of it, the innermost last.
type nest []*tree.Node

func (o nest) last() *tree.Node { return o[len(o)-1] }

func (o *nest) begin(n *tree.Node) error {
	if len(*o) > MaxDepth {
		return fmt.Errorf("more than %d counts are inside one another", MaxDepth)
	}
	o.last().Fill(n)
	*o = append(*o, n)
	return nil
}

// endCount closes the innermost element when it is a Count.
func (o *nest) endCount() {
	if len(*o) > 1 && isCount(o.last().Name.Local) {
		*o = (*o)[:len(*o)-1]
	}
}

// endCounter closes the open Counter with all that is inside, or, when there is
// none, what any field closes that does not repeat.
func (o *nest) endCounter() {
	for i := len(*o) - 1; i > 0; i-- {
		if isCounter((*o)[i].Name.Local) {
			*o = (*o)[:i]
			return
		}
	}
	o.endCount()
}
