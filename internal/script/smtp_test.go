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
	"github.com/weir-health/weir/internal/script/access"
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

// mailServer is an SMTP server that hands over what arrives.
func mailServer(t *testing.T) (address string, letters <-chan letter) {
	t.Helper()
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
	return l.Addr().String(), arrived
}

// mailHost is a host with mail settings of its own.
type mailHost struct {
	engineHost
	set script.MailSettings
}

func (h *mailHost) MailSettings() (script.MailSettings, error) { return h.set, nil }
func (h *mailHost) ServerIdentity() (name, environment string, err error) {
	return "Lab 1", "Test", nil
}

// TestConfigurationController asks the engine's controllers for what channels do.
func TestConfigurationController(t *testing.T) {
	scope := newScope()
	scope.Host = &mailHost{}
	got, err := runBody(t, scope, `var k = com.mirth.connect.server.controllers, c = k.ConfigurationController.getInstance(), s = c.getServerSettings();
		return [c.getServerId(), c.getServerName(), s.getServerName(), s.environmentName, k.DefaultConfigurationController.create().getServerVersion(), k.ControllerFactory.getFactory().createConfigurationController() == c].join()`)
	if err != nil || show(got) != "weir,Lab 1,Lab 1,Test,"+script.ServerVersion+",true" {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = runBody(t, scope, `com.mirth.connect.server.controllers.ControllerFactory.getFactory().createChannelController().getDeployedChannels(null)`)
	if err == nil || !strings.Contains(detail(err), "ChannelController is not reachable; use ChannelUtil") {
		t.Errorf("got %v", err)
	}
}

// TestOwnMailServer sends through the mail server of the server's settings.
func TestOwnMailServer(t *testing.T) {
	address, arrived := mailServer(t)
	host, port, _ := net.SplitHostPort(address)
	body := `var c = SMTPConnectionFactory.createSMTPConnection();
		c.send('a@example.org', '', 'Subject', 'Text'); return [c.host, c.port, c.socketTimeout, c.useAuthentication, c.secure, c.from].join()`
	set := script.MailSettings{Host: host, Port: port, Timeout: "5000", Secure: "0", From: "${a}@example.org"}
	run := func(body string, set script.MailSettings, network ...string) (any, error) {
		scope := newScope()
		scope.Host = &mailHost{set: set}
		scope.Access = &access.Grants{Channel: "Channel", Access: weir.Access{Network: network}}
		return runBody(t, scope, body)
	}
	got, err := run(body, set, access.MailServer)
	if err != nil {
		t.Fatal(detail(err))
	}
	if want := host + "," + port + ",5000,false,0,A@example.org"; show(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if mail := <-arrived; mail.from != "A@example.org" || strings.Join(mail.to, " ") != "a@example.org" {
		t.Errorf("got %+v", mail)
	}
	for _, c := range []struct {
		name, body string
		set        script.MailSettings
		network    []string
		want       string
	}{
		{"not granted", body, set, nil, address + " is not granted"},
		{"elsewhere", strings.Replace(body, "c.send", "c.setHost('localhost'); c.send", 1), set, []string{access.MailServer}, "localhost:" + port + " is not granted"},
		{"none set", body, script.MailSettings{Timeout: "5000"}, nil, "the server has no mail settings"},
		{"no timeout", body, script.MailSettings{Host: host, Timeout: "soon"}, nil, "smtpTimeout"},
	} {
		if _, err := run(c.body, c.set, c.network...); err == nil || !strings.Contains(detail(err), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	p, err := script.CompileScript("test script", nil, script.Part{Name: "body", Code: body})
	if err != nil {
		t.Fatal(err)
	}
	if found := script.Find(p).Access.Network; strings.Join(found, " ") != access.MailServer {
		t.Errorf("found %q", found)
	}
}

func TestSMTPConnection(t *testing.T) {
	address, arrived := mailServer(t)
	host, port, _ := net.SplitHostPort(address)
	body := `var c = new SMTPConnection('` + host + `', '` + port + `', false, 'none', '', '', 'weir@example.org');
		c.send('a@example.org, b@example.org', 'c@example.org', 'Ergebnis für Önder', 'One\nTwo ä'); return c.getHost() + c.from`
	got, err := granted(t, weir.Access{Network: []string{address}}, body)
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
		{"the server's own", `SMTPConnectionFactory.createSMTPConnection()`, "cannot be reached from here"},
	} {
		_, err := granted(t, weir.Access{Network: []string{address}}, c.body)
		var e *script.Error
		if !errors.As(err, &e) || !strings.Contains(e.Detail(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
