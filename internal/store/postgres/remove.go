package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
)

// Remove implements [store.Store].
func (s *Store) Remove(ctx context.Context, channelID string, ids []int64, finished bool) (removed []store.Removed, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return nil, errNotOpened
	}
	e := &entry{Size: rowOverhead * len(ids), Work: work{alone: func(ctx context.Context, s *session) error {
		err := s.transaction(ctx, func(tx pgx.Tx) (err error) {
			removed, err = s.remove(ctx, tx, channel.number, ids, finished)
			return err
		})
		if err == nil {
			s.forget(channel.number, removed)
		}
		return err
	}}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return nil, fmt.Errorf("remove messages of channel %s: %w", channelID, err)
	}
	return removed, nil
}

// RemoveContents implements [store.Store].
func (s *Store) RemoveContents(ctx context.Context, channelID string, ids []int64) error {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return errNotOpened
	}
	e := &entry{Size: rowOverhead * len(ids), Work: work{alone: func(ctx context.Context, s *session) error {
		return s.transaction(ctx, func(tx pgx.Tx) error {
			if err := s.dropContents(ctx, tx, channel.number, ids); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "DELETE FROM attachments WHERE channel = $1 AND message = ANY($2)", channel.number, ids)
			return err
		})
	}}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return fmt.Errorf("remove contents of channel %s: %w", channelID, err)
	}
	return nil
}

// remove removes messages; attachments go with them.
func (s *session) remove(ctx context.Context, tx pgx.Tx, channel int32, ids []int64, finished bool) (removed []store.Removed, err error) {
	rows, err := tx.Query(ctx, "SELECT message, connector, coalesce(processed, true), coalesce(status = 81, false) FROM messages"+
		" WHERE channel = $1 AND message = ANY($2) ORDER BY message, connector", channel, ids)
	if err != nil {
		return nil, err
	}
	var id int64
	var connector int
	var processed, queued, skip bool
	_, err = pgx.ForEachRow(rows, []any{&id, &connector, &processed, &queued}, func() error {
		if connector == 0 {
			if skip = finished && !processed; !skip {
				removed = append(removed, store.Removed{ID: id, Unfinished: !processed})
			}
		}
		if queued && !skip && len(removed) > 0 {
			last := &removed[len(removed)-1]
			last.Queued = append(last.Queued, connector)
		}
		return nil
	})
	if err != nil || len(removed) == 0 {
		return nil, err
	}
	ids = make([]int64, len(removed))
	blocks := map[int32]bool{}
	for i, r := range removed {
		ids[i] = r.ID
		blocks[blockOf(r.ID)] = true
	}
	if err := s.dropContents(ctx, tx, channel, ids); err != nil {
		return nil, err
	}
	for _, of := range []string{"imports", "messages"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+of+" WHERE channel = $1 AND message = ANY($2)", channel, ids); err != nil {
			return nil, err
		}
	}
	for block := range blocks {
		if err := dropTerms(ctx, tx, channel, block); err != nil {
			return nil, err
		}
	}
	return removed, nil
}

// dropContents removes the contents of messages, in the partitions that have them.
func (s *session) dropContents(ctx context.Context, tx pgx.Tx, channel int32, ids []int64) error {
	rows, err := tx.Query(ctx, "SELECT DISTINCT class, day FROM messages WHERE channel = $1 AND message = ANY($2) AND connector = 0", channel, ids)
	if err != nil {
		return err
	}
	periods := map[period]bool{}
	var h home
	if _, err := pgx.ForEachRow(rows, []any{&h.class, &h.day}, func() error {
		if s.knows(h) { // what has aged is gone with its partition
			periods[s.period(h)] = true
		}
		return nil
	}); err != nil {
		return err
	}
	for p := range periods {
		if _, err := tx.Exec(ctx, "DELETE FROM "+p.table("contents")+" WHERE channel = $1 AND message = ANY($2)", channel, ids); err != nil {
			return err
		}
	}
	return nil
}

// Expire implements [store.Store]. Nothing lies apart yet that could go as a whole.
func (s *Store) Expire(context.Context, map[string]store.Limits) (store.Expired, error) {
	return store.Expired{}, nil
}
