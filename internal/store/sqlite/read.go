package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Message implements [store.Store].
func (s *Store) Message(ctx context.Context, channelID string, id int64) (m *weir.Message, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok || id < 1 || id > MaxMessageID {
		return nil, store.ErrNotFound
	}
	err = s.view(ctx, func(v *view) error {
		if m, err = v.complete(channelID, key(channel, id, 0, 0)); err != nil {
			return err
		}
		return v.imports(channel, m)
	})
	return m, err
}

// Unfinished implements [store.Store].
func (s *Store) Unfinished(ctx context.Context, channelID string, after int64, limit int) ([]*weir.Message, error) {
	return s.page(ctx, channelID, limit, func(v *view, channel int) ([]int64, error) {
		return v.keys(unprocessedKeys, lastOfMessage(beyond(channel, after)), lastOfMessage(beyond(channel, MaxMessageID)), limit)
	}, (*view).complete)
}

// Queued implements [store.Store].
func (s *Store) Queued(ctx context.Context, channelID string, metaDataID int, after int64, limit int) ([]*weir.Message, error) {
	if metaDataID < 0 || metaDataID > MaxMetaDataID {
		return nil, nil
	}
	return s.page(ctx, channelID, limit, func(v *view, channel int) ([]int64, error) {
		return v.keys(queuedKeys, key(channel, 0, metaDataID, 0), lastOfMessage(beyond(channel, after)), limit)
	}, (*view).queued)
}

// CountQueued implements [store.Store].
func (s *Store) CountQueued(ctx context.Context, channelID string, metaDataID int) (n int64, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok || metaDataID < 0 || metaDataID > MaxMetaDataID {
		return 0, nil
	}
	err = s.queries[countQueued].QueryRowContext(ctx, key(channel, 0, metaDataID, 0)).Scan(&n)
	return n, s.reading(err)
}

// NotEmpty implements [store.Store].
func (s *Store) NotEmpty(ctx context.Context, channelID string, ids []int64) (holding []int64, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return nil, nil
	}
	err = s.view(ctx, func(v *view) error {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			if id < 1 || id > MaxMessageID {
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
	return holding, err
}

// page reads the messages of the keys that find returns, all as of one moment.
func (s *Store) page(ctx context.Context, channelID string, limit int, find func(*view, int) ([]int64, error),
	read func(v *view, channelID string, k int64) (*weir.Message, error)) (messages []*weir.Message, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok || limit <= 0 {
		return nil, nil
	}
	err = s.view(ctx, func(v *view) error {
		keys, err := find(v, channel)
		if err != nil {
			return err
		}
		messages = make([]*weir.Message, len(keys))
		for i, k := range keys {
			if messages[i], err = read(v, channelID, k); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// view is a moment of the database: what it reads fits together.
type view struct {
	ctx     context.Context
	tx      *sql.Tx
	ring    *store.KeyRing
	queries *queries
	open    [queryCount]*sql.Stmt // the queries bound to tx
}

func (s *Store) view(ctx context.Context, read func(*view) error) error {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return s.reading(err)
	}
	defer tx.Rollback() // nothing was written
	return s.reading(read(&view{ctx: ctx, tx: tx, ring: s.keys, queries: &s.queries}))
}

func (s *Store) reading(err error) error {
	if err == nil {
		return nil
	}
	if s.closing.Load() {
		return store.ErrClosed
	}
	return fault(s.path, err)
}

func (v *view) query(q query, args ...any) (*sql.Rows, error) {
	if v.open[q] == nil {
		v.open[q] = v.tx.StmtContext(v.ctx, v.queries[q])
	}
	return v.open[q].QueryContext(v.ctx, args...)
}

// keys returns the keys a query finds.
func (v *view) keys(q query, args ...any) ([]int64, error) {
	rows, err := v.query(q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []int64
	for rows.Next() {
		var k int64
		if err := rows.Scan(&k); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
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
