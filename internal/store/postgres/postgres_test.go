package postgres

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/storetest"
	"github.com/weir-health/weir/wire/jdbc/jdbctest"
)

var (
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
	ctx   = context.Background()
)

func TestMain(m *testing.M) {
	jdbctest.Main(m)
}

var databases atomic.Int64

// newDatabase makes an empty database on the server that the tests share.
func newDatabase(t *testing.T) (databaseURL string) {
	t.Helper()
	server, err := url.Parse(strings.TrimPrefix(jdbctest.PostgreSQL.On(t), "jdbc:"))
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	execute(t, fmt.Sprintf("postgres://weir@%s/postgres?sslmode=disable", server.Host), "CREATE DATABASE "+name)
	return fmt.Sprintf("postgres://weir@%s/%s?sslmode=disable", server.Host, name)
}

// execute runs statements on a connection of their own.
func execute(t *testing.T, databaseURL string, texts ...string) {
	t.Helper()
	if err := tryExecute(databaseURL, texts...); err != nil {
		t.Fatal(err)
	}
}

func tryExecute(databaseURL string, texts ...string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, text := range texts {
		if _, err := conn.Exec(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// onEach is a statement on one table of all parts.
func onEach(of, text string) string {
	return "DO $do$ DECLARE t name; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^" + of + "_[0-9]+$'" +
		" LOOP EXECUTE format('" + text + "', t); END LOOP; END $do$"
}

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Dialect{New: func(t *testing.T) storetest.Database {
		url, dir := newDatabase(t), t.TempDir()
		return storetest.Database{
			Open: func() (store.Store, error) {
				keys, err := store.OpenKeyRing(filepath.Join(dir, "keys"))
				if err != nil {
					return nil, err
				}
				return Open(ctx, Options{URL: url, Logger: quiet, Keys: keys})
			},
			// The server answers as it does when its disk has no room.
			Fill: func(store.Store) error {
				return tryExecute(url, `CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
					$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`,
					onEach("contents", "CREATE TRIGGER no_room BEFORE INSERT ON %I FOR EACH ROW WHEN (octet_length(NEW.body) > 100000) EXECUTE FUNCTION no_room()"))
			},
			Heal: func(store.Store) error { return tryExecute(url, "DROP FUNCTION no_room() CASCADE") },
		}
	}})
}
