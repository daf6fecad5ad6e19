package java

import (
	"strings"
	"time"

	"github.com/weir-health/weir/datefmt"
)

// moment is an Instant, LocalDateTime, LocalDate, LocalTime, ZonedDateTime or
// OffsetDateTime. The local ones are kept in UTC.
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
	switch class {
	case localDate:
		t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	case localDateTime:
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	case localTime:
		t = time.Date(1970, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	return &moment{class, t}
}

func (m *moment) JavaClass() string  { return m.class }
func (m *moment) Instant() time.Time { return m.t }
func (m *moment) Portable() any      { return m.String() }

// Equal compares class and moment.
func (m *moment) Equal(o any) bool {
	n, ok := o.(*moment)
	return ok && m.class == n.class && m.t.Equal(n.t)
}

// Compare orders moments.
func (m *moment) Compare(o any) (int, bool) {
	n, ok := o.(*moment)
	if !ok {
		return 0, false
	}
	return m.t.Compare(n.t), true
}

// String is the ISO form, with seconds and their fraction only where they are
// not zero.
func (m *moment) String() string {
	clock := m.t.Format("15:04")
	if m.t.Second() != 0 || m.t.Nanosecond() != 0 || m.class == instantClass {
		clock = m.t.Format("15:04:05")
		if ns := m.t.Nanosecond(); ns != 0 {
			form := ".000000000"
			switch {
			case ns%1e6 == 0:
				form = ".000"
			case ns%1e3 == 0:
				form = ".000000"
			}
			clock += m.t.Format(form)
		}
	}
	day := m.t.Format("2006-01-02")
	switch m.class {
	case localDate:
		return day
	case localTime:
		return clock
	case localDateTime:
		return day + "T" + clock
	case instantClass:
		return day + "T" + clock + "Z"
	}
	s := day + "T" + clock + m.t.Format("Z07:00")
	if m.class == zonedDateTime {
		if name := m.t.Location().String(); name != "UTC" && !strings.ContainsAny(name[:1], "+-") {
			s += "[" + name + "]"
		}
	}
	return s
}

// duration is a Duration or Period.
type duration struct{ d time.Duration }

func (*duration) JavaClass() string { return "java.time.Duration" }

// String is the ISO form, such as PT1H30M.
func (d *duration) String() string {
	s := strings.ToUpper(d.d.String())
	s = strings.TrimSuffix(strings.TrimSuffix(s, "0S"), "0M")
	if s == "" {
		s = "0S"
	}
	return "PT" + s
}

// chrono is how far a ChronoUnit carries: months, or a duration.
var chrono = map[string]struct {
	months int
	d      time.Duration
}{
	"NANOS": {d: 1}, "MICROS": {d: time.Microsecond}, "MILLIS": {d: time.Millisecond}, "SECONDS": {d: time.Second},
	"MINUTES": {d: time.Minute}, "HOURS": {d: time.Hour}, "DAYS": {d: 24 * time.Hour}, "WEEKS": {d: 7 * 24 * time.Hour},
	"MONTHS": {months: 1}, "YEARS": {months: 12},
}

func advance(t time.Time, unit string, n int) time.Time {
	u := chrono[unit]
	switch {
	case u.months > 0:
		return addMonths(t, n*u.months)
	case u.d >= 24*time.Hour:
		return t.AddDate(0, 0, n*int(u.d/(24*time.Hour)))
	}
	return t.Add(time.Duration(n) * u.d)
}

// between counts whole units from a to b.
func between(unit string, a, b time.Time) float64 {
	u := chrono[unit]
	if u.months == 0 {
		return float64(b.Sub(a) / u.d)
	}
	months := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	if months > 0 && addMonths(a, months).After(b) {
		months--
	} else if months < 0 && addMonths(a, months).Before(b) {
		months++
	}
	return float64(months / u.months)
}

// formatter is a DateTimeFormatter.
type formatter struct {
	pattern string
	loc     *time.Location
}

func (*formatter) JavaClass() string { return "java.time.format.DateTimeFormatter" }

func (f *formatter) text(c *Call, m *moment) string {
	t := m.t
	if f.loc != nil {
		t = t.In(f.loc)
	}
	if f.pattern == "" {
		return (&moment{m.class, t}).String()
	}
	return f.compiled(c).Format(t)
}

// compiled turns a pattern of java.time into one of SimpleDateFormat, whose
// letters mostly mean the same: u is a year here, x an offset without Z.
func (f *formatter) compiled(c *Call) *datefmt.Format {
	p := strings.ReplaceAll(f.pattern, "uuuu", "yyyy")
	return c.datePattern(strings.ReplaceAll(p, "VV", "z"))
}

func (f *formatter) parse(c *Call, class, text string) *moment {
	fail := func() {
		panic(c.Throw("java.time.format.DateTimeParseException", "Text '"+text+"' could not be parsed"))
	}
	loc := f.loc
	if loc == nil {
		loc = time.UTC
	}
	if f.pattern != "" {
		t, err := f.compiled(c).ParseStrict(text, loc)
		if err != nil {
			fail()
		}
		return newMoment(class, t)
	}
	if i := strings.IndexByte(text, '['); i > 0 && strings.HasSuffix(text, "]") {
		if zone, ok := findZone(text[i+1 : len(text)-1]); ok {
			loc = zone
		}
		text = text[:i]
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04",
		"2006-01-02", "15:04:05.999999999", "15:04", "20060102"} {
		if t, err := time.ParseInLocation(form, text, loc); err == nil {
			if loc != time.UTC {
				t = t.In(loc)
			}
			return newMoment(class, t)
		}
	}
	fail()
	return nil
}

func timeClasses() []*Class {
	var classes []*Class
	for _, name := range []string{instantClass, localDateTime, localDate, localTime, zonedDateTime, offsetTime} {
		classes = append(classes, momentClass(name))
	}
	unit := NewEnum("java.time.temporal.ChronoUnit", nil, "NANOS", "MICROS", "MILLIS", "SECONDS", "MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "YEARS")
	unit.Methods["between"] = func(c *Call) any {
		a, _ := c.Time(0)
		b, _ := c.Time(1)
		return between(c.This.(*Enum).name, a, b)
	}
	return append(classes, unit, formatterClass(), zoneIDClass("java.time.ZoneId"), zoneIDClass("java.time.ZoneOffset"), durationClass())
}

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
	shift := func(unit string, sign int) func(*Call) any {
		return on(func(m *moment, c *Call) any { return newMoment(m.class, advance(m.t, unit, sign*c.Int(0))) })
	}
	set := func(f int, offset int) func(*Call) any {
		return on(func(m *moment, c *Call) any { return newMoment(m.class, with(m.t, f, c.Int(0)+offset)) })
	}
	zone := func(c *Call, i int) *time.Location {
		if z, ok := c.Object(i).(*TimeZone); ok {
			return z.loc
		}
		return time.Local
	}
	methods := Methods{
		"toString": on(func(m *moment, c *Call) any { return m.String() }),
		"format": on(func(m *moment, c *Call) any {
			if f, ok := c.Object(0).(*formatter); ok {
				return f.text(c, m)
			}
			return m.String()
		}),
		"getYear": part(time.Time.Year), "getMonthValue": part(func(t time.Time) int { return int(t.Month()) }),
		"getDayOfMonth": part(time.Time.Day), "getDayOfYear": part(time.Time.YearDay), "getHour": part(time.Time.Hour),
		"getMinute": part(time.Time.Minute), "getSecond": part(time.Time.Second), "getNano": part(time.Time.Nanosecond),
		"getMonth":      on(func(m *moment, c *Call) any { return upper(m.t.Month().String()) }),
		"getDayOfWeek":  on(func(m *moment, c *Call) any { return upper(m.t.Weekday().String()) }),
		"toEpochMilli":  on(func(m *moment, c *Call) any { return float64(m.t.UnixMilli()) }),
		"toEpochSecond": on(func(m *moment, c *Call) any { return float64(m.t.Unix()) }), "getEpochSecond": on(func(m *moment, c *Call) any { return float64(m.t.Unix()) }),
		"toEpochDay":  on(func(m *moment, c *Call) any { return float64(m.t.Unix() / 86400) }),
		"toLocalDate": to(localDate), "toLocalDateTime": to(localDateTime), "toLocalTime": to(localTime),
		"toInstant":        on(func(m *moment, c *Call) any { return newMoment(instantClass, m.t.UTC()) }),
		"toOffsetDateTime": to(offsetTime), "toZonedDateTime": to(zonedDateTime),
		"atStartOfDay": on(func(m *moment, c *Call) any {
			if c.Len() > 0 {
				return newMoment(zonedDateTime, time.Date(m.t.Year(), m.t.Month(), m.t.Day(), 0, 0, 0, 0, zone(c, 0)))
			}
			return newMoment(localDateTime, m.t)
		}),
		"atZone": on(func(m *moment, c *Call) any {
			loc := zone(c, 0)
			if m.class == instantClass {
				return newMoment(zonedDateTime, m.t.In(loc))
			}
			t := m.t
			return newMoment(zonedDateTime, time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc))
		}),
		"withZoneSameInstant": on(func(m *moment, c *Call) any { return newMoment(zonedDateTime, m.t.In(zone(c, 0))) }),
		"isBefore":            on(func(m *moment, c *Call) any { t, _ := c.Time(0); return m.t.Before(t) }),
		"isAfter":             on(func(m *moment, c *Call) any { t, _ := c.Time(0); return m.t.After(t) }),
		"isEqual":             on(func(m *moment, c *Call) any { t, _ := c.Time(0); return m.t.Equal(t) }),
		"compareTo":           on(func(m *moment, c *Call) any { t, _ := c.Time(0); return m.t.Compare(t) }),
		"plus":                on(func(m *moment, c *Call) any { return m.move(c, 1) }),
		"minus":               on(func(m *moment, c *Call) any { return m.move(c, -1) }),
		"truncatedTo": on(func(m *moment, c *Call) any {
			u := chrono[c.Text(0)].d
			if e, ok := c.Object(0).(*Enum); ok {
				u = chrono[e.name].d
			}
			if u >= 24*time.Hour {
				return newMoment(m.class, time.Date(m.t.Year(), m.t.Month(), m.t.Day(), 0, 0, 0, 0, m.t.Location()))
			}
			return newMoment(m.class, m.t.Truncate(max(u, 1)))
		}),
		"withYear": set(fieldYear, 0), "withMonth": set(fieldMonth, -1), "withDayOfMonth": set(fieldDay, 0),
		"withHour": set(fieldHour, 0), "withMinute": set(fieldMinute, 0), "withSecond": set(fieldSecond, 0),
		"withNano": on(func(m *moment, c *Call) any {
			return newMoment(m.class, m.t.Add(-time.Duration(m.t.Nanosecond()-c.Int(0))))
		}),
		"lengthOfMonth": part(daysIn),
	}
	for unit := range chrono {
		word := unit[:1] + strings.ToLower(unit[1:])
		methods["plus"+word], methods["minus"+word] = shift(unit, 1), shift(unit, -1)
	}
	return &Class{Name: name, Methods: methods, Static: Methods{
		"now": func(c *Call) any {
			t := c.VM.Now().In(zone(c, 0))
			if name == instantClass {
				t = t.UTC()
			}
			return newMoment(name, t)
		},
		"of": func(c *Call) any {
			n := []int{1970, 1, 1, 0, 0, 0, 0}
			start := 0
			if name == localTime {
				start = 3
			}
			loc := time.UTC
			for i := range c.Args {
				if z, ok := c.Object(i).(*TimeZone); ok {
					loc = z.loc
				} else if start+i < len(n) {
					n[start+i] = c.Int(i)
				}
			}
			return newMoment(name, time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6], loc))
		},
		"ofEpochMilli":  func(c *Call) any { return newMoment(name, time.UnixMilli(int64(c.Float(0))).UTC()) },
		"ofEpochSecond": func(c *Call) any { return newMoment(name, time.Unix(int64(c.Float(0)), 0).UTC()) },
		"ofEpochDay":    func(c *Call) any { return newMoment(name, time.Unix(int64(c.Float(0))*86400, 0).UTC()) },
		"ofInstant": func(c *Call) any {
			t, _ := c.Time(0)
			return newMoment(name, t.In(zone(c, 1)))
		},
		"parse": func(c *Call) any {
			f, ok := c.Object(1).(*formatter)
			if !ok {
				f = &formatter{}
			}
			return f.parse(c, name, c.Need(0))
		},
	}}
}

