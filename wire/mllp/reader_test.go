package mllp

import (
	"bytes"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func framing(start, end string) *Framing {
	return &Framing{Start: []byte(start), End: []byte(end)}
}

// readAll returns all messages of src and the error that ends them.
func readAll(src io.Reader, opt Options) ([]string, error) {
	r := NewReader(src, opt)
	var all []string
	for {
		msg, err := r.ReadMessage()
		if err != nil {
			return all, err
		}
		all = append(all, string(msg))
	}
}

// streams are the ways in which the same bytes may arrive.
var streams = map[string]func(io.Reader) io.Reader{
	"whole":         func(r io.Reader) io.Reader { return r },
	"byte by byte":  iotest.OneByteReader,
	"halves":        iotest.HalfReader,
	"data with EOF": iotest.DataErrReader,
}

func TestReadMessage(t *testing.T) {
	for _, c := range []struct {
		name    string
		framing *Framing
		stream  string
		want    []string
	}{
		{"one message", nil, "\x0bMSH|\r\x1c\r", []string{"MSH|\r"}},
		{"several in one packet", nil, "\x0bA\x1c\r\x0bB\x1c\r\x0bC\x1c\r", []string{"A", "B", "C"}},
		{"nothing", nil, "", nil},
		{"empty message", nil, "\x0b\x1c\r", []string{""}},
		{"LF line ends stay", nil, "\x0bMSH|\nPID|\n\x1c\r", []string{"MSH|\nPID|\n"}},
		{"bytes before and between frames", nil, "\r\n\x0bA\x1c\r\r\n\x0bB\x1c\r", []string{"A", "B"}},
		{"start byte inside a message", nil, "\x0bA\x0bB\x1c\r", []string{"A\x0bB"}},
		{"first end byte alone", nil, "\x0bA\x1cB\x1c\x1c\r", []string{"A\x1cB\x1c"}},
		{"NUL and high bytes", nil, "\x0b\x00\xff\x80\x1c\r", []string{"\x00\xff\x80"}},
		{"long start and end", framing("<<", ">>>"), "<<a>>>x<<b>>c>>>", []string{"a", "b>>c"}},
		{"start that begins twice", framing("<<", ">"), "x<-<<a>", []string{"a"}},
		{"start after its own first byte", framing("AB", "."), "AABx.", []string{"x"}},
		{"no end bytes", framing("\x0b", ""), "..\x0bA\x1c\r", []string{"A\x1c\r"}},
		{"no end bytes, nothing in it", framing("\x0b", ""), "\x0b", []string{""}},
		{"no start bytes", framing("", "\n"), "A\nB\n\n", []string{"A", "B", ""}},
		{"no framing", framing("", ""), "A\x0bB\x1c\r", []string{"A\x0bB\x1c\r"}},
		{"no framing, nothing", framing("", ""), "", nil},
	} {
		for how, stream := range streams {
			got, err := readAll(stream(strings.NewReader(c.stream)), Options{Framing: c.framing})
			if err != io.EOF || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s, %s: read %q\n got %q, %v\nwant %q, EOF", c.name, how, c.stream, got, err, c.want)
			}
		}
	}
}

