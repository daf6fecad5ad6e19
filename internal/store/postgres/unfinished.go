package postgres

import (
	"container/heap"
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/weir-health/weir/internal/store"
)

// unfinished are a channel's messages that are not processed, as far as they are
// committed. Which of its messages all came to their end, up to the first that did not, is
// kept with the channel; who looks for unfinished ones begins there. An index of them
// would be entered and left by every message, and would make each update of a row one
// of all indexes.
type unfinished struct {
	ids  map[int64]int32 // the part that each is in
	low  lowest
	last int64 // highest message that came
}

// lowest is a heap of messages. Those that were finished meanwhile are still in it.
type lowest []int64

func (l lowest) Len() int           { return len(l) }
func (l lowest) Less(i, j int) bool { return l[i] < l[j] }
func (l lowest) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *lowest) Push(id any)       { *l = append(*l, id.(int64)) }
func (l *lowest) Pop() any {
	last := len(*l) - 1
	id := (*l)[last]
	*l = (*l)[:last]
	return id
}

func (u *unfinished) add(id int64, part int32) {
	if _, ok := u.ids[id]; !ok {
		heap.Push(&u.low, id)
	}
	u.ids[id] = part
}

// finished returns up to which message all are processed.
func (u *unfinished) finished() int64 {
	for len(u.low) > 0 {
		if _, ok := u.ids[u.low[0]]; ok {
			return u.low[0] - 1
		}
		heap.Pop(&u.low)
	}
	return u.last
}

// unfinishedOf returns those of a channel. They are read where they are not known on this
// connection: it may have been made anew because of a group of which it is not known
// whether it is committed.
func (s *session) unfinishedOf(ctx context.Context, channel int32) (*unfinished, error) {
	if u := s.unfinished[channel]; u != nil {
		return u, nil
	}
	u := &unfinished{ids: map[int64]int32{}}
	var from int64
	if err := s.conn.QueryRow(ctx, "SELECT last_message, finished FROM channels WHERE number = $1", channel).Scan(&u.last, &from); err != nil {
		return nil, err
	}
	in := everything
	in.low = from + 1
	for _, of := range s.parts.stretches(channel, in, nil) {
		rows, err := s.conn.Query(ctx, "SELECT message FROM "+tableOf("messages", of.part)+
			" WHERE channel = $1 AND message BETWEEN $2 AND $3 AND connector = 0 AND NOT processed", channel, of.from, of.to)
		if err != nil {
			return nil, err
		}
		var id int64
		if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { u.add(id, of.part); return nil }); err != nil {
			return nil, err
		}
	}
	s.unfinished[channel] = u
	return u, nil
}

// finished returns, by channel, up to which message all are processed once a plan is
// committed. It may be too low, never too high: what the plan finishes counts next time.
func (s *session) finished(p *plan) map[int32]int64 {
	marks := map[int32]int64{}
	for _, r := range p.order {
		if r.head == nil || r.removed {
			continue
		}
		mark, ok := marks[r.channel]
		if !ok {
			mark = s.unfinished[r.channel].finished()
		}
		if !r.head.processed {
			mark = min(mark, r.message-1)
		}
		marks[r.channel] = mark
	}
	return marks
}

// note notes what a plan that is committed has begun and finished.
func (s *session) note(p *plan) {
	for _, r := range p.order {
		if r.head == nil || r.removed {
			continue
		}
		u := s.unfinished[r.channel]
		u.last = max(u.last, r.message)
		if r.head.processed {
			delete(u.ids, r.message)
		} else {
			u.add(r.message, r.part)
		}
	}
}

// forget notes that messages are gone.
func (s *session) forget(channel int32, removed []store.Removed) {
	if u := s.unfinished[channel]; u != nil {
		for _, m := range removed {
			delete(u.ids, m.ID)
		}
	}
}
