package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/transform"
)

// destination is one enabled destination of a deployed channel.
type destination struct {
	c            *Channel
	cfg          *weir.Connector
	chain, order int
	index        int    // in Channel.destinations
	key          string // its name in response maps, such as d1

	typ       weir.DestinationType
	settings  connector.DestinationSettings
	templates []templated // the connector's settings with ${…}
	scripts   ownScripts
	exec      *transform.Executor
	response  *transform.Executor

	conn  weir.Destination // made anew at each start
	guard *guard           // likewise
	queue *queue           // nil when the destination has none

	threads     threadAssignment // of the queue
	until       context.Context  // ends when the queue's threads are to stop after their message
	stop        context.CancelFunc
	dispatching sync.WaitGroup
	recording   chan struct{} // holds a token for each message whose outcome is being saved
	broken      atomic.Bool   // an outcome could not be saved since the queue's threads were started
	stopped     atomic.Bool   // the queue stands still while the channel runs

	senders senders // outside of the queue's threads
}

func (c *Channel) destination(metaDataID int) *destination {
	for _, d := range c.destinations {
		if d.cfg.MetaDataID == metaDataID {
			return d
		}
	}
	return nil
}

func (c *Channel) newDestination(cfg *weir.Connector) (*destination, error) {
	d := &destination{c: c, cfg: cfg, key: "d" + strconv.Itoa(cfg.MetaDataID)}
	typ, ok := c.engine.Destination(cfg.Type)
	if !ok {
		return nil, &weir.Fault{
			Err:  fmt.Errorf("destination type %q is not available", cfg.Type),
			Hint: "Disable the destination, or change it to a type that Weir has.",
		}
	}
	d.typ = typ
	conn := typ.New()
	if _, err := config.Decode(cfg.Settings, conn); err != nil {
		return nil, err
	}
	var err error
	if d.scripts, err = c.ownScripts(conn); err != nil {
		return nil, err
	}
	if d.settings, err = connector.SettingsOfDestination(conn, cfg.Settings); err != nil {
		return nil, err
	}
	if d.templates, err = templatesOf(cfg.Settings, conn); err != nil {
		return nil, err
	}
	if d.exec, err = c.executor(cfg, cfg.Transformer, cfg.Filter, "transformer", "DESTINATION_FILTER_TRANSFORMER", false); err != nil {
		return nil, err
	}
	if cfg.ResponseTransformer.Inbound != "" {
		d.response, err = c.executor(cfg, cfg.ResponseTransformer, nil, "response transformer", "DESTINATION_RESPONSE_TRANSFORMER", true)
		if err != nil {
			return nil, err
		}
	}
	if err := d.checkDeadLetters(); err != nil {
		return nil, err
	}
	if d.settings.QueueEnabled {
		if !c.keeps.destinationQueue {
			return nil, &weir.Fault{
				Err:  fmt.Errorf("the destination queue is on, but message storage %s does not keep what it needs", c.Config.Properties.Storage),
				Hint: "Turn the queue off, or choose message storage Production or Development.",
			}
		}
		d.queue = newQueue(window(d.settings.QueueBufferSize), max(d.settings.ThreadCount, 1), d.refill)
		d.queue.buckets = d.settings.ThreadAssignmentVariable != ""
		d.recording = make(chan struct{}, recordAtOnce)
		d.threads.count = max(d.settings.ThreadCount, 1)
	}
	return d, nil
}

// advance takes a destination's connector message from where it stands as far
// as it goes now: to its end, or into the queue.
func (d *destination) advance(ctx context.Context, w *work, cm *weir.ConnectorMessage) {
	d.proceed(ctx, w, cm)
	d.conclude(ctx, w, cm)
}

