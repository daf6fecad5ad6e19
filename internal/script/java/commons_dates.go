package java

import (
	"time"

	"github.com/weir-health/weir/datefmt"
)

// dateUtils is DateUtils of commons lang.
func dateUtils() Methods {
	need := func(c *Call, i int) time.Time {
		t, ok := c.Time(i)
		if !ok {
			panic(c.Throw("java.lang.NullPointerException", "The validated object is null"))
		}
		return t.In(time.Local)
	}
	m := Methods{
		"isSameDay":     func(c *Call) any { return need(c, 0).Format("20060102") == need(c, 1).Format("20060102") },
		"isSameInstant": func(c *Call) any { return need(c, 0).UnixMilli() == need(c, 1).UnixMilli() },
		"truncate":      func(c *Call) any { return NewDate(truncatedDate(need(c, 0), c.Int(1))) },
		"ceiling": func(c *Call) any {
			t := need(c, 0)
			if floor := truncatedDate(t, c.Int(1)); !floor.Equal(t) {
				return NewDate(truncatedDate(with(floor, c.Int(1), field(floor, c.Int(1))+1), c.Int(1)))
			}
			return NewDate(t)
		},
		"round": func(c *Call) any {
			t := need(c, 0)
			floor := truncatedDate(t, c.Int(1))
			next := truncatedDate(with(floor, c.Int(1), field(floor, c.Int(1))+1), c.Int(1))
			if next.Sub(t) <= t.Sub(floor) {
				return NewDate(next)
			}
			return NewDate(floor)
		},
		"truncatedCompareTo": func(c *Call) any {
			return truncatedDate(need(c, 0), c.Int(2)).Compare(truncatedDate(need(c, 1), c.Int(2)))
		},
		"truncatedEquals": func(c *Call) any {
			return truncatedDate(need(c, 0), c.Int(2)).Equal(truncatedDate(need(c, 1), c.Int(2)))
		},
		"toCalendar": func(c *Call) any { return NewCalendar(need(c, 0)) },
	}
	parse := func(strict bool) func(*Call) any {
		return func(c *Call) any {
			patterns, ok := c.Items(1)
			if !ok || c.Len() > 2 {
				patterns = nil
				for i := 1; i < c.Len(); i++ {
					if !c.Null(i) {
						patterns = append(patterns, c.Text(i))
					}
				}
			}
			for _, p := range patterns {
				f := c.datePattern(c.VM.Text(p))
				// The whole text must be the date's.
				if t, end, err := f.ParsePrefix(c.Need(0), time.Local, strict); err == nil && end == len(c.Text(0)) {
					return NewDate(t)
				}
			}
			panic(c.Throw("java.text.ParseException", "Unable to parse the date: "+c.Need(0)))
		}
	}
	m["parseDate"], m["parseDateStrictly"] = parse(false), parse(true)
	for name, f := range map[string]struct {
		field int
		unit  string
	}{"Years": {fieldYear, "YEARS"}, "Months": {fieldMonth, "MONTHS"}, "Weeks": {0, "WEEKS"}, "Days": {fieldDay, "DAYS"}, "Hours": {fieldHour, "HOURS"},
		"Minutes": {fieldMinute, "MINUTES"}, "Seconds": {fieldSecond, "SECONDS"}, "Milliseconds": {fieldMilli, "MILLIS"}} {
		m["add"+name] = func(c *Call) any {
			return NewDate(advance(c, &moment{zonedDateTime, need(c, 0)}, f.unit, c.Int(1)).t)
		}
		if f.field != 0 {
			m["set"+name] = func(c *Call) any { return NewDate(with(need(c, 0), f.field, c.Int(1))) }
		}
	}
	return m
}

// truncatedDate cuts a date at a field of Calendar.
func truncatedDate(t time.Time, f int) time.Time {
	unit := map[int]string{fieldYear: "YEARS", fieldMonth: "MONTHS", fieldDay: "DAYS", fieldHour: "HOURS", fieldHour12: "HOURS",
		fieldMinute: "MINUTES", fieldSecond: "SECONDS", fieldMilli: "MILLIS"}[f]
	if unit == "" {
		unit = "DAYS"
	}
	return floorTo(t, unit)
}

func dateFormatUtils() Methods {
	format := func(loc *time.Location) func(*Call) any {
		return func(c *Call) any {
			t, ok := c.Time(0)
			if !ok {
				panic(c.Throw("java.lang.NullPointerException", ""))
			}
			at := loc
			if at == nil {
				at = time.Local
				if z, ok := c.Object(2).(*TimeZone); ok {
					at = z.loc
				}
			}
			return c.datePattern(c.Need(1)).Format(t.In(at))
		}
	}
	return Methods{"format": format(nil), "formatUTC": format(time.UTC)}
}

func dateFormatConstants() map[string]any {
	out := make(map[string]any)
	for name, pattern := range map[string]string{"ISO_DATE_FORMAT": "yyyy-MM-dd", "ISO_DATETIME_FORMAT": "yyyy-MM-dd'T'HH:mm:ss",
		"ISO_DATETIME_TIME_ZONE_FORMAT": "yyyy-MM-dd'T'HH:mm:ssXXX", "ISO_8601_EXTENDED_DATE_FORMAT": "yyyy-MM-dd",
		"ISO_8601_EXTENDED_DATETIME_FORMAT": "yyyy-MM-dd'T'HH:mm:ss", "ISO_TIME_NO_T_FORMAT": "HH:mm:ss", "SMTP_DATETIME_FORMAT": "EEE, dd MMM yyyy HH:mm:ss Z"} {
		out[name] = func() any {
			return &dateFormat{pattern: pattern, format: datefmt.MustCompile(pattern), loc: time.Local}
		}
	}
	return out
}
