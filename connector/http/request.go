package http

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/charset"
	"github.com/weir-health/weir/connector/httpclient"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/connector/stream"
	"github.com/weir-health/weir/wire/httpbody"
)

// request is what is sent for one message. It can be made into an HTTP request
// more than once.
type request struct {
	method  string
	url     *url.URL
	proxy   *url.URL // nil: none
	headers httpfield.Fields
	body    []byte
	large   *weir.Stream // the body, where it is too large for memory
	size    int64        // of it, before it is compressed
	hasBody bool
	zipped  bool
	timeout time.Duration

	charset        string // of the content, and of a response that names none
	user, password []byte // in the character set of the content
	authorization  string
}

// newRequest makes the request for a message.
func (s *Sender) newRequest(ctx context.Context, m *weir.Outbound) (q *request, err error) {
	q = &request{method: s.method, timeout: connector.Millis(m.Resolve(s.SocketTimeout), defaultSocketTimeout)}
	if q.url, err = httpclient.Address("host", m.Resolve(s.URL)); err != nil {
		return nil, err
	}
	q.proxy = s.proxy(m)
	t, ok := httpbody.ParseMediaType(m.Resolve(s.ContentType))
	if !ok {
		return nil, &weir.Fault{At: "contentType", Err: errors.New("the content type is none"), Hint: "Write a media type such as text/plain."}
	}
	cs, err := s.charsetOf(q, t)
	if err != nil {
		return nil, err
	}
	if s.UseAuthentication {
		q.user, q.password = cs.Append(nil, m.Resolve(s.Username)), cs.Append(nil, m.Resolve(s.Password))
	}
	parameters := s.parameters(m)
	q.headers = s.headers(m)
	contentType, err := s.content(ctx, q, m, t, cs, parameters)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		q.headers = append(q.headers.Without("Content-Type"), httpfield.Field{Name: "Content-Type", Values: []string{contentType}})
	}
	if q.large != nil {
		q.size = q.large.Size
	}
	q.compress()
	return q, nil
}

// proxy is the proxy of a message's request, nil if there is none.
func (s *Sender) proxy(m *weir.Outbound) *url.URL {
	if !s.UseProxy {
		return nil
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(m.Resolve(s.ProxyAddress), strconv.Itoa(connector.Whole(m.Resolve(s.ProxyPort), 0)))}
}

// content fills in the body and the query, and returns the content type that the
// request gets, whatever the table of headers says, or "".
func (s *Sender) content(ctx context.Context, q *request, m *weir.Outbound, t httpbody.MediaType, cs charset.Charset, parameters httpfield.Fields) (contentType string, err error) {
	encode := func(text string) []byte { return cs.Append(nil, text) }
	entity := q.method == "POST" || q.method == "PUT" || q.method == "PATCH"
	file := s.Multipart && q.method == "POST"
	if entity && t.Form() && !file {
		q.body, q.hasBody = []byte(formText(parameters, encode)), true
		return s.typeText(t), nil
	}
	if query := formText(parameters, func(text string) []byte { return []byte(text) }); query != "" {
		q.url.RawQuery, q.url.ForceQuery = query, false
	}
	if !entity {
		return "", nil
	}
	q.hasBody = true
	large, ok, err := m.Stream(ctx, s.Content)
	if err != nil {
		return "", err
	}
	if ok {
		q.large, err = stream.Measured(ctx, stream.Bytes(large, s.Binary, cs, "dataTypeBinary"))
	} else {
		q.body, err = s.encode(m, encode)
	}
	if err != nil {
		return "", err
	}
	if file {
		return q.wrap(t), nil
	}
	return s.typeText(t), nil
}

func (s *Sender) encode(m *weir.Outbound, encode func(string) []byte) ([]byte, error) {
	text, err := m.Body(s.Content)
	if err != nil {
		return nil, err
	}
	if !s.Binary {
		return encode(text), nil
	}
	body, err := httpbody.DecodeBase64(text)
	if err != nil {
		return nil, &weir.Fault{At: "dataTypeBinary", Err: errors.New("what is to be sent is not base64"),
			Hint: "With binary on, the content must give base64."}
	}
	return body, nil
}

// typeText is the content type as it is sent: with a character set.
func (s *Sender) typeText(t httpbody.MediaType) string {
	if t.Param("charset") == "" && !s.Binary && !strings.EqualFold(s.Charset, noCharset) {
		t.Params = append(t.Params, httpbody.Param{Name: "charset", Value: charsetName(s.Charset)})
	}
	return t.String()
}

