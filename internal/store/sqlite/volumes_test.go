package sqlite

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/weir-health/weir/internal/store"
)

// A large file that nobody needs goes bit by bit, or at once where the store is closed.
func TestRemoveLarge(t *testing.T) {
	for name, closed := range map[string]bool{"beside the traffic": false, "the store is closed": true} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "large.db")
			const size = 3*removedAtOnce + 1
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
			vs := volumes{ending: make(chan struct{}), log: func(text string, err error) { t.Error(text, err) }}
			if closed {
				close(vs.ending)
			}
			vs.shrink(path)
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Size(); !closed && got > removedAtOnce || closed && got < size-removedAtOnce {
				t.Errorf("%d of %d bytes are left", got, size)
			}
			vs.unlink(&volume{path: path})
			vs.removals.Wait()
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("the file is still there, error %v", err)
			}
		})
	}
}

// A read that is the first of its kind needs no connection that other reads hold.
func TestFirstReads(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(ctx, benchReceived(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, Options{Readers: 1}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := s.Message(ctx, "bench", 1); err != nil {
				t.Error(err)
			}
			if _, err := s.CountQueued(ctx, "bench", 1); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
