// Package sqlite keeps messages in SQLite files, for an engine that runs on
// one machine. It needs no server and no C compiler.
//
//	s, err := sqlite.Open("/var/lib/weir", sqlite.Options{})
//	last, err := s.OpenChannel(ctx, channelID, "ADT in", store.Retention{})
//	err = s.Save(ctx, &store.Change{Message: m, Insert: true, …})
//
// # Files
//
// The data directory gets weir.db and the folder messages, beside each file its -wal
// and -shm while it is open, and weir.lock, an empty file whose lock says that an engine
// uses the directory. Copying files that are open copies too little. Other programs may
// read them while Weir runs. One that writes makes Weir wait.
//
// # Volumes
//
// Messages lie in volumes, files below messages/, each of one retention and one day; a
// day that brings many gets several. What has aged goes as a whole, and trees stay small,
// however many messages there are. A message lies in one volume with all that is kept of
// it, so that each change is one transaction of one file (SQLite commits to several files
// of this mode one by one). weir.db knows the channels and the volumes. It is volume 0
// itself, and keeps the messages of installations from before there were others.
//
// Which messages of a channel a volume has is known in memory as a range of ids. Ranges
// may overlap: who looks for a message asks those that cover it, the newest first. See
// volumes.go for how they are read, place.go for where a change goes, and catalogue.go for
// what weir.db knows, so that a start opens only what was changed last.
//
// # Writing
//
// Callers of Save pack and compress their contents, then hand the change to the
// one writer. It takes what is there, be it one change or a thousand, runs them
// in one transaction (of each volume; nearly always that is one) and tells the callers when the commit is on disk
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
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

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
	// Readers is how many reads may run at once in one file; 0 means DefaultReaders.
	Readers int
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// PerVolume is how many messages a file gets at most; 0 means maxMessages.
	PerVolume int64
}

// DefaultReaders is how many reads of a file run at once if Options do not say.
const DefaultReaders = 4

// Store is a [store.Store] in SQLite files.
type Store struct {
	dir, path  string // the data directory, and weir.db in it
	perVolume  int64
	now        func() time.Time
	log        *slog.Logger
	schema     int // steps there are
	lastNumber int // the highest of a volume at the start
	channels   channels
	volumes    volumes
	totals     totals
	blobs      blobPlaces
	queue      *group.Queue[work]
	writer     *writer
	side       sync.WaitGroup // work beside the writer
	lock       *lock
	keys       *store.KeyRing
	closing    atomic.Bool
	saving     atomic.Int64 // Save calls at work
	expiring   sync.Mutex
	close      func() error
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
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PerVolume <= 0 {
		o.PerVolume = maxMessages
	}
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, err
	}
	if err := createFile(path); err != nil {
		return nil, err
	}
	s := &Store{dir: filepath.Dir(path), path: path, queue: group.NewQueue[work](), keys: o.Keys, log: o.Logger, now: o.Now, perVolume: o.PerVolume}
	s.volumes.perVolume, s.volumes.ending = o.Readers, make(chan struct{})
	s.volumes.log = func(text string, err error) { o.Logger.Warn(text, "error", err) }
	s.close = sync.OnceValue(s.shutdown)
	if s.lock, err = lockDirectory(s.dir); err != nil {
		return nil, err
	}
	if err := s.start(); err != nil {
		s.release()
		return nil, fault(path, err)
	}
	return s, nil
}

func (s *Store) start() error {
	steps, err := store.SchemaSteps(schemaFiles, "schema")
	if err != nil {
		return err
	}
	s.schema = len(steps)
	if err := migrateTo(s.path, steps); err != nil {
		return err
	}
	if err := s.openVolumes(context.Background()); err != nil {
		return err
	}
	if s.writer, err = newWriter(s); err != nil {
		return err
	}
	go s.writer.run()
	return nil
}

// Close implements [store.Store]. Who still waits for room in the queue gets
// store.ErrClosed.
func (s *Store) Close() error { return s.close() }

func (s *Store) shutdown() error {
	s.closing.Store(true)
	s.queue.Close()
	<-s.writer.done
	s.side.Wait()
	return s.release()
}

func (s *Store) release() error {
	return errors.Join(s.volumes.close(), s.lock.release())
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
