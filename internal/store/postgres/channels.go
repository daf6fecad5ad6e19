package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
)

// channel is what keys have for a channel, and its retention class.
type channel struct {
	number int32
	class  int16
}

// channels are those that the store knows.
type channels struct {
	mu   sync.RWMutex
	byID map[string]*channel
}

func (c *channels) find(id string) (*channel, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	ch, ok := c.byID[id]
	return ch, ok
}

func (c *channels) set(id string, ch channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID[id] = &ch
}

func (c *channels) load(ctx context.Context, conn *pgx.Conn) error {
	c.byID = map[string]*channel{}
	rows, err := conn.Query(ctx, "SELECT id, number, class FROM channels")
	if err != nil {
		return err
	}
	var id string
	var ch channel
	_, err = pgx.ForEachRow(rows, []any{&id, &ch.number, &ch.class}, func() error {
		c.set(id, ch)
		return nil
	})
	return err
}

// OpenChannel implements [store.Store]. It goes through the writer, so that it
// sees every change saved before.
func (s *Store) OpenChannel(ctx context.Context, channelID, name string, keep store.Retention) (int64, error) {
	if channelID == "" {
		return 0, errors.New("open channel: no id")
	}
	var ch channel
	var last int64
	var number int16
	var kept class
	e := &entry{Size: rowOverhead, Work: work{alone: func(ctx context.Context, s *session) error {
		err := s.transaction(ctx, func(tx pgx.Tx) (err error) {
			// The name changes seldom: a row that is as it should be is left alone.
			if number, kept, err = s.classOf(ctx, tx, keep); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO channels AS c (id, name, class) SELECT $1, $2, $3
				WHERE NOT EXISTS (SELECT 1 FROM channels WHERE id = $1 AND name = $2 AND class = $3)
				ON CONFLICT (id) DO UPDATE SET name = excluded.name, class = excluded.class`, channelID, name, number)
			if err != nil {
				return err
			}
			return tx.QueryRow(ctx, "SELECT number, class, last_message FROM channels WHERE id = $1", channelID).Scan(&ch.number, &ch.class, &last)
		})
		if err == nil {
			s.parts.change(func() { s.parts.classes[number] = kept })
			// What its first message needs is there, so that it does not wait.
			_, err = s.partFor(ctx, number, dayOf(time.Now()))
		}
		return err
	}}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return 0, fmt.Errorf("open channel %s: %w", channelID, err)
	}
	s.channels.set(channelID, ch)
	return last, nil
}
