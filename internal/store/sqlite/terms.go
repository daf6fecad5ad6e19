package sqlite

import (
	"slices"

	"github.com/weir-health/weir/internal/store"
)

// blockBits is how many messages a block of terms has, as a power of two: few
// enough that all of its terms stay in memory while they are written, enough that
// a search through a channel of five million messages looks into 600 blocks.
const blockBits = 13

const blockShift = messageShift + blockBits

func blockOf(k int64) int64 { return k >> blockShift }

// boundsOf are the first and the last key of a block.
func boundsOf(block int64) (first, last int64) {
	return block << blockShift, block<<blockShift | (1<<blockShift - 1)
}

// found walks the messages that have all of the query's terms, newest first,
// until visit returns false.
func (v *view) found(channel int, q store.Query, visit func(k int64) (bool, error)) error {
	low, high := bounds(channel, q)
	var oldest, newest int64
	rows, err := v.query(termBlocks, blockOf(low), blockOf(high))
	if err != nil {
		return err
	}
	for rows.Next() {
		err = rows.Scan(&oldest, &newest)
	}
	rows.Close()
	if err != nil {
		return err
	}
	for block := newest; block >= oldest && newest >= oldest; block-- {
		keys, err := v.keys(termMessages, block, q.Terms[0].Hash(), low, high)
		if err != nil {
			return err
		}
		for _, t := range q.Terms[1:] {
			if len(keys) == 0 {
				break
			}
			others, err := v.keys(termMessages, block, t.Hash(), low, high)
			if err != nil {
				return err
			}
			keys = slices.DeleteFunc(keys, func(k int64) bool { return !slices.Contains(others, k) })
		}
		for _, k := range keys {
			if more, err := visit(k); err != nil || !more {
				return err
			}
		}
	}
	return nil
}
