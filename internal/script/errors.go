package script

import (
	"errors"
	"regexp"
	"strings"

	"github.com/dop251/goja"

	"github.com/weir-health/weir/internal/script/java"
)

// fault turns what a run ended with into an Error that points into the user's
// own text.
func (r *run) fault(err error) error {
	f := &Error{Script: r.p.Name}
	var ex *goja.Exception
	var depth *goja.StackOverflowError
	switch {
	case errors.As(err, &depth):
		f.Kind, f.Message = "RangeError", "the script calls functions too deeply"
		r.place(f, depth.Stack())
	case errors.As(err, &ex):
		r.place(f, ex.Stack())
		r.describe(f, ex.Value())
	default:
		f.Kind, f.Message = "internal error", "the script could not be run"
		f.Thrown, f.Err = err.Error(), err
	}
	return f
}

// ended is the error of a run that was interrupted.
func (r *run) ended(reason, err error) error {
	f := &Error{Script: r.p.Name, Kind: "ended", Message: reason.Error(), Err: reason}
	var in *goja.InterruptedError
	var thrown *goja.Exception // by a fence, where the run is ended inside of a built-in function
	switch {
	case errors.As(err, &in):
		r.place(f, in.Stack())
	case errors.As(err, &thrown):
		r.place(f, thrown.Stack())
	}
	return f
}

// place sets the place to the innermost frame that stands in a part.
func (r *run) place(f *Error, stack []goja.StackFrame) {
	for _, frame := range stack {
		u := r.p.units[frame.SrcName()]
		if u == nil {
			continue
		}
		pos := frame.Position()
		if s, line, column, ok := u.locate(pos.Line, pos.Column); ok {
			f.Part, f.Line, f.Column = s.part, line, column
			return
		}
	}
}

// describe sets the kind and the texts of a thrown value.
func (r *run) describe(f *Error, v goja.Value) {
	if t := java.Thrown(v); t != nil {
		if f.Kind = t.Class; t.Plain {
			f.Message = t.Message
			return
		}
		f.Thrown = t.String()
		return
	}
	o, ok := v.(*goja.Object)
	if !ok {
		f.Thrown = r.text(v)
		return
	}
	if o.ClassName() != "Error" {
		f.Thrown = r.text(v)
		return
	}
	f.Kind = property(o, "name")
	message := property(o, "message")
	if r.ours(message) {
		f.Message = message
		return
	}
	f.Thrown = message
}

func property(o *goja.Object, name string) string {
	if v := o.Get(name); v != nil && !goja.IsUndefined(v) {
		return v.String()
	}
	return ""
}

// engineMessages are the texts of errors that goja and this engine throw. What a
// script throws itself may hold content of the message and must not be shown.
var engineMessages = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`\S+ is not defined`,
	`Cannot read property '.*' of (?:undefined|null)`,
	`Cannot assign to property '?.*'? of .*`,
	`Cannot read property ".*" from (?:undefined|null)`,
	`Cannot call method ".*" of (?:undefined|null)`,
	`Cannot convert .*`,
	`Cannot find function \S+ in object \[object Object\]\.`,
	`\S+ is not a function, it is \w+\.`,
	`"\S+" is not defined\.`,
	`Object has no member '.*'`,
	`Value is not (?:an object|callable)?:? ?.*`,
	`.* is not (?:a function|a constructor|iterable|an object).*`,
	`Not a (?:constructor|function).*`,
	`Java class .* is not available in Weir\..*`,
	`Assignment to .*`,
	`Maximum call stack size exceeded`,
	`Unexpected .*`,
}, "|") + `)$`)

var quoted = regexp.MustCompile(`'([^']*)'|"([^"]*)"`)

// ours reports whether a message is one of the engine's, and holds no names but
// those that stand in the script.
func (r *run) ours(message string) bool {
	switch message {
	case errElementName, errPath, errNumber, errAfterRoot:
		return true
	}
	if len(message) > 300 || !engineMessages.MatchString(message) {
		return false
	}
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		if name := m[1] + m[2]; name != "" && !r.p.mentions(name) {
			return false
		}
	}
	for _, word := range strings.Fields(message) {
		if strings.ContainsAny(word, "0123456789|^~&") && !r.p.mentions(strings.Trim(word, `'".`)) {
			return false
		}
	}
	return true
}

// mentions reports whether some part of the program holds a text.
func (p *Program) mentions(text string) bool {
	for _, u := range p.units {
		for _, s := range u.sections {
			if strings.Contains(s.code, text) {
				return true
			}
		}
	}
	return false
}
