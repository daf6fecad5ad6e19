package httpserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/digest"
)

// authenticator lets requests in.
type authenticator interface {
	config.Settings

	// start is called once, before the first request.
	start(s *Server) error

	// authenticate returns nil for a request that may go on, else a refusal.
	authenticate(x *Exchange) error
}

var errUnauthorized = &Refusal{Status: 401, Text: "The sender is not known."}

// authentication is the setting that says how senders authenticate, nil for none.
func (s *Server) authentication() (found *config.Setting, err error) {
	for i, one := range s.Plugins.Group {
		switch {
		case !strings.HasSuffix(one.Name, authSuffix):
		case found != nil:
			return nil, &weir.Fault{At: "pluginProperties", Err: errors.New("there are two authentications"), Hint: "Keep one of them."}
		default:
			found = &s.Plugins.Group[i]
		}
	}
	return found, nil
}

// authSuffix ends the class of every authentication.
const authSuffix = "HttpAuthProperties"

func kindOf(found *config.Setting) string {
	return strings.TrimSuffix(found.Name[strings.LastIndexByte(found.Name, '.')+1:], authSuffix)
}

// authenticator reads the authentication that an export has among the settings of
// extensions. One that is not known is refused, not left out.
func (s *Server) authenticator() (authenticator, error) {
	found, err := s.authentication()
	if err != nil {
		return nil, err
	}
	for _, one := range s.Plugins.Group {
		if !strings.HasSuffix(one.Name, authSuffix) {
			s.env.Log.Warn("Settings of an extension have no effect; for TLS use the settings of the group tls", "setting", "pluginProperties", "extension", one.Name)
		}
	}
	if found == nil {
		return nil, nil
	}
	var a authenticator
	switch kind := kindOf(found); kind {
	case "None":
		return nil, nil
	case "Basic":
		a = new(basicAuth)
	case "Digest":
		a = new(digestAuth)
	case "OAuth2":
		a = new(oauth2Auth)
	case "JavaScript":
		a = new(scriptAuth)
	case "Custom":
		return nil, &weir.Fault{At: "pluginProperties", Err: fmt.Errorf("senders are authenticated by the Java class %s, which cannot be run", found.Group.Text("authenticatorClass")),
			Hint: "Do what it does in an authentication by JavaScript, or use Basic, Digest or OAuth2 token verification, or mutual TLS with tls.clientAuth."}
	default:
		return nil, &weir.Fault{At: "pluginProperties", Err: fmt.Errorf("authentication by %s is not available", kind+authSuffix),
			Hint: "Use JavaScript, Basic, Digest or OAuth2 token verification, or mutual TLS with tls.clientAuth."}
	}
	unknown, err := config.Decode(found.Group, a)
	if err != nil {
		return nil, &weir.Fault{At: "pluginProperties", Err: err, Hint: "Correct the authentication settings."}
	}
	if len(unknown) > 0 {
		s.env.Log.Warn("Settings of the authentication are not known and have no effect", "setting", "pluginProperties", "names", unknown)
	}
	return a, a.start(s)
}

// credentials are the users who may send, with their passwords.
type credentials struct {
	table       []config.Pair
	useVariable bool
	variable    string

	s *Server
}

// Fields lists the settings.
func (c *credentials) Fields(f *config.Fields) {
	f.Map(&c.table, "credentials", "Names of users with their passwords.").IsSecret()
	f.Bool(&c.useVariable, "isUseCredentialsVariable", false, "Take the users from a variable instead.")
	f.String(&c.variable, "credentialsVariable", "", "Variable that holds a map of user names to passwords.")
}

// check reports whether pass accepts the password of a user. It takes the same
// time for a user that there is not.
func (c *credentials) check(user string, pass func(password string) bool) bool {
	password, known := c.password(user)
	ok := pass(password)
	return ok && known
}

func (c *credentials) password(user string) (password string, known bool) {
	if c.useVariable {
		v, found := c.s.Lookup(c.variable)
		if !found {
			c.s.env.Log.Warn("The variable with the users is missing; nobody may send", "setting", "credentialsVariable")
			return "", false
		}
		table, _ := httpfield.In(v)
		for _, f := range table {
			if f.Name == user && len(f.Values) > 0 {
				return f.Values[0], true
			}
		}
		return "", false
	}
	for _, p := range c.table {
		if c.s.env.Resolve(config.Template{Name: "credentials", Text: p.Key}) == user {
			return c.s.env.Resolve(config.Template{Name: "credentials", Text: p.Value}), true
		}
	}
	return "", false
}

// basicAuth is Mirth's Basic authentication.
type basicAuth struct {
	realm config.Template
	users credentials
}

// Fields lists the settings.
func (b *basicAuth) Fields(f *config.Fields) {
	f.Kept("authType", "The kind of authentication; says the same as the name of the group.")
	f.Template(&b.realm, "realm", "My Realm", "What senders are asked a password for.")
	b.users.Fields(f)
}

func (b *basicAuth) start(s *Server) error {
	b.users.s = s
	if !s.TLS.Enabled {
		s.env.Log.Warn("Passwords are received in clear text, since TLS is off", "setting", "tls.enabled")
	}
	return nil
}

func (b *basicAuth) authenticate(x *Exchange) error {
	user, password, given := x.R.BasicAuth()
	ok := given && (b.valid(user, password) || b.valid(httpfield.Latin1(user), httpfield.Latin1(password)))
	if ok {
		return nil
	}
	if given {
		x.warnUnknown()
	}
	return &Refusal{Status: 401, Text: errUnauthorized.Text, challenges: []string{"Basic realm=" + httpfield.Value(digest.Quote(x.s.env.Resolve(b.realm)))}}
}

func (b *basicAuth) valid(user, password string) bool {
	return b.users.check(user, func(want string) bool { return sameText(password, want) })
}

// warnUnknown logs a sender with wrong credentials.
func (x *Exchange) warnUnknown() {
	x.s.env.Log.Warn("A sender with wrong credentials was refused", "remote", x.R.RemoteAddr)
	x.s.env.Connection(weir.ConnectionEvent{State: "failed", Remote: x.R.RemoteAddr, Detail: "wrong credentials"})
}

// sameText compares two secrets in a time that does not tell where they differ.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
