package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
)

// Parts are made by the writer when the first message comes that needs one, each in a
// transaction of its own.

// partDays is how many days one part has, where its class does not keep all for ever.
const partDays = int32(store.Period / (24 * time.Hour))

// classOf returns the number of a retention class, which is made if it is not there.
func (s *session) classOf(ctx context.Context, tx pgx.Tx, keep store.Retention) (number int16, c class, err error) {
	c.messages, c.contents = int32(max(keep.Messages, 0)), int32(max(keep.Contents, 0))
	if c.messages > 0 || c.contents > 0 {
		c.days = partDays
	}
	err = tx.QueryRow(ctx, "SELECT number, days FROM classes WHERE messages = $1 AND contents = $2 AND archived = $3", c.messages, c.contents, keep.Archived).Scan(&number, &c.days)
	if err == pgx.ErrNoRows {
		err = tx.QueryRow(ctx, `INSERT INTO classes (number, days, messages, contents, archived)
			SELECT max(number) + 1, $1, $2, $3, $4 FROM classes RETURNING number`, c.days, c.messages, c.contents, keep.Archived).Scan(&number)
	}
	if err != nil {
		return 0, c, fmt.Errorf("retention class: %w", err)
	}
	return number, c, nil
}

// partFor returns the part that takes a new message, which is made if need be.
func (s *session) partFor(ctx context.Context, class int16, day int32) (int32, error) {
	h := s.parts.class(class).home(class, day, dayOf(time.Now()))
	if number, ok := s.parts.open(h, s.partMessages); ok {
		return number, nil
	}
	one := &part{home: h, spans: map[int32][]span{}}
	err := pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "INSERT INTO parts (class, day) VALUES ($1, $2) RETURNING number", h.class, h.day).Scan(&one.number); err != nil {
			return err
		}
		for _, of := range partTables {
			if err := makeTable(ctx, tx, of, tableOf(of, one.number)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("make part %d of the messages: %w", one.number, err)
	}
	s.parts.change(func() { s.parts.list = append(s.parts.list, one) })
	return one.number, s.forgetStatements(ctx)
}

// makeTable makes a table after that of the kept part.
func makeTable(ctx context.Context, tx pgx.Tx, of, name string) error {
	// How full pages are, and what moves to a table beside, is not taken over.
	with := ""
	switch of {
	case "messages":
		with = " WITH (fillfactor = 65)"
	case "contents", "chunks":
		with = " WITH (toast_tuple_target = 8160)"
	}
	_, err := tx.Exec(ctx, "CREATE TABLE "+name+" (LIKE "+tableOf(of, kept)+" INCLUDING ALL)"+with)
	return err
}

// forgetStatements gives up what is prepared: each part has statements of its own, and
// those of former ones would stay for ever.
func (s *session) forgetStatements(ctx context.Context) error {
	if len(s.names) < maxPrepared {
		return nil
	}
	clear(s.names)
	return s.conn.DeallocateAll(ctx)
}

// maxPrepared is how many statements are prepared at once.
const maxPrepared = 200

// loadParts reads the parts that there are.
func (s *session) loadParts(ctx context.Context) error {
	classes := map[int16]class{}
	var number int16
	var c class
	rows, err := s.conn.Query(ctx, "SELECT number, messages, contents, days FROM classes")
	if err != nil {
		return err
	}
	if _, err := pgx.ForEachRow(rows, []any{&number, &c.messages, &c.contents, &c.days}, func() error {
		classes[number] = c
		return nil
	}); err != nil {
		return err
	}
	var list []*part
	byNumber := map[int32]*part{}
	rows, err = s.conn.Query(ctx, "SELECT number, class, day, bare FROM parts ORDER BY number")
	if err != nil {
		return err
	}
	var one part
	if _, err := pgx.ForEachRow(rows, []any{&one.number, &one.class, &one.day, &one.bare}, func() error {
		p := one
		p.queued, p.spans = true, map[int32][]span{}
		list, byNumber[p.number] = append(list, &p), &p
		return nil
	}); err != nil {
		return err
	}
	rows, err = s.conn.Query(ctx, "SELECT part, channel, block, low, high, since, until FROM spans ORDER BY part, channel, block")
	if err != nil {
		return err
	}
	var of, channel int32
	var sp span
	if _, err := pgx.ForEachRow(rows, []any{&of, &channel, &sp.block, &sp.low, &sp.high, &sp.since, &sp.until}, func() error {
		sp.saved = sp.bounds
		if p := byNumber[of]; p != nil {
			p.spans[channel] = append(p.spans[channel], sp)
			p.messages += sp.high - sp.low + 1
		}
		return nil
	}); err != nil {
		return err
	}
	if err := s.loadQueued(ctx, list); err != nil {
		return err
	}
	s.parts.change(func() {
		for _, p := range list {
			// One that is about to be dropped stays so.
			if old := s.parts.find(p.number); old != nil {
				p.leaving = old.leaving
			}
		}
		s.parts.list, s.parts.classes = list, classes
		s.parts.drops++
	})
	clear(s.unfinished)
	return nil
}

