package httpclient

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

func plain(t config.Template) string { return t.Text }

// tokenServer gives tokens one after the other: T1, T2, …
func tokenServer(t *testing.T, answer func(n int32, r *http.Request) string) (s *httptest.Server, asked *atomic.Int32) {
	asked = new(atomic.Int32)
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		r.ParseForm()
		text := answer(n, r)
		if strings.Contains(text, "error") {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s, asked
}

func oauth(t *testing.T, settings ...string) *OAuth {
	o := new(OAuth)
	if _, err := config.Decode(connectortest.Settings(settings...), settingsOf(o.Fields)); err != nil {
		t.Fatal(err)
	}
	return o
}

// A token is used until shortly before its end, by all who need one.
func TestTokenCache(t *testing.T) {
	peer, asked := tokenServer(t, func(n int32, r *http.Request) string {
		id, secret, _ := r.BasicAuth()
		if id != "weir%3A1" || secret != "s%26" || r.Form.Get("grant_type") != "client_credentials" || r.Form.Get("scope") != "a b" || r.Form.Has("client_id") {
			return `{"error":"invalid_client"}`
		}
		return fmt.Sprintf(`{"access_token":"T%d","token_type":"Bearer","expires_in":3600}`, n)
	})
	now := time.Now()
	tokens := &Tokens{now: func() time.Time { return now }}
	o := oauth(t, "oauth2.tokenURL", peer.URL, "oauth2.clientId", "weir:1", "oauth2.clientSecret", "s&", "oauth2.scope", "a b")
	get := func(refused string) string {
		text, err := tokens.Token(t.Context(), peer.Client(), o, plain, refused)
		if err != nil {
			t.Error(err)
		}
		return text
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if text := get(""); text != "T1" {
				t.Errorf("token %q", text)
			}
		})
	}
	all.Wait()
	now = now.Add(time.Hour - tokenEarly - time.Second)
	if text := get(""); text != "T1" || asked.Load() != 1 {
		t.Errorf("before its end: %q, asked %d times", text, asked.Load())
	}
	now = now.Add(2 * time.Second)
	if text := get(""); text != "T2" {
		t.Errorf("after its end: %q", text)
	}
	// One that is refused is not used again, and who finds that later takes the new one.
	if text := get("T2"); text != "T3" {
		t.Errorf("after it was refused: %q", text)
	}
	if text := get("T2"); text != "T3" || asked.Load() != 3 {
		t.Errorf("refused earlier: %q, asked %d times", text, asked.Load())
	}
}

func TestTokenAnswers(t *testing.T) {
	for _, c := range []struct{ name, answer, want, says string }{
		{"kind in small letters", `{"access_token":"T","token_type":"bearer"}`, "T", ""},
		{"no kind", `{"access_token":"T"}`, "T", ""},
		{"end as a text", `{"access_token":"T","expires_in":"60"}`, "T", ""},
		{"refused", `{"error":"invalid_client","error_description":"` + connectortest.Secret + `"}`, "", "400 invalid_client"},
		{"a strange error", `{"error":"` + connectortest.Secret + `"}`, "", "answers 400"},
		{"no JSON", `<html>`, "", "gives no token"},
		{"no token", `{}`, "", "gives no token"},
		{"another kind", `{"access_token":"T","token_type":"mac"}`, "", "no bearer token"},
		{"two lines", `{"access_token":"T\r\nX: y"}`, "", "no bearer token"},
		{"huge", `"` + strings.Repeat("x", maxToken) + `"`, "", "larger"},
	} {
		peer, _ := tokenServer(t, func(int32, *http.Request) string { return c.answer })
		text, err := new(Tokens).Token(t.Context(), peer.Client(), oauth(t, "oauth2.tokenURL", peer.URL), plain, "")
		if text != c.want || (err == nil) != (c.says == "") {
			t.Errorf("%s: %q, %v", c.name, text, err)
		}
		if err != nil {
			connectortest.CheckFault(t, err)
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

func TestTokenInBody(t *testing.T) {
	peer, _ := tokenServer(t, func(_ int32, r *http.Request) string {
		return fmt.Sprintf(`{"access_token":"%s/%s%s"}`, r.Form.Get("client_id"), r.Form.Get("client_secret"), r.Header.Get("Authorization"))
	})
	text, err := new(Tokens).Token(t.Context(), peer.Client(), oauth(t, "oauth2.tokenURL", peer.URL, "oauth2.clientId", "weir", "oauth2.clientSecret", "s", "oauth2.clientAuthentication", "body"), plain, "")
	if err != nil || text != "weir/s" {
		t.Errorf("%q, %v", text, err)
	}
	_, err = new(Tokens).Token(t.Context(), peer.Client(), oauth(t, "oauth2.tokenURL", "lab"), plain, "")
	var f *weir.Fault
	if !errors.As(err, &f) || f.At != "oauth2.tokenURL" {
		t.Errorf("no address: %v", err)
	}
}

// The vectors get-vanilla and post-vanilla of AWS's test suite for signatures.
func TestSignature(t *testing.T) {
	a := &AWS{now: func() time.Time { return time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC) }}
	if _, err := config.Decode(connectortest.Settings("awsSignature.service", "service", "awsSignature.accessKeyId", "AKIDEXAMPLE",
		"awsSignature.secretAccessKey", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), settingsOf(a.Fields)); err != nil {
		t.Fatal(err)
	}
	empty := sha256.Sum256(nil)
	for method, want := range map[string]string{
		"GET":  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
		"POST": "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
	} {
		r := httptest.NewRequest(method, "https://example.amazonaws.com/", nil)
		r.Header.Set("Connection", "Keep-Alive") // of the line, and not signed
		if err := a.Sign(t.Context(), r, empty[:], plain); err != nil {
			t.Fatal(err)
		}
		if got := r.Header.Get("Authorization"); got != "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature="+want {
			t.Errorf("%s: %s", method, got)
		}
		if r.Header.Get("X-Amz-Date") != "20150830T123600Z" || r.Header.Get("Connection") == "" {
			t.Errorf("%s: headers %v", method, r.Header)
		}
	}
	// A session token and, for S3, the hash of the body are headers of their own.
	a.Service.Text, a.SessionToken.Text = "s3", "token"
	r := httptest.NewRequest("PUT", "https://bucket.s3.amazonaws.com/a%20b", nil)
	r.Header.Set("Content-Type", "text/plain")
	if err := a.Sign(t.Context(), r, empty[:], plain); err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("X-Amz-Security-Token") != "token" || r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(empty[:]) ||
		!strings.Contains(r.Header.Get("Authorization"), "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,") {
		t.Errorf("headers %v", r.Header)
	}
}
