package database

import (
	"context"
	"database/sql"
	"strings"

	"github.com/weir-health/weir/wire/jdbc"
)

// execute runs SQL that gives no rows and returns how many rows it changed, -1
// when that is not known. Several statements with parameters are run one by one
// in a transaction where the protocol takes only one at a time.
func execute(ctx context.Context, db *sql.DB, d jdbc.Dialect, text string, args []any) (int64, error) {
	if len(args) > 0 && d != jdbc.SQLServer && d != jdbc.Oracle {
		if parts := d.Split(text); len(parts) > 1 {
			return executeAll(ctx, db, d, parts, args)
		}
	}
	result, err := db.ExecContext(ctx, d.Rebind(text), args...)
	if err != nil {
		return 0, err
	}
	return affected(text, result), nil
}

func executeAll(ctx context.Context, db *sql.DB, d jdbc.Dialect, parts []jdbc.Statement, args []any) (n int64, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	for i, part := range parts {
		own := args[:min(part.Parameters, len(args))]
		args = args[len(own):]
		result, err := tx.ExecContext(ctx, d.Rebind(part.Text), own...)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			n = affected(part.Text, result)
		}
	}
	return n, tx.Commit()
}

func affected(text string, result sql.Result) int64 {
	text = strings.TrimSpace(text)
	if len(text) >= 6 && strings.EqualFold(text[:6], "SELECT") {
		return -1
	}
	n, err := result.RowsAffected()
	if err != nil {
		return -1
	}
	return n
}
