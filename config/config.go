// Package config declares settings the way the flag package declares flags: one
// line binds a Go variable and gives its name, default and sentence of help.
// From that line come decoding, checks, the reference page and, later, the
// console's form and the JSON schema.
//
//	type Sender struct {
//		Host config.Template
//		Port int
//	}
//
//	func (s *Sender) Fields(f *config.Fields) {
//		f.Template(&s.Host, "remoteAddress", "127.0.0.1", "Name or address of the remote system.")
//		f.Int(&s.Port, "remotePort", 6660, "Port of the remote system.").Range(1, 65535)
//	}
//
// A name may lead through groups, separated by dots, as Mirth nests its
// properties: "listenerConnectorProperties.port".
//
// Decode fills the variables from a [Group], the settings as a file wrote them,
// and returns the names that no field claimed, so that a caller can report what
// it keeps but does not understand.
package config

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Settings is anything that declares its settings.
type Settings interface {
	// Fields declares every setting. It is called to decode and to document,
	// and must declare the same settings each time.
	Fields(f *Fields)
}

// Setting is one setting as a file wrote it: a name with a text, or with
// settings of its own. Items of a list share a name.
type Setting struct {
	Name  string
	Text  string
	Class string // Mirth's class attribute, empty elsewhere
	Group Group
}

// Group is settings in the order of the file.
type Group []Setting

// Get returns the first setting at a dotted path.
func (g Group) Get(path string) (Setting, bool) {
	name, rest, nested := strings.Cut(path, ".")
	for _, s := range g {
		if s.Name != name {
			continue
		}
		if !nested {
			return s, true
		}
		return s.Group.Get(rest)
	}
	return Setting{}, false
}

// Text returns the text at a dotted path, or "" when it is absent.
func (g Group) Text(path string) string {
	s, _ := g.Get(path)
	return s.Text
}

// Error is a setting that cannot be used: its dotted name and what is wrong.
type Error struct {
	Name   string
	Reason string
}

func (e *Error) Error() string { return e.Name + ": " + e.Reason }

// Decode fills s from g: every declared setting gets its text's value, or its
// default when g lacks it. unknown lists, sorted, the dotted names in g that no
// field declared. All faulty settings are reported together, each as an [*Error]
// found with errors.As or through the joined error's Unwrap.
func Decode(g Group, s Settings) (unknown []string, err error) {
	f := &Fields{group: g, decoding: true, claimed: map[string]bool{}}
	s.Fields(f)
	for _, fd := range f.list {
		if e := fd.decode(g); e != nil {
			f.errs = append(f.errs, &Error{fd.Name, e.Error()})
		}
	}
	unknown = f.unclaimed(g, "")
	sort.Strings(unknown)
	if len(f.errs) > 0 {
		return unknown, joined(f.errs)
	}
	return unknown, nil
}

// Default fills s with its defaults.
func Default(s Settings) {
	if _, err := Decode(nil, s); err != nil {
		panic(fmt.Sprintf("config: a default of %T does not pass its own check: %v", s, err))
	}
}

// List returns the declared settings of s in order, for reference pages and forms.
func List(s Settings) []*Field {
	f := &Fields{claimed: map[string]bool{}}
	s.Fields(f)
	return f.list
}

type joined []error

func (j joined) Error() string {
	var texts []string
	for _, e := range j {
		texts = append(texts, e.Error())
	}
	return strings.Join(texts, "; ")
}

func (j joined) Unwrap() []error { return j }

// Fields collects the declarations.
type Fields struct {
	group    Group
	decoding bool
	list     []*Field
	claimed  map[string]bool
	errs     []error
}

// Field is one declared setting. Its methods narrow what is accepted and can be
// chained.
type Field struct {
	Name    string // dotted, as in a Mirth export
	Kind    string // text, template, number, yes/no, duration, choice, list, map, map of templates, group
	Default string
	Help    string
	Choices []string
	Secret  bool

	set   func(Setting) error
	check []func() error
	claim *Fields
}

func (f *Fields) add(name, kind, def, help string, set func(Setting) error) *Field {
	fd := &Field{Name: name, Kind: kind, Default: def, Help: help, set: set, claim: f}
	f.list = append(f.list, fd)
	f.claimed[name] = true
	return fd
}

