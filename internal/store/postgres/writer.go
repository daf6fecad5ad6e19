package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/weir-health/weir/internal/store/group"
)

const (
	// writeWithin is how long one transaction may take before its connection is given
	// up; large ones have writeRate more for each of so many bytes.
	writeWithin = time.Minute
	writeRate   = 1 << 20 // bytes a second, on the slowest link

	// retries is how often a transaction is tried again that the server undid for
	// the sake of another one, or because partitions were dropped.
	retries = 5

	// Between attempts to connect.
	firstWait = 50 * time.Millisecond
	longWait  = 2 * time.Second
)

// writer is the one goroutine that writes. While it commits a group of entries
// the next group collects in the queue.
type writer struct {
	store   *Store
	log     *slog.Logger
	session *session // nil while the connection is lost
	number  int64    // of the last group that was tried
	former  uint32   // the server's process of the last connection
	done    chan struct{}

	down    time.Time // since when the database does not answer; zero while it does
	again   time.Time // when the next attempt is due
	failure error     // of the last attempt

	blocks map[int32]int32 // the newest block of terms of each channel that has written

	commits atomic.Int64 // durable transactions so far
	losses  atomic.Int64 // connections lost so far
	doubts  atomic.Int64 // groups whose outcome was lost and found to be committed
}

func (w *writer) run() {
	defer close(w.done)
	group.Run(w.store.queue, w.commit)
}

// commit makes a group durable and tells everyone the outcome. What is done alone
// comes in its turn.
func (w *writer) commit(entries []*entry) {
	for from := 0; from < len(entries); {
		to := from + 1
		if entries[from].Work.alone != nil {
			w.alone(entries[from:to])
		} else {
			for to < len(entries) && entries[to].Work.alone == nil {
				to++
			}
			w.changes(entries[from:to])
		}
		from = to
	}
}

// alone does one thing in a transaction of its own.
func (w *writer) alone(one []*entry) {
	e := one[0]
	err := w.attempt(e.Size, e.Work.alone)
	group.Finish(one, err)
	group.ReportLost(w.log, one)
}

// changes commits a group of changes. If it fails, what happens next depends on why.
func (w *writer) changes(entries []*entry) {
	last, err := w.transact(entries)
	if full(err) && len(entries) > 1 {
		w.changeEach(entries)
	} else {
		group.Finish(entries, err)
	}
	group.ReportLost(w.log, entries)
	w.sortTerms(last)
}

// maxFullInRow is how many changes in a row have to find the disk full until the
// rest of their group is not tried any more.
const maxFullInRow = 8

// changeEach commits one entry at a time: where a large change finds no room a
// small one may.
func (w *writer) changeEach(entries []*entry) {
	inRow := 0
	for i := range entries {
		one := entries[i : i+1]
		_, err := w.transact(one)
		group.Finish(one, err)
		if !full(err) {
			inRow = 0
		} else if inRow++; inRow == maxFullInRow {
			group.Finish(entries[i+1:], err)
			return
		}
	}
}

// sortTerms puts the terms of the blocks together that a group has left behind. It can
// wait until the next time: until then they are found all the same.
func (w *writer) sortTerms(last map[int32]int64) {
	for channel, id := range last {
		block := blockOf(id)
		former, known := w.blocks[channel]
		if known && former >= block {
			continue
		}
		w.blocks[channel] = block
		if block == 0 {
			continue
		}
		if !known {
			former = block - 1
		}
		err := w.attempt(0, func(ctx context.Context, s *session) error { return s.sortTerms(ctx, channel, former, block-1) })
		if err != nil {
			w.log.Warn("The search terms of older messages could not be put in order; searching is slower until they are", "error", err)
		}
	}
}

