// Package door stands before a listener and lets in whom its settings allow: the
// addresses that may connect, how many times at once, and, told by the header of
// the PROXY protocol, who is behind a proxy.
//
//	listener = door.Before(listener, l.Listen.Door, env)
//
// What is not let in is closed without an answer.
package door

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/wire/proxy"
)

// headerTime is how long a proxy may take for its header.
const headerTime = 10 * time.Second

// maxWaiting is how many connections may wait for their headers at once.
const maxWaiting = 1024

// Before puts a door before a listener. With all settings off it is the listener
// itself. Closing the door closes the listener.
func Before(l net.Listener, settings connector.Door, env weir.SourceEnv) net.Listener {
	if settings.PerAddress == 0 && len(settings.Allowed) == 0 && !settings.Proxied {
		return l
	}
	d := &door{Listener: l, Door: settings, env: env, let: make(chan arrival), closed: make(chan struct{}),
		inside: map[netip.Addr]int{}, waiting: map[net.Conn]bool{}, told: map[netip.Addr]time.Time{}}
	d.work.Go(d.watch)
	return d
}

type door struct {
	net.Listener
	connector.Door
	env    weir.SourceEnv
	let    chan arrival
	closed chan struct{}
	work   sync.WaitGroup // watch, and who waits for headers

	mu      sync.Mutex
	ended   bool
	inside  map[netip.Addr]int // connections by address
	waiting map[net.Conn]bool  // for their headers
	told    map[netip.Addr]time.Time
}

// arrival is what Accept returns.
type arrival struct {
	conn net.Conn
	err  error
}

// Accept returns the next connection that is let in.
func (d *door) Accept() (net.Conn, error) {
	select {
	case a := <-d.let:
		return a.conn, a.err
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the port and the connections that are not let in yet.
func (d *door) Close() error {
	err := d.Listener.Close()
	d.mu.Lock()
	if !d.ended {
		d.ended = true
		close(d.closed)
	}
	for c := range d.waiting {
		c.Close()
	}
	d.mu.Unlock()
	d.work.Wait()
	return err
}

// watch takes connections until the listener is closed.
func (d *door) watch() {
	for {
		conn, err := d.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			d.hand(arrival{err: err})
		case d.Proxied && contains(d.Proxies, addressOf(conn.RemoteAddr())):
			d.await(conn)
		default:
			d.admit(conn, conn.RemoteAddr())
		}
	}
}

// hand gives Accept what it returns, or closes what nobody takes any more.
func (d *door) hand(a arrival) {
	select {
	case d.let <- a:
	case <-d.closed:
		if a.conn != nil {
			a.conn.Close()
		}
	}
}

// await reads a proxy's header, beside the connections that come meanwhile.
func (d *door) await(conn net.Conn) {
	d.mu.Lock()
	full := len(d.waiting) >= maxWaiting
	if !d.ended && !full {
		d.waiting[conn] = true
	}
	ended := d.ended
	d.mu.Unlock()
	switch {
	case ended:
		conn.Close()
		return
	case full:
		d.deny(conn, conn.RemoteAddr(), fmt.Sprintf("%d connections wait for their PROXY headers", maxWaiting))
		return
	}
	d.work.Go(func() {
		_ = conn.SetReadDeadline(time.Now().Add(headerTime))
		h, err := proxy.Read(conn)
		_ = conn.SetReadDeadline(time.Time{})
		d.mu.Lock()
		delete(d.waiting, conn)
		ended := d.ended
		d.mu.Unlock()
		switch {
		case ended:
			conn.Close()
		case err != nil:
			d.deny(conn, conn.RemoteAddr(), err.Error())
		case h.Source.IsValid():
			d.admit(conn, net.TCPAddrFromAddrPort(h.Source))
		default: // the proxy's own
			d.admit(conn, conn.RemoteAddr())
		}
	})
}

// admit lets a connection in, if its address may.
func (d *door) admit(conn net.Conn, remote net.Addr) {
	addr := addressOf(remote)
	if len(d.Allowed) > 0 && !contains(d.Allowed, addr) {
		d.deny(conn, remote, "the address is not among those that may connect (weir.allow)")
		return
	}
	d.mu.Lock()
	full := d.PerAddress > 0 && d.inside[addr] >= d.PerAddress
	if !full {
		d.inside[addr]++
	}
	d.mu.Unlock()
	if full {
		d.deny(conn, remote, fmt.Sprintf("the address has %d connections already (weir.connectionsPerAddress)", d.PerAddress))
		return
	}
	d.hand(arrival{conn: &guest{Conn: conn, remote: remote, leave: sync.OnceFunc(func() { d.leave(addr) })}})
}

func (d *door) leave(addr netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inside[addr]--; d.inside[addr] == 0 {
		delete(d.inside, addr)
	}
}

// How often an address that is turned away is in the log, and how many addresses
// are remembered for that.
const (
	tellEvery = time.Minute
	maxTold   = 4096
)

// deny turns a connection away. It is counted each time, and logged once for each
// address and minute.
func (d *door) deny(conn net.Conn, remote net.Addr, why string) {
	conn.Close()
	d.env.Connection(weir.ConnectionEvent{State: "denied", Remote: remote.String(), Detail: why})
	if d.tell(addressOf(remote), time.Now()) {
		d.env.Log.Warn("A connection is not let in", slog.String("remote", remote.String()), slog.String("reason", why))
	}
}

func (d *door) tell(addr netip.Addr, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last, ok := d.told[addr]; ok && now.Sub(last) < tellEvery {
		return false
	}
	if len(d.told) >= maxTold {
		for a, last := range d.told {
			if now.Sub(last) >= tellEvery {
				delete(d.told, a)
			}
		}
		if len(d.told) >= maxTold {
			return false // so many in a minute are in the log that more would help nobody
		}
	}
	d.told[addr] = now
	return true
}

func contains(list []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// addressOf is an address in the form in which the settings' are compared.
func addressOf(a net.Addr) netip.Addr {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return t.AddrPort().Addr().Unmap().WithZone("")
}

// guest is a connection that was let in.
type guest struct {
	net.Conn
	remote net.Addr
	leave  func()
}

// RemoteAddr is who connects; behind a proxy, as its header tells.
func (g *guest) RemoteAddr() net.Addr { return g.remote }

// Close closes the connection and makes room for another one of its address.
func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}

// CloseWrite closes the writing half.
func (g *guest) CloseWrite() error {
	if half, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
