package mllp

import (
	"errors"
	"fmt"
)

var (
	// ErrIdle says that no frame began within Options.Idle. Nothing is lost:
	// the next ReadMessage goes on waiting.
	ErrIdle = errors.New("mllp: no message began within the idle time")

	// ErrSlow says that a frame began but did not end within Options.Frame, or
	// fell silent for Options.Gap. The bytes so far are kept: the next
	// ReadMessage goes on with the same frame and a fresh time limit.
	ErrSlow = errors.New("mllp: message did not end within the time for a frame")

	// ErrNotCommit says that a frame was read where Release 2 asks for a commit
	// acknowledgment, and that it holds something else.
	ErrNotCommit = errors.New("mllp: answer is neither a commit ack nor a nak; check that the remote system uses MLLP release 2 with the same ack and nak bytes")
)

// GarbageError says that the stream ended before any start bytes, after bytes
// that belong to no frame.
type GarbageError struct {
	Bytes int64 // skipped since the last frame
}

func (e *GarbageError) Error() string {
	return fmt.Sprintf("mllp: stream ended after %d bytes without start of message; check that the remote system frames its messages", e.Bytes)
}

// CutError says that the stream ended or failed inside a frame.
type CutError struct {
	Bytes int64 // of the frame, after its start bytes
	Err   error // io.ErrUnexpectedEOF, or the error of the stream
}

func (e *CutError) Error() string {
	return fmt.Sprintf("mllp: message cut off after %d bytes: %v", e.Bytes, e.Err)
}

func (e *CutError) Unwrap() error { return e.Err }

// TooLargeError says that a frame is larger than Options.MaxFrame. What follows
// on the stream cannot be told from content, so it should be closed.
type TooLargeError struct {
	Limit int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("mllp: message is larger than the limit of %d bytes", e.Limit)
}

// NakError says that the receiver refused a message with a negative commit
// acknowledgment every time it was sent.
type NakError struct {
	Sent int // how often the message was sent
}

func (e *NakError) Error() string {
	return fmt.Sprintf("mllp: receiver answered nak to all %d attempts to send the message", e.Sent)
}
