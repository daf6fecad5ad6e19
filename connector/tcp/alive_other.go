//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package tcp

import "net"

// Elsewhere looking costs a millisecond.

func drainedNow(conn net.Conn) bool { return drained(conn) }

func peek(net.Conn) (open, waiting bool) { return true, true }
