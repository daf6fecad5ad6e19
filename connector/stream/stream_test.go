package stream

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/charset"
)

func TestToBase64(t *testing.T) {
	for n := range 200 {
		b := bytes.Repeat([]byte{0xff, 0, 'a'}, 3*n*n)[:n*n]
		want := base64.StdEncoding.EncodeToString(b)
		got, err := io.ReadAll(ToBase64(iotest.HalfReader(bytes.NewReader(b))))
		if err != nil || string(got) != want {
			t.Fatalf("%d bytes give %d characters, %v; want %d", len(b), len(got), err, len(want))
		}
		lines, err := io.ReadAll(iotest.OneByteReader(ToBase64Lines(bytes.NewReader(b))))
		if err != nil || strings.ReplaceAll(string(lines), "\r\n", "") != want {
			t.Fatalf("%d bytes in lines give %d characters, %v", len(b), len(lines), err)
		}
		for _, line := range strings.SplitAfter(string(lines), "\r\n") {
			if len(line) > 78 || line != "" && !strings.HasSuffix(line, "\r\n") {
				t.Fatalf("%d bytes give the line %q", len(b), line)
			}
		}
	}
}

func TestFromBase64(t *testing.T) {
	for _, c := range []struct {
		text, want string
		bad        bool
	}{
		{"", "", false},
		{"YQ==", "a", false},
		{"YQ", "a", false},
		{"YWI", "ab", false},
		{" Y Q\r\n=\t=\n", "a", false},
		{"YWJj", "abc", false},
		{"Y", "", true},
		{"YWJjZ", "", true},
		{"a-b_", "", true},
		{"YQ==YQ==", "", true},
	} {
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(c.text), "pieces": iotest.OneByteReader(strings.NewReader(c.text))} {
			got, err := io.ReadAll(FromBase64(in))
			if errors.Is(err, ErrNotBase64) != c.bad || err != nil && !c.bad || !c.bad && string(got) != c.want {
				t.Errorf("%q, %s: %q, %v", c.text, name, got, err)
			}
		}
	}
}

func FuzzFromBase64(f *testing.F) {
	f.Add("YWJj\r\nZA")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := io.ReadAll(FromBase64(iotest.OneByteReader(strings.NewReader(text))))
		if err == nil && len(got) > len(text) {
			t.Errorf("%q gives %d bytes", text, len(got))
		}
		back, err := io.ReadAll(FromBase64(ToBase64Lines(strings.NewReader(text))))
		if err != nil || string(back) != text {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
	})
}

func TestBytes(t *testing.T) {
	latin, err := charset.Lookup("ISO-8859-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text   string
		binary bool
		cs     charset.Charset
		want   string
		known  bool
	}{
		{"ü", false, charset.Charset{}, "ü", true},
		{"ü€", false, latin, "\xfc?", false},
		{"AP8=", true, charset.Charset{}, "\x00\xff", false},
	} {
		text := &weir.Stream{Size: int64(len(c.text)), Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(c.text)), nil
		}}
		s := Bytes(text, c.binary, c.cs, "binary")
		if known := s.Size != Unknown; known != c.known {
			t.Errorf("%q: size %d", c.text, s.Size)
		}
		if s, err = Measured(t.Context(), s); err != nil || s.Size != int64(len(c.want)) {
			t.Fatalf("%q: measured %d, %v", c.text, s.Size, err)
		}
		for range 2 {
			in, err := s.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(in); err != nil || string(got) != c.want {
				t.Errorf("%q gives %q, %v; want %q", c.text, got, err, c.want)
			}
			in.Close()
		}
	}
}

// Who is told why must be told what to do.
func TestBytesFaults(t *testing.T) {
	broken := &weir.Stream{Size: 4, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(iotest.ErrReader(errors.New("the store is down"))), nil
	}}
	shut := &weir.Stream{Size: 4, Open: func(context.Context) (io.ReadCloser, error) { return nil, errors.New("the store is down") }}
	odd := &weir.Stream{Size: 4, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("?")), nil }}
	for _, c := range []struct {
		name   string
		text   *weir.Stream
		binary bool
		at     string
	}{
		{"breaks", broken, false, "template"}, {"breaks within base64", broken, true, "template"},
		{"cannot be opened", shut, false, "template"}, {"is not base64", odd, true, "binary"},
	} {
		in, err := Bytes(c.text, c.binary, charset.Charset{}, "binary").Open(t.Context())
		if err == nil {
			_, err = io.ReadAll(in)
		}
		var f *weir.Fault
		if !errors.As(err, &f) || f.At != c.at || f.Hint == "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
