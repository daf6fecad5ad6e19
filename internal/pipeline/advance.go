package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/transform"
)

// process takes a message from where it stands to its end, in memory. The
// caller saves it with settle. It returns the destinations in whose queues the
// message has taken a place.
func (c *Channel) process(ctx context.Context, w *work) (announced []*destination) {
	c.advance(ctx, w)
	for _, cm := range w.m.Connectors {
		if cm.Status != weir.Queued || cm.MetaDataID == 0 {
			continue
		}
		d := c.destination(cm.MetaDataID)
		d.queue.announce(w.m.ID)
		announced = append(announced, d)
	}
	return announced
}

// settle saves a processed message and makes it available to the queues it is in.
func (c *Channel) settle(ctx context.Context, w *work, announced []*destination) error {
	err := c.save(ctx, w, false, w.m.Connectors...)
	for _, d := range announced {
		if err != nil {
			d.queue.withdraw(w.m.ID)
			continue
		}
		alone := w.only(d)
		d.queue.confirm(w.m.ID, alone, d.bucket(alone))
	}
	if err == nil && c.forgets(w) {
		err = c.forget(ctx, w)
	}
	return err
}

// only is the same message with one destination, for the threads of its queue.
func (w *work) only(d *destination) *work {
	header := *w.m
	cm := w.slots[d.index]
	header.Connectors = []*weir.ConnectorMessage{w.src, cm}
	slots := make([]*weir.ConnectorMessage, len(w.slots))
	slots[d.index] = cm
	return &work{
		m: &header, src: w.src, set: w.set, slots: slots, saved: true,
		kept: map[int]*kept{cm.MetaDataID: w.kept[cm.MetaDataID]},
	}
}

// advance runs what is left to do. A message begins at its source, or, found
// unfinished, at the first destination of each chain that is not done.
func (c *Channel) advance(ctx context.Context, w *work) {
	if w.src.Status == weir.Received {
		c.runSource(ctx, w)
	}
	if w.src.Status == weir.Transformed {
		c.runChains(ctx, w)
	}
	w.gather()
	c.finish(ctx, w)
	w.m.Processed = true
}

// runSource runs preprocessor, filter and transformer of the source.
func (c *Channel) runSource(ctx context.Context, w *work) {
	src := w.src
	text, err := c.preprocess(ctx, w)
	if err != nil {
		c.failed(src, weir.ProcessingError, "Preprocessor error", err)
		return
	}
	if d, ok := c.sourceExec.Inbound.(weir.Describer); ok {
		maps.Copy(src.ConnectorMap, d.Describe(text))
	}
	c.transform(ctx, w, src, c.sourceExec, text, script.Scope{
		Context: "SOURCE_FILTER_TRANSFORMER", DestinationSet: w.set,
	}, weir.Transformed)
	src.SourceMap["destinationSet"] = destinationSet(w.set)
	c.metaData(src)
}

// preprocess runs the global and the channel's preprocessor, and returns the
// text that goes on.
func (c *Channel) preprocess(ctx context.Context, w *work) (string, error) {
	text := w.src.Text(weir.Raw)
	changed := false
	run := func(p *script.Program, context string) error {
		if p == nil {
			return nil
		}
		v, err := p.Run(ctx, c.scope(w, w.src, script.Scope{Context: context, DestinationSet: w.set, Vars: map[string]any{"message": text}}))
		if err != nil {
			return err
		}
		if v != nil {
			text, changed = textOf(v), true
		}
		return nil
	}
	if g := c.globalScripts(); g != nil {
		if err := run(g.Preprocessor, "GLOBAL_PREPROCESSOR"); err != nil {
			return "", err
		}
	}
	if err := run(c.preprocessor, "CHANNEL_PREPROCESSOR"); err != nil {
		return "", err
	}
	if changed {
		w.src.Set(weir.ProcessedRaw, text, c.sourceExec.InboundName())
	}
	return text, nil
}

func (c *Channel) globalScripts() *GlobalScripts {
	if c.engine.Scripts == nil {
		return nil
	}
	return c.engine.Scripts()
}

