package velocity

import (
	"errors"
	"strings"
)

// reference is $name, with what follows it.
type reference struct {
	name    string
	steps   []step
	quiet   bool       // $!name: nothing if undefined
	instead expression // ${name|instead}
	slashes int        // backslashes before it
	written string     // as in the template
	offset  int
}

type stepKind int

const (
	property stepKind = iota // .name
	method                   // .name(args)
	index                    // [args[0]]
)

type step struct {
	kind   stepKind
	name   string
	args   []expression
	offset int
}

// reference reads the reference at pos. It returns nil if the dollar is only a
// dollar.
func (p *parser) reference() (*reference, error) {
	start := p.pos
	if !strings.HasPrefix(p.source[p.pos:], "$") {
		return nil, nil
	}
	p.pos++
	ref := &reference{offset: start}
	ref.quiet = p.literal("!")
	braces := p.literal("{")
	if ref.name = name(p.source[p.pos:]); ref.name == "" {
		return nil, nil
	}
	p.pos += len(ref.name)
	for {
		s, ok, err := p.step()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		ref.steps = append(ref.steps, s)
	}
	if braces {
		if err := p.closeBraces(ref); err != nil {
			return nil, err
		}
	}
	ref.written = p.source[start:p.pos]
	return ref, nil
}

// literal goes behind s if that comes next, without any space.
func (p *parser) literal(s string) bool {
	if !strings.HasPrefix(p.source[p.pos:], s) {
		return false
	}
	p.pos += len(s)
	return true
}

func (p *parser) closeBraces(ref *reference) error {
	if p.literal("|") {
		instead, err := p.nested(p.operand)
		if err != nil {
			return err
		}
		ref.instead = instead
	}
	if !p.literal("}") {
		return errors.New("reference with { is not closed by }")
	}
	return nil
}

// step reads .name, .name(args) or [index]. A dot without a name behind it is
// text.
func (p *parser) step() (step, bool, error) {
	s := step{offset: p.pos}
	rest := p.source[p.pos:]
	switch {
	case strings.HasPrefix(rest, "["):
		p.pos++
		arg, err := p.nested(p.expression)
		if err != nil {
			return s, false, err
		}
		s.kind, s.args = index, []expression{arg}
		return s, true, p.expect("]")
	case strings.HasPrefix(rest, "."):
		if s.name = name(rest[1:]); s.name != "" {
			break
		}
		fallthrough
	default:
		return s, false, nil
	}
	p.pos += 1 + len(s.name)
	if !p.literal("(") {
		return s, true, nil
	}
	s.kind = method
	if p.accept(")") {
		return s, true, nil
	}
	for {
		arg, err := p.nested(p.expression)
		if err != nil {
			return s, false, err
		}
		s.args = append(s.args, arg)
		if p.accept(")") {
			return s, true, nil
		}
		if err := p.expect(","); err != nil {
			return s, false, err
		}
	}
}

// eval returns nil for a reference that is undefined at any step.
func (ref *reference) eval(r *renderer) (any, error) {
	value, err := ref.plain(r)
	if err != nil || ref.instead == nil || truth(value) {
		return value, err
	}
	return ref.instead.eval(r)
}

func (ref *reference) plain(r *renderer) (any, error) {
	value := r.get(ref.name)
	for i := range ref.steps {
		if value == nil {
			return nil, nil
		}
		var err error
		if value, err = ref.steps[i].take(r, value); err != nil {
			return nil, r.fail(ref.steps[i].offset, err)
		}
		value = normal(value)
	}
	return value, nil
}

func (s *step) take(r *renderer, value any) (any, error) {
	if s.kind == property {
		return propertyOf(value, s.name), nil
	}
	args := make([]any, len(s.args))
	for i, arg := range s.args {
		var err error
		if args[i], err = arg.eval(r); err != nil {
			return nil, err
		}
	}
	if s.kind == index {
		return elementOf(r, value, args[0])
	}
	result, err := r.call(value, s.name, args)
	if errors.Is(err, ErrNoMethod) {
		return nil, nil
	}
	return result, err
}

// text returns what a reference without backslashes shows.
func (ref *reference) text(r *renderer) (string, error) {
	value, err := ref.eval(r)
	if err != nil {
		return "", err
	}
	text, ok, err := r.text(value)
	switch {
	case err != nil:
		return "", r.fail(ref.offset, err)
	case ok:
		return text, nil
	case ref.quiet:
		return "", nil
	}
	return ref.written, nil
}

// render writes the reference. Two backslashes before a defined reference stand
// for one; an odd one makes the reference text. Before an undefined reference
// they are all text.
func (ref *reference) render(r *renderer) (signal, error) {
	if ref.slashes == 0 {
		text, err := ref.text(r)
		if err != nil {
			return 0, err
		}
		return 0, r.write(text)
	}
	value, err := ref.eval(r)
	if err != nil {
		return 0, err
	}
	text, ok, err := r.text(value)
	if err != nil {
		return 0, r.fail(ref.offset, err)
	}
	slashes := ref.slashes
	switch {
	case !ok:
		text = ref.written
	case slashes%2 == 1:
		text, slashes = ref.written, slashes/2
	default:
		slashes /= 2
	}
	return 0, r.write(strings.Repeat(`\`, slashes) + text)
}
