package http

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

// With mutual TLS, who has no certificate does not get in.
func TestMutualTLS(t *testing.T) {
	cert, key := connectortest.Certificate(t)
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
