package server

import (
	"runtime/debug"
	"testing"
)

// The least garbage that there is a reason for holds, and what it was before when the
// last reason is gone.
func TestLimitGarbage(t *testing.T) {
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	before := debug.SetGCPercent(400)
	defer debug.SetGCPercent(before)
	defer func(was map[string]int) { garbage.atMost = was }(garbage.atMost)
	garbage.atMost = nil
	for _, c := range []struct {
		reason        string
		percent, want int
	}{
		{"start", 75, 75},
		{"large contents", 25, 25},
		{"start", 0, 25},
		{"many channels", 900, 25},
		{"large contents", 0, 400},
		{"many channels", 150, 150},
		{"many channels", 0, 400},
	} {
		if limitGarbage(c.reason, c.percent); percent() != c.want {
			t.Errorf("after %s %d: %d percent, want %d", c.reason, c.percent, percent(), c.want)
		}
	}
}
