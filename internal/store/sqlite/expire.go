package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// Expire implements [store.Store].
//
// Volumes of which all may go are replaced, all of one retention together, by one that has
// what stays: it is written aside while traffic goes on, and takes their place in one
// transaction of weir.db, if they have not changed meanwhile. What stayed of earlier ones
// goes through the same again, so that it is in few files. A volume of which the contents
// alone may go is replaced by one without them.
func (s *Store) Expire(ctx context.Context, limits map[string]store.Limits) (out store.Expired, err error) {
	s.expiring.Lock()
	defer s.expiring.Unlock()
	if s.closing.Load() {
		return out, store.ErrClosed
	}
	e := &expiry{s: s, limits: map[int]store.Limits{}}
	for id, l := range limits {
		if number, ok := s.channels.number(id); ok {
			e.limits[number] = l
		}
	}
	if err := e.endPeriods(ctx); err != nil {
		return out, err
	}
	empty, err := e.empty(ctx)
	if err != nil {
		return out, err
	}
	for _, group := range append(e.whole(empty), empty...) {
		n, err := e.replace(ctx, group, false)
		out.Messages += n
		if err != nil {
			return out, fmt.Errorf("drop what has aged: %w", err)
		}
	}
	for _, v := range e.contents() {
		n, err := e.replace(ctx, []*volume{v}, true)
		out.Contents += n
		if err != nil {
			return out, fmt.Errorf("drop contents that have aged: %w", err)
		}
	}
	return out, nil
}

// expiry is one call of Expire.
type expiry struct {
	s       *Store
	limits  map[int]store.Limits // by channel
	current map[*volume]bool     // where new messages go
}

// endPeriods ends the periods that are over, also where nothing came since, and finds out
// where new messages go. What was saved before has a place then.
func (e *expiry) endPeriods(ctx context.Context) error {
	w := e.s.writer
	return e.s.queue.Submit(ctx, &entry{Work: work{at: place{in: e.s.volumes.base}, do: func(*transaction) error { return nil }, then: func() {
		e.current = map[*volume]bool{}
		for class, v := range w.currents {
			if v.day < w.today {
				w.leave(v)
				delete(w.currents, class)
			} else {
				e.current[v] = true
			}
		}
		clear(w.below)
	}}})
}

// maxKeptTogether is how many messages a volume of what stayed may have to be written anew
// with what stays next.
const maxKeptTogether = 100_000

// whole finds the volumes of which all messages may go, by retention. What stayed of
// earlier ones goes with them, if it is not much.
func (e *expiry) whole(empty [][]*volume) (groups [][]*volume) {
	s := e.s
	s.volumes.mu.RLock()
	defer s.volumes.mu.RUnlock()
	byClass := map[store.Retention][]*volume{}
	some := map[store.Retention]bool{}
	for _, v := range s.volumes.all {
		if v == s.volumes.base || e.current[v] || slices.ContainsFunc(empty, func(g []*volume) bool { return g[0] == v }) || !e.aged(v, func(l store.Limits) time.Time { return l.Messages }) {
			continue
		}
		aged := !v.kept || e.aged(v, func(l store.Limits) time.Time { return l.Errored }) && e.forgotten(v)
		if aged || v.messages <= maxKeptTogether {
			byClass[v.class] = append(byClass[v.class], v)
			some[v.class] = some[v.class] || aged
		}
	}
	for class, group := range byClass {
		if some[class] {
			groups = append(groups, group)
		}
	}
	return groups
}

