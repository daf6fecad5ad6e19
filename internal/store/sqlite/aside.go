package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeAside writes a volume that has what stays of others, next to its place. It is nil
// where nothing stays. gone is below 0 where nothing may be replaced now.
func (e *expiry) writeAside(ctx context.Context, old []*volume, contents bool) (new *volume, gone int64, err error) {
	new, err = e.newKept(ctx, old, contents)
	if err != nil {
		return nil, 0, err
	}
	path := new.path + making
	defer func() {
		if err != nil || new == nil {
			removeFiles(path)
		}
	}()
	a, err := openAside(ctx, path)
	if err != nil {
		return nil, 0, fault(path, err)
	}
	defer a.close()
	if err := a.limits(e, contents); err != nil {
		return nil, 0, fault(path, err)
	}
	for _, v := range old {
		if err := a.remember(e, v); err != nil {
			return nil, 0, fault(path, err)
		}
		n, err := a.take(v, contents)
		if err != nil || n < 0 {
			return nil, -1, fault(v.path, err)
		}
		gone += n
	}
	empty, err := a.finish(new)
	switch {
	case err != nil:
		return nil, 0, fault(path, err)
	case empty:
		return nil, gone, nil
	}
	return new, gone, a.do("PRAGMA journal_mode = WAL")
}

// newKept is a volume for what stays of others.
func (e *expiry) newKept(ctx context.Context, old []*volume, contents bool) (v *volume, err error) {
	s, w := e.s, e.s.writer
	first := old[0]
	number := 0
	err = s.queue.Submit(ctx, &entry{Work: work{at: place{in: s.volumes.base}, do: func(*transaction) error {
		number = w.nextNumber()
		return nil
	}}})
	if err != nil {
		return nil, err
	}
	name := nameOf(first.class, first.day, number)
	v = newVolume(number, name, s.pathOf(name), first.class)
	v.day, v.schema = first.day, s.schema
	v.kept, v.emptied = !contents, contents
	v.waiting.Store(true)
	if err := removeFiles(v.path + making); err != nil {
		return nil, err
	}
	if err := createFile(v.path + making); err != nil {
		return nil, err
	}
	return v, migrate(v.path+making, "synchronous(OFF)")
}

// aside is a file that is written for later: nothing waits for the disk until it is whole.
type aside struct {
	ctx context.Context
	db  *sql.DB
	on  *sql.Conn
}

func openAside(ctx context.Context, path string) (*aside, error) {
	db, err := sql.Open("sqlite", dsn(path, "synchronous(OFF)", "journal_mode(OFF)", "temp_store(MEMORY)", fmt.Sprintf("busy_timeout(%d)", busyTimeout), fmt.Sprintf("cache_size(%d)", writerCache)))
	if err != nil {
		return nil, err
	}
	on, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &aside{ctx, db, on}, nil
}

func (a *aside) close() {
	a.on.Close()
	a.db.Close()
}

func (a *aside) do(text string, args ...any) error {
	_, err := a.on.ExecContext(a.ctx, text, args...)
	return err
}

func (a *aside) number(text string, args ...any) (n int64, err error) {
	err = a.on.QueryRowContext(a.ctx, text, args...).Scan(&n)
	return n, err
}

// limits writes down before when messages of each channel were to be received to go.
func (a *aside) limits(e *expiry, contents bool) error {
	if err := a.do("CREATE TEMP TABLE limits (channel INTEGER PRIMARY KEY, aged INTEGER NOT NULL, failed INTEGER); CREATE TEMP TABLE remembered (channel INTEGER PRIMARY KEY, since INTEGER NOT NULL);" +
		"CREATE TEMP TABLE stay (key INTEGER PRIMARY KEY); CREATE TEMP TABLE had (key INTEGER PRIMARY KEY)"); err != nil {
		return err
	}
	for channel, l := range e.limits {
		at := l.Messages
		if contents {
			at = l.Contents
		}
		if at.IsZero() {
			continue
		}
		var failed any
		if !l.Errored.IsZero() {
			failed = l.Errored.UnixMicro()
		}
		if err := a.do("INSERT INTO limits VALUES (?, ?, ?)", channel, at.UnixMicro(), failed); err != nil {
			return err
		}
	}
	return nil
}

// remember writes down since when each channel's keys in a volume are remembered.
func (a *aside) remember(e *expiry, v *volume) error {
	if err := a.do("DELETE FROM remembered"); err != nil {
		return err
	}
	e.s.volumes.mu.RLock()
	defer e.s.volumes.mu.RUnlock()
	for channel, has := range v.extents {
		if !has.keys {
			continue
		}
		if err := a.do("INSERT INTO remembered VALUES (?, ?)", channel, e.s.channels.remembers(channel)); err != nil {
			return err
		}
	}
	return nil
}

