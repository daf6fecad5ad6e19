package tcp

import (
	"crypto/tls"
	"net"
	"time"
)

// stale is how much may have arrived unasked on a connection that was kept open.
const stale = 1 << 20 // bytes

// alive looks whether the other side still holds a connection that nobody uses,
// and throws away what has arrived on it. It waits for nothing but, with TLS, up
// to a millisecond.
func alive(conn net.Conn) bool {
	if secured, ok := conn.(*tls.Conn); ok {
		if open, waiting := peek(secured.NetConn()); !open || !waiting {
			return open
		}
		return drained(conn)
	}
	return drainedNow(conn)
}

// drained reads for up to a millisecond.
func drained(conn net.Conn) bool {
	buf := make([]byte, 4<<10)
	_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	defer conn.SetReadDeadline(time.Time{})
	for total := 0; total < stale; {
		n, err := conn.Read(buf)
		total += n
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			return true
		}
		if err != nil {
			return false
		}
	}
	return false
}