// queuedAtOnce is how many parts one statement looks into.
const queuedAtOnce = 32

// loadQueued finds out which parts have something queued, so that who looks for it leaves
// the others alone.
func (s *session) loadQueued(ctx context.Context, list []*part) error {
	for from := 0; from < len(list); from += queuedAtOnce {
		some := list[from:min(from+queuedAtOnce, len(list))]
		text := "SELECT ARRAY["
		for i, p := range some {
			if i > 0 {
				text += ", "
			}
			text += "EXISTS (SELECT 1 FROM " + tableOf("messages", p.number) + " WHERE watched = 81)"
		}
		var is []bool
		if err := s.conn.QueryRow(ctx, text+"]").Scan(&is); err != nil {
			return err
		}
		for i, p := range some {
			p.queued = is[i]
		}
	}
	return nil
}

// saveSpans makes the spans in the database as narrow as they are.
func (s *session) saveSpans(ctx context.Context) error {
	rows := spanRows(s.parts.inexact())
	if rows.rows == 0 {
		return nil
	}
	return s.send(ctx, []statement{{"UPDATE spans s SET low = u.low, high = u.high, since = u.since, until = u.until FROM " + unnest(spanColumns, spanTypes) +
		" WHERE s.part = u.part AND s.channel = u.channel AND s.block = u.block", rows.parameters()}}, "")
}

const spanColumns = "part, channel, block, low, high, since, until"

var (
	spanTypes = []uint32{oidInt4, oidInt4, oidInt4, oidInt8, oidInt8, oidInt8, oidInt8}
	putSpans  = "INSERT INTO spans AS s (" + spanColumns + ") SELECT * FROM " + unnest(spanColumns, spanTypes) +
		growSpan
)

const growSpan = " ON CONFLICT (part, channel, block) DO UPDATE SET low = least(s.low, excluded.low), high = greatest(s.high, excluded.high)," +
	" since = least(s.since, excluded.since), until = greatest(s.until, excluded.until)"

func spanRows(spans map[spanKey]bounds) *arrays {
	rows := newArrays(spanTypes...)
	for k, b := range spans {
		rows.int4(k.part)
		rows.int4(k.channel)
		rows.int4(k.block)
		rows.int8(b.low)
		rows.int8(b.high)
		rows.int8(b.since)
		rows.int8(b.until)
	}
	return rows
}

// locate tells, as far as memory has it, in which part the message of each change is or goes.
// sure is false where the database has to be asked.
func (s *session) locate(ctx context.Context, entries []*entry) (where map[messageKey]int32, sure bool, err error) {
	where, sure = make(map[messageKey]int32, len(entries)), true
	for _, e := range entries {
		c := e.Work.change
		if len(c.rows) == 0 {
			continue
		}
		k := messageKey{c.channel.number, c.message}
		if _, ok := where[k]; ok {
			continue
		}
		u, err := s.unfinishedOf(ctx, k.channel)
		if err != nil {
			return nil, false, err
		}
		if c.rows[0].kind == insertMessage {
			if where[k], err = s.partFor(ctx, c.rows[0].head.class, c.rows[0].head.day); err != nil {
				return nil, false, err
			}
			if c.message > u.last {
				continue
			}
			for _, other := range s.parts.having(k.channel, c.message) {
				sure = sure && other == where[k]
			}
			continue
		}
		if at, ok := u.ids[c.message]; ok {
			where[k] = at
			continue
		}
		having := s.parts.having(k.channel, c.message)
		sure = sure && len(having) < 2
		where[k] = kept
		if len(having) > 0 {
			where[k] = having[0]
		}
	}
	return where, sure, nil
}

// ask returns the part that has a message, of those that may have it.
func (s *session) ask(ctx context.Context, channel int32, message int64) (part int32, err error) {
	for _, part := range s.parts.having(channel, message) {
		var is bool
		err := s.conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+tableOf("messages", part)+" WHERE channel = $1 AND message = $2 AND connector = 0)", channel, message).Scan(&is)
		if err != nil || is {
			return part, err
		}
	}
	return 0, store.ErrNotFound
}
