package datefmt

import (
	"math"
	"strings"
	"time"
)

// Parse reads a time from the beginning of text, in the lenient way of Java:
//   - numbers out of range roll over: 30 February is 1 or 2 March;
//   - text after the last field is ignored;
//   - a number takes all digits there are, except that between adjacent fields
//     ("yyyyMMdd") it takes the width of its letters. So the last field swallows
//     further digits: "202401011230" by "yyyyMMdd" is the 11230th of January;
//   - blanks before a number are skipped, letters match in either case;
//   - fields that the pattern lacks are those of 1 January 1970, 00:00;
//   - of fields that contradict each other the later in the text wins.
//
// The time is in loc unless the text names a zone, and is returned in loc; nil
// means time.Local. A time that daylight saving skips is moved an hour on, of
// two equal ones it is the later. The error is a *ParseError.
func (f *Format) Parse(text string, loc *time.Location) (time.Time, error) {
	t, _, err := f.ParsePrefix(text, loc, false)
	return t, err
}

// ParseStrict is Parse with setLenient(false): numbers out of range, times that
// daylight saving skips, and fields that contradict each other are errors. As in
// Java, text after the last field still is not.
func (f *Format) ParseStrict(text string, loc *time.Location) (time.Time, error) {
	t, _, err := f.ParsePrefix(text, loc, true)
	return t, err
}

// ParsePrefix is Parse, or ParseStrict, and tells at which byte of text it ended.
func (f *Format) ParsePrefix(text string, loc *time.Location, strict bool) (t time.Time, end int, err error) {
	if loc == nil {
		loc = time.Local
	}
	p := parser{text: text, loc: loc, strict: strict, century: f.century}
	for i := range f.pieces {
		piece := &f.pieces[i]
		if piece.letter == 0 {
			if !strings.HasPrefix(text[p.at:], piece.literal) {
				return time.Time{}, 0, &ParseError{f.pattern, p.at}
			}
			p.at += len(piece.literal)
			continue
		}
		if !p.field(piece) {
			return time.Time{}, 0, &ParseError{f.pattern, p.at}
		}
	}
	if p.at == 0 { // Java takes a match of nothing for a failure
		return time.Time{}, 0, &ParseError{f.pattern, 0}
	}
	t, ok := p.fields.resolve(loc, strict)
	if ok && p.ambiguous && t.Before(p.centuryStart()) {
		p.fields.value[year] += 100
		p.fields.value[weekYear] += 100
		t, ok = p.fields.resolve(loc, strict)
	}
	if !ok {
		return time.Time{}, 0, &ParseError{f.pattern, p.at}
	}
	return t, p.at, nil
}

type parser struct {
	text      string
	at        int
	loc       *time.Location
	strict    bool
	century   time.Time
	ambiguous bool // the two digits of the year are those of the window's start
	fields    fields
}

func (p *parser) centuryStart() time.Time {
	if p.century.IsZero() {
		p.century = time.Now().AddDate(-80, 0, 0)
	}
	return p.century.In(p.loc)
}

// field reads the field of one piece.
func (p *parser) field(piece *piece) bool {
	start := p.at
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	if p.at == len(p.text) {
		p.at = start
		return false
	}
	switch piece.letter {
	case 'z', 'Z':
		return p.zone()
	case 'X':
		return p.isoZone(piece.count)
	case 'G', 'E', 'a':
		return p.name(piece.letter, start)
	case 'M', 'L':
		if piece.count > 2 {
			return p.name('M', start)
		}
	}
	return p.numeric(piece, start)
}

// name reads a word. Java skips blanks before numbers only, though it finds out
// too late.
func (p *parser) name(letter byte, start int) bool {
	text := p.text[start:]
	var i, n int
	field, first := month, 0
	switch letter {
	case 'M':
		i, n = matchName(text, monthNames[:], 3)
	case 'E':
		field, first = weekday, 1
		i, n = matchName(text, dayNames[:], 3)
	case 'a':
		field = ampm
		i, n = matchName(text, amPM[:], 0)
	case 'G':
		field = era
		if i, n = matchName(text, eraNames[:], 0); n == 0 {
			i, n = matchName(text, eras[:], 0)
		}
	}
	if n == 0 {
		return false
	}
	p.at = start + n
	p.fields.set(field, i+first)
	return true
}

