package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

func unfinished(s *suite) {
	for _, id := range []int64{5, 3, 9, 1, 7, 8} {
		s.save(received(id, fmt.Sprintf("raw %d", id)))
	}
	s.save(delivered(7, 1, weir.Queued)) // processed, though still queued
	d := delivered(8, 1, weir.Pending)
	d.Message.Processed = false
	s.save(d)

	for _, c := range []struct {
		after int64
		limit int
		want  []int64
	}{{0, 100, []int64{1, 3, 5, 8, 9}}, {0, 2, []int64{1, 3}}, {3, 2, []int64{5, 8}}, {8, 2, []int64{9}}, {9, 2, nil}, {0, 0, nil}} {
		got, err := s.Unfinished(ctx, channelID, c.after, c.limit)
		if err != nil || !slices.Equal(ids(got), c.want) {
			s.Errorf("after %d, limit %d: got %v, error %v, want %v", c.after, c.limit, ids(got), err, c.want)
		}
	}
	got, _ := s.Unfinished(ctx, channelID, 5, 1)
	s.same(got[0], s.message(8))
	if text := got[0].Connectors[1].Text(weir.Encoded); text != "encoded 8 for 1" {
		s.Errorf("contents: got %q", text)
	}
}

// holding finds texts in the contents of many messages, in parts.
func holding(s *suite) {
	const messages = store.SearchAtOnce + 500
	for id := int64(1); id <= messages; id++ {
		raw := fmt.Sprintf("raw %d", id)
		if id%1000 == 0 {
			raw += strings.Repeat(" Needle in a haystack that is long enough to be compressed", 12)
		}
		c := received(id, raw)
		c.Lazy = id < messages
		s.save(c)
	}
	s.save(delivered(700, 1, weir.Sent))
	all := []int64{4000, 3000, 2000, 1000}
	for _, c := range []struct {
		text string
		q    store.Query
		want []int64
	}{
		{"nEEDLE", store.Query{}, all},
		{"needle", store.Query{Before: 4000, After: 1000}, []int64{3000, 2000}},
		{"haystack", store.Query{Limit: 3}, all[:3]},
		{"encoded 700", store.Query{}, []int64{700}},
		{"encoded 700", store.Query{Statuses: []weir.Status{weir.Sent}, Connectors: []int{1}}, []int64{700}},
		{"needle", store.Query{Statuses: []weir.Status{weir.Sent}}, nil},
		{"raw 4321", store.Query{}, []int64{4321}},
		{"nowhere", store.Query{}, nil},
	} {
		c.q.ChannelID = channelID
		var got []int64
		for parts := 0; ; parts++ {
			found, next, err := s.Holding(ctx, c.q, c.text)
			if err != nil || parts > 3 {
				s.Fatalf("%q: part %d, error %v", c.text, parts, err)
			}
			for _, m := range found {
				if len(m.Connectors) == 0 || m.Connectors[0].Contents[weir.Raw].Set {
					s.Errorf("%q: message %d is not as in a list", c.text, m.ID)
				}
			}
			got = append(got, ids(found)...)
			if next == 0 || c.q.Limit > 0 {
				break
			}
			c.q.Before = next
		}
		if !slices.Equal(got, c.want) {
			s.Errorf("%q, %+v: got %v, want %v", c.text, c.q, got, c.want)
		}
	}
}

