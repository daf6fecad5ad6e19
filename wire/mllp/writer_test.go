package mllp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// packets keeps what every call of Write was given.
type packets struct{ got []string }

func (p *packets) Write(b []byte) (int, error) {
	p.got = append(p.got, string(b))
	return len(b), nil
}

func TestWriteIsOnePacket(t *testing.T) {
	for _, c := range []struct {
		name    string
		framing *Framing
		msg     string
		want    string
	}{
		{"MLLP", nil, "MSH|\r", "\x0bMSH|\r\x1c\r"},
		{"empty message", nil, "", "\x0b\x1c\r"},
		{"no start bytes", framing("", "\n"), "A", "A\n"},
		{"no end bytes", framing("\x0b", ""), "A", "\x0bA"},
		{"no framing", framing("", ""), "A", "A"},
		{"large", nil, strings.Repeat("x", 3*keepBuffer), "\x0b" + strings.Repeat("x", 3*keepBuffer) + "\x1c\r"},
	} {
		var p packets
		err := NewWriter(&p, Options{Framing: c.framing}).WriteMessage([]byte(c.msg))
		if err != nil || len(p.got) != 1 || p.got[0] != c.want {
			t.Errorf("%s: %d packets, %v", c.name, len(p.got), err)
		}
	}
}

func TestWriteRefused(t *testing.T) {
	broken := errors.New("broken pipe")
	err := NewWriter(writerFunc(func(p []byte) (int, error) { return 2, broken }), Options{}).WriteMessage([]byte("DOE"))
	if !errors.Is(err, broken) || strings.Contains(err.Error(), "DOE") {
		t.Errorf("got %v", err)
	}
	err = NewWriter(writerFunc(func(p []byte) (int, error) { return 2, nil }), Options{}).WriteMessage([]byte("DOE"))
	if !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// What is written is read again, unless the message and the byte after it make
// the end bytes early.
func FuzzWriteRead(f *testing.F) {
	f.Add([]byte("MSH|\rPID|\r"), []byte("\x0b"), []byte("\x1c\r"))
	f.Add([]byte("\x1c\x0b\x1c"), []byte("\x0b"), []byte("\x1c\r"))
	f.Add([]byte("AA"), []byte("AB"), []byte("AAB"))
	f.Fuzz(func(t *testing.T, msg, start, end []byte) {
		if bytes.Index(append(bytes.Clone(msg), end...), end) != len(msg) || len(end) == 0 {
			t.Skip()
		}
		opt := Options{Framing: &Framing{Start: start, End: end}}
		var stream bytes.Buffer
		w := NewWriter(&stream, opt)
		for range 2 {
			if err := w.WriteMessage(msg); err != nil {
				t.Fatal(err)
			}
		}
		r := NewReader(&stream, opt)
		for range 2 {
			got, err := r.ReadMessage()
			if err != nil || !bytes.Equal(got, msg) || r.Skipped() != 0 {
				t.Fatalf("wrote %q in % X, % X\nread %q, %v, %d skipped", msg, start, end, got, err, r.Skipped())
			}
		}
		if _, err := r.ReadMessage(); err != io.EOF {
			t.Fatal(err)
		}
	})
}

func TestCommit(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  Options
		ok   bool
		want string
	}{
		{"ack", Options{}, true, "\x0b\x06\x1c\r"},
		{"nak", Options{}, false, "\x0b\x15\x1c\r"},
		{"own ack", Options{Ack: ParseHex("4F4B"), Nak: ParseHex("4E4F")}, true, "\x0bOK\x1c\r"},
		{"own nak", Options{Ack: ParseHex("4F4B"), Nak: ParseHex("4E4F")}, false, "\x0bNO\x1c\r"},
	} {
		var stream bytes.Buffer
		if err := NewWriter(&stream, c.opt).WriteCommit(c.ok); err != nil || stream.String() != c.want {
			t.Errorf("%s: wrote %q, %v", c.name, stream.String(), err)
		}
		if ok, err := NewReader(&stream, c.opt).ReadCommit(); ok != c.ok || err != nil {
			t.Errorf("%s: read %v, %v", c.name, ok, err)
		}
	}
}

