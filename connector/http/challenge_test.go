package http

import (
	"crypto/md5"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/digest"
)

func TestParseChallenges(t *testing.T) {
	got := parseChallenges(`Negotiate, Digest realm="a, \"b\"", qop="auth-int,auth", nonce=n, algorithm=MD5-sess, stale=TRUE, Basic realm=x, Digest algorithm=FOO, nonce=z`)
	if len(got) != 2 || got[0].scheme != "digest" || got[0].realm != `a, "b"` || got[0].qop != "auth" || got[0].nonce != "n" ||
		!got[0].session || !got[0].stale || got[1].scheme != "basic" || got[1].realm != "x" {
		t.Errorf("parsed %+v", got)
	}
	for _, text := range []string{"", "=", ",,", `Digest "`, `Digest realm="\`, "Digest realm", "\x00"} {
		parseChallenges(text)
	}
}

func TestBasic(t *testing.T) {
	for _, c := range []struct {
		preemptive string
		password   string
		requests   int
		want       weir.Status
	}{
		{"false", "secret:ü", 2, weir.Sent},
		{"true", "secret:ü", 1, weir.Sent},
		{"false", "wrong", 2, weir.Queued},
		{"true", "wrong", 1, weir.Queued},
	} {
		peer := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "u" || password != "secret:ü" {
				w.Header().Set("WWW-Authenticate", `Basic realm="Lab"`)
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		s := sender(t, nil, "host", peer.URL, "useAuthentication", "true", "usePreemptiveAuthentication", c.preemptive,
			"username", "u", "password", c.password)
		r, m, err := send(t, s, "body")
		got := peer.requests()
		if err != nil || r.Status != c.want || len(got) != c.requests || got[len(got)-1].body != "body" {
			t.Errorf("preemptive %s, password %s: %+v, %v, requests %+v", c.preemptive, c.password, r, err, got)
		}
		if c.want == weir.Queued && m.ConnectorMap["responseStatusCode"] != int32(401) {
			t.Errorf("connector map %v", m.ConnectorMap)
		}
	}
}

// digestServer asks for a digest with the parameters given and checks it.
func digestServer(t *testing.T, challenge string) *server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		p := digest.Parameters(strings.TrimPrefix(r.Header.Get("Authorization"), "Digest "))
		d := digest.Digest{NewHash: md5.New, Session: strings.Contains(challenge, "-sess"), Realm: "Lab", Nonce: "n1", QOP: p["qop"],
			Count: p["nc"], ClientNonce: p["cnonce"], Method: r.Method, URI: r.RequestURI, Body: []byte("body")}
		if p["username"] != "u" || p["nonce"] != "n1" || p["uri"] != r.RequestURI || p["response"] != d.Response(d.Secret([]byte("u"), []byte("p"))) {
			w.Header().Set("WWW-Authenticate", `Digest realm="Lab", nonce="n1"`+challenge)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}

func TestDigestSender(t *testing.T) {
	for _, challenge := range []string{"", `, qop="auth"`, `, qop="auth,auth-int", algorithm=MD5, opaque="o"`, `, qop="auth-int"`, `, qop="auth", algorithm=MD5-sess`} {
		peer := digestServer(t, challenge)
		s := sender(t, nil, "host", peer.URL+"/x?a=1", "useAuthentication", "true", "authenticationType", "Digest", "username", "u", "password", "p",
			"usePreemptiveAuthentication", "true")
		for i := range 3 {
			if r, _, err := send(t, s, "body"); err != nil || r.Status != weir.Sent {
				t.Errorf("%s: message %d: %+v, %v", challenge, i, r, err)
			}
		}
		// The first is challenged, the others know the challenge.
		if n := len(peer.requests()); n != 4 {
			t.Errorf("%s: %d requests for three messages, want 4", challenge, n)
		}
	}
}

// With preemptive digest, the table may hold the challenge.
func TestDigestFromTable(t *testing.T) {
	peer := digestServer(t, `, qop="auth"`)
	s := sender(t, []config.Setting{table("headers", "Authorization", `Digest realm="Lab", nonce="n1", qop="auth"`)},
		"host", peer.URL, "useAuthentication", "true", "authenticationType", "Digest", "username", "u", "password", "p", "usePreemptiveAuthentication", "true")
	for range 2 {
		if r, _, err := send(t, s, "body"); err != nil || r.Status != weir.Sent {
			t.Fatal(r, err)
		}
	}
	got := peer.requests()
	if len(got) != 2 || !strings.Contains(got[1].header.Get("Authorization"), "nc=00000002") {
		t.Errorf("requests %+v", got)
	}
}

func TestProxy(t *testing.T) {
	target := serve(t, nil)
	u, _ := url.Parse(target.URL)
	proxy := httptest.NewServer(httputil.NewSingleHostReverseProxy(u))
	defer proxy.Close()
	p, _ := url.Parse(proxy.URL)
	s := sender(t, nil, "host", "http://lab.invalid/x", "useProxyServer", "true", "proxyAddress", p.Hostname(), "proxyPort", p.Port())
	if r, _, err := send(t, s, "x"); err != nil || r.Status != weir.Sent || target.only(t).uri != "/x" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTLS(t *testing.T) {
	peer := new(server)
	peer.Server = httptest.NewUnstartedServer(peer.handler(nil))
	peer.Config.ErrorLog = discard
	peer.StartTLS()
	defer peer.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: peer.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		settings []string
		ok       bool
	}{
		{"authority not known", nil, false},
		{"authority known", []string{"tls.caFile", ca}, true},
		{"other name", []string{"tls.caFile", ca, "tls.serverName", "lab.example.org"}, false},
		{"other name, not checked", []string{"tls.caFile", ca, "tls.serverName", "lab.example.org", "tls.verifyHost", "false"}, true},
		{"authority not known, name not checked", []string{"tls.verifyHost", "false"}, false},
		{"not checked", []string{"tls.verify", "false"}, true},
	} {
		r, _, err := send(t, sender(t, nil, append(c.settings, "host", peer.URL)...), "x")
		if (err == nil && r.Status == weir.Sent) != c.ok {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
		if !c.ok {
			connectortest.CheckFault(t, err)
			var f *weir.Fault
			if errors.As(err, &f) && f.At != "tls" {
				t.Errorf("%s: at %q: %v", c.name, f.At, err)
			}
		}
	}
}