// unfinishedAlways compares with what there should be while messages come, end, begin
// anew and go, in any order, with many savers, and over restarts.
func unfinishedAlways(s *suite) {
	random := rand.New(rand.NewPCG(1, 2))
	type state struct{ there, processed bool }
	const messages = 40
	var have [messages + 1]state
	for round := range 60 {
		var all sync.WaitGroup
		for range 1 + random.IntN(8) {
			id := int64(1 + random.IntN(messages))
			was := &have[id]
			c := received(id, "raw")
			c.Counts = nil
			switch {
			case !was.there:
				*was = state{there: true, processed: random.IntN(4) == 0}
			case random.IntN(8) == 0:
				*was = state{}
				all.Wait() // who removes does not see what is being saved
				if _, err := s.Remove(ctx, channelID, []int64{id}, false); err != nil {
					s.Errorf("remove: %v", err)
				}
				continue
			default:
				c.Insert, c.Connectors[0].Insert, c.Connectors[0].Contents = false, false, nil
				was.processed = random.IntN(5) > 0
				all.Wait()
			}
			c.Message.Processed = was.processed
			all.Go(func() { s.save(c) })
		}
		all.Wait()
		if round%10 == 9 {
			s.reopen()
		}
		var want []int64
		for id, h := range have {
			if h.there && !h.processed {
				want = append(want, int64(id))
			}
		}
		if got, err := s.Unfinished(ctx, channelID, 0, messages); err != nil || !slices.Equal(ids(got), want) {
			s.Fatalf("round %d: got %v, error %v, want %v", round, ids(got), err, want)
		}
	}
}

