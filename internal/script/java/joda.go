package java

import (
	"fmt"
	"strings"
	"time"
)

const (
	jodaPackage  = "org.joda.time."
	jodaDateTime = jodaPackage + "DateTime"
	jodaDate     = jodaPackage + "LocalDate"
	jodaLocal    = jodaPackage + "LocalDateTime"
	jodaTime     = jodaPackage + "LocalTime"
	jodaInstant  = jodaPackage + "Instant"
	jodaZone     = jodaPackage + "DateTimeZone"
	jodaFormat   = jodaPackage + "format.DateTimeFormatter"
)

// jodaUnit is a field of Joda-Time: its name in getters, in plus and minus, and
// what it carries.
type jodaUnit struct {
	getter, plural, with string
	unit                 string // of chronoUnits
	from, to             int
	get                  func(t time.Time) int
}

var jodaUnits = []jodaUnit{
	{"Year", "Years", "year", "YEARS", -292275054, 292278993, time.Time.Year},
	{"MonthOfYear", "Months", "monthOfYear", "MONTHS", 1, 12, func(t time.Time) int { return int(t.Month()) }},
	{"WeekOfWeekyear", "Weeks", "weekOfWeekyear", "WEEKS", 1, 53, func(t time.Time) int { _, w := t.ISOWeek(); return w }},
	{"DayOfMonth", "Days", "dayOfMonth", "DAYS", 1, 31, time.Time.Day},
	{"DayOfWeek", "", "dayOfWeek", "DAYS", 1, 7, isoDay},
	{"DayOfYear", "", "dayOfYear", "DAYS", 1, 366, time.Time.YearDay},
	{"HourOfDay", "Hours", "hourOfDay", "HOURS", 0, 23, time.Time.Hour},
	{"MinuteOfHour", "Minutes", "minuteOfHour", "MINUTES", 0, 59, time.Time.Minute},
	{"SecondOfMinute", "Seconds", "secondOfMinute", "SECONDS", 0, 59, time.Time.Second},
	{"MillisOfSecond", "Millis", "millisOfSecond", "MILLIS", 0, 999, func(t time.Time) int { return t.Nanosecond() / 1e6 }},
	{"MinuteOfDay", "", "minuteOfDay", "MINUTES", 0, 1439, func(t time.Time) int { return int(sinceMidnight(t) / time.Minute) }},
	{"SecondOfDay", "", "secondOfDay", "SECONDS", 0, 86399, func(t time.Time) int { return int(sinceMidnight(t) / time.Second) }},
	{"MillisOfDay", "", "millisOfDay", "MILLIS", 0, 86399999, func(t time.Time) int { return int(sinceMidnight(t) / time.Millisecond) }},
}

// dated tells the fields of a date from those of a time of day.
func (u jodaUnit) dated() bool { return chronoUnits[u.unit].dateBased() }

