package java

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/weir-health/weir/datefmt"
)

// Date is a java.util.Date, java.sql.Timestamp or java.sql.Date: milliseconds
// since 1970.
type Date struct {
	class string
	mu    sync.Mutex
	ms    int64
}

// NewDate returns a java.util.Date.
func NewDate(t time.Time) *Date { return &Date{class: "java.util.Date", ms: t.UnixMilli()} }

func (d *Date) JavaClass() string { return d.class }

// Millis is getTime.
func (d *Date) Millis() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ms
}

func (d *Date) setMillis(ms int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ms = ms
}

// Time is the moment, in the server's zone.
func (d *Date) Time() time.Time { return time.UnixMilli(d.Millis()).In(time.Local) }

// Portable gives the moment.
func (d *Date) Portable() any { return d.Time() }

var (
	dateText      = datefmt.MustCompile("EEE MMM dd HH:mm:ss zzz yyyy")
	timestampText = datefmt.MustCompile("yyyy-MM-dd HH:mm:ss.SSS")
	gmtText       = datefmt.MustCompile("d MMM yyyy HH:mm:ss 'GMT'")
	localeText    = datefmt.MustCompile("MMM d, yyyy, h:mm:ss a")
	dayText       = datefmt.MustCompile("yyyy-MM-dd")
)

// String is Date.toString.
func (d *Date) String() string {
	switch d.class {
	case "java.sql.Timestamp":
		s := timestampText.Format(d.Time())
		for len(s) > 21 && s[len(s)-1] == '0' {
			s = s[:len(s)-1]
		}
		return s
	case "java.sql.Date":
		return dayText.Format(d.Time())
	}
	return dateText.Format(d.Time())
}

// Equal compares moments.
func (d *Date) Equal(o any) bool {
	e, ok := o.(*Date)
	return ok && d.Millis() == e.Millis()
}

// Compare orders moments.
func (d *Date) Compare(o any) (int, bool) {
	switch e := o.(type) {
	case *Date:
		return compareFloats(float64(d.Millis()), float64(e.Millis())), true
	}
	return 0, false
}

// Hash is Date.hashCode.
func (d *Date) Hash() int32 { return hashOf(d.Millis()) }

func dateClasses() []*Class {
	classes := []*Class{
		dateClass("java.util.Date", ""),
		dateClass("java.sql.Timestamp", "java.util.Date"),
		dateClass("java.sql.Date", "java.util.Date"),
		timeZoneClass(), localeClass(), dateFormatClass(), simpleDateFormatClass(),
	}
	return append(classes, calendarClasses()...)
}

func dateClass(name, super string) *Class {
	on := func(f func(d *Date, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*Date), c) }
	}
	at := func(f func(t time.Time) int) func(*Call) any {
		return on(func(d *Date, c *Call) any { return f(d.Time()) })
	}
	return &Class{Name: name, Super: super, Implements: []string{"java.lang.Comparable"},
		New: func(c *Call) any {
			d := &Date{class: name, ms: c.VM.Now().UnixMilli()}
			switch {
			case c.Len() >= 3:
				n := []int{0, 0, 1, 0, 0, 0}
				for i := range min(c.Len(), 6) {
					n[i] = c.Int(i)
				}
				d.ms = time.Date(1900+n[0], time.Month(n[1]+1), n[2], n[3], n[4], n[5], 0, time.Local).UnixMilli()
			case c.Len() == 1 && c.IsText(0):
				t, ok := parseDateText(c.Text(0))
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", ""))
				}
				d.ms = t.UnixMilli()
			case c.Len() == 1:
				if t, ok := c.Time(0); ok {
					d.ms = t.UnixMilli()
				}
			}
			return d
		},
		Static: Methods{
			"valueOf": func(c *Call) any {
				t, ok := parseDateText(c.Need(0))
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", ""))
				}
				return &Date{class: name, ms: t.UnixMilli()}
			},
			"parse": func(c *Call) any {
				t, ok := parseDateText(c.Need(0))
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", ""))
				}
				return float64(t.UnixMilli())
			},
			"from": func(c *Call) any {
				t, _ := c.Time(0)
				return &Date{class: name, ms: t.UnixMilli()}
			},
		},
		Methods: Methods{
			"getTime":        on(func(d *Date, c *Call) any { return float64(d.Millis()) }),
			"toGMTString":    on(func(d *Date, c *Call) any { return gmtText.Format(d.Time().UTC()) }),
			"toLocaleString": on(func(d *Date, c *Call) any { return localeText.Format(d.Time()) }),
			"setTime":        on(func(d *Date, c *Call) any { d.setMillis(int64(c.Float(0))); return Void }),
			"before":         on(func(d *Date, c *Call) any { t, _ := c.Time(0); return d.Time().Before(t) }),
			"after":          on(func(d *Date, c *Call) any { t, _ := c.Time(0); return d.Time().After(t) }),
			"compareTo": on(func(d *Date, c *Call) any {
				t, _ := c.Time(0)
				return compareFloats(float64(d.Millis()), float64(t.UnixMilli()))
			}),
			"toString":          on(func(d *Date, c *Call) any { return d.String() }),
			"toInstant":         on(func(d *Date, c *Call) any { return newMoment("java.time.Instant", d.Time().UTC()) }),
			"clone":             on(func(d *Date, c *Call) any { return &Date{class: d.class, ms: d.Millis()} }),
			"getYear":           at(func(t time.Time) int { return t.Year() - 1900 }),
			"getMonth":          at(func(t time.Time) int { return int(t.Month()) - 1 }),
			"getDate":           at(time.Time.Day),
			"getDay":            at(func(t time.Time) int { return int(t.Weekday()) }),
			"getHours":          at(time.Time.Hour),
			"getMinutes":        at(time.Time.Minute),
			"getSeconds":        at(time.Time.Second),
			"getTimezoneOffset": at(func(t time.Time) int { _, off := t.Zone(); return -off / 60 }),
		}}
}

