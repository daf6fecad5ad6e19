package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
	"github.com/weir-health/weir/internal/store/group"
)

// place is the key of a connector message.
type place struct {
	channel   int32
	connector int32
	message   int64
}

// kind says what a row expects to meet.
type kind int

const (
	insertMessage kind = iota
	addSource
	updateSource
	updateHeader
	insertDestination
	updateDestination
)

// row is what a change has of a row of messages. One of a message itself has head,
// one of a connector has columns, and the source's may have both.
type row struct {
	place
	kind    kind
	head    *head
	columns *columns
}

type head struct {
	class     int16
	day       int32 // it was received on
	received  stamp
	processed bool
	original  int64
}

type columns struct {
	status, flags             int16
	chain, position, attempts int32
	received, sent, answered  stamp
	name                      string
	metadata                  []byte // nil is none
}

// content is what a slot gets.
type content struct {
	place
	slot  int16
	empty bool // it is said to hold nothing
	body  []byte
}

// change is a store.Change made ready for the writer by its caller: texts are packed
// and compressed there, by many at once.
type change struct {
	channel     *channel
	message     int64
	rows        []row // the message's own comes first
	contents    []content
	drops       []place // of which all contents go, before new ones come
	key         []byte  // nil is none
	keyReceived int64   // as a stamp, which is never NULL here
	attachments []attachment
	dropAll     bool // all attachments
	counts      []countOf
	earlier     []countOf
	removed     []place // connector messages that begin anew
	terms       []int64
	imported    *origin // nil: not imported, or known already
	forget      bool    // where it was imported from
	size        int

	effort        store.Effort
	source        *weir.ConnectorMessage
	keys          *store.KeyRing
	encrypt, hide bool // contents, metadata
}

// origin is where a message was imported from.
type origin struct {
	id      int64
	channel string
}

// countOf is what a change adds to the statistics of one connector.
type countOf struct {
	connector int32
	store.Counts
}

const (
	flagErrors   = 7
	flagDoubtful = 8

	// MaxSlot is the highest slot of a connector message.
	MaxSlot = 3

	// busySavers is how many Save calls at once leave no time for small contents.
	busySavers = 4

	// rowOverhead is about what a row occupies beside its texts.
	rowOverhead = 512
)

// work is what the writer is given: a change, or something that it does alone, in a
// transaction of its own, and that may run again where it failed.
type work struct {
	change *change
	alone  func(context.Context, *session) error
}

type entry = group.Entry[work]

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
	e := &entry{Work: work{change: ready}, Size: ready.size}
	if c.Lazy {
		return about(c, s.queue.Put(ctx, e))
	}
	return about(c, s.queue.Submit(ctx, e))
}

var (
	errNoID      = errors.New("a message needs an id; without one there are only statistics to save")
	errNotOpened = errors.New("the channel is not known to the store: it was never opened")
)

func about(c *store.Change, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("save message %d of channel %s: %w", c.Message.ID, c.Message.ChannelID, err)
}

