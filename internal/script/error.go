package script

import "fmt"

// Error is an error in a script, found when it was compiled or when it ran. The
// place is the one in the text that the user wrote.
type Error struct {
	Script string // the script's name, such as "source transformer"
	Part   string // the step, rule or code template
	Line   int    // from 1; 0 when the place is not known
	Column int    // from 1
	Kind   string // the error's name, such as "TypeError", or a Java class

	// Message says what is wrong. It is empty for what the script itself threw,
	// which may hold content of a message and is in Thrown.
	Message string

	// Thrown is the text of what the script threw. It goes to the error that is
	// kept with the message and nowhere else.
	Thrown string

	Err error // the cause outside of the script, such as context.Canceled; or nil
}

// Error never holds what the script threw.
func (f *Error) Error() string {
	text := f.Message
	if text == "" {
		text = "the script threw " + article(f.Kind)
	} else if f.Kind != "" {
		text = f.Kind + ": " + text
	}
	if place := f.Place(); place != "" {
		return place + ": " + text
	}
	return text
}

func article(kind string) string {
	if kind == "" {
		return "a value"
	}
	return kind
}

// Place names the part, line and column, as far as they are known.
func (f *Error) Place() string {
	part := f.Part
	if part == "" {
		part = f.Script
	}
	if f.Line == 0 {
		return part
	}
	return fmt.Sprintf("%s, line %d, column %d", part, f.Line, f.Column)
}

// Detail is the text for the error that is kept with the message. It may hold
// content of the message.
func (f *Error) Detail() string {
	text := f.Error()
	if f.Thrown != "" {
		text += "\n" + f.Thrown
	}
	return text
}

func (f *Error) Unwrap() error { return f.Err }
