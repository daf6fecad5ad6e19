package mirth

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of what is read. A backup of several hundred channels has some 50 MiB
// and a million elements, forty deep.
const (
	MaxFile     = 256 << 20 // bytes
	MaxDepth    = 300       // elements inside one another
	MaxElements = 5_000_000 // elements and attributes of one file
)

// limits are the above, smaller in tests.
type limits struct{ file, depth, elements int }

var defaultLimits = limits{MaxFile, MaxDepth, MaxElements}

// SyntaxError is why a file is not well-formed XML, and where. It never quotes
// the file.
type SyntaxError struct {
	Line   int // from 1
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// scanner reads text into elements that know their line. Comments and
// processing instructions go; namespaces are part of names.
type scanner struct {
	limits
	text  string
	pos   int
	line  int // of pos
	count int // elements and attributes so far
	names map[string]string
	open  []*element
	texts [][]byte // of each open element, its own
	root  *element
}

// scan returns the root element of text, which is valid UTF-8.
func scan(text string, l limits) (*element, error) {
	s := &scanner{limits: l, text: text, line: 1, names: map[string]string{}}
	for s.pos < len(s.text) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	switch {
	case len(s.open) > 0:
		e := s.open[len(s.open)-1]
		return nil, s.fail("the file ends inside <%s> of line %d: it was cut, or not copied completely", shown(e.name), e.line)
	case s.root == nil:
		return nil, s.fail("there is no element in the file")
	}
	return s.root, nil
}

func (s *scanner) fail(format string, args ...any) error {
	return &SyntaxError{Line: s.line, Reason: fmt.Sprintf(format, args...)}
}

// advance moves on by n bytes, counting lines.
func (s *scanner) advance(n int) string {
	part := s.text[s.pos : s.pos+n]
	s.line += strings.Count(part, "\n")
	s.pos += n
	return part
}

func (s *scanner) next() error {
	rest := s.text[s.pos:]
	switch {
	case rest[0] != '<':
		return s.characters()
	case strings.HasPrefix(rest, "</"):
		return s.endTag()
	case strings.HasPrefix(rest, "<!--"):
		_, err := s.upTo("<!--", "-->", "a comment")
		return err
	case strings.HasPrefix(rest, "<![CDATA["):
		text, err := s.upTo("<![CDATA[", "]]>", "a CDATA section")
		if err == nil {
			err = s.add(lineEnds(text))
		}
		return err
	case strings.HasPrefix(rest, "<?"):
		_, err := s.upTo("<?", "?>", "a processing instruction")
		return err
	case strings.HasPrefix(rest, "<!"):
		return s.fail("document types and entities are not accepted")
	}
	return s.startTag()
}

// upTo reads markup that begins and ends as given and returns what is between.
func (s *scanner) upTo(begin, end, what string) (string, error) {
	n := strings.Index(s.text[s.pos+len(begin):], end)
	if n < 0 {
		return "", s.fail("%s has no end", what)
	}
	inside := s.text[s.pos+len(begin) : s.pos+len(begin)+n]
	s.advance(len(begin) + n + len(end))
	return inside, nil
}

func (s *scanner) characters() error {
	n := strings.IndexByte(s.text[s.pos:], '<')
	if n < 0 {
		n = len(s.text) - s.pos
	}
	text, err := s.value(s.text[s.pos : s.pos+n])
	if err != nil {
		return err
	}
	if err := s.add(text); err != nil {
		return err
	}
	s.advance(n)
	return nil
}

// add puts text into the innermost element.
func (s *scanner) add(text string) error {
	if len(s.open) == 0 {
		if strings.TrimSpace(text) != "" {
			return s.fail("there is text outside of the root element")
		}
		return nil
	}
	own := &s.texts[len(s.open)-1]
	*own = append(*own, text...)
	return nil
}

func (s *scanner) startTag() error {
	e := &element{line: s.line}
	s.advance(1)
	if e.name = s.name(); e.name == "" {
		return s.fail("a < is not followed by a name")
	}
	empty, err := s.attributes(e)
	if err != nil {
		return err
	}
	if Foreign(e.name) || slices.ContainsFunc(e.attrs, func(a attribute) bool { return namesClass[a.name] && Foreign(a.value) }) {
		return s.fail(foreignReason)
	}
	e.short = empty
	if err := s.place(e); err != nil {
		return err
	}
	if !empty {
		s.open = append(s.open, e)
		if len(s.texts) < len(s.open) {
			s.texts = append(s.texts, nil)
		}
		s.texts[len(s.open)-1] = s.texts[len(s.open)-1][:0]
	}
	return nil
}

// place makes e a child of the innermost element, or the root.
func (s *scanner) place(e *element) error {
	s.count += 1 + len(e.attrs)
	switch {
	case len(s.open) >= s.depth:
		return s.fail("more than %d elements are inside one another", s.depth)
	case s.count > s.elements:
		return s.fail("the file has more than %d elements", s.elements)
	case len(s.open) > 0:
		parent := s.open[len(s.open)-1]
		parent.children = append(parent.children, e)
	case s.root != nil:
		return s.fail("there is a second root element")
	default:
		s.root = e
	}
	return nil
}

func (s *scanner) endTag() error {
	s.advance(2)
	name := s.name()
	s.blanks()
	if s.pos >= len(s.text) || s.text[s.pos] != '>' {
		return s.fail("the end tag </%s is not closed", shown(name))
	}
	if len(s.open) == 0 {
		return s.fail("</%s> has no start tag", shown(name))
	}
	e := s.open[len(s.open)-1]
	if e.name != name {
		return s.fail("</%s> stands where <%s> of line %d should end", shown(name), shown(e.name), e.line)
	}
	s.advance(1)
	e.text = string(s.texts[len(s.open)-1])
	if len(e.children) > 0 && strings.TrimSpace(e.text) == "" {
		e.text = "" // indentation
	}
	s.open = s.open[:len(s.open)-1]
	return nil
}

// attributes reads up to the end of a start tag.
func (s *scanner) attributes(e *element) (empty bool, err error) {
	for {
		s.blanks()
		rest := s.text[s.pos:]
		switch {
		case rest == "":
			return false, s.fail("the file ends inside the tag <%s>: it was cut, or not copied completely", shown(e.name))
		case rest[0] == '>':
			s.advance(1)
			return false, nil
		case strings.HasPrefix(rest, "/>"):
			s.advance(2)
			return true, nil
		}
		a, err := s.attribute()
		if err != nil {
			return false, err
		}
		if s.count+len(e.attrs) > s.elements {
			return false, s.fail("the file has more than %d elements", s.elements)
		}
		e.attrs = append(e.attrs, a)
	}
}

func (s *scanner) attribute() (attribute, error) {
	a := attribute{name: s.name()}
	s.blanks()
	if a.name == "" || s.pos >= len(s.text) || s.text[s.pos] != '=' {
		return a, s.fail("a tag holds something that is no attribute")
	}
	s.advance(1)
	s.blanks()
	if s.pos >= len(s.text) || s.text[s.pos] != '"' && s.text[s.pos] != '\'' {
		return a, s.fail("the attribute %s has no quoted value", shown(a.name))
	}
	n := strings.IndexByte(s.text[s.pos+1:], s.text[s.pos])
	if n < 0 {
		return a, s.fail("the value of the attribute %s has no end", shown(a.name))
	}
	value, err := s.value(s.text[s.pos+1 : s.pos+1+n])
	if err != nil {
		return a, err
	}
	a.value = strings.Clone(value)
	s.advance(n + 2)
	return a, nil
}

// name reads a name; an empty one means there is none. Names are shared and do
// not hold on to the file's text, which a channel outlives.
func (s *scanner) name() string {
	n := strings.IndexAny(s.text[s.pos:], " \t\r\n/>=<\"'&")
	if n < 0 {
		n = len(s.text) - s.pos
	}
	written := s.advance(n)
	name, ok := s.names[written]
	if !ok {
		name = strings.Clone(written)
		s.names[name] = name
	}
	return name
}

func (s *scanner) blanks() {
	n := 0
	for n < len(s.text)-s.pos && strings.IndexByte(" \t\r\n", s.text[s.pos+n]) >= 0 {
		n++
	}
	s.advance(n)
}

// value replaces references and line ends in raw.
func (s *scanner) value(raw string) (string, error) {
	raw = lineEnds(raw)
	if !strings.Contains(raw, "&") {
		return raw, nil
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(raw, "&")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		ref, after, ended := strings.Cut(rest, ";")
		r, ok := reference(ref)
		if !ended || !ok {
			s.line += strings.Count(b.String(), "\n")
			return "", s.fail("an & is not followed by the name of a character such as amp;")
		}
		b.WriteRune(r)
		raw = after
	}
}

var entities = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

// reference returns the character that a reference names. Numbers may name
// characters that XML 1.0 forbids, because Mirth writes them.
func reference(ref string) (rune, bool) {
	if r, ok := entities[ref]; ok {
		return r, true
	}
	digits, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// lineEnds makes CR LF and CR to LF, as XML asks. A CR that belongs to the text
// is written &#xd;.
func lineEnds(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// shown is a name short and plain enough for an error text.
func shown(name string) string {
	if len(name) > 80 {
		name = strings.ToValidUTF8(name[:80], "") + "…"
	}
	return name
}
