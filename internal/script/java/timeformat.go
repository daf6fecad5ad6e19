package java

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weir-health/weir/datefmt"
)

// timeFormat is a pattern of java.time's DateTimeFormatter or of Joda-Time's. Those
// differ from SimpleDateFormat's: S are the first digits of a fraction, a number of
// two letters has two digits, and [ ] holds what may be missing.
type timeFormat struct {
	pattern string
	pieces  []timePiece
	joda    bool

	defaults map[byte]int // of fields that a text may lack, by letter
}

// timePiece is a run of one letter, or a text, or a bracket.
type timePiece struct {
	letter byte // 0: text
	count  int
	text   string
	skip   int // of [: the place of its ]

	fold  bool // read in any case
	most  int  // digits of a fraction of varying length; count is the least
	point bool // before it
}

// timePatterns holds compiled patterns of both families.
var timePatterns cache[*timeFormat]

// timeFormatOf compiles a pattern or throws as the family words it.
func (c *Call) timeFormatOf(pattern string, joda bool) *timeFormat {
	key := strconv.FormatBool(joda) + pattern
	if f, ok := timePatterns.get(key); ok {
		return f
	}
	f, wrong := compileTime(pattern, joda)
	if wrong != "" {
		panic(c.Throw("java.lang.IllegalArgumentException", wrong))
	}
	timePatterns.put(key, f)
	return f
}

// Letters that each family knows.
const (
	timeLetters = "GuyDMLdQqYwWEecFaBhKkHmsSAnNVvzOXxZp"
	jodaLetters = "GCYxweEyDMdaKhHkmsSzZ"
)

func compileTime(pattern string, joda bool) (f *timeFormat, wrong string) {
	f = &timeFormat{pattern: pattern, joda: joda}
	letters := timeLetters
	if joda {
		letters = jodaLetters
	}
	var open []int
	literal := func(s string) {
		if n := len(f.pieces); n > 0 && f.pieces[n-1].letter == 0 {
			f.pieces[n-1].text += s
			return
		}
		f.pieces = append(f.pieces, timePiece{text: s})
	}
	for i := 0; i < len(pattern); {
		ch := pattern[i]
		switch {
		case ch|0x20 >= 'a' && ch|0x20 <= 'z':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == ch {
				n++
			}
			if strings.IndexByte(letters, ch) < 0 {
				if joda {
					return nil, "Illegal pattern component: " + pattern[i:i+n]
				}
				return nil, "Unknown pattern letter: " + string(ch)
			}
			if !joda && n > 19 || !joda && strings.IndexByte("dhHkKmsw", ch) >= 0 && n > 2 {
				return nil, "Too many pattern letters: " + string(ch)
			}
			if joda && ch == 'Y' {
				ch = 'y'
			}
			f.pieces = append(f.pieces, timePiece{letter: ch, count: n})
			i += n
		case ch == '\'':
			text, end, ok := quotedText(pattern, i)
			if !ok {
				return nil, "Pattern ends with an incomplete string literal: " + pattern
			}
			literal(text)
			i = end
		case ch == '[' && !joda:
			open = append(open, len(f.pieces))
			f.pieces = append(f.pieces, timePiece{letter: '['})
			i++
		case ch == ']' && !joda:
			if len(open) == 0 {
				return nil, "Pattern invalid as it contains ] without previous ["
			}
			f.pieces[open[len(open)-1]].skip = len(f.pieces)
			open = open[:len(open)-1]
			f.pieces = append(f.pieces, timePiece{letter: ']'})
			i++
		case !joda && (ch == '{' || ch == '}' || ch == '#'):
			return nil, "Pattern includes reserved character: '" + string(ch) + "'"
		default:
			_, n := utf8.DecodeRuneInString(pattern[i:])
			literal(pattern[i : i+n])
			i += n
		}
	}
	for _, at := range open {
		f.pieces[at].skip = len(f.pieces)
	}
	return f, ""
}

// quotedText reads a text in apostrophes; two of them are one.
func quotedText(s string, i int) (text string, end int, ok bool) {
	if strings.HasPrefix(s[i:], "''") {
		return "'", i + 2, true
	}
	for i++; i < len(s); i++ {
		if s[i] != '\'' {
			text += s[i : i+1]
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			text += "'"
			i++
			continue
		}
		return text, i + 1, true
	}
	return "", 0, false
}

