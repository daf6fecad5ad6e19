package tcp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/bind"
)

// clients are the connections of a sender in server mode.
type clients struct {
	sender   *Sender
	listener net.Listener
	limit    int
	tls      *tls.Config     // nil: without
	ctx      context.Context // ends when the sender is closed
	cut      context.CancelFunc
	work     sync.WaitGroup // the accept loop, and handshakes

	mu      sync.Mutex
	closed  bool
	greeted int // clients whose handshake is under way
	open    map[*client]struct{}
}

// client is one of them. mu orders the messages of several threads.
type client struct {
	mu sync.Mutex
	*socket
}

// openServer binds the local address, to which clients connect.
func (s *Sender) openServer(ctx context.Context) error {
	secure, err := s.TLS.Server().Config(s.env.Log)
	if err != nil {
		return err
	}
	address := net.JoinHostPort(s.env.Resolve(s.LocalAddress), fmt.Sprint(whole(s.env.Resolve(s.LocalPort))))
	if s.bind == nil {
		s.bind = bind.TCP
	}
	listener, err := s.bind(ctx, address)
	if err != nil {
		return &weir.Fault{At: "localPort", Err: fmt.Errorf("listen on %s: %w", address, err),
			Hint: "The local address must be one of this computer, and the port not in use by another channel or program."}
	}
	s.clients = &clients{sender: s, listener: listener, limit: max(whole(s.env.Resolve(s.MaxConnections)), 1), tls: secure, open: map[*client]struct{}{}}
	s.clients.ctx, s.clients.cut = context.WithCancel(context.Background())
	s.clients.work.Go(s.clients.acceptLoop)
	return nil
}

func (c *clients) acceptLoop() {
	for {
		conn, err := c.listener.Accept()
		switch {
		case err == nil:
			c.admit(conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			c.sender.env.Log.Error("A connection could not be accepted; it is tried again", "error", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// admit adds a client, with TLS after its handshake. When there are too many it
// first looks who has left.
func (c *clients) admit(conn net.Conn) {
	if c.count() >= c.limit {
		c.present()
	}
	c.mu.Lock()
	refused := c.closed || len(c.open)+c.greeted >= c.limit
	if !refused && c.tls != nil {
		c.greeted++
	}
	c.mu.Unlock()
	switch {
	case refused:
		conn.Close()
		c.sender.env.Log.Warn("Connections beyond the largest number are closed", "setting", "maxConnections", "limit", c.limit, "remote", conn.RemoteAddr().String())
	case c.tls != nil:
		c.work.Go(func() { c.greet(tls.Server(conn, c.tls)) })
	default:
		c.add(conn)
	}
}

// greet adds a client if its handshake succeeds.
func (c *clients) greet(conn *tls.Conn) {
	err := handshake(c.ctx, conn)
	c.mu.Lock()
	c.greeted--
	c.mu.Unlock()
	if err == nil {
		c.add(conn)
		return
	}
	conn.Close()
	if c.ctx.Err() == nil {
		c.sender.env.Log.Warn("A client was not admitted", "error", err)
		c.sender.env.Connection(weir.ConnectionEvent{State: "failed", Remote: conn.RemoteAddr().String(), Detail: err.Error()})
	}
}

func (c *clients) add(conn net.Conn) {
	remote := conn.RemoteAddr().String()
	c.mu.Lock()
	c.open[&client{socket: newSocket(socketKey{remote: remote}, conn, c.sender.writing)}] = struct{}{}
	count := len(c.open)
	c.mu.Unlock()
	c.sender.env.Connection(weir.ConnectionEvent{State: "connected", Remote: remote, Count: count})
}

func (c *clients) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open) + c.greeted
}

// present returns the clients that have not left.
func (c *clients) present() []*client {
	c.mu.Lock()
	all := make([]*client, 0, len(c.open))
	for cl := range c.open {
		all = append(all, cl)
	}
	c.mu.Unlock()
	here := all[:0]
	for _, cl := range all {
		cl.mu.Lock()
		ok := alive(cl.conn)
		cl.mu.Unlock()
		if ok {
			here = append(here, cl)
		} else {
			c.drop(cl)
		}
	}
	return here
}

func (c *clients) drop(cl *client) {
	cl.conn.Close()
	c.mu.Lock()
	delete(c.open, cl)
	count := len(c.open)
	c.mu.Unlock()
	c.sender.env.Connection(weir.ConnectionEvent{State: "disconnected", Remote: cl.key.remote, Count: count})
}

// result is what became of a message at one client.
type result struct {
	response weir.Response
	err      error
}

// broadcast sends a message to every client at once. It is sent when one of
// them has it: a second attempt would give it twice to those who have it, while a
// client that failed is disconnected and as if it had never been there.
func (s *Sender) broadcast(ctx context.Context, m *weir.Outbound, msg content) (weir.Response, error) {
	here := s.clients.present()
	results := make([]result, len(here))
	var sends sync.WaitGroup
	for i, cl := range here {
		sends.Go(func() { results[i] = s.sendTo(ctx, cl, msg) })
	}
	sends.Wait()

	var chosen *result
	sent, all := 0, make([]weir.Response, 0, len(here))
	for i, r := range results {
		all = append(all, r.response)
		if r.response.Status == weir.Sent {
			sent++
		}
		if chosen == nil || r.response.Status == weir.Sent {
			chosen = &results[i]
		}
	}
	s.describeClients(m, all, sent)
	switch {
	case chosen == nil:
		return weir.Response{Status: weir.Queued, StatusMessage: "No clients found."},
			&weir.Fault{At: "serverMode", Err: fmt.Errorf("no client is connected to %s", s.clients.listener.Addr()),
				Hint: "The message is sent when the remote system has connected; check that it does."}
	case sent == 0:
		return chosen.response, chosen.err
	case sent < len(here):
		s.env.Log.Warn("A message did not reach all clients", "message", m.MessageID, "clients", len(here), "reached", sent)
	}
	r := chosen.response
	r.StatusMessage = fmt.Sprintf("Message successfully sent to %d of %d", sent, len(here))
	return r, nil
}

func (s *Sender) sendTo(ctx context.Context, cl *client, msg content) result {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.good = false
	sock := cl.socket
	sock.uses = 0 // nobody can be connected to anew
	r, err := s.exchange(ctx, &sock, msg)
	if err != nil || !cl.good || !s.KeepConnectionOpen {
		s.clients.drop(cl)
	} else {
		cl.settle(&s.responses)
	}
	return result{r, err}
}

// describeClients tells scripts what a broadcast did, under Mirth's names.
func (s *Sender) describeClients(m *weir.Outbound, all []weir.Response, sent int) {
	local, _ := s.clients.listener.Addr().(*net.TCPAddr)
	m.ConnectorMap["allResponses"] = all
	m.ConnectorMap["localAddress"] = local.IP.String()
	m.ConnectorMap["localPort"] = int32(local.Port)
	m.ConnectorMap["numberOfClients"] = int32(len(all))
	m.ConnectorMap["successfulSends"] = int32(sent)
}

func (c *clients) close(context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.listener.Close()
	c.cut()
	c.work.Wait()
	for _, cl := range c.present() {
		c.drop(cl)
	}
	return nil
}
