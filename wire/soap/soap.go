// Package soap reads and writes what SOAP puts on the wire: envelopes of SOAP 1.1
// and 1.2 with their faults, multipart messages with attachments (MTOM/XOP), the
// user name token of WS-Security, and WSDL 1.1.
//
//	e, err := soap.Parse(text)
//	if err != nil {
//		…
//	}
//	if f := e.Fault(); f != nil {
//		fmt.Println(f.Code, f.Reason)
//	}
//	fmt.Println(e.Payload().Name.Local)
//
// What is read comes from strangers: document types, and with them entities, are
// refused, and depth, number and size have limits. The caller limits the bytes.
package soap

import (
	"bytes"
	"errors"
	"mime"
	"strings"
)

// Version is a version of SOAP.
type Version int

// SOAP11 and SOAP12 are the versions that there are.
const (
	SOAP11 Version = iota
	SOAP12
)

// Namespaces of envelopes.
const (
	Space11 = "http://schemas.xmlsoap.org/soap/envelope/"
	Space12 = "http://www.w3.org/2003/05/soap-envelope"
)

// Space returns the namespace of the version's envelopes.
func (v Version) Space() string {
	if v == SOAP12 {
		return Space12
	}
	return Space11
}

// MediaType returns the type of an envelope.
func (v Version) MediaType() string {
	if v == SOAP12 {
		return "application/soap+xml"
	}
	return "text/xml"
}

// String returns the version's number.
func (v Version) String() string {
	if v == SOAP12 {
		return "1.2"
	}
	return "1.1"
}

// ContentType returns the Content-Type of a request. SOAP 1.2 says the action in
// it, SOAP 1.1 in the header SOAPAction.
func (v Version) ContentType(action string) string {
	text := v.MediaType() + "; charset=utf-8"
	if v == SOAP12 && action != "" {
		text += ";action=" + quote(action)
	}
	return text
}

// Action returns the value of the header SOAPAction, in quotes: SOAP 1.1 §6.1.1
// wants it even where it is empty.
func Action(action string) string {
	if len(action) >= 2 && action[0] == '"' && action[len(action)-1] == '"' {
		return action
	}
	return quote(action)
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", " ").Replace(text) + `"`
}

// Charset returns the name of the character set of a document: that of the
// Content-Type it came with, else that of its byte order mark or declaration, else
// UTF-8.
func Charset(contentType string, document []byte) string {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		return params["charset"]
	}
	switch {
	case bytes.HasPrefix(document, []byte("\xfe\xff")), bytes.HasPrefix(document, []byte("\xff\xfe")):
		return "UTF-16"
	case bytes.HasPrefix(document, []byte("<?xml")):
		head, _, _ := bytes.Cut(document[:min(len(document), 200)], []byte("?>"))
		if _, rest, ok := bytes.Cut(head, []byte("encoding=")); ok && len(rest) > 1 {
			if name, _, ok := bytes.Cut(rest[1:], rest[:1]); ok {
				return string(name)
			}
		}
	}
	return "UTF-8"
}

// Reasons why a text is no envelope.
var (
	ErrNoEnvelope = errors.New("the document is no SOAP envelope")
	ErrNoBody     = errors.New("the envelope has no body")
)

// Envelope is a SOAP message.
type Envelope struct {
	Version Version

	// Source is the envelope as it stood in the text, without what is before and
	// after it.
	Source string

	root, header, body *Element
}

// Parse reads an envelope of at most MaxNodes elements and texts.
func Parse(text string) (*Envelope, error) { return ParseSmall(text, MaxNodes) }

// ParseSmall reads an envelope of at most so many elements and texts. Each takes about
// 200 bytes of memory, whatever it takes in the text.
func ParseSmall(text string, nodes int) (*Envelope, error) {
	d, err := parse(text, nodes)
	if err != nil {
		return nil, err
	}
	e := &Envelope{root: d.root, Source: d.source}
	switch d.root.Name {
	case Name{Space11, "Envelope"}:
	case Name{Space12, "Envelope"}:
		e.Version = SOAP12
	default:
		return nil, ErrNoEnvelope
	}
	for _, child := range d.root.Elements() {
		switch child.Name {
		case Name{e.Version.Space(), "Header"}:
			if e.header == nil && e.body == nil {
				e.header = child
			}
		case Name{e.Version.Space(), "Body"}:
			if e.body == nil {
				e.body = child
			}
		}
	}
	if e.body == nil {
		return nil, ErrNoBody
	}
	return e, nil
}

// Payload returns the first element in the body, or nil.
func (e *Envelope) Payload() *Element {
	if all := e.body.Elements(); len(all) > 0 {
		return all[0]
	}
	return nil
}

// NotUnderstood returns the names of the header entries that the receiver must
// understand: those for the last receiver, or for whoever comes next.
func (e *Envelope) NotUnderstood() (names []Name) {
	if e.header == nil {
		return nil
	}
	space := e.Version.Space()
	for _, entry := range e.header.Elements() {
		must := entry.Attribute(Name{space, "mustUnderstand"})
		if must != "1" && must != "true" {
			continue
		}
		switch entry.Attribute(Name{space, "actor"}) + entry.Attribute(Name{space, "role"}) {
		case "", "http://schemas.xmlsoap.org/soap/actor/next", Space12 + "/role/next", Space12 + "/role/ultimateReceiver":
			names = append(names, entry.Name)
		}
	}
	return names
}
