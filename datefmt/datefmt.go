// Package datefmt formats and parses times by the patterns of Java's
// java.text.SimpleDateFormat, which is what date settings, templates and scripts
// written for Mirth Connect hold.
//
//	f, err := datefmt.Compile("yyyyMMddHHmmss.SSS")
//	text := f.Format(time.Now())         // 20240310015959.042
//	t, err := f.Parse(text, time.Local)  // lenient, as in Java
//
// The pattern letters are those of Java 17 with the locale en_US:
//
//	G  era: AD, BC                          a  AM, PM
//	y  year; yy has a window of 100 years   H  hour 0-23
//	Y  week year; weeks begin on Sunday     k  hour 1-24
//	M  month: M MM 3 03, MMM Mar, MMMM March K  hour 0-11
//	L  the same as M                        h  hour 1-12
//	w  week of the year                     m  minute
//	W  week of the month                    s  second
//	D  day of the year                      S  millisecond, a number and not a
//	d  day of the month                        fraction: 5 is 5 ms, SSS is 005
//	F  2 is the second such weekday of the  z  zone: EST, zzzz Eastern Standard Time
//	   month                                Z  zone: -0500
//	E  weekday: E Tue, EEEE Tuesday         X  zone: X -05, XX -0500, XXX -05:00;
//	u  weekday: 1 is Monday, 7 is Sunday       UTC is Z
//
// A letter repeated pads a number with zeros to that many digits. Text in
// single quotes stands for itself, two quotes for one; so does everything that is
// no letter. Any other letter makes a pattern illegal.
//
// As in Java the calendar is Gregorian from 15 October 1582 on and Julian
// before. Zone names are the abbreviations of the zone database where Java has
// names of its own for zones outside North America, Europe and Australia.
package datefmt

import (
	"fmt"
	"time"
)

// Format is a compiled pattern. It does not change, so any number of
// goroutines may use it at once.
type Format struct {
	pattern string
	pieces  []piece

	// century is when the window of two-digit years begins; the zero time
	// means 80 years before the moment of parsing.
	century time.Time
}

// piece is one run of equal letters, or literal text.
type piece struct {
	letter  byte // 0 for literal text
	count   int  // of letters
	literal string

	// adjacent says that digits of the next field follow at once, so that
	// parsing takes count characters and no more: "yyyyMMdd".
	adjacent bool
}

// PatternError says what is wrong with a pattern, in the words of Java.
type PatternError struct {
	Pattern string
	Reason  string // "Illegal pattern character 'n'", "Unterminated quote"
}

func (e *PatternError) Error() string {
	return fmt.Sprintf("date pattern %q: %s", e.Pattern, e.Reason)
}

// ParseError says that a text does not fit a pattern. It does not hold the
// text, which may be someone's date of birth.
type ParseError struct {
	Pattern string
	Offset  int // in bytes, where parsing gave up
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("unparseable date: text does not fit pattern %q at offset %d", e.Pattern, e.Offset)
}

// letters are those with a meaning.
const letters = "GyMdkHmsSEDFwWahKzZYuXL"

// Compile checks a pattern and prepares it for use. The error is a
// *PatternError. Compiling takes about as long as formatting some six times, so
// keep the Format of a pattern in regular use.
func Compile(pattern string) (*Format, error) {
	f := &Format{pattern: pattern}
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c == '\'':
			text, n := quoted(pattern[i:])
			if n == 0 {
				return nil, &PatternError{pattern, "Unterminated quote"}
			}
			f.addLiteral(text)
			i += n
		case isLetter(c):
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			if err := f.addField(c, n); err != nil {
				return nil, err
			}
			i += n
		default:
			f.addLiteral(pattern[i : i+1])
			i++
		}
	}
	for i := range len(f.pieces) - 1 {
		f.pieces[i].adjacent = f.pieces[i+1].startsWithDigits()
	}
	return f, nil
}

// MustCompile is Compile for patterns written in the program. It panics on an
// illegal one.
func MustCompile(pattern string) *Format {
	f, err := Compile(pattern)
	if err != nil {
		panic(err)
	}
	return f
}

// String returns the pattern.
func (f *Format) String() string { return f.pattern }

// WithCenturyStart returns a Format that reads two-digit years as years in the
// 100 years from start on, as SimpleDateFormat.set2DigitYearStart does. Without
// it they begin 80 years before the moment of parsing.
func (f *Format) WithCenturyStart(start time.Time) *Format {
	g := *f
	g.century = start
	return &g
}

// quoted returns the text of a quotation at the start of s and its length with
// the quotes, 0 if it does not end. Two quotes stand for one, inside a
// quotation and outside.
func quoted(s string) (text string, n int) {
	if len(s) > 1 && s[1] == '\'' {
		return "'", 2
	}
	var b []byte
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b = append(b, s[i])
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' {
			return string(b), i + 1
		}
		b = append(b, '\'')
		i++
	}
	return "", 0
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (f *Format) addLiteral(text string) {
	if n := len(f.pieces); n > 0 && f.pieces[n-1].letter == 0 {
		f.pieces[n-1].literal += text
		return
	}
	f.pieces = append(f.pieces, piece{literal: text})
}

func (f *Format) addField(letter byte, count int) error {
	if letter == 'X' && count > 3 {
		return &PatternError{f.pattern, fmt.Sprintf("invalid ISO 8601 format: length=%d", count)}
	}
	for i := range len(letters) {
		if letters[i] == letter {
			f.pieces = append(f.pieces, piece{letter: letter, count: count})
			return nil
		}
	}
	return &PatternError{f.pattern, fmt.Sprintf("Illegal pattern character '%c'", letter)}
}

func (p piece) startsWithDigits() bool {
	switch p.letter {
	case 0, 'G', 'E', 'a', 'z', 'Z', 'X':
		return false
	case 'M', 'L':
		return p.count <= 2
	}
	return true
}
