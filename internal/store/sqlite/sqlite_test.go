package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/bits"
	"path/filepath"
	"testing"
	"time"

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

// A store for which every third commit begins a new day keeps all that others do. Days
// become longer, so that cases with many messages do not take for ever.
func TestStoreOfManyVolumes(t *testing.T) {
	storetest.Run(t, storetest.Dialect{New: func(t *testing.T) storetest.Database {
		dir := t.TempDir()
		commits := 0
		now := func() time.Time {
			commits++
			day := commits / 3
			if day > 20 {
				day = 20 + bits.Len(uint(day))
			}
			return time.Now().AddDate(0, 0, day)
		}
		return storetest.Database{Open: func() (store.Store, error) {
			keys, err := store.OpenKeyRing(filepath.Join(dir, "keys"))
			if err != nil {
				return nil, err
			}
			return Open(dir, Options{Logger: quiet, Keys: keys, Now: now})
		}}
	}})
}

// inNew is the volume that new messages of the first channel go to.
var inNew = place{channel: 1}

// newest reads what inNew writes to.
func newest(t *testing.T, s *Store) *sql.DB {
	t.Helper()
	var in *volume
	err := s.queue.Submit(context.Background(), &entry{Work: work{at: inNew, do: func(tx *transaction) error {
		in = tx.volume
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := s.volumes.readers(in)
	if err != nil {
		t.Fatal(err)
	}
	return files.db
}

// limitPages makes the database as full as a disk would be that has room for so
// many pages. The limit belongs to the connection, so the writer sets it.
func limitPages(s *Store, pages int) error {
	return s.queue.Submit(context.Background(), &entry{Work: work{at: inNew, do: func(tx *transaction) error {
		return execute(tx.conn.conn, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	}}})
}
