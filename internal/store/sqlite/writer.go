package sqlite

import (
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/group"
)

// entry is one piece of work for the writer: a change, or the opening of a channel.
type entry = group.Entry[work]

// writer is the one goroutine that writes. While it commits a group of entries
// the next group collects in the queue.
type writer struct {
	store *Store
	log   *slog.Logger
	done  chan struct{}

	today    int64                       // the period of the group at work
	currents map[store.Retention]*volume // where new messages go
	below    map[int]int64               // see others; as far as it is known
	placed   map[int64]*volume           // where new messages of the group at work go
	parts    []part
	numbers  int // the highest of a volume
	open     int // volumes open to be written

	last map[int]int64 // of the last transaction, the highest message that came, by channel

	commits atomic.Int64 // durable transactions so far
}

// part is what of a group goes to one volume.
type part struct {
	volume  *volume
	entries []*entry
}

// newWriter opens weir.db to be written, and finds out where new messages go.
func newWriter(s *Store) (*writer, error) {
	w := &writer{store: s, log: s.log, done: make(chan struct{}), numbers: s.lastNumber,
		currents: map[store.Retention]*volume{}, below: map[int]int64{}, placed: map[int64]*volume{}}
	for _, v := range s.volumes.all {
		if v != s.volumes.base && !v.kept && !v.emptied {
			w.currents[v.class] = v
		}
		v.schema = s.schema
	}
	return w, w.transaction(s.volumes.base, func(tx *transaction) error {
		if _, err := tx.conn.exec(forgetGone, nil); err != nil {
			return err
		}
		_, err := tx.conn.exec(setSchema, arguments(int64(s.schema)))
		return err
	})
}

func (w *writer) run() {
	defer close(w.done)
	group.Run(w.store.queue, w.commit)
	w.disconnectAll()
}

// commit makes a group durable and tells everyone the outcome, volume by volume. Work on
// the volumes themselves comes after what was before it, and before what comes after it is
// given a place.
func (w *writer) commit(entries []*entry) {
	w.today = max(w.today, dayOf(w.store.now()))
	from := 0
	for i, e := range entries {
		if e.Work.then == nil {
			continue
		}
		w.commitParts(entries[from:i])
		w.commitParts(entries[i : i+1])
		from = i + 1
	}
	w.commitParts(entries[from:])
	w.closeUnused()
}

func (w *writer) commitParts(entries []*entry) {
	clear(w.placed)
	parts := w.parts[:0]
	for i := range entries {
		e := entries[i]
		v, err := w.volume(&e.Work.at)
		if err != nil {
			group.Finish(entries[i:i+1], err)
			group.ReportLost(w.log, entries[i:i+1])
			continue
		}
		v.bytes += int64(e.Size)
		at := 0
		for at < len(parts) && parts[at].volume != v {
			at++
		}
		if at == len(parts) {
			parts = append(parts, part{volume: v})
		}
		parts[at].entries = append(parts[at].entries, e)
	}
	for i := range parts {
		w.commitIn(parts[i].volume, parts[i].entries)
	}
	clear(parts)
	w.parts = parts
}

// commitIn makes what goes to one volume durable. If it fails, what happens next depends
// on why.
func (w *writer) commitIn(v *volume, entries []*entry) {
	err := w.transact(v, entries, false)
	var rejected *rejection
	if errors.As(err, &rejected) {
		// One is at fault: again, each behind its own savepoint.
		err = w.transact(v, entries, true)
	}
	if full(err) && len(entries) > 1 {
		w.commitEach(v, entries)
	} else {
		w.finish(entries, err)
	}
	group.ReportLost(w.log, entries)
	if err == nil {
		w.sortTerms(v, w.last)
	}
}

func (w *writer) finish(entries []*entry, err error) {
	for _, e := range entries {
		if err == nil && e.Err == nil && e.Work.then != nil {
			e.Work.then()
		}
	}
	group.Finish(entries, err)
}

