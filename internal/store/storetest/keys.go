package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/weir-health/weir/internal/store"
)

// imported: where a message was imported from is kept with it, listed, and goes with
// it or when it begins anew.
func imported(s *suite) {
	from := func(id, original int64, channel string) *store.Change {
		c := received(id, "text")
		c.Message.ImportID, c.Message.ImportChannelID = original, channel
		return c
	}
	is := func(id, original int64, channel string) {
		s.Helper()
		one, err := s.Message(ctx, channelID, id)
		if err != nil || one.ImportID != original || one.ImportChannelID != channel {
			s.Errorf("message %d: got %+v, error %v, want import of %d of %q", id, one, err, original, channel)
		}
		list, err := s.Messages(ctx, store.Query{ChannelID: channelID, After: id - 1, Before: id + 1})
		if err != nil || len(list) != 1 || list[0].ImportID != original || list[0].ImportChannelID != channel {
			s.Errorf("list of message %d: got %+v, error %v, want import of %d of %q", id, list, err, original, channel)
		}
	}
	s.save(received(1, "text"))
	s.save(from(2, 900, ""))
	s.save(from(3, 1<<40, "elsewhere"))
	s.save(from(4, 7, "elsewhere"))
	for range 2 {
		is(1, 0, "")
		is(2, 900, "")
		is(3, 1<<40, "elsewhere")
		is(4, 7, "elsewhere")
		s.reopen()
	}
	list, err := s.Messages(ctx, store.Query{ChannelID: channelID})
	if err != nil || len(list) != 4 || list[0].ImportID != 7 || list[3].ImportID != 0 {
		s.Errorf("got %+v, error %v", list, err)
	}
	again := received(3, "text")
	again.Insert, again.Connectors, again.ForgetImport = false, nil, true
	s.save(again)
	is(3, 0, "")
	if _, err := s.Remove(ctx, channelID, []int64{4}, false); err != nil {
		s.Fatal(err)
	}
	s.save(received(4, "another of that id"))
	is(4, 0, "")
	is(2, 900, "")
}

// keyedTerms: messages are found whether they were encrypted when they were kept or not.
func keyedTerms(s *suite) {
	patient, other := store.Term{Kind: store.PatientTerm, Value: "4711"}, store.Term{Kind: store.PatientTerm, Value: "4712"}
	for id := int64(1); id <= 4; id++ {
		c := received(id, "text")
		c.Encrypt, c.Terms = id%2 == 0, []store.Term{patient}
		if id == 4 {
			c.Terms = []store.Term{other}
		}
		s.save(c)
	}
	for range 2 {
		for _, q := range []struct {
			terms []store.Term
			want  []int64
		}{{[]store.Term{patient}, []int64{3, 2, 1}}, {[]store.Term{other}, []int64{4}}, {[]store.Term{patient, other}, nil}} {
			got, err := s.Messages(ctx, store.Query{ChannelID: channelID, Terms: q.terms})
			if err != nil || !slices.Equal(ids(got), q.want) {
				s.Errorf("terms %v: got %v, error %v, want %v", q.terms, ids(got), err, q.want)
			}
		}
		s.reopen()
	}
}

// foundByKey: the last message under a key is found, in its channel, until its
// key is forgotten, and after a restart.
func foundByKey(s *suite) {
	found := func(channel, key string, want int64) {
		s.Helper()
		id, at, err := s.FindKey(ctx, channel, key)
		switch {
		case want == 0 && errors.Is(err, store.ErrNotFound):
		case want == 0 || err != nil || id != want || !at.Equal(start.Add(time.Duration(id)*time.Second)):
			s.Errorf("key %q of %s: got message %d received %v, error %v, want %d", key, channel, id, at, err, want)
		}
	}
	keyed := func(id int64, key string) *store.Change {
		c := received(id, "text")
		c.Key = key
		return c
	}
	found(channelID, "A\x00B\x001", 0)
	s.save(keyed(1, "A\x00B\x001"))
	s.save(keyed(2, "A\x00B\x002"))
	s.save(keyed(3, "A\x00B\x001"))
	s.refused(keyed(3, "never kept"), store.ErrExists)
	s.save(received(4, "without"))
	const other = "another channel"
	if _, err := s.OpenChannel(ctx, other, "ORU in", store.Retention{}); err != nil {
		s.Fatal(err)
	}
	for range 2 {
		found(channelID, "A\x00B\x001", 3)
		found(channelID, "A\x00B\x002", 2)
		found(channelID, "A\x00B\x003", 0)
		found(channelID, "never kept", 0)
		found(channelID, "", 0)
		found(other, "A\x00B\x001", 0)
		found("unknown", "A\x00B\x001", 0)
		s.reopen()
	}
	if err := s.ForgetKeys(ctx, channelID, start.Add(3*time.Second)); err != nil {
		s.Fatal(err)
	}
	s.save(received(5, "behind it in line"))
	found(channelID, "A\x00B\x001", 3)
	found(channelID, "A\x00B\x002", 0)
	if err := s.ForgetKeys(ctx, "unknown", start); err == nil {
		s.Error("the keys of an unknown channel were forgotten")
	}
}
