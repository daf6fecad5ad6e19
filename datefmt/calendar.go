package datefmt

import "time"

// Days are counted from 1 January 1970. Months are 1 to 12 and years
// astronomical: 0 is 1 BC.

// cutover is 15 October 1582, the first day of the Gregorian calendar. The day
// before it was 4 October in the Julian one. java.util.GregorianCalendar is both.
const cutover = -141427

// epoch is the Julian day number of 1 January 1970.
const epoch = 2440588

// daysOf returns the day of a date. day may be any number, so that the 30 of
// February is a day of March. The rule is that of Java: the calendar is that of
// the year, and in 1582 the Gregorian one if the day then lies after the cutover.
func daysOf(year, month, day int64) int64 {
	if year >= 1582 {
		if days := gregorian(year, month) + day - 1; days >= cutover {
			return days
		}
	}
	return julian(year, month) + day - 1
}

// gregorian returns the first day of a month, julian the same in the Julian
// calendar. Both count in years that begin in March, which puts the leap day
// last.
func gregorian(year, month int64) int64 {
	y, m := marchYear(year, month)
	return (153*m+2)/5 + 365*y + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) - 32044 - epoch
}

func julian(year, month int64) int64 {
	y, m := marchYear(year, month)
	return (153*m+2)/5 + 365*y + floorDiv(y, 4) - 32082 - epoch
}

func marchYear(year, month int64) (y, m int64) {
	if month < 3 {
		return year + 4799, month + 9
	}
	return year + 4800, month - 3
}

// julianDate is the reverse of julian.
func julianDate(days int64) (year, month, day int64) {
	c := days + epoch + 32082
	d := floorDiv(4*c+3, 1461)
	e := c - floorDiv(1461*d, 4)
	m := (5*e + 2) / 153
	return d - 4800 + m/10, m + 3 - 12*(m/10), e - (153*m+2)/5 + 1
}

// gregorianDate is the reverse of gregorian.
func gregorianDate(days int64) (year, month, day int64) {
	a := days + epoch + 32044
	b := floorDiv(4*a+3, 146097)
	c := a - floorDiv(146097*b, 4)
	d := (4*c + 3) / 1461
	e := c - 1461*d/4
	m := (5*e + 2) / 153
	return 100*b + d - 4800 + m/10, m + 3 - 12*(m/10), e - (153*m+2)/5 + 1
}

// onOrBefore returns the last day not after days that is the given weekday,
// 1 for Sunday to 7 for Saturday. Other numbers count on, as in Java.
func onOrBefore(days, weekday int64) int64 {
	return days - floorMod(days+4-(weekday-1), 7)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv(a, b) }

// moment is a time of day on a date, with what the pattern letters ask of it.
type moment struct {
	year, month, day            int // year is astronomical
	hour, minute, second, milli int
	days                        int64
}

func momentOf(t time.Time) moment {
	var m moment
	_, offset := zoneAt(t)
	local := t.Unix() + int64(offset)
	m.days = floorDiv(local, 86400)
	m.milli = t.Nanosecond() / 1e6
	second := int(local - m.days*86400)
	m.hour, m.minute, m.second = second/3600, second/60%60, second%60
	if m.days < cutover {
		y, mon, d := julianDate(m.days)
		m.year, m.month, m.day = int(y), int(mon), int(d)
		return m
	}
	y, mon, d := gregorianDate(m.days)
	m.year, m.month, m.day = int(y), int(mon), int(d)
	return m
}

// zoneAt returns the name of t's zone and how far it is east of UTC, in seconds.
// As in Java a zone has its present standard time before 1900 and no local mean
// time, so that midnight in the year 1 is a whole hour.
func zoneAt(t time.Time) (name string, offset int) {
	if t.Unix() < year1900 {
		t = time.Date(2024, 1, 1, 0, 0, 0, 0, t.Location())
		if t.IsDST() {
			t = t.AddDate(0, 6, 0)
		}
	}
	return t.Zone()
}

const year1900 = -2208988800

func (m *moment) era() int {
	if m.year <= 0 {
		return 0
	}
	return 1
}

func (m *moment) yearOfEra() int {
	if m.year <= 0 {
		return 1 - m.year
	}
	return m.year
}

// weekday is 0 for Sunday.
func (m *moment) weekday() int { return int(floorMod(m.days+4, 7)) }

func (m *moment) newYear(year int) int64 { return daysOf(int64(year), 1, 1) }

func (m *moment) yearDay() int { return int(m.days-m.newYear(m.year)) + 1 }

// Weeks begin on Sunday, and the week of 1 January is the first of its year.

func (m *moment) weekOfMonth() int {
	first := floorMod(m.days-int64(m.day-1)+4, 7)
	return (m.day-1+int(first))/7 + 1
}

func (m *moment) weekOfYear() int {
	sunday := onOrBefore(m.newYear(m.weekYear()), 1)
	return int(m.days-sunday)/7 + 1
}

func (m *moment) weekYear() int {
	if m.days >= onOrBefore(m.newYear(m.year+1), 1) {
		return m.year + 1
	}
	return m.year
}
