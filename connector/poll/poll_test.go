package poll

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestSettings(t *testing.T) { connectortest.Declared(t, new(Settings)) }

// settings decodes a line such as "pollingType=TIME allDay=false off=1,7 cron=0 0 12 * * ?".
func settings(t testing.TB, line string) *Settings {
	t.Helper()
	var pairs []string
	var days, jobs string
	for _, word := range strings.Split(line, "; ") {
		name, text, _ := strings.Cut(word, "=")
		switch name {
		case "":
		case "off":
			for i := range 8 {
				days += fmt.Sprintf("<boolean>%v</boolean>", strings.Contains(text, fmt.Sprint(i)))
			}
		case "cron":
			jobs += "<cronProperty><description></description><expression>" + text + "</expression></cronProperty>"
		case "weekly", "dayOfMonth", "allDay", "startingHour", "startingMinute", "endingHour", "endingMinute":
			pairs = append(pairs, "pollConnectorProperties.pollConnectorPropertiesAdvanced."+name, text)
		case "zone":
			pairs = append(pairs, "weir.timeZone", text)
		default:
			pairs = append(pairs, "pollConnectorProperties."+name, text)
		}
	}
	s := new(Settings)
	connectortest.Decode(t, s, connectortest.Settings(pairs...))
	s.InactiveDays, s.Jobs = connectortest.Parse(t, days), connectortest.Parse(t, jobs)
	return s
}

func at(t testing.TB, loc *time.Location, text string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation("2006-01-02 15:04:05", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The 1st of January 2026 is a Thursday.
func TestNext(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err) // Go brings the zones itself
	}
	for _, c := range []struct {
		settings string
		after    string
		want     string // several, one after the other
	}{
		{"", "2026-01-01 00:00:01", "2026-01-01 00:00:05, 2026-01-01 00:00:10"},
		{"", "2026-01-01 00:00:05", "2026-01-01 00:00:10"},
		{"pollingFrequency=7000", "2026-01-01 23:59:50", "2026-01-01 23:59:54, 2026-01-02 00:00:00, 2026-01-02 00:00:07"},
		{"pollingFrequency=86399999", "2026-01-01 00:00:01", "2026-01-01 23:59:59, 2026-01-02 00:00:00"},
		{"off=5", "2026-01-01 12:00:00", "2026-01-02 00:00:00"},
		{"off=1,7", "2026-01-02 23:59:58", "2026-01-05 00:00:00"},
		{"off=1,2,3,4,5,6,7", "2026-01-01 00:00:00", "never"},
		{"weekly=false; dayOfMonth=31", "2026-01-31 23:59:57", "2026-03-31 00:00:00"},
		{"allDay=false; pollingFrequency=3600000", "2026-01-01 07:00:00", "2026-01-01 08:00:00, 2026-01-01 09:00:00"},
		{"allDay=false; pollingFrequency=3600000", "2026-01-01 16:30:00", "2026-01-01 17:00:00, 2026-01-02 08:00:00"},
		{"allDay=false; pollingFrequency=10800000; startingHour=22; endingHour=6", "2026-01-01 12:00:00",
			"2026-01-01 22:00:00, 2026-01-02 01:00:00, 2026-01-02 04:00:00, 2026-01-02 22:00:00"},
		{"allDay=false; pollingFrequency=10800000; startingHour=22; endingHour=6; off=5", "2026-01-01 12:00:00", "2026-01-02 01:00:00"},
		{"allDay=false; pollingFrequency=10800000; startingHour=22; endingHour=6", "2026-01-01 00:30:00", "2026-01-01 01:00:00"},
		{"pollingType=TIME; pollingHour=3; pollingMinute=30", "2026-01-01 03:30:00", "2026-01-02 03:30:00"},
		{"pollingType=TIME; pollingHour=3; off=6", "2026-01-01 04:00:00", "2026-01-03 03:00:00"},
		{"pollingType=TIME; pollingHour=3; weekly=false; dayOfMonth=15", "2026-01-15 03:00:00", "2026-02-15 03:00:00"},
		// Clocks go from 2 to 3 on the 29th of March, and from 3 to 2 on the 25th of October.
		{"pollingType=TIME; pollingHour=2; pollingMinute=30", "2026-03-28 12:00:00", "2026-03-29 03:30:00, 2026-03-30 02:30:00"},
		{"pollingFrequency=3600000", "2026-03-29 01:30:00", "2026-03-29 03:00:00"},
		{"pollingType=CRON; cron=0 */15 8-17 ? * MON-FRI", "2026-01-01 08:00:00", "2026-01-01 08:15:00, 2026-01-01 08:30:00"},
		{"pollingType=CRON; cron=0 0 12 L * ?", "2026-01-01 00:00:00", "2026-01-31 12:00:00, 2026-02-28 12:00:00"},
		{"pollingType=CRON; cron=0 0 12 ? * 6#3", "2026-01-01 00:00:00", "2026-01-16 12:00:00"},
		{"pollingType=CRON; cron=0 0 12 ? * 6L", "2026-01-01 00:00:00", "2026-01-30 12:00:00"},
		{"pollingType=CRON; cron=0 0 12 15W * ?", "2026-02-01 00:00:00", "2026-02-16 12:00:00"},
		{"pollingType=CRON; cron=0 0 12 * * ?; cron=0 30 6 * * ?", "2026-01-01 00:00:00", "2026-01-01 06:30:00, 2026-01-01 12:00:00"},
		{"pollingType=TIME; pollingHour=3; zone=America/New_York", "2026-01-01 00:00:00", "2026-01-01 09:00:00, 2026-01-02 09:00:00"},
		{"pollingType=TIME; pollingHour=3; zone=UTC", "2026-07-01 00:00:00", "2026-07-01 05:00:00"},
		{"pollingType=CRON; cron=0 0 12 ? * SUN; zone=Asia/Tokyo", "2026-01-01 00:00:00", "2026-01-04 04:00:00"},
		{"off=1,7; zone=Asia/Tokyo", "2026-01-02 15:59:58", "2026-01-04 16:00:00"},
		{"pollingType=CRON; cron=0 0 0 1 1 ? 2025", "2026-01-01 00:00:00", "never"},
		{"pollingType=CRON; cron=* * * * * ?", "2026-01-01 00:00:00", "2026-01-01 00:00:01"},
	} {
		schedule, err := settings(t, c.settings).Schedule(berlin)
		if err != nil {
			t.Errorf("%s: %v", c.settings, err)
			continue
		}
		after := at(t, berlin, c.after)
		for _, want := range strings.Split(c.want, ", ") {
			next := schedule.Next(after)
			got := "never"
			if !next.IsZero() {
				got = next.In(berlin).Format("2006-01-02 15:04:05")
			}
			if got != want {
				t.Errorf("%q after %s: %s, want %s", c.settings, after, got, want)
				break
			}
			after = next
		}
	}
}

