package mllp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// piece is how much of a large message Options.Frame is for, which limits the whole of
// others.
const piece = 16 << 20

// errLarge says that a message is to be read piece by piece.
var errLarge = errors.New("mllp: large message")

// ReadLarge is ReadMessage for messages that may be too large for memory. One of more
// than above bytes comes as a Large, of which most bytes may be read; with above 0
// there is none. It has to be read to its end before the next message.
func (r *Reader) ReadLarge(above, most int64) (msg []byte, large *Large, err error) {
	r.above = above
	msg, err = r.ReadMessage()
	r.above = 0
	if err == errLarge {
		return nil, &Large{r: r, most: most}, nil
	}
	return msg, nil, err
}

// Large is a message that is read piece by piece. Its errors are those of ReadMessage
// inside of a frame; after ErrSlow, Read may be called again.
type Large struct {
	r     *Reader
	most  int64
	count int64 // bytes given
	piece int64 // of them, of the latest piece
	found bool  // the end bytes begin after r.scanned bytes
	err   error
}

// Count returns how many bytes of the message have been read.
func (l *Large) Count() int64 { return l.count }

// Err returns what ended the message: io.EOF if it is complete, nil if it goes on.
func (l *Large) Err() error { return l.err }

// Read reads the next bytes of the message.
func (l *Large) Read(p []byte) (int, error) {
	if l.err == nil {
		err := l.look()
		if err == ErrSlow {
			return 0, l.r.fail(err)
		}
		if err != nil && err != io.EOF {
			l.r.fail(err)
		}
		l.err = err
	}
	if l.err != nil {
		return 0, l.err
	}
	r := l.r
	n := copy(p, r.buf[r.r:r.r+r.scanned])
	r.r, r.scanned = r.r+n, r.scanned-n
	l.count, l.piece = l.count+int64(n), l.piece+int64(n)
	if l.piece >= piece {
		l.piece, r.until = 0, r.after(r.opt.Frame)
	}
	return n, nil
}

// look returns nil when there are bytes to give, and io.EOF at the end bytes.
func (l *Large) look() error {
	r := l.r
	for r.scanned == 0 {
		have := r.buf[r.r:r.w]
		if !l.found && len(r.end) > 0 {
			if i := bytes.Index(have, r.end); i >= 0 {
				l.found, r.scanned = true, i
				continue
			}
		}
		switch {
		case l.found:
			r.r += len(r.end)
			r.inFrame = false
			return io.EOF
		case len(have) > max(len(r.end)-1, 0): // the end bytes may have arrived in part
			r.scanned = len(have) - max(len(r.end)-1, 0)
			continue
		}
		if r.until.IsZero() {
			r.until = r.after(r.opt.Frame)
		}
		if err := r.fill(r.soonest()); err != nil {
			if _, err := r.noEnd(err); err != nil {
				return l.cut(err)
			}
			r.inFrame = false
			return io.EOF
		}
	}
	if l.count+int64(r.scanned) > l.most {
		return &TooLargeError{Limit: l.most}
	}
	return nil
}

// cut counts what was read before.
func (l *Large) cut(err error) error {
	var cut *CutError
	if errors.As(err, &cut) {
		cut.Bytes += l.count
	}
	return err
}

// WriteLarge writes a message that is read while it is written.
func (w *Writer) WriteLarge(in io.Reader) error {
	// A write of their own for start and end bytes would be a packet of their own.
	whole := io.MultiReader(bytes.NewReader(w.opt.Framing.Start), in, bytes.NewReader(w.opt.Framing.End))
	buf := make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(whole, buf)
		if n > 0 && (err == nil || err == io.EOF || err == io.ErrUnexpectedEOF) {
			if err := w.write(buf[:n]); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return fmt.Errorf("mllp: read the message to write: %w", err)
		}
	}
}
