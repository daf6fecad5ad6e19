package test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	words "github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/bench"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/postgres"
	"github.com/weir-health/weir/internal/store/sqlite"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

// The gate sees that all of it works; docs/performance.md says how it is measured.
var (
	fill     = flag.Int("fill", 20_000, "how many messages TestScale puts into a store before it measures")
	backlog  = flag.Int("backlog", 3_000, "how many queued messages TestBacklog restarts with")
	spread   = flag.Int("spread", 30, "how many channels they are spread over")
	measured = flag.Int("measured", 500, "how many messages a measured load has")
	keep     = flag.String("keep", "", "directory in which TestScale leaves a SQLite store, and takes the one it has left as filled")
)

// backend is a store that tests fill.
type backend struct {
	more []string // arguments of weir serve
	open func(data string) (store.Store, error)
	size func(data string) int64 // bytes on disk
}

// eachBackend runs a test on every store.
func eachBackend(t *testing.T, test func(t *testing.T, b backend)) {
	if testing.Short() {
		t.Skip("fills stores; leave -short out")
	}
	quiet := slog.New(slog.DiscardHandler)
	t.Run("sqlite", func(t *testing.T) {
		test(t, backend{
			open: func(data string) (store.Store, error) { return sqlite.Open(data, sqlite.Options{Logger: quiet}) },
			size: sizeOf,
		})
	})
	t.Run("postgresql", func(t *testing.T) {
		server := jdbctest.NewPostgreSQL(t)
		test(t, backend{
			more: []string{"--database", server.URL()},
			open: func(string) (store.Store, error) {
				return postgres.Open(context.Background(), postgres.Options{URL: server.URL(), Logger: quiet})
			},
			size: func(string) int64 { return sizeOf(filepath.Join(server.Dir(), "data", "base")) },
		})
	})
}

// sizeOf is what the files below a directory have.
func sizeOf(dir string) (n int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// pruneAfter is the retention of the channel that is filled, and filledOver the time over
// which its messages are spread: a fifth of them are too old.
const (
	pruneAfter = 32 * 24 * time.Hour
	filledOver = 40 * 24 * time.Hour
)

// A store that holds many messages takes, lists, finds and prunes as an empty one does.
// What it takes is told and not judged: that is for a quiet machine.
func TestScale(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		sink, port := newSink(t)
		channels, data := t.TempDir(), t.TempDir()
		if *keep != "" {
			data = *keep
		}
		to := install(t, channels, "A", port, "</channel>", `<exportData><metadata><enabled>true</enabled><pruningSettings>`+
			`<pruneMetaDataDays>32</pruneMetaDataDays></pruningSettings></metadata></exportData></channel>`)
		drive := func(run string) {
			r, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 32, Messages: *measured, Run: run})
			if err != nil || r.Accepted != int64(*measured) {
				t.Fatalf("%d of %d accepted, error %v, %v", r.Accepted, *measured, err, r.FirstError)
			}
			t.Logf("%s: %.0f msg/s, p50 %v, p99 %v", run, r.Rate(), r.P50, r.P99)
		}
		e := start(t, data, channels, b.more...)
		drive("warm")
		empty := b.size(data)
		drive("empty")
		t.Logf("on disk: %.0f bytes a message", float64(b.size(data)-empty)/float64(*measured))
		e.stop()

		began := time.Now()
		first := refill(t, b, data, "A-best", *fill)
		t.Logf("filled with %d messages in %v, %d MB", *fill, time.Since(began).Round(time.Second), b.size(data)>>20)

		began = time.Now()
		e = start(t, data, channels, b.more...)
		defer e.stop()
		t.Logf("start: %v", time.Since(began).Round(time.Millisecond))
		drive("full")
		if v := sink.Judge("full", nil); sink.Total() < 3**measured {
			t.Errorf("%d messages arrived: %+v", sink.Total(), v)
		}
		last := int64(*fill) + first - 1
		took := func(what string, want int, q api.MessageQuery) {
			t.Helper()
			var times []time.Duration
			for range 5 {
				began := time.Now()
				list, err := e.API.Messages(context.Background(), "A-best", q)
				if times = append(times, time.Since(began)); err != nil || len(list) != want {
					t.Errorf("%s: %d messages, error %v, want %d", what, len(list), err, want)
				}
			}
			slices.Sort(times)
			t.Logf("%s: %v, at most %v", what, times[len(times)/2].Round(10*time.Microsecond), times[len(times)-1].Round(10*time.Microsecond))
		}
		middle := int64(*fill / 2)
		took("newest page", 100, api.MessageQuery{Limit: 100})
		took("page in the midst", 100, api.MessageQuery{Limit: 100, Before: middle})
		took("newest of a time", 100, api.MessageQuery{Limit: 100, Until: time.Now().Add(-filledOver / 2)})
		took("control id, new", 1, api.MessageQuery{Control: controlOf(*fill - 1)})
		took("control id, old", 1, api.MessageQuery{Control: controlOf(1)})
		took("control id, nowhere", 0, api.MessageQuery{Control: "nowhere"})
		took("patient id", perPatient, api.MessageQuery{Patient: patientOf(*fill / 2)})
		took("errors", 0, api.MessageQuery{Status: []string{"ERROR"}})
		took("queued", 0, api.MessageQuery{Status: []string{"QUEUED"}})

		searched := min(int64(*fill), 200_000)
		began = time.Now()
		list, err := e.API.Messages(context.Background(), "A-best", api.MessageQuery{Text: "is nowhere", After: last - searched})
		if err != nil || len(list) != 0 {
			t.Errorf("text: %d messages, error %v", len(list), err)
		}
		spent := time.Since(began)
		t.Logf("text: %.0f MB/s of messages of 1.6 KB", float64(searched)*1600/1e6/spent.Seconds())

		began = time.Now()
		pruned, err := e.API.Prune(context.Background(), "A-best")
		if want := *fill / 5; err != nil || pruned.Messages < want-2 || pruned.Messages > want+want/50+2 { // time has passed
			t.Errorf("%d messages were pruned, error %v, want %d", pruned.Messages, err, want)
		}
		t.Logf("pruned %d messages in %v", pruned.Messages, time.Since(began).Round(time.Millisecond))
		took("control id of what was pruned", 0, api.MessageQuery{Control: controlOf(1)})
		drive("pruned")
	})
}

