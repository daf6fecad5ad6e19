package hl7v2

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// parseStrict reads a message by the structures of the standard, into the tree of
// its XML encoding (HL7 v2.xml) as HAPI writes it: groups are elements, components
// are named by their data types, what is empty is left out, escape sequences are
// decoded. A segment that is not expected where it stands stays there.
func (t *Type) parseStrict(text string) (*tree.Node, error) {
	m, err := t.read(text)
	if err != nil {
		return nil, err
	}
	// The strict parser splits all that the standard splits.
	m.repetition, m.subcomponent = m.delimiters.repetition, m.delimiters.subcomponent
	lines := m.lines()
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "MSH") {
		return nil, &weir.Fault{Err: errors.New("the message does not begin with an MSH"), Hint: "The strict parser needs one."}
	}
	msh := strings.Split(lines[0], m.field)
	d, err := versionOf(m.part(msh, 11, 0))
	if err != nil {
		return nil, err
	}
	name, s := d.structureOf(m.part(msh, 8, 0), m.part(msh, 8, 1), m.part(msh, 8, 2))
	if s == nil {
		return nil, noStructure(name, d)
	}
	r := &strictReader{dialect: &m.dialect, escapes: m.delimiters.escapes(), dictionary: d, name: name, validated: t.readValidated, space: xmlSpace}
	if t.stripNamespaces {
		r.space = ""
	}
	root := r.element(name)
	if r.space != "" {
		root.FillNamespace(tree.Namespace{URI: r.space})
	}
	p := &placer{reader: r, open: []spot{{structure: s, node: root, at: -1}}}
	for i, line := range lines {
		segment, err := r.segment(line)
		if err != nil {
			var f *weir.Fault
			if errors.As(err, &f) && i > 0 {
				return nil, &weir.Fault{At: fmt.Sprintf("segment %d", i+1), Err: err}
			}
			return nil, err
		}
		p.put(segment)
	}
	return root, nil
}

func versionOf(version string) (*dictionary, error) {
	switch d := dictionaries()[version]; {
	case version == "":
		return nil, &weir.Fault{At: "MSH-12", Err: errors.New("the message does not say its version"), Hint: "The strict parser needs it."}
	case d == nil:
		return nil, &weir.Fault{At: "MSH-12", Err: errors.New("the version of the message is not known"), Hint: "The strict parser has the versions 2.1 to 2.8; turn useStrictParser off for others."}
	default:
		return d, nil
	}
}

func noStructure(name string, d *dictionary) error {
	err := errors.New("the message has a structure that the standard does not define")
	if len(name) <= 12 && isName(name) {
		err = fmt.Errorf("the message has the structure %s, which version %s of the standard does not define", name, d.version)
	}
	return &weir.Fault{At: "MSH-9", Err: err, Hint: "Correct MSH-9, or turn useStrictParser off."}
}

func (m *message) lines() []string {
	var out []string
	for line, rest := m.cut(m.text); ; line, rest = m.cut(rest) {
		if line = trimLeft(line); line != "" {
			out = append(out, line)
		}
		if rest == "" {
			return out
		}
	}
}

// part returns a component of a field that has been split; MSH-9 is at 8.
func (m *message) part(fields []string, field, component int) string {
	if field >= len(fields) {
		return ""
	}
	text, _, _ := strings.Cut(fields[field], m.repetition)
	parts := split(text, m.component)
	if component >= len(parts) {
		return ""
	}
	return parts[component]
}

// split is strings.Split, but nothing splits where there is no delimiter.
func split(text, delimiter string) []string {
	if delimiter == "" {
		return []string{text}
	}
	return strings.Split(text, delimiter)
}

// strictReader makes elements of segments.
type strictReader struct {
	*dialect
	*dictionary
	escapes
	name      string // of the structure
	space     string
	validated bool
}

func (r *strictReader) element(name string) *tree.Node {
	return tree.NewNamed(tree.Name{Space: r.space, Local: name})
}

