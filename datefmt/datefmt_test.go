package datefmt

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestCompileRefused(t *testing.T) {
	for _, c := range []struct{ pattern, reason string }{
		{"yyyy-MM-ddThh", "Illegal pattern character 'T'"},
		{"n", "Illegal pattern character 'n'"},
		{"yyyy b", "Illegal pattern character 'b'"},
		{"'yyyy", "Unterminated quote"},
		{"yyyy'", "Unterminated quote"},
		{"'a''", "Unterminated quote"},
		{"XXXX", "invalid ISO 8601 format: length=4"},
	} {
		f, err := Compile(c.pattern)
		var bad *PatternError
		if !errors.As(err, &bad) || bad.Reason != c.reason || bad.Pattern != c.pattern {
			t.Errorf("Compile(%q) = %v, %v; want %s", c.pattern, f, err, c.reason)
		}
	}
}

func TestParseRefused(t *testing.T) {
	for _, c := range []struct {
		name, pattern, text string
		offset              int
	}{
		{"empty", "yyyyMMdd", "", 0},
		{"no date", "yyyyMMdd", "unknown", 0},
		{"too short", "yyyyMMdd", "202401", 6},
		{"half a field", "yyyyMMddHHmm", "20240", 4},
		{"other separator", "yyyy-MM-dd", "2024/01/02", 4},
		{"no such month", "dd-MMM-yyyy", "01-Foo-2024", 3},
		{"zone missing", "yyyyMMddZ", "20240101", 8},
		{"zone out of range", "yyyyMMddZ", "20240101-2460", 13},
		{"matches nothing", "''", "x", 0},
	} {
		_, err := MustCompile(c.pattern).Parse(c.text, time.UTC)
		var bad *ParseError
		if !errors.As(err, &bad) || bad.Offset != c.offset || bad.Pattern != c.pattern {
			t.Errorf("%s: Parse(%q, %q): %v, want offset %d", c.name, c.pattern, c.text, err, c.offset)
		}
	}
}

func TestErrorsHoldNoText(t *testing.T) {
	_, err := MustCompile("yyyyMMdd").Parse("born 1970", nil)
	if err == nil || strings.Contains(err.Error(), "1970") {
		t.Errorf("got %v", err)
	}
}

func TestMustCompilePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MustCompile("n")
}

// Without a century of its own a Format puts two-digit years into the 80 years
// before now and the 20 after.
func TestCenturyFollowsTheClock(t *testing.T) {
	f := MustCompile("yy")
	now := time.Now()
	for ahead := -78; ahead < 18; ahead++ {
		want := now.AddDate(ahead, 0, 0).Year()
		got, err := f.Parse(fmt.Sprintf("%02d", want%100), time.UTC)
		if err != nil || got.Year() != want {
			t.Errorf("%02d: got %d, %v, want %d", want%100, got.Year(), err, want)
		}
	}
}

func TestZoneNames(t *testing.T) {
	for _, c := range []struct{ zone, want string }{
		{"UTC", "UTC, Coordinated Universal Time"},
		{"America/Chicago", "CDT, Central Daylight Time"},
		{"America/Phoenix", "MST, Mountain Standard Time"},
		{"Asia/Shanghai", "CST, CST"}, // is not Central Standard Time
		{"America/Sao_Paulo", "GMT-03:00, GMT-03:00"},
	} {
		got := MustCompile("z, zzzz").Format(time.Date(2024, 7, 1, 0, 0, 0, 0, zoneNamed(t, c.zone)))
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.zone, got, c.want)
		}
	}
	got := MustCompile("z").Format(time.Date(2024, 7, 1, 0, 0, 0, 0, time.FixedZone("", 0)))
	if got != "GMT" {
		t.Errorf("nameless zone: got %s", got)
	}
}

