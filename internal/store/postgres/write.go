package postgres

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/weir-health/weir/internal/store"
)

// copyFrom is how many changes a group needs, or bytes, for its rows to go out with
// COPY: below, COPY's further trips to the server cost more than it spares.
const (
	copyFrom      = 16
	copyFromBytes = 1 << 20
)

// The columns of messages in the order in which they are sent, and their types.
var (
	rowColumns = "channel, message, connector"
	rowTypes   = []uint32{oidInt4, oidInt8, oidInt4}

	headColumns = "class, day, message_received, processed, original"
	headTypes   = []uint32{oidInt2, oidInt4, oidTimestamptz, oidBool, oidInt8}

	connectorColumns = "status, flags, chain, position, attempts, received, sent, answered, name, metadata"
	connectorTypes   = []uint32{oidInt2, oidInt2, oidInt4, oidInt4, oidInt4, oidTimestamptz, oidTimestamptz, oidTimestamptz, oidBytea, oidBytea}

	messageColumns = rowColumns + ", " + headColumns + ", " + connectorColumns
	contentColumns = "channel, message, connector, slot, class, day, body"
	contentTypes   = []uint32{oidInt4, oidInt8, oidInt4, oidInt2, oidInt2, oidInt4, oidBytea}
	chunkColumns   = "channel, message, id, position, class, day, body"
	chunkTypes     = []uint32{oidInt4, oidInt8, oidBytea, oidInt4, oidInt2, oidInt4, oidBytea}
)

// unnest writes the parameters of a statement as a table with the given columns.
func unnest(columns string, types ...[]uint32) string {
	var b strings.Builder
	b.WriteString("unnest(")
	n := 0
	for _, list := range types {
		for _, oid := range list {
			if n++; n > 1 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "$%d::%s[]", n, typeNames[oid])
		}
	}
	fmt.Fprintf(&b, ") AS u (%s)", columns)
	return b.String()
}

var typeNames = map[uint32]string{oidBool: "bool", oidBytea: "bytea", oidInt8: "int8", oidInt2: "int2", oidInt4: "int4", oidTimestamptz: "timestamptz"}

// assign writes the columns as those of an UPDATE from unnest.
func assign(columns string) string {
	list := strings.Split(columns, ", ")
	for i, c := range list {
		list[i] = c + " = u." + c
	}
	return strings.Join(list, ", ")
}

const (
	sameRow = "m.channel = u.channel AND m.message = u.message AND m.connector = u.connector"
	// A message's class and day say where its contents are: a change that would look
	// elsewhere is refused, and made again with what is known.
	sameHome = "m.class = u.class AND m.day = u.day"
)

// SQL states of weir_expect: rows that are not there, and an engine that was replaced.
const (
	stateMissing  = "WE001"
	stateReplaced = "WE002"
)

// expecting is a statement that must meet as many rows as it has.
func expecting(text, rows string) string {
	return "WITH done AS (" + text + " RETURNING 1) SELECT weir_expect((SELECT count(*) FROM done), " + rows + ", '" + stateMissing + "')"
}

