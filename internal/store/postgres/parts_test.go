package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

const day = 24 * time.Hour

// A database of schema 5, as the engine before parts has left it, opens with all that is
// in it. Message 1 is queued and imported is 2; 3 has an attachment and 4 a large one; 5 is
// not finished and 6 has no time.
func TestMigratesMessages(t *testing.T) {
	databaseURL := newDatabase(t)
	text, err := os.ReadFile("testdata/schema5.sql")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, databaseURL, string(text))
	s := mustOpen(t, Options{URL: databaseURL})
	list, err := s.Messages(ctx, store.Query{ChannelID: "bench"})
	if got := idsOf(list); err != nil || !slices.Equal(got, []int64{6, 5, 4, 3, 2, 1}) {
		t.Fatalf("messages: got %v, error %v", got, err)
	}
	if list[4].ImportID != 77 || list[4].ImportChannelID != "elsewhere" {
		t.Errorf("imported from: got %+v", list[4])
	}
	for id := int64(1); id <= 6; id++ {
		m, err := s.Message(ctx, "bench", id)
		if err != nil || m.Connectors[0].Text(weir.Raw) != "old xxxxxx"[:4+id] {
			t.Errorf("message %d: got %+v, error %v", id, m, err)
		}
		key := fmt.Sprintf("key%d", id)
		found, err := s.Messages(ctx, store.Query{ChannelID: "bench", Terms: []store.Term{{Kind: store.ControlTerm, Value: key}}})
		if err != nil || len(found) != 1 || found[0].ID != id {
			t.Errorf("message %d by its term: got %v, error %v", id, idsOf(found), err)
		}
		if got, _, err := s.FindKey(ctx, "bench", key); err != nil || got != id {
			t.Errorf("message %d by its key: got %d, error %v", id, got, err)
		}
	}
	queued, err := s.Queued(ctx, "bench", 1, 0, 10)
	if got := idsOf(queued); err != nil || !slices.Equal(got, []int64{1}) {
		t.Errorf("queued: got %v, error %v", got, err)
	}
	if m, err := s.Unfinished(ctx, "bench", 0, 10); err != nil || len(m) != 1 || m[0].ID != 5 {
		t.Errorf("unfinished: got %v, error %v", idsOf(m), err)
	}
	for id, want := range map[int64]string{3: "attached", 4: "a large one"} {
		infos, err := s.Attachments(ctx, "bench", id)
		if err != nil || len(infos) != 1 {
			t.Fatalf("attachments of %d: %v, error %v", id, infos, err)
		}
		if a, err := s.Attachment(ctx, "bench", id, infos[0].ID); err != nil || string(a.Content) != want {
			t.Errorf("attachment of %d: got %+v, error %v, want %q", id, a, err, want)
		}
	}
	if loose, err := s.LooseBlobs(ctx, 10); err != nil || len(loose) != 1 {
		t.Errorf("loose blobs: got %v, error %v", loose, err)
	} else if err := s.DropBlob(ctx, loose[0]); err != nil {
		t.Error(err)
	}

	// What is under way comes to its end where it is, and new ones come elsewhere.
	c := benchReceived(5)
	c.Message.Received = time.Date(2024, 3, 15, 12, 0, 0, 0, time.UTC)
	if err := s.Save(ctx, benchFinished(c)); err != nil {
		t.Error(err)
	}
	if err := s.Save(ctx, benchReceived(7)); err != nil {
		t.Error(err)
	}
	if err := s.Save(ctx, benchReceived(3)); !errors.Is(err, store.ErrExists) {
		t.Errorf("a message that is there already: got error %v, want %v", err, store.ErrExists)
	}

	// And all of it goes at last, but for what waits.
	old := time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)
	n, err := s.Expire(ctx, map[string]store.Limits{"bench": {Messages: old, Errored: old}})
	if err != nil || n.Messages != 5 {
		t.Errorf("expired: got %+v, error %v, want 5 messages", n, err)
	}
	list, err = s.Messages(ctx, store.Query{ChannelID: "bench"})
	if got := idsOf(list); err != nil || !slices.Equal(got, []int64{7, 1}) {
		t.Errorf("left: got %v, error %v, want 7 and 1", got, err)
	}
	execute(t, databaseURL, "SELECT 1 / (count(*) = 0)::int FROM pg_class WHERE relkind = 'r' AND (relname LIKE 'contents_0_%' OR relname = 'messages_1')")
}

