package access

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dialTime is the longest wait for a connection where nothing shorter is asked
// for.
const dialTime = 30 * time.Second

// linkLocal are the networks whose addresses are granted only by themselves:
// those of the local link, with the metadata services of clouds, and the IPv6
// address of one such service.
var linkLocal = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("fd00:ec2::254/128"),
}

// Host reports, as an error, that a host and port are not granted. port may be
// empty, for whoever only asks for the address of a name.
func (g *Grants) Host(host, port string) error {
	if !g.host(host, port) {
		place := host
		if port != "" {
			place = net.JoinHostPort(host, port)
		}
		return g.deny(Network, place, place, "")
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return g.dialled(host, a, port)
	}
	return nil
}

// dialled judges the address to which a granted name has led.
func (g *Grants) dialled(host string, a netip.Addr, port string) error {
	a = a.Unmap().WithZone("")
	for _, network := range linkLocal {
		if network.Contains(a) && !g.address(a, port) {
			return g.deny(Network, host, a.String(), "addresses of the local link, such as "+a.String()+", are granted only by themselves")
		}
	}
	return nil
}

// Dial connects to host:port. The address is judged where the connection is
// made, whatever the name meant before.
func (g *Grants) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if err := g.Host(host, port); err != nil {
		return nil, err
	}
	return g.connect(ctx, network, address)
}

// DialDatabase connects to where a granted JDBC URL leads.
func (g *Grants) DialDatabase(ctx context.Context, network, address string) (net.Conn, error) {
	return g.connect(ctx, network, address)
}

func (g *Grants) connect(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	var denied error
	dialer := net.Dialer{Timeout: dialTime, Control: func(_, to string, _ syscall.RawConn) error {
		if ap, err := netip.ParseAddrPort(to); err == nil {
			_, port, _ := net.SplitHostPort(to)
			if err := g.dialled(host, ap.Addr(), port); err != nil {
				denied = err
				return err
			}
		}
		return nil
	}}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil && denied != nil {
		return nil, denied
	}
	return conn, err
}
