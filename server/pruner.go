package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/poll"
	"github.com/weir-health/weir/internal/api"
	"github.com/weir-health/weir/internal/archive"
	"github.com/weir-health/weir/internal/mirthapi"
	"github.com/weir-health/weir/internal/store"
)

// DefaultPrune is when channels are pruned where nothing says otherwise.
const DefaultPrune = "03:00"

// noPruning is what stands for no time.
const noPruning = "off"

var errPruning = errors.New("a pruning is under way; weir prune status tells how far it is")

// pruner prunes the channels at its times, one run at a time.
type pruner struct {
	one     sync.Mutex // held while something is pruned
	archive *archive.Archive

	mu       sync.Mutex
	times    poll.Schedule // nil: never
	said     string        // the times, as they were given
	demanded bool          // Mirth's settings ask for an archive
	poller   *poll.Poller  // nil before and after Run
	state    api.Pruning
	cancel   context.CancelFunc // ends the run that is under way
}

// pollTimes reads the times of pruning: off, a time of day such as 03:00, a span such as
// 6h, or a cron expression of Quartz.
func pollTimes(text string) (poll.Schedule, error) {
	bad := func(err error) error {
		return &weir.Fault{At: "prune", Err: err, Hint: "Write a time of day such as 03:00, a span such as 6h, a cron expression of Quartz, or off."}
	}
	if text == noPruning {
		return nil, nil
	}
	s := poll.Settings{Type: "INTERVAL", Weekly: true, AllDay: true}
	if at, err := time.Parse("15:04", text); err == nil {
		s.Type, s.Hour, s.Minute = "TIME", at.Hour(), at.Minute()
	} else if every, err := time.ParseDuration(text); err == nil {
		if every < time.Minute || every > 24*time.Hour {
			return nil, bad(fmt.Errorf("%s is not between 1m and 24h", text))
		}
		s.Frequency = int(min(every.Milliseconds(), 24*60*60*1000-1))
	} else if len(strings.Fields(text)) >= 6 {
		s.Type = "CRON"
		s.Jobs.Group = config.Group{{Name: "cronProperty", Group: config.Group{{Name: "expression", Text: text}}}}
	} else {
		return nil, bad(fmt.Errorf("%q is no time", text))
	}
	times, err := s.Schedule(time.Local)
	if err != nil {
		return nil, bad(err)
	}
	return times, nil
}

// openPruner reads the options, opens the archive and finds the times of pruning.
func (s *Server) openPruner(ctx context.Context) error {
	if s.opt.Prune != "" {
		if _, err := pollTimes(s.opt.Prune); err != nil {
			return err
		}
	}
	if s.opt.Archive != "" {
		a, err := archive.Open(ctx, archive.Options{Place: s.opt.Archive, Recipients: s.opt.ArchiveRecipients, Spool: s.data.file(spoolDir), Now: s.opt.Now})
		if err != nil {
			return &weir.Fault{At: "archive", Err: err, Hint: "See docs/archive.md."}
		}
		s.pruner.archive = a
	}
	return s.setPruner()
}

// spoolDir has files of the archive that are being written.
const spoolDir = "archiving"

// setPruner finds the times of pruning: the option's, else those that a user of the
// Administrator has saved, else the default.
func (s *Server) setPruner() error {
	kept, err := (*mirthEngine)(s).Kept(mirthapi.PluginsFile)
	if err != nil {
		return err
	}
	saved, ok, err := mirthapi.ReadPruner(kept)
	if err != nil {
		s.log.Error("The settings of the data pruner cannot be read; channels are pruned as if there were none", "error", err)
		ok = false
	}
	said, times := DefaultPrune, poll.Schedule(nil)
	switch {
	case s.opt.Prune != "" || !ok:
		if s.opt.Prune != "" {
			said = s.opt.Prune
		}
		if times, err = pollTimes(said); err != nil {
			return err
		}
	case !saved.Enabled:
		said = noPruning
	default:
		var p poll.Settings
		if _, err = config.Decode(saved.Polling, &p); err == nil {
			times, err = p.Schedule(time.Local)
		}
		if said = "as the Administrator's settings say"; err != nil {
			s.log.Error("The times of the data pruner cannot be read; no channel is pruned by itself", "error", err)
			said, times = noPruning, nil
		}
	}
	p := &s.pruner
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times, p.said, p.demanded = times, said, ok && saved.Archive
	if p.poller != nil {
		old := p.poller
		p.poller = s.poll(times)
		// What it is just pruning goes on, beside which the new one finds the lock taken.
		s.background.Go(func() { old.Stop(context.Background()) })
	}
	return nil
}

func (s *Server) poll(times poll.Schedule) *poll.Poller {
	if times == nil {
		times = never{}
	}
	return poll.Start(times, false, func(ctx context.Context, _ func() bool) {
		if err := s.pruneAll(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("Channels were not pruned", "error", err)
		}
	})
}

type never struct{}

func (never) Next(time.Time) time.Time { return time.Time{} }

