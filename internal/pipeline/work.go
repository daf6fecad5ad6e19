package pipeline

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// work is one message on its way through its channel. Its goroutine owns it;
// chains that run side by side each own their connector messages.
type work struct {
	m   *weir.Message
	src *weir.ConnectorMessage
	set *script.DestinationSet // destinations the message still goes to; see Channel.mayNarrow
	key string                 // what tells that it comes again; "" when nothing does

	// repeated is set for a message found unfinished after the engine did not
	// stop in order: what it delivers may have been delivered before.
	repeated bool

	// fromStore is set when the message was read back rather than received now.
	fromStore bool

	// cut is set when the channel was halted before the message came to its end.
	cut atomic.Bool

	reply  *weir.Response         // the selected response, nil for none
	merged *weir.ConnectorMessage // see merge

	extracted

	mu    sync.Mutex               // one chain saves at a time
	slots []*weir.ConnectorMessage // by destination index
	kept  []*kept                  // what is saved: of the source, then by destination index
	saved bool                     // the message row exists
}

// newWork begins a message that nobody has kept yet, and that has no id yet.
func (c *Channel) newWork(in weir.Inbound, now time.Time) *work {
	src := &weir.ConnectorMessage{
		ChannelID: c.Config.ID, ConnectorName: "Source", Received: now, Status: weir.Received, SourceMap: in.SourceMap,
		ConnectorMap: map[string]any{}, ResponseMap: map[string]any{},
	}
	src.Set(weir.Raw, in.Text, c.sourceExec.InboundName())
	w := &work{
		m:   &weir.Message{ChannelID: c.Config.ID, Received: now, Connectors: []*weir.ConnectorMessage{src}},
		src: src, set: c.all,
		slots: make([]*weir.ConnectorMessage, len(c.destinations)),
		kept:  make([]*kept, 1+len(c.destinations)),
	}
	if src.SourceMap == nil {
		src.SourceMap = make(map[string]any, 1)
	}
	src.SourceMap[destinationSetKey] = c.allListed
	if in.Destinations != nil {
		w.set = c.setOf(in.Destinations)
		src.SourceMap[destinationSetKey] = listed(w.set)
	}
	return w
}

// destinationSetKey is where the source map shows the destinations that a
// message goes to.
const destinationSetKey = "destinationSet"

// setOf is the set of those destinations, of all for nil.
func (c *Channel) setOf(ids []int) *script.DestinationSet {
	if ids == nil {
		ids = make([]int, len(c.destinations))
		for i, d := range c.destinations {
			ids[i] = d.cfg.MetaDataID
		}
	}
	return script.NewDestinationSet(ids)
}

func listed(set *script.DestinationSet) []any {
	ids := set.IDs()
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = int32(id)
	}
	return list
}

// identify gives the message its id.
func (w *work) identify(id int64) { w.m.ID, w.src.MessageID = id, id }

// loaded goes on with a message from the store; nil when it has no source.
func (c *Channel) loaded(m *weir.Message) *work {
	w := &work{
		m: m, fromStore: true, saved: true,
		slots: make([]*weir.ConnectorMessage, len(c.destinations)),
		kept:  make([]*kept, 1+len(c.destinations)),
	}
	for _, cm := range m.Connectors {
		c.decodeMaps(cm)
		if cm.MetaDataID == 0 {
			w.src, w.kept[0] = cm, keptOf(cm, false)
		} else if d := c.destination(cm.MetaDataID); d != nil {
			w.slots[d.index], w.kept[1+d.index] = cm, keptOf(cm, false)
		}
	}
	if w.src == nil {
		return nil
	}
	for _, cm := range m.Connectors {
		c.derivable(cm)
	}
	var ids []int
	if list, ok := w.src.SourceMap[destinationSetKey].([]any); ok {
		ids = []int{} // not nil: the list may be empty
		for _, v := range list {
			ids = append(ids, int(whole(v)))
		}
	}
	w.set = c.setOf(ids)
	for _, cm := range w.slots {
		if cm == nil {
			continue
		}
		cm.SourceMap = c.sourceMapFor(w.src)
		if !cm.Contents[weir.Raw].Set {
			cm.Contents[weir.Raw] = w.src.Contents[weir.Encoded]
		}
	}
	return w
}

// whole is a number of any kind as an integer; 0 for what is none.
func whole(v any) int64 {
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

// only is the same message with one destination, for the threads of its queue.
func (w *work) only(d *destination) *work {
	header := *w.m
	cm := w.slots[d.index]
	header.Connectors = []*weir.ConnectorMessage{w.src, cm}
	one := &work{
		m: &header, src: w.src, set: w.set, saved: true,
		slots: make([]*weir.ConnectorMessage, len(w.slots)), kept: make([]*kept, len(w.kept)),
	}
	one.slots[d.index] = cm
	one.kept[0], one.kept[1+d.index] = w.kept[0], w.kept[1+d.index]
	return one
}

// size is how many bytes the contents of the message have.
func (w *work) size() (n int64) {
	for _, cm := range w.m.Connectors {
		for i := range cm.Contents {
			n += int64(len(cm.Contents[i].Text))
		}
	}
	return n
}

// gather puts the connector messages of the chains into the message, in order.
func (w *work) gather() {
	all := make([]*weir.ConnectorMessage, 1, 1+len(w.slots))
	all[0] = w.src
	for _, cm := range w.slots {
		if cm != nil {
			all = append(all, cm)
		}
	}
	slices.SortStableFunc(all, func(a, b *weir.ConnectorMessage) int {
		if a.ChainID != b.ChainID {
			return a.ChainID - b.ChainID
		}
		return a.OrderID - b.OrderID
	})
	w.m.Connectors = all
}

// merge is the message with the maps of all its connectors. It is made before
// queues get hold of the message, or else when it is first asked for.
func (w *work) merge() *weir.ConnectorMessage {
	if w.merged == nil {
		w.merged = script.Merge(w.m)
		w.merged.ConnectorMap = nil
	}
	return w.merged
}
