package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/weir-health/weir/internal/store"
)

// KeepBlob implements [store.Store].
func (s *Store) KeepBlob(ctx context.Context, channelID string, content io.Reader, encrypt bool) (*store.Blob, error) {
	return store.KeepBlob(ctx, s, channelID, content, encrypt)
}

// OpenAttachment implements [store.Store].
func (s *Store) OpenAttachment(ctx context.Context, channelID string, messageID int64, id string) (*store.Large, io.ReadCloser, error) {
	return store.OpenAttachment(ctx, s, channelID, messageID, id)
}

// submitBlob does something with a blob in a transaction of its own.
func (s *Store) submitBlob(ctx context.Context, channelID, id string, size int, do func(context.Context, *session, *channel) error) error {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return errNotOpened
	}
	err := s.queue.Submit(ctx, &entry{Size: size + rowOverhead, Work: work{alone: func(ctx context.Context, s *session) error {
		return do(ctx, s, channel)
	}}})
	if err != nil {
		return fmt.Errorf("blob %s of channel %s: %w", id, channelID, err)
	}
	return nil
}

// OpenBlob implements [store.Store].
func (s *Store) OpenBlob(ctx context.Context, channelID string, b *store.Blob) (io.ReadCloser, error) {
	return store.OpenBlob(ctx, s, channelID, b)
}

// NewBlob implements [store.Store]. The chunks go into the part that takes messages now. The
// message that gets the blob may come into the next one: then they stay until it goes.
func (s *Store) NewBlob(ctx context.Context, channelID string, b *store.Blob) error {
	return s.submitBlob(ctx, channelID, b.ID, 0, func(ctx context.Context, s *session, channel *channel) error {
		part, err := s.partFor(ctx, channel.class, dayOf(time.Now()))
		if err != nil {
			return err
		}
		return s.transaction(ctx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO blobs (channel, id, part, sealed, place) VALUES ($1, $2, $3, $4, $5)",
				channel.number, []byte(b.ID), part, b.Encrypted, b.Place)
			return err
		})
	})
}

// PutParts implements [store.Store].
func (s *Store) PutParts(ctx context.Context, channelID string, b *store.Blob, first int, parts [][]byte) error {
	packed, err := store.PackParts(s.keys, channelID, b, first, parts)
	if err != nil {
		return err
	}
	err = s.submitBlob(ctx, channelID, b.ID, packed.Size, func(ctx context.Context, s *session, channel *channel) error {
		return s.transaction(ctx, func(tx pgx.Tx) error {
			var part int32
			err := tx.QueryRow(ctx, "SELECT part FROM blobs WHERE channel = $1 AND id = $2 AND owner IS NULL", channel.number, []byte(b.ID)).Scan(&part)
			if errors.Is(err, pgx.ErrNoRows) {
				return store.ErrNoBlob
			}
			if err != nil {
				return err
			}
			rows := newCopied(len(chunkTypes))
			rows.b = slices.Grow(rows.b, packed.Size+rowOverhead*len(packed.Bodies))
			for i, body := range packed.Bodies {
				putChunk(rows, attachmentKey{channel.number, 0, b.ID}, first+i, body)
			}
			_, err = s.conn.PgConn().CopyFrom(ctx, bytes.NewReader(rows.end()), "COPY "+tableOf("chunks", part)+" ("+chunkColumns+") FROM STDIN (FORMAT binary)")
			return err
		})
	})
	if ctx.Err() == nil { // otherwise the writer may still have them
		packed.Release()
	}
	return err
}

// Parts implements [store.Store].
func (s *Store) Parts(ctx context.Context, channelID string, b *store.Blob, first, count int, into []byte) (content []byte, parts int, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok {
		return nil, 0, errNotOpened
	}
	err = s.view(ctx, func(v *view) error {
		content, parts = into, 0 // it may run again
		var part int32
		err := v.tx.QueryRow(ctx, "SELECT part FROM blobs WHERE channel = $1 AND id = $2", channel.number, []byte(b.ID)).Scan(&part)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := v.tx.Query(ctx, "SELECT body FROM "+tableOf("chunks", part)+" WHERE channel = $1 AND message = 0 AND id = $2"+
			" AND position >= $3 AND position < $4 ORDER BY position", channel.number, []byte(b.ID), first, first+count)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var body pgtype.DriverBytes
			if err := rows.Scan(&body); err != nil {
				return err
			}
			if content, err = store.UnpackPart(content, s.keys, channelID, b, first+parts, body); err != nil {
				return err
			}
			parts++
		}
		return rows.Err()
	})
	return content, parts, err
}

