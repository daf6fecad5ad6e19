package java

import (
	"sync"
	"time"
)

// Calendar is a java.util.Calendar, always a Gregorian one.
type Calendar struct {
	mu sync.Mutex
	t  time.Time
}

// NewCalendar returns a calendar at a moment, in its zone.
func NewCalendar(t time.Time) *Calendar { return &Calendar{t: t} }

func (*Calendar) JavaClass() string { return "java.util.GregorianCalendar" }

// Time is the moment.
func (k *Calendar) Time() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.t
}

func (k *Calendar) setTime(t time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.t = t
}

// Portable gives the moment.
func (k *Calendar) Portable() any { return k.Time() }

func (k *Calendar) String() string { return dateText.Format(k.Time()) }

// Compare orders moments.
func (k *Calendar) Compare(o any) (int, bool) {
	l, ok := o.(*Calendar)
	if !ok {
		return 0, false
	}
	return k.Time().Compare(l.Time()), true
}

// Fields of a calendar, by Java's numbers.
const (
	fieldYear        = 1
	fieldMonth       = 2
	fieldWeekOfYear  = 3
	fieldWeekOfMonth = 4
	fieldDay         = 5
	fieldDayOfYear   = 6
	fieldDayOfWeek   = 7
	fieldAmPm        = 9
	fieldHour12      = 10
	fieldHour        = 11
	fieldMinute      = 12
	fieldSecond      = 13
	fieldMilli       = 14
)

func field(t time.Time, f int) int {
	switch f {
	case fieldYear:
		return t.Year()
	case fieldMonth:
		return int(t.Month()) - 1
	case fieldDay:
		return t.Day()
	case fieldDayOfYear:
		return t.YearDay()
	case fieldDayOfWeek:
		return int(t.Weekday()) + 1
	case fieldWeekOfYear:
		first := time.Date(t.Year(), 1, 1, 0, 0, 0, 0, t.Location())
		return (t.YearDay()-1+int(first.Weekday()))/7 + 1
	case fieldWeekOfMonth:
		first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
		return (t.Day()-1+int(first.Weekday()))/7 + 1
	case fieldAmPm:
		return t.Hour() / 12
	case fieldHour12:
		return t.Hour() % 12
	case fieldHour:
		return t.Hour()
	case fieldMinute:
		return t.Minute()
	case fieldSecond:
		return t.Second()
	case fieldMilli:
		return t.Nanosecond() / 1e6
	}
	return 0
}

// with sets a field; what is out of range carries over, as in a lenient calendar.
func with(t time.Time, f, v int) time.Time {
	y, mo, d := t.Date()
	h, mi, s, ns := t.Hour(), t.Minute(), t.Second(), t.Nanosecond()
	switch f {
	case fieldYear:
		y = v
	case fieldMonth:
		mo = time.Month(v + 1)
	case fieldDay:
		d = v
	case fieldDayOfYear:
		mo, d = 1, v
	case fieldDayOfWeek:
		d += v - 1 - int(t.Weekday())
	case fieldWeekOfYear:
		d += 7 * (v - field(t, fieldWeekOfYear))
	case fieldAmPm:
		h = h%12 + 12*v
	case fieldHour12:
		h = h/12*12 + v
	case fieldHour:
		h = v
	case fieldMinute:
		mi = v
	case fieldSecond:
		s = v
	case fieldMilli:
		ns = v * 1e6
	}
	return time.Date(y, mo, d, h, mi, s, ns, t.Location())
}

// plus adds to a field. Months and years keep the day where the month has it.
func plus(t time.Time, f, n int) time.Time {
	switch f {
	case fieldYear:
		return addMonths(t, 12*n)
	case fieldMonth:
		return addMonths(t, n)
	case fieldWeekOfYear, fieldWeekOfMonth, 8:
		return t.AddDate(0, 0, 7*n)
	case fieldDay, fieldDayOfYear, fieldDayOfWeek:
		return t.AddDate(0, 0, n)
	case fieldAmPm:
		return t.Add(time.Duration(n) * 12 * time.Hour)
	case fieldHour, fieldHour12:
		return t.Add(time.Duration(n) * time.Hour)
	case fieldMinute:
		return t.Add(time.Duration(n) * time.Minute)
	case fieldSecond:
		return t.Add(time.Duration(n) * time.Second)
	case fieldMilli:
		return t.Add(time.Duration(n) * time.Millisecond)
	}
	return t
}

func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	return first.AddDate(0, 0, min(t.Day(), daysIn(first))-1)
}

