package e4x

import "fmt"

// Limits on what is parsed. Scripts come from channel files that anyone may
// have written, so nesting and size are bounded before they cost anything.
const (
	// MaxSource is the longest script accepted, in bytes.
	MaxSource = 4 << 20

	// MaxDepth is how deeply statements, expressions and XML elements may
	// nest, all counted together.
	MaxDepth = 1000

	// MaxChain is how many links one chain such as a.b(c).d may have, with
	// those of the chains it begins with.
	MaxChain = 5000
)

// Options say how a script is to be understood.
type Options struct {
	// FirstLiteral is the index the script's first XML literal gets, so that
	// several units of one program may share a table.
	FirstLiteral int

	// Modern selects the rules of ES2015 and later where Rhino's differ:
	// template literals interpolate, const, let and functions in blocks are
	// block scoped, and strict mode exists. E4X and Rhino's syntax are
	// accepted all the same.
	Modern bool

	// Eval says that the script is run by eval. It shares the variables of the
	// code around it, so the output has as few of its own as it can.
	Eval bool
}

// Unit is one rewritten script.
type Unit struct {
	// Code is plain JavaScript with as many lines as the source.
	Code string

	// Literals are the script's XML literals. The first has the index
	// Options.FirstLiteral.
	Literals []*Literal

	places positions
}

// SyntaxError reports the first thing in a script that cannot be understood.
type SyntaxError struct {
	Name   string // as given to Rewrite
	Line   int    // from 1
	Column int    // from 1, in bytes
	Msg    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Column, e.Msg)
}
