package connectortest

import (
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
)

// Testable is a connector whose connection can be tried.
type Testable interface {
	config.Settings
	weir.Tester
}

// Tried is a connection that is tried, and what is to come of it.
type Tried struct {
	Name     string
	Of       Testable
	Settings []string
	Started  bool
	Found    string   // a part of what is found; empty where it fails
	Fails    []string // parts of the failure's words
}

// Try tries connections as weir channel test does.
func Try(t *testing.T, cases ...Tried) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if _, err := config.Decode(Settings(c.Settings...), c.Of); err != nil { // what is unknown is another connector's
				t.Fatal(err)
			}
			resolve := func(tpl config.Template) string { return tpl.Text }
			found, err := connector.Test(Context(t), c.Of, weir.TestEnv{Log: slog.New(slog.DiscardHandler), Resolve: resolve, Message: &weir.Outbound{}, Started: c.Started})
			if len(c.Fails) == 0 {
				if err != nil || !strings.Contains(found, c.Found) {
					t.Errorf("found %q, %v, want %q", found, err, c.Found)
				}
				return
			}
			CheckFault(t, err)
			for _, part := range c.Fails {
				if err != nil && !strings.Contains(err.Error(), part) {
					t.Errorf("got %v\nwant %q", err, part)
				}
			}
		})
	}
}

// ClosedPort is an address of this computer on which nothing listens, and nothing can
// before the test ends: it is the near end of a connection, which others' listeners do not
// get, while who connects to it is refused.
func ClosedPort(t testing.TB) (host, port string) {
	t.Helper()
	l := listening(t)
	t.Cleanup(func() { l.Close() })
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return split(t, conn.LocalAddr())
}

// HangsUp is an address where whoever connects is hung up on.
func HangsUp(t testing.TB) (host, port string) {
	t.Helper()
	l := listening(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return split(t, l.Addr())
}

func listening(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func split(t testing.TB, a net.Addr) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}