func daysIn(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func calendarClasses() []*Class {
	on := func(f func(k *Calendar, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Calendar), c) }
	}
	change := func(f func(t time.Time, c *Call) time.Time) func(*Call) any {
		return on(func(k *Calendar, c *Call) any { k.setTime(f(k.Time(), c)); return Void })
	}
	create := func(c *Call) any {
		k := &Calendar{t: c.VM.Now().In(time.Local)}
		if c.Len() >= 3 {
			n := []int{0, 0, 1, 0, 0, 0}
			for i := range min(c.Len(), 6) {
				n[i] = c.Int(i)
			}
			k.t = time.Date(n[0], time.Month(n[1]+1), n[2], n[3], n[4], n[5], 0, time.Local)
		} else if z, ok := c.Object(0).(*TimeZone); ok {
			k.t = k.t.In(z.loc)
		}
		return k
	}
	constants := map[string]any{"ERA": 0, "YEAR": fieldYear, "MONTH": fieldMonth, "WEEK_OF_YEAR": fieldWeekOfYear,
		"WEEK_OF_MONTH": fieldWeekOfMonth, "DATE": fieldDay, "DAY_OF_MONTH": fieldDay, "DAY_OF_YEAR": fieldDayOfYear,
		"DAY_OF_WEEK": fieldDayOfWeek, "AM_PM": fieldAmPm, "HOUR": fieldHour12, "HOUR_OF_DAY": fieldHour,
		"MINUTE": fieldMinute, "SECOND": fieldSecond, "MILLISECOND": fieldMilli, "AM": 0, "PM": 1}
	for m := time.January; m <= time.December; m++ {
		constants[upper(m.String())] = int(m) - 1
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		constants[upper(d.String())] = int(d) + 1
	}
	limit := func(f func(t time.Time, f int) int) func(*Call) any {
		return on(func(k *Calendar, c *Call) any { return f(k.Time(), c.Int(0)) })
	}
	calendar := &Class{Name: "java.util.Calendar", Constants: constants,
		Static: Methods{"getInstance": create},
		Methods: Methods{
			"get": on(func(k *Calendar, c *Call) any { return field(k.Time(), c.Int(0)) }),
			"set": change(func(t time.Time, c *Call) time.Time {
				if c.Len() == 2 {
					return with(t, c.Int(0), c.Int(1))
				}
				n := []int{t.Year(), int(t.Month()) - 1, t.Day(), t.Hour(), t.Minute(), t.Second()}
				for i := range min(c.Len(), 6) {
					n[i] = c.Int(i)
				}
				return time.Date(n[0], time.Month(n[1]+1), n[2], n[3], n[4], n[5], t.Nanosecond(), t.Location())
			}),
			"add": change(func(t time.Time, c *Call) time.Time { return plus(t, c.Int(0), c.Int(1)) }),
			"roll": change(func(t time.Time, c *Call) time.Time {
				f, n := c.Int(0), 1
				if c.IsBool(1) && !c.Bool(1) {
					n = -1
				} else if !c.IsBool(1) {
					n = c.Int(1)
				}
				return with(t, f, field(t, f)+n)
			}),
			"clear": change(func(t time.Time, c *Call) time.Time {
				if c.Len() == 0 {
					return time.Date(1970, 1, 1, 0, 0, 0, 0, t.Location())
				}
				zero := 0
				if c.Int(0) == fieldDay {
					zero = 1
				}
				return with(t, c.Int(0), zero)
			}),
			"getTime":         on(func(k *Calendar, c *Call) any { return NewDate(k.Time()) }),
			"setTime":         change(func(t time.Time, c *Call) time.Time { n, _ := c.Time(0); return n.In(t.Location()) }),
			"getTimeInMillis": on(func(k *Calendar, c *Call) any { return float64(k.Time().UnixMilli()) }),
			"setTimeInMillis": change(func(t time.Time, c *Call) time.Time {
				return time.UnixMilli(int64(c.Float(0))).In(t.Location())
			}),
			"setTimeZone": change(func(t time.Time, c *Call) time.Time {
				if z, ok := c.Object(0).(*TimeZone); ok {
					return t.In(z.loc)
				}
				return t
			}),
			"getTimeZone": on(func(k *Calendar, c *Call) any {
				loc := k.Time().Location()
				return &TimeZone{"java.util.TimeZone", zoneID(loc), loc}
			}),
			"before":      on(func(k *Calendar, c *Call) any { t, ok := c.Time(0); return ok && k.Time().Before(t) }),
			"after":       on(func(k *Calendar, c *Call) any { t, ok := c.Time(0); return ok && k.Time().After(t) }),
			"compareTo":   on(func(k *Calendar, c *Call) any { t, _ := c.Time(0); return k.Time().Compare(t) }),
			"clone":       on(func(k *Calendar, c *Call) any { return &Calendar{t: k.Time()} }),
			"setLenient":  func(*Call) any { return Void },
			"toInstant":   on(func(k *Calendar, c *Call) any { return newMoment("java.time.Instant", k.Time().UTC()) }),
			"isLeapYear":  on(func(k *Calendar, c *Call) any { return daysIn(time.Date(c.Int(0), 2, 1, 0, 0, 0, 0, time.UTC)) == 29 }),
			"getWeekYear": on(func(k *Calendar, c *Call) any { return k.Time().Year() }),
			"getActualMaximum": limit(func(t time.Time, f int) int {
				switch f {
				case fieldDay:
					return daysIn(t)
				case fieldDayOfYear:
					return time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
				case fieldMonth:
					return 11
				case fieldHour:
					return 23
				case fieldMilli:
					return 999
				case fieldDayOfWeek:
					return 7
				}
				return 59
			}),
			"getActualMinimum": limit(func(t time.Time, f int) int {
				if f == fieldDay || f == fieldDayOfYear || f == fieldDayOfWeek {
					return 1
				}
				return 0
			}),
		}}
	return []*Class{calendar, {Name: "java.util.GregorianCalendar", Super: "java.util.Calendar", New: create,
		Static: Methods{"getInstance": create}, Constants: constants}}
}
