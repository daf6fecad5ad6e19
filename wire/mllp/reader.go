package mllp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

const (
	minBuffer     = 8 << 10   // bytes asked of the stream at first
	keepBuffer    = 256 << 10 // larger buffers are given back after the message
	maxEmptyReads = 100       // as bufio: a stream that gives nothing for so long is broken
)

// Reader reads framed messages from a stream. It reads ahead, so a stream
// belongs to one Reader for its life. A Reader is not safe for use by several
// goroutines at once. To end a wait, close the stream.
type Reader struct {
	src      io.Reader
	deadline deadliner // nil when no time is limited
	armed    bool      // a deadline is set on the stream
	opt      Options
	start    []byte
	end      []byte

	buf     []byte
	r, w    int   // buf[r:w] has arrived and is not used up
	scanned int   // bytes of buf[r:w] in which the end bytes do not begin
	inFrame bool  // the start bytes are behind r
	seeking bool  // skipped counts towards the next frame, not the last one
	skipped int64 // bytes before the start bytes
	above   int64 // size above which a message is large; 0: none is
	until   time.Time
	err     error // of the stream; comes after all that is buffered
	final   error // what ReadMessage returns from now on
}

type deadliner interface {
	SetReadDeadline(time.Time) error
}

// NewReader returns a Reader of the messages on src.
func NewReader(src io.Reader, opt Options) *Reader {
	opt = opt.withDefaults()
	r := &Reader{src: src, opt: opt, start: opt.Framing.Start, end: opt.Framing.End}
	if opt.Idle > 0 || opt.Frame > 0 || opt.Gap > 0 {
		r.deadline, _ = src.(deadliner)
	}
	return r
}

// ReadMessage returns the next message without its framing. The bytes belong to
// the Reader and are overwritten by the next call. Several messages that arrived
// in one packet come out one call at a time.
//
// Bytes before the start bytes are skipped; Skipped tells how many. The
// errors are:
//   - io.EOF: the stream ended between two messages;
//   - *GarbageError: it ended after bytes that belong to no frame;
//   - *CutError: it ended or failed inside a frame;
//   - *TooLargeError: the frame is larger than Options.MaxFrame;
//   - ErrIdle, ErrSlow: a time limit passed, ReadMessage may be called again;
//   - any other error of the stream, wrapped.
//
// Without end bytes the message is everything up to the end of the stream or
// to the first time limit that passes.
func (r *Reader) ReadMessage() ([]byte, error) {
	if r.final != nil {
		return nil, r.final
	}
	if !r.inFrame {
		r.giveBack()
		if err := r.findStart(); err != nil {
			return nil, r.fail(err)
		}
	}
	msg, err := r.findEnd()
	if err != nil {
		return nil, r.fail(err)
	}
	r.inFrame = false
	return msg, nil
}

// Skipped returns how many bytes before the start of the latest message
// belonged to no frame. More than 0 means that the remote system sends
// something the receiver throws away.
func (r *Reader) Skipped() int64 { return r.skipped }

// fail remembers an error after which the stream cannot be read any more.
func (r *Reader) fail(err error) error {
	switch err {
	case errLarge:
	case ErrIdle, ErrSlow:
		r.until = time.Time{}
	default:
		r.final = err
		r.buf, r.r, r.w = nil, 0, 0
	}
	return err
}

// findStart skips to the first byte after the start bytes.
//
// Mirth drops a byte that does not match without asking whether it begins the
// start bytes anew, so "AAB" hides a start of "AB" from it and the message is
// lost. That is not worth keeping; with one start byte there is no difference.
func (r *Reader) findStart() error {
	if !r.seeking {
		r.seeking, r.skipped = true, 0
	}
	r.until = r.after(r.opt.Idle)
	for {
		have := r.buf[r.r:r.w]
		if i := bytes.Index(have, r.start); i >= 0 && len(have) > 0 {
			r.skipped += int64(i)
			r.r += i + len(r.start)
			r.seeking, r.inFrame, r.scanned = false, true, 0
			r.until = r.after(r.opt.Frame)
			return nil
		}
		if drop := len(have) - max(len(r.start)-1, 0); drop > 0 {
			r.skipped += int64(drop)
			r.r += drop
		}
		if err := r.fill(r.until); err != nil {
			return r.noStart(err)
		}
	}
}

