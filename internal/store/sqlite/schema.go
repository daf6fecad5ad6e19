package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"path/filepath"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// applicationID marks a SQLite file as a Weir store: "Weir" in ASCII.
const applicationID = 0x57656972

// migrate brings the schema up to date, all missing steps in one transaction
// that holds the database's write lock. It touches nothing in a file that is not
// a Weir store or that a newer Weir wrote.
func migrate(path string, pragmas ...string) error {
	steps, err := store.SchemaSteps(schemaFiles, "schema")
	if err != nil {
		return err
	}
	return migrateTo(path, steps, pragmas...)
}

func migrateTo(path string, steps []store.SchemaStep, pragmas ...string) error {
	db, err := sql.Open("sqlite", dsn(path, append(pragmas, fmt.Sprintf("busy_timeout(%d)", busyTimeout))...)+"&_txlock=immediate")
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	have, err := schemaNumber(tx, path)
	if err != nil {
		return err
	}
	pending, err := store.PendingSteps(steps, have)
	if err != nil {
		return err
	}
	for _, step := range pending {
		if _, err := tx.Exec(step.SQL); err != nil {
			return fmt.Errorf("schema step %d, %s: %w", step.Number, step.Name, err)
		}
		if _, err := tx.Exec("INSERT INTO schema (number, name, applied) VALUES (?, ?, ?)",
			step.Number, step.Name, time.Now().UTC().Format(time.RFC3339)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// schemaNumber returns the highest step that was applied. It makes the table
// that records them in a file that is still empty.
func schemaNumber(tx *sql.Tx, path string) (int, error) {
	var id, tables, number int
	if err := tx.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		return 0, err
	}
	if err := tx.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	switch {
	case id == applicationID:
		err := tx.QueryRow("SELECT coalesce(max(number), 0) FROM schema").Scan(&number)
		return number, err
	case tables > 0:
		return 0, &weir.Fault{
			Err:  fmt.Errorf("%s is a database of another program", filepath.Base(path)),
			Hint: "Move it away, or name another data directory with --data.",
		}
	}
	_, err := tx.ExecContext(context.Background(), fmt.Sprintf(`PRAGMA application_id = %d;
		CREATE TABLE schema (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied TEXT NOT NULL)`, applicationID))
	return 0, err
}
