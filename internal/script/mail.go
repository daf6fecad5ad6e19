package script

import (
	"strconv"
	"strings"

	"github.com/weir-health/weir/internal/script/java"
)

func mailClasses() []*java.Class {
	return []*java.Class{{Name: "com.mirth.connect.server.userutil.SMTPConnectionFactory",
		Static: java.Methods{"createSMTPConnection": ownSMTPConnection}}}
}

// ownSMTPConnection connects to the mail server of the server's settings, in which
// variables are replaced as Mirth does: in all but the switches.
func ownSMTPConnection(c *java.Call) any {
	r := runOf(c)
	wrong := func(text string) any {
		return c.VM.ThrowJava(&java.Throwable{Class: "com.mirth.connect.client.core.ControllerException", Message: text, HasText: true, Plain: true})
	}
	mail, ok := r.host(c).(Mail)
	if !ok {
		panic(wrong("the mail settings of the engine cannot be reached from here"))
	}
	set, err := mail.MailSettings()
	if err != nil {
		panic(wrong(err.Error()))
	}
	if set.Host == "" {
		panic(wrong("the server has no mail settings; set them by PUT /server/settings, or use new SMTPConnection(host, port, useAuthentication, secure, username, password, from)"))
	}
	replaced := func(text string) string {
		if !strings.Contains(text, "$") {
			return text
		}
		return r.host(c).Resolve(r.scope, text, nil)
	}
	timeout, err := strconv.Atoi(replaced(set.Timeout))
	if err != nil {
		panic(wrong("smtpTimeout of the server settings is no number of milliseconds"))
	}
	return java.NewSMTPConnection(replaced(set.Host), replaced(set.Port), timeout, set.Login, set.Secure,
		replaced(set.Username), replaced(set.Password), replaced(set.From))
}
