package postgres

// deletions are what goes before anything comes.
func (s *session) deletions(p *plan) (out []statement) {
	connectors, slots := map[int32]*arrays{}, map[int32]*arrays{}
	slotsIn := func(part int32) *arrays {
		if slots[part] == nil {
			slots[part] = newArrays(oidInt4, oidInt8, oidInt4, oidInt2)
		}
		return slots[part]
	}
	for k, part := range p.slots {
		to := slotsIn(part)
		to.int4(k.channel)
		to.int8(k.message)
		to.int4(k.connector)
		to.int2(k.slot)
	}
	for _, of := range []map[place]int32{p.all, p.gone} {
		for at, part := range of {
			to := slotsIn(part)
			for slot := range int16(MaxSlot + 1) {
				to.int4(at.channel)
				to.int8(at.message)
				to.int4(at.connector)
				to.int2(slot)
			}
		}
	}
	for at, part := range p.gone {
		if connectors[part] == nil {
			connectors[part] = newArrays(rowTypes...)
		}
		connectors[part].int4(at.channel)
		connectors[part].int8(at.message)
		connectors[part].int4(at.connector)
	}
	for _, part := range byPart(connectors) {
		out = append(out, statement{s.textsOf(part).dropConnectors, connectors[part].parameters()})
	}
	for _, part := range byPart(slots) {
		out = append(out, statement{s.textsOf(part).dropSlots, slots[part].parameters()})
	}
	return append(out, s.attachmentDeletions(p)...)
}

func (s *session) attachmentDeletions(p *plan) (out []statement) {
	all, some := map[int32]*arrays{}, map[int32]*arrays{}
	for _, k := range p.dropAttachments {
		part, to, types := p.part(messageKey{k.channel, k.message}), some, []uint32{oidInt4, oidInt8, oidBytea}
		if k.id == "" {
			to, types = all, types[:2]
		}
		if to[part] == nil {
			to[part] = newArrays(types...)
		}
		to[part].int4(k.channel)
		to[part].int8(k.message)
		if k.id != "" {
			to[part].text(k.id)
		}
	}
	for _, part := range byPart(all) {
		out = append(out, statement{s.textsOf(part).dropAllAttachments, all[part].parameters()})
	}
	for _, part := range byPart(some) {
		out = append(out, statement{s.textsOf(part).dropAttachments, some[part].parameters()})
	}
	return out
}

func (s *session) attachmentsOf(p *plan, out *statements, newRows func(...[]uint32) rows) {
	lists, chunks := map[int32]rows{}, map[int32]rows{}
	blobs := newArrays(oidInt4, oidBytea, oidInt4)
	for k, a := range p.attachments {
		if lists[a.part] == nil {
			lists[a.part], chunks[a.part] = newRows(attachmentTypes), newRows(chunkTypes)
		}
		putAttachment(lists[a.part], k, a)
		if a.blob != "" {
			blobs.int4(k.channel)
			blobs.text(a.blob)
			blobs.int4(a.part)
		}
		for position, body := range a.chunks {
			putChunk(chunks[a.part], k, position, body)
		}
	}
	for _, part := range byPart(lists) {
		out.load = append(out.load, load{"attachments", part, attachmentColumns, lists[part]})
		if chunks[part].count() > 0 {
			out.load = append(out.load, load{"chunks", part, chunkColumns, chunks[part]})
		}
	}
	out.then(ownBlobs, blobs)
}

func putAttachment(to rows, k attachmentKey, a *plannedAttachment) {
	to.int4(k.channel)
	to.int8(k.message)
	to.text(k.id)
	to.text(a.kind)
	to.int8(a.size)
	to.bool(a.sealed)
	if a.blob == "" {
		to.null()
	} else {
		to.text(a.blob)
	}
	if a.digest == nil {
		to.null()
	} else {
		to.bytes(a.digest)
	}
}

func putChunk(to rows, k attachmentKey, position int, body []byte) {
	to.int4(k.channel)
	to.int8(k.message)
	to.text(k.id)
	to.int4(int32(position))
	to.bytes(body)
}
