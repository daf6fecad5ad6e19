package test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/bench"
)

// kills is how often the engine is killed.
const kills = 52

// An engine that is killed at random moments under load, on one data directory,
// loses no message that it acknowledged: not from the store, not on the way. Per
// connection they arrive in order. One that arrives twice says so.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an engine many times; leave -short out")
	}
	sink, port := newSink(t)
	channels, data := t.TempDir(), t.TempDir()
	loads := []*killLoad{
		// Answered when delivered.
		{channel: "B-best", to: install(t, channels, "B", port), acked: map[string][][]int{}},
		// Answered when queued, with one queue thread, so that the order is kept.
		{channel: "C-best", to: install(t, channels, "C", port,
			"<threadCount>8</threadCount>", "<threadCount>1</threadCount>",
			"<retryIntervalMillis>10000</retryIntervalMillis>", "<retryIntervalMillis>100</retryIntervalMillis>"),
			acked: map[string][][]int{}},
	}
	for i := range kills {
		e := start(t, data, channels)
		ctx, cancel := context.WithCancel(context.Background())
		var driving sync.WaitGroup
		for _, l := range loads {
			driving.Go(func() { l.drive(t, ctx, fmt.Sprintf("%c%d", l.channel[0], i)) })
		}
		moment := time.NewTimer(time.Duration(rand.IntN(250)) * time.Millisecond)
		<-moment.C
		e.kill()
		cancel()
		driving.Wait()
	}
	e := start(t, data, channels)
	for _, l := range loads {
		e.until("the queue to be empty", func() bool { return e.channel(l.channel).Queued == 0 })
		l.judge(t, e, sink)
	}
	e.stop()
}

// killLoad is what one channel was sent over all kills.
type killLoad struct {
	channel, to string
	acked       map[string][][]int // by run
	accepted    int
}

func (l *killLoad) drive(t *testing.T, ctx context.Context, run string) {
	r, err := bench.Drive(ctx, bench.Load{To: l.to, Connections: 4, Messages: 1 << 30, Run: run, Timeout: 20 * time.Second})
	if err != nil {
		t.Error(err)
	}
	l.acked[run] = r.Acked
	l.accepted += int(r.Accepted)
}

func (l *killLoad) judge(t *testing.T, e *engine, sink *bench.Sink) {
	if l.accepted < kills {
		t.Fatalf("%s: only %d messages were accepted: the load did not run\n%s", l.channel, l.accepted, e.log)
	}
	doubtful, statuses := inStore(t, e, l.channel)
	repeated := 0
	for run, numbers := range l.acked {
		v := sink.Await(context.Background(), run, numbers, 5*time.Second)
		if v.Missing != 0 {
			t.Errorf("%s: %d acknowledged messages are missing at the sink, such as %v", run, v.Missing, v.MissingIDs)
		}
		if v.OutOfOrder != 0 {
			t.Errorf("%s: %d messages are out of order", run, v.OutOfOrder)
		}
		repeated += v.Repeated
	}
	if repeated > doubtful {
		t.Errorf("%s: %d messages arrived twice, but only %d say that they may have", l.channel, repeated, doubtful)
	}
	ch := e.channel(l.channel)
	if int(ch.Sent) != statuses["SENT"] || int(ch.Received) != statuses["messages"] || int(ch.Errored) != statuses["ERROR"] {
		t.Errorf("%s: statistics say %+v, a recount says %v", l.channel, ch.Counts, statuses)
	}
	if statuses["messages"] < l.accepted {
		t.Errorf("%s: %d messages are in the store, %d were acknowledged", l.channel, statuses["messages"], l.accepted)
	}
	t.Logf("%s: %d accepted over %d kills; %d arrived twice, %d say that they may have; %v",
		l.channel, l.accepted, kills, repeated, doubtful, statuses)
}

// inStore goes through all messages of a channel once each is processed.
func inStore(t *testing.T, e *engine, channel string) (doubtful int, statuses map[string]int) {
	t.Helper()
	e.until("all messages to be processed", func() bool {
		doubtful, statuses = recount(t, e, channel)
		return statuses["unprocessed"] == 0
	})
	return doubtful, statuses
}

func recount(t *testing.T, e *engine, channel string) (doubtful int, statuses map[string]int) {
	t.Helper()
	statuses = map[string]int{}
	for before := int64(0); ; {
		page, err := e.API.Messages(context.Background(), channel, api.MessageQuery{Before: before, Limit: api.MaxLimit})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			before = m.ID
			statuses["messages"]++
			if !m.Processed {
				statuses["unprocessed"]++
			}
			for _, cm := range m.Connectors {
				statuses[cm.Status]++
				if cm.MaybeTwice {
					doubtful++
				}
			}
		}
		if len(page) < api.MaxLimit {
			return doubtful, statuses
		}
	}
}
