package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// Receive takes one message, or one batch, from the source, another channel or
// a user. When it returns without an error the message is on disk; an error
// means "not kept, do not acknowledge". A message that is kept is processed, even
// when ctx ends meanwhile: only halting the channel cuts that short.
func (c *Channel) Receive(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
	c.inflight.enter()
	defer c.inflight.leave()
	if err := c.accepts(in.Force); err != nil {
		return weir.Reply{}, err
	}
	if err := ctx.Err(); err != nil {
		return weir.Reply{}, c.fault("Source", err)
	}
	if err := c.fits(int64(len(in.Text))); err != nil {
		return weir.Reply{}, err
	}
	if in.Stream != nil && !c.streams() {
		if err := c.hold(&in); err != nil {
			return weir.Reply{}, err
		}
	}
	if c.sourceSettings.ProcessBatch {
		return c.receiveBatch(ctx, in)
	}
	return c.receiveOne(ctx, in)
}

// receiveFromSource is Receive for the source, which waits while others have their hands
// full. A stream takes next to no memory.
func (c *Channel) receiveFromSource(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
	leave, err := c.engine.Flow.Enter(ctx, len(in.Text))
	if err != nil {
		return weir.Reply{}, c.fault("Source", err)
	}
	defer leave()
	return c.Receive(ctx, in)
}

