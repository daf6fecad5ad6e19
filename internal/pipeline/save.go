package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// work is one message on its way through its channel. Its goroutine owns it;
// chains that run side by side each own their connector messages.
type work struct {
	m   *weir.Message
	src *weir.ConnectorMessage
	set *script.DestinationSet // destinations the message still goes to

	// repeated is set for a message found unfinished after the engine did not
	// stop in order: what it delivers may have been delivered before.
	repeated bool

	// fromStore is set when the message was read back rather than received now.
	fromStore bool

	ticket uint64
	reply  *weir.Response // the selected response, nil for none

	mu    sync.Mutex               // guards slots while chains run side by side
	slots []*weir.ConnectorMessage // by destination index
	kept  map[int]*kept            // by metadata id
	saved bool                     // the message row exists
}

// kept is what the store has of a connector message.
type kept struct {
	status weir.Status                     // counted in the statistics
	base   [weir.ContentTypes]weir.Content // contents of slot 0
}

// newWork begins a message that nobody has kept yet.
func (c *Channel) newWork(id int64, in weir.Inbound) *work {
	now := c.now()
	src := &weir.ConnectorMessage{
		MessageID: id, ChannelID: c.Config.ID, ConnectorName: "Source", Received: now, Status: weir.Received,
		SourceMap: in.SourceMap, ChannelMap: map[string]any{}, ConnectorMap: map[string]any{}, ResponseMap: map[string]any{},
	}
	if src.SourceMap == nil {
		src.SourceMap = map[string]any{}
	}
	src.Set(weir.Raw, in.Text, c.sourceExec.InboundName())
	w := &work{
		m:   &weir.Message{ID: id, ChannelID: c.Config.ID, Received: now, Connectors: []*weir.ConnectorMessage{src}},
		src: src, slots: make([]*weir.ConnectorMessage, len(c.destinations)), kept: map[int]*kept{},
	}
	ids := in.Destinations
	if ids == nil {
		for _, d := range c.destinations {
			ids = append(ids, d.cfg.MetaDataID)
		}
	}
	w.set = script.NewDestinationSet(ids)
	return w
}

// loaded goes on with a message from the store.
func (c *Channel) loaded(m *weir.Message) *work {
	w := &work{m: m, slots: make([]*weir.ConnectorMessage, len(c.destinations)), kept: map[int]*kept{}, saved: true}
	for _, cm := range m.Connectors {
		w.kept[cm.MetaDataID] = &kept{status: cm.Status}
		for _, part := range []struct {
			into *map[string]any
			from weir.ContentType
		}{
			{&cm.SourceMap, weir.SourceMapContent}, {&cm.ChannelMap, weir.ChannelMapContent},
			{&cm.ConnectorMap, weir.ConnectorMapContent}, {&cm.ResponseMap, weir.ResponseMapContent},
		} {
			values, err := decodeMap(cm.Text(part.from))
			if err != nil {
				c.log.Error("A stored map cannot be read; the message goes on without it",
					"message", m.ID, "connector", cm.ConnectorName, "map", part.from.String(), "error", err)
			}
			*part.into = values
		}
		if cm.MetaDataID == 0 {
			w.src = cm
			continue
		}
		if d := c.destination(cm.MetaDataID); d != nil {
			w.slots[d.index] = cm
		}
	}
	if w.src == nil {
		return nil
	}
	var ids []int
	if list, ok := w.src.SourceMap["destinationSet"].([]any); ok {
		for _, v := range list {
			ids = append(ids, int(number(v)))
		}
	} else {
		for _, d := range c.destinations {
			ids = append(ids, d.cfg.MetaDataID)
		}
	}
	w.set = script.NewDestinationSet(ids)
	for _, cm := range m.Connectors {
		cm.SourceMap = w.src.SourceMap
		if cm.MetaDataID != 0 && !cm.Contents[weir.Raw].Set {
			cm.Contents[weir.Raw] = w.src.Contents[weir.Encoded]
		}
	}
	return w
}

func number(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case int32:
		return int64(n)
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}

// gather puts the connector messages of the chains into the message, in order.
func (w *work) gather() {
	w.m.Connectors = append(w.m.Connectors[:0:0], w.src)
	for _, cm := range w.slots {
		if cm != nil {
			w.m.Connectors = append(w.m.Connectors, cm)
		}
	}
	slices.SortStableFunc(w.m.Connectors, func(a, b *weir.ConnectorMessage) int {
		if a.ChainID != b.ChainID {
			return a.ChainID - b.ChainID
		}
		return a.OrderID - b.OrderID
	})
}

// change collects what of the given connector messages is new.
func (c *Channel) change(w *work, connectors ...*weir.ConnectorMessage) *store.Change {
	ch := &store.Change{Message: w.m, Insert: !w.saved, Counts: map[int]store.Counts{}}
	if c.keeps.source[weir.Encoded] {
		ch.Source = w.src
	}
	for _, cm := range connectors {
		k := w.kept[cm.MetaDataID]
		insert := k == nil
		if insert {
			k = &kept{}
		}
		var cc store.ConnectorChange
		if c.keeps.rows {
			c.encodeMaps(cm)
			cc = store.ConnectorChange{Connector: cm, Insert: insert}
			allowed := &c.keeps.destination
			if cm.MetaDataID == 0 {
				allowed = &c.keeps.source
			}
			for t := range weir.ContentTypes {
				if allowed[t] && cm.Contents[t].Set && cm.Contents[t] != k.base[t] {
					cc.Contents = append(cc.Contents, weir.ContentType(t))
				}
			}
			if !insert {
				cc.Slot = 1
			}
			ch.Connectors = append(ch.Connectors, cc)
		}
		ch.Counts[cm.MetaDataID] = counted(k, insert, cm.Status)
	}
	return ch
}

