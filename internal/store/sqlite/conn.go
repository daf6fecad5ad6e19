package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"

	"modernc.org/sqlite"
)

// What connections are told. FULL makes each commit reach the disk; NORMAL
// would lose the last ones when power fails. Caches are in KiB, negative as
// SQLite wants it, and small: pages are in the system's cache anyway.
const (
	busyTimeout = 5000     // ms; only a foreign process can hold the lock
	writerCache = -4 << 10 // KiB
	baseCache   = -1 << 10 // of weir.db, which little is written to
	readerCache = -1 << 10
	maxWAL      = 64 << 20 // bytes the log is cut back to after it has grown

	// Pages of log after which the writer copies them into the database: 16 MB.
	// Copying in a goroutine of its own was tried and gained nothing: the disk
	// is what everyone waits for. Much less copies the same pages more often,
	// much more makes the pause longer than the 30 ms it is.
	checkpointLog = 4000
)

func writerDSN(path string, cache int) string {
	return dsn(path,
		fmt.Sprintf("busy_timeout(%d)", busyTimeout),
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"temp_store(MEMORY)",
		fmt.Sprintf("cache_size(%d)", cache),
		fmt.Sprintf("journal_size_limit(%d)", maxWAL),
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointLog),
	)
}

func readerDSN(path string) string {
	return dsn(path,
		fmt.Sprintf("busy_timeout(%d)", busyTimeout),
		"query_only(1)",
		"temp_store(MEMORY)",
		fmt.Sprintf("cache_size(%d)", readerCache),
	)
}

func dsn(path string, pragmas ...string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	u.RawQuery = url.Values{"_pragma": pragmas}.Encode()
	return u.String()
}

// writeConn is the writer's connection with its statements. It goes past
// database/sql, whose pool, checks and conversions cost as much as the insert.
type writeConn struct {
	conn     driver.Conn
	prepared [statements]driver.StmtExecContext
}

// connect opens a bare connection.
func connect(dsn string) (driver.Conn, error) {
	return new(sqlite.Driver).Open(dsn)
}

// execute runs one text that is not prepared.
func execute(conn driver.Conn, text string) error {
	_, err := conn.(driver.ExecerContext).ExecContext(context.Background(), text, nil)
	return err
}

// statement returns a statement, prepared when it is first used: a volume that is written
// to once needs few.
func (w *writeConn) statement(s statement) (driver.StmtExecContext, error) {
	if w.prepared[s] == nil {
		p, err := w.conn.Prepare(statementTexts[s])
		if err != nil {
			return nil, fmt.Errorf("prepare %q: %w", statementTexts[s], err)
		}
		w.prepared[s] = p.(driver.StmtExecContext)
	}
	return w.prepared[s], nil
}

// exec runs a statement and returns how many rows it met. The context is never
// done: a write is not interrupted halfway.
func (w *writeConn) exec(s statement, args []driver.NamedValue) (int64, error) {
	p, err := w.statement(s)
	if err != nil {
		return 0, err
	}
	result, err := p.ExecContext(context.Background(), args)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (w *writeConn) query(s statement, args []driver.NamedValue) (driver.Rows, error) {
	p, err := w.statement(s)
	if err != nil {
		return nil, err
	}
	return p.(driver.StmtQueryContext).QueryContext(context.Background(), args)
}

// rows returns all rows that a statement finds.
func (w *writeConn) rows(s statement, values ...any) (all [][]driver.Value, err error) {
	rows, err := w.query(s, arguments(values...))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for {
		row := make([]driver.Value, len(rows.Columns()))
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
}

func (w *writeConn) run(s statement) error {
	_, err := w.exec(s, nil)
	return err
}

func (w *writeConn) close() {
	for _, s := range w.prepared {
		if s != nil {
			s.(driver.Stmt).Close()
		}
	}
	w.conn.Close()
}

// checkpoint brings the log of a database into it, in nobody's way.
func checkpoint(path string) error {
	conn, err := connect(writerDSN(path, baseCache))
	if err != nil {
		return err
	}
	defer conn.Close()
	return execute(conn, "PRAGMA wal_checkpoint(PASSIVE)")
}

func arguments(values ...any) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}
