package sqlite

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/weir-health/weir"
)

var errNotOpened = errors.New("the channel is not known to the store: it was never opened")

// code returns SQLite's extended result code, or 0 if err is not SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func full(err error) bool { return code(err)&0xff == sqlite3.SQLITE_FULL }

// exists reports a key that is taken.
func exists(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || c == sqlite3.SQLITE_CONSTRAINT_ROWID ||
		c == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

// changesFault reports an error that lies in the values of a change.
func changesFault(err error) bool {
	switch code(err) & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE:
		return true
	}
	return false
}

// fault explains an error of SQLite about the database at path to the person
// who runs Weir. Other errors are returned as they are.
func fault(path string, err error) error {
	hint := ""
	var rejected *rejection
	if errors.As(err, &rejected) {
		return err
	}
	switch code(err) & 0xff {
	case 0:
		return err
	case sqlite3.SQLITE_FULL:
		hint = "Make room on the disk. Nothing is acknowledged until then, and saving goes on by itself."
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		hint = "Another program holds the database. End it, or its transaction."
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		hint = "Let the user that runs Weir write to the data directory and the files in it."
	case sqlite3.SQLITE_CANTOPEN:
		hint = "Check that the data directory exists and that the user that runs Weir may write to it."
	case sqlite3.SQLITE_NOTADB:
		hint = "The file is not a Weir store. Move it away, or name another data directory with --data."
	case sqlite3.SQLITE_CORRUPT:
		hint = "The file is damaged. Stop Weir, keep a copy, and restore a backup."
	case sqlite3.SQLITE_IOERR:
		hint = "Check the disk and the system's log."
	}
	return weir.WithHint(fmt.Errorf("store %s: %w", path, err), "", hint)
}
