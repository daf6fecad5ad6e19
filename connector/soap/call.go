package soap

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/soap"
)

// call is what is sent for one message. It can be made into a request more than
// once.
type call struct {
	at       string // the setting that says where the service is
	endpoint endpoint
	headers  httpfield.Fields
	body     []byte
	basic    string // Authorization, or ""
	origin   string // the server that may see it
}

// declaration is the one that JAX-WS writes before an envelope.
const declaration = `<?xml version='1.0' encoding='UTF-8'?>`

// userAgent is how Java's web services begin to name themselves.
const userAgent = "JAX-WS RI"

// newCall makes the call for a message.
func (s *Sender) newCall(w *httpclient.Watch, m *weir.Outbound) (*call, error) {
	text, err := m.Body(s.Envelope)
	if err != nil {
		return nil, err
	}
	e, err := soap.Parse(text)
	if err != nil {
		return nil, &weir.Fault{At: "envelope", Err: fmt.Errorf("what is to be sent cannot be used: %w", err),
			Hint: "The envelope must be a whole SOAP envelope; values from the message that are put into it must be escaped for XML."}
	}
	c := &call{at: "locationURI"}
	if c.endpoint, err = s.endpoint(w, m, e.Version); err != nil {
		return nil, err
	}
	if location := strings.TrimSpace(m.Resolve(s.LocationURI)); location == "" {
		c.at = "wsdlUrl"
	}
	if e.Version != c.endpoint.version {
		return nil, &weir.Fault{At: "envelope", Err: fmt.Errorf("the envelope is one of SOAP %v, but the port speaks SOAP %v", e.Version, c.endpoint.version),
			Hint: "Write the envelope in the namespace of the port's version, or choose the service's other port."}
	}
	c.origin = c.remote()
	if s.UseAuthentication {
		c.basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(m.Resolve(s.Username)+":"+m.Resolve(s.Password)))
	}
	if text, err = s.Token.secure(e, m); err != nil {
		return nil, err
	}
	return c, s.fill(c, m, declaration+text)
}

// fill adds headers and body.
func (s *Sender) fill(c *call, m *weir.Outbound, envelope string) error {
	action := m.Resolve(s.SOAPAction)
	message := soap.Message{ContentType: c.endpoint.version.ContentType(action), Body: []byte(envelope)}
	if s.UseMTOM {
		parts, err := s.attachments(m)
		if err != nil {
			return err
		}
		message = soap.Attach(c.endpoint.version, action, []byte(envelope), parts)
	}
	c.body = message.Body
	c.headers = s.headers(m)
	// These are JAX-WS's own, whatever the table says.
	own := httpfield.Fields{
		{Name: "Content-Type", Values: []string{message.ContentType}},
		{Name: "Accept", Values: []string{c.endpoint.version.MediaType() + ", multipart/related"}},
	}
	if c.endpoint.version == soap.SOAP11 {
		own = append(own, httpfield.Field{Name: "SOAPAction", Values: []string{soap.Action(action)}})
	}
	for _, f := range own {
		c.headers = append(c.headers.Without(f.Name), f)
	}
	if !c.headers.Has("User-Agent") {
		c.headers = append(c.headers, httpfield.Field{Name: "User-Agent", Values: []string{userAgent}})
	}
	return nil
}

// headers are those of the table, whose names are not replaced, or of the variable;
// one that is missing is empty, as in Mirth.
func (s *Sender) headers(m *weir.Outbound) (out httpfield.Fields) {
	if !s.UseHeadersVariable {
		for _, e := range s.Headers {
			f := httpfield.Field{Name: e.Name.Text}
			for _, v := range e.Values {
				f.Values = append(f.Values, m.Resolve(v))
			}
			out = append(out, f)
		}
		return out.Hashed()
	}
	v, found := m.Lookup(m.Resolve(s.HeadersVariable))
	if !found {
		s.env.Log.Warn("The variable is missing and is taken for an empty map", "setting", "headersVariable", "message", m.MessageID)
		return nil
	}
	out, ok := httpfield.In(v)
	if !ok {
		s.env.Log.Warn("The variable holds no map and is taken for an empty one", "setting", "headersVariable", "message", m.MessageID)
	}
	return out
}

