package smtp

import (
	"crypto/tls"
	"log/slog"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/tlsconfig"
)

// clientTLS is the TLS settings; encryption says whether TLS is spoken.
type clientTLS struct {
	CertificateFile, KeyFile, CAFile, ServerName string
	Verify                                       bool
}

// Fields lists the settings.
func (c *clientTLS) Fields(f *config.Fields) {
	f.String(&c.CertificateFile, "tls.certificateFile", "", "File with this side's certificate for mutual TLS, PEM; none if empty.")
	f.String(&c.KeyFile, "tls.keyFile", "", "File with the private key of the certificate, PEM, not encrypted.")
	f.String(&c.CAFile, "tls.caFile", "", "File with the authorities that the server's certificate must come from, PEM; those of the operating system if empty.")
	f.String(&c.ServerName, "tls.serverName", "", "Name that the server's certificate must be for; smtpHost if empty.")
	f.Bool(&c.Verify, "tls.verify", true, "Check the server's certificate. Off, anybody on the network between can read and change e-mails.")
}

// secure makes TLS configurations from files that are read again when they change.
type secure struct{ client tlsconfig.Client }

func (s *secure) open(c *clientTLS, log *slog.Logger) error {
	s.client = tlsconfig.Client{Enabled: true, CertificateFile: c.CertificateFile, KeyFile: c.KeyFile, CAFile: c.CAFile,
		ServerName: c.ServerName, Verify: c.Verify}
	return s.client.Open(log)
}

func (s *secure) config(host string) (*tls.Config, error) { return s.client.Config(host) }