var (
	updateSources = expecting("UPDATE messages m SET "+assign(headSet+", "+connectorColumns)+" FROM "+
		unnest(rowColumns+", "+headColumns+", "+connectorColumns+", fresh", rowTypes, headTypes, connectorTypes, []uint32{oidBool})+
		" WHERE "+sameRow+" AND "+sameHome+" AND (m.status IS NULL) = u.fresh", "cardinality($1)")
	updateHeaders = expecting("UPDATE messages m SET "+assign(headSet)+" FROM "+unnest(rowColumns+", "+headColumns, rowTypes, headTypes)+
		" WHERE "+sameRow+" AND "+sameHome, "cardinality($1)")
	updateDestinations = expecting("UPDATE messages m SET "+assign(connectorColumns)+" FROM "+unnest(rowColumns+", "+connectorColumns, rowTypes, connectorTypes)+
		" WHERE "+sameRow, "cardinality($1)")
	headSet = "message_received, processed, original"

	putKeys = "INSERT INTO keys (channel, hash, message, received) SELECT * FROM " +
		unnest("channel, hash, message, received", []uint32{oidInt4, oidBytea, oidInt8, oidTimestamptz}) +
		" ON CONFLICT (channel, hash) DO UPDATE SET message = excluded.message, received = excluded.received"

	importTypes = []uint32{oidInt4, oidInt8, oidInt8, oidBytea}
	putImports  = "INSERT INTO imports (channel, message, id, origin) SELECT * FROM " + unnest("channel, message, id, origin", importTypes)
	dropImports = "DELETE FROM imports i USING " + unnest("channel, message", []uint32{oidInt4, oidInt8}) +
		" WHERE i.channel = u.channel AND i.message = u.message"

	dropAllAttachments = "DELETE FROM attachments a USING " + unnest("channel, message", []uint32{oidInt4, oidInt8}) +
		" WHERE a.channel = u.channel AND a.message = u.message"
	dropAttachments = "DELETE FROM attachments a USING " + unnest("channel, message, id", []uint32{oidInt4, oidInt8, oidBytea}) +
		" WHERE a.channel = u.channel AND a.message = u.message AND a.id = u.id"
	attachmentColumns = "channel, message, id, type, size, sealed, class, day, blob, digest"
	attachmentTypes   = []uint32{oidInt4, oidInt8, oidBytea, oidBytea, oidInt8, oidBool, oidInt2, oidInt4, oidBytea, oidBytea}
	ownBlobs          = expecting("UPDATE attachments a SET owned = true FROM "+unnest("channel, id", []uint32{oidInt4, oidBytea})+
		" WHERE a.channel = u.channel AND a.message = 0 AND a.id = u.id AND NOT a.owned", "cardinality($1)")

	addTerms = "INSERT INTO new_terms (channel, block, body) SELECT * FROM " + unnest("channel, block, body", []uint32{oidInt4, oidInt4, oidBytea})

	dropConnectors = "DELETE FROM messages m USING " + unnest(rowColumns, rowTypes) + " WHERE " + sameRow

	addStatistics = addTo("statistics")
	addEarlier    = addTo("earlier")

	raiseLastMessage = "UPDATE channels c SET last_message = greatest(c.last_message, u.last), finished = u.finished FROM " +
		unnest("number, last, finished", []uint32{oidInt4, oidInt8, oidInt8}) + " WHERE c.number = u.number"

	// mark is part of every transaction: see the table.
	mark = "WITH done AS (UPDATE writer SET committed = $1::int8 WHERE holder = $2::text RETURNING 1)" +
		" SELECT weir_expect((SELECT count(*) FROM done), 1, '" + stateReplaced + "')"
)

// addTo adds to the counts of a table.
func addTo(table string) string {
	return "INSERT INTO " + table + " AS s (channel, connector, received, filtered, sent, error) SELECT * FROM " +
		unnest("channel, connector, received, filtered, sent, error", countTypes) +
		" ON CONFLICT (channel, connector) DO UPDATE SET received = s.received + excluded.received," +
		" filtered = s.filtered + excluded.filtered, sent = s.sent + excluded.sent, error = s.error + excluded.error"
}

var countTypes = []uint32{oidInt4, oidInt4, oidInt8, oidInt8, oidInt8, oidInt8}

// statement is one that is ready to be sent.
type statement struct {
	text       string
	parameters [][]byte
}

// group is a plan as statements: first what must come before the rows of contents and
// attachments, then the rows to insert, then the rest.
type statements struct {
	first []statement
	load  []load
	last  []statement
}

// load is rows for one table.
type load struct {
	table, columns string
	rows           rows
}

