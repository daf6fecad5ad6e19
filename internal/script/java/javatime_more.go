package java

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// duration is a Duration of java.time or Joda-Time.
type duration struct{ d time.Duration }

func (*duration) JavaClass() string { return "java.time.Duration" }

// Equal compares lengths.
func (d *duration) Equal(o any) bool { e, ok := o.(*duration); return ok && d.d == e.d }

// Compare orders lengths.
func (d *duration) Compare(o any) (int, bool) {
	e, ok := o.(*duration)
	if !ok {
		return 0, false
	}
	return compareFloats(float64(d.d), float64(e.d)), true
}

// String is the ISO form, such as PT1H30M. Hours are not made into days.
func (d *duration) String() string {
	if d.d == 0 {
		return "PT0S"
	}
	s := "PT"
	hours, minutes := d.d/time.Hour, d.d/time.Minute%60
	if hours != 0 {
		s += strconv.FormatInt(int64(hours), 10) + "H"
	}
	if minutes != 0 {
		s += strconv.FormatInt(int64(minutes), 10) + "M"
	}
	if rest := d.d % time.Minute; rest != 0 {
		sign := ""
		if rest < 0 {
			sign, rest = "-", -rest
		}
		s += sign + strconv.FormatInt(int64(rest/time.Second), 10)
		if ns := rest % time.Second; ns != 0 {
			s += "." + strings.TrimRight(fmt.Sprintf("%09d", ns), "0")
		}
		s += "S"
	}
	return s
}

// lengths are the units of a Duration's methods.
var lengths = map[string]time.Duration{"Nanos": 1, "Millis": time.Millisecond, "Seconds": time.Second, "Minutes": time.Minute,
	"Hours": time.Hour, "Days": 24 * time.Hour}

var durationText = regexp.MustCompile(`(?i)^([+-]?)P(?:([+-]?\d+)D)?(T(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?\d+)(?:[.,](\d{0,9}))?S)?)?$`)

