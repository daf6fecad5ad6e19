// Package smtp is the destination that sends e-mail.
//
// Every message makes a connection of its own, over which one e-mail goes to all
// recipients or to none. With encryption TLS the server must offer STARTTLS and
// show a certificate that is valid for its name; Mirth carries on without. A
// value from a message that holds the end of a line is refused wherever it could
// add a header or a recipient.
package smtp

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
)

// SenderType is how the engine knows this connector.
var SenderType = weir.DestinationType{
	Name:    "SMTP Sender",
	Summary: "Sends each message as an e-mail.",
	New:     func() weir.Destination { return new(Sender) },
}

// Values of Sender.Encryption.
const (
	encryptionNone     = "none"
	encryptionSTARTTLS = "TLS"
	encryptionTLS      = "SSL"
)

// Sender is the "SMTP Sender" destination.
type Sender struct {
	Destination            connector.DestinationSettings
	Host                   config.Template
	Port                   config.Template
	OverrideLocalBinding   bool
	LocalAddress           config.Template
	LocalPort              config.Template
	Timeout                config.Template // milliseconds
	Encryption             string
	Authentication         bool
	Username               config.Template
	Password               config.Template
	To                     config.Template
	From                   config.Template
	CC                     config.Template
	BCC                    config.Template
	ReplyTo                config.Template
	Headers                config.TemplateMap
	HeadersVariable        config.Template
	UseHeadersVariable     bool
	Subject                config.Template
	Charset                string
	HTML                   bool
	Body                   config.Template
	Attachments            config.Setting // see attachments
	AttachmentsVariable    config.Template
	UseAttachmentsVariable bool
	TLS                    clientTLS

	env     weir.DestinationEnv
	charset charset.Charset
	tls     secure
}

// Fields lists the settings.
func (s *Sender) Fields(f *config.Fields) {
	f.Kept("pluginProperties", "Settings of extensions; kept for export, without effect.")
	s.Destination.Fields(f)
	f.Template(&s.Host, "smtpHost", "", "Name or address of the mail server.")
	f.Template(&s.Port, "smtpPort", "25", "Port of the mail server: often 25, 587 with encryption TLS, 465 with encryption SSL.")
	f.Bool(&s.OverrideLocalBinding, "overrideLocalBinding", false, "Connect from the address and port of this computer below.")
	f.Template(&s.LocalAddress, "localAddress", "0.0.0.0", "Address of this computer to connect from; 0.0.0.0 means any.")
	f.Template(&s.LocalPort, "localPort", "0", "Port of this computer to connect from; 0 means any.")
	f.Template(&s.Timeout, "timeout", "5000", "Longest time in milliseconds to connect, and then without an answer or progress; 0 means no limit.")
	f.String(&s.Encryption, "encryption", encryptionNone,
		"none; TLS: begin in clear and change with STARTTLS, without which nothing is sent; or SSL: TLS from the start.").
		OneOf(encryptionNone, encryptionSTARTTLS, encryptionTLS)
	f.Bool(&s.Authentication, "authentication", false, "Sign in with the user name and password below.")
	f.Template(&s.Username, "username", "", "User name.")
	f.Template(&s.Password, "password", "", "Password of the user.").IsSecret()
	f.Template(&s.To, "to", "", "Recipients, separated by commas.")
	f.Template(&s.From, "from", "", "Address of the sender.")
	f.Template(&s.CC, "cc", "", "Recipients of a copy, separated by commas.")
	f.Template(&s.BCC, "bcc", "", "Recipients of a copy whom the others do not see, separated by commas.")
	f.Template(&s.ReplyTo, "replyTo", "", "Addresses for answers, separated by commas; the sender if empty.")
	f.TemplateMap(&s.Headers, "headers", "Further headers: names with values. Those that other settings make, such as Subject, are left out.")
	f.Template(&s.HeadersVariable, "headersVariable", "", "Variable that holds a map of header names to values.")
	f.Bool(&s.UseHeadersVariable, "isUseHeadersVariable", false, "Take the headers from the variable instead.")
	f.Template(&s.Subject, "subject", "", "Subject of the e-mail.")
	f.String(&s.Charset, "charsetEncoding", "DEFAULT_ENCODING", "Character set of the body and of attachments that are text; DEFAULT_ENCODING is UTF-8.")
	f.Bool(&s.HTML, "html", false, "The body is HTML.")
	f.Template(&s.Body, "body", "", "Text of the e-mail.")
	s.attachmentFields(f)
	f.Template(&s.AttachmentsVariable, "attachmentsVariable", "", "Variable that holds a list of AttachmentEntry, or of maps with name, content and mimeType.")
	f.Bool(&s.UseAttachmentsVariable, "isUseAttachmentsVariable", false, "Take the attachments from the variable instead.")
	s.TLS.Fields(f)
}