func idsOf(list []*weir.Message) (ids []int64) {
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return ids
}

// Parts that are full are followed by others while traffic goes on, and an engine that
// starts anew finds what is in them.
func TestPartsFill(t *testing.T) {
	databaseURL := newDatabase(t)
	s := mustOpen(t, Options{URL: databaseURL, PartMessages: 100})
	stop := saveMany(s)
	until(t, "ten parts", func() bool { return len(s.parts.numbers()) > 10 })
	for id := int64(1 << 20); id < 1<<20+3; id++ { // these stay, and have no terms
		if err := s.Save(ctx, benchReceived(id)); err != nil {
			t.Fatal(err)
		}
	}
	received, finished := stop()
	for id := int64(1 << 20); id < 1<<20+3; id++ {
		received[id] = true
	}
	judge(t, s, received, finished)
	for _, inOrder := range []bool{true, false} {
		if inOrder {
			s.StoppedInOrder()
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, Options{URL: databaseURL, PartMessages: 100})
		judge(t, s, received, finished)
	}
	// All of it goes, but for what is not finished.
	later := time.Now().Add(time.Hour)
	n, err := s.Expire(ctx, map[string]store.Limits{"bench": {Messages: later, Errored: later}})
	if err != nil || n.Messages != int64(len(finished)) {
		t.Errorf("expired %+v, error %v, want %d messages", n, err, len(finished))
	}
	list, err := s.Messages(ctx, store.Query{ChannelID: "bench", Limit: 1000})
	if err != nil || len(list) != len(received)-len(finished) {
		t.Errorf("%d messages are left, error %v, want the %d that are not finished", len(list), err, len(received)-len(finished))
	}
}

// aged saves messages: 1 to 40 were received 40 days ago, 41 to 60 now. 3 is queued, 5 is
// pending, 7 is not finished, and 9 has failed; 11 to 13 have attachments, of which those of
// 12 and 13 are large; so has 3.
func aged(t *testing.T, s *Store) {
	t.Helper()
	for id := int64(1); id <= 60; id++ {
		c := benchReceived(id)
		if id <= 40 {
			c.Message.Received = time.Now().Add(-40*day + time.Duration(id)*time.Second)
		}
		c.Terms = []store.Term{{Kind: store.ControlTerm, Value: fmt.Sprint(id)}}
		switch id {
		case 11:
			c.Attachments = []weir.Attachment{{ID: "a", Content: []byte("small")}}
		case 3, 12, 13:
			b, err := s.KeepBlob(ctx, "bench", &repeated{n: 3 << 20}, false)
			if err != nil {
				t.Fatal(err)
			}
			c.Large = []store.Large{{ID: "a", Blob: *b}}
		}
		if err := s.Save(ctx, c); err != nil {
			t.Fatal(err)
		}
		if id == 7 {
			continue
		}
		f := benchFinished(c)
		switch d := f.Connectors[1].Connector; id {
		case 3:
			d.Status = weir.Queued
		case 5:
			d.Status = weir.Pending
		case 9:
			d.Status = weir.Error
		}
		if err := s.Save(ctx, f); err != nil {
			t.Fatal(err)
		}
	}
}

// repeated are so many bytes.
type repeated struct{ n int }

func (r *repeated) Read(p []byte) (int, error) {
	n := min(len(p), r.n)
	if r.n -= n; n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		p[i] = 'x'
	}
	return n, nil
}

