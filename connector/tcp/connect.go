package tcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/wire/mllp"
)

// connectTimeout bounds connections that a listener makes.
const connectTimeout = 30 * time.Second

// checkRemote checks the settings of client mode.
func (l *Listener) checkRemote() error {
	if l.env.Resolve(l.RemoteAddress) == "" || whole(l.env.Resolve(l.RemotePort)) == 0 {
		return &weir.Fault{At: "remoteAddress", Err: errors.New("the remote system to connect to is missing"),
			Hint: "Set the remote address and port, or turn server mode on."}
	}
	return nil
}

// connectLoop keeps one connection to the remote system and receives from it.
func (l *Listener) connectLoop() {
	interval := max(millis(l.env.Resolve(l.ReconnectInterval)), time.Millisecond)
	failing := false
	for {
		conn, err := l.connect()
		switch {
		case err == nil:
			failing = false
			l.receiveFrom(conn)
		case l.isStopping():
			return
		default:
			if !failing { // an evening without the partner is one line
				l.env.Log.Warn("The remote system cannot be reached; it is tried again and again", "error", err)
			}
			failing = true
			l.env.Connection(weir.ConnectionEvent{State: "failed", Detail: err.Error()})
		}
		select {
		case <-l.open.Done():
			return
		case <-time.After(interval):
		}
	}
}

func (l *Listener) connect() (net.Conn, error) {
	address := net.JoinHostPort(l.env.Resolve(l.RemoteAddress), l.env.Resolve(l.RemotePort))
	dialer := net.Dialer{Timeout: connectTimeout}
	if l.OverrideLocalBinding {
		local, err := l.localAddress()
		if err != nil {
			return nil, err
		}
		if dialer.LocalAddr, err = net.ResolveTCPAddr("tcp", local); err != nil {
			return nil, &weir.Fault{At: "listenerConnectorProperties.host", Err: err, Hint: "Check the local host and port."}
		}
	}
	conn, err := dialer.DialContext(l.open, "tcp", address)
	if err != nil {
		return nil, &weir.Fault{At: "remoteAddress", Err: fmt.Errorf("connect to %s: %w", address, err),
			Hint: "Check remote address and port, and that the remote system is listening."}
	}
	return secured(l.open, conn, l.remoteTLS, address, connectTimeout)
}

// receiveFrom runs a session to its end.
func (l *Listener) receiveFrom(conn net.Conn) {
	s := newSession(l, conn)
	l.mu.Lock()
	stopping := l.stopping
	if !stopping {
		l.sessions[s] = struct{}{}
	}
	l.mu.Unlock()
	if stopping {
		s.raw.Close()
		return
	}
	l.env.Connection(weir.ConnectionEvent{State: "connected", Remote: s.remote, Count: 1})
	s.run()
}

// replyAnew sends a reply on a connection of its own.
func (l *Listener) replyAnew(bytes []byte) error {
	address := net.JoinHostPort(l.env.Resolve(l.ResponseAddress), l.env.Resolve(l.ResponsePort))
	ctx, cancel := context.WithTimeout(l.ctx, connectTimeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return &weir.Fault{At: "responseAddress", Err: fmt.Errorf("connect to %s for the reply: %w", address, err),
			Hint: "Check response address and port, and that the remote system is listening."}
	}
	if conn, err = secured(ctx, conn, &l.ReplyTLS, address, connectTimeout); err != nil {
		return err
	}
	defer conn.Close()
	if l.FrameTimeout > 0 {
		_ = conn.SetDeadline(time.Now().Add(l.FrameTimeout))
	}
	if err := mllp.NewWriter(conn, l.writing).WriteMessage(bytes); err != nil {
		return fmt.Errorf("send the reply to %s: %w", address, err)
	}
	return nil
}