func (p *parser) numeric(piece *piece, start int) bool {
	end := len(p.text)
	if piece.adjacent {
		if end = start + piece.count; end > len(p.text) {
			return false
		}
	}
	begin := p.at
	n, ok := p.number(end)
	if !ok {
		return false
	}
	switch piece.letter {
	case 'y', 'Y':
		if piece.count <= 2 && p.at-begin == 2 && p.text[begin] != '-' {
			n = p.fullYear(n)
		}
	case 'M', 'L':
		n--
	case 'k':
		return p.hour(hourOfDay, n, 24)
	case 'h':
		return p.hour(hour, n, 12)
	case 'u': // to 1 for Sunday; what is no weekday stays, as in Java
		if n >= 1 && n <= 7 {
			n = n%7 + 1
		}
	}
	p.fields.set(fieldOf(piece.letter), n)
	return true
}

// hour reads hours that begin with 1.
func (p *parser) hour(field field, n, most int) bool {
	if p.strict && (n < 1 || n > most) {
		return false
	}
	if n == most {
		n = 0
	}
	p.fields.set(field, n)
	return true
}

// fullYear puts two digits into the 100 years from centuryStart on.
func (p *parser) fullYear(twoDigits int) int {
	first := p.centuryStart().Year()
	p.ambiguous = twoDigits == first%100
	n := twoDigits + first/100*100
	if twoDigits < first%100 {
		n += 100
	}
	return n
}

// number reads a sign and digits before end. A number too large for 32 bits
// comes out as Java's intValue makes it.
func (p *parser) number(end int) (int, bool) {
	i := p.at
	negative := i < end && p.text[i] == '-'
	if negative {
		i++
	}
	digits, n, huge := i, int64(0), false
	for ; i < end && p.text[i] >= '0' && p.text[i] <= '9'; i++ {
		d := int64(p.text[i] - '0')
		huge = huge || n > (math.MaxInt64-d)/10
		if !huge {
			n = n*10 + d
		}
	}
	if i == digits {
		return 0, false
	}
	p.at = i
	switch {
	case huge && negative:
		return math.MinInt32, true
	case huge:
		return math.MaxInt32, true
	case negative:
		n = -n
	}
	return int(int32(n)), true
}

// zone reads "-0500", "GMT-5:00" or a name.
func (p *parser) zone() bool {
	switch sign := p.sign(); {
	case sign != 0:
		p.at++
		return p.offset(sign, 0, false)
	case hasPrefixFold(p.text[p.at:], "GMT"):
		p.at += len("GMT")
		sign := p.sign()
		if sign == 0 {
			p.fields.setOffset(0)
			return true
		}
		p.at++
		return p.offset(sign, 0, true)
	}
	offset, n := matchZone(p.text[p.at:], p.loc)
	if n == 0 {
		return false
	}
	p.at += n
	p.fields.setOffset(offset)
	return true
}

func (p *parser) isoZone(count int) bool {
	if p.text[p.at] == 'Z' {
		p.at++
		p.fields.setOffset(0)
		return true
	}
	sign := p.sign()
	p.at++
	return sign != 0 && p.offset(sign, count, count == 3)
}

func (p *parser) sign() int {
	if p.at < len(p.text) {
		switch p.text[p.at] {
		case '+':
			return 1
		case '-':
			return -1
		}
	}
	return 0
}

// offset reads hh, hhmm or hh:mm after a sign. count is the number of X, or 0
// for the letters z and Z, where one digit of the hour is enough if a colon
// follows.
func (p *parser) offset(sign, count int, colon bool) bool {
	hours, ok := p.digit()
	if !ok {
		return false
	}
	if d, ok := p.digit(); ok {
		hours = hours*10 + d
	} else if count > 0 || !colon {
		return false
	}
	minutes := 0
	if count != 1 {
		if colon {
			if p.at == len(p.text) || p.text[p.at] != ':' {
				return false
			}
			p.at++
		}
		tens, ok1 := p.digit()
		ones, ok2 := p.digit()
		if minutes = tens*10 + ones; !ok1 || !ok2 || minutes > 59 {
			return false
		}
	}
	if hours > 23 {
		return false
	}
	p.fields.setOffset(sign * (hours*60 + minutes) * 60)
	return true
}

func (p *parser) digit() (int, bool) {
	if p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
		return int(p.text[p.at-1] - '0'), true
	}
	return 0, false
}