// head is the key of a row's message, and channelOf the channel of a key, in SQL.
const (
	headOf    = "key >> 12 << 12"
	channelOf = " >> 52 & 4095"
)

// staying selects the messages of the volume "old" that stay: what is not finished, is
// pending or waits in a queue, what failed and is kept longer, and what is not that old.
// All are found by short indexes, but for the last, where there is none in a volume that has
// aged as a whole.
const staying = `INSERT OR IGNORE INTO stay
	SELECT key FROM old.messages WHERE processed = 0
	UNION SELECT ` + headOf + ` FROM old.messages WHERE queue IS NOT NULL
	UNION SELECT ` + headOf + ` FROM old.messages WHERE status = 80
	UNION SELECT f.key FROM (SELECT DISTINCT ` + headOf + ` AS key FROM old.messages WHERE status = 69) f
		CROSS JOIN old.messages m ON m.key = f.key LEFT JOIN limits l ON l.channel = f.key` + channelOf + `
		WHERE l.failed IS NULL OR m.message_received IS NULL OR m.message_received >= l.failed`

// take copies what stays of a volume, and returns how many messages do not, or, with
// contents, how many lost theirs; -1 where the volume is to be left as it is.
func (a *aside) take(v *volume, contents bool) (gone int64, err error) {
	if err := a.do("ATTACH ? AS old", v.path); err != nil {
		return 0, err
	}
	defer func() {
		if detach := a.do("DETACH old"); err == nil {
			err = detach
		}
	}()
	if err := a.do("BEGIN"); err != nil {
		return 0, err
	}
	defer func() {
		if err != nil || gone < 0 {
			a.do("ROLLBACK")
			return
		}
		err = a.do("COMMIT")
	}()
	loose, err := a.number("SELECT EXISTS (SELECT 1 FROM old.attachments WHERE owned = 0)")
	if err != nil || loose != 0 {
		return -1, err // somebody may be making it
	}
	if err := a.do("DELETE FROM stay"); err != nil {
		return 0, err
	}
	if err := a.do(staying); err != nil {
		return 0, err
	}
	if contents {
		return a.takeRows(v)
	}
	return a.takeStaying(v)
}

// takeStaying copies the messages that stay, with all that is kept of them.
func (a *aside) takeStaying(v *volume) (gone int64, err error) {
	if gone, err = a.number("SELECT (SELECT count(*) FROM old.messages WHERE key & 4095 = 0) - (SELECT count(*) FROM stay)"); err != nil {
		return 0, err
	}
	return gone, a.all(
		"INSERT INTO messages SELECT m.* FROM stay s CROSS JOIN old.messages m ON m.key BETWEEN s.key AND s.key + 4095",
		"INSERT INTO contents SELECT c.* FROM stay s CROSS JOIN old.contents c ON c.key BETWEEN s.key AND s.key + 4095",
		"INSERT INTO imports SELECT i.* FROM stay s CROSS JOIN old.imports i ON i.message = s.key",
		takeTerms("SELECT DISTINCT key >> 25 FROM stay"),
		takeSpans("(SELECT s.key, m.message_received FROM stay s CROSS JOIN old.messages m ON m.key = s.key)"),
		takeKeys, takeAttachments)
}

// takeRows copies all messages, and the contents and attachments of those that stay
// whole.
func (a *aside) takeRows(v *volume) (gone int64, err error) {
	if gone, err = a.number("SELECT count(*) FROM (SELECT DISTINCT " + headOf + " FROM old.contents)"); err != nil {
		return 0, err
	}
	kept, err := a.number("SELECT count(*) FROM stay s WHERE EXISTS (SELECT 1 FROM old.contents c WHERE c.key BETWEEN s.key AND s.key + 4095)")
	if err != nil {
		return 0, err
	}
	return gone - kept, a.all(
		"INSERT INTO messages SELECT * FROM old.messages ORDER BY key",
		"INSERT INTO contents SELECT c.* FROM stay s CROSS JOIN old.contents c ON c.key BETWEEN s.key AND s.key + 4095",
		"INSERT INTO imports SELECT * FROM old.imports",
		"INSERT INTO new_terms SELECT * FROM old.new_terms", "INSERT INTO term_runs SELECT * FROM old.term_runs",
		"INSERT INTO spans SELECT * FROM old.spans",
		takeKeys, takeAttachments)
}

