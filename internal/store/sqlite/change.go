package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// change is a store.Change made ready for the writer by its caller: texts are
// packed and compressed, and every value sits where its statement wants it, so
// that the one goroutine all changes go through has little left to do.
type change struct {
	channel  int
	message  int64
	insert   bool
	key      bool // it brings one
	received int64
	steps    []step
	counts   []countOf
	earlier  []countOf
	terms    []int64
	size     int
	effort   store.Effort
	source   *weir.ConnectorMessage // what contents may refer to
	keys     *store.KeyRing
	encrypt  bool // contents
	hide     bool // metadata
}

// busySavers is how many Save calls at once leave no time for small contents.
const busySavers = 4

// countOf is what a change adds to the statistics of one connector.
type countOf struct {
	key int64
	store.Counts
}

// step is one execution of a prepared statement.
type step struct {
	statement statement
	args      []driver.NamedValue
}

// Save implements [store.Store].
func (s *Store) Save(ctx context.Context, c *store.Change) error {
	effort := store.Small
	if s.saving.Add(1) >= busySavers {
		effort = store.Quick
	}
	defer s.saving.Add(-1)
	ready, err := s.prepare(c, effort)
	if err != nil {
		return about(c, err)
	}
	switch {
	case len(c.Large) > 0:
		err = s.giveBlobs(ctx, c.Message.ChannelID, ready, c.Large)
	case c.Lazy:
		err = s.queue.Put(ctx, ready.entry())
	default:
		err = s.queue.Submit(ctx, ready.entry())
	}
	return about(c, err)
}

var errNoID = errors.New("a message needs an id; without one there are only statistics to save")

func about(c *store.Change, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("save message %d of channel %s: %w", c.Message.ID, c.Message.ChannelID, err)
}

// prepare packs a change. The message's row comes first, so that a change of a
// message that is not there fails before anything is written.
func (s *Store) prepare(c *store.Change, effort store.Effort) (*change, error) {
	channel, ok := s.channels.number(c.Message.ChannelID)
	if !ok {
		return nil, errNotOpened
	}
	if c.Message.ID == 0 && (c.Insert || len(c.Connectors) > 0) {
		return nil, errNoID
	}
	if err := checkKey(max(c.Message.ID, 1), 0, 0); err != nil { // 0 is for statistics
		return nil, err
	}
	p := &change{channel: channel, message: c.Message.ID, insert: c.Insert, key: c.Key != "", received: receivedAt(c.Message), effort: effort, source: c.Source, keys: s.keys, encrypt: c.Encrypt, hide: c.EncryptMetaData}
	for metaDataID, n := range c.Counts {
		if err := checkKey(1, metaDataID, 0); err != nil {
			return nil, err
		}
		p.counts = append(p.counts, countOf{key(channel, 0, metaDataID, 0), n})
	}
	for metaDataID, n := range c.Earlier {
		if err := checkKey(1, metaDataID, 0); err != nil {
			return nil, err
		}
		p.earlier = append(p.earlier, countOf{key(channel, 0, metaDataID, 0), n})
	}
	if c.Message.ID == 0 {
		return p, nil
	}
	p.steps = make([]step, 0, 2+2*len(c.Connectors))
	if err := p.header(c); err != nil {
		return nil, err
	}
	switch k := key(channel, c.Message.ID, 0, 0); {
	case c.Insert && c.Message.ImportID != 0:
		p.add(putImport, k, c.Message.ImportID, c.Message.ImportChannelID)
	case c.ForgetImport:
		p.add(dropImport, k)
	}
	if c.Key != "" {
		p.add(putKey, int64(channel), store.HashKey(c.Key), c.Message.ID, c.Message.Received.UnixMicro())
	}
	for _, metaDataID := range c.RemoveConnectors {
		if err := checkKey(c.Message.ID, metaDataID, 0); err != nil {
			return nil, err
		}
		k := key(channel, c.Message.ID, metaDataID, 0)
		p.add(dropConnector, k)
		p.add(dropContents, k, k|MaxSlot)
	}
	for _, t := range c.Terms {
		hash, err := store.HashOf(p.keys, t, p.encrypt)
		if err != nil {
			return nil, err
		}
		p.terms = append(p.terms, hash)
		p.size += store.TermSize
	}
	for i := range c.Connectors {
		if err := p.connector(&c.Connectors[i]); err != nil {
			return nil, err
		}
	}
	if err := p.attachments(c); err != nil {
		return nil, err
	}
	return p, nil
}

