package httpclient

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"

	"github.com/weir-health/weir"
)

// Fault tells a person why a request to a server failed; at is the setting with its
// address. The text of the error below may hold the address with what comes from the
// message, and is shown only where it cannot.
func Fault(at, remote string, err error) error {
	var known *weir.Fault
	if errors.As(err, &known) {
		return known
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	f := &weir.Fault{At: at, Err: fmt.Errorf("request to %s: %w", remote, err)}
	var (
		large     *AcceptedTooLarge
		op        *net.OpError
		unknown   x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		notVerify *tls.CertificateVerificationError
		alert     tls.AlertError
		record    tls.RecordHeaderError
		corrupt   flate.CorruptInputError
	)
	switch {
	case errors.As(err, &large), errors.Is(err, ErrTooLarge):
		f.At = "maxResponseBytes"
		f.Hint = "Raise the limit if such responses are wanted; look at the remote system whether it has the message before sending it again."
	case errors.Is(err, ErrSlow):
		f.At = "socketTimeout"
		f.Hint = "The remote system may have received the message. If it answers late, raise socketTimeout or requestTimeout."
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &notVerify):
		f.At = "tls"
		f.Hint = "The server's certificate was refused: it must be valid, for the name in the address (tls.serverName), and from an authority in tls.caFile."
	case errors.As(err, &alert), errors.As(err, &record):
		f.At = "tls"
		f.Hint = "Check that the server speaks TLS 1.2 or later on this port, and whether it wants a certificate from this side."
	case errors.As(err, &op) && op.Op == "dial":
		f.Hint = "Check the address, that the remote system is listening, and whether a proxy is needed."
	case errors.As(err, &op), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.Hint = "The remote system or something on the way ended the connection. It may have received the message; look there why."
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		f.Hint = "The response says that it is compressed, but cannot be decompressed; look at the remote system or at a proxy between."
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		f.Hint = "The engine ended the request, since the channel was halted or stopped. The remote system may have received the message."
	default:
		f.Err = fmt.Errorf("request to %s: it could not be made, or its response not be read", remote)
		f.Hint = "Check the address and the headers, and that the remote system answers in HTTP."
	}
	return f
}
