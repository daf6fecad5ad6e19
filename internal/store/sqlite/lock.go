package sqlite

import (
	"database/sql/driver"
	"fmt"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/weir-health/weir"
)

// lockName is a file that stays empty.
const lockName = "weir.lock"

// lock tells a second engine to stay away: both would give out the same message
// ids and send the same queues. It is an exclusive transaction on an empty
// SQLite file, because SQLite knows how to lock files on every system, and the
// system drops the lock when the process ends, however it ends.
type lock struct{ conn driver.Conn }

func lockDirectory(dir string) (*lock, error) {
	path := filepath.Join(dir, lockName)
	if err := createFile(path); err != nil {
		return nil, err
	}
	conn, err := connect(dsn(path))
	if err != nil {
		return nil, fault(path, err)
	}
	if err := execute(conn, "BEGIN EXCLUSIVE"); err != nil {
		conn.Close()
		return nil, lockFault(dir, err)
	}
	return &lock{conn}, nil
}

func (l *lock) release() error {
	return l.conn.Close() // ends the transaction
}

func lockFault(dir string, err error) error {
	if code(err)&0xff != sqlite3.SQLITE_BUSY {
		return fault(filepath.Join(dir, lockName), err)
	}
	return &weir.Fault{
		Err:  fmt.Errorf("data directory %s is in use by another Weir", dir),
		Hint: "Stop that one first, or name another directory with --data.",
	}
}
