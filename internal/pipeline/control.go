package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/internal/script"
	"github.com/weir-health/weir/internal/store"
)

// Deploy runs the deploy script. It comes before the first Start.
func (c *Channel) Deploy(ctx context.Context) error {
	if c.Config.Properties.ClearGlobalChannelMap {
		c.globalChannelMap.Clear()
	}
	return c.runAlone(ctx, c.deployScript, "CHANNEL_DEPLOY", "Deploy script error")
}

// Undeploy stops the channel and runs the undeploy script.
func (c *Channel) Undeploy(ctx context.Context) error {
	err := c.Stop(ctx)
	return errors.Join(err, c.runAlone(ctx, c.undeployScript, "CHANNEL_UNDEPLOY", "Undeploy script error"))
}

func (c *Channel) runAlone(ctx context.Context, p *script.Program, context, what string) error {
	if p == nil {
		return nil
	}
	if _, err := p.Run(ctx, c.scope(nil, script.Scope{Context: context})); err != nil {
		c.log.Error(what, "error", err)
		c.tell(kindOf(what), nil, what, err)
		return c.fault("", fmt.Errorf("%s: %w", what, err))
	}
	return nil
}

// Start starts destinations, finishes what was left unfinished, then starts the
// queues and last the source. When anything fails, all is stopped again.
func (c *Channel) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.State() {
	case weir.Started:
		return nil
	case weir.Paused:
		return c.resume(ctx)
	}
	c.state.Store(weir.Starting)
	if err := c.startAll(ctx); err != nil {
		c.stopAll(ctx)
		c.state.Store(weir.Stopped)
		return err
	}
	if c.Config.Properties.InitialState == weir.Paused && !c.everStarted {
		c.everStarted = true
		c.state.Store(weir.Paused)
		return nil
	}
	c.everStarted = true
	return c.resume(ctx)
}

func (c *Channel) startAll(ctx context.Context) error {
	run := &running{since: c.now().Truncate(time.Microsecond), unclean: c.unclean, lastID: c.lastID}
	run.ctx, run.halt = context.WithCancel(context.WithoutCancel(ctx))
	run.queues, run.stop = context.WithCancel(run.ctx)
	c.run.Store(run)
	for _, d := range c.destinations {
		if err := d.open(ctx); err != nil {
			return c.fault(d.cfg.Name, err)
		}
	}
	if err := c.loadQueues(ctx); err != nil { // what is recovered goes behind what waits
		return err
	}
	if err := c.recover(ctx, run); err != nil {
		return c.fault("", err)
	}
	if err := c.loadQueues(ctx); err != nil {
		return err
	}
	for _, d := range c.destinations {
		d.startQueue(run)
	}
	if c.sourceQueue != nil {
		for range c.sourceSettings.ProcessingThreads {
			run.threads.Go(func() { c.drain(run) })
		}
	}
	c.unclean = false // for the next start
	c.accepting.Store(true)
	return nil
}

// loadQueues has the destinations' queues begin with what the store holds.
func (c *Channel) loadQueues(ctx context.Context) error {
	for _, d := range c.destinations {
		if d.queue == nil {
			continue
		}
		count, err := c.store.CountQueued(ctx, c.Config.ID, d.cfg.MetaDataID)
		if err != nil {
			return c.fault(d.cfg.Name, err)
		}
		d.queue.load(count)
		d.threads.forget()
	}
	return nil
}

func (d *destination) open(ctx context.Context) error {
	conn := d.typ.New()
	if _, err := config.Decode(d.cfg.Settings, conn); err != nil {
		return err
	}
	log := d.c.log.With("connector", d.cfg.Name)
	d.guard = newGuard(d.settings.Guard, d.c.now, log, func(state, detail string) {
		d.c.engine.Connection(d.c.Config.ID, d.cfg.MetaDataID, weir.ConnectionEvent{State: state, Detail: detail})
	})
	err := conn.Open(ctx, weir.DestinationEnv{
		ChannelID: d.c.Config.ID, ChannelName: d.c.Config.Name, Name: d.cfg.Name,
		Log:     log,
		Resolve: d.c.resolveSetting,
		Connection: func(e weir.ConnectionEvent) {
			d.c.engine.Connection(d.c.Config.ID, d.cfg.MetaDataID, e)
		},
		Run: func(ctx context.Context, name string, m *weir.Outbound) (any, error) {
			return d.scripts.run(ctx, d.c, name, m.Message, script.Scope{})
		},
		Route: d.c.engine.Route,
	})
	if err != nil {
		return err
	}
	d.conn = conn
	return nil
}

// resume starts the source. The caller holds mu.
func (c *Channel) resume(ctx context.Context) error {
	src := c.sourceType.New()
	if _, err := config.Decode(c.Config.Source.Settings, src); err != nil {
		return c.fault("Source", err)
	}
	c.listening.Store(true)
	reading, end := context.WithCancel(context.WithoutCancel(ctx))
	c.endReading = end
	err := src.Start(ctx, weir.SourceEnv{
		ChannelID: c.Config.ID, ChannelName: c.Config.Name,
		Log:     c.log.With("connector", "Source"),
		Receive: c.receiveFromSource, StreamAbove: c.streamAbove(),
		Room: func(ctx context.Context) error { return c.awaitRoom(ctx, reading) },
		Run: func(ctx context.Context, name string) (any, error) {
			return c.sourceScripts.run(ctx, c, name, nil, script.Scope{})
		},
		RunFor: func(ctx context.Context, name string, sourceMap map[string]any) (any, error) {
			return c.sourceScripts.run(ctx, c, name, nil, script.Scope{SourceMap: sourceMap})
		},
		Resolve: c.resolveSetting,
		Lookup:  c.globalVariable,
		Connection: func(e weir.ConnectionEvent) {
			c.engine.Connection(c.Config.ID, 0, e)
		},
	})
	if err != nil {
		end()
		c.listening.Store(false)
		err = c.fault("Source", err)
		if c.State() == weir.Starting {
			c.stopAll(ctx)
			c.state.Store(weir.Stopped)
		}
		return err
	}
	c.source = src
	c.state.Store(weir.Started)
	return nil
}