// awaitRoom waits until the source may read. reading ends when it is stopped.
func (c *Channel) awaitRoom(ctx, reading context.Context) error {
	if c.engine.Flow.Free() {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(reading, cancel)()
	return c.engine.Flow.Await(ctx)
}

func (c *Channel) accepts(force bool) error {
	switch {
	case !c.accepting.Load():
		return c.fault("Source", &weir.Fault{
			Err:  errors.New("the channel is stopped and takes no messages"),
			Hint: "Start the channel.",
		})
	case !force && !c.listening.Load():
		return c.fault("Source", &weir.Fault{
			Err:  errors.New("the channel is paused and takes no messages"),
			Hint: "Start the channel, or send the message as a user.",
		})
	}
	return nil
}

// receiveBatch splits a text and receives each part. The reply is the first
// part's or the last one's. An error stops it; what was received stays.
func (c *Channel) receiveBatch(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
	if in.Binary {
		return weir.Reply{}, c.fault("Source", &weir.Fault{
			Err:  weir.Unusable(errors.New("a binary message cannot be split as a batch")),
			Hint: "Turn batch processing or binary off.",
		})
	}
	var first, last weir.Reply
	var pending string
	count, batchID := 0, int64(0)
	send := func(text string, complete bool) error {
		count++
		part := in
		part.Text = text
		part.SourceMap = make(map[string]any, len(in.SourceMap)+3)
		for k, v := range in.SourceMap {
			part.SourceMap[k] = v
		}
		part.SourceMap["batchSequenceId"] = int32(count)
		part.SourceMap["batchComplete"] = complete
		if in.Key != "" {
			part.Key = fmt.Sprintf("%s part %d", in.Key, count)
		}
		reply, err := c.receivePart(ctx, part, &batchID)
		if err != nil {
			return err
		}
		if count == 1 {
			first = reply
		}
		last = reply
		return nil
	}
	// One part of look-ahead, to know which is the last.
	have := false
	for text, err := range c.parts(in) {
		if err != nil {
			return last, c.fault("Source", weir.Unusable(fmt.Errorf("splitting the batch after %d messages: %w", count, err)))
		}
		if have {
			if err := send(pending, false); err != nil {
				return last, err
			}
		}
		pending, have = text, true
	}
	if have {
		if err := send(pending, true); err != nil {
			return last, err
		}
	}
	if c.sourceSettings.FirstResponse {
		return first, nil
	}
	return last, nil
}

func (c *Channel) receiveOne(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
	return c.receivePart(ctx, in, nil)
}

// receivePart receives one message. batchID, when given, is filled with the id
// of the batch's first message and put into the source map.
func (c *Channel) receivePart(ctx context.Context, in weir.Inbound, batchID *int64) (weir.Reply, error) {
	if key := c.keyOf(ctx, &in); key != "" && c.keeps.rows {
		return c.receiveKeyed(ctx, in, key, batchID)
	}
	return c.receiveNew(ctx, in, "", batchID)
}

// receiveNew receives a message that has not come before.
func (c *Channel) receiveNew(ctx context.Context, in weir.Inbound, key string, batchID *int64) (weir.Reply, error) {
	taken, err := c.extract(ctx, &in)
	if err != nil {
		return weir.Reply{}, err
	}
	w, ticket := c.arrive(in, batchID)
	w.key, w.extracted = key, taken
	return c.take(w, ticket, c.keep)
}

// take keeps a message that has its turn, and processes it or leaves it to the
// source queue.
func (c *Channel) take(w *work, ticket uint64, keep func(*work) error) (weir.Reply, error) {
	if c.sourceQueue != nil {
		return c.receiveQueued(w, keep)
	}
	if err := keep(w); err != nil {
		c.gate.skip(ticket)
		return weir.Reply{}, c.notKept(w, err)
	}
	c.gate.enter(ticket)
	run := c.running()
	announced := c.process(run.ctx, w)
	c.gate.leave()
	if err := c.settle(run.ctx, w, announced); err != nil {
		// The message is kept and will be found unfinished at the next start.
		// Nothing is claimed about it here.
		return weir.Reply{}, c.fault("Source", err)
	}
	return c.replyOf(w), nil
}

func (c *Channel) notKept(w *work, err error) error {
	return &weir.Fault{
		Channel: c.Config.Name, Connector: "Source", MessageID: w.m.ID, Err: fmt.Errorf("the message was not kept: %w", err),
		Hint: "It is not acknowledged, so that the sender sends it again; see to the store.",
	}
}

// arrive gives a message its id, its turn and, with a source queue, its place.
// All three are drawn together, so that they agree on the order.
func (c *Channel) arrive(in weir.Inbound, batchID *int64) (w *work, ticket uint64) {
	w = c.newWork(in, c.now())
	c.arriving.Lock()
	defer c.arriving.Unlock()
	c.lastID++
	w.identify(c.lastID)
	if batchID != nil {
		if *batchID == 0 {
			*batchID = c.lastID
		}
		w.src.SourceMap["batchId"] = *batchID
	}
	if c.sourceQueue != nil {
		c.sourceQueue.announce(w.m.ID)
		return w, 0
	}
	return w, c.gate.next()
}

// receiveQueued keeps the message, chooses the response at once and leaves the
// rest to the source queue.
func (c *Channel) receiveQueued(w *work, keep func(*work) error) (weir.Reply, error) {
	c.selectResponse(w)
	if err := keep(w); err != nil {
		c.sourceQueue.withdraw(w.m.ID)
		return weir.Reply{}, c.notKept(w, err)
	}
	reply := c.replyOf(w)
	w.head = "" // many may wait in the queue
	c.sourceQueue.confirm(w.m.ID, w, 0)
	return reply, nil
}

// replyOf is what the source is to tell the sender.
func (c *Channel) replyOf(w *work) weir.Reply {
	reply := weir.Reply{MessageID: w.m.ID, Response: w.reply}
	if w.m.Processed {
		reply.Lookup = func(name string) (any, bool) { return c.variable(w.merge(), name) }
		reply.Resolve = func(template string) string { return c.replaceWhole(w.merge(), template) }
	}
	if len(c.sourceScripts) > 0 {
		processed := w.m.Processed // soon another thread's, with a source queue
		reply.Run = func(ctx context.Context, name string, vars map[string]any) (any, error) {
			var merged *weir.ConnectorMessage
			scope := script.Scope{Vars: vars}
			if processed { // in Mirth a merged message counts as the source's
				merged, scope.DestinationSet = w.merge(), script.NewDestinationSet(w.set.IDs())
			}
			return c.sourceScripts.run(ctx, c, name, merged, scope)
		}
	}
	if c.keeps.rows && w.reply != nil && c.sourceQueue == nil {
		reply.Failed = func(err error) { c.replyFailed(w, err) }
	}
	return reply
}

// replyFailed records that the sender could not be told. The message may have
// been settled for long, so this writes to a slot of its own.
func (c *Channel) replyFailed(w *work, failure error) {
	w.src.Set(weir.ResponseError, failure.Error(), "")
	ch := &store.Change{Message: w.m, Lazy: true, Encrypt: c.Config.Properties.EncryptData, EncryptMetaData: c.Config.Properties.EncryptMetaData, Connectors: []store.ConnectorChange{
		{Connector: w.src, Slot: 2, Contents: []weir.ContentType{weir.ResponseError}},
	}}
	if err := c.store.Save(context.Background(), ch); err != nil {
		c.log.Error("The failed reply could not be recorded", "message", w.m.ID, "error", err)
	}
}
