package sqlite

import (
	"os"
	"path/filepath"
	"testing"
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
