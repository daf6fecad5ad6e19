package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// A chunk's key is the attachment's number and the chunk's position, so that all
// of an attachment lie in one range.
const chunkBits = 20

// attachments adds the steps for what a change has of attachments. They come
// after those of the message's row, without which there are none.
func (p *change) attachments(c *store.Change) error {
	k := key(p.channel, p.message, 0, 0)
	if c.DropAttachments {
		p.add(dropAttachments, k)
	}
	for i := range c.Attachments {
		if err := p.attachment(c.Message.ChannelID, k, &c.Attachments[i]); err != nil {
			return err
		}
	}
	for i := range c.Large {
		p.large(k, &c.Large[i])
	}
	return nil
}

func (p *change) attachment(channelID string, k int64, a *weir.Attachment) error {
	chunks, err := store.PackAttachment(a, p.effort)
	if err != nil {
		return err
	}
	p.add(dropAttachment, k, a.ID)
	p.add(addAttachment, k, a.ID, a.Type, int64(len(a.Content)), truth(a.Encrypted))
	for position, body := range chunks {
		if a.Encrypted {
			if body, err = store.Seal(p.keys, body, store.ChunkPlace(channelID, keyMessage(k), a.ID, position)); err != nil {
				return err
			}
		}
		p.add(addChunk, int64(position), body, k, a.ID)
		p.size += len(body)
	}
	return nil
}

// PutAttachment implements [store.Store].
func (s *Store) PutAttachment(ctx context.Context, channelID string, messageID int64, a *weir.Attachment) error {
	err := s.putAttachment(ctx, channelID, messageID, a)
	if err != nil {
		return fmt.Errorf("keep an attachment of message %d of channel %s: %w", messageID, channelID, err)
	}
	return nil
}

func (s *Store) putAttachment(ctx context.Context, channelID string, messageID int64, a *weir.Attachment) error {
	channel, ok := s.channels.number(channelID)
	if !ok || messageID < 1 || messageID > MaxMessageID {
		return store.ErrNotFound
	}
	p := &change{channel: channel, message: messageID, effort: store.Small, keys: s.keys}
	if err := p.attachment(channelID, key(channel, messageID, 0, 0), a); err != nil {
		return err
	}
	return s.queue.Submit(ctx, p.entry())
}

// Attachments implements [store.Store].
func (s *Store) Attachments(ctx context.Context, channelID string, messageID int64) (list []store.AttachmentInfo, err error) {
	err = s.find(ctx, channelID, messageID, store.ErrNoAttachment, func(v *view, _ *volume, k int64) error {
		rows, err := v.query(messageAttachments, k)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a store.AttachmentInfo
			if err := rows.Scan(&a.ID, &a.Type, &a.Size); err != nil {
				return err
			}
			list = append(list, a)
		}
		if err := rows.Err(); err != nil || len(list) > 0 {
			return err
		}
		return store.ErrNoAttachment
	})
	if errors.Is(err, store.ErrNoAttachment) {
		return nil, nil
	}
	return list, err
}

// Attachment implements [store.Store].
func (s *Store) Attachment(ctx context.Context, channelID string, messageID int64, id string) (*weir.Attachment, error) {
	a := &weir.Attachment{ID: id}
	large := false
	err := s.find(ctx, channelID, messageID, store.ErrNoAttachment, func(v *view, _ *volume, k int64) (err error) {
		large, err = v.attachment(channelID, a, k)
		return err
	})
	if err == nil && large {
		a.Content, err = store.ReadLarge(ctx, s, channelID, messageID, id)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// attachment reads an attachment; of one whose content is a blob all but that.
func (v *view) attachment(channelID string, a *weir.Attachment, k int64) (large bool, err error) {
	rows, err := v.query(oneAttachment, k, a.ID)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var number, size int64
	var blob string
	if !rows.Next() {
		return false, errors.Join(rows.Err(), store.ErrNoAttachment)
	}
	if err := rows.Scan(&number, &a.Type, &size, &a.Encrypted, &blob); err != nil || blob != "" {
		return blob != "", err
	}
	rows.Close()
	a.Content, err = v.chunks(channelID, a, k, number, size)
	return false, err
}

// chunks reads the content of an attachment that is no blob.
func (v *view) chunks(channelID string, a *weir.Attachment, k, number, size int64) ([]byte, error) {
	rows, err := v.query(attachmentChunks, number<<chunkBits, number<<chunkBits|(1<<chunkBits-1))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	content := bytes.NewBuffer(make([]byte, 0, min(size, store.MaxAttachment)))
	for position := 0; rows.Next(); position++ {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		plain, err := store.Unseal(v.ring, body, a.Encrypted, func() string { return store.ChunkPlace(channelID, keyMessage(k), a.ID, position) })
		if err == nil {
			err = store.UnpackChunk(plain, content)
		}
		if err != nil {
			return nil, fmt.Errorf("message %d, attachment %s: %w", keyMessage(k), a.ID, err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if int64(content.Len()) != size {
		return nil, fmt.Errorf("message %d, attachment %s: %d of %d bytes are there", keyMessage(k), a.ID, content.Len(), size)
	}
	return content.Bytes(), nil
}
