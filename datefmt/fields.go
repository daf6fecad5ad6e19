package datefmt

import "time"

// field is a calendar field that a text may set; the names are those of
// java.util.Calendar.
type field int

const (
	era field = iota
	year
	month // 0 to 11
	weekOfYear
	weekOfMonth
	dayOfMonth
	dayOfYear
	weekday // 1 for Sunday
	dayOfWeekInMonth
	ampm
	hour
	hourOfDay
	minute
	second
	millisecond
	zoneOffset // seconds
	weekYear
	fieldCount
)

func fieldOf(letter byte) field {
	switch letter {
	case 'y':
		return year
	case 'Y':
		return weekYear
	case 'M', 'L':
		return month
	case 'd':
		return dayOfMonth
	case 'H':
		return hourOfDay
	case 'K':
		return hour
	case 'm':
		return minute
	case 's':
		return second
	case 'S':
		return millisecond
	case 'D':
		return dayOfYear
	case 'F':
		return dayOfWeekInMonth
	case 'w':
		return weekOfYear
	case 'W':
		return weekOfMonth
	}
	return weekday // 'u'
}

// bounds are the values allowed in strict parsing.
var bounds = [fieldCount][2]int{
	era:              {0, 1},
	year:             {1, 292278994},
	month:            {0, 11},
	weekOfYear:       {1, 53},
	weekOfMonth:      {0, 6},
	dayOfMonth:       {1, 31},
	dayOfYear:        {1, 366},
	weekday:          {1, 7},
	dayOfWeekInMonth: {1, 6},
	ampm:             {0, 1},
	hour:             {0, 11},
	hourOfDay:        {0, 23},
	minute:           {0, 59},
	second:           {0, 59},
	millisecond:      {0, 999},
	zoneOffset:       {-13 * 3600, 14 * 3600},
	weekYear:         {-1 << 31, 1<<31 - 1},
}

// fields are the values set so far, each with the order in which it was set.
type fields struct {
	value [fieldCount]int
	stamp [fieldCount]int // 0 is unset
	last  int
}

func (f *fields) set(field field, value int) {
	f.last++
	f.stamp[field], f.value[field] = f.last, value
}

func (f *fields) setOffset(seconds int) { f.set(zoneOffset, seconds) }

func (f *fields) isSet(field field) bool { return f.stamp[field] > 0 }

// either returns the later of two stamps, 0 unless both are set.
func (f *fields) either(a, b field) int {
	if !f.isSet(a) || !f.isSet(b) {
		return 0
	}
	return max(f.stamp[a], f.stamp[b])
}

// get returns a value, or what stands for an unset one.
func (f *fields) get(field field, unset int) int64 {
	if f.isSet(field) {
		return int64(f.value[field])
	}
	return int64(unset)
}

// resolve turns fields into a time as java.util.GregorianCalendar does.
func (f *fields) resolve(loc *time.Location, strict bool) (time.Time, bool) {
	g := *f
	days, ok := g.weekDate()
	if !ok {
		days = g.date()
	} else if strict && !g.weekDateFits(days) {
		return time.Time{}, false
	}
	if strict && !g.inBounds() {
		return time.Time{}, false
	}
	seconds := days*86400 + g.hourOfDay()*3600 + g.get(minute, 0)*60 + g.get(second, 0)
	millis := g.get(millisecond, 0)
	seconds += floorDiv(millis, 1000)
	millis = floorMod(millis, 1000)

	zone := loc
	if g.isSet(zoneOffset) {
		zone = time.FixedZone("", g.value[zoneOffset])
	}
	t := time.Unix(seconds-int64(wallOffset(seconds, zone)), millis*1e6).In(zone)
	if strict && !g.agree(t) {
		return time.Time{}, false
	}
	return t.In(loc), true
}

// wallOffset returns the offset from UTC that a clock on the wall has, in
// seconds, for the wall's time in seconds since 1970.
func wallOffset(wall int64, loc *time.Location) int {
	at := func(unix int64) int {
		_, offset := zoneAt(time.Unix(unix, 0).In(loc))
		return offset
	}
	before, after := at(wall-86400), at(wall+86400)
	if before == after {
		return before
	}
	// When clocks are put back the later time is meant; a time they skip when
	// put forward is read by the old offset.
	if at(wall-int64(after)) == after {
		return after
	}
	return before
}

// hourOfDay chooses between the hour of the day and of the half day.
func (f *fields) hourOfDay() int64 {
	best := max(f.either(hour, ampm), f.stamp[hourOfDay])
	if best == 0 {
		best = max(f.stamp[hour], f.stamp[ampm])
	}
	if best == f.stamp[hourOfDay] {
		return f.get(hourOfDay, 0)
	}
	return f.get(hour, 0) + 12*f.get(ampm, 0)
}

// yearSet returns the astronomical year, 1970 if there is none.
func (f *fields) yearSet() int64 {
	y := f.get(year, 1970)
	if f.get(era, 1) == 0 {
		y = 1 - y
	}
	return y
}

