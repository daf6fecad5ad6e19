package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// openVolumes reads which volumes there are, and what is in those of which weir.db may not
// know it.
func (s *Store) openVolumes(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(s.dir, folder), 0o700); err != nil {
		return unusable(s.dir, err)
	}
	base := newVolume(0, strings.TrimSuffix(FileName, ".db"), s.path, store.Retention{})
	base.waiting.Store(true)
	s.volumes.base = base
	s.volumes.add(base)
	var gone []string
	err := s.view(ctx, base, func(v *view) (err error) {
		if err = v.channels(&s.channels); err == nil {
			gone, err = v.catalogue(s)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := s.settleFiles(gone); err != nil {
		return err
	}
	for _, v := range s.volumes.all {
		if v != base && (v.schema < s.schema || !v.clean) {
			if err := s.bringIn(v); err != nil {
				return err
			}
		}
		if v.clean {
			continue
		}
		if err := s.view(ctx, v, func(reading *view) error { return reading.inventory(v, s) }); err != nil {
			return err
		}
	}
	return nil
}

// bringIn brings a volume up to date.
func (s *Store) bringIn(v *volume) error {
	info, err := os.Stat(v.path)
	if err != nil {
		return err
	}
	v.bytes = info.Size()
	if err := migrate(v.path); err != nil {
		return fault(v.path, err)
	}
	return nil
}

// settleFiles ends what a crash broke off: files that were ready get their names, and those
// that are gone or were being written are removed.
func (s *Store) settleFiles(gone []string) error {
	there := map[string]bool{}
	entries, err := os.ReadDir(filepath.Join(s.dir, folder))
	if err != nil {
		return err
	}
	for _, e := range entries {
		there[e.Name()] = true
	}
	for _, name := range gone {
		if err := removeFiles(s.pathOf(name)); err != nil {
			return err
		}
		delete(there, name+".db")
	}
	for _, v := range s.volumes.all {
		name := v.name + ".db"
		switch {
		case v == s.volumes.base || there[name]:
		case there[name+making]:
			if err := os.Rename(v.path+making, v.path); err != nil {
				return err
			}
		default:
			return &weir.Fault{Err: fmt.Errorf("the file of messages %s is missing: %w", v.path, fs.ErrNotExist),
				Hint: "Put it back, from a backup if need be. If it is lost, an empty file in its place lets Weir start without its messages."}
		}
		delete(there, name)
		delete(there, name+making)
	}
	for name := range there {
		path := filepath.Join(s.dir, folder, name)
		switch {
		case strings.HasSuffix(name, making):
			if err := removeFiles(path); err != nil {
				return err
			}
		case strings.HasSuffix(name, ".db"):
			s.log.Warn("A file of messages is not one of this store; it is left alone", "file", path)
		}
	}
	return nil
}

// catalogue reads what weir.db knows of the other volumes, and returns the names of those
// that are gone.
func (v *view) catalogue(s *Store) (gone []string, err error) {
	byNumber, err := v.listed(s, &gone)
	if err != nil {
		return nil, err
	}
	err = v.each("SELECT volume, channel, low, high, oldest, newest, keys FROM extents", func(rows *sql.Rows) error {
		var number, channel int
		var e extent
		if err := rows.Scan(&number, &channel, &e.low, &e.high, &e.oldest, &e.newest, &e.keys); err != nil {
			return err
		}
		if one := byNumber[number]; one != nil && one.clean {
			one.extents[channel] = e
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = v.each("SELECT s.earlier, s.key, sum(s.received), sum(s.filtered), sum(s.sent), sum(s.error) FROM volume_statistics s"+
		" JOIN volumes v ON v.number = s.volume WHERE v.gone = 0 AND v.changed = 0 GROUP BY s.earlier, s.key", func(rows *sql.Rows) error {
		var earlier bool
		var n countOf
		if err := rows.Scan(&earlier, &n.key, &n.Received, &n.Filtered, &n.Sent, &n.Error); err != nil {
			return err
		}
		s.totals.add(earlier, n)
		return nil
	})
	return gone, err
}

// listed reads the list of volumes alone.
func (v *view) listed(s *Store, gone *[]string) (byNumber map[int]*volume, err error) {
	byNumber = map[int]*volume{}
	var list []*volume
	err = v.each("SELECT number, name, keep_messages, keep_contents, archived, day, kept, emptied, changed, waiting, messages, schema, gone FROM volumes", func(rows *sql.Rows) error {
		one := newVolume(0, "", "", store.Retention{})
		var changed, waiting, isGone bool
		if err := rows.Scan(&one.number, &one.name, &one.class.Messages, &one.class.Contents, &one.class.Archived, &one.day, &one.kept, &one.emptied,
			&changed, &waiting, &one.messages, &one.schema, &isGone); err != nil {
			return err
		}
		s.lastNumber = max(s.lastNumber, one.number)
		if isGone {
			*gone = append(*gone, one.name)
			return nil
		}
		one.path, one.clean = s.pathOf(one.name), !changed
		one.waiting.Store(changed || waiting)
		byNumber[one.number] = one
		list = append(list, one)
		return nil
	})
	s.volumes.add(list...)
	return byNumber, err
}

// each reads the rows of a text that is not prepared.
func (v *view) each(text string, row func(*sql.Rows) error, args ...any) error {
	rows, err := v.tx.QueryContext(v.ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// inventory reads from a volume itself what it has, and adds its statistics to the totals.
func (v *view) inventory(one *volume, s *Store) error {
	one.messages = 0
	err := v.each("SELECT span >> 30 & 4095, min(low), max(high), min(oldest), max(newest), sum(high - low + 1) FROM spans GROUP BY span >> 30", func(rows *sql.Rows) error {
		var channel int
		var e extent
		var messages int64
		if err := rows.Scan(&channel, &e.low, &e.high, &e.oldest, &e.newest, &messages); err != nil {
			return err
		}
		one.extents[channel] = e
		one.messages += messages
		return nil
	})
	if err != nil {
		return err
	}
	for _, channel := range s.channels.all() {
		has, err := v.keys(hasKeys, int64(channel))
		if err != nil {
			return err
		}
		if has[0] != 0 {
			e := one.extent(channel)
			e.keys = true
			one.extents[channel] = e
		}
	}
	for _, earlier := range []bool{false, true} {
		err := v.each("SELECT key, received, filtered, sent, error FROM "+statisticsTable(earlier), func(rows *sql.Rows) error {
			var n countOf
			if err := rows.Scan(&n.key, &n.Received, &n.Filtered, &n.Sent, &n.Error); err != nil {
				return err
			}
			s.totals.add(earlier, n)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func statisticsTable(earlier bool) string {
	if earlier {
		return "earlier"
	}
	return "statistics"
}

// note has weir.db know what is in a volume, so that a start need not open it.
func (w *writer) note(v *volume) error {
	if v.clean || v == w.store.volumes.base || v.gone {
		return nil
	}
	if err := w.connect(v); err != nil {
		return fault(v.path, err)
	}
	waits, err := v.conn.rows(anyWaiting)
	if err != nil {
		return fault(v.path, err)
	}
	waiting := waits[0][0].(int64) != 0
	counts, err := v.conn.counts()
	if err != nil {
		return fault(v.path, err)
	}
	err = w.transaction(w.store.volumes.base, func(tx *transaction) error {
		if err := tx.forget(v); err != nil {
			return err
		}
		for channel, e := range v.extents {
			if _, err := tx.conn.exec(putExtent, arguments(int64(v.number), int64(channel), e.low, e.high, e.oldest, e.newest, truth(e.keys))); err != nil {
				return err
			}
		}
		for i, list := range counts {
			for _, n := range list {
				if _, err := tx.conn.exec(putVolumeStatistics, arguments(int64(v.number), int64(i), n.key, n.Received, n.Filtered, n.Sent, n.Error)); err != nil {
					return err
				}
			}
		}
		_, err := tx.conn.exec(setNoted, arguments(truth(waiting), v.messages, int64(v.number)))
		return err
	})
	if err == nil {
		v.clean = true
		v.waiting.Store(waiting)
	}
	return err
}

// forget drops what weir.db knows of what is in a volume.
func (tx *transaction) forget(v *volume) error {
	for _, s := range []statement{dropExtents, dropVolumeStatistics} {
		if _, err := tx.conn.exec(s, arguments(int64(v.number))); err != nil {
			return err
		}
	}
	return nil
}

// counts are a volume's statistics, and those before resets.
func (c *writeConn) counts() (lists [2][]countOf, err error) {
	for i, s := range []statement{allStatistics, allEarlier} {
		rows, err := c.rows(s)
		if err != nil {
			return lists, err
		}
		for _, r := range rows {
			lists[i] = append(lists[i], countOf{r[0].(int64), store.Counts{Received: r[1].(int64), Filtered: r[2].(int64), Sent: r[3].(int64), Error: r[4].(int64)}})
		}
	}
	return lists, nil
}

// touch has weir.db know that a volume is no longer as it was noted, before it changes.
func (w *writer) touch(v *volume) error {
	v.waiting.Store(true)
	if !v.clean {
		return nil
	}
	err := w.transaction(w.store.volumes.base, func(tx *transaction) error {
		_, err := tx.conn.exec(setChanged, arguments(int64(v.number)))
		return err
	})
	if err == nil {
		v.clean = false
	}
	return err
}
