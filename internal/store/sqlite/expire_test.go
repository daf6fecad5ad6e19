package sqlite

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// clock is a time that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

const day = 24 * time.Hour

// monthStore has a channel that keeps messages for 30 days and contents for 7.
func monthStore(t *testing.T, dir string, c *clock) *Store {
	t.Helper()
	keys, err := store.OpenKeyRing(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, Options{Logger: quiet, Now: c.now, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{Messages: 30, Contents: 7}); err != nil {
		t.Fatal(err)
	}
	return s
}

// keep saves a message that was received now, and how it ended.
func keep(t *testing.T, s *Store, c *clock, id int64, status weir.Status, processed bool) {
	t.Helper()
	change := benchReceived(id)
	change.Message.Received = c.at
	change.Connectors[0].Connector.Received = c.at
	change.Key = "key of " + string(rune('a'+id))
	change.Terms = []store.Term{{Kind: store.PatientTerm, Value: "4711"}}
	if id%3 == 0 {
		change.Attachments = []weir.Attachment{{ID: "a", Type: "text/plain", Content: []byte(strings.Repeat("attached ", int(id)))}}
		b, err := s.KeepBlob(ctx, "bench", strings.NewReader(strings.Repeat("b", int(id)+store.ChunkSize)), false)
		if err != nil {
			t.Fatal(err)
		}
		change.Large = []store.Large{{ID: "b", Type: "text/plain", Blob: *b}}
	}
	if err := s.Save(ctx, change); err != nil {
		t.Fatal(err)
	}
	done := benchFinished(change)
	done.Large, done.Attachments, done.Key, done.Terms = nil, nil, "", nil
	done.Message.Processed = processed
	for i := range done.Connectors {
		if m := done.Connectors[i].Connector; m.MetaDataID == 1 {
			m.Status = status
		}
	}
	if err := s.Save(ctx, done); err != nil {
		t.Fatal(err)
	}
}

func idsIn(t *testing.T, s *Store, q store.Query) (ids []int64) {
	t.Helper()
	q.ChannelID = "bench"
	list, err := s.Messages(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return ids
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(filepath.Join(dir, folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if strings.HasSuffix(e.Name(), ".db") {
			names = append(names, e.Name())
		}
	}
	return names
}

func limitsAt(now time.Time) map[string]store.Limits {
	return map[string]store.Limits{"bench": {Messages: now.Add(-30 * day), Contents: now.Add(-7 * day), Errored: now.Add(-90 * day)}}
}

func expire(t *testing.T, s *Store, c *clock, want store.Expired) {
	t.Helper()
	got, err := s.Expire(ctx, limitsAt(c.at))
	if err != nil || got != want {
		t.Errorf("expired: %+v, error %v, want %+v", got, err, want)
	}
}

// fill keeps on three days what ends well, fails, waits, is pending, is not finished.
func fill(t *testing.T, s *Store, c *clock) {
	t.Helper()
	id := int64(1)
	for range 3 {
		keep(t, s, c, id, weir.Sent, true)
		keep(t, s, c, id+1, weir.Sent, true)
		keep(t, s, c, id+2, weir.Error, true)
		keep(t, s, c, id+3, weir.Queued, true)
		keep(t, s, c, id+4, weir.Pending, true)
		keep(t, s, c, id+5, weir.Sent, false)
		id += 6
		c.at = c.at.Add(day)
	}
}

func TestExpire(t *testing.T) {
	dir := t.TempDir()
	c := &clock{begun}
	s := monthStore(t, dir, c)
	fill(t, s, c)
	before, err := s.Statistics(ctx, "bench")
	if err != nil || before[0].Received != 18 {
		t.Fatalf("statistics: %+v, error %v", before, err)
	}
	whole := map[int64]*weir.Message{}
	for id := int64(1); id <= 18; id++ {
		if whole[id], err = s.Message(ctx, "bench", id); err != nil {
			t.Fatal(err)
		}
	}
	check := func(ids ...int64) {
		t.Helper()
		if got := idsIn(t, s, store.Query{}); !equal(got, ids) {
			t.Errorf("there are %v, want %v", got, ids)
		}
		for _, id := range ids {
			m, err := s.Message(ctx, "bench", id)
			if err != nil {
				t.Errorf("message %d: %v", id, err)
				continue
			}
			if id%6 == 0 || id%6 > 2 { // what stays whole
				for i, cm := range m.Connectors {
					if cm.Contents != whole[id].Connectors[i].Contents {
						t.Errorf("message %d, connector %d: other contents", id, i)
					}
				}
			}
			if id%3 == 0 {
				if a, err := s.Attachment(ctx, "bench", id, "a"); err != nil || string(a.Content) != strings.Repeat("attached ", int(id)) {
					t.Errorf("attachment of %d: %v", id, err)
				}
				if a, err := s.Attachment(ctx, "bench", id, "b"); err != nil || len(a.Content) != int(id)+store.ChunkSize {
					t.Errorf("large attachment of %d: %v", id, err)
				}
			}
		}
		if got := idsIn(t, s, store.Query{Terms: []store.Term{{Kind: store.PatientTerm, Value: "4711"}}}); !equal(got, ids) {
			t.Errorf("found by their term: %v, want %v", got, ids)
		}
		now, err := s.Statistics(ctx, "bench")
		if err != nil || now[0] != before[0] || now[1] != before[1] {
			t.Errorf("statistics: %+v, error %v, want %+v", now, err, before)
		}
	}
	all := []int64{18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	c.at = c.at.Add(3 * day)
	expire(t, s, c, store.Expired{})
	check(all...)

	c.at = c.at.Add(3 * day) // contents of the first two days
	expire(t, s, c, store.Expired{Contents: 4})
	check(all...)
	for id := range int64(18) {
		m, err := s.Message(ctx, "bench", id+1)
		if err != nil {
			t.Fatal(err)
		}
		if gone := m.Connectors[0].Text(weir.Raw) == ""; gone != (id < 12 && (id%6 == 0 || id%6 == 1)) {
			t.Errorf("message %d: contents gone: %v", id+1, gone)
		}
	}
	c.at = c.at.Add(23 * day)
	expire(t, s, c, store.Expired{Messages: 4, Contents: 2})
	check(18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 6, 5, 4, 3)
	if n := len(files(t, dir)); n != 2 { // what stayed, and the third day
		t.Errorf("files: %v", files(t, dir))
	}
	c.at = c.at.Add(10 * day)
	expire(t, s, c, store.Expired{Messages: 2})
	check(18, 17, 16, 15, 12, 11, 10, 9, 6, 5, 4, 3)
	if _, _, err := s.FindKey(ctx, "bench", "key of b"); err != nil {
		t.Errorf("the key of a message that is gone: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = monthStore(t, dir, c)
	check(18, 17, 16, 15, 12, 11, 10, 9, 6, 5, 4, 3)
	if last, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{}); err != nil || last != 18 {
		t.Errorf("the highest id is %d, error %v", last, err)
	}
	if got, err := s.Queued(ctx, "bench", 1, 0, 10); err != nil || len(got) != 3 {
		t.Errorf("queued: %d, error %v", len(got), err)
	}
	if got, err := s.Unfinished(ctx, "bench", 0, 10); err != nil || len(got) != 3 {
		t.Errorf("unfinished: %d, error %v", len(got), err)
	}
	// What waited is sent, and what failed is old enough: all of it goes.
	for _, id := range []int64{4, 5, 6, 10, 11, 12, 16, 17, 18} {
		m, err := s.Message(ctx, "bench", id)
		if err != nil {
			t.Fatal(err)
		}
		m.Processed = true
		m.Connector(1).Status = weir.Sent
		change := &store.Change{Message: m, Connectors: []store.ConnectorChange{{Connector: m.Connectors[0]}, {Connector: m.Connector(1)}}}
		if err := s.Save(ctx, change); err != nil {
			t.Fatal(err)
		}
	}
	c.at = c.at.Add(60 * day)
	expire(t, s, c, store.Expired{Messages: 12})
	check()
	if _, err := s.Message(ctx, "bench", 3); err != store.ErrNotFound {
		t.Errorf("message 3: %v", err)
	}
}

func equal(a, b []int64) bool { return slices.Equal(a, b) }

// begun is when the messages of the tests began to come, and later is when those that may
// go have aged.
var begun = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const later = 60 * day

// expireUntil is the process that ends in the middle of a drop.
func expireUntil(dir, step string) {
	reached = func(at string) {
		if at == step {
			os.Exit(9)
		}
	}
	c := &clock{begun.Add(later)}
	s, err := Open(dir, Options{Logger: quiet, Now: c.now})
	if err == nil {
		_, err = s.Expire(ctx, limitsAt(c.at))
	}
	fmt.Fprintln(os.Stderr, "step", step, "was not reached:", err)
	os.Exit(1)
}

// A drop that is killed at any step has happened or has not, and the next one goes through.
func TestExpireCrash(t *testing.T) {
	for _, c := range []struct {
		step  string
		there int // messages
	}{{"written aside", 18}, {"marked as gone", 12}, {"named", 12}} {
		t.Run(c.step, func(t *testing.T) {
			dir := t.TempDir()
			at := &clock{begun}
			s := monthStore(t, dir, at)
			fill(t, s, at)
			before, err := s.Statistics(ctx, "bench")
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-test.run", "^$")
			cmd.Env = append(os.Environ(), crashDir+"="+dir, crashStep+"="+c.step)
			cmd.Stderr = os.Stderr
			if err := cmd.Run(); cmd.ProcessState.ExitCode() != 9 {
				t.Fatal(err)
			}
			at.at = begun.Add(later)
			s = monthStore(t, dir, at)
			left := store.Expired{Messages: int64(c.there - 12)}
			if got := idsIn(t, s, store.Query{}); len(got) != c.there {
				t.Errorf("there are %v, want %d", got, c.there)
			}
			expire(t, s, at, left)
			if got := idsIn(t, s, store.Query{}); len(got) != 12 {
				t.Errorf("there are %v, want 12", got)
			}
			if after, err := s.Statistics(ctx, "bench"); err != nil || !maps.Equal(after, before) {
				t.Errorf("statistics: %+v, error %v, want %+v", after, err, before)
			}
			if names := files(t, dir); len(names) != 1 {
				t.Errorf("files: %v", names)
			}
		})
	}
}

// While volumes are dropped and begun, no message is lost, and who reads one has all of it
// or none.
func TestExpireBesideTraffic(t *testing.T) {
	dir := t.TempDir()
	var days atomic.Int64
	now := func() time.Time { return begun.Add(time.Duration(days.Load()) * day) }
	s, err := Open(dir, Options{Logger: quiet, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{Messages: 30}); err != nil {
		t.Fatal(err)
	}
	const savers, each = 8, 120
	var traffic, reading sync.WaitGroup
	done := make(chan struct{})
	for n := range int64(savers) {
		traffic.Go(func() {
			for i := range int64(each) {
				c := benchReceived(1 + i*savers + n)
				c.Message.Received = now()
				if err := s.Save(ctx, c); err != nil {
					t.Error(err)
				}
				// Every tenth stays unfinished, and so does not go.
				if i%10 != 0 {
					if err := s.Save(ctx, benchFinished(c)); err != nil {
						t.Error(err)
					}
				}
				if n == 0 && i%20 == 19 {
					days.Add(20)
				}
			}
		})
	}
	reading.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			list, err := s.Unfinished(ctx, "bench", 0, 10)
			for _, m := range list {
				if m.Connectors[0].Text(weir.Raw) == "" {
					t.Errorf("message %d has no contents", m.ID)
				}
			}
			if err != nil {
				t.Error(err)
			}
			if _, err := s.Expire(ctx, map[string]store.Limits{"bench": {Messages: now().Add(-30 * day)}}); err != nil {
				t.Error(err)
			}
		}
	})
	traffic.Wait()
	close(done)
	reading.Wait()
	days.Add(100)
	if _, err := s.Expire(ctx, map[string]store.Limits{"bench": {Messages: now().Add(-30 * day)}}); err != nil {
		t.Fatal(err)
	}
	left, err := s.Unfinished(ctx, "bench", 0, 1000)
	if err != nil || len(left) != savers*each/10 {
		t.Errorf("unfinished: %d, error %v, want %d", len(left), err, savers*each/10)
	}
	if list := idsIn(t, s, store.Query{Limit: 1000}); len(list) != len(left) {
		t.Errorf("there are %d, want those that are not finished", len(list))
	}
	counts, err := s.Statistics(ctx, "bench")
	if err != nil || counts[0].Received != savers*each {
		t.Errorf("statistics: %+v, error %v", counts, err)
	}
}

// A message that changes while its volume is written aside is not taken for what it was.
func TestExpireSeesChanges(t *testing.T) {
	c := &clock{begun}
	s := monthStore(t, t.TempDir(), c)
	keep(t, s, c, 1, weir.Sent, true)
	c.at = c.at.Add(later)
	before := reached
	defer func() { reached = before }()
	once := false
	reached = func(step string) {
		if once || step != "written aside" {
			return
		}
		once = true
		m, err := s.Message(ctx, "bench", 1)
		if err != nil {
			t.Error(err)
			return
		}
		m.Processed = false // it begins anew
		if err := s.Save(ctx, &store.Change{Message: m}); err != nil {
			t.Error(err)
		}
	}
	expire(t, s, c, store.Expired{})
	if got := idsIn(t, s, store.Query{}); !equal(got, []int64{1}) || !once {
		t.Errorf("there are %v, want the one that began anew", got)
	}
}
