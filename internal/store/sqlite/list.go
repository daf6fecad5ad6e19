package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"math"
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
	may := s.listed(channel, q)
	defer s.volumes.release(may)
	for _, one := range may {
		if len(messages) == q.Limit {
			lowest := messages[q.Limit-1].ID
			if s.volumes.extent(one, channel).high < lowest {
				break
			}
			q.After = max(q.After, lowest)
		}
		err := s.view(ctx, one, func(v *view) error {
			more, err := v.list(channel, q)
			messages = append(messages, more...)
			return err
		})
		if err != nil {
			return nil, err
		}
		messages = inOrder(messages, q.Limit, func(a, b *weir.Message) int { return cmp.Compare(b.ID, a.ID) })
	}
	return messages, nil
}

// listed are the volumes that may have messages that a query selects.
func (s *Store) listed(channel int, q store.Query) []*volume {
	low, high := bounds(channel, q)
	may := s.volumes.covering(channel, keyMessage(low), keyMessage(high), q.Since, q.Until)
	if len(q.Statuses) == 1 && (q.Statuses[0] == weir.Queued || q.Statuses[0] == weir.Pending) {
		var waiting, others []*volume
		for _, v := range may {
			if v.waiting.Load() {
				waiting = append(waiting, v)
			} else {
				others = append(others, v)
			}
		}
		s.volumes.release(others)
		return waiting
	}
	return may
}

// list reads what a query selects in one volume.
func (v *view) list(channel int, q store.Query) ([]*weir.Message, error) {
	heads, err := v.heads(channel, q)
	if err != nil {
		return nil, err
	}
	messages := make([]*weir.Message, len(heads))
	for i, k := range heads {
		if messages[i], err = v.rows(q.ChannelID, messageRows, k, lastOfMessage(k)); err != nil {
			return nil, err
		}
	}
	return messages, v.imports(channel, messages...)
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

// between selects among the messages of a range of keys. Where a time is asked for, only
// the runs of messages are looked into that a part of it was in.
func (v *view) between(low, high int64, q store.Query) (heads []int64, err error) {
	if q.Since.IsZero() && q.Until.IsZero() || low == firstOfMessage(high) {
		return v.among(low, high, q)
	}
	since, until := int64(math.MinInt64), int64(math.MaxInt64)
	if !q.Since.IsZero() {
		since = q.Since.UnixMicro()
	}
	if !q.Until.IsZero() {
		until = q.Until.UnixMicro()
	}
	spans, err := v.keys(spansOfTime, spanOf(low), spanOf(high), since, until)
	limit := q.Limit
	for len(spans) > 0 && len(heads) < limit && err == nil {
		n := 1
		for n < len(spans) && spans[n] == spans[n-1]-1 {
			n++
		}
		q.Limit = limit - len(heads)
		var more []int64
		more, err = v.among(max(low, spans[n-1]<<spanShift), min(high, spans[0]<<spanShift|(1<<spanShift-1)), q)
		heads, spans = append(heads, more...), spans[n:]
	}
	return heads, err
}

// among selects among the messages of a range of keys by a look at each.
func (v *view) among(low, high int64, q store.Query) ([]int64, error) {
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
		b.WriteString(" AND m.status " + oneOf(q.Statuses))
	}
	if len(q.Connectors) > 0 {
		b.WriteString(" AND m.key >> " + strconv.Itoa(metaShift) + " & " + strconv.Itoa(MaxMetaDataID) + " " + oneOf(q.Connectors))
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

// oneOf writes the condition for a number. A partial index is seen to fit with =
// only, not with IN.
func oneOf[N weir.Status | int](list []N) string {
	var numbers []string
	for _, n := range slices.Compact(slices.Sorted(slices.Values(list))) {
		numbers = append(numbers, strconv.Itoa(int(n)))
	}
	if len(numbers) == 1 {
		return "= " + numbers[0]
	}
	return "IN (" + strings.Join(numbers, ", ") + ")"
}