// counted is what a connector message adds to the statistics: RECEIVED once, and
// the status it has now in place of the one it had.
func counted(k *kept, insert bool, now weir.Status) store.Counts {
	var n store.Counts
	if insert {
		n.Received = 1
	} else {
		n = n.Add(tracked(k.status, -1))
	}
	return n.Add(tracked(now, 1))
}

func tracked(s weir.Status, by int64) store.Counts {
	switch s {
	case weir.Filtered:
		return store.Counts{Filtered: by}
	case weir.Sent:
		return store.Counts{Sent: by}
	case weir.Error:
		return store.Counts{Error: by}
	}
	return store.Counts{}
}

// encodeMaps makes contents of a connector message's maps.
func (c *Channel) encodeMaps(cm *weir.ConnectorMessage) {
	if !c.keeps.maps && !(cm.MetaDataID == 0 && c.keeps.source[weir.SourceMapContent]) {
		return
	}
	set := func(t weir.ContentType, m map[string]any) {
		if len(m) > 0 || cm.Contents[t].Set {
			cm.Set(t, encodeMap(m), "")
		}
	}
	if cm.MetaDataID == 0 {
		set(weir.SourceMapContent, cm.SourceMap)
	}
	if c.keeps.maps {
		set(weir.ChannelMapContent, cm.ChannelMap)
		set(weir.ConnectorMapContent, cm.ConnectorMap)
		set(weir.ResponseMapContent, cm.ResponseMap)
	}
}

// saveOnce saves a change and records what the store then has.
func (c *Channel) saveOnce(ctx context.Context, w *work, ch *store.Change, connectors []*weir.ConnectorMessage) error {
	if !c.keeps.rows && len(ch.Counts) == 0 {
		return nil
	}
	if !c.keeps.rows {
		ch.Insert, ch.Lazy = false, true
		ch.Message = &weir.Message{ChannelID: w.m.ChannelID}
	}
	if err := c.store.Save(ctx, ch); err != nil {
		return err
	}
	w.saved = true
	c.counts.add(ch.Counts)
	for _, cm := range connectors {
		k := w.kept[cm.MetaDataID]
		if k == nil {
			k = &kept{base: cm.Contents}
			w.kept[cm.MetaDataID] = k
		}
		k.status = cm.Status
	}
	return nil
}

// keep saves a message for the first time. It is not tried again: the sender is
// told that the message was not taken.
func (c *Channel) keep(ctx context.Context, w *work) error {
	ch := c.change(w, w.src)
	ch.Lazy = !c.keeps.durableRaw
	return c.saveOnce(ctx, w, ch, []*weir.ConnectorMessage{w.src})
}

// saveRetry is the wait between two tries to save what has already happened.
const saveRetry = 250 * time.Millisecond

// save keeps what has happened. What has happened cannot be refused, so a store
// that fails (a full disk, a lost connection) is asked again until it takes it
// or the channel is halted; no reply goes out meanwhile.
func (c *Channel) save(ctx context.Context, w *work, lazy bool, connectors ...*weir.ConnectorMessage) error {
	ch := c.change(w, connectors...)
	ch.Lazy = lazy || !c.keeps.durable && !(c.sourceQueue != nil && c.keeps.rows)
	for logged := false; ; logged = true {
		err := c.saveOnce(ctx, w, ch, connectors)
		if err == nil {
			if logged {
				c.log.Info("The store takes messages again", "message", w.m.ID)
			}
			return nil
		}
		if ctx.Err() != nil || errors.Is(err, context.Canceled) {
			return fmt.Errorf("not saved before the channel was halted: %w", err)
		}
		if !logged {
			c.log.Error("The message cannot be saved; no reply is sent and it is tried again until the store takes it",
				"message", w.m.ID, "error", err)
		}
		select {
		case <-time.After(saveRetry):
		case <-ctx.Done():
		}
	}
}

// counters are the statistics since the beginning, as saved.
type counters struct {
	mu sync.Mutex
	by map[int]store.Counts
}

func (n *counters) load(by map[int]store.Counts) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.by = map[int]store.Counts{}
	for id, counts := range by {
		n.by[id] = counts
	}
}

func (n *counters) add(by map[int]store.Counts) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, counts := range by {
		n.by[id] = n.by[id].Add(counts)
	}
}

func (n *counters) get(metaDataID int) store.Counts {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.by[metaDataID]
}

// forgetContents applies "remove content on completion". It returns whether
// anything is to be dropped.
func (c *Channel) forgets(w *work) bool {
	p := c.Config.Properties
	if !p.RemoveContentOnCompletion {
		return false
	}
	for _, cm := range w.m.Connectors {
		if !cm.Status.Completed() {
			return false
		}
	}
	return true
}

// dropContents is the change that removes a connector message's contents.
func dropContents(cm *weir.ConnectorMessage) store.ConnectorChange {
	return store.ConnectorChange{Connector: cm, Drop: true}
}
