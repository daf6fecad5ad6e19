package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Holding implements [store.Store].
func (s *Store) Holding(ctx context.Context, q store.Query, text string) (found []*weir.Message, next int64, err error) {
	channel, ok := s.channels.number(q.ChannelID)
	if !ok {
		return nil, 0, nil
	}
	limit := q.Limit
	q.Limit = store.SearchAtOnce
	var heads []int64
	if err := s.view(ctx, func(v *view) error {
		heads, err = v.heads(channel, q)
		return err
	}); err != nil || len(heads) == 0 {
		return nil, 0, err
	}
	if len(heads) == q.Limit {
		next = keyMessage(heads[len(heads)-1])
	}
	may, err := store.InParts(heads, func(part []int64) (may []int64, err error) {
		err = s.view(ctx, func(v *view) error {
			may, err = v.mayHold(q.ChannelID, channel, part, store.NewFinder(text))
			return err
		})
		return may, err
	})
	if err != nil {
		return nil, 0, err
	}
	err = s.view(ctx, func(v *view) error {
		if found, err = v.holding(q.ChannelID, may, limit, store.NewFinder(text)); err != nil || len(found) == 0 {
			return err
		}
		return v.imports(channel, found...)
	})
	if err != nil {
		return nil, 0, err
	}
	if len(found) == limit && limit > 0 {
		next = found[limit-1].ID
	}
	return found, next, nil
}

// mayHold returns those of some messages, newest first, of which what is packed may hold
// the text.
func (v *view) mayHold(channelID string, channel int, heads []int64, f *store.Finder) (may []int64, err error) {
	ids := make([]int64, len(heads))
	for i, k := range heads {
		ids[i] = keyMessage(k)
	}
	for _, r := range runsOf(channel, ids) {
		if may, err = v.mayHoldIn(channelID, r, f, may); err != nil {
			return nil, err
		}
	}
	slices.Reverse(may)
	return may, nil
}

func (v *view) mayHoldIn(channelID string, r keyRange, f *store.Finder, may []int64) ([]int64, error) {
	rows, err := v.query(messageContents, r.first, r.last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k int64
		var body sql.RawBytes
		if err := rows.Scan(&k, &body); err != nil {
			return nil, err
		}
		if n := len(may); n > 0 && may[n-1] == firstOfMessage(k) {
			continue
		}
		plain, err := store.Unseal(v.ring, body, store.Sealed(body), func() string {
			return store.ContentPlace(channelID, keyMessage(k), keyMetaDataID(k), int(k&MaxSlot))
		})
		if err != nil {
			return nil, err
		}
		holds, err := f.MayHold(plain)
		if err != nil {
			return nil, err
		}
		if holds {
			may = append(may, firstOfMessage(k))
		}
	}
	return may, rows.Err()
}

// holding returns the first of those messages that do hold the text.
func (v *view) holding(channelID string, heads []int64, limit int, f *store.Finder) (found []*weir.Message, err error) {
	for _, k := range heads {
		m, err := v.complete(channelID, k)
		if errors.Is(err, store.ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		if f.Holds(m) {
			if found = append(found, store.WithoutContents(m)); len(found) == limit {
				break
			}
		}
	}
	return found, nil
}
