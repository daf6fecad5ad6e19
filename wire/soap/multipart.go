package soap

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"
)

// Part is an attachment.
type Part struct {
	ID          string // its Content-ID, with or without angle brackets
	ContentType string
	Content     []byte
}

// Message is an envelope with attachments, as it is sent.
type Message struct {
	ContentType string
	Body        []byte
}

// Attach makes a multipart message (MTOM, XOP) of an envelope, in the form in which
// JAX-WS writes it.
func Attach(v Version, action string, envelope []byte, parts []Part) Message {
	id := uuid()
	root, boundary := "<rootpart*"+id+"@example.jaxws.sun.com>", "uuid:"+id
	startInfo := v.MediaType()
	if v == SOAP12 && action != "" {
		startInfo += `;action=\"` + line(strings.NewReplacer(`\`, "", `"`, "").Replace(action)) + `\"`
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "--%s\r\nContent-Id: %s\r\nContent-Type: application/xop+xml;charset=utf-8;type=\"%s\"\r\nContent-Transfer-Encoding: binary\r\n\r\n",
		boundary, root, startInfo)
	b.Write(envelope)
	b.WriteString("\r\n")
	for _, p := range parts {
		partID := line(p.ID)
		if !strings.HasPrefix(partID, "<") {
			partID = "<" + partID + ">"
		}
		fmt.Fprintf(&b, "--%s\r\nContent-Id:%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: binary\r\n\r\n", boundary, partID, line(p.ContentType))
		b.Write(p.Content)
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--")
	return Message{
		ContentType: fmt.Sprintf(`multipart/related;start="%s";type="application/xop+xml";boundary="%s";start-info="%s"`, root, boundary, startInfo),
		Body:        b.Bytes(),
	}
}

// line keeps what comes from a message from adding headers.
func line(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand does not fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Limits of a multipart message.
const (
	MaxParts      = 1000
	maxPartHeader = 16 << 10 // bytes, of one part
)

// Reasons why a multipart message is refused.
var (
	errNoBoundary = errors.New("the multipart message has no boundary")
	errMultipart  = errors.New("the multipart message cannot be read: it ends too early, or its parts are not separated as they should be")
	errManyParts  = fmt.Errorf("the multipart message has more than %d parts", MaxParts)
	errPartHeader = fmt.Errorf("a part's headers are larger than %d bytes", maxPartHeader)
	errNoRoot     = errors.New("the multipart message has no part with the envelope")
	errEncoding   = errors.New("a part of the multipart message is not in the encoding that it says")
)

// IsMultipart reports whether a Content-Type is that of a message with attachments.
func IsMultipart(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "multipart/related")
}

// Detach takes a multipart message apart: the part with the envelope, which comes
// first or is named by start, and the others.
func Detach(contentType string, body []byte) (root Part, parts []Part, err error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return root, nil, errNoBoundary
	}
	all, err := read(params["boundary"], body)
	if err != nil {
		return root, nil, err
	}
	start := bare(params["start"])
	for i, p := range all {
		if start == "" || bare(p.ID) == start {
			return p, append(all[:i:i], all[i+1:]...), nil
		}
	}
	return root, nil, errNoRoot
}

func read(boundary string, body []byte) (all []Part, err error) {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, errMultipart
		}
		if len(all) == MaxParts {
			return nil, errManyParts
		}
		if size(p.Header) > maxPartHeader {
			return nil, errPartHeader
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return nil, errMultipart
		}
		if strings.EqualFold(strings.TrimSpace(p.Header.Get("Content-Transfer-Encoding")), "base64") {
			if content, err = DecodeBase64(string(content)); err != nil {
				return nil, errEncoding
			}
		}
		all = append(all, Part{ID: p.Header.Get("Content-Id"), ContentType: p.Header.Get("Content-Type"), Content: content})
	}
}

func size(h textproto.MIMEHeader) (n int) {
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

// DecodeBase64 reads base64 with or without line ends and padding.
func DecodeBase64(text string) ([]byte, error) {
	text = strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == ' ' || r == '\t' || r == '=' {
			return -1
		}
		return r
	}, text)
	return base64.RawStdEncoding.DecodeString(text)
}

// ErrExpanded is an envelope that grows too large with its attachments.
var ErrExpanded = errors.New("the envelope is too large with its attachments in it")

// Include puts attachments into the envelope, in base64, where it has an
// xop:Include with their id. The texts that are put in are at most limit bytes
// together, since one attachment may be asked for many times.
func (e *Envelope) Include(parts []Part, limit int) error {
	byID := map[string]*Part{}
	for i := range parts {
		byID[bare(parts[i].ID)] = &parts[i]
	}
	return e.root.include(byID, &limit)
}

func (e *Element) include(parts map[string]*Part, left *int) error {
	for i, n := range e.children {
		if n.element == nil {
			continue
		}
		if n.element.Name != (Name{"http://www.w3.org/2004/08/xop/include", "Include"}) {
			if err := n.element.include(parts, left); err != nil {
				return err
			}
			continue
		}
		id, isID := strings.CutPrefix(n.element.Attribute(Name{"", "href"}), "cid:")
		if unescaped, err := url.PathUnescape(id); err == nil {
			id = unescaped
		}
		p := parts[id]
		if !isID || p == nil {
			continue
		}
		if *left -= base64.StdEncoding.EncodedLen(len(p.Content)); *left < 0 {
			return ErrExpanded
		}
		e.children[i] = node{text: base64.StdEncoding.EncodeToString(p.Content)}
	}
	return nil
}
