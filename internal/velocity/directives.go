package velocity

import (
	"errors"
	"fmt"
	"strings"
)

// directiveWord returns the word of #word or #{word} and the length of it all,
// 0 if there is no word.
func directiveWord(s string) (word string, n int) {
	braces := 0
	if strings.HasPrefix(s, "#{") {
		braces = 1
	}
	begin := 1 + braces
	n = begin
	for n < len(s) && (isLetter(s[n]) || s[n] == '_' || n > begin && isDigit(s[n])) {
		n++
	}
	if n == begin || braces > 0 && (n == len(s) || s[n] != '}') {
		return "", 0
	}
	return s[begin:n], n + braces
}

// directive reads the directive at pos, whose word with # takes n bytes. A word
// that is no directive is text.
func (p *parser) directive(word string, n int) (ending, error) {
	switch word {
	case "set":
		if next := strings.TrimLeft(p.source[p.pos+n:], " \t"); !strings.HasPrefix(next, "(") {
			p.escapedText(n)
			return endOfText, nil
		}
	case "if", "elseif", "else", "end", "foreach", "break", "stop":
	case "macro", "define", "include", "parse", "evaluate":
		if p.slashes()%2 == 0 {
			return endOfText, fmt.Errorf("#%s is not supported", word)
		}
	default:
		return endOfText, p.unknownDirective(n)
	}
	slashes := p.slashes()
	if slashes%2 == 1 {
		p.escapedText(n)
		return endOfText, nil
	}
	atStart := p.lineStart(word, slashes)
	p.pos += n
	p.from = p.pos
	switch word {
	case "end":
		return endDirective, nil
	case "else":
		return elseDirective, nil
	case "elseif":
		return elseifDirective, nil
	case "set":
		return endOfText, p.set(atStart)
	case "if":
		return endOfText, p.ifElse(atStart)
	case "foreach":
		return endOfText, p.foreach(atStart)
	}
	if p.accept("(") {
		if err := p.expect(")"); err != nil {
			return endOfText, err
		}
	}
	p.add(jump(word == "stop"))
	p.afterLine(atStart)
	return endOfText, nil
}

// escapedText takes #word after backslashes as text. An odd number of them is
// halved; Velocity does that only before words that are directives.
func (p *parser) escapedText(n int) {
	if slashes := p.slashes(); slashes%2 == 1 {
		p.flush(p.pos - slashes)
		p.from = p.pos - slashes/2
	}
	p.pos += n
}

// unknownDirective takes #word as text. Velocity takes it for the call of a macro
// that may appear later, so arguments must be well-formed, and references in
// them stay as they are.
func (p *parser) unknownDirective(n int) error {
	p.pos += n
	if !strings.HasPrefix(p.source[p.pos:], "(") {
		return nil
	}
	p.pos++
	for !p.accept(")") {
		if p.accept(",") {
			continue
		}
		if word := name(p.source[p.pos:]); word != "" {
			p.pos += len(word)
			continue
		}
		if _, err := p.operand(); err != nil {
			return err
		}
	}
	return nil
}

// lineStart makes nodes of the text before a directive and reports whether the
// directive begins a line; blanks before it are then dropped. Backslashes before
// it, which stand for half as many, keep the line as it is.
func (p *parser) lineStart(word string, slashes int) bool {
	before := p.source[p.from : p.pos-slashes]
	line := strings.TrimRight(before, " \t")
	atStart := line == "" && p.afterNewline || strings.HasSuffix(line, "\n") || strings.HasSuffix(line, "\r")
	if slashes == 0 && atStart {
		p.flush(p.from + len(line))
		return true
	}
	if word != "set" { // before #set Velocity halves nothing
		slashes /= 2
	}
	p.flush(p.from + len(before) + slashes)
	return false
}

// afterLine drops the line end behind a directive that began its line.
func (p *parser) afterLine(atStart bool) {
	p.afterNewline = atStart && p.skipLineEnd()
	p.from = p.pos
}

// body reads a block and what ends it. A line end right after the directive that
// opens the block is no part of it, wherever that stands.
func (p *parser) body() ([]node, ending, error) {
	p.afterNewline = p.skipLineEnd()
	nodes, end, err := p.block()
	if err == nil && end == endOfText {
		err = errors.New("#end is missing")
	}
	return nodes, end, err
}

func (p *parser) set(atStart bool) error {
	s := &set{offset: p.pos}
	if err := p.expect("("); err != nil {
		return err
	}
	p.skipSpace()
	ref, err := p.reference()
	if err == nil && ref == nil {
		err = errors.New("#set needs a reference to assign to")
	}
	if err != nil {
		return err
	}
	s.target = ref
	if err := p.expect("="); err != nil {
		return err
	}
	if s.value, err = p.expression(); err != nil {
		return err
	}
	if err := p.expect(")"); err != nil {
		return err
	}
	p.add(s)
	p.afterLine(atStart)
	return nil
}

func (p *parser) ifElse(atStart bool) error {
	n := &ifElse{}
	end := elseifDirective
	for end == elseifDirective {
		var arm ifArm
		var err error
		if arm.condition, err = p.condition(); err != nil {
			return err
		}
		if arm.body, end, err = p.body(); err != nil {
			return err
		}
		n.arms = append(n.arms, arm)
	}
	if end == elseDirective {
		var err error
		if n.otherwise, err = p.lastBody(); err != nil {
			return err
		}
	}
	p.add(n)
	p.afterLine(atStart)
	return nil
}

// lastBody reads the block after #else.
func (p *parser) lastBody() ([]node, error) {
	nodes, end, err := p.body()
	if err == nil && end != endDirective {
		err = errors.New("after #else only #end may come")
	}
	return nodes, err
}

func (p *parser) condition() (expression, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

func (p *parser) foreach(atStart bool) error {
	n := &foreach{}
	if err := p.expect("("); err != nil {
		return err
	}
	p.skipSpace()
	ref, err := p.reference()
	if err == nil && ref == nil {
		err = errors.New("#foreach needs a reference for the element")
	}
	if err != nil {
		return err
	}
	n.element = ref.name
	if err := p.expect("in"); err != nil {
		return err
	}
	p.skipSpace()
	if n.list, err = p.operand(); err != nil {
		return err
	}
	if err := p.expect(")"); err != nil {
		return err
	}
	end := endDirective
	if n.body, end, err = p.body(); err != nil {
		return err
	}
	switch end {
	case elseifDirective:
		return errors.New("#elseif without #if")
	case elseDirective:
		if n.otherwise, err = p.lastBody(); err != nil {
			return err
		}
	}
	p.add(n)
	p.afterLine(atStart)
	return nil
}
