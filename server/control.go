package server

import (
	"context"
	"fmt"

	"github.com/weir-health/weir"
)

// start starts a channel; one that is not deployed is deployed first.
func (s *Server) start(ctx context.Context, d *deployed) error {
	p := s.running(d)
	if p == nil {
		if err := s.redeploy(ctx, d); err != nil {
			return err
		}
		if p = s.running(d); p == nil {
			return &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("the channel is disabled"), Hint: "Enable it in its file."}
		}
	}
	err := p.Start(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.startProblem = err
	return err
}

func (s *Server) stop(ctx context.Context, d *deployed) error {
	return s.control(d, func() error { return s.running(d).Stop(ctx) })
}

func (s *Server) pause(ctx context.Context, d *deployed) error {
	return s.control(d, func() error { return s.running(d).Pause(ctx) })
}

func (s *Server) halt(d *deployed) error {
	return s.control(d, func() error { return s.running(d).Halt() })
}

func (s *Server) control(d *deployed, do func() error) error {
	if s.running(d) == nil {
		return s.notDeployed(d)
	}
	return do()
}

func (s *Server) notDeployed(d *deployed) error {
	if d.problem != nil {
		return d.problem
	}
	return &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("the channel is not deployed"), Hint: "Deploy it first."}
}

// undeploy stops a channel and takes it away.
func (s *Server) undeploy(ctx context.Context, d *deployed) error {
	p := s.running(d)
	if p == nil {
		return nil
	}
	err := p.Undeploy(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.channel = nil
	return err
}

// redeploy deploys a channel anew.
func (s *Server) redeploy(ctx context.Context, d *deployed) error {
	if err := s.undeploy(ctx, d); err != nil {
		s.log.Warn("The channel did not stop in order before it was deployed anew", "channel", d.config.Name, "error", err)
	}
	return s.deploy(ctx, d)
}
