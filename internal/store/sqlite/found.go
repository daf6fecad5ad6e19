package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// FindKey implements [store.Store]. The volume with the newest messages that has the
// key has its last one.
func (s *Store) FindKey(ctx context.Context, channelID, key string) (id int64, received time.Time, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return 0, time.Time{}, store.ErrNotFound
	}
	since, hash := s.channels.remembers(channel), store.HashKey(key)
	list := s.volumes.acquire(func(v *volume) bool {
		e := v.extent(channel)
		return e.keys && (e.high < e.low || e.newest >= since || v == s.volumes.base)
	})
	defer s.volumes.release(list)
	s.volumes.mu.RLock()
	slices.SortStableFunc(list, func(a, b *volume) int { return cmp.Compare(b.extent(channel).newest, a.extent(channel).newest) })
	s.volumes.mu.RUnlock()
	for _, one := range list {
		var at int64
		err := s.view(ctx, one, func(v *view) error {
			q, err := v.query(messageOfKey, channel, hash, since)
			if err != nil {
				return err
			}
			defer q.Close()
			if !q.Next() {
				return errors.Join(q.Err(), sql.ErrNoRows)
			}
			return q.Scan(&id, &at)
		})
		if !errors.Is(err, sql.ErrNoRows) {
			return id, time.UnixMicro(at).UTC(), err
		}
	}
	return 0, time.Time{}, store.ErrNotFound
}

// ForgetKeys implements [store.Store]. Keys are not found from now on. They are removed
// where they were just kept; in older volumes they go with those.
func (s *Store) ForgetKeys(ctx context.Context, channelID string, before time.Time) error {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return errNotOpened
	}
	s.channels.forget(channel, before.UnixMicro())
	list := s.volumes.acquire(func(v *volume) bool { return v.extent(channel).keys })
	defer s.volumes.release(list)
	if len(list) > 1 && list[0] == s.volumes.base {
		list = []*volume{list[0], list[len(list)-1]}
	} else if len(list) > 1 {
		list = list[len(list)-1:]
	}
	for _, one := range list {
		err := s.queue.Put(ctx, &entry{Size: rowOverhead, Work: work{at: place{in: one}, do: func(tx *transaction) error {
			_, err := tx.conn.exec(forgetKeys, arguments(int64(channel), before.UnixMicro()))
			return err
		}}})
		if err != nil {
			return err
		}
	}
	return nil
}