// jodaSet sets a field or throws when the value is out of range.
func jodaSet(c *Call, m *moment, u jodaUnit, n int) *moment {
	t, to := m.t, u.to
	if u.getter == "DayOfMonth" {
		to = daysIn(t)
	}
	if n < u.from || n > to {
		panic(c.Throw(jodaPackage+"IllegalFieldValueException", fmt.Sprintf("Value %d for %s must be in the range [%d,%d]", n, u.with, u.from, to)))
	}
	switch u.getter {
	case "Year":
		t = time.Date(n, t.Month(), clippedDay(n, int(t.Month()), t.Day()), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	case "MonthOfYear":
		t = time.Date(t.Year(), time.Month(n), clippedDay(t.Year(), n, t.Day()), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	case "WeekOfWeekyear", "DayOfMonth", "DayOfWeek", "DayOfYear":
		t = t.AddDate(0, 0, (n-u.get(t))*int(chronoUnits[u.unit].d/(24*time.Hour)))
	default:
		d := sinceMidnight(t) + time.Duration(n-u.get(t))*chronoUnits[u.unit].d
		t = time.Date(t.Year(), t.Month(), t.Day(), int(d/time.Hour), int(d/time.Minute%60), int(d/time.Second%60), int(d%time.Second), t.Location())
	}
	return newMoment(m.class, t)
}

// jodaMoment reads an argument that is a time of some kind; without one it is now.
func (c *Call) jodaMoment(i int) time.Time {
	if c.Null(i) {
		return c.VM.Now().In(time.Local)
	}
	if t, ok := c.Time(i); ok {
		if m, ok := c.Object(i).(*moment); ok && (m.local() || shortClass(m.class) == "DateTime") {
			return t
		}
		return t.In(time.Local)
	}
	return c.jodaParse(c.Text(i), time.Local)
}

// jodaParse reads an ISO text: 2024-01-02T03:04:05.678Z and what is left of it
// when parts are missing. Without a zone it is what a clock shows, in UTC.
func (c *Call) jodaParse(text string, loc *time.Location) time.Time {
	for _, form := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00",
		"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02T15", "2006-01-02", "2006-01", "2006", "T15:04:05.999999999", "T15:04",
		"15:04:05.999999999", "15:04"} {
		at := loc
		if at == nil {
			at = time.UTC
		}
		if t, err := time.ParseInLocation(form, text, at); err == nil {
			if loc == nil {
				return t
			}
			return t.In(loc)
		}
	}
	panic(c.Throw("java.lang.IllegalArgumentException", `Invalid format: "`+text+`"`))
}

func jodaClasses() []*Class {
	classes := []*Class{jodaMomentClass(jodaDateTime), jodaMomentClass(jodaDate), jodaMomentClass(jodaLocal), jodaMomentClass(jodaTime),
		jodaMomentClass(jodaInstant), jodaZoneClass(), jodaFormatClass(), jodaFormats(), jodaISO(), jodaDuration(), jodaInterval(),
		jodaPeriodClass(), jodaPropertyClass()}
	for name, u := range map[string]string{"Years": "YEARS", "Months": "MONTHS", "Weeks": "WEEKS", "Days": "DAYS", "Hours": "HOURS",
		"Minutes": "MINUTES", "Seconds": "SECONDS"} {
		classes = append(classes, jodaCount(name, u))
	}
	return classes
}

func jodaMomentClass(name string) *Class {
	on := func(f func(m *moment, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*moment), c) }
	}
	compare := func(f func(a, b time.Time) bool) func(*Call) any {
		return on(func(m *moment, c *Call) any {
			if c.Null(0) {
				return f(m.t, c.VM.Now())
			}
			t, _ := c.Time(0)
			return f(m.t, t)
		})
	}
	to := func(class string) func(*Call) any {
		return on(func(m *moment, c *Call) any { return newMoment(class, m.t) })
	}
	sample := &moment{class: name}
	zoned := name == jodaDateTime || name == jodaInstant
	methods := Methods{
		"toString": on(func(m *moment, c *Call) any {
			if c.Len() == 0 || c.Null(0) {
				return m.String()
			}
			if f, ok := c.Object(0).(*formatter); ok {
				return jodaPrint(c, f, m)
			}
			return jodaPrint(c, &formatter{class: jodaFormat, f: c.timeFormatOf(c.Text(0), true)}, m)
		}),
		"equals":    on(func(m *moment, c *Call) any { return m.Equal(c.Object(0)) }),
		"compareTo": on(func(m *moment, c *Call) any { t, _ := c.Time(0); return m.t.Compare(t) }),
		"isBefore":  compare(time.Time.Before), "isAfter": compare(time.Time.After), "isEqual": compare(time.Time.Equal),
		"plus": on(func(m *moment, c *Call) any { return jodaShift(c, m, 1) }), "minus": on(func(m *moment, c *Call) any { return jodaShift(c, m, -1) }),
	}
	add := func(more Methods) {
		for k, f := range more {
			methods[k] = f
		}
	}
	for _, u := range jodaUnits {
		if u.dated() && !sample.hasDate() || !u.dated() && !sample.hasClock() {
			continue
		}
		if name != jodaInstant {
			methods["get"+u.getter] = on(func(m *moment, c *Call) any { return u.get(m.t) })
			methods["with"+u.getter] = on(func(m *moment, c *Call) any { return jodaSet(c, m, u, c.Int(0)) })
			methods[u.with] = on(func(m *moment, c *Call) any { return &jodaProperty{m, u} })
		}
		if u.plural != "" && name != jodaInstant {
			methods["plus"+u.plural] = on(func(m *moment, c *Call) any { return advance(c, m, u.unit, c.Int(0)) })
			methods["minus"+u.plural] = on(func(m *moment, c *Call) any { return advance(c, m, u.unit, -c.Int(0)) })
		}
	}
	if sample.hasDate() && name != jodaInstant {
		add(Methods{"getWeekyear": on(func(m *moment, c *Call) any { y, _ := m.t.ISOWeek(); return y }),
			"getYearOfEra": on(func(m *moment, c *Call) any { return m.t.Year() }), "getCenturyOfEra": on(func(m *moment, c *Call) any { return m.t.Year() / 100 }),
			"toLocalDate": to(jodaDate)})
	}
	if zoned {
		add(Methods{
			"getMillis": on(func(m *moment, c *Call) any { return m.t.UnixMilli() }),
			"toDateTime": on(func(m *moment, c *Call) any {
				if c.Len() > 0 {
					return newMoment(jodaDateTime, m.t.In(c.zone(0)))
				}
				return newMoment(jodaDateTime, m.t)
			}),
			"toInstant": to(jodaInstant), "toDate": on(func(m *moment, c *Call) any { return NewDate(m.t) }),
			"isBeforeNow": on(func(m *moment, c *Call) any { return m.t.Before(c.VM.Now()) }), "isAfterNow": on(func(m *moment, c *Call) any { return m.t.After(c.VM.Now()) }),
		})
	}
	if name == jodaDateTime {
		add(Methods{
			"withZone":             on(func(m *moment, c *Call) any { return newMoment(m.class, m.t.In(c.zone(0))) }),
			"withZoneRetainFields": on(func(m *moment, c *Call) any { return newMoment(m.class, rezoned(m.t, c.zone(0))) }),
			"getZone":              on(func(m *moment, c *Call) any { return &TimeZone{jodaZone, zoneID(m.t.Location()), m.t.Location()} }),
			"withMillis": on(func(m *moment, c *Call) any {
				return newMoment(m.class, time.UnixMilli(int64(c.Float(0))).In(m.t.Location()))
			}),
			"withTimeAtStartOfDay": on(func(m *moment, c *Call) any {
				return newMoment(m.class, time.Date(m.t.Year(), m.t.Month(), m.t.Day(), 0, 0, 0, 0, m.t.Location()))
			}),
			"withDate": on(func(m *moment, c *Call) any {
				return newMoment(m.class, c.jodaDated(c.Int(0), c.Int(1), c.Int(2), m.t))
			}),
			"withTime": on(func(m *moment, c *Call) any {
				return newMoment(m.class, time.Date(m.t.Year(), m.t.Month(), m.t.Day(), c.Int(0), c.Int(1), c.Int(2), c.Int(3)*1e6, m.t.Location()))
			}),
			"toLocalDateTime": to(jodaLocal), "toLocalTime": to(jodaTime),
			"toGregorianCalendar": on(func(m *moment, c *Call) any { return NewCalendar(m.t) }),
			"toCalendar":          on(func(m *moment, c *Call) any { return NewCalendar(m.t) }),
		})
	}
	if name == jodaDate || name == jodaLocal {
		at := on(func(m *moment, c *Call) any { return newMoment(jodaDateTime, rezoned(m.t, c.zone(0))) })
		add(Methods{"toDate": on(func(m *moment, c *Call) any { return NewDate(rezoned(m.t, time.Local)) }),
			"toDateTime": at, "toDateTimeAtStartOfDay": at, "toLocalTime": to(jodaTime)})
	}
	return &Class{Name: name, Methods: methods, Implements: []string{"java.lang.Comparable", jodaPackage + "ReadableInstant", jodaPackage + "ReadablePartial"},
		New: func(c *Call) any { return jodaNew(c, name) },
		Static: Methods{
			"now": func(c *Call) any { return newMoment(name, c.VM.Now().In(c.zone(0))) },
			"parse": func(c *Call) any {
				if f, ok := c.Object(1).(*formatter); ok && c.Len() > 1 {
					return jodaRead(c, f, name, c.Need(0))
				}
				loc := time.Local
				if !zoned {
					loc = nil
				}
				return newMoment(name, c.jodaParse(c.Need(0), loc))
			},
			"fromDateFields":     func(c *Call) any { return newMoment(name, c.jodaMoment(0)) },
			"fromCalendarFields": func(c *Call) any { return newMoment(name, c.jodaMoment(0)) },
		}}
}

