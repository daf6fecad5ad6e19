package main

import (
	"bytes"
	"strings"
	"testing"
)

// A command that is not used as it is meant says how it is.
func TestWrongUse(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"channel lst", `weir channel has no command "lst". Did you mean list?`},
		{"channel frobnicate", `weir channel has no command "frobnicate". See them with weir channel --help`},
		{"channel start", "use it as weir channel start CHANNEL [CONNECTOR]; see weir channel start --help"},
		{"check", "use it as weir check FILE|DIR…; see weir check --help"},
		{"prune --data x", "unknown flag: --data; see weir prune --help"},
		{"chanel list", "Did you mean this?\n\tchannel"},
	} {
		root := root()
		root.SetOut(&bytes.Buffer{})
		root.SetArgs(strings.Fields(c.args))
		if err := root.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("weir %s: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestGroupHelp(t *testing.T) {
	var out bytes.Buffer
	root := root()
	root.SetOut(&out)
	root.SetArgs([]string{"channel"})
	if err := root.Execute(); err != nil || !strings.Contains(out.String(), "Usage:\n  weir channel [command]\n") {
		t.Errorf("%v: %s", err, out.String())
	}
}
