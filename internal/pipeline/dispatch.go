package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// The destination queue: threads that take the messages of a destination one
// after another and deliver them, as often as it takes.

// dispatch is one thread of a destination's queue. It ends when the queues do,
// after the message it has in hand; halting cuts a send short.
func (d *destination) dispatch(run *running, thread int) {
	bucket := anyBucket
	if d.settings.ThreadAssignmentVariable != "" {
		bucket = thread
	}
	inHand := d.inHand()
	var recording sync.WaitGroup
	defer recording.Wait()
	for {
		it := d.queue.take(d.until, bucket, d.bucket)
		if it == nil {
			return
		}
		if run.found(it) && it.ordinal < inHand {
			it.w.repeated = true
		}
		if !d.work(run, it, thread, &recording) {
			return
		}
	}
}

// recordAtOnce is how many messages of a destination may be delivered and not yet recorded,
// beside those in the hands of its threads: while the outcome of one is being saved,
// its thread goes on with the next.
const recordAtOnce = 32

// inHand is how many of the messages that are found in the queue after the engine did not
// stop in order may have been in its threads' hands, and so may have been delivered,
// counted in order of their ids. Threads take the first of the queue, or with thread
// assignment some of its window, and what was delivered may not have been recorded; and of those before it in order of ids, a message
// overtakes on its way to the queue no more than are processed beside it.
func (d *destination) inHand() int64 {
	beside := int64(max(d.c.sourceSettings.ProcessingThreads, 1) - 1)
	switch {
	case d.settings.Rotate: // what failed has gone behind all others
		return math.MaxInt64
	case d.settings.ThreadAssignmentVariable != "":
		return int64(d.queue.limit) + beside
	}
	return int64(d.threads.count) + recordAtOnce + beside
}

// found reports whether a message was left in a queue by an engine that did not
// stop in order.
func (run *running) found(it *item) bool {
	return run.unclean && it.w.fromStore && it.id <= run.lastID
}

// work delivers one queued message until it is done, or gives it back. It reports
// whether the thread may go on with others, while the outcome may still be recorded.
func (d *destination) work(run *running, it *item, thread int, recording *sync.WaitGroup) bool {
	w, cm := it.w, it.w.slots[d.index]
	for {
		if wait := d.wait(run, cm); wait > 0 && !pause(d.until, wait) {
			d.queue.release(it, false)
			return true
		}
		if d.queue.isGone(it) { // a removed message is not tried again
			d.queue.done(it)
			return true
		}
		d.attempt(run, w, cm, thread)
		waiting := cm.Status == weir.Queued
		if !waiting && !w.cut.Load() {
			return d.record(run, it, recording)
		}
		// With rotation the message may be read back from the store soon.
		err := d.c.save(run.ctx, w, waiting && !d.settings.Rotate, cm)
		switch {
		case errors.Is(err, store.ErrNotFound):
			d.queue.done(it) // somebody has removed the message
			return true
		case err != nil:
			d.unrecorded(w, err)
			return false
		case w.cut.Load(), d.until.Err() != nil:
			d.queue.release(it, false)
			return true
		case d.settings.Rotate:
			d.queue.release(it, true)
			return true
		}
	}
}

// record saves the outcome of a message that is done, while its thread goes on: the
// message keeps its place until then. A thread whose deliveries cannot be recorded ends.
func (d *destination) record(run *running, it *item, recording *sync.WaitGroup) bool {
	d.queue.sent(it)
	d.recording <- struct{}{}
	recording.Go(func() {
		defer func() { <-d.recording }()
		err := d.c.save(run.ctx, it.w, false, it.w.slots[d.index])
		if err != nil && !errors.Is(err, store.ErrNotFound) { // that is, somebody has removed the message
			d.unrecorded(it.w, err)
			return
		}
		d.queue.done(it)
		if err == nil {
			d.completed(run.ctx, it.w)
		}
	})
	return !d.broken.Load()
}

// unrecorded says that a message is done and that this could not be saved: the channel is
// halted, or the store closed. It stays in hand: it was sent, and nobody may send it again
// before the next start.
func (d *destination) unrecorded(w *work, err error) {
	d.broken.Store(true)
	d.c.log.Error("A delivery could not be recorded; its queue thread ends", "connector", d.cfg.Name, "message", w.m.ID, "error", err)
}

// wait is how long a message has to wait for its next attempt: until the retry
// interval has passed since the last one, here or before queueing. What is left
// from before the channel was started is tried at once.
func (d *destination) wait(run *running, cm *weir.ConnectorMessage) time.Duration {
	now := d.c.now()
	if cm.SendAttempts == 0 || cm.ResponseDate.Before(run.began(now)) {
		return 0
	}
	return min(d.settings.RetryInterval-now.Sub(cm.ResponseDate), d.settings.RetryInterval)
}