// jodaNew makes a time of nothing, of a time, of a text, or of year, month and so
// on, each with a zone at the end.
func jodaNew(c *Call, name string) any {
	n, loc := c.Len(), time.Local
	if n > 0 {
		if z, ok := c.Object(n - 1).(*TimeZone); ok {
			loc = z.loc
			n--
		}
	}
	local := (&moment{class: name}).local()
	if n <= 1 {
		if n == 1 && c.IsText(0) && local {
			return newMoment(name, c.jodaParse(c.Text(0), nil))
		}
		if n == 1 && c.IsText(0) {
			return newMoment(name, c.jodaParse(c.Text(0), loc))
		}
		t := (&Call{VM: c.VM, Args: c.Args[:n]}).jodaMoment(0)
		if c.Len() > n || !local {
			if m, ok := c.Object(0).(*moment); !ok || c.Len() > n || !m.joda() {
				t = t.In(loc)
			}
		}
		return newMoment(name, t)
	}
	parts := [7]int{1970, 1, 1}
	start := 0
	if name == jodaTime {
		start = 3
	}
	for i := range n {
		if start+i < len(parts) {
			parts[start+i] = c.Int(i)
		}
	}
	for i, u := range []jodaUnit{jodaUnits[6], jodaUnits[7], jodaUnits[8], jodaUnits[9]} {
		if v := parts[3+i]; v < u.from || v > u.to {
			panic(c.Throw(jodaPackage+"IllegalFieldValueException", fmt.Sprintf("Value %d for %s must be in the range [%d,%d]", v, u.with, u.from, u.to)))
		}
	}
	if local {
		loc = time.UTC
	}
	return newMoment(name, c.jodaDated(parts[0], parts[1], parts[2], time.Date(0, 1, 1, parts[3], parts[4], parts[5], parts[6]*1e6, loc)))
}

func (c *Call) jodaDated(year, month, day int, rest time.Time) time.Time {
	if month < 1 || month > 12 {
		panic(c.Throw(jodaPackage+"IllegalFieldValueException", fmt.Sprintf("Value %d for monthOfYear must be in the range [1,12]", month)))
	}
	if last := clippedDay(year, month, 31); day < 1 || day > last {
		panic(c.Throw(jodaPackage+"IllegalFieldValueException", fmt.Sprintf("Value %d for dayOfMonth must be in the range [1,%d]", day, last)))
	}
	return time.Date(year, time.Month(month), day, rest.Hour(), rest.Minute(), rest.Second(), rest.Nanosecond(), rest.Location())
}