// statementsOf turns a plan into statements, its rows to be sent with COPY or not.
func (s *session) statementsOf(p *plan, copying bool) *statements {
	out := &statements{}
	out.first = s.deletions(p)

	newRows := func(types ...[]uint32) rows {
		var all []uint32
		for _, list := range types {
			all = append(all, list...)
		}
		if copying {
			return newCopied(len(all))
		}
		return newArrays(all...)
	}
	inserts := newRows(rowTypes, headTypes, connectorTypes)
	sources := newArrays(join(rowTypes, headTypes, connectorTypes, []uint32{oidBool})...)
	headers := newArrays(join(rowTypes, headTypes)...)
	destinations := newArrays(join(rowTypes, connectorTypes)...)
	for _, r := range p.order {
		switch {
		case r.removed:
		case r.insert:
			putRow(inserts, r, true, true)
		case r.head == nil:
			putRow(destinations, r, false, true)
		case r.columns == nil:
			putRow(headers, r, true, false)
		default:
			putRow(sources, r, true, true)
			sources.bool(r.fresh)
		}
	}
	if inserts.count() > 0 {
		out.load = append(out.load, load{"messages", messageColumns, inserts})
	}
	contents := map[period]rows{}
	// In the order of their keys, so that the index is entered at its end.
	keys := slices.SortedFunc(maps.Keys(p.contents), func(a, b contentKey) int {
		return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.message, b.message), cmp.Compare(a.connector, b.connector), cmp.Compare(a.slot, b.slot))
	})
	for _, k := range keys {
		c := p.contents[k]
		in := s.period(c.home)
		if contents[in] == nil {
			contents[in] = newRows(contentTypes)
		}
		putContent(contents[in], k, c.home, c.body)
	}
	for in, r := range contents {
		out.load = append(out.load, load{in.table("contents"), contentColumns, r})
	}
	s.attachmentsOf(p, out, newRows)
	for _, u := range []struct {
		text string
		rows *arrays
	}{{updateSources, sources}, {updateHeaders, headers}, {updateDestinations, destinations}} {
		if u.rows.rows > 0 {
			out.last = append(out.last, statement{u.text, u.rows.parameters()})
		}
	}
	terms := newArrays(oidInt4, oidInt4, oidBytea)
	for in, row := range p.terms {
		terms.int4(in.channel)
		terms.int4(in.block)
		terms.bytes(row)
	}
	if terms.rows > 0 {
		out.last = append(out.last, statement{addTerms, terms.parameters()})
	}
	out.last = append(out.last, sums(p, s.finished(p))...)
	return out
}

