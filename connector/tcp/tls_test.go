package tcp

import (
	"crypto/tls"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestTLS(t *testing.T) {
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
		{"asked for and given", "request", append(ours.client("client"), trust...), true},
		{"asked for and not given", "request", trust, true},
		{"other name", "none", append([]string{"tls.serverName", "lab.example"}, trust...), true},
		{"unverified", "none", []string{"tls.enabled", "true", "tls.verify", "false"}, true},
		{"wrong name", "none", append([]string{"tls.serverName", "other.example"}, trust...), false},
		{"server of unknown authority", "none", []string{"tls.enabled", "true", "tls.caFile", theirs.file("ca.pem")}, false},
		{"server of unknown authority, that of the system", "none", []string{"tls.enabled", "true"}, false},
		{"client of unknown authority", "require", append(theirs.client("client"), trust...), false},
		// A sender does not show a certificate that the listener says it cannot check.
		{"asked for and of unknown authority", "request", append(theirs.client("client"), trust...), true},
		{"client without certificate", "require", trust, false},
		{"sender without TLS", "none", []string{"responseTimeout", "300"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &connectortest.Engine{Answer: echo}
			l := listen(t, e, ours.server(c.clientAuth)...)
			d := sender(t, to(l.Addr(), append(c.settings, "keepConnectionOpen", "true")...))
			for range 2 { // the second over the connection that was kept
				r, err := send(t, d, connectortest.Secret)
				if !c.ok {
					if r.Status == weir.Sent && r.Message != "" {
						t.Error("the message was exchanged")
					}
					if err != nil {
						connectortest.CheckFault(t, err)
					}
					if n := len(e.Kept()); n != 0 {
						t.Errorf("%d messages kept", n)
					}
					return
				}
				if err != nil || r.Message != connectortest.Secret {
					t.Fatalf("Send = %+v, %v", r, err)
				}
			}
			e.UntilEvent(t, "connected", 1)
			if n := len(e.Details()); n > 0 {
				t.Errorf("events of failures: %q", e.Details())
			}
		})
	}
}

func TestTLSVersionsAndSuites(t *testing.T) {
	a := newAuthority(t, "a")
	a.issue("server", 2)
	l := listen(t, &connectortest.Engine{Answer: echo}, a.server("none")...)
	for _, c := range []struct {
		name string
		cfg  *tls.Config
		ok   bool
	}{
		{"1.3", &tls.Config{MinVersion: tls.VersionTLS13}, true},
		{"1.2", &tls.Config{MaxVersion: tls.VersionTLS12}, true},
		{"1.1", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		{"CBC", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, false},
		{"no forward secrecy", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, false},
	} {
		c.cfg.InsecureSkipVerify = true
		conn, err := tls.Dial("tcp", l.Addr().String(), c.cfg)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
}

func TestCertificateIsReloaded(t *testing.T) {
	a := newAuthority(t, "a")
	a.issue("server", 2)
	l := listen(t, &connectortest.Engine{Answer: echo}, a.server("none")...)
	serial := func() int64 {
		conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 2 {
		t.Fatalf("certificate %d", got)
	}
	a.reissue("server", 1234567)
	if got := serial(); got != 1234567 {
		t.Errorf("certificate %d after the file changed", got)
	}
	os.WriteFile(a.file("server.pem"), []byte("half a fi"), 0o600)
	if got := serial(); got != 1234567 {
		t.Errorf("certificate %d after the file became unusable", got)
	}
}

func TestHandshakeErrors(t *testing.T) {
	a := newAuthority(t, "a")
	a.issue("server", 2)
	e := &connectortest.Engine{Answer: echo}
	l := listen(t, e, a.server("none")...)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Write([]byte("\x0bMSH|" + connectortest.Secret + "\x1c\r"))
	e.UntilEvent(t, "failed", 1)
	if details := strings.Join(e.Details(), " "); !strings.Contains(details, "TLS") {
		t.Errorf("details %q", details)
	}
	conn.Close()
}