func jodaShift(c *Call, m *moment, sign int) *moment {
	switch x := c.Object(0).(type) {
	case *jodaSpan:
		return newMoment(m.class, m.t.Add(time.Duration(sign)*x.d))
	case *jodaPeriod:
		return newMoment(m.class, x.from(m.t, sign))
	case *count:
		return advance(c, m, x.unit, sign*x.n)
	case nil:
		return m
	}
	return newMoment(m.class, m.t.Add(time.Duration(sign)*time.Duration(c.Float(0)*1e6)))
}

// jodaProperty is a field of a time: date.dayOfMonth().withMaximumValue().
type jodaProperty struct {
	m *moment
	u jodaUnit
}

func (*jodaProperty) JavaClass() string { return jodaPackage + "DateTime.Property" }

func jodaPropertyClass() *Class {
	on := func(f func(p *jodaProperty, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*jodaProperty), c) }
	}
	most := func(p *jodaProperty) int {
		switch p.u.getter {
		case "DayOfMonth":
			return daysIn(p.m.t)
		case "DayOfYear":
			return 365 + boolOrder(leap(p.m.t.Year()))
		}
		return p.u.to
	}
	text := func(p *jodaProperty, short bool) string {
		s := fmt.Sprint(p.u.get(p.m.t))
		switch p.u.getter {
		case "MonthOfYear":
			s = p.m.t.Month().String()
		case "DayOfWeek":
			s = p.m.t.Weekday().String()
		default:
			return s
		}
		if short {
			return s[:3]
		}
		return s
	}
	return &Class{Name: jodaPackage + "DateTime.Property", Methods: Methods{
		"get":              on(func(p *jodaProperty, c *Call) any { return p.u.get(p.m.t) }),
		"getAsText":        on(func(p *jodaProperty, c *Call) any { return text(p, false) }),
		"getAsShortText":   on(func(p *jodaProperty, c *Call) any { return text(p, true) }),
		"getMaximumValue":  on(func(p *jodaProperty, c *Call) any { return most(p) }),
		"getMinimumValue":  on(func(p *jodaProperty, c *Call) any { return p.u.from }),
		"withMaximumValue": on(func(p *jodaProperty, c *Call) any { return jodaSet(c, p.m, p.u, most(p)) }),
		"withMinimumValue": on(func(p *jodaProperty, c *Call) any { return jodaSet(c, p.m, p.u, p.u.from) }),
		"setCopy":          on(func(p *jodaProperty, c *Call) any { return jodaSet(c, p.m, p.u, c.Int(0)) }),
		"addToCopy":        on(func(p *jodaProperty, c *Call) any { return advance(c, p.m, p.u.unit, c.Int(0)) }),
		"roundFloorCopy":   on(func(p *jodaProperty, c *Call) any { return newMoment(p.m.class, floorTo(p.m.t, p.u.unit)) }),
		"isLeap":           on(func(p *jodaProperty, c *Call) any { return leap(p.m.t.Year()) }),
	}}
}

// floorTo is the beginning of the unit that a time is in.
func floorTo(t time.Time, unit string) time.Time {
	switch unit {
	case "YEARS":
		return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, t.Location())
	case "MONTHS":
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
	case "WEEKS":
		return time.Date(t.Year(), t.Month(), t.Day()+1-isoDay(t), 0, 0, 0, 0, t.Location())
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, int(sinceMidnight(t).Truncate(min(chronoUnits[unit].d, 24*time.Hour))), t.Location())
}

func jodaZoneClass() *Class {
	zone := func(id string, loc *time.Location) any { return &TimeZone{jodaZone, id, loc} }
	on := func(f func(z *TimeZone, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*TimeZone), c) }
	}
	offset := func(c *Call, minutes int) any {
		loc := offsetZone(minutes * 60)
		return zone(strings.Replace(zoneID(loc), "Z", "UTC", 1), loc)
	}
	return &Class{Name: jodaZone, Constants: map[string]any{"UTC": zone("UTC", time.UTC)},
		Static: Methods{
			"forID": func(c *Call) any {
				loc, ok := findZone(c.Need(0))
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", "The datetime zone id '"+c.Text(0)+"' is not recognised"))
				}
				return zone(c.Text(0), loc)
			},
			"getDefault":            func(*Call) any { return zone(localZone().id, time.Local) },
			"setDefault":            func(*Call) any { return Void },
			"forTimeZone":           func(c *Call) any { z, _ := c.Object(0).(*TimeZone); return zone(z.id, z.loc) },
			"forOffsetHours":        func(c *Call) any { return offset(c, c.Int(0)*60) },
			"forOffsetHoursMinutes": func(c *Call) any { return offset(c, c.Int(0)*60+c.Int(1)) },
			"forOffsetMillis":       func(c *Call) any { return offset(c, c.Int(0)/60000) },
		},
		Methods: Methods{
			"getID":      on(func(z *TimeZone, c *Call) any { return z.id }),
			"toString":   on(func(z *TimeZone, c *Call) any { return z.id }),
			"toTimeZone": on(func(z *TimeZone, c *Call) any { return &TimeZone{"java.util.TimeZone", z.id, z.loc} }),
			"getOffset":  on(func(z *TimeZone, c *Call) any { t := c.jodaMoment(0); _, off := t.In(z.loc).Zone(); return off * 1000 }),
			"isFixed":    on(func(z *TimeZone, c *Call) any { return strings.IndexByte("+-U", z.loc.String()[0]) >= 0 }),
			"equals":     on(func(z *TimeZone, c *Call) any { o, ok := c.Object(0).(*TimeZone); return ok && o.id == z.id }),
		}}
}