func (d *destination) proceed(ctx context.Context, w *work, cm *weir.ConnectorMessage) {
	defer d.caught(cm)
	if cm.Status == weir.Pending {
		d.resume(ctx, w, cm)
		return
	}
	now := d.queue == nil || d.settings.SendFirst && d.queue.length() == 0 && !d.stopped.Load()
	if !now && d.settings.RegenerateTemplate && d.settings.IncludeFilterTransformer {
		d.enqueue(cm) // filter and transformer run on the queue's thread
		return
	}
	resolved, ok := d.prepare(ctx, w, cm)
	if !ok {
		return
	}
	if !now || d.queue != nil && !d.guard.ready() {
		d.enqueue(cm)
		return
	}
	thread := d.senders.take()
	defer d.senders.give(thread)
	d.deliver(ctx, ctx, w, cm, resolved, d.settings.RetryCount, d.threads.count+thread)
}

// caught, deferred, is Channel.caught with the response that goes with it.
func (d *destination) caught(cm *weir.ConnectorMessage) {
	if p := recover(); p != nil {
		d.c.broken(cm, weir.ProcessingError, p)
		cm.ResponseMap[d.key] = weir.Response{Status: weir.Error, StatusMessage: "Internal error", Error: cm.Text(weir.ProcessingError)}
	}
}

// enqueue makes the connector message one of the queue's.
func (d *destination) enqueue(cm *weir.ConnectorMessage) {
	cm.Status = weir.Queued
	r := weir.Response{Status: weir.Queued, StatusMessage: "Message queued successfully"}
	if d.guard.open() {
		r = d.guard.refusal()
	}
	cm.ResponseMap[d.key] = r
}

// prepare runs filter and transformer and replaces the templates. It returns
// whether there is something to send.
func (d *destination) prepare(ctx context.Context, w *work, cm *weir.ConnectorMessage) (resolved map[string]string, ok bool) {
	ok = d.c.transform(ctx, w, cm, d.exec, cm.Text(weir.Raw), script.Scope{Context: "DESTINATION_FILTER_TRANSFORMER"}, weir.Received)
	if w.cut.Load() {
		return nil, false
	}
	d.c.metaData(cm)
	switch {
	case ok:
		return d.resolve(cm), true
	case cm.Status == weir.Filtered:
		cm.ResponseMap[d.key] = weir.Response{Status: weir.Filtered, StatusMessage: "Message has been filtered"}
	default:
		cm.ResponseMap[d.key] = weir.Response{
			Status: weir.Error, StatusMessage: "Error converting message or evaluating filter/transformer", Error: cm.Text(weir.ProcessingError),
		}
	}
	return nil, false
}

// resolve replaces ${…} in the connector's settings and keeps the outcome as the
// sent content: setting name → text, null where it is the encoded content.
func (d *destination) resolve(cm *weir.ConnectorMessage) map[string]string {
	resolved := make(map[string]string, len(d.templates))
	dst := []byte{'{'}
	encoded := cm.Text(weir.Encoded)
	for i := range d.templates {
		t := &d.templates[i]
		text := t.render(d.c, cm)
		resolved[t.name] = text
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, t.name), ':')
		if text == encoded {
			dst = append(dst, "null"...)
		} else {
			dst = appendString(dst, text)
		}
	}
	cm.Set(weir.SentContent, string(append(dst, '}')), "")
	return resolved
}

// resolvedOf reads the kept outcome of resolve.
func (d *destination) resolvedOf(cm *weir.ConnectorMessage) map[string]string {
	var stored map[string]*string
	if err := json.Unmarshal([]byte(cm.Text(weir.SentContent)), &stored); err != nil {
		d.c.log.Warn("What was to be sent cannot be read and is made anew", "connector", d.cfg.Name, "message", cm.MessageID, "error", err)
		return d.resolve(cm)
	}
	resolved := make(map[string]string, len(stored))
	for name, text := range stored {
		if text == nil {
			resolved[name] = cm.Text(weir.Encoded)
		} else {
			resolved[name] = *text
		}
	}
	return resolved
}

