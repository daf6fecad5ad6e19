package server

import (
	"fmt"
	"net"
	"os/user"
	"strconv"
	"syscall"
)

// peer names the user at the other end of the socket, for the audit trail.
func peer(conn net.Conn) string {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return unknownPeer
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return unknownPeer
	}
	var cred *syscall.Ucred
	var gone error
	err = raw.Control(func(fd uintptr) {
		cred, gone = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err != nil || gone != nil {
		return unknownPeer
	}
	id := strconv.FormatUint(uint64(cred.Uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return fmt.Sprintf("%s on this machine", u.Username)
	}
	return fmt.Sprintf("user %s on this machine", id)
}
