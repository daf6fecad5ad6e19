package postgres

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/weir-health/weir/internal/store"
)

func blockOf(message int64) int32 { return int32(min(message>>store.TermBits, math.MaxInt32)) }

// boundsOf are the first and the last message of a block.
func boundsOf(block int32) (first, last int64) {
	return int64(block) << store.TermBits, int64(block)<<store.TermBits | (1<<store.TermBits - 1)
}

// blocksAtOnce is how many blocks a search looks into before it sees whether it has
// found enough.
const blocksAtOnce = 128

// found returns the messages of a stretch that have all of the query's terms and meet what
// else is asked for, newest first.
func (v *view) found(channel int32, in stretch, q store.Query) (ids []int64, err error) {
	oldest, newest := blockOf(in.from), blockOf(in.to)
	for last := newest; last >= oldest && len(ids) < q.Limit; last -= blocksAtOnce {
		some, err := v.withTerms(channel, in.part, max(oldest, last-blocksAtOnce+1), last, q)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			continue
		}
		rest := q
		rest.Limit -= len(ids)
		some, err = v.selected(channel, in, rest, some)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	return ids, nil
}

// inPart writes the number of a part into a statement, which has it as N.
func inPart(text string, part int32) string {
	return strings.ReplaceAll(text, "_N", "_"+strconv.Itoa(int(part)))
}

// Of a block's runs, the last that begins below the term, and those that begin with it.
const termRows = "SELECT b.block, r.body FROM unnest($2::int4[]) AS b (block), LATERAL (" +
	"(SELECT body FROM term_runs_N WHERE channel = $1 AND block = b.block AND first < $3 ORDER BY first DESC, place DESC LIMIT 1)" +
	" UNION ALL SELECT body FROM term_runs_N WHERE channel = $1 AND block = b.block AND first = $3) AS r" +
	" UNION ALL SELECT block, body FROM new_terms_N WHERE channel = $1 AND block = ANY($2)"

// withTerms returns the messages of some blocks that have all of the query's terms.
func (v *view) withTerms(channel, part, first, last int32, q store.Query) (ids []int64, err error) {
	var blocks []int32
	for b := first; b <= last; b++ {
		blocks = append(blocks, b)
	}
	for i, term := range q.Terms {
		have := map[int64]bool{}
		for _, hash := range store.HashesOf(v.s.keys, term) {
			rows, err := v.tx.Query(v.ctx, inPart(termRows, part), channel, blocks, hash)
			if err != nil {
				return nil, err
			}
			var block int32
			var row pgtype.DriverBytes
			if _, err := pgx.ForEachRow(rows, []any{&block, &row}, func() error {
				from, _ := boundsOf(block)
				for _, place := range store.TermMessages(nil, row, hash) {
					have[from+place] = true
				}
				return nil
			}); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			ids = slices.Collect(maps.Keys(have))
		} else {
			ids = slices.DeleteFunc(ids, func(id int64) bool { return !have[id] })
		}
		if len(ids) == 0 {
			return nil, nil
		}
	}
	return ids, nil
}

// sortTerms puts the terms of some of a channel's blocks together, where there are rows that
// have not been.
func (s *session) sortTerms(ctx context.Context, channel, oldest, newest int32) error {
	in := everything
	in.low, _ = boundsOf(oldest)
	_, in.high = boundsOf(newest)
	for _, of := range s.parts.stretches(channel, in, func(p *part) bool { return !p.leaving && p.number != kept }) {
		rows, err := s.conn.Query(ctx, "SELECT DISTINCT block FROM "+tableOf("new_terms", of.part)+" WHERE channel = $1 AND block <= $2", channel, newest)
		if err != nil {
			return err
		}
		blocks, err := pgx.CollectRows(rows, pgx.RowTo[int32])
		if err != nil {
			return err
		}
		for _, block := range blocks {
			if err := s.transaction(ctx, func(tx pgx.Tx) error { return sortBlock(ctx, tx, of.part, channel, block) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortBlock(ctx context.Context, tx pgx.Tx, part, channel, block int32) error {
	rows, err := tx.Query(ctx, inPart("SELECT body FROM term_runs_N WHERE channel = $1 AND block = $2"+
		" UNION ALL SELECT body FROM new_terms_N WHERE channel = $1 AND block = $2", part), channel, block)
	if err != nil {
		return err
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return err
	}
	if err := deleteTerms(ctx, tx, part, channel, block); err != nil {
		return err
	}
	runs := store.TermRuns(bodies)
	_, err = tx.CopyFrom(ctx, pgx.Identifier{tableOf("term_runs", part)}, []string{"channel", "block", "first", "place", "body"},
		pgx.CopyFromSlice(len(runs), func(i int) ([]any, error) {
			return []any{channel, block, runs[i].First, int16(runs[i].Place), runs[i].Body}, nil
		}))
	return err
}

func deleteTerms(ctx context.Context, tx pgx.Tx, part, channel, block int32) error {
	for _, table := range []string{"term_runs", "new_terms"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+tableOf(table, part)+" WHERE channel = $1 AND block = $2", channel, block); err != nil {
			return err
		}
	}
	return nil
}

// dropTerms removes the terms of a block that has no messages left in a part.
func dropTerms(ctx context.Context, tx pgx.Tx, part, channel, block int32) error {
	first, last := boundsOf(block)
	var some bool
	err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+tableOf("messages", part)+" WHERE channel = $1 AND message BETWEEN $2 AND $3)", channel, first, last).Scan(&some)
	if err != nil || some {
		return err
	}
	return deleteTerms(ctx, tx, part, channel, block)
}