func durationClass() *Class {
	on := func(f func(d time.Duration, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*duration).d, c) }
	}
	amount := func(c *Call) time.Duration {
		if d, ok := c.Object(0).(*duration); ok {
			return d.d
		}
		return time.Duration(c.Float(0) * float64(chronoUnits[c.unitOf(1)].d))
	}
	c := &Class{Name: "java.time.Duration", Implements: []string{"java.lang.Comparable"},
		Constants: map[string]any{"ZERO": &duration{0}},
		Static: Methods{
			"between": func(c *Call) any {
				a, b := c.moment(0), c.moment(1)
				if !a.hasClock() || !b.hasClock() {
					panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported unit: Seconds"))
				}
				return &duration{b.t.Sub(a.t)}
			},
			"of":   func(c *Call) any { return &duration{amount(c)} },
			"from": func(c *Call) any { return &duration{amount(c)} },
			"parse": func(c *Call) any {
				m := durationText.FindStringSubmatch(c.Need(0))
				if m == nil || m[3] == "T" || m[2] == "" && m[3] == "" {
					panic(c.Throw("java.time.format.DateTimeParseException", "Text cannot be parsed to a Duration"))
				}
				total := time.Duration(0)
				for i, u := range map[int]time.Duration{2: 24 * time.Hour, 4: time.Hour, 5: time.Minute, 6: time.Second} {
					n, _ := strconv.ParseInt(m[i], 10, 64)
					total += time.Duration(n) * u
				}
				if m[7] != "" {
					ns, _ := strconv.Atoi((m[7] + "000000000")[:9])
					if strings.HasPrefix(m[6], "-") {
						ns = -ns
					}
					total += time.Duration(ns)
				}
				if m[1] == "-" {
					total = -total
				}
				return &duration{total}
			},
		},
		Methods: Methods{
			"getSeconds": on(func(d time.Duration, c *Call) any { return floorSeconds(d) }),
			"getNano":    on(func(d time.Duration, c *Call) any { return int(d - time.Duration(floorSeconds(d))*time.Second) }),
			"isNegative": on(func(d time.Duration, c *Call) any { return d < 0 }),
			"isZero":     on(func(d time.Duration, c *Call) any { return d == 0 }),
			"negated":    on(func(d time.Duration, c *Call) any { return &duration{-d} }),
			"abs":        on(func(d time.Duration, c *Call) any { return &duration{max(d, -d)} }),
			"plus":       on(func(d time.Duration, c *Call) any { return &duration{d + amount(c)} }),
			"minus":      on(func(d time.Duration, c *Call) any { return &duration{d - amount(c)} }),
			"multipliedBy": on(func(d time.Duration, c *Call) any {
				return &duration{d * time.Duration(c.Int(0))}
			}),
			"dividedBy": on(func(d time.Duration, c *Call) any {
				if e, ok := c.Object(0).(*duration); ok && e.d != 0 {
					return int64(d / e.d)
				}
				if c.Int(0) == 0 {
					panic(c.Throw("java.lang.ArithmeticException", "Cannot divide by zero"))
				}
				return &duration{d / time.Duration(c.Int(0))}
			}),
			"toDaysPart":    on(func(d time.Duration, c *Call) any { return int64(d / (24 * time.Hour)) }),
			"toHoursPart":   on(func(d time.Duration, c *Call) any { return int(d / time.Hour % 24) }),
			"toMinutesPart": on(func(d time.Duration, c *Call) any { return int(d / time.Minute % 60) }),
			"toSecondsPart": on(func(d time.Duration, c *Call) any { return int(d / time.Second % 60) }),
			"toMillisPart":  on(func(d time.Duration, c *Call) any { return int(d % time.Second / time.Millisecond) }),
			"toNanosPart":   on(func(d time.Duration, c *Call) any { return int(d % time.Second) }),
			"compareTo": func(c *Call) any {
				n, _ := c.This.(*duration).Compare(c.Object(0))
				return n
			},
			"toString": func(c *Call) any { return c.This.(*duration).String() },
		}}
	for name, d := range lengths {
		c.Static["of"+name] = func(c *Call) any { return &duration{time.Duration(c.Float(0) * float64(d))} }
		c.Methods["to"+name] = on(func(x time.Duration, c *Call) any { return int64(x / d) })
		c.Methods["plus"+name] = on(func(x time.Duration, c *Call) any { return &duration{x + time.Duration(c.Int(0))*d} })
		c.Methods["minus"+name] = on(func(x time.Duration, c *Call) any { return &duration{x - time.Duration(c.Int(0))*d} })
	}
	return c
}

func floorSeconds(d time.Duration) int64 {
	s := int64(d / time.Second)
	if d%time.Second < 0 {
		s--
	}
	return s
}

// period is a java.time.Period.
type period struct{ years, months, days int }

func (*period) JavaClass() string { return "java.time.Period" }

// Equal compares part by part.
func (p *period) Equal(o any) bool { q, ok := o.(*period); return ok && *p == *q }

// String is the ISO form, such as P1Y2M3D.
func (p *period) String() string {
	s := "P"
	for _, part := range []struct {
		n    int
		unit string
	}{{p.years, "Y"}, {p.months, "M"}, {p.days, "D"}} {
		if part.n != 0 {
			s += strconv.Itoa(part.n) + part.unit
		}
	}
	if s == "P" {
		return "P0D"
	}
	return s
}

// periodBetween is Period.between of two dates.
func periodBetween(a, b time.Time) *period {
	a, b = time.Date(a.Year(), a.Month(), a.Day(), 0, 0, 0, 0, time.UTC), time.Date(b.Year(), b.Month(), b.Day(), 0, 0, 0, 0, time.UTC)
	total := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	days := b.Day() - a.Day()
	if total > 0 && days < 0 {
		total--
		days = int(b.Sub(addMonths(a, total)) / (24 * time.Hour))
	} else if total < 0 && days > 0 {
		total++
		days -= daysIn(b)
	}
	return &period{total / 12, total % 12, days}
}

