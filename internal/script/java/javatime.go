package java

import (
	"fmt"
	"strings"
	"time"
)

// moment is an Instant, LocalDateTime, LocalDate, LocalTime, ZonedDateTime or
// OffsetDateTime of java.time, or a DateTime, LocalDate, … of Joda-Time. The local
// ones are kept in UTC.
type moment struct {
	class string
	t     time.Time
}

const (
	instantClass  = "java.time.Instant"
	localDateTime = "java.time.LocalDateTime"
	localDate     = "java.time.LocalDate"
	localTime     = "java.time.LocalTime"
	zonedDateTime = "java.time.ZonedDateTime"
	offsetTime    = "java.time.OffsetDateTime"
)

func newMoment(class string, t time.Time) *moment {
	switch shortClass(class) {
	case "LocalDate":
		t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	case "LocalDateTime":
		t = wall(t)
	case "LocalTime":
		t = time.Date(1970, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	return &moment{class, t}
}

// wall is what a clock shows, as a time in UTC.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

func (m *moment) JavaClass() string  { return m.class }
func (m *moment) Instant() time.Time { return m.t }
func (m *moment) Portable() any      { return m.String() }

func (m *moment) joda() bool { return strings.HasPrefix(m.class, jodaPackage) }

// has reports whether the class has a date, a time of day, a zone.
func (m *moment) hasDate() bool  { return shortClass(m.class) != "LocalTime" }
func (m *moment) hasClock() bool { return shortClass(m.class) != "LocalDate" }
func (m *moment) local() bool    { return strings.HasPrefix(shortClass(m.class), "Local") }

// Equal compares class and moment.
func (m *moment) Equal(o any) bool {
	n, ok := o.(*moment)
	return ok && m.class == n.class && m.t.Equal(n.t)
}

// Compare orders moments. Dates of java.time tell the distance in years, months
// or days.
func (m *moment) Compare(o any) (int, bool) {
	n, ok := o.(*moment)
	if !ok {
		return 0, false
	}
	if m.local() && m.hasDate() && !m.joda() {
		a, b := m.t, n.t
		for _, d := range []int{a.Year() - b.Year(), int(a.Month()) - int(b.Month()), a.Day() - b.Day()} {
			if d != 0 {
				return d, true
			}
		}
	}
	return m.t.Compare(n.t), true
}

// String is the ISO form. java.time leaves seconds and their fraction out where
// they are zero, Joda-Time writes milliseconds always.
func (m *moment) String() string {
	clock := m.t.Format("15:04")
	switch ns := m.t.Nanosecond(); {
	case m.joda():
		clock = m.t.Format("15:04:05.000")
	case ns == 0 && m.t.Second() == 0 && m.class != instantClass:
	case ns == 0:
		clock = m.t.Format("15:04:05")
	case ns%1e6 == 0:
		clock = m.t.Format("15:04:05.000")
	case ns%1e3 == 0:
		clock = m.t.Format("15:04:05.000000")
	default:
		clock = m.t.Format("15:04:05.000000000")
	}
	day := m.t.Format("2006-01-02")
	switch shortClass(m.class) {
	case "LocalDate":
		return day
	case "LocalTime":
		return clock
	case "LocalDateTime":
		return day + "T" + clock
	case "Instant":
		return m.t.UTC().Format("2006-01-02") + "T" + clock + "Z"
	}
	s := day + "T" + clock + offsetText(m.t, 5, true)
	if m.class == zonedDateTime {
		if id := zoneID(m.t.Location()); id != "UTC" && strings.IndexByte("+-Z", id[0]) < 0 {
			s += "[" + id + "]"
		}
	}
	return s
}

// unit is a ChronoUnit: how far it carries, in months or as a duration.
type unit struct {
	name   string // as toString shows it
	months int
	d      time.Duration
}

var chronoUnits = map[string]unit{
	"NANOS": {"Nanos", 0, 1}, "MICROS": {"Micros", 0, time.Microsecond}, "MILLIS": {"Millis", 0, time.Millisecond},
	"SECONDS": {"Seconds", 0, time.Second}, "MINUTES": {"Minutes", 0, time.Minute}, "HOURS": {"Hours", 0, time.Hour},
	"HALF_DAYS": {"HalfDays", 0, 12 * time.Hour}, "DAYS": {"Days", 0, 24 * time.Hour}, "WEEKS": {"Weeks", 0, 7 * 24 * time.Hour},
	"MONTHS": {"Months", 1, 0}, "YEARS": {"Years", 12, 0}, "DECADES": {"Decades", 120, 0}, "CENTURIES": {"Centuries", 1200, 0},
	"MILLENNIA": {"Millennia", 12000, 0},
}

// dateBased tells units of whole days and more.
func (u unit) dateBased() bool { return u.months > 0 || u.d >= 24*time.Hour }

// Bounds of a year, so that no amount overflows a time.
const farthestYear = 999_999

func advance(c *Call, m *moment, name string, n int) *moment {
	u, ok := chronoUnits[name]
	if !ok || u.dateBased() && !m.hasDate() || !u.dateBased() && !m.hasClock() || m.class == instantClass && u.months > 0 {
		if u.name == "" {
			u.name = name
		}
		panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported unit: "+u.name))
	}
	var t time.Time
	switch {
	case u.months > 0:
		t = addMonths(m.t, clamp(n, farthestYear)*u.months)
	case u.d >= 24*time.Hour:
		t = m.t.AddDate(0, 0, clamp(n, farthestYear*366)*int(u.d/(24*time.Hour)))
	case u.d >= time.Second:
		seconds := clamp(n, farthestYear*366*86400) * int(u.d/time.Second)
		t = time.Unix(m.t.Unix()+int64(seconds), int64(m.t.Nanosecond())).In(m.t.Location())
	default:
		t = m.t.Add(time.Duration(n) * u.d)
	}
	if t.Year() > farthestYear || t.Year() < -farthestYear {
		panic(c.Throw("java.time.DateTimeException", fmt.Sprintf("Invalid value for Year (valid values -%d - %d): %d", 999_999_999, 999_999_999, t.Year())))
	}
	return newMoment(m.class, t)
}

func clamp(n, limit int) int { return max(-limit-1, min(n, limit+1)) }

// between counts whole units from a to b.
func between(u unit, a, b time.Time) int64 {
	if u.dateBased() {
		b = wall(b.In(a.Location()))
		a = wall(a)
	}
	if u.months == 0 {
		if u.d >= time.Second { // durations end after three hundred years
			whole := b.Unix() - a.Unix()
			if d := b.Nanosecond() - a.Nanosecond(); d < 0 && whole > 0 {
				whole--
			} else if d > 0 && whole < 0 {
				whole++
			}
			return whole / int64(u.d/time.Second)
		}
		return int64(b.Sub(a) / u.d)
	}
	months := monthsBetween(a, b)
	return int64(months / u.months)
}

func monthsBetween(a, b time.Time) int {
	months := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	if months > 0 && past(a, months).After(b) {
		months--
	} else if months < 0 && past(a, months).Before(b) {
		months++
	}
	return months
}

// past is the day so many months on, also where the month does not have it.
func past(a time.Time, months int) time.Time { return a.AddDate(0, months, 0) }

// unitOf reads an argument that is a ChronoUnit.
func (c *Call) unitOf(i int) string {
	if e, ok := c.Object(i).(*Enum); ok {
		return e.name
	}
	panic(c.Throw("java.lang.NullPointerException", "unit"))
}

// formatter is a DateTimeFormatter: a pattern, or an ISO form without one.
type formatter struct {
	class string
	name  string // of the ISO form
	f     *timeFormat
	loc   *time.Location
}

func (f *formatter) JavaClass() string { return f.class }

const formatterClassName = "java.time.format.DateTimeFormatter"

func (f *formatter) text(c *Call, m *moment) string {
	if f.loc != nil && !m.local() {
		m = &moment{zonedDateTime, m.t.In(f.loc)}
	}
	if f.f == nil {
		return f.iso(c, m)
	}
	if l := f.f.lacks(m.class); l != 0 {
		panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported field: "+lackingName(l)))
	}
	return f.f.format(m.t)
}

func lackingName(l byte) string {
	if name := fieldNames[l]; name != "" {
		return name
	}
	return "OffsetSeconds"
}

// iso writes one of the constants such as ISO_LOCAL_DATE.
func (f *formatter) iso(c *Call, m *moment) string {
	need := func(date, clock bool) {
		if date && !m.hasDate() {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported field: Year"))
		}
		if clock && !m.hasClock() {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported field: HourOfDay"))
		}
	}
	clock := func() string {
		s := m.t.Format("15:04:05")
		if ns := m.t.Nanosecond(); ns != 0 {
			s += "." + strings.TrimRight(fmt.Sprintf("%09d", ns), "0")
		}
		return s
	}
	offset := func() string {
		if m.local() {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported field: OffsetSeconds"))
		}
		return offsetText(m.t, 5, true)
	}
	day := m.t.Format("2006-01-02")
	switch f.name {
	case "ISO_LOCAL_DATE", "ISO_DATE":
		need(true, false)
		if f.name == "ISO_DATE" && !m.local() {
			return day + offset()
		}
		return day
	case "ISO_OFFSET_DATE":
		return day + offset()
	case "ISO_LOCAL_TIME":
		need(false, true)
		return clock()
	case "ISO_TIME":
		need(false, true)
		if m.local() {
			return clock()
		}
		return clock() + offset()
	case "ISO_OFFSET_DATE_TIME":
		return day + "T" + clock() + offset()
	case "ISO_INSTANT":
		if m.local() {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported field: InstantSeconds"))
		}
		return (&moment{instantClass, m.t.UTC()}).String()
	case "ISO_WEEK_DATE":
		y, w := m.t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d-%d", y, w, (int(m.t.Weekday())+6)%7+1)
	case "ISO_ORDINAL_DATE":
		return fmt.Sprintf("%04d-%03d", m.t.Year(), m.t.YearDay())
	}
	need(true, true)
	s := day + "T" + clock()
	if !m.local() && f.name != "ISO_LOCAL_DATE_TIME" {
		s += offset()
		if id := zoneID(m.t.Location()); m.class == zonedDateTime && id != "UTC" && strings.IndexByte("+-Z", id[0]) < 0 {
			s += "[" + id + "]"
		}
	}
	return s
}

// isoPatterns are the forms that ISO texts may have, by class.
var isoPatterns = map[string]string{
	localDate: "uuuu-MM-dd", localTime: "HH:mm[:ss]", localDateTime: "uuuu-MM-dd'T'HH:mm[:ss]", instantClass: "uuuu-MM-dd'T'HH:mm[:ss]XXX",
	offsetTime: "uuuu-MM-dd'T'HH:mm[:ss]XXX", zonedDateTime: "uuuu-MM-dd'T'HH:mm[:ss]XXX['['VV']']",
}

// parse reads a text as a class of java.time.
func (f *formatter) parse(c *Call, class, text string) *moment {
	format, strict, rest := f.f, f.f == nil, text
	nano := 0
	if strict {
		pattern := isoPatterns[class]
		switch f.name {
		case "ISO_LOCAL_DATE_TIME":
			pattern = isoPatterns[localDateTime]
		case "ISO_DATE_TIME":
			pattern = isoPatterns[localDateTime] + "[XXX]['['VV']']"
		case "ISO_DATE":
			pattern = isoPatterns[localDate] + "[XXX]"
		}
		format = c.timeFormatOf(pattern, false)
		rest, nano = cutFraction(text)
	}
	got, at, wrong, ok := format.read(rest)
	fail := func(words string) *moment {
		shown := text
		if len(shown) > 64 {
			shown = shown[:64] + "..."
		}
		panic(c.Throw("java.time.format.DateTimeParseException", "Text '"+shown+"' could not be parsed"+words))
	}
	switch {
	case wrong != "":
		return fail(": " + wrong)
	case !ok:
		return fail(fmt.Sprintf(" at index %d", at))
	case at < len(rest):
		return fail(fmt.Sprintf(", unparsed text found at index %d", at))
	}
	loc := f.loc
	if loc == nil {
		loc = time.UTC
	}
	if class == zonedDateTime && strings.HasSuffix(text, "]") { // the zone, and not the offset before it
		if zone, ok := findZone(text[strings.IndexByte(text, '[')+1 : len(text)-1]); ok {
			got.loc, got.have = zone, true
		}
	}
	t, hasDate, hasClock, wrong := got.resolve(loc, strict)
	if wrong != "" {
		return fail(": " + wrong)
	}
	m := newMoment(class, t.Add(time.Duration(nano)))
	if class == instantClass {
		m.t = m.t.UTC()
	}
	if m.hasDate() && !hasDate || m.hasClock() && !hasClock || !m.local() && !got.have && f.loc == nil {
		return fail(": Unable to obtain " + shortClass(class) + " from TemporalAccessor")
	}
	return m
}

// cutFraction takes the fraction of a second out of an ISO text.
func cutFraction(s string) (rest string, nano int) {
	i := strings.IndexByte(s, '.')
	if i < 0 || i < 8 {
		return s, 0
	}
	j, scale := i+1, int(1e8)
	for ; j < len(s) && s[j] >= '0' && s[j] <= '9' && j < i+10; j++ {
		nano += int(s[j]-'0') * scale
		scale /= 10
	}
	if j == i+1 {
		return s, 0
	}
	return s[:i] + s[j:], nano
}

func timeClasses() []*Class {
	var classes []*Class
	for _, name := range []string{instantClass, localDateTime, localDate, localTime, zonedDateTime, offsetTime} {
		classes = append(classes, momentClass(name))
	}
	classes = append(classes, unitClass(), formatterClass(), zoneIDClass("java.time.ZoneId"), zoneIDClass("java.time.ZoneOffset"),
		durationClass(), periodClass(), adjustersClass(), yearClass(), yearMonthClass(), clockClass(), zoneRulesClass())
	return append(append(classes, calendarEnums()...), jodaClasses()...)
}

func unitClass() *Class {
	c := NewEnum("java.time.temporal.ChronoUnit", func(name string) string { return chronoUnits[name].name },
		"NANOS", "MICROS", "MILLIS", "SECONDS", "MINUTES", "HOURS", "HALF_DAYS", "DAYS", "WEEKS", "MONTHS", "YEARS", "DECADES", "CENTURIES", "MILLENNIA")
	on := func(f func(u unit, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(chronoUnits[c.This.(*Enum).name], c) }
	}
	c.Methods["between"] = on(func(u unit, c *Call) any { return c.between(u, c.moment(0), c.moment(1)) })
	c.Methods["getDuration"] = on(func(u unit, c *Call) any { return &duration{u.d} })
	c.Methods["isDateBased"] = on(func(u unit, c *Call) any { return u.dateBased() })
	c.Methods["isTimeBased"] = on(func(u unit, c *Call) any { return !u.dateBased() })
	return c
}

// moment returns an argument that is a time of java.time.
func (c *Call) moment(i int) *moment {
	if m, ok := c.Object(i).(*moment); ok {
		return m
	}
	panic(c.Throw("java.lang.NullPointerException", "temporal"))
}

// between counts units between two times, of which both need to have the unit.
func (c *Call) between(u unit, a, b *moment) int64 {
	for _, m := range []*moment{a, b} {
		if u.dateBased() && !m.hasDate() || !u.dateBased() && !m.hasClock() || m.class == instantClass && u.months > 0 {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported unit: "+u.name))
		}
	}
	return between(u, a.t, b.t)
}

func (c *Call) zone(i int) *time.Location {
	if z, ok := c.Object(i).(*TimeZone); ok {
		return z.loc
	}
	return time.Local
}

// chronoFields are the fields by name of constant: what they are called in
// errors and their range, for those that with checks.
var chronoFields = map[string]struct {
	name     string
	from, to int
	get      func(t time.Time) int64
}{
	"NANO_OF_SECOND":   {"NanoOfSecond", 0, 999_999_999, func(t time.Time) int64 { return int64(t.Nanosecond()) }},
	"MICRO_OF_SECOND":  {"MicroOfSecond", 0, 999_999, func(t time.Time) int64 { return int64(t.Nanosecond() / 1e3) }},
	"MILLI_OF_SECOND":  {"MilliOfSecond", 0, 999, func(t time.Time) int64 { return int64(t.Nanosecond() / 1e6) }},
	"MILLI_OF_DAY":     {"MilliOfDay", 0, 86_399_999, func(t time.Time) int64 { return int64(sinceMidnight(t) / time.Millisecond) }},
	"SECOND_OF_MINUTE": {"SecondOfMinute", 0, 59, func(t time.Time) int64 { return int64(t.Second()) }},
	"SECOND_OF_DAY":    {"SecondOfDay", 0, 86_399, func(t time.Time) int64 { return int64(sinceMidnight(t) / time.Second) }},
	"MINUTE_OF_HOUR":   {"MinuteOfHour", 0, 59, func(t time.Time) int64 { return int64(t.Minute()) }},
	"MINUTE_OF_DAY":    {"MinuteOfDay", 0, 1439, func(t time.Time) int64 { return int64(sinceMidnight(t) / time.Minute) }},
	"HOUR_OF_DAY":      {"HourOfDay", 0, 23, func(t time.Time) int64 { return int64(t.Hour()) }},
	"HOUR_OF_AMPM":     {"HourOfAmPm", 0, 11, func(t time.Time) int64 { return int64(t.Hour() % 12) }},
	"AMPM_OF_DAY":      {"AmPmOfDay", 0, 1, func(t time.Time) int64 { return int64(t.Hour() / 12) }},
	"DAY_OF_WEEK":      {"DayOfWeek", 1, 7, func(t time.Time) int64 { return int64(isoDay(t)) }},
	"DAY_OF_MONTH":     {"DayOfMonth", 1, 31, func(t time.Time) int64 { return int64(t.Day()) }},
	"DAY_OF_YEAR":      {"DayOfYear", 1, 366, func(t time.Time) int64 { return int64(t.YearDay()) }},
	"EPOCH_DAY":        {"EpochDay", 0, 0, epochDay},
	"MONTH_OF_YEAR":    {"MonthOfYear", 1, 12, func(t time.Time) int64 { return int64(t.Month()) }},
	"YEAR":             {"Year", -999_999_999, 999_999_999, func(t time.Time) int64 { return int64(t.Year()) }},
	"YEAR_OF_ERA":      {"YearOfEra", 1, 999_999_999, func(t time.Time) int64 { return int64(t.Year()) }},
	"INSTANT_SECONDS":  {"InstantSeconds", 0, 0, time.Time.Unix},
	"OFFSET_SECONDS":   {"OffsetSeconds", 0, 0, func(t time.Time) int64 { _, off := t.Zone(); return int64(off) }},
}

func isoDay(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func epochDay(t time.Time) int64 {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// checked returns an argument as the value of a field, or throws when it is out of
// range.
func (c *Call) checked(i int, field string) int {
	f, n := chronoFields[field], c.Int(i)
	if n < f.from || n > f.to {
		limits := fmt.Sprintf("%d - %d", f.from, f.to)
		switch field {
		case "DAY_OF_MONTH":
			limits = "1 - 28/31"
		case "DAY_OF_YEAR":
			limits = "1 - 365/366"
		}
		panic(c.Throw("java.time.DateTimeException", fmt.Sprintf("Invalid value for %s (valid values %s): %d", f.name, limits, n)))
	}
	return n
}

// dated puts a date together or throws when there is no such.
func (c *Call) dated(year, month, day int, rest time.Time) time.Time {
	if day > time.Date(year, time.Month(month+1), 0, 0, 0, 0, 0, time.UTC).Day() {
		panic(c.Throw("java.time.DateTimeException", invalidDate(year, month, day)))
	}
	return time.Date(year, time.Month(month), day, rest.Hour(), rest.Minute(), rest.Second(), rest.Nanosecond(), rest.Location())
}

// clippedDay is the day, or the month's last where it is shorter.
func clippedDay(year, month, day int) int {
	return min(day, time.Date(year, time.Month(month+1), 0, 0, 0, 0, 0, time.UTC).Day())
}

// withField sets a field named by its constant.
func (m *moment) withField(c *Call, field string, i int) *moment {
	t := m.t
	switch field {
	case "EPOCH_DAY":
		d := time.Unix(int64(c.Int(i))*86400, 0).UTC()
		t = c.dated(d.Year(), int(d.Month()), d.Day(), t)
	case "YEAR", "YEAR_OF_ERA":
		y := c.checked(i, field)
		t = c.dated(y, int(t.Month()), clippedDay(y, int(t.Month()), t.Day()), t)
	case "MONTH_OF_YEAR":
		mo := c.checked(i, field)
		t = c.dated(t.Year(), mo, clippedDay(t.Year(), mo, t.Day()), t)
	case "DAY_OF_MONTH":
		t = c.dated(t.Year(), int(t.Month()), c.checked(i, field), t)
	case "DAY_OF_YEAR":
		d := time.Date(t.Year(), 1, c.checked(i, field), 0, 0, 0, 0, time.UTC)
		t = c.dated(t.Year(), int(d.Month()), d.Day(), t)
	case "DAY_OF_WEEK":
		t = t.AddDate(0, 0, c.checked(i, field)-isoDay(t))
	case "INSTANT_SECONDS":
		t = time.Unix(int64(c.Float(i)), int64(t.Nanosecond())).In(t.Location())
	default:
		parts := map[string]*int{}
		h, mi, s, ns := t.Hour(), t.Minute(), t.Second(), t.Nanosecond()
		parts["HOUR_OF_DAY"], parts["MINUTE_OF_HOUR"], parts["SECOND_OF_MINUTE"], parts["NANO_OF_SECOND"] = &h, &mi, &s, &ns
		if field == "MILLI_OF_SECOND" {
			ns = c.checked(i, field) * 1e6
		} else if p := parts[field]; p != nil && m.hasClock() {
			*p = c.checked(i, field)
		} else {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported field: "+chronoFields[field].name))
		}
		t = time.Date(t.Year(), t.Month(), t.Day(), h, mi, s, ns, t.Location())
	}
	return newMoment(m.class, t)
}

// shift is plus and minus: an amount with a unit, a duration or a period.
func (m *moment) shift(c *Call, sign int) *moment {
	switch d := c.Object(0).(type) {
	case *duration:
		if !m.hasClock() {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported unit: Seconds"))
		}
		return newMoment(m.class, m.t.Add(time.Duration(sign)*d.d))
	case *period:
		if !m.hasDate() {
			panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported unit: Months"))
		}
		return newMoment(m.class, addMonths(m.t, sign*(d.years*12+d.months)).AddDate(0, 0, sign*d.days))
	}
	return advance(c, m, c.unitOf(1), sign*c.Int(0))
}

// enumOf returns a constant of java.time.Month or DayOfWeek.
func enumOf(c *Call, class, name string) any {
	return c.VM.Enum("java.time."+class, strings.ToUpper(name))
}

// momentClass is one of the six classes of times.
func momentClass(name string) *Class {
	on := func(f func(m *moment, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*moment), c) }
	}
	to := func(class string) func(*Call) any {
		return on(func(m *moment, c *Call) any { return newMoment(class, m.t) })
	}
	part := func(f func(t time.Time) int) func(*Call) any {
		return on(func(m *moment, c *Call) any { return f(m.t) })
	}
	with := func(field string) func(*Call) any {
		return on(func(m *moment, c *Call) any { return m.withField(c, field, 0) })
	}
	sample := &moment{class: name}
	methods := Methods{
		"toString": on(func(m *moment, c *Call) any { return m.String() }),
		"equals":   on(func(m *moment, c *Call) any { return m.Equal(c.Object(0)) }),
		"isBefore": on(func(m *moment, c *Call) any { return m.t.Before(c.moment(0).t) }),
		"isAfter":  on(func(m *moment, c *Call) any { return m.t.After(c.moment(0).t) }),
		"compareTo": on(func(m *moment, c *Call) any {
			n, _ := m.Compare(c.moment(0))
			return n
		}),
		"plus":  on(func(m *moment, c *Call) any { return m.shift(c, 1) }),
		"minus": on(func(m *moment, c *Call) any { return m.shift(c, -1) }),
		"until": on(func(m *moment, c *Call) any {
			if c.Len() == 1 {
				return periodBetween(m.t, c.moment(0).t)
			}
			return c.between(chronoUnits[c.unitOf(1)], m, c.moment(0))
		}),
		"get": on(getField), "getLong": on(getField),
		"isSupported": on(func(m *moment, c *Call) any {
			e, _ := c.Object(0).(*Enum)
			if e == nil {
				return false
			}
			u, isUnit := chronoUnits[e.name]
			date := isUnit && u.dateBased() || !isUnit && strings.Contains("DAY_OF_WEEK DAY_OF_MONTH DAY_OF_YEAR EPOCH_DAY MONTH_OF_YEAR YEAR YEAR_OF_ERA", e.name)
			return date && m.hasDate() || !date && m.hasClock()
		}),
		"with": on(func(m *moment, c *Call) any {
			switch x := c.Object(0).(type) {
			case *Enum:
				return m.withField(c, x.name, 1)
			case adjuster:
				return newMoment(m.class, x(m.t))
			case *moment:
				if x.hasDate() && !x.hasClock() {
					return newMoment(m.class, c.dated(x.t.Year(), int(x.t.Month()), x.t.Day(), m.t))
				}
				return newMoment(m.class, c.dated(m.t.Year(), int(m.t.Month()), m.t.Day(), time.Date(0, 1, 1, x.t.Hour(), x.t.Minute(), x.t.Second(), x.t.Nanosecond(), m.t.Location())))
			}
			panic(c.Throw("java.lang.NullPointerException", "adjuster"))
		}),
	}
	add := func(more Methods) {
		for k, f := range more {
			methods[k] = f
		}
	}
	if name != instantClass {
		add(Methods{
			"isEqual": on(func(m *moment, c *Call) any { return m.t.Equal(c.moment(0).t) }),
			"format": on(func(m *moment, c *Call) any {
				f, ok := c.Object(0).(*formatter)
				if !ok {
					panic(c.Throw("java.lang.NullPointerException", "formatter"))
				}
				return f.text(c, m)
			}),
		})
	}
	if sample.hasDate() && name != instantClass {
		add(Methods{
			"getYear": part(time.Time.Year), "getMonthValue": part(func(t time.Time) int { return int(t.Month()) }),
			"getDayOfMonth": part(time.Time.Day), "getDayOfYear": part(time.Time.YearDay),
			"getMonth":     on(func(m *moment, c *Call) any { return enumOf(c, "Month", m.t.Month().String()) }),
			"getDayOfWeek": on(func(m *moment, c *Call) any { return enumOf(c, "DayOfWeek", m.t.Weekday().String()) }),
			"toLocalDate":  to(localDate), "toEpochDay": on(func(m *moment, c *Call) any { return epochDay(m.t) }),
			"withYear": with("YEAR"), "withMonth": with("MONTH_OF_YEAR"), "withDayOfMonth": with("DAY_OF_MONTH"), "withDayOfYear": with("DAY_OF_YEAR"),
		})
	}
	if name == localDate {
		add(Methods{
			"lengthOfMonth": part(daysIn), "lengthOfYear": part(func(t time.Time) int { return time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay() }),
			"isLeapYear": on(func(m *moment, c *Call) any { return leap(m.t.Year()) }),
			"atStartOfDay": on(func(m *moment, c *Call) any {
				if c.Len() > 0 {
					return newMoment(zonedDateTime, c.dated(m.t.Year(), int(m.t.Month()), m.t.Day(), time.Date(0, 1, 1, 0, 0, 0, 0, c.zone(0))))
				}
				return newMoment(localDateTime, m.t)
			}),
			"atTime": on(func(m *moment, c *Call) any {
				var clock time.Time
				if x, ok := c.Object(0).(*moment); ok {
					clock = x.t
				} else {
					clock = c.clock(0)
				}
				return newMoment(localDateTime, c.dated(m.t.Year(), int(m.t.Month()), m.t.Day(), clock))
			}),
			"datesUntil": on(func(m *moment, c *Call) any {
				end := c.moment(0).t
				n := c.objects(max(0, int((end.Unix()-m.t.Unix())/(24*60*60))))
				items := make([]any, n)
				for i := range items {
					items[i] = newMoment(localDate, m.t.AddDate(0, 0, i))
				}
				return newStream(items)
			}),
		})
	}
	if name == localTime {
		add(Methods{
			"atDate": on(func(m *moment, c *Call) any {
				d := c.moment(0).t
				return newMoment(localDateTime, c.dated(d.Year(), int(d.Month()), d.Day(), m.t))
			}),
			"toSecondOfDay": on(func(m *moment, c *Call) any { return int(sinceMidnight(m.t) / time.Second) }),
			"toNanoOfDay":   on(func(m *moment, c *Call) any { return int64(sinceMidnight(m.t)) }),
		})
	}
	if sample.hasClock() {
		add(Methods{
			"getNano": part(time.Time.Nanosecond),
			"truncatedTo": on(func(m *moment, c *Call) any {
				u := chronoUnits[c.unitOf(0)]
				if u.months > 0 || u.d > 24*time.Hour {
					panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unit is too large to be used for truncation"))
				}
				day := time.Date(m.t.Year(), m.t.Month(), m.t.Day(), 0, 0, 0, 0, m.t.Location())
				return newMoment(m.class, time.Date(m.t.Year(), m.t.Month(), m.t.Day(), 0, 0, 0, int(sinceMidnight(m.t).Truncate(u.d)), day.Location()))
			}),
		})
		if name != instantClass {
			add(Methods{
				"getHour": part(time.Time.Hour), "getMinute": part(time.Time.Minute), "getSecond": part(time.Time.Second),
				"withHour": with("HOUR_OF_DAY"), "withMinute": with("MINUTE_OF_HOUR"), "withSecond": with("SECOND_OF_MINUTE"), "withNano": with("NANO_OF_SECOND"),
				"toLocalTime": to(localTime),
			})
		}
	}
	if name == localDateTime {
		add(Methods{
			"atZone": on(func(m *moment, c *Call) any {
				return newMoment(zonedDateTime, c.dated(m.t.Year(), int(m.t.Month()), m.t.Day(), rezoned(m.t, c.zone(0))))
			}),
			"atOffset":      on(func(m *moment, c *Call) any { return newMoment(offsetTime, rezoned(m.t, c.zone(0))) }),
			"toInstant":     on(func(m *moment, c *Call) any { return newMoment(instantClass, rezoned(m.t, c.zone(0)).UTC()) }),
			"toEpochSecond": on(func(m *moment, c *Call) any { return rezoned(m.t, c.zone(0)).Unix() }),
		})
	}
	if name == instantClass {
		add(Methods{
			"toEpochMilli": on(func(m *moment, c *Call) any { return m.t.UnixMilli() }), "getEpochSecond": on(func(m *moment, c *Call) any { return m.t.Unix() }),
			"atZone":   on(func(m *moment, c *Call) any { return newMoment(zonedDateTime, m.t.In(c.zone(0))) }),
			"atOffset": on(func(m *moment, c *Call) any { return newMoment(offsetTime, m.t.In(c.zone(0))) }),
		})
	}
	if name == zonedDateTime || name == offsetTime {
		add(Methods{
			"toLocalDateTime": to(localDateTime), "toEpochSecond": on(func(m *moment, c *Call) any { return m.t.Unix() }),
			"toInstant": on(func(m *moment, c *Call) any { return newMoment(instantClass, m.t.UTC()) }),
			"toOffsetDateTime": on(func(m *moment, c *Call) any {
				_, off := m.t.Zone()
				return newMoment(offsetTime, m.t.In(offsetZone(off)))
			}),
			"toZonedDateTime": to(zonedDateTime),
			"getOffset":       on(func(m *moment, c *Call) any { return zoneOffsetOf(m.t) }),
			"getZone": on(func(m *moment, c *Call) any {
				return &TimeZone{"java.time.ZoneId", zoneID(m.t.Location()), m.t.Location()}
			}),
		})
		same := on(func(m *moment, c *Call) any { return newMoment(m.class, m.t.In(c.zone(0))) })
		local := on(func(m *moment, c *Call) any { return newMoment(m.class, rezoned(m.t, c.zone(0))) })
		if name == zonedDateTime {
			methods["withZoneSameInstant"], methods["withZoneSameLocal"] = same, local
		} else {
			methods["withOffsetSameInstant"], methods["withOffsetSameLocal"], methods["atZoneSameInstant"] = same, local,
				on(func(m *moment, c *Call) any { return newMoment(zonedDateTime, m.t.In(c.zone(0))) })
		}
	}
	for name, u := range chronoUnits {
		if u.dateBased() && sample.hasDate() && sample.class != instantClass || !u.dateBased() && sample.hasClock() {
			methods["plus"+u.name] = on(func(m *moment, c *Call) any { return advance(c, m, name, c.Int(0)) })
			methods["minus"+u.name] = on(func(m *moment, c *Call) any { return advance(c, m, name, -c.Int(0)) })
		}
	}
	return &Class{Name: name, Methods: methods, Static: momentStatics(name), Constants: momentConstants(name),
		Implements: []string{"java.time.temporal.Temporal", "java.time.temporal.TemporalAccessor", "java.lang.Comparable"}}
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// rezoned is the same wall time in a zone.
func rezoned(t time.Time, loc *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
}

func zoneOffsetOf(t time.Time) *TimeZone {
	_, off := t.Zone()
	id := "Z"
	if off != 0 {
		id = offsetText(t, 5, false)
	}
	return &TimeZone{"java.time.ZoneOffset", id, offsetZone(off)}
}

func getField(m *moment, c *Call) any {
	e, ok := c.Object(0).(*Enum)
	if !ok {
		panic(c.Throw("java.lang.NullPointerException", "field"))
	}
	return chronoFields[e.name].get(m.t)
}

// clock reads hour, minute, second and nanosecond from an argument on.
func (c *Call) clock(i int) time.Time {
	n := [4]int{}
	for k, field := range []string{"HOUR_OF_DAY", "MINUTE_OF_HOUR", "SECOND_OF_MINUTE", "NANO_OF_SECOND"} {
		if i+k < c.Len() {
			n[k] = c.checked(i+k, field)
		}
	}
	return time.Date(1970, 1, 1, n[0], n[1], n[2], n[3], time.UTC)
}

func momentConstants(name string) map[string]any {
	switch name {
	case localTime:
		day := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
		return map[string]any{"MIDNIGHT": newMoment(name, day), "NOON": newMoment(name, day.Add(12*time.Hour)), "MIN": newMoment(name, day),
			"MAX": newMoment(name, day.Add(24*time.Hour-1))}
	case instantClass, localDate:
		return map[string]any{"EPOCH": newMoment(name, time.Unix(0, 0).UTC())}
	}
	return nil
}

func momentStatics(name string) Methods {
	sample := &moment{class: name}
	month := func(c *Call, i int) int {
		if e, ok := c.Object(i).(*Enum); ok {
			return e.ordinal + 1
		}
		return c.checked(i, "MONTH_OF_YEAR")
	}
	return Methods{
		"now": func(c *Call) any {
			t := c.VM.Now().In(c.zone(0))
			if name == instantClass {
				t = t.UTC()
			}
			return newMoment(name, t)
		},
		"of": func(c *Call) any {
			if name == localTime {
				return newMoment(name, c.clock(0))
			}
			if d, ok := c.Object(0).(*moment); ok { // a date, a time and a zone
				if d.hasClock() && d.hasDate() {
					return newMoment(name, rezoned(d.t, c.zone(1)))
				}
				clock := c.moment(1).t
				if c.Len() > 2 {
					clock = rezoned(clock, c.zone(2))
				}
				return newMoment(name, c.dated(d.t.Year(), int(d.t.Month()), d.t.Day(), clock))
			}
			args, loc := c.Len(), time.UTC
			if _, ok := c.Object(args - 1).(*TimeZone); ok {
				loc = c.zone(args - 1)
				args--
			}
			rest := (&Call{VM: c.VM, Args: c.Args[:args]}).clock(3)
			mo := month(c, 1)
			return newMoment(name, c.dated(c.checked(0, "YEAR"), mo, c.checked(2, "DAY_OF_MONTH"), rezoned(rest, loc)))
		},
		"ofEpochMilli": func(c *Call) any { return newMoment(name, time.UnixMilli(int64(c.Float(0))).UTC()) },
		"ofEpochSecond": func(c *Call) any {
			nano, loc := 0, time.UTC
			if c.Len() > 1 {
				nano = c.Int(1)
			}
			if c.Len() > 2 {
				loc = c.zone(2)
			}
			return newMoment(name, time.Unix(int64(c.Float(0)), int64(nano)).In(loc))
		},
		"ofEpochDay": func(c *Call) any { return newMoment(name, time.Unix(int64(c.Float(0))*86400, 0).UTC()) },
		"ofYearDay": func(c *Call) any {
			d := c.checked(1, "DAY_OF_YEAR")
			if d == 366 && !leap(c.Int(0)) {
				panic(c.Throw("java.time.DateTimeException", fmt.Sprintf("Invalid date 'DayOfYear 366' as '%d' is not a leap year", c.Int(0))))
			}
			return newMoment(name, time.Date(c.Int(0), 1, d, 0, 0, 0, 0, time.UTC))
		},
		"ofSecondOfDay": func(c *Call) any { return newMoment(name, time.Unix(int64(c.Int(0)), 0).UTC()) },
		"ofNanoOfDay":   func(c *Call) any { return newMoment(name, time.Unix(0, int64(c.Float(0))).UTC()) },
		"ofInstant": func(c *Call) any {
			t, ok := c.Time(0)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", "instant"))
			}
			return newMoment(name, t.In(c.zone(1)))
		},
		"ofLocal": func(c *Call) any { return newMoment(name, rezoned(c.moment(0).t, c.zone(1))) },
		"from": func(c *Call) any {
			if m, ok := c.Object(0).(*moment); ok {
				if sample.hasDate() && !m.hasDate() || sample.hasClock() && !m.hasClock() || !sample.local() && m.local() {
					panic(c.Throw("java.time.DateTimeException", "Unable to obtain "+shortClass(name)+" from TemporalAccessor: "+m.String()+" of type "+m.class))
				}
				return newMoment(name, m.t)
			}
			t, _ := c.Time(0)
			return newMoment(name, t)
		},
		"parse": func(c *Call) any {
			f, ok := c.Object(1).(*formatter)
			if !ok || c.Len() < 2 {
				f = &formatter{class: formatterClassName}
			}
			return f.parse(c, name, c.Need(0))
		},
	}
}