// move is plus and minus: an amount with a unit, or a duration.
func (m *moment) move(c *Call, sign int) any {
	if d, ok := c.Object(0).(*duration); ok {
		return newMoment(m.class, m.t.Add(time.Duration(sign)*d.d))
	}
	unit := "MILLIS"
	if e, ok := c.Object(1).(*Enum); ok {
		unit = e.name
	}
	return newMoment(m.class, advance(m.t, unit, sign*c.Int(0)))
}

func formatterClass() *Class {
	c := &Class{Name: "java.time.format.DateTimeFormatter",
		Static: Methods{"ofPattern": func(c *Call) any {
			f := &formatter{pattern: c.Need(0)}
			f.compiled(c)
			return f
		}},
		Methods: Methods{
			"format": func(c *Call) any {
				if m, ok := c.Object(0).(*moment); ok {
					return c.This.(*formatter).text(c, m)
				}
				panic(c.Throw("java.time.DateTimeException", "not a time"))
			},
			"withZone": func(c *Call) any {
				f := *c.This.(*formatter)
				if z, ok := c.Object(0).(*TimeZone); ok {
					f.loc = z.loc
				}
				return &f
			},
			"withLocale": func(c *Call) any { return c.This },
		},
		Constants: map[string]any{}}
	for _, name := range []string{"ISO_LOCAL_DATE_TIME", "ISO_LOCAL_DATE", "ISO_LOCAL_TIME", "ISO_DATE_TIME", "ISO_DATE", "ISO_INSTANT",
		"ISO_OFFSET_DATE_TIME", "ISO_ZONED_DATE_TIME"} {
		c.Constants[name] = &formatter{}
	}
	c.Constants["BASIC_ISO_DATE"] = &formatter{pattern: "yyyyMMdd"}
	return c
}

