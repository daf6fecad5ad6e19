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

// readLarge is readAll with messages above a size read piece by piece.
func readLarge(src io.Reader, opt Options, above, most int64) (all []string, larges int, err error) {
	r := NewReader(src, opt)
	for {
		msg, large, err := r.ReadLarge(above, most)
		if large != nil {
			larges++
			if msg, err = io.ReadAll(large); err == nil && (large.Count() != int64(len(msg)) || large.Err() != io.EOF) {
				err = errors.New("the message is not complete")
			}
		}
		if err != nil {
			return all, larges, err
		}
		all = append(all, string(msg))
	}
}

func TestReadLarge(t *testing.T) {
	long := strings.Repeat("MSH|\r\x1c", 20_000)
	for _, c := range []struct {
		name    string
		framing *Framing
		stream  string
		want    []string
	}{
		{"one message", nil, "\x0b" + long + "\x1c\r", []string{long}},
		{"between small ones", nil, "\x0bA\x1c\r\x0b" + long + "\x1c\r..\x0bC\x1c\r", []string{"A", long, "C"}},
		{"long end", framing("<<", ">>>"), "<<" + long + ">>>>x<<" + long + ">>>", []string{long, long}},
		{"no end bytes", framing("\x0b", ""), "..\x0b" + long, []string{long}},
		{"neither start nor end", framing("", ""), long, []string{long}},
	} {
		for how, wrap := range streams {
			got, larges, err := readLarge(wrap(strings.NewReader(c.stream)), Options{Framing: c.framing}, 100, 1<<20)
			if err != io.EOF || !reflect.DeepEqual(got, c.want) || how != "whole" && larges == 0 {
				t.Errorf("%s, %s: %d messages, %d large, %v", c.name, how, len(got), larges, err)
			}
		}
	}
}

func TestReadLargeErrors(t *testing.T) {
	broken := errors.New("connection reset")
	long := strings.Repeat("x", 1000)
	for _, c := range []struct {
		name   string
		stream io.Reader
		want   error
	}{
		{"end bytes missing", strings.NewReader("\x0b" + long), &CutError{1000, io.ErrUnexpectedEOF}},
		{"half of the end bytes", strings.NewReader("\x0b" + long + "\x1c"), &CutError{1001, io.ErrUnexpectedEOF}},
		{"connection lost", io.MultiReader(strings.NewReader("\x0b"+long), iotest.ErrReader(broken)), &CutError{1000, broken}},
		{"too large", strings.NewReader("\x0b" + long + long + long + "\x1c\r"), &TooLargeError{2000}},
		{"as large as it may be", strings.NewReader("\x0b" + long + long + "\x1c\r"), io.EOF},
	} {
		if _, larges, err := readLarge(iotest.OneByteReader(c.stream), Options{}, 100, 2000); larges != 1 || !reflect.DeepEqual(err, c.want) {
			t.Errorf("%s: %d large, %v; want %v", c.name, larges, err, c.want)
		}
	}
}

// A large message that falls silent may go on; one without end bytes ends then.
func TestReadLargeSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer here.Close()
		go func() {
			defer there.Close()
			io.WriteString(there, "\x0b"+strings.Repeat("x", 100))
			time.Sleep(90 * time.Second)
			io.WriteString(there, "yz\x1c\r")
		}()
		r := NewReader(here, Options{Gap: time.Minute})
		_, large, err := r.ReadLarge(10, 1000)
		if err != nil || large == nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(large)
		if err != ErrSlow || len(got) < 99 || large.Err() != nil { // the last byte may begin the end
			t.Errorf("%d bytes, %v", len(got), err)
		}
		rest, err := io.ReadAll(large)
		if whole := string(got) + string(rest); err != nil || whole != strings.Repeat("x", 100)+"yz" {
			t.Errorf("%q, %v", whole, err)
		}
	})
}

func FuzzReadLarge(f *testing.F) {
	f.Add([]byte("\x0bMSH|\r\x1c\r\x0bB\x1c\x1c\r"), 2)
	f.Fuzz(func(t *testing.T, stream []byte, above int) {
		want, wantErr := readAll(bytes.NewReader(stream), Options{})
		got, _, err := readLarge(iotest.OneByteReader(bytes.NewReader(stream)), Options{}, int64(above), 1<<20)
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(err, wantErr) {
			t.Errorf("%q above %d gives %q, %v; want %q, %v", stream, above, got, err, want, wantErr)
		}
	})
}

func TestWriteLarge(t *testing.T) {
	for _, n := range []int{0, 1, 64<<10 - 3, 64 << 10, 200_000} {
		text := strings.Repeat("x", n)
		var whole, pieces bytes.Buffer
		if err := NewWriter(&whole, Options{}).WriteMessage([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := NewWriter(&pieces, Options{}).WriteLarge(iotest.HalfReader(strings.NewReader(text))); err != nil || !bytes.Equal(whole.Bytes(), pieces.Bytes()) {
			t.Errorf("%d bytes: %d written, %v", n, pieces.Len(), err)
		}
	}
	broken := errors.New("the store is down")
	var out bytes.Buffer
	err := NewWriter(&out, Options{}).WriteLarge(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || bytes.Contains(out.Bytes(), []byte("\x1c\r")) {
		t.Errorf("%q, %v", out.Bytes(), err)
	}
}
