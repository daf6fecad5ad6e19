package mirth

import (
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// A file may differ from what Weir writes without meaning anything else: it
// leaves out an element that is empty, numbers its steps in another way, was
// written by a plugin with a version of its own. Each such difference is kept in
// Extra under @written: where it is, what Weir writes there, and what the file
// has. It is applied when the channel is written again, as long as Weir still
// writes the same there: an edit is never undone.

// writtenName is the setting of Extra that holds the differences.
const writtenName = "@written"

// Names of a difference's parts: each is {at: path, weir: what is written, file:
// what the file has}. Without weir the file has an element more, without file
// one less. A path that ends in /@name is that of an attribute.
const (
	diffName = "difference"
	diffAt   = "at"
	diffWeir = "weir"
	diffFile = "file"
)

// keepsVersion is since when nothing is known to have changed in the shape of
// files: those written since then keep their version.
var keepsVersion = version{3, 12, 0}

// spelling returns what Extra keeps of a file's own way to write a channel.
func spelling(e *element, ch *weir.Channel, libs []Library) config.Group {
	var extra config.Group
	if v := e.attr("version"); v != WrittenVersion && !parseVersion(v).before(keepsVersion) {
		extra = append(extra, config.Setting{Name: "@version", Text: v})
	}
	if writesEmptyTemplates(e) {
		extra = append(extra, config.Setting{Name: emptyTemplates, Text: "true"})
	}
	with := *ch
	with.Extra = append(ch.Extra[:len(ch.Extra):len(ch.Extra)], extra...)
	s := &speller{current: !e.version.before(keepsVersion)}
	s.compare("", channelElement(&with, libs), e)
	return appendNested(extra, writtenName, s.found)
}

// emptyTemplates is the setting of Extra that says that templates are written
// where they are empty. Mirth's editor makes them empty, other tools leave them
// out.
const emptyTemplates = "@emptyTemplates"

// writesEmptyTemplates reports whether a file has more templates that are empty
// than it leaves out.
func writesEmptyTemplates(e *element) bool {
	more := 0
	var count func(e *element)
	count = func(e *element) {
		if e.name == "transformer" || e.name == "responseTransformer" {
			for _, name := range []string{"inboundTemplate", "outboundTemplate"} {
				switch c := e.child(name); {
				case c == nil:
					more--
				case c.text == "":
					more++
				}
			}
			return
		}
		for _, c := range e.children {
			count(c)
		}
	}
	count(e)
	return more > 0
}

type speller struct {
	found   config.Group
	current bool // the file's versions are to be kept
}

// maxDifferences is how many differences of a file are kept. Exports have a few;
// with more the file is not what any engine has written.
const maxDifferences = 10_000

func (s *speller) difference(at string, weir, file *config.Setting) {
	if len(s.found) >= maxDifferences {
		return
	}
	g := config.Group{{Name: diffAt, Text: at}}
	for _, part := range []struct {
		name string
		s    *config.Setting
	}{{diffWeir, weir}, {diffFile, file}} {
		if part.s != nil {
			part.s.Name = part.name
			g = append(g, *part.s)
		}
	}
	s.found = append(s.found, config.Setting{Name: diffName, Group: g})
}

// compare finds how the file's element differs from the one that Weir writes.
func (s *speller) compare(at string, weir, file *element) {
	if weir.text != file.text {
		s.difference(at, &config.Setting{Text: weir.text}, &config.Setting{Text: file.text})
	}
	s.compareAttributes(at, weir, file)
	ours, theirs := occurrences(weir), occurrences(file)
	for i, c := range file.children {
		name := theirs.names[i]
		other := ours.byName[name]
		if other == nil {
			setting := c.setting()
			s.difference(at+"/"+name, nil, &config.Setting{Group: config.Group{setting}})
			other = fromSetting(setting)
		}
		s.compare(at+"/"+name, other, c)
	}
	for i, c := range weir.children {
		if name := ours.names[i]; theirs.byName[name] == nil {
			s.difference(at+"/"+name, &config.Setting{Text: compact(c)}, nil)
		}
	}
}

func (s *speller) compareAttributes(at string, weir, file *element) {
	has := map[string]bool{}
	for _, a := range file.attrs {
		has[a.name] = true
		ours := weir.attr(a.name)
		if a.name == "version" {
			if parseVersion(a.value).before(keepsVersion) && len(byName[file.name]) > 0 && !ofExtension(file) {
				a.value = WrittenVersion // it was brought to that shape
			}
			if ours != "" && !s.current {
				continue
			}
		}
		if ours != a.value {
			s.difference(at+"/@"+a.name, &config.Setting{Text: ours}, &config.Setting{Text: a.value})
		}
	}
	for _, a := range weir.attrs {
		if !has[a.name] && (a.name != "version" || s.current) {
			s.difference(at+"/@"+a.name, &config.Setting{Text: a.value}, nil)
		}
	}
}

// ofExtension tells an element of an extension's class, whose version is that of
// the extension.
func ofExtension(e *element) bool {
	class := e.attr("class")
	return strings.Contains(class, ".") && !strings.HasPrefix(class, "com.mirth.connect.")
}

// occurrence names children by name and, from the second of a name on, number.
type occurrence struct {
	names  []string
	byName map[string]*element
}

func occurrences(e *element) occurrence {
	o := occurrence{byName: map[string]*element{}}
	count := map[string]int{}
	for _, c := range e.children {
		count[c.name]++
		name := c.name
		if n := count[c.name]; n > 1 {
			name += "[" + strconv.Itoa(n) + "]"
		}
		o.names = append(o.names, name)
		o.byName[name] = c
	}
	return o
}

// compact is what is inside of an element, to tell whether it has changed.
func compact(e *element) string {
	if len(e.children) == 0 {
		return e.text
	}
	var b []byte
	for _, c := range e.children {
		b = appendXML(b, c, 0)
	}
	return string(b)
}

// respell writes an element as the file had it.
func respell(root *element, differences config.Group) {
	// Elements that the file does not have are taken out last, so that the
	// numbers in the paths hold until then.
	var parents, absent []*element
	known := map[*element]map[string]*element{}
	children := func(e *element) map[string]*element {
		if known[e] == nil {
			known[e] = occurrences(e).byName
		}
		return known[e]
	}
	for _, d := range differences {
		at := strings.Split(strings.TrimPrefix(d.Group.Text(diffAt), "/"), "/")
		last := at[len(at)-1]
		parent := root
		for _, name := range at[:len(at)-1] {
			if parent != nil {
				parent = children(parent)[name]
			}
		}
		if parent == nil {
			continue
		}
		weir, wrote := d.Group.Get(diffWeir)
		file, has := d.Group.Get(diffFile)
		if name, ok := strings.CutPrefix(last, "@"); ok {
			if parent.attr(name) == weir.Text {
				parent.respellAttribute(name, file.Text, has)
			}
			continue
		}
		e := root
		if last != "" {
			e = children(parent)[last]
		}
		switch {
		case !wrote:
			if e == nil && len(file.Group) == 1 {
				parent.children = append(parent.children, fromSetting(file.Group[0]))
				parent.reorder()
				delete(known, parent)
			}
		case e == nil:
		case !has && compact(e) == weir.Text:
			parents, absent = append(parents, parent), append(absent, e)
		case has && e.text == weir.Text:
			e.text = file.Text
		}
	}
	for i, e := range absent {
		parents[i].drop(e)
	}
}

// reorder brings an element that was added to its place.
func (e *element) reorder() {
	if names, ok := orders[e.name]; ok {
		e.sort(names)
	}
}

func (e *element) drop(c *element) {
	for i, other := range e.children {
		if other == c {
			e.children = append(e.children[:i:i], e.children[i+1:]...)
			return
		}
	}
}

func (e *element) respellAttribute(name, value string, has bool) {
	if has {
		e.setAttr(name, value)
		return
	}
	for i, a := range e.attrs {
		if a.name == name {
			e.attrs = append(e.attrs[:i:i], e.attrs[i+1:]...)
			return
		}
	}
}
