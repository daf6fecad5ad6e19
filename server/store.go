package server

import (
	"context"

	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/postgres"
	"github.com/weir-health/weir/internal/store/sqlite"
)

// openStore opens the store that the options name, and tells whether the engine that
// had it before did not stop in order.
func openStore(ctx context.Context, opt Options, data *dataDir, keys *store.KeyRing) (st store.Store, unclean bool, err error) {
	if opt.Database == "" {
		st, err = sqlite.Open(data.path, sqlite.Options{Logger: opt.Log, Keys: keys, Now: opt.Now})
		return st, data.unclean, err
	}
	// The database knows it, not the directory: this may be another machine.
	db, err := postgres.Open(ctx, postgres.Options{URL: opt.Database, Logger: opt.Log, Keys: keys})
	if err != nil {
		return nil, data.unclean, err
	}
	return db, db.Unclean(), nil
}

// marked is a store that keeps the mark of an engine that has stopped in order itself.
type marked interface{ StoppedInOrder() }
