package httpserver

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/digest"
)

// A nonce can be used for a minute, and this often, each count once.
const (
	nonceAge  = time.Minute
	nonceUses = 1024
)

// maxNonces is how many nonces in use are remembered before old ones are looked
// for.
const maxNonces = 1000

// digestAuth is Mirth's Digest authentication (RFC 7616, RFC 2617).
type digestAuth struct {
	realm      config.Template
	algorithms []string
	qopModes   []string
	opaque     config.Template
	users      credentials

	now         func() time.Time
	key         [32]byte // signs nonces, so that those nobody answers cost nothing
	opaqueValue string

	mu   sync.Mutex
	used map[string]*nonceUse
}

// nonceUse is which counts of a nonce have been used.
type nonceUse struct {
	until time.Time
	seen  [nonceUses/64 + 1]uint64
}

// Fields lists the settings.
func (d *digestAuth) Fields(f *config.Fields) {
	f.Kept("authType", "The kind of authentication; says the same as the name of the group.")
	f.Template(&d.realm, "realm", "My Realm", "What senders are asked a password for.")
	f.Strings(&d.algorithms, "algorithms", "Hashes that senders may use: MD5, MD5_SESS; both if none is named.")
	f.Strings(&d.qopModes, "qopModes", "What is protected: AUTH (the user), AUTH_INT (the body, too); both if none is named.")
	f.Template(&d.opaque, "opaque", "${UUID}", "A text that senders give back.")
	d.users.Fields(f)
}

func (d *digestAuth) start(s *Server) error {
	d.users.s = s
	d.now = time.Now
	d.used = map[string]*nonceUse{}
	d.algorithms = choices(d.algorithms, []string{"MD5", "MD5-sess"})
	d.qopModes = choices(d.qopModes, []string{"auth", "auth-int"})
	d.opaqueValue = s.env.Resolve(d.opaque)
	_, err := rand.Read(d.key[:])
	return err
}

// choices returns those of all that are named, whose names are Java constants;
// all of them where none is.
func choices(named, all []string) []string {
	var out []string
	for _, one := range all {
		if slices.ContainsFunc(named, func(n string) bool { return strings.EqualFold(strings.ReplaceAll(n, "_", "-"), one) }) {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

func (d *digestAuth) authenticate(x *Exchange) error {
	scheme, rest, _ := strings.Cut(x.R.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return d.challenge(x, false)
	}
	p := digest.Parameters(rest)
	if !d.ours(p["nonce"]) {
		return d.challenge(x, true)
	}
	ok, err := d.right(x, p)
	if err != nil {
		return err
	}
	if !ok {
		x.warnUnknown()
		return d.challenge(x, false)
	}
	if !d.use(p["nonce"], p["nc"]) {
		return d.challenge(x, true)
	}
	return nil
}

// right reports whether the response is that of a user.
func (d *digestAuth) right(x *Exchange, p map[string]string) (bool, error) {
	name := p["algorithm"]
	if name == "" {
		name = "MD5"
	}
	known := slices.ContainsFunc(d.algorithms, func(a string) bool { return strings.EqualFold(a, name) })
	if !known || !slices.Contains(d.qopModes, p["qop"]) || p["cnonce"] == "" || p["uri"] != x.R.RequestURI {
		return false, nil
	}
	check := digest.Digest{Realm: x.s.env.Resolve(d.realm), Nonce: p["nonce"], QOP: p["qop"], Count: p["nc"], ClientNonce: p["cnonce"],
		Method: x.R.Method, URI: p["uri"]}
	check.NewHash, check.Session = digest.Algorithm(name)
	if check.QOP == "auth-int" {
		body, err := x.Body()
		if err != nil {
			return false, err
		}
		check.Body = body
	}
	return d.users.check(p["username"], func(password string) bool {
		return sameText(strings.ToLower(p["response"]), check.Response(check.Secret([]byte(p["username"]), []byte(password))))
	}), nil
}

// challenge asks for a digest, one header for each algorithm.
func (d *digestAuth) challenge(x *Exchange, stale bool) error {
	r := &Refusal{Status: 401, Text: errUnauthorized.Text}
	nonce := d.nonce()
	for _, a := range d.algorithms {
		text := fmt.Sprintf(`Digest realm=%s, nonce="%s", opaque=%s, algorithm=%s, qop="%s"`,
			digest.Quote(x.s.env.Resolve(d.realm)), nonce, digest.Quote(d.opaqueValue), a, strings.Join(d.qopModes, ","))
		if stale {
			text += ", stale=true"
		}
		r.challenges = append(r.challenges, httpfield.Value(text))
	}
	return r
}

// nonce makes a nonce: the time, chance, and a signature over both.
func (d *digestAuth) nonce() string {
	b := make([]byte, 16, 32)
	binary.BigEndian.PutUint64(b, uint64(d.now().UnixNano()))
	_, _ = rand.Read(b[8:]) // crypto/rand does not fail
	return base64.RawURLEncoding.EncodeToString(append(b, d.sign(b)...))
}

func (d *digestAuth) sign(b []byte) []byte {
	h := hmac.New(sha256.New, d.key[:])
	h.Write(b)
	return h.Sum(nil)[:16]
}

// ours reports whether a nonce was made here and is not too old.
func (d *digestAuth) ours(nonce string) bool {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 32 || !hmac.Equal(d.sign(b[:16]), b[16:]) {
		return false
	}
	return !d.now().After(made(b).Add(nonceAge))
}

func made(nonce []byte) time.Time { return time.Unix(0, int64(binary.BigEndian.Uint64(nonce))) }

// use notes a use of a nonce; false means that its count was used before or is
// out of range.
func (d *digestAuth) use(nonce, count string) bool {
	n, err := strconv.ParseUint(count, 16, 32)
	if err != nil || n < 1 || n > nonceUses {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	u := d.used[nonce]
	if u == nil {
		d.forget()
		u = &nonceUse{until: d.now().Add(nonceAge)}
		d.used[nonce] = u
	}
	bit := uint64(1) << (n % 64)
	if u.seen[n/64]&bit != 0 {
		return false
	}
	u.seen[n/64] |= bit
	return true
}

func (d *digestAuth) forget() {
	if len(d.used) < maxNonces {
		return
	}
	for nonce, u := range d.used {
		if d.now().After(u.until) {
			delete(d.used, nonce)
		}
	}
}
