package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/archive"
	"github.com/weir-health/weir/internal/pipeline"
	"github.com/weir-health/weir/internal/store"
)

// retention is how long a channel keeps what.
type retention struct {
	messages, contents time.Duration // negative: for ever
	errored            time.Duration // messages with an error; negative: for ever
}

// pruningSettings is where Mirth's files have a channel's pruning settings.
const pruningSettings = "exportData.metadata.pruningSettings."

// retentionOf reads a channel's pruning settings. Weir's own is pruneErroredDays,
// beside Mirth's: without it errored messages are kept for ever or, where
// pruneErroredMessages is on, as long as others.
func retentionOf(c *weir.Channel) (r retention, err error) {
	r = retention{-1, -1, -1}
	for name, into := range map[string]*time.Duration{"pruneMetaDataDays": &r.messages, "pruneContentDays": &r.contents, "pruneErroredDays": &r.errored} {
		text := c.Extra.Text(pruningSettings + name)
		if text == "" {
			continue
		}
		days, err := strconv.Atoi(text)
		if err != nil || days < 0 || days > maxDays {
			return r, &weir.Fault{Channel: c.Name, At: name, Err: fmt.Errorf("%q is not a number of days", text), Hint: "Write 30, or leave it out to keep everything."}
		}
		*into = time.Duration(days) * 24 * time.Hour
	}
	if r.errored < 0 && c.Extra.Text(pruningSettings+"pruneErroredMessages") == "true" {
		r.errored = 0
	}
	if c.Properties.Storage == weir.MetadataOnly {
		r.contents = -1
	}
	if r.messages >= 0 && r.contents >= r.messages {
		r.contents = -1 // they go with their messages
	}
	return r, nil
}

// maxDays is the longest time that a channel may set, some 270 years.
const maxDays = 100_000

// keeps is what the store is told of a channel's retention. Settings that cannot be read
// keep everything; the pruner says what is wrong with them.
func (s *Server) keeps(c *weir.Channel) (keep store.Retention) {
	r, err := retentionOf(c)
	if err != nil || r.messages < 0 && r.contents < 0 {
		return keep
	}
	to, err := s.archiveFor(c)
	return store.Retention{Messages: wholeDays(r.messages), Contents: wholeDays(r.contents), Archived: to != nil || err != nil}
}

// wholeDays is a time of retention in days; what is to go at once stays for one.
func wholeDays(d time.Duration) int {
	if d < 0 {
		return 0
	}
	return max(1, int(d/(24*time.Hour)))
}

// limitsOf are the times before which a channel's messages go as a whole, where they do.
func (s *Server) limitsOf(d *deployed, now time.Time) (l store.Limits, ok bool) {
	r, err := retentionOf(&d.config)
	if err != nil || r.messages < 0 && r.contents < 0 {
		return l, false
	}
	if to, err := s.archiveFor(&d.config); err != nil || to != nil {
		return l, false
	}
	for _, one := range []struct {
		keep time.Duration
		into *time.Time
	}{{r.messages, &l.Messages}, {r.contents, &l.Contents}, {r.errored, &l.Errored}} {
		if one.keep >= 0 {
			*one.into = now.Add(-one.keep)
		}
	}
	return l, true
}

// expire drops what has aged as a whole of some channels. While it does so none of their
// messages begins anew or is removed otherwise.
func (s *Server) expire(ctx context.Context, list []*deployed) (out api.Pruned, err error) {
	limits, now := map[string]store.Limits{}, s.opt.Now()
	for _, d := range list {
		l, ok := s.limitsOf(d, now)
		if !ok {
			continue
		}
		limits[d.config.ID] = l
		if c := s.running(d); c != nil {
			defer c.Hold()()
		}
	}
	if len(limits) == 0 {
		return out, nil
	}
	if err := s.mayPrune(time.Now()); err != nil {
		return out, err
	}
	gone, err := s.store.Expire(ctx, limits)
	if gone != (store.Expired{}) {
		s.log.Info("What had aged was dropped as a whole", "messages", gone.Messages, "contents", gone.Contents)
	}
	if err != nil {
		err = &weir.Fault{Err: fmt.Errorf("pruning: %w", err)}
	}
	return api.Pruned{Messages: int(gone.Messages), Contents: int(gone.Contents)}, err
}

