package postgres

import (
	"slices"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// plan is what a group does to the tables, once all that its changes do to the same
// rows is put together. So a message that is received and finished in one group is
// one insert, and a group is a few statements, however many changes it has.
//
// What the rows of a change expect to meet, the group's own rows can tell, or those
// that the database is known to have; what neither tells is assumed, and the
// database refuses the group if it is otherwise. Then the rows that it has are
// read, and the plan is made again with them known.
type plan struct {
	known *known               // nil while it has not been asked for
	where map[messageKey]int32 // the part that each message is in, or goes to

	rows     map[place]*planned
	order    []*planned
	contents map[contentKey]*plannedContent
	slots    map[contentKey]int32 // contents to delete, and the parts they are in
	all      map[place]int32      // of which all contents are to be deleted
	keys     map[hashKey]*change
	gone     map[place]int32        // connector messages to delete with their contents
	imports  map[messageKey]*origin // nil is to be forgotten
	terms    map[blockKey][]byte

	attachments     map[attachmentKey]*plannedAttachment
	dropAttachments []attachmentKey // without an id: all of the message

	counts  map[[2]int32]store.Counts // by channel and connector
	earlier map[[2]int32]store.Counts
	last    map[int32]int64 // highest message id inserted, by channel

	inserted map[int32]int64    // how many messages, by part
	queued   map[int32]bool     // parts in which something is queued
	spans    map[spanKey]bounds // that are saved with the group

	changes int
	size    int // bytes of texts
}

// known is what the database has of what a group reaches.
type known struct {
	rows  map[place]knownRow
	where map[messageKey]int32 // of those that are there
	blobs map[blobKey]bool     // those that are loose
}

type blobKey struct {
	channel int32
	id      string
}

// knownRow is a row that the database has.
type knownRow struct {
	source bool // its connector columns are filled
}

type planned struct {
	row
	part   int32
	insert bool
	fresh  bool // the source is added to a message that had none

	removed bool // by a later change of the group
}

type contentKey struct {
	place
	slot int16
}

type plannedContent struct {
	part int32
	body []byte
}

// messageKey is the key of a message.
type messageKey struct {
	channel int32
	message int64
}

// blockKey is a block of terms in a part.
type blockKey struct{ part, channel, block int32 }

type hashKey struct {
	channel int32
	hash    [16]byte
}

type attachmentKey struct {
	channel int32
	message int64
	id      string
}

type plannedAttachment struct {
	part int32
	*attachment
}

func newPlan(where map[messageKey]int32, known *known, changes int) *plan {
	return &plan{
		where: where, known: known, rows: make(map[place]*planned, 2*changes), contents: make(map[contentKey]*plannedContent, 2*changes),
		slots: map[contentKey]int32{}, all: map[place]int32{}, keys: map[hashKey]*change{}, attachments: map[attachmentKey]*plannedAttachment{},
		gone: map[place]int32{}, imports: map[messageKey]*origin{}, terms: map[blockKey][]byte{},
		counts: map[[2]int32]store.Counts{}, earlier: map[[2]int32]store.Counts{}, last: map[int32]int64{},
		inserted: map[int32]int64{}, queued: map[int32]bool{},
	}
}

// add puts a change on the plan, all of it or, with an error, nothing.
func (p *plan) add(c *change) error {
	for i := range c.rows {
		if err := p.check(&c.rows[i], slices.Contains(c.removed, c.rows[i].place)); err != nil {
			return err
		}
	}
	for i := range c.attachments {
		if blob := c.attachments[i].blob; blob != "" && p.known != nil && !p.known.blobs[blobKey{c.channel.number, blob}] {
			return store.ErrNoBlob
		}
	}
	at := p.part(messageKey{c.channel.number, c.message})
	if len(c.rows) > 0 {
		p.put(&c.rows[0], at)
	}
	for _, where := range c.removed {
		p.remove(where, at)
	}
	for i := range c.rows[min(1, len(c.rows)):] {
		p.put(&c.rows[i+1], at)
	}
	for _, where := range c.drops {
		p.drop(where)
		if !p.rows[where].insert {
			p.all[where] = at
		}
	}
	if len(c.terms) > 0 {
		in := blockKey{at, c.channel.number, blockOf(c.message)}
		for _, t := range c.terms {
			p.terms[in] = store.AppendTerm(p.terms[in], t, c.message)
		}
	}
	for i := range c.contents {
		content := &c.contents[i]
		k := contentKey{content.place, content.slot}
		if !p.rows[content.place].insert && !(content.empty && p.known == nil) {
			p.slots[k] = at
		}
		p.contents[k] = &plannedContent{at, content.body}
	}
	p.attach(c, at)
	if c.imported != nil || c.forget {
		p.imports[messageKey{c.channel.number, c.message}] = c.imported
	}
	if c.key != nil {
		p.keys[hashKey{c.channel.number, [16]byte(c.key)}] = c
	}
	sum(p.counts, c.channel.number, c.counts)
	sum(p.earlier, c.channel.number, c.earlier)
	p.changes++
	p.size += c.size
	return nil
}

func sum(to map[[2]int32]store.Counts, channel int32, counts []countOf) {
	for _, n := range counts {
		k := [2]int32{channel, n.connector}
		to[k] = to[k].Add(n.Counts)
	}
}

// remove takes a connector message off the plan and out of the database.
func (p *plan) remove(where place, at int32) {
	if mine := p.rows[where]; mine != nil {
		mine.removed = true
		delete(p.rows, where)
	}
	p.drop(where)
	p.gone[where] = at
}

// drop takes the contents of a connector message off the plan.
func (p *plan) drop(where place) {
	for slot := range int16(MaxSlot + 1) {
		delete(p.contents, contentKey{where, slot})
	}
}

// attach puts the attachments of a change on the plan.
func (p *plan) attach(c *change, at int32) {
	if !c.dropAll && len(c.attachments) == 0 {
		return
	}
	inserted := p.rows[c.at(0)].insert
	if c.dropAll {
		for k := range p.attachments {
			if k.channel == c.channel.number && k.message == c.message {
				delete(p.attachments, k)
			}
		}
		if !inserted {
			p.dropAttachments = append(p.dropAttachments, attachmentKey{c.channel.number, c.message, ""})
		}
	}
	for i := range c.attachments {
		k := attachmentKey{c.channel.number, c.message, c.attachments[i].id}
		if !inserted && k.id != "" {
			p.dropAttachments = append(p.dropAttachments, k)
		}
		p.attachments[k] = &plannedAttachment{at, &c.attachments[i]}
	}
}

// part is the part that a message is in, or goes to.
func (p *plan) part(k messageKey) int32 {
	if p.known != nil {
		if at, ok := p.known.where[k]; ok {
			return at
		}
	}
	return p.where[k]
}

// check tells whether a row meets what it expects. removed tells that its change
// removes what is there.
func (p *plan) check(r *row, removed bool) error {
	mine := p.rows[r.place]
	there, source := true, true // as assumed
	switch r.kind {
	case insertMessage, insertDestination:
		there = false
	case addSource:
		source = false
	}
	if p.known != nil {
		var k knownRow
		k, there = p.known.rows[r.place]
		source = k.source
	}
	if _, ok := p.gone[r.place]; ok || removed {
		there, source = false, false
	}
	if mine != nil && !removed {
		there = true
		source = mine.columns != nil || !mine.insert && source
	}
	switch r.kind {
	case insertMessage, insertDestination:
		if there {
			return store.ErrExists
		}
	case addSource:
		if there && source {
			return store.ErrExists
		}
	case updateSource, updateDestination:
		there = there && source
	}
	if !there && r.kind != insertMessage && r.kind != insertDestination {
		return store.ErrNotFound
	}
	return nil
}

// put puts a row that was checked on the plan.
func (p *plan) put(r *row, at int32) {
	mine := p.rows[r.place]
	if mine == nil {
		mine = &planned{row: row{place: r.place}, part: at, insert: r.kind == insertMessage || r.kind == insertDestination}
		p.rows[r.place] = mine
		p.order = append(p.order, mine)
	}
	if r.columns != nil {
		if mine.columns == nil {
			mine.fresh = r.kind == addSource
		}
		mine.columns = r.columns
		if r.columns.status == int16(weir.Queued) {
			p.queued[at] = true
		}
	}
	if r.head == nil {
		return
	}
	if r.kind == insertMessage {
		p.last[r.channel] = max(p.last[r.channel], r.message)
		p.inserted[at]++
	}
	mine.head = r.head
}
