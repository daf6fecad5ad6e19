package sqlite

import (
	"errors"

	"github.com/weir-health/weir/internal/store"
)

// transaction is what the entries of one group write to, and the sums that go
// out once for all of them.
type transaction struct {
	conn   *writeConn
	counts map[int64]store.Counts // by key of channel and metadata id
	resets []countOf              // what goes to the counts before a reset
	last   map[int]int64          // highest message id inserted, by channel
	terms  map[int64][]byte       // by block
}

func newTransaction(c *writeConn) *transaction {
	return &transaction{conn: c, counts: map[int64]store.Counts{}, last: map[int]int64{}, terms: map[int64][]byte{}}
}

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
	err := e.Work(tx)
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
	for channel, id := range tx.last {
		if _, err := tx.conn.exec(raiseLastMessage, arguments(id, int64(channel))); err != nil {
			return err
		}
	}
	return nil
}