// maxFullInRow is how many changes in a row have to find the disk full until the
// rest of their group is not tried any more.
const maxFullInRow = 8

// commitEach commits one entry at a time: where a large change finds no room a
// small one may.
func (w *writer) commitEach(v *volume, entries []*entry) {
	inRow := 0
	for i := range entries {
		one := entries[i : i+1]
		err := w.transact(v, one, false)
		w.finish(one, err)
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
func (w *writer) transact(v *volume, entries []*entry, isolate bool) error {
	if err := w.touch(v); err != nil {
		return err
	}
	var done *transaction
	err := w.transaction(v, func(tx *transaction) (err error) {
		done = tx
		for _, e := range entries {
			e.Err = nil
			if isolate {
				err = tx.isolated(e)
			} else {
				err = e.Work.do(tx)
			}
			if err != nil {
				return err
			}
		}
		return tx.flush()
	})
	if err == nil {
		w.last = done.last
		w.store.totals.commit(done)
	}
	return err
}

// transaction does something in one transaction of a volume.
func (w *writer) transaction(v *volume, do func(*transaction) error) (err error) {
	defer func() { err = fault(v.path, err) }()
	if err := w.connect(v); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.abandon(v, err)
		}
	}()
	if err := v.conn.run(begin); err != nil {
		return err
	}
	if err := do(newTransaction(v)); err != nil {
		return err
	}
	if err := v.conn.run(commit); err != nil {
		return err
	}
	v.changes.Add(1)
	v.written = w.commits.Add(1)
	return nil
}

// abandon rolls back. SQLite may have done so itself, so an error says nothing;
// after a failure of the disk or the file the connection is made anew.
func (w *writer) abandon(v *volume, cause error) {
	v.conn.run(rollback)
	var rejected *rejection
	if !errors.As(cause, &rejected) && !full(cause) {
		w.disconnect(v)
	}
}

// connect opens a volume to be written, if it is not.
func (w *writer) connect(v *volume) error {
	if v.conn != nil {
		return nil
	}
	cache := writerCache
	if v == w.store.volumes.base {
		cache = baseCache
	}
	conn, err := connect(writerDSN(v.path, cache))
	if err != nil {
		return err
	}
	v.conn = &writeConn{conn: conn}
	w.open++
	v.written = w.commits.Load()
	return nil
}

func (w *writer) disconnect(v *volume) {
	if v.conn != nil {
		v.conn.close()
		v.conn = nil
		w.open--
	}
}

// maxWritten is how many volumes are open to be written beside weir.db and those that new
// messages go to.
const maxWritten = 4

// closeUnused closes what was not written for the longest time.
func (w *writer) closeUnused() {
	if w.open <= maxWritten+len(w.currents)+1 {
		return
	}
	var old *volume
	for _, v := range w.store.volumes.all {
		if v.conn == nil || v == w.store.volumes.base || v == w.currents[v.class] {
			continue
		}
		if old == nil || v.written < old.written {
			old = v
		}
	}
	if old != nil {
		w.shut(old)
	}
}

// shut has weir.db know what is in a volume, and closes it. If the first fails the next
// start looks into it.
func (w *writer) shut(v *volume) {
	if err := w.note(v); err != nil {
		w.log.Warn("What is in a file of messages could not be noted; the next start looks into it", "file", v.path, "error", err)
	}
	w.disconnect(v)
}

func (w *writer) disconnectAll() {
	for _, v := range w.store.volumes.all {
		if v != w.store.volumes.base && (v.conn != nil || !v.clean) {
			w.shut(v)
		}
	}
	w.disconnect(w.store.volumes.base)
}

// leave ends the work on a volume that has got a successor: its log is brought into the
// file beside the traffic.
func (w *writer) leave(v *volume) {
	if v == nil {
		return
	}
	w.store.side.Go(func() {
		if err := checkpoint(v.path); err != nil {
			w.log.Warn("The log of a file of messages could not be brought into it; that is done when it is closed", "file", v.path, "error", err)
		}
	})
}
