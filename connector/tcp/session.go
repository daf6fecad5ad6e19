package tcp

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/stream"
	"github.com/weir-health/weir/wire/mllp"
)

// session is one connection that brings messages.
type session struct {
	l        *Listener
	conn     net.Conn
	raw      net.Conn // below TLS; closing it waits for nothing
	remote   string   // address and port
	from, to endpoint
	writer   *mllp.Writer

	busy  bool    // between a message and its reply; guarded by l.mu
	fr    *framer // nil while nothing has arrived
	began time.Time
	head  [64]byte // the first bytes of a message, until there is a framer
}

func newSession(l *Listener, conn net.Conn) *session {
	s := &session{l: l, conn: conn, raw: conn, remote: conn.RemoteAddr().String(),
		from: endpointOf(conn.RemoteAddr()), to: endpointOf(conn.LocalAddr())}
	if conn, ok := conn.(*tls.Conn); ok {
		s.raw = conn.NetConn()
	}
	s.writer = mllp.NewWriter(s.conn, l.writing)
	return s
}

// endpoint is one side of a connection as the source map has it.
type endpoint struct {
	address string
	port    int32
}

func endpointOf(a net.Addr) endpoint {
	if a, ok := a.(*net.TCPAddr); ok {
		return endpoint{a.IP.String(), int32(a.Port)}
	}
	return endpoint{a.String(), 0}
}

// run receives messages until the connection ends.
func (s *session) run() {
	defer s.l.leave(s)
	defer s.conn.Close()
	if conn, ok := s.conn.(*tls.Conn); ok { // done already if this side connected
		if err := handshake(s.l.ctx, conn); err != nil {
			s.failed(err)
			return
		}
	}
	for {
		msg, large, err := s.next()
		if err != nil {
			if err != io.EOF {
				s.failed(err)
			}
			return
		}
		if !s.handle(msg, large) {
			return
		}
	}
}

// next waits for a message. It returns io.EOF when there will be none, for a
// reason that need not be told.
func (s *session) next() ([]byte, *mllp.Large, error) {
	for {
		if s.fr == nil {
			if err := s.wait(); err != nil {
				return nil, nil, err
			}
			s.l.env.Connection(weir.ConnectionEvent{State: "receiving", Remote: s.remote})
		}
		if s.l.env.AwaitRoom(s.l.ctx) != nil {
			return nil, nil, io.EOF
		}
		msg, large, err := s.fr.nextLarge(s.l.env.StreamAbove, s.l.MaxStream)
		switch {
		case err == nil:
			return msg, large, nil
		case s.l.isStopping():
			return nil, nil, io.EOF
		case errors.Is(err, mllp.ErrIdle) && s.l.KeepConnectionOpen:
		case errors.Is(err, mllp.ErrIdle):
			return nil, nil, io.EOF
		case errors.Is(err, mllp.ErrSlow) && s.l.KeepConnectionOpen && s.inTime():
		default:
			return nil, nil, err
		}
	}
}

// inTime reports whether a message that was silent for a while may go on.
func (s *session) inTime() bool {
	return s.l.FrameTimeout == 0 || time.Since(s.began) < s.l.FrameTimeout
}

// wait waits for the first bytes of a message, with next to no memory.
func (s *session) wait() error {
	for {
		var until time.Time
		if s.l.receiveTimeout > 0 {
			until = time.Now().Add(s.l.receiveTimeout)
		}
		// An error means that the connection is closed, of which Read tells more.
		_ = s.conn.SetReadDeadline(until)
		n, err := s.conn.Read(s.head[:])
		if n > 0 {
			s.began = time.Now()
			s.fr = s.l.framers.borrow(s.conn, s.head[:n])
			return nil
		}
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			if !s.l.KeepConnectionOpen {
				return io.EOF
			}
		case err == io.EOF || s.l.isStopping():
			return io.EOF
		case err != nil:
			return err
		}
	}
}

// handle has a message received and answers it. It reports whether the
// connection goes on.
func (s *session) handle(msg []byte, large *mllp.Large) bool {
	in := s.inbound(msg, large)
	if large == nil {
		s.settle()
	}
	if !s.l.enter(s) {
		s.commit(false)
		return false
	}
	reply, err := s.l.env.Receive(s.l.ctx, in)
	goOn := false
	switch {
	case err == nil:
		if large != nil {
			s.fr.count(large.Count())
			s.settle()
		}
		goOn = s.answer(reply)
	case large == nil:
		goOn = s.refuse(err)
	case large.Err() == nil || large.Err() == io.EOF: // what is left of it is no message
		s.refuse(err)
	default:
		s.failed(large.Err())
	}
	stopping := s.l.done(s)
	s.l.env.Connection(weir.ConnectionEvent{State: "idle", Remote: s.remote})
	return goOn && !stopping && s.l.KeepConnectionOpen
}