// Pause stops the source; queues go on.
func (c *Channel) Pause(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.State() != weir.Started {
		return nil
	}
	c.state.Store(weir.Pausing)
	err := c.stopSource(ctx)
	c.state.Store(weir.Paused)
	return err
}

func (c *Channel) stopSource(ctx context.Context) error {
	c.listening.Store(false)
	if c.source == nil {
		return nil
	}
	c.endReading()
	err := c.source.Stop(ctx)
	c.source = nil
	if err != nil {
		return c.fault("Source", err)
	}
	return nil
}

// Stop stops the source, lets the messages in hand come to their end, then stops
// the queues and the destinations. When ctx ends first the rest is halted: what
// is unfinished is recovered at the next start.
func (c *Channel) Stop(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.State() == weir.Stopped {
		return nil
	}
	c.state.Store(weir.Stopping)
	err := c.stopAll(ctx)
	c.state.Store(weir.Stopped)
	return err
}

// Halt stops the channel without waiting for sends and scripts.
func (c *Channel) Halt() error {
	if run := c.run.Load(); run != nil {
		run.halt()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Stop(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil // cut short is what was asked for
}

func (c *Channel) stopAll(ctx context.Context) error {
	err := c.stopSource(ctx)
	c.accepting.Store(false)
	run := c.run.Load()
	if run == nil {
		return err
	}
	run.stop()
	finished := make(chan struct{})
	go func() {
		c.inflight.wait()
		run.threads.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
		run.halt()
		<-finished
	}
	run.halt()
	for _, d := range c.destinations {
		if d.conn == nil {
			continue
		}
		if cerr := d.conn.Close(context.WithoutCancel(ctx)); cerr != nil {
			err = errors.Join(err, c.fault(d.cfg.Name, cerr))
		}
		d.conn = nil
		if d.queue != nil {
			d.queue.empty()
		}
	}
	if c.sourceQueue != nil {
		c.sourceQueue.empty()
	}
	return err
}

func (c *Channel) running() *running { return c.run.Load() }

// began is when the run began, by a clock that may have been set back since.
func (run *running) began(now time.Time) time.Time {
	run.mu.Lock()
	defer run.mu.Unlock()
	if now.Before(run.since) {
		run.since = now.Truncate(time.Microsecond)
	}
	return run.since
}

// recoverPage is how many unfinished messages are read at once.
const recoverPage = 200

// recover finishes, in order of id, the messages that the last run left between
// their first and their last save. With a source queue those that were not begun
// are left to it.
func (c *Channel) recover(ctx context.Context, run *running) error {
	if !c.keeps.recovers && c.sourceQueue == nil {
		return nil
	}
	var waiting, recovered int64
	for after := int64(0); ; {
		messages, err := c.store.Unfinished(ctx, c.Config.ID, after, recoverPage)
		if err != nil {
			return fmt.Errorf("reading the unfinished messages: %w", err)
		}
		for _, m := range messages {
			after = m.ID
			w := c.loaded(m)
			switch {
			case w == nil:
				c.log.Error("A message has no source and is left as it is", "message", m.ID)
			case c.sourceQueue != nil && w.src.Status == weir.Received:
				waiting++
			case c.keeps.recovers:
				w.repeated = run.unclean
				if err := c.recoverOne(run, w); err != nil {
					return err
				}
				recovered++
			}
		}
		if len(messages) < recoverPage {
			break
		}
	}
	if c.sourceQueue != nil {
		c.sourceQueue.load(waiting)
	}
	if recovered > 0 {
		c.log.Info("Unfinished messages were finished", "messages", recovered, "possibly repeated", run.unclean)
	}
	return c.recoverPending(ctx, run)
}

// recoverOne brings a message to its end. What of it is queued is found in the
// store when the queues are loaded.
func (c *Channel) recoverOne(run *running, w *work) error {
	c.advance(run.ctx, w)
	return c.settle(run.ctx, w, nil)
}

// recoverPending goes on with messages that a queue had delivered when the last
// run ended: their response transformers have not finished.
func (c *Channel) recoverPending(ctx context.Context, run *running) error {
	if !c.keeps.destinationQueue {
		return nil
	}
	q := store.Query{ChannelID: c.Config.ID, Statuses: []weir.Status{weir.Pending}}
	for {
		list, err := c.store.Messages(ctx, q)
		if err != nil {
			return fmt.Errorf("reading the pending messages: %w", err)
		}
		if len(list) == 0 {
			return nil
		}
		for _, m := range slices.Backward(list) {
			if err := c.finishPending(ctx, run, m.ID); err != nil {
				return err
			}
		}
		q.Before = list[len(list)-1].ID
	}
}

// finishPending runs what is left of one message's response transformers.
func (c *Channel) finishPending(ctx context.Context, run *running, id int64) error {
	m, err := c.store.Message(ctx, c.Config.ID, id)
	if err != nil {
		return fmt.Errorf("reading a pending message: %w", err)
	}
	w := c.loaded(m)
	if w == nil || !m.Processed {
		return nil
	}
	for _, d := range c.destinations {
		cm := w.slots[d.index]
		if cm == nil || cm.Status != weir.Pending {
			continue
		}
		d.advance(run.ctx, w, cm)
		if w.cut.Load() {
			return errHalted
		}
		if err := c.save(run.ctx, w, false, cm); err != nil {
			return err
		}
	}
	return c.forget(m)
}
