package sqlite

import (
	"context"

	"github.com/weir-health/weir/internal/store"
)

// Statistics implements [store.Store].
func (s *Store) Statistics(ctx context.Context, channelID string) (map[int]store.Counts, error) {
	return s.counts(ctx, channelID, channelStatistics)
}

// Lifetime implements [store.Store]. Both tables are read as of one moment.
func (s *Store) Lifetime(ctx context.Context, channelID string) (map[int]store.Counts, error) {
	return s.counts(ctx, channelID, channelStatistics, earlierStatistics)
}

// counts sums up the counts of a channel in some tables.
func (s *Store) counts(ctx context.Context, channelID string, tables ...query) (map[int]store.Counts, error) {
	counts := map[int]store.Counts{}
	channel, ok := s.channels.number(channelID)
	if !ok {
		return counts, nil
	}
	err := s.view(ctx, func(v *view) error {
		for _, table := range tables {
			if err := v.count(table, channel, counts); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id, c := range counts {
		counts[id] = store.Counts{Received: max(c.Received, 0), Filtered: max(c.Filtered, 0), Sent: max(c.Sent, 0), Error: max(c.Error, 0)}
	}
	return counts, nil
}

func (v *view) count(table query, channel int, counts map[int]store.Counts) error {
	rows, err := v.query(table, key(channel, 0, 0, 0), key(channel, 0, MaxMetaDataID, 0))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k int64
		var c store.Counts
		if err := rows.Scan(&k, &c.Received, &c.Filtered, &c.Sent, &c.Error); err != nil {
			return err
		}
		counts[keyMetaDataID(k)] = counts[keyMetaDataID(k)].Add(c)
	}
	return rows.Err()
}
