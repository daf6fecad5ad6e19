package http

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/weir-health/weir/connector/connectortest"
)

func TestTest(t *testing.T) {
	cert, key := connectortest.Certificate(t)
	other, _ := connectortest.Certificate(t)
	e := &connectortest.Engine{}
	plain := listen(t, e, nil)
	secure := listen(t, &connectortest.Engine{}, connectortest.Settings("tls.enabled", "true", "tls.certificateFile", cert, "tls.keyFile", key))
	https := "https://" + secure.Addr().String() + "/x"
	_, taken, _ := net.SplitHostPort(plain.Addr().String())
	host, closed := connectortest.ClosedPort(t)
	proxy := proxyServer(t)
	proxyHost, proxyPort, _ := net.SplitHostPort(proxy.Listener.Addr().String())
	through := []string{"useProxyServer", "true", "proxyAddress", proxyHost, "proxyPort", proxyPort}
	connectortest.Try(t,
		connectortest.Tried{Name: "sender", Of: new(Sender), Settings: []string{"host", plain.url("/x")}, Found: "Connected to 127.0.0.1:" + taken + "."},
		connectortest.Tried{Name: "sender, TLS", Of: new(Sender), Settings: []string{"host", https, "tls.caFile", cert}, Found: ", with TLS."},
		connectortest.Tried{Name: "sender, proxy", Of: new(Sender), Settings: append([]string{"host", https, "tls.caFile", cert}, through...), Found: "Connected to the proxy " + proxyHost + ":" + proxyPort + " and through it to"},
		connectortest.Tried{Name: "sender, proxy refuses", Of: new(Sender), Settings: append([]string{"host", "https://" + host + ":" + closed}, through...),
			Fails: []string{"the proxy does not connect to " + host + ":" + closed + ": it answers 502 Bad Gateway"}},
		connectortest.Tried{Name: "sender, nothing listens", Of: new(Sender), Settings: []string{"host", "http://" + host + ":" + closed},
			Fails: []string{"connection refused", "is the server up"}},
		connectortest.Tried{Name: "sender, authority not trusted", Of: new(Sender), Settings: []string{"host", https, "tls.caFile", other},
			Fails: []string{"does not trust the server's certificate, of 127.0.0.1, issued by CN=weir", "tls.caFile"}},
		connectortest.Tried{Name: "sender, other name", Of: new(Sender), Settings: []string{"host", https, "tls.caFile", cert, "tls.serverName", "lab.example"},
			Fails: []string{"certificate is for another name, 127.0.0.1"}},
		connectortest.Tried{Name: "sender, no TLS there", Of: new(Sender), Settings: []string{"host", "https://" + plain.Addr().String(), "tls.caFile", cert},
			Fails: []string{"does not speak TLS on this port"}},
		connectortest.Tried{Name: "sender, no address", Of: new(Sender), Settings: []string{"host", "lab"}, Fails: []string{"host: ", "is no URL"}},
		connectortest.Tried{Name: "listener", Of: new(Listener), Settings: connectortest.Loopback(), Found: "is free"},
		connectortest.Tried{Name: "listener, taken", Of: new(Listener),
			Settings: []string{"listenerConnectorProperties.host", "127.0.0.1", "listenerConnectorProperties.port", taken}, Fails: []string{"the port is in use"}},
		connectortest.Tried{Name: "listener, bad setting", Of: new(Listener), Settings: append(connectortest.Loopback(), "charset", "Klingon"), Fails: []string{"charset: "}},
	)
	if n := len(e.Kept()); n != 0 {
		t.Errorf("%d messages were received", n)
	}
}

// proxyServer connects to where it is asked to.
func proxyServer(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, err := net.Dial("tcp", r.Host)
		if err != nil || r.Method != http.MethodConnect {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		from.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
		go func() { defer to.Close(); defer from.Close(); io.Copy(from, to) }()
		io.Copy(to, from)
	}))
	t.Cleanup(s.Close)
	return s
}
