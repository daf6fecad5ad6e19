package hl7v2

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/tree"
)

// encodeStrict writes a message from its XML encoding as HAPI does: segments in
// the order of the message's structure, those that the structure does not have at
// the end of their group, special characters as escape sequences, nothing for
// empty fields and segments at the end. Namespaces do not matter.
func (t *Type) encodeStrict(root *tree.Node) (string, error) {
	msh := child(root, "MSH")
	if msh == nil {
		return "", &weir.Fault{Err: errors.New("there is no MSH in the message"), Hint: "Keep it, or turn useStrictParser off for messages written."}
	}
	d, err := versionOf(strings.TrimSpace(firstText(orNew(child(msh, "MSH.12")))))
	if err != nil {
		return "", err
	}
	s := d.structure(root.Name.Local)
	if s == nil {
		return "", noStructure(root.Name.Local, d)
	}
	w := &strictWriter{dictionary: d, delimiters: standard, name: root.Name.Local, end: t.ready().end, validated: t.writeValidated}
	if f := leafText(orNew(child(msh, "MSH.1"))); f != "" {
		w.field = firstCharacters(f, 1)
	}
	if e := leafText(orNew(child(msh, "MSH.2"))); e != "" {
		w.delimiters = delimiters{field: w.field, component: "^", repetition: "~"}
		w.announce(e)
	}
	w.escapes = w.delimiters.escapes()
	text := w.group(s, root)
	return text, w.err
}

func child(n *tree.Node, name string) *tree.Node {
	for _, c := range n.Children() {
		if c.Kind == tree.Element && c.Name.Local == name {
			return c
		}
	}
	return nil
}

func orNew(n *tree.Node) *tree.Node {
	if n == nil {
		return tree.New("")
	}
	return n
}

type strictWriter struct {
	*dictionary
	delimiters
	escapes   escapes
	name      string
	end       string
	validated bool
	err       error // the first
}

// group writes what is in a group. The elements of a name go to the first part of
// that name when it repeats, and one each to the parts of that name when it does
// not; what is left over comes last.
func (w *strictWriter) group(s *structure, n *tree.Node) string {
	left := map[string][]*tree.Node{}
	var names []string
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			continue
		}
		if left[c.Name.Local] == nil {
			names = append(names, c.Name.Local)
		}
		left[c.Name.Local] = append(left[c.Name.Local], c)
	}
	var b strings.Builder
	required := "" // the first segment that must be there, unless something came before
	for _, p := range s.parts {
		name := p.name
		if p.group != nil {
			name = w.name + "." + p.name
		}
		mine := left[name]
		if !p.repeats && len(mine) > 1 {
			mine = mine[:1]
		}
		left[name] = left[name][len(mine):]
		before := b.Len()
		for _, c := range mine {
			if p.group != nil {
				b.WriteString(w.group(p.group, c))
			} else {
				b.WriteString(w.segment(c))
			}
		}
		if p.required && p.group == nil && required == "" && before == 0 {
			if required = p.name; b.Len() > 0 {
				required = "-" // it is there
			}
		}
	}
	for _, name := range names {
		for _, c := range left[name] {
			b.WriteString(w.segment(c))
		}
	}
	// As in HAPI, a group without its first segment gets an empty one, so that it
	// is found again.
	if b.Len() > 0 && required != "" && required != "-" {
		return required + w.field + w.end + b.String()
	}
	return b.String()
}

// segment writes one, or nothing when it is empty.
func (w *strictWriter) segment(n *tree.Node) string {
	fields := map[int][]string{}
	last := 0
	for _, c := range n.Children() {
		if c.Kind != tree.Element {
			continue
		}
		number := numberOf(c.Name.Local)
		if number < 1 || number > MaxPosition || !strings.HasPrefix(c.Name.Local, n.Name.Local+".") {
			w.fail(n.Name.Local, errors.New("an element in the segment is no field of it"))
			continue
		}
		fields[number] = append(fields[number], w.fieldText(n.Name.Local, number, c))
		last = max(last, number)
	}
	var b strings.Builder
	b.WriteString(n.Name.Local)
	first := 1
	if isHeader(n.Name.Local) {
		encoding := w.component + w.repetition + w.escapes.escape + w.subcomponent
		if e := child(n, n.Name.Local+".2"); e != nil {
			encoding = leafText(e)
		}
		b.WriteString(w.field + encoding)
		first = 3
	}
	empty := b.Len()
	for number := first; number <= last; number++ {
		b.WriteString(w.field)
		b.WriteString(strings.TrimRight(strings.Join(fields[number], w.repetition), w.repetition))
	}
	text := b.String()
	for strings.HasSuffix(text, w.field) && len(text) > empty {
		text = strings.TrimSuffix(text, w.field)
	}
	if len(text) == empty && first == 1 {
		return ""
	}
	return text + w.end
}

