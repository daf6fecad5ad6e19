package http

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
)

// Requests show a token that is asked for once, and again when the server refuses it.
func TestOAuth(t *testing.T) {
	var given atomic.Int32
	tokens := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token":"T%d","token_type":"Bearer","expires_in":3600}`, given.Add(1))
	})
	var good atomic.Value
	good.Store("Bearer T1")
	peer := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != good.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, "ok")
	})
	s := sender(t, nil, "host", peer.URL, "oauth2.tokenURL", tokens.URL, "oauth2.clientId", "weir", "oauth2.clientSecret", "s")
	for i, c := range []struct {
		good   string // the token that the server takes now
		status weir.Status
		given  int32
	}{
		{"Bearer T1", weir.Sent, 1}, {"Bearer T1", weir.Sent, 1}, {"Bearer T2", weir.Sent, 2}, {"Bearer T2", weir.Sent, 2},
		{"none", weir.Queued, 3}, // another one is asked for once, not without end
	} {
		good.Store(c.good)
		r, m, err := send(t, s, "x")
		if err != nil || r.Status != c.status || given.Load() != c.given {
			t.Errorf("message %d: %v, %v, %d tokens given; want %v, %d", i, r.Status, err, given.Load(), c.status, c.given)
		}
		if want := int32(200); c.status == weir.Sent && m.ConnectorMap["responseStatusCode"] != want {
			t.Errorf("message %d: connector map %v", i, m.ConnectorMap)
		}
	}
	for _, got := range peer.requests() {
		if got.body != "x" {
			t.Errorf("body %q", got.body)
		}
	}
	down := sender(t, nil, "host", peer.URL, "oauth2.tokenURL", "http://127.0.0.1:1/")
	r, _, err := send(t, down, "x")
	connectortest.CheckFault(t, err)
	var f *weir.Fault
	if r.Status != weir.Queued || errors.As(err, &f) && f.At != "oauth2.tokenURL" {
		t.Errorf("no token: %+v, %v", r, err)
	}
}

// A signature is of the body that is sent, a large one, too.
func TestSigned(t *testing.T) {
	peer := serve(t, nil)
	s := sender(t, nil, "host", peer.URL+"/x?b=1&a=2", "awsSignature.service", "execute-api", "awsSignature.accessKeyId", "AKID", "awsSignature.secretAccessKey", "s")
	if r, _, err := send(t, s, "x"); err != nil || r.Status != weir.Sent {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := s.Send(connectortest.Context(t), connectortest.OutboundStream(2, "content", large, nil)); err != nil || r.Status != weir.Sent {
		t.Fatalf("%+v, %v", r, err)
	}
	got := peer.requests()
	var signatures []string
	for _, one := range got {
		authorization := one.header.Get("Authorization")
		if !strings.HasPrefix(authorization, "AWS4-HMAC-SHA256 Credential=AKID/") || !strings.Contains(authorization, "SignedHeaders=content-length;content-type;host;x-amz-date,") {
			t.Errorf("signed %q", authorization)
		}
		signatures = append(signatures, authorization)
	}
	if len(got) != 2 || got[0].body != "x" || got[1].body != large || signatures[0] == signatures[1] {
		t.Errorf("%d requests", len(got))
	}
}

func TestOneWayToAuthenticate(t *testing.T) {
	s := new(Sender)
	connectortest.Decode(t, s, connectortest.Settings("host", "http://x", "useAuthentication", "true", "oauth2.tokenURL", "http://x"))
	connectortest.CheckFault(t, s.Open(connectortest.Context(t), connectortest.DestinationEnv(t)))
}
