package java

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"io"

	"github.com/weir-health/weir/internal/script/access"
)

// inflater is an Inflater. All input is kept: what comes after the decoder had run
// out of it is read from the beginning again.
type inflater struct {
	raw   bool // without zlib's frame
	in    []byte
	out   int // bytes given
	r     io.Reader
	from  *bytes.Reader
	ended bool
	short bool // the decoder has run out of input
}

func (*inflater) JavaClass() string { return "java.util.zip.Inflater" }

// deflater is a Deflater.
type deflater struct {
	level  int
	raw    bool
	w      packer
	b      bytes.Buffer // packed and not yet taken
	in     int
	out    int
	finish bool
	closed bool
}

func (*deflater) JavaClass() string { return "java.util.zip.Deflater" }

func inflateClasses() []*Class {
	in := func(f func(z *inflater, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*inflater), c) }
	}
	out := func(f func(z *deflater, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*deflater), c) }
	}
	bytesOut := in(func(z *inflater, c *Call) any { return float64(z.out) })
	bytesIn := in(func(z *inflater, c *Call) any { return float64(len(z.in) - z.left()) })
	return []*Class{
		{Name: "java.util.zip.Inflater", New: func(c *Call) any { return &inflater{raw: c.Len() > 0 && c.Bool(0)} }, Methods: Methods{
			"setInput": in(func(z *inflater, c *Call) any {
				more := c.part(c.Bytes(0))
				c.limit(len(z.in) + len(more))
				z.in, z.r, z.short = append(z.in, more...), nil, false
				return Void
			}),
			"inflate":         in(inflate),
			"finished":        in(func(z *inflater, c *Call) any { return z.ended }),
			"needsInput":      in(func(z *inflater, c *Call) any { return !z.ended && (z.short || len(z.in) == 0) }),
			"needsDictionary": func(*Call) any { return false },
			"getRemaining":    in(func(z *inflater, c *Call) any { return z.left() }),
			"getTotalIn":      bytesIn, "getBytesRead": bytesIn, "getTotalOut": bytesOut, "getBytesWritten": bytesOut,
			"reset": in(func(z *inflater, c *Call) any { *z = inflater{raw: z.raw}; return Void }),
			"end":   func(*Call) any { return Void },
		}},
		{Name: "java.util.zip.Deflater", New: func(c *Call) any {
			z := &deflater{level: flate.DefaultCompression, raw: c.Len() > 1 && c.Bool(1)}
			if c.Len() > 0 {
				z.setLevel(c)
			}
			return z
		}, Constants: map[string]any{"DEFAULT_COMPRESSION": int32(-1), "NO_COMPRESSION": int32(0), "BEST_SPEED": int32(1), "BEST_COMPRESSION": int32(9),
			"DEFLATED": int32(8), "DEFAULT_STRATEGY": int32(0), "NO_FLUSH": int32(0), "SYNC_FLUSH": int32(2), "FULL_FLUSH": int32(3)}, Methods: Methods{
			"setLevel":    out(func(z *deflater, c *Call) any { z.setLevel(c); return Void }),
			"setStrategy": func(*Call) any { return Void },
			"setInput": out(func(z *deflater, c *Call) any {
				b := c.part(c.Bytes(0))
				if z.b.Len()+len(b) > access.MaxBytes {
					panic(c.throwIO(access.ErrTooLarge))
				}
				if !z.closed {
					z.in += len(b)
					_, err := z.writer().Write(b)
					c.must(err)
				}
				return Void
			}),
			"finish": out(func(z *deflater, c *Call) any { z.finish = true; return Void }),
			"deflate": out(func(z *deflater, c *Call) any {
				into := c.part(c.byteArray(0))
				if z.finish && !z.closed {
					z.closed = true
					c.must(z.writer().Close())
				}
				n, _ := z.b.Read(into)
				z.out += n
				return n
			}),
			"finished":    out(func(z *deflater, c *Call) any { return z.closed && z.b.Len() == 0 }),
			"needsInput":  out(func(z *deflater, c *Call) any { return z.b.Len() == 0 }),
			"getTotalIn":  out(func(z *deflater, c *Call) any { return z.in }),
			"getTotalOut": out(func(z *deflater, c *Call) any { return z.out }),
			"reset":       out(func(z *deflater, c *Call) any { *z = deflater{level: z.level, raw: z.raw}; return Void }),
			"end":         func(*Call) any { return Void },
		}},
	}
}

// byteArray returns an argument that is byte[], to be written into.
func (c *Call) byteArray(i int) []byte {
	b, ok := c.Object(i).([]byte)
	if !ok {
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	return b
}

func (z *inflater) left() int {
	if z.from == nil {
		return len(z.in)
	}
	return z.from.Len()
}

// open begins to decode, and passes over what was given before.
func (z *inflater) open() (err error) {
	z.from = bytes.NewReader(z.in)
	if z.raw {
		z.r = flate.NewReader(z.from)
	} else if z.r, err = zlib.NewReader(z.from); err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, z.r, int64(z.out))
	return err
}

func inflate(z *inflater, c *Call) any {
	into := c.part(c.byteArray(0))
	if z.ended || z.short || len(into) == 0 || len(z.in) == 0 {
		return 0
	}
	var err error
	n := 0
	if z.r == nil {
		err = z.open()
	}
	for err == nil && n < len(into) {
		var got int
		got, err = z.r.Read(into[n:])
		n += got
	}
	z.out += n
	switch {
	case err == nil:
	case err == io.EOF && z.r != nil:
		z.ended = true
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		z.short, z.r = true, nil
	default:
		panic(c.Throw("java.util.zip.DataFormatException", "incorrect data"))
	}
	return n
}

func (z *deflater) setLevel(c *Call) {
	level := c.Int(0)
	if level < -1 || level > 9 {
		panic(c.Throw("java.lang.IllegalArgumentException", "invalid compression level"))
	}
	z.level = level
}

func (z *deflater) writer() packer {
	if z.w == nil {
		if z.raw {
			z.w, _ = flate.NewWriter(&z.b, z.level) // the level is one that it takes
		} else {
			z.w, _ = zlib.NewWriterLevel(&z.b, z.level)
		}
	}
	return z.w
}