// kinds of fields that a class may lack.
const (
	dateLetters = "GCuyxDMLdQqYwWEecF"
	clockLetter = "aBhKkHmsSAnNf"
	zoneLetters = "VvzOXxZ"
)

// fieldNames are the names of letters in errors.
var fieldNames = map[byte]string{'G': "Era", 'u': "Year", 'y': "YearOfEra", 'D': "DayOfYear", 'M': "MonthOfYear", 'L': "MonthOfYear",
	'd': "DayOfMonth", 'E': "DayOfWeek", 'a': "AmPmOfDay", 'f': "NanoOfSecond", 'h': "ClockHourOfAmPm", 'K': "HourOfAmPm", 'k': "ClockHourOfDay", 'H': "HourOfDay",
	'm': "MinuteOfHour", 's': "SecondOfMinute", 'S': "NanoOfSecond", 'A': "MilliOfDay", 'n': "NanoOfSecond", 'N': "NanoOfDay",
	'Q': "QuarterOfYear", 'q': "QuarterOfYear", 'e': "DayOfWeek", 'c': "DayOfWeek", 'F': "AlignedDayOfWeekInMonth",
	'Y': "WeekBasedYear", 'w': "WeekOfWeekBasedYear", 'W': "WeekOfMonth"}

// lacks returns the first letter of a pattern that a class has no field for.
func (f *timeFormat) lacks(class string) byte {
	missing := ""
	switch shortClass(class) {
	case "LocalDate", "YearMonth":
		missing = clockLetter + zoneLetters
	case "LocalTime":
		missing = dateLetters + zoneLetters
	case "LocalDateTime":
		missing = zoneLetters
	case "Instant":
		if !f.joda {
			missing = dateLetters + clockLetter + "V"
		}
	}
	for _, p := range f.pieces {
		if p.letter != 0 && strings.IndexByte(missing, p.letter) >= 0 {
			return p.letter
		}
	}
	return 0
}

func shortClass(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// format writes a moment.
func (f *timeFormat) format(t time.Time) string {
	var b strings.Builder
	for _, p := range f.pieces {
		switch p.letter {
		case 0:
			b.WriteString(p.text)
		case '[', ']':
		default:
			b.WriteString(f.field(p, t))
		}
	}
	return b.String()
}

func pad(n, width int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + fmt.Sprintf("%0*d", min(width, 19), n)
}

func (f *timeFormat) field(p timePiece, t time.Time) string {
	n := p.count
	switch p.letter {
	case 'G':
		if n >= 4 && !f.joda {
			return "Anno Domini"
		}
		return "AD"
	case 'C':
		return pad(t.Year()/100, n)
	case 'u', 'y':
		if n == 2 {
			return pad(t.Year()%100, 2)
		}
		return pad(t.Year(), n)
	case 'Y', 'x':
		if p.letter == 'x' && !f.joda {
			return offsetText(t, n, false)
		}
		y, _ := f.week(t)
		if n == 2 {
			return pad(y%100, 2)
		}
		return pad(y, n)
	case 'w':
		_, w := f.week(t)
		return pad(w, n)
	case 'W':
		return pad(field(t, fieldWeekOfMonth), n)
	case 'D':
		return pad(t.YearDay(), n)
	case 'M', 'L':
		return named(n, int(t.Month()), t.Month().String())
	case 'Q', 'q':
		q := (int(t.Month()) + 2) / 3
		switch n {
		case 3:
			return "Q" + strconv.Itoa(q)
		case 4:
			return []string{"1st", "2nd", "3rd", "4th"}[q-1] + " quarter"
		}
		return pad(q, n)
	case 'd':
		return pad(t.Day(), n)
	case 'E':
		if n < 3 {
			n = 3
		}
		return named(n, 0, t.Weekday().String())
	case 'e', 'c':
		if f.joda {
			return pad((int(t.Weekday())+6)%7+1, n)
		}
		return named(n, int(t.Weekday())+1, t.Weekday().String())
	case 'F':
		return pad((t.Day()-1)%7+1, n)
	case 'a':
		return t.Format("PM")
	case 'B':
		return dayPeriod(t.Hour())
	case 'h':
		return pad((t.Hour()+11)%12+1, n)
	case 'K':
		return pad(t.Hour()%12, n)
	case 'k':
		return pad((t.Hour()+23)%24+1, n)
	case 'H':
		return pad(t.Hour(), n)
	case 'm':
		return pad(t.Minute(), n)
	case 's':
		return pad(t.Second(), n)
	case 'S':
		digits := pad(t.Nanosecond(), 9)
		for len(digits) < n {
			digits += "0"
		}
		return digits[:n]
	case fraction:
		return fractionText(t.Nanosecond(), p)
	case 'n':
		return pad(t.Nanosecond(), n)
	case 'A':
		return pad(int(sinceMidnight(t)/time.Millisecond), n)
	case 'N':
		return pad(int(sinceMidnight(t)), n)
	}
	return f.zone(p, t)
}

func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second +
		time.Duration(t.Nanosecond())
}

