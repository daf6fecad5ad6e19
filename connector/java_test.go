package connector

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
)

func TestJava(t *testing.T) {
	dial := func(err error) error {
		return fmt.Errorf("connect: %w", &net.OpError{Op: "dial", Net: "tcp", Err: err})
	}
	read := func(err error) error {
		return &url.Error{Op: "Post", URL: "http://lab/", Err: &net.OpError{Op: "read", Net: "tcp", Err: err}}
	}
	for want, err := range map[string]error{
		"x": errors.New("something else"),
		"x [ConnectException: Connection refused]":                            dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"x [NoRouteToHostException: No route to host]":                        dial(syscall.EHOSTUNREACH),
		"x [SocketException: Network is unreachable]":                         dial(syscall.ENETUNREACH),
		"x [SocketTimeoutException: Connect timed out]":                       dial(os.ErrDeadlineExceeded),
		"x [SocketTimeoutException: Read timed out]":                          read(os.ErrDeadlineExceeded),
		"x [SocketException: Connection reset]":                               read(syscall.ECONNRESET),
		"x [SocketException: Broken pipe]":                                    read(syscall.EPIPE),
		"x [EOFException: null]":                                              read(io.EOF),
		"x [UnknownHostException: lab.invalid]":                               dial(&net.DNSError{Err: "no such host", Name: "lab.invalid", IsNotFound: true}),
		"x [SSLHandshakeException: Received fatal alert: unknown_ca]":         read(tls.AlertError(48)),
		"x [SSLHandshakeException: Received fatal alert: unexpected_message]": read(tls.AlertError(10)),
		"x [SSLException: Unsupported or unrecognized SSL message]":           dial(tls.RecordHeaderError{Msg: "first record"}),
		"x [SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target]": &tls.CertificateVerificationError{
			Err: x509.UnknownAuthorityError{}},
		"x [SSLPeerUnverifiedException: Certificate for <lab> doesn't match any of the subject alternative names]": x509.HostnameError{Host: "lab"},
	} {
		exception, message := Java(err)
		if got := Caused("x", exception, message); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	if exception, _ := Java(context.Canceled); exception != "" {
		t.Errorf("a channel that is stopped is no %s", exception)
	}
}
