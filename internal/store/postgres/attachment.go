package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// maxAttachmentID is the longest id of an attachment, in bytes: it is part of a key.
const maxAttachmentID = 1000

// attachment is one made ready for the writer.
type attachment struct {
	id, kind string
	size     int64
	sealed   bool
	chunks   [][]byte
	blob     string // the content is that blob, and there are no chunks
	digest   []byte
}

func (p *change) attach(channelID string, a *weir.Attachment) error {
	if len(a.ID) > maxAttachmentID {
		return fmt.Errorf("the id of an attachment has %d bytes, more than %d", len(a.ID), maxAttachmentID)
	}
	chunks, err := store.PackAttachment(a, p.effort)
	if err != nil {
		return err
	}
	for position := range chunks {
		if a.Encrypted {
			if chunks[position], err = store.Seal(p.keys, chunks[position], store.ChunkPlace(channelID, p.message, a.ID, position)); err != nil {
				return err
			}
		}
		p.size += len(chunks[position]) + rowOverhead
	}
	p.attachments = append(p.attachments, attachment{id: a.ID, kind: a.Type, size: int64(len(a.Content)), sealed: a.Encrypted, chunks: chunks})
	p.size += rowOverhead
	return nil
}

// attachLarge gives a blob to an attachment.
func (p *change) attachLarge(a *store.Large) error {
	if len(a.ID) > maxAttachmentID {
		return fmt.Errorf("the id of an attachment has %d bytes, more than %d", len(a.ID), maxAttachmentID)
	}
	p.attachments = append(p.attachments, attachment{id: a.ID, kind: a.Type, size: a.Size, sealed: a.Encrypted, blob: a.Blob.ID, digest: a.Digest})
	p.size += rowOverhead
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
	channel, ok := s.channels.find(channelID)
	if !ok || messageID < 1 {
		return store.ErrNotFound
	}
	c := &change{channel: channel, message: messageID, effort: store.Small, keys: s.keys}
	if err := c.attach(channelID, a); err != nil {
		return err
	}
	return s.submitAttachment(ctx, c)
}

func (s *Store) submitAttachment(ctx context.Context, c *change) error {
	return s.queue.Submit(ctx, &entry{Size: c.size, Work: work{alone: func(ctx context.Context, s *session) error {
		return s.putAttachment(ctx, c)
	}}})
}

// putAttachment keeps an attachment of a message of which only the database knows
// where its contents are.
func (s *session) putAttachment(ctx context.Context, c *change) error {
	part, err := s.ask(ctx, c.channel.number, c.message)
	if err != nil {
		return err
	}
	p := newPlan(map[messageKey]int32{{c.channel.number, c.message}: part}, &known{}, 1)
	p.size = c.size
	for i := range c.attachments {
		k := attachmentKey{c.channel.number, c.message, c.attachments[i].id}
		p.dropAttachments = append(p.dropAttachments, k)
		p.attachments[k] = &plannedAttachment{part, &c.attachments[i]}
	}
	return s.write(ctx, p)
}

// Attachments implements [store.Store].
func (s *Store) Attachments(ctx context.Context, channelID string, messageID int64) (list []store.AttachmentInfo, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok || messageID < 1 {
		return nil, nil
	}
	err = s.view(ctx, func(v *view) error {
		// All that a message has are in one part.
		for _, part := range s.parts.having(channel.number, messageID) {
			rows, err := v.tx.Query(ctx, "SELECT id, type, size FROM "+tableOf("attachments", part)+" WHERE channel = $1 AND message = $2 ORDER BY id", channel.number, messageID)
			if err != nil {
				return err
			}
			list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a store.AttachmentInfo, err error) {
				var id, kind []byte
				err = row.Scan(&id, &kind, &a.Size)
				a.ID, a.Type = string(id), string(kind)
				return a, err
			})
			if err != nil || len(list) > 0 {
				return err
			}
		}
		return nil
	})
	if len(list) == 0 {
		return nil, err
	}
	return list, err
}

// Attachment implements [store.Store].
func (s *Store) Attachment(ctx context.Context, channelID string, messageID int64, id string) (a *weir.Attachment, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok || messageID < 1 {
		return nil, store.ErrNoAttachment
	}
	large := false
	err = s.view(ctx, func(v *view) (err error) {
		a = &weir.Attachment{ID: id}
		large, err = v.attachment(channelID, channel.number, messageID, a)
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
func (v *view) attachment(channelID string, channel int32, messageID int64, a *weir.Attachment) (large bool, err error) {
	var size int64
	var kind []byte
	for _, part := range v.s.parts.having(channel, messageID) {
		err = v.tx.QueryRow(v.ctx, "SELECT type, size, sealed, blob IS NOT NULL FROM "+tableOf("attachments", part)+" WHERE channel = $1 AND message = $2 AND id = $3",
			channel, messageID, []byte(a.ID)).Scan(&kind, &size, &a.Encrypted, &large)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return false, err
		}
		a.Type = string(kind)
		if !large {
			a.Content, err = v.chunks(channelID, channel, messageID, a, part, size)
		}
		return large, err
	}
	return false, store.ErrNoAttachment
}

// chunks reads the content of an attachment that is no blob.
func (v *view) chunks(channelID string, channel int32, messageID int64, a *weir.Attachment, part int32, size int64) ([]byte, error) {
	rows, err := v.tx.Query(v.ctx, "SELECT body FROM "+tableOf("chunks", part)+" WHERE channel = $1 AND message = $2 AND id = $3 ORDER BY position",
		channel, messageID, []byte(a.ID))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	content := bytes.NewBuffer(make([]byte, 0, min(max(size, 0), store.MaxAttachment)))
	for position := 0; rows.Next(); position++ {
		var body pgtype.DriverBytes
		err := rows.Scan(&body)
		if err != nil {
			return nil, err
		}
		plain, err := store.Unseal(v.s.keys, body, a.Encrypted, func() string { return store.ChunkPlace(channelID, messageID, a.ID, position) })
		if err == nil {
			err = store.UnpackChunk(plain, content)
		}
		if err != nil {
			return nil, fmt.Errorf("message %d, attachment %s: %w", messageID, a.ID, err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if int64(content.Len()) != size {
		return nil, fmt.Errorf("message %d, attachment %s: %d of %d bytes are there", messageID, a.ID, content.Len(), size)
	}
	return content.Bytes(), nil
}
