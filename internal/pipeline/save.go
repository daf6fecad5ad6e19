package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// kept is what the store has of a connector message.
type kept struct {
	status weir.Status                     // as counted in the statistics
	base   [weir.ContentTypes]weir.Content // contents of slot 0, where they are known
	held   [weir.ContentTypes]bool         // contents that some slot may hold
	later  bool                            // slot 1 may hold something
}

// keptOf notes what the store has. base tells whether all of it is in slot 0;
// otherwise the next save writes everything anew.
func keptOf(cm *weir.ConnectorMessage, base bool) *kept {
	k := &kept{status: cm.Status, later: !base}
	if base {
		k.base = cm.Contents
	}
	for t := range cm.Contents {
		k.held[t] = cm.Contents[t].Set
	}
	return k
}

// slotOf is the place of a connector message in work.kept.
func (c *Channel) slotOf(cm *weir.ConnectorMessage) int {
	if cm.MetaDataID == 0 {
		return 0
	}
	return 1 + c.destination(cm.MetaDataID).index
}

// change collects what of the given connector messages is new. With drop it
// removes their contents instead.
func (c *Channel) change(w *work, drop func(*weir.ConnectorMessage) bool, connectors []*weir.ConnectorMessage) *store.Change {
	ch := &store.Change{Message: w.m, Insert: !w.saved, Encrypt: c.Config.Properties.EncryptData, EncryptMetaData: c.Config.Properties.EncryptMetaData, Counts: make(map[int]store.Counts, len(connectors))}
	if c.keeps.rows {
		ch.Connectors = make([]store.ConnectorChange, 0, len(connectors))
		if c.keeps.source[weir.Encoded] {
			ch.Source = w.src
		}
	} else {
		ch.Message = &weir.Message{ChannelID: w.m.ChannelID} // statistics only
		ch.Insert = false
	}
	for _, cm := range connectors {
		k := w.kept[c.slotOf(cm)]
		if n := counted(k, cm.Status); n != (store.Counts{}) {
			ch.Counts[cm.MetaDataID] = n
		}
		if !c.keeps.rows {
			continue
		}
		cc := store.ConnectorChange{Connector: cm, Insert: k == nil}
		if drop != nil && drop(cm) {
			cc.Drop = true
		} else {
			c.encodeMaps(cm)
			cc.Contents = c.newContents(cm, k)
		}
		if k != nil {
			cc.Slot, cc.Empty = 1, !k.later
		}
		ch.Connectors = append(ch.Connectors, cc)
	}
	return ch
}

// newContents lists the contents that slot 0 does not have as they are now.
func (c *Channel) newContents(cm *weir.ConnectorMessage, k *kept) []weir.ContentType {
	allowed := &c.keeps.destination
	if cm.MetaDataID == 0 {
		allowed = &c.keeps.source
	}
	var list [weir.ContentTypes]weir.ContentType
	n := 0
	for t := range cm.Contents {
		now := &cm.Contents[t]
		if !allowed[t] || k == nil && !now.Set || k != nil && *now == k.base[t] && now.Set == k.held[t] {
			continue
		}
		list[n] = weir.ContentType(t)
		n++
	}
	return append([]weir.ContentType(nil), list[:n]...)
}

// counted is what a connector message adds to the statistics: RECEIVED once, and
// the status it has now in place of the one it had.
func counted(k *kept, now weir.Status) store.Counts {
	if k == nil {
		return store.Counts{Received: 1}.Add(tracked(now, 1))
	}
	return tracked(k.status, -1).Add(tracked(now, 1))
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
	if cm.MetaDataID == 0 && c.keeps.source[weir.SourceMapContent] && !cm.Contents[weir.SourceMapContent].Set {
		// Scripts cannot change it, so once is enough; see narrowed.
		cm.Set(weir.SourceMapContent, encodeMap(cm.SourceMap), "")
	}
	if !c.keeps.maps {
		return
	}
	set := func(t weir.ContentType, m map[string]any) {
		if len(m) > 0 || cm.Contents[t].Set {
			cm.Set(t, encodeMap(m), "")
		}
	}
	set(weir.ChannelMapContent, cm.ChannelMap)
	set(weir.ConnectorMapContent, cm.ConnectorMap)
	set(weir.ResponseMapContent, cm.ResponseMap)
}

// decodeMaps makes maps of a connector message's contents.
func (c *Channel) decodeMaps(cm *weir.ConnectorMessage) {
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
				"message", cm.MessageID, "connector", cm.ConnectorName, "map", part.from.String(), "error", err)
		}
		*part.into = values
	}
}

