package script_test

import (
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/script"
)

// letter is an e-mail as the server got it.
type letter struct {
	from, text string
	to         []string
	arrived    chan letter
}

func (l *letter) Mail(from string, _ *smtp.MailOptions) error { l.from = from; return nil }
func (l *letter) Rcpt(to string, _ *smtp.RcptOptions) error   { l.to = append(l.to, to); return nil }
func (l *letter) Reset()                                      {}
func (l *letter) Logout() error                               { return nil }
func (l *letter) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	l.text = string(b)
	l.arrived <- *l
	return err
}

func TestSMTPConnection(t *testing.T) {
	arrived := make(chan letter, 1)
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &letter{arrived: arrived}, nil }))
	s.Domain, s.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		s.Serve(l)
	}()
	t.Cleanup(func() {
		s.Close()
		l.Close()
		<-served
	})
	host, port, _ := net.SplitHostPort(l.Addr().String())
	body := `var c = new SMTPConnection('` + host + `', '` + port + `', false, 'none', '', '', 'weir@example.org');
		c.send('a@example.org, b@example.org', 'c@example.org', 'Ergebnis für Önder', 'One\nTwo ä'); return c.getHost() + c.from`
	got, err := granted(t, weir.Access{Network: []string{l.Addr().String()}}, body)
	if err != nil {
		var e *script.Error
		errors.As(err, &e)
		t.Fatal(e.Detail())
	}
	if show(got) != "127.0.0.1weir@example.org" {
		t.Errorf("got %v", got)
	}
	mail := <-arrived
	if mail.from != "weir@example.org" || strings.Join(mail.to, " ") != "a@example.org b@example.org c@example.org" ||
		!strings.Contains(mail.text, "Two =C3=A4") || !strings.Contains(mail.text, "Subject: =?UTF-8?") {
		t.Errorf("got %+v", mail)
	}
	for _, c := range []struct{ name, body, want string }{
		{"not granted", strings.Replace(body, host, "localhost", 1), "localhost:" + port + " is not granted"},
		{"a subject of two lines", strings.Replace(body, "für ", `\r\nBcc: x@example.org`, 1), "more than one line"},
		{"no address", strings.Replace(body, "a@example.org,", "a b c,", 1), "an address of the e-mail is none"},
		{"the server's own", `SMTPConnectionFactory.createSMTPConnection()`, "new SMTPConnection(host"},
	} {
		_, err := granted(t, weir.Access{Network: []string{l.Addr().String()}}, c.body)
		var e *script.Error
		if !errors.As(err, &e) || !strings.Contains(e.Detail(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