func (fd *Field) decode(g Group) error {
	s, ok := g.Get(fd.Name)
	if !ok {
		s = Setting{Name: fd.Name, Text: fd.Default}
		if fd.Kind == "list" || fd.Kind == "map" || fd.Kind == "group" {
			s.Group = nil
		}
	}
	if err := fd.set(s); err != nil {
		return err
	}
	for _, check := range fd.check {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fields) unclaimed(g Group, prefix string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range g {
		name := prefix + s.Name
		if seen[name] {
			continue
		}
		seen[name] = true
		switch {
		case f.claimed[name]:
		case f.claimsBelow(name + "."):
			out = append(out, f.unclaimed(s.Group, name+".")...)
		default:
			out = append(out, name)
		}
	}
	return out
}

func (f *Fields) claimsBelow(prefix string) bool {
	for name := range f.claimed {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// String declares a text.
func (f *Fields) String(p *string, name, def, help string) *Field {
	return f.add(name, "text", def, help, func(s Setting) error { *p = s.Text; return nil })
}

// Bool declares a yes/no setting, written true or false. Like Mirth, any text
// but "true" (in any case) reads as false.
func (f *Fields) Bool(p *bool, name string, def bool, help string) *Field {
	return f.add(name, "yes/no", strconv.FormatBool(def), help, func(s Setting) error {
		*p = strings.EqualFold(strings.TrimSpace(s.Text), "true")
		return nil
	})
}

// Int declares a whole number. An empty text reads as 0, as in Mirth.
func (f *Fields) Int(p *int, name string, def int, help string) *Field {
	fd := f.add(name, "number", strconv.Itoa(def), help, func(s Setting) error {
		text := strings.TrimSpace(s.Text)
		if text == "" {
			*p = 0
			return nil
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		*p = n
		return nil
	})
	return fd
}

// Int64 is Int for counts that may be beyond those of a small computer's int.
func (f *Fields) Int64(p *int64, name string, def int64, help string) *Field {
	return f.add(name, "number", strconv.FormatInt(def, 10), help, func(s Setting) error {
		text := strings.TrimSpace(s.Text)
		if text == "" {
			*p = 0
			return nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a whole number from 0 on", text)
		}
		*p = n
		return nil
	})
}

// Decimal declares a number that may have a fraction, such as 0.5. An empty text
// reads as 0.
func (f *Fields) Decimal(p *float64, name string, def float64, help string) *Field {
	return f.add(name, "number", strconv.FormatFloat(def, 'f', -1, 64), help, func(s Setting) error {
		text := strings.TrimSpace(s.Text)
		if text == "" {
			*p = 0
			return nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= 0 && n < 1e9) { // nor NaN
			return fmt.Errorf("%q is not a number from 0 to 1000000000", text)
		}
		*p = n
		return nil
	})
}

// Millis declares a duration that files write as a count of milliseconds.
func (f *Fields) Millis(p *time.Duration, name string, def time.Duration, help string) *Field {
	return f.add(name, "milliseconds", strconv.FormatInt(def.Milliseconds(), 10), help, func(s Setting) error {
		text := strings.TrimSpace(s.Text)
		if text == "" {
			*p = 0
			return nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > int64(1<<62/time.Millisecond) {
			return fmt.Errorf("%q is not a number of milliseconds", text)
		}
		*p = time.Duration(n) * time.Millisecond
		return nil
	})
}

// Template is a text with ${…} references that are replaced for each message.
// Name is the setting it came from: a stored, already replaced value is found
// under it again.
type Template struct {
	Name string
	Text string
}

// Constant reports whether the template needs no replacement.
func (t Template) Constant() bool { return !strings.Contains(t.Text, "$") }

// Template declares a text in which ${…} is replaced for each message.
func (f *Fields) Template(p *Template, name, def, help string) *Field {
	return f.add(name, "template", def, help, func(s Setting) error {
		*p = Template{Name: name, Text: s.Text}
		return nil
	})
}

// Strings declares a list of texts.
func (f *Fields) Strings(p *[]string, name, help string) *Field {
	return f.add(name, "list", "", help, func(s Setting) error {
		*p = nil
		for _, item := range s.Group {
			*p = append(*p, item.Text)
		}
		return nil
	})
}

// Pair is an entry of a map, in file order.
type Pair struct{ Key, Value string }

// Map declares a map of texts, written as Mirth writes maps: entries of two texts.
func (f *Fields) Map(p *[]Pair, name, help string) *Field {
	return f.add(name, "map", "", help, func(s Setting) error {
		*p = nil
		for _, entry := range s.Group {
			if len(entry.Group) == 2 {
				*p = append(*p, Pair{entry.Group[0].Text, entry.Group[1].Text})
			}
		}
		return nil
	})
}

// Group declares a setting with settings of its own that the caller reads itself.
func (f *Fields) Group(p *Setting, name, help string) *Field {
	return f.add(name, "group", "", help, func(s Setting) error { *p = s; return nil })
}

// Kept declares a setting that Weir carries along but does not act upon, so that
// it is not reported as unknown. help says why it has no effect.
func (f *Fields) Kept(name, help string) *Field {
	return f.add(name, "kept", "", help, func(Setting) error { return nil })
}

// Range bounds a number declared with Int; 0 means absent and passes when low is above it.
func (fd *Field) Range(low, high int) *Field {
	set := fd.set
	fd.set = func(s Setting) error {
		if err := set(s); err != nil {
			return err
		}
		n, _ := strconv.Atoi(strings.TrimSpace(s.Text))
		if n < low || n > high {
			return fmt.Errorf("%d is outside %d to %d", n, low, high)
		}
		return nil
	}
	return fd
}

// OneOf restricts a text to the given choices.
func (fd *Field) OneOf(choices ...string) *Field {
	fd.Choices, fd.Kind = choices, "choice"
	set := fd.set
	fd.set = func(s Setting) error {
		for _, c := range choices {
			if s.Text == c {
				return set(s)
			}
		}
		return fmt.Errorf("%q is none of %s", s.Text, strings.Join(choices, ", "))
	}
	return fd
}

// Check adds a condition on the decoded value; its error says what is wrong and
// what to write instead.
func (fd *Field) Check(check func() error) *Field {
	fd.check = append(fd.check, check)
	return fd
}

// IsSecret marks a setting whose value is never shown.
func (fd *Field) IsSecret() *Field { fd.Secret = true; return fd }
