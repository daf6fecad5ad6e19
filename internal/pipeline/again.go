package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/attach"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// Again says how a message is processed once more.
type Again struct {
	// Replace has the message begin anew under its own id, in place of what it had;
	// otherwise its text is received as a new message that names this one.
	Replace      bool
	Destinations []int // metadata ids; nil means all
}

// Reprocess takes the raw text of a stored message through the whole channel once
// more, as a user asks. The reply is what a sender would have been told.
func (c *Channel) Reprocess(ctx context.Context, id int64, how Again) (weir.Reply, error) {
	c.inflight.enter()
	defer c.inflight.leave()
	if err := c.accepts(true); err != nil {
		return weir.Reply{}, err
	}
	if err := c.areDestinations(how.Destinations); err != nil {
		return weir.Reply{}, err
	}
	m, err := c.stored(ctx, id)
	if err != nil {
		return weir.Reply{}, err
	}
	in, err := c.once(ctx, m, how)
	if err != nil {
		return weir.Reply{}, err
	}
	if closer, ok := in.Stream.(io.Closer); ok {
		defer closer.Close()
	}
	taken, err := c.extract(ctx, &in)
	if err != nil {
		return weir.Reply{}, err
	}
	if how.Replace {
		return c.beginAnew(ctx, id, in, taken, how.Destinations)
	}
	w, ticket := c.arrive(in, nil)
	w.m.OriginalID, w.extracted = id, taken
	return c.take(w, ticket, c.keep)
}

// stored reads a message that a user names.
func (c *Channel) stored(ctx context.Context, id int64) (*weir.Message, error) {
	m, err := c.store.Message(ctx, c.Config.ID, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, &weir.Fault{Channel: c.Config.Name, MessageID: id, Err: err,
			Hint: "See which there are with weir message list; it may have been removed."}
	case err != nil:
		return nil, c.fault("", err)
	case m.Connector(0) == nil:
		return nil, &weir.Fault{Channel: c.Config.Name, MessageID: id, Err: errors.New("the message has no source")}
	}
	return m, nil
}

func (c *Channel) areDestinations(ids []int) error {
	for _, id := range ids {
		if c.destination(id) == nil {
			return c.fault("", &weir.Fault{Err: fmt.Errorf("the channel has no destination %d that is enabled", id),
				Hint: "See the destinations with weir channel status."})
		}
	}
	return nil
}

// once makes what the source had handed over when the message first came, with
// its attachments back in their places.
func (c *Channel) once(ctx context.Context, m *weir.Message, how Again) (in weir.Inbound, err error) {
	src := m.Connector(0)
	if !src.Contents[weir.Raw].Set {
		return in, &weir.Fault{Channel: c.Config.Name, MessageID: m.ID, Err: errors.New("its raw content is not kept"),
			Hint: "Only messages whose raw content was stored, and was not removed since, can be reprocessed."}
	}
	c.decodeMaps(src)
	in = weir.Inbound{Text: src.Text(weir.Raw), Binary: isBinary(c.sourceExec.Inbound), SourceMap: src.SourceMap, Destinations: how.Destinations, Force: true}
	content, err := c.reopened(ctx, m, in.Text)
	switch {
	case err != nil:
	case content != nil:
		in.Text, in.Stream = "", content
	default:
		in.Text, err = c.reattached(ctx, m, in.Text, in.Binary)
	}
	if err != nil {
		return in, c.fault("Source", fmt.Errorf("putting the attachments of message %d back: %w", m.ID, err))
	}
	if in.SourceMap == nil {
		in.SourceMap = map[string]any{}
	}
	in.SourceMap["reprocessed"], in.SourceMap["replaced"] = true, how.Replace
	return in, nil
}

// reattached is the text of a message with its attachments back in their places.
func (c *Channel) reattached(ctx context.Context, m *weir.Message, text string, binary bool) (string, error) {
	src := m.Connector(0)
	if binary {
		attachments, err := Attachments(ctx, c.store, m.ChannelID, m.ID)
		if err == nil {
			text, err = attach.Object(src, attachments)
		}
		if err != nil {
			return "", err
		}
	}
	if !attach.Has(text) {
		return text, nil
	}
	return c.Reattach(ctx, src, text, script.Reattach{})
}

// beginAnew has a message begin anew under its id. What other destinations than the
// chosen ones have of it stays.
func (c *Channel) beginAnew(ctx context.Context, id int64, in weir.Inbound, taken extracted, chosen []int) (reply weir.Reply, err error) {
	w := c.newWork(in, c.now())
	w.identify(id)
	w.extracted = taken
	defer func() { c.drop(w.large) }() // what is not kept
	c.changing.Lock()
	unlock := c.changing.Unlock
	defer func() { unlock() }()
	m, err := c.stored(ctx, id) // as it is now
	if err != nil {
		return weir.Reply{}, err
	}
	w.m.Received, w.m.OriginalID = m.Received, m.OriginalID
	var old []*weir.ConnectorMessage
	for _, cm := range m.Connectors {
		if cm.MetaDataID == 0 || chosen == nil || slices.Contains(chosen, cm.MetaDataID) {
			old = append(old, cm)
		}
	}
	restore, err := c.withhold(m, old)
	if err != nil {
		return weir.Reply{}, err
	}
	var ticket uint64
	c.arriving.Lock()
	if c.sourceQueue != nil {
		c.sourceQueue.announce(id)
	} else {
		ticket = c.gate.next()
	}
	c.arriving.Unlock()
	return c.take(w, ticket, func(w *work) error {
		err := c.keepAnew(w, old)
		restore(err != nil)
		unlock()
		unlock = func() {}
		return err
	})
}

