package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// Message implements [store.Store].
func (s *Store) Message(ctx context.Context, channelID string, id int64) (m *weir.Message, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return nil, store.ErrNotFound
	}
	err = s.view(ctx, func(v *view) error {
		list, err := v.messages(channelID, channel.number, []int64{id}, everyConnector)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return store.ErrNotFound
		}
		m = list[0].Message
		if err := v.imports(channel.number, m); err != nil {
			return err
		}
		return v.contents(channel.number, list, everyConnector)
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Unfinished implements [store.Store].
func (s *Store) Unfinished(ctx context.Context, channelID string, after int64, limit int) ([]*weir.Message, error) {
	return s.page(ctx, channelID, limit, everyConnector, func(v *view, channel int32) ([]int64, error) {
		var finished int64
		if err := v.tx.QueryRow(ctx, "SELECT finished FROM channels WHERE number = $1", channel).Scan(&finished); err != nil {
			return nil, err
		}
		return v.oldest(channel, max(after, finished), limit, nil, "SELECT message FROM messages_N WHERE channel = $1 AND message BETWEEN $2 AND $3"+
			" AND connector = 0 AND NOT processed ORDER BY message LIMIT $4")
	})
}

// Queued implements [store.Store].
func (s *Store) Queued(ctx context.Context, channelID string, metaDataID int, after int64, limit int) ([]*weir.Message, error) {
	if metaDataID < 0 || metaDataID > math.MaxInt32 {
		return nil, nil
	}
	return s.page(ctx, channelID, limit, metaDataID, func(v *view, channel int32) ([]int64, error) {
		return v.oldest(channel, after, limit, hasQueued, fmt.Sprintf("SELECT message FROM messages_N WHERE watched = 81 AND channel = $1"+
			" AND connector = %d AND message BETWEEN $2 AND $3 ORDER BY message LIMIT $4", metaDataID))
	})
}

// hasQueued tells of a part whether something in it may be queued.
func hasQueued(p *part) bool { return p.queued }

// oldest returns the ids after one that a query finds in the parts, the oldest first.
func (v *view) oldest(channel int32, after int64, limit int, only func(*part) bool, query string) (ids []int64, err error) {
	in := everything
	in.low = after + 1
	list := v.s.parts.stretches(channel, in, only)
	slices.SortFunc(list, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	for _, of := range list {
		if len(ids) >= limit && ids[limit-1] < of.from {
			break
		}
		some, err := v.ids(inPart(query, of.part), channel, of.from, of.to, limit)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
		slices.Sort(ids)
		ids = ids[:min(len(ids), limit)]
	}
	return ids, nil
}

// CountQueued implements [store.Store].
func (s *Store) CountQueued(ctx context.Context, channelID string, metaDataID int) (n int64, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok || metaDataID < 0 || metaDataID > math.MaxInt32 {
		return 0, nil
	}
	err = s.view(ctx, func(v *view) error {
		n = 0
		counted := map[int32]bool{}
		for _, of := range s.parts.stretches(channel.number, everything, hasQueued) {
			if counted[of.part] {
				continue
			}
			counted[of.part] = true
			var some int64
			if err := v.tx.QueryRow(ctx, inPart("SELECT count(*) FROM messages_N WHERE watched = 81 AND channel = $1 AND connector = $2", of.part), channel.number, metaDataID).Scan(&some); err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	return n, err
}

// NotEmpty implements [store.Store].
func (s *Store) NotEmpty(ctx context.Context, channelID string, ids []int64) (holding []int64, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return nil, nil
	}
	err = s.view(ctx, func(v *view) error {
		holding = nil
		for part, some := range s.parts.among(channel.number, ids) {
			found, err := v.ids(inPart("SELECT m.message FROM messages_N m WHERE m.channel = $1 AND m.message = ANY($2) AND m.connector = 0"+
				" AND (EXISTS (SELECT 1 FROM contents_N c WHERE c.channel = m.channel AND c.message = m.message)"+
				" OR EXISTS (SELECT 1 FROM attachments_N a WHERE a.channel = m.channel AND a.message = m.message))", part), channel.number, some)
			if err != nil {
				return err
			}
			holding = append(holding, found...)
		}
		slices.Sort(holding)
		return nil
	})
	return holding, err
}

// everyConnector asks for all connectors of a message, not for one beside the source.
const everyConnector = -1

// page reads the messages whose ids are found, all as of one moment.
func (s *Store) page(ctx context.Context, channelID string, limit, connector int, find func(*view, int32) ([]int64, error)) (messages []*weir.Message, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok || limit <= 0 {
		return nil, nil
	}
	err = s.view(ctx, func(v *view) error {
		ids, err := find(v, channel.number)
		if err != nil {
			return err
		}
		list, err := v.messages(channelID, channel.number, ids, connector)
		if err != nil {
			return err
		}
		messages = bare(list)
		return v.contents(channel.number, list, connector)
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// view is a moment of the database: what it reads fits together.
type view struct {
	s   *Store
	ctx context.Context
	tx  pgx.Tx
}

// view reads, and like a change waits for a database that does not answer, as long as the
// store's patience lasts: what reads may be on its way with a message.
func (s *Store) view(ctx context.Context, read func(*view) error) error {
	begun, wait := time.Now(), time.Duration(0)
	for tries := 0; ; tries++ {
		err := s.viewOnce(ctx, read)
		moved := err == errDropped || gone(err) // again, with the parts that there are
		switch {
		case err == nil:
			return nil
		case s.closing.Load():
			return store.ErrClosed
		case ctx.Err() != nil:
			return ctx.Err()
		case lost(err) && time.Since(begun) < s.patience, (transient(err) || moved) && tries < retries:
		case tellsApart(err):
			return err
		default:
			return s.fault(err)
		}
		if !moved {
			s.read.Reset() // after the server was started anew all that the pool has are dead
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		case <-s.closed:
		}
		wait = min(max(2*wait, firstWait), longWait)
	}
}

// tellsApart reports an error that callers look for.
func tellsApart(err error) bool { return err == store.ErrNotFound || err == store.ErrNoAttachment }

func (s *Store) viewOnce(ctx context.Context, read func(*view) error) error {
	tx, err := s.read.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // nothing was written
	drops := s.parts.dropped()
	if err := read(&view{s: s, ctx: ctx, tx: tx}); err != nil && !tellsApart(err) {
		return err
	} else if drops != s.parts.dropped() {
		return errDropped
	} else {
		return err
	}
}

// errDropped is the error of a view during which a part was dropped: what had to stay was
// moved, and may not have been seen at either place.
var errDropped = errors.New("a part of the messages was dropped")

// gone reports a part that was dropped since it was seen.
func gone(err error) bool { return state(err) == "42P01" }

func (v *view) ids(query string, args ...any) ([]int64, error) {
	rows, err := v.tx.Query(v.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// located is a message, and the part it is in.
type located struct {
	*weir.Message
	part int32
}

func bare(list []located) []*weir.Message {
	out := make([]*weir.Message, len(list))
	for i := range list {
		out[i] = list[i].Message
	}
	return out
}

// messages reads messages without contents, in the order of ids: with all connectors, or
// with the source and the one named.
func (v *view) messages(channelID string, channel int32, ids []int64, connector int) ([]located, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found := make(map[int64]located, len(ids))
	for part, some := range v.s.parts.among(channel, ids) {
		if err := v.messagesIn(channelID, channel, part, some, connector, found); err != nil {
			return nil, err
		}
	}
	out := make([]located, 0, len(ids))
	for _, id := range ids {
		if m, ok := found[id]; ok {
			store.SortConnectors(m.Message)
			out = append(out, m)
		}
	}
	return out, nil
}

func (v *view) messagesIn(channelID string, channel, part int32, ids []int64, connector int, found map[int64]located) error {
	text := "SELECT " + messageColumns + " FROM " + tableOf("messages", part) + " WHERE channel = $1 AND message = ANY($2)"
	args := []any{channel, ids}
	if connector != everyConnector {
		text += " AND connector IN (0, $3)"
		args = append(args, connector)
	}
	rows, err := v.tx.Query(v.ctx, text+" ORDER BY message, connector", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := v.scan(rows, channelID, part, found); err != nil {
			return err
		}
	}
	return rows.Err()
}

// imports reads where messages were imported from.
func (v *view) imports(channel int32, messages ...*weir.Message) error {
	ids := make([]int64, len(messages))
	byID := make(map[int64]*weir.Message, len(messages))
	for i, m := range messages {
		ids[i], byID[m.ID] = m.ID, m
	}
	for part, some := range v.s.parts.among(channel, ids) {
		rows, err := v.tx.Query(v.ctx, "SELECT message, id, origin FROM "+tableOf("imports", part)+" WHERE channel = $1 AND message = ANY($2)", channel, some)
		if err != nil {
			return err
		}
		var message, id int64
		var from []byte
		if _, err = pgx.ForEachRow(rows, []any{&message, &id, &from}, func() error {
			byID[message].ImportID, byID[message].ImportChannelID = id, string(from)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// scan reads the current row of messages.
func (v *view) scan(rows pgx.Rows, channelID string, part int32, found map[int64]located) error {
	var channel, connector int32
	var id int64
	var status, watched, flags *int16
	var chain, position, attempts *int32
	var original *int64
	var processed *bool
	var messageReceived, received, sent, answered *time.Time
	var name, metadata []byte
	err := rows.Scan(&channel, &id, &connector, &messageReceived, &processed, &original,
		&status, &watched, &flags, &chain, &position, &attempts, &received, &sent, &answered, &name, &metadata)
	if err != nil {
		return err
	}
	if connector == 0 {
		m := &weir.Message{ID: id, ChannelID: channelID, Received: moment(messageReceived), Processed: value(processed), OriginalID: value(original)}
		found[id] = located{m, part}
	}
	m, ok := found[id]
	if !ok {
		return fmt.Errorf("message %d of channel %s has no row of its own", id, channelID)
	}
	if status == nil {
		return nil
	}
	c := &weir.ConnectorMessage{
		MessageID: id, MetaDataID: int(connector), ChannelID: channelID, ConnectorName: string(name),
		Received: moment(received), Status: weir.Status(*status), ChainID: int(value(chain)), OrderID: int(value(position)),
		SendAttempts: int(value(attempts)), SendDate: moment(sent), ResponseDate: moment(answered), Doubtful: value(flags)&flagDoubtful != 0,
	}
	if c.MetaData, err = v.metadata(metadata, c); err != nil {
		return fmt.Errorf("message %d of channel %s, connector %d: %w", id, channelID, connector, err)
	}
	store.SetErrors(c, int(value(flags)&flagErrors))
	m.Connectors = append(m.Connectors, c)
	return nil
}

// metadata reads the values of metadata columns, which may be encrypted.
func (v *view) metadata(body []byte, c *weir.ConnectorMessage) (map[string]any, error) {
	if len(body) > 0 && body[0] != '{' {
		var err error
		body, err = store.Unseal(v.s.keys, body, true, func() string { return store.MetaDataPlace(c.ChannelID, c.MessageID, c.MetaDataID) })
		if err != nil {
			return nil, err
		}
	}
	return store.UnpackMetaData(string(body))
}

// contents reads contents into the connectors of messages. What the rows say about
// errors stands.
func (v *view) contents(channel int32, list []located, connector int) error {
	byNumber := map[int32][]int64{}
	byID := make(map[int64]*weir.Message, len(list))
	for _, m := range list {
		byNumber[m.part] = append(byNumber[m.part], m.ID)
		byID[m.ID] = m.Message
	}
	for part, ids := range byNumber {
		if err := v.contentsIn(channel, part, ids, connector, byID); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) contentsIn(channel, part int32, ids []int64, connector int, byID map[int64]*weir.Message) error {
	text := "SELECT message, connector, slot, body FROM " + tableOf("contents", part) + " WHERE channel = $1 AND message = ANY($2)"
	args := []any{channel, ids}
	if connector != everyConnector {
		text += " AND connector IN (0, $3)"
		args = append(args, connector)
	}
	// The source comes before those that refer to it.
	rows, err := v.tx.Query(v.ctx, text+" ORDER BY message, connector, slot", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	masks := map[*weir.ConnectorMessage]int{}
	for _, id := range ids {
		for _, c := range byID[id].Connectors {
			masks[c] = c.Errors()
		}
	}
	for rows.Next() {
		var id int64
		var metaDataID, slot int
		var body pgtype.DriverBytes
		if err := rows.Scan(&id, &metaDataID, &slot, &body); err != nil {
			return err
		}
		m := byID[id]
		c := m.Connector(metaDataID)
		if c == nil {
			continue
		}
		plain, err := store.Unseal(v.s.keys, body, store.Sealed(body), func() string { return store.ContentPlace(m.ChannelID, id, metaDataID, slot) })
		if err == nil {
			err = store.UnpackContents(plain, c, m.Connector(0))
		}
		if err != nil {
			return fmt.Errorf("message %d of channel %s, connector %d: %w", id, m.ChannelID, metaDataID, err)
		}
	}
	for c, mask := range masks {
		store.SetErrors(c, mask)
	}
	return rows.Err()
}

// value is what a column holds, or the zero value where it is NULL.
func value[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

func moment(t *time.Time) time.Time { return value(t).UTC() }