// Open checks the settings. It does not connect.
func (s *Sender) Open(_ context.Context, env weir.DestinationEnv) (err error) {
	s.env = env
	if s.charset, err = charset.Lookup(s.Charset); err != nil {
		return err
	}
	if s.Authentication && s.Encryption == encryptionNone {
		env.Log.Warn("The password of the mail server may be sent in clear; use encryption TLS or SSL", "setting", "encryption")
	}
	if s.Encryption == encryptionNone {
		return nil
	}
	return s.tls.open(&s.TLS, env.Log)
}

// Send sends one e-mail. The answer is its Message-ID.
func (s *Sender) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	failed := weir.Response{Status: weir.Queued, StatusMessage: "Error sending email message"}
	email, err := s.email(m)
	if err != nil {
		return failed, err
	}
	server, err := s.server(m)
	if err != nil {
		return failed, err
	}
	s.event("sending", server.address())
	defer s.event("idle", server.address())
	if err := server.deliver(ctx, email); err != nil {
		failed.StatusMessage = connector.Caused(failed.StatusMessage, "EmailException", "Sending the email to the following server failed : "+server.address())
		return failed, server.fault(ctx, err)
	}
	return weir.Response{Status: weir.Sent, Message: email.GetMessageID(), StatusMessage: "Email sent successfully."}, nil
}

// server is where one e-mail goes.
func (s *Sender) server(m *weir.Outbound) (*server, error) {
	port := 25
	if s.Encryption == encryptionTLS {
		port = 465
	}
	v := &server{
		host: m.Resolve(s.Host), port: whole(m.Resolve(s.Port), port), timeout: s.timeout(m),
		encryption: s.Encryption, tls: &s.tls,
		authentication: s.Authentication, username: m.Resolve(s.Username), password: m.Resolve(s.Password),
	}
	switch {
	case v.host == "":
		return nil, &weir.Fault{At: "smtpHost", Err: errors.New("no mail server is given"), Hint: "Set the name or address of the mail server, and check the variables in it."}
	case v.port < 1 || v.port > 65535:
		return nil, &weir.Fault{At: "smtpPort", Err: errors.New("the port is outside 1 to 65535"), Hint: "Set the port of the mail server, and check the variables in it."}
	}
	if s.OverrideLocalBinding {
		local, err := localAddress(m.Resolve(s.LocalAddress), m.Resolve(s.LocalPort))
		if err != nil {
			return nil, err
		}
		v.local = local
	}
	return v, nil
}

// defaultTimeout is what a timeout that is no number means.
const defaultTimeout = 60 * time.Second

func (s *Sender) timeout(m *weir.Outbound) time.Duration {
	n := whole(m.Resolve(s.Timeout), int(defaultTimeout/time.Millisecond))
	return time.Duration(max(n, 0)) * time.Millisecond
}

func (s *Sender) event(state, remote string) {
	s.env.Connection(weir.ConnectionEvent{State: state, Remote: remote})
}

// charsetName is the character set as headers name it.
func (s *Sender) charsetName() string {
	if s.Charset == "DEFAULT_ENCODING" {
		return string(mail.CharsetUTF8)
	}
	return cmp.Or(s.Charset, string(mail.CharsetUTF8))
}

// Close has nothing to release.
func (s *Sender) Close(context.Context) error { return nil }

var _ weir.Destination = (*Sender)(nil)
