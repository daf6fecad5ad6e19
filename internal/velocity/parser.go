package velocity

import (
	"errors"
	"fmt"
	"strings"
)

// parser reads a template from front to back. Methods leave pos behind what they
// read, and at the fault when they return an error.
type parser struct {
	source string
	pos    int
	from   int // where the text begins that no node holds yet
	depth  int
	nodes  []node

	// afterNewline says that from is at the beginning of a line.
	afterNewline bool
}

// ending is what ends a block.
type ending int

const (
	endOfText ending = iota
	endDirective
	elseDirective
	elseifDirective
)

func (p *parser) template() ([]node, error) {
	nodes, end, err := p.block()
	if err == nil && end != endOfText {
		err = errors.New("#end, #else or #elseif without #if or #foreach")
	}
	return nodes, err
}

// block reads nodes up to the directive that ends them.
func (p *parser) block() ([]node, ending, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, 0, errDepth
	}
	outer := p.nodes
	p.nodes, p.from = nil, p.pos
	end, err := p.untilEnding()
	nodes := p.nodes
	p.nodes = outer
	p.depth--
	return nodes, end, err
}

func (p *parser) untilEnding() (ending, error) {
	for {
		i := strings.IndexAny(p.source[p.pos:], "$#")
		if i < 0 {
			p.pos = len(p.source)
			p.flush(p.pos)
			return endOfText, nil
		}
		p.pos += i
		var err error
		end := endOfText
		if p.source[p.pos] == '$' {
			err = p.referenceInText()
		} else {
			end, err = p.hash()
		}
		if end != endOfText || err != nil {
			return end, err
		}
	}
}

// flush makes a node of the text up to end.
func (p *parser) flush(end int) {
	if p.from < end {
		p.add(text(p.source[p.from:end]))
	}
	p.from = end
}

func (p *parser) add(n node) { p.nodes = append(p.nodes, n) }

// slashes counts the backslashes right before pos.
func (p *parser) slashes() int {
	n := 0
	for p.pos-n > p.from && p.source[p.pos-n-1] == '\\' {
		n++
	}
	return n
}

func (p *parser) referenceInText() error {
	start, slashes := p.pos, p.slashes()
	ref, err := p.reference()
	if err != nil {
		return err
	}
	if ref == nil { // a dollar is a dollar
		p.pos = start + 1
		if strings.HasPrefix(p.source[start:], "${$") {
			p.pos = start + 3
		}
		return nil
	}
	p.flush(start - slashes)
	ref.slashes = slashes
	p.add(ref)
	p.from, p.afterNewline = p.pos, false
	return nil
}

// hash reads what begins with #: a comment, literal text, or a directive.
func (p *parser) hash() (ending, error) {
	rest := p.source[p.pos:]
	switch {
	case strings.HasPrefix(rest, "##"):
		p.flush(p.pos)
		p.skipComment()
		p.from = p.pos
		return endOfText, nil
	case strings.HasPrefix(rest, "#*"):
		_, err := p.bracketed("#*", "*#")
		return endOfText, err
	case strings.HasPrefix(rest, "#[["):
		literal, err := p.bracketed("#[[", "]]#")
		if literal != "" {
			p.add(text(literal))
		}
		return endOfText, err
	}
	word, n := directiveWord(rest)
	if n == 0 {
		p.pos++
		return endOfText, nil
	}
	return p.directive(word, n)
}

// skipComment goes behind the line end, which is part of the comment.
func (p *parser) skipComment() {
	i := strings.IndexAny(p.source[p.pos:], "\r\n")
	if i < 0 {
		p.pos = len(p.source)
		return
	}
	p.pos += i
	p.afterNewline = p.skipLineEnd()
}

// bracketed reads text between two marks.
func (p *parser) bracketed(open, shut string) (string, error) {
	p.flush(p.pos)
	inside, _, ok := strings.Cut(p.source[p.pos+len(open):], shut)
	if !ok {
		return "", fmt.Errorf("%s is not closed by %s", open, shut)
	}
	p.pos += len(open) + len(inside) + len(shut)
	p.from, p.afterNewline = p.pos, false
	return inside, nil
}

// skipLineEnd goes behind blanks and a line end, if that is all there is.
func (p *parser) skipLineEnd() bool {
	rest := p.source[p.pos:]
	line := strings.TrimLeft(rest, " \t")
	n := len(rest) - len(line)
	switch {
	case strings.HasPrefix(line, "\r\n"):
		p.pos += n + 2
	case strings.HasPrefix(line, "\n"), strings.HasPrefix(line, "\r"):
		p.pos += n + 1
	default:
		return false
	}
	return true
}

func (p *parser) skipSpace() {
	for p.pos < len(p.source) && strings.IndexByte(" \t\r\n", p.source[p.pos]) >= 0 {
		p.pos++
	}
}

// accept goes behind s, if that comes next after white space.
func (p *parser) accept(s string) bool {
	p.skipSpace()
	if !strings.HasPrefix(p.source[p.pos:], s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) expect(s string) error {
	if p.accept(s) {
		return nil
	}
	if p.pos == len(p.source) {
		return fmt.Errorf("template ends where %q is missing", s)
	}
	return fmt.Errorf("%q is missing", s)
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// name returns the name that s begins with, "" if there is none. Hyphens may be
// part of it but do not begin it.
func name(s string) string {
	if s == "" || !isLetter(s[0]) && s[0] != '_' {
		return ""
	}
	n := 1
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '_' || s[n] == '-') {
		n++
	}
	return s[:n]
}
