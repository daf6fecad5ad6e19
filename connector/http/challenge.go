package http

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/weir-health/weir/wire/digest"
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
	for _, c := range parseChallenges(q.headers.Get("Authorization")) {
		if c.scheme == "digest" {
			q.headers = q.headers.Without("Authorization")
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
func (s *Sender) authenticate(ctx context.Context, q *request, c *challenge) (err error) {
	switch {
	case c == nil:
	case c.scheme == "basic":
		pair := append(append(append([]byte(nil), q.user...), ':'), q.password...)
		q.authorization = "Basic " + base64.StdEncoding.EncodeToString(pair)
	default:
		q.authorization, err = c.answer(ctx, q, s.challenges.use(c))
	}
	return err
}

// answer is the Authorization header for a digest challenge.
func (c *challenge) answer(ctx context.Context, q *request, count int) (string, error) {
	d := digest.Digest{
		NewHash: c.newHash, Session: c.session, Realm: c.realm, Nonce: c.nonce, QOP: c.qop, Count: fmt.Sprintf("%08x", count),
		ClientNonce: rand.Text(), Method: q.method, URI: q.url.RequestURI(), Body: q.body,
	}
	if q.large != nil && c.qop == "auth-int" {
		sum, err := q.sum(ctx, c.newHash())
		if err != nil {
			return "", err
		}
		d.BodySum = hex.EncodeToString(sum)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username=%s, realm=%s, nonce=%s, uri=%s, response="%s"`,
		digest.Quote(string(q.user)), digest.Quote(c.realm), digest.Quote(c.nonce), digest.Quote(d.URI), d.Response(d.Secret(q.user, q.password)))
	if c.qop != "" {
		fmt.Fprintf(&b, `, qop=%s, nc=%s, cnonce="%s"`, c.qop, d.Count, d.ClientNonce)
	} else if c.session {
		fmt.Fprintf(&b, `, cnonce="%s"`, d.ClientNonce)
	}
	if c.algorithm != "" {
		b.WriteString(", algorithm=" + c.algorithm)
	}
	if c.opaque != "" {
		b.WriteString(", opaque=" + digest.Quote(c.opaque))
	}
	return b.String(), nil
}

// parseChallenges reads the challenges in one header. Those of schemes that are
// not known are left out.
func parseChallenges(header string) (out []*challenge) {
	var current *challenge
	for _, item := range digest.Split(header, ',') {
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
			current.set(strings.ToLower(strings.TrimSpace(name)), digest.Unquote(strings.TrimSpace(value)))
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
		c.newHash, c.session = digest.Algorithm(value)
	case "qop":
		for _, mode := range strings.Split(value, ",") {
			if mode = strings.TrimSpace(strings.ToLower(mode)); mode == "auth" || mode == "auth-int" && c.qop == "" {
				c.qop = mode
			}
		}
	}
}
