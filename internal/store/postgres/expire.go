package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
)

// Parts that have aged are dropped on a connection of its own, so that traffic goes on: the
// writer only takes note that nothing new goes into the part any more. What has to stay
// moves to the kept part in the transaction that drops the tables, so a crash leaves the
// one or the other.

const (
	// dropWaits is how long the lock on a part's tables is waited for at once, and
	// dropTries how often: who wants to read of the part meanwhile waits behind.
	// In the end it is waited for longer: after a second the server lets a vacuum go.
	dropWaits       = 100 * time.Millisecond
	dropWaitsLonger = 1500 * time.Millisecond
	dropTriesShort  = 3
	dropTries       = 10

	// staysAtMost is how many messages are moved out of a part at most. A part of which more
	// have to stay is left to be pruned message by message.
	staysAtMost = 100_000
)

// Expire implements [store.Store].
func (s *Store) Expire(ctx context.Context, limits map[string]store.Limits) (out store.Expired, err error) {
	s.expiring.Lock()
	defer s.expiring.Unlock()
	byNumber := map[int32]store.Limits{}
	for id, l := range limits {
		if channel, ok := s.channels.find(id); ok {
			byNumber[channel.number] = l
		}
	}
	// Messages first: then what remains is looked through for contents.
	for _, part := range s.parts.numbers() {
		n, err := s.expire(ctx, part, byNumber)
		out.Messages += n
		if err != nil {
			return out, fmt.Errorf("drop part %d of the messages: %w", part, err)
		}
	}
	for _, part := range s.parts.numbers() {
		n, err := s.expireContents(ctx, part, byNumber)
		out.Contents += n
		if err != nil {
			return out, fmt.Errorf("drop the contents of part %d of the messages: %w", part, err)
		}
	}
	return out, nil
}

// aged reports whether all messages of a part were received before the limits of their
// channels. One that never had any is not aged: it waits for its first.
func (one *part) aged(limits map[int32]store.Limits, which func(store.Limits) time.Time) bool {
	if one.number == kept || len(one.spans) == 0 {
		return false
	}
	for channel, last := range one.until() {
		limit := which(limits[channel])
		if limit.IsZero() || last >= int64(stampOf(limit)) {
			return false
		}
	}
	return true
}

// expire drops a part if it has aged, or has no messages left.
func (s *Store) expire(ctx context.Context, number int32, limits map[int32]store.Limits) (count int64, err error) {
	err = s.leave(ctx, number, func(one *part) bool {
		return one.aged(limits, func(l store.Limits) time.Time { return l.Messages })
	})
	if errors.Is(err, errNotAged) {
		return 0, s.dropEmpty(ctx, number)
	}
	if err != nil {
		return 0, err
	}
	defer s.stay(number)
	d := &drop{s: s, part: number, limits: limits}
	if err := d.inTurn(ctx, d.messages); err != nil || !d.done {
		return 0, err
	}
	s.parts.forget(number, d.moved)
	return d.count, nil
}

// expireContents drops the contents of a part, if they have aged.
func (s *Store) expireContents(ctx context.Context, number int32, limits map[int32]store.Limits) (count int64, err error) {
	err = s.leave(ctx, number, func(one *part) bool {
		return !one.bare && one.aged(limits, func(l store.Limits) time.Time { return l.Contents })
	})
	if errors.Is(err, errNotAged) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer s.stay(number)
	d := &drop{s: s, part: number, limits: limits}
	if err := d.inTurn(ctx, d.contents); err != nil || !d.done {
		return 0, err
	}
	s.parts.strip(number)
	return d.count, nil
}

var (
	errNotAged = errors.New("it has not aged")
	errMany    = errors.New("too many messages have to stay")
)

// leave has the writer take note that a part takes no more messages, if it may go.
func (s *Store) leave(ctx context.Context, number int32, may func(*part) bool) error {
	if !s.parts.is(number, may) {
		return errNotAged // which need not hold up the writer
	}
	return s.queue.Submit(ctx, &entry{Size: rowOverhead, Work: work{alone: func(context.Context, *session) error {
		err := errNotAged
		s.parts.change(func() {
			if one := s.parts.find(number); one != nil && may(one) {
				one.leaving, err = true, nil
			}
		})
		return err
	}}})
}

