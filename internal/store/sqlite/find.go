package sqlite

import (
	"cmp"
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
	may := s.listed(channel, q)
	defer s.volumes.release(may)
	heads, err := s.searched(ctx, channel, q, may)
	if err != nil || len(heads) == 0 {
		return nil, 0, err
	}
	if len(heads) == q.Limit {
		next = keyMessage(heads[len(heads)-1].key)
	}
	if heads, err = s.mayHold(ctx, channel, q.ChannelID, heads, text); err != nil {
		return nil, 0, err
	}
	for len(heads) > 0 && (limit <= 0 || len(found) < limit) {
		in, keys := together(heads)
		heads = heads[len(keys):]
		err := s.view(ctx, in, func(v *view) error {
			left := 0
			if limit > 0 {
				left = limit - len(found)
			}
			more, err := v.holding(q.ChannelID, keys, left, store.NewFinder(text))
			found = append(found, more...)
			if err != nil || len(more) == 0 {
				return err
			}
			return v.imports(channel, more...)
		})
		if err != nil {
			return nil, 0, err
		}
	}
	if len(found) == limit && limit > 0 {
		next = found[limit-1].ID
	}
	return found, next, nil
}

// head is a message and the volume that has it.
type head struct {
	key int64
	in  *volume
}

// together is what the first messages of a list have in common: their volume.
func together(heads []head) (in *volume, keys []int64) {
	for _, h := range heads {
		if h.in != heads[0].in {
			break
		}
		keys = append(keys, h.key)
	}
	return heads[0].in, keys
}

// searched are the messages that a query selects in some volumes, newest first.
func (s *Store) searched(ctx context.Context, channel int, q store.Query, may []*volume) (heads []head, err error) {
	for _, one := range may {
		if len(heads) == q.Limit {
			lowest := keyMessage(heads[q.Limit-1].key)
			if s.volumes.extent(one, channel).high < lowest {
				break
			}
			q.After = max(q.After, lowest)
		}
		err := s.view(ctx, one, func(v *view) error {
			keys, err := v.heads(channel, q)
			for _, k := range keys {
				heads = append(heads, head{k, one})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		heads = inOrder(heads, q.Limit, func(a, b head) int { return cmp.Compare(b.key, a.key) })
	}
	return heads, nil
}

// mayHold returns those of some messages of which what is packed may hold the text.
func (s *Store) mayHold(ctx context.Context, channel int, channelID string, heads []head, text string) (may []head, err error) {
	for len(heads) > 0 {
		in, keys := together(heads)
		heads = heads[len(keys):]
		keys, err := store.InParts(keys, func(part []int64) (may []int64, err error) {
			err = s.view(ctx, in, func(v *view) error {
				may, err = v.mayHold(channelID, channel, part, store.NewFinder(text))
				return err
			})
			return may, err
		})
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			may = append(may, head{k, in})
		}
	}
	return may, nil
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