func (r *strictReader) segment(line string) (*tree.Node, error) {
	fields := split(line, r.field)
	name := fields[0]
	n := r.element(name)
	first := 1
	if isHeader(name) {
		// Their first field is the separator itself, and the second says how to
		// split the others.
		fields = append([]string{name, r.field}, fields[1:]...)
		r.text(n, name, 1, fields[1])
		if len(fields) > 2 {
			r.text(n, name, 2, fields[2])
		}
		first = 3
	}
	for number := first; number < len(fields); number++ {
		dataType := r.fieldType(name, number)
		if dataType == unknown {
			var err error
			if dataType, err = r.dependent(name, number, fields); err != nil {
				return nil, err
			}
		}
		for _, repetition := range split(fields[number], r.repetition) {
			f := r.element(numbered(name, number))
			filled, err := r.fill(f, dataType, repetition)
			if err != nil {
				return nil, &weir.Fault{At: name + "-" + strconv.Itoa(number), Err: err, Hint: "Correct the sender, or turn useStrictValidation off."}
			}
			if filled {
				n.Fill(f)
			}
		}
	}
	return n, nil
}

// text adds a field as it stands.
func (r *strictReader) text(n *tree.Node, segment string, number int, value string) {
	if value != "" {
		f := r.element(numbered(segment, number))
		f.Fill(tree.NewText(value))
		n.Fill(f)
	}
}

// dependent returns the data type of a field that another one names.
func (r *strictReader) dependent(segment string, number int, fields []string) (string, error) {
	by := 0
	switch {
	case segment == "OBX" && number == 5:
		by = 2
	case segment == "MFE" && number == 4 && r.version > "2.3":
		by = 5
	default:
		return unknown, nil
	}
	named := ""
	if by < len(fields) {
		named = fields[by]
	}
	at := segment + "-" + strconv.Itoa(by)
	switch {
	case strings.Trim(fields[number], r.component+r.subcomponent+r.repetition) == "":
		return unknown, nil
	case named == "":
		return "", &weir.Fault{At: at, Err: fmt.Errorf("the data type of %s-%d is missing", segment, number), Hint: "Correct the sender, or turn useStrictParser off."}
	case !r.isKnownType(named):
		return "", &weir.Fault{At: at, Err: fmt.Errorf("the data type of %s-%d is none of version %s", segment, number, r.version), Hint: "Correct the sender, or turn useStrictParser off."}
	}
	return named, nil
}

// fill adds the components of a text to its element, and reports whether there are
// any. Of a type without components only the first one counts, as in HAPI.
func (r *strictReader) fill(n *tree.Node, dataType, text string) (bool, error) {
	parts := split(text, r.component)
	if dataType == unknown {
		return r.fillUnknown(n, parts)
	}
	types, composite := r.types[dataType]
	if !composite {
		return r.primitive(n, dataType, split(parts[0], r.subcomponent)[0])
	}
	filled := false
	for i, part := range parts {
		if i >= len(types) {
			break
		}
		c := r.element(numbered(dataType, i+1))
		ok, err := r.fillComponent(c, types[i], split(part, r.subcomponent))
		if err != nil {
			return false, err
		}
		if ok {
			n.Fill(c)
			filled = true
		}
	}
	return filled, nil
}

func (r *strictReader) fillComponent(n *tree.Node, dataType string, parts []string) (bool, error) {
	types, composite := r.types[dataType]
	if !composite {
		return r.primitive(n, dataType, parts[0])
	}
	filled := false
	for i, part := range parts {
		if i >= len(types) {
			break
		}
		c := r.element(numbered(dataType, i+1))
		ok, err := r.fillFirst(c, types[i], part)
		if err != nil {
			return false, err
		}
		if ok {
			n.Fill(c)
			filled = true
		}
	}
	return filled, nil
}

// fillFirst puts a text where no delimiter is left into the first component of the
// first component, and so on.
func (r *strictReader) fillFirst(n *tree.Node, dataType, text string) (bool, error) {
	types, composite := r.types[dataType]
	if !composite || len(types) == 0 {
		return r.primitive(n, dataType, text)
	}
	c := r.element(numbered(dataType, 1))
	ok, err := r.fillFirst(c, types[0], text)
	if ok {
		n.Fill(c)
	}
	return ok, err
}

