package java

import (
	"encoding/binary"
	"math"
)

// byteBuffer is a java.nio.ByteBuffer over bytes that scripts may hold, too.
type byteBuffer struct {
	b               []byte
	position, limit int
	order           binary.ByteOrder
}

func (*byteBuffer) JavaClass() string { return "java.nio.ByteBuffer" }

const nio = "java.nio."

// take moves past n bytes, or reads at a place that is given, and returns them.
func (b *byteBuffer) take(c *Call, n, at int, writes bool) []byte {
	if at < 0 {
		at = b.position
		if at+n > b.limit {
			if writes {
				panic(c.Throw(nio+"BufferOverflowException", ""))
			}
			panic(c.Throw(nio+"BufferUnderflowException", ""))
		}
		b.position += n
	} else if at+n > b.limit {
		panic(c.Throw("java.lang.IndexOutOfBoundsException", ""))
	}
	return b.b[at : at+n]
}

// index is an argument that is a place, -1 where it is absent.
func (c *Call) index(i int) int {
	if i >= c.Len() {
		return -1
	}
	if n := c.Int(i); n >= 0 {
		return n
	}
	panic(c.Throw("java.lang.IndexOutOfBoundsException", ""))
}

// whole is an argument as a long; a Long has all its bits.
func (c *Call) whole(i int) int64 {
	if n, ok := c.Object(i).(int64); ok {
		return n
	}
	return int64(c.Float(i))
}

func byteBufferClasses() []*Class {
	on := func(f func(b *byteBuffer, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*byteBuffer), c) }
	}
	allocate := func(c *Call) any {
		b := make([]byte, c.limit(c.Int(0)))
		return &byteBuffer{b: b, limit: len(b), order: binary.BigEndian}
	}
	methods := Methods{
		"array": on(func(b *byteBuffer, c *Call) any { return b.b }), "hasArray": func(*Call) any { return true }, "arrayOffset": func(*Call) any { return 0 },
		"capacity": on(func(b *byteBuffer, c *Call) any { return len(b.b) }), "remaining": on(func(b *byteBuffer, c *Call) any { return b.limit - b.position }),
		"hasRemaining": on(func(b *byteBuffer, c *Call) any { return b.position < b.limit }),
		"flip":         on(func(b *byteBuffer, c *Call) any { b.limit, b.position = b.position, 0; return b }),
		"clear":        on(func(b *byteBuffer, c *Call) any { b.limit, b.position = len(b.b), 0; return b }),
		"rewind":       on(func(b *byteBuffer, c *Call) any { b.position = 0; return b }),
		"position": on(func(b *byteBuffer, c *Call) any {
			if c.Len() == 0 {
				return b.position
			}
			if n := c.Int(0); n < 0 || n > b.limit {
				panic(c.Throw("java.lang.IllegalArgumentException", ""))
			}
			b.position = c.Int(0)
			return b
		}),
		"limit": on(func(b *byteBuffer, c *Call) any {
			if c.Len() == 0 {
				return b.limit
			}
			if n := c.Int(0); n < 0 || n > len(b.b) {
				panic(c.Throw("java.lang.IllegalArgumentException", ""))
			}
			b.limit = c.Int(0)
			b.position = min(b.position, b.limit)
			return b
		}),
		"order": on(func(b *byteBuffer, c *Call) any {
			if c.Len() == 0 {
				if b.order == binary.ByteOrder(binary.LittleEndian) {
					return c.VM.Enum(nio+"ByteOrder", "LITTLE_ENDIAN")
				}
				return c.VM.Enum(nio+"ByteOrder", "BIG_ENDIAN")
			}
			b.order = binary.BigEndian
			if e, ok := c.Object(0).(*Enum); ok && e.name == "LITTLE_ENDIAN" {
				b.order = binary.LittleEndian
			}
			return b
		}),
		"get": on(func(b *byteBuffer, c *Call) any {
			if into, ok := c.Object(0).([]byte); ok {
				into = c.part(into)
				copy(into, b.take(c, len(into), -1, false))
				return b
			}
			return int(int8(b.take(c, 1, c.index(0), false)[0]))
		}),
		"put": on(func(b *byteBuffer, c *Call) any {
			switch v := c.Object(0).(type) {
			case []byte:
				v = c.part(v)
				copy(b.take(c, len(v), -1, true), v)
			case *byteBuffer:
				from := v.take(c, v.limit-v.position, -1, false)
				copy(b.take(c, len(from), -1, true), from)
			default:
				at := -1
				if c.Len() > 1 {
					at = c.index(0)
				}
				b.take(c, 1, at, true)[0] = byte(c.whole(c.Len() - 1))
			}
			return b
		}),
	}
	for name, n := range map[string]int{"Short": 2, "Int": 4, "Long": 8, "Float": 4, "Double": 8} {
		methods["get"+name] = on(func(b *byteBuffer, c *Call) any { return number(b.order, b.take(c, n, c.index(0), false), name) })
		methods["put"+name] = on(func(b *byteBuffer, c *Call) any {
			at := -1
			if c.Len() > 1 {
				at = c.index(0)
			}
			putNumber(b.order, b.take(c, n, at, true), name, c.whole(c.Len()-1), c.Float(c.Len()-1))
			return b
		})
	}
	return []*Class{
		{Name: nio + "ByteBuffer", Methods: methods, Static: Methods{"allocate": allocate, "allocateDirect": allocate, "wrap": func(c *Call) any {
			b := c.byteArray(0)
			out := &byteBuffer{b: b, limit: len(b), order: binary.BigEndian}
			if c.Len() > 2 {
				part := c.part(b)
				out.position = c.Int(1)
				out.limit = out.position + len(part)
			}
			return out
		}}},
		NewEnum(nio+"ByteOrder", nil, "BIG_ENDIAN", "LITTLE_ENDIAN"),
	}
}

func number(order binary.ByteOrder, b []byte, kind string) any {
	switch kind {
	case "Short":
		return int(int16(order.Uint16(b)))
	case "Int":
		return int(int32(order.Uint32(b)))
	case "Float":
		return float64(math.Float32frombits(order.Uint32(b)))
	case "Double":
		return math.Float64frombits(order.Uint64(b))
	}
	return int64(order.Uint64(b))
}

func putNumber(order binary.ByteOrder, b []byte, kind string, n int64, f float64) {
	switch kind {
	case "Short":
		order.PutUint16(b, uint16(n))
	case "Int":
		order.PutUint32(b, uint32(n))
	case "Float":
		order.PutUint32(b, math.Float32bits(float32(f)))
	case "Double":
		order.PutUint64(b, math.Float64bits(f))
	default:
		order.PutUint64(b, uint64(n))
	}
}
