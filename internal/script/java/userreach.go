package java

import (
	"context"
	"crypto/tls"
	"database/sql"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// databaseConnection is the user API's DatabaseConnection.
type databaseConnection struct {
	address string
	of      *database
}

func (*databaseConnection) JavaClass() string { return serverUtil + "DatabaseConnection" }

// Release closes the connection.
func (d *databaseConnection) Release() { d.of.Release() }

// HandleOf returns what is to be kept open for a value that a map holds: the
// value itself, or the connection that it stands on.
func HandleOf(v any) Handle {
	switch v := v.(type) {
	case *databaseConnection:
		return v.of
	case *statement:
		return v.d
	case Handle:
		return v
	}
	return nil
}

// DatabaseFactory is the variable DatabaseConnectionFactory, an instance that
// scripts use as if it were the class.
type DatabaseFactory struct{ _ byte }

func (*DatabaseFactory) JavaClass() string { return serverUtil + "DatabaseConnectionFactory" }

func databaseAPI() []*Class {
	on := func(f func(d *databaseConnection, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*databaseConnection), c) }
	}
	factory := Methods{
		"createDatabaseConnection": func(c *Call) any {
			return &databaseConnection{c.Need(1), c.openDatabase(c.Text(0), c.Need(1), c.Text(2), c.Text(3))}
		},
		"createConnection": func(c *Call) any { return c.openDatabase(c.Text(0), c.Need(1), c.Text(2), c.Text(3)) },
		// A driver that is not known is logged by Mirth, and connecting fails.
		"initializeDriver": func(c *Call) any { return Void },
	}
	args := func(d *databaseConnection, c *Call) []any {
		if c.Null(1) {
			return nil
		}
		return d.of.params(c, 1)
	}
	return []*Class{
		{Name: serverUtil + "DatabaseConnectionFactory", New: func(*Call) any { return &DatabaseFactory{} }, Static: factory, Methods: factory},
		{Name: serverUtil + "DatabaseConnection", Methods: Methods{
			"getAddress":         on(func(d *databaseConnection, c *Call) any { return d.address }),
			"executeCachedQuery": on(func(d *databaseConnection, c *Call) any { return d.of.query(c, c.Need(0), args(d, c), cachedClass) }),
			"executeUpdate":      on(func(d *databaseConnection, c *Call) any { return d.of.update(c, c.Need(0), args(d, c)) }),
			"executeUpdateAndGetGeneratedKeys": on(func(d *databaseConnection, c *Call) any {
				_, keys := d.of.updateKeys(c, c.Need(0), args(d, c))
				return keys
			}),
			"setAutoCommit": on(func(d *databaseConnection, c *Call) any { return d.of.setAuto(c, c.Bool(0)) }),
			"commit":        on(func(d *databaseConnection, c *Call) any { return d.of.commit(c, (*sql.Tx).Commit) }),
			"rollback":      on(func(d *databaseConnection, c *Call) any { return d.of.commit(c, (*sql.Tx).Rollback) }),
			"getConnection": on(func(d *databaseConnection, c *Call) any { return d.of }),
			"close": on(func(d *databaseConnection, c *Call) any {
				c.closed(d.of)
				d.of.Release()
				return Void
			}),
		}},
	}
}

// smtpConnection is an SMTPConnection.
type smtpConnection struct {
	host, port, user, password, from, secure string
	login                                    bool
	timeout                                  int    // milliseconds
	own                                      string // host:port of the server's own settings
}

// NewSMTPConnection returns the SMTPConnection that SMTPConnectionFactory makes of
// the server's own settings.
func NewSMTPConnection(host, port string, timeout int, login bool, secure, user, password, from string) Instance {
	return &smtpConnection{host: host, port: port, timeout: timeout, login: login, secure: secure, user: user, password: password, from: from,
		own: net.JoinHostPort(host, port)}
}

func (*smtpConnection) JavaClass() string { return serverUtil + "SMTPConnection" }

// smtpTimeout is the longest wait for the mail server where none is set.
const smtpTimeout = 60 * time.Second

