package config

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"", "ChannelMap", "channelMap", "port", "host"}
	for _, c := range []struct {
		name string
		most int
		want string
	}{
		{"chanelMap", 3, "channelMap"},
		{"ChanelMap", 3, "ChannelMap"},
		{"CHANNELMAP", 1, "ChannelMap"},
		{"prt", 1, "port"},
		{"prto", 1, ""},
		{"x", 1, ""},
	} {
		if got := Nearest(c.name, known, c.most); got != c.want {
			t.Errorf("%s within %d: %q, want %q", c.name, c.most, got, c.want)
		}
	}
}