// startPruner begins to prune at its times. What it returns ends that, and a pruning that
// is under way.
func (s *Server) startPruner() (stop func()) {
	p := &s.pruner
	p.mu.Lock()
	defer p.mu.Unlock()
	p.poller = s.poll(p.times)
	return func() {
		p.mu.Lock()
		old := p.poller
		p.poller = nil
		p.mu.Unlock()
		s.stopPruning()
		old.Stop(context.Background())
		p.await() // a run that somebody asked for comes to its end, too
	}
}

// await returns when nothing is being pruned.
func (p *pruner) await() {
	p.one.Lock()
	defer p.one.Unlock()
}

// pruneAll prunes every channel, deployed or not. A channel that cannot be pruned does
// not keep the others from it.
func (s *Server) pruneAll(ctx context.Context) error {
	p := &s.pruner
	if !p.one.TryLock() {
		return errPruning
	}
	defer p.one.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now := s.opt.Now()
	p.mu.Lock()
	p.cancel = cancel
	p.state = api.Pruning{Running: true, Began: &now, Last: p.state.Last, Ended: p.state.Ended}
	p.mu.Unlock()
	var failed []error
	list := s.list()
	total, err := s.expire(ctx, list)
	if err != nil {
		failed = append(failed, err)
	}
	for _, d := range list {
		if ctx.Err() != nil {
			break
		}
		p.mu.Lock()
		p.state.Channel = d.config.Name
		p.mu.Unlock()
		out, err := s.prune(ctx, d, store.Period)
		total.Messages, total.Contents, total.Archived, total.Kept = total.Messages+out.Messages, total.Contents+out.Contents, total.Archived+out.Archived, total.Kept+out.Kept
		if err != nil {
			failed = append(failed, err)
		}
		p.mu.Lock()
		p.state.Last = &total
		p.mu.Unlock()
	}
	if ctx.Err() != nil {
		failed = append(failed, errors.New("the pruning was stopped"))
	}
	err = errors.Join(failed...)
	if err != nil {
		total.Problem = err.Error()
	}
	ended := s.opt.Now()
	p.mu.Lock()
	p.cancel = nil
	p.state = api.Pruning{Last: &total, Ended: &ended}
	p.mu.Unlock()
	return err
}

// stopPruning ends a run that is under way, after the part in hand.
func (s *Server) stopPruning() {
	s.pruner.mu.Lock()
	defer s.pruner.mu.Unlock()
	if s.pruner.cancel != nil {
		s.pruner.cancel()
	}
}

// pruningState tells of the last run and the next.
func (s *Server) pruningState() api.Pruning {
	p := &s.pruner
	p.mu.Lock()
	defer p.mu.Unlock()
	state := p.state
	if p.state.Last != nil {
		last := *p.state.Last
		state.Last = &last
	}
	state.Times, state.Archive = p.said, s.opt.Archive
	if p.times != nil && p.poller != nil {
		next := p.times.Next(time.Now())
		state.Next = moment(next)
	}
	return state
}

// archiveFor is the archive that takes a channel's messages before they go, nil where
// none is to.
func (s *Server) archiveFor(c *weir.Channel) (*archive.Archive, error) {
	if c.Extra.Text(pruningSettings+"archiveEnabled") == "false" {
		return nil, nil
	}
	s.pruner.mu.Lock()
	demanded := s.pruner.demanded
	s.pruner.mu.Unlock()
	a := s.pruner.archive
	p := &c.Properties
	switch {
	case a == nil && demanded:
		return nil, &weir.Fault{Channel: c.Name, Err: errors.New("it is to be archived before it is pruned, and there is no archive"),
			Hint: "Name one with --archive, or turn the archiving off for the channel, or in the data pruner's settings."}
	case a != nil && (p.EncryptData || p.EncryptAttachments || p.EncryptMetaData) && len(s.opt.ArchiveRecipients) == 0:
		return nil, &weir.Fault{Channel: c.Name, Err: errors.New("its messages are kept encrypted, and the archive is not"),
			Hint: "Name who may read the archive with --archive-recipient, or turn the archiving off for the channel."}
	}
	return a, nil
}

func (e *engineAPI) PruneAll(ctx context.Context) (api.Pruning, error) {
	err := (*Server)(e).pruneAll(context.WithoutCancel(ctx))
	return (*Server)(e).pruningState(), err
}

func (e *engineAPI) StopPruning() { (*Server)(e).stopPruning() }

func (e *engineAPI) Pruning() api.Pruning { return (*Server)(e).pruningState() }

// StartPruning begins a run beside the request, and tells when.
func (e *mirthEngine) StartPruning() time.Time {
	s := e.server()
	now := s.opt.Now()
	if !s.ready.Load() {
		return now // the engine is about to stop
	}
	s.background.Go(func() {
		if err := s.pruneAll(context.Background()); err != nil {
			s.log.Error("Channels were not pruned", "error", err)
		}
	})
	return now
}

func (e *mirthEngine) StopPruning() { e.server().stopPruning() }

func (e *mirthEngine) Pruning() mirthapi.Pruning {
	st := e.server().pruningState()
	out := mirthapi.Pruning{Running: st.Running, Channel: st.Channel}
	for from, to := range map[**time.Time]*time.Time{&st.Began: &out.Began, &st.Ended: &out.Ended, &st.Next: &out.Next} {
		if *from != nil {
			*to = **from
		}
	}
	return out
}