// jodaPrint writes a time in the formatter's zone, or its own.
func jodaPrint(c *Call, f *formatter, m *moment) string {
	t := m.t
	if f.loc != nil && !m.local() {
		t = t.In(f.loc)
	}
	if f.f == nil {
		return (&moment{m.class, t}).String()
	}
	if l := f.f.lacks(m.class); l != 0 {
		panic(c.Throw("java.lang.IllegalArgumentException", "Field '"+lackingName(l)+"' is not supported"))
	}
	return f.f.format(t)
}

// jodaRead reads a text as a class of Joda-Time.
func jodaRead(c *Call, f *formatter, class, text string) *moment {
	loc := f.loc
	if loc == nil {
		loc = time.Local
	}
	if (&moment{class: class}).local() {
		loc = time.UTC
	}
	if f.f == nil {
		if (&moment{class: class}).local() {
			loc = nil
		}
		return newMoment(class, c.jodaParse(text, loc))
	}
	got, at, wrong, ok := f.f.read(text)
	switch {
	case wrong != "":
		panic(c.Throw(jodaPackage+"IllegalFieldValueException", `Cannot parse "`+text+`": `+wrong))
	case !ok && at >= len(text):
		panic(c.Throw("java.lang.IllegalArgumentException", `Invalid format: "`+text+`" is too short`))
	case !ok && at == 0:
		panic(c.Throw("java.lang.IllegalArgumentException", `Invalid format: "`+text+`"`))
	case !ok || at < len(text):
		panic(c.Throw("java.lang.IllegalArgumentException", `Invalid format: "`+text+`" is malformed at "`+text[at:]+`"`))
	}
	if _, hasYear := got.n['y']; !hasYear {
		got.n['y'] = 1970
		if !(&moment{class: class}).local() {
			got.n['y'] = 2000
		}
	}
	t, _, _, invalid := got.resolve(loc, true)
	if invalid != "" {
		day := got.n['d']
		last := clippedDay(got.n['y'], got.n['M'], 31)
		panic(c.Throw(jodaPackage+"IllegalFieldValueException", fmt.Sprintf(`Cannot parse "%s": Value %d for dayOfMonth must be in the range [1,%d]`, text, day, last)))
	}
	if got.have && f.name != "offset parsed" && !(&moment{class: class}).local() {
		t = t.In(loc)
	}
	return newMoment(class, t)
}

func jodaFormatClass() *Class {
	on := func(f func(f *formatter, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*formatter), c) }
	}
	parse := func(class string) func(*Call) any {
		return on(func(f *formatter, c *Call) any { return jodaRead(c, f, class, c.Need(0)) })
	}
	with := func(change func(f *formatter, c *Call)) func(*Call) any {
		return on(func(f *formatter, c *Call) any { g := *f; change(&g, c); return &g })
	}
	same := func(c *Call) any { return c.This }
	return &Class{Name: jodaFormat, Methods: Methods{
		"parseDateTime": parse(jodaDateTime), "parseLocalDate": parse(jodaDate), "parseLocalDateTime": parse(jodaLocal), "parseLocalTime": parse(jodaTime),
		"parseMillis": on(func(f *formatter, c *Call) any { return jodaRead(c, f, jodaDateTime, c.Need(0)).t.UnixMilli() }),
		"print": on(func(f *formatter, c *Call) any {
			if m, ok := c.Object(0).(*moment); ok {
				return jodaPrint(c, f, m)
			}
			return jodaPrint(c, f, &moment{jodaDateTime, c.jodaMoment(0)})
		}),
		"withZone":         with(func(f *formatter, c *Call) { f.loc = c.zone(0) }),
		"withZoneUTC":      with(func(f *formatter, c *Call) { f.loc = time.UTC }),
		"withOffsetParsed": with(func(f *formatter, c *Call) { f.name = "offset parsed" }),
		"withLocale":       same, "withPivotYear": same, "withDefaultYear": same, "withChronology": same,
	}}
}

func jodaFormats() *Class {
	fixed := func(pattern string) func(*Call) any {
		return func(c *Call) any { return &formatter{class: jodaFormat, f: c.timeFormatOf(pattern, true)} }
	}
	return &Class{Name: jodaPackage + "format.DateTimeFormat", Static: Methods{
		"forPattern": func(c *Call) any {
			if c.Null(0) || c.Text(0) == "" {
				panic(c.Throw("java.lang.IllegalArgumentException", "Invalid pattern specification"))
			}
			return &formatter{class: jodaFormat, f: c.timeFormatOf(c.Text(0), true)}
		},
		"shortDate": fixed("M/d/yy"), "mediumDate": fixed("MMM d, yyyy"), "longDate": fixed("MMMM d, yyyy"), "fullDate": fixed("EEEE, MMMM d, yyyy"),
		"shortTime": fixed("h:mm a"), "mediumTime": fixed("h:mm:ss a"), "shortDateTime": fixed("M/d/yy h:mm a"), "mediumDateTime": fixed("MMM d, yyyy h:mm:ss a"),
	}}
}

