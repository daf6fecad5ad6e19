package test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/bench"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

// How often the gate kills the engine with its messages in SQLite and in PostgreSQL, 204
// times in all, and how many of the latter come after a crash of the server.
const (
	embeddedKills   = 116
	databaseKills   = 88
	databaseCrashes = 22
)

// kills asks for more than the gate has time for; make crash does.
var kills = flag.Int("kills", 0, "how often each test of crashes kills the engine; 0 means as often as the gate")

// An engine that is killed at random moments under load, and while it starts, on one
// data directory, loses no message that it acknowledged: not from the store, not on the
// way to any destination. At each destination those of a connection arrive in order. One
// that arrives twice is marked there.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an engine many times; leave -short out")
	}
	t.Parallel() // one waits while the other works
	newKillTest(t).run(t, embeddedKills, nil)
}

// The same holds for PostgreSQL, and when it is the server that crashes under load, as
// after pg_ctl stop -m immediate.
func TestKillPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an engine many times; leave -short out")
	}
	t.Parallel() // one waits while the other works
	server := jdbctest.NewPostgreSQL(t)
	newKillTest(t, "--database", server.URL()).run(t, databaseKills, func() { server.Stop(); server.Start() })
}

// killTest is one data directory, the channels on it and what they were sent.
type killTest struct {
	channels, data string
	env, more      []string
	loads          []*killLoad
	kills, crashes int
}

// killLoad is what the listener of one channel was sent over all kills.
type killLoad struct {
	channel, to string
	acked       map[string][][]int // by run
	accepted    int
	outlets     []outlet
}

// outlet is a destination that all messages of a load come to.
type outlet struct {
	channel, destination string
	sink                 *bench.Sink
}

