package e4x

import "regexp"

// parser builds the syntax tree. It reads one token ahead. Inside it an error
// is a panic with a *failure, which parse recovers: the grammar then reads
// like a grammar.
type parser struct {
	scanner
	tok     token
	prevEnd int // end of the token before tok
	modern  bool
	depth   int
	links   int // longest path of chain links in what is being read

	noIn      bool // in the head of a for: the word in is no operator
	generator bool // yield is an operator
	async     bool // await is an operator
	predicate bool // inside x.(…): @id alone means something
	big       bool // the script knows BigInts
}

// bigInts finds what makes a BigInt. Operators that make huge ones of them are
// called through the host, which has a limit.
var bigInts = regexp.MustCompile(`BigInt|\b(?:\d[\d_]*|0[xXbBoO][\da-fA-F_]+)n\b`)

// parse reads a whole script.
func parse(name, source string, o Options) (prog *program, err error) {
	if len(source) > MaxSource {
		return nil, &SyntaxError{Name: name, Line: 1, Column: 1, Msg: "the script is longer than 4 MB"}
	}
	p := &parser{scanner: scanner{src: source}, modern: o.Modern, big: bigInts.MatchString(source)}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *failure:
			prog, err = nil, located(name, source, e)
		default:
			panic(e)
		}
	}()
	p.next()
	prog = &program{}
	for p.tok.kind != tEOF {
		prog.body = append(prog.body, p.statement())
	}
	prog.patches = p.patches
	return prog, nil
}

// located turns a failure into the error that callers get.
func located(name, source string, f *failure) *SyntaxError {
	line, col := linesOf(source).position(f.pos)
	return &SyntaxError{Name: name, Line: line, Column: col, Msg: f.msg}
}

func (p *parser) next() {
	p.prevEnd = p.tok.end
	p.tok = p.scanner.next()
	if p.err != nil {
		panic(p.err)
	}
}

// peek returns the token after the current one. It may only be asked where
// that token is not a regular expression or an XML literal.
func (p *parser) peek() token {
	mark := p.scanner
	t := p.scanner.next()
	p.scanner = mark
	return t
}

func (p *parser) failAt(pos int, msg string) {
	panic(&failure{pos, msg})
}

// unexpected reports the current token.
func (p *parser) unexpected() {
	if p.tok.kind == tEOF {
		p.failAt(p.tok.pos, "unexpected end of script")
	}
	text := p.src[p.tok.pos:p.tok.end]
	if len(text) > 20 {
		text = "token"
	}
	p.failAt(p.tok.pos, "unexpected "+text)
}

// expect takes the operator punct or fails.
func (p *parser) expect(punct string) (pos int) {
	if !p.tok.is(punct) {
		if p.tok.kind == tEOF {
			p.failAt(p.tok.pos, "unexpected end of script, expected "+punct)
		}
		p.failAt(p.tok.pos, "expected "+punct)
	}
	pos = p.tok.pos
	p.next()
	return pos
}

// accept takes the operator punct if it is there.
func (p *parser) accept(punct string) bool {
	if p.tok.is(punct) {
		p.next()
		return true
	}
	return false
}

// expectWord takes the word or fails.
func (p *parser) expectWord(word string) {
	if !p.tok.word(word) {
		p.failAt(p.tok.pos, "expected "+word)
	}
	p.next()
}

func (p *parser) acceptWord(word string) bool {
	if p.tok.word(word) {
		p.next()
		return true
	}
	return false
}

// semicolon ends a statement: with a semicolon, or without one before a }, at
// the end of a line and at the end of the script.
func (p *parser) semicolon() {
	if p.accept(";") || p.tok.is("}") || p.tok.kind == tEOF || p.tok.newline {
		return
	}
	p.unexpected()
}

// deeper counts one more level of nesting; the caller takes it back.
func (p *parser) deeper() {
	p.depth++
	if p.depth > MaxDepth {
		p.failAt(p.tok.pos, "the script nests too deeply")
	}
}

// since gives the extent from pos to the end of the last token taken.
func (p *parser) since(pos int) at { return at{pos, p.prevEnd} }

// startOf returns where n begins.
func startOf(n node) int {
	pos, _ := n.extent()
	return pos
}

func endOf(n node) int {
	_, end := n.extent()
	return end
}

func (a at) extent() (pos, end int) { return a.pos, a.end }

// isolated runs f, which reads something in brackets of its own, with the
// given meanings of yield and await.
func (p *parser) isolated(generator, async bool, f func()) {
	g, a, in := p.generator, p.async, p.noIn
	p.generator, p.async, p.noIn = generator, async, false
	f()
	p.generator, p.async, p.noIn = g, a, in
}

// bracketed runs f, which reads something in brackets, where in is an
// operator again.
func (p *parser) bracketed(f func()) {
	in := p.noIn
	p.noIn = false
	f()
	p.noIn = in
}
