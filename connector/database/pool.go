package database

import (
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/weir-health/weir/wire/jdbc"
)

const (
	// idle is how long a connection is kept that is not used.
	idle = 300 * time.Second
	// keptConnections is how many unused connections to a database are kept.
	keptConnections = 16
	// keptDatabases is how many databases that are not in use stay open, where the
	// URL depends on the message.
	keptDatabases = 8
)

// target is what names a database.
type target struct{ class, url, user, password string }

// pool holds the databases that a writer writes to.
type pool struct {
	mu   sync.Mutex
	open map[target]*database
}

// database is one that is open.
type database struct {
	src  jdbc.Source
	sql  *sql.DB
	pool *pool
	// Of the pool's mutex:
	users int
	used  int64 // when it was last released, in nanoseconds
}

// get returns a database, which the caller releases.
func (p *pool) get(t target) (*database, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	db := p.open[t]
	if db == nil {
		src, err := jdbc.Parse(t.class, t.url, t.user, t.password)
		if err != nil {
			return nil, err
		}
		opened, err := src.Open()
		if err != nil {
			return nil, err
		}
		opened.SetMaxIdleConns(keptConnections)
		if !src.Single() {
			opened.SetConnMaxIdleTime(idle)
		}
		db = &database{src: src, sql: opened, pool: p}
		if p.open == nil {
			p.open = map[target]*database{}
		}
		p.forget()
		p.open[t] = db
	}
	db.users++
	return db, nil
}

// forget closes the database that has not been used for longest when there are
// many.
func (p *pool) forget() {
	if len(p.open) < keptDatabases {
		return
	}
	var oldest target
	var found *database
	for t, db := range p.open {
		if db.users == 0 && (found == nil || db.used < found.used) {
			oldest, found = t, db
		}
	}
	if found != nil {
		delete(p.open, oldest)
		found.sql.Close()
	}
}

func (db *database) release() {
	db.pool.mu.Lock()
	defer db.pool.mu.Unlock()
	db.users--
	db.used = time.Now().UnixNano()
}

func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, db := range p.open {
		errs = append(errs, db.sql.Close())
	}
	p.open = nil
	return errors.Join(errs...)
}
