package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

func mustOpen(t *testing.T, o Options) *Store {
	t.Helper()
	o.Logger = quiet
	s, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// saveMany saves messages with many goroutines until stop is called, which returns the ids
// that were acknowledged as received and as finished.
func saveMany(s *Store) (stop func() (received, finished map[int64]bool)) {
	var over atomic.Bool
	var all sync.WaitGroup
	var mu sync.Mutex
	received, finished := map[int64]bool{}, map[int64]bool{}
	for n := range int64(24) {
		all.Go(func() {
			for id := n + 1; !over.Load(); id += 24 {
				c := benchReceived(id)
				if s.Save(ctx, c) != nil {
					continue
				}
				mu.Lock()
				received[id] = true
				mu.Unlock()
				if s.Save(ctx, benchFinished(c)) != nil {
					continue
				}
				mu.Lock()
				finished[id] = true
				mu.Unlock()
			}
		})
	}
	return func() (map[int64]bool, map[int64]bool) {
		over.Store(true)
		all.Wait()
		return received, finished
	}
}

// judge sees that what was acknowledged is kept, what was refused is not, and the
// statistics are what a count of the rows gives.
func judge(t *testing.T, s *Store, received, finished map[int64]bool) {
	t.Helper()
	if len(finished) == 0 {
		t.Error("nothing was acknowledged: the load did not run")
	}
	counts := map[int]store.Counts{}
	kept := map[int64]*weir.Message{}
	for before := int64(0); ; {
		page, err := s.Messages(ctx, store.Query{ChannelID: "bench", Before: before, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			before, kept[m.ID] = m.ID, m
			for _, c := range m.Connectors {
				n := store.Counts{Received: 1}
				if c.Status == weir.Sent {
					n.Sent = 1
				}
				counts[c.MetaDataID] = counts[c.MetaDataID].Add(n)
			}
		}
	}
	for id := range received {
		if kept[id] == nil {
			t.Errorf("message %d was acknowledged and is lost", id)
		}
	}
	for id, m := range kept {
		if !received[id] {
			t.Errorf("message %d was refused and is kept", id)
		}
		if m.Processed != finished[id] {
			t.Errorf("message %d: processed is %v, its end was acknowledged: %v", id, m.Processed, finished[id])
		}
	}
	got, err := s.Statistics(ctx, "bench")
	if err != nil || got[0] != counts[0] || got[1] != counts[1] {
		t.Errorf("statistics: got %+v, error %v, a count gives %+v", got, err, counts)
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		runtime.Gosched()
	}
}

// grows waits until more groups were committed.
func grows(t *testing.T, s *Store) {
	t.Helper()
	before := s.writer.commits.Load()
	until(t, "commits", func() bool { return s.writer.commits.Load() > before+20 })
}

// A server that crashes under load, as after pg_ctl stop -m immediate, loses nothing;
// callers wait until it is back.
func TestServerCrashes(t *testing.T) {
	server := jdbctest.NewPostgreSQL(t)
	s := mustOpen(t, Options{URL: server.URL(), Patience: time.Minute})
	stop := saveMany(s)
	for range 5 {
		grows(t, s)
		server.Stop()
		server.Start()
	}
	grows(t, s)
	received, finished := stop()
	judge(t, s, received, finished)
	t.Logf("%d messages, %d connections lost, %d groups in doubt were found committed", len(finished), s.writer.losses.Load(), s.writer.doubts.Load())
}

// A database that does not answer for longer than the patience refuses changes with a
// clear error, and takes them again when it answers.
func TestPatience(t *testing.T) {
	server := jdbctest.NewPostgreSQL(t)
	s := mustOpen(t, Options{URL: server.URL(), Patience: time.Millisecond})
	if err := s.Save(ctx, benchReceived(1)); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	// The first one may have reached the server: it waits for what became of it.
	first := make(chan error, 1)
	go func() { first <- s.Save(ctx, benchReceived(2)) }()
	until(t, "the loss", func() bool { return s.writer.losses.Load() > 0 })
	err := s.Save(ctx, benchReceived(3))
	if err == nil {
		t.Fatal("a change was taken without a database")
	}
	if !strings.Contains(err.Error(), "goes on by itself") {
		t.Errorf("got error %v, want one that says what becomes of it", err)
	}
	server.Start("default_transaction_read_only=on")
	until(t, "the refusal of a server that is read-only", func() bool {
		err := s.Save(ctx, benchReceived(3))
		return err != nil && strings.Contains(err.Error(), "takes no writes")
	})
	server.Stop()
	server.Start()
	until(t, "the database", func() bool { return s.Save(ctx, benchReceived(4)) == nil })
	if err := <-first; err != nil {
		t.Errorf("the one in doubt: %v", err)
	}
	for _, id := range []int64{1, 2, 4} {
		if _, err := s.Message(ctx, "bench", id); err != nil {
			t.Errorf("message %d: %v", id, err)
		}
	}
	if _, err := s.Message(ctx, "bench", 3); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a refused message: got error %v, want %v", err, store.ErrNotFound)
	}
}

// proxy stands between an engine and its server, and can cut what they say.
type proxy struct {
	net.Listener
	server string
	mu     sync.Mutex
	conns  []net.Conn
	deaf   atomic.Bool // the server's answers do not arrive
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, server: server}
	t.Cleanup(func() { l.Close(); p.cut() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", p.server)
			if err != nil {
				from.Close()
				continue
			}
			p.mu.Lock()
			p.conns = append(p.conns, from, to)
			p.mu.Unlock()
			go func() { io.Copy(to, from); to.Close() }()
			go func() {
				buf := make([]byte, 32<<10)
				for {
					n, err := to.Read(buf)
					if err != nil || p.deaf.Load() {
						break // an answer that is lost
					}
					from.Write(buf[:n])
				}
				from.Close()
			}()
		}
	}()
	return p
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// A connection that is cut while the answer to a commit is on its way leaves its
// outcome in doubt; it is found out, and nothing is doubled or lost.
func TestOutcomeInDoubt(t *testing.T) {
	u, err := url.Parse(newDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, u.Host)
	u.Host = p.Addr().String()
	s := mustOpen(t, Options{URL: u.String(), Patience: time.Minute})
	stop := saveMany(s)
	for i := range 24 {
		grows(t, s)
		losses := s.writer.losses.Load()
		if i%2 == 0 {
			p.deaf.Store(true)
			until(t, "the loss", func() bool { return s.writer.losses.Load() > losses })
			p.deaf.Store(false)
		} else {
			p.cut()
		}
	}
	grows(t, s)
	received, finished := stop()
	judge(t, s, received, finished)
	if s.writer.doubts.Load() == 0 {
		t.Error("no group was in doubt and committed: the test did not meet its case")
	}
	t.Logf("%d messages, %d connections lost, %d groups in doubt were found committed", len(finished), s.writer.losses.Load(), s.writer.doubts.Load())
}

// Of several hosts the one that takes writes is used, and another one when that ends.
func TestFailover(t *testing.T) {
	u, err := url.Parse(newDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	first, second := newProxy(t, u.Host), newProxy(t, u.Host)
	standby := jdbctest.NewPostgreSQL(t)
	execute(t, standby.URL(), "CREATE DATABASE "+u.Path[1:], "ALTER DATABASE "+u.Path[1:]+" SET default_transaction_read_only = on")
	readOnly, _ := url.Parse(standby.URL())
	u.Host = readOnly.Host + "," + first.Addr().String() + "," + second.Addr().String()
	s := mustOpen(t, Options{URL: u.String(), Patience: time.Minute})
	stop := saveMany(s)
	grows(t, s)
	first.Close()
	first.cut()
	grows(t, s)
	received, finished := stop()
	judge(t, s, received, finished)
	if s.writer.losses.Load() == 0 {
		t.Error("no connection was lost")
	}
}

// A deadlock or a serialization failure undoes a group for the sake of others: it is
// tried again.
func TestTransientFailure(t *testing.T) {
	databaseURL := newDatabase(t)
	s := mustOpen(t, Options{URL: databaseURL})
	execute(t, databaseURL, "CREATE SEQUENCE failures",
		`CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('failures') = 1 THEN RAISE EXCEPTION 'could not serialize' USING ERRCODE = '40001'; END IF;
			RETURN NEW; END $$`,
		onEach("messages", "CREATE TRIGGER fail_once BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION fail_once()"))
	if err := s.Save(ctx, benchReceived(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Message(ctx, "bench", 1); err != nil {
		t.Error(err)
	}
}

// A second engine is refused while the first runs, and let in after it.
func TestSecondEngine(t *testing.T) {
	databaseURL := newDatabase(t)
	s := mustOpen(t, Options{URL: databaseURL})
	waited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := Open(waited, Options{URL: databaseURL, Logger: quiet})
	if err == nil || !strings.Contains(err.Error(), "in use by another Weir") {
		t.Errorf("got error %v, want that the database is in use", err)
	}
	s.StoppedInOrder()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s = mustOpen(t, Options{URL: databaseURL}); s.Unclean() {
		t.Error("the engine before stopped in order and is said not to have")
	}
	s.Close()
	if s = mustOpen(t, Options{URL: databaseURL}); !s.Unclean() {
		t.Error("the engine before did not stop in order and is said to have")
	}
}

// An engine that was replaced while its connection was lost writes nothing more.
func TestReplaced(t *testing.T) {
	databaseURL := newDatabase(t)
	s := mustOpen(t, Options{URL: databaseURL})
	execute(t, databaseURL, "UPDATE writer SET holder = 'another'")
	for range 2 {
		err := s.Save(ctx, benchReceived(1))
		if err == nil || !strings.Contains(err.Error(), "has taken the database over") {
			t.Errorf("got error %v, want that it was replaced", err)
		}
		execute(t, databaseURL, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
	}
	if _, err := s.Message(ctx, "bench", 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got error %v, want nothing kept", err)
	}
}

// Engines that start at once make the schema once.
func TestMigrateAtOnce(t *testing.T) {
	databaseURL := newDatabase(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			conn, err := pgx.Connect(ctx, databaseURL)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close(ctx)
			if err := migrate(ctx, conn); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var steps int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM schema").Scan(&steps); err != nil || steps == 0 {
		t.Errorf("got %d steps, error %v", steps, err)
	}
	execute(t, databaseURL, "INSERT INTO schema VALUES (99, 'later', now())")
	if err := migrate(ctx, conn); err == nil || !strings.Contains(err.Error(), "Start the newer version") {
		t.Errorf("a newer schema: got %v", err)
	}
}

func TestURL(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"postgres://weir:geheim@db.example.com/weir", "mode verify-full"},
		{"postgres://weir@db-1.eu.rds.amazonaws.com/weir", "mode verify-full"},
		{"postgres://weir@127.0.0.1/weir", "mode prefer"},
		{"postgres://weir@localhost,127.0.0.1:5433/weir", "mode prefer"},
		{"postgres://weir:geheim@a.example.com:5432,b.example.com:5432/weir?target_session_attrs=read-write", "mode verify-full"},
		{"postgres://weir:geheim@db.example.com/weir?sslmode=disable", "mode disable"},
		{"postgres://weir:geheim@db.example.com/weir?sslmode=prefer", "clear text"},
		{"postgres://weir:geheim@db.example.com/weir?sslmode=sometimes", "cannot be read"},
		{"postgres://weir:geheim@db.example.com:port/weir", "cannot be read"},
		{"mysql://weir:geheim@db.example.com/weir", "not the URL of a PostgreSQL"},
		{"weir", "not the URL of a PostgreSQL"},
	} {
		config, err := parse(c.url)
		got := fmt.Sprint(err)
		if err == nil {
			switch tls := config.TLSConfig; {
			case tls == nil:
				got = "mode disable"
			case tls.InsecureSkipVerify:
				got = "mode prefer"
			default:
				got = "mode verify-full"
			}
			if config.ValidateConnect == nil {
				t.Errorf("%s: a standby would do", c.url)
			}
		}
		if !strings.Contains(got, c.want) || strings.Contains(got, "geheim") {
			t.Errorf("%s: got %s, want %q", c.url, got, c.want)
		}
	}
}
