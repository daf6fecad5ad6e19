package pipeline

import (
	"context"

	"github.com/weir-health/weir/internal/store"
)

// Remove removes messages with all that is kept of them, those that wait in queues
// too, and returns how many. Messages that are being processed stay: they are in
// somebody's hand. A queue's thread that is just sending one brings that to its end.
func (c *Channel) Remove(ctx context.Context, ids []int64) (int, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	return c.removeAll(ctx, ids)
}

// RemoveStill removes those of some messages that still are as they were seen: still
// says which, and until they are removed none of them begins anew.
func (c *Channel) RemoveStill(ctx context.Context, ids []int64, still func([]int64) ([]int64, error)) (int, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	ids, err := still(ids)
	if err != nil {
		return 0, err
	}
	return c.removeAll(ctx, ids)
}

// Hold keeps messages from being removed and from beginning anew until release is called:
// what a store drops as a whole must not be in somebody's hand.
func (c *Channel) Hold() (release func()) {
	c.changing.Lock()
	return c.changing.Unlock
}

// RemoveContentsStill is RemoveStill for what messages hold.
func (c *Channel) RemoveContentsStill(ctx context.Context, ids []int64, still func([]int64) ([]int64, error)) (int, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	ids, err := still(ids)
	if err != nil {
		return 0, err
	}
	return RemoveContents(ctx, c.store, c.Config.ID, ids)
}

func (c *Channel) removeAll(ctx context.Context, ids []int64) (int, error) {
	count := 0
	for len(ids) > 0 {
		n := min(len(ids), store.RemoveAtOnce)
		removed, err := c.remove(ctx, ids[:n])
		count += removed
		if err != nil {
			return count, c.fault("", err)
		}
		ids = ids[n:]
	}
	return count, nil
}

func (c *Channel) remove(ctx context.Context, ids []int64) (int, error) {
	for _, d := range c.destinations {
		if d.queue != nil {
			d.queue.watch()
		}
	}
	// Without a source queue what is unfinished is in hand while the channel runs.
	finished := c.accepting.Load() && c.sourceQueue == nil
	if c.sourceQueue != nil {
		c.sourceQueue.watch()
		ids = c.sourceQueue.free(ids)
	}
	removed, err := c.store.Remove(ctx, c.Config.ID, ids, finished)
	waiting, queued := []int64{}, map[int][]int64{}
	for _, m := range removed {
		if m.Unfinished {
			waiting = append(waiting, m.ID)
		}
		for _, id := range m.Queued {
			queued[id] = append(queued[id], m.ID)
		}
	}
	for _, d := range c.destinations {
		if d.queue != nil {
			d.queue.forget(queued[d.cfg.MetaDataID])
		}
	}
	if c.sourceQueue != nil {
		c.sourceQueue.forget(waiting)
	}
	return len(removed), err
}

// RemoveContents removes contents and attachments of messages that are processed
// and wait in no queue, and leaves their rows.
func RemoveContents(ctx context.Context, s store.Store, channelID string, ids []int64) (int, error) {
	count := 0
	for len(ids) > 0 {
		n := min(len(ids), store.RemoveAtOnce)
		if err := s.RemoveContents(ctx, channelID, ids[:n]); err != nil {
			return count, err
		}
		count += n
		ids = ids[n:]
	}
	return count, nil
}
