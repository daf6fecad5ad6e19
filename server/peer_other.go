//go:build !linux

package server

import "net"

// peer names the user at the other end of the socket, which only Linux tells.
func peer(net.Conn) string { return unknownPeer }