func dayPeriod(hour int) string {
	switch {
	case hour < 6 || hour >= 21:
		return "at night"
	case hour < 12:
		return "in the morning"
	case hour < 18:
		return "in the afternoon"
	}
	return "in the evening"
}

// named writes a month or day: as a number, short, long, or by its first letter.
func named(n, number int, name string) string {
	switch n {
	case 1, 2:
		return pad(number, n)
	case 3:
		return name[:3]
	case 5:
		return name[:1]
	}
	return name
}

// week is the year and week of a date: of java.time as the United States count
// them, of Joda-Time by ISO 8601.
func (f *timeFormat) week(t time.Time) (year, week int) {
	if f.joda {
		return t.ISOWeek()
	}
	next := time.Date(t.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
	sunday := next.AddDate(0, 0, -int(next.Weekday()))
	if day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC); !day.Before(sunday) {
		return t.Year() + 1, 1
	}
	return t.Year(), field(t, fieldWeekOfYear)
}

func (f *timeFormat) zone(p timePiece, t time.Time) string {
	n := p.count
	switch p.letter {
	case 'V':
		return zoneID(t.Location())
	case 'z', 'v':
		name, _ := t.Zone()
		if n >= 4 {
			return longZone(t)
		}
		if strings.ContainsAny(name[:1], "+-") {
			return zoneID(t.Location())
		}
		return name
	case 'O':
		_, off := t.Zone()
		if off == 0 {
			return "GMT"
		}
		s := offsetText(t, 3, false)
		if n == 1 {
			s = s[:1] + strings.TrimSuffix(strings.TrimPrefix(s[1:], "0"), ":00")
		}
		return "GMT" + s
	case 'X':
		return offsetText(t, n, true)
	case 'Z':
		if f.joda {
			switch n {
			case 1:
				return offsetText(t, 2, false)
			case 2:
				return offsetText(t, 3, false)
			}
			return zoneID(t.Location())
		}
		switch n {
		case 4:
			return f.zone(timePiece{letter: 'O', count: 4}, t)
		case 5:
			return offsetText(t, 3, true)
		}
		return offsetText(t, 2, false)
	}
	return ""
}

var longZoneText = datefmt.MustCompile("zzzz")

func longZone(t time.Time) string { return longZoneText.Format(t) }

// offsetText writes an offset as +hh, +hhmm, +hh:mm or with seconds; z has none
// be Z.
func offsetText(t time.Time, n int, z bool) string {
	_, off := t.Zone()
	if off == 0 && z {
		return "Z"
	}
	sign := "+"
	if off < 0 {
		sign, off = "-", -off
	}
	h, m, s := off/3600, off/60%60, off%60
	switch {
	case n == 1 && m == 0:
		return fmt.Sprintf("%s%02d", sign, h)
	case n == 1 || n == 2:
		return fmt.Sprintf("%s%02d%02d", sign, h, m)
	case n == 3 || s == 0 && n == 5:
		return fmt.Sprintf("%s%02d:%02d", sign, h, m)
	case n == 4 && s == 0:
		return fmt.Sprintf("%s%02d%02d", sign, h, m)
	case n == 4:
		return fmt.Sprintf("%s%02d%02d%02d", sign, h, m, s)
	}
	return fmt.Sprintf("%s%02d:%02d:%02d", sign, h, m, s)
}

// timeFields are what a text gave, by letter; -1 and the like never occur, so what
// is missing is not in the map.
type timeFields struct {
	n    map[byte]int
	loc  *time.Location // of the text
	have bool           // loc is set
}