func TestReadMessageRefused(t *testing.T) {
	broken := errors.New("connection reset")
	for _, c := range []struct {
		name   string
		opt    Options
		stream io.Reader
		before int // messages before the error
		want   error
	}{
		{"no frame at all", Options{}, strings.NewReader("MSH|\r"), 0, &GarbageError{Bytes: 5}},
		{"bytes after the last frame", Options{}, strings.NewReader("xy\x0bA\x1c\rMSH"), 1, &GarbageError{Bytes: 3}},
		{"half of the start bytes", Options{Framing: framing("AB", ".")}, strings.NewReader("A"), 0, &GarbageError{Bytes: 1}},
		{"end bytes missing", Options{}, strings.NewReader("\x0bMSH|"), 0, &CutError{4, io.ErrUnexpectedEOF}},
		{"half of the end bytes", Options{}, strings.NewReader("\x0bA\x1c\r\x0bMSH|\x1c"), 1, &CutError{5, io.ErrUnexpectedEOF}},
		{"nothing after the start byte", Options{}, strings.NewReader("\x0b"), 0, &CutError{0, io.ErrUnexpectedEOF}},
		{"connection lost in a frame", Options{}, io.MultiReader(strings.NewReader("\x0bAB"), iotest.ErrReader(broken)), 0, &CutError{2, broken}},
		{"no end bytes, connection lost", Options{Framing: framing("", "")}, io.MultiReader(strings.NewReader("AB"), iotest.ErrReader(broken)), 0, &CutError{2, broken}},
		{"one byte too large", Options{MaxFrame: 3}, strings.NewReader("\x0bABC\x1c\r\x0bABCD\x1c\r"), 1, &TooLargeError{3}},
		{"too large without end", Options{MaxFrame: 3}, strings.NewReader("\x0bABCDEFG"), 0, &TooLargeError{3}},
		{"too large, no end bytes", Options{Framing: framing("", ""), MaxFrame: 3}, strings.NewReader("ABCD"), 0, &TooLargeError{3}},
		{"a stream that gives nothing", Options{}, giveNothing{}, 0, io.ErrNoProgress},
	} {
		got, err := readAll(c.stream, c.opt)
		if len(got) != c.before || !reflect.DeepEqual(err, c.want) && !errors.Is(err, c.want) {
			t.Errorf("%s:\n got %q, %v\nwant %d messages, %v", c.name, got, err, c.before, c.want)
		}
	}
}

type giveNothing struct{}

func (giveNothing) Read([]byte) (int, error) { return 0, nil }

func TestErrorsHoldNoContent(t *testing.T) {
	for _, stream := range []string{"DOE^JOHN", "\x0bDOE^JOHN", "\x0bDOE^JOHNDOE^JOHN\x1c\r"} {
		_, err := readAll(strings.NewReader(stream), Options{MaxFrame: 10})
		if err == nil || strings.Contains(err.Error(), "DOE") {
			t.Errorf("read %q: error %v", stream, err)
		}
	}
}

func TestErrorIsFinal(t *testing.T) {
	r := NewReader(strings.NewReader("\x0bABCD\x1c\r\x0bE\x1c\r"), Options{MaxFrame: 3})
	for range 3 {
		msg, err := r.ReadMessage()
		if !reflect.DeepEqual(err, &TooLargeError{3}) {
			t.Fatalf("got %q, %v; what follows a frame that is too large must not be read as a message", msg, err)
		}
	}
}

func TestSkipped(t *testing.T) {
	r := NewReader(strings.NewReader("\r\n\x0bA\x1c\r\x0bB\x1c\r\n\n\n\x0bC\x1c\r"), Options{})
	for _, want := range []int64{2, 0, 3} {
		if _, err := r.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		if got := r.Skipped(); got != want {
			t.Errorf("Skipped() = %d, want %d", got, want)
		}
	}
}

