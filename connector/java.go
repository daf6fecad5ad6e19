package connector

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"
)

// Java names what stood in the way of a connection as Java does: with the simple name of
// the exception and its message, which Mirth puts into the status message of a response
// and channels look for there. It returns two empty texts for what it does not know.
//
// The words are those of Java 17 on Linux. None of them is of the message.
func Java(err error) (exception, message string) {
	if exception, message = javaTLS(err); exception != "" {
		return exception, message
	}
	var name *net.DNSError
	var wait net.Error
	switch {
	case errors.As(err, &name):
		return "UnknownHostException", name.Name
	case errors.Is(err, syscall.ECONNREFUSED):
		return "ConnectException", "Connection refused"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "NoRouteToHostException", "No route to host"
	case errors.Is(err, syscall.ENETUNREACH):
		return "SocketException", "Network is unreachable"
	case errors.Is(err, syscall.ECONNRESET):
		return "SocketException", "Connection reset"
	case errors.Is(err, syscall.EPIPE):
		return "SocketException", "Broken pipe"
	case errors.As(err, &wait) && wait.Timeout() && Dialing(err):
		return "SocketTimeoutException", "Connect timed out"
	case errors.As(err, &wait) && wait.Timeout() && !writing(err): // Java waits for ever to write
		return "SocketTimeoutException", "Read timed out"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "EOFException", "null"
	}
	return "", ""
}

// Dialing reports whether an error is one of making the connection.
func Dialing(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func writing(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "write"
}

func javaTLS(err error) (exception, message string) {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		alert   tls.AlertError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return "SSLHandshakeException", "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "SSLHandshakeException", "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed"
	case errors.As(err, &name):
		return "SSLPeerUnverifiedException", "Certificate for <" + name.Host + "> doesn't match any of the subject alternative names"
	case errors.As(err, &alert):
		return "SSLHandshakeException", "Received fatal alert: " + javaAlert(uint8(alert))
	case errors.As(err, &record):
		return "SSLException", "Unsupported or unrecognized SSL message"
	}
	return "", ""
}

// javaAlert is the name of an alert of TLS, as RFC 8446 §6 has it.
func javaAlert(code uint8) string {
	names := map[uint8]string{40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
		45: "certificate_expired", 46: "certificate_unknown", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
		70: "protocol_version", 71: "insufficient_security", 80: "internal_error", 112: "unrecognized_name", 116: "certificate_required"}
	if name, ok := names[code]; ok {
		return name
	}
	return "unexpected_message"
}

// Caused is a status message with the exception that caused it in brackets, as Mirth's
// senders write it: "Error writing file [IOException: No space left on device]". Without
// an exception it is the text alone.
func Caused(text, exception, message string) string {
	if exception == "" {
		return text
	}
	return text + " [" + exception + ": " + message + "]"
}
