package sqlite

import (
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
)

// writer is the one goroutine that writes. While it commits a group of entries
// the next group collects in the queue.
type writer struct {
	store *Store
	queue *queue
	conn  *writeConn // nil after a failure that the connection may not have survived
	log   *slog.Logger
	done  chan struct{}

	commits atomic.Int64 // durable transactions so far
}

func (w *writer) run() {
	defer close(w.done)
	var group []*entry
	for {
		w.letIn()
		if group = w.queue.take(group); group == nil {
			break
		}
		w.commit(group)
	}
	w.disconnect()
}

// letIn gives way to those whom the last commit woke, for as long as more of them
// come with their next change: with 64 callers that saves a third of the
// commits. A lone caller loses a microsecond.
func (w *writer) letIn() {
	for n := -1; n < w.queue.length(); {
		n = w.queue.length()
		runtime.Gosched()
	}
}

// commit makes a group durable and tells everyone the outcome. If the group
// fails, what happens next depends on why.
func (w *writer) commit(group []*entry) {
	err := w.transact(group, false)
	var rejected *rejection
	if errors.As(err, &rejected) {
		// One is at fault: again, each behind its own savepoint.
		err = w.transact(group, true)
	}
	if full(err) && len(group) > 1 {
		w.commitEach(group)
	} else {
		finish(group, err)
	}
	w.reportLost(group)
}

// maxFullInRow is how many changes in a row have to find the disk full until the
// rest of their group is not tried any more.
const maxFullInRow = 8

// commitEach commits one entry at a time: where a large change finds no room a
// small one may.
func (w *writer) commitEach(group []*entry) {
	inRow := 0
	for i := range group {
		one := group[i : i+1]
		err := w.transact(one, false)
		finish(one, err)
		if !full(err) {
			inRow = 0
		} else if inRow++; inRow == maxFullInRow {
			finish(group[i+1:], err)
			return
		}
	}
}

// finish tells the callers: err if set, else what the entry itself met.
func finish(group []*entry, err error) {
	for _, e := range group {
		if err != nil {
			e.err = err
		}
		if e.done != nil {
			close(e.done)
		}
	}
}

// reportLost logs the lazy changes of a group that failed, whose callers are gone.
func (w *writer) reportLost(group []*entry) {
	lost := 0
	var err error
	for _, e := range group {
		if e.done == nil && e.err != nil {
			lost++
			err = e.err
		}
	}
	if lost > 0 {
		w.log.Error("changes that promise no durability were lost", "changes", lost, "error", err)
	}
}

// transact runs a group in one transaction. With isolate set each entry stands
// behind a savepoint, and one that is rejected keeps its error to itself.
func (w *writer) transact(group []*entry, isolate bool) (err error) {
	defer func() { err = fault(w.store.path, err) }()
	if err := w.connect(); err != nil {
		return err
	}
	tx := newTransaction(w.conn)
	defer func() {
		if err != nil {
			w.abandon(err)
		}
	}()
	if err := w.conn.run(begin); err != nil {
		return err
	}
	for _, e := range group {
		e.err = nil
		if isolate {
			err = tx.isolated(e)
		} else {
			err = e.apply(tx)
		}
		if err != nil {
			return err
		}
	}
	if err := tx.flush(); err != nil {
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