// attempt sends a queued message once, after another run of filter and
// transformer and new templates where the destination asks for that.
func (d *destination) attempt(run *running, w *work, cm *weir.ConnectorMessage, thread int) {
	d.again(run, w, cm, thread)
	d.conclude(run.ctx, w, cm)
}

func (d *destination) again(run *running, w *work, cm *weir.ConnectorMessage, thread int) {
	defer d.caught(cm)
	ctx := run.ctx
	var resolved map[string]string
	switch s := &d.settings; {
	case s.RegenerateTemplate && s.IncludeFilterTransformer:
		cm.ConnectorMap = map[string]any{}
		var ok bool
		if resolved, ok = d.prepare(ctx, w, cm); !ok {
			return
		}
		cm.Status = weir.Queued
	case !cm.Contents[weir.Encoded].Set:
		d.c.failed(cm, weir.ProcessingError, "Queue error", &weir.Fault{
			Err:  errors.New("the message was queued untransformed, but the destination no longer runs filter and transformer on its queue"),
			Hint: "Turn both queue options on again and resend the message.",
		})
		cm.ResponseMap[d.key] = weir.Response{Status: weir.Error, StatusMessage: "Queue error", Error: cm.Text(weir.ProcessingError)}
		return
	case s.RegenerateTemplate:
		resolved = d.resolve(cm)
	default:
		resolved = d.resolvedOf(cm)
	}
	d.deliver(ctx, d.until, w, cm, resolved, 0, thread)
}

// completed applies the removal of contents and attachments when the last queued destination is done.
func (d *destination) completed(ctx context.Context, w *work) {
	c := d.c
	if p := &c.Config.Properties; !p.RemoveContentOnCompletion && !p.RemoveAttachmentsOnCompletion {
		return
	}
	m, err := c.store.Message(ctx, w.m.ChannelID, w.m.ID)
	if err == nil {
		err = c.forget(m)
	}
	if err != nil {
		c.log.Warn("Contents and attachments are kept: they could not be removed on completion", "message", w.m.ID, "error", err)
	}
}

// forget removes contents and attachments of a message that is settled.
func (c *Channel) forget(m *weir.Message) error {
	drop, attachments := c.forgets(m), c.forgetsAttachments(m)
	ch := &store.Change{Message: m, Lazy: true, DropAttachments: attachments, EncryptMetaData: c.Config.Properties.EncryptMetaData}
	for _, cm := range m.Connectors {
		if drop != nil && drop(cm) {
			ch.Connectors = append(ch.Connectors, store.ConnectorChange{Connector: cm, Drop: true})
		}
	}
	if len(ch.Connectors) == 0 && !attachments {
		return nil
	}
	return c.store.Save(context.Background(), ch)
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
	return d.c.refilled(messages, err, d.cfg.Name)
}

// refillSource reads messages that wait to be processed from the store.
func (c *Channel) refillSource(ctx context.Context, after int64, limit int) ([]*work, error) {
	messages, err := c.store.Unfinished(ctx, c.Config.ID, after, limit)
	return c.refilled(messages, err, "Source")
}

func (c *Channel) refilled(messages []*weir.Message, err error, connector string) ([]*work, error) {
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			c.log.Error("The queue cannot be read from the store; it is tried again", "connector", connector, "error", err)
		}
		return nil, err
	}
	works := make([]*work, 0, len(messages))
	for _, m := range messages {
		w := c.loaded(m)
		if w == nil {
			return works, fmt.Errorf("message %d has no source", m.ID)
		}
		works = append(works, w)
	}
	return works, nil
}

// The source queue: messages whose sender was answered at once.

// drain is one thread of the source queue.
func (c *Channel) drain(run *running) {
	for {
		it := c.sourceQueue.take(run.queues, anyBucket, noBucket)
		if it == nil {
			return
		}
		w := it.w
		w.repeated = run.found(it) && it.ordinal < int64(c.sourceSettings.ProcessingThreads)
		announced := c.process(run.ctx, w)
		err := c.settle(run.ctx, w, announced)
		switch {
		case err == nil, errors.Is(err, store.ErrNotFound): // or somebody has removed it
			c.sourceQueue.done(it)
		default: // it stays in hand: nobody may begin it again before the next start
			c.log.Warn("The message stays in the source queue", "message", w.m.ID, "error", err)
			return
		}
	}
}

func noBucket(*work) int { return 0 }

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
