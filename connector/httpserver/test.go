package httpserver

import (
	"context"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/bind"
)

// Test checks authentication and TLS, binds the port and lets it go.
func (s *Server) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	s.env = env.Source()
	if _, err := s.authenticator(); err != nil {
		return "", err
	}
	if _, err := s.TLS.Config(env.Log); err != nil {
		return "", err
	}
	address, err := bind.Address(env.Resolve(s.Listen.Host), env.Resolve(s.Listen.Port))
	if err != nil {
		return "", err
	}
	return bind.Test(ctx, address, env.Started)
}
