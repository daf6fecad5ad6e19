package tcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/weir-health/weir"
)

// clients are the connections of a sender in server mode.
type clients struct {
	sender   *Sender
	listener net.Listener
	limit    int
	work     sync.WaitGroup // the accept loop

	mu     sync.Mutex
	closed bool
	open   map[*client]struct{}
}

// client is one of them. mu orders the messages of several threads.
type client struct {
	mu sync.Mutex
	*socket
}

// openServer binds the local address, to which clients connect.
func (s *Sender) openServer(ctx context.Context) error {
	if s.TLS.Enabled {
		return &weir.Fault{At: "tls.enabled", Err: errors.New("a sender that waits for connections cannot speak TLS yet"),
			Hint: "Turn server mode or TLS off."}
	}
	address := net.JoinHostPort(s.env.Resolve(s.LocalAddress), fmt.Sprint(whole(s.env.Resolve(s.LocalPort))))
	var lc net.ListenConfig
	lc.SetMultipathTCP(false)
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return &weir.Fault{At: "localPort", Err: fmt.Errorf("listen on %s: %w", address, err),
			Hint: "The local address must be one of this computer, and the port not in use by another channel or program."}
	}
	s.clients = &clients{sender: s, listener: listener, limit: max(whole(s.env.Resolve(s.MaxConnections)), 1), open: map[*client]struct{}{}}
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

// admit adds a client. When there are too many it first looks who has left.
func (c *clients) admit(conn net.Conn) {
	if c.count() >= c.limit {
		c.present()
	}
	remote := conn.RemoteAddr().String()
	c.mu.Lock()
	refused := c.closed || len(c.open) >= c.limit
	if !refused {
		c.open[&client{socket: newSocket(socketKey{remote: remote}, conn, c.sender.writing)}] = struct{}{}
	}
	count := len(c.open)
	c.mu.Unlock()
	if refused {
		conn.Close()
		c.sender.env.Log.Warn("Connections beyond the largest number are closed", "setting", "maxConnections", "limit", c.limit, "remote", remote)
		return
	}
	c.sender.env.Connection(weir.ConnectionEvent{State: "connected", Remote: remote, Count: count})
}

func (c *clients) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
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
func (s *Sender) broadcast(ctx context.Context, m *weir.Outbound, msg []byte) (weir.Response, error) {
	here := s.clients.present()
	results := make([]result, len(here))
	var sends sync.WaitGroup
	for i, cl := range here {
		sends.Go(func() { results[i] = s.sendTo(ctx, cl, msg) })
	}
	sends.Wait()

	var chosen *result
	sent, all := 0, make(map[string]any, len(here))
	for i, r := range results {
		all[here[i].key.remote] = r.response
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
	if len(here) > 1 {
		r.StatusMessage = fmt.Sprintf("Message successfully sent to %d of %d clients.", sent, len(here))
	}
	return r, nil
}

func (s *Sender) sendTo(ctx context.Context, cl *client, msg []byte) result {
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
func (s *Sender) describeClients(m *weir.Outbound, all map[string]any, sent int) {
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
	c.work.Wait()
	for _, cl := range c.present() {
		c.drop(cl)
	}
	return nil
}
