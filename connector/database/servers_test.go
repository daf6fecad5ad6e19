//go:build unix

package database

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/jdbc"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

func TestMain(m *testing.M) { jdbctest.Main(m) }

// databases are those that every test of SQL runs against.
var databases = []struct {
	name string
	url  func(t *testing.T) string
}{
	{"SQLite", func(t *testing.T) string {
		return "jdbc:sqlite:" + filepath.Join(t.TempDir(), "test.db") + "?journal_mode=WAL"
	}},
	{"PostgreSQL", jdbctest.PostgreSQL.On},
	{"MariaDB", jdbctest.MariaDB.On},
}

// open opens a database for the test itself.
func open(t *testing.T, url string, statements ...string) *sql.DB {
	t.Helper()
	src, err := jdbc.Parse("", url, "", "")
	if err != nil {
		t.Fatal(err)
	}
	db, err := src.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range statements {
		if _, err := db.ExecContext(connectortest.Context(t), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}