func TestRefused(t *testing.T) {
	for _, line := range []string{
		"pollingFrequency=0", "pollingFrequency=86400000",
		"pollingType=CRON", "pollingType=CRON; cron=every noon", "pollingType=CRON; cron=0 0 25 * * ?", "pollingType=CRON; cron=",
	} {
		_, err := settings(t, line).Schedule(time.UTC)
		if err == nil {
			t.Errorf("%q is accepted", line)
			continue
		}
		connectortest.CheckFault(t, err)
	}
}

// everySecond is a schedule for tests.
type everySecond struct{}

func (everySecond) Next(t time.Time) time.Time { return t.Truncate(time.Second).Add(time.Second) }

type never struct{}

func (never) Next(time.Time) time.Time { return time.Time{} }

func TestPoller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var polls []time.Duration
		p := Start(everySecond{}, true, func(context.Context, func() bool) {
			polls = append(polls, time.Since(start))
			if len(polls) == 3 {
				time.Sleep(2500 * time.Millisecond) // longer than the schedule
			}
		})
		time.Sleep(6500 * time.Millisecond)
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		const s = time.Second
		if got, want := fmt.Sprint(polls), fmt.Sprint([]time.Duration{0, s, 2 * s, 5 * s, 6 * s}); got != want {
			t.Errorf("polls at %s, want %s", got, want)
		}
	})
}

func TestPollerStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished := false
		var asked, after bool
		p := Start(never{}, true, func(ctx context.Context, more func() bool) {
			asked = more()
			time.Sleep(time.Hour)
			after = more()
			finished = ctx.Err() == nil
		})
		synctest.Wait()
		if err := p.Stop(context.Background()); err != nil || !finished || !asked || after {
			t.Errorf("Stop = %v, poll finished %v, more was %v and %v", err, finished, asked, after)
		}
	})
}

func TestPollerHalt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Start(never{}, true, func(ctx context.Context, _ func() bool) { <-ctx.Done() })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := p.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop = %v", err)
		}
		synctest.Wait() // the poll ends with its ctx
	})
}

// A poll far away is not missed for the clock being set.
func TestFarAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polled := make(chan time.Time, 1)
		s := settings(t, "pollingType=TIME; pollingHour=3")
		schedule, err := s.Schedule(time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		p := Start(schedule, false, func(context.Context, func() bool) { polled <- time.Now() })
		if at := (<-polled).UTC(); at.Hour() != 3 || at.Minute() != 0 || at.Second() != 0 {
			t.Errorf("polled at %s", at)
		}
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestZoneRefused(t *testing.T) {
	for _, zone := range []string{"Berlin", "Local", "../etc/passwd"} {
		_, err := config.Decode(connectortest.Settings("weir.timeZone", zone), new(Settings))
		if err == nil || !strings.Contains(err.Error(), "write one such as") {
			t.Errorf("%q: %v", zone, err)
		}
	}
}
