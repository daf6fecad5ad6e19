package tcp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/tlsconfig"
)

// handshakeTimeout bounds the handshakes of those who connect to this side.
const handshakeTimeout = 30 * time.Second

// handshake greets one who has connected to this side.
func handshake(ctx context.Context, conn *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return &weir.Fault{At: "tls.enabled", Err: fmt.Errorf("TLS handshake with %s: %w", conn.RemoteAddr(), err),
			Hint: "Check that the remote system speaks TLS 1.2 or later, trusts this side's certificate, and shows its own if that is required."}
	}
	return nil
}

// secured turns a connection that this side has made to remote into one with
// TLS, where that is wanted. limit bounds the handshake; 0 means no limit. After
// an error the connection is closed.
func secured(ctx context.Context, conn net.Conn, settings *tlsconfig.Client, remote string, limit time.Duration) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(remote)
	cfg, err := settings.Config(host)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if cfg == nil {
		return conn, nil
	}
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	secured := tls.Client(conn, cfg)
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, &weir.Fault{At: settings.Setting("enabled"), Err: fmt.Errorf("TLS handshake with %s: %w", remote, err),
			Hint: "Check that the remote system speaks TLS 1.2 or later, that its certificate is for this name and from an authority in " + settings.Setting("caFile") + ", and whether it wants a certificate from this side."}
	}
	return secured, nil
}
