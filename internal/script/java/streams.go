package java

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/weir-health/weir/internal/script/access"
)

// buffer is how much of a stream is read at once.
const buffer = 8 << 10

// errClosed is what a stream gives that was closed.
//
//lint:ignore ST1005 the JDK's words
var errClosed = errors.New("Stream closed")

// closer closes what lies below a stream, once.
type closer struct {
	close func() error
	done  bool
}

func (s *closer) Release() { s.end() }

func (s *closer) end() error {
	if s.done {
		return nil
	}
	s.done = true
	if s.close == nil {
		return nil
	}
	return s.close()
}

// source is what streams and readers are read from: from what is read at once
// and, where that was reset or marked, again.
type source struct {
	closer
	mu   sync.Mutex
	from io.Reader // nil: all there is lies in buf
	buf  []byte
	at   int
	mark int // place in buf to come back to, -1 without
	err  error
}

// fill reads more, and reports whether there is some.
func (s *source) fill() bool {
	if s.from == nil || s.err != nil {
		return false
	}
	if s.mark < 0 && s.at > 0 {
		s.buf = append(s.buf[:0], s.buf[s.at:]...)
		s.at = 0
	}
	if len(s.buf)-s.at > access.MaxBytes {
		s.err = access.ErrTooLarge
		return false
	}
	have := len(s.buf)
	s.buf = append(s.buf, make([]byte, buffer)...)
	n, err := s.from.Read(s.buf[have:])
	s.buf = s.buf[:have+n]
	s.err = err
	return n > 0 || err == nil && s.fill()
}

// more reports whether there is something to read.
func (s *source) more(c *Call) bool {
	if s.done {
		panic(c.Throw("java.io.IOException", errClosed.Error()))
	}
	if s.at < len(s.buf) || s.fill() {
		return true
	}
	if s.err != nil && s.err != io.EOF {
		panic(c.throwIO(s.err))
	}
	return false
}

// all reads to the end.
func (s *source) all(c *Call) []byte {
	for s.more(c) && s.from != nil && s.err == nil {
		if len(s.buf)-s.at > access.MaxBytes {
			panic(c.throwIO(access.ErrTooLarge))
		}
		s.fill()
	}
	b := s.buf[s.at:]
	s.at = len(s.buf)
	if s.mark < 0 && s.from != nil {
		s.buf, s.at = nil, 0
	}
	if s.err != nil && s.err != io.EOF {
		panic(c.throwIO(s.err))
	}
	return b
}

// Read lets one stream be read through another.
func (s *source) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.done:
		return 0, errClosed
	case s.at < len(s.buf) || s.fill():
		n := copy(b, s.buf[s.at:])
		s.at += n
		return n, nil
	case s.err == nil:
		return 0, io.EOF
	}
	return 0, s.err
}

// reader is a Reader: a source whose bytes are UTF-8.
type reader struct {
	source
	class string
	low   uint16 // second half of a character that was read by its first
	waits bool   // reading more may have to wait
}

// NewReader returns a java.io.BufferedReader over text.
func NewReader(text string) Instance { return newReader("java.io.BufferedReader", text) }

func newReader(class, text string) *reader {
	return &reader{class: class, source: source{buf: []byte(text), mark: 0}}
}

func (r *reader) JavaClass() string { return r.class }

// rest returns what is left.
func (r *reader) rest(c *Call) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.all(c))
}

// line returns the next line without its end.
func (r *reader) line(c *Call) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.more(c) {
		return "", false
	}
	for seen := 0; ; {
		if i := bytes.IndexAny(r.buf[r.at+seen:], "\r\n"); i >= 0 {
			i += r.at + seen
			if r.buf[i] == '\r' && i+1 == len(r.buf) {
				from := i - r.at
				r.fill() // whether a line feed follows
				i = r.at + from
			}
			line := string(r.buf[r.at:i])
			if r.at = i + 1; r.buf[i] == '\r' && r.at < len(r.buf) && r.buf[r.at] == '\n' {
				r.at++
			}
			return line, true
		}
		seen = len(r.buf) - r.at
		if !r.fill() {
			if r.err != nil && r.err != io.EOF {
				panic(c.throwIO(r.err))
			}
			line := string(r.buf[r.at:])
			r.at = len(r.buf)
			return line, true
		}
	}
}

