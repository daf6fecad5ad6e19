package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// find reads in the volumes that may have a message, the newest first, until one has it:
// in the others read returns missing.
func (s *Store) find(ctx context.Context, channelID string, id int64, missing error, read func(v *view, in *volume, k int64) error) error {
	channel, ok := s.channels.number(channelID)
	if !ok || id < 1 || id > MaxMessageID {
		return missing
	}
	may := s.volumes.of(channel, id)
	defer s.volumes.release(may)
	for _, one := range may {
		err := s.view(ctx, one, func(v *view) error { return read(v, one, key(channel, id, 0, 0)) })
		if !errors.Is(err, missing) {
			return err
		}
	}
	if s.closing.Load() {
		return store.ErrClosed
	}
	return missing
}

// Message implements [store.Store].
func (s *Store) Message(ctx context.Context, channelID string, id int64) (m *weir.Message, err error) {
	err = s.find(ctx, channelID, id, store.ErrNotFound, func(v *view, _ *volume, k int64) error {
		if m, err = v.complete(channelID, k); err != nil {
			return err
		}
		return v.imports(int(uint64(k)>>channelShift), m)
	})
	return m, err
}

// Unfinished implements [store.Store].
func (s *Store) Unfinished(ctx context.Context, channelID string, after int64, limit int) ([]*weir.Message, error) {
	return s.page(ctx, channelID, after, limit, func(v *view, channel int) ([]int64, error) {
		return v.keys(unprocessedKeys, lastOfMessage(beyond(channel, after)), lastOfMessage(beyond(channel, MaxMessageID)), limit)
	}, (*view).complete)
}

// Queued implements [store.Store].
func (s *Store) Queued(ctx context.Context, channelID string, metaDataID int, after int64, limit int) ([]*weir.Message, error) {
	if metaDataID < 0 || metaDataID > MaxMetaDataID {
		return nil, nil
	}
	return s.page(ctx, channelID, after, limit, func(v *view, channel int) ([]int64, error) {
		return v.keys(queuedKeys, key(channel, 0, metaDataID, 0), lastOfMessage(beyond(channel, after)), limit)
	}, (*view).queued)
}

// waiting are the volumes that may have messages of a channel above an id that are not
// finished or wait, the one with the lowest first.
func (s *Store) waiting(channel int, after int64) []*volume {
	list := s.volumes.acquire(func(v *volume) bool { return v.waiting.Load() && v.extent(channel).high > after })
	s.volumes.mu.RLock()
	defer s.volumes.mu.RUnlock()
	slices.SortStableFunc(list, func(a, b *volume) int { return cmp.Compare(a.extent(channel).low, b.extent(channel).low) })
	return list
}