func (s *Store) prepare(c *store.Change, effort store.Effort) (*change, error) {
	channel, ok := s.channels.find(c.Message.ChannelID)
	if !ok {
		return nil, errNotOpened
	}
	if c.Message.ID == 0 && (c.Insert || len(c.Connectors) > 0) {
		return nil, errNoID
	}
	if c.Message.ID < 0 {
		return nil, fmt.Errorf("message id %d is below 1", c.Message.ID)
	}
	p := &change{channel: channel, message: c.Message.ID, effort: effort, source: c.Source, keys: s.keys,
		encrypt: c.Encrypt, hide: c.EncryptMetaData, size: rowOverhead}
	var err error
	if p.counts, err = countsOf(c.Counts); err != nil {
		return nil, err
	}
	if p.earlier, err = countsOf(c.Earlier); err != nil {
		return nil, err
	}
	if c.Message.ID == 0 {
		return p, nil
	}
	if c.Insert && c.Message.ImportID != 0 {
		p.imported = &origin{c.Message.ImportID, c.Message.ImportChannelID}
	}
	p.forget = c.ForgetImport
	if c.Key != "" {
		p.key = store.HashKey(c.Key)
		p.keyReceived = c.Message.Received.UnixMicro() - epoch
	}
	if err := p.header(c); err != nil {
		return nil, err
	}
	for _, metaDataID := range c.RemoveConnectors {
		if err := checkMetaDataID(metaDataID); err != nil {
			return nil, err
		}
		p.removed = append(p.removed, p.at(metaDataID))
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
	p.dropAll = c.DropAttachments
	for i := range c.Attachments {
		if err := p.attach(c.Message.ChannelID, &c.Attachments[i]); err != nil {
			return nil, err
		}
	}
	for i := range c.Large {
		if err := p.attachLarge(&c.Large[i]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func checkMetaDataID(id int) error {
	if id < 0 || id > math.MaxInt32 {
		return fmt.Errorf("metadata id %d is not in 0 to %d", id, math.MaxInt32)
	}
	return nil
}

func countsOf(counts map[int]store.Counts) (out []countOf, err error) {
	for metaDataID, n := range counts {
		if err := checkMetaDataID(metaDataID); err != nil {
			return nil, err
		}
		out = append(out, countOf{int32(metaDataID), n})
	}
	return out, nil
}

func (p *change) at(connector int) place { return place{p.channel.number, int32(connector), p.message} }

// header makes the message's own row, together with the source's if the change has
// them: both are one.
func (p *change) header(c *store.Change) error {
	r := row{place: p.at(0), kind: updateHeader, head: &head{
		class: p.channel.class, day: dayOf(c.Message.Received), received: stampOf(c.Message.Received),
		processed: c.Message.Processed, original: c.Message.OriginalID,
	}}
	if c.Insert {
		r.kind = insertMessage
	}
	for i := range c.Connectors {
		cc := &c.Connectors[i]
		if cc.Connector.MetaDataID != 0 {
			continue
		}
		var err error
		if r.columns, err = p.columns(cc.Connector); err != nil {
			return err
		}
		switch {
		case c.Insert:
		case cc.Insert:
			r.kind = addSource
		default:
			r.kind = updateSource
		}
		break
	}
	p.rows = append(p.rows, r)
	return nil
}

// connector makes a destination's row and the contents of either.
func (p *change) connector(cc *store.ConnectorChange) error {
	c := cc.Connector
	if err := checkMetaDataID(c.MetaDataID); err != nil {
		return err
	}
	if cc.Slot < 0 || cc.Slot > MaxSlot {
		return fmt.Errorf("slot %d is not in 0 to %d", cc.Slot, MaxSlot)
	}
	at := p.at(c.MetaDataID)
	if c.MetaDataID != 0 {
		columns, err := p.columns(c)
		if err != nil {
			return err
		}
		kind := updateDestination
		if cc.Insert {
			kind = insertDestination
		}
		p.rows = append(p.rows, row{place: at, kind: kind, columns: columns})
	}
	if cc.Drop {
		p.drops = append(p.drops, at)
		p.size += rowOverhead
	}
	if len(cc.Contents) == 0 {
		return nil
	}
	body, err := store.PackContents(c, cc.Contents, p.effort, p.source)
	if err == nil && p.encrypt {
		body, err = store.Seal(p.keys, body, store.ContentPlace(c.ChannelID, p.message, c.MetaDataID, cc.Slot))
	}
	if err != nil {
		return err
	}
	p.contents = append(p.contents, content{at, int16(cc.Slot), cc.Empty, body})
	p.size += len(body) + rowOverhead
	return nil
}

func (p *change) columns(c *weir.ConnectorMessage) (*columns, error) {
	metadata, err := store.PackMetaData(c.MetaData)
	if err != nil {
		return nil, err
	}
	flags := c.Errors()
	if c.Doubtful {
		flags |= flagDoubtful
	}
	out := &columns{status: int16(c.Status), flags: int16(flags),
		chain: int32(c.ChainID), position: int32(c.OrderID), attempts: int32(min(c.SendAttempts, math.MaxInt32)),
		received: stampOf(c.Received), sent: stampOf(c.SendDate), answered: stampOf(c.ResponseDate), name: c.ConnectorName}
	if metadata != "" {
		out.metadata = []byte(metadata)
		if p.hide {
			if out.metadata, err = store.Seal(p.keys, out.metadata, store.MetaDataPlace(c.ChannelID, p.message, c.MetaDataID)); err != nil {
				return nil, err
			}
		}
	}
	p.size += len(out.metadata) + len(out.name) + rowOverhead
	return out, nil
}