// unit returns the next char, -1 at the end.
func (r *reader) unit(c *Call) int {
	if r.low != 0 {
		low := r.low
		r.low = 0
		return int(low)
	}
	if !r.more(c) {
		return -1
	}
	for !utf8.FullRune(r.buf[r.at:]) && r.fill() {
	}
	ch, n := utf8.DecodeRune(r.buf[r.at:])
	r.at += n
	if u := units(string(ch)); len(u) == 2 {
		r.low = u[1]
		return int(u[0])
	}
	return int(ch)
}

// readerFrom returns the Reader of a class over what an argument is.
func readerFrom(c *Call, class string) *reader {
	switch v := c.Object(0).(type) {
	case *reader:
		return &reader{class: class, source: source{from: v, mark: -1, closer: closer{close: v.end}}, waits: v.waits}
	case *input:
		return &reader{class: class, source: source{from: c.decoder(v, charsetName(c, 1)), mark: -1, closer: closer{close: v.end}}, waits: v.waits}
	case string:
		if class == "java.io.StringReader" {
			return newReader(class, v)
		}
	}
	if class == "java.io.StringReader" && !c.Null(0) {
		return newReader(class, c.Text(0)) // XML, as Rhino makes a String of it
	}
	if c.Null(0) {
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	panic(c.Throw("java.lang.IllegalArgumentException", class+" needs a Reader or an InputStream"))
}

// decoder returns the text of a stream as UTF-8.
func (c *Call) decoder(r io.Reader, charset string) io.Reader {
	e := c.charset(charset)
	if _, ok := e.(latin1); ok {
		e = charmap.ISO8859_1
	}
	if e == nil {
		e = unicode.UTF8
	}
	return e.NewDecoder().Reader(r)
}

// input is an InputStream.
type input struct {
	source
	class string
	waits bool
	left  func() int64 // bytes that are there to read without waiting; nil: none
	zip   any          // of a ZipInputStream
}

func newInput(class string, data []byte) *input {
	return &input{class: class, source: source{buf: data, mark: 0}}
}

// inputOver is an InputStream that reads another one; closing closes both.
func inputOver(class string, from io.Reader, of *input) *input {
	return &input{class: class, source: source{from: from, mark: -1, closer: closer{close: of.end}}, waits: of.waits, left: of.left}
}

func (s *input) JavaClass() string { return s.class }

// rest returns what is left.
func (s *input) rest(c *Call) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.all(c)...)
}

// output is an OutputStream; without to, a ByteArrayOutputStream.
type output struct {
	closer
	class string
	mu    sync.Mutex
	b     bytes.Buffer
	to    io.Writer
	flush func() error
}

func (o *output) JavaClass() string { return o.class }
func (o *output) String() string {
	if o.to != nil {
		return o.class
	}
	return o.b.String()
}

// Write lets one stream write through another.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.done && o.to != nil:
		return 0, errClosed
	case o.to != nil:
		return o.to.Write(b)
	case o.b.Len()+len(b) > access.MaxBytes:
		return 0, access.ErrTooLarge
	}
	return o.b.Write(b)
}

func (o *output) flushed() error {
	if o.flush == nil || o.done {
		return nil
	}
	return o.flush()
}

// part returns the bytes that write and read are given: all, or from and how
// many.
func (c *Call) part(b []byte) []byte {
	if c.Len() < 3 {
		return b
	}
	from, n := c.Int(1), c.Int(2)
	if from < 0 || n < 0 || from+n > len(b) {
		panic(c.Throw("java.lang.IndexOutOfBoundsException", ""))
	}
	return b[from : from+n]
}

func (c *Call) must(err error) {
	if err != nil {
		panic(c.throwIO(err))
	}
}

// writer is a Writer over a stream, or over another one.
type writer struct {
	closer
	class string
	mu    sync.Mutex
	put   func(c *Call, s string)
	flush func() error
}

func (w *writer) JavaClass() string { return w.class }

func (w *writer) write(c *Call, s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		panic(c.Throw("java.io.IOException", errClosed.Error()))
	}
	w.put(c, s)
}

