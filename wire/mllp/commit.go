package mllp

import (
	"bytes"
	"context"
	"fmt"
)

// WriteCommit answers a message with a commit acknowledgment, MLLP Release 2
// §1.2.2.2: ok says that the message is safely stored, !ok that the sender is to
// send it again.
func (w *Writer) WriteCommit(ok bool) error {
	if ok {
		return w.WriteMessage(w.opt.Ack)
	}
	return w.WriteMessage(w.opt.Nak)
}

// ReadCommit reads the answer that WriteCommit writes. It returns ErrNotCommit
// if a frame with other content arrives, which is then lost, and otherwise the
// errors of ReadMessage.
func (r *Reader) ReadCommit() (ok bool, err error) {
	answer, err := r.ReadMessage()
	switch {
	case err != nil:
		return false, fmt.Errorf("wait for commit ack: %w", err)
	case bytes.Equal(answer, r.opt.Ack):
		return true, nil
	case bytes.Equal(answer, r.opt.Nak):
		return false, nil
	}
	return false, ErrNotCommit
}

// SendCommitted writes msg and waits for its commit acknowledgment, as MLLP
// Release 2 §1.2.1 asks of a sender. r and w are the two directions of one
// connection.
//
// After a nak it sends msg again, at most maxRetries times and then returns a
// *NakError; with 0 it goes on until ctx ends, as Mirth does. ctx is asked
// before every attempt; what bounds the wait for one answer is Options.Idle of
// r.
//
// Every other error ends the call at once, because sending again on a stream of
// unknown state could pair a late answer with the wrong message. The message may
// then have been stored: use a new connection, and expect duplicates.
func SendCommitted(ctx context.Context, w *Writer, r *Reader, msg []byte, maxRetries int) error {
	return SendAgain(ctx, func() error { return w.WriteMessage(msg) }, r, maxRetries)
}

// SendAgain is SendCommitted for a message that write writes, each time anew.
func SendAgain(ctx context.Context, write func() error, r *Reader, maxRetries int) error {
	for sent := 1; ; sent++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("mllp: send message, attempt %d: %w", sent, err)
		}
		if err := write(); err != nil {
			return err
		}
		ok, err := r.ReadCommit()
		if ok || err != nil {
			return err
		}
		if maxRetries > 0 && sent > maxRetries {
			return &NakError{Sent: sent}
		}
	}
}
