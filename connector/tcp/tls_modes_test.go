package tcp

import (
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

// serving opens a sender in server mode; e gets its connection events.
func serving(t *testing.T, e *connectortest.Engine, settings ...string) *Sender {
	t.Helper()
	d := new(Sender)
	env := connectortest.DestinationEnv(t)
	env.Connection = e.SourceEnv(t).Connection
	connectortest.OpenIn(t, d, env, connectortest.Settings(append([]string{"serverMode", "true", "localAddress", "127.0.0.1", "keepConnectionOpen", "true"}, settings...)...))
	return d
}

// connecting starts a listener in client mode that connects to a sender in
// server mode.
func connecting(t *testing.T, e *connectortest.Engine, d *Sender, settings ...string) *Listener {
	t.Helper()
	return listen(t, e, to(d.clients.listener.Addr(), append(settings, "serverMode", "false", "reconnectInterval", "1")...)...)
}

// The sender waits for connections and is the server of TLS; the listener
// connects and is its client.
func TestTLSInOtherModes(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	ours.issue("server", 2)
	ours.issue("client", 3)
	theirs.issue("client", 4)
	trust := ours.trust()
	for _, c := range []struct {
		name       string
		clientAuth string
		settings   []string
		ok         bool
	}{
		{"server only", "none", trust, true},
		{"mutual", "require", append(ours.client("client"), trust...), true},
		{"asked for and not given", "request", trust, true},
		{"other name", "none", append([]string{"tls.serverName", "lab.example"}, trust...), true},
		{"unverified", "none", []string{"tls.enabled", "true", "tls.verify", "false"}, true},
		{"wrong name", "none", append([]string{"tls.serverName", "other.example"}, trust...), false},
		{"server of unknown authority", "none", theirs.trust(), false},
		{"server of unknown authority, that of the system", "none", []string{"tls.enabled", "true"}, false},
		{"client of unknown authority", "require", append(theirs.client("client"), trust...), false},
		{"client without certificate", "require", trust, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, e := &connectortest.Engine{}, &connectortest.Engine{Answer: echo}
			d := serving(t, at, ours.server(c.clientAuth)...)
			connecting(t, e, d, c.settings...)
			if !c.ok {
				at.UntilEvent(t, "failed", 2) // it is tried again
				if details := at.Details()[0]; !strings.Contains(details, "TLS handshake") {
					t.Errorf("details %q", details)
				}
				r, err := send(t, d, connectortest.Secret)
				connectortest.CheckFault(t, err)
				if n := len(e.Kept()); n != 0 || r.Status == weir.Sent {
					t.Errorf("Send = %v; %d messages kept", r.Status, n)
				}
				return
			}
			at.UntilEvent(t, "connected", 1)
			for range 2 {
				r, err := send(t, d, connectortest.Secret)
				if err != nil || r.Message != connectortest.Secret {
					t.Fatalf("Send = %+v, %v", r, err)
				}
			}
			if failed := append(at.Details(), e.Details()...); len(failed) > 0 {
				t.Errorf("events of failures: %q", failed)
			}
		})
	}
}

// A remote system that shows a wrong certificate is one line in the log of the
// listener, and reached as soon as it shows the right one.
func TestServerCertificateIsMended(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	ours.issue("server", 2)
	at, e := &connectortest.Engine{}, &connectortest.Engine{Answer: echo}
	d := serving(t, at, ours.server("none")...)
	connecting(t, e, d, theirs.trust()...)
	e.UntilEvent(t, "failed", 2)
	theirs.dir = ours.dir // from here on the other authority issues
	theirs.reissue("server", 5)
	at.UntilEvent(t, "connected", 1)
	if r, err := send(t, d, "m"); err != nil || r.Message != "m" {
		t.Errorf("Send = %+v, %v", r, err)
	}
}

