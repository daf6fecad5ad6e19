package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// volume is one file of messages. A message lies in one volume with all that is kept of
// it, so that each of its changes is one transaction of one file.
type volume struct {
	number int // 0 is weir.db itself
	name   string
	path   string
	class  store.Retention
	day    int64 // since 1970, in which its messages came

	// The store's volumes.mu guards these; the writer alone changes extents.
	extents map[int]extent // by channel
	kept    bool           // it has what others left when they went
	emptied bool           // contents that aged have been left out
	gone    bool           // its messages are elsewhere, or removed
	users   int            // reads at work
	used    int64          // when it was read last, by the count of reads

	// For the writer alone.
	conn     *writeConn    // nil: not open
	blocks   map[int]int64 // the newest block of terms of each channel
	messages int64         // that came
	bytes    int64         // about what it holds
	written  int64         // when it was written last, by the count of transactions

	schema  int          // steps that the file has
	clean   bool         // weir.db knows what is in it
	changes atomic.Int64 // transactions so far
	waiting atomic.Bool  // it may have something unfinished, queued or loose

	files *readers // nil: not open; the store's volumes.mu guards it
}

// extent is which messages of a channel a volume has.
type extent struct {
	low, high      int64 // message ids; low is above high where there are none
	oldest, newest int64 // received, microseconds since 1970
	keys           bool  // it has keys of the channel
}

var noExtent = extent{low: MaxMessageID + 1, high: -1, oldest: 1<<63 - 1, newest: -1 << 63}

func (e extent) covers(id int64) bool { return e.low <= id && id <= e.high }

// with is the extent that has the messages of another, too.
func (e extent) with(o extent) extent {
	return extent{min(e.low, o.low), max(e.high, o.high), min(e.oldest, o.oldest), max(e.newest, o.newest), e.keys || o.keys}
}

func newVolume(number int, name, path string, class store.Retention) *volume {
	return &volume{number: number, name: name, path: path, class: class, extents: map[int]extent{}, blocks: map[int]int64{}}
}

// extent is what the volume has of a channel.
func (v *volume) extent(channel int) extent {
	if e, ok := v.extents[channel]; ok {
		return e
	}
	return noExtent
}

// readers are the connections that a volume is read with.
type readers struct {
	db      *sql.DB
	views   chan struct{} // one for each view at work
	queries [queryCount]atomic.Pointer[sql.Stmt]
}

func openReaders(path string, count int) (*readers, error) {
	db, err := sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(count + 1) // one is left to prepare what views ask for first
	db.SetMaxIdleConns(min(count, 2))
	return &readers{db: db, views: make(chan struct{}, count)}, nil
}

// query returns a prepared query. A volume that is read once needs few of them.
func (r *readers) query(q query) (*sql.Stmt, error) {
	if s := r.queries[q].Load(); s != nil {
		return s, nil
	}
	s, err := r.db.Prepare(queryTexts[q])
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", queryTexts[q], err)
	}
	if !r.queries[q].CompareAndSwap(nil, s) {
		s.Close()
		return r.queries[q].Load(), nil
	}
	return s, nil
}

func (r *readers) close() error {
	for i := range r.queries {
		if s := r.queries[i].Load(); s != nil {
			s.Close()
		}
	}
	return r.db.Close()
}

// view is a moment of a volume: what it reads fits together.
type view struct {
	ctx   context.Context
	tx    *sql.Tx
	ring  *store.KeyRing
	files *readers
	open  [queryCount]*sql.Stmt // the queries bound to tx
}

// view reads as of one moment in a volume that was acquired.
func (s *Store) view(ctx context.Context, v *volume, read func(*view) error) error {
	files, err := s.volumes.readers(v)
	if err != nil {
		return s.reading(v, err)
	}
	select {
	case files.views <- struct{}{}:
		defer func() { <-files.views }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx, err := files.db.BeginTx(ctx, nil)
	if err != nil {
		return s.reading(v, err)
	}
	defer tx.Rollback() // nothing was written
	return s.reading(v, read(&view{ctx: ctx, tx: tx, ring: s.keys, files: files}))
}

func (s *Store) reading(v *volume, err error) error {
	if err == nil {
		return nil
	}
	if s.closing.Load() {
		return store.ErrClosed
	}
	return fault(v.path, err)
}

func (v *view) query(q query, args ...any) (*sql.Rows, error) {
	if v.open[q] == nil {
		prepared, err := v.files.query(q)
		if err != nil {
			return nil, err
		}
		v.open[q] = v.tx.StmtContext(v.ctx, prepared)
	}
	return v.open[q].QueryContext(v.ctx, args...)
}

// keys returns the keys a query finds.
func (v *view) keys(q query, args ...any) ([]int64, error) {
	rows, err := v.query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []int64
	for rows.Next() {
		var k int64
		if err := rows.Scan(&k); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}

// dayOf is the period that a time lies in.
func dayOf(t time.Time) int64 { return t.Unix() / int64(store.Period/time.Second) }
