package sqlite

import (
	"context"
	"sync"

	"github.com/weir-health/weir/internal/store"
)

// totals are the statistics of all volumes together. Each change counts in its volume;
// nobody wants to open thousands of them to tell a sum.
type totals struct {
	mu   sync.Mutex
	sums [2]map[int]map[int]store.Counts // by channel and metadata id; the second, what resets took out
}

func (t *totals) add(earlier bool, n countOf) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum(int(truth(earlier)), n.key, n.Counts)
}

func (t *totals) sum(table int, k int64, n store.Counts) {
	if t.sums[table] == nil {
		t.sums[table] = map[int]map[int]store.Counts{}
	}
	channel := int(uint64(k) >> channelShift)
	byID := t.sums[table][channel]
	if byID == nil {
		byID = map[int]store.Counts{}
		t.sums[table][channel] = byID
	}
	byID[keyMetaDataID(k)] = byID[keyMetaDataID(k)].Add(n)
}

// commit adds what a transaction counted.
func (t *totals) commit(tx *transaction) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, n := range tx.counts {
		t.sum(0, k, n)
	}
	for _, n := range tx.resets {
		t.sum(1, n.key, n.Counts)
	}
}

// Statistics implements [store.Store].
func (s *Store) Statistics(_ context.Context, channelID string) (map[int]store.Counts, error) {
	return s.counts(channelID, 1)
}

// Lifetime implements [store.Store].
func (s *Store) Lifetime(_ context.Context, channelID string) (map[int]store.Counts, error) {
	return s.counts(channelID, 2)
}

// counts sums up the counts of a channel in the first tables.
func (s *Store) counts(channelID string, tables int) (map[int]store.Counts, error) {
	if s.closing.Load() {
		return nil, store.ErrClosed
	}
	counts := map[int]store.Counts{}
	channel, ok := s.channels.number(channelID)
	if !ok {
		return counts, nil
	}
	s.totals.mu.Lock()
	defer s.totals.mu.Unlock()
	for _, sums := range s.totals.sums[:tables] {
		for id, c := range sums[channel] {
			counts[id] = counts[id].Add(c)
		}
	}
	for id, c := range counts {
		counts[id] = store.Counts{Received: max(c.Received, 0), Filtered: max(c.Filtered, 0), Sent: max(c.Sent, 0), Error: max(c.Error, 0)}
	}
	return counts, nil
}
