package soap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/wire/soap"
)

// SenderType is how the engine knows this connector.
var SenderType = weir.DestinationType{
	Name:    "Web Service Sender",
	Summary: "Calls a web service over SOAP with each message and keeps its answer.",
	New:     func() weir.Destination { return new(Sender) },
}

// Sender is the "Web Service Sender" destination.
type Sender struct {
	Plugins                config.Setting
	Destination            connector.DestinationSettings
	WSDL                   config.Template
	Service                config.Template
	Port                   config.Template
	LocationURI            config.Template
	SocketTimeout          config.Template // milliseconds
	UseAuthentication      bool
	Username               config.Template
	Password               config.Template
	Envelope               config.Template
	OneWay                 bool
	Headers                config.TemplateMap
	HeadersVariable        config.Template
	UseHeadersVariable     bool
	UseMTOM                bool
	AttachmentNames        config.Setting // see attachments
	AttachmentContents     config.Setting
	AttachmentTypes        config.Setting
	AttachmentsVariable    config.Template
	UseAttachmentsVariable bool
	SOAPAction             config.Template

	Token          tokenSettings
	MaxResponse    int // bytes, after decompression
	RequestTimeout time.Duration
	TLS            httpclient.TLS

	env        weir.DestinationEnv
	transports httpclient.Transports
	calls      http.Client
	wsdls      http.Client
	endpoints  endpoints
}

// defaultSocketTimeout is what a socketTimeout that is no number means.
const defaultSocketTimeout = 30 * time.Second

// Fields lists the settings.
func (s *Sender) Fields(f *config.Fields) {
	f.Group(&s.Plugins, "pluginProperties", "Settings of extensions; kept for export, without effect.")
	s.Destination.Fields(f)
	f.Template(&s.WSDL, "wsdlUrl", "", "Address of the WSDL: http, https or file. Without one, locationURI says where the service is, and the envelope which version of SOAP it speaks.")
	f.Template(&s.Service, "service", "", "Name of the service in the WSDL, as {namespace}name.")
	f.Template(&s.Port, "port", "", "Name of the service's port in the WSDL, as {namespace}name.")
	f.Kept("operation", "The operation that the envelope was made for; without effect, since the envelope says it.")
	f.Template(&s.LocationURI, "locationURI", "", "Address of the service; that in the WSDL if empty.")
	f.Template(&s.SocketTimeout, "socketTimeout", "30000",
		"Longest time in milliseconds to connect, and then without progress in sending or receiving; 0 means no limit.")
	f.Bool(&s.UseAuthentication, "useAuthentication", false, "Show user name and password to the service, as HTTP Basic.")
	f.Template(&s.Username, "username", "", "User name, also for a WSDL that asks for one.")
	f.Template(&s.Password, "password", "", "Password of the user.").IsSecret()
	f.Template(&s.Envelope, "envelope", "", "The whole SOAP envelope that is sent.")
	f.Bool(&s.OneWay, "oneWay", false, "The service gives no answer: one that comes is not read.")
	f.TemplateMap(&s.Headers, "headers", "Headers of the request: names with lists of values.")
	f.Template(&s.HeadersVariable, "headersVariable", "", "Variable that holds a map of header names to values or lists of values.")
	f.Bool(&s.UseHeadersVariable, "isUseHeadersVariable", false, "Take the headers from the variable instead.")
	f.Bool(&s.UseMTOM, "useMtom", false, "Send a multipart message with the attachments below (MTOM). The envelope refers to one by xop:Include with href cid: and its name.")
	s.attachmentFields(f)
	f.Template(&s.AttachmentsVariable, "attachmentsVariable", "", "Variable that holds a list of AttachmentEntry.")
	f.Bool(&s.UseAttachmentsVariable, "isUseAttachmentsVariable", false, "Take the attachments from the variable instead.")
	f.Template(&s.SOAPAction, "soapAction", "", "The action that the request says it is for.")
	f.Kept("wsdlDefinitionMap", "What Mirth's editor knows of the WSDL; without effect.")

	s.Token.Fields(f)
	f.Int(&s.MaxResponse, "maxResponseBytes", httpclient.DefaultMaxResponse, "Largest response accepted, in bytes, decompressed; also for a WSDL.").Range(1, 2<<30-1)
	f.Millis(&s.RequestTimeout, "requestTimeout", httpclient.DefaultRequestTimeout, "Longest time in milliseconds from the start of a request to the end of its response; 0 means no limit.")
	s.TLS.Fields(f)
}

