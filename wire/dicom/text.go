package dicom

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"
)

// Text writes a value as dcm4che 2 does in XML: texts without padding, numbers in
// decimal, tags and bytes in hexadecimal, several values between backslashes.
func (v VR) Text(value []byte, bigEndian bool, cs Charsets) string {
	if v.IsText() {
		if !v.HasCharset() {
			cs = Charsets{}
		}
		return trim(cs.Decode(value))
	}
	n := numbers[v]
	switch {
	case v == OB:
		return hexBytes(value)
	case n.size == 0:
		return escaped(value)
	}
	little := v.InOrder(value, bigEndian, false)
	var b strings.Builder
	for i := 0; i+n.size <= len(little); i += n.size {
		if i > 0 {
			b.WriteByte('\\')
		}
		b.WriteString(n.format(little[i : i+n.size]))
	}
	return b.String()
}

// Plain is what Parse makes of what Text writes, little endian, without the way
// through a text: texts lose their padding, and numbers what is no whole one.
func (v VR) Plain(value []byte, bigEndian bool) []byte {
	if v.IsText() {
		return []byte(trim(string(value)))
	}
	if n := numbers[v].size; n > 0 {
		return v.InOrder(value[:len(value)-len(value)%n], bigEndian, false)
	}
	return value
}

// trim takes off blanks in front, and blanks and NUL behind.
func trim(s string) string { return strings.TrimRight(strings.TrimLeft(s, " "), " \x00") }

// Parse reads what Text writes. The value is little endian. An error never holds
// the text.
func (v VR) Parse(text string, cs Charsets) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	if v.IsText() {
		if !v.HasCharset() {
			cs = Charsets{}
		}
		return cs.Encode(text), nil
	}
	n := numbers[v]
	if v != OB && n.size == 0 {
		return unescaped(text)
	}
	out := make([]byte, 0, strings.Count(text, `\`)*max(1, n.size)+n.size)
	for one := range strings.SplitSeq(text, `\`) {
		var err error
		if v == OB {
			out, err = appendHex(out, one)
		} else {
			out, err = n.parse(out, one)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// number is how the numbers of a representation are written.
type number struct {
	size   int
	format func(b []byte) string
	parse  func(out []byte, text string) ([]byte, error)
}

var le = binary.LittleEndian

var numbers = map[VR]number{
	US: unsigned(2), OW: unsigned(2), UL: unsigned(4), OL: unsigned(4), UV: unsigned(8), OV: unsigned(8),
	SS: signed(2), SL: signed(4), SV: signed(8),
	FL: float32s, OF: float32s, FD: float64s, OD: float64s,
	AT: tags,
}

func unsigned(size int) number {
	return number{size, func(b []byte) string { return strconv.FormatUint(load(b), 10) }, integer(size)}
}

func signed(size int) number {
	return number{size, func(b []byte) string {
		shift := 64 - 8*size
		return strconv.FormatInt(int64(load(b)<<shift)>>shift, 10)
	}, integer(size)}
}

func load(b []byte) uint64 {
	var all [8]byte
	copy(all[:], b)
	return le.Uint64(all[:])
}

var errNumber = errors.New("the value is not a number of its value representation")

// integer parses signed and unsigned numbers alike, and cuts off what is too large,
// as Mirth does.
func integer(size int) func([]byte, string) ([]byte, error) {
	return func(out []byte, text string) ([]byte, error) {
		text = strings.TrimPrefix(text, "+")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			u, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				return nil, errNumber
			}
			n = int64(u)
		}
		return append(out, le.AppendUint64(nil, uint64(n))[:size]...), nil
	}
}

var float32s = number{4,
	func(b []byte) string { return javaFloat(float64(math.Float32frombits(le.Uint32(b))), 32) },
	func(out []byte, text string) ([]byte, error) {
		f, err := parseFloat(text, 32)
		return le.AppendUint32(out, math.Float32bits(float32(f))), err
	},
}

var float64s = number{8,
	func(b []byte) string { return javaFloat(math.Float64frombits(le.Uint64(b)), 64) },
	func(out []byte, text string) ([]byte, error) {
		f, err := parseFloat(text, 64)
		return le.AppendUint64(out, math.Float64bits(f)), err
	},
}

func parseFloat(text string, bits int) (float64, error) {
	text = strings.TrimSpace(text)
	f, err := strconv.ParseFloat(text, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "xX_") {
		return 0, errNumber
	}
	return f, nil
}

// javaFloat writes a number as Java's Float.toString and Double.toString do: 1.0,
// 1.0E10.
func javaFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		return strings.Replace(strconv.FormatFloat(f, 'f', -1, bits), "Inf", "Infinity", 1)[b2i(f > 0):]
	}
	if a := math.Abs(f); a == 0 || a >= 1e-3 && a < 1e7 {
		s := strconv.FormatFloat(f, 'f', -1, bits)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	s := strconv.FormatFloat(f, 'e', -1, bits)
	mantissa, exponent, _ := strings.Cut(s, "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	return mantissa + "E" + sign + strings.TrimLeft(exponent[1:], "0")
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

var tags = number{4,
	func(b []byte) string {
		return Tag(uint32(le.Uint16(b))<<16 | uint32(le.Uint16(b[2:]))).String()
	},
	func(out []byte, text string) ([]byte, error) {
		tag, err := ParseTag(text)
		out = le.AppendUint16(out, uint16(tag>>16))
		return le.AppendUint16(out, uint16(tag)), err
	},
}

var errTag = errors.New("a tag is not eight hexadecimal digits")

// ParseTag reads what String writes.
func ParseTag(text string) (Tag, error) {
	n, err := strconv.ParseUint(text, 16, 32)
	if err != nil || len(text) != 8 {
		return 0, errTag
	}
	return Tag(n), nil
}

func hexBytes(b []byte) string {
	const digits = "0123456789ABCDEF"
	if len(b) == 0 {
		return ""
	}
	out := make([]byte, 0, 3*len(b))
	for _, c := range b {
		out = append(out, '\\', digits[c>>4], digits[c&15])
	}
	return string(out[1:])
}

func appendHex(out []byte, text string) ([]byte, error) {
	n, err := strconv.ParseUint(text, 16, 8)
	if err != nil {
		return nil, errors.New("the value is not bytes in hexadecimal")
	}
	return append(out, byte(n)), nil
}

// escaped is how bytes of unknown representation are shown: ASCII as it is, a
// backslash twice, everything else as a backslash and two hexadecimal digits.
func escaped(b []byte) string {
	var out strings.Builder
	for _, c := range b {
		switch {
		case c == '\\':
			out.WriteString(`\\`)
		case c >= ' ' && c <= '~':
			out.WriteByte(c)
		default:
			out.WriteByte('\\')
			out.WriteString(strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return out.String()
}

func unescaped(text string) ([]byte, error) {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '\\':
			out = append(out, text[i])
		case strings.HasPrefix(text[i:], `\\`):
			out = append(out, '\\')
			i++
		case i+3 > len(text):
			return nil, errors.New("an escape has no two hexadecimal digits")
		default:
			b, err := hex.DecodeString(text[i+1 : i+3])
			if err != nil {
				return nil, errors.New("an escape has no two hexadecimal digits")
			}
			out = append(out, b[0])
			i += 2
		}
	}
	return out, nil
}