// dateForms are the texts that new Date(text) and valueOf understand.
var dateForms = []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02", time.RFC1123, time.RFC1123Z,
	"Mon Jan _2 15:04:05 MST 2006", "Jan _2, 2006", "1/2/2006", "1/2/2006 15:04:05", "2 Jan 2006", time.RFC3339}

func parseDateText(s string) (time.Time, bool) {
	for _, form := range dateForms {
		if t, err := time.ParseInLocation(form, s, time.Local); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// TimeZone is a java.util.TimeZone or java.time.ZoneId.
type TimeZone struct {
	class string
	id    string
	loc   *time.Location
}

func (z *TimeZone) JavaClass() string { return z.class }
func (z *TimeZone) String() string    { return z.id }

// zones are the short names that Java knows and the zone database does not, or
// not so.
var zones = map[string]string{"EST": "America/New_York", "CST": "America/Chicago", "MST": "America/Denver",
	"PST": "America/Los_Angeles", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "CET": "CET", "EET": "EET", "Z": "UTC"}

// findZone returns a zone by its id; what Java does not know is GMT.
func findZone(id string) (*time.Location, bool) {
	if name, ok := zones[id]; ok {
		id = name
	}
	for _, prefix := range []string{"GMT", "UTC", "UT"} {
		if rest, ok := cutSign(id, prefix); ok {
			if off, ok := parseOffset(rest); ok {
				return time.FixedZone(id, off), true
			}
		}
	}
	if off, ok := parseOffset(id); ok {
		return time.FixedZone(id, off), true
	}
	if id == "" {
		return time.UTC, false
	}
	if id == "GMT" {
		return time.UTC, true
	}
	loc, err := time.LoadLocation(id)
	if err != nil {
		return time.UTC, false
	}
	return loc, true
}

func cutSign(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix && (s[len(prefix)] == '+' || s[len(prefix)] == '-') {
		return s[len(prefix):], true
	}
	return "", false
}

// parseOffset reads +5, +05, +0530 and +05:30, in seconds.
func parseOffset(s string) (int, bool) {
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	var digits []int
	for _, ch := range s[1:] {
		if ch == ':' {
			continue
		}
		if ch < '0' || ch > '9' {
			return 0, false
		}
		digits = append(digits, int(ch-'0'))
	}
	h, m := 0, 0
	switch len(digits) {
	case 1:
		h = digits[0]
	case 2:
		h = digits[0]*10 + digits[1]
	case 3:
		h, m = digits[0], digits[1]*10+digits[2]
	case 4:
		h, m = digits[0]*10+digits[1], digits[2]*10+digits[3]
	default:
		return 0, false
	}
	off := h*3600 + m*60
	if s[0] == '-' {
		off = -off
	}
	return off, true
}

func localZone() *TimeZone {
	return &TimeZone{"java.util.TimeZone", zoneID(time.Local), time.Local}
}

// zoneID is the name of a time zone as Java has it.
func zoneID(loc *time.Location) string {
	if name := loc.String(); name != "Local" {
		return name
	}
	return systemZone()
}

// systemZone is the name of the machine's time zone where TZ has none: from where the system
// keeps it, else what the system calls the zone now.
var systemZone = sync.OnceValue(func() string {
	if at, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(at, "zoneinfo/"); ok && sameZone(name) {
			return name
		}
	}
	if text, err := os.ReadFile("/etc/timezone"); err == nil {
		if name := strings.TrimSpace(string(text)); sameZone(name) {
			return name
		}
	}
	name, _ := time.Now().Zone()
	return name
})

// sameZone reports whether a zone with that name has the machine's time, in winter and summer.
func sameZone(name string) bool {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return false
	}
	for _, month := range []time.Month{time.January, time.July} {
		at := time.Date(time.Now().Year(), month, 1, 0, 0, 0, 0, time.UTC)
		_, here := at.In(time.Local).Zone()
		if _, there := at.In(zone).Zone(); here != there {
			return false
		}
	}
	return true
}

