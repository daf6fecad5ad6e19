package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Holding implements [store.Store].
func (s *Store) Holding(ctx context.Context, q store.Query, text string) (found []*weir.Message, next int64, err error) {
	channel, ok := s.channels.find(q.ChannelID)
	if !ok {
		return nil, 0, nil
	}
	limit := q.Limit
	q.Limit = store.SearchAtOnce
	var ids []int64
	if err := s.view(ctx, func(v *view) error {
		ids, err = v.selection(channel.number, q)
		return err
	}); err != nil || len(ids) == 0 {
		return nil, 0, err
	}
	if len(ids) == q.Limit {
		next = ids[len(ids)-1]
	}
	may, err := store.InParts(ids, func(part []int64) (may []int64, err error) {
		err = s.view(ctx, func(v *view) error {
			may, err = v.mayHold(q.ChannelID, channel.number, part, store.NewFinder(text))
			return err
		})
		return may, err
	})
	if err != nil {
		return nil, 0, err
	}
	err = s.view(ctx, func(v *view) error {
		if found, err = v.holding(q.ChannelID, channel.number, may, limit, store.NewFinder(text)); err != nil || len(found) == 0 {
			return err
		}
		return v.imports(channel.number, found...)
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
func (v *view) mayHold(channelID string, channel int32, ids []int64, f *store.Finder) ([]int64, error) {
	may := map[int64]bool{}
	for part, some := range v.s.parts.among(channel, ids) {
		if err := v.mayHoldIn(channelID, channel, part, some, f, may); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !may[id] }), nil
}

func (v *view) mayHoldIn(channelID string, channel, part int32, ids []int64, f *store.Finder, may map[int64]bool) error {
	columns := "SELECT message, connector, slot, body FROM " + tableOf("contents", part) + " WHERE channel = $1 AND message "
	text, args := columns+"= ANY($2)", []any{channel, ids}
	if low, high := slices.Min(ids), slices.Max(ids); high-low == int64(len(ids))-1 {
		// One walk along the index instead of one search for each.
		text, args = columns+"BETWEEN $2 AND $3", []any{channel, low, high}
	}
	rows, err := v.tx.Query(v.ctx, text, args...)
	if err != nil {
		return err
	}
	var id int64
	var connector, slot int
	var body pgtype.DriverBytes
	_, err = pgx.ForEachRow(rows, []any{&id, &connector, &slot, &body}, func() error {
		if may[id] {
			return nil
		}
		plain, err := store.Unseal(v.s.keys, body, store.Sealed(body), func() string { return store.ContentPlace(channelID, id, connector, slot) })
		if err != nil {
			return err
		}
		holds, err := f.MayHold(plain)
		if holds {
			may[id] = true
		}
		return err
	})
	return err
}

// holding returns the first of those messages that do hold the text.
func (v *view) holding(channelID string, channel int32, ids []int64, limit int, f *store.Finder) (found []*weir.Message, err error) {
	for few := range slices.Chunk(ids, candidatesAtOnce) {
		list, err := v.messages(channelID, channel, few, everyConnector)
		if err != nil {
			return nil, err
		}
		if err := v.contents(channel, list, everyConnector); err != nil {
			return nil, err
		}
		for _, m := range list {
			if f.Holds(m.Message) {
				if found = append(found, store.WithoutContents(m.Message)); len(found) == limit {
					return found, nil
				}
			}
		}
	}
	return found, nil
}

// candidatesAtOnce is how many messages with contents are in memory at once.
const candidatesAtOnce = 16
