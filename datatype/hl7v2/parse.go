package hl7v2

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// Limits of what a tree is made of. A message beyond them is refused: its tree
// would take several hundred times its size in memory.
const (
	MaxSegments          = 250_000
	MaxSegmentDelimiters = 100_000   // in one segment
	MaxDelimiters        = 4_000_000 // in all segments together
)

// shortest is the least number of characters of a message, as in Mirth.
const shortest = 6

// rootName is the name of a message's element.
const rootName = "HL7Message"

// Parse reads a message into its tree; see the package comment.
//
// White space around the message is dropped, and so are blank segments. The
// delimiters are those of the MSH, FHS or BHS it begins with; without one they
// are |, ^ and ~. Nothing else is demanded of the message but that it has six
// characters and that each segment has a name, which ends at the first field
// separator.
//
// An empty field has no children; any other has at least its first component. A
// component has children only where the subcomponent separator occurs. MSH-1
// and MSH-2 are texts without components.
//
// With useStrictParser the tree is another one; see parseStrict.
func (t *Type) Parse(text string) (*tree.Node, error) {
	if t.readStrict {
		return t.parseStrict(text)
	}
	m, err := t.read(text)
	if err != nil {
		return nil, err
	}
	return tree.NewLazy(rootName, m), nil
}

func tooShort(body string) bool {
	return len(body) < 4*shortest && utf8.RuneCountInString(body) < shortest
}

// message is a text whose segments have been counted and named, and not split.
type message struct {
	dialect
	delimiters delimiters
	text       string // without the white space around it
	tail       string // text, and what follows it in the text received
	present    string // which of the ends occur
	segments   int
	blank      bool // there are blank segments
	bare       bool // there are segments without a field separator
	uneven     bool // there are names with blanks or line breaks around
}

func (t *Type) read(text string) (*message, error) {
	body := trim(text)
	if tooShort(body) {
		return nil, &weir.Fault{
			Err:  errors.New("the message is too short to be HL7 v2"),
			Hint: "Check that the sender sends HL7 v2 and that the frame is complete.",
		}
	}
	m := &message{text: body, tail: trimLeft(text)}
	ends := t.ready().ends
	for _, r := range ends {
		if strings.ContainsRune(body, r) {
			m.present += string(r)
		}
	}
	first, rest := m.cut(body)
	for isBlank(first) && rest != "" {
		m.text, m.tail = rest, m.tail[len(m.text)-len(rest):]
		body = rest
		first, rest = m.cut(rest)
	}
	var encoding string
	var ok bool
	m.delimiters, encoding, ok = delimitersOf(first)
	m.dialect = t.dialect(m.delimiters, ends)
	if at := 3 + len(m.field); ok && !strings.HasPrefix(body[at:], encoding) {
		m.text = body[:at] + encoding + body[at+len(encoding)-1:] // ^~& with its escape character
		m.tail = m.text
	}
	err := m.survey()
	if m.uneven {
		m.even()
	}
	return m, err
}

// even takes off what is around the names of segments, as Mirth does: where line breaks
// are not converted, each segment but the first of a text with CRLF begins with an LF.
func (m *message) even() {
	_, size := utf8.DecodeRuneInString(m.present)
	end := m.present[:size]
	var lines []string
	for line, rest := m.cut(m.text); ; line, rest = m.cut(rest) {
		if name, _, _ := strings.Cut(line, m.field); !isBlank(line) {
			lines = append(lines, trim(name)+line[len(name):])
		}
		if rest == "" {
			break
		}
	}
	m.text = strings.Join(lines, end)
	m.tail = m.text
}

// cut returns the first line of a text and the rest.
func (m *message) cut(text string) (line, rest string) {
	i := -1
	switch len(m.present) {
	case 0:
	case 1:
		i = strings.IndexByte(text, m.present[0])
	default:
		i = strings.IndexAny(text, m.present)
	}
	if i < 0 {
		return text, ""
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return text[:i], text[i+size:]
}

// survey counts the segments, and checks their names and the limits.
func (m *message) survey() error {
	if len(m.text) > MaxSegmentDelimiters {
		if err := m.checkDelimiters(m.text, MaxDelimiters); err != nil {
			return err
		}
	}
	for line, rest := m.cut(m.text); ; line, rest = m.cut(rest) {
		if isBlank(line) {
			m.blank = true
		} else if err := m.count(line); err != nil {
			return err
		}
		if rest == "" {
			last, _ := utf8.DecodeLastRuneInString(m.text)
			m.blank = m.blank || strings.ContainsRune(m.present, last)
			return nil
		}
	}
}

func (m *message) count(line string) error {
	m.segments++
	if m.segments > MaxSegments {
		return fmt.Errorf("the message has more than %d segments", MaxSegments)
	}
	name, _, found := strings.Cut(line, m.field)
	if !found {
		m.bare = true
	}
	if !isName(name) {
		if isName(trim(name)) {
			m.uneven = true
			return m.limit(line)
		}
		return &weir.Fault{
			At:   fmt.Sprintf("segment %d", m.segments),
			Err:  errors.New("there is no segment name before the first field separator"),
			Hint: "Look for a line break inside a field, or for a wrong segment delimiter.",
		}
	}
	return m.limit(line)
}

// limit checks how many delimiters a segment has.
func (m *message) limit(line string) error {
	if len(line) > MaxSegmentDelimiters {
		if err := m.checkDelimiters(line, MaxSegmentDelimiters); err != nil {
			return fmt.Errorf("segment %d: %w", m.segments, err)
		}
	}
	return nil
}

func (c *dialect) checkDelimiters(text string, most int) error {
	n := 0
	for _, d := range [...]string{c.field, c.component, c.repetition, c.subcomponent} {
		if d != "" {
			n += strings.Count(text, d)
		}
	}
	if n > most {
		return fmt.Errorf("there are more than %d delimiters", most)
	}
	return nil
}

// isName reports whether a text can be the name of a segment, which in the tree
// is the name of an element. The common case is quick.
func isName(s string) bool {
	if len(s) == 3 && 'A' <= s[0] && s[0] <= 'Z' && isUpperOrDigit(s[1]) && isUpperOrDigit(s[2]) {
		return true
	}
	return tree.IsXMLName(s)
}

func isUpperOrDigit(c byte) bool { return 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' }

// Expand adds the segments.
func (m *message) Expand(root *tree.Node) {
	root.Grow(m.segments)
	all, nodes := make([]segment, 0, m.segments), slab{size: m.segments}
	for line, rest := m.cut(m.text); ; line, rest = m.cut(rest) {
		if !isBlank(line) {
			name, _, _ := strings.Cut(line, m.field)
			all = append(all, segment{&m.dialect, namesOf(name), line})
			s := &all[len(all)-1]
			root.Fill(nodes.lazy(s.names.name, s))
		}
		if rest == "" {
			return
		}
	}
}
