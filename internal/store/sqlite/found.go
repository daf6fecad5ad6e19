package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// FindKey implements [store.Store].
func (s *Store) FindKey(ctx context.Context, channelID, key string) (id int64, received time.Time, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return 0, time.Time{}, store.ErrNotFound
	}
	var at int64
	err = s.queries[messageOfKey].QueryRowContext(ctx, channel, store.HashKey(key)).Scan(&id, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, time.Time{}, store.ErrNotFound
	}
	return id, time.UnixMicro(at).UTC(), s.reading(err)
}

// ForgetKeys implements [store.Store].
func (s *Store) ForgetKeys(ctx context.Context, channelID string, before time.Time) error {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return errNotOpened
	}
	return s.queue.Put(ctx, &entry{Size: rowOverhead, Work: func(tx *transaction) error {
		_, err := tx.conn.exec(forgetKeys, arguments(int64(channel), before.UnixMicro()))
		return err
	}})
}
