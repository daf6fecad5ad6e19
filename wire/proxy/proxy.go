// Package proxy reads the header of the PROXY protocol, in which a proxy or load
// balancer tells who is behind a connection: version 1, a line of text, and
// version 2, which is binary. The protocol is defined by HAProxy's
// proxy-protocol.txt.
package proxy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// MaxHeader is the longest header of version 2 that is read, in bytes; what
// proxies add to the addresses seldom takes a tenth of it.
const MaxHeader = 4096

// maxLine is the longest header of version 1, with its line end.
const maxLine = 107

// signature begins a header of version 2.
const signature = "\r\n\r\n\x00\r\nQUIT\n"

// Header is what the proxy says.
type Header struct {
	// Source and Destination are the ends of the connection to the proxy. They are
	// not valid where the proxy does not know them, or connects on its own behalf,
	// such as to see whether we live.
	Source, Destination netip.AddrPort
}

// ErrNoHeader says that a connection does not begin with a header.
var ErrNoHeader = errors.New("the connection does not begin with a PROXY header")

const line = "PROXY "

// Read reads a header, and not a byte more. A connection that begins otherwise is
// known by its first wrong byte.
func Read(r io.Reader) (Header, error) {
	var begin [len(signature)]byte // no header of either version is shorter
	for i := range begin {
		if _, err := io.ReadFull(r, begin[i:i+1]); err != nil {
			return Header{}, short(err)
		}
		if got := string(begin[:i+1]); !strings.HasPrefix(signature, got) && got[:min(i+1, len(line))] != line[:min(i+1, len(line))] {
			return Header{}, ErrNoHeader
		}
	}
	if string(begin[:]) == signature {
		return version2(r)
	}
	return version1(begin[:], r)
}

func short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("PROXY header: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// version1 reads "PROXY TCP4 192.0.2.7 192.0.2.8 4711 2575\r\n".
func version1(text []byte, r io.Reader) (h Header, err error) {
	for text[len(text)-1] != '\n' {
		if len(text) == maxLine {
			return h, errors.New("PROXY header: the line is too long")
		}
		var next [1]byte
		if _, err := io.ReadFull(r, next[:]); err != nil {
			return h, short(err)
		}
		text = append(text, next[0])
	}
	all, ok := strings.CutSuffix(string(text), "\r\n")
	words := strings.Split(all, " ")
	switch {
	case !ok:
		return h, errors.New("PROXY header: the line does not end with CR LF")
	case words[1] == "UNKNOWN":
		return h, nil
	case len(words) != 6 || words[1] != "TCP4" && words[1] != "TCP6":
		return h, errors.New("PROXY header: the line is not of the form PROXY TCP4 source destination port port")
	}
	if h.Source, err = end(words[1], words[2], words[4]); err != nil {
		return Header{}, err
	}
	if h.Destination, err = end(words[1], words[3], words[5]); err != nil {
		return Header{}, err
	}
	return h, nil
}

func end(family, address, port string) (netip.AddrPort, error) {
	addr, err := netip.ParseAddr(address)
	if err != nil || addr.Is4() != (family == "TCP4") || addr.Zone() != "" {
		return netip.AddrPort{}, fmt.Errorf("PROXY header: an address is not one of %s", family)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, errors.New("PROXY header: a port is not a number from 0 to 65535")
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), nil
}

// Commands and families of version 2.
const (
	local     = 0x20
	proxied   = 0x21
	overTCP4  = 0x11
	overTCP6  = 0x21
	overOther = 0x00
	overUnix  = 0x31
)

// version2 reads what follows the signature.
func version2(r io.Reader) (h Header, err error) {
	var fixed [4]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil {
		return h, short(err)
	}
	command, family, length := fixed[0], fixed[1], int(binary.BigEndian.Uint16(fixed[2:]))
	if length > MaxHeader {
		return h, fmt.Errorf("PROXY header: %d bytes are more than %d", length, MaxHeader)
	}
	rest := make([]byte, length)
	if _, err := io.ReadFull(r, rest); err != nil {
		return h, short(err)
	}
	if command == local {
		return h, nil
	}
	if command != proxied {
		return h, fmt.Errorf("PROXY header: version and command %#02x are not known", command)
	}
	size := 0
	switch family {
	case overTCP4:
		size = 4
	case overTCP6:
		size = 16
	case overOther, overUnix:
		return h, nil
	default:
		return h, fmt.Errorf("PROXY header: family %#02x is not TCP", family)
	}
	if length < 2*size+4 {
		return h, errors.New("PROXY header: the addresses are cut short")
	}
	from, _ := netip.AddrFromSlice(rest[:size])
	to, _ := netip.AddrFromSlice(rest[size : 2*size])
	h.Source = netip.AddrPortFrom(from.Unmap(), binary.BigEndian.Uint16(rest[2*size:]))
	h.Destination = netip.AddrPortFrom(to.Unmap(), binary.BigEndian.Uint16(rest[2*size+2:]))
	return h, nil
}
