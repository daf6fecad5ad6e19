// Package tlsconfig holds the TLS settings of connectors: off until asked for,
// TLS 1.2 at least, only cipher suites with forward secrecy and authenticated
// encryption, and certificates that are read again when their files change.
//
//	func (l *Listener) Fields(f *config.Fields) {
//		l.TLS.Fields(f) // tls.enabled, tls.certificateFile, …
//	}
//
//	cfg, err := l.TLS.Config(log)
//	if err != nil || cfg == nil { // nil: TLS is off
//		…
//	}
//	conn = tls.Server(conn, cfg)
//
// Files are PEM: a certificate file holds the certificate and after it those of
// the authorities between, a CA file any number of authorities.
package tlsconfig

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
)

// suites are what TLS 1.2 may use; those of TLS 1.3 are all of this kind.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// Server is the TLS settings of a connector that is connected to.
type Server struct {
	Enabled         bool
	CertificateFile string
	KeyFile         string
	CAFile          string
	ClientAuth      string // none, request or require
}

// Fields declares the settings.
func (s *Server) Fields(f *config.Fields) {
	f.Bool(&s.Enabled, "tls.enabled", false, "Speak TLS.")
	f.String(&s.CertificateFile, "tls.certificateFile", "", "File with this side's certificate and those between it and the authority, PEM.")
	f.String(&s.KeyFile, "tls.keyFile", "", "File with the private key of the certificate, PEM, not encrypted.")
	f.String(&s.CAFile, "tls.caFile", "", "File with the authorities that the certificates of clients must come from, PEM.")
	f.String(&s.ClientAuth, "tls.clientAuth", "none",
		"Certificates of clients: none, request (checked if there is one) or require (mutual TLS).").OneOf("none", "request", "require")
}

// Config returns what crypto/tls needs, or nil when TLS is off. An error says
// that the files cannot be used now. When they change later, the next handshake
// uses what is in them; a change that cannot be used is logged once, and what
// was used before stays.
func (s *Server) Config(log *slog.Logger) (*tls.Config, error) {
	if !s.Enabled {
		return nil, nil
	}
	if s.CertificateFile == "" || s.KeyFile == "" {
		return nil, &weir.Fault{At: "tls.certificateFile", Err: errors.New("TLS is on, but a certificate or its key is missing"),
			Hint: "Set tls.certificateFile and tls.keyFile."}
	}
	if s.ClientAuth != "none" && s.CAFile == "" {
		return nil, &weir.Fault{At: "tls.caFile", Err: errors.New("certificates of clients cannot be checked without an authority"),
			Hint: "Set tls.caFile, or tls.clientAuth to none."}
	}
	w := &watched{files: []string{s.CertificateFile, s.KeyFile, s.CAFile}, load: s.load, log: log}
	if _, err := w.config(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return w.config() },
	}, nil
}

func (s *Server) load() (*tls.Config, error) {
	certificate, err := pair("tls.certificateFile", s.CertificateFile, s.KeyFile)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites, Certificates: []tls.Certificate{certificate}}
	switch s.ClientAuth {
	case "request":
		cfg.ClientAuth = tls.VerifyClientCertIfGiven
	case "require":
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
	default:
		return cfg, nil
	}
	cfg.ClientCAs, err = authorities("tls.caFile", s.CAFile)
	return cfg, err
}

// Client is the TLS settings of a connector that connects.
type Client struct {
	Enabled         bool
	CertificateFile string
	KeyFile         string
	CAFile          string
	ServerName      string
	Verify          bool

	group   string // of the settings' names; empty is tls
	watched *watched
}

// Fields declares the settings.
func (c *Client) Fields(f *config.Fields) { c.FieldsIn(f, "tls") }

// FieldsIn declares the settings in a group of another name, for a connector
// that has further connections.
func (c *Client) FieldsIn(f *config.Fields, group string) {
	c.group = group
	f.Bool(&c.Enabled, group+".enabled", false, "Speak TLS.")
	f.String(&c.CertificateFile, group+".certificateFile", "", "File with this side's certificate for mutual TLS, PEM; none if empty.")
	f.String(&c.KeyFile, group+".keyFile", "", "File with the private key of the certificate, PEM, not encrypted.")
	f.String(&c.CAFile, group+".caFile", "", "File with the authorities that the server's certificate must come from, PEM; those of the operating system if empty.")
	f.String(&c.ServerName, group+".serverName", "", "Name that the server's certificate must be for; the host name of the address if empty.")
	f.Bool(&c.Verify, group+".verify", true, "Check the server's certificate. Off, anybody on the network between can read and change messages.")
}

// Setting returns the full name of a setting, for errors.
func (c *Client) Setting(name string) string { return cmp.Or(c.group, "tls") + "." + name }

// Open reads the files for the first time. It must come before Config.
func (c *Client) Open(log *slog.Logger) error {
	if !c.Enabled {
		return nil
	}
	if (c.CertificateFile == "") != (c.KeyFile == "") {
		return &weir.Fault{At: c.Setting("keyFile"), Err: errors.New("a certificate needs its key, and a key its certificate"),
			Hint: "Set both " + c.Setting("certificateFile") + " and " + c.Setting("keyFile") + ", or neither."}
	}
	if !c.Verify {
		log.Warn("The certificate of the remote system is not checked", "setting", c.Setting("verify"))
	}
	c.watched = &watched{files: []string{c.CertificateFile, c.KeyFile, c.CAFile}, load: c.load, log: log}
	_, err := c.watched.config()
	return err
}

// Config returns what crypto/tls needs to connect to host, or nil when TLS is
// off. Files that changed are read again, as with Server.
func (c *Client) Config(host string) (*tls.Config, error) {
	if c.watched == nil {
		return nil, nil
	}
	cfg, err := c.watched.config()
	if err != nil {
		return nil, err
	}
	cfg = cfg.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName = host
	}
	return cfg, nil
}

func (c *Client) load() (cfg *tls.Config, err error) {
	cfg = &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites, ServerName: c.ServerName, InsecureSkipVerify: !c.Verify}
	if c.CertificateFile != "" {
		certificate, err := pair(c.Setting("certificateFile"), c.CertificateFile, c.KeyFile)
		if err != nil {
			return nil, err
		}
		cfg.Certificates = []tls.Certificate{certificate}
	}
	if c.CAFile != "" {
		cfg.RootCAs, err = authorities(c.Setting("caFile"), c.CAFile)
	}
	return cfg, err
}

// pair reads a certificate and its key. at names the setting.
func pair(at, certificate, key string) (tls.Certificate, error) {
	out, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return out, &weir.Fault{At: at, Err: err,
			Hint: "Check that both files exist, can be read by the engine, are PEM, and belong together."}
	}
	return out, nil
}

func authorities(at, file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &weir.Fault{At: at, Err: err, Hint: "Check that the file exists and can be read by the engine."}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, &weir.Fault{At: at, Err: fmt.Errorf("%s holds no certificate", file), Hint: "The file must be PEM."}
	}
	return pool, nil
}