func TestReadCommitRefused(t *testing.T) {
	var cut *CutError
	for _, c := range []struct {
		name, stream string
		is           func(error) bool
	}{
		{"an HL7 acknowledgment", "\x0bMSH|^~\\&|\rMSA|AA|1\r\x1c\r", func(err error) bool { return errors.Is(err, ErrNotCommit) }},
		{"ack twice in one frame", "\x0b\x06\x06\x1c\r", func(err error) bool { return errors.Is(err, ErrNotCommit) }},
		{"empty frame", "\x0b\x1c\r", func(err error) bool { return errors.Is(err, ErrNotCommit) }},
		{"closed instead", "", func(err error) bool { return errors.Is(err, io.EOF) }},
		{"cut", "\x0b\x06", func(err error) bool { return errors.As(err, &cut) }},
	} {
		if ok, err := NewReader(strings.NewReader(c.stream), Options{}).ReadCommit(); ok || !c.is(err) {
			t.Errorf("%s: got %v, %v", c.name, ok, err)
		}
	}
}

func TestSendCommitted(t *testing.T) {
	var nak *NakError
	for _, c := range []struct {
		name    string
		naks    int // before the ack
		retries int
		sent    int
		is      func(error) bool
	}{
		{"ack", 0, 2, 1, func(err error) bool { return err == nil }},
		{"ack after the last retry", 2, 2, 3, func(err error) bool { return err == nil }},
		{"nak to all", 3, 2, 3, func(err error) bool { return errors.As(err, &nak) && nak.Sent == 3 }},
		{"endless", 50, 0, 51, func(err error) bool { return err == nil }},
		{"endless until ctx ends", 1000, 0, 60, func(err error) bool { return errors.Is(err, context.Canceled) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			here, there := net.Pipe()
			defer here.Close()
			ctx, cancel := context.WithCancel(t.Context())
			received := make(chan int)
			go func() {
				r, w := NewReader(there, Options{}), NewWriter(there, Options{})
				n := 0
				for {
					if msg, err := r.ReadMessage(); err != nil || string(msg) != "MSH|\r" {
						break
					}
					if n++; n == 60 {
						cancel()
					}
					if w.WriteCommit(n > c.naks) != nil {
						break
					}
				}
				received <- n
			}()
			err := SendCommitted(ctx, NewWriter(here, Options{}), NewReader(here, Options{}), []byte("MSH|\r"), c.retries)
			here.Close()
			if n := <-received; n != c.sent || !c.is(err) {
				t.Errorf("sent %d times, want %d; error %v", n, c.sent, err)
			}
		})
	}
}

// A receiver that never answers must not get the message a second time.
func TestSendCommittedWithoutAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		go io.Copy(io.Discard, there)
		err := SendCommitted(t.Context(), NewWriter(here, Options{}), NewReader(here, Options{Idle: 5 * time.Second}), []byte("A"), 2)
		if !errors.Is(err, ErrIdle) {
			t.Errorf("got %v", err)
		}
		here.Close()
	})
}

func ExampleReader() {
	r := NewReader(strings.NewReader("\x0bMSH|^~\\&|LAB\r\x1c\r"), Options{})
	msg, err := r.ReadMessage()
	fmt.Printf("%q %v\n", msg, err)
	// Output: "MSH|^~\\&|LAB\r" <nil>
}

func BenchmarkWriteMessage(b *testing.B) {
	w := NewWriter(io.Discard, Options{})
	msg := bytes.Repeat([]byte("x"), 2<<10)
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		if err := w.WriteMessage(msg); err != nil {
			b.Fatal(err)
		}
	}
}
