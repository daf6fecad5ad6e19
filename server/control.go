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
	return s.startWithin(ctx, d, p)
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
	err, late := s.lately(d, do, func(error) {})
	if late {
		return s.overdue(d, "what was asked for is not done", "It goes on: it waits for a send, a script or a connector. weir channel halt cuts that short.")
	}
	return err
}

func (s *Server) notDeployed(d *deployed) error {
	if problem := s.notDeployedProblem(d); problem != nil {
		return problem
	}
	return &weir.Fault{Channel: d.config.Name, Err: fmt.Errorf("the channel is not deployed"), Hint: "Deploy it first."}
}

// undeploy stops a channel and takes it away.
func (s *Server) undeploy(ctx context.Context, d *deployed) error {
	release, err := s.alone(d)
	if err != nil {
		return err
	}
	defer release()
	p := s.running(d)
	if p == nil {
		return nil
	}
	return s.undeployWithin(ctx, d, p)
}

// redeploy deploys a channel anew.
func (s *Server) redeploy(ctx context.Context, d *deployed) error {
	if err := s.undeploy(ctx, d); s.isLate(d) {
		return err
	} else if err != nil {
		s.log.Warn("The channel did not stop in order before it was deployed anew", "channel", d.config.Name, "error", err)
	}
	return s.deploy(ctx, d)
}