// takeTerms copies the terms of some blocks. Those of several volumes lie side by side, as
// new ones do.
func takeTerms(blocks string) string {
	return "INSERT INTO new_terms (block, body) SELECT block, body FROM old.new_terms WHERE block IN (" + blocks + ")" +
		" UNION ALL SELECT block, body FROM old.term_runs WHERE block IN (" + blocks + ")"
}

func takeSpans(messages string) string {
	return `INSERT INTO spans (span, low, high, oldest, newest)
		SELECT key >> 22, min(key) >> 12 & 0xFFFFFFFFFF, max(key) >> 12 & 0xFFFFFFFFFF, coalesce(min(message_received), 0), coalesce(max(message_received), 0)
		FROM ` + messages + ` WHERE 1 GROUP BY key >> 22
		ON CONFLICT (span) DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high),
		oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest)`
}

// Keys are remembered as long as their channel wants it, whether their message is there
// or not. Attachments get other numbers, since several volumes have the same ones.
const (
	takeKeys = `INSERT INTO keys SELECT k.* FROM remembered r CROSS JOIN old.keys k INDEXED BY keys_received ON k.channel = r.channel AND k.received >= r.since
		WHERE 1
		ON CONFLICT DO UPDATE SET message = excluded.message, received = excluded.received WHERE excluded.received >= received`

	takeAttachments = `DELETE FROM had;
		INSERT INTO had SELECT a.number FROM stay s CROSS JOIN old.attachments a ON a.message = s.key;
		INSERT OR IGNORE INTO had SELECT b.number FROM stay s CROSS JOIN old.attachments a ON a.message = s.key
			JOIN old.attachments b ON b.message = a.message >> 52 << 52 AND b.id = a.blob WHERE a.blob IS NOT NULL;
		CREATE TEMP TABLE base AS SELECT coalesce(max(number), 0) AS number FROM main.attachments;
		INSERT INTO attachments (number, message, id, type, size, sealed, blob, digest, owned, place)
			SELECT a.number + b.number, a.message, a.id, a.type, a.size, a.sealed, a.blob, a.digest, a.owned, a.place
			FROM base b, had h CROSS JOIN old.attachments a ON a.number = h.key;
		INSERT INTO chunks SELECT c.key + (b.number << 20), c.body
			FROM base b, had h CROSS JOIN old.chunks c ON c.key BETWEEN h.key << 20 AND h.key << 20 | 1048575;
		DROP TABLE temp.base`
)

func (a *aside) all(texts ...string) error {
	for _, text := range texts {
		if err := a.do(text); err != nil {
			return fmt.Errorf("%s: %w", strings.Fields(text)[2], err)
		}
	}
	return nil
}

// finish reads what the volume has got, and reports whether that is nothing.
func (a *aside) finish(v *volume) (empty bool, err error) {
	some, err := a.number("SELECT EXISTS (SELECT 1 FROM messages) OR EXISTS (SELECT 1 FROM keys)")
	if err != nil || some == 0 {
		return true, err
	}
	if v.messages, err = a.number("SELECT (SELECT count(*) FROM messages WHERE key & 4095 = 0) + (SELECT count(*) FROM keys)"); err != nil {
		return false, err
	}
	rows, err := a.on.QueryContext(a.ctx, "SELECT span >> 30 & 4095, min(low), max(high), min(oldest), max(newest) FROM spans GROUP BY span >> 30")
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var channel int
		var e extent
		if err := rows.Scan(&channel, &e.low, &e.high, &e.oldest, &e.newest); err != nil {
			return false, err
		}
		v.extents[channel] = e
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	return false, a.keysOf(v)
}

// keysOf reads of which channels a volume has keys. Of one that has no messages there, it is
// told of when the keys are.
func (a *aside) keysOf(v *volume) error {
	rows, err := a.on.QueryContext(a.ctx, "SELECT channel, min(received), max(received) FROM keys GROUP BY channel")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var channel int
		keys := extent{low: noExtent.low, high: noExtent.high, keys: true}
		if err := rows.Scan(&channel, &keys.oldest, &keys.newest); err != nil {
			return err
		}
		if e, ok := v.extents[channel]; ok {
			keys.oldest, keys.newest = e.oldest, e.newest
		}
		v.extents[channel] = v.extent(channel).with(keys)
	}
	return rows.Err()
}

// renameNew gives a file that was written aside its name.
func renameNew(path string) error {
	if err := os.Rename(path+making, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
