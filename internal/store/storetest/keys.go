package storetest

import (
	"errors"
	"time"

	"github.com/weir-health/weir/internal/store"
)

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
	if _, err := s.OpenChannel(ctx, other, "ORU in"); err != nil {
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