// deliver sends, tries again as often as retries says, and takes the answer on
// to the connector message's next state. When until ends before the guard lets
// the message pass, it stays as it is.
func (d *destination) deliver(ctx, until context.Context, w *work, cm *weir.ConnectorMessage, resolved map[string]string, retries, thread int) {
	cm.Doubtful = cm.Doubtful || w.repeated
	out := &weir.Outbound{
		MessageID: cm.MessageID, ChannelID: cm.ChannelID, MetaDataID: cm.MetaDataID, Thread: thread,
		Queue: d.queue != nil, Maybe: cm.Doubtful, Resolved: resolved, SourceMap: cm.SourceMap, ConnectorMap: cm.ConnectorMap, Message: cm,
		Lookup: func(name string) (any, bool) { return d.c.variable(cm, name) },
		Binary: isBinary(d.exec.Outbound),
	}
	d.attachTo(ctx, out, cm)
	var r weir.Response
	for try := 0; ; try++ {
		v := d.guard.enter(until, d.waits(thread))
		if v == ended {
			w.halted(ctx)
			return
		}
		cm.SendAttempts++
		out.Attempt = cm.SendAttempts
		if cm.SendDate.IsZero() {
			cm.SendDate = d.c.now()
		}
		if v == refused {
			r = d.normal(d.guard.refusal())
		} else {
			r = d.send(ctx, out)
			d.guard.leave(v, r.Status == weir.Sent)
		}
		cm.ResponseDate = d.c.now()
		if r.Status == weir.Sent {
			break
		}
		if w.halted(ctx) {
			// The send was cut short, and nobody knows whether it went out.
			cm.Doubtful = true
			return
		}
		if try >= retries {
			break
		}
		if !pause(ctx, d.settings.RetryInterval) {
			w.halted(ctx)
			return
		}
	}
	d.answered(ctx, w, cm, r)
}

// waits reports whether a message waits before an open circuit breaker: on the
// queue's threads, and where there is no queue if the settings say so. What is
// recovered does not wait: a system that is down holds up no start.
func (d *destination) waits(thread int) bool {
	if d.queue != nil {
		return thread < d.threads.count
	}
	return d.c.State() != weir.Starting && d.settings.Guard.WhenOpen == connector.BreakerWaits
}

