package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// Status is what a dashboard shows of a channel or connector.
type Status struct {
	MetaDataID int
	Name       string
	Type       string
	State      weir.State
	Counts     store.Counts
	Queued     int64
	Connectors []Status // of a channel: source, then destinations
}

// Status sums up the channel as Mirth's dashboard does: received from the
// source, filtered and failed from all connectors, sent from the destinations.
func (c *Channel) Status() Status {
	st := Status{Name: c.Config.Name, State: c.State()}
	source := Status{Name: "Source", Type: c.Config.Source.Type, State: c.sourceState(), Counts: c.counts.get(0)}
	if c.sourceQueue != nil {
		source.Queued = c.sourceQueue.length()
	}
	st.Counts = source.Counts
	st.Counts.Sent = 0
	st.Connectors = append(st.Connectors, source)
	for _, d := range c.destinations {
		ds := Status{MetaDataID: d.cfg.MetaDataID, Name: d.cfg.Name, Type: d.cfg.Type, State: d.state(), Counts: c.counts.get(d.cfg.MetaDataID)}
		if d.queue != nil {
			ds.Queued = d.queue.length()
		}
		st.Counts.Filtered += ds.Counts.Filtered
		st.Counts.Error += ds.Counts.Error
		st.Counts.Sent += ds.Counts.Sent
		st.Queued += ds.Queued
		st.Connectors = append(st.Connectors, ds)
	}
	return st
}

// ResetStatistics begins to count anew: for one connector or, with -1, all; for
// some statuses or, without any, all. Messages in hand count as they end. The
// lifetime goes on.
func (c *Channel) ResetStatistics(ctx context.Context, metaDataID int, statuses []weir.Status) error {
	ids := []int{0}
	for _, d := range c.destinations {
		ids = append(ids, d.cfg.MetaDataID)
	}
	if metaDataID >= 0 {
		if !slices.Contains(ids, metaDataID) {
			return fmt.Errorf("the channel has no connector %d", metaDataID)
		}
		ids = []int{metaDataID}
	}
	wanted := func(s weir.Status) int64 {
		if len(statuses) == 0 || slices.Contains(statuses, s) {
			return -1
		}
		return 0
	}
	change, earlier := make(map[int]store.Counts, len(ids)), make(map[int]store.Counts, len(ids))
	for _, id := range ids {
		n := c.counts.get(id)
		change[id] = store.Counts{
			Received: n.Received * wanted(weir.Received), Filtered: n.Filtered * wanted(weir.Filtered),
			Sent: n.Sent * wanted(weir.Sent), Error: n.Error * wanted(weir.Error),
		}
		earlier[id] = change[id].Negative()
	}
	if err := c.store.Save(ctx, &store.Change{Message: &weir.Message{ChannelID: c.Config.ID}, Counts: change, Earlier: earlier}); err != nil {
		return fmt.Errorf("resetting the statistics: %w", err)
	}
	c.counts.add(change)
	return nil
}

// ResetLifetime begins everything anew, as if nothing had been counted before.
func (c *Channel) ResetLifetime(ctx context.Context) error {
	ever, err := c.store.Lifetime(ctx, c.Config.ID)
	if err != nil {
		return err
	}
	change, earlier := map[int]store.Counts{}, map[int]store.Counts{}
	for id, n := range ever {
		now := c.counts.get(id)
		change[id] = now.Negative()
		earlier[id] = n.Add(now.Negative()).Negative()
	}
	if err := c.store.Save(ctx, &store.Change{Message: &weir.Message{ChannelID: c.Config.ID}, Counts: change, Earlier: earlier}); err != nil {
		return fmt.Errorf("resetting the lifetime statistics: %w", err)
	}
	c.counts.add(change)
	return nil
}

func (d *destination) state() weir.State {
	if s := d.c.State(); !d.stopped.Load() || s != weir.Started && s != weir.Paused {
		return s
	}
	return weir.Stopped
}

func (c *Channel) sourceState() weir.State {
	if s := c.State(); s != weir.Paused {
		return s
	}
	return weir.Stopped
}

// Restore makes the transformed contents that a stored message leaves out, since
// they follow from the encoded ones, for whoever looks at it.
func (c *Channel) Restore(m *weir.Message) {
	for _, cm := range m.Connectors {
		c.derivable(cm)
		if text, ok := cm.Content(weir.TransformedContent); ok {
			cm.Set(weir.TransformedContent, text, "XML")
		}
	}
}

// derivable lends a connector message read from the store what it takes to make
// its transformed content.
func (c *Channel) derivable(cm *weir.ConnectorMessage) {
	hint := cm.Contents[weir.TransformedContent]
	if !cm.Contents[weir.Encoded].Set || hint.Set && hint.DataType != weir.DerivedType {
		return
	}
	exec := c.sourceExec
	if cm.MetaDataID != 0 {
		d := c.destination(cm.MetaDataID)
		if d == nil {
			return
		}
		exec = d.exec
	}
	if exec.Active() {
		cm.Derive = func() (string, error) { return exec.Derive(cm.Text(weir.Encoded), hint.Text) }
	}
}

// Check compiles a channel without opening or storing anything, and says why it
// cannot run. reach is what its scripts reach outside of the engine, and what
// they use that is not there; it is empty where they do not compile.
func Check(cfg weir.Channel, e Engine) (reach script.Reach, err error) {
	c := &Channel{
		Config: cfg, engine: e, log: e.Log, idByName: map[string]int{},
		globalChannelMap: script.NewSharedMap(), keeps: storageOf(cfg.Properties.Storage),
	}
	if err := c.compile(); err != nil {
		return reach, c.fault("", err)
	}
	return c.reach(), nil
}