func zoneIDClass(name string) *Class {
	find := func(c *Call) any {
		loc, ok := findZone(c.Need(0))
		if !ok {
			panic(c.Throw("java.time.DateTimeException", "Unknown time-zone ID: "+c.Text(0)))
		}
		return &TimeZone{"java.time.ZoneId", c.Text(0), loc}
	}
	return &Class{Name: name,
		Static: Methods{"of": find, "systemDefault": func(*Call) any {
			z := localZone()
			z.class = "java.time.ZoneId"
			return z
		}},
		Constants: map[string]any{"UTC": &TimeZone{"java.time.ZoneId", "Z", time.UTC}},
		Methods: Methods{
			"getId":    func(c *Call) any { return c.This.(*TimeZone).id },
			"toString": func(c *Call) any { return c.This.(*TimeZone).id },
		}}
}

func durationClass() *Class {
	c := &Class{Name: "java.time.Duration",
		Static: Methods{"between": func(c *Call) any {
			a, _ := c.Time(0)
			b, _ := c.Time(1)
			return &duration{b.Sub(a)}
		}},
		Methods: Methods{
			"getSeconds": func(c *Call) any { return float64(c.This.(*duration).d / time.Second) },
			"isNegative": func(c *Call) any { return c.This.(*duration).d < 0 },
			"toString":   func(c *Call) any { return c.This.(*duration).String() },
		}}
	for name, d := range map[string]time.Duration{"Millis": time.Millisecond, "Seconds": time.Second, "Minutes": time.Minute,
		"Hours": time.Hour, "Days": 24 * time.Hour, "Nanos": 1} {
		c.Static["of"+name] = func(c *Call) any { return &duration{time.Duration(c.Float(0) * float64(d))} }
		c.Methods["to"+name] = func(c *Call) any { return float64(c.This.(*duration).d / d) }
	}
	return c
}
