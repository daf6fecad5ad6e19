package tcp

import (
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

func TestSettings(t *testing.T) {
	connectortest.Declared(t, new(Listener))
	connectortest.Declared(t, new(Sender))

	var l Listener
	connectortest.Decode(t, &l, connectortest.Export(t, "testdata/listener.xml"))
	if l.Listen.Port.Text != "6661" || !l.KeepConnectionOpen || l.Source.ResponseVariable != connector.RespondAfterTransformer {
		t.Errorf("listener: %+v", &l)
	}
	var s Sender
	connectortest.Decode(t, &s, connectortest.Export(t, "testdata/sender.xml"))
	if s.RemotePort.Text != "6660" || !s.KeepConnectionOpen || !s.Destination.ValidateResponse || s.Destination.RetryInterval != 300*time.Millisecond {
		t.Errorf("sender: %+v", &s)
	}
	connectortest.Decode(t, &s, connectortest.Export(t, "testdata/sender-release2.xml"))
	if !s.Transmission.release2() || s.Transmission.MaxRetries != 2 {
		t.Errorf("sender with release 2: %+v", s.Transmission)
	}
}

// The defaults of the TCP connectors differ from those of others.
func TestSharedSettings(t *testing.T) {
	l, s := new(Listener), new(Sender)
	connectortest.Decode(t, l, nil)
	connectortest.Decode(t, s, nil)
	source, err := connector.SettingsOfSource(l, nil)
	if err != nil || source.ResponseVariable != connector.RespondAfterTransformer || !source.FirstResponse {
		t.Errorf("source settings of a listener: %+v, %v", source, err)
	}
	destination, err := connector.SettingsOfDestination(s, nil)
	if err != nil || !destination.ValidateResponse {
		t.Errorf("destination settings of a sender: %+v, %v", destination, err)
	}
}

// loopback are the settings of a listener for tests.
func loopback(more ...string) []string {
	return append([]string{
		"listenerConnectorProperties.host", "127.0.0.1",
		"listenerConnectorProperties.port", "0",
		"maxConnections", "100",
	}, more...)
}

// listen starts a listener that is stopped with the test.
func listen(t testing.TB, e *connectortest.Engine, settings ...string) *Listener {
	t.Helper()
	l := new(Listener)
	connectortest.Start(t, l, e, connectortest.Settings(loopback(settings...)...))
	t.Cleanup(func() { connectortest.Stop(t, l) })
	return l
}

// partner is the other side of a connection in tests.
type partner struct {
	t testing.TB
	net.Conn
	r *mllp.Reader
	w *mllp.Writer
}

func dial(t testing.TB, to net.Addr, opt mllp.Options) *partner {
	t.Helper()
	conn, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	return newPartner(t, conn, opt)
}

func newPartner(t testing.TB, conn net.Conn, opt mllp.Options) *partner {
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(connectortest.Limit))
	return &partner{t: t, Conn: conn, r: mllp.NewReader(conn, opt), w: mllp.NewWriter(conn, opt)}
}

func (p *partner) write(text string) {
	p.t.Helper()
	if err := p.w.WriteMessage([]byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *partner) read() string {
	p.t.Helper()
	b, err := p.r.ReadMessage()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return string(b)
}

// ended fails the test if anything but the end of the connection comes.
func (p *partner) ended() {
	p.t.Helper()
	b, err := p.r.ReadMessage()
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Errorf("got %q, %v; want the end of the connection", b, err)
	}
}

// sink is a system that takes messages, and does with each what a function says.
type sink struct {
	net.Listener
	opt    mllp.Options
	handle func(conn net.Conn, w *mllp.Writer, n int, msg string) (goOn bool)

	arrived chan struct{} // one for each message

	mu    sync.Mutex
	got   []string
	conns int
}

// newSink starts a sink that answers every message with "ok", unless handle is
// given. n counts messages from 1.
func newSink(t testing.TB, opt mllp.Options, handle func(conn net.Conn, w *mllp.Writer, n int, msg string) bool) *sink {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return sinkOn(t, ln, opt, handle)
}

func sinkOn(t testing.TB, ln net.Listener, opt mllp.Options, handle func(conn net.Conn, w *mllp.Writer, n int, msg string) bool) *sink {
	if handle == nil {
		handle = func(_ net.Conn, w *mllp.Writer, _ int, _ string) bool { return w.WriteMessage([]byte("ok")) == nil }
	}
	s := &sink{Listener: ln, opt: opt, handle: handle, arrived: make(chan struct{}, 1<<16)}
	var all sync.WaitGroup
	t.Cleanup(func() {
		ln.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			s.mu.Lock()
			s.conns++
			s.mu.Unlock()
			go s.serve(conn)
		}
	})
	return s
}

func (s *sink) serve(conn net.Conn) {
	defer conn.Close()
	r, w := mllp.NewReader(conn, s.opt), mllp.NewWriter(conn, s.opt)
	for {
		b, err := r.ReadMessage()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.got = append(s.got, string(b))
		n := len(s.got)
		s.mu.Unlock()
		s.arrived <- struct{}{}
		if !s.handle(conn, w, n, string(b)) {
			return
		}
	}
}

func (s *sink) received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

func (s *sink) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// settings are those of a sender to this sink.
func (s *sink) settings(more ...string) []string {
	return to(s.Addr(), more...)
}

func to(a net.Addr, more ...string) []string {
	host, port, _ := net.SplitHostPort(a.String())
	return append([]string{"remoteAddress", host, "remotePort", port}, more...)
}

// sender opens a sender that is closed with the test.
func sender(t testing.TB, settings []string) *Sender {
	t.Helper()
	s := new(Sender)
	connectortest.Open(t, s, connectortest.Settings(settings...))
	return s
}

func send(t testing.TB, s *Sender, text string) (weir.Response, error) {
	t.Helper()
	m := connectortest.Outbound(1, "template", text)
	m.Queue = true
	return s.Send(connectortest.Context(t), m)
}

// closedPort returns an address on which nobody listens.
func closedPort(t testing.TB) net.Addr {
	t.Helper()
	host, port := connectortest.ClosedPort(t)
	addr, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(host, port))
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// reset closes a connection so that the other side gets an error.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}
