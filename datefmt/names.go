package datefmt

import (
	"strings"
	"time"
)

var (
	monthNames = [...]string{"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December"}
	dayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	amPM     = [...]string{"AM", "PM"}
	eras     = [...]string{"BC", "AD"}
	eraNames = [...]string{"Before Christ", "Anno Domini"}
)

// zone is a zone name that can be parsed. Where several zones share an
// abbreviation it is the one that Java takes with the locale en_US.
type zone struct {
	short, long string
	minutes     int // east of UTC
}

var zones = [...]zone{
	{"UTC", "Coordinated Universal Time", 0},
	{"GMT", "Greenwich Mean Time", 0},
	{"EST", "Eastern Standard Time", -300},
	{"EDT", "Eastern Daylight Time", -240},
	{"CST", "Central Standard Time", -360},
	{"CDT", "Central Daylight Time", -300},
	{"MST", "Mountain Standard Time", -420},
	{"MDT", "Mountain Daylight Time", -360},
	{"PST", "Pacific Standard Time", -480},
	{"PDT", "Pacific Daylight Time", -420},
	{"AKST", "Alaska Standard Time", -540},
	{"AKDT", "Alaska Daylight Time", -480},
	{"HST", "Hawaii-Aleutian Standard Time", -600},
	{"HDT", "Hawaii-Aleutian Daylight Time", -540},
	{"AST", "Atlantic Standard Time", -240},
	{"ADT", "Atlantic Daylight Time", -180},
	{"NST", "Newfoundland Standard Time", -210},
	{"NDT", "Newfoundland Daylight Time", -150},
	{"BST", "British Summer Time", 60},
	{"WET", "Western European Standard Time", 0},
	{"WEST", "Western European Summer Time", 60},
	{"CET", "Central European Standard Time", 60},
	{"CEST", "Central European Summer Time", 120},
	{"EET", "Eastern European Standard Time", 120},
	{"EEST", "Eastern European Summer Time", 180},
	{"MSK", "Moscow Standard Time", 180},
	{"IST", "Israel Standard Time", 120},
	{"IDT", "Israel Daylight Time", 180},
	{"SAST", "South Africa Standard Time", 120},
	{"PKT", "Pakistan Standard Time", 300},
	{"SGT", "Singapore Standard Time", 480},
	{"HKT", "Hong Kong Standard Time", 480},
	{"JST", "Japan Standard Time", 540},
	{"KST", "Korean Standard Time", 540},
	{"AWST", "Australian Western Standard Time", 480},
	{"ACST", "Australian Central Standard Time", 570},
	{"ACDT", "Australian Central Daylight Time", 630},
	{"AEST", "Australian Eastern Standard Time", 600},
	{"AEDT", "Australian Eastern Daylight Time", 660},
	{"NZST", "New Zealand Standard Time", 720},
	{"NZDT", "New Zealand Daylight Time", 780},
}

// appendZoneName writes the name of t's zone. A zone without one is written as
// Java writes a custom zone, GMT-03:00.
func appendZoneName(dst []byte, t time.Time, long bool) []byte {
	name, offset := zoneAt(t)
	if name == "" || !isLetter(name[0]) {
		if offset == 0 {
			return append(dst, "GMT"...)
		}
		return appendOffset(append(dst, "GMT"...), offset, true, true)
	}
	if long {
		for i := range zones {
			if z := &zones[i]; z.short == name && z.minutes*60 == offset {
				return append(dst, z.long...)
			}
		}
	}
	return append(dst, name...)
}

// matchZone returns the offset in seconds of the zone name that text begins with,
// and the length of the name, 0 if there is none. The names of loc come first.
func matchZone(text string, loc *time.Location) (offset, n int) {
	for _, month := range []time.Month{time.January, time.July} {
		name, o := time.Date(2024, month, 1, 0, 0, 0, 0, loc).Zone()
		if len(name) > n && isLetter(name[0]) && hasPrefixFold(text, name) {
			offset, n = o, len(name)
		}
	}
	for i := range zones {
		z := &zones[i]
		for _, name := range [...]string{z.short, z.long} {
			if len(name) > n && hasPrefixFold(text, name) {
				offset, n = z.minutes*60, len(name)
			}
		}
	}
	return offset, n
}

// matchName returns which name text begins with, regardless of case, and the
// length of it. Names may also be given by their first short letters.
func matchName(text string, names []string, short int) (index, n int) {
	for i, name := range names {
		switch {
		case hasPrefixFold(text, name):
			return i, len(name)
		case short > 0 && hasPrefixFold(text, name[:short]):
			index, n = i, short
		}
	}
	return index, n
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}
