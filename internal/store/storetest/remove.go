package storetest

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// remove: what is removed is gone with everything, what it says it was is true,
// and ids are never given again.
func remove(s *suite) {
	for id := int64(1); id <= 6; id++ {
		c := received(id, "raw")
		c.Attachments = []weir.Attachment{{ID: "a", Type: "text/plain", Content: []byte("attached")}}
		c.Terms = []store.Term{{Kind: store.ControlTerm, Value: "same"}}
		s.save(c)
	}
	s.save(delivered(1, 1, weir.Sent))
	s.save(delivered(2, 1, weir.Queued))
	s.save(delivered(4, 3, weir.Error))
	before, _ := s.Statistics(ctx, channelID)

	got, err := s.Remove(ctx, channelID, []int64{3, 1, 2, 2, 99}, true)
	want := []store.Removed{{ID: 1}, {ID: 2, Queued: []int{1}}}
	if err != nil || !slices.EqualFunc(got, want, sameRemoved) {
		s.Errorf("finished ones: got %+v, error %v, want %+v", got, err, want)
	}
	got, err = s.Remove(ctx, channelID, []int64{4, 3}, false)
	want = []store.Removed{{ID: 3, Unfinished: true}, {ID: 4}}
	if err != nil || !slices.EqualFunc(got, want, sameRemoved) {
		s.Errorf("all: got %+v, error %v, want %+v", got, err, want)
	}
	for range 2 {
		if list, err := s.Messages(ctx, store.Query{ChannelID: channelID}); err != nil || !slices.Equal(ids(list), []int64{6, 5}) {
			s.Errorf("left: got %v, error %v", ids(list), err)
		}
		for id := int64(1); id <= 4; id++ {
			if _, err := s.Message(ctx, channelID, id); !errors.Is(err, store.ErrNotFound) {
				s.Errorf("message %d: got error %v, want ErrNotFound", id, err)
			}
			if list, err := s.Attachments(ctx, channelID, id); err != nil || len(list) > 0 {
				s.Errorf("attachments of %d: got %v, error %v", id, list, err)
			}
		}
		q := store.Query{ChannelID: channelID, Terms: []store.Term{{Kind: store.ControlTerm, Value: "same"}}}
		if list, err := s.Messages(ctx, q); err != nil || !slices.Equal(ids(list), []int64{6, 5}) {
			s.Errorf("found by its control id: got %v, error %v", ids(list), err)
		}
		if n, err := s.CountQueued(ctx, channelID, 1); err != nil || n != 0 {
			s.Errorf("queued: got %d, error %v", n, err)
		}
		if after, err := s.Statistics(ctx, channelID); err != nil || !maps.Equal(after, before) {
			s.Errorf("statistics: got %+v, error %v, want %+v", after, err, before)
		}
		if len(s.message(5).Connectors[0].Text(weir.Raw)) == 0 {
			s.Error("message 5 lost its content")
		}
		s.reopen()
	}
	s.refused(delivered(1, 1, weir.Sent), store.ErrNotFound)
	if _, err := s.Remove(ctx, channelID, []int64{5, 6}, false); err != nil {
		s.Error(err)
	}
	if last, err := s.OpenChannel(ctx, channelID, "ADT in", store.Retention{}); err != nil || last != 6 {
		s.Errorf("last id: got %d, error %v, want 6", last, err)
	}
	if _, err := s.Remove(ctx, "unknown", []int64{1}, false); err == nil {
		s.Error("messages of an unknown channel were removed")
	}
}

func sameRemoved(a, b store.Removed) bool {
	return a.ID == b.ID && a.Unfinished == b.Unfinished && slices.Equal(a.Queued, b.Queued)
}