var periodText = regexp.MustCompile(`(?i)^([+-]?)P(?:([+-]?\d+)Y)?(?:([+-]?\d+)M)?(?:([+-]?\d+)W)?(?:([+-]?\d+)D)?$`)

func periodClass() *Class {
	on := func(f func(p *period, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*period), c) }
	}
	plus := func(sign int) func(*Call) any {
		return on(func(p *period, c *Call) any {
			q, ok := c.Object(0).(*period)
			if !ok {
				panic(c.Throw("java.time.DateTimeException", "Unable to obtain Period from TemporalAmount"))
			}
			return &period{p.years + sign*q.years, p.months + sign*q.months, p.days + sign*q.days}
		})
	}
	c := &Class{Name: "java.time.Period", Constants: map[string]any{"ZERO": &period{}},
		Static: Methods{
			"between": func(c *Call) any { return periodBetween(c.moment(0).t, c.moment(1).t) },
			"of":      func(c *Call) any { return &period{c.Int(0), c.Int(1), c.Int(2)} },
			"ofWeeks": func(c *Call) any { return &period{0, 0, 7 * c.Int(0)} },
			"parse": func(c *Call) any {
				m := periodText.FindStringSubmatch(c.Need(0))
				if m == nil || m[2]+m[3]+m[4]+m[5] == "" {
					panic(c.Throw("java.time.format.DateTimeParseException", "Text cannot be parsed to a Period"))
				}
				var n [6]int
				for i := 2; i < 6; i++ {
					n[i], _ = strconv.Atoi(m[i])
					if m[1] == "-" {
						n[i] = -n[i]
					}
				}
				return &period{n[2], n[3], n[4]*7 + n[5]}
			},
		},
		Methods: Methods{
			"toTotalMonths": on(func(p *period, c *Call) any { return int64(p.years*12 + p.months) }),
			"isZero":        on(func(p *period, c *Call) any { return *p == period{} }),
			"isNegative":    on(func(p *period, c *Call) any { return p.years < 0 || p.months < 0 || p.days < 0 }),
			"negated":       on(func(p *period, c *Call) any { return &period{-p.years, -p.months, -p.days} }),
			"normalized": on(func(p *period, c *Call) any {
				total := p.years*12 + p.months
				return &period{total / 12, total % 12, p.days}
			}),
			"multipliedBy": on(func(p *period, c *Call) any { n := c.Int(0); return &period{p.years * n, p.months * n, p.days * n} }),
			"plus":         plus(1), "minus": plus(-1),
			"toString": on(func(p *period, c *Call) any { return p.String() }),
		}}
	for name, part := range map[string]func(p *period) *int{"Years": func(p *period) *int { return &p.years },
		"Months": func(p *period) *int { return &p.months }, "Days": func(p *period) *int { return &p.days }} {
		changed := func(change func(old, n int) int) func(*Call) any {
			return func(c *Call) any {
				p := period{}
				if q, ok := c.This.(*period); ok {
					p = *q
				}
				*part(&p) = change(*part(&p), c.Int(0))
				return &p
			}
		}
		c.Static["of"+name] = changed(func(_, n int) int { return n })
		c.Methods["get"+name] = on(func(p *period, c *Call) any { return *part(p) })
		c.Methods["plus"+name] = changed(func(old, n int) int { return old + n })
		c.Methods["minus"+name] = changed(func(old, n int) int { return old - n })
		c.Methods["with"+name] = changed(func(_, n int) int { return n })
	}
	return c
}

// adjuster is a TemporalAdjuster.
type adjuster func(t time.Time) time.Time

func (adjuster) JavaClass() string { return "java.time.temporal.TemporalAdjuster" }