// A limit that is far away costs nothing, and a frame beyond the limit costs
// little more than the limit.
func TestMemoryFollowsWhatArrived(t *testing.T) {
	r := NewReader(io.MultiReader(strings.NewReader("\x0b"), zeros{}), Options{MaxFrame: 100_000})
	if _, err := r.ReadMessage(); !reflect.DeepEqual(err, &TooLargeError{100_000}) {
		t.Fatal(err)
	}
	frame := "\x0b" + strings.Repeat("x", 20_000) + "\x1c\r"
	r = NewReader(strings.NewReader(frame), Options{})
	if _, err := r.ReadMessage(); err != nil || len(r.buf) > 4*len(frame) {
		t.Errorf("%d bytes of buffer for a frame of %d, %v", len(r.buf), len(frame), err)
	}
	var biggest int
	src := readerFunc(func(p []byte) (int, error) {
		biggest = max(biggest, len(p))
		return len(p), nil
	})
	r = NewReader(io.MultiReader(strings.NewReader("\x0b"), src), Options{MaxFrame: 100_000})
	r.ReadMessage()
	if biggest > 100_000 {
		t.Errorf("asked the stream for %d bytes at once with a limit of 100000", biggest)
	}
	big := "\x0b" + strings.Repeat("x", 2*keepBuffer) + "\x1c\r"
	r = NewReader(strings.NewReader(big+"\x0bA\x1c\r"), Options{})
	r.ReadMessage()
	if msg, err := r.ReadMessage(); string(msg) != "A" || len(r.buf) > keepBuffer {
		t.Errorf("after a large message: %q, %v, %d bytes of buffer", msg, err, len(r.buf))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// arrival is what a peer does: wait, then send.
type arrival struct {
	wait time.Duration
	data string
}

func TestTimeLimits(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name string
		opt  Options
		peer []arrival // and then it closes the connection
		want []string  // messages, and errors in angle brackets
	}{
		{"in time", Options{Idle: 2 * s, Frame: 2 * s, Gap: 2 * s},
			[]arrival{{s, "\x0bA"}, {s, "B\x1c\r"}, {s, "\x0bC\x1c\r"}},
			[]string{"AB", "C", "<EOF>"}},
		{"nobody speaks, then a message", Options{Idle: 2 * s},
			[]arrival{{5 * s, "\x0bA\x1c\r"}},
			[]string{"<idle>", "<idle>", "A", "<EOF>"}},
		{"idle limit is off inside a frame", Options{Idle: 2 * s},
			[]arrival{{s, "\x0bA"}, {60 * s, "B\x1c\r"}},
			[]string{"AB", "<EOF>"}},
		{"skipped bytes do not prolong the wait and are counted", Options{Idle: 2 * s},
			[]arrival{{s, "x"}, {s * 9 / 10, "x"}, {s * 9 / 10, "x"}},
			[]string{"<idle>", "<garbage 3>"}},
		{"half a start before the limit", Options{Framing: framing("<<", ">"), Idle: 2 * s},
			[]arrival{{s, "<"}, {2 * s, "<A>"}},
			[]string{"<idle>", "A", "<EOF>"}},
		{"slow frame goes on where it was", Options{Frame: 3 * s},
			[]arrival{{60 * s, "\x0bA"}, {2 * s, "B"}, {2 * s, "C\x1c"}, {s, "\r"}},
			[]string{"<slow>", "ABC", "<EOF>"}},
		{"silence inside a frame", Options{Gap: 2 * s},
			[]arrival{{60 * s, "\x0bA"}, {s, "B"}, {3 * s, "C\x1c\r"}},
			[]string{"<slow>", "ABC", "<EOF>"}},
		{"drip feeding", Options{Frame: 3 * s, Gap: 2 * s},
			[]arrival{{s, "\x0bA"}, {s, "B"}, {s, "C"}, {s * 3 / 2, "D\x1c\r"}},
			[]string{"<slow>", "ABCD", "<EOF>"}},
		{"no end bytes: silence ends the message", Options{Framing: framing("", ""), Idle: 2 * s, Gap: 2 * s},
			[]arrival{{s, "A"}, {s, "B"}, {3 * s, "C"}},
			[]string{"AB", "C", "<EOF>"}},
		{"no end bytes: nobody speaks", Options{Framing: framing("", ""), Idle: 2 * s},
			[]arrival{{3 * s, "A"}},
			[]string{"<idle>", "A", "<EOF>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := net.Pipe()
				defer here.Close()
				go func() {
					for _, a := range c.peer {
						time.Sleep(a.wait) // of the bubble's clock
						io.WriteString(there, a.data)
					}
					there.Close()
				}()
				if got := record(NewReader(here, c.opt)); !reflect.DeepEqual(got, c.want) {
					t.Errorf("\n got %q\nwant %q", got, c.want)
				}
			})
		})
	}
}

