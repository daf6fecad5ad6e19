package script

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script/java"
)

// channelClasses are ChannelUtil and the Future that it returns.
func channelClasses() []*java.Class {
	static := java.Methods{
		"getChannelNames":       func(c *java.Call) any { return channelList(c, false, func(ch Channel) string { return ch.Name }) },
		"getChannelIds":         func(c *java.Call) any { return channelList(c, false, func(ch Channel) string { return ch.ID }) },
		"getDeployedChannelIds": func(c *java.Call) any { return channelList(c, true, func(ch Channel) string { return ch.ID }) },
		"getDeployedChannelNames": func(c *java.Call) any {
			return channelList(c, true, func(ch Channel) string { return ch.Name })
		},
		"getChannelName":         channelText(false, func(ch Channel) string { return ch.Name }),
		"getDeployedChannelName": channelText(true, func(ch Channel) string { return ch.Name }),
		"getDeployedChannelId":   channelText(true, func(ch Channel) string { return ch.ID }),
		"isChannelDeployed": func(c *java.Call) any {
			ch, ok := findChannel(c)
			return ok && deployed(ch)
		},
		"getChannelState": func(c *java.Call) any {
			if ch, ok := findChannel(c); ok && deployed(ch) {
				return stateOf(c, ch.State)
			}
			return nil
		},
		"getConnectorState": func(c *java.Call) any {
			if ch, ok := findChannel(c); ok {
				if s, ok := ch.Connectors[c.Int(1)]; ok {
					return stateOf(c, s)
				}
			}
			return nil
		},
	}
	for _, a := range []Action{StartChannel, StopChannel, PauseChannel, ResumeChannel, HaltChannel, DeployChannel,
		UndeployChannel, StartConnector, StopConnector, ResetStatistics} {
		static[string(a)] = func(c *java.Call) any { return control(c, a) }
	}
	for name, s := range map[string]weir.Status{"Received": weir.Received, "Filtered": weir.Filtered, "Queued": weir.Queued,
		"Sent": weir.Sent, "Error": weir.Error} {
		static["get"+name+"Count"] = func(c *java.Call) any {
			ch, ok := findChannel(c)
			if !ok {
				return nil
			}
			id := -1
			if c.Len() > 1 {
				id = c.Int(1)
			}
			n, ok := runOf(c).host(c).Count(ch.ID, id, s)
			if !ok {
				return nil
			}
			return java.Object(n)
		}
	}
	return []*java.Class{
		{Name: "com.mirth.connect.server.userutil.ChannelUtil", Static: static},
		{Name: "com.mirth.connect.server.userutil.Future", Methods: java.Methods{
			"get":         func(c *java.Call) any { return c.This.(*future).get(c) },
			"isDone":      func(c *java.Call) any { return c.This.(*future).done() },
			"cancel":      func(c *java.Call) any { return c.This.(*future).stop() },
			"isCancelled": func(c *java.Call) any { return c.This.(*future).cancelled() },
		}},
	}
}

func deployed(ch Channel) bool { return ch.State != "" && ch.State != weir.Undeployed }

func stateOf(c *java.Call, s weir.State) any {
	if e := c.VM.Enum("com.mirth.connect.userutil.DeployedState", string(s)); e != nil {
		return e
	}
	return c.VM.Enum("com.mirth.connect.userutil.DeployedState", "UNKNOWN")
}

func channelList(c *java.Call, onlyDeployed bool, f func(Channel) string) any {
	l := java.NewList()
	for _, ch := range runOf(c).host(c).Channels() {
		if !onlyDeployed || deployed(ch) {
			l.Add(f(ch))
		}
	}
	return l
}

// findChannel reads an argument that is a channel's id or name.
func findChannel(c *java.Call) (Channel, bool) {
	want := c.Text(0)
	var byName Channel
	found := false
	for _, ch := range runOf(c).host(c).Channels() {
		if ch.ID == want {
			return ch, true
		}
		if ch.Name == want {
			byName, found = ch, true
		}
	}
	return byName, found
}

func channelText(onlyDeployed bool, f func(Channel) string) func(*java.Call) any {
	return func(c *java.Call) any {
		if ch, ok := findChannel(c); ok && (!onlyDeployed || deployed(ch)) {
			return f(ch)
		}
		return nil
	}
}

// future is work on channels that goes on while the script does. It is not
// bound to the run: a script may stop its own channel.
type future struct {
	finished chan struct{}
	cancel   context.CancelFunc
	mu       sync.Mutex
	err      error
	stopped  bool
}

func (*future) JavaClass() string { return "com.mirth.connect.server.userutil.Future" }

func control(c *java.Call, a Action) any {
	r := runOf(c)
	host := r.host(c)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.ctx))
	f := &future{finished: make(chan struct{}), cancel: cancel}
	ch, ok := findChannel(c)
	if !ok {
		f.err = fmt.Errorf("there is no channel %q", c.Text(0))
		close(f.finished)
		cancel()
		return f
	}
	want := Control{Action: a, ChannelID: ch.ID, MetaDataID: -1}
	if c.Len() > 1 && !c.Null(1) {
		want.MetaDataID = c.Int(1)
	}
	if items, ok := c.Items(2); ok && c.Len() > 2 {
		for _, v := range items {
			if s, ok := statusOf(v); ok {
				want.Statuses = append(want.Statuses, s)
			}
		}
	}
	go func() {
		defer close(f.finished)
		defer cancel()
		err := host.Control(ctx, want)
		f.mu.Lock()
		f.err = err
		f.mu.Unlock()
	}()
	return f
}

// get waits for the end of the work, of the run, or of a time given in
// milliseconds.
func (f *future) get(c *java.Call) any {
	r := runOf(c)
	var late <-chan time.Time
	if c.Len() > 0 {
		unit := time.Millisecond
		if c.Len() > 1 {
			unit = java.UnitOf(c.Object(1))
		}
		t := time.NewTimer(java.Lasting(c.Float(0), unit))
		defer t.Stop()
		late = t.C
	}
	select {
	case <-f.finished:
	case <-late:
		panic(c.Throw("java.util.concurrent.TimeoutException", ""))
	case <-r.ctx.Done():
		panic(c.Throw("java.lang.InterruptedException", "waiting was ended"))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		panic(c.Throw("java.util.concurrent.ExecutionException", f.err.Error()))
	}
	return nil
}

func (f *future) done() bool {
	select {
	case <-f.finished:
		return true
	default:
		return false
	}
}

func (f *future) stop() bool {
	if f.done() {
		return false
	}
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	f.cancel()
	return true
}

func (f *future) cancelled() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stopped
}