// date chooses the fields that make the date: of each group that is complete
// the one set last, else what there is.
func (f *fields) date() int64 {
	byDay := f.stamp[dayOfMonth]
	byMonth, inMonth := f.either(weekOfMonth, weekday), f.either(dayOfWeekInMonth, weekday)
	byYear := f.either(weekOfYear, weekday)
	best := max(byDay, byMonth, inMonth, f.stamp[dayOfYear], byYear)
	if best == 0 {
		byMonth, byYear = f.stamp[weekOfMonth], f.stamp[weekOfYear]
		inMonth = max(f.stamp[dayOfWeekInMonth], f.stamp[weekday])
		if best = max(byMonth, inMonth, byYear); best == 0 {
			byDay = f.stamp[month]
			best = byDay
		}
	}
	switch {
	case best == byDay:
		return f.monthStart(f.get(dayOfMonth, 1))
	case best == byMonth && f.stamp[weekOfMonth] >= f.stamp[weekOfYear],
		best == inMonth && f.stamp[dayOfWeekInMonth] >= f.stamp[weekOfYear]:
		if best == byMonth && (byMonth != inMonth || f.stamp[weekOfMonth] >= f.stamp[dayOfWeekInMonth]) {
			return f.byWeekOfMonth()
		}
		return f.byWeekdayInMonth()
	case best == f.stamp[dayOfYear]:
		return daysOf(f.yearSet(), 1, f.get(dayOfYear, 1))
	}
	return f.byWeekOfYear()
}

// monthStart returns the day of the month set, months outside the year rolling
// over.
func (f *fields) monthStart(day int64) int64 {
	m := f.get(month, 0)
	return daysOf(f.yearSet()+floorDiv(m, 12), floorMod(m, 12)+1, day)
}

func (f *fields) byWeekOfMonth() int64 {
	week := onOrBefore(f.monthStart(1), 1)
	if f.isSet(weekday) {
		week = onOrBefore(week+6, f.get(weekday, 1))
	}
	return week + 7*(f.get(weekOfMonth, 1)-1)
}

func (f *fields) byWeekdayInMonth() int64 {
	day, nth := f.get(weekday, 1), f.get(dayOfWeekInMonth, 1)
	if nth >= 0 {
		return onOrBefore(f.monthStart(1)+7*nth-1, day)
	}
	m := f.get(month, 0) + 1 // negative numbers count from the end of the month
	next := daysOf(f.yearSet()+floorDiv(m, 12), floorMod(m, 12)+1, 1)
	return onOrBefore(next+7*(nth+1)-1, day)
}

func (f *fields) byWeekOfYear() int64 {
	week := onOrBefore(daysOf(f.yearSet(), 1, 1), 1)
	if day := f.get(weekday, 1); day != 1 {
		week = onOrBefore(week+6, day)
	}
	return week + 7*(f.get(weekOfYear, 1)-1)
}

// weekDate returns the date that a week year makes together with week and
// weekday. Month and day have then no say: "YYYY-MM-dd", written by mistake for
// "yyyy-MM-dd", is always the first day of the first week.
func (f *fields) weekDate() (days int64, ok bool) {
	if !f.isSet(weekYear) || f.stamp[weekYear] < f.stamp[year] {
		return 0, false
	}
	first := onOrBefore(daysOf(f.get(weekYear, 0), 1, 1), 1)
	week, day := f.get(weekOfYear, 1), f.get(weekday, 1)
	if day < 1 || day > 7 { // of the letter u: counts on from Monday
		week += floorDiv(day-1, 7)
		day = floorMod(day, 7) + 1
	}
	return first + 7*(week-1) + day - 1, true
}

func (f *fields) inBounds() bool {
	for i, b := range bounds {
		if f.stamp[i] > 0 && (f.value[i] < b[0] || f.value[i] > b[1]) {
			return false
		}
	}
	return true
}

// weekDateFits reports whether a week date needed no rolling over, and unsets
// the fields that it overrides, so that nobody looks at them.
func (f *fields) weekDateFits(days int64) bool {
	m := momentOf(time.Unix(days*86400, 0).UTC())
	if int64(m.weekYear()) != f.get(weekYear, 0) || int64(m.weekOfYear()) != f.get(weekOfYear, 1) {
		return false
	}
	for _, over := range []field{era, year, month, dayOfMonth} {
		f.stamp[over] = 0
	}
	return true
}

// agree reports whether every field that was set is the one that t has.
func (f *fields) agree(t time.Time) bool {
	m := momentOf(t)
	has := [fieldCount]int{
		era:              m.era(),
		year:             m.yearOfEra(),
		month:            m.month - 1,
		weekOfYear:       m.weekOfYear(),
		weekOfMonth:      m.weekOfMonth(),
		dayOfMonth:       m.day,
		dayOfYear:        m.yearDay(),
		weekday:          m.weekday() + 1,
		dayOfWeekInMonth: (m.day-1)/7 + 1,
		ampm:             m.hour / 12,
		hour:             m.hour % 12,
		hourOfDay:        m.hour,
		minute:           m.minute,
		second:           m.second,
		millisecond:      m.milli,
		zoneOffset:       f.value[zoneOffset],
		weekYear:         f.value[weekYear],
	}
	for i, stamp := range f.stamp {
		if stamp > 0 && has[i] != f.value[i] {
			return false
		}
	}
	return true
}