// timeReader reads a text by a format.
type timeReader struct {
	f     *timeFormat
	s     string
	i     int
	got   timeFields
	at    int    // where it failed
	wrong string // a value out of range
}

// read parses a text and returns its fields; ok is false with the place of the
// failure, or with the words for a value out of range.
func (f *timeFormat) read(s string) (got timeFields, at int, wrong string, ok bool) {
	r := &timeReader{f: f, s: s, got: timeFields{n: make(map[byte]int)}, at: -1}
	if !r.pieces(0, len(f.pieces)) {
		return r.got, r.at, r.wrong, false
	}
	for letter, v := range f.defaults {
		if _, ok := r.got.n[letter]; !ok {
			r.got.n[letter] = v
		}
	}
	return r.got, r.i, "", true
}

// pieces reads the pieces from a place to another. What stands in brackets may be
// missing as a whole.
func (r *timeReader) pieces(from, to int) bool {
	for k := from; k < to; k++ {
		p := r.f.pieces[k]
		switch p.letter {
		case ']':
		case '[':
			before, fields := r.i, make(map[byte]int, len(r.got.n))
			for l, v := range r.got.n {
				fields[l] = v
			}
			if !r.pieces(k+1, p.skip) {
				if r.wrong != "" {
					return false
				}
				r.i, r.got.n = before, fields
			}
			k = p.skip
		case 0:
			n, ok := begins(r.s[r.i:], p.text, p.fold)
			if !ok {
				return r.fail(r.i)
			}
			r.i += n
		case fraction:
			if !r.readFraction(p) {
				return false
			}
		default:
			if !r.field(k) {
				return false
			}
		}
	}
	return true
}

func (r *timeReader) fail(at int) bool { r.at = at; return false }

// most is how far a value may go.
var most = map[byte][2]int{'M': {1, 12}, 'L': {1, 12}, 'd': {1, 31}, 'D': {1, 366}, 'h': {1, 12}, 'K': {0, 11}, 'k': {1, 24}, 'H': {0, 23},
	'm': {0, 59}, 's': {0, 59}, 'w': {1, 53}, 'Q': {1, 4}, 'q': {1, 4}}

var jodaFieldNames = map[byte]string{'M': "monthOfYear", 'd': "dayOfMonth", 'D': "dayOfYear", 'h': "clockhourOfHalfday", 'K': "hourOfHalfday",
	'k': "clockhourOfDay", 'H': "hourOfDay", 'm': "minuteOfHour", 's': "secondOfMinute"}

func (r *timeReader) field(k int) bool {
	p := r.f.pieces[k]
	start := r.i
	switch {
	case p.letter == 'G':
		return r.word([]string{"AD", "BC"}, 'G', 0, p.fold) || r.fail(start)
	case (p.letter == 'M' || p.letter == 'L') && p.count >= 3:
		return r.word(monthWords(p.count), 'M', 1, p.fold) || r.fail(start)
	case p.letter == 'E' || (p.letter == 'e' || p.letter == 'c') && p.count >= 3:
		return r.word(dayWords(p.count), 'E', 0, p.fold) || r.fail(start)
	case p.letter == 'a':
		return r.word([]string{"AM", "PM"}, 'a', 0, p.fold) || r.fail(start)
	case p.letter == 'x' && !r.f.joda, strings.IndexByte("VvzOXZ", p.letter) >= 0:
		return r.zone(p) || r.fail(start)
	}
	least, limit := r.widths(k)
	n, value, sign := 0, 0, 1
	if strings.IndexByte("uyY", p.letter) >= 0 && r.i < len(r.s) && (r.s[r.i] == '-' || r.s[r.i] == '+') {
		if r.s[r.i] == '-' {
			sign = -1
		}
		r.i++
	}
	for n < limit && r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '9' {
		value = value*10 + int(r.s[r.i]-'0')
		r.i++
		n++
	}
	if n < least {
		r.i = start
		return r.fail(start)
	}
	value *= sign
	switch {
	case p.letter == 'S':
		for ; n < 9; n++ {
			value *= 10
		}
		for ; n > 9; n-- {
			value /= 10
		}
	case (p.letter == 'y' || p.letter == 'u') && p.count == 2 && n == 2:
		value += 2000
		if r.f.joda { // the century around now less thirty years
			if pivot := time.Now().Year() + 20; value >= pivot {
				value -= 100
			}
		}
	}
	if m, ok := most[p.letter]; ok && (value < m[0] || value > m[1]) {
		if r.f.joda {
			r.wrong = fmt.Sprintf("Value %d for %s must be in the range [%d,%d]", value, jodaFieldNames[p.letter], m[0], m[1])
		} else {
			limits := fmt.Sprintf("%d - %d", m[0], m[1])
			if p.letter == 'd' {
				limits = "1 - 28/31"
			} else if p.letter == 'D' {
				limits = "1 - 365/366"
			}
			r.wrong = fmt.Sprintf("Invalid value for %s (valid values %s): %d", fieldNames[p.letter], limits, value)
		}
		return false
	}
	r.got.n[p.letter] = value
	return true
}

