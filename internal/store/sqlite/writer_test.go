package sqlite

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

var ctx = context.Background()

// hold makes the writer wait inside a transaction until release is called, so
// that what is saved meanwhile becomes one group.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	err := s.queue.Put(ctx, &entry{Work: work{at: inNew, do: func(*transaction) error {
		once.Do(func() { close(entered) })
		<-leave
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	<-entered
	return func() { close(leave) }
}

// waitFor returns when so many changes wait for the writer, who is held.
func waitFor(s *Store, changes int) {
	for s.queue.Length() < changes {
		runtime.Gosched()
	}
}

func benchStore(t *testing.T) *Store {
	t.Helper()
	s := mustOpen(t, t.TempDir())
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// saveAll saves messages at once and returns each one's error.
func saveAll(s *Store, ids ...int64) map[int64]error {
	var mu sync.Mutex
	var all sync.WaitGroup
	errs := map[int64]error{}
	for _, id := range ids {
		all.Go(func() {
			err := s.Save(ctx, benchReceived(id))
			mu.Lock()
			defer mu.Unlock()
			errs[id] = err
		})
	}
	all.Wait()
	return errs
}

func TestWaitingChangesShareOneCommit(t *testing.T) {
	s := benchStore(t)
	release := hold(t, s)
	before := s.writer.commits.Load()
	errs := make(chan error)
	for id := range int64(100) {
		go func() { errs <- s.Save(ctx, benchReceived(id+1)) }()
	}
	waitFor(s, 100)
	release()
	for range 100 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := s.writer.commits.Load() - before; got != 2 {
		t.Errorf("got %d commits, want 2: the held one and one for all", got)
	}
}

// Reads neither wait for the writer nor see what it has not committed.
func TestReadsDoNotWaitForTheWriter(t *testing.T) {
	s := benchStore(t)
	if err := s.Save(ctx, benchReceived(1)); err != nil {
		t.Fatal(err)
	}
	ready, err := s.prepare(benchReceived(2), store.Small)
	if err != nil {
		t.Fatal(err)
	}
	written, leave, outcome := make(chan error), make(chan struct{}), make(chan error)
	go func() {
		outcome <- s.queue.Submit(ctx, &entry{Work: work{at: inNew, do: func(tx *transaction) error {
			written <- ready.apply(tx)
			<-leave
			return nil
		}}})
	}()
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	for range DefaultReaders + 2 {
		if got, err := s.Unfinished(ctx, "bench", 0, 10); err != nil || len(got) != 1 || got[0].ID != 1 {
			t.Errorf("while the writer is in a transaction: got %d messages, error %v, want message 1", len(got), err)
		}
	}
	close(leave)
	if err := <-outcome; err != nil {
		t.Fatal(err)
	}
	if got, err := s.Unfinished(ctx, "bench", 0, 10); err != nil || len(got) != 2 {
		t.Errorf("after its commit: got %d messages, error %v, want 2", len(got), err)
	}
}

// An error that no change is to blame for refuses the whole group; nothing of it
// is kept, and the writer goes on with a new connection.
func TestFailedGroup(t *testing.T) {
	s := benchStore(t)
	broken := errors.New("the disk is gone")
	err := s.queue.Submit(ctx, &entry{Work: work{at: inNew, do: func(tx *transaction) error {
		ready, err := s.prepare(benchReceived(1), store.Small)
		if err != nil {
			return err
		}
		if err := ready.apply(tx); err != nil {
			return err
		}
		return broken
	}}})
	if !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	if _, err := s.Message(ctx, "bench", 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("message of the failed group: got error %v, want %v", err, store.ErrNotFound)
	}
	for id, err := range saveAll(s, 1, 2, 3) {
		if err != nil {
			t.Errorf("message %d after the failure: %v", id, err)
		}
	}
	if last, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{}); last != 3 || err != nil {
		t.Errorf("got last id %d, error %v, want 3", last, err)
	}
}

// On a disk with little room large changes fail, small ones of the same group pass.
func TestFullDiskSparesSmallChanges(t *testing.T) {
	s := benchStore(t)
	if err := limitPages(s, 60); err != nil {
		t.Fatal(err)
	}
	release := hold(t, s)
	large := benchReceived(1000)
	large.Connectors[0].Connector.Set(weir.Raw, noise(300<<10), "HL7V2")
	failed := make(chan error)
	go func() { failed <- s.Save(ctx, large) }()
	waitFor(s, 1)
	saved := make(chan map[int64]error)
	go func() { saved <- saveAll(s, 1, 2, 3) }()
	waitFor(s, 4)
	release()
	var f *weir.Fault
	if err := <-failed; !errors.As(err, &f) || !strings.Contains(f.Hint, "Make room") {
		t.Errorf("large change: got error %v, want one that asks for room", err)
	}
	for id, err := range <-saved {
		if err != nil {
			t.Errorf("message %d: %v", id, err)
		}
	}
}

func TestLostLazyChangesAreLogged(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(t.TempDir(), Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the first is kept, the others exist already
		c := benchReceived(1)
		c.Lazy = true
		if err := s.Save(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	if !strings.Contains(log.String(), store.ErrExists.Error()) {
		t.Errorf("got log %q, want one that says what was lost", log.String())
	}
}

// noise does not compress.
func noise(n int) string {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return string(b)
}