func adjustersClass() *Class {
	fixed := func(f func(t time.Time) (year, month, day int)) func(*Call) any {
		return func(*Call) any {
			return adjuster(func(t time.Time) time.Time {
				y, m, d := f(t)
				return time.Date(y, time.Month(m), d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
			})
		}
	}
	weekday := func(c *Call, i int) time.Weekday {
		if e, ok := c.Object(i).(*Enum); ok {
			return time.Weekday((e.ordinal + 1) % 7)
		}
		panic(c.Throw("java.lang.NullPointerException", "dayOfWeek"))
	}
	toward := func(sign int, same bool) func(*Call) any {
		return func(c *Call) any {
			want := weekday(c, 0)
			return adjuster(func(t time.Time) time.Time {
				if !same {
					t = t.AddDate(0, 0, sign)
				}
				for t.Weekday() != want {
					t = t.AddDate(0, 0, sign)
				}
				return t
			})
		}
	}
	inMonth := func(n int, want time.Weekday) adjuster {
		return func(t time.Time) time.Time {
			if n >= 0 {
				first := t.AddDate(0, 0, 1-t.Day())
				return first.AddDate(0, 0, (int(want)-int(first.Weekday())+7)%7+(n-1)*7)
			}
			last := t.AddDate(0, 0, daysIn(t)-t.Day())
			return last.AddDate(0, 0, -(int(last.Weekday())-int(want)+7)%7+(n+1)*7)
		}
	}
	return &Class{Name: "java.time.temporal.TemporalAdjusters", Static: Methods{
		"firstDayOfMonth":     fixed(func(t time.Time) (int, int, int) { return t.Year(), int(t.Month()), 1 }),
		"lastDayOfMonth":      fixed(func(t time.Time) (int, int, int) { return t.Year(), int(t.Month()) + 1, 0 }),
		"firstDayOfNextMonth": fixed(func(t time.Time) (int, int, int) { return t.Year(), int(t.Month()) + 1, 1 }),
		"firstDayOfYear":      fixed(func(t time.Time) (int, int, int) { return t.Year(), 1, 1 }),
		"lastDayOfYear":       fixed(func(t time.Time) (int, int, int) { return t.Year(), 12, 31 }),
		"firstDayOfNextYear":  fixed(func(t time.Time) (int, int, int) { return t.Year() + 1, 1, 1 }),
		"next":                toward(1, false), "nextOrSame": toward(1, true), "previous": toward(-1, false), "previousOrSame": toward(-1, true),
		"firstInMonth":     func(c *Call) any { return inMonth(1, weekday(c, 0)) },
		"lastInMonth":      func(c *Call) any { return inMonth(-1, weekday(c, 0)) },
		"dayOfWeekInMonth": func(c *Call) any { return inMonth(c.Int(0), weekday(c, 1)) },
	}}
}

// calendarEnums are Month, DayOfWeek and the enums of formatting.
func calendarEnums() []*Class {
	var months, days []string
	for m := time.January; m <= time.December; m++ {
		months = append(months, strings.ToUpper(m.String()))
	}
	for d := 1; d <= 7; d++ {
		days = append(days, strings.ToUpper(time.Weekday(d%7).String()))
	}
	fields := []string{"NANO_OF_SECOND", "MICRO_OF_SECOND", "MILLI_OF_SECOND", "MILLI_OF_DAY", "SECOND_OF_MINUTE", "SECOND_OF_DAY",
		"MINUTE_OF_HOUR", "MINUTE_OF_DAY", "HOUR_OF_AMPM", "HOUR_OF_DAY", "AMPM_OF_DAY", "DAY_OF_WEEK", "DAY_OF_MONTH", "DAY_OF_YEAR", "EPOCH_DAY",
		"MONTH_OF_YEAR", "YEAR_OF_ERA", "YEAR", "INSTANT_SECONDS", "OFFSET_SECONDS"}
	cyclic := func(class string, names []string) *Class {
		c := NewEnum(class, nil, names...)
		step := func(sign int) func(*Call) any {
			return func(call *Call) any {
				n := len(names)
				at := ((call.This.(*Enum).ordinal+sign*call.Int(0))%n + n) % n
				return c.Constants[names[at]]
			}
		}
		c.Static["of"] = func(call *Call) any {
			if n := call.Int(0); n >= 1 && n <= len(names) {
				return c.Constants[names[n-1]]
			}
			kind := "MonthOfYear"
			if len(names) == 7 {
				kind = "DayOfWeek"
			}
			panic(call.Throw("java.time.DateTimeException", "Invalid value for "+kind+": "+call.Text(0)))
		}
		c.Static["from"] = func(call *Call) any {
			m := call.moment(0)
			if len(names) == 7 {
				return c.Constants[strings.ToUpper(m.t.Weekday().String())]
			}
			return c.Constants[strings.ToUpper(m.t.Month().String())]
		}
		c.Methods["getValue"] = func(call *Call) any { return call.This.(*Enum).ordinal + 1 }
		c.Methods["plus"], c.Methods["minus"] = step(1), step(-1)
		c.Methods["getDisplayName"] = func(call *Call) any {
			name := call.This.(*Enum).name
			name = name[:1] + strings.ToLower(name[1:])
			switch style, _ := call.Object(0).(*Enum); {
			case style == nil:
			case strings.HasPrefix(style.name, "SHORT"):
				return name[:3]
			case strings.HasPrefix(style.name, "NARROW"):
				return name[:1]
			}
			return name
		}
		return c
	}
	month := cyclic("java.time.Month", months)
	length := func(leapYear bool, n int) int {
		year := 2023
		if leapYear {
			year = 2024
		}
		return time.Date(year, time.Month(n+1), 0, 0, 0, 0, 0, time.UTC).Day()
	}
	month.Methods["length"] = func(c *Call) any { return length(c.Bool(0), c.This.(*Enum).ordinal+1) }
	month.Methods["maxLength"] = func(c *Call) any { return length(true, c.This.(*Enum).ordinal+1) }
	month.Methods["minLength"] = func(c *Call) any { return length(false, c.This.(*Enum).ordinal+1) }
	field := NewEnum("java.time.temporal.ChronoField", func(name string) string { return chronoFields[name].name }, fields...)
	return []*Class{month, cyclic("java.time.DayOfWeek", days), field,
		NewEnum("java.time.format.TextStyle", nil, "FULL", "FULL_STANDALONE", "SHORT", "SHORT_STANDALONE", "NARROW", "NARROW_STANDALONE"),
		NewEnum("java.time.format.FormatStyle", nil, "FULL", "LONG", "MEDIUM", "SHORT"),
		NewEnum("java.time.format.ResolverStyle", nil, "STRICT", "SMART", "LENIENT")}
}

// year is a java.time.Year, yearMonth a YearMonth.
type year struct{ n int }

func (*year) JavaClass() string  { return "java.time.Year" }
func (y *year) String() string   { return strconv.Itoa(y.n) }
func (y *year) Equal(o any) bool { z, ok := o.(*year); return ok && *y == *z }

func yearClass() *Class {
	on := func(f func(y int, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*year).n, c) }
	}
	return &Class{Name: "java.time.Year",
		Static: Methods{
			"of":  func(c *Call) any { return &year{c.checked(0, "YEAR")} },
			"now": func(c *Call) any { return &year{c.VM.Now().In(c.zone(0)).Year()} },
			"parse": func(c *Call) any {
				n, err := strconv.Atoi(c.Need(0))
				if err != nil {
					panic(c.Throw("java.time.format.DateTimeParseException", "Text '"+c.Text(0)+"' could not be parsed at index 0"))
				}
				return &year{n}
			},
			"isLeap": func(c *Call) any {
				if y, ok := c.This.(*year); ok {
					return leap(y.n)
				}
				return leap(c.Int(0))
			},
		},
		Methods: Methods{
			"getValue":   on(func(y int, c *Call) any { return y }),
			"isLeap":     on(func(y int, c *Call) any { return leap(y) }),
			"length":     on(func(y int, c *Call) any { return 365 + boolOrder(leap(y)) }),
			"plusYears":  on(func(y int, c *Call) any { return &year{y + c.Int(0)} }),
			"minusYears": on(func(y int, c *Call) any { return &year{y - c.Int(0)} }),
			"atDay":      on(func(y int, c *Call) any { return newMoment(localDate, time.Date(y, 1, c.Int(0), 0, 0, 0, 0, time.UTC)) }),
			"atMonth":    on(func(y int, c *Call) any { return &yearMonth{y, c.Int(0)} }),
			"isBefore":   on(func(y int, c *Call) any { o, ok := c.Object(0).(*year); return ok && y < o.n }),
			"isAfter":    on(func(y int, c *Call) any { o, ok := c.Object(0).(*year); return ok && y > o.n }),
			"compareTo":  on(func(y int, c *Call) any { o, _ := c.Object(0).(*year); return y - o.n }),
			"toString":   func(c *Call) any { return c.This.(*year).String() },
		}}
}

