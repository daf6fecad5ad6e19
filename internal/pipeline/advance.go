package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
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
	if w.cut.Load() {
		return nil
	}
	for _, d := range c.destinations {
		if cm := w.slots[d.index]; cm != nil && cm.Status == weir.Queued {
			d.queue.announce(w.m.ID)
			announced = append(announced, d)
		}
	}
	if announced != nil {
		w.merge()
	}
	return announced
}

// errHalted is why a message did not come to its end.
var errHalted = errors.New("the channel was halted; the message is finished when it is started again")

// settle saves a processed message and makes it available to the queues it is in.
func (c *Channel) settle(ctx context.Context, w *work, announced []*destination) error {
	if w.cut.Load() {
		return errors.Join(errHalted, c.saveCut(ctx, w))
	}
	ch := c.change(w, c.forgets(w.m), w.m.Connectors)
	ch.DropAttachments = c.forgetsAttachments(w.m)
	err := c.saveChange(ctx, w, ch, false, w.m.Connectors)
	for _, d := range announced {
		if err != nil {
			d.queue.withdraw(w.m.ID)
			continue
		}
		alone := w.only(d)
		d.queue.confirm(w.m.ID, alone, d.bucket(alone))
	}
	return err
}

// saveCut keeps what a halted channel has done with a message: what was sent is
// not sent again, and what may have been sent is marked.
func (c *Channel) saveCut(ctx context.Context, w *work) error {
	if w.src.Status == weir.Received || !c.keeps.recovers {
		return nil // it begins anew
	}
	return c.save(ctx, w, false, w.m.Connectors...)
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
	if !w.cut.Load() {
		c.finish(ctx, w)
	}
	w.m.Processed = !w.cut.Load()
}

// halted reports whether the channel was halted, and then leaves the message to
// the next start.
func (w *work) halted(ctx context.Context) bool {
	if ctx.Err() == nil {
		return false
	}
	w.cut.Store(true)
	return true
}

// caught, deferred, turns a panic of a data type or the engine into an error of
// the message: one message must not end the engine.
func (c *Channel) caught(cm *weir.ConnectorMessage, kind weir.ContentType) {
	if p := recover(); p != nil {
		c.broken(cm, kind, p)
	}
}

func (c *Channel) broken(cm *weir.ConnectorMessage, kind weir.ContentType, p any) {
	c.failure(cm.ConnectorName, cm.MessageID, p)
	cm.Set(kind, fmt.Sprintf("Internal error\n%v", p), "")
	if kind != weir.PostprocessorError {
		cm.Status = weir.Error
	}
}