// DestinationSettings are those of the channel around the sends. Responses are not
// validated, whatever the setting says: Mirth does not, since a fault is told from an
// answer anyway.
func (s *Sender) DestinationSettings() connector.DestinationSettings {
	out := s.Destination
	out.ValidateResponse = false
	return out
}

// Open checks the settings. It does not connect.
func (s *Sender) Open(_ context.Context, env weir.DestinationEnv) error {
	s.env = env
	if len(s.Plugins.Group)+len(s.Destination.Plugins.Group) > 0 {
		env.Log.Warn("Settings of extensions have no effect; for TLS use the settings of the group tls", "setting", "pluginProperties")
	}
	if s.Destination.ValidateResponse {
		env.Log.Warn("Responses of web services are not validated, as in Mirth; a fault is an ERROR", "setting", "destinationConnectorProperties.validateResponse")
	}
	if s.WSDL.Text == "" && s.LocationURI.Text == "" {
		return &weir.Fault{At: "wsdlUrl", Err: errors.New("nothing says where the service is"), Hint: "Set wsdlUrl to the address of its WSDL, or locationURI to its own."}
	}
	s.calls = http.Client{Transport: &s.transports, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	s.wsdls = http.Client{Transport: &s.transports, CheckRedirect: httpclient.Followed}
	return s.transports.Open(&s.TLS, env.Log)
}

// Send calls the service once and keeps its answer.
func (s *Sender) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	failed := weir.Response{Status: weir.Queued, StatusMessage: "Error creating web service dispatch"}
	watch := httpclient.NewWatch(ctx, connector.Millis(m.Resolve(s.SocketTimeout), defaultSocketTimeout), s.RequestTimeout)
	defer watch.Stop()
	c, err := s.newCall(watch, m)
	if err != nil {
		return failed, err
	}
	s.event("sending", c.remote())
	defer s.event("idle", c.remote())
	answer, err := s.invoke(watch, c)
	if err != nil {
		cause := watch.Cause(err)
		failed.StatusMessage = statusMessage(err, cause)
		return failed, c.fault(cause)
	}
	defer answer.Body.Close()
	failed.StatusMessage = "Error invoking web service"
	if s.OneWay && answer.StatusCode >= 200 && answer.StatusCode < 300 {
		watch.Drain(answer)
		return weir.Response{Status: weir.Sent, StatusMessage: "Invoked one way operation successfully.", NoAnswer: true}, nil
	}
	r, err := s.answered(watch, c, answer, failed)
	if s.OneWay && err == nil && r.Status == weir.Sent {
		return refused(failed, c, answer), nil // an error with an envelope that holds no fault
	}
	return r, err
}

// answered makes the response of the answer to a call.
func (s *Sender) answered(w *httpclient.Watch, c *call, answer *http.Response, failed weir.Response) (weir.Response, error) {
	if !c.readable(answer) {
		return refused(failed, c, answer), nil
	}
	e, err := s.read(w, c, answer)
	if err != nil {
		if r, final := httpclient.TooLarge(err); final {
			return r, c.fault(err)
		}
		return failed, c.fault(w.Cause(err))
	}
	if e == nil {
		return refused(failed, c, answer), nil
	}
	f := e.Fault()
	if f == nil {
		return weir.Response{Status: weir.Sent, Message: e.String(), StatusMessage: "Invoked two way operation successfully."}, nil
	}
	return weir.Response{
		Status: weir.Error, Message: f.String(),
		// As Java words it; the reason is the service's own.
		StatusMessage: "Error invoking web service [ServerSOAPFaultException: Client received SOAP Fault from server: " + f.Reason +
			" Please see the server log to find more detail regarding exact cause of the failure.]",
		Error: fmt.Sprintf("%s answered with a SOAP fault: %s. Its reason is in the response; look at the message and at the service.", c.remote(), f.Code),
	}, nil
}

