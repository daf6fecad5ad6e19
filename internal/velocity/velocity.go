// Package velocity renders the templates of connector settings, which are those
// of Apache Velocity 2.3 with hyphens allowed in names, as Mirth Connect uses it.
//
//	t, err := velocity.Parse("${message.channelMap.get('mrn')}.hl7") // once
//	name, err := t.Render(lookup)                                    // per message
//
// What works: references ($name, ${name}, quiet $!name, ${name|'instead'}) with
// properties, methods and indexes; #set, #if, #elseif, #else, #foreach, #break,
// #stop; comments ##, #* *# and literal text #[[ ]]#; the escapes \$ and \#; all
// operators, ranges, lists and maps; references inside double-quoted strings.
// A directive at the beginning of a line takes the blanks before it and the line
// end after it out of the text.
//
// What does not: #macro, #define, #include, #parse and #evaluate are errors, and
// so is an unclosed #* or #[[, which Velocity takes for the rest of the text.
// Whole numbers have 64 bits and are never promoted beyond.
//
// As in Mirth a text without $ is no template at all, and when Parse or Render
// fail, the caller uses the text as it is written and logs the error.
package velocity

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of rendering. A template is written by someone trusted, but what it
// loops over is a message.
const (
	// MaxDepth is how deep brackets, directives, strings and values may nest.
	MaxDepth = 100
	// MaxSteps is how many turns all loops of one rendering take together, and
	// how long a range or a split string may be, and how many values the text of
	// a list may show.
	MaxSteps = 1_000_000
	// MaxOutput is the longest result in bytes, and the longest string on the
	// way to it: twice the largest message that listeners take.
	MaxOutput = 128 << 20
)

var (
	errDepth  = fmt.Errorf("template nests deeper than %d levels", MaxDepth)
	errSteps  = errors.New("template takes too many steps; look for a loop or range that is too long")
	errOutput = errors.New("template makes too long a text")
)

// ErrNoMethod is what Object.Call returns for a method that the object does not
// have. The reference is then undefined and stays as written.
var ErrNoMethod = errors.New("no such method")

// Lookup finds the values of names. Values are strings, bool, numbers, []any,
// map[string]any, nil, and anything that is an Object. Other values are shown
// by their String method, if they have one.
//
// Each appearance of a reference asks once, so a value may change with each.
type Lookup interface {
	// Get returns the value of a name; ok is false for an unknown one. An
	// unknown name and one with value nil both stay as written.
	Get(name string) (value any, ok bool)
}

// LookupFunc is a function that is a Lookup.
type LookupFunc func(name string) (any, bool)

// Get calls f.
func (f LookupFunc) Get(name string) (any, bool) { return f(name) }

// Object is a value with properties and methods. If it has a String method too,
// that is what a reference to it alone shows.
type Object interface {
	// Property returns the value of obj.name and of obj['name']. To Velocity
	// that is getName(), or else get("name"): ${date.yyyy} is a year.
	Property(name string) (value any, ok bool)

	// Call returns the value of obj.method(args). ErrNoMethod leaves the
	// reference as written; any other error ends the rendering.
	Call(method string, args []any) (any, error)
}

// Setter is what an Object also is if #set may assign to its properties.
type Setter interface {
	SetProperty(name string, value any) error
}

// Error says where in a template something is wrong.
type Error struct {
	Line, Column int // from 1, column in bytes
	Err          error
}

func (e *Error) Error() string {
	return fmt.Sprintf("template line %d, column %d: %v", e.Line, e.Column, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

func errorAt(source string, offset int, err error) error {
	before := source[:min(offset, len(source))]
	line := 1 + strings.Count(before, "\n")
	return &Error{Line: line, Column: offset - strings.LastIndexByte(before, '\n'), Err: err}
}

// Template is a parsed template. It does not change, so any number of
// goroutines may render it at once.
type Template struct {
	source   string
	constant bool // there is nothing to render
	nodes    []node
}

// Parse reads a template. The error is an *Error.
func Parse(source string) (*Template, error) {
	if !strings.Contains(source, "$") {
		return &Template{source: source, constant: true}, nil
	}
	return parse(source)
}

func parse(source string) (*Template, error) {
	p := parser{source: source, afterNewline: true}
	nodes, err := p.template()
	if err != nil {
		return nil, errorAt(source, p.pos, err)
	}
	return &Template{source: source, nodes: nodes}, nil
}

// String returns the template as written.
func (t *Template) String() string { return t.source }

// Constant reports whether the template is plain text, so that Render always
// returns what String does.
func (t *Template) Constant() bool { return t.constant }

// Reference returns the path of a template that is one plain reference and
// nothing else: "message", "encodedData" for ${message.encodedData}. The caller
// can then fetch the value without rendering.
func (t *Template) Reference() (path []string, ok bool) {
	ref := t.single()
	if ref == nil || ref.quiet || ref.instead != nil || ref.slashes > 0 {
		return nil, false
	}
	path = []string{ref.name}
	for _, s := range ref.steps {
		if s.kind != property {
			return nil, false
		}
		path = append(path, s.name)
	}
	return path, true
}

func (t *Template) single() *reference {
	if len(t.nodes) != 1 {
		return nil
	}
	ref, _ := t.nodes[0].(*reference)
	return ref
}

// Render returns the text that the template makes of the values in ctx. A
// template that is a single reference to a string returns that string and
// copies nothing. The error is an *Error, or of type error for a limit that has
// no place.
func (t *Template) Render(ctx Lookup) (string, error) {
	if t.constant {
		return t.source, nil
	}
	return t.render(newRenderer(ctx))
}

func (t *Template) render(r *renderer) (string, error) {
	if ref := t.single(); ref != nil && ref.slashes == 0 {
		text, err := ref.text(r)
		return text, r.locate(t.source, err)
	}
	r.out = new(strings.Builder)
	if _, err := r.all(t.nodes); err != nil {
		return "", r.locate(t.source, err)
	}
	return r.out.String(), nil
}
