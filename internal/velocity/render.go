package velocity

import (
	"errors"
	"strings"
)

// renderer is the state of one rendering.
type renderer struct {
	ctx  Lookup
	vars map[string]any // set by the template; nil values hide those of ctx
	out  *strings.Builder

	steps     int
	maxSteps  int
	maxOutput int
}

func newRenderer(ctx Lookup) *renderer {
	return &renderer{ctx: ctx, maxSteps: MaxSteps, maxOutput: MaxOutput}
}

// node is a piece of a template.
type node interface {
	render(*renderer) (signal, error)
}

// expression is what has a value. A nil value is undefined.
type expression interface {
	eval(*renderer) (any, error)
}

// signal says how rendering goes on after a node.
type signal int

const (
	goOn      signal = iota
	leaveLoop        // #break
	leaveAll         // #stop
)

func (r *renderer) all(nodes []node) (signal, error) {
	for _, n := range nodes {
		if s, err := n.render(r); s != goOn || err != nil {
			return s, err
		}
	}
	return goOn, nil
}

func (r *renderer) write(s string) error {
	if r.out.Len()+len(s) > r.maxOutput {
		return errOutput
	}
	r.out.WriteString(s)
	return nil
}

func (r *renderer) step(n int) error {
	if r.steps += n; r.steps > r.maxSteps || n > r.maxSteps {
		return errSteps
	}
	return nil
}

func (r *renderer) get(name string) any {
	if v, ok := r.vars[name]; ok {
		return v
	}
	v, ok := r.ctx.Get(name)
	if !ok {
		return nil
	}
	return normal(v)
}

func (r *renderer) set(name string, value any) {
	if r.vars == nil {
		r.vars = make(map[string]any)
	}
	r.vars[name] = value
}

// placed is an error of evaluation with its offset in the source.
type placed struct {
	error
	offset int
}

func (p placed) Unwrap() error { return p.error }

// fail gives an error its place, unless it has one.
func (r *renderer) fail(offset int, err error) error {
	var p placed
	if errors.As(err, &p) {
		return err
	}
	return placed{err, offset}
}

func (r *renderer) locate(source string, err error) error {
	if err == nil {
		return nil
	}
	var p placed
	if errors.As(err, &p) {
		return errorAt(source, p.offset, p.error)
	}
	return err
}

type text string

func (t text) render(r *renderer) (signal, error) { return goOn, r.write(string(t)) }

// jump is #stop, or #break if false.
type jump bool

func (j jump) render(*renderer) (signal, error) {
	if j {
		return leaveAll, nil
	}
	return leaveLoop, nil
}

type ifElse struct {
	arms      []ifArm
	otherwise []node
}

type ifArm struct {
	condition expression
	body      []node
}

func (n *ifElse) render(r *renderer) (signal, error) {
	for _, arm := range n.arms {
		v, err := arm.condition.eval(r)
		if err != nil {
			return goOn, err
		}
		if truth(v) {
			return r.all(arm.body)
		}
	}
	return r.all(n.otherwise)
}

type set struct {
	target *reference
	value  expression
	offset int
}

func (s *set) render(r *renderer) (signal, error) {
	value, err := s.value.eval(r)
	if err != nil {
		return goOn, err
	}
	steps := s.target.steps
	if len(steps) == 0 {
		r.set(s.target.name, value)
		return goOn, nil
	}
	owner := reference{name: s.target.name, steps: steps[:len(steps)-1]}
	object, err := owner.plain(r)
	if err == nil && object != nil {
		err = r.assign(object, &steps[len(steps)-1], value)
	}
	if err != nil {
		return goOn, r.fail(s.offset, err)
	}
	return goOn, nil
}

// foreach is a loop. Beside the element it has $foreach, and $velocityCount as
// in Velocity 1.
type foreach struct {
	element   string
	list      expression
	body      []node
	otherwise []node
}

func (n *foreach) render(r *renderer) (signal, error) {
	value, err := n.list.eval(r)
	if err != nil {
		return goOn, err
	}
	items := itemsOf(value)
	if len(items) == 0 {
		return r.all(n.otherwise)
	}
	restore := r.save(n.element, "foreach", "velocityCount")
	defer restore()
	outer, _ := r.vars["foreach"].(*loop)
	at := &loop{size: len(items), parent: outer}
	for i, item := range items {
		if err := r.step(1); err != nil {
			return goOn, err
		}
		at.index = i
		r.set("foreach", at)
		r.set("velocityCount", int64(i+1))
		r.set(n.element, normal(item))
		s, err := r.all(n.body)
		if err != nil || s == leaveAll {
			return s, err
		}
		if s == leaveLoop {
			break
		}
	}
	return goOn, nil
}

// save returns a function that gives variables their present values back.
func (r *renderer) save(names ...string) func() {
	type saved struct {
		value any
		set   bool
	}
	before := make([]saved, len(names))
	for i, name := range names {
		before[i].value, before[i].set = r.vars[name]
	}
	return func() {
		for i, name := range names {
			if before[i].set {
				r.vars[name] = before[i].value
			} else {
				delete(r.vars, name)
			}
		}
	}
}

// loop is the value of $foreach.
type loop struct {
	index, size int
	parent      *loop
}

func (l *loop) property(name string) any {
	switch name {
	case "index":
		return int64(l.index)
	case "count":
		return int64(l.index + 1)
	case "hasNext":
		return l.index+1 < l.size
	case "first":
		return l.index == 0
	case "last":
		return l.index+1 == l.size
	case "parent":
		if l.parent != nil {
			return l.parent
		}
	case "topmost":
		for l.parent != nil {
			l = l.parent
		}
		return l
	}
	return nil
}