func join(lists ...[]uint32) []uint32 {
	var all []uint32
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func putRow(to rows, r *planned, head, connector bool) {
	to.int4(r.channel)
	to.int8(r.message)
	to.int4(r.connector)
	switch {
	case !head:
	case r.head == nil:
		for range headTypes {
			to.null()
		}
	default:
		to.int2(r.head.class)
		to.int4(r.head.day)
		putStamp(to, r.head.received)
		to.bool(r.head.processed)
		to.int8(r.head.original)
	}
	switch c := r.columns; {
	case !connector:
	case c == nil:
		for range connectorTypes {
			to.null()
		}
	default:
		to.int2(c.status)
		to.int2(c.flags)
		to.int4(c.chain)
		to.int4(c.position)
		to.int4(c.attempts)
		putStamp(to, c.received)
		putStamp(to, c.sent)
		putStamp(to, c.answered)
		to.text(c.name)
		if c.metadata == nil {
			to.null()
		} else {
			to.bytes(c.metadata)
		}
	}
}

func putContent(to rows, k contentKey, h home, body []byte) {
	to.int4(k.channel)
	to.int8(k.message)
	to.int4(k.connector)
	to.int2(k.slot)
	to.int2(h.class)
	to.int4(h.day)
	to.bytes(body)
}

// deletions are what goes before anything comes.
func (s *session) deletions(p *plan) (out []statement) {
	slots := map[period]*arrays{}
	for k, h := range p.slots {
		in := s.period(h)
		if slots[in] == nil {
			slots[in] = newArrays(oidInt4, oidInt8, oidInt4, oidInt2)
		}
		slots[in].int4(k.channel)
		slots[in].int8(k.message)
		slots[in].int4(k.connector)
		slots[in].int2(k.slot)
	}
	everySlot := func(of map[place]home) {
		for at, h := range of {
			in := s.period(h)
			if slots[in] == nil {
				slots[in] = newArrays(oidInt4, oidInt8, oidInt4, oidInt2)
			}
			for slot := range int16(MaxSlot + 1) {
				slots[in].int4(at.channel)
				slots[in].int8(at.message)
				slots[in].int4(at.connector)
				slots[in].int2(slot)
			}
		}
	}
	everySlot(p.all)
	everySlot(p.gone)
	if len(p.gone) > 0 {
		rows := newArrays(rowTypes...)
		for at := range p.gone {
			rows.int4(at.channel)
			rows.int8(at.message)
			rows.int4(at.connector)
		}
		out = append(out, statement{dropConnectors, rows.parameters()})
	}
	for in, a := range slots {
		out = append(out, statement{"DELETE FROM " + in.table("contents") + " m USING " +
			unnest("channel, message, connector, slot", rowTypes, []uint32{oidInt2}) + " WHERE " + sameRow + " AND m.slot = u.slot", a.parameters()})
	}
	all, some := newArrays(oidInt4, oidInt8), newArrays(oidInt4, oidInt8, oidBytea)
	for _, k := range p.dropAttachments {
		if k.id == "" {
			all.int4(k.channel)
			all.int8(k.message)
			continue
		}
		some.int4(k.channel)
		some.int8(k.message)
		some.text(k.id)
	}
	if all.rows > 0 {
		out = append(out, statement{dropAllAttachments, all.parameters()})
	}
	if some.rows > 0 {
		out = append(out, statement{dropAttachments, some.parameters()})
	}
	return out
}

func (s *session) attachmentsOf(p *plan, out *statements, newRows func(...[]uint32) rows) {
	if len(p.attachments) == 0 {
		return
	}
	list := newRows(attachmentTypes)
	blobs := newArrays(oidInt4, oidBytea)
	chunks := map[period]rows{}
	for k, a := range p.attachments {
		list.int4(k.channel)
		list.int8(k.message)
		list.text(k.id)
		list.text(a.kind)
		list.int8(a.size)
		list.bool(a.sealed)
		list.int2(a.class)
		list.int4(a.day)
		if a.blob == "" {
			list.null()
		} else {
			list.text(a.blob)
			blobs.int4(k.channel)
			blobs.text(a.blob)
		}
		if a.digest == nil {
			list.null()
		} else {
			list.bytes(a.digest)
		}
		for position, body := range a.chunks {
			in := s.period(a.home)
			if chunks[in] == nil {
				chunks[in] = newRows(chunkTypes)
			}
			putChunk(chunks[in], k, a.home, position, body)
		}
	}
	out.load = append(out.load, load{"attachments", attachmentColumns, list})
	for in, r := range chunks {
		out.load = append(out.load, load{in.table("chunks"), chunkColumns, r})
	}
	if blobs.rows > 0 {
		out.last = append(out.last, statement{ownBlobs, blobs.parameters()})
	}
}

func putChunk(to rows, k attachmentKey, h home, position int, body []byte) {
	to.int4(k.channel)
	to.int8(k.message)
	to.text(k.id)
	to.int4(int32(position))
	to.int2(h.class)
	to.int4(h.day)
	to.bytes(body)
}

// sums are the statistics and the like: a row per connector and per channel, however
// many messages the group has.
func sums(p *plan, finished map[int32]int64) (out []statement) {
	keys := newArrays(oidInt4, oidBytea, oidInt8, oidTimestamptz)
	for k, c := range p.keys {
		keys.int4(k.channel)
		keys.bytes(c.key)
		keys.int8(c.message)
		keys.int8(c.keyReceived)
	}
	if keys.rows > 0 {
		out = append(out, statement{putKeys, keys.parameters()})
	}
	imported, forgotten := newArrays(importTypes...), newArrays(oidInt4, oidInt8)
	for k, from := range p.imports {
		to := forgotten
		if from != nil {
			to = imported
		}
		to.int4(int32(k[0]))
		to.int8(k[1])
		if from != nil {
			to.int8(from.id)
			to.bytes([]byte(from.channel))
		}
	}
	if imported.rows > 0 {
		out = append(out, statement{putImports, imported.parameters()})
	}
	if forgotten.rows > 0 {
		out = append(out, statement{dropImports, forgotten.parameters()})
	}
	for _, to := range []struct {
		text   string
		counts map[[2]int32]store.Counts
	}{{addStatistics, p.counts}, {addEarlier, p.earlier}} {
		counts := newArrays(countTypes...)
		for k, n := range to.counts {
			if n == (store.Counts{}) {
				continue
			}
			counts.int4(k[0])
			counts.int4(k[1])
			counts.int8(n.Received)
			counts.int8(n.Filtered)
			counts.int8(n.Sent)
			counts.int8(n.Error)
		}
		if counts.rows > 0 {
			out = append(out, statement{to.text, counts.parameters()})
		}
	}
	last := newArrays(oidInt4, oidInt8, oidInt8)
	for channel, mark := range finished {
		last.int4(channel)
		last.int8(p.last[channel])
		last.int8(mark)
	}
	if last.rows > 0 {
		out = append(out, statement{raiseLastMessage, last.parameters()})
	}
	return out
}

// homes are the partitions that a plan reaches.
func (p *plan) homes() map[home]bool {
	homes := map[home]bool{}
	for _, c := range p.contents {
		homes[c.home] = true
	}
	for _, h := range p.slots {
		homes[h] = true
	}
	for _, h := range p.all {
		homes[h] = true
	}
	for _, h := range p.gone {
		homes[h] = true
	}
	for _, a := range p.attachments {
		homes[a.home] = true
	}
	return homes
}

// write carries a plan out in one transaction, which bears the session's next number.
// A group is small if one message to the server and one from it may carry it.
func (s *session) write(ctx context.Context, p *plan) error {
	if err := s.ensure(ctx, p.homes()); err != nil {
		return err
	}
	if err := s.loadUnfinished(ctx, p); err != nil {
		return err
	}
	copying := p.changes >= copyFrom || p.size >= copyFromBytes
	group := s.statementsOf(p, copying)
	s.number++
	group.last = append(group.last, s.mark())
	if err := s.sendGroup(ctx, group, copying); err != nil {
		return err
	}
	s.note(p)
	return nil
}

// sendGroup sends the statements of a group, and commits.
func (s *session) sendGroup(ctx context.Context, group *statements, copying bool) error {
	if !copying {
		for _, l := range group.load {
			group.first = append(group.first, statement{
				"INSERT INTO " + l.table + " (" + l.columns + ") SELECT * FROM " + unnest(l.columns, l.types()), l.rows.(*arrays).parameters()})
		}
		return s.send(ctx, append(group.first, group.last...), "")
	}
	begin := "BEGIN;"
	if len(group.first) > 0 {
		if err := s.send(ctx, append([]statement{{text: "BEGIN"}}, group.first...), ""); err != nil {
			return err
		}
		begin = ""
	}
	for _, l := range group.load {
		text := begin + "COPY " + l.table + " (" + l.columns + ") FROM STDIN (FORMAT binary)"
		if _, err := s.conn.PgConn().CopyFrom(ctx, bytes.NewReader(l.rows.(*copied).end()), text); err != nil {
			return err
		}
		begin = ""
	}
	if begin != "" {
		return s.send(ctx, group.last, "")
	}
	return s.send(ctx, group.last, "COMMIT")
}

// mark makes a transaction bear the session's number.
func (s *session) mark() statement {
	return statement{mark, [][]byte{appendInt8(nil, s.number)[4:], []byte(s.holder)}}
}

// transaction does something in a transaction of its own that bears the next number.
func (s *session) transaction(ctx context.Context, do func(pgx.Tx) error) error {
	s.number++
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return s.send(ctx, []statement{s.mark()}, "")
	})
}

