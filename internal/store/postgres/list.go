package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Messages implements [store.Store]. It never reads contents.
func (s *Store) Messages(ctx context.Context, q store.Query) (messages []*weir.Message, err error) {
	channel, ok := s.channels.find(q.ChannelID)
	if !ok {
		return nil, nil
	}
	if q.Limit <= 0 {
		q.Limit = store.DefaultLimit
	}
	err = s.view(ctx, func(v *view) error {
		ids, err := v.selection(channel.number, q)
		if err != nil {
			return err
		}
		list, err := v.messages(q.ChannelID, channel.number, ids, everyConnector)
		if messages = bare(list); err != nil || len(messages) == 0 {
			return err
		}
		return v.imports(channel.number, messages...)
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// selection returns the ids of the messages that a query selects, newest first.
func (v *view) selection(channel int32, q store.Query) ([]int64, error) {
	in := everything
	in.low = q.After + 1
	if q.Before > 0 {
		in.high = q.Before - 1
	}
	if !q.Since.IsZero() {
		in.since = timeOf(stampOf(q.Since))
	}
	if !q.Until.IsZero() {
		in.until = timeOf(stampOf(q.Until))
	}
	return newest(v.s.parts.stretches(channel, in, nil), q.Limit, func(of stretch) ([]int64, error) {
		if len(q.Terms) > 0 {
			return v.found(channel, of, q)
		}
		return v.selected(channel, of, q, nil)
	})
}

// newest looks through stretches, of which those that reach highest come first, for as many
// ids as are wanted. look returns those of one stretch, newest first.
func newest(list []stretch, limit int, look func(stretch) ([]int64, error)) (ids []int64, err error) {
	for _, of := range list {
		if len(ids) >= limit && ids[limit-1] > of.to {
			break
		}
		some, err := look(of)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
		slices.SortFunc(ids, func(a, b int64) int { return cmp.Compare(b, a) })
		ids = ids[:min(len(ids), limit)]
	}
	return ids, nil
}

// selected selects among all messages of a stretch, or among those named.
func (v *view) selected(channel int32, of stretch, q store.Query, among []int64) ([]int64, error) {
	if len(q.MetaData) > 0 {
		return v.matching(channel, of, q, among)
	}
	text, args := listText(channel, of, q, among)
	args = append(args, q.Limit)
	return v.ids(fmt.Sprintf("%s ORDER BY m.message DESC LIMIT $%d", text, len(args)), args...)
}

// metadataAtOnce is how many rows a search through metadata reads at once. It is looked
// at here, since it may be encrypted.
const metadataAtOnce = 1000

// matching selects by metadata.
func (v *view) matching(channel int32, of stretch, q store.Query, among []int64) (ids []int64, err error) {
	text, args := listText(channel, of, q, among)
	n := len(args)
	text += fmt.Sprintf(" AND (m.message, m.connector) < ($%d, $%d) ORDER BY m.message DESC, m.connector DESC LIMIT %d", n+1, n+2, metadataAtOnce)
	at := place{message: math.MaxInt64}
	for more := true; more && len(ids) < q.Limit; {
		rows, err := v.tx.Query(v.ctx, text, append(args[:n:n], at.message, at.connector)...)
		if err != nil {
			return nil, err
		}
		read := 0
		var metadata []byte
		_, err = pgx.ForEachRow(rows, []any{&at.message, &at.connector, &metadata}, func() error {
			read++
			if len(ids) == q.Limit || len(ids) > 0 && ids[len(ids)-1] == at.message {
				return nil
			}
			values, err := v.metadata(metadata, &weir.ConnectorMessage{ChannelID: q.ChannelID, MessageID: at.message, MetaDataID: int(at.connector)})
			if err == nil && store.Matches(q.MetaData, values) {
				ids = append(ids, at.message)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		more = read == metadataAtOnce
	}
	return ids, nil
}

// listText writes the SQL of a query up to its conditions. Statuses are numbers in the
// text, so that those with an index of their own are found by it. Several connectors of
// a message may match; it is listed once.
func listText(channel int32, of stretch, q store.Query, ids []int64) (text string, args []any) {
	var b strings.Builder
	messages := tableOf("messages", of.part)
	bounds := "m"
	switch {
	case len(q.MetaData) > 0:
		b.WriteString("SELECT m.message, m.connector, m.metadata FROM " + messages + " m")
	case q.AnyConnector():
		b.WriteString("SELECT m.message FROM " + messages + " m")
	default:
		b.WriteString("SELECT DISTINCT m.message FROM " + messages + " m")
	}
	if !q.AnyConnector() && (!q.Since.IsZero() || !q.Until.IsZero()) {
		b.WriteString(" JOIN " + messages + " head ON head.channel = m.channel AND head.message = m.message AND head.connector = 0")
		bounds = "head"
	}
	b.WriteString(" WHERE m.channel = $1")
	args = []any{channel}
	if q.AnyConnector() {
		b.WriteString(" AND m.connector = 0")
	}
	if len(q.Statuses) > 0 {
		if watched(q.Statuses) {
			b.WriteString(" AND m.watched " + among(q.Statuses))
		} else {
			b.WriteString(" AND m.status " + among(q.Statuses))
		}
	}
	if len(q.Connectors) > 0 {
		b.WriteString(" AND m.connector " + among(q.Connectors))
	}
	if q.Failed {
		b.WriteString(" AND m.flags & " + strconv.Itoa(flagErrors) + " <> 0")
	}
	if len(q.MetaData) > 0 {
		b.WriteString(" AND m.metadata IS NOT NULL")
	}
	bound := func(condition string, value any) {
		args = append(args, value)
		fmt.Fprintf(&b, " AND "+condition, len(args))
	}
	if ids != nil {
		bound("m.message = ANY($%d)", ids)
	}
	bound("m.message >= $%d", of.from)
	bound("m.message <= $%d", of.to)
	if !q.Since.IsZero() {
		bound(bounds+".message_received >= $%d", q.Since)
	}
	if !q.Until.IsZero() {
		bound(bounds+".message_received < $%d", q.Until)
	}
	return b.String(), args
}

// watched reports whether messages with one of the statuses have an index: see the
// column of that name.
func watched(statuses []weir.Status) bool {
	return !slices.ContainsFunc(statuses, func(s weir.Status) bool {
		return s != weir.Queued && s != weir.Error && s != weir.Pending
	})
}

// among writes the condition for a number. A partial index is seen to fit with = only.
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