func jodaISO() *Class {
	static := Methods{}
	for name, pattern := range map[string]string{
		"dateTime": "yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "dateTimeNoMillis": "yyyy-MM-dd'T'HH:mm:ssZZ", "date": "yyyy-MM-dd", "yearMonthDay": "yyyy-MM-dd",
		"time": "HH:mm:ss.SSSZZ", "hourMinute": "HH:mm", "hourMinuteSecond": "HH:mm:ss", "dateHourMinuteSecond": "yyyy-MM-dd'T'HH:mm:ss",
		"dateHourMinute": "yyyy-MM-dd'T'HH:mm", "dateHourMinuteSecondMillis": "yyyy-MM-dd'T'HH:mm:ss.SSS", "basicDate": "yyyyMMdd",
		"basicDateTime": "yyyyMMdd'T'HHmmss.SSSZ", "basicDateTimeNoMillis": "yyyyMMdd'T'HHmmssZ", "yearMonth": "yyyy-MM", "year": "yyyy",
	} {
		f, _ := compileTime(pattern, true)
		for i, p := range f.pieces {
			if p.letter == 'Z' { // these write Z for UTC
				f.pieces[i] = timePiece{letter: 'X', count: p.count + 1}
			}
		}
		static[name] = func(c *Call) any { return &formatter{class: jodaFormat, f: f} }
	}
	for _, name := range []string{"dateTimeParser", "dateOptionalTimeParser", "localDateParser", "dateParser", "localDateOptionalTimeParser", "timeParser"} {
		static[name] = func(*Call) any { return &formatter{class: jodaFormat} }
	}
	return &Class{Name: jodaPackage + "format.ISODateTimeFormat", Static: static}
}

// jodaSpan is a Duration.
type jodaSpan struct{ d time.Duration }

func (*jodaSpan) JavaClass() string  { return jodaPackage + "Duration" }
func (s *jodaSpan) Equal(o any) bool { r, ok := o.(*jodaSpan); return ok && r.d == s.d }
func (s *jodaSpan) String() string {
	seconds := fmt.Sprintf("%d", s.d/time.Second)
	if ms := s.d % time.Second / time.Millisecond; ms != 0 {
		if seconds == "0" && ms < 0 {
			seconds = "-0"
		}
		seconds += fmt.Sprintf(".%03d", max(ms, -ms))
	}
	return "PT" + seconds + "S"
}

func jodaDuration() *Class {
	on := func(f func(d time.Duration, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*jodaSpan).d, c) }
	}
	other := func(c *Call) time.Duration {
		if s, ok := c.Object(0).(*jodaSpan); ok {
			return s.d
		}
		return time.Duration(c.Float(0)) * time.Millisecond
	}
	c := &Class{Name: jodaPackage + "Duration", Constants: map[string]any{"ZERO": &jodaSpan{}},
		New: func(c *Call) any {
			if c.Len() > 1 {
				return &jodaSpan{c.jodaMoment(1).Sub(c.jodaMoment(0))}
			}
			return &jodaSpan{other(c)}
		},
		Static: Methods{"millis": func(c *Call) any { return &jodaSpan{time.Duration(c.Float(0)) * time.Millisecond} }},
		Methods: Methods{
			"getMillis":     on(func(d time.Duration, c *Call) any { return int64(d / time.Millisecond) }),
			"plus":          on(func(d time.Duration, c *Call) any { return &jodaSpan{d + other(c)} }),
			"minus":         on(func(d time.Duration, c *Call) any { return &jodaSpan{d - other(c)} }),
			"isLongerThan":  on(func(d time.Duration, c *Call) any { return d > other(c) }),
			"isShorterThan": on(func(d time.Duration, c *Call) any { return d < other(c) }),
			"compareTo":     on(func(d time.Duration, c *Call) any { return compareFloats(float64(d), float64(other(c))) }),
			"toPeriod":      on(func(d time.Duration, c *Call) any { return &jodaPeriod{d: d} }),
			"toString":      func(c *Call) any { return c.This.(*jodaSpan).String() },
		}}
	for name, u := range map[string]time.Duration{"Days": 24 * time.Hour, "Hours": time.Hour, "Minutes": time.Minute, "Seconds": time.Second} {
		c.Methods["getStandard"+name] = on(func(d time.Duration, c *Call) any { return int64(d / u) })
		c.Methods["toStandard"+name] = on(func(d time.Duration, c *Call) any { return &count{name, strings.ToUpper(name), int(d / u)} })
		c.Static["standard"+name] = func(c *Call) any { return &jodaSpan{time.Duration(c.Int(0)) * u} }
	}
	return c
}

type interval struct{ from, to time.Time }

func (*interval) JavaClass() string { return jodaPackage + "Interval" }
func (i *interval) String() string {
	return (&moment{jodaDateTime, i.from}).String() + "/" + (&moment{jodaDateTime, i.to}).String()
}