func record(r *Reader) (got []string) {
	for {
		msg, err := r.ReadMessage()
		var garbage *GarbageError
		switch {
		case err == nil:
			got = append(got, string(msg))
		case err == ErrIdle:
			got = append(got, "<idle>")
		case err == ErrSlow:
			got = append(got, "<slow>")
		case errors.As(err, &garbage):
			return append(got, "<garbage "+string('0'+rune(garbage.Bytes))+">")
		default:
			return append(got, "<"+err.Error()+">")
		}
	}
}

func TestLimitsWithoutDeadlinesAreIgnored(t *testing.T) {
	got, err := readAll(strings.NewReader("\x0bA\x1c\r"), Options{Idle: 1, Frame: 1, Gap: 1})
	if len(got) != 1 || err != io.EOF {
		t.Errorf("got %q, %v", got, err)
	}
}

// However the bytes of a stream are split, the messages are the same, and they
// are those that a plain search finds.
func FuzzSplits(f *testing.F) {
	f.Add([]byte("\x0bA\x1c\r..\x0bB\x1c\x1c\r\x0b"), []byte("\x0b"), []byte("\x1c\r"), uint64(3))
	f.Add([]byte("x<<a>>>b<<c"), []byte("<<"), []byte(">>>"), uint64(77))
	f.Add([]byte("AABAB..."), []byte("AB"), []byte{}, uint64(5))
	f.Add([]byte("line\nline\n"), []byte{}, []byte("\n"), uint64(1))
	f.Fuzz(func(t *testing.T, stream, start, end []byte, seed uint64) {
		opt := Options{Framing: &Framing{Start: start, End: end}}
		want, wantErr := readAll(bytes.NewReader(stream), opt)
		got, gotErr := readAll(&splitter{stream, seed}, opt)
		if !reflect.DeepEqual(got, want) || gotErr.Error() != wantErr.Error() {
			t.Errorf("%q in frames of % X, % X:\n split %q, %v\nwhole %q, %v", stream, start, end, got, gotErr, want, wantErr)
		}
		if plain := search(stream, start, end); !reflect.DeepEqual(got, plain) {
			t.Errorf("%q in frames of % X, % X:\n got %q\nwant %q", stream, start, end, got, plain)
		}
	})
}

// splitter gives its bytes in pieces of pseudorandom size.
type splitter struct {
	rest []byte
	seed uint64
}

func (s *splitter) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	s.seed = s.seed*6364136223846793005 + 1442695040888963407
	n := min(int(s.seed>>33%5)+1, len(s.rest), len(p))
	copy(p, s.rest[:n])
	s.rest = s.rest[n:]
	return n, nil
}

func search(stream, start, end []byte) (found []string) {
	for len(stream) > 0 {
		_, body, ok := bytes.Cut(stream, start)
		if !ok {
			break
		}
		if len(end) == 0 {
			return append(found, string(body))
		}
		msg, rest, ok := bytes.Cut(body, end)
		if !ok {
			break
		}
		found, stream = append(found, string(msg)), rest
	}
	return found
}

func BenchmarkReadMessage(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{{"500B", 500}, {"2KB", 2 << 10}, {"1MB", 1 << 20}, {"16MB", 16 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			line := "OBX|1|NM|GLU^Glucose^L||182|mg/dl|70_105|H|||F\r"
			msg := strings.Repeat(line, c.size/len(line)+1)[:c.size]
			r := NewReader(&endless{frame: []byte("\x0b" + msg + "\x1c\r")}, Options{})
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.ReadMessage(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// endless repeats one frame.
type endless struct {
	frame []byte
	at    int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], e.frame[e.at:])
		n, e.at = n+k, (e.at+k)%len(e.frame)
	}
	return n, nil
}
