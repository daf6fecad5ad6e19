//go:build linux || darwin || freebsd || netbsd || openbsd

package tcp

import (
	"net"
	"syscall"
)

// drainedNow reads what has arrived, without waiting.
func drainedNow(conn net.Conn) (open bool) {
	raw, ok := rawOf(conn)
	if !ok {
		return drained(conn)
	}
	var buf [512]byte
	err := raw.Read(func(fd uintptr) bool {
		for total := 0; total < stale; {
			n, err := syscall.Read(int(fd), buf[:])
			if err == syscall.EINTR {
				continue
			}
			if err != nil || n == 0 {
				open = err == syscall.EAGAIN
				return true
			}
			total += n
		}
		return true
	})
	return err == nil && open
}

// peek tells whether the other side has not closed, and whether bytes wait.
func peek(conn net.Conn) (open, waiting bool) {
	raw, ok := rawOf(conn)
	if !ok {
		return true, true
	}
	var buf [1]byte
	err := raw.Read(func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), buf[:], syscall.MSG_PEEK)
		open = err == syscall.EAGAIN || err == syscall.EINTR || err == nil && n > 0
		waiting = n > 0
		return true
	})
	return err == nil && open, waiting
}

func rawOf(conn net.Conn) (syscall.RawConn, bool) {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return nil, false
	}
	raw, err := s.SyscallConn()
	return raw, err == nil
}
