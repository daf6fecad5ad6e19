package weir

import (
	"errors"
	"strings"
)

// Fault is an error written for the person who gets it: what failed, where, and
// what to do. It never holds message content.
type Fault struct {
	Channel   string
	Connector string
	MessageID int64
	At        string // a setting, or a place in a message such as PID-3[2].1
	Err       error
	Hint      string // the next step, as a sentence
}

func (f *Fault) Error() string {
	var b strings.Builder
	for _, part := range []string{f.Channel, f.Connector} {
		if part != "" {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(part)
		}
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if f.At != "" {
		b.WriteString(f.At + ": ")
	}
	b.WriteString(f.Err.Error())
	if f.Hint != "" {
		b.WriteString(". " + f.Hint)
	}
	return b.String()
}

func (f *Fault) Unwrap() error { return f.Err }

// ErrUnusable marks an error that lies in the text: the text itself cannot be
// received; sending it again changes nothing. Other errors of receiving, such as
// a store that is full, may pass, and the same text may be sent again.
var ErrUnusable = errors.New("the text itself cannot be received; sending it again changes nothing")

// Unusable marks an error with [ErrUnusable] and leaves its words as they are.
func Unusable(err error) error { return unusable{err} }

type unusable struct{ error }

func (u unusable) Unwrap() []error { return []error{ErrUnusable, u.error} }

// WithHint adds the next step to an error that has none.
func WithHint(err error, at, hint string) error {
	var f *Fault
	if err == nil || errors.As(err, &f) {
		return err
	}
	return &Fault{Err: err, At: at, Hint: hint}
}
