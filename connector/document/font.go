package document

import (
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// face is one of the twelve standard fonts that text is set in.
type face int

func (s style) face() face {
	f := face(s.family) * 4
	if s.bold {
		f++
	}
	if s.italic {
		f += 2
	}
	return f
}

var faceNames = [12]string{"Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic",
	"Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique",
	"Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"}

var faceWidths = [12]*[224]uint16{&times, &timesBold, &timesItalic, &timesBoldItalic,
	&helvetica, &helveticaBold, &helvetica, &helveticaBold}

// width is how wide text in WinAnsiEncoding is, in points.
func (f face) width(text string, size float64) float64 {
	if f >= 8 {
		return 0.6 * size * float64(len(text))
	}
	n := 0
	for i := 0; i < len(text); i++ {
		if text[i] >= 32 {
			n += int(faceWidths[f][text[i]-32])
		}
	}
	return float64(n) / 1000 * size
}

// winAnsi returns a text in WinAnsiEncoding, which is Windows-1252. Letters with
// marks that it lacks lose the marks, some signs have a likeness, and the rest
// becomes a question mark.
func winAnsi(text string) string {
	plain := true
	for i := 0; i < len(text); i++ {
		if text[i] < ' ' || text[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r < ' ' || r == 0x7f || r == 0xad || r >= 0x200b && r <= 0x200f || r == 0xfeff {
			continue
		}
		if like, ok := likeness[r]; ok {
			out = append(out, like...)
			continue
		}
		if b, ok := charmap.Windows1252.EncodeRune(r); ok && b >= ' ' {
			out = append(out, b)
			continue
		}
		found := false
		for _, base := range norm.NFKD.String(string(r)) {
			if b, ok := charmap.Windows1252.EncodeRune(base); ok && b >= ' ' && b != 0x7f {
				out, found = append(out, b), true
			}
		}
		if !found {
			out = append(out, '?')
		}
	}
	return string(out)
}

var likeness = map[rune]string{0x2212: "-", 0x2010: "-", 0x2011: "-", 0x2015: "\x97", 0x2192: "->", 0x2190: "<-", 0x2264: "<=", 0x2265: ">=",
	0x2260: "!=", 0x2248: "~", 0x03bc: "\xb5", 0x2009: " ", 0x202f: " ", 0x2028: " ", 0x2029: " ", 0x25cf: "\x95", 0x25a0: "\x95", 0x2713: "x", 0x2714: "x"}