type yearMonth struct{ year, month int }

func (*yearMonth) JavaClass() string  { return "java.time.YearMonth" }
func (y *yearMonth) String() string   { return fmt.Sprintf("%04d-%02d", y.year, y.month) }
func (y *yearMonth) Equal(o any) bool { z, ok := o.(*yearMonth); return ok && *y == *z }

func (y *yearMonth) first() time.Time {
	return time.Date(y.year, time.Month(y.month), 1, 0, 0, 0, 0, time.UTC)
}

func yearMonthClass() *Class {
	on := func(f func(y *yearMonth, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*yearMonth), c) }
	}
	of := func(t time.Time) any { return &yearMonth{t.Year(), int(t.Month())} }
	shift := func(months int) func(*Call) any {
		return on(func(y *yearMonth, c *Call) any { return of(y.first().AddDate(0, months*c.Int(0), 0)) })
	}
	return &Class{Name: "java.time.YearMonth",
		Static: Methods{
			"of": func(c *Call) any {
				if e, ok := c.Object(1).(*Enum); ok {
					return &yearMonth{c.Int(0), e.ordinal + 1}
				}
				return &yearMonth{c.checked(0, "YEAR"), c.checked(1, "MONTH_OF_YEAR")}
			},
			"now":  func(c *Call) any { return of(c.VM.Now().In(c.zone(0))) },
			"from": func(c *Call) any { return of(c.moment(0).t) },
			"parse": func(c *Call) any {
				f := c.timeFormatOf("uuuu-MM", false)
				if given, ok := c.Object(1).(*formatter); ok && c.Len() > 1 && given.f != nil {
					f = given.f
				}
				got, at, _, ok := f.read(c.Need(0))
				if !ok || at < len(c.Text(0)) {
					panic(c.Throw("java.time.format.DateTimeParseException", fmt.Sprintf("Text '%s' could not be parsed at index %d", c.Text(0), max(at, 0))))
				}
				t, _, _, _ := got.resolve(time.UTC, false)
				return of(t)
			},
		},
		Methods: Methods{
			"getYear":       on(func(y *yearMonth, c *Call) any { return y.year }),
			"getMonthValue": on(func(y *yearMonth, c *Call) any { return y.month }),
			"getMonth":      on(func(y *yearMonth, c *Call) any { return enumOf(c, "Month", time.Month(y.month).String()) }),
			"lengthOfMonth": on(func(y *yearMonth, c *Call) any { return daysIn(y.first()) }),
			"isLeapYear":    on(func(y *yearMonth, c *Call) any { return leap(y.year) }),
			"atDay": on(func(y *yearMonth, c *Call) any {
				return newMoment(localDate, c.dated(y.year, y.month, c.checked(0, "DAY_OF_MONTH"), y.first()))
			}),
			"atEndOfMonth": on(func(y *yearMonth, c *Call) any { return newMoment(localDate, y.first().AddDate(0, 1, -1)) }),
			"plusMonths":   shift(1), "minusMonths": shift(-1), "plusYears": shift(12), "minusYears": shift(-12),
			"isBefore": on(func(y *yearMonth, c *Call) any {
				o, ok := c.Object(0).(*yearMonth)
				return ok && y.first().Before(o.first())
			}),
			"isAfter": on(func(y *yearMonth, c *Call) any {
				o, ok := c.Object(0).(*yearMonth)
				return ok && y.first().After(o.first())
			}),
			"format": on(func(y *yearMonth, c *Call) any {
				f, ok := c.Object(0).(*formatter)
				if !ok || f.f == nil {
					return y.String()
				}
				if l := f.f.lacks("YearMonth"); l != 0 {
					panic(c.Throw("java.time.temporal.UnsupportedTemporalTypeException", "Unsupported field: "+lackingName(l)))
				}
				return f.f.format(y.first())
			}),
			"toString": on(func(y *yearMonth, c *Call) any { return y.String() }),
		}}
}

