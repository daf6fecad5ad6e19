package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/weir-health/weir/internal/store"
)

// A blob is a row of attachments whose message is the channel's number 0.
func blobKey(channel int) int64 { return key(channel, 0, 0, 0) }

// KeepBlob implements [store.Store].
func (s *Store) KeepBlob(ctx context.Context, channelID string, content io.Reader, encrypt bool) (*store.Blob, error) {
	return store.KeepBlob(ctx, s, channelID, content, encrypt)
}

// OpenAttachment implements [store.Store].
func (s *Store) OpenAttachment(ctx context.Context, channelID string, messageID int64, id string) (*store.Large, io.ReadCloser, error) {
	return store.OpenAttachment(ctx, s, channelID, messageID, id)
}

// OpenBlob implements [store.Store].
func (s *Store) OpenBlob(ctx context.Context, channelID string, b *store.Blob) (io.ReadCloser, error) {
	return store.OpenBlob(ctx, s, channelID, b)
}

// NewBlob implements [store.Store].
func (s *Store) NewBlob(ctx context.Context, channelID string, b *store.Blob) error {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return errNotOpened
	}
	return aboutBlob(channelID, b.ID, s.newBlob(ctx, place{channel: channel}, channel, b))
}

func (s *Store) newBlob(ctx context.Context, at place, channel int, b *store.Blob) error {
	return s.queue.Submit(ctx, &entry{Size: rowOverhead, Work: work{at: at, do: func(tx *transaction) error {
		s.blobs.put(b.ID, tx.volume)
		return tx.exec(&step{addBlob, arguments(blobKey(channel), b.ID, truth(b.Encrypted), b.Place)})
	}}})
}

func aboutBlob(channelID, id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("keep a part of an attachment, blob %s of channel %s: %w", id, channelID, err)
}

// PutParts implements [store.Store].
func (s *Store) PutParts(ctx context.Context, channelID string, b *store.Blob, first int, parts [][]byte) error {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return errNotOpened
	}
	packed, err := store.PackParts(s.keys, channelID, b, first, parts)
	if err != nil {
		return aboutBlob(channelID, b.ID, err)
	}
	in, err := s.blobVolume(ctx, channel, b.ID)
	if err == nil {
		err = s.putParts(ctx, in, channel, b.ID, first, packed.Bodies)
	}
	if ctx.Err() == nil { // otherwise the writer may still have them
		packed.Release()
	}
	return aboutBlob(channelID, b.ID, err)
}

// putParts keeps parts, packed as they are, of a loose blob in a volume.
func (s *Store) putParts(ctx context.Context, in *volume, channel int, id string, first int, bodies [][]byte) error {
	p := &change{}
	for i, body := range bodies {
		p.add(addPart, int64(first+i), body, blobKey(channel), id)
		p.size += len(body)
	}
	return s.queue.Submit(ctx, &entry{Size: p.size, Work: work{at: place{in: in}, do: func(tx *transaction) error {
		for i := range p.steps {
			if err := tx.exec(&p.steps[i]); err != nil {
				return err
			}
		}
		return nil
	}}})
}

// Parts implements [store.Store].
func (s *Store) Parts(ctx context.Context, channelID string, b *store.Blob, first, count int, into []byte) (content []byte, parts int, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return nil, 0, errNotOpened
	}
	content = into
	err = s.partsOf(ctx, channel, b.ID, first, count, func(position int, body []byte) (err error) {
		content, err = store.UnpackPart(content, s.keys, channelID, b, position, body)
		parts++
		return err
	})
	return content, parts, err
}