// removeContents leaves the rows with their errors and metadata.
func removeContents(s *suite) {
	for id := int64(1); id <= 3; id++ {
		c := received(id, "raw")
		c.Connectors[0].Connector.MetaData = map[string]any{"site": "north"}
		c.Connectors[0].Connector.Set(weir.ProcessingError, "it failed", "")
		c.Connectors[0].Contents = append(c.Connectors[0].Contents, weir.ProcessingError)
		c.Attachments = []weir.Attachment{{ID: "a", Content: []byte("attached")}}
		s.save(c)
	}
	s.save(&store.Change{Message: &weir.Message{ID: 4, ChannelID: channelID, Received: start, Processed: true}, Insert: true})
	s.save(&store.Change{Message: &weir.Message{ID: 5, ChannelID: channelID, Received: start, Processed: true}, Insert: true,
		Attachments: []weir.Attachment{{ID: "a", Content: []byte("attached")}}})
	holding := func(want ...int64) {
		s.Helper()
		if got, err := s.NotEmpty(ctx, channelID, []int64{99, 5, 4, 3, 2, 1, 1, 0}); err != nil || !slices.Equal(got, want) {
			s.Errorf("messages that hold something: got %v, error %v, want %v", got, err, want)
		}
	}
	holding(1, 2, 3, 5)
	if err := s.RemoveContents(ctx, channelID, []int64{1, 3, 5}); err != nil {
		s.Fatal(err)
	}
	holding(2)
	for id := int64(1); id <= 3; id++ {
		source := s.message(id).Connector(0)
		attached, _ := s.Attachments(ctx, channelID, id)
		if kept := id == 2; source.Contents[weir.Raw].Set != kept || len(attached) == 1 != kept {
			s.Errorf("message %d: raw content %v, attachments %v", id, source.Contents[weir.Raw], attached)
		}
		if source.Errors() != 1 || source.MetaData["site"] != "north" {
			s.Errorf("message %d: errors %d, metadata %v", id, source.Errors(), source.MetaData)
		}
	}
}

// beginAnew: a message that is processed again loses what its destinations had.
func beginAnew(s *suite) {
	s.save(received(1, "first"))
	s.save(delivered(1, 1, weir.Sent))
	second := delivered(1, 2, weir.Error)
	second.Connectors = second.Connectors[1:]
	s.save(second)

	c := received(1, "again")
	c.Insert, c.Connectors[0].Insert, c.Connectors[0].Drop = false, false, true
	c.RemoveConnectors = []int{1}
	s.save(c)
	m := s.message(1)
	if m.Processed || m.Connector(1) != nil || m.Connector(2) == nil || m.Connector(0).Text(weir.Raw) != "again" {
		s.Errorf("got %+v", describe(m))
	}
	s.save(delivered(1, 1, weir.Sent))
	if got := s.message(1).Connector(1); got == nil || got.Status != weir.Sent {
		s.Errorf("after it was processed again: got %+v", got)
	}
}

// resets take counts out of the statistics and leave the lifetime as it was.
func resets(s *suite) {
	s.save(received(1, "raw"))
	s.save(delivered(1, 1, weir.Sent))
	s.save(&store.Change{Message: &weir.Message{ChannelID: channelID},
		Counts:  map[int]store.Counts{0: {Received: -1}, 1: {Received: -1, Sent: -1}},
		Earlier: map[int]store.Counts{0: {Received: 1}, 1: {Received: 1, Sent: 1}}})
	s.save(received(2, "raw"))
	for range 2 {
		now, err := s.Statistics(ctx, channelID)
		if want := map[int]store.Counts{0: {Received: 1}, 1: {}}; err != nil || !maps.Equal(now, want) {
			s.Errorf("statistics: got %+v, error %v, want %+v", now, err, want)
		}
		ever, err := s.Lifetime(ctx, channelID)
		if want := map[int]store.Counts{0: {Received: 2}, 1: {Received: 1, Sent: 1}}; err != nil || !maps.Equal(ever, want) {
			s.Errorf("lifetime: got %+v, error %v, want %+v", ever, err, want)
		}
		s.reopen()
	}
}

// termBlocks searches by terms over more than one block of them, of which the older
// ones are put in order.
func termBlocks(s *suite) {
	const block = 1 << store.TermBits
	same := store.Term{Kind: store.PatientTerm, Value: "10001"}
	own := func(id int64) store.Term {
		return store.Term{Kind: store.ControlTerm, Value: strconv.FormatInt(id, 10)}
	}
	var all []int64
	put := func(id int64) {
		c := received(id, "raw")
		c.Terms = []store.Term{same, own(id)}
		s.save(c)
		all = append(all, id)
	}
	find := func(want []int64, terms ...store.Term) {
		s.Helper()
		got, err := s.Messages(ctx, store.Query{ChannelID: channelID, Terms: terms, Limit: 10_000})
		if err != nil || !slices.Equal(ids(got), want) {
			s.Errorf("by %v: got %v, error %v, want %v", terms, ids(got), err, want)
		}
	}
	newestFirst := func() []int64 {
		return slices.SortedFunc(slices.Values(all), func(a, b int64) int { return cmp.Compare(b, a) })
	}
	for id := int64(block - 300); id < block; id++ { // more than one run holds
		put(id)
	}
	find(newestFirst(), same)
	for _, id := range []int64{block, block + 1, 3 * block, 4*block - 1, 4 * block} {
		put(id)
	}
	find(newestFirst(), same)
	for range 2 {
		for _, id := range []int64{block - 300, block - 1, block, 3 * block, 4 * block} {
			find([]int64{id}, own(id))
			find([]int64{id}, own(id), same)
		}
		find(nil, own(block), own(3*block))
		s.reopen()
	}

	late := received(block-2, "")
	late.Insert, late.Connectors = false, nil
	late.Terms = []store.Term{{Kind: store.OrderTerm, Value: "late"}, same} // of a block that is in order
	s.save(late)
	put(5 * block)
	find([]int64{block - 2}, late.Terms...)
	find(newestFirst(), same)

	gone := append(slices.Clone(all[:299]), block)
	removeAll := func(list []int64) {
		if _, err := s.Remove(ctx, channelID, list, false); err != nil {
			s.Errorf("remove: %v", err)
		}
	}
	removeAll(gone)
	all = slices.DeleteFunc(all, func(id int64) bool { return slices.Contains(gone, id) })
	find(nil, own(block))
	find(newestFirst(), same)
	removeAll(all)
	find(nil, same)
}