// CountQueued implements [store.Store].
func (s *Store) CountQueued(ctx context.Context, channelID string, metaDataID int) (n int64, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok || metaDataID < 0 || metaDataID > MaxMetaDataID {
		return 0, nil
	}
	list := s.waiting(channel, -1)
	defer s.volumes.release(list)
	for _, one := range list {
		err := s.view(ctx, one, func(v *view) error {
			counts, err := v.keys(countQueued, key(channel, 0, metaDataID, 0))
			if err == nil {
				n += counts[0]
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}

// NotEmpty implements [store.Store].
func (s *Store) NotEmpty(ctx context.Context, channelID string, ids []int64) (holding []int64, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok || len(ids) == 0 {
		return nil, nil
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	list := s.volumes.covering(channel, ids[0], ids[len(ids)-1], time.Time{}, time.Time{})
	defer s.volumes.release(list)
	for _, one := range list {
		e := s.volumes.extent(one, channel)
		err := s.view(ctx, one, func(v *view) error {
			for _, id := range ids {
				if !e.covers(id) {
					continue
				}
				k := key(channel, id, 0, 0)
				holds, err := v.keys(holdsAny, k, lastOfMessage(k))
				if err != nil {
					return err
				}
				if holds[0] != 0 {
					holding = append(holding, id)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(holding)
	return slices.Compact(holding), nil
}

// page reads the messages of the keys that find returns, each volume's as of one moment.
func (s *Store) page(ctx context.Context, channelID string, after int64, limit int, find func(*view, int) ([]int64, error),
	read func(v *view, channelID string, k int64) (*weir.Message, error)) (messages []*weir.Message, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok || limit <= 0 {
		return nil, nil
	}
	list := s.waiting(channel, after)
	defer s.volumes.release(list)
	for _, one := range list {
		if len(messages) == limit && messages[limit-1].ID < s.volumes.extent(one, channel).low {
			break
		}
		err := s.view(ctx, one, func(v *view) error {
			keys, err := find(v, channel)
			if err != nil {
				return err
			}
			for _, k := range keys {
				m, err := read(v, channelID, k)
				if err != nil {
					return err
				}
				messages = append(messages, m)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		messages = inOrder(messages, limit, func(a, b *weir.Message) int { return cmp.Compare(a.ID, b.ID) })
	}
	return messages, nil
}

// inOrder sorts what came from several volumes, of which one may have what another had
// until just now, and cuts it.
func inOrder[T any](list []T, limit int, compare func(a, b T) int) []T {
	if !slices.IsSortedFunc(list, compare) {
		slices.SortStableFunc(list, compare)
	}
	list = slices.CompactFunc(list, func(a, b T) bool { return compare(a, b) == 0 })
	return list[:min(len(list), limit)]
}

// complete reads a message with all contents.
func (v *view) complete(channelID string, k int64) (*weir.Message, error) {
	m, err := v.rows(channelID, messageRows, firstOfMessage(k), lastOfMessage(k))
	if err != nil {
		return nil, err
	}
	return m, v.contents(m, messageContents, firstOfMessage(k), lastOfMessage(k))
}

// queued reads a message with the source and the destination of k alone.
func (v *view) queued(channelID string, k int64) (*weir.Message, error) {
	first := firstOfMessage(k)
	m, err := v.rows(channelID, twoRows, first, k)
	if err != nil {
		return nil, err
	}
	return m, v.contents(m, twoContents, first, first|MaxSlot, k, k|MaxSlot)
}

// imports reads where messages were imported from, which rise or fall in their ids.
func (v *view) imports(channel int, messages ...*weir.Message) error {
	if len(messages) == 0 {
		return nil
	}
	one, other := messages[0].ID, messages[len(messages)-1].ID
	rows, err := v.query(importsAmong, key(channel, min(one, other), 0, 0), key(channel, max(one, other), 0, 0))
	if err != nil {
		return err
	}
	defer rows.Close()
	byID := map[int64]*weir.Message{}
	for rows.Next() {
		var k, id int64
		var from string
		if err := rows.Scan(&k, &id, &from); err != nil {
			return err
		}
		if len(byID) == 0 {
			for _, m := range messages {
				byID[m.ID] = m
			}
		}
		if m := byID[keyMessage(k)]; m != nil {
			m.ImportID, m.ImportChannelID = id, from
		}
	}
	return rows.Err()
}

// rows reads a message without contents; the row of the message itself comes first.
func (v *view) rows(channelID string, q query, args ...any) (*weir.Message, error) {
	rows, err := v.query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var m *weir.Message
	for rows.Next() {
		if m, err = v.scan(rows, channelID, m); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, store.ErrNotFound
	}
	store.SortConnectors(m)
	return m, nil
}

// contents reads contents into the connectors of a message. What the rows say
// about errors stands.
func (v *view) contents(m *weir.Message, q query, args ...any) error {
	rows, err := v.query(q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	errorMasks := make([]int, len(m.Connectors))
	for i, c := range m.Connectors {
		errorMasks[i] = c.Errors()
	}
	for rows.Next() {
		var k int64
		var body sql.RawBytes
		if err := rows.Scan(&k, &body); err != nil {
			return err
		}
		c := m.Connector(keyMetaDataID(k))
		if c == nil {
			continue
		}
		plain, err := store.Unseal(v.ring, body, store.Sealed(body), func() string { return store.ContentPlace(m.ChannelID, m.ID, c.MetaDataID, int(k&MaxSlot)) })
		if err == nil {
			err = store.UnpackContents(plain, c, m.Connector(0))
		}
		if err != nil {
			return fmt.Errorf("message %d of channel %s, connector %d: %w", m.ID, m.ChannelID, c.MetaDataID, err)
		}
	}
	for i, c := range m.Connectors {
		store.SetErrors(c, errorMasks[i])
	}
	return rows.Err()
}
