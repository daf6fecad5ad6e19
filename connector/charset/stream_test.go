package charset

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// Whatever the pieces in which bytes arrive, they mean what they mean as a whole.
func TestDecodeReader(t *testing.T) {
	long := strings.Repeat("Müller 日本 ", 2000)
	for _, c := range []struct{ charset, bytes string }{
		{"UTF-8", ""},
		{"UTF-8", long},
		{"UTF-8", long + "\xff" + long + "\xe2\x82"},
		{"UTF-8", strings.Repeat("\xe2\x82x\xed\xa0\x80\xf0\x9f\x98\xc0\x80\xf4\x90\x80\x80", 1000)},
		{"UTF-8", strings.Repeat("a", 4095) + "\xed\xa0\x80"},
		{"UTF-8", strings.Repeat("a", 4094) + "ü\xed\xa0"},
		{"ISO-8859-1", strings.Repeat("M\xfcller\x85", 3000)},
		{"windows-1252", strings.Repeat("\x80\x81", 3000)},
		{"Shift_JIS", strings.Repeat("\x93\xfa\x96\x7b", 3000) + "\x93"},
		{"UTF-16", "\xff\xfe" + strings.Repeat("a\x00", 5000)},
		{"UTF-16LE", strings.Repeat("a\x00", 5000) + "b"},
	} {
		cs, err := Lookup(c.charset)
		if err != nil {
			t.Fatal(err)
		}
		want := cs.Decode([]byte(c.bytes))
		for name, in := range pieces(c.bytes) {
			got, err := io.ReadAll(cs.DecodeReader(in))
			if err != nil || string(got) != want {
				t.Errorf("%s, %s: %d bytes give %d, %v; want %d", c.charset, name, len(c.bytes), len(got), err, len(want))
			}
		}
	}
}

func TestEncodeReader(t *testing.T) {
	long := strings.Repeat("Mü€x😀日本", 2000)
	for _, name := range []string{"UTF-8", "ISO-8859-1", "US-ASCII", "windows-1252", "Shift_JIS", "ISO-2022-JP", "UTF-16", "UTF-16LE", "GB18030"} {
		cs, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"", "€", long, long + "日"} {
			want := string(cs.Append(nil, text))
			for how, in := range pieces(text) {
				got, err := io.ReadAll(cs.EncodeReader(in))
				if err != nil || string(got) != want {
					t.Errorf("%s, %s: %d bytes of text give %d, %v; want %d", name, how, len(text), len(got), err, len(want))
				}
			}
		}
	}
}

func pieces(text string) map[string]io.Reader {
	return map[string]io.Reader{
		"whole": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		"halves": iotest.HalfReader(strings.NewReader(text)), "end with data": iotest.DataErrReader(strings.NewReader(text)),
	}
}

func FuzzDecodeReader(f *testing.F) {
	f.Add([]byte("a\xed\xa0\x80\xf0\x9f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := io.ReadAll(Charset{}.DecodeReader(iotest.OneByteReader(strings.NewReader(string(b)))))
		if want := decodeUTF8(b); err != nil || string(got) != want {
			t.Errorf("%q in pieces gives %q, %v; want %q", b, got, err, want)
		}
	})
}