// transact runs changes in one transaction. Those that are refused keep their errors
// to themselves. It returns the highest message that came, by channel.
func (w *writer) transact(entries []*entry) (last map[int32]int64, err error) {
	size := 0
	for _, e := range entries {
		size += e.Size
	}
	err = w.attempt(size, func(ctx context.Context, s *session) error {
		where, sure, err := s.locate(ctx, entries)
		if err != nil {
			return err
		}
		var known *known
		if !sure {
			if known, err = s.known(ctx, entries, where); err != nil {
				return err
			}
		}
		p := planOf(entries, where, known)
		last = p.last
		if p.changes == 0 {
			return nil
		}
		err = s.write(ctx, p)
		if !refused(err) {
			return err
		}
		// One is at fault: again, with the rows that there are.
		if err := s.rollback(ctx); err != nil {
			return err
		}
		if known, err = s.known(ctx, entries, where); err != nil {
			return err
		}
		p = planOf(entries, where, known)
		last = p.last
		if p.changes == 0 {
			return nil
		}
		return s.write(ctx, p)
	})
	if err != nil {
		return nil, err
	}
	return last, nil
}

// planOf puts a group together, and leaves out what is refused.
func planOf(entries []*entry, where map[messageKey]int32, known *known) *plan {
	p := newPlan(where, known, len(entries))
	for _, e := range entries {
		e.Err = p.add(e.Work.change)
	}
	return p
}

// known reads which of the rows and blobs that a group reaches are in the database. They
// may be in the parts that the messages are said to be in, or in others.
func (s *session) known(ctx context.Context, entries []*entry, where map[messageKey]int32) (*known, error) {
	k := &known{rows: map[place]knownRow{}, where: map[messageKey]int32{}}
	asked := map[int32]*arrays{}
	for _, e := range entries {
		c := e.Work.change
		if len(c.rows) == 0 {
			continue
		}
		at := where[messageKey{c.channel.number, c.message}]
		for _, part := range append(s.parts.having(c.channel.number, c.message), at) {
			if asked[part] == nil {
				asked[part] = newArrays(rowTypes...)
			}
			for i := range c.rows {
				asked[part].int4(c.rows[i].channel)
				asked[part].int8(c.rows[i].message)
				asked[part].int4(c.rows[i].connector)
			}
		}
	}
	for _, part := range byPart(asked) {
		if err := s.knownIn(ctx, part, asked[part], k); err != nil {
			return nil, err
		}
	}
	var err error
	k.blobs, err = s.looseOf(ctx, entries)
	return k, err
}

func (s *session) knownIn(ctx context.Context, part int32, asked *arrays, k *known) error {
	parameters := asked.parameters()
	result := s.conn.PgConn().ExecParams(ctx, "SELECT DISTINCT m.channel, m.message, m.connector, m.status IS NOT NULL"+
		" FROM "+tableOf("messages", part)+" m JOIN "+unnest(rowColumns, rowTypes)+" ON "+sameRow,
		parameters, nil, binaryForm(parameters), nil)
	for result.NextRow() {
		var at place
		var source string
		v := result.Values() // as text
		_, err := fmt.Sscan(string(v[0])+" "+string(v[1])+" "+string(v[2])+" "+string(v[3]), &at.channel, &at.message, &at.connector, &source)
		if err != nil {
			result.Close()
			return err
		}
		k.rows[at] = knownRow{source == "t"}
		k.where[messageKey{at.channel, at.message}] = part
	}
	_, err := result.Close()
	return err
}

// rollback ends a transaction that failed.
func (s *session) rollback(ctx context.Context) error {
	if s.conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := s.conn.Exec(ctx, "ROLLBACK")
	return err
}