func jodaInterval() *Class {
	on := func(f func(i *interval, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*interval), c) }
	}
	return &Class{Name: jodaPackage + "Interval",
		New: func(c *Call) any {
			i := &interval{from: c.jodaMoment(0)}
			switch x := c.Object(1).(type) {
			case *jodaSpan:
				i.to = i.from.Add(x.d)
			case *jodaPeriod:
				i.to = x.from(i.from, 1)
			default:
				i.to = c.jodaMoment(1)
			}
			if i.to.Before(i.from) {
				panic(c.Throw("java.lang.IllegalArgumentException", "The end instant must be greater than the start instant"))
			}
			return i
		},
		Methods: Methods{
			"getStart":         on(func(i *interval, c *Call) any { return newMoment(jodaDateTime, i.from) }),
			"getEnd":           on(func(i *interval, c *Call) any { return newMoment(jodaDateTime, i.to) }),
			"getStartMillis":   on(func(i *interval, c *Call) any { return i.from.UnixMilli() }),
			"getEndMillis":     on(func(i *interval, c *Call) any { return i.to.UnixMilli() }),
			"toDuration":       on(func(i *interval, c *Call) any { return &jodaSpan{i.to.Sub(i.from)} }),
			"toDurationMillis": on(func(i *interval, c *Call) any { return i.to.UnixMilli() - i.from.UnixMilli() }),
			"toPeriod":         on(func(i *interval, c *Call) any { return jodaPeriodOf(i.from, i.to) }),
			"contains": on(func(i *interval, c *Call) any {
				if o, ok := c.Object(0).(*interval); ok {
					return !o.from.Before(i.from) && o.from.Before(i.to) && !o.to.After(i.to)
				}
				t := c.jodaMoment(0)
				return !t.Before(i.from) && t.Before(i.to)
			}),
			"overlaps": on(func(i *interval, c *Call) any {
				o, ok := c.Object(0).(*interval)
				return ok && i.from.Before(o.to) && o.from.Before(i.to)
			}),
			"isBefore": on(func(i *interval, c *Call) any { return !i.to.After(c.jodaMoment(0)) }),
			"isAfter":  on(func(i *interval, c *Call) any { return i.from.After(c.jodaMoment(0)) }),
			"toString": on(func(i *interval, c *Call) any { return i.String() }),
		}}
}

// jodaPeriod is a Period: years, months, weeks, days, and a time.
type jodaPeriod struct {
	years, months, weeks, days int
	d                          time.Duration
}

func (*jodaPeriod) JavaClass() string { return jodaPackage + "Period" }

// from moves a time by the period.
func (p *jodaPeriod) from(t time.Time, sign int) time.Time {
	return addMonths(t, sign*(p.years*12+p.months)).AddDate(0, 0, sign*(p.weeks*7+p.days)).Add(time.Duration(sign) * p.d)
}

// String is the ISO form with weeks, such as P1Y2M1W3DT4H5M6.789S.
func (p *jodaPeriod) String() string {
	s := "P"
	part := func(n int, unit string) {
		if n != 0 {
			s += fmt.Sprint(n) + unit
		}
	}
	part(p.years, "Y")
	part(p.months, "M")
	part(p.weeks, "W")
	part(p.days, "D")
	if p.d != 0 {
		s += "T"
		part(int(p.d/time.Hour), "H")
		part(int(p.d/time.Minute%60), "M")
		if rest := p.d % time.Minute; rest != 0 {
			s += strings.TrimPrefix((&jodaSpan{rest}).String(), "PT")
		}
	}
	if s == "P" {
		return "PT0S"
	}
	return s
}

// jodaPeriodOf is the period between two times, in its standard parts.
func jodaPeriodOf(a, b time.Time) *jodaPeriod {
	b = b.In(a.Location())
	p := &jodaPeriod{}
	months := monthsBetween(a, b)
	p.years, p.months = months/12, months%12
	rest := addMonths(a, months)
	days := int(between(chronoUnits["DAYS"], rest, b))
	p.weeks, p.days = days/7, days%7
	p.d = b.Sub(rest.AddDate(0, 0, days)).Truncate(time.Millisecond)
	return p
}