// widths is how many digits a number may have. One that has no fixed width
// leaves the digits to the numbers of fixed width right behind it.
func (r *timeReader) widths(k int) (least, limit int) {
	p := r.f.pieces[k]
	fixed := func(p timePiece) int {
		switch {
		case p.letter == 'S':
			return p.count
		case strings.IndexByte("dDMLhHKkmsw", p.letter) >= 0 && p.count == 2, p.letter == 'D' && p.count == 3:
			return p.count
		case strings.IndexByte("uy", p.letter) >= 0 && p.count == 2:
			return 2
		}
		return 0
	}
	behind := k+1 < len(r.f.pieces) && strings.IndexByte("dDMLhHKkmsSwuyA", r.f.pieces[k+1].letter) >= 0 && r.f.pieces[k+1].count < 3 ||
		k+1 < len(r.f.pieces) && r.f.pieces[k+1].letter == 'S'
	if r.f.joda {
		switch {
		case p.letter == 'S':
			return 1, p.count
		case p.letter == 'y' && p.count == 2:
			return 1, 9
		case p.letter == 'y' && behind:
			return 1, p.count
		case p.letter == 'y':
			return 1, 9
		case p.letter == 'D':
			return 1, 3
		}
		return 1, max(2, p.count)
	}
	if n := fixed(p); n > 0 {
		return n, n
	}
	limit = 19
	run := 0
	for r.i+run < len(r.s) && r.s[r.i+run] >= '0' && r.s[r.i+run] <= '9' {
		run++
	}
	for j := k + 1; j < len(r.f.pieces) && fixed(r.f.pieces[j]) > 0; j++ {
		run -= fixed(r.f.pieces[j])
	}
	least = 1
	if p.letter != 'd' && p.letter != 'M' {
		least = p.count
	}
	limit = max(min(limit, run), 0)
	if p.letter == 'y' || p.letter == 'u' {
		limit = min(limit, 10)
		if p.count == 4 && r.i < len(r.s) && r.s[r.i] != '+' && r.s[r.i] != '-' {
			limit = min(limit, 4) // more digits need a sign
		}
	}
	return least, min(limit, 18)
}

func monthWords(n int) []string {
	words := make([]string, 12)
	for i := range words {
		words[i] = named(n, 0, time.Month(i+1).String())
	}
	return words
}

func dayWords(n int) []string {
	words := make([]string, 7)
	for i := range words {
		words[i] = named(max(n, 3), 0, time.Weekday(i).String())
	}
	return words
}

// word reads one of some words: exactly in java.time, but where fold says otherwise;
// long or short and in any case in Joda-Time.
func (r *timeReader) word(words []string, letter byte, first int, fold bool) bool {
	for i, w := range words {
		rest := r.s[r.i:]
		if strings.HasPrefix(rest, w) || (fold || r.f.joda) && len(rest) >= len(w) && strings.EqualFold(rest[:len(w)], w) {
			r.got.n[letter] = i + first
			r.i += len(w)
			return true
		}
	}
	if r.f.joda && (letter == 'M' || letter == 'E') {
		other := monthWords(4)
		if letter == 'E' {
			other = dayWords(4)
		}
		for i, w := range other {
			for _, w := range []string{w, w[:3]} {
				if rest := r.s[r.i:]; len(rest) >= len(w) && strings.EqualFold(rest[:len(w)], w) {
					r.got.n[letter] = i + first
					r.i += len(w)
					return true
				}
			}
		}
	}
	return false
}

