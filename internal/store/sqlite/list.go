package sqlite

import (
	"context"
	"database/sql"
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
		return v.imports(channel, messages...)
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// heads returns the first keys of the messages that a query selects, newest
// first. Several connectors of a message may match; it is listed once.
func (v *view) heads(channel int, q store.Query) (heads []int64, err error) {
	if len(q.Terms) == 0 {
		low, high := bounds(channel, q)
		return v.between(low, high, q)
	}
	err = v.found(channel, q, func(k int64) (bool, error) {
		// It may have been removed, and it has to meet what else is asked for.
		one, err := v.between(k, lastOfMessage(k), q)
		heads = append(heads, one...)
		return len(heads) < q.Limit, err
	})
	return heads, err
}

// bounds are the first and the last key that a query may find.
func bounds(channel int, q store.Query) (low, high int64) {
	before := q.Before
	if before <= 0 || before > MaxMessageID {
		before = MaxMessageID + 1
	}
	after := min(max(q.After, 0), MaxMessageID-1)
	return key(channel, after+1, 0, 0), lastOfMessage(key(channel, before-1, 0, 0))
}

// between selects among the messages of a range of keys.
func (v *view) between(low, high int64, q store.Query) ([]int64, error) {
	text, args := listText(low, high, q)
	rows, err := v.tx.QueryContext(v.ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var heads []int64
	for len(heads) < q.Limit && rows.Next() {
		var k int64
		var metadata sql.NullString
		if err := rows.Scan(&k, &metadata); err != nil {
			return nil, err
		}
		if len(q.MetaData) > 0 {
			values, err := v.metadata(metadata.String, q.ChannelID, &weir.ConnectorMessage{MessageID: keyMessage(k), MetaDataID: keyMetaDataID(k)})
			if err != nil {
				return nil, err
			}
			if !store.Matches(q.MetaData, values) {
				continue
			}
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
func listText(low, high int64, q store.Query) (text string, args []any) {
	var b strings.Builder
	if len(q.MetaData) > 0 {
		b.WriteString("SELECT m.key, m.metadata FROM messages m")
	} else {
		b.WriteString("SELECT m.key, NULL FROM messages m")
	}
	queued := false
	if len(q.Statuses) == 1 && len(q.Terms) == 0 {
		switch q.Statuses[0] {
		case weir.Queued:
			b.WriteString(" INDEXED BY messages_queued")
			queued = true
		case weir.Error:
			b.WriteString(" INDEXED BY messages_failed")
		case weir.Pending:
			b.WriteString(" INDEXED BY messages_pending")
		}
	}
	bounds := "m"
	if !q.AnyConnector() && (!q.Since.IsZero() || !q.Until.IsZero()) {
		b.WriteString(" JOIN messages head ON head.key = m.key & " + strconv.Itoa(^(1<<messageShift - 1)))
		bounds = "head"
	}
	b.WriteString(" WHERE m.key BETWEEN ? AND ?")
	args = append(args, low, high)
	switch channel := int(uint64(low) >> channelShift); {
	case queued && len(q.Connectors) == 1:
		b.WriteString(" AND m.queue = ?")
		args = append(args, key(channel, 0, q.Connectors[0], 0))
	case queued: // what waits in several queues is sorted
		b.WriteString(" AND m.queue BETWEEN ? AND ?")
		args = append(args, key(channel, 0, 0, 0), key(channel, 0, MaxMetaDataID, 0))
	}
	if q.AnyConnector() {
		b.WriteString(" AND m.processed IS NOT NULL")
	}
	if len(q.Statuses) > 0 {
		b.WriteString(" AND m.status " + among(q.Statuses))
	}
	if len(q.Connectors) > 0 {
		b.WriteString(" AND m.key >> " + strconv.Itoa(metaShift) + " & " + strconv.Itoa(MaxMetaDataID) + " " + among(q.Connectors))
	}
	if q.Failed {
		b.WriteString(" AND m.flags & " + strconv.Itoa(flagErrors) + " <> 0")
	}
	if len(q.MetaData) > 0 {
		b.WriteString(" AND m.metadata IS NOT NULL")
	}
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

// among writes the condition for a number. A partial index is seen to fit with =
// only, not with IN.
func among[N weir.Status | int](list []N) string {
	var numbers []string
	for _, n := range slices.Compact(slices.Sorted(slices.Values(list))) {
		numbers = append(numbers, strconv.Itoa(int(n)))
	}
	if len(numbers) == 1 {
		return "= " + numbers[0]
	}
	return "IN (" + strings.Join(numbers, ", ") + ")"
}
