package postgres

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// copyFrom is how many changes a group needs, or bytes, for its rows to go out with
// COPY: below, COPY's further trips to the server cost more than it spares.
const (
	copyFrom      = 16
	copyFromBytes = 1 << 20
)

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

// load is rows for one table of a part.
type load struct {
	of      string
	part    int32
	columns string
	rows    rows
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
	byNumber := map[int32]*changed{}
	for _, r := range p.order {
		c := byNumber[r.part]
		if c == nil {
			c = &changed{newRows: newRows}
			byNumber[r.part] = c
		}
		c.add(r)
	}
	numbers := byPart(byNumber)
	for _, part := range numbers {
		if inserts := byNumber[part].inserts; inserts != nil {
			out.load = append(out.load, load{"messages", part, messageColumns, inserts})
		}
	}
	contents := map[int32]rows{}
	// In the order of their keys, so that the index is entered at its end.
	keys := slices.SortedFunc(maps.Keys(p.contents), func(a, b contentKey) int {
		return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.message, b.message), cmp.Compare(a.connector, b.connector), cmp.Compare(a.slot, b.slot))
	})
	for _, k := range keys {
		c := p.contents[k]
		if contents[c.part] == nil {
			contents[c.part] = newRows(contentTypes)
		}
		putContent(contents[c.part], k, c.body)
	}
	for _, part := range byPart(contents) {
		out.load = append(out.load, load{"contents", part, contentColumns, contents[part]})
	}
	s.attachmentsOf(p, out, newRows)
	for _, part := range numbers {
		c, texts := byNumber[part], s.textsOf(part)
		out.then(texts.updateSources, c.sources)
		out.then(texts.updateHeaders, c.headers)
		out.then(texts.updateDestinations, c.destinations)
	}
	terms := map[int32]*arrays{}
	for in, row := range p.terms {
		if terms[in.part] == nil {
			terms[in.part] = newArrays(oidInt4, oidInt4, oidBytea)
		}
		terms[in.part].int4(in.channel)
		terms[in.part].int4(in.block)
		terms[in.part].bytes(row)
	}
	for _, part := range byPart(terms) {
		out.then(s.textsOf(part).addTerms, terms[part])
	}
	s.importsOf(p, out)
	p.spans = s.parts.outgrown(p.arrivals())
	out.then(putSpans, spanRows(p.spans))
	out.last = append(out.last, sums(p, s.finished(p))...)
	return out
}

// then adds a statement to those that come last, if it has rows.
func (st *statements) then(text string, rows *arrays) {
	if rows != nil && rows.rows > 0 {
		st.last = append(st.last, statement{text, rows.parameters()})
	}
}

// changed are the rows of messages that are new or changed in one part.
type changed struct {
	inserts                        rows // nil: none
	sources, headers, destinations *arrays
	newRows                        func(...[]uint32) rows
}

var (
	wholeTypes       = join(rowTypes, headTypes, connectorTypes)
	sourceTypes      = join(wholeTypes, []uint32{oidBool})
	headerTypes      = join(rowTypes, headTypes)
	destinationTypes = join(rowTypes, connectorTypes)
)

func (c *changed) add(r *planned) {
	made := func(a **arrays, types []uint32) *arrays {
		if *a == nil {
			*a = newArrays(types...)
		}
		return *a
	}
	switch {
	case r.removed:
	case r.insert:
		if c.inserts == nil {
			c.inserts = c.newRows(wholeTypes)
		}
		putRow(c.inserts, r, true, true)
	case r.head == nil:
		putRow(made(&c.destinations, destinationTypes), r, false, true)
	case r.columns == nil:
		putRow(made(&c.headers, headerTypes), r, true, false)
	default:
		putRow(made(&c.sources, sourceTypes), r, true, true)
		c.sources.bool(r.fresh)
	}
}

// importsOf keeps where messages were imported from, or forgets it.
func (s *session) importsOf(p *plan, out *statements) {
	imported, forgotten := map[int32]*arrays{}, map[int32]*arrays{}
	for k, from := range p.imports {
		part, to, types := p.part(k), forgotten, []uint32{oidInt4, oidInt8}
		if from != nil {
			to, types = imported, importTypes
		}
		if to[part] == nil {
			to[part] = newArrays(types...)
		}
		to[part].int4(k.channel)
		to[part].int8(k.message)
		if from != nil {
			to[part].int8(from.id)
			to[part].bytes([]byte(from.channel))
		}
	}
	for _, part := range byPart(imported) {
		out.then(s.textsOf(part).putImports, imported[part])
	}
	for _, part := range byPart(forgotten) {
		out.then(s.textsOf(part).dropImports, forgotten[part])
	}
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
		putStamp(to, r.head.received)
		to.bool(r.head.processed)
		if r.head.original == 0 {
			to.null()
		} else {
			to.int8(r.head.original)
		}
	}
	switch c := r.columns; {
	case !connector:
	case c == nil:
		for range connectorTypes {
			to.null()
		}
	default:
		to.int2(c.status)
		switch weir.Status(c.status) {
		case weir.Queued, weir.Error, weir.Pending:
			to.int2(c.status)
		default:
			to.null()
		}
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

func putContent(to rows, k contentKey, body []byte) {
	to.int4(k.channel)
	to.int8(k.message)
	to.int4(k.connector)
	to.int2(k.slot)
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

// write carries a plan out in one transaction, which bears the session's next number.
// A group is small if one message to the server and one from it may carry it.
func (s *session) write(ctx context.Context, p *plan) error {
	copying := p.changes >= copyFrom || p.size >= copyFromBytes
	group := s.statementsOf(p, copying)
	s.number++
	group.last = append(group.last, s.mark())
	if err := s.sendGroup(ctx, group, copying); err != nil {
		return err
	}
	s.parts.note(p, p.spans)
	s.note(p)
	return nil
}

// sendGroup sends the statements of a group, and commits.
func (s *session) sendGroup(ctx context.Context, group *statements, copying bool) error {
	if !copying {
		for _, l := range group.load {
			group.first = append(group.first, statement{s.insertText(l), l.rows.(*arrays).parameters()})
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
		text := begin + "COPY " + tableOf(l.of, l.part) + " (" + l.columns + ") FROM STDIN (FORMAT binary)"
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
		return wholeTypes
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
