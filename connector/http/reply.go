package http

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/wire/httpbody"
)

// replySettings say how a request is answered.
type replySettings struct {
	ContentType     config.Template
	Binary          bool
	Status          config.Template
	Headers         config.TemplateMap
	HeadersVariable string
	UseVariable     bool
	Charset         string
}

// Fields lists the settings.
func (s *replySettings) Fields(f *config.Fields) {
	f.Template(&s.ContentType, "responseContentType", "text/plain", "Media type of the reply.")
	f.Bool(&s.Binary, "responseDataTypeBinary", false, "The response is base64 and sent as bytes.")
	f.Template(&s.Status, "responseStatusCode", "", "Status code of the reply. If it is no number: 500 for a response with status ERROR, else 200.")
	f.TemplateMap(&s.Headers, "responseHeaders", "Headers of the reply: names with lists of values.")
	f.String(&s.HeadersVariable, "responseHeadersVariable", "", "Variable that holds a map of header names to values or lists of values.")
	f.Bool(&s.UseVariable, "useResponseHeadersVariable", false, "Take the headers of the reply from the variable instead.")
	f.String(&s.Charset, "charset", "UTF-8", "Character set of the reply.")
}

// reply answers a request whose message is kept.
func (x *exchange) reply(reply weir.Reply) error {
	resolve := x.l.resolver(reply)
	s := &x.l.Reply
	h := x.W.Header()
	contentType := x.l.contentType
	if contentType == "" {
		contentType = x.l.replyType(resolve(s.ContentType))
	}
	h.Set("Content-Type", httpfield.Value(contentType))
	x.replyHeaders(reply, resolve)

	status := http.StatusOK
	if reply.Response != nil && reply.Response.Status == weir.Error {
		status = http.StatusInternalServerError
	}
	// A status below 200 would announce the reply, not be it.
	if code := connector.Whole(resolve(s.Status), 0); code >= 200 && code <= 999 {
		status = code
	}
	body, err := x.l.replyBody(reply.Response)
	if err != nil {
		return errors.Join(err, x.Write(http.StatusInternalServerError, nil))
	}
	if len(body) > 0 && acceptsGzip(x.R.Header.Values("Accept-Encoding")) && h.Get("Content-Encoding") == "" {
		h.Set("Content-Encoding", "gzip")
		body = zip(body)
	}
	return x.Write(status, body)
}

// resolver replaces variables from the message if it is processed, else from
// what there is without one.
func (l *Listener) resolver(reply weir.Reply) func(config.Template) string {
	if reply.Resolve == nil {
		return l.env.Resolve
	}
	return func(t config.Template) string {
		if t.Constant() {
			return t.Text
		}
		return reply.Resolve(t.Text)
	}
}

func (x *exchange) replyHeaders(reply weir.Reply, resolve func(config.Template) string) {
	headers := httpfield.Of(x.l.Reply.Headers, resolve)
	if x.l.Reply.UseVariable {
		headers = x.l.replyVariable(reply)
	}
	h := x.W.Header()
	for _, f := range headers {
		name := httpfield.Name(f.Name)
		switch http.CanonicalHeaderKey(name) {
		case "", "Content-Length", "Transfer-Encoding", "Trailer", "Connection":
			continue // of the line, not of the message
		case "Content-Type":
			h.Del("Content-Type")
		}
		for _, v := range f.Values {
			h.Add(name, httpfield.Value(v))
		}
	}
}

func (l *Listener) replyVariable(reply weir.Reply) httpfield.Fields {
	lookup := reply.Lookup
	if lookup == nil {
		lookup = l.Server.Lookup
	}
	v, found := lookup(l.Reply.HeadersVariable)
	if !found {
		l.env.Log.Warn("The variable with the headers of the reply is missing", "setting", "responseHeadersVariable", "message", reply.MessageID)
		return nil
	}
	out, ok := httpfield.In(v)
	if !ok {
		l.env.Log.Warn("The variable with the headers of the reply holds no map", "setting", "responseHeadersVariable", "message", reply.MessageID)
	}
	return out
}

func (l *Listener) replyBody(r *weir.Response) ([]byte, error) {
	switch {
	case r == nil || r.Message == "":
		return nil, nil
	case l.Reply.Binary:
		body, err := httpbody.DecodeBase64(r.Message)
		if err != nil {
			return nil, &weir.Fault{At: "responseDataTypeBinary", Err: errors.New("the response is not base64"),
				Hint: "With binary on, a response must be given in base64."}
		}
		return body, nil
	}
	return l.charset.Append(nil, r.Message), nil
}

// replyType is the content type of a reply, in the form in which Mirth's web
// server writes it. A type that is none becomes text/plain: the message is kept,
// and an error would have it sent again.
func (l *Listener) replyType(text string) string {
	t, ok := httpbody.ParseMediaType(text)
	if !ok {
		l.env.Log.Warn("The content type of the reply is none; the reply is sent as text/plain", "setting", "responseContentType")
	}
	if !l.Reply.Binary && t.Param("charset") == "" {
		t.Params = append(t.Params, httpbody.Param{Name: "charset", Value: charsetName(l.Reply.Charset)})
	}
	return usualType(t)
}

// usualType writes the most usual types in the short form that Jetty knows them
// by.
func usualType(t httpbody.MediaType) string {
	text := t.String()
	short := strings.ToLower(strings.ReplaceAll(text, "; ", ";"))
	switch name, cs, _ := strings.Cut(short, ";charset="); name {
	case "text/plain", "text/html", "text/xml", "text/json", "application/json":
		if cs == "utf-8" || cs == "iso-8859-1" {
			return short
		}
	}
	return text
}

func acceptsGzip(values []string) bool {
	for _, v := range values {
		for _, item := range strings.Split(v, ",") {
			name, q, _ := strings.Cut(strings.ReplaceAll(item, " ", ""), ";q=")
			if httpfield.Gzipped(name) && strings.Trim(q, "0.") == "" && q != "" {
				return false
			}
			if httpfield.Gzipped(name) {
				return true
			}
		}
	}
	return false
}

// smallBody is the size up to which bodies are compressed the quick way: the tables of
// the other are cleared for each, which takes longer than all else about a small body.
const smallBody = 32 << 10

// zippers are used again: a new one takes more memory, and time, than most bodies.
var (
	zippers      = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
	quickZippers = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return w }}
)

func zip(body []byte) []byte {
	pool := &zippers
	if len(body) <= smallBody {
		pool = &quickZippers
	}
	w := pool.Get().(*gzip.Writer)
	defer pool.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}
