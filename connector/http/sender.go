package http

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/wire/httpbody"
)

// SenderType is how the engine knows this connector.
var SenderType = weir.DestinationType{
	Name:    "HTTP Sender",
	Summary: "Sends each message as an HTTP request and keeps the response.",
	New:     func() weir.Destination { return new(Sender) },
}

// Sender is the "HTTP Sender" destination.
type Sender struct {
	Plugins               config.Setting
	Destination           connector.DestinationSettings
	URL                   config.Template
	UseProxy              bool
	ProxyAddress          config.Template
	ProxyPort             config.Template
	Method                string
	Headers               config.TemplateMap
	Parameters            config.TemplateMap
	UseHeadersVariable    bool
	HeadersVariable       config.Template
	UseParametersVariable bool
	ParametersVariable    config.Template
	Response              responseSettings
	Multipart             bool
	UseAuthentication     bool
	AuthenticationType    string
	Preemptive            bool
	Username              config.Template
	Password              config.Template
	Content               config.Template
	ContentType           config.Template
	Binary                bool
	Charset               string
	SocketTimeout         config.Template // milliseconds

	OAuth          httpclient.OAuth
	AWS            httpclient.AWS
	UserAgent      string
	MaxResponse    int // bytes, after decompression
	RequestTimeout time.Duration
	TLS            httpclient.TLS

	env        weir.DestinationEnv
	method     string // in capitals
	types      typesCache
	transports httpclient.Transports
	client     http.Client
	challenges challenges
	tokens     httpclient.Tokens
}

// noCharset is the value of charset that adds none to the content type.
const noCharset = "NONE"

// defaultSocketTimeout is what a socketTimeout that is no number means.
const defaultSocketTimeout = 30 * time.Second

// Fields lists the settings.
func (s *Sender) Fields(f *config.Fields) {
	f.Group(&s.Plugins, "pluginProperties", "Settings of extensions; kept for export, without effect.")
	s.Destination.Fields(f)
	f.Template(&s.URL, "host", "", "Address to which requests are made, such as https://lab.example/results?site=1.")
	f.Bool(&s.UseProxy, "useProxyServer", false, "Connect through the proxy below.")
	f.Template(&s.ProxyAddress, "proxyAddress", "", "Name or address of the proxy.")
	f.Template(&s.ProxyPort, "proxyPort", "", "Port of the proxy.")
	f.String(&s.Method, "method", "post", "Method of the request: post, get, put, delete or patch.")
	f.TemplateMap(&s.Headers, "headers", "Headers of the request: names with lists of values.")
	f.TemplateMap(&s.Parameters, "parameters", "Parameters of the request: names with lists of values. They take the place of the query in the address, or make the body of a form.")
	f.Bool(&s.UseHeadersVariable, "useHeadersVariable", false, "Take the headers from a variable instead.")
	f.Template(&s.HeadersVariable, "headersVariable", "", "Variable that holds a map of header names to values or lists of values.")
	f.Bool(&s.UseParametersVariable, "useParametersVariable", false, "Take the parameters from a variable instead.")
	f.Template(&s.ParametersVariable, "parametersVariable", "", "Variable that holds a map of parameter names to values or lists of values.")
	s.Response.Fields(f)
	f.Bool(&s.Multipart, "multipart", false, "Send the content as a file in a multipart form, with method post.")
	f.Bool(&s.UseAuthentication, "useAuthentication", false, "Answer a challenge of the server with the user name and password below.")
	f.String(&s.AuthenticationType, "authenticationType", "Basic", "How the password is shown: Basic or Digest.").OneOf("Basic", "Digest")
	f.Bool(&s.Preemptive, "usePreemptiveAuthentication", false,
		"Authenticate without waiting for a challenge. With Digest the challenge is taken from a header Authorization above, or is the server's last one.")
	f.Template(&s.Username, "username", "", "User name.")
	f.Template(&s.Password, "password", "", "Password of the user.").IsSecret()
	f.Template(&s.Content, "content", "", "Body of the request, with methods post, put and patch.")
	f.Template(&s.ContentType, "contentType", "text/plain", "Media type of the content. With application/x-www-form-urlencoded the parameters are the body.")
	f.Bool(&s.Binary, "dataTypeBinary", false, "The content is base64 and sent as bytes.")
	f.String(&s.Charset, "charset", "UTF-8", "Character set of the content if its type names none; NONE writes the content as ISO-8859-1 and does not say so.")
	f.Template(&s.SocketTimeout, "socketTimeout", "30000",
		"Longest time in milliseconds to connect, and then without progress in sending or receiving; 0 means no limit.")

	s.OAuth.Fields(f)
	s.AWS.Fields(f)
	f.String(&s.UserAgent, "userAgent", "Mirth Connect", "Header User-Agent, unless the headers have one.")
	f.Int(&s.MaxResponse, "maxResponseBytes", httpclient.DefaultMaxResponse, "Largest response accepted, in bytes, decompressed.").Range(1, 2<<30-1)
	f.Millis(&s.RequestTimeout, "requestTimeout", httpclient.DefaultRequestTimeout, "Longest time in milliseconds from the start of a request to the end of its response; 0 means no limit. Of a content that is too large for memory it is for each 16 MiB.")
	s.TLS.Fields(f)
}

