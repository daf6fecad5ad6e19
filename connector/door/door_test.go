package door

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
)

// house is a door on a loopback port, and what came in and was denied.
type house struct {
	net.Listener
	t     *testing.T
	conns chan net.Conn
	log   *lines

	mu     sync.Mutex
	denied []string
	moved  chan struct{}
}

type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func build(t *testing.T, settings connector.Door) *house {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, conns: make(chan net.Conn, 10), log: &lines{}, moved: make(chan struct{}, 100)}
	h.Listener = Before(inner, settings, weir.SourceEnv{
		Log: slog.New(slog.NewTextHandler(h.log, nil)),
		Connection: func(e weir.ConnectionEvent) {
			h.mu.Lock()
			h.denied = append(h.denied, e.State+": "+e.Detail)
			h.mu.Unlock()
			h.moved <- struct{}{}
		},
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := h.Accept()
			if err != nil {
				return
			}
			h.conns <- c
		}
	}()
	t.Cleanup(func() { h.Close(); <-done })
	return h
}

// connect connects from a loopback address and writes.
func (h *house) connect(from, text string) net.Conn {
	h.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}
	c, err := d.Dial("tcp", h.Addr().String())
	if err != nil {
		h.t.Skipf("this system does not connect from %s: %v", from, err)
	}
	h.t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// enters expects a connection inside, from an address, that reads a text.
func (h *house) enters(from, text string) net.Conn {
	h.t.Helper()
	c := <-h.conns
	host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
	got := make([]byte, len(text))
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.ReadFull(c, got); err != nil || host != from || string(got) != text {
		h.t.Errorf("inside is %s with %q, %v, want %s with %q", host, got, err, from, text)
	}
	return c
}

// turned expects that a connection is closed without an answer, for a reason.
func (h *house) turned(c net.Conn, why string) {
	h.t.Helper()
	<-h.moved
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if answer, _ := io.ReadAll(c); len(answer) != 0 {
		h.t.Errorf("answered %q", answer)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if last := h.denied[len(h.denied)-1]; !strings.HasPrefix(last, "denied: ") || !strings.Contains(last, why) {
		h.t.Errorf("reported %q, want %q", last, why)
	}
}

func prefixes(t *testing.T, text string) []netip.Prefix {
	t.Helper()
	list, err := connector.ParseAddresses(text)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestOff(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	if Before(inner, connector.Door{Proxies: prefixes(t, "127.0.0.1")}, weir.SourceEnv{}) != inner {
		t.Error("there is a door without need")
	}
}

func TestAllowed(t *testing.T) {
	h := build(t, connector.Door{Allowed: prefixes(t, "127.0.0.2, 10.0.0.0/8")})
	h.connect("127.0.0.2", "hello")
	h.enters("127.0.0.2", "hello")
	for range 3 {
		h.turned(h.connect("127.0.0.3", "hello"), "weir.allow")
	}
	h.turned(h.connect("127.0.0.4", "hello"), "weir.allow")
	if n := strings.Count(h.log.String(), "A connection is not let in"); n != 2 {
		t.Errorf("the log has %d lines, want one for each address:\n%s", n, h.log)
	}
}

func TestPerAddress(t *testing.T) {
	h := build(t, connector.Door{PerAddress: 2})
	h.connect("127.0.0.2", "1")
	first := h.enters("127.0.0.2", "1")
	h.connect("127.0.0.2", "2")
	h.enters("127.0.0.2", "2")
	h.turned(h.connect("127.0.0.2", ""), "2 connections already")
	h.connect("127.0.0.3", "3")
	h.enters("127.0.0.3", "3")
	first.Close()
	first.Close() // makes room once
	h.connect("127.0.0.2", "4")
	h.enters("127.0.0.2", "4")
	h.turned(h.connect("127.0.0.2", ""), "2 connections already")
}

func TestProxied(t *testing.T) {
	const header = "PROXY TCP4 192.0.2.7 192.0.2.8 4711 2575\r\n"
	h := build(t, connector.Door{Proxied: true, Proxies: prefixes(t, "127.0.0.2"), Allowed: prefixes(t, "192.0.2.7 127.0.0.3 127.0.0.2"), PerAddress: 1})
	h.connect("127.0.0.2", header+"hello")
	h.enters("192.0.2.7", "hello")
	h.turned(h.connect("127.0.0.2", header), "1 connections already") // counted by who is behind the proxy
	h.turned(h.connect("127.0.0.2", "PROXY TCP4 192.0.2.9 192.0.2.8 4711 2575\r\n"), "weir.allow")
	h.turned(h.connect("127.0.0.2", "\x0bMSH|^~\\&|"), "does not begin with a PROXY header")
	h.connect("127.0.0.2", "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00check")
	h.enters("127.0.0.2", "check") // the proxy's own connection
	// Nobody else is believed: what looks like a header is content.
	h.connect("127.0.0.3", header)
	h.enters("127.0.0.3", header)
}

// A proxy that says nothing holds up nobody, and no end.
func TestSilentProxy(t *testing.T) {
	h := build(t, connector.Door{Proxied: true, Proxies: prefixes(t, "127.0.0.2")})
	silent := h.connect("127.0.0.2", "PROXY ")
	h.connect("127.0.0.3", "hello")
	h.enters("127.0.0.3", "hello")
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	_ = silent.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is open")
	}
}

func TestTell(t *testing.T) {
	d := &door{told: map[netip.Addr]time.Time{}}
	now := time.Unix(1e9, 0)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for i, c := range []struct {
		addr  netip.Addr
		after time.Duration
		want  bool
	}{{a, 0, true}, {a, 59 * time.Second, false}, {b, 59 * time.Second, true}, {a, time.Minute, true}, {a, 119 * time.Second, false}} {
		if got := d.tell(c.addr, now.Add(c.after)); got != c.want {
			t.Errorf("%d: told %v, want %v", i, got, c.want)
		}
	}
	for i := range 2 * maxTold { // memory has an end
		d.tell(netip.MustParseAddr(fmt.Sprintf("10.0.%d.%d", i/256, i%256)), now)
	}
	if len(d.told) > maxTold {
		t.Errorf("%d addresses are remembered", len(d.told))
	}
	if !d.tell(netip.MustParseAddr("192.0.2.3"), now.Add(time.Hour)) {
		t.Error("nothing is told any more")
	}
}
