package java

import (
	"sync"

	"github.com/dop251/goja"
)

// Held is a JavaScript value in Java's hands, such as an array in a list. It
// stays the same object for the run that made it. For others, and after the
// run, it is a copy in Go values.
type Held struct {
	vm    *VM
	value goja.Value

	mu      sync.Mutex
	neutral any
	last    bool // neutral is the copy of the run's end
}

// JavaClass tells that Java knows nothing of it.
func (h *Held) JavaClass() string { return "java.lang.Object" }

// Portable returns the copy, for whoever stores it.
func (h *Held) Portable() any {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.neutral
}

// String is the text of the copy.
func (h *Held) String() string { return Text(h.Portable()) }

// Value returns the live JavaScript value for the run that made it, nil for all
// others and afterwards.
func (h *Held) Value(vm *VM) goja.Value {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.vm != vm {
		return nil
	}
	return h.value
}

// Equal reports whether two hold the same JavaScript object.
func (h *Held) Equal(o any) bool {
	g, ok := o.(*Held)
	if !ok || g == h {
		return ok
	}
	h.mu.Lock()
	vm, value := h.vm, h.value
	h.mu.Unlock()
	if vm == nil {
		return false
	}
	other := g.Value(vm)
	return other != nil && value.SameAs(other)
}

func (vm *VM) hold(v goja.Value) *Held {
	h := &Held{vm: vm, value: v}
	vm.helds = append(vm.helds, h)
	return h
}

// Settle makes the copies of all JavaScript values that Java holds, so that
// other runs may see them. With end they let go of the runtime.
func (vm *VM) Settle(end bool) {
	for _, h := range vm.helds {
		if !h.last {
			h.settle()
		}
	}
	if !end {
		return
	}
	for _, h := range vm.helds {
		h.mu.Lock()
		h.vm, h.value = nil, nil
		h.mu.Unlock()
	}
	vm.helds = nil
}

// Last returns the copy as it is at the run's end.
func (h *Held) Last(vm *VM) any {
	if h.Value(vm) != nil {
		h.settle()
		h.last = true
	}
	return h.Portable()
}

// settle makes the copy.
func (h *Held) settle() {
	h.mu.Lock()
	vm, value := h.vm, h.value
	h.mu.Unlock()
	if vm == nil || vm.hooks.Neutral == nil {
		return
	}
	n := vm.hooks.Neutral(value)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.neutral = n
}

// Element returns an argument on its way into the receiver, a collection.
// Another run may look into that at any time, so a JavaScript value gets its copy
// now. A collection that would come to hold itself is refused: whoever stores or
// prints it would never end.
func (c *Call) Element(i int) any { return c.element(c.Object(i)) }

func (c *Call) element(v any) any {
	if h, ok := v.(*Held); ok && h.Portable() == nil {
		h.settle()
	}
	if c.This != nil && reaches(v, c.This, maxDepth) {
		panic(c.Throw("java.lang.IllegalArgumentException", "a collection cannot hold itself"))
	}
	return v
}

// reaches reports whether a collection is, or holds, target.
func reaches(v, target any, depth int) bool {
	var inside []any
	switch v := v.(type) {
	case *List, *Set, *Array:
		if v == target || depth == 0 {
			return true
		}
		inside = v.(iterable).Items()
	case *Map:
		if any(v) == target || depth == 0 {
			return true
		}
		for _, p := range v.Pairs() {
			inside = append(inside, p.Value)
		}
	}
	for _, item := range inside {
		if reaches(item, target, depth-1) {
			return true
		}
	}
	return false
}

func (vm *VM) heldValue(h *Held) goja.Value {
	if value := h.Value(vm); value != nil {
		return value
	}
	neutral := h.Portable()
	if neutral == nil {
		return goja.Null()
	}
	return vm.ToJS(neutral)
}

func (vm *VM) heldText(h *Held) string {
	return vm.TextOf(vm.heldValue(h))
}