// partsOf reads parts of a blob as they are packed. A blob that is not there has none.
func (s *Store) partsOf(ctx context.Context, channel int, id string, first, count int, part func(position int, body []byte) error) error {
	return s.inBlob(ctx, channel, id, func(v *view, number int64) error {
		from := number<<chunkBits | int64(first)
		rows, err := v.query(attachmentChunks, from, from+int64(count)-1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for position := first; rows.Next(); position++ {
			var body sql.RawBytes
			if err := rows.Scan(&body); err != nil {
				return err
			}
			if err := part(position, body); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// large adds the steps that give a blob to an attachment.
func (p *change) large(k int64, a *store.Large) {
	p.add(dropAttachment, k, a.ID)
	p.add(ownBlob, blobKey(p.channel), a.Blob.ID)
	p.add(addLarge, k, a.ID, a.Type, a.Size, truth(a.Encrypted), a.Blob.ID, a.Digest)
}

// PutLarge implements [store.Store].
func (s *Store) PutLarge(ctx context.Context, channelID string, messageID int64, a *store.Large) error {
	channel, ok := s.channels.number(channelID)
	if !ok || messageID < 1 || messageID > MaxMessageID {
		return aboutBlob(channelID, a.Blob.ID, store.ErrNotFound)
	}
	p := &change{channel: channel, message: messageID}
	p.large(key(channel, messageID, 0, 0), a)
	return aboutBlob(channelID, a.Blob.ID, s.giveBlobs(ctx, channelID, p, []store.Large{*a}))
}

// MoveLarge implements [store.Store].
func (s *Store) MoveLarge(ctx context.Context, channelID string, messageID int64, a *store.Large, was string) error {
	channel, ok := s.channels.number(channelID)
	if !ok || messageID < 1 || messageID > MaxMessageID {
		return aboutBlob(channelID, a.Blob.ID, store.ErrNoAttachment)
	}
	p := &change{channel: channel, message: messageID}
	k := key(channel, messageID, 0, 0)
	p.add(dropContentWas, k, a.ID, was)
	p.large(k, a)
	return aboutBlob(channelID, a.Blob.ID, s.giveBlobs(ctx, channelID, p, []store.Large{*a}))
}

// giveBlobs makes a change that gives blobs to attachments, in the volume of its message.
// Where that has gone meanwhile, the message is in another.
func (s *Store) giveBlobs(ctx context.Context, channelID string, p *change, large []store.Large) error {
	for {
		e := p.entry()
		in, err := s.gather(ctx, channelID, e.Work.at, large)
		if err != nil {
			return err
		}
		e.Work.at.in = in
		if err := s.queue.Submit(ctx, e); !errors.Is(err, errGone) {
			return err
		}
	}
}

// EachAttachment implements [store.Store].
func (s *Store) EachAttachment(ctx context.Context, visit func(channelID string, messageID int64, a *store.Large) error) error {
	list := s.volumes.acquire(func(*volume) bool { return true })
	defer s.volumes.release(list)
	for _, one := range list {
		if err := s.eachAttachment(ctx, one, visit); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eachAttachment(ctx context.Context, in *volume, visit func(channelID string, messageID int64, a *store.Large) error) error {
	type row struct {
		number, key int64
		store.Large
	}
	page := make([]row, 0, store.AttachmentPage)
	for after := int64(-1); ; {
		page = page[:0]
		err := s.view(ctx, in, func(v *view) error {
			rows, err := v.query(allAttachments, after, store.AttachmentPage)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var r row
				if err := rows.Scan(&r.number, &r.key, &r.ID, &r.Type, &r.Size, &r.Encrypted, &r.Blob.ID, &r.Place, &r.Digest); err != nil {
					return err
				}
				page = append(page, r)
			}
			return rows.Err()
		})
		if err != nil {
			return err
		}
		for i := range page {
			after = page[i].number
			if page[i].Blob.ID != "" {
				s.blobs.put(page[i].Blob.ID, in)
			}
			if err := visit(s.channels.id(page[i].key), keyMessage(page[i].key), &page[i].Large); err != nil {
				return err
			}
		}
		if len(page) < store.AttachmentPage {
			return nil
		}
	}
}

// Large implements [store.Store].
func (s *Store) Large(ctx context.Context, channelID string, messageID int64, id string) (*store.Large, error) {
	a := &store.Large{ID: id}
	err := s.find(ctx, channelID, messageID, store.ErrNoAttachment, func(v *view, in *volume, k int64) error {
		rows, err := v.query(largeAttachment, k, id, blobKey(int(uint64(k)>>channelShift)))
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			return errors.Join(rows.Err(), store.ErrNoAttachment)
		}
		if err := rows.Scan(&a.Type, &a.Size, &a.Encrypted, &a.Blob.ID, &a.Place, &a.Digest); err != nil {
			return err
		}
		if a.Blob.ID != "" {
			s.blobs.put(a.Blob.ID, in)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}
