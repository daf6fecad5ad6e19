package xmlhost

import (
	"math/big"

	"github.com/dop251/goja"
)

const (
	maxDepth = 30_000  // elements inside one another
	maxBits  = 1 << 20 // of a BigInt that an operator makes
	maxInner = 10_000  // generators that a run hands on to with yield*
)

// big is __e4x.big(operator, a, b): a * b, a ** b or a << b, which of two BigInts
// could be larger than the memory.
func (h *Host) big(call goja.FunctionCall) goja.Value {
	op, a, b := int(call.Argument(0).ToInteger()), call.Argument(1), call.Argument(2)
	x, ok := a.Export().(*big.Int)
	y, ok2 := b.Export().(*big.Int)
	if ok && ok2 {
		bits := x.BitLen() + y.BitLen()
		switch {
		case op == 0:
		case y.BitLen() > 31:
			bits = maxBits + 1
		case op == 1:
			bits = (x.BitLen() - 1) * int(y.Int64())
		default:
			bits = x.BitLen() + int(y.Int64())
		}
		if bits > maxBits {
			h.throwRange("Maximum BigInt size exceeded")
		}
	}
	return h.plainOperator(3+op, a, b)
}

// inner is __e4x.inner(v), around what a generator hands on to with yield*. Each
// of these may be inside of the one before, which the limit of nested calls does
// not see.
func (h *Host) inner(call goja.FunctionCall) goja.Value {
	if h.inners++; h.inners > maxInner {
		h.throwRange("too many generators inside one another")
	}
	return call.Argument(0)
}

func (h *Host) throwRange(message string) {
	e, err := h.rt.New(h.rt.Get("RangeError"), h.rt.ToValue(message))
	if err != nil {
		panic(err)
	}
	panic(e)
}
