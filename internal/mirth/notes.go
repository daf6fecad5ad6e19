package mirth

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity is what a note means for the channel.
type Severity int

const (
	Info       Severity = iota // kept, without effect on what runs
	Warning                    // runs as in Mirth, and should not stay as it is
	Difference                 // runs, but not as in Mirth
	Blocks                     // will not run
)

func (s Severity) String() string { return [...]string{"info", "warning", "difference", "blocks"}[s] }

// MarshalText writes a severity as its word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Note is something a person should know about an import.
type Note struct {
	Channel  string   `json:"channel,omitempty"` // name; empty for what belongs to no channel
	Path     string   `json:"path,omitempty"`    // of the element: channel/sourceConnector/transformer/elements/step[2]
	Line     int      `json:"line,omitempty"`    // in the file, 0 when the note is not about a place
	Severity Severity `json:"severity"`
	About    About    `json:"about,omitempty"`
	Name     string   `json:"name,omitempty"`   // of the plugin, class or function
	Text     string   `json:"text"`             // what is so
	Remedy   string   `json:"remedy,omitempty"` // what to do, as a sentence; may be empty
}

// About is what a note is about, for those who count.
type About string

const (
	Plugin About = "plugin" // something of an extension that Weir does not have
	Class  About = "class"  // a Java class or a function that scripts use and that is missing
	Apart  About = "script" // a script that is not in the file
)

func (n Note) String() string {
	s := n.Severity.String() + ": "
	if n.Channel != "" {
		s += n.Channel + ": "
	}
	if n.Line > 0 {
		s += fmt.Sprintf("line %d: ", n.Line)
	}
	s += n.Text
	if n.Remedy != "" {
		s += ". " + n.Remedy
	}
	return s
}

// Blocked reports whether a note says that something will not run.
func (im *Import) Blocked() bool {
	return slices.ContainsFunc(im.Notes, func(n Note) bool { return n.Severity == Blocks })
}

// sortNotes brings notes into the order of channels, there the gravest first,
// then by line.
func sortNotes(notes []Note) {
	slices.SortStableFunc(notes, func(a, b Note) int {
		return cmp.Or(
			cmp.Compare(a.Channel, b.Channel),
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(a.Line, b.Line),
		)
	})
}

// MaxNotes is how many notes of one file are kept; one more says how many were
// left out.
const MaxNotes = 10_000

func (im *Import) add(n Note) {
	if len(im.Notes) < MaxNotes {
		im.Notes = append(im.Notes, n)
		return
	}
	im.left++
	im.leftSeverity = max(im.leftSeverity, n.Severity)
}

// finish sorts the notes and counts those left out.
func (im *Import) finish() {
	if im.left > 0 {
		im.Notes = append(im.Notes, Note{
			Severity: im.leftSeverity,
			Text:     fmt.Sprintf("there are %d more notes", im.left),
			Remedy:   "Import the channels in smaller files to see them.",
		})
		im.left = 0
	}
	sortNotes(im.Notes)
}

// place is where a reader stands: in the path of an element, in a channel.
type place struct {
	im      *Import
	channel string
	path    string
}

func (p place) in(name string) place {
	if p.path != "" {
		p.path += "/"
	}
	p.path += shown(name)
	return p
}

// item is a place in a list; n counts from 1.
func (p place) item(name string, n int) place {
	return p.in(fmt.Sprintf("%s[%d]", name, n))
}

func (p place) note(e *element, s Severity, remedy, format string, args ...any) {
	p.add(e, Note{Severity: s, Text: fmt.Sprintf(format, args...), Remedy: remedy})
}

// plugin notes something of an extension, by the name of its class.
func (p place) plugin(e *element, class string, s Severity, remedy, format string, args ...any) {
	p.add(e, Note{Severity: s, About: Plugin, Name: class, Text: fmt.Sprintf(format, args...), Remedy: remedy})
}

func (p place) add(e *element, n Note) {
	n.Channel, n.Path = p.channel, p.path
	if e != nil {
		n.Line = e.line
	}
	p.im.add(n)
}
