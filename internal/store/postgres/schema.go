package postgres

import (
	"context"
	"embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// oldest is the oldest version of the server that will do, as server_version_num.
const oldest = 130000

// migrate brings the schema up to date, all missing steps in one transaction under a
// lock: of two engines that start at once, one waits and finds it done.
func migrate(ctx context.Context, conn *pgx.Conn) error {
	steps, err := store.SchemaSteps(schemaFiles, "schema")
	if err != nil {
		return err
	}
	var version int
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	if version < oldest {
		return &weir.Fault{Err: fmt.Errorf("the server is PostgreSQL %d, too old", version/10000), Hint: "Weir needs version 13 or later."}
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// The tables are small or empty while steps run, so the writer's limit does not fit.
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = 0"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, hashtext(current_schema() || ' schema'))", lockSpace); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS schema (number integer PRIMARY KEY, name text NOT NULL, applied timestamptz NOT NULL)"); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(number), 0) FROM schema").Scan(&have); err != nil {
			return err
		}
		pending, err := store.PendingSteps(steps, have)
		if err != nil {
			return err
		}
		for _, step := range pending {
			// Without parameters the text goes as it is, however many statements it has.
			if _, err := tx.Conn().PgConn().Exec(ctx, step.SQL).ReadAll(); err != nil {
				return fmt.Errorf("schema step %d, %s: %w", step.Number, step.Name, err)
			}
			if _, err := tx.Exec(ctx, "INSERT INTO schema (number, name, applied) VALUES ($1, $2, now())", step.Number, step.Name); err != nil {
				return err
			}
		}
		return nil
	})
}