// PutLarge implements [store.Store].
func (s *Store) PutLarge(ctx context.Context, channelID string, messageID int64, a *store.Large) error {
	err := store.ErrNotFound
	if channel, ok := s.channels.find(channelID); ok && messageID > 0 {
		c := &change{channel: channel, message: messageID}
		if err = c.attachLarge(a); err == nil {
			err = s.submitAttachment(ctx, c)
		}
	}
	if state(err) == stateMissing { // the message is there
		err = store.ErrNoBlob
	}
	if err != nil {
		return fmt.Errorf("keep an attachment of message %d of channel %s: %w", messageID, channelID, err)
	}
	return nil
}

// MoveLarge implements [store.Store].
func (s *Store) MoveLarge(ctx context.Context, channelID string, messageID int64, a *store.Large, was string) error {
	return s.submitBlob(ctx, channelID, a.Blob.ID, 0, func(ctx context.Context, s *session, channel *channel) error {
		return s.transaction(ctx, func(tx pgx.Tx) error {
			part, err := s.ask(ctx, channel.number, messageID)
			if errors.Is(err, store.ErrNotFound) {
				return store.ErrNoAttachment
			}
			if err != nil {
				return err
			}
			var there bool
			err = tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM "+tableOf("attachments", part)+" WHERE channel = $1 AND message = $2 AND id = $3 AND coalesce(blob, '') = $4)",
				channel.number, messageID, []byte(a.ID), []byte(was)).Scan(&there)
			if err == nil && !there {
				err = store.ErrNoAttachment
			}
			if err != nil {
				return err
			}
			one := newArrays(oidInt4, oidInt8, oidBytea)
			one.int4(channel.number)
			one.int8(messageID)
			one.text(a.ID)
			if err := s.send(ctx, []statement{{s.textsOf(part).dropAttachments, one.parameters()}}, ""); err != nil {
				return err
			}
			tag, err := tx.Exec(ctx, "UPDATE blobs SET owner = $3 WHERE channel = $1 AND id = $2 AND owner IS NULL", channel.number, []byte(a.Blob.ID), part)
			if err == nil && tag.RowsAffected() == 0 {
				err = store.ErrNoBlob
			}
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "INSERT INTO "+tableOf("attachments", part)+" ("+attachmentColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
				channel.number, messageID, []byte(a.ID), []byte(a.Type), a.Size, a.Encrypted, []byte(a.Blob.ID), a.Digest)
			return err
		})
	})
}

// EachAttachment implements [store.Store].
func (s *Store) EachAttachment(ctx context.Context, visit func(channelID string, messageID int64, a *store.Large) error) error {
	for _, part := range s.parts.numbers() {
		if err := s.eachAttachmentIn(ctx, part, visit); err != nil && !gone(err) {
			return err
		}
	}
	return nil
}

func (s *Store) eachAttachmentIn(ctx context.Context, part int32, visit func(channelID string, messageID int64, a *store.Large) error) error {
	type row struct {
		number      int32
		channel     string
		message     int64
		id, typ, bl []byte
		store.Large
	}
	var last row
	for {
		var page []row
		err := s.view(ctx, func(v *view) error {
			rows, err := v.tx.Query(ctx, "SELECT a.channel, c.id, a.message, a.id, a.type, a.size, a.sealed, a.blob, coalesce(b.place, ''), a.digest FROM "+tableOf("attachments", part)+" a"+
				" JOIN channels c ON c.number = a.channel"+
				" LEFT JOIN blobs b ON b.channel = a.channel AND b.id = a.blob"+
				" WHERE (a.channel, a.message, a.id) > ($1, $2, $3) ORDER BY a.channel, a.message, a.id LIMIT $4",
				last.number, last.message, last.id, store.AttachmentPage)
			if err != nil {
				return err
			}
			page, err = pgx.CollectRows(rows, func(of pgx.CollectableRow) (r row, err error) {
				err = of.Scan(&r.number, &r.channel, &r.message, &r.id, &r.typ, &r.Size, &r.Encrypted, &r.bl, &r.Place, &r.Digest)
				r.ID, r.Type, r.Blob.ID = string(r.id), string(r.typ), string(r.bl)
				return r, err
			})
			return err
		})
		if err != nil {
			return err
		}
		for i := range page {
			last = page[i]
			if err := visit(last.channel, last.message, &page[i].Large); err != nil {
				return err
			}
		}
		if len(page) < store.AttachmentPage {
			return nil
		}
	}
}

