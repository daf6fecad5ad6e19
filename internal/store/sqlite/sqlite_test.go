package sqlite

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/storetest"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Dialect{New: func(t *testing.T) storetest.Database {
		dir := t.TempDir()
		return storetest.Database{
			Open: func() (store.Store, error) {
				keys, err := store.OpenKeyRing(filepath.Join(dir, "keys"))
				if err != nil {
					return nil, err
				}
				return Open(dir, Options{Logger: quiet, Keys: keys})
			},
			Fill: func(s store.Store) error { return limitPages(s.(*Store), 600) },
			Heal: func(s store.Store) error { return limitPages(s.(*Store), 1<<30) },
		}
	}})
}

// limitPages makes the database as full as a disk would be that has room for so
// many pages. The limit belongs to the connection, so the writer sets it.
func limitPages(s *Store, pages int) error {
	return s.queue.Submit(context.Background(), &entry{Work: func(tx *transaction) error {
		return execute(tx.conn.conn, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	}})
}
