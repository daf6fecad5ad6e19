package postgres

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"
)

// All that is kept of a message lies in the tables of one part, messages_17, contents_17
// and so on: the messages of one retention class that were received in one period, up to
// a number of messages. So what has aged goes as tables, and its B-trees end with it. They
// are tables of their own and not partitions of one: dropping a partition needs a lock on
// all of them for a moment, for which traffic would wait.
//
// Which messages a part may have is in memory, for each block of a channel's messages the
// ids and times between which they are, and in the table spans, a little wider, so that it
// is written seldom. Who looks for a message asks the parts whose spans it is within.

// DefaultPartMessages is how many messages a part has at about most.
const DefaultPartMessages = 1 << 18

// kept is the part that has what had to stay when its own was dropped. It is the pattern of
// all others, and never dropped.
const kept = 0

// partTables are the tables that a part has.
var partTables = []string{"messages", "contents", "attachments", "chunks", "imports", "new_terms", "term_runs"}

// tableOf is the name of a part's table.
func tableOf(of string, part int32) string { return fmt.Sprintf("%s_%d", of, part) }

// home tells in which parts a message may be put: those of its retention class and of the
// period it was received in, by its first day, as days since 1970.
type home struct {
	class int16
	day   int32
}

// lastDay is the highest day that a message may be received on, in the year 2243: what
// is beyond either end is kept with the last day or the first.
const lastDay = 100_000

// dayOf is the day of a time since 1970, in UTC; the zero time is day 0.
func dayOf(t time.Time) int32 {
	if t.IsZero() {
		return 0
	}
	return int32(min(max(t.Unix()/86_400, 0), lastDay))
}

// class is a retention class: how many days its messages and contents are kept, 0 for ever,
// and how many days one part has, 0 for all.
type class struct{ messages, contents, days int32 }

// home is where a message goes that was received on a day. What is too old when it comes, as
// what is imported may be, lies together.
func (c class) home(number int16, day, today int32) home {
	if c.days == 0 {
		return home{number, 0}
	}
	if c.messages > 0 {
		day = max(day, today-c.messages-c.days)
	}
	day = max(day, 0)
	return home{number, day - day%c.days}
}

// part is what is known of a part.
type part struct {
	number int32
	home
	messages int64 // about how many it has
	leaving  bool  // it, or its contents, are about to be dropped: it takes no more
	bare     bool  // its contents were dropped
	queued   bool  // some connector message in it may be queued
	spans    map[int32][]span
}

// span is where a part has messages of one block of a channel.
type span struct {
	block int32
	bounds
	saved bounds // as the database has it
}

// bounds are ids and times, both ends included.
type bounds struct{ low, high, since, until int64 }

// widen returns the bounds that hold both.
func (b bounds) widen(c bounds) bounds {
	return bounds{min(b.low, c.low), max(b.high, c.high), min(b.since, c.since), max(b.until, c.until)}
}

// Spans are saved somewhat wider than they are: by so many messages, so many microseconds.
const (
	spanIDs   = 256
	spanTimes = 600_000_000
)

// around are bounds as they are saved.
func (b bounds) around() bounds {
	down := func(n, by int64) int64 { return n - ((n%by)+by)%by }
	return bounds{down(b.low, spanIDs), down(b.high, spanIDs) + spanIDs - 1, down(b.since, spanTimes), down(b.until, spanTimes) + spanTimes}
}

// timeOf is a message's time as spans have it: what has none is as old as can be.
func timeOf(s stamp) int64 {
	if s == noTime {
		return -epoch
	}
	return int64(s)
}

// parts are those that there are.
type parts struct {
	mu      sync.RWMutex
	list    []*part // by number: the newest last
	classes map[int16]class
	drops   int64 // how many were dropped so far: who read meanwhile reads again
}

// stretch is a run of a channel's messages in one part, in blocks that follow one another.
type stretch struct {
	part     int32
	from, to int64 // ids, both included
}