func jodaPeriodClass() *Class {
	on := func(f func(p *jodaPeriod, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*jodaPeriod), c) }
	}
	c := &Class{Name: jodaPackage + "Period", Constants: map[string]any{"ZERO": &jodaPeriod{}},
		New: func(c *Call) any {
			switch c.Len() {
			case 0:
				return &jodaPeriod{}
			case 1:
				return jodaPeriodOf(time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC().Add(time.Duration(c.Float(0))*time.Millisecond))
			case 4:
				return &jodaPeriod{d: clockLength(c, 0)}
			case 8:
				return &jodaPeriod{c.Int(0), c.Int(1), c.Int(2), c.Int(3), clockLength(c, 4)}
			}
			return jodaPeriodOf(c.jodaMoment(0), c.jodaMoment(1))
		},
		Static: Methods{},
		Methods: Methods{
			"toStandardDuration": on(func(p *jodaPeriod, c *Call) any {
				return &jodaSpan{p.d + time.Duration(p.weeks*7+p.days)*24*time.Hour}
			}),
			"toString": on(func(p *jodaPeriod, c *Call) any { return p.String() }),
		}}
	parts := map[string]struct {
		get func(p *jodaPeriod) int
		add func(p *jodaPeriod, n int)
	}{
		"Years":   {func(p *jodaPeriod) int { return p.years }, func(p *jodaPeriod, n int) { p.years += n }},
		"Months":  {func(p *jodaPeriod) int { return p.months }, func(p *jodaPeriod, n int) { p.months += n }},
		"Weeks":   {func(p *jodaPeriod) int { return p.weeks }, func(p *jodaPeriod, n int) { p.weeks += n }},
		"Days":    {func(p *jodaPeriod) int { return p.days }, func(p *jodaPeriod, n int) { p.days += n }},
		"Hours":   {func(p *jodaPeriod) int { return int(p.d / time.Hour) }, func(p *jodaPeriod, n int) { p.d += time.Duration(n) * time.Hour }},
		"Minutes": {func(p *jodaPeriod) int { return int(p.d / time.Minute % 60) }, func(p *jodaPeriod, n int) { p.d += time.Duration(n) * time.Minute }},
		"Seconds": {func(p *jodaPeriod) int { return int(p.d / time.Second % 60) }, func(p *jodaPeriod, n int) { p.d += time.Duration(n) * time.Second }},
		"Millis":  {func(p *jodaPeriod) int { return int(p.d % time.Second / time.Millisecond) }, func(p *jodaPeriod, n int) { p.d += time.Duration(n) * time.Millisecond }},
	}
	for name, part := range parts {
		changed := func(sign int) func(*Call) any {
			return func(c *Call) any {
				p := jodaPeriod{}
				if q, ok := c.This.(*jodaPeriod); ok {
					p = *q
				}
				part.add(&p, sign*c.Int(0))
				return &p
			}
		}
		c.Methods["get"+name] = on(func(p *jodaPeriod, c *Call) any { return part.get(p) })
		c.Methods["plus"+name], c.Methods["minus"+name] = changed(1), changed(-1)
		c.Static[strings.ToLower(name)] = changed(1)
	}
	return c
}

func clockLength(c *Call, i int) time.Duration {
	return time.Duration(c.Int(i))*time.Hour + time.Duration(c.Int(i+1))*time.Minute + time.Duration(c.Int(i+2))*time.Second + time.Duration(c.Int(i+3))*time.Millisecond
}

// count is Days, Hours and their like: a number of one unit.
type count struct {
	name string // Days
	unit string // DAYS
	n    int
}

func (k *count) JavaClass() string { return jodaPackage + k.name }
func (k *count) Equal(o any) bool  { l, ok := o.(*count); return ok && *k == *l }
func (k *count) String() string {
	if u := chronoUnits[k.unit]; u.dateBased() {
		return fmt.Sprintf("P%d%c", k.n, k.name[0])
	}
	return fmt.Sprintf("PT%d%c", k.n, k.name[0])
}

func jodaCount(name, unit string) *Class {
	short := strings.ToLower(name)
	return &Class{Name: jodaPackage + name,
		Static: Methods{
			short + "Between": func(c *Call) any {
				return &count{name, unit, int(between(chronoUnits[unit], c.jodaMoment(0), c.jodaMoment(1)))}
			},
			short + "In": func(c *Call) any {
				i, ok := c.Object(0).(*interval)
				if !ok {
					return &count{name, unit, 0}
				}
				return &count{name, unit, int(between(chronoUnits[unit], i.from, i.to))}
			},
			short: func(c *Call) any { return &count{name, unit, c.Int(0)} },
			"parse" + name: func(c *Call) any {
				n := 0
				_, err := fmt.Sscanf(strings.TrimPrefix(c.Need(0), "P"), "%d", &n)
				if err != nil {
					panic(c.Throw("java.lang.IllegalArgumentException", `Invalid format: "`+c.Text(0)+`"`))
				}
				return &count{name, unit, n}
			},
			"standard" + name + "In": func(c *Call) any {
				p, _ := c.Object(0).(*jodaPeriod)
				return &count{name, unit, int((p.d + time.Duration(p.weeks*7+p.days)*24*time.Hour) / max(chronoUnits[unit].d, 1))}
			},
		},
		Methods: Methods{
			"get" + name:    func(c *Call) any { return c.This.(*count).n },
			"getValue":      func(c *Call) any { return c.This.(*count).n },
			"plus":          func(c *Call) any { return &count{name, unit, c.This.(*count).n + c.countOf(0)} },
			"minus":         func(c *Call) any { return &count{name, unit, c.This.(*count).n - c.countOf(0)} },
			"isGreaterThan": func(c *Call) any { return c.This.(*count).n > c.countOf(0) },
			"isLessThan":    func(c *Call) any { return c.This.(*count).n < c.countOf(0) },
			"negated":       func(c *Call) any { return &count{name, unit, -c.This.(*count).n} },
			"compareTo":     func(c *Call) any { return compareFloats(float64(c.This.(*count).n), float64(c.countOf(0))) },
			"toString":      func(c *Call) any { return c.This.(*count).String() },
			"toStandardDuration": func(c *Call) any {
				return &jodaSpan{time.Duration(c.This.(*count).n) * chronoUnits[unit].d}
			},
		},
		Constants: map[string]any{"ZERO": &count{name, unit, 0}, "ONE": &count{name, unit, 1}}}
}

// countOf reads a number or a count.
func (c *Call) countOf(i int) int {
	if k, ok := c.Object(i).(*count); ok {
		return k.n
	}
	return c.Int(i)
}
