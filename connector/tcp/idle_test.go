//go:build linux || darwin || freebsd

package tcp

import (
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

// Connections that say nothing cost little, and the one that speaks is served.
func TestIdleConnections(t *testing.T) {
	want := 10000
	if testing.Short() || raceEnabled {
		want = 2000
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && int(limit.Cur) < 2*want+500 {
		want = (int(limit.Cur) - 500) / 2
	}
	if want < 100 {
		t.Skipf("only %d files may be open", limit.Cur)
	}
	e := &connectortest.Engine{Answer: echo}
	l := listen(t, e, "maxConnections", "20000")
	before := heap()
	conns := make([]net.Conn, 0, want)
	defer func() {
		for _, c := range conns {
			reset(c)
		}
	}()
	for len(conns) < want {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatalf("connection %d: %v", len(conns), err)
		}
		conns = append(conns, c)
	}
	e.UntilEvent(t, "connected", want)
	each := (heap() - before) / int64(want)
	t.Logf("%d idle connections, %d bytes each, both ends", want, each)
	if each > 8<<10 {
		t.Errorf("an idle connection costs %d bytes", each)
	}
	p := dial(t, l.Addr(), mllp.Options{})
	p.write("m")
	if got := p.read(); got != "m" {
		t.Errorf("reply %q", got)
	}

	// After each has spoken once they are as small as before.
	frame := "\x0bMSH|" + strings.Repeat("x", 2000) + "\x1c\r"
	for _, c := range conns {
		c.SetDeadline(time.Now().Add(connectortest.Limit))
		c.Write([]byte(frame))
	}
	e.UntilCalled(t, want+1)
	buf := make([]byte, 4096)
	for _, c := range conns {
		for n := 0; n < len(frame); {
			m, err := c.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			n += m
		}
	}
	t.Logf("%d bytes each after a message, of which about 2300 are the messages that the test keeps", (heap()-before)/int64(want))
	if again := (heap() - before) / int64(want); again > 14<<10 {
		t.Errorf("an idle connection that has spoken costs %d bytes", again)
	}
}