// failure reports a panic of the engine or of a data type.
func (c *Channel) failure(connector string, message int64, p any) {
	c.log.Error("The engine failed in a way it should not; please report this", "connector", connector,
		"message", message, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
}

// runSource runs preprocessor, filter and transformer of the source.
func (c *Channel) runSource(ctx context.Context, w *work) {
	src := w.src
	if w.halted(ctx) {
		return
	}
	defer c.caught(src, weir.ProcessingError)
	text, err := c.preprocess(ctx, w)
	if err != nil {
		if !w.halted(ctx) {
			c.failed(src, weir.ProcessingError, "Preprocessor error", err)
		}
		return
	}
	if d, ok := c.sourceExec.Inbound.(weir.Describer); ok {
		maps.Copy(src.ConnectorMap, d.Describe(c.headOf(w, text)))
	}
	if c.sourceExec.Active() {
		c.mayNarrow(w)
	}
	c.transform(ctx, w, src, c.sourceExec, text, script.Scope{
		Context: "SOURCE_FILTER_TRANSFORMER", DestinationSet: w.set,
	}, weir.Transformed)
	c.narrowed(w)
	c.metaData(src)
}

// mayNarrow gives a message a destination set of its own before scripts get it.
func (c *Channel) mayNarrow(w *work) {
	if w.set == c.all {
		w.set = c.setOf(nil)
	}
}

// narrowed shows in the source map what scripts have left of the destination set.
func (c *Channel) narrowed(w *work) {
	if w.set == c.all {
		return
	}
	before, _ := w.src.SourceMap[destinationSetKey].([]any)
	if now := listed(w.set); len(now) != len(before) {
		w.src.SourceMap[destinationSetKey] = now
		w.src.Contents[weir.SourceMapContent] = weir.Content{} // encoded anew when it is saved
	}
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
		c.mayNarrow(w)
		v, err := p.Run(ctx, c.scope(w.src, script.Scope{Context: context, DestinationSet: w.set, Vars: map[string]any{"message": text}}))
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
// status passed when it was accepted. It reports whether it was.
func (c *Channel) transform(ctx context.Context, w *work, cm *weir.ConnectorMessage, e *transform.Executor, text string, scope script.Scope, passed weir.Status) bool {
	var full *script.Scope
	if e.Active() {
		full = c.scope(cm, scope)
		cm.Contents[weir.TransformedContent] = weir.Content{}
		cm.Derive = func() (string, error) { return e.Serialize(text) }
	}
	res, err := e.Run(ctx, full, text)
	if err != nil && w.halted(ctx) {
		return false
	}
	// The transformed form that follows from the encoded one is made when
	// somebody looks at it; kept is no more than the hint it takes.
	cm.Contents[weir.TransformedContent], cm.Derive = weir.Content{}, nil
	switch {
	case res.Derived:
		cm.Derive = func() (string, error) { return e.Derive(res.Encoded, res.Hint) }
		if res.Hint != "" {
			cm.Set(weir.TransformedContent, res.Hint, weir.DerivedType)
		}
	case res.HasTransformed:
		cm.Set(weir.TransformedContent, res.Transformed, e.OutboundName())
	}
	switch {
	case err != nil:
		c.failed(cm, weir.ProcessingError, stage(err), err)
	case !res.Accepted:
		cm.Status = weir.Filtered
	default:
		cm.Set(weir.Encoded, res.Encoded, e.OutboundName())
		cm.Status = passed
		return true
	}
	return false
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
	c.tell(kindOf(what), cm, what, err)
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
		if w.halted(ctx) {
			return
		}
		cm := w.slots[d.index]
		if cm == nil {
			cm = c.begin(w, d, before)
		}
		if cm.Status == weir.Received || cm.Status == weir.Pending {
			d.advance(ctx, w, cm)
			if w.cut.Load() {
				return
			}
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
		SourceMap: c.sourceMapFor(w.src), ChannelMap: clone(before.ChannelMap),
		ConnectorMap: map[string]any{}, ResponseMap: clone(before.ResponseMap),
	}
	cm.Contents[weir.Raw] = w.src.Contents[weir.Encoded]
	w.slots[d.index] = cm
	return cm
}

// sourceMapFor is the source map that a destination gets. A script that reads
// from a map may change the form of what it holds, so each has its own.
func (c *Channel) sourceMapFor(src *weir.ConnectorMessage) map[string]any {
	if len(c.destinations) == 1 {
		return src.SourceMap
	}
	return maps.Clone(src.SourceMap)
}

func clone(m map[string]any) map[string]any {
	if len(m) == 0 {
		return map[string]any{}
	}
	return maps.Clone(m)
}

// saveBetween records a destination while others are still to come, without
// waiting for the disk: a crash then repeats fewer deliveries. One that is
// queued has not got its place in the queue yet, and must not be found there.
func (c *Channel) saveBetween(ctx context.Context, w *work, cm *weir.ConnectorMessage) {
	if !c.keeps.recovers || cm.Status == weir.Queued {
		return
	}
	if err := c.saveWithSource(ctx, w, true, cm); err != nil {
		c.log.Warn("A destination's result could not be recorded yet", "connector", cm.ConnectorName, "message", w.m.ID, "error", err)
	}
}

// saveWithSource saves a destination's part of a message that is under way, and
// the source's, if it is not yet on record that it is done.
func (c *Channel) saveWithSource(ctx context.Context, w *work, lazy bool, cm *weir.ConnectorMessage) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kept[0].status != w.src.Status {
		return c.save(ctx, w, lazy, cm, w.src)
	}
	return c.save(ctx, w, lazy, cm)
}

// finish merges the response maps, runs the postprocessors and chooses the response.
func (c *Channel) finish(ctx context.Context, w *work) {
	defer c.caught(w.src, weir.PostprocessorError)
	for _, cm := range w.m.Connectors[1:] {
		maps.Copy(w.src.ResponseMap, cm.ResponseMap)
	}
	c.postprocess(ctx, w)
	if c.sourceQueue == nil && !w.cut.Load() {
		c.selectResponse(w)
	}
}

func (c *Channel) postprocess(ctx context.Context, w *work) {
	var answer *weir.Response
	run := func(p *script.Program, context string) error {
		if p == nil {
			return nil
		}
		scope := c.scope(nil, script.Scope{Context: context, Whole: w.m})
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
	if err != nil && w.halted(ctx) {
		return
	}
	if err != nil {
		w.src.Set(weir.PostprocessorError, errorText("Postprocessor error", err), "")
		c.log.Error("Postprocessor error", "message", w.m.ID, "error", err)
		c.tell(PostprocessorError, w.src, "Postprocessor error", err)
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