// writerFrom returns the Writer of a class over what an argument is.
func writerFrom(c *Call, class string) *writer {
	switch v := c.Object(0).(type) {
	case *writer:
		return &writer{class: class, put: v.write, flush: v.flush, closer: closer{close: v.end}}
	case *Builder:
		return &writer{class: class, put: func(c *Call, s string) { v.append(c, s) }}
	case *output:
		return c.writerOver(class, v, charsetName(c, 1))
	case nil:
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	panic(c.Throw("java.lang.IllegalArgumentException", class+" needs a Writer or an OutputStream"))
}

// writerOver writes characters to a stream. They lie in a buffer until it is
// full, flushed or closed.
func (c *Call) writerOver(class string, to *output, charset string) *writer {
	c.charset(charset)
	var held bytes.Buffer
	spill := func() error {
		_, err := held.WriteTo(to)
		return err
	}
	return &writer{class: class,
		put: func(c *Call, s string) {
			held.Write(c.encode(s, charset))
			if held.Len() >= buffer {
				c.must(spill())
			}
		},
		flush:  func() error { return errors.Join(spill(), to.flushed()) },
		closer: closer{close: func() error { return errors.Join(spill(), to.end()) }},
	}
}

func streamClasses() []*Class {
	classes := append(inputClasses(), outputClasses()...)
	return append(append(classes, readerClasses()...), writerClasses()...)
}

func inputClasses() []*Class {
	on := func(f func(s *input, c *Call) any) func(*Call) any {
		return func(c *Call) any {
			s := c.This.(*input)
			s.mu.Lock()
			defer s.mu.Unlock()
			return f(s, c)
		}
	}
	over := func(c *Call) *input {
		if s, ok := c.Object(0).(*input); ok {
			return s
		}
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
	const super = "java.io.InputStream"
	return []*Class{
		{Name: "java.io.Closeable"}, {Name: "java.lang.AutoCloseable"},
		{Name: super, Implements: []string{"java.io.Closeable", "java.lang.AutoCloseable"}, Methods: Methods{
			"read": on(func(s *input, c *Call) any {
				if c.Len() == 0 {
					if !s.more(c) {
						return -1
					}
					s.at++
					return int(s.buf[s.at-1])
				}
				b, ok := c.Object(0).([]byte)
				if !ok {
					panic(c.Throw("java.lang.NullPointerException", ""))
				}
				if b = c.part(b); len(b) == 0 {
					return 0
				}
				if !s.more(c) {
					return -1
				}
				n := copy(b, s.buf[s.at:])
				s.at += n
				return n
			}),
			"readAllBytes": on(func(s *input, c *Call) any { return append([]byte(nil), s.all(c)...) }),
			"readNBytes": on(func(s *input, c *Call) any {
				n := c.limit(c.Int(0))
				for len(s.buf)-s.at < n && s.fill() {
				}
				n = min(n, len(s.buf)-s.at)
				s.at += n
				return append([]byte(nil), s.buf[s.at-n:s.at]...)
			}),
			"skip": on(func(s *input, c *Call) any {
				n, skipped := c.Int(0), 0
				for skipped < n && s.more(c) {
					step := min(n-skipped, len(s.buf)-s.at)
					s.at, skipped = s.at+step, skipped+step
				}
				return float64(skipped)
			}),
			"available": on(func(s *input, c *Call) any {
				n := len(s.buf) - s.at
				if s.left != nil {
					n += int(s.left())
				}
				return n
			}),
			"mark":          on(func(s *input, c *Call) any { s.mark = s.at; return Void }),
			"reset":         on(func(s *input, c *Call) any { s.again(c); return Void }),
			"markSupported": func(*Call) any { return true },
			"transferTo": on(func(s *input, c *Call) any {
				n, err := io.Copy(c.sink(0), &unlocked{s, c})
				c.must(err)
				return float64(n)
			}),
			"close": func(c *Call) any {
				s := c.This.(*input)
				c.closed(s)
				c.must(s.end())
				return Void
			},
		}},
		{Name: "java.io.ByteArrayInputStream", Super: super, New: func(c *Call) any {
			return newInput("java.io.ByteArrayInputStream", c.part(c.Bytes(0)))
		}},
		{Name: "java.io.BufferedInputStream", Super: super, New: func(c *Call) any {
			return inputOver("java.io.BufferedInputStream", over(c), over(c))
		}},
		{Name: "java.io.DataInputStream", Super: super, New: func(c *Call) any {
			return inputOver("java.io.DataInputStream", over(c), over(c))
		}, Methods: Methods{
			"readFully": on(func(s *input, c *Call) any {
				b, ok := c.Object(0).([]byte)
				if !ok {
					panic(c.Throw("java.lang.NullPointerException", ""))
				}
				if _, err := io.ReadFull(&unlocked{s, c}, c.part(b)); err != nil {
					panic(c.Throw("java.io.EOFException", ""))
				}
				return Void
			}),
			"readByte":         on(func(s *input, c *Call) any { return int(int8(s.number(c, 1))) }),
			"readUnsignedByte": on(func(s *input, c *Call) any { return int(s.number(c, 1)) }),
			"readShort":        on(func(s *input, c *Call) any { return int(int16(s.number(c, 2))) }),
			"readInt":          on(func(s *input, c *Call) any { return int(int32(s.number(c, 4))) }),
			"readLong":         on(func(s *input, c *Call) any { return float64(int64(s.number(c, 8))) }),
		}},
	}
}

// again goes back to the mark, which without one is the beginning of what lies
// in memory.
func (s *source) again(c *Call) {
	if s.mark < 0 {
		panic(c.Throw("java.io.IOException", "Resetting to invalid mark"))
	}
	s.at = s.mark
}

// number reads an integer, its highest byte first.
func (s *input) number(c *Call, size int) (n uint64) {
	for range size {
		if !s.more(c) {
			panic(c.Throw("java.io.EOFException", ""))
		}
		n = n<<8 | uint64(s.buf[s.at])
		s.at++
	}
	return n
}

// unlocked reads a source that the caller has locked.
type unlocked struct {
	s *input
	c *Call
}

func (u *unlocked) Read(b []byte) (int, error) {
	if !u.s.more(u.c) {
		return 0, io.EOF
	}
	n := copy(b, u.s.buf[u.s.at:])
	u.s.at += n
	return n, nil
}

// sink returns an argument that is an OutputStream.
func (c *Call) sink(i int) io.Writer {
	if o, ok := c.Object(i).(*output); ok {
		return o
	}
	panic(c.Throw("java.lang.NullPointerException", ""))
}

func outputClasses() []*Class {
	on := func(f func(o *output, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*output), c) }
	}
	over := func(class string, buffered bool) func(*Call) any {
		return func(c *Call) any {
			under, ok := c.Object(0).(*output)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			if !buffered {
				return &output{class: class, to: under, flush: under.flushed, closer: closer{close: under.end}}
			}
			return bufferedOutput(class, under)
		}
	}
	const super = "java.io.OutputStream"
	return []*Class{
		{Name: super, Implements: []string{"java.io.Closeable", "java.lang.AutoCloseable"}, Methods: Methods{
			"write": on(func(o *output, c *Call) any {
				var b []byte
				if c.IsNumber(0) {
					b = []byte{byte(c.Int(0))}
				} else {
					b = c.part(c.Bytes(0))
				}
				_, err := o.Write(b)
				c.must(err)
				return Void
			}),
			"flush": on(func(o *output, c *Call) any { c.must(o.flushed()); return Void }),
			"close": on(func(o *output, c *Call) any {
				c.closed(o)
				c.must(o.end())
				return Void
			}),
		}},
		{Name: "java.io.ByteArrayOutputStream", Super: super,
			New: func(*Call) any { return &output{class: "java.io.ByteArrayOutputStream"} },
			Methods: Methods{
				"toByteArray": on(func(o *output, c *Call) any { return append([]byte(nil), o.b.Bytes()...) }),
				"toString":    on(func(o *output, c *Call) any { return c.decode(o.b.Bytes(), charsetName(c, 0)) }),
				"size":        on(func(o *output, c *Call) any { return o.b.Len() }),
				"reset":       on(func(o *output, c *Call) any { o.b.Reset(); return Void }),
				"writeTo": on(func(o *output, c *Call) any {
					_, err := c.sink(0).Write(o.b.Bytes())
					c.must(err)
					return Void
				}),
				"close": func(*Call) any { return Void }, // as the class says: it has no effect
			}},
		{Name: "java.io.BufferedOutputStream", Super: super, New: over("java.io.BufferedOutputStream", true)},
		{Name: "java.io.DataOutputStream", Super: super, New: over("java.io.DataOutputStream", false), Methods: Methods{
			"writeBytes": on(func(o *output, c *Call) any {
				_, err := o.Write(encodeLatin1(c.Need(0)))
				c.must(err)
				return Void
			}),
			"writeByte": on(func(o *output, c *Call) any { return o.number(c, 1) }), "writeShort": on(func(o *output, c *Call) any { return o.number(c, 2) }),
			"writeInt": on(func(o *output, c *Call) any { return o.number(c, 4) }), "writeLong": on(func(o *output, c *Call) any { return o.number(c, 8) }),
		}},
	}
}