func (r *timeReader) zone(p timePiece) bool {
	rest := r.s[r.i:]
	set := func(loc *time.Location, n int) bool {
		r.got.loc, r.got.have = loc, true
		r.i += n
		return true
	}
	if strings.HasPrefix(rest, "Z") && (p.letter == 'X' || p.letter == 'V' || r.f.joda || p.letter == 'Z' && p.count == 5) {
		return set(time.UTC, 1)
	}
	n := 0
	if p.letter == 'O' && strings.HasPrefix(rest, "GMT") {
		n = 3
	}
	end := n
	for end < len(rest) && strings.IndexByte("+-:0123456789", rest[end]) >= 0 && (end > n || rest[end] == '+' || rest[end] == '-') {
		end++
	}
	if off, ok := parseOffset(rest[n:end]); ok && end > n {
		return set(offsetZone(off), end)
	}
	if n == 3 {
		return set(time.UTC, 3)
	}
	if strings.IndexByte("Vvz", p.letter) >= 0 || r.f.joda && p.letter == 'Z' && p.count > 2 {
		end = 0
		for end < len(rest) && (rest[end]|0x20 >= 'a' && rest[end]|0x20 <= 'z' || strings.IndexByte("/_+-0123456789", rest[end]) >= 0) {
			end++
		}
		for ; end > 0; end-- {
			if loc, ok := findZone(rest[:end]); ok {
				return set(loc, end)
			}
		}
	}
	return false
}

// offsetZone is a zone of a fixed offset, named as Java does.
func offsetZone(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	t := time.Unix(0, 0).In(time.FixedZone("", seconds))
	return time.FixedZone(offsetText(t, 5, false), seconds)
}

// resolve makes a time of the fields; missing is false for those a class needs
// and the text does not have. strict has a day that its month lacks refused; else
// it is the month's last.
func (g timeFields) resolve(loc *time.Location, strict bool) (t time.Time, hasDate, hasClock bool, wrong string) {
	n := g.n
	year, hasYear := first(n, 'u', 'y', 'Y')
	month, hasMonth := first(n, 'M', 'L')
	if !hasMonth {
		if q, ok := first(n, 'Q', 'q'); ok {
			month, hasMonth = q*3-2, true
		}
	}
	day, hasDay := n['d']
	if d, ok := n['D']; ok && !hasMonth {
		date := time.Date(year, 1, d, 0, 0, 0, 0, time.UTC)
		month, day, hasMonth, hasDay = int(date.Month()), date.Day(), true, true
	}
	hasDate = hasYear && hasMonth && hasDay
	hour, hasHour := n['H']
	if k, ok := n['k']; ok {
		hour, hasHour = k%24, true
	}
	if h, ok := first(n, 'h', 'K'); ok {
		hour, hasHour = h%12+12*n['a'], true
	}
	if ms, ok := n['A']; ok {
		hour, hasHour = ms/3600000, true
		n['m'], n['s'], n['n'] = ms/60000%60, ms/1000%60, ms%1000*1e6
	}
	hasClock = hasHour
	nano, _ := first(n, 'S', 'n')
	if !hasMonth {
		month = 1
	}
	if !hasDay {
		day = 1
	}
	if !hasYear {
		year = 1970
	}
	if last := time.Date(year, time.Month(month+1), 0, 0, 0, 0, 0, time.UTC).Day(); day > last {
		if strict {
			return t, hasDate, hasClock, invalidDate(year, month, day)
		}
		day = last
	}
	if g.have {
		loc = g.loc
	}
	return time.Date(year, time.Month(month), day, hour, n['m'], n['s'], nano, loc), hasDate, hasClock, ""
}

func first(n map[byte]int, letters ...byte) (int, bool) {
	for _, l := range letters {
		if v, ok := n[l]; ok {
			return v, true
		}
	}
	return 0, false
}

// invalidDate is what LocalDate says of a day that a month does not have.
func invalidDate(year, month, day int) string {
	if month == 2 && day == 29 {
		return fmt.Sprintf("Invalid date 'February 29' as '%d' is not a leap year", year)
	}
	return fmt.Sprintf("Invalid date '%s %d'", strings.ToUpper(time.Month(month).String()), day)
}
