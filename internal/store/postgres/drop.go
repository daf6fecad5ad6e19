package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/weir-health/weir/internal/store"
)

// What is done to a part that is dropped, in one transaction: see expire.go.

// messages drops a part.
func (d *drop) messages(ctx context.Context, tx pgx.Tx) error {
	if err := d.lock(ctx, tx, partTables); err != nil {
		return err
	}
	if err := d.findStays(ctx, tx); err != nil {
		return err
	}
	if err := d.move(ctx, tx); err != nil {
		return err
	}
	if err := d.dropBlobs(ctx, tx); err != nil {
		return err
	}
	for _, text := range []string{"DELETE FROM spans WHERE part = $1", "DELETE FROM parts WHERE number = $1"} {
		if _, err := tx.Exec(ctx, text, d.part); err != nil {
			return err
		}
	}
	if err := d.dropTables(ctx, tx, partTables); err != nil {
		return err
	}
	d.count = max(0, d.there-int64(len(d.stays)))
	return nil
}

// lock keeps everyone out of the tables that are to be dropped.
func (d *drop) lock(ctx context.Context, tx pgx.Tx, tables []string) error {
	for _, of := range tables {
		if _, err := tx.Exec(ctx, "LOCK TABLE "+tableOf(of, d.part)+" IN ACCESS EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	return nil
}

// dropTables drops them, with those that inherit of them: part 1 is what there was before
// there were parts, and has such.
func (d *drop) dropTables(ctx context.Context, tx pgx.Tx, tables []string) error {
	for _, of := range tables {
		if _, err := tx.Exec(ctx, "DROP TABLE "+tableOf(of, d.part)+" CASCADE"); err != nil {
			return err
		}
	}
	return nil
}

// findStays finds the messages that have to stay: what is not finished, waits in a queue or
// is pending, and what has failed and is kept longer.
func (d *drop) findStays(ctx context.Context, tx pgx.Tx) error {
	numbers, limits := []int32{}, []*time.Time{}
	for _, channel := range slices.Sorted(maps.Keys(d.limits)) {
		numbers = append(numbers, channel)
		var limit *time.Time // none: what has failed stays
		if l := d.limits[channel].Errored; !l.IsZero() {
			limit = &l
		}
		limits = append(limits, limit)
	}
	rows, err := tx.Query(ctx, inPart(`WITH waiting AS (
			SELECT channel, message FROM messages_N WHERE watched = 81
			UNION SELECT channel, message FROM messages_N WHERE watched = 80
			UNION SELECT m.channel, m.message FROM channels c JOIN messages_N m ON m.channel = c.number AND m.message > c.finished AND m.connector = 0 AND NOT m.processed
		), failed AS (SELECT DISTINCT channel, message FROM messages_N WHERE watched = 69)
		SELECT m.channel, m.message, m.message_received FROM messages_N m JOIN waiting w ON m.channel = w.channel AND m.message = w.message AND m.connector = 0
		UNION SELECT m.channel, m.message, m.message_received FROM messages_N m JOIN failed f ON m.channel = f.channel AND m.message = f.message AND m.connector = 0
			LEFT JOIN unnest($1::int4[], $2::timestamptz[]) AS l (channel, before) ON l.channel = m.channel
			WHERE l.before IS NULL OR m.message_received >= l.before LIMIT $3`, d.part), numbers, limits, staysAtMost+1)
	if err != nil {
		return err
	}
	var one staying
	var received *time.Time
	if _, err := pgx.ForEachRow(rows, []any{&one.channel, &one.message, &received}, func() error {
		one.received = timeOf(stampOf(value(received)))
		d.stays = append(d.stays, one)
		return nil
	}); err != nil {
		return err
	}
	if len(d.stays) > staysAtMost {
		return errMany
	}
	return nil
}

// move puts the messages that have to stay among the kept.
func (d *drop) move(ctx context.Context, tx pgx.Tx) error {
	if len(d.stays) == 0 {
		return nil
	}
	channels, messages := d.staying()
	for _, t := range []struct{ of, columns string }{
		{"messages", messageColumns}, {"contents", contentColumns}, {"attachments", attachmentColumns}, {"chunks", chunkColumns}, {"imports", "channel, message, id, origin"},
	} {
		if err := d.copy(ctx, tx, t.of, tableOf(t.of, kept), t.columns, channels, messages); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, inPart("UPDATE blobs b SET owner = 0 FROM attachments_N a JOIN unnest($1::int4[], $2::int8[]) AS s (channel, message)"+
		" ON a.channel = s.channel AND a.message = s.message WHERE b.channel = a.channel AND b.id = a.blob", d.part), channels, messages)
	if err != nil {
		return err
	}
	for _, one := range d.stays {
		k, b := spanKey{kept, one.channel, blockOf(one.message)}, bounds{one.message, one.message, one.received, one.received}
		if old, ok := d.moved[k]; ok {
			b = b.widen(old)
		}
		d.moved[k] = b
	}
	for k, b := range d.moved {
		if _, err := tx.Exec(ctx, putOneSpan, k.part, k.channel, k.block, b.low, b.high, b.since, b.until); err != nil {
			return err
		}
	}
	return d.moveTerms(ctx, tx)
}

const putOneSpan = "INSERT INTO spans AS s (" + spanColumns + ") VALUES ($1, $2, $3, $4, $5, $6, $7)" + growSpan

// staying are the keys of what has to stay, as two columns.
func (d *drop) staying() (channels []int32, messages []int64) {
	channels, messages = make([]int32, len(d.stays)), make([]int64, len(d.stays))
	for i, one := range d.stays {
		channels[i], messages[i] = one.channel, one.message
	}
	return channels, messages
}

// copy copies what a table has of some messages to another.
func (d *drop) copy(ctx context.Context, tx pgx.Tx, of, to, columns string, channels []int32, messages []int64) error {
	_, err := tx.Exec(ctx, "INSERT INTO "+to+" ("+columns+") SELECT "+columns+" FROM "+tableOf(of, d.part)+
		" WHERE (channel, message) IN (SELECT * FROM unnest($1::int4[], $2::int8[]))", channels, messages)
	return err
}

// moveTerms puts the terms of the messages that have to stay among those of the kept.
func (d *drop) moveTerms(ctx context.Context, tx pgx.Tx) error {
	places := map[blockKey]map[int64]bool{}
	blocks := map[int32][]int32{}
	for _, one := range d.stays {
		k := blockKey{kept, one.channel, blockOf(one.message)}
		if places[k] == nil {
			places[k] = map[int64]bool{}
			blocks[one.channel] = append(blocks[one.channel], k.block)
		}
		first, _ := boundsOf(k.block)
		places[k][one.message-first] = true
	}
	kept := map[blockKey][]byte{}
	for channel, some := range blocks {
		rows, err := tx.Query(ctx, inPart("SELECT block, body FROM term_runs_N WHERE channel = $1 AND block = ANY($2)"+
			" UNION ALL SELECT block, body FROM new_terms_N WHERE channel = $1 AND block = ANY($2)", d.part), channel, some)
		if err != nil {
			return err
		}
		k := blockKey{channel: channel}
		var body pgtype.DriverBytes
		if _, err := pgx.ForEachRow(rows, []any{&k.block, &body}, func() error {
			kept[k] = store.AppendTermsOf(kept[k], body, places[k])
			return nil
		}); err != nil {
			return err
		}
	}
	for k, body := range kept {
		if len(body) == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, "INSERT INTO new_terms_0 (channel, block, body) VALUES ($1, $2, $3)", k.channel, k.block, body); err != nil {
			return err
		}
		if err := sortBlock(ctx, tx, 0, k.channel, k.block); err != nil {
			return err
		}
	}
	return nil
}

// dropBlobs removes the blobs of attachments that go. What of a blob is in another part, or
// elsewhere, is left to be removed bit by bit; chunks that have to stay are moved.
func (d *drop) dropBlobs(ctx context.Context, tx pgx.Tx) error {
	for _, text := range []string{
		"DELETE FROM blobs WHERE owner = $1 AND part = $1 AND place = ''",
		"UPDATE blobs SET owner = NULL WHERE owner = $1",
		"INSERT INTO chunks_0 (" + chunkColumns + ") SELECT " + chunkColumns + " FROM " + tableOf("chunks", d.part) +
			" WHERE message = 0 AND (channel, id) IN (SELECT channel, id FROM blobs WHERE part = $1)",
		"UPDATE blobs SET part = 0 WHERE part = $1",
	} {
		if _, err := tx.Exec(ctx, text, d.part); err != nil {
			return err
		}
	}
	return nil
}

// contents drops the contents and attachments of a part.
func (d *drop) contents(ctx context.Context, tx pgx.Tx) error {
	tables := []string{"contents", "attachments", "chunks"}
	if err := d.lock(ctx, tx, tables); err != nil {
		return err
	}
	if err := d.findStays(ctx, tx); err != nil {
		return err
	}
	channels, messages := d.staying()
	const unowned = " WHERE owner = $1 AND (channel, id) NOT IN (SELECT channel, blob FROM attachments_N WHERE blob IS NOT NULL" +
		" AND (channel, message) IN (SELECT * FROM unnest($2::int4[], $3::int8[])))"
	for _, text := range []string{"DELETE FROM blobs" + unowned + " AND part = $1 AND place = ''", "UPDATE blobs SET owner = NULL" + unowned} {
		if _, err := tx.Exec(ctx, inPart(text, d.part), d.part, channels, messages); err != nil {
			return err
		}
	}
	for i, columns := range []string{contentColumns, attachmentColumns, chunkColumns} {
		if err := d.replace(ctx, tx, tables[i], columns, channels, messages); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "UPDATE parts SET bare = true WHERE number = $1", d.part); err != nil {
		return err
	}
	d.count = max(0, d.there-int64(len(d.stays)))
	return nil
}

// replace drops a table and makes it anew with what has to stay.
func (d *drop) replace(ctx context.Context, tx pgx.Tx, of, columns string, channels []int32, messages []int64) error {
	fresh := "fresh_" + of
	if err := makeTable(ctx, tx, of, fresh); err != nil {
		return err
	}
	if err := d.copy(ctx, tx, of, fresh, columns, channels, messages); err != nil {
		return err
	}
	if of == "chunks" {
		if _, err := tx.Exec(ctx, "INSERT INTO "+fresh+" ("+columns+") SELECT "+columns+" FROM "+tableOf(of, d.part)+
			" WHERE message = 0 AND (channel, id) IN (SELECT channel, id FROM blobs WHERE part = $1)", d.part); err != nil {
			return err
		}
	}
	if err := d.dropTables(ctx, tx, []string{of}); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "ALTER TABLE "+fresh+" RENAME TO "+tableOf(of, d.part))
	return err
}
