package tlsconfig

import "github.com/weir-health/weir/config"

// Either is the TLS settings of a connector that is connected to or connects,
// as another setting says. The certificate is this side's, and the authorities
// are those of the other side's certificates, whichever side that is.
type Either struct {
	Enabled         bool
	CertificateFile string
	KeyFile         string
	CAFile          string
	ClientAuth      string // none, request or require; where it is connected to
	ServerName      string // where it connects
	Verify          bool   // likewise
}

// Fields declares the settings.
func (e *Either) Fields(f *config.Fields) {
	f.Bool(&e.Enabled, "tls.enabled", false, "Speak TLS: as the server where others connect to this side, as the client where this side connects.")
	f.String(&e.CertificateFile, "tls.certificateFile", "",
		"File with this side's certificate and those between it and the authority, PEM. A server needs one, a client only for mutual TLS.")
	f.String(&e.KeyFile, "tls.keyFile", "", "File with the private key of the certificate, PEM, not encrypted.")
	f.String(&e.CAFile, "tls.caFile", "",
		"File with the authorities that the other side's certificate must come from, PEM. If empty, servers are checked with those of the operating system.")
	f.String(&e.ClientAuth, "tls.clientAuth", "none",
		"As the server, certificates of clients: none, request (checked if there is one) or require (mutual TLS).").OneOf("none", "request", "require")
	f.String(&e.ServerName, "tls.serverName", "", "As the client, the name that the server's certificate must be for; the host name of the address if empty.")
	f.Bool(&e.Verify, "tls.verify", true, "As the client, check the server's certificate. Off, anybody on the network between can read and change messages.")
}

// Server returns the settings for being connected to.
func (e *Either) Server() *Server {
	return &Server{Enabled: e.Enabled, CertificateFile: e.CertificateFile, KeyFile: e.KeyFile, CAFile: e.CAFile, ClientAuth: e.ClientAuth}
}

// Client returns the settings for connecting, to be opened.
func (e *Either) Client() *Client {
	return &Client{Enabled: e.Enabled, CertificateFile: e.CertificateFile, KeyFile: e.KeyFile, CAFile: e.CAFile, ServerName: e.ServerName, Verify: e.Verify}
}