// charsetOf is the character set of the content. Where neither the type nor the
// settings name one, Mirth's web client writes ISO-8859-1, but for a file in a form
// and what it reads, which are in that of the computer.
func (s *Sender) charsetOf(q *request, t httpbody.MediaType) (charset.Charset, error) {
	q.charset = cmp.Or(t.Param("charset"), s.Charset)
	fallback := s.Charset
	if strings.EqualFold(fallback, noCharset) {
		fallback = "ISO-8859-1"
		if s.Multipart && q.method == "POST" {
			fallback = "UTF-8"
		}
		if t.Param("charset") == "" {
			q.charset = "UTF-8"
		}
	}
	cs, err := charsetOf(t, fallback)
	if err != nil {
		return cs, &weir.Fault{At: "contentType", Err: errors.New("the content type names a character set that is not known"),
			Hint: "Use a name such as UTF-8 or ISO-8859-1."}
	}
	return cs, nil
}

// wrap makes the body a multipart form with one file.
func (q *request) wrap(t httpbody.MediaType) (contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	name := rand.Text() + ".tmp"
	fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: %s\r\nContent-Transfer-Encoding: binary\r\n\r\n",
		w.Boundary(), name, name, httpfield.Value(t.String()))
	end := []byte("\r\n--" + w.Boundary() + "--\r\n")
	if q.large != nil {
		q.large = within(b.Bytes(), q.large, end)
	} else {
		b.Write(q.body)
		b.Write(end)
		q.body = b.Bytes()
	}
	return w.FormDataContentType()
}

// compress compresses the body if the headers say that it is.
func (q *request) compress() {
	switch {
	case !q.hasBody || !httpfield.Gzipped(q.headers.Get("Content-Encoding")):
	case q.large != nil:
		q.large = zippedStream(q.large)
	default:
		q.body, q.zipped = zip(q.body), true
	}
}

// headers are those of the table or of the variable, and the ones that a request
// always has.
func (s *Sender) headers(m *weir.Outbound) httpfield.Fields {
	headers := httpfield.Of(s.Headers, m.Resolve)
	if s.UseHeadersVariable {
		headers = s.variable(m, m.Resolve(s.HeadersVariable), "headersVariable")
	}
	if !headers.Has("User-Agent") {
		headers = append(headers, httpfield.Field{Name: "User-Agent", Values: []string{s.UserAgent}})
	}
	if !headers.Has("Connection") {
		headers = append(headers, httpfield.Field{Name: "Connection", Values: []string{"Keep-Alive"}})
	}
	if !headers.Has("Accept-Encoding") {
		headers = append(headers, httpfield.Field{Name: "Accept-Encoding", Values: []string{"gzip,deflate"}})
	}
	return headers
}

func (s *Sender) parameters(m *weir.Outbound) httpfield.Fields {
	if s.UseParametersVariable {
		return s.variable(m, m.Resolve(s.ParametersVariable), "parametersVariable")
	}
	return httpfield.Of(s.Parameters, m.Resolve)
}

// variable takes names and values from a variable; one that is missing is empty,
// as in Mirth.
func (s *Sender) variable(m *weir.Outbound, name, setting string) httpfield.Fields {
	v, found := m.Lookup(name)
	if !found {
		s.env.Log.Warn("The variable is missing and is taken for an empty map", "setting", setting, "message", m.MessageID)
		return nil
	}
	out, ok := httpfield.In(v)
	if !ok {
		s.env.Log.Warn("The variable holds no map and is taken for an empty one", "setting", setting, "message", m.MessageID)
	}
	return out
}

// build makes an HTTP request, watched by w.
func (q *request) build(w *httpclient.Watch) *http.Request {
	r := (&http.Request{Method: q.method, URL: q.url, Host: q.url.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}}).WithContext(w.Request(q.proxy))
	switch {
	case q.large != nil:
		r.ContentLength = q.large.Size
		r.GetBody = func() (io.ReadCloser, error) { return w.Stream(q.large), nil }
		r.Body = w.Stream(q.large)
	case len(q.body) > 0:
		r.ContentLength = int64(len(q.body))
		if q.zipped { // Mirth compresses while it sends, and does not tell the length
			r.ContentLength = -1
		}
		r.Body = w.Body(q.body)
		r.GetBody = func() (io.ReadCloser, error) { return w.Body(q.body), nil }
	case q.hasBody:
		r.Body = http.NoBody
	}
	for _, f := range q.headers {
		f.Set(r)
	}
	if q.authorization != "" {
		r.Header["Authorization"] = []string{q.authorization}
	}
	return r
}

// remote is the server in errors and events: the part of the address that says
// nothing about the message.
func (q *request) remote() string { return q.url.Scheme + "://" + q.url.Host }
