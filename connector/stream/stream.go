// Package stream turns contents that are too large for memory from one form into
// another while they are read: bytes into base64 and back, and what a destination
// sends into the bytes that it writes.
package stream

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/charset"
)

// DefaultMax is the largest content that a source takes piece by piece, in bytes,
// as the default of a setting.
const DefaultMax = 64 << 30

// Unknown is the size of a stream that has to be read to know it.
const Unknown = -1

// Piece is how much of a stream the limits in time are for that hold for a whole
// content otherwise.
const Piece = 16 << 20

// Within returns the time for a content of a size, of a limit for each Piece; 0 is no
// limit.
func Within(limit time.Duration, size int64) time.Duration {
	return limit * time.Duration(1+max(size, 0)/Piece)
}

// Bytes returns the bytes that a destination writes for a text, or for the base64
// of one that is binary; at is the setting that says which. The size is Unknown
// unless the text is written as it is.
func Bytes(text *weir.Stream, binary bool, cs charset.Charset, at string) *weir.Stream {
	out := &weir.Stream{Size: Unknown}
	if !binary && cs.UTF8() {
		out.Size = text.Size
	}
	out.Open = func(ctx context.Context) (io.ReadCloser, error) {
		in, err := text.Open(ctx)
		if err != nil {
			return nil, unreadable(err)
		}
		checked := faulty{in}
		if binary {
			return closing{decoded{FromBase64(checked), at}, in}, nil
		}
		return closing{cs.EncodeReader(checked), in}, nil
	}
	return out
}

// Measured returns a stream of known size. One that is not known is read for it.
func Measured(ctx context.Context, s *weir.Stream) (*weir.Stream, error) {
	if s.Size != Unknown {
		return s, nil
	}
	in, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	n, err := io.Copy(io.Discard, in)
	return &weir.Stream{Size: n, Open: s.Open}, err
}

// closing is a reader with what is behind it.
type closing struct {
	io.Reader
	io.Closer
}

// faulty explains why a content cannot be read.
type faulty struct{ in io.Reader }

func (f faulty) Read(p []byte) (int, error) {
	n, err := f.in.Read(p)
	if err != nil && err != io.EOF {
		err = unreadable(err)
	}
	return n, err
}

// decoded says which setting asks for base64.
type decoded struct {
	in io.Reader
	at string
}

func (d decoded) Read(p []byte) (int, error) {
	n, err := d.in.Read(p)
	if errors.Is(err, ErrNotBase64) {
		err = &weir.Fault{At: d.at, Err: err, Hint: "With binary on, the template must give base64."}
	}
	return n, err
}

func unreadable(err error) error {
	var known *weir.Fault
	if errors.As(err, &known) {
		return err
	}
	return &weir.Fault{At: "template", Err: fmt.Errorf("the content to send cannot be read: %w", err),
		Hint: "Look at the message's attachments, and whether the store is up."}
}

// ErrNotBase64 is a text of which FromBase64 can make no bytes.
var ErrNotBase64 = errors.New("what is to be sent is not base64")

// FromBase64 gives the bytes of base64, with or without line ends and padding.
func FromBase64(in io.Reader) io.Reader {
	return notBase64{base64.NewDecoder(base64.StdEncoding, &compact{in: in})}
}

// notBase64 gives its own error to what is none, and leaves those of the reader below.
type notBase64 struct{ in io.Reader }

func (r notBase64) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	var corrupt base64.CorruptInputError
	if errors.As(err, &corrupt) || err == io.ErrUnexpectedEOF {
		err = ErrNotBase64
	}
	return n, err
}

// compact leaves out blanks and line ends, and adds the padding that is missing.
type compact struct {
	in     io.Reader
	count  int // characters modulo 4
	padded bool
	ended  bool
}

func (c *compact) Read(p []byte) (int, error) {
	for !c.ended {
		n, err := c.in.Read(p)
		kept := 0
		for _, b := range p[:n] {
			switch {
			case b == '\r' || b == '\n' || b == ' ' || b == '\t':
				continue
			case b == '=':
				c.padded = true
			case c.padded: // the decoder would begin anew
				return 0, ErrNotBase64
			}
			p[kept] = b
			kept++
		}
		c.count = (c.count + kept) % 4
		if err == io.EOF {
			c.ended, err = true, nil
		}
		if kept > 0 || err != nil {
			return kept, err
		}
	}
	if c.count < 2 || len(p) == 0 {
		return 0, io.EOF // a single character is of no byte: the decoder says so
	}
	p[0] = '='
	c.count = (c.count + 1) % 4
	return 1, nil
}

// ToBase64 gives the base64 of bytes in one line.
func ToBase64(in io.Reader) io.Reader { return &encoder{in: in} }

// ToBase64Lines gives it in lines of 76 characters that end with CR LF.
func ToBase64Lines(in io.Reader) io.Reader { return &encoder{in: in, lines: true} }

// lineBytes is how many bytes make a line of base64.
const lineBytes = 57

type encoder struct {
	in    io.Reader
	lines bool
	bytes [lineBytes * 256]byte
	text  []byte // all of what bytes made
	rest  []byte // of text, not given yet
	err   error
}

func (e *encoder) Read(p []byte) (int, error) {
	for len(e.rest) == 0 {
		if e.err != nil {
			return 0, e.err
		}
		var n int
		n, e.err = io.ReadFull(e.in, e.bytes[:])
		if e.err == io.ErrUnexpectedEOF {
			e.err = io.EOF
		}
		if e.err == nil || e.err == io.EOF {
			e.encode(e.bytes[:n])
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func (e *encoder) encode(b []byte) {
	e.text = e.text[:0]
	for e.lines && len(b) > 0 {
		n := min(lineBytes, len(b))
		e.text = append(base64.StdEncoding.AppendEncode(e.text, b[:n]), '\r', '\n')
		b = b[n:]
	}
	e.text = base64.StdEncoding.AppendEncode(e.text, b)
	e.rest = e.text
}