func opened(t *testing.T, databaseURL string) *Store {
	t.Helper()
	s := mustOpen(t, Options{URL: databaseURL})
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{Messages: 30, Contents: 7}); err != nil {
		t.Fatal(err)
	}
	return s
}

// whole sees that messages are there with all that is kept of them, and no others.
func whole(t *testing.T, s *Store, want ...int64) {
	t.Helper()
	list, err := s.Messages(ctx, store.Query{ChannelID: "bench", Limit: 1000})
	slices.Sort(want)
	slices.Reverse(want)
	if got := idsOf(list); err != nil || !slices.Equal(got, want) {
		t.Errorf("got messages %v, error %v, want %v", got, err, want)
	}
	for _, id := range want {
		m, err := s.Message(ctx, "bench", id)
		if err != nil || !m.Connectors[0].Contents[weir.Raw].Set {
			t.Errorf("message %d: error %v, or it lost its contents", id, err)
		}
		found, err := s.Messages(ctx, store.Query{ChannelID: "bench", Terms: []store.Term{{Kind: store.ControlTerm, Value: fmt.Sprint(id)}}})
		if err != nil || len(found) != 1 || found[0].ID != id {
			t.Errorf("message %d by its term: got %v, error %v", id, idsOf(found), err)
		}
		if id != 3 && id != 12 && id != 13 {
			continue
		}
		if a, err := s.Attachment(ctx, "bench", id, "a"); err != nil || len(a.Content) != 3<<20 {
			t.Errorf("attachment of message %d: error %v, or not all of it", id, err)
		}
	}
}

func upTo(from, to int64) (ids []int64) {
	for id := from; id <= to; id++ {
		ids = append(ids, id)
	}
	return ids
}

// A part that has aged goes but for what is not done; traffic that comes at the same time
// meets its messages before or after.
func TestExpire(t *testing.T) {
	// Blobs are in the part of today, their messages in one of another day.
	t.Run("by day", func(t *testing.T) { expire(t, opened(t, newDatabase(t)), 2) })
	// All messages up to 40 are in one part, with their blobs.
	t.Run("by number", func(t *testing.T) { expire(t, mustOpen(t, Options{URL: newDatabase(t), PartMessages: 40}), 0) })
}

func expire(t *testing.T, s *Store, blobsLeft int) {
	aged(t, s)
	before, err := s.Statistics(ctx, "bench")
	if err != nil {
		t.Fatal(err)
	}
	month := time.Now().Add(-30 * day)
	for _, none := range []map[string]store.Limits{nil, {"another": {Messages: month}}, {"bench": {}}, {"bench": {Messages: time.Now().Add(-50 * day)}}} {
		if n, err := s.Expire(ctx, none); err != nil || n != (store.Expired{}) {
			t.Errorf("%v: expired %+v, error %v, want nothing", none, n, err)
		}
	}
	whole(t, s, upTo(1, 60)...)
	n, err := s.Expire(ctx, map[string]store.Limits{"bench": {Messages: month}})
	if err != nil || n != (store.Expired{Messages: 36}) {
		t.Errorf("expired %+v, error %v, want 36 messages", n, err)
	}
	whole(t, s, append(upTo(41, 60), 3, 5, 7, 9)...)
	if after, err := s.Statistics(ctx, "bench"); err != nil || after[0] != before[0] || after[1] != before[1] {
		t.Errorf("statistics: got %+v, error %v, want %+v", after, err, before)
	}
	// The blobs of what went are gone, or are loose: none is lost.
	loose, err := s.LooseBlobs(ctx, 10)
	if err != nil || len(loose) != blobsLeft {
		t.Errorf("loose: got %v, error %v, want %d", loose, err, blobsLeft)
	}
	queued, err := s.Queued(ctx, "bench", 1, 0, 10)
	if got := idsOf(queued); err != nil || !slices.Equal(got, []int64{3}) {
		t.Errorf("queued: got %v, error %v", got, err)
	}
	// What stayed comes to its end where it is now.
	c := benchReceived(7)
	if err := s.Save(ctx, benchFinished(c)); err != nil {
		t.Error(err)
	}
	if m, err := s.Unfinished(ctx, "bench", 0, 10); err != nil || len(m) != 0 {
		t.Errorf("unfinished: got %v, error %v, want none", idsOf(m), err)
	}
	if err := s.Save(ctx, benchReceived(9)); !errors.Is(err, store.ErrExists) {
		t.Errorf("a message that stayed: got error %v, want %v", err, store.ErrExists)
	}
	if removed, err := s.Remove(ctx, "bench", []int64{3, 5, 7, 9}, false); err != nil || len(removed) != 4 {
		t.Errorf("removed %v, error %v", removed, err)
	}
	whole(t, s, upTo(41, 60)...)
}