// searches by what rows and terms say.
func searches(s *suite) {
	term := func(kind, value string) store.Term { return store.Term{Kind: kind, Value: value} }
	values := []map[string]any{nil, {"site": "North", "n": 4.5}, {"site": "South"}, {"site": "North"}, {"site": "North", "ok": true}}
	for id := int64(1); id <= 4; id++ {
		c := received(id, "raw")
		c.EncryptMetaData = id == 4
		c.Connectors[0].Connector.MetaData = values[id]
		c.Terms = []store.Term{term(store.PatientTerm, "10001"), term(store.ControlTerm, string(rune('A'+id)))}
		if id == 3 {
			c.Terms = append(c.Terms, term(store.OrderTerm, "10001"), term(store.PatientTerm, "10001"))
		}
		if id == 2 {
			c.Connectors[0].Connector.Set(weir.ResponseError, "no reply", "")
		}
		s.save(c)
	}
	done := delivered(3, 7, weir.Error)
	done.Connectors = done.Connectors[1:]
	s.save(done)
	match := func(column, value string, contains bool) []store.Match {
		return []store.Match{{Column: column, Value: value, Contains: contains}}
	}
	for _, c := range []struct {
		name string
		q    store.Query
		want []int64
	}{
		{"range of ids", store.Query{After: 1, Before: 4}, []int64{3, 2}},
		{"connector", store.Query{Connectors: []int{7}}, []int64{3}},
		{"status of a connector", store.Query{Connectors: []int{0}, Statuses: []weir.Status{weir.Error}}, nil},
		{"status of the right connector", store.Query{Connectors: []int{0, 7}, Statuses: []weir.Status{weir.Error}}, []int64{3}},
		{"with an error", store.Query{Failed: true}, []int64{2}},
		{"metadata", store.Query{MetaData: match("site", "North", false)}, []int64{4, 3, 1}},
		{"metadata, a page", store.Query{MetaData: match("site", "North", false), Limit: 1, Before: 4}, []int64{3}},
		{"a part of metadata", store.Query{MetaData: match("site", "OUT", true)}, []int64{2}},
		{"metadata that is a number", store.Query{MetaData: match("n", "4.5", false)}, []int64{1}},
		{"metadata that is yes or no, encrypted", store.Query{MetaData: match("ok", "true", false)}, []int64{4}},
		{"metadata that no channel has", store.Query{MetaData: match("other", "", true)}, nil},
		{"patient", store.Query{Terms: []store.Term{term(store.PatientTerm, "10001")}}, []int64{4, 3, 2, 1}},
		{"patient, a page", store.Query{Terms: []store.Term{term(store.PatientTerm, "10001")}, Limit: 2, Before: 4}, []int64{3, 2}},
		{"patient and order", store.Query{Terms: []store.Term{term(store.PatientTerm, "10001"), term(store.OrderTerm, "10001")}}, []int64{3}},
		{"patient with metadata", store.Query{Terms: []store.Term{term(store.PatientTerm, "10001")}, MetaData: match("site", "South", false)}, []int64{2}},
		{"patient at a time", store.Query{Terms: []store.Term{term(store.PatientTerm, "10001")}, Since: start.Add(3e9)}, []int64{4, 3}},
		{"control id", store.Query{Terms: []store.Term{term(store.ControlTerm, "C")}}, []int64{2}},
		{"nobody", store.Query{Terms: []store.Term{term(store.PatientTerm, "1000")}}, nil},
	} {
		s.Run(c.name, func(t *testing.T) {
			c.q.ChannelID = channelID
			if got, err := s.Messages(ctx, c.q); err != nil || !slices.Equal(ids(got), c.want) {
				t.Errorf("got %v, error %v, want %v", ids(got), err, c.want)
			}
		})
	}
}
