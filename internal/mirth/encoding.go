package mirth

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/weir-health/weir"
)

// decodeText makes UTF-8 of a file. Byte order marks win over the declaration,
// which wins over UTF-8. UTF-16 comes from Windows tools that rewrite files.
func decodeText(data []byte) (string, error) {
	text := string(data)
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		return decodeUTF16(data[2:], binary.LittleEndian), nil
	case strings.HasPrefix(text, "\xfe\xff"):
		return decodeUTF16(data[2:], binary.BigEndian), nil
	}
	text = strings.TrimPrefix(text, "\ufeff")
	switch strings.ToUpper(declaredEncoding(text)) {
	case "ISO-8859-1", "ISO8859-1", "ISO_8859-1", "LATIN1", "WINDOWS-1252", "CP1252":
		return decodeWestern(data), nil
	}
	if utf8.ValidString(text) {
		return text, nil
	}
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "<") {
		return decodeWestern(data), nil // .properties files are Latin-1 by tradition
	}
	line := 1
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			line += strings.Count(text[:i], "\n")
			break
		}
		i += n
	}
	return "", weir.WithHint(fmt.Errorf("line %d: a character is not valid UTF-8", line), "",
		`Save the file as UTF-8, or declare its encoding as in <?xml version="1.0" encoding="ISO-8859-1"?>.`)
}

// declaredEncoding reads the encoding of an XML declaration.
func declaredEncoding(text string) string {
	rest, ok := strings.CutPrefix(text, "<?xml")
	if !ok {
		return ""
	}
	declaration, _, _ := strings.Cut(rest, "?>")
	_, value, ok := strings.Cut(declaration, "encoding")
	if !ok {
		return ""
	}
	value = strings.TrimLeft(value, " \t\r\n=")
	if value == "" || value[0] != '"' && value[0] != '\'' {
		return ""
	}
	name, _, _ := strings.Cut(value[1:], value[:1])
	return name
}

func decodeUTF16(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// windows1252 is what 0x80 to 0x9F mean in Windows-1252. They mean nothing
// printable in ISO-8859-1, so a file that has them was Windows-1252.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8D, 'Ž', 0x8F,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9D, 'ž', 'Ÿ',
}

func decodeWestern(data []byte) string {
	var b strings.Builder
	b.Grow(len(data) + len(data)/8)
	for _, c := range data {
		if c >= 0x80 && c < 0xA0 {
			b.WriteRune(windows1252[c-0x80])
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}