// remote is the server in errors and events: the part of the address that says
// nothing about the message.
func (c *call) remote() string { return c.endpoint.url.Scheme + "://" + c.endpoint.url.Host }

func (c *call) fault(err error) error { return httpclient.Fault(c.at, c.remote(), err) }

// request makes an HTTP request, watched by w.
func (c *call) request(w *httpclient.Watch) *http.Request {
	r := (&http.Request{Method: http.MethodPost, URL: c.endpoint.url, Host: c.endpoint.url.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, ContentLength: int64(len(c.body))}).WithContext(w.Request(nil))
	r.Body = w.Body(c.body)
	r.GetBody = func() (io.ReadCloser, error) { return w.Body(c.body), nil }
	if c.basic != "" && c.remote() == c.origin {
		r.Header.Set("Authorization", c.basic)
	}
	for _, f := range c.headers {
		if c.remote() != c.origin && strings.EqualFold(strings.TrimSpace(f.Name), "Authorization") {
			continue
		}
		f.Set(r)
	}
	return r
}

// maxRequests is how many requests a call becomes at most when it is redirected, as
// in Mirth.
const maxRequests = 20

var errDowngrade = errors.New("the service redirects from https to what is not encrypted")

// invoke sends a call, and again to where it is redirected.
func (s *Sender) invoke(w *httpclient.Watch, c *call) (*http.Response, error) {
	for try := 1; ; try++ {
		answer, err := s.calls.Do(c.request(w))
		if err != nil {
			return nil, err
		}
		location := strings.TrimSpace(answer.Header.Get("Location"))
		if answer.StatusCode < 300 || answer.StatusCode >= 400 || location == "" || try == maxRequests {
			return answer, nil
		}
		w.Drain(answer)
		if err := c.redirect(location); err != nil {
			return nil, err
		}
	}
}

func (c *call) redirect(location string) error {
	to, err := c.endpoint.url.Parse(location)
	switch {
	case err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "":
		return &weir.Fault{At: c.at, Err: fmt.Errorf("%s redirects to what is no HTTP address", c.remote()), Hint: "Set locationURI to the address where the service is now."}
	case c.endpoint.url.Scheme == "https" && to.Scheme == "http":
		return &weir.Fault{At: c.at, Err: fmt.Errorf("%s: %w", c.remote(), errDowngrade), Hint: "Set locationURI to the address where the service is now, if it may be sent in clear text."}
	}
	c.endpoint.url = &url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path, RawPath: to.RawPath, RawQuery: to.RawQuery}
	return nil
}

// readable reports whether an answer may be SOAP, by the rules of JAX-WS: SOAP 1.1
// has faults with status 500, SOAP 1.2 also with 400.
func (c *call) readable(answer *http.Response) bool {
	switch code := answer.StatusCode; {
	case code == http.StatusOK, code == http.StatusAccepted, code == http.StatusInternalServerError:
	case code == http.StatusBadRequest && c.endpoint.version == soap.SOAP12:
	default:
		return false
	}
	contentType := answer.Header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(contentType)
	return contentType == "" || err == nil && (kind == c.endpoint.version.MediaType() || kind == "multipart/related")
}

// read reads an answer; nil is one without a body.
func (s *Sender) read(w *httpclient.Watch, c *call, answer *http.Response) (*soap.Envelope, error) {
	body, err := w.ReadBody(answer, s.MaxResponse)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, nil
	}
	e, err := s.parse(answer.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, &weir.Fault{At: c.at, Err: fmt.Errorf("the answer of %s cannot be read: %w", c.remote(), err),
			Hint: "Look at the service what it answers; it may have taken the message."}
	}
	return e, nil
}

func (s *Sender) parse(contentType string, body []byte) (*soap.Envelope, error) {
	var parts []soap.Part
	if soap.IsMultipart(contentType) {
		root, others, err := soap.Detach(contentType, body)
		if err != nil {
			return nil, err
		}
		body, contentType, parts = root.Content, root.ContentType, others
	}
	cs, err := charset.Lookup(soap.Charset(contentType, body))
	if err != nil {
		return nil, errors.New("its character set is not known")
	}
	e, err := soap.Parse(cs.Decode(body))
	if err != nil {
		return nil, err
	}
	return e, e.Include(parts, s.MaxResponse)
}
