package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
)

// Statistics implements [store.Store].
func (s *Store) Statistics(ctx context.Context, channelID string) (map[int]store.Counts, error) {
	return s.counts(ctx, channelID, "statistics")
}

// Lifetime implements [store.Store].
func (s *Store) Lifetime(ctx context.Context, channelID string) (map[int]store.Counts, error) {
	return s.counts(ctx, channelID, "(SELECT * FROM statistics UNION ALL SELECT * FROM earlier)")
}

// counts sums up the counts of a channel in a table.
func (s *Store) counts(ctx context.Context, channelID, table string) (counts map[int]store.Counts, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return map[int]store.Counts{}, nil
	}
	err = s.view(ctx, func(v *view) error {
		counts = map[int]store.Counts{}
		rows, err := v.tx.Query(ctx, "SELECT connector, greatest(sum(received), 0)::int8, greatest(sum(filtered), 0)::int8,"+
			" greatest(sum(sent), 0)::int8, greatest(sum(error), 0)::int8 FROM "+table+" AS counts WHERE channel = $1 GROUP BY connector", channel.number)
		if err != nil {
			return err
		}
		var connector int
		var c store.Counts
		_, err = pgx.ForEachRow(rows, []any{&connector, &c.Received, &c.Filtered, &c.Sent, &c.Error}, func() error {
			counts[connector] = c
			return nil
		})
		return err
	})
	return counts, err
}
