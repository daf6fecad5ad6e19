package poll

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/reugn/go-quartz/quartz"

	"github.com/weir-health/weir"
)

// Schedule is a rule for times.
type Schedule interface {
	// Next returns the first time after t, or the zero time when there is none.
	Next(t time.Time) time.Time
}

// Schedule returns the times that the settings ask for, as the clocks of their
// time zone show them, or of loc where they name none.
func (s *Settings) Schedule(loc *time.Location) (Schedule, error) {
	if s.Zone != nil {
		loc = s.Zone
	}
	switch s.Type {
	case "TIME":
		return daily{days: s.days(), at: clock{s.Hour, s.Minute}, loc: loc}, nil
	case "CRON":
		return s.cron(loc)
	}
	if s.Frequency < 1 || s.Frequency >= 24*60*60*1000 {
		return nil, &weir.Fault{
			At:   "pollingFrequency",
			Err:  fmt.Errorf("cannot poll every %d milliseconds", s.Frequency),
			Hint: "Use 1 to 86399999; to poll once a day, use polling type TIME.",
		}
	}
	i := interval{days: s.days(), every: time.Duration(s.Frequency) * time.Millisecond, allDay: s.AllDay, loc: loc}
	if !s.AllDay {
		i.start, i.end = clock{s.StartingHour, s.StartingMinute}, clock{s.EndingHour, s.EndingMinute}
	}
	return i, nil
}

// clock is a time of day.
type clock struct{ hour, minute int }

func (c clock) minutes() int { return 60*c.hour + c.minute }

// on returns when the clock shows c, days after the day of t.
func (c clock) on(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, c.hour, c.minute, 0, 0, t.Location())
}

// days tells the days on which polls are made.
type days struct {
	off        [7]bool // by time.Weekday
	dayOfMonth int     // 0: any
}

func (s *Settings) days() days {
	if !s.Weekly {
		return days{dayOfMonth: s.DayOfMonth}
	}
	var d days
	for i, item := range s.InactiveDays.Group {
		if i >= 1 && i <= 7 {
			d.off[i-1] = strings.EqualFold(strings.TrimSpace(item.Text), "true")
		}
	}
	return d
}

func (d days) allow(t time.Time) bool {
	if d.dayOfMonth != 0 {
		return t.Day() == d.dayOfMonth
	}
	return !d.off[t.Weekday()]
}

// horizon is how many days ahead a time is looked for; the 31st is never further
// away than two months, and no weekday than a week.
const horizon = 63

type daily struct {
	days days
	at   clock
	loc  *time.Location
}

func (d daily) Next(t time.Time) time.Time {
	t = t.In(d.loc)
	for day := range horizon {
		if at := d.at.on(t, day); at.After(t) && d.days.allow(at) {
			return at
		}
	}
	return time.Time{}
}

// interval is times at a distance within a window of each day. The first is the
// start of the window, so that where a server was restarted does not show in
// when it polls.
type interval struct {
	days       days
	every      time.Duration
	allDay     bool
	start, end clock
	loc        *time.Location
}

func (i interval) Next(t time.Time) time.Time {
	t = t.In(i.loc)
	for day := -1; day < horizon; day++ {
		first, last := i.window(t, day)
		if at := i.within(first, last, t); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// window returns the first and the last moment of the window that begins some
// days after the day of t.
func (i interval) window(t time.Time, day int) (first, last time.Time) {
	first = i.start.on(t, day)
	switch {
	case i.allDay:
		last = clock{}.on(t, day+1).Add(-1)
	case i.end.minutes() < i.start.minutes():
		last = i.end.on(t, day+1)
	default:
		last = i.end.on(t, day)
	}
	return first, last
}

// within returns the first time after t in a window, on a day that is allowed. A
// window over midnight touches two days, of which one may be allowed.
func (i interval) within(first, last, t time.Time) time.Time {
	at := first
	for {
		if !at.After(t) {
			at = at.Add((t.Sub(at)/i.every + 1) * i.every)
		}
		if at.After(last) {
			return time.Time{}
		}
		if i.days.allow(at) {
			return at
		}
		t = clock{}.on(at, 1).Add(-1)
	}
}

// cron is any of several expressions.
type cron []*quartz.CronTrigger

func (s *Settings) cron(loc *time.Location) (Schedule, error) {
	var c cron
	for _, job := range s.Jobs.Group {
		expression := strings.TrimSpace(job.Group.Text("expression"))
		trigger, err := quartz.NewCronTriggerWithLoc(expression, loc)
		if err != nil {
			return nil, &weir.Fault{
				At:   "cronJobs",
				Err:  fmt.Errorf("%q is no time to poll: %w", expression, err),
				Hint: "Write second, minute, hour, day of month, month, day of week and perhaps year, such as 0 */5 8-17 ? * MON-FRI.",
			}
		}
		c = append(c, trigger)
	}
	if len(c) == 0 {
		return nil, &weir.Fault{
			At:   "cronJobs",
			Err:  errors.New("no time to poll is given"),
			Hint: "Add a cron job, or choose another polling type.",
		}
	}
	return c, nil
}

func (c cron) Next(t time.Time) time.Time {
	var next time.Time
	for _, trigger := range c {
		nanos, err := trigger.NextFireTime(t.UnixNano())
		if err != nil {
			continue // its years are over
		}
		if at := time.Unix(0, nanos); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}
