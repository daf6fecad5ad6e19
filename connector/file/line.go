package file

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// line is the network connections of a session. The libraries of the schemes
// know neither contexts nor timeouts everywhere; so what they do is cut off
// below them: when the context of the work ends, or when during work no byte has
// moved for the timeout.
type line struct {
	timeout time.Duration   // 0 means none
	ctx     context.Context // ends when the line is cut
	cancel  context.CancelCauseFunc

	mu    sync.Mutex
	conns map[*lineConn]bool
	timer *time.Timer // nil at rest
}

func newLine(timeout time.Duration) *line {
	l := &line{timeout: timeout, conns: map[*lineConn]bool{}}
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	return l
}

// work begins work; end ends it.
func (l *line) work(ctx context.Context) (end func()) {
	stop := context.AfterFunc(ctx, func() { l.cut(errStopped(ctx)) })
	l.mu.Lock()
	if l.timeout > 0 {
		l.timer = time.AfterFunc(l.timeout, func() { l.cut(fmt.Errorf("the remote system did not move on for %v", l.timeout)) })
	}
	l.mu.Unlock()
	return func() {
		stop()
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.timer != nil {
			l.timer.Stop()
			l.timer = nil
		}
	}
}

// cut closes all connections for good.
func (l *line) cut(why error) {
	l.cancel(why)
	l.mu.Lock()
	conns := l.conns
	l.conns = map[*lineConn]bool{}
	l.mu.Unlock()
	for c := range conns {
		c.Conn.Close()
	}
}

// why returns the reason for which the line was cut, or else err.
func (l *line) why(err error) error {
	if cause := context.Cause(l.ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, l.why(err)
	}
	l.moved()
	c := &lineConn{Conn: conn, line: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		conn.Close()
		return nil, context.Cause(l.ctx)
	}
	l.conns[c] = true
	return c, nil
}

func (l *line) moved() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Reset(l.timeout)
	}
}

// lineConn is one connection of a line.
type lineConn struct {
	net.Conn
	line *line
}

func (c *lineConn) Read(b []byte) (n int, err error) {
	if n, err = c.Conn.Read(b); n > 0 {
		c.line.moved()
	}
	return n, err
}

func (c *lineConn) Write(b []byte) (n int, err error) {
	// In pieces, so that a slow line that moves is seen to move.
	for n < len(b) && err == nil {
		var m int
		m, err = c.Conn.Write(b[n:min(n+64<<10, len(b))])
		n += m
		c.line.moved()
	}
	return n, err
}

func (c *lineConn) Close() error {
	c.line.mu.Lock()
	delete(c.line.conns, c)
	c.line.mu.Unlock()
	return c.Conn.Close()
}
