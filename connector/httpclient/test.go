package httpclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/weir-health/weir"
)

// Test connects to the server of an address, through a proxy where there is one,
// shakes hands where TLS is spoken, and makes no request.
func (t *Transports) Test(ctx context.Context, address, proxy *url.URL) (string, error) {
	transport, err := t.get()
	if err != nil {
		return "", err
	}
	to := hostPort(address)
	first := to
	if proxy != nil {
		first = proxy.Host
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", first)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if until, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(until)
	}
	found := "Connected to " + to
	if proxy != nil {
		found = "Connected to the proxy " + first
	}
	if address.Scheme != "https" {
		return found + ".", nil
	}
	if proxy != nil {
		if err := tunnel(conn, to); err != nil {
			return "", err
		}
		found += " and through it to " + to
	}
	cfg := transport.TLSClientConfig.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName = address.Hostname()
	}
	if err := tls.Client(conn, cfg).HandshakeContext(ctx); err != nil {
		return "", err
	}
	return found + ", with TLS.", nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// tunnel asks a proxy for a connection.
func tunnel(conn net.Conn, to string) error {
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReaderSize(conn, 4096), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("the proxy gives no answer that is HTTP: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return &weir.Fault{At: "proxyAddress", Err: fmt.Errorf("the proxy does not connect to %s: it answers %d %s", to, answer.StatusCode, http.StatusText(answer.StatusCode)),
			Hint: "Check the address behind the proxy, and whether the proxy lets this computer go there."}
	}
	return nil
}
