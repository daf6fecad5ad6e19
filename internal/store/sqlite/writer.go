package sqlite

import (
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/weir-health/weir/internal/store/group"
)

// entry is one piece of work for the writer: a change, or the opening of a channel.
type entry = group.Entry[func(*transaction) error]

// writer is the one goroutine that writes. While it commits a group of entries
// the next group collects in the queue.
type writer struct {
	store *Store
	conn  *writeConn // nil after a failure that the connection may not have survived
	log   *slog.Logger
	done  chan struct{}

	last   map[int]int64 // of the last group, the highest message that came, by channel
	blocks map[int]int64 // the newest block of terms of each channel that has written

	commits atomic.Int64 // durable transactions so far
}

func (w *writer) run() {
	defer close(w.done)
	group.Run(w.store.queue, w.commit)
	w.disconnect()
}

// commit makes a group durable and tells everyone the outcome. If the group
// fails, what happens next depends on why.
func (w *writer) commit(entries []*entry) {
	err := w.transact(entries, false)
	var rejected *rejection
	if errors.As(err, &rejected) {
		// One is at fault: again, each behind its own savepoint.
		err = w.transact(entries, true)
	}
	if full(err) && len(entries) > 1 {
		w.commitEach(entries)
	} else {
		group.Finish(entries, err)
	}
	group.ReportLost(w.log, entries)
	if err == nil {
		w.sortTerms(w.last)
	}
}

// maxFullInRow is how many changes in a row have to find the disk full until the
// rest of their group is not tried any more.
const maxFullInRow = 8

// commitEach commits one entry at a time: where a large change finds no room a
// small one may.
func (w *writer) commitEach(entries []*entry) {
	inRow := 0
	for i := range entries {
		one := entries[i : i+1]
		err := w.transact(one, false)
		group.Finish(one, err)
		if !full(err) {
			inRow = 0
		} else if inRow++; inRow == maxFullInRow {
			group.Finish(entries[i+1:], err)
			return
		}
	}
}

// transact runs a group in one transaction. With isolate set each entry stands
// behind a savepoint, and one that is rejected keeps its error to itself.
func (w *writer) transact(entries []*entry, isolate bool) error {
	return w.transaction(func(tx *transaction) (err error) {
		for _, e := range entries {
			e.Err = nil
			if isolate {
				err = tx.isolated(e)
			} else {
				err = e.Work(tx)
			}
			if err != nil {
				return err
			}
		}
		w.last = tx.last
		return tx.flush()
	})
}

// transaction does something in one transaction.
func (w *writer) transaction(do func(*transaction) error) (err error) {
	defer func() { err = fault(w.store.path, err) }()
	if err := w.connect(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.abandon(err)
		}
	}()
	if err := w.conn.run(begin); err != nil {
		return err
	}
	if err := do(newTransaction(w.conn)); err != nil {
		return err
	}
	if err := w.conn.run(commit); err != nil {
		return err
	}
	w.commits.Add(1)
	return nil
}

// abandon rolls back. SQLite may have done so itself, so an error says nothing;
// after a failure of the disk or the file the connection is made anew.
func (w *writer) abandon(cause error) {
	w.conn.run(rollback)
	var rejected *rejection
	if !errors.As(cause, &rejected) && !full(cause) {
		w.disconnect()
	}
}

func (w *writer) connect() (err error) {
	if w.conn == nil {
		w.conn, err = w.store.openWriter()
	}
	return err
}

func (w *writer) disconnect() {
	if w.conn != nil {
		w.conn.close()
		w.conn = nil
	}
}