// number writes an integer, its highest byte first.
func (o *output) number(c *Call, size int) any {
	b := make([]byte, size)
	for i, n := size-1, int64(c.Int(0)); i >= 0; i, n = i-1, n>>8 {
		b[i] = byte(n)
	}
	_, err := o.Write(b)
	c.must(err)
	return Void
}

// bufferedOutput writes in larger pieces; what is held is written when it is
// flushed or closed.
func bufferedOutput(class string, under *output) *output {
	w := &held{to: under}
	return &output{class: class, to: w,
		flush:  func() error { return errors.Join(w.spill(), under.flushed()) },
		closer: closer{close: func() error { return errors.Join(w.spill(), under.end()) }}}
}

type held struct {
	b  bytes.Buffer
	to io.Writer
}

func (h *held) Write(b []byte) (int, error) {
	h.b.Write(b)
	if h.b.Len() >= buffer {
		return len(b), h.spill()
	}
	return len(b), nil
}

func (h *held) spill() error {
	_, err := h.b.WriteTo(h.to)
	return err
}

func readerClasses() []*Class {
	on := func(f func(r *reader, c *Call) any) func(*Call) any {
		return func(c *Call) any {
			r := c.This.(*reader)
			r.mu.Lock()
			defer r.mu.Unlock()
			return f(r, c)
		}
	}
	const super = "java.io.Reader"
	classes := []*Class{
		{Name: super, Implements: []string{"java.io.Closeable", "java.lang.AutoCloseable"}, Methods: Methods{
			"readLine": func(c *Call) any {
				if s, ok := c.This.(*reader).line(c); ok {
					return s
				}
				return nil
			},
			"read": on(func(r *reader, c *Call) any {
				if c.Len() == 0 {
					return r.unit(c)
				}
				into, ok := c.Object(0).(*Array)
				if !ok {
					panic(c.Throw("java.lang.NullPointerException", ""))
				}
				from, n := 0, into.Len()
				if c.Len() >= 3 {
					from, n = c.Int(1), c.Int(2)
				}
				if from < 0 || n < 0 || from+n > into.Len() {
					panic(c.Throw("java.lang.IndexOutOfBoundsException", ""))
				}
				for i := range n {
					u := r.unit(c)
					if u < 0 {
						if i == 0 {
							return -1
						}
						return i
					}
					into.SetAt(from+i, fromUnits([]uint16{uint16(u)}))
				}
				return n
			}),
			"ready": on(func(r *reader, c *Call) any { return r.at < len(r.buf) || !r.waits && r.more(c) }),
			"lines": func(c *Call) any {
				r, l := c.This.(*reader), NewList()
				for s, ok := r.line(c); ok; s, ok = r.line(c) {
					l.Add(s)
				}
				return l
			},
			"skip": on(func(r *reader, c *Call) any {
				n := 0
				for n < c.Int(0) && r.unit(c) >= 0 {
					n++
				}
				return float64(n)
			}),
			"mark":          on(func(r *reader, c *Call) any { r.mark = r.at; return Void }),
			"reset":         on(func(r *reader, c *Call) any { r.again(c); return Void }),
			"markSupported": func(*Call) any { return true },
			"transferTo": func(c *Call) any {
				text := c.This.(*reader).rest(c)
				c.writeText(0, text)
				return float64(length(text))
			},
			"close": func(c *Call) any {
				r := c.This.(*reader)
				c.closed(r)
				if r.from != nil { // the variable reader and a StringReader go on
					c.must(r.end())
				}
				return Void
			},
		}},
	}
	for _, name := range []string{"java.io.BufferedReader", "java.io.StringReader", "java.io.InputStreamReader", "java.io.LineNumberReader"} {
		classes = append(classes, &Class{Name: name, Super: super, New: func(c *Call) any { return readerFrom(c, name) }})
	}
	return classes
}