// send delivers once. Whatever happens comes back as a response.
func (d *destination) send(ctx context.Context, out *weir.Outbound) (r weir.Response) {
	defer func() {
		if p := recover(); p != nil {
			d.c.log.Error("The connector failed in a way it should not; please report this", "connector", d.cfg.Name,
				"message", out.MessageID, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			r = weir.Response{Status: weir.Error, StatusMessage: "The connector failed", Error: "internal error in " + d.typ.Name}
		}
	}()
	r, err := d.conn.Send(ctx, out)
	if err != nil {
		fault := d.c.fault(d.cfg.Name, err)
		d.c.log.Warn("The message was not delivered", "connector", d.cfg.Name, "message", out.MessageID,
			"attempt", out.Attempt, "error", fault)
		d.c.tell(DestinationConnectorError, out.Message, "Error sending message", fault)
		d.c.engine.Connection(d.c.Config.ID, d.cfg.MetaDataID, weir.ConnectionEvent{State: "failed", Detail: fault.Error()})
		if r.StatusMessage == "" {
			r.StatusMessage = err.Error()
		}
		if r.Error == "" {
			r.Error = fault.Error()
		}
		if r.Status != weir.Error {
			r.Status = weir.Queued
		}
	} else if r.Status != weir.Sent && d.typ.Name != "JavaScript Writer" { // whose script may answer so as it likes
		d.c.tell(DestinationConnectorError, out.Message, cmp.Or(r.StatusMessage, "Error sending message"), errors.New(cmp.Or(r.Error, r.StatusMessage, r.Status.String())))
	}
	return d.normal(r)
}

// normal allows SENT, QUEUED with a queue, and ERROR.
func (d *destination) normal(r weir.Response) weir.Response {
	switch {
	case r.Status == weir.Sent, r.Status == weir.Queued && d.queue != nil:
	default:
		r.Status = weir.Error
	}
	return r
}

// answered judges and keeps the answer, and goes on with it.
func (d *destination) answered(ctx context.Context, w *work, cm *weir.ConnectorMessage, r weir.Response) {
	if checker, ok := d.checker(); ok && r.Status == weir.Sent && !r.NoAnswer {
		r = d.normal(checker.Check(r, d.c.headOf(w, cm.Text(weir.Encoded)), func(name string) (any, bool) { return d.c.variable(cm, name) }))
		if r.Status != weir.Sent {
			d.c.log.Warn("The answer does not accept the message", "connector", d.cfg.Name, "message", cm.MessageID,
				"attempt", cm.SendAttempts, "reason", r.StatusMessage)
			d.c.tell(ResponseValidationError, cm, r.StatusMessage, errNotAccepted)
		}
	}
	cm.Set(weir.ResponseContent, encodeResponse(r), "")
	setError(cm, r.Error)
	if d.response == nil || !d.response.Active() || r.Message == "" && d.response.Inbound.Form() != weir.FormText {
		cm.ResponseMap[d.key] = r
		cm.Status = r.Status
		return
	}
	// PENDING is on disk before the response transformer begins: the message was
	// sent, and will not be sent again.
	cm.Status = weir.Pending
	if d.c.keeps.recovers {
		if err := d.c.saveWithSource(ctx, w, false, cm); err != nil {
			d.c.log.Error("The message is left PENDING", "connector", d.cfg.Name, "message", cm.MessageID, "error", err)
			w.cut.Store(true)
			return
		}
	}
	d.transformResponse(ctx, w, cm, r)
}

// checker is the response data type's judge, when the destination wants one.
func (d *destination) checker() (weir.ResponseChecker, bool) {
	if !d.settings.ValidateResponse || d.response == nil {
		return nil, false
	}
	checker, ok := d.response.Inbound.(weir.ResponseChecker)
	return checker, ok
}

// resume goes on with a connector message found PENDING.
func (d *destination) resume(ctx context.Context, w *work, cm *weir.ConnectorMessage) {
	if _, ok := cm.ConnectorMap[deadLetterChannel]; ok {
		cm.Status = weir.Error // what is left is to hand it on; see conclude
		return
	}
	r, err := decodeResponse(cm.Text(weir.ResponseContent))
	if err != nil {
		d.c.failed(cm, weir.ResponseError, "Response transformer error", err)
		return
	}
	if d.response == nil { // the channel was changed meanwhile
		cm.ResponseMap[d.key] = r
		cm.Status = d.normal(r).Status
		return
	}
	d.transformResponse(ctx, w, cm, r)
}

// transformResponse runs the response transformer on an answer that is on disk.
// As in Mirth, a destination whose response transformer failed has no response:
// a source that answers with it answers nothing.
func (d *destination) transformResponse(ctx context.Context, w *work, cm *weir.ConnectorMessage, r weir.Response) {
	vars := &script.ResponseVars{Original: r, Status: r.Status, StatusMessage: r.StatusMessage, Error: r.Error}
	scope := d.c.scope(cm, script.Scope{Context: "DESTINATION_RESPONSE_TRANSFORMER", Response: vars})
	res, err := d.response.Run(ctx, scope, r.Message)
	if err != nil && w.halted(ctx) {
		return
	}
	if res.Derived && d.c.keeps.destination[weir.ResponseTransformed] {
		res.Transformed, err = d.response.Derive(res.Encoded, res.Hint)
	}
	if res.HasTransformed {
		cm.Set(weir.ResponseTransformed, res.Transformed, d.response.OutboundName())
	}
	d.c.metaData(cm)
	if err != nil {
		d.c.failed(cm, weir.ResponseError, "Response transformer error", err)
		delete(cm.ResponseMap, d.key)
		return
	}
	r = d.normal(weir.Response{Status: vars.Status, Message: res.Encoded, StatusMessage: vars.StatusMessage, Error: vars.Error})
	cm.Set(weir.ProcessedResponse, encodeResponse(r), "")
	setError(cm, r.Error)
	cm.ResponseMap[d.key] = r
	cm.Status = r.Status
}

// setError keeps what went wrong in the last attempt, which may be nothing.
func setError(cm *weir.ConnectorMessage, text string) {
	cm.Contents[weir.ProcessingError] = weir.Content{}
	if text != "" {
		cm.Set(weir.ProcessingError, text, "")
	}
}

func isBinary(dt weir.DataType) bool {
	b, ok := dt.(weir.BinaryType)
	return ok && b.Binary()
}
