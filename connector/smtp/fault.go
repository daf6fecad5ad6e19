package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/weir-health/weir"
)

// stageError is an error before the e-mail was begun.
type stageError struct {
	what string
	err  error
}

func (e *stageError) Error() string { return e.what + ": " + e.err.Error() }
func (e *stageError) Unwrap() error { return e.err }

// fault tells a person why an e-mail could not be sent. A server's words about
// the e-mail may repeat addresses and contents, so that of those only the codes
// are shown.
func (v *server) fault(ctx context.Context, err error) error {
	var known *weir.Fault
	if errors.As(err, &known) {
		return known
	}
	f := &weir.Fault{At: "smtpHost"}
	var (
		sending *mail.SendError
		early   *stageError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		verify  *tls.CertificateVerificationError
		alert   tls.AlertError
		record  tls.RecordHeaderError
		op      *net.OpError
		reply   *textproto.Error
		network net.Error
	)
	late := errors.As(err, &sending) && (sending.Reason == mail.ErrSMTPDataClose || sending.Reason == mail.ErrWriteContent) && sending.ErrorCode() == 0
	timedOut := errors.As(err, &network) && network.Timeout() || sending != nil && strings.Contains(err.Error(), "i/o timeout")
	switch {
	case ctx.Err() != nil:
		f.Err = fmt.Errorf("e-mail to %s: %w", v.address(), ctx.Err())
		f.Hint = "The engine ended the connection, since the channel was halted or stopped. The server may have taken the e-mail."
	case sending != nil && sending.ErrorCode() != 0:
		return v.refused(sending)
	case timedOut:
		f.At = "timeout"
		f.Err = fmt.Errorf("e-mail to %s: the server did not answer in time", v.address())
		f.Hint = "If the server is slow, raise timeout."
		if late {
			f.Hint = "The server may have taken the e-mail. If it is slow, raise timeout."
		}
	case sending != nil:
		f.Err = fmt.Errorf("e-mail to %s: the connection ended before the server took the e-mail", v.address())
		f.Hint = "Look at the mail server why. It may have taken the e-mail."
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &verify):
		f.At = "tls"
		f.Err = fmt.Errorf("connect to %s: %w", v.address(), err)
		f.Hint = "The server's certificate was refused: it must be valid, for the name in smtpHost (tls.serverName), and from an authority in tls.caFile."
	case errors.As(err, &alert), errors.As(err, &record):
		f.At = "encryption"
		f.Err = fmt.Errorf("connect to %s: %w", v.address(), err)
		f.Hint = "Check that the server speaks TLS on this port: with encryption SSL from the start, often port 465, with TLS after STARTTLS, often 587."
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		f.At = "encryption"
		f.Err = fmt.Errorf("%s does not offer STARTTLS", v.address())
		f.Hint = "Nothing was sent, since it would have been in clear. Use another port, encryption SSL, or none if the network between is trusted."
	case strings.Contains(err.Error(), "AUTH"):
		f.At = "username"
		f.Err = fmt.Errorf("sign in to %s: the server does not offer a way to sign in, or refused the user name and password%s", v.address(), codeOf(err))
		f.Hint = "Check username and password, and whether the server wants encryption first."
	case errors.As(err, &op) && op.Op == "dial":
		f.Err = fmt.Errorf("connect to %s: %w", v.address(), op.Err)
		f.Hint = "Check smtpHost and smtpPort, and that the mail server is listening."
	case errors.As(err, &reply):
		f.Err = fmt.Errorf("connect to %s: the server answered %d", v.address(), reply.Code)
		f.Hint = "The server does not want to speak to this computer now. Look at the mail server why."
	case errors.As(err, &early):
		f.Err = fmt.Errorf("connect to %s: the conversation could not begin", v.address())
		f.Hint = "Check that a mail server listens on this port, and whether it wants TLS from the start (encryption SSL)."
	default:
		f.Err = fmt.Errorf("e-mail to %s: it could not be sent", v.address())
		f.Hint = "Check smtpHost, smtpPort and encryption."
	}
	return f
}

// refused is the fault of an answer to a part of the e-mail.
func (v *server) refused(e *mail.SendError) error {
	code := fmt.Sprint(e.ErrorCode())
	if enhanced := e.EnhancedStatusCode(); enhanced != "" {
		code += " " + enhanced
	}
	f := &weir.Fault{At: "smtpHost"}
	what := "the e-mail"
	f.Hint = "Look at the log of the mail server why; size and contents are checked there."
	switch e.Reason {
	case mail.ErrSMTPMailFrom:
		f.At, what = "from", "the sender"
		f.Hint = "Check from, and whether the server wants authentication or knows this computer."
	case mail.ErrSMTPRcptTo:
		f.At, what = "to", "a recipient, and nobody got the e-mail"
		f.Hint = "Check to, cc and bcc, and whether the server sends to other domains for this computer or user."
	}
	if e.IsTemp() {
		f.Hint += " The server says that it may work later."
	}
	f.Err = fmt.Errorf("%s refused %s: %s", v.address(), what, code)
	return f
}

// codeOf is the code of a server's answer, if there was one.
func codeOf(err error) string {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return fmt.Sprintf(" (%d)", reply.Code)
	}
	return ""
}
