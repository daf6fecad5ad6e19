package postgres

import (
	"fmt"
	"math"

	"github.com/weir-health/weir/internal/store"
)

// blockBits is how many messages a block of terms has, as a power of two: few
// enough that all of its terms stay in memory while they are written, enough that
// a search through a channel of five million messages looks into 600 blocks.
const blockBits = 13

func blockOf(message int64) int32 { return int32(min(message>>blockBits, math.MaxInt32)) }

// blocksAtOnce is how many blocks a search looks into before it sees whether it has
// found enough.
const blocksAtOnce = 128

// found returns the messages that have all of the query's terms and meet what else is
// asked for, newest first.
func (v *view) found(channel int32, q store.Query) (ids []int64, err error) {
	var oldest, newest int32
	if err := v.tx.QueryRow(v.ctx, "SELECT coalesce(min(block), 0), coalesce(max(block), -1) FROM terms WHERE channel = $1", channel).Scan(&oldest, &newest); err != nil {
		return nil, err
	}
	oldest = max(oldest, blockOf(max(q.After, 0)))
	if q.Before > 0 {
		newest = min(newest, blockOf(q.Before))
	}
	for last := newest; last >= oldest && len(ids) < q.Limit; last -= blocksAtOnce {
		some, err := v.withTerms(channel, max(oldest, last-blocksAtOnce+1), last, q)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			continue
		}
		rest := q
		rest.Limit -= len(ids)
		some, err = v.selected(channel, rest, some)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	return ids, nil
}

// withTerms returns the messages of some blocks that have all of the query's terms.
func (v *view) withTerms(channel, first, last int32, q store.Query) ([]int64, error) {
	var blocks []int32
	for b := first; b <= last; b++ {
		blocks = append(blocks, b)
	}
	text := "SELECT t.message FROM terms t WHERE t.channel = $1 AND t.block = ANY($2) AND t.term = $3"
	args := []any{channel, blocks, q.Terms[0].Hash()}
	for _, term := range q.Terms[1:] {
		args = append(args, term.Hash())
		text += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM terms o WHERE o.channel = t.channel AND o.block = t.block AND o.term = $%d AND o.message = t.message)", len(args))
	}
	return v.ids(text, args...)
}