// Large implements [store.Store].
func (s *Store) Large(ctx context.Context, channelID string, messageID int64, id string) (a *store.Large, err error) {
	channel, ok := s.channels.find(channelID)
	if !ok || messageID < 1 {
		return nil, store.ErrNoAttachment
	}
	err = s.view(ctx, func(v *view) error {
		for _, part := range s.parts.having(channel.number, messageID) {
			a = &store.Large{ID: id}
			var kind, blob []byte
			err := v.tx.QueryRow(ctx, "SELECT a.type, a.size, a.sealed, a.blob, coalesce(b.place, ''), a.digest FROM "+tableOf("attachments", part)+" a"+
				" LEFT JOIN blobs b ON b.channel = a.channel AND b.id = a.blob WHERE a.channel = $1 AND a.message = $2 AND a.id = $3",
				channel.number, messageID, []byte(id)).Scan(&kind, &a.Size, &a.Encrypted, &blob, &a.Place, &a.Digest)
			a.Type, a.Blob.ID = string(kind), string(blob)
			if !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
		return store.ErrNoAttachment
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// LooseBlobs implements [store.Store].
func (s *Store) LooseBlobs(ctx context.Context, limit int) (list []store.Loose, err error) {
	err = s.view(ctx, func(v *view) error {
		rows, err := v.tx.Query(ctx, "SELECT c.id, b.id, b.place FROM blobs b JOIN channels c ON c.number = b.channel WHERE b.owner IS NULL LIMIT $1", limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l store.Loose, err error) {
			var id []byte
			err = row.Scan(&l.ChannelID, &id, &l.Place)
			l.ID = string(id)
			return l, err
		})
		return err
	})
	return list, err
}

// IsLoose implements [store.Store].
func (s *Store) IsLoose(ctx context.Context, l store.Loose) (loose bool, err error) {
	channel, ok := s.channels.find(l.ChannelID)
	if !ok {
		return false, nil
	}
	err = s.view(ctx, func(v *view) error {
		return v.tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM blobs WHERE channel = $1 AND id = $2 AND owner IS NULL)",
			channel.number, []byte(l.ID)).Scan(&loose)
	})
	return loose, err
}

// DropBlob implements [store.Store].
func (s *Store) DropBlob(ctx context.Context, l store.Loose) error {
	for left := true; left; {
		err := s.submitBlob(ctx, l.ChannelID, l.ID, 0, func(ctx context.Context, s *session, channel *channel) error {
			return s.transaction(ctx, func(tx pgx.Tx) (err error) {
				left, err = s.dropParts(ctx, tx, channel.number, l.ID)
				return err
			})
		})
		if err != nil {
			return fmt.Errorf("remove: %w", err)
		}
	}
	return nil
}

// dropParts removes some parts of a loose blob, or the blob when it has no more, and
// tells whether there may be some left.
func (s *session) dropParts(ctx context.Context, tx pgx.Tx, channel int32, id string) (left bool, err error) {
	var part int32
	err = tx.QueryRow(ctx, "SELECT part FROM blobs WHERE channel = $1 AND id = $2 AND owner IS NULL FOR UPDATE", channel, []byte(id)).Scan(&part)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, "DELETE FROM "+tableOf("chunks", part)+" WHERE channel = $1 AND message = 0 AND id = $2"+
		" AND position < (SELECT min(position) FROM "+tableOf("chunks", part)+" WHERE channel = $1 AND message = 0 AND id = $2) + $3",
		channel, []byte(id), store.PartsDropped)
	if err != nil || tag.RowsAffected() > 0 {
		return true, err
	}
	_, err = tx.Exec(ctx, "DELETE FROM blobs WHERE channel = $1 AND id = $2 AND owner IS NULL", channel, []byte(id))
	return false, err
}

// looseOf reads which of the blobs that a group gives away are loose.
func (s *session) looseOf(ctx context.Context, entries []*entry) (map[blobKey]bool, error) {
	loose := map[blobKey]bool{}
	for _, e := range entries {
		for i := range e.Work.change.attachments {
			k := blobKey{e.Work.change.channel.number, e.Work.change.attachments[i].blob}
			if k.id == "" {
				continue
			}
			var is bool
			err := s.conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM blobs WHERE channel = $1 AND id = $2 AND owner IS NULL)",
				k.channel, []byte(k.id)).Scan(&is)
			if err != nil {
				return nil, err
			}
			loose[k] = is
		}
	}
	return loose, nil
}