// Open checks the settings. It does not connect.
func (s *Sender) Open(_ context.Context, env weir.DestinationEnv) error {
	s.env = env
	if len(s.Plugins.Group)+len(s.Destination.Plugins.Group) > 0 {
		env.Log.Warn("Settings of extensions have no effect; for TLS use the settings of the group tls", "setting", "pluginProperties")
	}
	s.method = strings.ToUpper(strings.TrimSpace(s.Method))
	if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, s.method) {
		return &weir.Fault{At: "method", Err: fmt.Errorf("%q is no method", s.Method), Hint: "Use post, get, put, delete or patch."}
	}
	ways := 0
	for _, wanted := range []bool{s.UseAuthentication, s.OAuth.Wanted(), s.AWS.Wanted()} {
		if wanted {
			ways++
		}
	}
	if ways > 1 {
		return &weir.Fault{At: "useAuthentication", Err: errors.New("there is more than one way to authenticate"),
			Hint: "A request has one header Authorization: use one of useAuthentication, oauth2 and awsSignature."}
	}
	if !strings.EqualFold(s.Charset, noCharset) {
		if _, err := charsetOf(httpbody.TextPlain, s.Charset); err != nil {
			return weir.WithHint(err, "charset", "Check the character set.")
		}
	}
	if s.Response.BinaryTypes.Constant() {
		if _, err := s.types.get(s.Response.BinaryTypes.Text, s.Response.BinaryRegex); err != nil {
			return err
		}
	}
	s.client = http.Client{Transport: &s.transports, CheckRedirect: httpclient.Followed}
	return s.transports.Open(&s.TLS, env.Log)
}

// Send makes one request and keeps its response.
func (s *Sender) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	failed := weir.Response{Status: weir.Queued, StatusMessage: "Error connecting to HTTP server"}
	q, err := s.newRequest(ctx, m)
	if err != nil {
		return failed, err
	}
	watch := httpclient.NewWatch(ctx, q.timeout, q.within(s.RequestTimeout))
	defer watch.Stop()
	s.event("sending", q.remote())
	defer s.event("idle", q.remote())

	answer, err := s.exchange(ctx, watch, q, m)
	if err != nil {
		cause := watch.Cause(err)
		failed.StatusMessage = q.failure(err, cause)
		return failed, q.fault(cause)
	}
	defer answer.Body.Close()
	text, err := s.read(watch, answer, m, q.charset)
	if err != nil {
		if r, final := httpclient.TooLarge(err); final {
			return r, q.fault(err)
		}
		cause := watch.Cause(err)
		failed.StatusMessage = q.failure(err, cause)
		return failed, q.fault(cause)
	}
	if answer.StatusCode >= 400 {
		return weir.Response{Status: weir.Queued, Message: text, StatusMessage: "Received error response from HTTP server.",
			Error: fmt.Sprintf("%s answered %d %s.", q.remote(), answer.StatusCode, http.StatusText(answer.StatusCode))}, nil
	}
	return weir.Response{Status: weir.Sent, Message: text}, nil
}

// exchange sends a request, and once more with credentials if the server asks
// for them.
func (s *Sender) exchange(ctx context.Context, w *httpclient.Watch, q *request, m *weir.Outbound) (*http.Response, error) {
	switch {
	case s.AWS.Wanted():
		return s.signed(ctx, w, q, m)
	case s.OAuth.Wanted():
		return s.withToken(w, q, m)
	}
	if s.UseAuthentication && s.Preemptive {
		if err := s.authenticate(ctx, q, s.known(q)); err != nil {
			return nil, err
		}
	}
	answer, err := s.client.Do(q.build(w))
	if err != nil || answer.StatusCode != http.StatusUnauthorized || !s.UseAuthentication {
		return answer, err
	}
	challenge := s.challengeIn(answer)
	if challenge == nil || q.authorization != "" && !challenge.stale {
		return answer, nil
	}
	s.challenges.keep(q.remote(), challenge)
	w.Drain(answer)
	if err := s.authenticate(ctx, q, challenge); err != nil {
		return nil, err
	}
	return s.client.Do(q.build(w))
}

// withToken sends a request with a token, and once more with another one if it is
// refused: a server may end tokens before their time.
func (s *Sender) withToken(w *httpclient.Watch, q *request, m *weir.Outbound) (*http.Response, error) {
	refused := ""
	for {
		token, err := s.tokens.Token(w.Request(q.proxy), &s.client, &s.OAuth, m.Resolve, refused)
		if err != nil {
			return nil, err
		}
		q.authorization = "Bearer " + token
		answer, err := s.client.Do(q.build(w))
		if err != nil || answer.StatusCode != http.StatusUnauthorized || refused != "" {
			return answer, err
		}
		w.Drain(answer)
		refused = token
	}
}

// signed sends a request with a signature of AWS.
func (s *Sender) signed(ctx context.Context, w *httpclient.Watch, q *request, m *weir.Outbound) (*http.Response, error) {
	sum, err := q.sum(ctx, sha256.New())
	if err != nil {
		return nil, err
	}
	r := q.build(w)
	if err := s.AWS.Sign(ctx, r, sum, m.Resolve); err != nil {
		return nil, err
	}
	return s.client.Do(r)
}

func (q *request) fault(err error) error { return httpclient.Fault("host", q.remote(), err) }

func (s *Sender) event(state, remote string) {
	s.env.Connection(weir.ConnectionEvent{State: state, Remote: remote})
}

// Close closes the connections that were kept open.
func (s *Sender) Close(context.Context) error {
	s.transports.Close()
	return nil
}

var _ weir.Destination = (*Sender)(nil)