// peerSerial returns the number of the certificate that the only client shows.
func peerSerial(t *testing.T, d *Sender) int64 {
	t.Helper()
	here := d.clients.present()
	if len(here) != 1 {
		t.Fatalf("%d clients", len(here))
	}
	return here[0].conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// Who connects anew shows the certificate that is in the file now.
func TestClientCertificateIsReloaded(t *testing.T) {
	a := newAuthority(t, "a")
	a.issue("server", 2)
	a.issue("client", 3)
	at, e := &connectortest.Engine{}, &connectortest.Engine{Answer: echo}
	d := serving(t, at, a.server("require")...)
	connecting(t, e, d, append(a.client("client"), a.trust()...)...)
	at.UntilEvent(t, "connected", 1)
	if got := peerSerial(t, d); got != 3 {
		t.Fatalf("certificate %d", got)
	}
	a.reissue("client", 1234567)
	d.clients.drop(d.clients.present()[0])
	at.UntilEvent(t, "connected", 2)
	if got := peerSerial(t, d); got != 1234567 {
		t.Errorf("certificate %d after the file changed", got)
	}
}

func TestReplyOverTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	ours.issue("server", 2)
	ours.issue("client", 3)
	reply := func(settings []string) (out []string) {
		for _, s := range settings {
			out = append(out, strings.Replace(s, "tls.", "responseTls.", 1))
		}
		return out
	}
	for _, c := range []struct {
		name     string
		receiver []string // of messages
		replies  []string
		ok       bool
	}{
		{"mutual", nil, append(ours.client("client"), ours.trust()...), true},
		{"both ways", ours.server("none"), append(ours.client("client"), ours.trust()...), true},
		{"server of unknown authority", nil, append(ours.client("client"), theirs.trust()...), false},
		{"wrong name", nil, append([]string{"tls.serverName", "other.example"}, ours.trust()...), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			replies := &connectortest.Engine{}
			address := listen(t, replies, ours.server("require")...).Addr()
			host, port, _ := net.SplitHostPort(address.String())
			e := &connectortest.Engine{Answer: echo}
			settings := slices.Concat(c.receiver, reply(c.replies), []string{"respondOnNewConnection", "1", "responseAddress", host, "responsePort", port})
			d := sender(t, to(listen(t, e, settings...).Addr(), append(ours.trust(), "ignoreResponse", "true", "tls.enabled", onOff(c.receiver != nil))...))
			if _, err := send(t, d, connectortest.Secret); err != nil {
				t.Fatal(err)
			}
			if c.ok {
				if got := replies.UntilKept(t, 1)[0].Text; got != connectortest.Secret {
					t.Errorf("the reply is %q", got)
				}
				return
			}
			err := e.UntilFailed(t)
			connectortest.CheckFault(t, err)
			if !strings.Contains(err.Error(), "responseTls.") || len(replies.Kept()) != 0 {
				t.Errorf("%v; %d replies", err, len(replies.Kept()))
			}
		})
	}
}

func onOff(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// Clients that connect and say nothing count, and do not hold up the end.
func TestSilentClients(t *testing.T) {
	a := newAuthority(t, "a")
	a.issue("server", 2)
	d := serving(t, &connectortest.Engine{}, append(a.server("none"), "maxConnections", "1")...)
	dial(t, d.clients.listener.Addr(), mllp.Options{})
	dial(t, d.clients.listener.Addr(), mllp.Options{}).ended()
	start := time.Now()
	if err := d.Close(connectortest.Context(t)); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > handshakeTimeout/2 {
		t.Errorf("closing took %v", took)
	}
}

func TestTLSRefusedInOtherModes(t *testing.T) {
	server := []string{"serverMode", "true", "localAddress", "127.0.0.1", "tls.enabled", "true"}
	for name, settings := range map[string][]string{
		"sender without certificate":       server,
		"sender that cannot check clients": append([]string{"tls.certificateFile", "c", "tls.keyFile", "k", "tls.clientAuth", "require"}, server...),
	} {
		d := new(Sender)
		connectortest.Decode(t, d, connectortest.Settings(settings...))
		t.Run(name, func(t *testing.T) {
			connectortest.CheckFault(t, d.Open(connectortest.Context(t), connectortest.DestinationEnv(t)))
		})
	}
	remote := []string{"serverMode", "false", "remoteAddress", "127.0.0.1", "remotePort", "1", "tls.enabled", "true"}
	for name, settings := range map[string][]string{
		"listener with half a certificate": append([]string{"tls.certificateFile", "c"}, remote...),
		"listener with a missing file":     append([]string{"tls.caFile", "none.pem"}, remote...),
		"replies with half a certificate":  {"respondOnNewConnection", "1", "responseTls.enabled", "true", "responseTls.keyFile", "k"},
	} {
		l := new(Listener)
		connectortest.Decode(t, l, connectortest.Settings(loopback(settings...)...))
		t.Run(name, func(t *testing.T) {
			connectortest.CheckFault(t, l.Start(connectortest.Context(t), new(connectortest.Engine).SourceEnv(t)))
		})
	}
}
