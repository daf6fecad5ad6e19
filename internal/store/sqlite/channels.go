package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// channels knows the number that keys have for a channel, and how long it keeps what.
type channels struct {
	mu        sync.RWMutex
	numbers   map[string]int
	byNumber  map[int]opened
	forgotten map[int]int64 // keys received before are not found any more
}

type opened struct {
	id   string
	keep store.Retention
}

func (c *channels) number(id string) (int, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n, ok := c.numbers[id]
	return n, ok
}

// id is the id of the channel of a key.
func (c *channels) id(k int64) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byNumber[int(uint64(k)>>channelShift)].id
}

// class is what a channel's new messages are kept as.
func (c *channels) class(number int) store.Retention {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byNumber[number].keep
}

func (c *channels) all() []int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Collect(maps.Keys(c.byNumber))
}

func (c *channels) set(number int, ch opened) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.numbers[ch.id] = number
	c.byNumber[number] = ch
}

// forget has keys not be found that were received before a time, and tells since when
// they are.
func (c *channels) forget(number int, before int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.forgotten[number]; !ok || before > at {
		c.forgotten[number] = before
	}
}

func (c *channels) remembers(number int) int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if at, ok := c.forgotten[number]; ok {
		return at
	}
	return math.MinInt64
}

// channels reads which ones there are.
func (v *view) channels(c *channels) error {
	c.numbers, c.byNumber, c.forgotten = map[string]int{}, map[int]opened{}, map[int]int64{}
	return v.each("SELECT number, id, keep_messages, keep_contents, archived FROM channels", func(rows *sql.Rows) error {
		var number int
		var ch opened
		if err := rows.Scan(&number, &ch.id, &ch.keep.Messages, &ch.keep.Contents, &ch.keep.Archived); err != nil {
			return err
		}
		c.set(number, ch)
		return nil
	})
}

// OpenChannel implements [store.Store]. It goes through the writer, so that it
// sees every change saved before.
func (s *Store) OpenChannel(ctx context.Context, channelID, name string, keep store.Retention) (int64, error) {
	if channelID == "" {
		return 0, errors.New("open channel: no id")
	}
	ch := opened{channelID, store.Retention{Messages: max(keep.Messages, 0), Contents: max(keep.Contents, 0), Archived: keep.Archived}}
	var number int
	var last int64
	e := &entry{Size: rowOverhead, Work: work{at: place{in: s.volumes.base}, do: func(tx *transaction) (err error) {
		number, last, err = tx.openChannel(ch, name)
		return err
	}}}
	if err := s.queue.Submit(ctx, e); err != nil {
		return 0, fmt.Errorf("open channel %s: %w", channelID, err)
	}
	s.channels.set(number, ch)
	return max(last, s.volumes.highest(number)), nil
}

func (tx *transaction) openChannel(ch opened, name string) (number int, last int64, err error) {
	_, err = tx.conn.exec(putChannel, arguments(ch.id, name, int64(ch.keep.Messages), int64(ch.keep.Contents), truth(ch.keep.Archived)))
	if err != nil {
		return 0, 0, err
	}
	row, err := tx.conn.row(findChannel, arguments(ch.id), 2)
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
	return number, last, nil
}

// row returns the first row of a query.
func (w *writeConn) row(s statement, args []driver.NamedValue, columns int) ([]driver.Value, error) {
	rows, err := w.query(s, args)
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
