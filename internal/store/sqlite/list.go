package sqlite

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Messages implements [store.Store]. It never reads contents.
func (s *Store) Messages(ctx context.Context, q store.Query) (messages []*weir.Message, err error) {
	channel, ok := s.channels.number(q.ChannelID)
	if !ok {
		return nil, nil
	}
	if q.Limit <= 0 {
		q.Limit = store.DefaultLimit
	}
	err = s.view(ctx, func(v *view) error {
		heads, err := v.heads(channel, q)
		if err != nil {
			return err
		}
		messages = make([]*weir.Message, len(heads))
		for i, k := range heads {
			if messages[i], err = v.rows(q.ChannelID, messageRows, k, lastOfMessage(k)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// heads returns the first keys of the messages that a query selects, newest
// first. Several connectors of a message may match; it is listed once.
func (v *view) heads(channel int, q store.Query) ([]int64, error) {
	text, args := listText(channel, q)
	rows, err := v.tx.QueryContext(v.ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var heads []int64
	for len(heads) < q.Limit && rows.Next() {
		var k int64
		if err := rows.Scan(&k); err != nil {
			return nil, err
		}
		k = firstOfMessage(k)
		if n := len(heads); n == 0 || heads[n-1] != k {
			heads = append(heads, k)
		}
	}
	return heads, rows.Err()
}

// listText writes the SQL of a query. Statuses are numbers in the text, not
// arguments, so that a search for errors alone, or for what is pending, may use its
// index; SQLite, which does not know how rare they are, has to be told to.
func listText(channel int, q store.Query) (text string, args []any) {
	before := q.Before
	if before <= 0 || before > MaxMessageID {
		before = MaxMessageID + 1
	}
	var b strings.Builder
	b.WriteString("SELECT m.key FROM messages m")
	if len(q.Statuses) == 1 {
		switch q.Statuses[0] {
		case weir.Error:
			b.WriteString(" INDEXED BY messages_failed")
		case weir.Pending:
			b.WriteString(" INDEXED BY messages_pending")
		}
	}
	bounds := "m"
	if len(q.Statuses) == 0 {
		b.WriteString(" WHERE m.processed IS NOT NULL")
	} else {
		if !q.Since.IsZero() || !q.Until.IsZero() {
			b.WriteString(" JOIN messages head ON head.key = m.key & " + strconv.Itoa(^(1<<messageShift - 1)))
			bounds = "head"
		}
		b.WriteString(" WHERE m.status " + among(q.Statuses))
	}
	b.WriteString(" AND m.key BETWEEN ? AND ?")
	args = append(args, key(channel, 1, 0, 0), lastOfMessage(key(channel, before-1, 0, 0)))
	if !q.Since.IsZero() {
		b.WriteString(" AND " + bounds + ".message_received >= ?")
		args = append(args, q.Since.UnixMicro())
	}
	if !q.Until.IsZero() {
		b.WriteString(" AND " + bounds + ".message_received < ?")
		args = append(args, q.Until.UnixMicro())
	}
	b.WriteString(" ORDER BY m.key DESC")
	return b.String(), args
}

// among writes the condition for a status. A partial index is seen to fit with =
// only, not with IN.
func among(statuses []weir.Status) string {
	var numbers []string
	for _, s := range slices.Compact(slices.Sorted(slices.Values(statuses))) {
		numbers = append(numbers, strconv.Itoa(int(s)))
	}
	if len(numbers) == 1 {
		return "= " + numbers[0]
	}
	return "IN (" + strings.Join(numbers, ", ") + ")"
}