// transform runs a filter and transformer and records what came of it: the
// status passed when it was accepted.
func (c *Channel) transform(ctx context.Context, w *work, cm *weir.ConnectorMessage, e *transform.Executor, text string, scope script.Scope, passed weir.Status) bool {
	res, err := e.Run(ctx, c.scope(w, cm, scope), text)
	if res.HasTransformed && !res.Derived {
		cm.Set(weir.TransformedContent, res.Transformed, e.OutboundName())
	}
	if err != nil {
		c.failed(cm, weir.ProcessingError, stage(err), err)
		return false
	}
	if !res.Accepted {
		cm.Status = weir.Filtered
		return false
	}
	if res.Derived {
		// The serialized form is the parse of what follows: Restore makes it when
		// somebody looks at it.
		cm.Contents[weir.TransformedContent] = weir.Content{}
	}
	cm.Set(weir.Encoded, res.Encoded, e.OutboundName())
	cm.Status = passed
	return true
}

// stage says, in Mirth's words, what failed.
func stage(err error) string {
	var s *script.Error
	if errors.As(err, &s) {
		if strings.HasPrefix(s.Part, "rule ") {
			return "Filter error"
		}
		return "Transformer error"
	}
	return "Error converting message or evaluating filter/transformer"
}

// failed puts a connector message into ERROR and keeps why. The log gets no
// more than what holds no message content.
func (c *Channel) failed(cm *weir.ConnectorMessage, kind weir.ContentType, what string, err error) {
	cm.Status = weir.Error
	cm.Set(kind, errorText(what, err), "")
	c.log.Error(what, "connector", cm.ConnectorName, "message", cm.MessageID, "error", err)
}

// errorText is an error as it is kept with the message: what a script threw is
// part of it, since whoever may see the message may see that.
func errorText(what string, err error) string {
	text := what + "\n" + err.Error()
	var s *script.Error
	if errors.As(err, &s) && s.Thrown != "" {
		text += "\n" + s.Thrown
	}
	return text
}

// metaData evaluates the channel's metadata columns for a connector message.
func (c *Channel) metaData(cm *weir.ConnectorMessage) {
	for _, col := range c.Config.Properties.MetaDataColumns {
		v, ok := c.variable(cm, col.Mapping)
		if !ok || v == nil {
			continue
		}
		cast, err := castColumn(col, v)
		if err != nil {
			c.log.Warn("A metadata column is left empty", "column", col.Name, "connector", cm.ConnectorName,
				"message", cm.MessageID, "error", err)
			continue
		}
		if cm.MetaData == nil {
			cm.MetaData = map[string]any{}
		}
		cm.MetaData[col.Name] = cast
	}
}

// runChains runs the chains side by side, the last one on this goroutine.
func (c *Channel) runChains(ctx context.Context, w *work) {
	if len(c.chains) == 1 {
		c.runChain(ctx, w, c.chains[0])
		return
	}
	var side sync.WaitGroup
	for i, chain := range c.chains {
		if i == len(c.chains)-1 {
			c.runChain(ctx, w, chain)
			break
		}
		side.Go(func() { c.runChain(ctx, w, chain) })
	}
	side.Wait()
}

// runChain runs the destinations of a chain one after another. A destination
// that failed before anything was sent ends its chain; one that was filtered,
// queued or could not deliver does not.
func (c *Channel) runChain(ctx context.Context, w *work, chain []*destination) {
	before := w.src
	for i, d := range chain {
		if !w.set.Has(d.cfg.MetaDataID) {
			continue
		}
		cm := w.slots[d.index]
		unfinished := cm == nil || cm.Status == weir.Received || cm.Status == weir.Pending
		if cm == nil {
			cm = c.begin(w, d, before)
		}
		if unfinished {
			if ctx.Err() != nil {
				c.failed(cm, weir.ProcessingError, "The channel was halted", context.Cause(ctx))
				return
			}
			d.advance(ctx, w, cm)
			if i < len(chain)-1 || len(c.chains) > 1 {
				c.saveBetween(ctx, w, cm)
			}
		}
		if cm.Status == weir.Error && cm.SendAttempts == 0 {
			return
		}
		before = cm
	}
}

