package tcp

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

// pipes is a network in memory. In a bubble of testing/synctest the clock stands
// still while anything moves on it, so that a silence is exactly as long as it is
// said to be and costs no time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu    sync.Mutex
	count int
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

// end is one end of a pipe, with an address that tells it from others.
type end struct {
	net.Conn
	remote net.Addr
}

func (e end) RemoteAddr() net.Addr { return e.remote }

func (p *pipes) connect() (net.Conn, error) {
	p.mu.Lock()
	p.count++
	remote := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p.count}
	p.mu.Unlock()
	here, there := net.Pipe()
	select {
	case p.conns <- end{there, remote}:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 6661} }

func (p *pipes) bind(context.Context, string) (net.Listener, error) { return p, nil }

func (p *pipes) dial(context.Context, socketKey) (net.Conn, error) { return p.connect() }

// partner connects to who listens.
func (p *pipes) partner(t *testing.T, opt mllp.Options) *partner {
	t.Helper()
	conn, err := p.connect()
	if err != nil {
		t.Fatal(err)
	}
	return newPartner(t, conn, opt)
}

// listen starts a listener on the network.
func (p *pipes) listen(t *testing.T, e *connectortest.Engine, settings ...string) {
	t.Helper()
	l := &Listener{bind: p.bind}
	connectortest.Start(t, l, e, connectortest.Settings(loopback(settings...)...))
	t.Cleanup(func() { connectortest.Stop(t, l) })
}

// sender opens a sender that connects to who listens on the network.
func (p *pipes) sender(t *testing.T, settings ...string) *Sender {
	t.Helper()
	d := &Sender{dial: p.dial}
	connectortest.Open(t, d, connectortest.Settings(settings...))
	return d
}