func newKillTest(t *testing.T, more ...string) *killTest {
	k := &killTest{channels: t.TempDir(), data: t.TempDir(), more: more}
	files, err := filepath.Glob("kill-channels/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no channels in kill-channels: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(k.channels, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	k.load("Chains", k.listen(t, "CHAINS"), k.outlet(t, "Chains", "First"), k.outlet(t, "Chains", "Second"), k.outlet(t, "Chains", "Third"))
	k.load("Source queue", k.listen(t, "SOURCE_QUEUE"), k.outlet(t, "Source queue", "Fourth"), k.outlet(t, "Source queue", "Fifth"))
	k.load("Refused", k.listen(t, "REFUSED"), k.outlet(t, "Refused", "Sixth"), k.outlet(t, "Buried", "Seventh"))
	// Sixteen processing threads before a queue; and each patient's name an attachment.
	sink, port := newSink(t)
	k.load("C-best", install(t, k.channels, "C", port, "<threadCount>8</threadCount>", "<threadCount>1</threadCount>",
		"<retryIntervalMillis>10000</retryIntervalMillis>", "<retryIntervalMillis>100</retryIntervalMillis>"), outlet{"C-best", "Destination 1", sink})
	sink, port = newSink(t)
	k.load("A-best", install(t, k.channels, "A", port, "<type>None</type>\n      <properties/>", nameHandler), outlet{"A-best", "Destination 1", sink})
	return k
}

// nameHandler takes the patient's name out of messages.
const nameHandler = `<className>com.mirth.connect.server.attachments.regex.RegexAttachmentHandlerProvider</className>
      <type>Regex</type>
      <properties>
        <entry><string>regex.pattern0</string><string>PID\|(?:[^|]*\|){4}([^|]*)</string></entry>
        <entry><string>regex.mimetype0</string><string>text/plain</string></entry>
      </properties>`

func (k *killTest) load(channel, to string, outlets ...outlet) {
	k.loads = append(k.loads, &killLoad{channel: channel, to: to, acked: map[string][][]int{}, outlets: outlets})
}

// listen chooses the port of a channel's listener.
func (k *killTest) listen(t *testing.T, name string) (to string) {
	port := strconv.Itoa(freePort(t))
	k.env = append(k.env, "KILL_"+name+"="+port)
	return net.JoinHostPort("127.0.0.1", port)
}

// outlet opens the sink of a destination.
func (k *killTest) outlet(t *testing.T, channel, destination string) outlet {
	sink, port := newSink(t)
	k.env = append(k.env, fmt.Sprintf("KILL_%s=%d", strings.ToUpper(destination), port))
	return outlet{channel, destination, sink}
}

// run kills the engine so many times: every sixth time while it starts, else under load.
// crash, if there is one, comes before every fourth kill, under the same load.
func (k *killTest) run(t *testing.T, times int, crash func()) {
	if *kills > 0 {
		times = *kills
	}
	for k.kills < times {
		if k.kills%6 == 5 {
			e := launch(t, k.data, k.channels, k.env, k.more...)
			<-time.After(time.Duration(rand.IntN(50)) * time.Millisecond)
			e.kill()
		} else {
			k.killUnderLoad(t, crash)
		}
		k.kills++
	}
	if want := times * databaseCrashes / databaseKills; crash != nil && k.crashes < want {
		t.Errorf("the server crashed %d times, want %d", k.crashes, want)
	}
	e := startWith(t, k.data, k.channels, k.env, k.more...)
	for _, l := range k.loads {
		l.judge(t, e, k.kills)
	}
	e.stop()
}

func (k *killTest) killUnderLoad(t *testing.T, crash func()) {
	e := startWith(t, k.data, k.channels, k.env, k.more...)
	ctx, cancel := context.WithCancel(context.Background())
	var driving sync.WaitGroup
	for i, l := range k.loads {
		driving.Go(func() { l.drive(t, ctx, fmt.Sprintf("%d-%d", i, k.kills)) })
	}
	k.progress(e)
	if crash != nil && k.kills%4 == 0 {
		crash()
		k.crashes++
		k.progress(e)
	}
	e.kill()
	cancel()
	driving.Wait()
}

// progress waits until some more messages have arrived, however fast the machine is, and
// then for a moment, so that what is done may be anything.
func (k *killTest) progress(e *engine) {
	e.t.Helper()
	arrived := func() (n int) {
		for _, l := range k.loads {
			for _, o := range l.outlets {
				n += o.sink.Total()
			}
		}
		return n
	}
	enough := arrived() + rand.IntN(60)
	e.until("messages to arrive", func() bool { return arrived() >= enough })
	<-time.After(time.Duration(rand.IntN(10_000)) * time.Microsecond)
}

func (l *killLoad) drive(t *testing.T, ctx context.Context, run string) {
	r, err := bench.Drive(ctx, bench.Load{To: l.to, Connections: 3, Messages: 1 << 30, Run: run, Timeout: 20 * time.Second})
	if err != nil {
		t.Error(err)
	}
	l.acked[run] = r.Acked
	l.accepted += int(r.Accepted)
}

func (l *killLoad) judge(t *testing.T, e *engine, kills int) {
	if l.accepted < kills/8 {
		t.Errorf("%s: only %d messages were accepted: the load did not run\n%s", l.channel, l.accepted, e.log)
	}
	for i, o := range l.outlets {
		counts := settled(t, e, o.channel)
		if i == 0 || o.channel != l.outlets[i-1].channel {
			counts.judge(t, e, o.channel)
			if counts.messages < l.accepted {
				t.Errorf("%s: %d messages are in the store, %d were acknowledged", o.channel, counts.messages, l.accepted)
			}
		}
		repeated := 0
		for run, numbers := range l.acked {
			v := o.sink.Await(context.Background(), run, numbers, 5*time.Second)
			if v.Missing != 0 {
				t.Errorf("%s: %d acknowledged messages are missing, such as %v", o.destination, v.Missing, v.MissingIDs)
			}
			if v.OutOfOrder != 0 {
				t.Errorf("%s: %d messages are out of order in %s", o.destination, v.OutOfOrder, run)
			}
			repeated += v.Repeated
			for _, id := range v.RepeatedIDs {
				o.judgeRepeated(t, e, id)
			}
		}
		t.Logf("%s, %s: %d accepted over %d kills; %d arrived twice, %d are marked", o.channel, o.destination,
			l.accepted, kills, repeated, counts.marked[o.destination])
	}
	if l.channel == "A-best" {
		judgeAttachments(t, e, l.channel)
	}
}

// judgeRepeated sees that a message that arrived more than once says so.
func (o *outlet) judgeRepeated(t *testing.T, e *engine, id string) {
	list, err := e.API.Messages(context.Background(), o.channel, api.MessageQuery{Control: id})
	if err != nil || len(list) != 1 {
		t.Errorf("%s: %d messages have the control id %s, error %v, want one", o.channel, len(list), id, err)
		return
	}
	for _, cm := range list[0].Connectors {
		if cm.Name == o.destination && !cm.MaybeTwice {
			t.Errorf("%s: message %d, %s, arrived twice without a mark: %+v", o.destination, list[0].ID, id, cm)
		}
	}
}

// recounted is what a channel's messages are by a look at each.
type recounted struct {
	messages, unprocessed int
	by                    map[string]api.Counts // by connector
	marked                map[string]int        // as possibly delivered twice
}

// settled recounts a channel when none of its messages is on its way any more.
func settled(t *testing.T, e *engine, channel string) (r recounted) {
	t.Helper()
	e.until("all messages to be processed", func() bool {
		if e.channel(channel).Queued > 0 {
			return false
		}
		r = recount(t, e, channel)
		return r.unprocessed == 0
	})
	return r
}

func recount(t *testing.T, e *engine, channel string) recounted {
	t.Helper()
	r := recounted{by: map[string]api.Counts{}, marked: map[string]int{}}
	eachMessage(t, e, channel, func(m api.Message) {
		r.messages++
		if !m.Processed {
			r.unprocessed++
		}
		for _, cm := range m.Connectors {
			n := r.by[cm.Name]
			n.Received++
			switch cm.Status {
			case "SENT":
				n.Sent++
			case "ERROR":
				n.Errored++
			case "FILTERED":
				n.Filtered++
			case "QUEUED":
				n.Queued++
			}
			r.by[cm.Name] = n
			if cm.MaybeTwice {
				r.marked[cm.Name]++
			}
		}
	})
	return r
}

// judge sees that the statistics of each connector are what the recount gives.
func (r recounted) judge(t *testing.T, e *engine, channel string) {
	t.Helper()
	for _, c := range e.channel(channel).Connectors {
		if c.Counts != r.by[c.Name] {
			t.Errorf("%s, %s: statistics say %+v, a recount says %+v", channel, c.Name, c.Counts, r.by[c.Name])
		}
	}
}

// judgeAttachments sees that each message of a channel has the attachment whose token
// stands in it.
func judgeAttachments(t *testing.T, e *engine, channel string) {
	eachMessage(t, e, channel, func(listed api.Message) {
		m, err := e.API.Message(context.Background(), channel, listed.ID)
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
			t.Errorf("%s: message %d has the attachments %v and is\n%s", channel, m.ID, m.Attachments, raw)
		}
	})
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
