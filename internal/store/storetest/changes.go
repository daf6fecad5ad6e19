package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

func chains(s *suite) {
	s.save(received(1, "raw"))
	c := delivered(1, 9, weir.Sent) // chain 1, second
	c.Connectors = c.Connectors[1:]
	add := func(metaDataID, chain, order int) {
		d := delivered(1, metaDataID, weir.Sent).Connectors[1]
		d.Connector.ChainID, d.Connector.OrderID = chain, order
		c.Connectors = append(c.Connectors, d)
	}
	c.Connectors[0].Connector.ChainID, c.Connectors[0].Connector.OrderID = 1, 2
	add(2, 2, 1)
	add(12, 1, 1)
	add(1, 2, 2)
	s.save(c)
	var got []int
	for _, connector := range s.message(1).Connectors {
		got = append(got, connector.MetaDataID)
	}
	if want := []int{0, 12, 9, 2, 1}; !slices.Equal(got, want) {
		s.Errorf("order of connectors: got %v, want %v", got, want)
	}
}

func sourceLater(s *suite) {
	c := received(1, "raw")
	source := c.Connectors
	c.Connectors = nil
	s.save(c)
	if m := s.message(1); len(m.Connectors) != 0 || !m.Received.Equal(c.Message.Received) {
		s.Errorf("message alone: got %+v", m)
	}
	c.Insert = false
	c.Connectors = source
	s.save(c)
	if got := s.message(1).Connectors[0].Text(weir.Raw); got != "raw" {
		s.Errorf("source added: got %q", got)
	}
}

func orderOfChanges(s *suite) {
	const changes = 200
	var all sync.WaitGroup
	for id := int64(1); id <= 8; id++ {
		all.Go(func() {
			c := received(id, "0")
			for i := range changes {
				c.Insert, c.Connectors[0].Insert = i == 0, i == 0
				c.Connectors[0].Connector.SendAttempts = i
				c.Connectors[0].Connector.Set(weir.Raw, fmt.Sprint(i), "RAW")
				c.Lazy = i%3 != 2
				if err := s.Save(ctx, c); err != nil {
					s.Errorf("message %d, change %d: %v", id, i, err)
				}
			}
		})
	}
	all.Wait()
	s.reopen()
	for id := int64(1); id <= 8; id++ {
		c := s.message(id).Connectors[0]
		if c.SendAttempts != changes-1 || c.Text(weir.Raw) != fmt.Sprint(changes-1) {
			s.Errorf("message %d: got change %d, text %s, want the last, %d", id, c.SendAttempts, c.Text(weir.Raw), changes-1)
		}
	}
}

func lazyThenDurable(s *suite) {
	c := received(1, "raw")
	c.Lazy = true
	s.save(c)
	s.save(delivered(1, 1, weir.Sent)) // would be refused if the insert came later
	if got := s.message(1); !got.Processed || len(got.Connectors) != 2 {
		s.Errorf("got processed %v, %d connectors", got.Processed, len(got.Connectors))
	}
}

func reuse(s *suite) {
	for id := int64(1); id <= 500; id++ {
		c := received(id, fmt.Sprintf("raw %d", id))
		c.Lazy = true
		s.save(c)
		*c.Connectors[0].Connector = weir.ConnectorMessage{}
		*c.Message = weir.Message{}
		c.Counts[0] = store.Counts{Received: 1000}
	}
	s.reopen()
	for id := int64(1); id <= 500; id++ {
		if got, want := s.message(id).Connectors[0].Text(weir.Raw), fmt.Sprintf("raw %d", id); got != want {
			s.Fatalf("message %d: got %q, want %q", id, got, want)
		}
	}
	if got, _ := s.Statistics(ctx, channelID); got[0].Received != 500 {
		s.Errorf("statistics: got %+v, want 500 received", got[0])
	}
}

func manySavers(s *suite) {
	const savers, each = 32, 40
	var all sync.WaitGroup
	for n := range int64(savers) {
		all.Go(func() {
			for i := range int64(each) {
				id := 1 + n*each + i
				err := errors.Join(
					s.Save(ctx, received(id, fmt.Sprintf("raw %d", id))),
					s.Save(ctx, delivered(id, int(1+id%2), weir.Sent)))
				if err != nil {
					s.Errorf("message %d: %v", id, err)
				}
			}
		})
	}
	all.Wait()
	for id := int64(1); id <= savers*each; id++ {
		m := s.message(id)
		if !m.Processed || len(m.Connectors) != 2 || m.Connectors[0].Text(weir.Raw) != fmt.Sprintf("raw %d", id) {
			s.Errorf("message %d: got %+v", id, m)
		}
	}
}

func badNeighbour(s *suite) {
	s.save(received(1, "the first"))
	var all sync.WaitGroup
	for id := int64(1); id <= 200; id++ {
		all.Go(func() {
			var want error
			c := received(id, "raw")
			switch {
			case id%10 == 1:
				c, want = received(1, "again"), store.ErrExists
			case id%10 == 2:
				c, want = delivered(id+1000, 1, weir.Sent), store.ErrNotFound
			}
			if err := s.Save(ctx, c); !errors.Is(err, want) {
				s.Errorf("change %d: got error %v, want %v", id, err, want)
			}
		})
	}
	all.Wait()
	got, err := s.Statistics(ctx, channelID)
	if err != nil || got[0].Received != 161 || got[1].Received != 0 {
		s.Errorf("statistics: got %+v, error %v, want 161 received and nothing of what was refused", got, err)
	}
	if got := s.message(1).Connectors[0].Text(weir.Raw); got != "the first" {
		s.Errorf("message 1: got %q, want %q", got, "the first")
	}
	s.save(received(5000, "goes on"))
}