// withhold takes a message out of the queues that its old connector messages wait
// in. What it returns is called when those are gone, or not after all.
func (c *Channel) withhold(m *weir.Message, old []*weir.ConnectorMessage) (restore func(failed bool), err error) {
	busy := func(connector string) error {
		return &weir.Fault{Channel: c.Config.Name, Connector: connector, MessageID: m.ID, Err: errors.New("the message is being processed just now"),
			Hint: "Try again when it has come to its end, or reprocess it as a new message."}
	}
	if !m.Processed {
		return nil, busy("Source")
	}
	var held []*queue
	restore = func(failed bool) {
		for _, q := range held {
			q.restore(m.ID, failed)
		}
	}
	for _, cm := range old {
		d := c.destination(cm.MetaDataID)
		switch {
		case cm.Status == weir.Pending, cm.Status == weir.Queued && d != nil && d.queue != nil && !d.queue.withhold(m.ID):
			restore(true)
			return nil, busy(cm.ConnectorName)
		case cm.Status == weir.Queued && d != nil && d.queue != nil:
			held = append(held, d.queue)
		}
	}
	return restore, nil
}

// keepAnew saves the beginning of a message in place of what it had. As in Mirth,
// what the old connector messages counted no longer counts.
func (c *Channel) keepAnew(w *work, old []*weir.ConnectorMessage) error {
	ch := c.change(w, nil, w.m.Connectors)
	ch.Insert, ch.DropAttachments, ch.ForgetImport = false, true, w.m.ImportID == 0
	ch.Connectors[0].Insert, ch.Connectors[0].Drop = false, true
	ch.Terms = c.terms(w.src)
	for _, cm := range old {
		if cm.MetaDataID != 0 {
			ch.RemoveConnectors = append(ch.RemoveConnectors, cm.MetaDataID)
		}
		ch.Counts[cm.MetaDataID] = ch.Counts[cm.MetaDataID].Add(counted(nil, cm.Status).Negative())
	}
	return c.saveFirst(w, ch)
}

// Resend has one destination deliver again what it has of a stored message, as it
// was encoded; no filter and no transformer runs. With a queue the message takes a
// place at its end, and the status returned is QUEUED.
func (c *Channel) Resend(ctx context.Context, id int64, metaDataID int) (weir.Status, error) {
	c.inflight.enter()
	defer c.inflight.leave()
	if err := c.accepts(true); err != nil {
		return 0, err
	}
	if err := c.areDestinations([]int{metaDataID}); err != nil {
		return 0, err
	}
	d := c.destination(metaDataID)
	c.changing.Lock()
	defer c.changing.Unlock()
	m, err := c.stored(ctx, id)
	if err != nil {
		return 0, err
	}
	w := c.loaded(m)
	cm := w.slots[d.index]
	if err := d.resendable(m, cm); err != nil {
		return 0, &weir.Fault{Channel: c.Config.Name, Connector: d.cfg.Name, MessageID: id, Err: err,
			Hint: "Reprocess it for this destination instead, which runs its filter and transformer again."}
	}
	delete(cm.ConnectorMap, deadLetterChannel)
	delete(cm.ConnectorMap, deadLetterMessage)
	cm.ResponseDate = time.Time{} // so that the queue does not wait for the retry interval
	c.log.Info("A message is sent again", "connector", d.cfg.Name, "message", id)
	run := c.running()
	if d.queue != nil {
		d.enqueue(cm)
		d.queue.announce(id)
		if err := c.saveOnce(w, c.change(w, nil, []*weir.ConnectorMessage{cm}), []*weir.ConnectorMessage{cm}); err != nil {
			d.queue.withdraw(id)
			return 0, c.fault(d.cfg.Name, fmt.Errorf("message %d was not queued: %w", id, err))
		}
		alone := w.only(d)
		d.queue.confirm(id, alone, d.bucket(alone))
		return weir.Queued, nil
	}
	d.once(run, w, cm)
	if err := c.save(run.ctx, w, false, cm); err != nil {
		return 0, c.fault(d.cfg.Name, fmt.Errorf("the outcome of message %d was not kept: %w", id, err))
	}
	if w.cut.Load() {
		return 0, c.fault(d.cfg.Name, errHalted)
	}
	d.completed(run.ctx, w)
	return cm.Status, nil
}

// resendable says why there is nothing that could be delivered again.
func (d *destination) resendable(m *weir.Message, cm *weir.ConnectorMessage) error {
	switch {
	case cm == nil:
		return errors.New("the message did not go to this destination")
	case !m.Processed || cm.Status == weir.Queued || cm.Status == weir.Pending:
		return errors.New("the message is still on its way")
	case cm.Status == weir.Filtered:
		return errors.New("the destination's filter rejected the message")
	case !cm.Contents[weir.Encoded].Set:
		return errors.New("what was sent is not kept")
	}
	return nil
}

// once delivers a message as it was encoded, with the templates as they were.
func (d *destination) once(run *running, w *work, cm *weir.ConnectorMessage) {
	defer d.conclude(run.ctx, w, cm)
	defer d.caught(cm)
	var resolved map[string]string
	if strings.HasPrefix(cm.Text(weir.SentContent), "{") {
		resolved = d.resolvedOf(cm)
	} else {
		resolved = d.resolve(cm)
	}
	cm.Status = weir.Received
	thread := d.senders.take()
	defer d.senders.give(thread)
	d.deliver(run.ctx, run.ctx, w, cm, resolved, d.settings.RetryCount, d.threads.count+thread)
}
