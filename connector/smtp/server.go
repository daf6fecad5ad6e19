package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"github.com/weir-health/weir"
)

// server is a mail server and how it is spoken to.
type server struct {
	host               string
	port               int
	local              net.Addr // nil: any
	timeout            time.Duration
	encryption         string
	tls                *secure
	authentication     bool
	username, password string
}

func (v *server) address() string { return net.JoinHostPort(v.host, strconv.Itoa(v.port)) }

// forever stands for no limit where go-mail wants one; time is kept by
// patient, read by read.
const forever = 24 * time.Hour

// mechanisms are the ways to sign in, the best first. Those that show the
// password come last; Mirth uses them on connections in clear, too.
var mechanisms = []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5,
	mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc}

// deliver makes a connection and sends one e-mail. It returns without an error
// once the server has taken it. ctx ends the connection.
func (v *server) deliver(ctx context.Context, email *mail.Msg) error {
	return v.talk(ctx, func(client *mail.Client, session *gosmtp.Client) error {
		if err := client.SendWithSMTPClient(session, email); err != nil && !email.IsDelivered() {
			return err
		}
		session.Quit() // the server has the e-mail, whatever it says now
		return nil
	})
}

// greet makes a connection, signs in where that is wanted, and takes leave.
func (v *server) greet(ctx context.Context) error {
	return v.talk(ctx, func(_ *mail.Client, session *gosmtp.Client) error {
		session.Quit()
		return nil
	})
}

// talk makes a connection, signs in, and lets do use it. ctx ends it.
func (v *server) talk(ctx context.Context, do func(*mail.Client, *gosmtp.Client) error) error {
	policy := mail.NoTLS
	if v.encryption == encryptionSTARTTLS {
		policy = mail.TLSMandatory
	}
	var open net.Conn
	options := []mail.Option{
		mail.WithPort(v.port), mail.WithTLSPolicy(policy), mail.WithTimeout(forever), mail.WithoutNoop(),
		mail.WithDialContextFunc(func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			conn, err = v.dial(ctx, network, address)
			open = conn
			return conn, err
		}),
	}
	if v.encryption != encryptionNone {
		config, err := v.tls.config(v.host)
		if err != nil {
			return err
		}
		options = append(options, mail.WithTLSConfig(config))
	}
	if v.encryption == encryptionTLS {
		options = append(options, mail.WithSSL())
	}
	if v.authentication {
		options = append(options, mail.WithOpportunisticSMTPAuth(mechanisms...), mail.WithUsername(v.username), mail.WithPassword(v.password))
	}
	client, err := mail.NewClient(v.host, options...)
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if open != nil {
		defer open.Close()
		defer context.AfterFunc(ctx, func() { open.Close() })()
	}
	if err != nil {
		return &stageError{"sign on", err}
	}
	return do(client, session)
}

// dial connects, and shakes hands where TLS comes first.
func (v *server) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: v.timeout, LocalAddr: v.local}
	plain, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	conn := net.Conn(&patient{Conn: plain, limit: v.timeout})
	if v.encryption != encryptionTLS {
		return conn, nil
	}
	config, err := v.tls.config(v.host)
	if err == nil {
		secure := tls.Client(conn, config)
		if err = secure.HandshakeContext(ctx); err == nil {
			return secure, nil
		}
	}
	conn.Close()
	return nil, err
}

// patient is a connection on which each read and write has a limit of its own,
// and none is kept for the whole.
type patient struct {
	net.Conn
	limit time.Duration // 0 is none
}

func (p *patient) SetDeadline(time.Time) error { return nil }

func (p *patient) Read(b []byte) (int, error) {
	if p.limit > 0 {
		p.Conn.SetReadDeadline(time.Now().Add(p.limit))
	}
	return p.Conn.Read(b)
}

func (p *patient) Write(b []byte) (int, error) {
	if p.limit > 0 {
		p.Conn.SetWriteDeadline(time.Now().Add(p.limit))
	}
	return p.Conn.Write(b)
}

// localAddress reads where to connect from.
func localAddress(address, port string) (net.Addr, error) {
	n := whole(port, 0)
	local, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(address, strconv.Itoa(n)))
	if err != nil || n < 0 || n > 65535 {
		return nil, &weir.Fault{At: "localAddress", Err: errors.New("the address or port to connect from is none"),
			Hint: "Set an address of this computer and a port, often 0, or turn overrideLocalBinding off."}
	}
	return local, nil
}
