package java

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRTF reads any text as RTF.
func FuzzRTF(f *testing.F) {
	for _, s := range []string{`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 caf\'e9 \u8364?\par}`, `{\*\x{\uc2\u-10187 ab\u-9216 cd}`, `\bin5abc`, `\'4`, `}}{`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := rtfText(s)
		if utf8.ValidString(s) && !utf8.ValidString(out) {
			t.Errorf("%q gave %q", s, out)
		}
		if len(out) > 4*len(s)+8 {
			t.Errorf("%d bytes of %q became %d", len(s), s, len(out))
		}
	})
}

func TestRTF(t *testing.T) {
	for _, c := range []struct{ rtf, want string }{
		{`{\rtf1 plain}`, "plain"},
		{`{\rtf1\ansi{\fonttbl{\f0\fnil Arial;}}{\colortbl;\red0;}{\*\generator x;}{\info{\author me}}\pard Hello\par World\par}`, "Hello\nWorld\n"},
		{`{\rtf1\ansicpg1251 \'cf\'f0}`, "Пр"},
		{`{\rtf1\uc1 \u8364?\u-10179?\u-8704?.}`, "€😀."},
		{`{\rtf1 a\{b\}\\c\tab d\~e}`, "a{b}\\c\td\u00a0e"},
		{`{\rtf1 {\b bold} {\i it}}`, "bold it"},
		{"{\\rtf1 one\r\ntwo}", "onetwo"},
		{`no rtf`, "no rtf"},
	} {
		if got := rtfText(c.rtf); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.rtf, got, c.want)
		}
	}
}

func TestTidy(t *testing.T) {
	for in, want := range map[string]string{"/a//b/": "/a/b", "/": "/", "a": "a", "": "", "//": "/"} {
		if got := tidy(in); got != want {
			t.Errorf("tidy(%q) = %q, want %q", in, got, want)
		}
	}
	if p, ok := parentOf("a"); ok {
		t.Errorf("parent of a: %q", p)
	}
	if !wildcard("a*?.h", "abcc.h") || wildcard("a?", "a") || !wildcard(strings.Repeat("*", 50), strings.Repeat("a", 1000)) {
		t.Error("wildcards")
	}
}
