package smtp

import (
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/weir-health/weir/connector/connectortest"
)

func TestTest(t *testing.T) {
	ca, config := certificate(t)
	other, _ := certificate(t)
	plain := func(m *mailServer, _ *gosmtp.Server) { m.mechanisms = []string{"PLAIN"} }
	open, signed := serve(t, false, nil, nil), serve(t, false, config, plain)
	direct := serve(t, true, config, nil)
	signIn := []string{"authentication", "true", "username", "weir", "password", "invented"}
	host, closed := connectortest.ClosedPort(t)
	_, hangs := connectortest.HangsUp(t)
	connectortest.Try(t,
		connectortest.Tried{Name: "in clear", Of: new(Sender), Settings: open.settings(), Found: "answers."},
		connectortest.Tried{Name: "STARTTLS and signed in", Of: new(Sender), Settings: signed.settings(append(signIn, "encryption", "TLS", "tls.caFile", ca)...), Found: "Signed in at the mail server"},
		connectortest.Tried{Name: "TLS", Of: new(Sender), Settings: direct.settings("encryption", "SSL", "tls.caFile", ca), Found: "answers."},
		connectortest.Tried{Name: "nothing listens", Of: new(Sender), Settings: []string{"smtpHost", host, "smtpPort", closed}, Fails: []string{"smtpHost: ", "is the server up, and is the port right?"}},
		connectortest.Tried{Name: "hung up on", Of: new(Sender), Settings: []string{"smtpHost", host, "smtpPort", hangs}, Fails: []string{"smtpHost: "}},
		connectortest.Tried{Name: "wrong password", Of: new(Sender), Settings: signed.settings(append(signIn, "password", "wrong", "encryption", "TLS", "tls.caFile", ca)...),
			Fails: []string{"username: ", "Check username and password"}},
		connectortest.Tried{Name: "no STARTTLS", Of: new(Sender), Settings: open.settings("encryption", "TLS"), Fails: []string{"encryption: ", "does not offer STARTTLS"}},
		connectortest.Tried{Name: "authority not trusted", Of: new(Sender), Settings: direct.settings("encryption", "SSL", "tls.caFile", other),
			Fails: []string{"does not trust the server's certificate, of 127.0.0.1, issued by CN=weir"}},
		connectortest.Tried{Name: "no TLS there", Of: new(Sender), Settings: open.settings("encryption", "SSL"), Fails: []string{"does not speak TLS on this port"}},
		connectortest.Tried{Name: "no host", Of: new(Sender), Settings: []string{"smtpHost", ""}, Fails: []string{"smtpHost: "}},
	)
	for _, m := range []*mailServer{open, signed, direct} {
		if n := len(m.emails()); n != 0 {
			t.Errorf("%d e-mails were sent", n)
		}
	}
}
