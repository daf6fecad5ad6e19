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

// Value returns the live JavaScript value while its run lasts.
func (h *Held) Value() goja.Value { return h.value }

func (vm *VM) hold(v goja.Value) *Held {
	h := &Held{vm: vm, value: v}
	vm.helds = append(vm.helds, h)
	return h
}

// Settle makes the copies of all JavaScript values that Java holds, so that
// other runs may see them. With end they let go of the runtime.
func (vm *VM) Settle(end bool) {
	for _, h := range vm.helds {
		if vm.hooks.Neutral != nil {
			n := vm.hooks.Neutral(h.value)
			h.mu.Lock()
			h.neutral = n
			h.mu.Unlock()
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

func (vm *VM) heldValue(h *Held) goja.Value {
	h.mu.Lock()
	mine, value, neutral := h.vm == vm, h.value, h.neutral
	h.mu.Unlock()
	if mine && value != nil {
		return value
	}
	if neutral == nil {
		return goja.Null()
	}
	return vm.ToJS(neutral)
}

func (vm *VM) heldText(h *Held) string {
	return vm.TextOf(vm.heldValue(h))
}
