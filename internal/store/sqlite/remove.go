package sqlite

import (
	"context"
	"fmt"
	"slices"

	"github.com/weir-health/weir/internal/store"
)

// Remove implements [store.Store].
func (s *Store) Remove(ctx context.Context, channelID string, ids []int64, finished bool) (removed []store.Removed, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return nil, errNotOpened
	}
	e := &entry{Size: rowOverhead * len(ids), Work: func(tx *transaction) error {
		removed = nil // it may run again
		for _, r := range runsOf(channel, ids) {
			found, err := tx.remove(r, finished)
			if err != nil {
				return err
			}
			removed = append(removed, found...)
		}
		return nil
	}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return nil, fmt.Errorf("remove messages of channel %s: %w", channelID, err)
	}
	return removed, nil
}

// RemoveContents implements [store.Store].
func (s *Store) RemoveContents(ctx context.Context, channelID string, ids []int64) error {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return errNotOpened
	}
	e := &entry{Size: rowOverhead * len(ids), Work: func(tx *transaction) error {
		for _, r := range runsOf(channel, ids) {
			for _, statement := range []statement{dropContents, dropAttachmentsOf} {
				if _, err := tx.conn.exec(statement, arguments(r.first, r.last)); err != nil {
					return err
				}
			}
		}
		return nil
	}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return fmt.Errorf("remove contents of channel %s: %w", channelID, err)
	}
	return nil
}

// keyRange is all keys of a run of messages.
type keyRange struct{ first, last int64 }

// runsOf puts messages that follow one another into one range.
func runsOf(channel int, ids []int64) []keyRange {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var runs []keyRange
	before := int64(-1)
	for _, id := range ids {
		if id < 1 || id > MaxMessageID {
			continue
		}
		k := key(channel, id, 0, 0)
		if len(runs) > 0 && id == before+1 {
			runs[len(runs)-1].last = lastOfMessage(k)
		} else {
			runs = append(runs, keyRange{k, lastOfMessage(k)})
		}
		before = id
	}
	return runs
}

// remove removes the messages of a range.
func (tx *transaction) remove(r keyRange, finished bool) ([]store.Removed, error) {
	found, err := tx.find(r)
	if err != nil {
		return nil, err
	}
	if finished && slices.ContainsFunc(found, func(m store.Removed) bool { return m.Unfinished }) {
		return tx.removeFinished(r, found)
	}
	for _, s := range []statement{dropContents, dropMessages} {
		if _, err := tx.conn.exec(s, arguments(r.first, r.last)); err != nil {
			return nil, err
		}
	}
	for block := blockOf(r.first); block <= blockOf(r.last); block++ {
		if err := tx.dropTerms(block); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// removeFinished removes what of a range is processed.
func (tx *transaction) removeFinished(r keyRange, found []store.Removed) (removed []store.Removed, err error) {
	var ids []int64
	for _, m := range found {
		if !m.Unfinished {
			ids = append(ids, m.ID)
		}
	}
	channel := int(uint64(r.first) >> channelShift)
	for _, part := range runsOf(channel, ids) {
		gone, err := tx.remove(part, false)
		if err != nil {
			return nil, err
		}
		removed = append(removed, gone...)
	}
	return removed, nil
}

// find lists the messages of a range.
func (tx *transaction) find(r keyRange) (found []store.Removed, err error) {
	rows, err := tx.conn.rows(findMessages, r.first, r.last)
	if err != nil {
		return nil, err
	}
	for _, values := range rows {
		k := values[0].(int64)
		if processed, ok := values[1].(int64); ok {
			found = append(found, store.Removed{ID: keyMessage(k), Unfinished: processed == 0})
		}
		if values[2].(int64) != 0 && len(found) > 0 {
			last := &found[len(found)-1]
			last.Queued = append(last.Queued, keyMetaDataID(k))
		}
	}
	return found, nil
}

// Expire implements [store.Store]. Nothing lies apart yet that could go as a whole.
func (s *Store) Expire(context.Context, map[string]store.Limits) (store.Expired, error) {
	return store.Expired{}, nil
}