// settle gives the reader of frames back if all that arrived has been read.
func (s *session) settle() {
	if s.fr.empty() {
		s.l.framers.giveBack(s.fr)
		s.fr = nil
	} else {
		s.began = time.Now() // of the next message, which has begun to arrive
	}
}

func (s *session) inbound(msg []byte, large *mllp.Large) weir.Inbound {
	in := weir.Inbound{Binary: s.l.Binary, SourceMap: map[string]any{
		"localAddress": s.to.address, "localPort": s.to.port, "remoteAddress": s.from.address, "remotePort": s.from.port,
	}}
	switch {
	case large != nil && in.Binary:
		in.Stream = stream.ToBase64(&arriving{s: s, in: large})
	case large != nil:
		in.Stream = s.l.charset.DecodeReader(&arriving{s: s, in: large})
	case in.Binary:
		in.Text = base64.StdEncoding.EncodeToString(msg)
	default:
		in.Text = s.l.charset.Decode(msg)
	}
	return in
}

// arriving is a large message, which may fall silent as long as others may.
type arriving struct {
	s     *session
	in    *mllp.Large
	piece int64 // bytes of the latest piece
}

func (a *arriving) Read(p []byte) (int, error) {
	for {
		n, err := a.in.Read(p)
		if a.piece += int64(n); a.piece >= stream.Piece {
			a.piece, a.s.began = 0, time.Now()
		}
		if n > 0 || !errors.Is(err, mllp.ErrSlow) || !a.s.l.KeepConnectionOpen || !a.s.inTime() {
			return n, err
		}
	}
}

// refuse tells the sender of a message that is not kept: by closing, or where
// there are commit acknowledgments by a negative one.
func (s *session) refuse(err error) (goOn bool) {
	s.l.env.Log.Error("A message was not received and not acknowledged", "remote", s.remote, "error", err)
	s.l.env.Connection(weir.ConnectionEvent{State: "failed", Remote: s.remote, Detail: err.Error()})
	return s.commit(false) == nil && s.l.Transmission.release2()
}

// answer confirms a message that is kept and sends its reply.
func (s *session) answer(reply weir.Reply) (goOn bool) {
	goOn = true
	err := s.commit(true)
	if err != nil {
		goOn = false
	} else if reply.Response != nil { // Mirth frames one without text, too
		goOn, err = s.reply(reply.Response.Message)
	}
	if err == nil {
		return true
	}
	if reply.Failed != nil {
		reply.Failed(err)
	}
	s.l.env.Log.Warn("The reply could not be sent", "remote", s.remote, "message", reply.MessageID, "error", err)
	return goOn
}

// reply sends a reply to where replies go. goOn is false when the connection is
// broken.
func (s *session) reply(text string) (goOn bool, err error) {
	bytes, err := s.l.encode(text)
	if err != nil {
		return true, err
	}
	if s.l.Respond == respondAnew {
		return true, s.l.replyAnew(bytes)
	}
	s.limitWrite()
	if err := s.writer.WriteMessage(bytes); err != nil {
		return false, fmt.Errorf("send the reply to %s: %w", s.remote, err)
	}
	return true, nil
}

// commit writes a commit acknowledgment where the protocol has one.
func (s *session) commit(ok bool) error {
	if !s.l.Transmission.release2() {
		return nil
	}
	s.limitWrite()
	if err := s.writer.WriteCommit(ok); err != nil {
		return fmt.Errorf("send the commit acknowledgment to %s: %w", s.remote, err)
	}
	return nil
}

func (s *session) limitWrite() {
	if s.l.FrameTimeout > 0 {
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.l.FrameTimeout))
	}
}

// failed reports the end of a connection that is nobody's wish.
func (s *session) failed(err error) {
	if s.l.isStopping() {
		return
	}
	err = describe(err, s.remote, s.l.FrameTimeout)
	s.l.env.Log.Warn("The connection ended in an error", "remote", s.remote, "error", err)
	s.l.env.Connection(weir.ConnectionEvent{State: "failed", Remote: s.remote, Detail: err.Error()})
}

// enter marks a session that is not to be closed; false means that the listener
// takes no more messages.
func (l *Listener) enter(s *session) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.busy = !l.stopping
	return s.busy
}

// done ends what enter began and reports whether the listener is stopping.
func (l *Listener) done(s *session) (stopping bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.busy = false
	return l.stopping
}

func (l *Listener) isStopping() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopping
}

// encode returns a reply as it is written.
func (l *Listener) encode(text string) ([]byte, error) {
	if !l.Binary {
		return l.charset.Append(nil, text), nil
	}
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, &weir.Fault{At: "dataTypeBinary", Err: fmt.Errorf("the reply is not base64: %w", err),
			Hint: "With binary on, a reply must be given in base64."}
	}
	return bytes, nil
}
