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
	return aboutBlob(channelID, b.ID, s.queue.Submit(ctx, &entry{Size: rowOverhead, Work: func(tx *transaction) error {
		return tx.exec(&step{addBlob, arguments(blobKey(channel), b.ID, truth(b.Encrypted), b.Place)})
	}}))
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
	p := &change{size: packed.Size}
	for i, body := range packed.Bodies {
		p.add(addPart, int64(first+i), body, blobKey(channel), b.ID)
	}
	err = s.queue.Submit(ctx, &entry{Size: p.size, Work: func(tx *transaction) error {
		for i := range p.steps {
			if err := tx.exec(&p.steps[i]); err != nil {
				return err
			}
		}
		return nil
	}})
	if ctx.Err() == nil { // otherwise the writer may still have them
		packed.Release()
	}
	return aboutBlob(channelID, b.ID, err)
}

// Parts implements [store.Store].
func (s *Store) Parts(ctx context.Context, channelID string, b *store.Blob, first, count int, into []byte) (content []byte, parts int, err error) {
	channel, ok := s.channels.number(channelID)
	if !ok {
		return nil, 0, errNotOpened
	}
	content = into
	err = s.view(ctx, func(v *view) error {
		numbers, err := v.keys(blobNumber, blobKey(channel), b.ID)
		if err != nil || len(numbers) == 0 {
			return err
		}
		from := numbers[0]<<chunkBits | int64(first)
		rows, err := v.query(attachmentChunks, from, from+int64(count)-1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var body sql.RawBytes
			if err := rows.Scan(&body); err != nil {
				return err
			}
			if content, err = store.UnpackPart(content, v.ring, channelID, b, first+parts, body); err != nil {
				return err
			}
			parts++
		}
		return rows.Err()
	})
	return content, parts, err
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
	return aboutBlob(channelID, a.Blob.ID, s.queue.Submit(ctx, &entry{Work: p.apply, Size: p.size}))
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
	return aboutBlob(channelID, a.Blob.ID, s.queue.Submit(ctx, &entry{Work: p.apply, Size: p.size}))
}

// EachAttachment implements [store.Store].
func (s *Store) EachAttachment(ctx context.Context, visit func(channelID string, messageID int64, a *store.Large) error) error {
	type row struct {
		number, key int64
		channel     string
		store.Large
	}
	page := make([]row, 0, store.AttachmentPage)
	for after := int64(-1); ; {
		rows, err := s.queries[allAttachments].QueryContext(ctx, after, store.AttachmentPage)
		if err != nil {
			return s.reading(err)
		}
		page = page[:0]
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.number, &r.key, &r.channel, &r.ID, &r.Type, &r.Size, &r.Encrypted, &r.Blob.ID, &r.Place, &r.Digest); err != nil {
				rows.Close()
				return s.reading(err)
			}
			page = append(page, r)
		}
		if err := rows.Err(); err != nil {
			return s.reading(err)
		}
		for i := range page {
			after = page[i].number
			if err := visit(page[i].channel, keyMessage(page[i].key), &page[i].Large); err != nil {
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
	channel, ok := s.channels.number(channelID)
	if !ok || messageID < 1 || messageID > MaxMessageID {
		return nil, store.ErrNoAttachment
	}
	a := &store.Large{ID: id}
	err := s.queries[largeAttachment].QueryRowContext(ctx, key(channel, messageID, 0, 0), id, blobKey(channel)).
		Scan(&a.Type, &a.Size, &a.Encrypted, &a.Blob.ID, &a.Place, &a.Digest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNoAttachment
	}
	if err != nil {
		return nil, s.reading(err)
	}
	return a, nil
}

// LooseBlobs implements [store.Store].
func (s *Store) LooseBlobs(ctx context.Context, limit int) (list []store.Loose, err error) {
	rows, err := s.queries[looseBlobs].QueryContext(ctx, limit)
	if err != nil {
		return nil, s.reading(err)
	}
	defer rows.Close()
	for rows.Next() {
		var l store.Loose
		if err := rows.Scan(&l.ChannelID, &l.ID, &l.Place); err != nil {
			return nil, s.reading(err)
		}
		list = append(list, l)
	}
	return list, s.reading(rows.Err())
}

// IsLoose implements [store.Store].
func (s *Store) IsLoose(ctx context.Context, l store.Loose) (loose bool, err error) {
	channel, ok := s.channels.number(l.ChannelID)
	if !ok {
		return false, nil
	}
	err = s.queries[isLoose].QueryRowContext(ctx, blobKey(channel), l.ID).Scan(&loose)
	return loose, s.reading(err)
}

// DropBlob implements [store.Store]. To free a part all of it is read, so this takes as
// long as reading the blob, in pieces that other changes go between.
func (s *Store) DropBlob(ctx context.Context, l store.Loose) error {
	channel, ok := s.channels.number(l.ChannelID)
	if !ok {
		return nil
	}
	for left := int64(1); left > 0; {
		e := &entry{Size: rowOverhead, Work: func(tx *transaction) (err error) {
			left, err = tx.conn.exec(dropParts, arguments(blobKey(channel), l.ID, int64(store.PartsDropped)))
			if err == nil && left == 0 {
				_, err = tx.conn.exec(dropBlob, arguments(blobKey(channel), l.ID))
			}
			return err
		}}
		if err := s.queue.Submit(ctx, e); err != nil {
			return fmt.Errorf("remove blob %s of channel %s: %w", l.ID, l.ChannelID, err)
		}
	}
	return nil
}
