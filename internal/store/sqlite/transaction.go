package sqlite

import (
	"errors"

	"github.com/weir-health/weir/internal/store"
)

// transaction is what the entries of one group write to, and the sums that go
// out once for all of them.
type transaction struct {
	conn   *writeConn
	volume *volume
	counts map[int64]store.Counts // by key of channel and metadata id
	resets []countOf              // what goes to the counts before a reset
	last   map[int]int64          // highest message id inserted, by channel
	spans  map[int64]extent       // of messages inserted
	terms  map[int64][]byte       // by block
}

func newTransaction(v *volume) *transaction {
	return &transaction{conn: v.conn, volume: v, counts: map[int64]store.Counts{}, last: map[int]int64{}, spans: map[int64]extent{}, terms: map[int64][]byte{}}
}

// A span is a run of messages of one channel of which is known when they were received.
const (
	spanBits  = 10
	spanShift = messageShift + spanBits
)

func spanOf(k int64) int64 { return k >> spanShift }

// rejection is an error that one change brought upon itself: the same group
// without it would have gone through.
type rejection struct{ error }

func (r *rejection) Unwrap() error { return r.error }

// exec runs one step of a change.
func (tx *transaction) exec(s *step) error {
	rows, err := tx.conn.exec(s.statement, s.args)
	switch {
	case err != nil && exists(err):
		return &rejection{store.ErrExists}
	case err != nil && changesFault(err):
		return &rejection{err}
	case err != nil:
		return err
	case rows == 0 && s.statement == addSource:
		return &rejection{store.ErrExists}
	case rows == 0 && oneRow[s.statement]:
		return &rejection{store.ErrNotFound}
	case rows == 0 && s.statement == dropContentWas:
		return &rejection{store.ErrNoAttachment}
	case rows == 0 && oneBlob[s.statement]:
		return &rejection{store.ErrNoBlob}
	}
	return nil
}

// isolated applies an entry so that its rejection undoes nothing else.
func (tx *transaction) isolated(e *entry) error {
	if err := tx.conn.run(savepoint); err != nil {
		return err
	}
	err := e.Work.do(tx)
	var rejected *rejection
	if errors.As(err, &rejected) {
		e.Err = rejected.error
		err = tx.conn.run(rollbackTo)
	}
	if err != nil {
		return err
	}
	return tx.conn.run(release)
}

// count adds what a change counts, once all its steps went through.
func (tx *transaction) count(c *change) {
	for _, n := range c.counts {
		tx.counts[n.key] = tx.counts[n.key].Add(n.Counts)
	}
	tx.resets = append(tx.resets, c.earlier...)
	if c.insert {
		tx.last[c.channel] = max(tx.last[c.channel], c.message)
		span := spanOf(key(c.channel, c.message, 0, 0))
		e, ok := tx.spans[span]
		if !ok {
			e = extent{c.message, c.message, c.received, c.received, false}
		}
		tx.spans[span] = e.with(extent{c.message, c.message, c.received, c.received, false})
	}
	if len(c.terms) > 0 {
		block := blockOf(key(c.channel, c.message, 0, 0))
		for _, hash := range c.terms {
			tx.terms[block] = store.AppendTerm(tx.terms[block], hash, c.message)
		}
	}
}

// flush writes the sums: a row per connector and per channel, however many
// messages the group has.
func (tx *transaction) flush() error {
	for k, n := range tx.counts {
		if n == (store.Counts{}) {
			continue
		}
		if _, err := tx.conn.exec(addStatistics, arguments(k, n.Received, n.Filtered, n.Sent, n.Error)); err != nil {
			return err
		}
	}
	for _, n := range tx.resets {
		if _, err := tx.conn.exec(addEarlier, arguments(n.key, n.Received, n.Filtered, n.Sent, n.Error)); err != nil {
			return err
		}
	}
	for block, row := range tx.terms {
		if _, err := tx.conn.exec(addTerms, arguments(block, row)); err != nil {
			return err
		}
	}
	for span, e := range tx.spans {
		if _, err := tx.conn.exec(raiseSpan, arguments(span, e.low, e.high, e.oldest, e.newest)); err != nil {
			return err
		}
	}
	return nil
}
