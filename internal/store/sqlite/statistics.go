package sqlite

import (
	"context"

	"github.com/weir-health/weir/internal/store"
)

// Statistics implements [store.Store].
func (s *Store) Statistics(ctx context.Context, channelID string) (map[int]store.Counts, error) {
	counts := map[int]store.Counts{}
	channel, ok := s.channels.number(channelID)
	if !ok {
		return counts, nil
	}
	rows, err := s.queries[channelStatistics].QueryContext(ctx, key(channel, 0, 0, 0), key(channel, 0, MaxMetaDataID, 0))
	if err != nil {
		return nil, s.reading(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k int64
		var c store.Counts
		if err := rows.Scan(&k, &c.Received, &c.Filtered, &c.Sent, &c.Error); err != nil {
			return nil, s.reading(err)
		}
		counts[keyMetaDataID(k)] = store.Counts{
			Received: max(c.Received, 0), Filtered: max(c.Filtered, 0), Sent: max(c.Sent, 0), Error: max(c.Error, 0),
		}
	}
	return counts, s.reading(rows.Err())
}
