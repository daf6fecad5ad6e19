package java

import (
	"strings"
	"unicode/utf8"
)

// formatBuilder is a DateTimeFormatterBuilder: it puts the pieces of a timeFormat
// together.
type formatBuilder struct {
	f    timeFormat
	open []int // places of [ that have no ] yet
	fold bool  // what is appended is read in any case
}

func (*formatBuilder) JavaClass() string { return "java.time.format.DateTimeFormatterBuilder" }

// maxTimePieces bounds what a formatter is built of.
const maxTimePieces = 1000

// fraction is the letter of a fraction whose length varies, which no pattern has.
const fraction = 'f'

// builderLetters are the letters of the fields that a builder appends.
var builderLetters = map[string]byte{"YEAR": 'u', "YEAR_OF_ERA": 'y', "MONTH_OF_YEAR": 'M', "DAY_OF_MONTH": 'd', "DAY_OF_YEAR": 'D',
	"HOUR_OF_DAY": 'H', "CLOCK_HOUR_OF_DAY": 'k', "HOUR_OF_AMPM": 'K', "CLOCK_HOUR_OF_AMPM": 'h', "MINUTE_OF_HOUR": 'm', "SECOND_OF_MINUTE": 's',
	"MILLI_OF_SECOND": 'S', "NANO_OF_SECOND": 'n', "MILLI_OF_DAY": 'A', "NANO_OF_DAY": 'N', "AMPM_OF_DAY": 'a', "DAY_OF_WEEK": 'E', "ERA": 'G'}

// isoPieces are the formatters of the constants, as patterns; @ is a fraction.
var isoPieces = map[string]string{
	"ISO_LOCAL_DATE": "uuuu-MM-dd", "ISO_LOCAL_TIME": "HH:mm[:ss[@]]", "ISO_LOCAL_DATE_TIME": "uuuu-MM-dd'T'HH:mm[:ss[@]]",
	"ISO_DATE": "uuuu-MM-dd[XXXXX]", "ISO_TIME": "HH:mm[:ss[@]][XXXXX]", "ISO_DATE_TIME": "uuuu-MM-dd'T'HH:mm[:ss[@]][XXXXX['['VV']']]",
	"ISO_OFFSET_DATE": "uuuu-MM-ddXXXXX", "ISO_OFFSET_DATE_TIME": "uuuu-MM-dd'T'HH:mm[:ss[@]]XXXXX",
	"ISO_ZONED_DATE_TIME": "uuuu-MM-dd'T'HH:mm[:ss[@]]XXXXX['['VV']']", "ISO_OFFSET_TIME": "HH:mm[:ss[@]]XXXXX",
}

