package httpserver

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/digest"
)

// listener is the least that can be made of a server.
type listener struct{ Server }

func (l *listener) Fields(f *config.Fields) {
	l.Server.Fields(f, "80")
	l.LimitFields(f)
}

func (l *listener) Start(ctx context.Context, env weir.SourceEnv) error {
	l.Handle = func(x *Exchange) error {
		body, err := x.Decoded()
		if err != nil {
			return err
		}
		return x.Message(weir.Inbound{Text: string(body)}, func(weir.Reply) error { return x.Write(http.StatusOK, nil) })
	}
	return l.Server.Start(ctx, env)
}

func ask(t *testing.T, l *listener, authorization string) *http.Response {
	t.Helper()
	r, err := http.NewRequest("POST", "http://"+l.Addr().String()+"/", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	client := http.Client{Timeout: connectortest.Limit}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

func TestDigestRules(t *testing.T) {
	l := new(listener)
	connectortest.Start(t, l, &connectortest.Engine{}, append(connectortest.Settings(connectortest.Loopback()...),
		config.Setting{Name: "pluginProperties", Group: config.Group{{Name: "com.mirth.connect.plugins.httpauth.digest.DigestHttpAuthProperties", Group: config.Group{
			{Name: "realm", Text: "Lab"},
			{Name: "credentials", Group: config.Group{{Name: "entry", Group: config.Group{{Name: "string", Text: "u"}, {Name: "string", Text: "p"}}}}},
		}}}}))
	t.Cleanup(func() { connectortest.Stop(t, l) })
	now := time.Now()
	l.Server.auth.(*digestAuth).now = func() time.Time { return now }
	try := func(change func(d *digest.Digest)) (status int, stale bool) {
		t.Helper()
		first := ask(t, l, "")
		headers := first.Header.Values("WWW-Authenticate")
		if first.StatusCode != 401 || len(headers) != 2 {
			t.Fatalf("challenges %q", headers)
		}
		c := digest.Parameters(strings.TrimPrefix(headers[0], "Digest "))
		d := &digest.Digest{NewHash: md5.New, Realm: c["realm"], Nonce: c["nonce"], QOP: "auth", Count: "00000001", ClientNonce: "x", Method: "POST", URI: "/", Body: []byte("body")}
		change(d)
		got := ask(t, l, fmt.Sprintf(`Digest username="u", realm="Lab", nonce="%s", uri="%s", qop=%s, nc=%s, cnonce="%s", response="%s", opaque="%s"`,
			d.Nonce, d.URI, d.QOP, d.Count, d.ClientNonce, d.Response(d.Secret([]byte("u"), []byte("p"))), c["opaque"]))
		return got.StatusCode, strings.Contains(got.Header.Get("WWW-Authenticate"), "stale=true")
	}
	used := ""
	for _, c := range []struct {
		name   string
		change func(d *digest.Digest)
		status int
		stale  bool
	}{
		{"right", func(d *digest.Digest) { used = d.Nonce }, 200, false},
		{"replayed", func(d *digest.Digest) { d.Nonce = used }, 401, true},
		{"next count", func(d *digest.Digest) { d.Nonce, d.Count = used, "00000002" }, 200, false},
		{"earlier count that was left out", func(d *digest.Digest) { d.Count = "000003ff" }, 200, false},
		{"last count", func(d *digest.Digest) { d.Count = "00000400" }, 200, false},
		{"count too high", func(d *digest.Digest) { d.Count = "00000401" }, 401, true},
		{"count 0", func(d *digest.Digest) { d.Count = "00000000" }, 401, true},
		{"no number", func(d *digest.Digest) { d.Count = "x" }, 401, true},
		{"other address", func(d *digest.Digest) { d.URI = "/other" }, 401, false},
		{"other method", func(d *digest.Digest) { d.Method = "GET" }, 401, false},
		{"other body", func(d *digest.Digest) { d.QOP, d.Body = "auth-int", []byte("x") }, 401, false},
		{"the body", func(d *digest.Digest) { d.QOP = "auth-int" }, 200, false},
		{"no protection", func(d *digest.Digest) { d.QOP = "" }, 401, false},
		{"made-up nonce", func(d *digest.Digest) { d.Nonce = base64.RawURLEncoding.EncodeToString(make([]byte, 32)) }, 401, true},
		{"old nonce", func(*digest.Digest) { now = now.Add(nonceAge + time.Second) }, 401, true},
		{"other realm", func(d *digest.Digest) { d.Realm = "x" }, 401, false},
	} {
		if status, stale := try(c.change); status != c.status || stale != c.stale {
			t.Errorf("%s: status %d, stale %v; want %d, %v", c.name, status, stale, c.status, c.stale)
		}
	}
}
