package database

import (
	"context"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/wire/jdbc"
)

// Test signs in at the database.
func (r *Reader) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	return try(ctx, r.UseScript, r.Driver, r.URL, r.Username, r.Password, env.Resolve)
}

// Test signs in at the database.
func (w *Writer) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	return try(ctx, w.UseScript, w.Driver, w.URL, w.Username, w.Password, env.Message.Resolve)
}

func try(ctx context.Context, script bool, driver string, url, user, password config.Template, resolve func(config.Template) string) (string, error) {
	if script {
		return "The script makes its own connections; there is none to try.", nil
	}
	src, err := jdbc.Parse(driver, resolve(url), resolve(user), resolve(password))
	if err != nil {
		return "", urlFault(err)
	}
	db, err := src.Open()
	if err != nil {
		return "", urlFault(err)
	}
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return "", connectFault(src, err)
	}
	return fmt.Sprintf("Signed in at the %s database %s.", src.Dialect, src.Address), nil
}

var (
	_ weir.Tester = (*Reader)(nil)
	_ weir.Tester = (*Writer)(nil)
)
