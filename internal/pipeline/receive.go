package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/weir-health/weir"
)

// Receive takes one message, or one batch, from the source, another channel or
// a user. When it returns without an error the message is on disk; an error
// means "not kept, do not acknowledge".
func (c *Channel) Receive(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
	c.inflight.enter()
	defer c.inflight.leave()
	if err := c.accepts(in.Force); err != nil {
		return weir.Reply{}, err
	}
	if c.sourceSettings.ProcessBatch {
		return c.receiveBatch(ctx, in)
	}
	return c.receiveOne(ctx, in)
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
			Err:  errors.New("a binary message cannot be split as a batch"),
			Hint: "Turn batch processing or binary off.",
		})
	}
	split := c.sourceExec.Inbound.(weir.Splitter)
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
	for text, err := range split.Split(in.Text) {
		if err != nil {
			return last, c.fault("Source", fmt.Errorf("splitting the batch after %d messages: %w", count, err))
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
	w := c.arrive(in, batchID)
	if c.sourceQueue != nil {
		return c.receiveQueued(ctx, w)
	}
	if err := c.keep(ctx, w); err != nil {
		c.gate.skip(w.ticket)
		return weir.Reply{}, c.notKept(w, err)
	}
	c.gate.enter(w.ticket)
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
func (c *Channel) arrive(in weir.Inbound, batchID *int64) *work {
	c.arriving.Lock()
	defer c.arriving.Unlock()
	id := c.lastID.Add(1)
	w := c.newWork(id, in)
	if batchID != nil {
		if *batchID == 0 {
			*batchID = id
		}
		w.src.SourceMap["batchId"] = *batchID
	}
	w.src.SourceMap["destinationSet"] = destinationSet(w.set)
	if c.sourceQueue != nil {
		c.sourceQueue.announce(id)
	} else {
		w.ticket = c.gate.next()
	}
	return w
}

// receiveQueued keeps the message, chooses the response at once and leaves the
// rest to the source queue.
func (c *Channel) receiveQueued(ctx context.Context, w *work) (weir.Reply, error) {
	c.selectResponse(w)
	if err := c.keep(ctx, w); err != nil {
		c.sourceQueue.withdraw(w.m.ID)
		return weir.Reply{}, c.notKept(w, err)
	}
	reply := c.replyOf(w)
	c.sourceQueue.confirm(w.m.ID, w, 0)
	return reply, nil
}

// replyOf is what the source is to tell the sender.
func (c *Channel) replyOf(w *work) weir.Reply {
	reply := weir.Reply{MessageID: w.m.ID, Response: w.reply}
	if !c.keeps.rows || w.reply == nil || c.sourceQueue != nil {
		return reply
	}
	reply.Failed = func(err error) {
		w.src.Set(weir.ResponseError, err.Error(), "")
		if err := c.save(c.running().ctx, w, true, w.src); err != nil {
			c.log.Error("The failed reply could not be recorded", "message", w.m.ID, "error", err)
		}
	}
	return reply
}