func (w *strictWriter) fail(at string, err error) {
	if w.err == nil {
		w.err = &weir.Fault{At: at, Err: err, Hint: "Correct the step that sets it."}
	}
}

// unchanged are the fields whose blanks are not made one, as Mirth sets HAPI up.
var unchanged = []string{"OBX.5", "NTE.3"}

func (w *strictWriter) fieldText(segment string, number int, n *tree.Node) string {
	at := segment + "-" + strconv.Itoa(number)
	dataType := w.fieldType(segment, number)
	components := numberedChildren(n)
	if components == nil {
		return w.value(n, at, dataType)
	}
	return w.joined(components, w.component, func(i int, c *tree.Node) string {
		inner := w.componentType(dataType, i)
		subs := numberedChildren(c)
		if subs == nil {
			return w.value(c, at, inner)
		}
		return w.joined(subs, w.subcomponent, func(j int, s *tree.Node) string {
			for numberedChildren(s) != nil {
				s = firstElement(s)
			}
			return w.value(s, at, w.componentType(inner, j))
		})
	})
}

func (w *strictWriter) componentType(dataType string, number int) string {
	if types := w.types[dataType]; number <= len(types) {
		return types[number-1]
	}
	return unknown
}

// joined writes numbered elements at their places, without delimiters at the end.
func (w *strictWriter) joined(nodes map[int]*tree.Node, delimiter string, text func(int, *tree.Node) string) string {
	last := 0
	for number := range nodes {
		last = max(last, number)
	}
	parts := make([]string, last)
	for number, n := range nodes {
		parts[number-1] = text(number, n)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, delimiter)
}

// numberedChildren returns the components of an element by their numbers, the first
// of each; nil when it has none.
func numberedChildren(n *tree.Node) map[int]*tree.Node {
	var out map[int]*tree.Node
	for _, c := range n.Children() {
		if c.Kind != tree.Element || c.Name.Local == "escape" {
			continue
		}
		number := numberOf(c.Name.Local)
		if number < 1 || number > MaxPosition || out[number] != nil {
			continue
		}
		if out == nil {
			out = make(map[int]*tree.Node)
		}
		out[number] = c
	}
	return out
}

// value writes the text of an element without components.
func (w *strictWriter) value(n *tree.Node, at, dataType string) string {
	var b strings.Builder
	for _, c := range n.Children() {
		switch {
		case c.Kind == tree.Text || c.Kind == tree.CDATA:
			text := c.Data
			if !slices.Contains(unchanged, n.Name.Local) {
				text = oneBlank(text)
			}
			b.WriteString(text)
		case c.Kind == tree.Element && c.Name.Local == "escape":
			for _, a := range c.Attributes() {
				if v := strings.TrimSpace(a.Data); a.Name.Local == "V" && v != "" {
					b.WriteString(w.escapes.escape + v + w.escapes.escape)
				}
			}
		}
	}
	value := b.String()
	if w.validated {
		if err := validate(w.firstType(dataType), value); err != nil {
			w.fail(at, err)
		}
	}
	return w.escapes.escaped(value)
}

// oneBlank makes white space in a text one blank, and none around it.
func oneBlank(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
	return trim(strings.Join(words, " "))
}

// firstType returns the type of the first component of the first component, and
// so on.
func (w *strictWriter) firstType(dataType string) string {
	for {
		types := w.types[dataType]
		if len(types) == 0 {
			return dataType
		}
		dataType = types[0]
	}
}
