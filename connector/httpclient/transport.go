package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/tlsconfig"
)

// keptIdle is how long a connection is kept open without use, and keptPerHost
// how many to one server.
const (
	keptIdle    = 60 * time.Second
	keptPerHost = 64
)

// maxHeader is the largest status line and headers of a response, in bytes.
const maxHeader = 64 << 10

// maxRedirects is how many redirects are followed: as many as Mirth's HTTP Sender does.
const maxRedirects = 50

// TLS is the settings for addresses that begin with https.
type TLS struct {
	CertificateFile, KeyFile, CAFile, ServerName string
	Verify, VerifyHost                           bool
}

// Fields lists the settings.
func (c *TLS) Fields(f *config.Fields) {
	f.String(&c.CertificateFile, "tls.certificateFile", "", "File with this side's certificate for mutual TLS, PEM; none if empty.")
	f.String(&c.KeyFile, "tls.keyFile", "", "File with the private key of the certificate, PEM, not encrypted.")
	f.String(&c.CAFile, "tls.caFile", "", "File with the authorities that the server's certificate must come from, PEM; those of the operating system if empty.")
	f.String(&c.ServerName, "tls.serverName", "", "Name that the server's certificate must be for; the host name of the address if empty.")
	f.Bool(&c.Verify, "tls.verify", true, "Check the server's certificate. Off, anybody on the network between can read and change messages.")
	f.Bool(&c.VerifyHost, "tls.verifyHost", true, "Check that the server's certificate is for its name. Off is what Mirth does: whoever has a certificate for any name can pose as the server.")
}

// Transports makes connections and keeps them open. When the files of the TLS
// settings change, new connections are made with what is in them.
type Transports struct {
	tls        tlsconfig.Client
	verifyHost bool

	mu      sync.Mutex
	current *http.Transport
	made    *tls.Config // what current was made from
}

// Open reads the files of the TLS settings for the first time.
func (t *Transports) Open(c *TLS, log *slog.Logger) error {
	t.tls = tlsconfig.Client{Enabled: true, CertificateFile: c.CertificateFile, KeyFile: c.KeyFile, CAFile: c.CAFile,
		ServerName: c.ServerName, Verify: c.Verify}
	t.verifyHost = c.VerifyHost
	if c.Verify && !c.VerifyHost {
		log.Warn("The name in the certificate of the remote system is not checked", "setting", "tls.verifyHost")
	}
	return t.tls.Open(log)
}

// RoundTrip sends a request.
func (t *Transports) RoundTrip(r *http.Request) (*http.Response, error) {
	transport, err := t.get()
	if err != nil {
		return nil, err
	}
	return transport.RoundTrip(r)
}

func (t *Transports) get() (*http.Transport, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	cfg, err := t.tls.Config("")
	if err != nil {
		return nil, err
	}
	if t.current != nil && same(cfg, t.made) {
		return t.current, nil
	}
	if t.current != nil {
		t.current.CloseIdleConnections()
	}
	t.made = cfg
	t.current = t.make(cfg.Clone())
	return t.current, nil
}

// same reports whether two configurations were made from the same files.
func same(a, b *tls.Config) bool {
	return a.RootCAs == b.RootCAs && len(a.Certificates) == len(b.Certificates) &&
		(len(a.Certificates) == 0 || &a.Certificates[0] == &b.Certificates[0])
}

func (t *Transports) make(cfg *tls.Config) *http.Transport {
	if !t.verifyHost && !cfg.InsecureSkipVerify {
		roots := cfg.RootCAs
		cfg.InsecureSkipVerify = true // the chain is checked below, the name is not
		cfg.VerifyConnection = func(s tls.ConnectionState) error { return verifyChain(s, roots) }
	}
	return &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return proxyOf(r.Context()), nil },
		DialContext:            new(net.Dialer).DialContext,
		TLSClientConfig:        cfg,
		DisableCompression:     true, // see Decompressed
		MaxIdleConnsPerHost:    keptPerHost,
		IdleConnTimeout:        keptIdle,
		MaxResponseHeaderBytes: maxHeader,
		WriteBufferSize:        smallBody, // most requests in one piece
	}
}

func verifyChain(s tls.ConnectionState, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	return err
}

// Close closes the connections that are kept open.
func (t *Transports) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil {
		t.current.CloseIdleConnections()
	}
}

// Followed says which redirects are followed: those of GET, and 303, which asks
// for a GET. Any other is the response.
func Followed(r *http.Request, via []*http.Request) error {
	first, code := via[0].Method, r.Response.StatusCode
	follow := first == http.MethodGet && code != http.StatusPermanentRedirect || code == http.StatusSeeOther
	switch {
	case !follow:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects:
		return fmt.Errorf("the server redirects more than %d times", maxRedirects)
	case r.URL.Scheme != "http" && r.URL.Scheme != "https":
		return errors.New("the server redirects to what is no HTTP address")
	}
	return nil
}

type proxyKey struct{}

func proxyOf(ctx context.Context) *url.URL {
	proxy, _ := ctx.Value(proxyKey{}).(*url.URL)
	return proxy
}
