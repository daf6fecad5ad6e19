package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/pipeline"
)

// A channel may hang: in its deploy script, in a connector that opens or closes, in a
// send that it waits for before it stops. Others do not wait for it longer than
// Options.ChannelTime. What hangs goes on in the background, since nothing can be known
// of a half of it; until it has come to its end the channel is not deployed anew, so that
// two of it never run at once.

// DefaultChannelTime is how long others wait for a channel where nothing is said. A
// script ends before.
const DefaultChannelTime = time.Minute

// closingTime is how long the engine waits at its end for channels whose sends it has cut
// short already.
const closingTime = time.Second

// overdue is the error of a channel that hangs.
func (s *Server) overdue(d *deployed, what, hint string) error {
	return &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("%s within %s, and the others go on without it", what, s.opt.ChannelTime), Hint: hint}
}

// within does something that leaves nothing behind when nobody waits for it any longer.
func (s *Server) within(ctx context.Context, d *deployed, what string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.opt.ChannelTime)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // what heeds ctx tells itself where it was
	case err := <-done:
		if err == nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return err
		}
	case <-time.After(closingTime):
	}
	return s.overdue(d, what, "See where it hangs in the log, mend that, and deploy it again; --channel-time-limit gives it longer.")
}

// startWithin starts a channel. One that takes too long goes on, and its state tells
// what comes of it.
func (s *Server) startWithin(ctx context.Context, d *deployed, p *pipeline.Channel) error {
	note := func(err error) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		d.startProblem = err
		return err
	}
	err, late := s.lately(d, func() error { return p.Start(ctx) }, func(err error) {
		note(err)
		if err != nil {
			s.log.Error("The channel did not start", "channel", d.config.Name, "error", err)
		} else {
			s.log.Info("The channel has started after all", "channel", d.config.Name)
		}
	})
	if late {
		err = s.overdue(d, "it has not started", "It goes on starting: a connector hangs, or messages that the last run left unfinished are being finished. weir channel halt cuts that short.")
	}
	return note(err)
}

// undeployWithin stops a channel and takes it away. One that takes too long goes on, and
// is gone when it has ended.
func (s *Server) undeployWithin(ctx context.Context, d *deployed, p *pipeline.Channel) error {
	gone := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.channel == p {
			d.channel = nil
		}
	}
	err, late := s.lately(d, func() error { return p.Undeploy(ctx) }, func(err error) {
		gone()
		s.log.Info("The channel has stopped after all", "channel", d.config.Name, "error", err)
		s.deployWaiting(d.config.ID)
	})
	if late {
		return s.overdue(d, "it has not stopped", "It goes on stopping: it waits for a send, a script or a connector. weir channel halt cuts that short.")
	}
	gone()
	return err
}

// errStopping is the error of a deployment that came before the channel had stopped.
var errStopping = errors.New("it has not come to its end since it was stopped the last time")

// deployWaiting deploys a channel that could not be while it was still stopping.
func (s *Server) deployWaiting(id string) {
	s.changing.Lock()
	defer s.changing.Unlock()
	d := s.byID(id)
	if d == nil || !s.ready.Load() || !errors.Is(s.notDeployedProblem(d), errStopping) {
		return
	}
	if err := s.deploy(context.Background(), d); err != nil {
		s.log.Error("The channel is not deployed", "channel", d.config.Name, "error", err)
	}
}

// alone waits until nobody else deploys or undeploys a channel.
func (s *Server) alone(d *deployed) (release func(), err error) {
	c, _ := s.acting.LoadOrStore(d.config.ID, make(chan struct{}, 1))
	held := c.(chan struct{})
	timer := time.NewTimer(s.opt.ChannelTime)
	defer timer.Stop()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-timer.C:
		return nil, &weir.Fault{Channel: d.config.Name, Err: errors.New("it is being deployed or undeployed just now"), Hint: "Try again when that is done."}
	}
}

// lately does something to a channel and waits for it as long as others wait. after is
// called where that was not enough, when it has come to its end.
func (s *Server) lately(d *deployed, do func() error, after func(error)) (err error, late bool) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	timer := time.NewTimer(s.opt.ChannelTime)
	defer timer.Stop()
	select {
	case err := <-done:
		return err, false
	case <-timer.C:
	}
	s.setLate(d, true)
	go func() {
		err := <-done
		s.setLate(d, false)
		after(err)
	}()
	return nil, true
}

func (s *Server) setLate(d *deployed, late bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late == nil {
		s.late = map[string]int{}
	}
	if late {
		s.late[d.config.ID]++
	} else {
		s.late[d.config.ID]--
	}
}

// isLate tells whether a channel is still starting or stopping after its time.
func (s *Server) isLate(d *deployed) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.late[d.config.ID] > 0
}

// undeployAtEnd stops a channel when the engine stops. When ctx ends, what it waits for
// is cut short; one that hangs even then is left behind, and the next start finds the
// engine not stopped in order.
func (s *Server) undeployAtEnd(ctx context.Context, d *deployed) error {
	p := s.running(d)
	done := make(chan error, 1)
	go func() { done <- p.Undeploy(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(closingTime):
		return errors.New("it hangs in a connector and is left behind")
	}
}
