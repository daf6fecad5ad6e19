package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
)

// FindKey implements [store.Store].
func (s *Store) FindKey(ctx context.Context, channelID, key string) (id int64, received time.Time, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return 0, time.Time{}, store.ErrNotFound
	}
	err = s.view(ctx, func(v *view) error {
		err := v.tx.QueryRow(ctx, "SELECT message, received FROM keys WHERE channel = $1 AND hash = $2", channel.number, store.HashKey(key)).Scan(&id, &received)
		if errors.Is(err, pgx.ErrNoRows) {
			return store.ErrNotFound
		}
		return err
	})
	if err != nil {
		return 0, time.Time{}, err
	}
	return id, received.UTC(), nil
}

// ForgetKeys implements [store.Store].
func (s *Store) ForgetKeys(ctx context.Context, channelID string, before time.Time) error {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return errNotOpened
	}
	return s.queue.Put(ctx, &entry{Size: rowOverhead, Work: work{alone: func(ctx context.Context, s *session) error {
		return s.transaction(ctx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM keys WHERE ctid = ANY(ARRAY(SELECT ctid FROM keys WHERE channel = $1 AND received < $2"+
				" ORDER BY received LIMIT $3))", channel.number, before, store.ForgetAtOnce)
			return err
		})
	}}})
}