// begin makes the connector message of a destination: maps as the one before it
// in the chain left them.
func (c *Channel) begin(w *work, d *destination, before *weir.ConnectorMessage) *weir.ConnectorMessage {
	cm := &weir.ConnectorMessage{
		MessageID: w.m.ID, MetaDataID: d.cfg.MetaDataID, ChannelID: c.Config.ID, ConnectorName: d.cfg.Name,
		Received: c.now(), Status: weir.Received, ChainID: d.chain, OrderID: d.order,
		SourceMap: w.src.SourceMap, ChannelMap: maps.Clone(before.ChannelMap),
		ConnectorMap: map[string]any{}, ResponseMap: maps.Clone(before.ResponseMap),
	}
	cm.Contents[weir.Raw] = w.src.Contents[weir.Encoded]
	w.slots[d.index] = cm
	return cm
}

// saveBetween records a destination while others are still to come, without
// waiting for the disk: a crash then repeats fewer deliveries.
func (c *Channel) saveBetween(ctx context.Context, w *work, cm *weir.ConnectorMessage) {
	if !c.keeps.recovers {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	changed := []*weir.ConnectorMessage{cm}
	if w.kept[0] == nil || w.kept[0].status != w.src.Status {
		changed = append(changed, w.src)
	}
	if err := c.save(ctx, w, true, changed...); err != nil {
		c.log.Warn("A destination's result could not be recorded yet", "connector", cm.ConnectorName, "message", w.m.ID, "error", err)
	}
}

// finish merges the response maps, runs the postprocessors and chooses the response.
func (c *Channel) finish(ctx context.Context, w *work) {
	for _, cm := range w.m.Connectors[1:] {
		maps.Copy(w.src.ResponseMap, cm.ResponseMap)
	}
	c.postprocess(ctx, w)
	if c.sourceQueue == nil {
		c.selectResponse(w)
	}
}

func (c *Channel) postprocess(ctx context.Context, w *work) {
	var answer *weir.Response
	run := func(p *script.Program, context string) error {
		if p == nil {
			return nil
		}
		scope := c.scope(w, nil, script.Scope{Context: context, Whole: w.m})
		if context == "GLOBAL_POSTPROCESSOR" {
			scope.Vars = map[string]any{"response": responseOrNil(answer)}
		}
		v, err := p.Run(ctx, scope)
		if err != nil {
			return err
		}
		if r, ok := v.(weir.Response); ok {
			answer = &r
		} else if v != nil {
			answer = &weir.Response{Status: weir.Sent, Message: textOf(v)}
		}
		return nil
	}
	err := run(c.postprocessor, "CHANNEL_POSTPROCESSOR")
	if g := c.globalScripts(); err == nil && g != nil {
		err = run(g.Postprocessor, "GLOBAL_POSTPROCESSOR")
	}
	if err != nil {
		w.src.Set(weir.PostprocessorError, errorText("Postprocessor error", err), "")
		c.log.Error("Postprocessor error", "message", w.m.ID, "error", err)
	}
	if answer != nil {
		w.src.ResponseMap["Postprocessor"] = *answer
	}
}

func responseOrNil(r *weir.Response) any {
	if r == nil {
		return nil
	}
	return *r
}

// forget removes the contents of a completed message.
func (c *Channel) forget(ctx context.Context, w *work) error {
	ch := c.change(w)
	for _, cm := range w.m.Connectors {
		if c.Config.Properties.RemoveOnlyFiltered && cm.Status != weir.Filtered {
			continue
		}
		ch.Connectors = append(ch.Connectors, dropContents(cm))
	}
	if len(ch.Connectors) == 0 {
		return nil
	}
	ch.Lazy = true
	if err := c.store.Save(ctx, ch); err != nil {
		return fmt.Errorf("removing contents on completion: %w", err)
	}
	return nil
}
