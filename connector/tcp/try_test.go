package tcp

import (
	"net"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
)

func TestTest(t *testing.T) {
	a, other := newAuthority(t, "Lab authority"), newAuthority(t, "Another authority")
	for _, name := range []string{"server", "client"} {
		a.issue(name, 1)
		other.issue(name, 1)
	}
	at := func(l *Listener, more ...string) []string {
		host, port, _ := net.SplitHostPort(l.Addr().String())
		return append([]string{"remoteAddress", host, "remotePort", port, "responseTimeout", "2000"}, more...)
	}
	client := func(l *Listener, more ...string) []string { return append(at(l, more...), "serverMode", "false") }
	plain := listen(t, &connectortest.Engine{})
	secure := listen(t, &connectortest.Engine{}, a.server("none")...)
	_, taken, _ := net.SplitHostPort(plain.Addr().String())
	host, closed := connectortest.ClosedPort(t)
	_, hangs := connectortest.HangsUp(t)
	on := func(port string) []string {
		return []string{"listenerConnectorProperties.host", "127.0.0.1", "listenerConnectorProperties.port", port}
	}
	connectortest.Try(t,
		connectortest.Tried{Name: "sender", Of: new(Sender), Settings: at(plain), Found: "Connected to 127.0.0.1:" + taken + "."},
		connectortest.Tried{Name: "sender, TLS", Of: new(Sender), Settings: at(secure, a.trust()...), Found: ", with TLS."},
		connectortest.Tried{Name: "sender, nothing listens", Of: new(Sender), Settings: []string{"remoteAddress", host, "remotePort", closed},
			Fails: []string{"remoteAddress: ", "connection refused", "nothing listens on this port: is the server up, and is the port right?"}},
		connectortest.Tried{Name: "sender, no such name", Of: new(Sender), Settings: []string{"remoteAddress", "lab.invalid", "remotePort", "1"},
			Fails: []string{"remoteAddress: ", "lab.invalid", " name"}},
		connectortest.Tried{Name: "sender, name from the message", Of: new(Sender), Settings: []string{"remoteAddress", "${lab}", "remotePort", "1"},
			Fails: []string{"remoteAddress: ", "which a test does not have"}},
		connectortest.Tried{Name: "sender, authority not trusted", Of: new(Sender), Settings: at(secure, other.trust()...),
			Fails: []string{"does not trust the server's certificate, of lab.example, 127.0.0.1, issued by CN=Lab authority", "tls.caFile"}},
		connectortest.Tried{Name: "sender, other name", Of: new(Sender), Settings: at(secure, append(a.trust(), "tls.serverName", "ward.example")...),
			Fails: []string{"certificate is for another name, lab.example, 127.0.0.1"}},
		connectortest.Tried{Name: "sender, no TLS there", Of: new(Sender), Settings: at(mllpSpeaker(t), a.trust()...),
			Fails: []string{"does not speak TLS on this port"}},
		connectortest.Tried{Name: "sender, hung up on", Of: new(Sender), Settings: append([]string{"remoteAddress", host, "remotePort", hangs}, a.trust()...),
			Fails: []string{"The other side has ended the connection"}},
		connectortest.Tried{Name: "sender in server mode", Of: new(Sender), Settings: []string{"serverMode", "true", "localAddress", "127.0.0.1", "localPort", "0"}, Found: "is free"},
		connectortest.Tried{Name: "sender in server mode, taken", Of: new(Sender), Settings: []string{"serverMode", "true", "localAddress", "127.0.0.1", "localPort", taken},
			Fails: []string{"the port is in use", "Another channel or another program"}},
		connectortest.Tried{Name: "listener", Of: new(Listener), Settings: on("0"), Found: "is free and can be listened on"},
		connectortest.Tried{Name: "listener, taken", Of: new(Listener), Settings: on(taken), Fails: []string{"the port is in use", "Another channel"}},
		connectortest.Tried{Name: "listener, taken by itself", Of: new(Listener), Settings: on(taken), Started: true, Found: "The channel is started and has the port"},
		connectortest.Tried{Name: "listener, address of another", Of: new(Listener),
			Settings: []string{"listenerConnectorProperties.host", "192.0.2.1", "listenerConnectorProperties.port", "0"}, Fails: []string{"none of this computer"}},
		connectortest.Tried{Name: "listener, certificate missing", Of: new(Listener), Settings: append(on("0"), "tls.enabled", "true", "tls.certificateFile", "/nowhere", "tls.keyFile", "/nowhere"),
			Fails: []string{"tls.certificateFile: "}},
		connectortest.Tried{Name: "listener in client mode", Of: new(Listener), Settings: client(plain), Found: "Connected to"},
		connectortest.Tried{Name: "listener in client mode, nothing listens", Of: new(Listener),
			Settings: []string{"serverMode", "false", "remoteAddress", host, "remotePort", closed}, Fails: []string{"remoteAddress: ", "is the server up"}},
	)
}

// mllpSpeaker is a listener that speaks first, and no TLS.
func mllpSpeaker(t *testing.T) *Listener {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := inner.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte("\x0bMSH|^~\\&|\x1c\r"))
			defer conn.Close()
		}
	}()
	t.Cleanup(func() { inner.Close(); <-done })
	return &Listener{listener: inner}
}
