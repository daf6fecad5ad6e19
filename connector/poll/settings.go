// Package poll decides when a source that polls does so, and runs its polls one
// after the other.
//
//	func (r *Reader) Start(ctx context.Context, env weir.SourceEnv) error {
//		schedule, err := r.Poll.Schedule(time.Local)
//		if err != nil {
//			return err
//		}
//		r.poller = poll.Start(schedule, r.Poll.OnStart, r.poll)
//		return nil
//	}
//
//	func (r *Reader) Stop(ctx context.Context) error { return r.poller.Stop(ctx) }
//
// A poll that lasts longer than the schedule's interval makes the source skip
// the times that pass meanwhile; they are not made up for.
package poll

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // for computers that have no zones of their own, such as containers

	"github.com/weir-health/weir/config"
)

// Settings is when a source polls.
type Settings struct {
	Type      string // INTERVAL, TIME or CRON
	OnStart   bool
	Frequency int // milliseconds, of INTERVAL
	Hour      int // of TIME
	Minute    int
	Jobs      config.Setting // of CRON: items with the settings expression and description

	Weekly       bool           // false: only on DayOfMonth
	InactiveDays config.Setting // 8 items of true or false: one unused, then Sunday to Saturday
	DayOfMonth   int
	AllDay       bool // false: only between Starting… and Ending…

	StartingHour, StartingMinute int
	EndingHour, EndingMinute     int

	Zone *time.Location // nil: that of the computer
}

// Fields declares the settings.
func (s *Settings) Fields(f *config.Fields) {
	const in = "pollConnectorProperties."
	f.String(&s.Type, in+"pollingType", "INTERVAL",
		"INTERVAL polls again and again, TIME once a day, CRON at times given in Quartz syntax.").OneOf("INTERVAL", "TIME", "CRON")
	f.Bool(&s.OnStart, in+"pollOnStart", false, "Poll once at start, too.")
	f.Int(&s.Frequency, in+"pollingFrequency", 5000,
		"Milliseconds between two polls, 1 to 86399999. Counted from midnight, or from the start of the time window.")
	f.Int(&s.Hour, in+"pollingHour", 0, "Hour of the daily poll.").Range(0, 23)
	f.Int(&s.Minute, in+"pollingMinute", 0, "Minute of the daily poll.").Range(0, 59)
	f.Group(&s.Jobs, in+"cronJobs",
		"Times to poll: second, minute, hour, day of month, month, day of week and perhaps year, each with a description.")

	const more = in + "pollConnectorPropertiesAdvanced."
	f.Bool(&s.Weekly, more+"weekly", true, "Choose days by day of week. Off: by day of month.")
	f.Group(&s.InactiveDays, more+"inactiveDays",
		"Days without polls: eight times true or false, of which the first means nothing and the others are Sunday to Saturday.")
	f.Int(&s.DayOfMonth, more+"dayOfMonth", 1, "The one day of the month on which to poll, when days are chosen so.").Range(1, 31)
	f.Bool(&s.AllDay, more+"allDay", true, "Poll all day. Off: only in the time window.")
	f.Int(&s.StartingHour, more+"startingHour", 8, "Hour at which the time window starts.").Range(0, 23)
	f.Int(&s.StartingMinute, more+"startingMinute", 0, "Minute at which the time window starts.").Range(0, 59)
	f.Int(&s.EndingHour, more+"endingHour", 17, "Hour at which the time window ends; before the start means on the next day.").Range(0, 23)
	f.Int(&s.EndingMinute, more+"endingMinute", 0, "Minute at which the time window ends.").Range(0, 59)

	var zone string
	f.String(&zone, "weir.timeZone", "", "Time zone of these times, such as Europe/Berlin; that of the computer if empty.").
		Check(func() (err error) {
			s.Zone = nil
			if zone = strings.TrimSpace(zone); zone == "" {
				return nil
			}
			if s.Zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
				return fmt.Errorf("%q is no time zone; write one such as Europe/Berlin, America/New_York or UTC", zone)
			}
			return nil
		})
}
