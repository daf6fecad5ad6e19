package http

import (
	"context"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/httpclient"
)

// Test checks the settings, binds the port and lets it go.
func (l *Listener) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	l.env = env.Source()
	if err := l.prepare(); err != nil {
		return "", err
	}
	return l.Server.Test(ctx, env)
}

// Test connects to the server and makes no request.
func (s *Sender) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	if err := s.Open(ctx, env.Destination()); err != nil {
		return "", err
	}
	address, err := httpclient.Address("host", env.Message.Resolve(s.URL))
	if err != nil {
		return "", err
	}
	found, err := s.transports.Test(ctx, address, s.proxy(env.Message))
	if err != nil {
		return "", httpclient.Fault("host", address.Host, err)
	}
	return found, nil
}

var (
	_ weir.Tester = (*Listener)(nil)
	_ weir.Tester = (*Sender)(nil)
)