func formatBuilderClasses() []*Class {
	on := func(f func(b *formatBuilder, c *Call)) func(*Call) any {
		return func(c *Call) any {
			b := c.This.(*formatBuilder)
			f(b, c)
			if len(b.f.pieces) > maxTimePieces {
				panic(c.Throw("java.lang.IllegalArgumentException", "a formatter of too many parts"))
			}
			return b
		}
	}
	build := func(c *Call) any {
		b := c.This.(*formatBuilder)
		made := b.f
		made.pieces = append([]timePiece(nil), b.f.pieces...)
		made.defaults = make(map[byte]int, len(b.f.defaults))
		for letter, v := range b.f.defaults {
			made.defaults[letter] = v
		}
		for _, at := range b.open {
			made.pieces[at].skip = len(made.pieces)
		}
		return &formatter{class: formatterClassName, f: &made}
	}
	return []*Class{
		NewEnum("java.time.format.SignStyle", nil, "NORMAL", "ALWAYS", "NEVER", "NOT_NEGATIVE", "EXCEEDS_PAD"),
		{Name: "java.time.format.DateTimeFormatterBuilder", New: func(*Call) any { return &formatBuilder{} }, Methods: Methods{
			"appendPattern": on(func(b *formatBuilder, c *Call) { b.add(c.timeFormatOf(c.Need(0), false).pieces) }),
			"append":        on(func(b *formatBuilder, c *Call) { b.add(b.piecesOf(c)) }),
			"appendOptional": on(func(b *formatBuilder, c *Call) {
				pieces := b.piecesOf(c)
				b.begin()
				b.add(pieces)
				b.end(c)
			}),
			"optionalStart": on(func(b *formatBuilder, c *Call) { b.begin() }),
			"optionalEnd":   on(func(b *formatBuilder, c *Call) { b.end(c) }),
			"appendLiteral": on(func(b *formatBuilder, c *Call) { b.add([]timePiece{{text: c.char2(0)}}) }),
			"appendValue": on(func(b *formatBuilder, c *Call) {
				p := timePiece{letter: b.letter(c), count: 1}
				if c.Len() > 1 {
					p.count = max(1, min(c.Int(1), 19))
				}
				b.add([]timePiece{p})
			}),
			"appendFraction": on(func(b *formatBuilder, c *Call) {
				if letter := b.letter(c); letter != 'n' && letter != 'S' {
					panic(c.Throw("java.lang.UnsupportedOperationException", "only fractions of a second can be appended"))
				}
				least, most := c.Int(1), c.Int(2)
				if least < 0 || most < 1 || most > 9 || least > most {
					panic(c.Throw("java.lang.IllegalArgumentException", "Minimum and maximum width must be from 0 to 9 inclusive"))
				}
				b.add([]timePiece{{letter: fraction, count: least, most: most, point: c.Bool(3)}})
			}),
			"appendText": on(func(b *formatBuilder, c *Call) {
				p := timePiece{letter: b.letter(c), count: 4}
				if style, ok := c.Object(1).(*Enum); ok {
					p.count = map[string]int{"SHORT": 3, "NARROW": 5}[strings.TrimSuffix(style.name, "_STANDALONE")]
					if p.count == 0 {
						p.count = 4
					}
				}
				if strings.IndexByte("MEaG", p.letter) < 0 {
					p.count = 1 // which has no words
				}
				b.add([]timePiece{p})
			}),
			"appendOffsetId": on(func(b *formatBuilder, c *Call) { b.add([]timePiece{{letter: 'X', count: 5}}) }),
			"appendOffset":   on(func(b *formatBuilder, c *Call) { b.add([]timePiece{b.offset(c)}) }),
			"appendZoneId":   on(func(b *formatBuilder, c *Call) { b.add([]timePiece{{letter: 'V', count: 2}}) }),
			"appendZoneText": on(func(b *formatBuilder, c *Call) {
				n := 1
				if style, ok := c.Object(0).(*Enum); ok && strings.HasPrefix(style.name, "FULL") {
					n = 4
				}
				b.add([]timePiece{{letter: 'z', count: n}})
			}),
			"appendZoneRegionId":   on(func(b *formatBuilder, c *Call) { b.add([]timePiece{{letter: 'V', count: 2}}) }),
			"appendZoneOrOffsetId": on(func(b *formatBuilder, c *Call) { b.add([]timePiece{{letter: 'V', count: 2}}) }),
			"parseCaseInsensitive": on(func(b *formatBuilder, c *Call) { b.fold = true }),
			"parseCaseSensitive":   on(func(b *formatBuilder, c *Call) { b.fold = false }),
			"parseLenient":         on(func(*formatBuilder, *Call) {}), "parseStrict": on(func(*formatBuilder, *Call) {}),
			"parseDefaulting": on(func(b *formatBuilder, c *Call) {
				letter, value := b.letter(c), c.Int(1)
				switch letter {
				case 'S':
					value *= 1e6
				case 'n':
					letter = 'S'
				}
				if b.f.defaults == nil {
					b.f.defaults = map[byte]int{}
				}
				b.f.defaults[letter] = value
			}),
			"toFormatter": build,
		}},
	}
}

// letter is that of the field that an argument names.
func (b *formatBuilder) letter(c *Call) byte {
	if e, ok := c.Object(0).(*Enum); ok {
		if letter := builderLetters[e.name]; letter != 0 {
			return letter
		}
	}
	panic(c.Throw("java.lang.UnsupportedOperationException", "the field cannot be appended in Weir; use appendPattern"))
}

