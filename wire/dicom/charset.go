package dicom

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Charsets are the values of Specific Character Set (PS3.3 §C.12.1.1.2). Without
// any, texts are UTF-8, as in an engine whose own character set that is.
type Charsets struct {
	main     encoding.Encoding // nil: UTF-8
	switched bool              // escape sequences may switch to others
}

// defined are the character sets by their names, without "ISO_IR " or
// "ISO 2022 IR ".
var defined = map[string]encoding.Encoding{
	"6":   charmap.ISO8859_1, // ASCII; what is no ASCII there is read all the same
	"100": charmap.ISO8859_1,
	"101": charmap.ISO8859_2,
	"109": charmap.ISO8859_3,
	"110": charmap.ISO8859_4,
	"144": charmap.ISO8859_5,
	"127": charmap.ISO8859_6,
	"126": charmap.ISO8859_7,
	"138": charmap.ISO8859_8,
	"148": charmap.ISO8859_9,
	"13":  japanese.ShiftJIS, // JIS X 0201 is its part of one byte
	"166": charmap.Windows874,
	"87":  jis0208,
	"159": jis0212,
	"149": korean.EUCKR,
	"58":  simplifiedchinese.GBK,
}

// CharsetsOf reads the value of Specific Character Set. The first of several
// character sets is the one that texts begin with and are written in, as in Mirth.
func CharsetsOf(value string) Charsets {
	first, _, more := strings.Cut(value, `\`)
	name := strings.Trim(first, " \x00")
	switch name {
	case "", "ISO_IR 192":
		return Charsets{switched: more}
	case "GB18030", "GBK":
		return Charsets{main: simplifiedchinese.GB18030}
	}
	number := strings.TrimPrefix(strings.TrimPrefix(name, "ISO 2022 IR "), "ISO_IR ")
	return Charsets{main: defined[number], switched: more}
}

// Decode reads a text.
func (c Charsets) Decode(b []byte) string {
	if c.switched && strings.IndexByte(string(b), escapeByte) >= 0 {
		return c.decodeSwitched(b)
	}
	return decodeOne(c.main, b)
}

func decodeOne(e encoding.Encoding, b []byte) string {
	if e == nil || isASCII(b) && !isDoubleByte(e) {
		return strings.ToValidUTF8(string(b), string(utf8.RuneError))
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), string(utf8.RuneError))
	}
	return string(out)
}

// Encode writes characters that the character set lacks as question marks.
func (c Charsets) Encode(text string) []byte {
	if c.main == nil || isASCII([]byte(text)) && !isDoubleByte(c.main) {
		return []byte(text)
	}
	e := c.main.NewEncoder()
	if out, err := e.String(text); err == nil {
		return []byte(out)
	}
	var out []byte
	for _, r := range text {
		e.Reset()
		one, err := e.String(string(r))
		if err != nil {
			one = "?"
		}
		out = append(out, one...)
	}
	return out
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

const escapeByte = 0x1b

// escapes are the sequences that switch the character set (PS3.3 Tables C.12-3
// and C.12-4).
var escapes = []struct {
	sequence string
	charset  encoding.Encoding
}{
	{"\x1b(B", nil}, // ASCII
	{"\x1b-A", charmap.ISO8859_1},
	{"\x1b-B", charmap.ISO8859_2},
	{"\x1b-C", charmap.ISO8859_3},
	{"\x1b-D", charmap.ISO8859_4},
	{"\x1b-L", charmap.ISO8859_5},
	{"\x1b-G", charmap.ISO8859_6},
	{"\x1b-F", charmap.ISO8859_7},
	{"\x1b-H", charmap.ISO8859_8},
	{"\x1b-M", charmap.ISO8859_9},
	{"\x1b-T", charmap.Windows874},
	{"\x1b(J", japanese.ShiftJIS},
	{"\x1b)I", japanese.ShiftJIS},
	{"\x1b$B", jis0208},
	{"\x1b$(D", jis0212},
	{"\x1b$)C", korean.EUCKR},
	{"\x1b$)A", simplifiedchinese.GBK},
}

// Charsets returns the character sets of the object's texts.
func (o *Object) Charsets() Charsets {
	if e := o.Find(SpecificCharacterSet); e != nil {
		return CharsetsOf(string(e.Value))
	}
	return Charsets{}
}

func (c Charsets) decodeSwitched(b []byte) string {
	var out strings.Builder
	now, rest := c.main, string(b)
	for rest != "" {
		i := strings.IndexByte(rest, escapeByte)
		if i < 0 {
			i = len(rest)
		}
		out.WriteString(decodeOne(now, []byte(rest[:i])))
		rest = rest[i:]
		if rest == "" {
			break
		}
		known := false
		for _, e := range escapes {
			if strings.HasPrefix(rest, e.sequence) {
				now, rest, known = e.charset, rest[len(e.sequence):], true
				break
			}
		}
		if !known {
			out.WriteByte(escapeByte)
			rest = rest[1:]
		}
	}
	return out.String()
}