func timeZoneClass() *Class {
	on := func(f func(z *TimeZone, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*TimeZone), c) }
	}
	offset := func(z *TimeZone, t time.Time) int { _, off := t.In(z.loc).Zone(); return off * 1000 }
	offsets := func(z *TimeZone) (least, most int) {
		january, july := offset(z, time.Date(2024, 1, 1, 0, 0, 0, 0, z.loc)), offset(z, time.Date(2024, 7, 1, 0, 0, 0, 0, z.loc))
		return min(january, july), max(january, july)
	}
	return &Class{Name: "java.util.TimeZone",
		Static: Methods{
			"getTimeZone": func(c *Call) any {
				id := c.Need(0)
				loc, ok := findZone(id)
				if !ok {
					id = "GMT"
				}
				return &TimeZone{"java.util.TimeZone", id, loc}
			},
			"getDefault": func(c *Call) any { return localZone() },
			// The zone of the server is its operator's business.
			"setDefault": func(c *Call) any { return Void },
		},
		Methods: Methods{
			"getID":          on(func(z *TimeZone, c *Call) any { return z.id }),
			"getDisplayName": on(func(z *TimeZone, c *Call) any { return z.id }),
			"getOffset": on(func(z *TimeZone, c *Call) any {
				t, _ := c.Time(0)
				return offset(z, t)
			}),
			"getRawOffset":    on(func(z *TimeZone, c *Call) any { least, _ := offsets(z); return least }),
			"getDSTSavings":   on(func(z *TimeZone, c *Call) any { least, most := offsets(z); return most - least }),
			"useDaylightTime": on(func(z *TimeZone, c *Call) any { least, most := offsets(z); return most != least }),
			"inDaylightTime":  on(func(z *TimeZone, c *Call) any { t, _ := c.Time(0); return t.In(z.loc).IsDST() }),
			"toString":        on(func(z *TimeZone, c *Call) any { return z.id }),
			"toZoneId":        on(func(z *TimeZone, c *Call) any { return &TimeZone{"java.time.ZoneId", z.id, z.loc} }),
		}}
}

// Locale is a java.util.Locale. Weir formats for English, whatever it is.
type Locale struct{ tag string }

func (*Locale) JavaClass() string { return "java.util.Locale" }
func (l *Locale) String() string  { return l.tag }

func (l *Locale) parts() (language, country string) {
	language, country, _ = strings.Cut(strings.ReplaceAll(l.tag, "-", "_"), "_")
	return language, country
}

func localeClass() *Class {
	c := &Class{Name: "java.util.Locale", Constants: make(map[string]any),
		New: func(c *Call) any {
			tag := c.Text(0)
			if c.Len() > 1 {
				tag += "_" + c.Text(1)
			}
			return &Locale{tag}
		},
		Static: Methods{
			"getDefault":     func(c *Call) any { return &Locale{"en_US"} },
			"forLanguageTag": func(c *Call) any { return &Locale{c.Text(0)} },
		},
		Methods: Methods{
			"toString":    func(c *Call) any { return c.This.(*Locale).tag },
			"getLanguage": func(c *Call) any { language, _ := c.This.(*Locale).parts(); return language },
			"getCountry":  func(c *Call) any { _, country := c.This.(*Locale).parts(); return country },
			"toLanguageTag": func(c *Call) any {
				if tag := c.This.(*Locale).tag; tag != "" {
					return strings.ReplaceAll(tag, "_", "-")
				}
				return "und"
			},
		}}
	for name, tag := range map[string]string{"US": "en_US", "ENGLISH": "en", "UK": "en_GB", "GERMANY": "de_DE", "GERMAN": "de",
		"FRANCE": "fr_FR", "FRENCH": "fr", "ROOT": "", "CANADA": "en_CA", "JAPAN": "ja_JP"} {
		c.Constants[name] = &Locale{tag}
	}
	return c
}

// dateFormat is a SimpleDateFormat.
type dateFormat struct {
	pattern string
	format  *datefmt.Format
	loc     *time.Location
	strict  bool
}

func (*dateFormat) JavaClass() string { return "java.text.SimpleDateFormat" }

// datePatterns holds compiled date patterns: few are used, over and over.
var datePatterns cache[*datefmt.Format]

