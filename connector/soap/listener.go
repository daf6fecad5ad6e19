package soap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/httpserver"
	"github.com/weir-health/weir/wire/soap"
)

// ListenerType is how the engine knows this connector.
var ListenerType = weir.SourceType{
	Name:    "Web Service Listener",
	Summary: "Receives messages as a web service: its operation acceptMessage takes a message and answers with the response.",
	New:     func() weir.Source { return new(Listener) },
}

// acceptMessage is the class of Mirth whose service this is.
const acceptMessage = "com.mirth.connect.connectors.ws.DefaultAcceptMessage"

// maxNodes is how many elements and texts a call may have. One with a message as text
// has few; more than that is meant to fill the memory.
const maxNodes = 100_000

// idle is how long a connection may be without progress, as in Mirth.
const idle = 30 * time.Second

// Listener is the "Web Service Listener" source.
type Listener struct {
	Server      httpserver.Server
	Source      connector.SourceSettings
	ClassName   config.Template
	ServiceName config.Template
	Binding     string

	env     weir.SourceEnv
	path    string
	version soap.Version
}

// Fields lists the settings.
func (l *Listener) Fields(f *config.Fields) {
	l.Server.Fields(f, "8081")
	l.Source.Fields(f)
	f.Template(&l.ClassName, "className", acceptMessage, "Java class of the service. There is Mirth's default one and no other.").Check(func() error {
		if l.ClassName.Constant() && !known(l.ClassName.Text) {
			return fmt.Errorf("%w. %s", errClass, classHint)
		}
		return nil
	})
	f.Template(&l.ServiceName, "serviceName", "Mirth", "Name of the service: its address ends with /services/ and this.")
	f.String(&l.Binding, "soapBinding", "DEFAULT", "Version of SOAP: SOAP11HTTP, SOAP12HTTP, or DEFAULT, which is SOAP 1.1.").OneOf("DEFAULT", "SOAP11HTTP", "SOAP12HTTP")

	l.Server.LimitFields(f)
}

// Start binds the port.
func (l *Listener) Start(ctx context.Context, env weir.SourceEnv) error {
	l.env = env
	if err := l.prepare(); err != nil {
		return err
	}
	return l.Server.Start(ctx, env)
}

// prepare reads the settings into the form in which they are used.
func (l *Listener) prepare() error {
	if !known(l.env.Resolve(l.ClassName)) {
		return &weir.Fault{At: "className", Err: errClass, Hint: classHint}
	}
	l.path = "/services/" + l.env.Resolve(l.ServiceName)
	if l.Binding == "SOAP12HTTP" {
		l.version = soap.SOAP12
	}
	l.Server.Handle, l.Server.Idle = l.handle, idle
	return nil
}

// Services that channels bring along are refused.
var errClass = errors.New("the service is a Java class of its own, which cannot be run")

const classHint = "Set className to " + acceptMessage + " and let senders call acceptMessage; or receive the envelopes with an HTTP Listener and answer them from a transformer."

func known(class string) bool { return strings.TrimSpace(class) == acceptMessage }

// Scripts are the scripts of the settings.
func (l *Listener) Scripts() []weir.Script { return l.Server.Scripts() }

// Stop closes the port and every connection on which no message is in hand, and
// waits for the others to be answered.
func (l *Listener) Stop(ctx context.Context) error { return l.Server.Stop(ctx) }

// Addr returns the address on which a started listener listens.
func (l *Listener) Addr() net.Addr { return l.Server.Addr() }

var (
	errMethod    = &httpserver.Refusal{Status: 405, Text: "A web service is called by POST; its WSDL is at ?wsdl."}
	errMediaType = &httpserver.Refusal{Status: 415, Text: "The content type is not that of this service's version of SOAP."}
	errCharset   = &httpserver.Refusal{Status: 415, Text: "The character set of the body is not known."}
)

// handle answers a request. As in Mirth it is enough that the path begins like the
// service's.
func (l *Listener) handle(x *httpserver.Exchange) error {
	if !strings.HasPrefix(x.R.URL.Path, l.path) {
		return httpserver.ErrNotFound
	}
	switch x.R.Method {
	case http.MethodPost:
		return l.call(x)
	case http.MethodGet, http.MethodHead:
		return l.describe(x)
	}
	x.W.Header().Set("Allow", "GET, HEAD, POST")
	return errMethod
}