// Contents may go before their messages.
func TestExpireContents(t *testing.T) {
	t.Run("by day", func(t *testing.T) { expireContents(t, opened(t, newDatabase(t))) })
	t.Run("by number", func(t *testing.T) { expireContents(t, mustOpen(t, Options{URL: newDatabase(t), PartMessages: 40})) })
}

func expireContents(t *testing.T, s *Store) {
	aged(t, s)
	week := time.Now().Add(-7 * day)
	limits := map[string]store.Limits{"bench": {Contents: week, Errored: week}}
	for _, want := range []int64{37, 0} {
		if n, err := s.Expire(ctx, limits); err != nil || n != (store.Expired{Contents: want}) {
			t.Errorf("expired %+v, error %v, want the contents of %d", n, err, want)
		}
	}
	if list, err := s.Messages(ctx, store.Query{ChannelID: "bench", Limit: 1000}); err != nil || len(list) != 60 {
		t.Errorf("%d messages are left, error %v, want all 60", len(list), err)
	}
	for _, id := range upTo(1, 60) {
		stays := id == 3 || id == 5 || id == 7 || id > 40
		m, err := s.Message(ctx, "bench", id)
		if err != nil || m.Connectors[0].Contents[weir.Raw].Set != stays {
			t.Errorf("message %d: error %v, or its contents are there and should not be, or the other way round", id, err)
		}
		if infos, err := s.Attachments(ctx, "bench", id); err != nil || (len(infos) > 0) != (id == 3) {
			t.Errorf("message %d has attachments %v, error %v", id, infos, err)
		}
	}
	if a, err := s.Attachment(ctx, "bench", 3, "a"); err != nil || len(a.Content) != 3<<20 {
		t.Errorf("the attachment of a queued message: error %v, or not all of it", err)
	}
}

// failing is a transaction before one of whose statements something happens.
type failing struct {
	pgx.Tx
	after int
	what  func()
}

func (f *failing) count() {
	if f.after--; f.after == 0 {
		f.what()
	}
}

func (f *failing) Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error) {
	f.count()
	return f.Tx.Exec(ctx, text, args...)
}

func (f *failing) Query(ctx context.Context, text string, args ...any) (pgx.Rows, error) {
	f.count()
	return f.Tx.Query(ctx, text, args...)
}

func (f *failing) QueryRow(ctx context.Context, text string, args ...any) pgx.Row {
	f.count()
	return f.Tx.QueryRow(ctx, text, args...)
}