// clock is a java.time.Clock.
type clock struct{ loc *time.Location }

func (*clock) JavaClass() string { return "java.time.Clock" }

func clockClass() *Class {
	return &Class{Name: "java.time.Clock",
		Static: Methods{
			"systemUTC":         func(*Call) any { return &clock{time.UTC} },
			"systemDefaultZone": func(*Call) any { return &clock{time.Local} },
			"system":            func(c *Call) any { return &clock{c.zone(0)} },
		},
		Methods: Methods{
			"millis":  func(c *Call) any { return c.VM.Now().UnixMilli() },
			"instant": func(c *Call) any { return newMoment(instantClass, c.VM.Now().UTC()) },
			"getZone": func(c *Call) any { loc := c.This.(*clock).loc; return &TimeZone{"java.time.ZoneId", zoneID(loc), loc} },
		}}
}

func formatterClass() *Class {
	on := func(f func(f *formatter, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*formatter), c) }
	}
	same := func(c *Call) any { return c.This }
	c := &Class{Name: formatterClassName,
		Static: Methods{
			"ofPattern":           func(c *Call) any { return &formatter{class: formatterClassName, f: c.timeFormatOf(c.Need(0), false)} },
			"ofLocalizedDate":     localized("EEEE, MMMM d, y", "MMMM d, y", "MMM d, y", "M/d/yy"),
			"ofLocalizedTime":     localized("h:mm:ss a zzzz", "h:mm:ss a z", "h:mm:ss a", "h:mm a"),
			"ofLocalizedDateTime": localized("EEEE, MMMM d, y 'at' h:mm:ss a zzzz", "MMMM d, y 'at' h:mm:ss a z", "MMM d, y, h:mm:ss a", "M/d/yy, h:mm a"),
		},
		Methods: Methods{
			"format": on(func(f *formatter, c *Call) any { return f.text(c, c.moment(0)) }),
			"parse": on(func(f *formatter, c *Call) any {
				for _, class := range []string{zonedDateTime, localDateTime, localDate, localTime} {
					if m := tryParse(f, c, class); m != nil {
						return m
					}
				}
				return f.parse(c, localDateTime, c.Need(0))
			}),
			"withZone":   on(func(f *formatter, c *Call) any { g := *f; g.loc = c.zone(0); return &g }),
			"getZone":    on(func(f *formatter, c *Call) any { return nil }),
			"withLocale": same, "withResolverStyle": same, "withDecimalStyle": same,
			"toString": on(func(f *formatter, c *Call) any {
				if f.f != nil {
					return f.f.pattern
				}
				return f.name
			}),
		},
		Constants: map[string]any{}}
	for _, name := range []string{"ISO_LOCAL_DATE_TIME", "ISO_LOCAL_DATE", "ISO_LOCAL_TIME", "ISO_DATE_TIME", "ISO_DATE", "ISO_TIME", "ISO_INSTANT",
		"ISO_OFFSET_DATE_TIME", "ISO_OFFSET_DATE", "ISO_ZONED_DATE_TIME", "ISO_WEEK_DATE", "ISO_ORDINAL_DATE"} {
		c.Constants[name] = &formatter{class: formatterClassName, name: name}
	}
	for name, pattern := range map[string]string{"BASIC_ISO_DATE": "uuuuMMdd[XX]", "RFC_1123_DATE_TIME": "EEE, d MMM uuuu HH:mm:ss 'GMT'"} {
		f, _ := compileTime(strings.TrimSuffix(pattern, "[XX]"), false)
		c.Constants[name] = &formatter{class: formatterClassName, name: name, f: f}
	}
	return c
}