func controlOf(n int) string { return fmt.Sprintf("FILL%08d", n) }
func patientOf(n int) string { return fmt.Sprintf("P%07d", n/perPatient) }

// perPatient is how many messages each patient has.
const perPatient = 10

// refill copies a message of a channel as the engine has saved it, so many times, with ids
// of their own, spread over filledOver; those that a former run has left count. It returns
// the first copy's id.
func refill(t *testing.T, b backend, data, channel string, n int) (first int64) {
	t.Helper()
	s, err := b.open(data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if m, ok := s.(interface{ StoppedInOrder() }); ok {
			m.StoppedInOrder()
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	id := channelID(t, channel)
	last, err := s.OpenChannel(context.Background(), id, channel, store.Retention{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := s.Message(context.Background(), id, last)
	if err != nil {
		t.Fatal(err)
	}
	control, patient := identifiers(t, model)
	old, err := s.Messages(context.Background(), store.Query{ChannelID: id, Terms: []store.Term{{Kind: store.ControlTerm, Value: controlOf(n - 1)}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(old) > 0 {
		return old[0].ID - int64(n) + 1
	}
	var next atomic.Int64
	var all sync.WaitGroup
	now := time.Now()
	for range 128 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				at := now.Add(-time.Duration(float64(filledOver) * float64(n-i) / float64(n)))
				replace := strings.NewReplacer(control, controlOf(i), patient, patientOf(i))
				if err := s.Save(context.Background(), copyOf(model, last+1+int64(i), at, replace)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return last + 1
}

// channelID is the id of a bench channel.
func channelID(t *testing.T, channel string) string {
	t.Helper()
	xml, err := os.ReadFile(filepath.Join("bench-channels", channel[:1]+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(xml), "<id>")
	id, _, _ := strings.Cut(rest, "</id>")
	return id
}

// identifiers are the control id and the patient id of a message.
func identifiers(t *testing.T, m *words.Message) (control, patient string) {
	t.Helper()
	raw := m.Connectors[0].Text(words.Raw)
	control = strings.Split(raw, "|")[9]
	_, pid, _ := strings.Cut(raw, "\rPID|1||")
	patient, _, _ = strings.Cut(pid, "^")
	if control == "" || patient == "" {
		t.Fatal("the message has no ids")
	}
	return control, patient
}

// copyOf is a message under another id, as one change.
func copyOf(model *words.Message, id int64, at time.Time, replace *strings.Replacer) *store.Change {
	c := &store.Change{
		Message: &words.Message{ID: id, ChannelID: model.ChannelID, Received: at, Processed: true},
		Insert:  true, Counts: map[int]store.Counts{},
	}
	for _, old := range model.Connectors {
		cm := *old
		cm.MessageID, cm.Received = id, at
		var set []words.ContentType
		for k := range cm.Contents {
			if cm.Contents[k].Set {
				cm.Contents[k].Text = replace.Replace(cm.Contents[k].Text)
				set = append(set, words.ContentType(k))
			}
		}
		if cm.MetaDataID == 0 {
			c.Source = &cm
			c.Terms = []store.Term{{Kind: store.ControlTerm, Value: replace.Replace(strings.Split(old.Text(words.Raw), "|")[9])}}
			_, pid, _ := strings.Cut(cm.Text(words.Raw), "\rPID|1||")
			patient, _, _ := strings.Cut(pid, "^")
			c.Terms = append(c.Terms, store.Term{Kind: store.PatientTerm, Value: patient},
				store.Term{Kind: store.OrderTerm, Value: "ORD" + patient}, store.Term{Kind: store.OrderTerm, Value: "LAB" + patient})
			c.Counts[0] = store.Counts{Received: 1}
		} else {
			n := store.Counts{Received: 1}
			if cm.Status == words.Sent {
				n.Sent = 1
			}
			c.Counts[cm.MetaDataID] = n
		}
		c.Connectors = append(c.Connectors, store.ConnectorChange{Connector: &cm, Insert: true, Contents: set})
	}
	return c
}

// An engine that starts with many queued messages in many channels serves all of them,
// and knows how many wait where.
func TestBacklog(t *testing.T) {
	eachBackend(t, func(t *testing.T, b backend) {
		closed := freePort(t) // nobody takes what is queued
		channels, data := t.TempDir(), t.TempDir()
		xml, err := os.ReadFile("bench-channels/C.xml")
		if err != nil {
			t.Fatal(err)
		}
		listen := make([]string, *spread)
		ids := make([]string, *spread)
		for i := range *spread {
			ids[i] = fmt.Sprintf("00000000-0000-4000-8000-%012d", 1000+i)
			port := freePort(t)
			listen[i] = fmt.Sprintf("127.0.0.1:%d", port)
			text := strings.NewReplacer(channelID(t, "C-best"), ids[i], "C-best", fmt.Sprintf("Backlog %d", i), "<port>6673</port>", fmt.Sprintf("<port>%d</port>", port),
				"<remotePort>6700</remotePort>", fmt.Sprintf("<remotePort>%d</remotePort>", closed), "<threadCount>8</threadCount>", "<threadCount>1</threadCount>").Replace(string(xml))
			if err := os.WriteFile(filepath.Join(channels, fmt.Sprintf("%d.xml", i)), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		e := start(t, data, channels, b.more...)
		if r, err := bench.Drive(context.Background(), bench.Load{To: listen[0], Connections: 1, Messages: 1, Run: "one"}); err != nil || r.Accepted != 1 {
			t.Fatalf("%+v, error %v", r, err)
		}
		e.stop()

		each := *backlog / *spread
		s, err := b.open(data)
		if err != nil {
			t.Fatal(err)
		}
		model, err := s.Message(context.Background(), ids[0], 1)
		if err != nil {
			t.Fatal(err)
		}
		control, patient := identifiers(t, model)
		for i, id := range ids {
			if _, err := s.OpenChannel(context.Background(), id, fmt.Sprintf("Backlog %d", i), store.Retention{}); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for n := range each {
				all.Go(func() {
					one := *model
					one.ChannelID = id
					c := copyOf(&one, 2+int64(n), time.Now(), strings.NewReplacer(control, controlOf(n), patient, patientOf(n)))
					for k := range c.Connectors {
						c.Connectors[k].Connector.ChannelID = id
					}
					if err := s.Save(context.Background(), c); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		if m, ok := s.(interface{ StoppedInOrder() }); ok {
			m.StoppedInOrder()
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}

		began := time.Now()
		e = start(t, data, channels, b.more...)
		ready := time.Since(began)
		for i, to := range listen {
			r, err := bench.Drive(context.Background(), bench.Load{To: to, Connections: 1, Messages: 1, Run: fmt.Sprintf("after-%d", i)})
			if err != nil || r.Accepted != 1 {
				t.Errorf("%s: %+v, error %v", to, r, err)
			}
		}
		t.Logf("%d channels, %d queued: ready after %v, every channel had taken a message after %v", *spread, each**spread,
			ready.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
		list, err := e.API.Channels(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			want := int64(each) + 1
			if c.ID == ids[0] {
				want++
			}
			if c.Queued != want {
				t.Errorf("%s: %d are queued, want %d", c.Name, c.Queued, want)
			}
		}
		e.stop()
	})
}