// header writes the message's own columns, together with the source's if the
// change has them: both are one row.
func (p *change) header(c *store.Change) error {
	k := key(p.channel, p.message, 0, 0)
	values := []any{micros(c.Message.Received), truth(c.Message.Processed), c.Message.OriginalID}
	statement := updateHeader
	if c.Insert {
		statement = insertHeader
	}
	for i := range c.Connectors {
		cc := &c.Connectors[i]
		if cc.Connector.MetaDataID != 0 {
			continue
		}
		columns, err := p.columns(cc.Connector)
		if err != nil {
			return err
		}
		values = append(values, columns...)
		switch {
		case c.Insert:
			statement = insertSource
		case cc.Insert:
			statement = addSource
		default:
			statement = updateSource
		}
		break
	}
	p.add(statement, append(values, k)...)
	return nil
}

// connector writes a destination's row and the contents of either.
func (p *change) connector(cc *store.ConnectorChange) error {
	c := cc.Connector
	if err := checkKey(p.message, c.MetaDataID, cc.Slot); err != nil {
		return err
	}
	k := key(p.channel, p.message, c.MetaDataID, 0)
	if c.MetaDataID != 0 {
		columns, err := p.columns(c)
		if err != nil {
			return err
		}
		statement := updateDestination
		if cc.Insert {
			statement = insertDestination
		}
		p.add(statement, append(columns, k)...)
	}
	if cc.Drop {
		p.add(dropContents, k, k|MaxSlot)
	}
	if len(cc.Contents) > 0 {
		body, err := store.PackContents(c, cc.Contents, p.effort, p.source)
		if err == nil && p.encrypt {
			body, err = store.Seal(p.keys, body, store.ContentPlace(c.ChannelID, p.message, c.MetaDataID, cc.Slot))
		}
		if err != nil {
			return err
		}
		p.add(putContents, k|int64(cc.Slot), body)
		p.size += len(body)
	}
	return nil
}

// columns are the values of connectorColumns, in their order.
func (p *change) columns(c *weir.ConnectorMessage) ([]any, error) {
	metadata, err := store.PackMetaData(c.MetaData)
	if err != nil {
		return nil, err
	}
	p.size += len(metadata)
	flags := c.Errors()
	if c.Doubtful {
		flags |= flagDoubtful
	}
	var queue, data any
	if c.Status == weir.Queued {
		queue = key(p.channel, 0, c.MetaDataID, 0)
	}
	if metadata != "" {
		data = metadata
		if p.hide {
			if data, err = store.Seal(p.keys, []byte(metadata), store.MetaDataPlace(c.ChannelID, p.message, c.MetaDataID)); err != nil {
				return nil, err
			}
		}
	}
	return []any{int64(c.Status), queue, c.ConnectorName, micros(c.Received), int64(c.ChainID), int64(c.OrderID),
		int64(c.SendAttempts), micros(c.SendDate), micros(c.ResponseDate), int64(flags), data}, nil
}

const (
	flagErrors   = 7
	flagDoubtful = 8
)

func (p *change) add(s statement, values ...any) {
	p.steps = append(p.steps, step{s, arguments(values...)})
	p.size += rowOverhead
}

func (p *change) entry() *entry {
	return &entry{Work: work{at: p.place(), do: p.apply}, Size: p.size}
}

// place is where the change belongs.
func (p *change) place() place {
	return place{channel: p.channel, message: p.message, insert: p.insert, received: p.received, key: p.key}
}

// receivedAt is 0 where it is not known.
func receivedAt(m *weir.Message) int64 {
	if m.Received.IsZero() {
		return 0
	}
	return m.Received.UnixMicro()
}

// rowOverhead is about what a step occupies beside its texts.
const rowOverhead = 512

// apply runs the steps. An error of type *rejection is the change's own fault.
func (p *change) apply(tx *transaction) error {
	for i := range p.steps {
		if err := tx.exec(&p.steps[i]); err != nil {
			return err
		}
	}
	tx.count(p)
	return nil
}

func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
