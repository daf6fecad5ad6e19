package http

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
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

// certificate writes a certificate that signs itself, and its key.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "weir"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// With mutual TLS, who has no certificate does not get in.
func TestMutualTLS(t *testing.T) {
	cert, key := certificate(t)
	e := &connectortest.Engine{}
	l := listen(t, e, connectortest.Settings("tls.enabled", "true", "tls.certificateFile", cert, "tls.keyFile", key, "tls.caFile", cert, "tls.clientAuth", "require"))
	url := "https://" + l.Addr().String() + "/x"
	r, _, err := send(t, sender(t, nil, "host", url, "tls.caFile", cert, "tls.certificateFile", cert, "tls.keyFile", key), "m")
	if err != nil || r.Status != weir.Sent {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := e.Kept()[0].SourceMap["url"]; got != url {
		t.Errorf("url %v, want %s", got, url)
	}
	_, _, err = send(t, sender(t, nil, "host", url, "tls.caFile", cert), "m")
	connectortest.CheckFault(t, err)
	// A silent client in the handshake does not keep Stop waiting.
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10, InsecureSkipVerify: true}); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
	if len(e.Kept()) != 1 {
		t.Errorf("%d messages", len(e.Kept()))
	}
}