// add appends pieces; their brackets are moved with them.
func (b *formatBuilder) add(pieces []timePiece) {
	from := len(b.f.pieces)
	for _, p := range pieces {
		if p.letter == '[' {
			p.skip += from
		}
		p.fold = p.fold || b.fold
		b.f.pieces = append(b.f.pieces, p)
		switch {
		case p.letter == 0:
			b.f.pattern += "'" + strings.ReplaceAll(p.text, "'", "''") + "'"
		default:
			b.f.pattern += strings.Repeat(string(rune(p.letter)), max(p.count, 1))
		}
	}
}

func (b *formatBuilder) begin() {
	b.open = append(b.open, len(b.f.pieces))
	b.add([]timePiece{{letter: '['}})
}

func (b *formatBuilder) end(c *Call) {
	if len(b.open) == 0 {
		panic(c.Throw("java.lang.IllegalStateException", "Cannot call optionalEnd() as there was no previous call to optionalStart()"))
	}
	b.f.pieces[b.open[len(b.open)-1]].skip = len(b.f.pieces)
	b.open = b.open[:len(b.open)-1]
	b.add([]timePiece{{letter: ']'}})
}

// piecesOf are those of the formatter that is the argument.
func (b *formatBuilder) piecesOf(c *Call) []timePiece {
	f, ok := c.Object(0).(*formatter)
	if !ok {
		panic(c.Throw("java.lang.NullPointerException", "formatter"))
	}
	if f.f != nil {
		for letter, v := range f.f.defaults {
			if b.f.defaults == nil {
				b.f.defaults = map[byte]int{}
			}
			b.f.defaults[letter] = v
		}
		return f.f.pieces
	}
	pattern, ok := isoPieces[f.name]
	if !ok {
		panic(c.Throw("java.lang.UnsupportedOperationException", f.name+" cannot be appended in Weir; use appendPattern"))
	}
	pieces := append([]timePiece(nil), c.timeFormatOf(pattern, false).pieces...)
	for i := range pieces {
		if pieces[i].letter == 0 && pieces[i].text == "@" {
			pieces[i] = timePiece{letter: fraction, most: 9, point: true}
		}
		pieces[i].fold = true
	}
	return pieces
}

// offset is the piece of a pattern such as +HH:MM, and what stands for none.
func (b *formatBuilder) offset(c *Call) timePiece {
	n := map[string]int{"+HHmm": 1, "+HHMM": 2, "+HH:MM": 3, "+HHMMss": 4, "+HH:MM:ss": 5}[c.Need(0)]
	if n == 0 {
		panic(c.Throw("java.lang.UnsupportedOperationException", "the pattern of the offset is not one that Weir has; use +HHMM, +HH:MM, +HHMMss or +HH:MM:ss"))
	}
	if c.Text(1) == "Z" {
		return timePiece{letter: 'X', count: n}
	}
	return timePiece{letter: 'x', count: n}
}

// readFraction reads a fraction of between count and most digits.
func (r *timeReader) readFraction(p timePiece) bool {
	start := r.i
	if p.point {
		if !strings.HasPrefix(r.s[r.i:], ".") {
			return p.count == 0 || r.fail(start)
		}
		r.i++
	}
	n, value := 0, 0
	for n < p.most && r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '9' {
		value = value*10 + int(r.s[r.i]-'0')
		r.i++
		n++
	}
	if n < p.count || n == 0 && p.point {
		return r.fail(start)
	}
	for ; n < 9; n++ {
		value *= 10
	}
	r.got.n['S'] = value
	return true
}

// fractionText is a fraction without the zeros at its end, but for least digits.
func fractionText(nano int, p timePiece) string {
	digits := pad(nano, 9)[:p.most]
	for len(digits) > p.count && strings.HasSuffix(digits, "0") {
		digits = digits[:len(digits)-1]
	}
	if p.point && digits != "" {
		digits = "." + digits
	}
	return digits
}

// begins reports whether s begins with text, in any case where fold says so, and how
// long it is there.
func begins(s, text string, fold bool) (n int, ok bool) {
	if strings.HasPrefix(s, text) {
		return len(text), true
	}
	if !fold || utf8.RuneCountInString(s) < utf8.RuneCountInString(text) {
		return 0, false
	}
	for range utf8.RuneCountInString(text) {
		_, w := utf8.DecodeRuneInString(s[n:])
		n += w
	}
	return n, strings.EqualFold(s[:n], text)
}
