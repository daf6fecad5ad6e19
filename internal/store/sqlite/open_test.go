package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Each case prepares a data directory that cannot be opened. The error says
// what is wrong and what to do.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		want    string // in the error
		hint    string // in the hint
	}{
		{"directory is a file", func(t *testing.T, dir string) {
			os.Remove(dir)
			write(t, dir, "")
		}, "cannot be used", "--data"},
		{"not a database", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, FileName), strings.Repeat("something else ", 100))
		}, "not a database", "Move it away"},
		{"database of another program", func(t *testing.T, dir string) {
			run(t, dir, "CREATE TABLE songs (title TEXT)")
		}, "another program", "Move it away"},
		{"newer schema", func(t *testing.T, dir string) {
			s := mustOpen(t, dir)
			s.Close()
			run(t, dir, "INSERT INTO schema VALUES (99, 'from the future', '2030-01-01T00:00:00Z')")
		}, "schema 99", "newer version"},
		{"open already", func(t *testing.T, dir string) {
			mustOpen(t, dir)
		}, "in use by another Weir", "Stop that one"},
		{"cut short", func(t *testing.T, dir string) {
			s := mustOpen(t, dir)
			s.Close()
			if err := os.Truncate(filepath.Join(dir, FileName), 5000); err != nil {
				t.Fatal(err)
			}
		}, "malformed", "restore a backup"},
		{"may not be written", func(t *testing.T, dir string) {
			if os.Getuid() == 0 {
				t.Skip("root may write everywhere")
			}
			os.Chmod(dir, 0o500)
			t.Cleanup(func() { os.Chmod(dir, 0o700) })
		}, "permission denied", "--data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, dir)
			s, err := Open(dir, Options{Logger: quiet})
			if err == nil {
				s.Close()
				t.Fatal("got no error")
			}
			var f *weir.Fault
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want a fault", err)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(f.Hint, c.hint) {
				t.Errorf("got %q, want %q and the hint %q", err, c.want, c.hint)
			}
		})
	}
}

// A store that could not be opened can be once the reason is gone: no lock is
// left behind.
func TestOpenAfterRefusal(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, FileName)
	write(t, file, "something else, and long enough to be looked at as a header of a database, which it is not: 100 bytes")
	if _, err := Open(dir, Options{}); err == nil {
		t.Fatal("got no error")
	}
	os.Remove(file)
	mustOpen(t, dir)
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s := mustOpen(t, dir)
	if _, err := s.OpenChannel(context.Background(), "a", "a", store.Retention{}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 4 {
		t.Fatalf("got %v, error %v", entries, err)
	}
	for _, e := range append(entries, stat(t, dir)) {
		info, err := e.Info()
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %v, error %v", e.Name(), info.Mode(), err)
		}
	}
}

// The directory is a URL to SQLite, whose reserved characters mean themselves.
func TestOddDirectoryNames(t *testing.T) {
	for _, name := range []string{"a b", "a?b", "a#b", "a%20b", "ä'b", "-data"} {
		dir := filepath.Join(t.TempDir(), name)
		s := mustOpen(t, dir)
		if _, err := s.OpenChannel(context.Background(), "a", "a", store.Retention{}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, FileName+"-wal")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestDurabilitySettings(t *testing.T) {
	s := mustOpen(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		err := s.queue.Submit(context.Background(), &entry{Work: work{at: inNew, do: func(tx *transaction) error {
			rows, err := tx.conn.conn.(driver.QueryerContext).QueryContext(context.Background(), "PRAGMA "+pragma, nil)
			if err != nil {
				return err
			}
			defer rows.Close()
			values := make([]driver.Value, 1)
			err = rows.Next(values)
			got = fmt.Sprint(values[0])
			return err
		}}})
		if err != nil || got != want {
			t.Errorf("%s: got %q, error %v, want %q", pragma, got, err, want)
		}
	}
}

// Steps run in order, once, all or none of them.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	first := store.SchemaStep{Number: 1, Name: "first", SQL: "CREATE TABLE a (x); INSERT INTO a VALUES (1)"}
	second := store.SchemaStep{Number: 2, Name: "second", SQL: "INSERT INTO a VALUES (2)"}
	broken := store.SchemaStep{Number: 3, Name: "broken", SQL: "INSERT INTO a VALUES (3); INSERT INTO nowhere VALUES (1)"}
	for _, c := range []struct {
		steps []store.SchemaStep
		fails string
		rows  int
	}{
		{[]store.SchemaStep{first}, "", 1},
		{[]store.SchemaStep{first}, "", 1},
		{[]store.SchemaStep{first, second, broken}, "schema step 3, broken", 1},
		{[]store.SchemaStep{first, second}, "", 2},
		{[]store.SchemaStep{first}, "schema 2", 2},
	} {
		err := migrateTo(path, c.steps)
		if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%d steps: got error %v, want %q", len(c.steps), err, c.fails)
		}
		var rows int
		db, _ := sql.Open("sqlite", dsn(path))
		if err := db.QueryRow("SELECT count(*) FROM a").Scan(&rows); err != nil || rows != c.rows {
			t.Errorf("%d steps: got %d rows, error %v, want %d", len(c.steps), rows, err, c.rows)
		}
		db.Close()
	}
}

func mustOpen(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run changes the database behind the store's back.
func run(t *testing.T, dir, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(filepath.Join(dir, FileName)))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", text, err))
	}
}

func stat(t *testing.T, path string) os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Fatalf("got %v, error %v", entries, err)
	}
	return entries[0]
}
