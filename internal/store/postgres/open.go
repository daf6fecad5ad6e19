// Package postgres keeps messages in a PostgreSQL database, version 13 or later, for
// an engine whose messages shall outlive its machine.
//
//	s, err := postgres.Open(ctx, postgres.Options{URL: "postgres://weir@db/weir"})
//	last, err := s.OpenChannel(ctx, channelID, "ADT in", store.Retention{})
//	err = s.Save(ctx, &store.Change{Message: m, Insert: true, …})
//
// # Writing
//
// As in package sqlite, callers pack and compress their contents and hand the change
// to one writer, which takes what is there, be it one change or a thousand. It puts
// together what a group does to the same rows (see plan) and sends it as few
// statements: small groups as one message to the server, which is one transaction
// and one trip; from 16 changes on the new rows with COPY. synchronous_commit is on.
//
// # When the connection is lost
//
// Every transaction changes the one row of the table writer to its own number. When a
// connection is lost, the writer makes a new one, to whichever of the URL's hosts
// takes writes, takes the engine's lock, so that the old connection's transaction has
// ended, and reads that row: the group that was on its way is committed if the number is
// its own, and is sent again if not. Nothing is doubled or lost, and callers only
// wait. After [DefaultPatience] changes are refused, so that senders are told; the
// writer goes on trying, and what comes when the database answers is kept.
//
// # One engine
//
// The writer's connection holds an advisory lock. A second engine on the same schema
// is refused. An engine that lost its lock to another writes nothing more, because
// that one's name stands in the table writer.
//
// # Parts
//
// Messages lie in tables by retention class and time, which are dropped as a whole when
// they have aged: see parts.go and expire.go.
//
// A pooler in transaction mode cannot be between Weir and the server: it takes the
// lock away.
package postgres

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/group"
)

// Options are what Open is told.
type Options struct {
	// URL says where the database is, postgres://user:password@host:port/name, with
	// the parameters of libpq. Several hosts may be given, of which the one that
	// takes writes is used. Where sslmode is left out it is verify-full, and prefer on
	// the same machine.
	URL string
	// Logger gets what has no caller to be told; nil means slog.Default().
	Logger *slog.Logger
	// Keys encrypts what a change wants encrypted; nil refuses such changes.
	Keys *store.KeyRing
	// Readers is how many reads may run at once; 0 means DefaultReaders.
	Readers int
	// Patience is how long changes and reads wait for a database that does not answer
	// until they are refused; 0 means DefaultPatience.
	Patience time.Duration
	// PartMessages is how many messages lie together at about most; 0 means
	// DefaultPartMessages.
	PartMessages int
}

const (
	// DefaultReaders is how many reads run at once if Options do not say.
	DefaultReaders = 4
	// DefaultPatience is below what senders wait for an acknowledgment.
	DefaultPatience = 20 * time.Second
)

// Store is a [store.Store] in a PostgreSQL database.
type Store struct {
	name         string // of the database, as logs and errors have it
	config       *pgx.ConnConfig
	holder       string // this engine, in the table writer
	channels     channels
	queue        *group.Queue[work]
	writer       *writer
	read         *pgxpool.Pool
	keys         *store.KeyRing
	patience     time.Duration
	parts        parts
	partMessages int64
	expiring     sync.Mutex
	saving       atomic.Int64 // Save calls at work
	inOrder      bool
	closing      atomic.Bool
	closed       chan struct{} // closed with closing
	close        func() error
	mark         atomic.Bool
}

var _ store.Store = (*Store)(nil)

// Open opens the store, and makes its tables if they are not there yet. It brings an
// older schema up to date. Errors are written for the person who starts Weir.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Readers <= 0 {
		o.Readers = DefaultReaders
	}
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if o.PartMessages <= 0 {
		o.PartMessages = DefaultPartMessages
	}
	config, err := parse(o.URL)
	if err != nil {
		return nil, err
	}
	s := &Store{name: nameOf(config), config: config, holder: rand.Text(), queue: group.NewQueue[work](), keys: o.Keys, patience: o.Patience, partMessages: int64(o.PartMessages), closed: make(chan struct{})}
	s.close = sync.OnceValue(s.shutdown)
	if err := s.start(ctx, o); err != nil {
		return nil, s.fault(err)
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, o Options) (err error) {
	first, err := s.connect(ctx, 0)
	if err != nil {
		return err
	}
	w := &writer{store: s, log: o.Logger, session: first, former: first.process(), done: make(chan struct{}), blocks: map[int32]int32{}}
	if err := s.begin(ctx, first, o); err != nil {
		first.close()
		if s.read != nil {
			s.read.Close()
		}
		return err
	}
	s.writer = w
	go w.run()
	return nil
}

func (s *Store) begin(ctx context.Context, first *session, o Options) (err error) {
	if err := migrate(ctx, first.conn); err != nil {
		return err
	}
	if s.inOrder, err = first.register(ctx); err != nil {
		return err
	}
	if err := first.loadParts(ctx); err != nil {
		return err
	}
	if err := s.channels.load(ctx, first.conn); err != nil {
		return err
	}
	pool, err := pgxpool.ParseConfig("")
	if err != nil {
		return err
	}
	pool.ConnConfig = s.config.Copy()
	// Each part's tables have another size, so each read has a plan of its own.
	pool.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	pool.ConnConfig.RuntimeParams["jit"] = "off"
	pool.MaxConns = int32(o.Readers)
	s.read, err = pgxpool.NewWithConfig(ctx, pool)
	return err
}

// Unclean tells whether the engine that had the database before did not stop in order.
func (s *Store) Unclean() bool { return !s.inOrder }

// StoppedInOrder makes Close leave the mark that nothing is in doubt, for the next
// engine's Unclean.
func (s *Store) StoppedInOrder() { s.mark.Store(true) }

// Close implements [store.Store]. Who still waits for room in the queue gets
// store.ErrClosed.
func (s *Store) Close() error { return s.close() }

func (s *Store) shutdown() error {
	s.closing.Store(true)
	close(s.closed)
	s.queue.Close()
	<-s.writer.done
	s.read.Close()
	return s.fault(s.writer.end(s.mark.Load()))
}
