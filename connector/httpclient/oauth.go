package httpclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// OAuth is the settings of OAuth 2.0 with client credentials (RFC 6749 §4.4): a token
// is asked for with a name and secret, and shown with each request.
type OAuth struct {
	TokenURL     config.Template
	ClientID     config.Template
	ClientSecret config.Template
	Scope        config.Template
	Style        string // basic or body
}

// Fields lists the settings.
func (o *OAuth) Fields(f *config.Fields) {
	f.Template(&o.TokenURL, "oauth2.tokenURL", "", "Address that gives tokens of OAuth 2.0 for client credentials. A token is used until it expires or is refused. Empty: no token.")
	f.Template(&o.ClientID, "oauth2.clientId", "", "Name of this client for tokens.")
	f.Template(&o.ClientSecret, "oauth2.clientSecret", "", "Secret of this client.").IsSecret()
	f.Template(&o.Scope, "oauth2.scope", "", "What tokens are to allow, names with blanks between; empty is what the server gives.")
	f.String(&o.Style, "oauth2.clientAuthentication", "basic", "Where name and secret are shown: basic, in the header Authorization; or body, in the form.").OneOf("basic", "body")
}

// Wanted reports whether requests have a token.
func (o *OAuth) Wanted() bool { return o.TokenURL.Text != "" }

// tokenEarly is how long before its end a token is not used any more, since a request
// takes time, and clocks differ.
const tokenEarly = 30 * time.Second

// maxToken is the largest answer with a token, in bytes.
const maxToken = 1 << 20

// maxTokens bounds the tokens that are remembered, where they depend on messages.
const maxTokens = 100

// Tokens are those that have been given. It may be used by many goroutines at once:
// one asks for a token, and the others wait for it.
type Tokens struct {
	mu  sync.Mutex
	now func() time.Time // nil: the clock
	all map[tokenKey]token
}

// tokenKey is what a token is given for.
type tokenKey struct{ url, id, secret, scope string }

type token struct {
	text  string
	until time.Time // zero: until it is refused
}

// Token returns a token for a message; client makes the request for it. With refused,
// which is one that a server did not take, another one is asked for.
func (t *Tokens) Token(ctx context.Context, client *http.Client, o *OAuth, resolve func(config.Template) string, refused string) (string, error) {
	key := tokenKey{resolve(o.TokenURL), resolve(o.ClientID), resolve(o.ClientSecret), resolve(o.Scope)}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now
	if t.now != nil {
		now = t.now
	}
	if have, ok := t.all[key]; ok && have.text != refused && (have.until.IsZero() || now().Before(have.until)) {
		return have.text, nil
	}
	fresh, seconds, err := key.ask(ctx, client, o.Style)
	if err != nil {
		return "", err
	}
	if t.all == nil || len(t.all) >= maxTokens {
		t.all = map[tokenKey]token{}
	}
	one := token{text: fresh}
	if seconds > 0 {
		one.until = now().Add(time.Duration(seconds)*time.Second - tokenEarly)
	}
	t.all[key] = one
	return fresh, nil
}

// ask asks for a token. Neither what is sent nor what is answered is in an error.
func (k tokenKey) ask(ctx context.Context, client *http.Client, style string) (text string, seconds int64, err error) {
	u, err := Address("oauth2.tokenURL", k.url)
	if err != nil {
		return "", 0, err
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if k.scope != "" {
		form.Set("scope", k.scope)
	}
	if style == "body" {
		form.Set("client_id", k.id)
		form.Set("client_secret", k.secret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, Fault("oauth2.tokenURL", u.Host, err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if style != "body" { // RFC 6749 §2.3.1
		r.SetBasicAuth(url.QueryEscape(k.id), url.QueryEscape(k.secret))
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", 0, Fault("oauth2.tokenURL", u.Host, err)
	}
	defer answer.Body.Close()
	body, err := ReadLimited(answer.Body, maxToken, ErrTooLarge)
	if err != nil {
		return "", 0, Fault("oauth2.tokenURL", u.Host, err)
	}
	var given struct {
		Token   string      `json:"access_token"`
		Kind    string      `json:"token_type"`
		Expires json.Number `json:"expires_in"`
		Error   string      `json:"error"`
	}
	bad := json.Unmarshal(body, &given)
	if answer.StatusCode >= 300 || bad != nil || given.Token == "" {
		why := fmt.Sprintf("%s gives no token: it answers %d", u.Host, answer.StatusCode)
		if errorCode.MatchString(given.Error) {
			why += " " + given.Error
		}
		return "", 0, &weir.Fault{At: "oauth2.clientId", Err: fmt.Errorf("%s", why), Hint: "Check the address, name, secret and scope with the owner of the server."}
	}
	if given.Kind != "" && !strings.EqualFold(given.Kind, "bearer") || strings.ContainsAny(given.Token, "\r\n") {
		return "", 0, &weir.Fault{At: "oauth2.tokenURL", Err: fmt.Errorf("%s gives a token that is no bearer token", u.Host), Hint: "Ask the owner of the server for bearer tokens."}
	}
	seconds, _ = given.Expires.Int64()
	return given.Token, seconds, nil
}

// errorCode is what RFC 6749 §5.2 has for errors, such as invalid_client.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)
