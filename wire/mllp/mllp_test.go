package mllp

import (
	"bytes"
	"testing"
)

func TestParseHex(t *testing.T) {
	for _, c := range []struct {
		text string
		want []byte
	}{
		{"", []byte{}},
		{"0B", []byte{0x0B}},
		{"0b", []byte{0x0B}},
		{"B", []byte{0x0B}},
		{"1C0D", []byte{0x1C, 0x0D}},
		{"1c 0d", []byte{0x1C, 0x0D}},
		{"1C,0D\n", []byte{0x1C, 0x0D}},
		{"0x0B", []byte{0x00, 0x0B}}, // the 0 of 0x is a digit
		{"C0D", []byte{0x0C, 0x0D}},
		{"none", []byte{0x0E}},
		{"<VT>", []byte{}},
		{"FFfe", []byte{0xFF, 0xFE}},
	} {
		if got := ParseHex(c.text); got == nil || !bytes.Equal(got, c.want) {
			t.Errorf("ParseHex(%q) = % X, want % X", c.text, got, c.want)
		}
	}
}

func FuzzParseHex(f *testing.F) {
	f.Add("1C0D")
	f.Add("0x0b, 1")
	f.Fuzz(func(t *testing.T, text string) {
		got := ParseHex(text)
		if len(got) > len(text)/2+1 {
			t.Errorf("ParseHex(%q) has %d bytes", text, len(got))
		}
	})
}
