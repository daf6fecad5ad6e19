package server

import (
	"context"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/all"
	"github.com/weir-health/weir/internal/api"
)

// hanging is a destination that hangs where it is told to, until it is let go.
type hanging struct {
	open, close chan struct{} // nil does not hang
	opened      *atomic.Int64
}

func (h *hanging) Fields(f *config.Fields) {
	var script string
	f.String(&script, "script", "", "")
}

func (h *hanging) Open(context.Context, weir.DestinationEnv) error {
	if h.open != nil {
		<-h.open
	}
	h.opened.Add(1)
	return nil
}

func (h *hanging) Send(context.Context, *weir.Outbound) (weir.Response, error) {
	return weir.Response{Status: weir.Sent}, nil
}

func (h *hanging) Close(context.Context) error {
	if h.close != nil {
		<-h.close
	}
	h.opened.Add(-1)
	return nil
}

// state waits until a channel is in a state.
func state(t *testing.T, client *api.Client, name, want string) api.Channel {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		list, err := client.Channels(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.Name == name && c.State == want {
				return c
			}
		}
	}
	panic("not reached")
}

// A channel that hangs holds up no other, is not run twice, and goes on when what hung is
// let go.
func TestChannelHangs(t *testing.T) {
	for _, c := range []struct {
		name        string
		open, close bool
	}{{"opening", true, false}, {"closing", false, true}} {
		t.Run(c.name, func(t *testing.T) {
			free := make(chan struct{})
			h := hanging{opened: new(atomic.Int64)}
			if c.open {
				h.open = free
			}
			if c.close {
				h.close = free
			}
			channels := t.TempDir()
			text := strings.ReplaceAll(pruned, "TRANSFORMER", rawToRaw)
			write(t, filepath.Join(channels, "a.xml"), strings.ReplaceAll(text, "JavaScript Writer", "Hanging Writer"))
			write(t, filepath.Join(channels, "b.xml"), strings.NewReplacer("000000000009", "000000000010", "<name>Lab</name>", "<name>Other</name>").Replace(text))
			s, client, _ := run(t, Options{Data: t.TempDir(), Channels: channels, Listen: "none", ChannelTime: 100 * time.Millisecond,
				Destinations: append([]weir.DestinationType{{Name: "Hanging Writer", New: func() weir.Destination { one := h; return &one }}}, all.Destinations...)})
			let := func() { close(free) }
			t.Cleanup(func() { // before the engine stops, which would wait
				if free != nil {
					let()
				}
			})
			state(t, client, "Other", "STARTED")
			ctx := context.Background()
			if c.open {
				if got := state(t, client, "Lab", "STARTING"); !strings.Contains(got.Problem, "it has not started within") {
					t.Errorf("the problem is %q", got.Problem)
				}
			} else {
				state(t, client, "Lab", "STARTED")
			}
			err := client.Control(ctx, "Lab", "undeploy")
			if err == nil || !strings.Contains(err.Error(), "has not stopped within") {
				t.Errorf("undeployed: got error %v", err)
			}
			if err := client.Control(ctx, "Lab", "deploy"); err == nil {
				t.Error("it was deployed while it was still stopping")
			}
			if n := h.opened.Load(); n > 1 {
				t.Errorf("it runs %d times", n)
			}
			let()
			free = nil
			state(t, client, "Lab", "UNDEPLOYED")
			if err := client.Control(ctx, "Lab", "deploy"); err != nil {
				t.Errorf("deployed again: %v", err)
			}
			state(t, client, "Lab", "STARTED")
			if s.isLate(s.find("Lab")) {
				t.Error("it is still late")
			}
		})
	}
}

// A deploy script that does not end keeps its channel from being deployed, and no other.
func TestDeployScriptHangs(t *testing.T) {
	channels := t.TempDir()
	text := strings.ReplaceAll(pruned, "TRANSFORMER", rawToRaw)
	write(t, filepath.Join(channels, "a.xml"), strings.ReplaceAll(text, "<properties version", "<deployScript>while (true);</deployScript><properties version"))
	write(t, filepath.Join(channels, "b.xml"), strings.NewReplacer("000000000009", "000000000010", "<name>Lab</name>", "<name>Other</name>").Replace(text))
	_, client, _ := run(t, Options{Data: t.TempDir(), Channels: channels, Listen: "none", ChannelTime: 100 * time.Millisecond})
	state(t, client, "Other", "STARTED")
	if got := state(t, client, "Lab", "UNDEPLOYED"); got.Problem == "" {
		t.Errorf("the channel has no problem: %+v", got)
	}
}