// empty finds the volumes that have no messages any more, each for itself: those that were
// archived go one by one.
func (e *expiry) empty(ctx context.Context) (groups [][]*volume, err error) {
	s := e.s
	may := s.volumes.acquire(func(v *volume) bool {
		return v != s.volumes.base && !e.current[v] && !v.kept && v.class != store.Retention{}
	})
	defer s.volumes.release(may)
	for _, v := range may {
		err := s.view(ctx, v, func(reading *view) error {
			some, err := reading.keys(hasMessages)
			if err == nil && some[0] == 0 {
				groups = append(groups, []*volume{v})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// contents finds the volumes of which the contents may go and have not gone.
func (e *expiry) contents() (list []*volume) {
	s := e.s
	s.volumes.mu.RLock()
	defer s.volumes.mu.RUnlock()
	for _, v := range s.volumes.all {
		if v != s.volumes.base && !e.current[v] && !v.emptied && !v.kept && e.aged(v, func(l store.Limits) time.Time { return l.Contents }) {
			list = append(list, v)
		}
	}
	return list
}

// aged reports whether all channels' messages of a volume were received before a limit.
func (e *expiry) aged(v *volume, limit func(store.Limits) time.Time) bool {
	for channel, has := range v.extents {
		if has.high < has.low {
			continue // keys alone, or what was never written
		}
		if at := limit(e.limits[channel]); at.IsZero() || has.newest >= at.UnixMicro() {
			return false
		}
	}
	return true
}

// forgotten reports whether the keys of channels of which a volume has nothing else are no
// longer looked for.
func (e *expiry) forgotten(v *volume) bool {
	for channel, has := range v.extents {
		if has.high < has.low && has.newest >= e.s.channels.remembers(channel) {
			return false
		}
	}
	return true
}

// maxTries is how often a volume is looked through that changes meanwhile, until it is
// left for the next time.
const maxTries = 3

// errChanged is the error of a volume that was changed while it was copied.
var errChanged = errors.New("the volume was changed")

// replace replaces volumes by one that has what stays of them, and returns how many
// messages, or how many messages' contents, have gone.
func (e *expiry) replace(ctx context.Context, old []*volume, contents bool) (gone int64, err error) {
	for range maxTries {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if gone, err = e.replaceOnce(ctx, old, contents); !errors.Is(err, errChanged) {
			return gone, err
		}
	}
	return 0, nil
}

func (e *expiry) replaceOnce(ctx context.Context, old []*volume, contents bool) (gone int64, err error) {
	held := e.s.volumes.acquire(func(v *volume) bool { return slices.Contains(old, v) })
	defer e.s.volumes.release(held)
	seen := make([]int64, len(old))
	for i, v := range old {
		seen[i] = v.changes.Load()
	}
	new, gone, err := e.writeAside(ctx, old, contents)
	if err != nil || new == nil && gone < 0 {
		return 0, err
	}
	if err := e.exchange(ctx, old, seen, new, contents); err != nil {
		if new != nil {
			removeFiles(new.path + making)
		}
		return 0, err
	}
	return gone, nil
}

// exchange puts a new volume, if there is one, in the place of others: in one transaction
// of weir.db, after which a start finds the new one and removes the others.
func (e *expiry) exchange(ctx context.Context, old []*volume, seen []int64, new *volume, contents bool) error {
	s, w := e.s, e.s.writer
	if new != nil {
		if err := syncFile(new.path + making); err != nil {
			return fault(new.path, err)
		}
	}
	reached("written aside")
	return s.queue.Submit(ctx, &entry{Work: work{at: place{in: s.volumes.base}, do: func(tx *transaction) error {
		for i, v := range old {
			if v.changes.Load() != seen[i] {
				return &rejection{errChanged}
			}
		}
		for _, v := range old {
			if err := w.give(tx, v, new, contents); err != nil {
				return err
			}
		}
		if new != nil {
			return tx.addVolume(new)
		}
		return nil
	}, then: func() {
		reached("marked as gone")
		var list []*volume
		if new != nil {
			if err := renameNew(new.path); err != nil {
				w.log.Error("A file of messages could not get its name; the next start gives it", "file", new.path, "error", err)
				new.path += making
			}
			list = append(list, new)
		}
		reached("named")
		for _, v := range old {
			w.disconnect(v)
		}
		s.volumes.replace(old, list)
		clear(w.below)
	}}})
}

// give marks a volume as gone. What it counted stays: in weir.db, as does the highest id
// it had.
func (w *writer) give(tx *transaction, v, new *volume, contents bool) error {
	if err := w.connect(v); err != nil {
		return fault(v.path, err)
	}
	counts, err := v.conn.counts()
	if err != nil {
		return fault(v.path, err)
	}
	for i, list := range counts {
		statement := [...]statement{addStatistics, addEarlier}[i]
		for _, n := range list {
			if _, err := tx.conn.exec(statement, arguments(n.key, n.Received, n.Filtered, n.Sent, n.Error)); err != nil {
				return err
			}
		}
	}
	for channel, e := range v.extents {
		if _, err := tx.conn.exec(raiseLastMessage, arguments(max(e.high, 0), int64(channel))); err != nil {
			return err
		}
	}
	if err := tx.forget(v); err != nil {
		return err
	}
	_, err = tx.conn.exec(setGone, arguments(int64(v.number)))
	return err
}

// reached is where a test kills the process.
var reached = func(step string) {}
