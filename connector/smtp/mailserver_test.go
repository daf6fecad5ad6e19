package smtp

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/weir-health/weir/connector/connectortest"
)

// envelope is an e-mail as the server got it.
type envelope struct {
	from, text string
	to         []string
	user       string
	encrypted  bool
}

// mailServer takes e-mails on the loopback address.
type mailServer struct {
	host, port string
	mechanisms []string // with which it wants clients to sign in; none: nobody has to

	mu  sync.Mutex
	got []envelope
}

// serve starts a server. change may alter it first.
func serve(t testing.TB, direct bool, config *tls.Config, change func(m *mailServer, s *gosmtp.Server)) *mailServer {
	t.Helper()
	m := new(mailServer)
	s := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		_, encrypted := c.TLSConnectionState()
		return &session{server: m, conn: c, now: envelope{encrypted: encrypted}}, nil
	}))
	s.Domain, s.TLSConfig, s.AllowInsecureAuth = "localhost", config, true
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.MaxMessageBytes = 64 << 20
	if change != nil {
		change(m, s)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.host, m.port, _ = net.SplitHostPort(ln.Addr().String())
	if direct {
		ln = tls.NewListener(ln, config)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		s.Serve(ln)
	}()
	t.Cleanup(func() {
		s.Close()
		ln.Close() // should it not be served yet
		<-served
	})
	return m
}

// settings are those of a sender to the server, and more.
func (m *mailServer) settings(more ...string) []string {
	return append([]string{"smtpHost", m.host, "smtpPort", m.port, "to", "ward@example.org", "from", "weir@example.org", "subject", "Result"}, more...)
}

func (m *mailServer) emails() []envelope {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.got)
}

func (m *mailServer) only(t testing.TB) envelope {
	t.Helper()
	got := m.emails()
	if len(got) != 1 {
		t.Fatalf("%d e-mails, want one", len(got))
	}
	return got[0]
}

type session struct {
	server *mailServer
	conn   *gosmtp.Conn
	now    envelope
}

func (s *session) Reset()        { s.now = envelope{user: s.now.user} }
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return s.server.mechanisms }

func (s *session) Auth(mech string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != "weir" || password != "invented" {
			return errors.New("wrong")
		}
		s.now.user = user
		return nil
	}
	if mech == sasl.Login {
		return &login{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// login is the mechanism LOGIN, which go-sasl has for clients only.
type login struct {
	check func(user, password string) error
	user  string
	step  int
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if len(s.server.mechanisms) > 0 && s.now.user == "" {
		return gosmtp.ErrAuthRequired
	}
	s.now.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody") {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox: " + to}
	}
	s.now.to = append(s.now.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if strings.Contains(string(text), "Subject: full") {
		return &gosmtp.SMTPError{Code: 452, EnhancedCode: gosmtp.EnhancedCode{4, 3, 1}, Message: "full: " + string(text[:40])}
	}
	s.now.text = string(text)
	_, s.now.encrypted = s.conn.TLSConnectionState()
	s.server.mu.Lock()
	s.server.got = append(s.server.got, s.now)
	s.server.mu.Unlock()
	return nil
}

// raw is a server that only says what it is told to, and holds connections.
func raw(t testing.TB, talk func(conn net.Conn)) (settings []string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		all.Wait()
	})
	m := new(mailServer)
	m.host, m.port, _ = net.SplitHostPort(ln.Addr().String())
	return m.settings()
}

// certificate writes a certificate to a file, and returns it for a server.
func certificate(t testing.TB) (file string, config *tls.Config) {
	t.Helper()
	file, key := connectortest.Certificate(t)
	pair, err := tls.LoadX509KeyPair(file, key)
	if err != nil {
		t.Fatal(err)
	}
	return file, &tls.Config{Certificates: []tls.Certificate{pair}}
}