func (c *Call) datePattern(pattern string) *datefmt.Format {
	if f, ok := datePatterns.get(pattern); ok {
		return f
	}
	f, err := datefmt.Compile(pattern)
	var wrong *datefmt.PatternError
	if errors.As(err, &wrong) {
		panic(c.Throw("java.lang.IllegalArgumentException", wrong.Reason))
	} else if err != nil {
		panic(c.Throw("java.lang.IllegalArgumentException", err.Error()))
	}
	datePatterns.put(pattern, f)
	return f
}

func simpleDateFormatClass() *Class {
	on := func(f func(d *dateFormat, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*dateFormat), c) }
	}
	return &Class{Name: "java.text.SimpleDateFormat", Super: "java.text.DateFormat",
		New: func(c *Call) any {
			pattern := "M/d/yy, h:mm a"
			if c.Len() > 0 {
				pattern = c.Need(0)
			}
			return &dateFormat{pattern: pattern, format: c.datePattern(pattern), loc: time.Local}
		},
		Methods: Methods{
			"format": on(func(d *dateFormat, c *Call) any {
				t, ok := c.Time(0)
				if !ok {
					panic(c.Throw("java.lang.IllegalArgumentException", "Cannot format given Object as a Date"))
				}
				return d.format.Format(t.In(d.loc))
			}),
			"parse": on(func(d *dateFormat, c *Call) any {
				if p, ok := c.Object(1).(*parsePosition); ok {
					return d.parseAt(c, c.Need(0), p)
				}
				return NewDate(c.parseDate(d.format, c.Need(0), d.loc, d.strict))
			}),
			"setLenient": on(func(d *dateFormat, c *Call) any { d.strict = !c.Bool(0); return Void }),
			"isLenient":  on(func(d *dateFormat, c *Call) any { return !d.strict }),
			"toPattern":  on(func(d *dateFormat, c *Call) any { return d.pattern }),
			"applyPattern": on(func(d *dateFormat, c *Call) any {
				d.pattern, d.format = c.Need(0), c.datePattern(c.Need(0))
				return Void
			}),
			"setTimeZone": on(func(d *dateFormat, c *Call) any {
				if z, ok := c.Object(0).(*TimeZone); ok {
					d.loc = z.loc
				}
				return Void
			}),
			"getTimeZone": on(func(d *dateFormat, c *Call) any { return &TimeZone{"java.util.TimeZone", zoneID(d.loc), d.loc} }),
			"set2DigitYearStart": on(func(d *dateFormat, c *Call) any {
				t, _ := c.Time(0)
				d.format = d.format.WithCenturyStart(t)
				return Void
			}),
		}}
}

// parseAt is parse with a ParsePosition, which counts UTF-16 units.
func (d *dateFormat) parseAt(c *Call, text string, p *parsePosition) any {
	u := units(text)
	from := min(max(p.index, 0), len(u))
	rest := string(utf16.Decode(u[from:]))
	t, end, err := d.format.ParsePrefix(rest, d.loc, d.strict)
	var failed *datefmt.ParseError
	if errors.As(err, &failed) {
		p.failed = from + len(units(rest[:failed.Offset]))
		return nil
	}
	p.index = from + len(units(rest[:end]))
	return NewDate(t)
}

// dateFormatClass is DateFormat, whose styles are those of the locale en_US.
func dateFormatClass() *Class {
	style := func(c *Call, i int) int {
		if i >= c.Len() {
			return 2
		}
		n := c.Int(i)
		if n < 0 || n > 3 {
			panic(c.Throw("java.lang.IllegalArgumentException", "Illegal date style "+c.Text(i)))
		}
		return n
	}
	made := func(pattern func(c *Call) string) func(*Call) any {
		return func(c *Call) any {
			p := pattern(c)
			return &dateFormat{pattern: p, format: c.datePattern(p), loc: time.Local}
		}
	}
	both := func(date, clock int) string {
		if date < 2 {
			return dateStyle(date) + " 'at' " + timeStyle(clock)
		}
		return dateStyle(date) + ", " + timeStyle(clock)
	}
	return &Class{Name: "java.text.DateFormat",
		Constants: map[string]any{"FULL": 0, "LONG": 1, "MEDIUM": 2, "SHORT": 3, "DEFAULT": 2},
		Static: Methods{
			"getDateInstance":     made(func(c *Call) string { return dateStyle(style(c, 0)) }),
			"getTimeInstance":     made(func(c *Call) string { return timeStyle(style(c, 0)) }),
			"getDateTimeInstance": made(func(c *Call) string { return both(style(c, 0), style(c, 1)) }),
			"getInstance":         made(func(*Call) string { return both(3, 3) }),
		}}
}

func (c *Call) parseDate(f *datefmt.Format, text string, loc *time.Location, strict bool) time.Time {
	parse := f.Parse
	if strict {
		parse = f.ParseStrict
	}
	t, err := parse(text, loc)
	if err != nil {
		panic(c.Throw("java.text.ParseException", `Unparseable date: "`+text+`"`))
	}
	return t
}
