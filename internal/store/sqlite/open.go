// Package sqlite keeps messages in one SQLite file, for an engine that runs on
// one machine. It needs no server and no C compiler.
//
//	s, err := sqlite.Open("/var/lib/weir", sqlite.Options{})
//	last, err := s.OpenChannel(ctx, channelID, "ADT in", store.Retention{})
//	err = s.Save(ctx, &store.Change{Message: m, Insert: true, …})
//
// # Files
//
// The data directory gets weir.db, beside it weir.db-wal and weir.db-shm while
// the store is open, and weir.lock, an empty file whose lock says that an engine
// uses the directory. Copying weir.db alone while it is open copies too little.
// Other programs may read the database while Weir runs. One that writes makes
// Weir wait.
//
// # Writing
//
// Callers of Save pack and compress their contents, then hand the change to the
// one writer. It takes what is there, be it one change or a thousand, runs them
// in one transaction and tells the callers when the commit is on disk
// (journal_mode WAL, synchronous FULL); the next group collects meanwhile. There
// is no timer, so a lone change waits for nothing but its own commit. What may
// wait is bounded by package group.
//
// A group that fails because of one change is run again with each change behind
// a savepoint, so that the others pass. A full disk fails changes one by one, and
// the next ones are tried as if nothing had been. After any other failure of
// file or disk all of the group is refused, and the connection is made anew.
//
// # Reading
//
// Reads have their own connections and see the last commit; they do not wait for
// the writer, nor it for them.
//
// # Tables
//
// See schema/ and, for how keys are packed and what the limits are, keys.go.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/group"
)

// FileName is the name of the database in the data directory.
const FileName = "weir.db"

// Options are what Open may be told. The zero value works.
type Options struct {
	// Logger gets what has no caller to be told; nil means slog.Default().
	Logger *slog.Logger
	// Keys encrypts what a change wants encrypted; nil refuses such changes.
	Keys *store.KeyRing
	// Readers is how many reads may run at once; 0 means DefaultReaders.
	Readers int
}

// DefaultReaders is how many reads run at once if Options do not say.
const DefaultReaders = 4

// Store is a [store.Store] in a SQLite file.
type Store struct {
	path     string
	channels channels
	queue    *group.Queue[func(*transaction) error]
	writer   *writer
	read     *sql.DB
	lock     *lock
	queries  queries
	keys     *store.KeyRing
	closing  atomic.Bool
	saving   atomic.Int64 // Save calls at work
	close    func() error
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a data directory, and makes both if they are not
// there yet. It brings an older schema up to date. Errors are written for the
// person who starts Weir.
func Open(dir string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Readers <= 0 {
		o.Readers = DefaultReaders
	}
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, err
	}
	if err := createFile(path); err != nil {
		return nil, err
	}
	s := &Store{path: path, queue: group.NewQueue[func(*transaction) error](), keys: o.Keys}
	s.close = sync.OnceValue(s.shutdown)
	if s.lock, err = lockDirectory(filepath.Dir(path)); err != nil {
		return nil, err
	}
	if err := s.start(o); err != nil {
		s.release()
		return nil, fault(path, err)
	}
	return s, nil
}

func (s *Store) start(o Options) (err error) {
	if err := migrate(s.path); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", readerDSN(s.path)); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(o.Readers)
	s.read.SetMaxIdleConns(min(o.Readers, 2))
	if s.queries, err = prepareQueries(s.read); err != nil {
		return err
	}
	if err := s.channels.load(context.Background(), s.read); err != nil {
		return err
	}
	s.writer = &writer{store: s, log: o.Logger, done: make(chan struct{}), blocks: map[int]int64{}}
	if err := s.writer.connect(); err != nil {
		return err
	}
	go s.writer.run()
	return nil
}

// openWriter makes the writer's connection.
func (s *Store) openWriter() (*writeConn, error) {
	conn, err := connect(writerDSN(s.path))
	if err != nil {
		return nil, err
	}
	return prepare(conn)
}

// Close implements [store.Store]. Who still waits for room in the queue gets
// store.ErrClosed.
func (s *Store) Close() error { return s.close() }

func (s *Store) shutdown() error {
	s.closing.Store(true)
	s.queue.Close()
	<-s.writer.done
	return s.release()
}

func (s *Store) release() error {
	var errs []error
	if s.read != nil {
		s.queries.close()
		errs = append(errs, s.read.Close())
	}
	errs = append(errs, s.lock.release())
	return errors.Join(errs...)
}

// createFile makes the directory and the empty file, for the owner alone;
// SQLite gives the files beside it the same permissions. What exists keeps its own.
func createFile(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unusable(dir, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable(dir, err)
	}
	return f.Close()
}

func unusable(dir string, err error) error {
	hint := "Name another directory with --data."
	if errors.Is(err, fs.ErrPermission) {
		hint = "Let the user that runs Weir write to it, or name another directory with --data."
	}
	return &weir.Fault{Err: fmt.Errorf("data directory %s cannot be used: %w", dir, err), Hint: hint}
}
