package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

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
			for part, some := range s.parts.among(channel.number, ids) {
				if err := s.dropContents(ctx, tx, part, channel.number, some); err != nil {
					return err
				}
			}
			return nil
		})
	}}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return fmt.Errorf("remove contents of channel %s: %w", channelID, err)
	}
	return nil
}

// remove removes messages with all that is kept of them.
func (s *session) remove(ctx context.Context, tx pgx.Tx, channel int32, ids []int64, finished bool) (removed []store.Removed, err error) {
	for part, some := range s.parts.among(channel, ids) {
		here, err := s.removeIn(ctx, tx, part, channel, some, finished)
		if err != nil {
			return nil, err
		}
		removed = append(removed, here...)
	}
	slices.SortFunc(removed, func(a, b store.Removed) int { return cmp.Compare(a.ID, b.ID) })
	return removed, nil
}

func (s *session) removeIn(ctx context.Context, tx pgx.Tx, part, channel int32, ids []int64, finished bool) (removed []store.Removed, err error) {
	rows, err := tx.Query(ctx, "SELECT message, connector, coalesce(processed, true), coalesce(status = 81, false) FROM "+tableOf("messages", part)+
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
	if err := s.dropContents(ctx, tx, part, channel, ids); err != nil {
		return nil, err
	}
	for _, of := range []string{"imports", "messages"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+tableOf(of, part)+" WHERE channel = $1 AND message = ANY($2)", channel, ids); err != nil {
			return nil, err
		}
	}
	for block := range blocks {
		if err := dropTerms(ctx, tx, part, channel, block); err != nil {
			return nil, err
		}
	}
	return removed, nil
}

// dropContents removes the contents and attachments of messages in a part.
func (s *session) dropContents(ctx context.Context, tx pgx.Tx, part, channel int32, ids []int64) error {
	if _, err := tx.Exec(ctx, "DELETE FROM "+tableOf("contents", part)+" WHERE channel = $1 AND message = ANY($2)", channel, ids); err != nil {
		return err
	}
	all := newArrays(oidInt4, oidInt8)
	for _, id := range ids {
		all.int4(channel)
		all.int8(id)
	}
	return s.send(ctx, []statement{{s.textsOf(part).dropAllAttachments, all.parameters()}}, "")
}