// stretches are where a channel's messages with ids and times in some bounds are, those
// that reach highest first. Other messages may be between them.
func (p *parts) stretches(channel int32, in bounds, only func(*part) bool) (list []stretch) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, one := range p.list {
		if only != nil && !only(one) {
			continue
		}
		open := false // the last stretch goes on
		for i := range one.spans[channel] {
			s := &one.spans[channel][i]
			if s.high < in.low || s.low > in.high || s.until < in.since || s.since > in.until {
				open = false
				continue
			}
			from, to := max(s.low, in.low), min(s.high, in.high)
			if open && one.spans[channel][i-1].block == s.block-1 {
				list[len(list)-1].to = to
			} else {
				list = append(list, stretch{one.number, from, to})
				open = true
			}
		}
	}
	slices.SortFunc(list, func(a, b stretch) int { return cmp.Or(cmp.Compare(b.to, a.to), cmp.Compare(b.part, a.part)) })
	return list
}

// everything are bounds that hold all messages.
var everything = bounds{math.MinInt64, math.MaxInt64, math.MinInt64, math.MaxInt64}

// having returns the parts that may have a message, the newest first.
func (p *parts) having(channel int32, message int64) (list []int32) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, one := range slices.Backward(p.list) {
		spans := one.spans[channel]
		at, _ := slices.BinarySearchFunc(spans, blockOf(message), func(s span, b int32) int { return cmp.Compare(s.block, b) })
		if at < len(spans) && spans[at].low <= message && message <= spans[at].high {
			list = append(list, one.number)
		}
	}
	return list
}

// among returns which of some messages each part may have.
func (p *parts) among(channel int32, ids []int64) map[int32][]int64 {
	out := map[int32][]int64{}
	for _, id := range ids {
		for _, part := range p.having(channel, id) {
			out[part] = append(out[part], id)
		}
	}
	return out
}

// dropped is how many parts were dropped so far.
func (p *parts) dropped() int64 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.drops
}

// open returns the part that takes new messages of a home.
func (p *parts) open(h home, limit int64) (number int32, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, one := range slices.Backward(p.list) {
		if one.home == h && one.number != kept && !one.leaving && !one.bare && one.messages < limit {
			return one.number, true
		}
	}
	return 0, false
}

// is reports whether a part is there and meets a condition.
func (p *parts) is(number int32, condition func(*part) bool) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	one := p.find(number)
	return one != nil && condition(one)
}

// isOpen reports whether a part takes what is received today.
func (p *parts) isOpen(number int32, limit int64) bool {
	p.mu.RLock()
	one := p.find(number)
	p.mu.RUnlock()
	if one == nil {
		return false
	}
	today := dayOf(time.Now())
	open, ok := p.open(p.class(one.class).home(one.class, today, today), limit)
	return ok && open == number
}

func (p *parts) class(number int16) class {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.classes[number]
}

// change runs with the parts of which some are to be changed.
func (p *parts) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
}

// find returns a part, nil if it is not there. Its caller holds the lock.
func (p *parts) find(number int32) *part {
	at, ok := slices.BinarySearchFunc(p.list, number, func(one *part, n int32) int { return cmp.Compare(one.number, n) })
	if !ok {
		return nil
	}
	return p.list[at]
}

// span returns the span of a block, made if it is not there, as one that holds nothing.
func (one *part) span(channel, block int32) *span {
	spans := one.spans[channel]
	at, ok := slices.BinarySearchFunc(spans, block, func(s span, b int32) int { return cmp.Compare(s.block, b) })
	if !ok {
		nothing := bounds{math.MaxInt64, math.MinInt64, math.MaxInt64, math.MinInt64}
		spans = slices.Insert(spans, at, span{block: block, bounds: nothing, saved: nothing})
		one.spans[channel] = spans
	}
	return &spans[at]
}

// until returns the time of the last message of each channel that a part has.
func (one *part) until() map[int32]int64 {
	last := map[int32]int64{}
	for channel, spans := range one.spans {
		last[channel] = math.MinInt64
		for _, s := range spans {
			last[channel] = max(last[channel], s.until)
		}
	}
	return last
}