// fault is an answer to a call that becomes no message. Its reason holds nothing of
// the message.
type fault struct{ code, reason string }

func (f *fault) Error() string { return f.reason }

// call has the message of a call received.
func (l *Listener) call(x *httpserver.Exchange) error {
	text, err := l.message(x)
	if err == nil {
		err = x.Message(weir.Inbound{Text: text, SourceMap: map[string]any{}}, func(r weir.Reply) error {
			return l.answer(x, http.StatusOK, soap.Answer(l.version, response(r.Response)))
		})
	}
	if errors.Is(err, httpserver.ErrNotKept) {
		err = &fault{soap.FaultServer, httpserver.ErrNotKept.Text}
	}
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	l.env.Connection(weir.ConnectionEvent{State: "failed", Remote: x.R.RemoteAddr, Detail: f.reason})
	_ = l.answer(x, http.StatusInternalServerError, soap.AnswerFault(l.version, f.code, f.reason)) // the client may be gone
	return nil
}

func (l *Listener) answer(x *httpserver.Exchange, status int, envelope string) error {
	x.W.Header().Set("Content-Type", l.version.ContentType(""))
	return x.Write(status, []byte(envelope))
}

// response is what the operation gives back. Nothing is left out of the answer, as
// null is in Java.
func response(r *weir.Response) string {
	const open, end = `<ns2:acceptMessageResponse xmlns:ns2="` + space + `"`, `</ns2:acceptMessageResponse>`
	if r == nil || r.Message == "" {
		return open + "/>"
	}
	var b strings.Builder
	b.WriteString(open + `><return xmlns="">`)
	soap.Escape(&b, r.Message)
	b.WriteString("</return>" + end)
	return b.String()
}

// message takes the message out of a call.
func (l *Listener) message(x *httpserver.Exchange) (string, error) {
	e, err := l.envelope(x)
	if err != nil {
		return "", err
	}
	switch {
	case e.Version != l.version:
		return "", &fault{soap.FaultVersionMismatch, "This service speaks SOAP " + l.version.String() + "."}
	case len(e.NotUnderstood()) > 0:
		return "", &fault{soap.FaultMustUnderstand, "The message has a header entry with mustUnderstand that this service does not understand."}
	}
	call := e.Payload()
	if call == nil || call.Name != (soap.Name{Space: space, Local: "acceptMessage"}) {
		return "", &fault{soap.FaultClient, "The body is no call of acceptMessage in the namespace " + space + "."}
	}
	arg := call.Element(soap.Name{Local: "arg0"})
	switch {
	case arg == nil:
		return "", &fault{soap.FaultClient, "acceptMessage has no arg0, which has no namespace."}
	case len(arg.Elements()) > 0:
		return "", &fault{soap.FaultClient, "arg0 holds elements; XML in it must be escaped or in a CDATA section."}
	}
	return arg.Text(), nil
}

// envelope reads the envelope of a call, with its attachments put into it.
func (l *Listener) envelope(x *httpserver.Exchange) (*soap.Envelope, error) {
	contentType := x.R.Header.Get("Content-Type")
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.TrimSpace(kind)
	if kind != "" && !strings.EqualFold(kind, l.version.MediaType()) && !soap.IsMultipart(contentType) {
		return nil, errMediaType
	}
	body, err := x.Decoded()
	if err != nil {
		return nil, err
	}
	var parts []soap.Part
	if soap.IsMultipart(contentType) {
		root, others, err := soap.Detach(contentType, body)
		if err != nil {
			return nil, &fault{soap.FaultClient, "The message cannot be read: " + err.Error() + "."}
		}
		body, contentType, parts = root.Content, root.ContentType, others
	}
	cs, err := charset.Lookup(soap.Charset(contentType, body))
	if err != nil {
		return nil, errCharset
	}
	e, err := soap.ParseSmall(cs.Decode(body), maxNodes)
	if err == nil {
		err = e.Include(parts, l.Server.MaxBody)
	}
	if err != nil {
		return nil, &fault{soap.FaultClient, "The message cannot be read: " + err.Error() + "."}
	}
	return e, nil
}

var (
	_ weir.Source   = (*Listener)(nil)
	_ weir.Scripted = (*Listener)(nil)
)
