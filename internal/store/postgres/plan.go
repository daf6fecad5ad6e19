package postgres

import (
	"slices"

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
	known *known // nil while it has not been asked for

	rows     map[place]*planned
	order    []*planned
	contents map[contentKey]*plannedContent
	slots    map[contentKey]home // contents to delete
	all      map[place]home      // of which all contents are to be deleted
	keys     map[hashKey]*change
	gone     map[place]home       // connector messages to delete with their contents
	imports  map[[2]int64]*origin // by channel and message; nil is to be forgotten
	terms    map[blockKey][]byte

	attachments     map[attachmentKey]*plannedAttachment
	dropAttachments []attachmentKey // without an id: all of the message

	counts  map[[2]int32]store.Counts // by channel and connector
	earlier map[[2]int32]store.Counts
	last    map[int32]int64 // highest message id inserted, by channel

	changes int
	size    int // bytes of texts
}

// known is what the database has of what a group reaches.
type known struct {
	rows  map[place]knownRow
	blobs map[blobKey]bool // those that are loose
}

type blobKey struct {
	channel int32
	id      string
}

// knownRow is a row that the database has.
type knownRow struct {
	source bool // its connector columns are filled
	home   home // in the row of a message
}

type planned struct {
	row
	insert bool
	fresh  bool // the source is added to a message that had none

	removed bool // by a later change of the group
}

type contentKey struct {
	place
	slot int16
}

type plannedContent struct {
	home
	body []byte
}

// blockKey is a block of terms.
type blockKey struct{ channel, block int32 }

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
	home
	*attachment
}

func newPlan(known *known, changes int) *plan {
	return &plan{
		known: known, rows: make(map[place]*planned, 2*changes), contents: make(map[contentKey]*plannedContent, 2*changes),
		slots: map[contentKey]home{}, all: map[place]home{}, keys: map[hashKey]*change{}, attachments: map[attachmentKey]*plannedAttachment{},
		gone: map[place]home{}, imports: map[[2]int64]*origin{}, terms: map[blockKey][]byte{},
		counts: map[[2]int32]store.Counts{}, earlier: map[[2]int32]store.Counts{}, last: map[int32]int64{},
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
	var at home
	if len(c.rows) > 0 {
		p.put(&c.rows[0])
		at = p.rows[c.rows[0].place].head.home
	}
	for _, where := range c.removed {
		p.remove(where, at)
	}
	for i := range c.rows[min(1, len(c.rows)):] {
		p.put(&c.rows[i+1])
	}
	for _, where := range c.drops {
		p.drop(where)
		if !p.rows[where].insert {
			p.all[where] = at
		}
	}
	if len(c.terms) > 0 {
		in := blockKey{c.channel.number, blockOf(c.message)}
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
		p.imports[[2]int64{int64(c.channel.number), c.message}] = c.imported
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
func (p *plan) remove(where place, at home) {
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
func (p *plan) attach(c *change, at home) {
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
func (p *plan) put(r *row) {
	mine := p.rows[r.place]
	if mine == nil {
		mine = &planned{row: row{place: r.place}, insert: r.kind == insertMessage || r.kind == insertDestination}
		p.rows[r.place] = mine
		p.order = append(p.order, mine)
	}
	if r.columns != nil {
		if mine.columns == nil {
			mine.fresh = r.kind == addSource
		}
		mine.columns = r.columns
	}
	if r.head == nil {
		return
	}
	if r.kind == insertMessage {
		p.last[r.channel] = max(p.last[r.channel], r.message)
	}
	h := *r.head
	if mine.head != nil {
		h.home = mine.head.home // contents stay where the first ones are
	} else if p.known != nil {
		if k, ok := p.known.rows[r.place]; ok {
			h.home = k.home
		}
	}
	mine.head = &h
}
