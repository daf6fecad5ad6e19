package httpserver

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/httpclient"
)

// verifyTimeout is how long the verification of a token may take.
const verifyTimeout = 30 * time.Second

var errCannotVerify = &Refusal{Status: 503, Text: "The token cannot be verified at the moment; send the message again later."}

// oauth2Auth is Mirth's OAuth 2.0 token verification: the token of a request is
// shown to another server, which says whether it is good.
type oauth2Auth struct {
	location string
	key      config.Template
	url      config.Template

	client *http.Client
}

// Fields lists the settings.
func (o *oauth2Auth) Fields(f *config.Fields) {
	f.Kept("authType", "The kind of authentication; says the same as the name of the group.")
	f.String(&o.location, "tokenLocation", "HEADER", "Where the token is: HEADER or QUERY.").OneOf("HEADER", "QUERY")
	f.Template(&o.key, "locationKey", "Authorization", "Name of the header or parameter with the token.")
	f.Template(&o.url, "verificationURL", "", "Address that is asked, with the token in the same place.")
	f.Kept("connectorPluginProperties", "Settings of extensions for asking; without effect.")
}

func (o *oauth2Auth) start(s *Server) error {
	if _, err := httpclient.Address("pluginProperties", s.env.Resolve(o.url)); err != nil {
		return &weir.Fault{At: "pluginProperties", Err: err.(*weir.Fault).Err, Hint: "Set verificationURL to the whole address of the server that verifies tokens."}
	}
	o.client = &http.Client{
		Timeout: verifyTimeout,
		// A redirect, most often to a page for signing in, verifies nothing.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return nil
}

func (o *oauth2Auth) authenticate(x *Exchange) error {
	u, err := httpclient.Address("pluginProperties", x.s.env.Resolve(o.url))
	if err != nil {
		return errCannotVerify
	}
	key := x.s.env.Resolve(o.key)
	ask := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}).WithContext(x.R.Context())
	if o.location == "HEADER" {
		token := x.R.Header.Get(key)
		if token == "" {
			return errUnauthorized
		}
		ask.Header.Set(key, token)
	} else {
		token := x.R.URL.Query().Get(key)
		if token == "" {
			return errUnauthorized
		}
		u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+url.Values{key: {token}}.Encode(), "&")
	}
	return o.verdict(x, ask)
}

func (o *oauth2Auth) verdict(x *Exchange, ask *http.Request) error {
	answer, err := o.client.Do(ask)
	if err != nil {
		// The error itself may hold the token.
		x.s.env.Log.Error("A token could not be verified: the verification server gave no answer", "server", ask.URL.Host)
		return errCannotVerify
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10)
	if answer.StatusCode >= 300 {
		x.warnUnknown()
		return errUnauthorized
	}
	return nil
}
