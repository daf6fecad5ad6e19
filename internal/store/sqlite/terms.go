package sqlite

import (
	"database/sql"
	"slices"

	"github.com/weir-health/weir/internal/store"
)

const blockShift = messageShift + store.TermBits

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
		keys, err := v.inBlock(block, q.Terms)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k < low || k > high {
				continue
			}
			if more, err := visit(k); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// inBlock returns the messages of a block that have all of the terms, newest first.
func (v *view) inBlock(block int64, terms []store.Term) (keys []int64, err error) {
	var places []int64
	for i, t := range terms {
		var have []int64
		for _, hash := range store.HashesOf(v.ring, t) {
			if have, err = v.withHash(have, block, hash); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			places = have
		} else {
			places = slices.DeleteFunc(places, func(place int64) bool { return !slices.Contains(have, place) })
		}
		if len(places) == 0 {
			return nil, nil
		}
	}
	slices.Sort(places)
	first, _ := boundsOf(block)
	for _, place := range slices.Backward(slices.Compact(places)) {
		keys = append(keys, first|place<<messageShift)
	}
	return keys, nil
}

// withHash appends the places in a block of the messages that have a term of a hash.
func (v *view) withHash(have []int64, block, hash int64) ([]int64, error) {
	rows, err := v.query(termRows, block, hash)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row sql.RawBytes
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		have = store.TermMessages(have, row, hash)
	}
	return have, rows.Err()
}

// sortTerms puts the terms of the blocks together that a group has left behind. It can
// wait until the next time: until then they are found all the same.
func (w *writer) sortTerms(v *volume, last map[int]int64) {
	for channel, id := range last {
		block := blockOf(key(channel, id, 0, 0))
		if former, known := v.blocks[channel]; known && former >= block {
			continue
		}
		v.blocks[channel] = block
		from := blockOf(key(channel, 0, 0, 0))
		if block == from {
			continue
		}
		err := w.transaction(v, func(tx *transaction) error { return tx.sortTerms(from, block) })
		if err != nil {
			w.log.Warn("The search terms of older messages could not be put in order; searching is slower until they are", "error", err)
		}
	}
}

// sortTerms does so for the blocks from one to another, which is not among them.
func (tx *transaction) sortTerms(from, to int64) error {
	blocks, err := tx.conn.rows(unsortedBlocks, from, to)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		block := b[0].(int64)
		rows, err := tx.conn.rows(findTerms, block)
		if err != nil {
			return err
		}
		bodies := make([][]byte, len(rows))
		for i, r := range rows {
			bodies[i] = r[0].([]byte)
		}
		if err := tx.deleteTerms(block); err != nil {
			return err
		}
		for _, run := range store.TermRuns(bodies) {
			if _, err := tx.conn.exec(addRun, arguments(block, run.First, run.Place, run.Body)); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropTerms removes the terms of a block that has no messages left.
func (tx *transaction) dropTerms(block int64) error {
	first, last := boundsOf(block)
	some, err := tx.conn.rows(anyMessage, first, last)
	if err != nil || len(some) > 0 {
		return err
	}
	return tx.deleteTerms(block)
}

func (tx *transaction) deleteTerms(block int64) error {
	for _, s := range []statement{dropTerms, dropRuns} {
		if _, err := tx.conn.exec(s, arguments(block)); err != nil {
			return err
		}
	}
	return nil
}