// prune removes one by one what a channel does not keep any longer, as Mirth's data pruner
// does: by the time of receipt, nothing that is under way, waits or has failed. What
// the archive is to have goes there first. It goes in parts, oldest first, between which
// traffic goes on. What is not yet older than its limit by late is left to expire.
func (s *Server) prune(ctx context.Context, d *deployed, late time.Duration) (out api.Pruned, err error) {
	r, err := retentionOf(&d.config)
	if err != nil {
		return out, err
	}
	if r.messages < 0 && r.contents < 0 {
		return out, nil
	}
	if err := s.mayPrune(time.Now()); err != nil {
		return out, err
	}
	to, err := s.archiveFor(&d.config)
	if err != nil {
		return out, err
	}
	now := s.opt.Now()
	one := pruning{s: s, d: d, to: to, out: &out}
	if to == nil {
		now = now.Add(-late)
	}
	if err = one.older(ctx, now, r.messages, r.errored, &out.Messages); err == nil {
		one.contents = true
		err = one.older(ctx, now, r.contents, r.errored, &out.Contents)
	}
	if err != nil {
		err = &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("pruning: %w", err)}
	}
	if out != (api.Pruned{}) {
		s.log.Info("The channel was pruned", "channel", d.config.Name, "messages", out.Messages, "contents", out.Contents, "archived", out.Archived)
	}
	if out.Kept > 0 {
		s.log.Warn("Messages were not pruned, since the archive does not take them", "channel", d.config.Name, "messages", out.Kept, "first", out.Problem)
	}
	return out, err
}

// maxJump is how far the machine's clock may have been set forward while the engine ran
// until nothing is pruned any more: all would be too old.
const maxJump = 24 * time.Hour

// mayPrune refuses to prune by a clock that was set far forward. Who knows that it is right
// starts the engine again.
func (s *Server) mayPrune(now time.Time) error {
	return checkJump(now.Round(0).Sub(s.begun.Round(0)), now.Sub(s.begun))
}

// checkJump compares how long the engine has run by the clock with how long it has.
func checkJump(byClock, passed time.Duration) error {
	if jump := byClock - passed; jump > maxJump {
		return &weir.Fault{Err: fmt.Errorf("the machine's clock has gone forward by %s since the engine was started: nothing is pruned, since all would seem too old", jump.Round(time.Minute)),
			Hint: "Set the clock, or restart the engine where it is right."}
	}
	return nil
}

// pruning is one step of pruning a channel: of messages, or of contents.
type pruning struct {
	s        *Server
	d        *deployed
	to       *archive.Archive // nil: nothing is archived
	contents bool
	restore  func(*weir.Message)
	out      *api.Pruned
	refused  map[int64]bool // what the archive does not take
}

const (
	prunedAtOnce     = 2_000_000 // messages that are found before the oldest of them go
	prunedTogether   = 1000      // that are looked at at once
	archivedTogether = 10_000    // messages in one file of the archive
	archivedBytes    = 64 << 20  // of documents in one file, before they are compressed
)

