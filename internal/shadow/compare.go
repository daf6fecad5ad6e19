// Package shadow compares what two engines made of the same message, field by
// field, and leaves out what differs each time: the rules for that are [Masks].
package shadow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Difference is one place at which two texts differ.
type Difference struct {
	Place    string // PID-3[2].1, /a/b[2]/@c, line 3; empty is the text as a whole
	Recorded string // what the other engine made; empty where it has nothing there
	Here     string
}

// Limits of a comparison.
const (
	MaxText        = 16 << 20 // bytes; longer texts are compared as a whole
	MaxDifferences = 1000     // of one text; what is beyond is one more
	maxAligned     = 4000     // segments or lines that are aligned
	maxDepth       = 100      // of XML and JSON
)

// Compare compares two texts by what they are: HL7 v2 by fields, XML by elements,
// JSON by members, else by lines. where is the connector whose texts they are.
func Compare(recorded, here string, masks Masks, where string) []Difference {
	masks = masks.of(where)
	recorded, here = masks.cut(recorded), masks.cut(here)
	if recorded == here {
		return nil
	}
	c := comparison{masks: masks}
	switch {
	case len(recorded) > MaxText || len(here) > MaxText:
		c.add("", recorded, here)
	case isHL7(recorded) && isHL7(here):
		c.hl7(recorded, here)
	case isXML(recorded) && isXML(here) && c.xml(recorded, here):
	case isJSON(recorded) && isJSON(here) && c.json(recorded, here):
	default:
		c.lines(splitLines(recorded), splitLines(here))
	}
	if len(c.found) == 0 && !c.masked {
		// The same to a reader, and not byte for byte.
		c.add("layout", recorded, here)
	}
	return c.found
}

type comparison struct {
	masks  Masks
	found  []Difference
	masked bool // something differs that is left out
}

// add notes a difference, unless its place is masked.
func (c *comparison) add(place, recorded, here string) {
	switch {
	case c.masks.hides(place):
		c.masked = true
	case len(c.found) == MaxDifferences:
		c.found = append(c.found, Difference{Place: "and more"})
	case len(c.found) < MaxDifferences:
		c.found = append(c.found, Difference{place, recorded, here})
	}
}

func isHL7(s string) bool {
	return len(s) > 8 && (strings.HasPrefix(s, "MSH") || strings.HasPrefix(s, "FHS") || strings.HasPrefix(s, "BHS"))
}

func isXML(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "<") }

func isJSON(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")
}

func splitLines(s string) []string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// segment is a line of HL7 v2 with its name and which of that name it is.
type segment struct {
	name, text string
	number     int // from 1
	only       bool
}

func segments(s string) []segment {
	var list []segment
	count := map[string]int{}
	for _, line := range splitLines(s) {
		name := line[:min(len(line), 3)]
		count[name]++
		list = append(list, segment{name: name, text: line, number: count[name]})
	}
	for i := range list {
		list[i].only = count[list[i].name] == 1
	}
	return list
}

func (s segment) place() string {
	if s.only {
		return s.name
	}
	return fmt.Sprintf("%s[%d]", s.name, s.number)
}

// hl7 compares message by message of a batch as one list of segments, which are
// aligned by their names.
func (c *comparison) hl7(recorded, here string) {
	a, b := segments(recorded), segments(here)
	for _, p := range align(a, b, func(x, y segment) bool { return x.name == y.name }) {
		switch {
		case p.b == nil:
			c.add(p.a.place(), p.a.text, "")
		case p.a == nil:
			c.add(p.b.place(), "", p.b.text)
		case p.a.text != p.b.text:
			if p.b.only || !p.a.only {
				c.fields(p.a.place(), *p.a, *p.b, delimitersOf(a), delimitersOf(b))
			} else {
				c.fields(p.b.place(), *p.a, *p.b, delimitersOf(a), delimitersOf(b))
			}
		}
	}
}

// delimiters of HL7 v2: field, component, repetition, subcomponent.
type delimiters struct{ field, component, repetition, sub string }

func delimitersOf(list []segment) delimiters {
	d := delimiters{"|", "^", "~", "&"}
	if head := list[0].text; len(head) > 8 {
		d.field, d.component, d.repetition = head[3:4], head[4:5], head[5:6]
		if head[7:8] != d.field {
			d.sub = head[7:8]
		}
	}
	return d
}

func (c *comparison) fields(place string, a, b segment, da, db delimiters) {
	x, y := strings.Split(a.text, da.field), strings.Split(b.text, db.field)
	first := 0
	if a.name == "MSH" || a.name == "FHS" || a.name == "BHS" {
		first = 1 // the field separator is the first field
	}
	for i := 1; i < max(len(x), len(y)); i++ {
		fx, fy := at(x, i), at(y, i)
		field := fmt.Sprintf("%s-%d", place, i+first)
		switch {
		case fx == fy && da == db:
		case first == 1 && i == 1:
			if fx != fy || da.field != db.field {
				c.add(field, fx, fy)
			}
		default:
			c.repetitions(field, fx, fy, da, db)
		}
	}
}

func (c *comparison) repetitions(place, a, b string, da, db delimiters) {
	x, y := strings.Split(a, da.repetition), strings.Split(b, db.repetition)
	for i := range max(len(x), len(y)) {
		rep := place
		if max(len(x), len(y)) > 1 {
			rep = fmt.Sprintf("%s[%d]", place, i+1)
		}
		c.parts(rep, at(x, i), at(y, i), []string{da.component, da.sub}, []string{db.component, db.sub})
	}
}

