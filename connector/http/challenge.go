package http

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// challenge is what a server wants to see, from a WWW-Authenticate header (RFC
// 7235, RFC 7616).
type challenge struct {
	scheme               string // basic or digest
	realm, nonce, opaque string
	algorithm            string // as the server wrote it
	qop                  string // auth, auth-int or "" for servers of RFC 2069
	stale                bool
	uses                 int // how often the nonce has been used
	newHash              func() hash.Hash
	session              bool
}

// challenges are the last ones of each server.
type challenges struct {
	mu     sync.Mutex
	latest map[string]*challenge
}

// maxChallenges bounds the servers that are remembered.
const maxChallenges = 1000

func (c *challenges) keep(server string, one *challenge) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest == nil || len(c.latest) >= maxChallenges {
		c.latest = map[string]*challenge{}
	}
	c.latest[server] = one
}

func (c *challenges) of(server string) *challenge {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest[server]
}

// use counts a use of a challenge's nonce.
func (c *challenges) use(one *challenge) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	one.uses++
	return one.uses
}

// challengeIn returns the challenge of a response that the settings can answer,
// or nil.
func (s *Sender) challengeIn(answer *http.Response) *challenge {
	var best *challenge
	for _, value := range answer.Header.Values("WWW-Authenticate") {
		for _, c := range parseChallenges(value) {
			// Of several digests the last that is stronger is taken.
			if strings.EqualFold(c.scheme, s.AuthenticationType) && (best == nil || c.newHash().Size() > best.newHash().Size()) {
				best = c
			}
		}
	}
	return best
}

// known returns a challenge to answer before it is made.
func (s *Sender) known(q *request) *challenge {
	if s.AuthenticationType == "Basic" {
		return &challenge{scheme: "basic"}
	}
	// Mirth takes a digest's challenge from a header of the table.
	for _, c := range parseChallenges(q.headers.get("Authorization")) {
		if c.scheme == "digest" {
			q.headers = q.headers.without("Authorization")
			if kept := s.challenges.of(q.remote()); kept != nil && kept.nonce == c.nonce {
				return kept
			}
			s.challenges.keep(q.remote(), c)
			return c
		}
	}
	return s.challenges.of(q.remote())
}

// authenticate adds the credentials to a request; without a challenge it goes
// without.
func (s *Sender) authenticate(q *request, c *challenge) {
	switch {
	case c == nil:
	case c.scheme == "basic":
		pair := append(append(append([]byte(nil), q.user...), ':'), q.password...)
		q.authorization = "Basic " + base64.StdEncoding.EncodeToString(pair)
	default:
		q.authorization = c.answer(q, s.challenges.use(c))
	}
}

// answer is the Authorization header for a digest challenge.
func (c *challenge) answer(q *request, count int) string {
	d := digest{
		newHash: c.newHash, session: c.session, realm: c.realm, nonce: c.nonce, qop: c.qop, count: fmt.Sprintf("%08x", count),
		clientNonce: rand.Text(), method: q.method, uri: q.url.RequestURI(), body: q.body,
	}
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username=%s, realm=%s, nonce=%s, uri=%s, response="%s"`,
		quote(string(q.user)), quote(c.realm), quote(c.nonce), quote(d.uri), d.response(d.secret(q.user, q.password)))
	if c.qop != "" {
		fmt.Fprintf(&b, `, qop=%s, nc=%s, cnonce="%s"`, c.qop, d.count, d.clientNonce)
	} else if c.session {
		fmt.Fprintf(&b, `, cnonce="%s"`, d.clientNonce)
	}
	if c.algorithm != "" {
		b.WriteString(", algorithm=" + c.algorithm)
	}
	if c.opaque != "" {
		b.WriteString(", opaque=" + quote(c.opaque))
	}
	return b.String()
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "").Replace(s) + `"`
}

// parseChallenges reads the challenges in one header. Those of schemes that are
// not known are left out.
func parseChallenges(header string) (out []*challenge) {
	var current *challenge
	for _, item := range splitQuoted(header, ',') {
		item = strings.TrimSpace(item)
		name, value, isParam := strings.Cut(item, "=")
		if scheme, rest, two := strings.Cut(strings.TrimSpace(name), " "); two || !isParam {
			// A new scheme, with or without a first parameter.
			if !two {
				scheme = item
			}
			current = &challenge{scheme: strings.ToLower(scheme), newHash: md5.New}
			if current.scheme == "basic" || current.scheme == "digest" {
				out = append(out, current)
			}
			name = rest
		}
		if current != nil && isParam {
			current.set(strings.ToLower(strings.TrimSpace(name)), unquote(strings.TrimSpace(value)))
		}
	}
	return slices.DeleteFunc(out, func(c *challenge) bool { return c.newHash == nil })
}

func (c *challenge) set(name, value string) {
	switch name {
	case "realm":
		c.realm = value
	case "nonce":
		c.nonce = value
	case "opaque":
		c.opaque = value
	case "stale":
		c.stale = strings.EqualFold(value, "true")
	case "algorithm":
		c.algorithm = value
		c.newHash, c.session = algorithm(value)
	case "qop":
		for _, mode := range strings.Split(value, ",") {
			if mode = strings.TrimSpace(strings.ToLower(mode)); mode == "auth" || mode == "auth-int" && c.qop == "" {
				c.qop = mode
			}
		}
	}
}

// algorithm returns the hash of a digest algorithm, nil if it is not known.
func algorithm(name string) (newHash func() hash.Hash, session bool) {
	name, session = strings.CutSuffix(strings.ToLower(name), "-sess")
	switch name {
	case "md5", "":
		return md5.New, session
	case "sha-256":
		return sha256.New, session
	}
	return nil, session
}

// splitQuoted splits at a separator that is not within quotes.
func splitQuoted(text string, separator byte) (out []string) {
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

func unquote(text string) string {
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

// digest is what goes into a digest response (RFC 7616 §3.4.1), for who answers a
// challenge and for who checks the answer.
type digest struct {
	newHash            func() hash.Hash
	session            bool
	realm, nonce, qop  string
	count, clientNonce string
	method, uri        string
	body               []byte // of auth-int
}

// secret is the hash of user, realm and password.
func (d *digest) secret(user, password []byte) string {
	secret := d.sum(string(user) + ":" + d.realm + ":" + string(password))
	if d.session {
		secret = d.sum(secret + ":" + d.nonce + ":" + d.clientNonce)
	}
	return secret
}

func (d *digest) response(secret string) string {
	request := d.method + ":" + d.uri
	if d.qop == "auth-int" {
		request += ":" + d.sum(string(d.body))
	}
	if d.qop == "" {
		return d.sum(secret + ":" + d.nonce + ":" + d.sum(request))
	}
	return d.sum(secret + ":" + strings.Join([]string{d.nonce, d.count, d.clientNonce, d.qop, d.sum(request)}, ":"))
}

func (d *digest) sum(text string) string {
	h := d.newHash()
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// authParams reads the parameters of an Authorization header, whose names are
// made lower case.
func authParams(text string) map[string]string {
	out := map[string]string{}
	for _, item := range splitQuoted(text, ',') {
		name, value, _ := strings.Cut(item, "=")
		out[strings.ToLower(strings.TrimSpace(name))] = unquote(strings.TrimSpace(value))
	}
	return out
}