func (r *Reader) noStart(err error) error {
	skipped := r.skipped + int64(r.w-r.r)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrIdle
	case err != io.EOF:
		return fmt.Errorf("mllp: wait for message: %w", err)
	case skipped > 0:
		return &GarbageError{Bytes: skipped}
	}
	return io.EOF
}

// findEnd returns the bytes before the end bytes.
func (r *Reader) findEnd() ([]byte, error) {
	for {
		have := r.buf[r.r:r.w]
		if len(r.end) > 0 {
			if i := bytes.Index(have[r.scanned:], r.end); i >= 0 {
				r.scanned += i
				if r.scanned > r.opt.MaxFrame {
					return nil, &TooLargeError{Limit: int64(r.opt.MaxFrame)}
				}
				return r.take(r.scanned), nil
			}
			// The end bytes may have arrived in part.
			r.scanned = max(len(have)-len(r.end)+1, 0)
		} else {
			r.scanned = len(have)
		}
		if r.above > 0 && int64(r.scanned) > r.above {
			return nil, errLarge
		}
		if r.scanned > r.opt.MaxFrame {
			return nil, &TooLargeError{Limit: int64(r.opt.MaxFrame)}
		}
		if r.until.IsZero() {
			r.until = r.after(r.opt.Frame)
		}
		if err := r.fill(r.soonest()); err != nil {
			return r.noEnd(err)
		}
	}
}

// soonest returns when the wait for more of a frame ends.
func (r *Reader) soonest() time.Time {
	if gap := r.after(r.opt.Gap); r.until.IsZero() || !gap.IsZero() && gap.Before(r.until) {
		return gap
	}
	return r.until
}

func (r *Reader) noEnd(err error) ([]byte, error) {
	timeout := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case len(r.end) == 0 && (timeout || err == io.EOF):
		return r.take(r.w - r.r), nil
	case timeout:
		return nil, ErrSlow
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return nil, &CutError{Bytes: int64(r.w - r.r), Err: err}
}

// take uses up n bytes of content and the end bytes after them.
func (r *Reader) take(n int) []byte {
	msg := r.buf[r.r : r.r+n : r.r+n]
	r.r += n + len(r.end)
	return msg
}

// fill reads once from the stream, waiting no longer than until. It returns an
// error only if nothing arrived.
func (r *Reader) fill(until time.Time) error {
	if r.err != nil {
		return r.err
	}
	r.makeRoom()
	if r.deadline != nil && (r.armed || !until.IsZero()) {
		// It fails on a stream that is closed, of which Read tells more, and
		// where deadlines are not supported.
		_ = r.deadline.SetReadDeadline(until)
		r.armed = !until.IsZero()
	}
	for range maxEmptyReads {
		n, err := r.src.Read(r.buf[r.w:])
		r.w += n
		// A time limit is no end of the stream; any other error is kept until
		// what arrived with it has been used.
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			r.err = err
		}
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	r.err = io.ErrNoProgress
	return r.err
}

// makeRoom leaves at least one free byte after w. The buffer doubles when it is
// full, so it is never more than twice of what arrived, and it never grows
// beyond the bytes that show a frame to be too large.
func (r *Reader) makeRoom() {
	if r.r == r.w {
		r.r, r.w = 0, 0
	}
	if r.w < len(r.buf) {
		return
	}
	if r.r > 0 {
		r.w = copy(r.buf, r.buf[r.r:r.w])
		r.r = 0
		return
	}
	limit := min(r.opt.MaxFrame, math.MaxInt/4) + len(r.start) + len(r.end) + 1
	size := max(min(2*len(r.buf), limit), minBuffer)
	grown := make([]byte, size)
	r.w = copy(grown, r.buf[:r.w])
	r.buf = grown
}

// giveBack lets go of a buffer that one large message has made large.
func (r *Reader) giveBack() {
	if len(r.buf) > keepBuffer && r.w-r.r < minBuffer {
		small := make([]byte, minBuffer)
		r.w = copy(small, r.buf[r.r:r.w])
		r.r, r.buf = 0, small
	}
}

// after returns when a limit of d that starts now passes; the zero time means
// never.
func (r *Reader) after(d time.Duration) time.Time {
	if r.deadline == nil || d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}
