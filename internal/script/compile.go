package script

import (
	"errors"
	"strings"
	"sync/atomic"
	"weak"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/weir-health/weir/internal/script/e4x"
)

// unit is one compiled text: the frame with the parts in it, or a code template
// that nothing but defines functions.
type unit struct {
	name     string
	text     string // as it was put together
	uses     atomic.Pointer[weak.Pointer[[]Use]]
	program  *goja.Program
	rewrite  *e4x.Unit
	sections []section
	modern   *modernUnit // in place of rewrite
}

// section is a part's place in the text of a unit.
type section struct {
	part  string
	start int // line of the text on which it begins, from 1
	end   int // line after its last
	code  string
}

// locate returns the part and the place in it for a place in the compiled code;
// ok is false for the frame around the parts.
func (u *unit) locate(line, column int) (s section, l, c int, ok bool) {
	if u.modern != nil {
		return u.modern.locate(line, column)
	}
	l, c = u.rewrite.Position(line, column)
	for _, s := range u.sections {
		if l >= s.start && l < s.end {
			return s, l - s.start + 1, c, true
		}
	}
	return section{}, 0, 0, false
}

// source puts a text together and remembers where the parts are.
type source struct {
	text     strings.Builder
	line     int
	sections []section
}

func newSource() *source { return &source{line: 1} }

// frame adds text of our own. It begins and ends on lines that hold no part.
func (s *source) frame(text string) {
	s.text.WriteString(text)
	s.text.WriteByte('\n')
	s.line += 1 + strings.Count(text, "\n")
}

// part adds a piece of the user's text on lines of its own.
func (s *source) part(p Part) {
	code := lineEnds.Replace(p.Code)
	n := 1 + strings.Count(code, "\n") + strings.Count(code, "\u2028") + strings.Count(code, "\u2029")
	s.sections = append(s.sections, section{part: p.Name, start: s.line, end: s.line + n, code: code})
	s.text.WriteString(code)
	s.text.WriteByte('\n')
	s.line += n
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// compile rewrites and compiles a text, unless there is a unit of it already.
func (s *source) compile(name string, firstLiteral int) (*unit, error) {
	return sharedUnit(s.key(name, firstLiteral), func() (*unit, error) { return s.compileAnew(name, firstLiteral) })
}

func (s *source) compileAnew(name string, firstLiteral int) (*unit, error) {
	text := s.text.String()
	rewritten, err := e4x.Rewrite(name, text, e4x.Options{FirstLiteral: firstLiteral})
	if err != nil {
		var e *e4x.SyntaxError
		if !errors.As(err, &e) {
			return nil, &Error{Script: name, Kind: "SyntaxError", Message: err.Error()}
		}
		return nil, s.fault(name, e.Line, e.Column, e.Msg)
	}
	u := &unit{name: name, text: text, rewrite: rewritten, sections: s.sections}
	tree, err := parser.ParseFile(nil, name, rewritten.Code, 0, parser.WithDisableSourceMaps) // whose errors have places
	if err == nil {
		u.program, err = goja.CompileAST(tree, false)
	}
	if err != nil {
		line, column, text := gojaError(err)
		line, column = rewritten.Position(line, column)
		return nil, s.fault(name, line, column, text)
	}
	return u, nil
}

// functions returns the names a compiled template defines, or false when it does
// more than define functions.
func functions(code string) ([]string, bool) {
	tree, err := goja.Parse("", code, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, false
	}
	var names []string
	for _, st := range tree.Body {
		switch st := st.(type) {
		case *ast.FunctionDeclaration:
			names = append(names, st.Function.Name.Name.String())
		case *ast.EmptyStatement:
		default:
			return nil, false
		}
	}
	return names, true
}

// fault is a compile error at a place in the text. A part that does not stand
// for itself, such as one with a brace too many, would put the error into
// another part or into the frame; so the parts are tried one by one first.
func (s *source) fault(name string, line, column int, message string) *Error {
	for _, sec := range s.sections {
		_, err := e4x.Rewrite(sec.part, sec.code, e4x.Options{})
		var e *e4x.SyntaxError
		if errors.As(err, &e) {
			return &Error{Script: name, Part: sec.part, Line: e.Line, Column: e.Column, Kind: "SyntaxError", Message: e.Msg}
		}
	}
	f := &Error{Script: name, Kind: "SyntaxError", Message: message}
	for _, sec := range s.sections {
		if line >= sec.start && line < sec.end {
			f.Part, f.Line, f.Column = sec.part, line-sec.start+1, column
		}
	}
	return f
}

// gojaError takes goja's compile errors apart.
func gojaError(err error) (line, column int, text string) {
	var list parser.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return list[0].Position.Line, list[0].Position.Column, list[0].Message
	}
	var one *parser.Error
	if errors.As(err, &one) {
		return one.Position.Line, one.Position.Column, one.Message
	}
	var syntax *goja.CompilerSyntaxError
	if errors.As(err, &syntax) && syntax.File != nil {
		p := syntax.File.Position(syntax.Offset)
		return p.Line, p.Column, syntax.Message
	}
	return 0, 0, err.Error()
}

// templates compiles code templates. Those that only define functions are kept
// apart, to be run when a script asks for one of their names; the others are
// returned, to be put before the script.
func (p *Program) templates(parts []Part) (eager []Part, err error) {
	type candidate struct {
		part  Part
		names []string
		lazy  bool
	}
	owners := make(map[string]int)
	all := make([]candidate, len(parts))
	for i, part := range parts {
		rewritten, err := e4x.Rewrite(part.Name, lineEnds.Replace(part.Code), e4x.Options{})
		if err != nil {
			var e *e4x.SyntaxError
			errors.As(err, &e)
			return nil, &Error{Script: p.Name, Part: part.Name, Line: e.Line, Column: e.Column, Kind: "SyntaxError", Message: e.Msg}
		}
		names, lazy := functions(rewritten.Code)
		all[i] = candidate{part, names, lazy}
		for _, n := range names {
			owners[n]++
		}
	}
	for _, c := range all {
		for _, n := range c.names {
			// Of two functions of one name the later template's wins, which
			// only running them in order gets right.
			c.lazy = c.lazy && owners[n] == 1
		}
		if !c.lazy {
			eager = append(eager, c.part)
			continue
		}
		s := newSource()
		s.part(c.part)
		u, err := s.compile(p.unique(c.part.Name), len(p.literals))
		if err != nil {
			err.(*Error).Script = p.Name
			return nil, err
		}
		p.add(u)
		for _, n := range c.names {
			p.lazy[n] = u
		}
	}
	return eager, nil
}

func (p *Program) add(u *unit) {
	p.literals = append(p.literals, u.rewrite.Literals...)
	p.units[u.name] = u
}

// unique returns a name that no unit has, for two templates of one name.
func (p *Program) unique(name string) string {
	for n := name; ; n += "'" {
		if p.units[n] == nil {
			return n
		}
	}
}

// splitFunctions cuts a text of functions, each beginning in the first column,
// into parts.
func splitFunctions(text string) []Part {
	var parts []Part
	for _, code := range strings.Split("\n"+text, "\nfunction ")[1:] {
		name, _, _ := strings.Cut(code, "(")
		parts = append(parts, Part{Name: "weir: " + name, Code: "function " + code})
	}
	return parts
}
