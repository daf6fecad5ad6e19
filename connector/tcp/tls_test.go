package tcp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

// authority makes certificates for tests.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.key = newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, _ = x509.ParseCertificate(der)
	a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

func (a *authority) write(name, kind string, der []byte) {
	if err := os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// issue writes name.pem and name.key for 127.0.0.1.
func (a *authority) issue(name string, serial int64) {
	key := newKey(a.t)
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"lab.example"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".pem", "CERTIFICATE", der)
	der, _ = x509.MarshalECPrivateKey(key)
	a.write(name+".key", "EC PRIVATE KEY", der)
}

func (a *authority) server(clientAuth string) []string {
	return []string{"tls.enabled", "true", "tls.certificateFile", a.file("server.pem"), "tls.keyFile", a.file("server.key"),
		"tls.caFile", a.file("ca.pem"), "tls.clientAuth", clientAuth}
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	ours.issue("server", 2)
	ours.issue("client", 3)
	theirs.issue("client", 4)
	withCert := func(a *authority) []string {
		return []string{"tls.certificateFile", a.file("client.pem"), "tls.keyFile", a.file("client.key")}
	}
	trust := []string{"tls.enabled", "true", "tls.caFile", ours.file("ca.pem")}
	for _, c := range []struct {
		name       string
		clientAuth string
		settings   []string
		ok         bool
	}{
		{"server only", "none", trust, true},
		{"mutual", "require", append(withCert(ours), trust...), true},
		{"asked for and given", "request", append(withCert(ours), trust...), true},
		{"asked for and not given", "request", trust, true},
		{"other name", "none", append([]string{"tls.serverName", "lab.example"}, trust...), true},
		{"unverified", "none", []string{"tls.enabled", "true", "tls.verify", "false"}, true},
		{"wrong name", "none", append([]string{"tls.serverName", "other.example"}, trust...), false},
		{"server of unknown authority", "none", []string{"tls.enabled", "true", "tls.caFile", theirs.file("ca.pem")}, false},
		{"server of unknown authority, that of the system", "none", []string{"tls.enabled", "true"}, false},
		{"client of unknown authority", "require", append(withCert(theirs), trust...), false},
		// A sender does not show a certificate that the listener says it cannot check.
		{"asked for and of unknown authority", "request", append(withCert(theirs), trust...), true},
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
	a.issue("server", 1234567)
	later := time.Now().Add(time.Minute) // file systems with coarse times
	os.Chtimes(a.file("server.pem"), later, later)
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
