package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// Remove implements [store.Store]: in one transaction of each volume.
func (s *Store) Remove(ctx context.Context, channelID string, ids []int64, finished bool) (removed []store.Removed, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return nil, errNotOpened
	}
	err = s.inEach(ctx, channel, ids, func(in *volume, ids []int64) error {
		var here []store.Removed
		err := s.queue.Submit(ctx, &entry{Size: rowOverhead * len(ids), Work: work{at: place{in: in}, do: func(tx *transaction) error {
			here = nil // it may run again
			for _, r := range runsOf(channel, ids) {
				found, err := tx.remove(r, finished)
				if err != nil {
					return err
				}
				here = append(here, found...)
			}
			return nil
		}}})
		if err == nil {
			removed = append(removed, here...)
		}
		return err
	})
	slices.SortFunc(removed, func(a, b store.Removed) int { return cmp.Compare(a.ID, b.ID) })
	if err != nil {
		return removed, fmt.Errorf("remove messages of channel %s: %w", channelID, err)
	}
	return removed, nil
}

// RemoveContents implements [store.Store].
func (s *Store) RemoveContents(ctx context.Context, channelID string, ids []int64) error {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return errNotOpened
	}
	err := s.inEach(ctx, channel, ids, func(in *volume, ids []int64) error {
		return s.queue.Submit(ctx, &entry{Size: rowOverhead * len(ids), Work: work{at: place{in: in}, do: func(tx *transaction) error {
			for _, r := range runsOf(channel, ids) {
				for _, statement := range []statement{dropContents, dropAttachmentsOf} {
					if _, err := tx.conn.exec(statement, arguments(r.first, r.last)); err != nil {
						return err
					}
				}
			}
			return nil
		}}})
	})
	if err != nil {
		return fmt.Errorf("remove contents of channel %s: %w", channelID, err)
	}
	return nil
}

// inEach does something with those of some messages that each volume may have. Where one
// has gone meanwhile it begins again: what it had is in another.
func (s *Store) inEach(ctx context.Context, channel int, ids []int64, do func(in *volume, ids []int64) error) error {
	if len(ids) == 0 {
		return nil
	}
	// What was saved before has a place then.
	if err := s.queue.Submit(ctx, &entry{Work: work{at: place{in: s.volumes.base}, do: func(*transaction) error { return nil }}}); err != nil {
		return err
	}
	low, high := slices.Min(ids), slices.Max(ids)
	for {
		list := s.volumes.covering(channel, low, high, time.Time{}, time.Time{})
		var err error
		for _, one := range list {
			e := s.volumes.extent(one, channel)
			var here []int64
			for _, id := range ids {
				if e.covers(id) {
					here = append(here, id)
				}
			}
			if len(here) == 0 {
				continue
			}
			if err = do(one, here); err != nil {
				break
			}
		}
		s.volumes.release(list)
		if !errors.Is(err, errGone) {
			return err
		}
	}
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