// refused is the response to an answer that is none to the call, such as a page of
// HTML. Mirth keeps nothing of it.
func refused(failed weir.Response, c *call, answer *http.Response) weir.Response {
	failed.Error = fmt.Sprintf("%s answered %d %s, and no envelope that could be taken for its answer.", c.remote(), answer.StatusCode, http.StatusText(answer.StatusCode))
	return failed
}

// statusMessage is Mirth's word for a call that got no answer, with what Java's client of
// web services says about err. cause is what the watch says of it.
func statusMessage(err, cause error) string {
	const wrapped = "ClientTransportException"
	exception, message := connector.Java(err)
	if errors.Is(cause, httpclient.ErrSlow) && exception == "" {
		exception, message = "SocketTimeoutException", "Read timed out"
	}
	inner := "HTTP transport error: " + javaPackage[exception] + exception + ": " + message
	switch exception {
	case "":
		return "Error invoking web service"
	case "NoRouteToHostException":
		return connector.Caused("HTTP transport error", wrapped, inner)
	case "ConnectException":
		return connector.Caused("Connection refused.", wrapped, inner)
	case "SocketTimeoutException":
		return connector.Caused("Error invoking web service", "WebServiceException", "java.net.SocketTimeoutException: "+message)
	}
	return connector.Caused("Error invoking web service", wrapped, inner)
}

// javaPackage is where the exceptions are.
var javaPackage = map[string]string{"ConnectException": "java.net.", "NoRouteToHostException": "java.net.", "SocketException": "java.net.",
	"UnknownHostException": "java.net.", "EOFException": "java.io.", "SSLHandshakeException": "javax.net.ssl.",
	"SSLPeerUnverifiedException": "javax.net.ssl.", "SSLException": "javax.net.ssl."}

func (s *Sender) event(state, remote string) {
	s.env.Connection(weir.ConnectionEvent{State: state, Remote: remote})
}

// Close closes the connections that were kept open.
func (s *Sender) Close(context.Context) error {
	s.transports.Close()
	return nil
}

// tokenSettings are those of the user name token of WS-Security.
type tokenSettings struct {
	Kind     string
	Username config.Template
	Password config.Template
}

// Fields lists the settings.
func (t *tokenSettings) Fields(f *config.Fields) {
	f.String(&t.Kind, "usernameToken.type", "none", "Add a user name token of WS-Security to the envelope: none; text, with the password itself; or digest, with a hash of it.").
		OneOf("none", "text", "digest")
	f.Template(&t.Username, "usernameToken.username", "", "User name in the token.")
	f.Template(&t.Password, "usernameToken.password", "", "Password of the user in the token.").IsSecret()
}

// secure adds the token to an envelope, if one is asked for, and returns the
// envelope's text.
func (t *tokenSettings) secure(e *soap.Envelope, m *weir.Outbound) (string, error) {
	if t.Kind == "none" {
		return e.Source, nil
	}
	text, err := e.Secure(soap.UsernameToken{
		Username: m.Resolve(t.Username), Password: m.Resolve(t.Password), Digest: t.Kind == "digest", Created: time.Now(), Nonce: soap.NewNonce(),
	})
	if err != nil {
		return "", &weir.Fault{At: "usernameToken.type", Err: err, Hint: "Take the entry out of the envelope, or set usernameToken.type to none."}
	}
	return text, nil
}

var _ weir.Destination = (*Sender)(nil)
