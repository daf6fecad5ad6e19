package soap

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"strings"
	"time"
)

// Names of WS-Security: Web Services Security UsernameToken Profile 1.0.
const (
	spaceWSSE    = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	spaceWSU     = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	passwordType = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#Password"
	base64Type   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)

// UsernameToken says who sends a message.
type UsernameToken struct {
	Username string
	Password string
	Digest   bool      // show a hash of the password, not itself
	Created  time.Time // when the token was made
	Nonce    []byte    // chance, so that no two tokens are the same; see NewNonce
}

// NewNonce returns 16 bytes of chance.
func NewNonce() []byte {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // crypto/rand does not fail
	return b
}

// String writes the header entry wsse:Security with the token.
func (t UsernameToken) String() string {
	created := t.Created.UTC().Format("2006-01-02T15:04:05.000Z")
	password, kind := t.Password, "Text"
	if t.Digest {
		password, kind = t.hash(created), "Digest"
	}
	var b strings.Builder
	b.WriteString(`<wsse:Security xmlns:wsse="` + spaceWSSE + `" xmlns:wsu="` + spaceWSU + `"><wsse:UsernameToken><wsse:Username>`)
	Escape(&b, t.Username)
	b.WriteString(`</wsse:Username><wsse:Password Type="` + passwordType + kind + `">`)
	Escape(&b, password)
	b.WriteString(`</wsse:Password><wsse:Nonce EncodingType="` + base64Type + `">` + base64.StdEncoding.EncodeToString(t.Nonce) +
		`</wsse:Nonce><wsu:Created>` + created + `</wsu:Created></wsse:UsernameToken></wsse:Security>`)
	return b.String()
}

// hash is the password digest: Base64(SHA-1(nonce + created + password)). SHA-1 is
// what the profile asks for.
func (t UsernameToken) hash(created string) string {
	h := sha1.New()
	h.Write(t.Nonce)
	h.Write([]byte(created + t.Password))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// ErrHasSecurity is an envelope that has the header already.
var ErrHasSecurity = errors.New("the envelope has a header entry Security already")

// Secure returns the source of an envelope with a token as its first header entry.
// All else stays as it is written.
func (e *Envelope) Secure(t UsernameToken) (string, error) {
	if e.header != nil && e.header.Element(Name{spaceWSSE, "Security"}) != nil {
		return "", ErrHasSecurity
	}
	name, entry := qualified(e.root.prefix, "Header"), t.String()
	if e.header == nil {
		at := tagEnd(e.Source, "Envelope")
		return e.Source[:at] + "<" + name + ">" + entry + "</" + name + ">" + e.Source[at:], nil
	}
	name = qualified(e.header.prefix, "Header")
	at := tagEnd(e.Source, "Header")
	if before, single := strings.CutSuffix(e.Source[:at], "/>"); single {
		return before + ">" + entry + "</" + name + ">" + e.Source[at:], nil
	}
	return e.Source[:at] + entry + e.Source[at:], nil
}

// tagEnd returns where the first start tag with a local name ends in a text that is
// well-formed. In an envelope those of the envelope and of its header come first.
func tagEnd(text, local string) int {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.RawToken()
		if err != nil {
			return len(text)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == local {
			return int(d.InputOffset())
		}
	}
}

// Escape writes a text as the content of an element. A CR is kept from being read
// as the end of a line, in the form in which Mirth's web server writes it.
func Escape(b *strings.Builder, text string) {
	from := 0
	for i := 0; i < len(text); i++ {
		var as string
		switch c := text[i]; {
		case c == '&':
			as = "&amp;"
		case c == '<':
			as = "&lt;"
		case c == '\r':
			as = "&#xd;"
		case c == '>' && strings.HasSuffix(text[:i], "]]"):
			as = "&gt;"
		case c < ' ' && c != '\t' && c != '\n':
			as = " " // XML cannot say it
		default:
			continue
		}
		b.WriteString(text[from:i] + as)
		from = i + 1
	}
	b.WriteString(text[from:])
}
