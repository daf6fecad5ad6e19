package charset

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct{ charset, bytes, want string }{
		{"", "Müller", "Müller"},
		{"DEFAULT_ENCODING", "Müller", "Müller"},
		{"UTF8", "Müller", "Müller"},
		{"ISO-8859-1", "M\xfcller\x85\xa4", "Müller\u0085¤"},
		{"iso8859_1", "\xfc", "ü"},
		{"ISO8859_15", "\xa4", "€"},
		{"windows-1252", "\x80", "€"},
		{"Cp1252", "\x93x\x94", "“x”"},
		{"Cp1250", "\xf8", "ř"},
		{"US-ASCII", "a\xfcb", "a�b"},
		{"Shift_JIS", "\x93\xfa\x96\x7b", "日本"},
		{"MS932", "\x93\xfa", "日"},
		{"EUC-JP", "\xc6\xfc", "日"},
		{"GB18030", "\xc8\xd5", "日"},
		{"Big5", "\xa4\xe9", "日"},
		{"KOI8-R", "\xd0", "п"},
		{"UTF-16", "\x00a\x00b", "ab"},
		{"UTF-16", "\xff\xfea\x00", "a"},
		{"UTF-16LE", "a\x00", "a"},
		{"UTF-32", "\x00\x00\x00a", "a"},
		// What Java makes of bytes that are not UTF-8.
		{"UTF-8", "a\xfcb", "a\uFFFDb"},
		{"UTF-8", "\xff\xfe", "\uFFFD\uFFFD"},
		{"UTF-8", "\xe2\x82", "\uFFFD"},
		{"UTF-8", "\xe2\x82x", "\uFFFDx"},
		{"UTF-8", "\xe2x\x82", "\uFFFDx\uFFFD"},
		{"UTF-8", "\xf0\x9f\x98x", "\uFFFDx"},
		{"UTF-8", "\xed\xa0\x80", "\uFFFD"},
		{"UTF-8", "\xe0\x80\x80", "\uFFFD\uFFFD\uFFFD"},
		{"UTF-8", "\xc0\x80", "\uFFFD\uFFFD"},
		{"UTF-8", "\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
		{"UTF-8", "\uFFFD", "\uFFFD"},
	} {
		cs, err := Lookup(c.charset)
		if err != nil {
			t.Errorf("Lookup(%q): %v", c.charset, err)
			continue
		}
		if got := cs.Decode([]byte(c.bytes)); got != c.want {
			t.Errorf("%s: Decode(%q) = %q, want %q", c.charset, c.bytes, got, c.want)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, c := range []struct{ charset, text, want string }{
		{"", "Mü€", "Mü€"},
		{"ISO-8859-1", "Mü", "M\xfc"},
		{"ISO-8859-1", "Mü€x😀", "M\xfc?x?"},
		{"US-ASCII", "Mü", "M?"},
		{"windows-1252", "€", "\x80"},
		{"Shift_JIS", "日本ü", "\x93\xfa\x96\x7b?"},
		{"UTF-16", "a", "\xfe\xff\x00a"},
		{"UTF-16LE", "a", "a\x00"},
	} {
		cs, err := Lookup(c.charset)
		if err != nil {
			t.Errorf("Lookup(%q): %v", c.charset, err)
			continue
		}
		if got := string(cs.Append([]byte("<"), c.text)); got != "<"+c.want {
			t.Errorf("%s: Append(%q) = %q, want %q", c.charset, c.text, got, "<"+c.want)
		}
	}
}

func TestUnknown(t *testing.T) {
	for _, name := range []string{"UTF-9", "none", "ISO-8859-99"} {
		if _, err := Lookup(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Lookup(%q) = %v, want an error with the name", name, err)
		}
	}
}

func FuzzDecodeUTF8(f *testing.F) {
	f.Add([]byte("a\xed\xa0\x80\xf0\x9f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := decodeUTF8(b); !utf8.ValidString(got) || len(got) > 3*len(b) {
			t.Errorf("decodeUTF8(%q) = %q", b, got)
		}
	})
}
