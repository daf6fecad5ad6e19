package api

import (
	"context"
	"time"
)

// Pruning is what the engine's pruner does, has done and will do.
type Pruning struct {
	Times   string     `json:"times"`             // at which channels are pruned: 03:00, a span, a cron expression, or off
	Archive string     `json:"archive,omitempty"` // where messages go first
	Next    *time.Time `json:"next,omitempty"`
	Running bool       `json:"running"`
	Began   *time.Time `json:"began,omitempty"`
	Channel string     `json:"channel,omitempty"` // that is being pruned
	Last    *Pruned    `json:"last,omitempty"`    // what the last run removed, or the current one until now
	Ended   *time.Time `json:"ended,omitempty"`   // the last run
}

// Pruner prunes all channels.
type Pruner interface {
	// PruneAll prunes now, and returns when that is done. Its state tells what was
	// removed, also with an error.
	PruneAll(ctx context.Context) (Pruning, error)
	StopPruning()
	Pruning() Pruning
}

func (c *call) pruning(none, none) (Pruning, error) { return c.engine.Pruning(), nil }

func (c *call) pruneAll(none, none) (Pruning, error) { return c.engine.PruneAll(c.r.Context()) }

func (c *call) stopPruning(none, none) (none, error) {
	c.engine.StopPruning()
	return none{}, nil
}

// Pruning tells what the pruner does; see [Pruner], as for what follows.
func (c *Client) Pruning(ctx context.Context) (p Pruning, err error) {
	err = c.do(ctx, "GET", "/pruning", &p)
	return p, err
}

// PruneAll prunes all channels.
func (c *Client) PruneAll(ctx context.Context) (p Pruning, err error) {
	err = c.do(ctx, "POST", "/pruning", &p)
	return p, err
}

// StopPruning ends a run.
func (c *Client) StopPruning(ctx context.Context) error { return c.do(ctx, "DELETE", "/pruning", nil) }
