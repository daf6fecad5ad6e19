// Package charset turns the bytes of other systems into text and back, as Java
// does, under the names that Java gives to character sets.
//
// Names are those of IANA and Java's older ones, such as Cp1252. An empty name
// and DEFAULT_ENCODING mean UTF-8. Bytes that are not text in the character set
// become U+FFFD, one for each that Java would write; characters that the
// character set lacks become a question mark.
package charset

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/weir-health/weir"
)

// Charset is a character set. The zero value is UTF-8. It may be used by many
// goroutines at once.
type Charset struct {
	enc encoding.Encoding // nil for UTF-8
}

// java holds the names that the index of IANA lacks or understands differently.
// Without a mark of byte order, Java reads and writes UTF-16 and UTF-32 with the
// high byte first.
var java = map[string]encoding.Encoding{
	"utf-16":         unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-16be":       unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf-16le":       unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"x-utf-16le-bom": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"utf-32":         utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	"utf-32be":       utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
	"utf-32le":       utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM),
}

// aliases are Java's older names.
var aliases = map[string]string{
	"utf8": "utf-8", "utf16": "utf-16", "utf32": "utf-32", "unicode": "utf-16", "unicodebig": "utf-16",
	"unicodebigunmarked": "utf-16be", "unicodelittleunmarked": "utf-16le", "unicodelittle": "x-utf-16le-bom",
	"ascii": "us-ascii", "iso8859_1": "iso-8859-1", "8859_1": "iso-8859-1", "iso8859-1": "iso-8859-1",
	"sjis": "shift_jis", "ms932": "shift_jis", "windows-31j": "shift_jis", "euc_jp": "euc-jp", "eucjp": "euc-jp",
	"euc_kr": "euc-kr", "ms949": "euc-kr", "x-windows-949": "euc-kr", "ms936": "gbk", "euc_cn": "gb2312",
	"big5_hkscs": "big5", "koi8_r": "koi8-r", "iso2022jp": "iso-2022-jp",
}

// Lookup returns the character set of a name, in any case.
func Lookup(name string) (Charset, error) {
	key := strings.ToLower(strings.TrimSpace(name))
	if alias, ok := aliases[key]; ok {
		key = alias
	}
	switch {
	case key == "" || key == "default_encoding" || key == "utf-8":
		return Charset{}, nil
	case java[key] != nil:
		return Charset{java[key]}, nil
	case strings.HasPrefix(key, "cp125"):
		key = "windows-" + key[2:]
	case strings.HasPrefix(key, "iso8859_"):
		key = "iso-8859-" + key[len("iso8859_"):]
	case strings.HasPrefix(key, "x-mac"):
		key = "macintosh"
	}
	enc, err := ianaindex.IANA.Encoding(key)
	if err != nil || enc == nil {
		return Charset{}, &weir.Fault{
			At:   "charsetEncoding",
			Err:  fmt.Errorf("character set %q is not known", name),
			Hint: "Use a name such as UTF-8, ISO-8859-1, windows-1252, Shift_JIS or GB18030.",
		}
	}
	return Charset{enc}, nil
}

// Decode returns b as text.
func (c Charset) Decode(b []byte) string {
	if c.enc == nil {
		return decodeUTF8(b)
	}
	if c.plain() && ascii(b) {
		return string(b)
	}
	out, err := c.enc.NewDecoder().Bytes(b)
	if err != nil {
		// Decoders replace what they cannot read; only a broken one fails.
		return decodeUTF8(b)
	}
	return string(out)
}

// Append appends text to dst as bytes of c.
func (c Charset) Append(dst []byte, text string) []byte {
	if c.enc == nil {
		return append(dst, text...)
	}
	if c.plain() && ascii(text) {
		return append(dst, text...)
	}
	enc := c.enc.NewEncoder()
	if out, err := enc.String(text); err == nil {
		return append(dst, out...)
	}
	return append(dst, c.replacing(text)...)
}

// plain reports whether ASCII stands for itself in c, as in all texts of most channels.
func (c Charset) plain() bool {
	return c.enc == charmap.ISO8859_1 || c.enc == charmap.ISO8859_15 || c.enc == charmap.Windows1252
}

func ascii[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// replacing encodes a text of which some characters do not exist in c.
func (c Charset) replacing(text string) []byte {
	enc := c.enc.NewEncoder()
	clean := strings.Map(func(r rune) rune {
		enc.Reset()
		if _, err := enc.String(string(r)); err != nil {
			return '?'
		}
		return r
	}, text)
	enc.Reset()
	out, err := enc.String(clean)
	if err != nil {
		return []byte(clean)
	}
	return []byte(out)
}
