// Package digest is HTTP's Digest authentication (RFC 7616, RFC 2617): the hash that
// client and server compute, and the way in which parameters stand in headers.
package digest

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
)

// Digest is what goes into a response (RFC 7616 §3.4.1), for who answers a challenge
// and for who checks the answer.
type Digest struct {
	NewHash            func() hash.Hash
	Session            bool
	Realm, Nonce, QOP  string // QOP is auth, auth-int, or "" as RFC 2069 has it
	Count, ClientNonce string
	Method, URI        string
	Body               []byte // of auth-int
	BodySum            string // its hash in hexadecimal, of a body that is not in memory
}

// Secret is the hash of user, realm and password.
func (d *Digest) Secret(user, password []byte) string {
	secret := d.sum(string(user) + ":" + d.Realm + ":" + string(password))
	if d.Session {
		secret = d.sum(secret + ":" + d.Nonce + ":" + d.ClientNonce)
	}
	return secret
}

// Response is what proves that the secret is known.
func (d *Digest) Response(secret string) string {
	request := d.Method + ":" + d.URI
	if d.QOP == "auth-int" {
		sum := d.BodySum
		if sum == "" {
			sum = d.sum(string(d.Body))
		}
		request += ":" + sum
	}
	if d.QOP == "" {
		return d.sum(secret + ":" + d.Nonce + ":" + d.sum(request))
	}
	return d.sum(secret + ":" + strings.Join([]string{d.Nonce, d.Count, d.ClientNonce, d.QOP, d.sum(request)}, ":"))
}

func (d *Digest) sum(text string) string {
	h := d.NewHash()
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// Parameters reads the parameters of an Authorization header, whose names are
// made lower case.
func Parameters(text string) map[string]string {
	out := map[string]string{}
	for _, item := range Split(text, ',') {
		name, value, _ := strings.Cut(item, "=")
		out[strings.ToLower(strings.TrimSpace(name))] = Unquote(strings.TrimSpace(value))
	}
	return out
}

// Algorithm returns the hash of a digest algorithm, nil if it is not known.
func Algorithm(name string) (newHash func() hash.Hash, session bool) {
	name, session = strings.CutSuffix(strings.ToLower(name), "-sess")
	switch name {
	case "md5", "":
		return md5.New, session
	case "sha-256":
		return sha256.New, session
	}
	return nil, session
}

// Quote writes a value in quotes, in one line.
func Quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "").Replace(s) + `"`
}

// Split splits at a separator that is not within quotes.
func Split(text string, separator byte) (out []string) {
	start, inside := 0, false
	for i := 0; i < len(text); i++ {
		switch {
		case inside && text[i] == '\\':
			i++
		case text[i] == '"':
			inside = !inside
		case text[i] == separator && !inside:
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(out, text[start:])
}

// Unquote reads a value that may be in quotes.
func Unquote(text string) string {
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return text
	}
	var b strings.Builder
	for i := 1; i < len(text)-1; i++ {
		if text[i] == '\\' && i+1 < len(text)-1 {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