// A server that crashes in the middle of a drop has dropped nothing.
func TestDropCrashes(t *testing.T) {
	server := jdbctest.NewPostgreSQL(t)
	s := opened(t, server.URL())
	aged(t, s)
	all := upTo(1, 60)
	month := time.Now().Add(-30 * day)
	channel, _ := s.channels.find("bench")
	limits := map[int32]store.Limits{channel.number: {Messages: month}}
	var part int32
	for _, one := range s.parts.having(channel.number, 1) {
		part = one
	}
	crashes := 0
	for after := 1; ; after += 8 {
		d := &drop{s: s, part: part, limits: limits}
		crashed := false
		err := d.once(ctx, time.Second, func(ctx context.Context, tx pgx.Tx) error {
			return d.messages(ctx, &failing{tx, after, func() {
				crashed = true
				server.Stop()
				server.Start()
			}})
		})
		if !crashed {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if crashes++; err == nil {
			t.Fatal("the server crashed, and no error came")
		}
		s.read.Reset()
		whole(t, s, all...)
	}
	if crashes < 3 {
		t.Errorf("%d crashes: the test did not meet its case", crashes)
	}
	// Now it is dropped, and the engine was not told: it finds out by itself.
	if err := s.Save(ctx, benchFinished(benchReceived(7))); err != nil {
		t.Error(err)
	}
	whole(t, s, append(upTo(41, 60), 3, 5, 7, 9)...)
}

// A part whose tables somebody reads for long waits, and traffic does not.
func TestDropWaits(t *testing.T) {
	databaseURL := newDatabase(t)
	s := opened(t, databaseURL)
	aged(t, s)
	reader, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close(ctx)
	channel, _ := s.channels.find("bench")
	part := s.parts.having(channel.number, 1)[0]
	tx, err := reader.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "LOCK TABLE "+tableOf("messages", part)+" IN ACCESS SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	var expired store.Expired
	var all sync.WaitGroup
	all.Go(func() {
		var err error
		if expired, err = s.Expire(ctx, map[string]store.Limits{"bench": {Messages: time.Now().Add(-30 * day)}}); err != nil {
			t.Error(err)
		}
	})
	until(t, "the drop to wait", func() bool {
		var waits bool
		err := reader.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')").Scan(&waits)
		return err == nil && waits
	})
	for id := int64(100); id < 110; id++ {
		c := benchReceived(id)
		if err := s.Save(ctx, c); err != nil {
			t.Error(err)
		}
		if err := s.Save(ctx, benchFinished(c)); err != nil {
			t.Error(err)
		}
	}
	tx.Rollback(ctx)
	all.Wait()
	if expired.Messages != 36 {
		t.Errorf("expired %+v, want 36 messages", expired)
	}
}

// Lists by time miss nothing, however ids and times are mixed.
func TestListsByTime(t *testing.T) {
	s := mustOpen(t, Options{URL: newDatabase(t), PartMessages: 300})
	begin := time.Date(2024, 3, 10, 0, 0, 0, 0, time.UTC)
	at := func(id int64) time.Time { return begin.Add(time.Duration(id*7919%1000) * time.Hour) }
	var all sync.WaitGroup
	for n := range int64(20) {
		all.Go(func() {
			for id := n + 1; id <= 1000; id += 20 {
				c := benchReceived(id)
				c.Message.Received = at(id)
				if err := s.Save(ctx, c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, c := range []struct{ since, until time.Time }{
		{begin.Add(100 * time.Hour), begin.Add(200 * time.Hour)}, {time.Time{}, begin.Add(time.Hour)},
		{begin.Add(900 * time.Hour), time.Time{}}, {begin.Add(-time.Hour), begin}, {begin.Add(2000 * time.Hour), time.Time{}},
	} {
		var want []int64
		for id := int64(1000); id > 0; id-- {
			if (c.since.IsZero() || !at(id).Before(c.since)) && (c.until.IsZero() || at(id).Before(c.until)) {
				want = append(want, id)
			}
		}
		list, err := s.Messages(ctx, store.Query{ChannelID: "bench", Since: c.since, Until: c.until, Limit: 1000})
		if got := idsOf(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("from %v to %v: got %d messages, error %v, want %d", c.since, c.until, len(got), err, len(want))
		}
		few := want[:min(len(want), 10)]
		list, err = s.Messages(ctx, store.Query{ChannelID: "bench", Since: c.since, Until: c.until, Limit: 10})
		if got := idsOf(list); err != nil || !slices.Equal(got, few) {
			t.Errorf("ten from %v to %v: got %v, error %v, want %v", c.since, c.until, got, err, few)
		}
	}
}