// tryParse is parse, with nil where the text is not of that class.
func tryParse(f *formatter, c *Call, class string) (m *moment) {
	defer func() {
		if x := recover(); x != nil {
			m = nil
		}
	}()
	return f.parse(c, class, c.Need(0))
}

// localized is the formatter of a FormatStyle.
func localized(patterns ...string) func(*Call) any {
	return func(c *Call) any {
		if e, ok := c.Object(0).(*Enum); ok && e.ordinal < len(patterns) {
			return &formatter{class: formatterClassName, f: c.timeFormatOf(patterns[e.ordinal], false)}
		}
		panic(c.Throw("java.lang.NullPointerException", "style"))
	}
}

func zoneIDClass(name string) *Class {
	find := func(c *Call) any {
		id := c.Need(0)
		loc, ok := findZone(id)
		// Java's short names are java.util.TimeZone's only.
		if _, short := zones[id]; !ok || short && id != "Z" && id != "CET" && id != "EET" {
			panic(c.Throw("java.time.zone.ZoneRulesException", "Unknown time-zone ID: "+id))
		}
		return &TimeZone{name, id, loc}
	}
	fixed := func(unit int) func(*Call) any {
		return func(c *Call) any {
			off := c.Int(0) * unit
			if c.Len() > 1 {
				off += c.Int(1) * 60
			}
			if off > 18*3600 || off < -18*3600 {
				panic(c.Throw("java.time.DateTimeException", "Zone offset not in valid range: -18:00 to +18:00"))
			}
			return zoneOffsetOf(time.Unix(0, 0).In(offsetZone(off)))
		}
	}
	zone := func(f func(z *TimeZone, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*TimeZone), c) }
	}
	return &Class{Name: name,
		Static: Methods{"of": find, "systemDefault": func(*Call) any {
			z := localZone()
			z.class = "java.time.ZoneId"
			return z
		}, "ofHours": fixed(3600), "ofHoursMinutes": fixed(3600), "ofTotalSeconds": fixed(1),
			"ofOffset": func(c *Call) any {
				z, _ := c.Object(1).(*TimeZone)
				return &TimeZone{"java.time.ZoneId", c.Text(0) + strings.TrimPrefix(z.id, "Z"), z.loc}
			}},
		Constants: map[string]any{"UTC": &TimeZone{"java.time.ZoneOffset", "Z", time.UTC}},
		Methods: Methods{
			"getId":           zone(func(z *TimeZone, c *Call) any { return z.id }),
			"toString":        zone(func(z *TimeZone, c *Call) any { return z.id }),
			"normalized":      zone(func(z *TimeZone, c *Call) any { return z }),
			"getTotalSeconds": zone(func(z *TimeZone, c *Call) any { _, off := time.Unix(0, 0).In(z.loc).Zone(); return off }),
			"equals": zone(func(z *TimeZone, c *Call) any {
				o, ok := c.Object(0).(*TimeZone)
				return ok && o.id == z.id
			}),
			"getRules": zone(func(z *TimeZone, c *Call) any { return &zoneRules{z.loc} }),
		}}
}

// zoneRules are a zone's ZoneRules.
type zoneRules struct{ loc *time.Location }

func (*zoneRules) JavaClass() string { return "java.time.zone.ZoneRules" }

func zoneRulesClass() *Class {
	return &Class{Name: "java.time.zone.ZoneRules", Methods: Methods{
		"getOffset": func(c *Call) any {
			t := c.moment(0).t
			if c.moment(0).local() {
				t = rezoned(t, c.This.(*zoneRules).loc)
			}
			return zoneOffsetOf(t.In(c.This.(*zoneRules).loc))
		},
		"isDaylightSavings": func(c *Call) any { return c.moment(0).t.In(c.This.(*zoneRules).loc).IsDST() },
	}}
}
