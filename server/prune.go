package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/pipeline"
)

// retention is how long a channel keeps what.
type retention struct {
	messages, contents time.Duration // negative: for ever
	errored            time.Duration // messages with an error; negative: for ever
}

// pruning is where Mirth's files have a channel's pruning settings.
const pruning = "exportData.metadata.pruningSettings."

// retentionOf reads a channel's pruning settings. Weir's own is pruneErroredDays,
// beside Mirth's: without it errored messages are kept for ever or, where
// pruneErroredMessages is on, as long as others.
func retentionOf(c *weir.Channel) (r retention, err error) {
	r = retention{-1, -1, -1}
	for name, into := range map[string]*time.Duration{"pruneMetaDataDays": &r.messages, "pruneContentDays": &r.contents, "pruneErroredDays": &r.errored} {
		text := c.Extra.Text(pruning + name)
		if text == "" {
			continue
		}
		days, err := strconv.Atoi(text)
		if err != nil || days < 0 || days > maxDays {
			return r, &weir.Fault{Channel: c.Name, At: name, Err: fmt.Errorf("%q is not a number of days", text), Hint: "Write 30, or leave it out to keep everything."}
		}
		*into = time.Duration(days) * 24 * time.Hour
	}
	if r.errored < 0 && c.Extra.Text(pruning+"pruneErroredMessages") == "true" {
		r.errored = 0
	}
	if c.Properties.Storage == weir.MetadataOnly {
		r.contents = -1
	}
	if r.messages >= 0 && r.contents >= r.messages {
		r.contents = -1 // they go with their messages
	}
	return r, nil
}

// maxDays is the longest time that a channel may set, some 270 years.
const maxDays = 100_000

// prune removes what a channel does not keep any longer, as Mirth's data pruner
// does: by the time of receipt, nothing that is under way, waits or has failed. It
// goes in parts, between which traffic goes on.
func (s *Server) prune(ctx context.Context, d *deployed) (out api.Pruned, err error) {
	r, err := retentionOf(&d.config)
	if err != nil {
		return out, err
	}
	now := s.opt.Now()
	out.Messages, err = s.pruneOlder(ctx, d, now, r.messages, r.errored, s.remove)
	if err == nil {
		out.Contents, err = s.pruneOlder(ctx, d, now, r.contents, r.errored, func(ctx context.Context, d *deployed, page []*weir.Message) (int, error) {
			return pipeline.RemoveContents(ctx, s.store, d.config.ID, idsOf(page))
		})
	}
	if err != nil {
		return out, &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("pruning: %w", err)}
	}
	if out != (api.Pruned{}) {
		s.log.Info("The channel was pruned", "channel", d.config.Name, "messages", out.Messages, "contents", out.Contents)
	}
	return out, nil
}

// pruneOlder does something to the settled messages that are older than keep.
func (s *Server) pruneOlder(ctx context.Context, d *deployed, now time.Time, keep, errored time.Duration,
	do func(context.Context, *deployed, []*weir.Message) (int, error)) (count int, err error) {
	if keep < 0 {
		return 0, nil
	}
	err = s.pages(ctx, d, api.MessageQuery{Until: now.Add(-keep)}, func(page []*weir.Message) error {
		var old []*weir.Message
		for _, m := range page {
			if settled(m) && (!hasFailed(m) || errored >= 0 && m.Received.Before(now.Add(-errored))) {
				old = append(old, m)
			}
		}
		n, err := do(ctx, d, old)
		count += n
		return err
	})
	return count, err
}

func hasFailed(m *weir.Message) bool {
	return slices.ContainsFunc(m.Connectors, func(cm *weir.ConnectorMessage) bool { return cm.Status == weir.Error })
}

func (e *engineAPI) Prune(ctx context.Context, channel string) (api.Pruned, error) {
	s := (*Server)(e)
	d, err := s.known(channel)
	if err != nil {
		return api.Pruned{}, err
	}
	return s.prune(ctx, d)
}
