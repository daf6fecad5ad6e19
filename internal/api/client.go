package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
)

// Client talks to a running engine, over its socket or over HTTPS.
type Client struct {
	base  string // of addresses, without a path
	token string
	where string // the engine, for people
	http  http.Client
}

// NewClient returns a client for the socket at a path.
func NewClient(socket string) *Client {
	return &Client{base: "http://weir", where: socket, http: http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", socket)
		},
	}}}
}

// Remote is an engine that is reached over HTTPS.
type Remote struct {
	Server string // its address, such as https://host:8443
	Token  string
	// Pin is the SHA-256 of the engine's certificate in hex, which then is the one
	// that is trusted; CA is a PEM file of certificates that are, beside those of the
	// system.
	Pin, CA string
}

// NewRemote returns a client for an engine elsewhere.
func NewRemote(r Remote) (*Client, error) {
	u, err := url.Parse(r.Server)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, &weir.Fault{At: "server", Err: fmt.Errorf("%q is no address of an engine", r.Server), Hint: "Write it as https://host:8443."}
	}
	if r.Token == "" {
		return nil, &weir.Fault{At: "token", Err: errors.New("an engine elsewhere needs a token"), Hint: "Make one on its host with weir token create, and give it as WEIR_TOKEN or --token file:PATH."}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	switch {
	case r.Pin != "":
		if err := pin(config, r.Pin); err != nil {
			return nil, err
		}
	case r.CA != "":
		text, err := os.ReadFile(r.CA)
		if err != nil {
			return nil, &weir.Fault{At: "ca", Err: err, Hint: "Name a PEM file that this user may read."}
		}
		if config.RootCAs, err = x509.SystemCertPool(); err != nil {
			config.RootCAs = x509.NewCertPool()
		}
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, &weir.Fault{At: "ca", Err: fmt.Errorf("%s holds no certificate", r.CA), Hint: "Name a PEM file."}
		}
	}
	return &Client{base: "https://" + u.Host, token: r.Token, where: r.Server, http: http.Client{
		Transport: &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second},
		// The token is for this server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// pin has one certificate trusted, whoever has signed it and whatever name it bears.
func pin(config *tls.Config, want string) error {
	sum, err := hex.DecodeString(strings.ReplaceAll(want, ":", ""))
	if err != nil || len(sum) != sha256.Size {
		return &weir.Fault{At: "pin", Err: errors.New("it is no SHA-256 in hex"), Hint: "Give the fingerprint of the engine's certificate: openssl x509 -noout -fingerprint -sha256 -in DATA/tls/server.crt"}
	}
	config.InsecureSkipVerify = true // in favour of the comparison below, which comes in any case
	config.VerifyConnection = func(s tls.ConnectionState) error {
		if got := sha256.Sum256(s.PeerCertificates[0].Raw); subtle.ConstantTimeCompare(got[:], sum) != 1 {
			return &weir.Fault{At: "pin", Err: fmt.Errorf("the engine shows another certificate, %x", got), Hint: "Find out why before you trust that one."}
		}
		return nil
	}
	return nil
}

// maxAnswer is the largest answer the client reads, in bytes.
const maxAnswer = 1 << 30

// do makes a request; into takes the answer, and is nil where there is none.
func (c *Client) do(ctx context.Context, method, path string, into any) error {
	return c.into(ctx, method, path, "", nil, into)
}

// post is do with a body in JSON.
func (c *Client) post(ctx context.Context, method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.into(ctx, method, path, typeJSON, bytes.NewReader(text), into)
}

// into is do with a body of some kind.
func (c *Client) into(ctx context.Context, method, path, kind string, content io.Reader, into any) error {
	body, err := c.send(ctx, method, path, kind, content)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// fetch makes a request and returns the answer as it came.
func (c *Client) fetch(ctx context.Context, method, path string) ([]byte, error) {
	return c.send(ctx, method, path, "", nil)
}

// send is fetch with a body.
func (c *Client) send(ctx context.Context, method, path, kind string, content io.Reader) ([]byte, error) {
	resp, err := c.open(ctx, method, path, kind, content)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
}

// open makes a request and returns an answer that is no refusal.
func (c *Client) open(ctx context.Context, method, path, kind string, content io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+Base+path, content)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	var p problem
	if json.Unmarshal(body, &p) == nil && p.Detail != "" {
		return nil, errors.New(p.Detail)
	}
	return nil, fmt.Errorf("the engine answered %s", resp.Status)
}

// unreachable says what to do about an engine that does not answer.
func (c *Client) unreachable(err error) error {
	if fault, ok := errors.AsType[*weir.Fault](err); ok {
		return fault
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &weir.Fault{Err: fmt.Errorf("the certificate of %s is not trusted: %w", c.where, bad.Err),
			Hint: fmt.Sprintf("If its SHA-256 fingerprint, %x, is that of the engine's DATA/tls/server.crt, give it with --pin; or the certificate itself with --ca.", sha256.Sum256(bad.UnverifiedCertificates[0].Raw))}
	}
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "dial" {
		return err
	}
	hint := "Start it with weir serve, or name its data directory with --data, or its address with --server."
	if c.token != "" {
		hint = "Check the address, and that the engine listens there and not on its own machine alone (--listen)."
	}
	return &weir.Fault{Err: fmt.Errorf("no engine answers at %s: %w", c.where, op.Err), Hint: hint}
}

// Channels lists the channels.
func (c *Client) Channels(ctx context.Context) (list []Channel, err error) {
	err = c.do(ctx, "GET", "/channels", &list)
	return list, err
}

// Control does something to a channel; see [Engine].
func (c *Client) Control(ctx context.Context, channel, action string) error {
	return c.do(ctx, "POST", pathOf(channel)+"/"+action, nil)
}

// Test tries connections; see [Engine].
func (c *Client) Test(ctx context.Context, channel, connector string) (list []Tested, err error) {
	path := pathOf(channel) + "/test"
	if connector != "" {
		path += "?connector=" + url.QueryEscape(connector)
	}
	err = c.do(ctx, "POST", path, &list)
	return list, err
}

// Message returns one message with its contents.
func (c *Client) Message(ctx context.Context, channel string, id int64) (m Message, err error) {
	err = c.do(ctx, "GET", pathOf(channel)+"/messages/"+strconv.FormatInt(id, 10), &m)
	return m, err
}

// Attachment returns what one attachment of a message holds.
func (c *Client) Attachment(ctx context.Context, channel string, id int64, attachment string) (*Bytes, error) {
	resp, err := c.open(ctx, "GET", pathOf(channel)+"/messages/"+strconv.FormatInt(id, 10)+"/attachments/"+url.PathEscape(attachment), "", nil)
	if err != nil {
		return nil, err
	}
	return &Bytes{resp.Body, resp.ContentLength}, nil
}
