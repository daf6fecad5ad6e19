package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/weir-health/weir"
)

// What a dashboard shows after the events of a listener.
func TestConnections(t *testing.T) {
	now := time.Date(2024, 3, 10, 1, 59, 59, 0, time.UTC)
	var c connections
	for _, step := range []struct {
		event weir.ConnectionEvent
		want  string // state, open, denied, last failure
	}{
		{weir.ConnectionEvent{State: "idle"}, "idle 0 0 "},
		{weir.ConnectionEvent{State: "connected", Count: 1}, "connected 1 0 "},
		{weir.ConnectionEvent{State: "connected", Count: 2}, "connected 2 0 "},
		{weir.ConnectionEvent{State: "receiving", Remote: "a"}, "receiving 2 0 "},
		{weir.ConnectionEvent{State: "denied", Remote: "b"}, "receiving 2 1 "},
		{weir.ConnectionEvent{State: "failed", Detail: "reset"}, "failed 2 1 reset"},
		{weir.ConnectionEvent{State: "idle", Remote: "a"}, "idle 2 1 reset"},
		{weir.ConnectionEvent{State: "disconnected", Count: 1}, "connected 1 1 reset"},
		{weir.ConnectionEvent{State: "disconnected"}, "disconnected 0 1 reset"},
	} {
		c.report(0, step.event, now)
		got := c.connectionOf(0)
		if text := fmt.Sprintf("%s %d %d %s", got.State, got.Count, got.denied, got.failure); text != step.want {
			t.Errorf("after %+v: %s, want %s", step.event, text, step.want)
		}
	}
	if got := c.connectionOf(1); got.State != "" || !c.connectionOf(0).failedAt.Equal(now) {
		t.Errorf("another connector has %+v", got)
	}
}