func insertTwice(s *suite) {
	s.save(received(1, "raw"))
	s.refused(received(1, "again"), store.ErrExists)
	s.save(delivered(1, 1, weir.Sent))
	s.refused(delivered(1, 1, weir.Error), store.ErrExists)

	again := received(1, "again") // the source, though not the message
	again.Insert = false
	s.refused(again, store.ErrExists)

	m := s.message(1)
	if m.Connectors[0].Text(weir.Raw) != "raw" || m.Connectors[1].Status != weir.Sent {
		s.Errorf("the first was touched: got %+v", m)
	}
	if got, _ := s.Statistics(ctx, channelID); got[0].Received != 1 || got[1].Received != 1 {
		s.Errorf("statistics: got %+v, want one received each", got)
	}
}

func updateNothing(s *suite) {
	s.refused(delivered(1, 1, weir.Sent), store.ErrNotFound)
	if _, err := s.Message(ctx, channelID, 1); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("message: got error %v, want %v", err, store.ErrNotFound)
	}
	s.save(received(1, "raw"))
	c := delivered(1, 1, weir.Sent)
	c.Connectors[1].Insert = false
	s.refused(c, store.ErrNotFound)
	if m := s.message(1); m.Processed || m.Connectors[0].Status != weir.Received {
		s.Errorf("part of a refused change is kept: got %+v", m)
	}
}

func unknownChannel(s *suite) {
	c := received(1, "raw")
	c.Message.ChannelID = "never opened"
	if err := s.Save(ctx, c); err == nil || !strings.Contains(err.Error(), "never opened") {
		s.Errorf("save: got error %v, want one that names the channel", err)
	}
	if _, err := s.Message(ctx, "never opened", 1); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("message: got error %v, want %v", err, store.ErrNotFound)
	}
	if got, err := s.Messages(ctx, store.Query{ChannelID: "never opened"}); len(got) != 0 || err != nil {
		s.Errorf("list: got %d messages, error %v", len(got), err)
	}
}

func endedContext(s *suite) {
	s.save(received(1, "raw"))
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Save(over, received(2, "raw")); !errors.Is(err, context.Canceled) {
		s.Errorf("context that was over before: got error %v", err)
	}
	if _, err := s.Message(ctx, channelID, 2); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("context that was over before: got error %v, want nothing kept", err)
	}

	// Ended while saving: returns, and the message is whole or not there.
	var all sync.WaitGroup
	for id := int64(10); id < 60; id++ {
		over, cancel := context.WithCancel(ctx)
		all.Go(func() {
			if err := s.Save(over, received(id, "raw")); err != nil && !errors.Is(err, context.Canceled) {
				s.Errorf("message %d: %v", id, err)
			}
		})
		all.Go(cancel)
	}
	all.Wait()
	s.reopen()
	kept := int64(1)
	for id := int64(10); id < 60; id++ {
		m, err := s.Message(ctx, channelID, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		kept++
		if err != nil || m.Connectors[0].Text(weir.Raw) != "raw" {
			s.Errorf("message %d: got %+v, error %v", id, m, err)
		}
	}
	if got, _ := s.Statistics(ctx, channelID); got[0].Received != kept {
		s.Errorf("statistics: got %d received, %d are kept", got[0].Received, kept)
	}
}

func closeWhileSaving(s *suite) {
	const savers = 16
	saved := make([]int64, savers) // highest id acknowledged
	var all, started sync.WaitGroup
	started.Add(savers)
	for n := range int64(savers) {
		all.Go(func() {
			for i := int64(1); ; i++ {
				id := n*100_000 + i
				err := s.Save(ctx, received(id, "raw"))
				if i == 3 {
					started.Done()
				}
				if errors.Is(err, store.ErrClosed) {
					return
				}
				if err != nil {
					s.Errorf("message %d: %v", id, err)
					return
				}
				saved[n] = id
			}
		})
	}
	started.Wait()
	if err := s.Close(); err != nil {
		s.Errorf("close: %v", err)
	}
	all.Wait()
	s.refused(received(1_000_000_000, "raw"), store.ErrClosed)
	if _, err := s.Message(ctx, channelID, 1); !errors.Is(err, store.ErrClosed) {
		s.Errorf("message after close: got error %v, want %v", err, store.ErrClosed)
	}
	s.reopen()
	for _, id := range saved {
		s.message(id)
	}
}

func fullDisk(s *suite) {
	if s.db.Fill == nil {
		s.Skip("the dialect has no way to fill its disk")
	}
	s.save(received(1, "raw"))
	if err := s.db.Fill(s.Store); err != nil {
		s.Fatal(err)
	}
	large := noise(4 << 20)
	var all sync.WaitGroup
	for id := int64(100); id < 120; id++ {
		all.Go(func() {
			if err := s.Save(ctx, received(id, large)); err == nil {
				s.Errorf("message %d: got no error while there is no room", id)
			}
		})
	}
	all.Wait()
	lazy := received(120, large)
	lazy.Lazy = true
	s.save(lazy)
	if err := s.Save(ctx, received(121, large)); err == nil { // by now the lazy one was tried, too
		s.Errorf("message 121: got no error while there is no room")
	}
	if err := s.db.Heal(s.Store); err != nil {
		s.Fatal(err)
	}
	s.save(received(200, large))
	s.reopen()
	if got, err := s.Messages(ctx, store.Query{ChannelID: channelID}); err != nil || !slices.Equal(ids(got), []int64{200, 1}) {
		s.Errorf("kept: got %v, error %v, want 200 and 1: what was acknowledged and nothing else", ids(got), err)
	}
	if got, _ := s.Statistics(ctx, channelID); got[0].Received != 2 {
		s.Errorf("statistics: got %+v, want 2 received", got[0])
	}
}