// stay takes that back, where the part is still there.
func (s *Store) stay(number int32) {
	s.parts.change(func() {
		if one := s.parts.find(number); one != nil {
			one.leaving = false
		}
	})
}

// drop is the dropping of one part, or of the contents of one.
type drop struct {
	s      *Store
	part   int32
	limits map[int32]store.Limits
	done   bool
	there  int64 // messages there were
	count  int64 // that went, or that lost their contents
	stays  []staying
	moved  map[spanKey]bounds // what is among the kept now
}

// staying is a message that has to stay.
type staying struct {
	messageKey
	received int64
}

// inTurn runs a transaction until it gets its locks. When it could not have them for long
// enough, or too much has to stay, the part waits until the next time.
func (d *drop) inTurn(ctx context.Context, do func(context.Context, pgx.Tx) error) error {
	err := d.s.view(ctx, func(v *view) error {
		return v.tx.QueryRow(ctx, inPart("SELECT count(*) FROM messages_N WHERE connector = 0", d.part)).Scan(&d.there)
	})
	if err != nil {
		return err
	}
	for tries := 0; tries < dropTries; tries++ {
		wait := dropWaits
		if tries >= dropTriesShort {
			wait = dropWaitsLonger
		}
		err := d.once(ctx, wait, do)
		switch {
		case err == nil:
			d.done = true
			return nil
		case errors.Is(err, errMany), errors.Is(err, errNotAged):
			return nil
		case !transient(err):
			// It may have been committed all the same.
			return errors.Join(d.s.fault(err), d.s.reload(ctx))
		}
		select {
		case <-time.After(dropWaits):
		case <-ctx.Done():
			return ctx.Err()
		case <-d.s.closed:
			return store.ErrClosed
		}
	}
	return nil
}

// reload has the writer read what parts there are.
func (s *Store) reload(ctx context.Context) error {
	return s.queue.Submit(ctx, &entry{Size: rowOverhead, Work: work{alone: func(ctx context.Context, s *session) error { return s.loadParts(ctx) }}})
}

func (d *drop) once(ctx context.Context, wait time.Duration, do func(context.Context, pgx.Tx) error) error {
	d.count, d.stays, d.moved = 0, nil, map[spanKey]bounds{}
	return pgx.BeginFunc(ctx, d.s.read, func(tx pgx.Tx) error {
		var holder string
		if err := tx.QueryRow(ctx, "SELECT holder FROM writer").Scan(&holder); err != nil {
			return err
		}
		if holder != d.s.holder {
			return errReplaced
		}
		settings := append([]string{fmt.Sprintf("lock_timeout = %d", wait.Milliseconds())}, byIndex...)
		for _, setting := range settings {
			if _, err := tx.Exec(ctx, "SET LOCAL "+setting); err != nil {
				return err
			}
		}
		return do(ctx, tx)
	})
}

// dropEmpty drops a part that has no messages left, as when they were all archived and
// removed one by one.
func (s *Store) dropEmpty(ctx context.Context, number int32) error {
	empty := func(q interface {
		QueryRow(context.Context, string, ...any) pgx.Row
	}) error {
		var some bool
		err := q.QueryRow(ctx, inPart("SELECT EXISTS (SELECT 1 FROM messages_N)", number)).Scan(&some)
		if err == nil && some {
			err = errNotAged
		}
		return err
	}
	if number == kept || s.parts.isOpen(number, s.partMessages) {
		return nil
	}
	if err := empty(s.read); err != nil {
		return onlyIf(err)
	}
	if err := s.leave(ctx, number, func(*part) bool { return true }); err != nil {
		return onlyIf(err)
	}
	defer s.stay(number)
	d := &drop{s: s, part: number}
	err := d.inTurn(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := d.lock(ctx, tx, partTables); err != nil {
			return err
		}
		if err := empty(tx); err != nil {
			return err
		}
		return d.messages(ctx, tx)
	})
	if d.done {
		s.parts.forget(number, d.moved)
	}
	return err
}

// onlyIf is an error that says more than that a part is to stay.
func onlyIf(err error) error {
	if errors.Is(err, errNotAged) {
		return nil
	}
	return err
}