// attempt does something until its outcome is known: it was done, it was refused, or the
// database has been out of reach for longer than its patience. size is about how many
// bytes it sends.
func (w *writer) attempt(size int, do func(context.Context, *session) error) (err error) {
	defer func() { err = w.store.fault(err) }()
	doubt := int64(0) // the number under which it may have been committed
	for tries := 0; ; tries++ {
		if err := w.reach(doubt != 0); err != nil {
			return err
		}
		if doubt != 0 {
			ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
			last, err := w.session.committed(ctx)
			cancel()
			switch {
			case errors.Is(err, errReplaced):
				return err
			case err != nil:
				w.lose(err)
				continue
			case last == doubt:
				w.doubts.Add(1)
				w.commits.Add(1)
				return nil
			}
			doubt = 0
		}
		ctx, cancel := context.WithTimeout(context.Background(), writeWithin+time.Duration(size/writeRate)*time.Second)
		before := w.session.number
		err := do(ctx, w.session)
		cancel()
		if err == nil {
			w.commits.Add(1)
			return nil
		}
		if lost(err) || w.session.conn.IsClosed() {
			// What pgconn says of its last step, that it may be tried again, is not
			// to be trusted for the group: an earlier one may have carried it all.
			if w.session.number != before {
				doubt = w.session.number
			}
			w.lose(err)
			continue
		}
		ctx, cancel = context.WithTimeout(context.Background(), writeWithin)
		if rollErr := w.session.rollback(ctx); rollErr != nil {
			w.lose(rollErr)
		} else if gone(err) {
			if loadErr := w.session.loadParts(ctx); loadErr != nil {
				w.lose(loadErr)
			}
		}
		cancel()
		if !transient(err) && !gone(err) || tries >= retries {
			return err
		}
	}
}

// reach waits until there is a connection. It gives up when the database has been out of
// reach for longer than the writer's patience, or the store is being closed. Where the
// outcome of a group is in doubt it cannot be given up, since its callers would be told
// that nothing of it is kept; then those behind it are refused.
func (w *writer) reach(doubt bool) error {
	for wait := firstWait; w.session == nil; wait = min(2*wait, longWait) {
		impatient := !w.down.IsZero() && time.Since(w.down) > w.store.patience
		if impatient && !doubt && time.Now().Before(w.again) {
			return w.failure
		}
		if w.connect() {
			return nil
		}
		w.again = time.Now().Add(longWait)
		if errors.Is(w.failure, errReplaced) {
			return w.failure
		}
		if w.store.closing.Load() {
			if doubt {
				return fmt.Errorf("whether it is kept is not known: %w", w.failure)
			}
			return w.failure
		}
		if time.Since(w.down) > w.store.patience {
			if !doubt {
				return w.failure
			}
			waiting, _ := w.store.queue.Pending(nil)
			group.Finish(waiting, w.store.fault(w.failure))
			group.ReportLost(w.log, waiting)
		}
		select {
		case <-time.After(wait):
		case <-w.store.closed:
		}
	}
	return nil
}

// connectWithin is how long one attempt to connect may take, over all hosts.
const connectWithin = 15 * time.Second

func (w *writer) connect() bool {
	ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
	defer cancel()
	s, err := w.store.connect(ctx, w.former)
	if err == nil {
		if _, err = s.committed(ctx); err == nil {
			err = s.loadParts(ctx)
		}
		if err != nil {
			s.close()
		}
	}
	if err != nil {
		w.failed(err)
		return false
	}
	s.number = w.number
	w.session, w.former = s, s.process()
	if !w.down.IsZero() {
		w.log.Info("The database answers again", "database", w.store.name, "after", time.Since(w.down).Round(time.Millisecond))
		w.down = time.Time{}
	}
	return true
}

// failed notes that the database does not answer, and says so once.
func (w *writer) failed(err error) {
	w.failure = err
	if w.down.IsZero() {
		w.down = time.Now()
		w.log.Error("The database does not answer: nothing is acknowledged until it does", "database", w.store.name, "error", w.store.fault(err))
	}
}

// lose gives the connection up.
func (w *writer) lose(err error) {
	w.losses.Add(1)
	w.number = w.session.number
	w.session.close()
	w.session = nil
	w.failed(err)
}

// refused reports that a change met what it did not expect.
func refused(err error) bool {
	switch state(err) {
	case stateMissing, "23505": // unique_violation
		return true
	}
	return false
}

// end is called once the queue is empty and closed.
func (w *writer) end(inOrder bool) error {
	if w.session == nil {
		return nil
	}
	defer w.session.close()
	if !inOrder {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
	defer cancel()
	return w.session.stopInOrder(ctx)
}