// saveOnce saves a change and notes what the store then has. Saving is not cut
// short when the channel is halted: it would not be known what is kept.
func (c *Channel) saveOnce(w *work, ch *store.Change, connectors []*weir.ConnectorMessage) error {
	if !c.keeps.rows && len(ch.Counts) == 0 {
		return nil
	}
	if err := c.store.Save(context.Background(), ch); err != nil {
		return err
	}
	w.saved = true
	c.counts.add(ch.Counts)
	for _, cm := range connectors {
		place := &w.kept[c.slotOf(cm)]
		switch {
		case *place != nil:
			(*place).note(cm)
		case !w.m.Processed || cm.Status == weir.Queued: // others are not saved again
			*place = keptOf(cm, true)
		}
	}
	return nil
}

// note records another save of a connector message.
func (k *kept) note(cm *weir.ConnectorMessage) {
	k.status, k.later = cm.Status, true
	for t := range cm.Contents {
		k.held[t] = k.held[t] || cm.Contents[t].Set
	}
}

// keep saves a message for the first time. It is not tried again: the sender is
// told that the message was not taken. Where nothing is kept of messages, that
// they came is counted when they are done.
func (c *Channel) keep(w *work) error {
	if !c.keeps.rows {
		return nil
	}
	ch := c.change(w, nil, w.m.Connectors)
	ch.Lazy = !c.keeps.durableRaw && len(w.list)+len(w.large) == 0 // those may be read at once
	ch.Key = w.key
	ch.Terms = c.terms(w.src)
	return c.saveFirst(w, ch)
}

// saveFirst is saveOnce with what was taken out of the message.
func (c *Channel) saveFirst(w *work, ch *store.Change) error {
	ch.Attachments, ch.Large = w.list, w.large
	w.list, w.large = nil, nil
	err := c.saveOnce(w, ch, w.m.Connectors)
	if err != nil {
		c.drop(ch.Large)
	}
	return err
}

// saveRetry is the wait between two tries to save what has already happened.
const saveRetry = 250 * time.Millisecond

// save keeps what has happened. What has happened cannot be refused, so a store
// that fails (a full disk, a lost connection) is asked again until it takes it
// or the channel is halted; no reply goes out meanwhile.
func (c *Channel) save(ctx context.Context, w *work, lazy bool, connectors ...*weir.ConnectorMessage) error {
	return c.saveChange(ctx, w, c.change(w, nil, connectors), lazy, connectors)
}

func (c *Channel) saveChange(ctx context.Context, w *work, ch *store.Change, lazy bool, connectors []*weir.ConnectorMessage) error {
	ch.Lazy = lazy || !c.keeps.durable && c.sourceQueue == nil
	for logged := false; ; logged = true {
		err := c.saveOnce(w, ch, connectors)
		switch {
		case err == nil:
			if logged {
				c.log.Info("The store takes messages again", "message", w.m.ID)
			}
			return nil
		case final(err):
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("not saved before the channel was halted: %w", err)
		}
		if !logged {
			c.log.Error("The message cannot be saved; no reply is sent and it is tried again until the store takes it",
				"message", w.m.ID, "error", err)
		}
		pause(ctx, saveRetry)
	}
}

// final reports whether an error of the store will be the same the next time: it
// is closed, or somebody has removed the message.
func final(err error) bool {
	return errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists)
}

// completed reports whether nothing of a message waits or has failed.
func completed(m *weir.Message) bool {
	for _, cm := range m.Connectors {
		if !cm.Status.Completed() {
			return false
		}
	}
	return true
}

// forgets tells which contents "remove content on completion" takes away: nil for
// none, as long as the message is not completed.
func (c *Channel) forgets(m *weir.Message) func(*weir.ConnectorMessage) bool {
	p := &c.Config.Properties
	if !p.RemoveContentOnCompletion || !c.keeps.rows || !completed(m) {
		return nil
	}
	return func(cm *weir.ConnectorMessage) bool {
		return !p.RemoveOnlyFiltered || cm.Status == weir.Filtered
	}
}

// forgetsAttachments reports whether "remove attachments on completion" takes
// them away now.
func (c *Channel) forgetsAttachments(m *weir.Message) bool {
	p := &c.Config.Properties
	// What the channel streams by itself is content, not an attachment of its user's.
	remove := p.RemoveAttachmentsOnCompletion || c.streaming.automatic && p.RemoveContentOnCompletion && !p.RemoveOnlyFiltered
	return remove && c.keeps.rows && completed(m)
}

// counters are the statistics since the beginning, as saved.
type counters struct {
	mu sync.Mutex
	by map[int]store.Counts
}

func (n *counters) load(by map[int]store.Counts) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.by = by
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
