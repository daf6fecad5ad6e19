package connector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/weir-health/weir"
)

// Test has a connector try its connection, and explains a failure in words.
func Test(ctx context.Context, c weir.Tester, env weir.TestEnv) (string, error) {
	found, err := c.Test(ctx, env)
	if err == nil {
		return found, nil
	}
	words := Explain(err)
	var f *weir.Fault
	switch {
	case words == "":
		return "", err
	case !errors.As(err, &f):
		return "", &weir.Fault{Err: err, Hint: words}
	}
	told := *f
	told.Hint = words
	return "", &told
}

// Explain says what most likely is the cause of a failed connection and what to
// look at, or "" when it does not know.
func Explain(err error) string {
	if words := explainTLS(err); words != "" {
		return words
	}
	var name *net.DNSError
	var wait net.Error
	switch {
	case errors.As(err, &name) && strings.Contains(name.Name, "${"):
		return "The name comes from a variable of the message, which a test does not have."
	case errors.As(err, &name) && name.IsNotFound:
		return "There is no host of this name: check how it is spelled, and which name server this computer asks."
	case errors.As(err, &name):
		return "The name server does not answer: check the network of this computer, or write the address instead of the name."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The host is there, but nothing listens on this port: is the server up, and is the port right?"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "There is no way to this host: check the address, the network and the VPN."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return "The other side has ended the connection: does it expect TLS or another protocol on this port, and does it let this computer in?"
	case errors.Is(err, syscall.EADDRINUSE):
		return "Another channel or another program on this computer has the port: stop that one or choose another port."
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "The address is none of this computer; 0.0.0.0 means all of them."
	case errors.Is(err, syscall.EACCES) && listening(err):
		return "The operating system does not let the engine use this port; ports below 1024 need a permission."
	case errors.Is(err, fs.ErrPermission):
		return "The user that the engine runs as, or has signed in as, has no permission: let it read the directory, and write where files are written, moved or deleted."
	case errors.Is(err, fs.ErrNotExist):
		return "It does not exist: check how it is spelled, and upper and lower case."
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &wait) && wait.Timeout():
		return "Nothing answers: is the address right, is the server up, and does a firewall between let this computer through?"
	}
	return ""
}

func listening(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "listen"
}

// explainTLS says whose certificate was refused, and by whom.
func explainTLS(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		alert   tls.AlertError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("The server's certificate is for another name, %s: connect by that name, or set tls.serverName.", named(name.Certificate))
	case errors.As(err, &unknown):
		return fmt.Sprintf("This side does not trust the server's certificate, of %s, issued by %s: name a file with that authority in tls.caFile.",
			named(unknown.Cert), issuer(unknown.Cert))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("The server's certificate, of %s, was valid from %s to %s: the server needs a new one, or a clock is wrong.",
			named(invalid.Cert), invalid.Cert.NotBefore.Format("2006-01-02"), invalid.Cert.NotAfter.Format("2006-01-02"))
	case errors.As(err, &invalid):
		return fmt.Sprintf("The server's certificate, of %s, may not be used for this: the server needs another one.", named(invalid.Cert))
	case errors.As(err, &record):
		return "The server does not speak TLS on this port: check the port, or turn TLS off."
	case errors.As(err, &alert):
		return fmt.Sprintf("The server has refused TLS (%s): it may want a certificate of this side (tls.certificateFile), may not trust the one it got, or may speak no version from 1.2 on.",
			strings.TrimPrefix(alert.Error(), "tls: "))
	}
	return ""
}

func named(c *x509.Certificate) string {
	switch {
	case c == nil:
		return "somebody"
	case len(c.DNSNames)+len(c.IPAddresses) == 0:
		return c.Subject.String()
	}
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) > 5 {
		names = append(names[:5], "…")
	}
	return strings.Join(names, ", ")
}

func issuer(c *x509.Certificate) string {
	if c == nil {
		return "somebody"
	}
	return c.Issuer.String()
}
