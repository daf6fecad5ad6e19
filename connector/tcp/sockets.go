package tcp

import (
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/weir-health/weir/wire/mllp"
)

// socketKey is what a connection can be used again for: Mirth's rule.
type socketKey struct {
	thread int
	remote string
	local  string // empty: not bound
}

// socket is a connection of the sender. It belongs to whoever made it or took
// it, until it is kept.
type socket struct {
	key       socketKey
	conn      net.Conn
	writer    *mllp.Writer // writes to the socket
	fr        *framer
	uses      int  // messages written
	good      bool // may be kept
	untouched bool // no byte of the latest message has left

	idle *time.Timer // closes it; nil while in use
}

func newSocket(key socketKey, conn net.Conn, opt mllp.Options) *socket {
	s := &socket{key: key, conn: conn}
	s.writer = mllp.NewWriter(s, opt)
	return s
}

// Write writes to the connection and notes whether anything left. With TLS that
// cannot be known.
func (s *socket) Write(p []byte) (int, error) {
	n, err := s.conn.Write(p)
	if _, secured := s.conn.(*tls.Conn); n > 0 || secured {
		s.untouched = false
	}
	return n, err
}

// framer returns the reader of responses on this connection.
func (s *socket) framer(p *framers) *framer {
	if s.fr == nil {
		s.fr = p.borrow(s.conn, nil)
	}
	return s.fr
}

// settle ends the use of the reader. What it holds beyond the response was not
// asked for and is dropped with it.
func (s *socket) settle(p *framers) {
	if s.fr == nil {
		return
	}
	if s.fr.empty() {
		p.giveBack(s.fr)
	}
	s.fr = nil
	_ = s.conn.SetReadDeadline(time.Time{})
}

// sockets are the connections that are open and not in use.
type sockets struct {
	mu   sync.Mutex
	kept map[socketKey]*socket
}

// take returns a connection that can be used again, or nil.
func (p *sockets) take(key socketKey) *socket {
	p.mu.Lock()
	s := p.kept[key]
	delete(p.kept, key)
	p.mu.Unlock()
	if s == nil {
		return nil
	}
	if s.idle != nil {
		s.idle.Stop()
		s.idle = nil
	}
	if !alive(s.conn) {
		s.conn.Close()
		return nil
	}
	s.good = false
	return s
}

// keep takes a connection back, to close it after the given time without use; 0
// means never. There is none with the same key, since a thread sends one message
// at a time.
func (p *sockets) keep(s *socket, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[socketKey]*socket{}
	}
	p.kept[s.key] = s
	if after > 0 {
		uses := s.uses
		s.idle = time.AfterFunc(after, func() { p.expire(s, uses) })
	}
}

// expire closes a connection if it has not been used since its timer was set.
func (p *sockets) expire(s *socket, uses int) {
	p.mu.Lock()
	unused := p.kept[s.key] == s && s.uses == uses
	if unused {
		delete(p.kept, s.key)
	}
	p.mu.Unlock()
	if unused {
		s.conn.Close()
	}
}

func (p *sockets) close() {
	p.mu.Lock()
	all := p.kept
	p.kept = nil
	p.mu.Unlock()
	for _, s := range all {
		if s.idle != nil {
			s.idle.Stop()
		}
		s.conn.Close()
	}
}