// A name that several zones share is that of the zone asked for.
func TestOwnZoneNameFirst(t *testing.T) {
	for zone, hour := range map[string]int{"Asia/Shanghai": 4, "America/Chicago": 18, "Europe/Paris": 18} {
		got, err := MustCompile("yyyy-MM-dd HH z").Parse("2024-01-01 12 CST", zoneNamed(t, zone))
		if err != nil || got.UTC().Hour() != hour || got.Location().String() != zone {
			t.Errorf("12 CST in %s: got %v, %v, want hour %d in UTC", zone, got, err, hour)
		}
	}
}

func TestAppendFormatAllocatesNothing(t *testing.T) {
	f := MustCompile("yyyyMMddHHmmss.SSSZ z EEEE MMMM D w W")
	buf := make([]byte, 0, 100)
	now := time.Date(2024, 3, 10, 1, 59, 59, 7e6, zoneNamed(t, "America/New_York"))
	if n := testing.AllocsPerRun(100, func() { buf = f.AppendFormat(buf[:0], now) }); n != 0 {
		t.Errorf("%v allocations for %s", n, buf)
	}
}

func ExampleFormat() {
	f := MustCompile("yyyyMMddHHmmss.SSS")
	t, err := f.Parse("20240230120000.5", time.UTC)
	fmt.Println(f.Format(t), err)
	// Output: 20240301120000.005 <nil>
}

// A date that was formatted parses, leniently and strictly, to what it was.
func FuzzRoundTrip(f *testing.F) {
	f.Add(int64(1710000000123), false)
	f.Add(int64(-12219292800000), true)
	f.Add(int64(-62135596800001), true)
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		f.Fatal(err)
	}
	var formats []*Format
	for _, p := range []string{"G yyyy-MM-dd HH:mm:ss.SSSXXX", "yyyyMMddHHmmss.SSSZ G", "d MMMM yyyy G h:m:s.S a zzzz", "G yyyy D k:mm:ss,SSS XX", "G yyyyMMddKKmmssSSS aZ E"} {
		formats = append(formats, MustCompile(p))
	}
	f.Fuzz(func(t *testing.T, millis int64, local bool) {
		millis %= 253402300800000 // to the year 9999
		want := time.UnixMilli(millis).UTC()
		if local {
			want = want.In(ny)
		}
		for _, f := range formats {
			text := f.Format(want)
			for how, parse := range map[string]func(string, *time.Location) (time.Time, error){"lenient": f.Parse, "strict": f.ParseStrict} {
				got, err := parse(text, want.Location())
				if err != nil || !got.Equal(want) {
					t.Errorf("%v by %q is %q, %s: got %v, %v", want, f, text, how, got, err)
				}
			}
		}
	})
}

// Nothing panics, and what a pattern accepts strictly it accepts leniently.
func FuzzParse(f *testing.F) {
	f.Add("yyyyMMdd", "20240310")
	f.Add("E, dd MMM yyyy HH:mm:ss z", "Sun, 10 Mar 2024 01:59:59 EST")
	f.Add("YYYY-'W'ww-u W F D", "2024-W10-0 5 -99999999999999999999 3")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		f, err := Compile(pattern)
		if err != nil {
			return
		}
		f.Format(time.Unix(0, 0))
		strict, err := f.ParseStrict(text, time.UTC)
		if err != nil {
			f.Parse(text, time.UTC)
			return
		}
		if lenient, err := f.Parse(text, time.UTC); err != nil || !lenient.Equal(strict) {
			t.Errorf("%q by %q: strict %v, lenient %v, %v", text, pattern, strict, lenient, err)
		}
	})
}

func BenchmarkAppendFormat(b *testing.B) {
	f := MustCompile("yyyyMMddHHmmss.SSS")
	now := time.Date(2024, 3, 10, 1, 59, 59, 7e6, time.UTC)
	buf := make([]byte, 0, 32)
	b.ReportAllocs()
	for b.Loop() {
		buf = f.AppendFormat(buf[:0], now)
	}
}

func BenchmarkParse(b *testing.B) {
	f := MustCompile("yyyyMMddHHmmss")
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Parse("20240310015959", loc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		MustCompile("yyyyMMddHHmmss.SSS")
	}
}