// spanKey names a span.
type spanKey struct{ part, channel, block int32 }

// arrivals are the bounds of what a plan inserts.
func (p *plan) arrivals() map[spanKey]bounds {
	come := map[spanKey]bounds{}
	for _, r := range p.order {
		if r.head == nil || !r.insert || r.removed {
			continue
		}
		at := timeOf(r.head.received)
		one := bounds{r.message, r.message, at, at}
		k := spanKey{r.part, r.channel, blockOf(r.message)}
		if b, ok := come[k]; ok {
			one = one.widen(b)
		}
		come[k] = one
	}
	return come
}

// outgrown returns those spans that are to be saved before what comes is within them.
func (p *parts) outgrown(come map[spanKey]bounds) map[spanKey]bounds {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := map[spanKey]bounds{}
	for k, b := range come {
		one := p.find(k.part)
		if one == nil {
			continue // it was dropped: the database says so
		}
		saved := b
		spans := one.spans[k.channel]
		if at, ok := slices.BinarySearchFunc(spans, k.block, func(s span, b int32) int { return cmp.Compare(s.block, b) }); ok {
			saved = spans[at].saved
			if saved.widen(b) == saved {
				continue
			}
			saved = saved.widen(b.around())
		} else {
			saved = b.around()
		}
		// A block's span keeps to the block.
		first, last := boundsOf(k.block)
		saved.low, saved.high = max(saved.low, first), max(min(saved.high, last), b.high)
		out[k] = saved
	}
	return out
}

// note notes what a plan that is committed has brought, and which spans it has saved.
func (p *parts) note(pl *plan, saved map[spanKey]bounds) {
	come := pl.arrivals()
	if len(come) == 0 && len(pl.queued) == 0 {
		return
	}
	p.change(func() {
		for k, b := range come {
			if one := p.find(k.part); one != nil {
				s := one.span(k.channel, k.block)
				s.bounds = s.bounds.widen(b)
			}
		}
		for k, b := range saved {
			if one := p.find(k.part); one != nil {
				one.span(k.channel, k.block).saved = b
			}
		}
		for number, n := range pl.inserted {
			if one := p.find(number); one != nil {
				one.messages += n
			}
		}
		for number := range pl.queued {
			if one := p.find(number); one != nil {
				one.queued = true
			}
		}
	})
}

// inexact returns the spans that are narrower than the database has them.
func (p *parts) inexact() map[spanKey]bounds {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := map[spanKey]bounds{}
	for _, one := range p.list {
		for channel, spans := range one.spans {
			for _, s := range spans {
				if s.bounds != s.saved {
					out[spanKey{one.number, channel, s.block}] = s.bounds
				}
			}
		}
	}
	return out
}

// numbers returns the numbers of all parts.
func (p *parts) numbers() []int32 {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := make([]int32, len(p.list))
	for i, one := range p.list {
		out[i] = one.number
	}
	return out
}

// strip notes that a part has lost its contents.
func (p *parts) strip(number int32) {
	p.change(func() {
		p.drops++
		if one := p.find(number); one != nil {
			one.bare = true
		}
	})
}

// forget takes a part away that was dropped, and notes what of it is now among the kept.
func (p *parts) forget(number int32, stays map[spanKey]bounds) {
	p.change(func() {
		gone := p.find(number)
		p.list = slices.DeleteFunc(slices.Clone(p.list), func(one *part) bool { return one == gone })
		p.drops++
		k := p.find(kept)
		for at, b := range stays {
			s := k.span(at.channel, at.block)
			s.bounds, s.saved = s.widen(b), s.saved.widen(b)
		}
		k.queued = k.queued || gone != nil && gone.queued
	})
}

// byPart sorts the keys of a map of parts, so that statements come in one order.
func byPart[V any](m map[int32]V) []int32 { return slices.Sorted(maps.Keys(m)) }
