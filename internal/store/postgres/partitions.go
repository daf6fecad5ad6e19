package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Contents and chunks of one retention class that were received in one period lie in
// partitions of their own, contents_0_20260105 and chunks_0_20260105, so that what
// has aged is dropped as a table. The writer makes them before it needs them, and
// writes into them by their names: that spares the server the search for them.

// aheadDays is how long before its first day a period is made.
const aheadDays = 2

// lastDay is the highest day that a message may be received on, in the year 2243: what
// is beyond either end is kept with the last day or the first.
const lastDay = 100_000

// dayOf is the day of a time since 1970, in UTC; the zero time is day 0.
func dayOf(t time.Time) int32 {
	if t.IsZero() {
		return 0
	}
	return int32(min(max(t.Unix()/86_400, 0), lastDay))
}

// period is the days that one partition holds.
type period struct {
	class      int16
	first, end int32
}

func (p period) has(h home) bool { return p.class == h.class && p.first <= h.day && h.day < p.end }

// table is the name of the period's partition of contents or chunks.
func (p period) table(of string) string {
	return fmt.Sprintf("%s_%d_%s", of, p.class, time.Unix(int64(p.first)*86_400, 0).UTC().Format("20060102"))
}

// period returns the partition of a home, which ensure has made.
func (s *session) period(h home) period {
	for _, p := range s.periods {
		if p.has(h) {
			return p
		}
	}
	return period{class: h.class, first: math.MinInt32} // not reached: ensure came before
}

func (s *session) knows(h home) bool {
	for i := len(s.periods) - 1; i >= 0; i-- {
		if s.periods[i].has(h) {
			return true
		}
	}
	return false
}

// ensure makes the partitions that a plan needs, and those that will soon be needed.
// A partition is made in a transaction of its own, so that traffic waits for it as
// shortly as can be.
func (s *session) ensure(ctx context.Context, homes map[home]bool) error {
	for h := range homes {
		if !s.knows(h) {
			if err := s.makePeriod(ctx, h); err != nil {
				return err
			}
		}
	}
	today := dayOf(time.Now())
	if s.ahead == today {
		return nil
	}
	for h := range homes {
		if h.day != today {
			continue // an old message says nothing about what comes
		}
		if h.day += aheadDays; !s.knows(h) {
			if err := s.makePeriod(ctx, h); err != nil {
				return err
			}
		}
		s.ahead = today
	}
	return nil
}

func (s *session) makePeriod(ctx context.Context, h home) error {
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		var width int32
		if err := tx.QueryRow(ctx, "SELECT days FROM classes WHERE number = $1", h.class).Scan(&width); err != nil {
			return fmt.Errorf("retention class %d: %w", h.class, err)
		}
		p := period{h.class, h.day - h.day%width, h.day - h.day%width + width}
		// Where the width has changed, the neighbours may reach into it.
		err := tx.QueryRow(ctx, `SELECT greatest($2, (SELECT max(end_day) FROM periods WHERE class = $1 AND end_day <= $4)),
			least($3, (SELECT min(first_day) FROM periods WHERE class = $1 AND first_day > $4))`,
			p.class, p.first, p.end, h.day).Scan(&p.first, &p.end)
		if err != nil {
			return err
		}
		for _, of := range []string{"contents", "chunks"} {
			parent, table := fmt.Sprintf("%s_%d", of, p.class), p.table(of)
			// Attaching takes a weaker lock than making it as a partition would.
			for _, text := range []string{
				fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES IN (%d) PARTITION BY RANGE (day)", parent, of, p.class),
				fmt.Sprintf("CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS) WITH (toast_tuple_target = 8160)", table, parent),
				// Bodies are compressed already, and are found faster beside their keys.
				fmt.Sprintf("ALTER TABLE %s ALTER COLUMN body SET STORAGE EXTERNAL", table),
				fmt.Sprintf("ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%d) TO (%d)", parent, table, p.first, p.end),
			} {
				if _, err := tx.Exec(ctx, text); err != nil {
					return fmt.Errorf("make partition %s: %w", table, err)
				}
			}
		}
		if _, err := tx.Exec(ctx, "INSERT INTO periods (class, first_day, end_day) VALUES ($1, $2, $3)", p.class, p.first, p.end); err != nil {
			return err
		}
		s.periods = append(s.periods, p)
		return nil
	})
}

// loadPeriods reads the partitions that there are.
func (s *session) loadPeriods(ctx context.Context) error {
	rows, err := s.conn.Query(ctx, "SELECT class, first_day, end_day FROM periods ORDER BY end_day")
	if err != nil {
		return err
	}
	s.periods, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p period, err error) {
		err = row.Scan(&p.class, &p.first, &p.end)
		return p, err
	})
	return err
}

// gone reports a partition that was dropped since it was seen.
func gone(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "42P01" || e.Code == "23514")
}
