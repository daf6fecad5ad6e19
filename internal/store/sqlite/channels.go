package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// channels knows the number that keys have for a channel.
type channels struct {
	mu      sync.RWMutex
	numbers map[string]int
}

func (c *channels) number(id string) (int, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n, ok := c.numbers[id]
	return n, ok
}

func (c *channels) set(id string, number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.numbers[id] = number
}

func (c *channels) load(ctx context.Context, db *sql.DB) error {
	c.numbers = map[string]int{}
	rows, err := db.QueryContext(ctx, "SELECT number, id FROM channels")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number int
		var id string
		if err := rows.Scan(&number, &id); err != nil {
			return err
		}
		c.numbers[id] = number
	}
	return rows.Err()
}

// OpenChannel implements [store.Store]. It goes through the writer, so that it
// sees every change saved before.
func (s *Store) OpenChannel(ctx context.Context, channelID, name string, keep store.Retention) (int64, error) {
	if channelID == "" {
		return 0, errors.New("open channel: no id")
	}
	var number int
	var last int64
	e := &entry{Size: rowOverhead, Work: func(tx *transaction) (err error) {
		number, last, err = tx.openChannel(channelID, name)
		return err
	}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return 0, fmt.Errorf("open channel %s: %w", channelID, err)
	}
	s.channels.set(channelID, number)
	return last, nil
}

func (tx *transaction) openChannel(id, name string) (number int, last int64, err error) {
	_, err = tx.conn.exec(putChannel, arguments(id, name))
	if err != nil {
		return 0, 0, err
	}
	row, err := tx.conn.row(findChannel, arguments(id), 2)
	if err != nil {
		return 0, 0, err
	}
	number, last = int(row[0].(int64)), row[1].(int64)
	if number > MaxChannels {
		return 0, 0, &rejection{&weir.Fault{
			Err:  fmt.Errorf("the store has %d channels, the most it can keep", MaxChannels),
			Hint: "Use PostgreSQL, which has no such limit.",
		}}
	}
	// Changes before this one in the same group are not in the table yet.
	return number, max(last, tx.last[number]), nil
}

// row returns the first row of a query.
func (w *writeConn) row(s statement, args []driver.NamedValue, columns int) ([]driver.Value, error) {
	rows, err := w.prepared[s].(driver.StmtQueryContext).QueryContext(context.Background(), args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := make([]driver.Value, columns)
	if err := rows.Next(values); err == io.EOF {
		return nil, sql.ErrNoRows
	} else if err != nil {
		return nil, err
	}
	return values, nil
}
