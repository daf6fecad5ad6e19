package tcp

import (
	"context"
	"fmt"
	"net"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/bind"
)

// Test binds the port and lets it go, or in client mode connects.
func (l *Listener) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	l.env = env.Source()
	if err := l.prepare(); err != nil {
		return "", err
	}
	if l.ServerMode {
		address, err := l.localAddress()
		if err != nil {
			return "", err
		}
		return bind.Test(ctx, address, env.Started)
	}
	if err := l.checkRemote(); err != nil {
		return "", err
	}
	l.open = ctx
	conn, err := l.connect()
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return connected(conn, l.TLS.Enabled), nil
}

// Test connects, or in server mode binds the port and lets it go.
func (s *Sender) Test(ctx context.Context, env weir.TestEnv) (string, error) {
	s.env = env.Destination()
	if s.ServerMode {
		if _, err := s.TLS.Server().Config(env.Log); err != nil {
			return "", err
		}
		return bind.Test(ctx, net.JoinHostPort(env.Resolve(s.LocalAddress), fmt.Sprint(whole(env.Resolve(s.LocalPort)))), env.Started)
	}
	if err := s.Open(ctx, s.env); err != nil {
		return "", err
	}
	sock, err := s.connect(ctx, s.key(env.Message))
	if err != nil {
		return "", err
	}
	defer sock.conn.Close()
	return connected(sock.conn, s.TLS.Enabled), nil
}

func connected(conn net.Conn, secure bool) string {
	if secure {
		return fmt.Sprintf("Connected to %s, with TLS.", conn.RemoteAddr())
	}
	return fmt.Sprintf("Connected to %s.", conn.RemoteAddr())
}

var (
	_ weir.Tester = (*Listener)(nil)
	_ weir.Tester = (*Sender)(nil)
)