// writeText writes to an argument that is a Writer of some kind.
func (c *Call) writeText(i int, text string) {
	switch w := c.Object(i).(type) {
	case *writer:
		w.write(c, text)
	case *Builder:
		w.append(c, text)
	default:
		panic(c.Throw("java.lang.NullPointerException", ""))
	}
}

func writerClasses() []*Class {
	const super = "java.io.Writer"
	// put writes what a method is given to a Writer or a StringWriter.
	put := func(c *Call, s string) {
		switch w := c.This.(type) {
		case *writer:
			w.write(c, s)
		case *Builder:
			w.append(c, s)
		}
	}
	text := func(c *Call) string {
		if c.Len() == 0 {
			return ""
		}
		return c.VM.Text(c.Object(0))
	}
	write := func(c *Call) any {
		s := ""
		switch v := c.Object(0).(type) {
		case *Array:
			var b strings.Builder
			for _, item := range v.Items() {
				b.WriteString(Text(item))
			}
			s = b.String()
		case nil:
			panic(c.Throw("java.lang.NullPointerException", ""))
		default:
			if c.IsNumber(0) {
				s = fromUnits([]uint16{uint16(c.Int(0))})
			} else {
				s = c.Text(0)
			}
		}
		if c.Len() >= 3 {
			s = sub(c, s, c.Int(1), c.Int(1)+c.Int(2))
		}
		put(c, s)
		return Void
	}
	methods := Methods{
		"write":   write,
		"append":  func(c *Call) any { put(c, text(c)); return c.This },
		"newLine": func(c *Call) any { put(c, "\n"); return Void },
		"print":   func(c *Call) any { put(c, text(c)); return Void },
		"println": func(c *Call) any { put(c, text(c)+"\n"); return Void },
		"printf": func(c *Call) any {
			put(c, c.VM.lib.classes["java.lang.String"].Static["format"](&Call{VM: c.VM, Args: c.Args}).(string))
			return c.This
		},
		"checkError": func(*Call) any { return false },
		"flush": func(c *Call) any {
			if w, ok := c.This.(*writer); ok && w.flush != nil && !w.done {
				c.must(w.flush())
			}
			return Void
		},
		"close": func(c *Call) any {
			if w, ok := c.This.(*writer); ok {
				c.closed(w)
				c.must(w.end())
			}
			return Void
		},
	}
	methods["format"] = methods["printf"]
	stringWriter := builderMethods()
	for name, m := range methods {
		stringWriter[name] = m
	}
	stringWriter["getBuffer"] = func(c *Call) any { return c.This }
	classes := []*Class{
		{Name: super, Implements: []string{"java.io.Closeable", "java.lang.AutoCloseable"}, Methods: methods},
		{Name: "java.io.StringWriter", Super: super, New: func(*Call) any { return &Builder{class: "java.io.StringWriter"} }, Methods: stringWriter},
		{Name: "java.io.PrintWriter", Super: super, New: func(c *Call) any {
			switch c.Object(0).(type) {
			case string, *file:
				return c.fileWriter("java.io.PrintWriter", false, charsetName(c, 1))
			case *output:
				return c.writerOver("java.io.PrintWriter", c.Object(0).(*output), "")
			}
			return writerFrom(c, "java.io.PrintWriter")
		}},
	}
	for _, name := range []string{"java.io.BufferedWriter", "java.io.OutputStreamWriter"} {
		classes = append(classes, &Class{Name: name, Super: super, New: func(c *Call) any { return writerFrom(c, name) }})
	}
	return classes
}
