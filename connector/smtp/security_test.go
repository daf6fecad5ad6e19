package smtp

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/weir-health/weir/connector/connectortest"
)

// Every way to encrypt and to sign in.
func TestSecurity(t *testing.T) {
	ca, config := certificate(t)
	mechanisms := func(names ...string) func(*mailServer, *gosmtp.Server) {
		return func(m *mailServer, _ *gosmtp.Server) { m.mechanisms = names }
	}
	signIn := []string{"authentication", "true", "username", "weir", "password", "invented"}
	for _, c := range []struct {
		name      string
		direct    bool
		tls       *tls.Config
		change    func(*mailServer, *gosmtp.Server)
		settings  []string
		at        string // where the fault is; empty: it is sent
		encrypted bool
		user      string
	}{
		{"in clear", false, nil, nil, nil, "", false, ""},
		{"in clear though STARTTLS is offered", false, config, nil, nil, "", false, ""},
		{"STARTTLS", false, config, nil, []string{"encryption", "TLS", "tls.caFile", ca}, "", true, ""},
		{"TLS", true, config, nil, []string{"encryption", "SSL", "tls.caFile", ca}, "", true, ""},
		{"STARTTLS is missing", false, nil, nil, []string{"encryption", "TLS"}, "encryption", false, ""},
		{"TLS is missing", false, nil, nil, []string{"encryption", "SSL"}, "encryption", false, ""},
		{"STARTTLS with an unknown authority", false, config, nil, []string{"encryption", "TLS"}, "tls", false, ""},
		{"TLS with an unknown authority", true, config, nil, []string{"encryption", "SSL"}, "tls", false, ""},
		{"TLS with another name", true, config, nil, []string{"encryption", "SSL", "tls.caFile", ca, "tls.serverName", "mail.example"}, "tls", false, ""},
		{"TLS unchecked", true, config, nil, []string{"encryption", "SSL", "tls.verify", "false"}, "", true, ""},
		{"PLAIN in clear", false, nil, mechanisms("PLAIN"), signIn, "", false, "weir"},
		{"LOGIN in clear", false, nil, mechanisms("LOGIN"), signIn, "", false, "weir"},
		{"PLAIN after STARTTLS", false, config, mechanisms("PLAIN", "LOGIN"), append([]string{"encryption", "TLS", "tls.caFile", ca}, signIn...), "", true, "weir"},
		{"LOGIN over TLS", true, config, mechanisms("LOGIN"), append([]string{"encryption", "SSL", "tls.caFile", ca}, signIn...), "", true, "weir"},
		{"wrong password", false, nil, mechanisms("PLAIN"), append(signIn, "password", "wrong"), "username", false, ""},
		{"no way to sign in", false, nil, nil, signIn, "username", false, ""},
		{"must sign in", false, nil, mechanisms("PLAIN"), nil, "from", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := serve(t, c.direct, c.tls, c.change)
			_, err := send(t, m.settings(c.settings...), nil, nil)
			if c.at != "" {
				if err == nil || !strings.HasPrefix(err.Error(), c.at+": ") || strings.Contains(err.Error(), "invented") {
					t.Errorf("%v, want a fault at %s", err, c.at)
				}
				if n := len(m.emails()); n != 0 {
					t.Errorf("%d e-mails were sent", n)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := m.only(t); got.encrypted != c.encrypted || got.user != c.user {
				t.Errorf("encrypted %v, user %q; want %v, %q", got.encrypted, got.user, c.encrypted, c.user)
			}
		})
	}
}

// What servers refuse is told by codes, without the words in which they repeat
// addresses and contents.
func TestServerRefuses(t *testing.T) {
	m := serve(t, false, nil, nil)
	for _, c := range []struct {
		name     string
		settings []string
		want     string
	}{
		{"a recipient", m.settings("to", "ward@example.org,nobody."+strings.ReplaceAll(connectortest.Secret, "^", ".")+"@example.org"), "refused a recipient, and nobody got the e-mail: 550 5.1.1"},
		{"the e-mail for now", m.settings("subject", "full"), "refused the e-mail: 452. Look at the log of the mail server why; size and contents are checked there. The server says that it may work later."},
		{"the connection", raw(t, func(conn net.Conn) { fmt.Fprintf(conn, "421 busy\r\n") }), "the server answered 421"},
		{"SMTP altogether", raw(t, func(conn net.Conn) { fmt.Fprintf(conn, "SSH-2.0-x\r\n") }), "the conversation could not begin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := send(t, c.settings, nil, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "nobody.") || strings.Contains(err.Error(), "mailbox") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if n := len(m.emails()); n != 0 {
		t.Errorf("%d e-mails were sent", n)
	}
}

func TestSlow(t *testing.T) {
	silent := raw(t, func(conn net.Conn) { conn.Read(make([]byte, 1)) })
	late := raw(t, func(conn net.Conn) { converse(conn, true) })
	for _, c := range []struct {
		settings []string
		timeout  string // of late: enough for what comes before, also on a busy computer
		want     string
	}{
		{silent, "50", "did not answer in time. If the server is slow"},
		{late, "1000", "did not answer in time. The server may have taken the e-mail"},
	} {
		_, err := send(t, append(c.settings, "timeout", c.timeout), nil, nil)
		if err == nil || !strings.HasPrefix(err.Error(), "timeout: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestLocalBinding(t *testing.T) {
	m := serve(t, false, nil, nil)
	if _, err := send(t, m.settings("overrideLocalBinding", "true", "localAddress", "127.0.0.1", "timeout", "0"), nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := send(t, m.settings("overrideLocalBinding", "true", "localAddress", "192.0.2.1"), nil, nil); err == nil {
		t.Error("connected from an address that this computer does not have")
	}
}
