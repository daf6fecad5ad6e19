package tcp

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/wire/mllp"
)

// transmission is how messages are told apart on the stream.
type transmission struct {
	Mode       string // MLLP or Basic
	Start, End string // hexadecimal
	Release2   bool   // MLLP release 2: commit acknowledgments
	Ack, Nak   string // hexadecimal
	MaxRetries int
}

func (t *transmission) Fields(f *config.Fields) {
	const in = "transmissionModeProperties."
	f.String(&t.Mode, in+"pluginPointName", "MLLP", "MLLP or Basic; both frame messages by the bytes below.")
	f.String(&t.Start, in+"startOfMessageBytes", "0B",
		"Bytes before every message, hexadecimal. None: a message starts with the first byte.")
	f.String(&t.End, in+"endOfMessageBytes", "1C0D",
		"Bytes after every message, hexadecimal. None: a message lasts until the other side closes the connection or is silent.")
	f.Bool(&t.Release2, in+"useMLLPv2", false,
		"MLLP release 2: every message is confirmed by a commit acknowledgment before any reply.")
	f.String(&t.Ack, in+"ackBytes", "06", "Positive commit acknowledgment, hexadecimal.")
	f.String(&t.Nak, in+"nackBytes", "15", "Negative commit acknowledgment, hexadecimal.")
	f.Int(&t.MaxRetries, in+"maxRetries", 2,
		"How often a sender repeats a message after a negative commit acknowledgment; 0 means without end.").Range(0, 1<<30)
}

// options returns the settings for reading and writing frames, without time
// limits.
func (t *transmission) options(maxFrame int) (mllp.Options, error) {
	if t.Mode != "MLLP" && t.Mode != "Basic" {
		return mllp.Options{}, &weir.Fault{
			At:   "transmissionModeProperties",
			Err:  fmt.Errorf("transmission mode %q is not supported", t.Mode),
			Hint: "Use MLLP, or Basic with the start and end bytes of the protocol.",
		}
	}
	return mllp.Options{
		Framing:  &mllp.Framing{Start: mllp.ParseHex(t.Start), End: mllp.ParseHex(t.End)},
		MaxFrame: maxFrame,
		Ack:      mllp.ParseHex(t.Ack),
		Nak:      mllp.ParseHex(t.Nak),
	}, nil
}

func (t *transmission) release2() bool { return t.Release2 && t.Mode == "MLLP" }

// framers lends readers of frames, with their buffers, to connections that have
// something to read.
type framers struct {
	opt  mllp.Options
	idle sync.Pool // of *framer
}

// framer reads the frames of one connection at a time.
type framer struct {
	reader *mllp.Reader
	opt    mllp.Options
	stream headed
	used   int64 // bytes of the stream that belonged to messages already read
}

// borrow returns a reader of the frames on conn, of which head has been read.
// head is not kept beyond the first read.
func (p *framers) borrow(conn net.Conn, head []byte) *framer {
	f, _ := p.idle.Get().(*framer)
	if f == nil {
		f = &framer{opt: p.opt}
		f.reader = mllp.NewReader(&f.stream, p.opt)
	}
	f.stream.conn, f.stream.head = conn, head
	return f
}

// giveBack takes a reader that is at the end of what has arrived.
func (p *framers) giveBack(f *framer) {
	f.stream.conn, f.stream.head = nil, nil
	p.idle.Put(f)
}

// next returns the next message; see mllp.Reader.ReadMessage.
func (f *framer) next() ([]byte, error) {
	msg, err := f.reader.ReadMessage()
	if err == nil {
		f.count(int64(len(msg)))
	}
	return msg, err
}

// nextLarge is next for messages of which those above a size come piece by piece; they
// are counted when they are complete.
func (f *framer) nextLarge(above, most int64) ([]byte, *mllp.Large, error) {
	msg, large, err := f.reader.ReadLarge(above, most)
	if err == nil && large == nil {
		f.count(int64(len(msg)))
	}
	return msg, large, err
}

// count notes a message that has been read.
func (f *framer) count(size int64) {
	f.used += f.reader.Skipped() + int64(len(f.opt.Framing.Start)+len(f.opt.Framing.End)) + size
}

// empty reports whether everything that arrived has been returned by next.
func (f *framer) empty() bool { return f.used >= f.stream.count && len(f.stream.head) == 0 }

// headed is a connection of which some bytes may have been read already.
type headed struct {
	conn  net.Conn
	head  []byte
	count int64 // bytes read in the life of the framer
}

func (s *headed) Read(p []byte) (int, error) {
	if len(s.head) > 0 {
		n := copy(p, s.head)
		s.head = s.head[n:]
		s.count += int64(n)
		return n, nil
	}
	n, err := s.conn.Read(p)
	s.count += int64(n)
	return n, err
}

func (s *headed) SetReadDeadline(t time.Time) error { return s.conn.SetReadDeadline(t) }

// describe puts the end of a connection in words for the person who runs it.
func describe(err error, remote string, limit time.Duration) error {
	var large *mllp.TooLargeError
	var cut *mllp.CutError
	var garbage *mllp.GarbageError
	switch {
	case errors.As(err, &large):
		return &weir.Fault{At: "maxFrameBytes", Err: fmt.Errorf("from %s: %w", remote, err),
			Hint: "If such messages are meant to be received, raise the limit, or maxStreamBytes if that is what it says."}
	case errors.Is(err, mllp.ErrSlow):
		return &weir.Fault{At: "frameTimeout", Err: fmt.Errorf("a message from %s began and did not end within %v", remote, limit),
			Hint: "Check the end of message bytes on both sides, and the network between them."}
	case errors.As(err, &cut):
		return &weir.Fault{At: "transmissionModeProperties", Err: fmt.Errorf("the connection from %s ended inside a message, after %d bytes: %w", remote, cut.Bytes, cut.Err),
			Hint: "The message was not received and not acknowledged; if this repeats, check the end of message bytes on both sides."}
	case errors.As(err, &garbage):
		return &weir.Fault{At: "transmissionModeProperties", Err: fmt.Errorf("the connection from %s ended after %d bytes that belong to no message", remote, garbage.Bytes),
			Hint: "Check that the sender frames its messages with the same start of message bytes."}
	}
	return fmt.Errorf("connection from %s: %w", remote, err)
}

// whole reads a setting that Mirth writes as text: what is no number is 0.
func whole(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// millis reads a count of milliseconds that Mirth writes as text.
func millis(text string) time.Duration {
	return time.Duration(min(whole(text), 1<<40)) * time.Millisecond
}