// types are those of the columns of a load.
func (l load) types() []uint32 {
	switch l.columns {
	case messageColumns:
		return join(rowTypes, headTypes, connectorTypes)
	case contentColumns:
		return contentTypes
	case chunkColumns:
		return chunkTypes
	}
	return attachmentTypes
}

// send sends statements together, and then reads the answers. Where no transaction is
// open, they are one.
func (s *session) send(ctx context.Context, list []statement, end string) error {
	conn := s.conn.PgConn()
	batch := &pgconn.Batch{}
	for _, st := range list {
		name, err := s.prepared(ctx, st)
		if err != nil {
			return err
		}
		if name == "" {
			batch.ExecParams(st.text, st.parameters, nil, binaryForm(st.parameters), nil)
			continue
		}
		batch.ExecPrepared(name, st.parameters, binaryForm(st.parameters), nil)
	}
	if end != "" {
		batch.ExecParams(end, nil, nil, nil, nil)
	}
	answers := conn.ExecBatch(ctx, batch)
	for answers.NextResult() {
		if _, err := answers.ResultReader().Close(); err != nil {
			answers.Close()
			return err
		}
	}
	return answers.Close()
}

// binaryForm says of each parameter that it is in binary form.
func binaryForm(parameters [][]byte) []int16 {
	if len(parameters) == 0 {
		return nil
	}
	return []int16{1} // holds for all
}

// prepared returns the name of the statement on this connection, prepared when it is
// first asked for. Those that come once have none.
func (s *session) prepared(ctx context.Context, st statement) (string, error) {
	if len(st.parameters) == 0 {
		return "", nil
	}
	if name, ok := s.names[st.text]; ok {
		return name, nil
	}
	name := fmt.Sprintf("weir%d", len(s.names)+1)
	if _, err := s.conn.PgConn().Prepare(ctx, name, st.text, nil); err != nil {
		return "", err
	}
	s.names[st.text] = name
	return name, nil
}