// anonymous is the name of a data type that nobody knows, as in HAPI.
const anonymous = "UNKNOWN"

func (r *strictReader) fillUnknown(n *tree.Node, parts []string) (bool, error) {
	if len(parts) == 1 {
		if subs := split(parts[0], r.subcomponent); len(subs) == 1 {
			return r.primitive(n, "", parts[0])
		}
	}
	filled := false
	for i, part := range parts {
		c := r.element(numbered(anonymous, i+1))
		subs := split(part, r.subcomponent)
		ok := false
		if len(subs) == 1 {
			ok, _ = r.primitive(c, "", part)
		} else {
			for j, sub := range subs {
				s := r.element(numbered(anonymous, j+1))
				if has, _ := r.primitive(s, "", sub); has {
					c.Fill(s)
					ok = true
				}
			}
		}
		if ok {
			n.Fill(c)
			filled = true
		}
	}
	return filled, nil
}

// primitive adds a value without its escape sequences. Those that format a text
// become elements: <escape V=".br"/>.
func (r *strictReader) primitive(n *tree.Node, dataType, value string) (bool, error) {
	value = r.unescape(value)
	if value == "" {
		return false, nil
	}
	if r.validated {
		if err := validate(dataType, value); err != nil {
			return false, err
		}
	}
	if r.escape == "" || !strings.Contains(value, r.escape) {
		n.Fill(tree.NewText(value))
		return true, nil
	}
	r.fillEscaped(n, value)
	return true, nil
}

func (r *strictReader) fillEscaped(n *tree.Node, value string) {
	text := func(s string) {
		if s != "" {
			n.Fill(tree.NewText(s))
		}
	}
	parts := strings.Split(value, r.escape)
	text(parts[0])
	escaping := true
	for i, part := range parts[1:] {
		last := i == len(parts)-2
		switch {
		case !escaping:
			text(part)
			escaping = true
		case last:
			text(r.escape + part)
		case isFormat(part):
			e := r.element("escape")
			e.FillAttribute(tree.Name{Local: "V"}, part)
			n.Fill(e)
			escaping = false
		default:
			text(r.escape + part)
		}
	}
}

func isFormat(sequence string) bool {
	return strings.HasPrefix(sequence, ".") || sequence == "H" || sequence == "N"
}

// placer puts segments into the groups that they belong to.
type placer struct {
	reader *strictReader
	open   []spot // from the root to the innermost group
}

// spot is a group that is being filled. at is the part that came last, -1 before
// the first.
type spot struct {
	structure *structure
	node      *tree.Node
	at        int
}

// put finds the next place for a segment: as another repetition, further on in the
// group, in a group further on, in another repetition of a group around it, or
// further on behind that. What has no place is put where it is.
func (p *placer) put(segment *tree.Node) {
	name := segment.Name.Local
	for level := len(p.open) - 1; level >= 0; level-- {
		here := p.open[level]
		for at := max(0, here.at); at < len(here.structure.parts); at++ {
			one := here.structure.parts[at]
			again := at == here.at // another repetition of what came last
			if again && !one.repeats || one.group == nil && one.name != name || one.group != nil && !one.group.first[name] {
				continue
			}
			p.open = p.open[:level+1]
			p.open[level].at = at
			p.enter(one, segment)
			return
		}
	}
	p.innermost().node.Fill(segment)
}

func (p *placer) innermost() *spot { return &p.open[len(p.open)-1] }

// enter adds a segment, and the groups from one on that it begins.
func (p *placer) enter(one part, segment *tree.Node) {
	for one.group != nil {
		n := p.reader.element(p.reader.name + "." + one.name)
		p.innermost().node.Fill(n)
		p.open = append(p.open, spot{structure: one.group, node: n})
		for at, inner := range one.group.parts {
			if inner.group == nil && inner.name == segment.Name.Local || inner.group != nil && inner.group.first[segment.Name.Local] {
				p.innermost().at, one = at, inner
				break
			}
		}
	}
	p.innermost().node.Fill(segment)
}