func queuedPages(s *suite) {
	const messages, page = 10_000, 1000
	for id := int64(1); id <= messages; id++ {
		c := received(id, fmt.Sprintf("raw %d", id))
		d := delivered(id, 2, weir.Queued).Connectors[1]
		other := delivered(id, 1, weir.Sent).Connectors[1]
		if id%5 == 0 {
			other.Connector.Status = weir.Queued
		}
		c.Connectors = append(c.Connectors, d, other)
		c.Lazy = id < messages
		s.save(c)
	}
	for metaDataID, want := range map[int]int64{0: 0, 1: messages / 5, 2: messages, 3: 0} {
		if got, err := s.CountQueued(ctx, channelID, metaDataID); got != want || err != nil {
			s.Errorf("count of %d: got %d, error %v, want %d", metaDataID, got, err, want)
		}
	}
	next := int64(1)
	for after := int64(0); ; {
		got, err := s.Queued(ctx, channelID, 2, after, page)
		if err != nil {
			s.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		for _, m := range got {
			if m.ID != next {
				s.Fatalf("got message %d, want %d", m.ID, next)
			}
			next++
			if len(m.Connectors) != 2 || m.Connectors[0].MetaDataID != 0 || m.Connectors[1].MetaDataID != 2 {
				s.Fatalf("message %d: got %d connectors, want the source and destination 2", m.ID, len(m.Connectors))
			}
			if raw, encoded := m.Connectors[0].Text(weir.Raw), m.Connectors[1].Text(weir.Encoded); raw != fmt.Sprintf("raw %d", m.ID) || encoded != fmt.Sprintf("encoded %d for 2", m.ID) {
				s.Fatalf("message %d: got %q and %q", m.ID, raw, encoded)
			}
		}
		after = got[len(got)-1].ID
	}
	if next != messages+1 {
		s.Errorf("pages ended before message %d", next)
	}

	// What is sent leaves the queue.
	for id := int64(1); id <= 3; id++ {
		c := delivered(id, 2, weir.Sent)
		c.Connectors[1].Insert = false
		s.save(c)
	}
	got, err := s.Queued(ctx, channelID, 2, 0, 2)
	if err != nil || !slices.Equal(ids(got), []int64{4, 5}) {
		s.Errorf("after three were sent: got %v, error %v, want 4 and 5", ids(got), err)
	}
	if n, _ := s.CountQueued(ctx, channelID, 2); n != messages-3 {
		s.Errorf("count after three were sent: got %d, want %d", n, messages-3)
	}
}

func list(s *suite) {
	for id := int64(1); id <= 250; id++ {
		c := received(id, "raw")
		c.Lazy = id < 250
		s.save(c)
	}
	s.save(delivered(249, 1, weir.Sent))
	got, err := s.Messages(ctx, store.Query{ChannelID: channelID})
	if err != nil || len(got) != store.DefaultLimit || got[0].ID != 250 || got[1].ID != 249 {
		s.Fatalf("first page: got %v, error %v", ids(got), err)
	}
	if len(got[1].Connectors) != 2 || got[1].Connectors[0].Contents[weir.Raw].Set {
		s.Errorf("listed message: got %+v", got[1])
	}
	var all []int64
	for before := int64(0); ; {
		page, err := s.Messages(ctx, store.Query{ChannelID: channelID, Before: before, Limit: 60})
		if err != nil {
			s.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		all = append(all, ids(page)...)
		before = page[len(page)-1].ID
	}
	if len(all) != 250 || all[249] != 1 {
		s.Errorf("pages: got %d messages", len(all))
	}
}

func listSelects(s *suite) {
	for id := int64(1); id <= 6; id++ {
		s.save(received(id, "raw"))
	}
	s.save(delivered(2, 1, weir.Error))
	s.save(delivered(3, 1, weir.Sent))
	c := delivered(4, 1, weir.Error)
	c.Connectors = append(c.Connectors, delivered(4, 2, weir.Queued).Connectors[1], delivered(4, 3, weir.Error).Connectors[1])
	s.save(c)
	at := func(id int) time.Time { return start.Add(time.Duration(id) * time.Second) }
	for _, c := range []struct {
		name string
		q    store.Query
		want []int64
	}{
		{"errors", store.Query{Statuses: []weir.Status{weir.Error}}, []int64{4, 2}},
		{"errors and sent", store.Query{Statuses: []weir.Status{weir.Error, weir.Sent}}, []int64{4, 3, 2}},
		{"queued", store.Query{Statuses: []weir.Status{weir.Queued}}, []int64{4}},
		{"source's status", store.Query{Statuses: []weir.Status{weir.Received}}, []int64{6, 5, 1}},
		{"none has it", store.Query{Statuses: []weir.Status{weir.Filtered}}, nil},
		{"errors, one", store.Query{Statuses: []weir.Status{weir.Error}, Limit: 1}, []int64{4}},
		{"errors, next", store.Query{Statuses: []weir.Status{weir.Error}, Limit: 1, Before: 4}, []int64{2}},
		{"since", store.Query{Since: at(5)}, []int64{6, 5}},
		{"until", store.Query{Until: at(3)}, []int64{2, 1}},
		{"since and until", store.Query{Since: at(2), Until: at(4)}, []int64{3, 2}},
		{"errors since", store.Query{Statuses: []weir.Status{weir.Error}, Since: at(3)}, []int64{4}},
		{"before the first", store.Query{Before: 1}, nil},
	} {
		c.q.ChannelID = channelID
		if got, err := s.Messages(ctx, c.q); err != nil || !slices.Equal(ids(got), c.want) {
			s.Errorf("%s: got %v, error %v, want %v", c.name, ids(got), err, c.want)
		}
	}
}

func statistics(s *suite) {
	if got, err := s.Statistics(ctx, channelID); err != nil || len(got) != 0 {
		s.Errorf("before any: got %+v, error %v", got, err)
	}
	for id := int64(1); id <= 10; id++ {
		s.save(received(id, "raw"))
		s.save(delivered(id, 1, weir.Sent))
	}
	c := delivered(10, 1, weir.Error)
	c.Connectors = nil
	c.Counts = map[int]store.Counts{1: {Sent: -1, Error: 1}, 2: {Filtered: 3}, 3: {Filtered: -2}}
	s.save(c)
	want := map[int]store.Counts{0: {Received: 10}, 1: {Received: 10, Sent: 9, Error: 1}, 2: {Filtered: 3}, 3: {}}
	for _, when := range []string{"at once", "after reopen"} {
		got, err := s.Statistics(ctx, channelID)
		if err != nil || len(got) != len(want) {
			s.Errorf("%s: got %+v, error %v, want %+v", when, got, err, want)
		}
		for id := range want {
			if got[id] != want[id] {
				s.Errorf("%s, connector %d: got %+v, want %+v", when, id, got[id], want[id])
			}
		}
		s.reopen()
	}
}

// Channels that keep no messages are counted all the same.
func statisticsAlone(s *suite) {
	s.save(&store.Change{Message: &weir.Message{ChannelID: channelID}, Lazy: true,
		Counts: map[int]store.Counts{0: {Received: 1}, 2: {Received: 1, Sent: 1}}})
	for _, c := range []*store.Change{received(0, "raw"), delivered(0, 1, weir.Sent)} {
		if err := s.Save(ctx, c); err == nil {
			s.Errorf("a message without an id was taken: %+v", c)
		}
	}
	s.reopen()
	got, err := s.Statistics(ctx, channelID)
	if want := map[int]store.Counts{0: {Received: 1}, 2: {Received: 1, Sent: 1}}; err != nil || !maps.Equal(got, want) {
		s.Errorf("statistics: got %+v, error %v, want %+v", got, err, want)
	}
	if list, err := s.Messages(ctx, store.Query{ChannelID: channelID}); err != nil || len(list) != 0 {
		s.Errorf("messages: got %v, error %v, want none", ids(list), err)
	}
	if last, err := s.OpenChannel(ctx, channelID, "ADT in", store.Retention{}); err != nil || last != 0 {
		s.Errorf("last id: got %d, error %v, want 0", last, err)
	}
}

func channelsApart(s *suite) {
	const other = "another channel"
	if last, err := s.OpenChannel(ctx, other, "ORU in", store.Retention{}); err != nil || last != 0 {
		s.Fatalf("open: got last id %d, error %v", last, err)
	}
	s.save(received(1, "mine"))
	c := received(1, "theirs")
	c.Message.ChannelID = other
	s.save(c)
	c = delivered(1, 1, weir.Queued)
	c.Message.ChannelID = other
	s.save(c)
	if got := s.message(1); len(got.Connectors) != 1 || got.Connectors[0].Text(weir.Raw) != "mine" {
		s.Errorf("got %+v", got)
	}
	if n, err := s.CountQueued(ctx, channelID, 1); n != 0 || err != nil {
		s.Errorf("queued: got %d, error %v", n, err)
	}
	if got, err := s.Unfinished(ctx, other, 0, 10); len(got) != 0 || err != nil {
		s.Errorf("unfinished: got %v, error %v", ids(got), err)
	}
	if got, err := s.Queued(ctx, other, 1, 0, 10); err != nil || len(got) != 1 || got[0].Connectors[0].Text(weir.Raw) != "theirs" {
		s.Errorf("queued of the other: got %v, error %v", ids(got), err)
	}
	if got, err := s.Statistics(ctx, channelID); err != nil || got[1].Received != 0 {
		s.Errorf("statistics: got %+v, error %v", got, err)
	}
}

func reopen(s *suite) {
	s.save(received(1, "raw 1"))
	s.save(delivered(1, 4, weir.Queued))
	s.save(received(2, "raw 2"))
	before := []*weir.Message{s.message(1), s.message(2)}
	s.reopen()
	for _, want := range before {
		s.same(s.message(want.ID), want)
	}
	if got, err := s.Unfinished(ctx, channelID, 0, 10); err != nil || !slices.Equal(ids(got), []int64{2}) {
		s.Errorf("unfinished: got %v, error %v", ids(got), err)
	}
	if n, err := s.CountQueued(ctx, channelID, 4); err != nil || n != 1 {
		s.Errorf("queued: got %d, error %v", n, err)
	}
}

func idsGoOn(s *suite) {
	s.save(received(3, "raw"))
	s.save(received(41, "raw"))
	s.save(received(12, "raw"))
	for range 2 {
		last, err := s.OpenChannel(ctx, channelID, "ADT in, renamed", store.Retention{})
		if err != nil || last != 41 {
			s.Errorf("got last id %d, error %v, want 41", last, err)
		}
		s.reopen()
	}
	if last, err := s.OpenChannel(ctx, "another", "", store.Retention{}); err != nil || last != 0 {
		s.Errorf("new channel: got last id %d, error %v, want 0", last, err)
	}
}
