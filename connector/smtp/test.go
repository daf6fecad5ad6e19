package smtp

import (
	"context"
	"fmt"

	"github.com/weir-health/weir"
)

// Test connects to the mail server, with TLS and signing in as the settings say,
// and sends nothing.
func (s *Sender) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	if err := s.Open(ctx, env.Destination()); err != nil {
		return "", err
	}
	server, err := s.server(env.Message)
	if err != nil {
		return "", err
	}
	if err := server.greet(ctx); err != nil {
		return "", server.fault(ctx, err)
	}
	if s.Authentication {
		return fmt.Sprintf("Signed in at the mail server %s.", server.address()), nil
	}
	return fmt.Sprintf("The mail server %s answers.", server.address()), nil
}

var _ weir.Tester = (*Sender)(nil)