func smtpAPI() []*Class {
	on := func(f func(s *smtpConnection, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*smtpConnection), c) }
	}
	methods := Methods{
		"send": on(func(s *smtpConnection, c *Call) any {
			// (to, cc, subject, body) or (to, cc, from, subject, body[, charset])
			from, subject, body, charset := s.from, c.Text(2), c.Text(3), ""
			if c.Len() >= 5 {
				from, subject, body, charset = c.Text(2), c.Text(3), c.Text(4), c.Text(5)
			}
			s.send(c, c.Text(0), c.Text(1), from, subject, body, charset)
			return Void
		}),
		"getUseAuthentication": on(func(s *smtpConnection, c *Call) any { return s.login }),
		"isUseAuthentication":  on(func(s *smtpConnection, c *Call) any { return s.login }),
		"setUseAuthentication": on(func(s *smtpConnection, c *Call) any { s.login = c.Bool(0); return Void }),
		"getSocketTimeout":     on(func(s *smtpConnection, c *Call) any { return s.timeout }),
		"setSocketTimeout":     on(func(s *smtpConnection, c *Call) any { s.timeout = c.Int(0); return Void }),
	}
	for name, field := range map[string]func(s *smtpConnection) *string{
		"Host": func(s *smtpConnection) *string { return &s.host }, "Port": func(s *smtpConnection) *string { return &s.port },
		"Username": func(s *smtpConnection) *string { return &s.user }, "Password": func(s *smtpConnection) *string { return &s.password },
		"From": func(s *smtpConnection) *string { return &s.from }, "Secure": func(s *smtpConnection) *string { return &s.secure },
	} {
		methods["get"+name] = on(func(s *smtpConnection, c *Call) any { return *field(s) })
		methods["set"+name] = on(func(s *smtpConnection, c *Call) any { *field(s) = c.Text(0); return Void })
	}
	return []*Class{
		{Name: serverUtil + "SMTPConnection", New: func(c *Call) any {
			s := &smtpConnection{host: c.Need(0), port: c.Text(1)}
			i := 2
			if c.Len() >= 8 {
				s.timeout = c.Int(2)
				i = 3
			}
			s.login, s.secure, s.user, s.password, s.from = c.Bool(i), c.Text(i+1), c.Text(i+2), c.Text(i+3), c.Text(i+4)
			return s
		}, Methods: methods},
	}
}

func (s *smtpConnection) send(c *Call, to, cc, from, subject, body, charset string) {
	fail := func(err error) {
		c.throwDenied(err)
		panic(c.Throw("org.apache.commons.mail.EmailException", "Sending the email to the following server failed : "+s.host+":"+s.port+": "+err.Error()))
	}
	port, err := strconv.Atoi(strings.TrimSpace(s.port))
	if err != nil || port < 1 || port > 65535 {
		panic(c.Throw("java.lang.NumberFormatException", "the port of the mail server is no number"))
	}
	e := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8))
	list := func(text string, set func(...*mail.Address)) int {
		var all []*mail.Address
		for _, one := range strings.Split(text, ",") {
			if strings.TrimSpace(one) == "" {
				continue
			}
			a, err := mail.ParseAddress(one)
			if err != nil || strings.ContainsAny(one, "\r\n") {
				panic(c.Throw("org.apache.commons.mail.EmailException", "an address of the e-mail is none"))
			}
			all = append(all, a)
		}
		if len(all) > 0 {
			set(all...)
		}
		return len(all)
	}
	if list(to, e.ToMailAddress)+list(cc, e.CcMailAddress) == 0 {
		panic(c.Throw("org.apache.commons.mail.EmailException", "At least one receiver address required"))
	}
	if list(from, func(a ...*mail.Address) { e.FromMailAddress(a[0]) }) != 1 {
		panic(c.Throw("org.apache.commons.mail.EmailException", "From address required"))
	}
	if strings.ContainsAny(subject, "\r\n") {
		panic(c.Throw("org.apache.commons.mail.EmailException", "the subject has more than one line"))
	}
	e.SetDate()
	e.SetMessageID()
	e.Subject(subject)
	if charset == "" {
		charset = "UTF-8"
	}
	e.SetBodyString(gomail.TypeTextPlain, string(c.encode(body, charset)), gomail.WithPartCharset(gomail.Charset(charset)))
	wait := smtpTimeout
	if s.timeout > 0 {
		wait = time.Duration(s.timeout) * time.Millisecond
	}
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	policy := gomail.NoTLS
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(wait), gomail.WithoutNoop(), gomail.WithTLSConfig(config),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			grants := c.grants()
			if address == s.own {
				grants = grants.WithMailServer(address)
			}
			conn, err := grants.Dial(ctx, network, address)
			if err != nil || !strings.EqualFold(s.secure, "SSL") {
				return conn, err
			}
			secure := tls.Client(conn, config)
			if err := secure.HandshakeContext(ctx); err != nil {
				conn.Close()
				return nil, err
			}
			return secure, nil
		})}
	switch strings.ToUpper(s.secure) {
	case "TLS":
		policy = gomail.TLSMandatory
	case "SSL":
		options = append(options, gomail.WithSSL())
	}
	options = append(options, gomail.WithTLSPolicy(policy))
	if s.login {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password), gomail.WithOpportunisticSMTPAuth(
			gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthCramMD5, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc))
	}
	client, err := gomail.NewClient(s.host, options...)
	if err == nil {
		err = client.DialAndSendWithContext(c.VM.Context, e)
	}
	if err != nil {
		fail(err)
	}
}