// parts compares components, and those of them subcomponents.
func (c *comparison) parts(place, a, b string, da, db []string) {
	if len(da) == 0 || da[0] == "" || db[0] == "" || !strings.Contains(a, da[0]) && !strings.Contains(b, db[0]) {
		if a != b {
			c.add(place, a, b)
		}
		return
	}
	x, y := strings.Split(a, da[0]), strings.Split(b, db[0])
	before := len(c.found)
	for i := range max(len(x), len(y)) {
		c.parts(fmt.Sprintf("%s.%d", place, i+1), at(x, i), at(y, i), da[1:], db[1:])
	}
	if len(c.found) == before && a != b && da[0] == db[0] && strings.TrimRight(a, da[0]) != a != (strings.TrimRight(b, db[0]) != b) {
		c.add(place+" (trailing delimiters)", a, b)
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// lines compares texts that have no structure.
func (c *comparison) lines(a, b []string) {
	type line struct {
		number int
		text   string
	}
	number := func(list []string) (out []line) {
		for i, text := range list {
			out = append(out, line{i + 1, text})
		}
		return out
	}
	var missing []line // that wait for lines in their place
	flush := func() {
		for _, l := range missing {
			c.add("line "+strconv.Itoa(l.number), l.text, "")
		}
		missing = nil
	}
	for _, p := range align(number(a), number(b), func(x, y line) bool { return x.text == y.text }) {
		switch {
		case p.b == nil:
			missing = append(missing, *p.a)
		case p.a == nil && len(missing) > 0:
			c.add("line "+strconv.Itoa(p.b.number), missing[0].text, p.b.text)
			missing = missing[1:]
		case p.a == nil:
			c.add("line "+strconv.Itoa(p.b.number), "", p.b.text)
		default:
			flush()
		}
	}
	flush()
}

// pair is what stands in both lists, or in one.
type pair[T any] struct{ a, b *T }

// align finds the longest list of what is equal in both, in order. Very long lists
// are paired by their positions.
func align[T any](a, b []T, equal func(x, y T) bool) (list []pair[T]) {
	head := 0
	for head < len(a) && head < len(b) && equal(a[head], b[head]) {
		list = append(list, pair[T]{&a[head], &b[head]})
		head++
	}
	a, b = a[head:], b[head:]
	tail := 0
	for tail < len(a) && tail < len(b) && equal(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	restA, restB := a[len(a)-tail:], b[len(b)-tail:]
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	list = append(list, middle(a, b, equal)...)
	for i := range restA {
		list = append(list, pair[T]{&restA[i], &restB[i]})
	}
	return list
}

func middle[T any](a, b []T, equal func(x, y T) bool) (list []pair[T]) {
	if len(a) > maxAligned || len(b) > maxAligned {
		for i := range max(len(a), len(b)) {
			switch {
			case i < len(a) && i < len(b) && equal(a[i], b[i]):
				list = append(list, pair[T]{&a[i], &b[i]})
			default:
				if i < len(a) {
					list = append(list, pair[T]{a: &a[i]})
				}
				if i < len(b) {
					list = append(list, pair[T]{b: &b[i]})
				}
			}
		}
		return list
	}
	common := make([][]int32, len(a)+1) // of a[i:] and b[j:]
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if equal(a[i], b[j]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && equal(a[i], b[j]):
			list = append(list, pair[T]{&a[i], &b[j]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			list = append(list, pair[T]{a: &a[i]})
			i++
		default:
			list = append(list, pair[T]{b: &b[j]})
			j++
		}
	}
	return list
}

// json compares two JSON texts, and reports whether they are.
func (c *comparison) json(recorded, here string) bool {
	var a, b any
	for text, into := range map[string]*any{recorded: &a, here: &b} {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(into) != nil || d.More() {
			return false
		}
	}
	c.values("", a, b, 0)
	return true
}

func (c *comparison) values(place string, a, b any, depth int) {
	if depth > maxDepth {
		return
	}
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			names := map[string]bool{}
			for name := range x {
				names[name] = true
			}
			for name := range y {
				names[name] = true
			}
			for _, name := range sorted(names) {
				vx, inX := x[name]
				vy, inY := y[name]
				if inX && inY {
					c.values(place+"/"+name, vx, vy, depth+1)
				} else {
					c.add(place+"/"+name, textOf(vx, inX), textOf(vy, inY))
				}
			}
			return
		}
	case []any:
		if y, ok := b.([]any); ok {
			for i := range max(len(x), len(y)) {
				item := fmt.Sprintf("%s[%d]", place, i+1)
				switch {
				case i >= len(x):
					c.add(item, "", textOf(y[i], true))
				case i >= len(y):
					c.add(item, textOf(x[i], true), "")
				default:
					c.values(item, x[i], y[i], depth+1)
				}
			}
			return
		}
	}
	if tx, ty := textOf(a, true), textOf(b, true); tx != ty {
		c.add(place, tx, ty)
	}
}

func sorted(names map[string]bool) (list []string) {
	for name := range names {
		list = append(list, name)
	}
	slices.SortFunc(list, cmp.Compare)
	return list
}

func textOf(v any, there bool) string {
	if !there {
		return ""
	}
	text, _ := json.Marshal(v)
	return string(text)
}