// older removes what is older than keep.
func (p *pruning) older(ctx context.Context, now time.Time, keep, errored time.Duration, count *int) error {
	if keep < 0 {
		return nil
	}
	for {
		// Lists begin with the newest, and the oldest are to go first.
		var ids []int64
		more := false
		err := p.s.pages(ctx, p.d, api.MessageQuery{Until: now.Add(-keep)}, func(page []*weir.Message) error {
			for _, m := range page {
				if settled(m) && (!hasFailed(m) || errored >= 0 && m.Received.Before(now.Add(-errored))) && !p.refused[m.ID] {
					ids = append(ids, m.ID)
				}
			}
			if len(ids) > prunedAtOnce {
				more = true
				ids = append(ids[:0], ids[len(ids)-prunedAtOnce:]...)
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		slices.Reverse(ids)
		for part := range slices.Chunk(ids, prunedTogether) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if p.contents {
				if part, err = p.s.store.NotEmpty(ctx, p.d.config.ID, part); err != nil {
					return err
				}
			}
			n, err := p.drop(ctx, part)
			*count += n
			if err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// drop removes some messages or what they hold, once the archive has them.
func (p *pruning) drop(ctx context.Context, ids []int64) (count int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	if p.to == nil {
		return p.remove(ctx, ids, nil)
	}
	for len(ids) > 0 {
		seen, left, err := p.keep(ctx, ids)
		if err != nil {
			return count, fmt.Errorf("archive: %w", err)
		}
		n, err := p.remove(ctx, slices.Sorted(maps.Keys(seen)), seen)
		count += n
		if err != nil {
			return count, err
		}
		ids = left
	}
	return count, nil
}

// keep writes messages that were received on one day to a file of the archive. It
// returns their rows as they were then, and which messages are left.
func (p *pruning) keep(ctx context.Context, ids []int64) (seen map[int64]*weir.Message, left []int64, err error) {
	if p.restore == nil {
		p.restore = p.s.restorer(ctx, p.d)
	}
	seen = map[int64]*weir.Message{}
	var file *archive.Batch
	defer func() {
		if file != nil {
			file.Abort()
		}
	}()
	var day time.Time
	for i, id := range ids {
		row, err := p.s.row(ctx, p.d, id)
		if err != nil {
			return nil, nil, err
		}
		if row == nil || !settled(row) {
			continue // removed meanwhile, or begun anew
		}
		at := row.Received.UTC().Truncate(24 * time.Hour)
		if file != nil && !at.Equal(day) {
			left = append(left, ids[i:]...)
			break
		}
		doc, err := p.document(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if tooLarge := (*weir.Fault)(nil); errors.As(err, &tooLarge) {
			if p.refused == nil {
				p.refused = map[int64]bool{}
			}
			p.refused[id] = true
			if p.out.Kept++; p.out.Kept == 1 {
				p.out.Problem = err.Error()
			}
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if file == nil {
			day = at
			if file, err = p.to.Begin(ctx, p.d.config.ID, p.d.config.Name, day); err != nil {
				return nil, nil, err
			}
		}
		if err := file.Add(id, doc); err != nil {
			return nil, nil, err
		}
		seen[id] = row
		if len(seen) == archivedTogether || file.Size() >= archivedBytes {
			left = append(left, ids[i+1:]...)
			break
		}
	}
	if file != nil {
		done := file
		file = nil
		if _, err := done.Commit(ctx); err != nil {
			return nil, nil, err
		}
		p.out.Archived += len(seen)
	}
	return seen, left, nil
}

// remove removes messages or what they hold: with seen only those that are still as the
// archive has them.
func (p *pruning) remove(ctx context.Context, ids []int64, seen map[int64]*weir.Message) (int, error) {
	still := func(ids []int64) ([]int64, error) {
		if seen == nil {
			return ids, nil
		}
		var same []int64
		for _, id := range ids {
			row, err := p.s.row(ctx, p.d, id)
			if err != nil {
				return nil, err
			}
			if row != nil && reflect.DeepEqual(row, seen[id]) {
				same = append(same, id)
			}
		}
		return same, nil
	}
	running := p.s.running(p.d)
	switch {
	case running != nil && p.contents:
		return running.RemoveContentsStill(ctx, ids, still)
	case running != nil:
		return running.RemoveStill(ctx, ids, still)
	}
	ids, err := still(ids)
	if err != nil {
		return 0, err
	}
	if p.contents {
		return pipeline.RemoveContents(ctx, p.s.store, p.d.config.ID, ids)
	}
	return p.s.removeStored(ctx, p.d, ids)
}

// row is a message without its contents, nil where it is not there any longer.
func (s *Server) row(ctx context.Context, d *deployed, id int64) (*weir.Message, error) {
	list, err := s.store.Messages(ctx, store.Query{ChannelID: d.config.ID, After: id - 1, Before: id + 1, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func hasFailed(m *weir.Message) bool {
	return slices.ContainsFunc(m.Connectors, func(cm *weir.ConnectorMessage) bool { return cm.Status == weir.Error })
}

func (e *engineAPI) Prune(ctx context.Context, channel string) (api.Pruned, error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return api.Pruned{}, err
	}
	if !s.pruner.one.TryLock() {
		return api.Pruned{}, errPruning
	}
	defer s.pruner.one.Unlock()
	whole, err := s.expire(ctx, []*deployed{d})
	if err != nil {
		return whole, err
	}
	out, err := s.prune(ctx, d, 0)
	out.Messages, out.Contents = out.Messages+whole.Messages, out.Contents+whole.Contents
	return out, err
}
