package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/weir-health/weir"
)

// The destination queue: threads that take the messages of a destination one
// after another and deliver them, as often as it takes.

// dispatch is one thread of a destination's queue. It ends when queues does,
// after the message it has in hand; halt cuts a send short.
func (d *destination) dispatch(queues, halt context.Context, thread int) {
	bucket := anyBucket
	if d.settings.ThreadAssignmentVariable != "" {
		bucket = thread
	}
	first := true
	for {
		it := d.queue.take(queues, bucket, d.bucket)
		if it == nil {
			return
		}
		// What this thread had in hand when the engine last ended may have been
		// delivered: it was the first of those that it could take.
		it.w.repeated = it.w.repeated || d.c.engine.Unclean && it.w.fromStore && (first || d.settings.Rotate)
		first = false
		d.work(queues, halt, it, thread)
	}
}

// work delivers one queued message until it is done, or gives it back.
func (d *destination) work(queues, halt context.Context, it *item, thread int) {
	w, cm := it.w, it.w.slots[d.index]
	for {
		if d.mustWait(it, cm) && !pause(queues, d.settings.RetryInterval) {
			d.queue.release(it, false)
			return
		}
		d.attempt(halt, w, cm, thread)
		waiting := cm.Status == weir.Queued
		if err := d.c.save(halt, w, waiting, cm); err != nil {
			d.queue.release(it, false)
			return
		}
		if !waiting {
			d.queue.done(it)
			d.completed(halt, w)
			return
		}
		it.tried = true
		if d.settings.Rotate {
			d.queue.release(it, true)
			return
		}
		if queues.Err() != nil {
			d.queue.release(it, false)
			return
		}
	}
}

// mustWait reports whether the retry interval has to pass before a message is
// tried: it has just failed, here or when it was sent before queueing. A message
// found in the store after a start is tried at once.
func (d *destination) mustWait(it *item, cm *weir.ConnectorMessage) bool {
	if it.tried {
		return true
	}
	return cm.SendAttempts > 0 && !it.w.fromStore
}

// attempt sends a queued message once, after another run of filter and
// transformer and new templates where the destination asks for that.
func (d *destination) attempt(ctx context.Context, w *work, cm *weir.ConnectorMessage, thread int) {
	s := d.settings
	again := s.RegenerateTemplate && s.IncludeFilterTransformer
	switch {
	case again:
		d.restart(cm)
		cm.Status = weir.Received
		if !d.prepare(ctx, w, cm) {
			return
		}
	case !cm.Contents[weir.Encoded].Set:
		err := &weir.Fault{
			Err:  fmt.Errorf("the message was queued untransformed, but the destination no longer runs filter and transformer on its queue"),
			Hint: "Turn both queue options on again and resend the message.",
		}
		d.c.failed(cm, weir.ProcessingError, "Queue error", err)
		return
	case s.RegenerateTemplate:
		d.resolve(cm)
	}
	d.deliver(ctx, w, cm, 0, thread)
}

// completed applies content removal when the last queued destination is done.
func (d *destination) completed(ctx context.Context, w *work) {
	c := d.c
	if !c.Config.Properties.RemoveContentOnCompletion {
		return
	}
	m, err := c.store.Message(ctx, w.m.ChannelID, w.m.ID)
	if err != nil {
		c.log.Warn("Contents are kept: the message could not be read back", "message", w.m.ID, "error", err)
		return
	}
	whole := &work{m: m, saved: true}
	if !c.forgets(whole) {
		return
	}
	if err := c.forget(ctx, whole); err != nil {
		c.log.Warn("Contents are kept", "message", w.m.ID, "error", err)
	}
}

// bucket is the queue thread that a message belongs to.
func (d *destination) bucket(w *work) int {
	name := d.settings.ThreadAssignmentVariable
	if name == "" {
		return 0
	}
	text := "null"
	if v, ok := d.c.variable(w.slots[d.index], name); ok && v != nil {
		text = textOf(v)
	}
	return d.threads.bucket(text)
}

// refill reads the destination's waiting messages from the store.
func (d *destination) refill(ctx context.Context, after int64, limit int) ([]*work, error) {
	messages, err := d.c.store.Queued(ctx, d.c.Config.ID, d.cfg.MetaDataID, after, limit)
	if err != nil {
		d.c.log.Error("The queue cannot be read from the store; it is tried again", "connector", d.cfg.Name, "error", err)
		return nil, err
	}
	works := make([]*work, 0, len(messages))
	for _, m := range messages {
		w := d.c.loaded(m)
		if w == nil || w.slots[d.index] == nil {
			return works, fmt.Errorf("message %d is in the queue without its source", m.ID)
		}
		w.fromStore = true
		works = append(works, w)
	}
	return works, nil
}

// The source queue: messages whose sender was answered at once.

// drain is one thread of the source queue.
func (c *Channel) drain(queues, halt context.Context) {
	for {
		it := c.sourceQueue.take(queues, anyBucket, func(*work) int { return 0 })
		if it == nil {
			return
		}
		w := it.w
		w.repeated = w.fromStore && c.engine.Unclean
		announced := c.process(halt, w)
		if err := c.settle(halt, w, announced); err != nil {
			c.sourceQueue.release(it, false)
			return
		}
		c.sourceQueue.done(it)
	}
}

// refillSource reads messages that wait to be processed from the store.
func (c *Channel) refillSource(ctx context.Context, after int64, limit int) ([]*work, error) {
	messages, err := c.store.Unfinished(ctx, c.Config.ID, after, limit)
	if err != nil {
		c.log.Error("The source queue cannot be read from the store; it is tried again", "error", err)
		return nil, err
	}
	works := make([]*work, 0, len(messages))
	for _, m := range messages {
		w := c.loaded(m)
		if w == nil {
			return works, fmt.Errorf("message %d has no source", m.ID)
		}
		w.fromStore = true
		works = append(works, w)
	}
	return works, nil
}

// pause waits, and reports whether the time passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
