// Package mllp reads and writes messages framed by start and end bytes on a
// byte stream: the Minimal Lower Layer Protocol of HL7, and any framing of the
// same shape.
//
// The rules are those of the HL7 Version 3 Standard: Transport Specification -
// MLLP, Release 1 (a message is <VT> content <FS><CR>, §1.2.2.1 in the
// numbering of Release 2) and Release 2 (the receiver answers every message
// with a commit acknowledgment, §1.2.2.2). Where senders in the field differ
// from the standard the package does as Mirth Connect does: bytes between
// frames are skipped, and the content of a frame may be any bytes at all.
//
//	r := mllp.NewReader(conn, mllp.Options{Idle: time.Minute})
//	w := mllp.NewWriter(conn, mllp.Options{})
//	for {
//		msg, err := r.ReadMessage()
//		if errors.Is(err, mllp.ErrIdle) {
//			continue // nobody has spoken yet
//		}
//		if err != nil {
//			return err // io.EOF when the other side is done
//		}
//		if err := w.WriteMessage(answer(msg)); err != nil {
//			return err
//		}
//	}
//
// The package never looks into a message, and no error holds any of its
// content.
package mllp

import "time"

// Framing is the pair of byte sequences around every message.
//
// Either may be empty. Without Start a message begins with the first byte that
// arrives; without End it lasts until the stream ends or a time limit passes.
type Framing struct {
	Start []byte
	End   []byte
}

// Default returns the framing of the standard: VT (0B) before a message, FS CR
// (1C 0D) after it.
func Default() Framing {
	return Framing{Start: []byte{0x0B}, End: []byte{0x1C, 0x0D}}
}

// DefaultMaxFrame is the largest message accepted when Options.MaxFrame is 0.
const DefaultMaxFrame = 64 << 20

// Options are the settings of a Reader and of a Writer; both take the same, so
// that one value describes a connection. The zero value is standard MLLP
// without time limits.
type Options struct {
	// Framing is nil for the framing of the standard. A pointer to the zero
	// Framing means no framing at all.
	Framing *Framing

	// MaxFrame is the largest message a Reader accepts, in bytes without
	// framing. 0 means DefaultMaxFrame.
	MaxFrame int

	// Idle is how long ReadMessage waits for a frame to begin; bytes that are
	// skipped do not prolong it. Frame is how long a frame may take from its
	// first byte to its last. Gap is the longest silence inside a frame. 0
	// means no limit. They need a stream with a SetReadDeadline method, as
	// every net.Conn has, and are ignored on others.
	Idle  time.Duration
	Frame time.Duration
	Gap   time.Duration

	// Ack and Nak are the contents of commit acknowledgments, MLLP Release 2
	// §1.2.2.2. nil means 06 and 15.
	Ack []byte
	Nak []byte
}

func (o Options) withDefaults() Options {
	if o.Framing == nil {
		f := Default()
		o.Framing = &f
	}
	if o.MaxFrame <= 0 {
		o.MaxFrame = DefaultMaxFrame
	}
	if o.Ack == nil {
		o.Ack = []byte{0x06}
	}
	if o.Nak == nil {
		o.Nak = []byte{0x15}
	}
	return o
}

// ParseHex turns the hexadecimal text of a setting, such as "0B" or "1C 0D",
// into bytes. As in Mirth every text is accepted: characters that are not
// hexadecimal digits are ignored, and an odd number of digits gets a leading
// zero, so "B", "0B" and " 0b " mean the same. The result of "" is empty.
func ParseHex(text string) []byte {
	digits := make([]byte, 0, len(text)+1)
	for i := range len(text) {
		if d, ok := hexDigit(text[i]); ok {
			digits = append(digits, d)
		}
	}
	out := make([]byte, 0, len(digits)/2+1)
	if len(digits)%2 == 1 {
		out, digits = append(out, digits[0]), digits[1:]
	}
	for ; len(digits) > 0; digits = digits[2:] {
		out = append(out, digits[0]<<4|digits[1])
	}
	return out
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
