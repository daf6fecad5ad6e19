package tcp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
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

// client are settings of this side's certificate.
func (a *authority) client(name string) []string {
	return []string{"tls.certificateFile", a.file(name + ".pem"), "tls.keyFile", a.file(name + ".key")}
}

// trust are settings of a client that trusts the authority.
func (a *authority) trust() []string {
	return []string{"tls.enabled", "true", "tls.caFile", a.file("ca.pem")}
}

// reissue replaces a certificate that has been read.
func (a *authority) reissue(name string, serial int64) {
	a.issue(name, serial)
	later := time.Now().Add(time.Minute) // file systems with coarse times
	if err := os.Chtimes(a.file(name+".pem"), later, later); err != nil {
		a.t.Fatal(err)
	}
}
