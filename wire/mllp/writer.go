package mllp

import (
	"fmt"
	"io"
	"sync"
)

// Writer writes framed messages to a stream. Every frame is one call of Write,
// so several goroutines may share a Writer if the stream allows it, as every
// net.Conn does.
type Writer struct {
	dst io.Writer
	opt Options
}

// NewWriter returns a Writer of messages to dst. Of the options it uses
// Framing, Ack and Nak.
func NewWriter(dst io.Writer, opt Options) *Writer {
	return &Writer{dst: dst, opt: opt.withDefaults()}
}

// WriteMessage writes msg between start and end bytes, in one call of Write so
// that a small message travels as one packet. msg may be any bytes, is not
// modified and not kept.
//
// As in Mirth nobody looks for the end bytes inside msg: a message that holds
// them reaches the other side cut at that place.
func (w *Writer) WriteMessage(msg []byte) error {
	f := w.opt.Framing
	if len(f.Start) == 0 && len(f.End) == 0 {
		return w.write(msg)
	}
	frame := frames.Get().(*[]byte)
	*frame = append(append(append((*frame)[:0], f.Start...), msg...), f.End...)
	err := w.write(*frame)
	if cap(*frame) <= keepBuffer {
		frames.Put(frame)
	}
	return err
}

func (w *Writer) write(frame []byte) error {
	n, err := w.dst.Write(frame)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("mllp: write message: %d of %d bytes written: %w", n, len(frame), err)
	}
	return nil
}

// frames holds buffers in which a message and its framing become one piece.
var frames = sync.Pool{New: func() any { return new([]byte) }}
