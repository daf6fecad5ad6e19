package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/weir-health/weir"
)

// StartConnector starts one connector of a running channel: the source, with 0,
// or a destination's queue.
func (c *Channel) StartConnector(ctx context.Context, metaDataID int) error {
	if metaDataID == 0 {
		return c.Start(ctx)
	}
	return c.withQueue(metaDataID, func(d *destination) error {
		if !d.stopped.Load() {
			return nil
		}
		if err := d.standsStill(ctx); err != nil {
			return err
		}
		d.startQueue(c.running())
		return nil
	})
}

// StopConnector stops one connector of a running channel: the source, with 0, or a
// destination, whose messages then wait in its queue. It returns when the sends in
// hand have come to their end; when ctx ends first they go on, and it stops after them.
func (c *Channel) StopConnector(ctx context.Context, metaDataID int) error {
	if metaDataID == 0 {
		return c.Pause(ctx)
	}
	return c.withQueue(metaDataID, func(d *destination) error {
		if d.stopped.Swap(true) {
			return nil
		}
		d.stop()
		return d.standsStill(ctx)
	})
}

// standsStill waits for the threads of a queue that was stopped.
func (d *destination) standsStill(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		d.dispatching.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return d.c.fault(d.cfg.Name, &weir.Fault{Err: fmt.Errorf("a message is still being sent: %w", ctx.Err()),
			Hint: "The destination stops after it; to end it now, halt the channel."})
	}
}

// withQueue does something to a destination that has a queue, while the channel runs.
func (c *Channel) withQueue(metaDataID int, do func(*destination) error) error {
	if err := c.areDestinations([]int{metaDataID}); err != nil {
		return err
	}
	d := c.destination(metaDataID)
	if d.queue == nil {
		return c.fault(d.cfg.Name, &weir.Fault{Err: errors.New("a destination without a queue is not started and stopped alone: its messages would have nowhere to wait"),
			Hint: "Turn its queue on, or stop the channel."})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.State(); s != weir.Started && s != weir.Paused {
		return c.fault(d.cfg.Name, &weir.Fault{Err: fmt.Errorf("the channel is %s", s), Hint: "Start the channel."})
	}
	return do(d)
}

// startQueue starts the threads of the destination's queue, if it has one.
func (d *destination) startQueue(run *running) {
	d.stopped.Store(false)
	if d.queue == nil {
		return
	}
	d.broken.Store(false)
	d.until, d.stop = context.WithCancel(run.queues)
	for thread := range d.threads.count {
		d.dispatching.Add(1)
		run.threads.Go(func() {
			defer d.dispatching.Done()
			d.dispatch(run, thread)
		})
	}
}
