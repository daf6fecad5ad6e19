package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/weir-health/weir/internal/store"
)

// blobPlaces remembers which volume a blob lies in: who reads one names no message.
type blobPlaces struct {
	mu sync.Mutex
	in map[string]*volume
}

// maxBlobPlaces is how many blobs are remembered. Of others all volumes are asked.
const maxBlobPlaces = 10_000

func (b *blobPlaces) put(id string, v *volume) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.in == nil {
		b.in = map[string]*volume{}
	}
	for other := range b.in {
		if len(b.in) < maxBlobPlaces {
			break
		}
		delete(b.in, other)
	}
	b.in[id] = v
}

func (b *blobPlaces) get(id string) *volume {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.in[id]
}

// inBlob reads in the volume that has a blob, where there is one.
func (s *Store) inBlob(ctx context.Context, channel int, id string, read func(v *view, number int64) error) error {
	known := s.blobs.get(id)
	found := false
	look := func(list []*volume) error {
		defer s.volumes.release(list)
		for i := len(list) - 1; i >= 0 && !found; i-- {
			err := s.view(ctx, list[i], func(v *view) error {
				numbers, err := v.keys(blobNumber, blobKey(channel), id)
				if err != nil || len(numbers) == 0 {
					return err
				}
				found = true
				s.blobs.put(id, list[i])
				return read(v, numbers[0])
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := look(s.volumes.acquire(func(v *volume) bool { return v == known })); err != nil || found {
		return err
	}
	return look(s.volumes.acquire(func(v *volume) bool { return v != known }))
}

// blobVolume is the volume that has a blob, or store.ErrNoBlob.
func (s *Store) blobVolume(ctx context.Context, channel int, id string) (*volume, error) {
	if v := s.blobs.get(id); v != nil && !s.volumes.isGone(v) {
		return v, nil
	}
	found := false
	err := s.inBlob(ctx, channel, id, func(*view, int64) error {
		found = true
		return nil
	})
	if err == nil && !found {
		err = store.ErrNoBlob
	}
	return s.blobs.get(id), err
}

// gather brings the blobs that a change gives to attachments into the volume of its
// message, and returns that: a change is of one volume. A new message goes where its
// first blob is, so that one is brought elsewhere only where a period has ended between
// the two, or the message came before.
func (s *Store) gather(ctx context.Context, channelID string, at place, large []store.Large) (in *volume, err error) {
	if !at.insert {
		err = s.queue.Submit(ctx, &entry{Work: work{at: at, do: func(tx *transaction) error {
			in = tx.volume
			return nil
		}}})
		if err != nil {
			return nil, err
		}
	}
	for i := range large {
		has, err := s.blobVolume(ctx, at.channel, large[i].Blob.ID)
		if errors.Is(err, store.ErrNoBlob) {
			continue // the change will say so
		}
		if err != nil {
			return nil, err
		}
		if in == nil {
			in = has
		} else if has != in {
			if err := s.bring(ctx, channelID, at.channel, &large[i].Blob, has, in); err != nil {
				return nil, err
			}
		}
	}
	return in, nil
}

// bring moves a loose blob into another volume. A crash may leave it in both, loose: what
// is left behind no longer has its place, so that removing it harms nothing.
func (s *Store) bring(ctx context.Context, channelID string, channel int, b *store.Blob, from, to *volume) error {
	loose, err := s.looseIn(ctx, from, channel, b.ID)
	if err != nil || !loose {
		return err // the change will say so
	}
	if err := s.newBlob(ctx, place{in: to}, channel, b); err != nil {
		return err
	}
	for first := 0; ; first += store.PartsAtOnce {
		s.blobs.put(b.ID, from)
		var parts [][]byte
		err := s.partsOf(ctx, channel, b.ID, first, store.PartsAtOnce, func(_ int, body []byte) error {
			parts = append(parts, bytes.Clone(body))
			return nil
		})
		if err != nil {
			return err
		}
		if len(parts) == 0 {
			break
		}
		if err := s.putParts(ctx, to, channel, b.ID, first, parts); err != nil {
			return err
		}
	}
	s.blobs.put(b.ID, to)
	err = s.queue.Submit(ctx, &entry{Size: rowOverhead, Work: work{at: place{in: from}, do: func(tx *transaction) error {
		_, err := tx.conn.exec(displaceBlob, arguments(blobKey(channel), b.ID))
		return err
	}}})
	if err != nil {
		return err
	}
	return s.dropBlobIn(ctx, from, channel, store.Loose{ChannelID: channelID, ID: b.ID})
}

// LooseBlobs implements [store.Store].
func (s *Store) LooseBlobs(ctx context.Context, limit int) (list []store.Loose, err error) {
	waiting := s.volumes.acquire(func(v *volume) bool { return v.waiting.Load() })
	defer s.volumes.release(waiting)
	for _, one := range waiting {
		if len(list) >= limit {
			break
		}
		err := s.view(ctx, one, func(v *view) error {
			rows, err := v.query(looseBlobs, limit-len(list))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var k int64
				var l store.Loose
				if err := rows.Scan(&k, &l.ID, &l.Place); err != nil {
					return err
				}
				l.ChannelID = s.channels.id(k)
				list = append(list, l)
			}
			return rows.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// looseIn reports whether a volume has a blob that is loose.
func (s *Store) looseIn(ctx context.Context, in *volume, channel int, id string) (loose bool, err error) {
	list := s.volumes.acquire(func(v *volume) bool { return v == in })
	defer s.volumes.release(list)
	for _, one := range list {
		err = s.view(ctx, one, func(v *view) error {
			found, err := v.keys(isLoose, blobKey(channel), id)
			loose = err == nil && found[0] != 0
			return err
		})
	}
	return loose, err
}

// IsLoose implements [store.Store].
func (s *Store) IsLoose(ctx context.Context, l store.Loose) (loose bool, err error) {
	channel, ok := s.channels.number(l.ChannelID)
	if !ok {
		return false, nil
	}
	in, err := s.looseVolumes(ctx, channel, l.ID)
	return len(in) > 0, err
}

// looseVolumes are those that have a blob that is loose: one, but for what a crash left.
func (s *Store) looseVolumes(ctx context.Context, channel int, id string) (list []*volume, err error) {
	waiting := s.volumes.acquire(func(v *volume) bool { return v.waiting.Load() })
	defer s.volumes.release(waiting)
	for _, one := range waiting {
		loose, err := s.looseIn(ctx, one, channel, id)
		if err != nil {
			return nil, err
		}
		if loose {
			list = append(list, one)
		}
	}
	return list, nil
}

// DropBlob implements [store.Store].
func (s *Store) DropBlob(ctx context.Context, l store.Loose) error {
	channel, ok := s.channels.number(l.ChannelID)
	if !ok {
		return nil
	}
	list, err := s.looseVolumes(ctx, channel, l.ID)
	for _, one := range list {
		if err == nil {
			err = s.dropBlobIn(ctx, one, channel, l)
		}
	}
	return err
}

// dropBlobIn removes a loose blob from a volume. To free a part all of it is read, so this
// takes as long as reading the blob, in pieces that other changes go between.
func (s *Store) dropBlobIn(ctx context.Context, in *volume, channel int, l store.Loose) error {
	for left := int64(1); left > 0; {
		e := &entry{Size: rowOverhead, Work: work{at: place{in: in}, do: func(tx *transaction) (err error) {
			left, err = tx.conn.exec(dropParts, arguments(blobKey(channel), l.ID, int64(store.PartsDropped)))
			if err == nil && left == 0 {
				_, err = tx.conn.exec(dropBlob, arguments(blobKey(channel), l.ID))
			}
			return err
		}}}
		if err := s.queue.Submit(ctx, e); err != nil {
			return fmt.Errorf("remove blob %s of channel %s: %w", l.ID, l.ChannelID, err)
		}
	}
	return nil
}
