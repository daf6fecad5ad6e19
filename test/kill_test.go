package test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/bench"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

// nameHandler takes the patient's name out of messages.
const nameHandler = `<className>com.mirth.connect.server.attachments.regex.RegexAttachmentHandlerProvider</className>
      <type>Regex</type>
      <properties>
        <entry><string>regex.pattern0</string><string>PID\|(?:[^|]*\|){4}([^|]*)</string></entry>
        <entry><string>regex.mimetype0</string><string>text/plain</string></entry>
      </properties>`

// kills is how often the engine is killed.
const kills = 52

// An engine that is killed at random moments under load, on one data directory,
// loses no message that it acknowledged: not from the store, not on the way. Per
// connection they arrive in order. One that arrives twice says so.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an engine many times; leave -short out")
	}
	killTest(t, kills, nil)
}

// serverKills is how often the engine is killed that has its messages in PostgreSQL; every
// other time the server crashes before, as after pg_ctl stop -m immediate.
const serverKills = 20

// The same holds for PostgreSQL, and when it is the server that crashes under load.
func TestKillPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an engine many times; leave -short out")
	}
	server := jdbctest.NewPostgreSQL(t)
	killTest(t, serverKills, func() { server.Stop(); server.Start() }, "--database", server.URL())
}

// killTest kills an engine that is started with more arguments; crash, if there is one, comes
// before every other kill, under the same load.
func killTest(t *testing.T, times int, crash func(), more ...string) {
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
		// Each patient's name is an attachment on its way.
		{channel: "A-best", to: install(t, channels, "A", port, "<type>None</type>\n      <properties/>", nameHandler), acked: map[string][][]int{}, attached: true},
	}
	for i := range times {
		e := start(t, data, channels, more...)
		ctx, cancel := context.WithCancel(context.Background())
		var driving sync.WaitGroup
		for _, l := range loads {
			driving.Go(func() { l.drive(t, ctx, fmt.Sprintf("%c%d", l.channel[0], i)) })
		}
		moment := time.NewTimer(time.Duration(rand.IntN(250)) * time.Millisecond)
		<-moment.C
		if crash != nil && i%2 == 1 {
			crash()
			moment.Reset(time.Duration(rand.IntN(250)) * time.Millisecond)
			<-moment.C
		}
		e.kill()
		cancel()
		driving.Wait()
	}
	e := start(t, data, channels, more...)
	for _, l := range loads {
		e.until("the queue to be empty", func() bool { return e.channel(l.channel).Queued == 0 })
		l.judge(t, e, sink, times)
	}
	e.stop()
}

// killLoad is what one channel was sent over all kills.
type killLoad struct {
	channel, to string
	acked       map[string][][]int // by run
	accepted    int
	attached    bool // each message has an attachment
}

func (l *killLoad) drive(t *testing.T, ctx context.Context, run string) {
	r, err := bench.Drive(ctx, bench.Load{To: l.to, Connections: 4, Messages: 1 << 30, Run: run, Timeout: 20 * time.Second})
	if err != nil {
		t.Error(err)
	}
	l.acked[run] = r.Acked
	l.accepted += int(r.Accepted)
}

func (l *killLoad) judge(t *testing.T, e *engine, sink *bench.Sink, times int) {
	if l.accepted < times {
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
	if l.attached {
		l.judgeAttachments(t, e)
	}
	t.Logf("%s: %d accepted over %d kills; %d arrived twice, %d say that they may have; %v",
		l.channel, l.accepted, times, repeated, doubtful, statuses)
}

// judgeAttachments sees that each message in the store has the attachment whose
// token stands in it.
func (l *killLoad) judgeAttachments(t *testing.T, e *engine) {
	eachMessage(t, e, l.channel, func(listed api.Message) {
		m, err := e.API.Message(context.Background(), l.channel, listed.ID)
		if err != nil {
			t.Fatal(err)
		}
		raw := ""
		for _, content := range m.Connectors[0].Contents {
			if content.Name == "Raw" {
				raw = content.Text
			}
		}
		if len(m.Attachments) != 1 || m.Attachments[0].Size != int64(len("Doe^Jane^Q^^Ms")) ||
			!strings.Contains(raw, "|${ATTACH:"+m.Attachments[0].ID+"}|") || strings.Contains(raw, "Doe^Jane^Q") {
			t.Errorf("%s: message %d has the attachments %v and is\n%s", l.channel, m.ID, m.Attachments, raw)
		}
	})
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
	eachMessage(t, e, channel, func(m api.Message) {
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
	})
	return doubtful, statuses
}

// eachMessage goes through all messages of a channel, newest first.
func eachMessage(t *testing.T, e *engine, channel string, do func(api.Message)) {
	t.Helper()
	for before := int64(0); ; {
		page, err := e.API.Messages(context.Background(), channel, api.MessageQuery{Before: before, Limit: api.MaxLimit})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			before = m.ID
			do(m)
		}
		if len(page) < api.MaxLimit {
			return
		}
	}
}
