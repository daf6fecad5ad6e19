package http

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/connector/httpserver"
	"github.com/weir-health/weir/connector/stream"
	"github.com/weir-health/weir/wire/httpbody"
)

var (
	errCharset     = &httpserver.Refusal{Status: 415, Text: "The character set of the body is not known."}
	errBinaryBatch = &httpserver.Refusal{Status: 415, Text: "Messages that are split cannot be binary; send a text type."}
)

// incoming is a request as it becomes a message.
type incoming struct {
	remoteAddress, localAddress string
	remotePort, localPort       int32
	method, protocol            string
	url, uri, path, query       string // the path and the query as sent
	header                      http.Header
	headers, parameters         *weir.MultiMap
	mediaType                   httpbody.MediaType
	body                        []byte    // decompressed
	large                       io.Reader // the body, where it is too large for memory
}

// incoming reads the request.
func (x *exchange) incoming() (*incoming, error) {
	q := x.head()
	form := q.mediaType.Is("application/x-www-form-urlencoded") && (q.method == "POST" || q.method == "PUT")
	if !form && !x.l.XMLBody {
		var err error
		if q.body, q.large, err = x.Stream(); err != nil {
			return nil, err
		}
		return q, x.parameters(q, nil, false)
	}
	body, err := x.Decoded()
	if err != nil {
		return nil, err
	}
	if !form { // Mirth's web server has read that into the parameters
		q.body = body
	}
	return q, x.parameters(q, body, form)
}

// head is all of a request but its body and parameters.
func (x *exchange) head() *incoming {
	r := x.R
	q := &incoming{method: r.Method, protocol: r.Proto, uri: httpfield.Text(r.RequestURI), query: httpfield.Text(strings.TrimSpace(r.URL.RawQuery))}
	q.path = r.URL.EscapedPath()
	if path, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(path, "/") {
		q.path = httpfield.Text(path)
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	q.url = scheme + "://" + httpfield.Text(r.Host) + q.path
	q.remoteAddress, q.remotePort = endpoint(r.RemoteAddr)
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		q.localAddress, q.localPort = endpoint(a.String())
	}
	h := r.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if r.Host != "" {
		h.Set("Host", r.Host)
	}
	if len(r.TransferEncoding) > 0 {
		h["Transfer-Encoding"] = r.TransferEncoding
	}
	q.header, q.headers = h, multiHeaders(h)
	q.mediaType = httpbody.TextPlain
	if text := r.Header.Get("Content-Type"); text != "" {
		q.mediaType, _ = httpbody.ParseMediaType(httpfield.Text(text))
	}
	return q
}

func endpoint(address string) (host string, port int32) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return address, 0
	}
	n, _ := strconv.ParseInt(text, 10, 32)
	return host, int32(n)
}

// parameters are those of the query and, of a form, those of the body, with
// names in the order of Java's HashMap.
func (x *exchange) parameters(q *incoming, body []byte, form bool) error {
	var all httpfield.Fields
	add := func(name, value string) {
		for i := range all {
			if all[i].Name == name {
				all[i].Values = append(all[i].Values, value)
				return
			}
		}
		all = append(all, httpfield.Field{Name: name, Values: []string{value}})
	}
	if err := eachParameter(x.R.URL.RawQuery, utf8Text, add); err != nil {
		return err
	}
	if form {
		cs, err := charsetOf(q.mediaType, "UTF-8")
		if err != nil {
			return errCharset
		}
		if err := eachParameter(string(body), cs.Decode, add); err != nil {
			return err
		}
	}
	q.parameters = weir.NewMultiMap(weir.Parameters)
	for _, f := range all.Hashed() {
		q.parameters.Add(f.Name, f.Values...)
	}
	return nil
}

// maxParameters is how many parameters a request may have.
const maxParameters = 10000

var errParameters = &httpserver.Refusal{Status: 413, Text: "The request has more parameters than are accepted."}

// eachParameter reads a query or the body of a form. What is wrongly escaped is
// taken as it stands.
func eachParameter(text string, decode func([]byte) string, add func(name, value string)) error {
	if strings.Count(text, "&") >= maxParameters {
		return errParameters
	}
	for _, pair := range strings.Split(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		add(decode(unescape(name)), decode(unescape(value)))
	}
	return nil
}

func unescape(text string) []byte {
	if out, err := url.QueryUnescape(text); err == nil {
		return []byte(out)
	}
	return []byte(strings.ReplaceAll(text, "+", " "))
}

// inbound makes the message.
func (l *Listener) inbound(q *incoming) (in weir.Inbound, err error) {
	in.SourceMap = q.sourceMap()
	switch {
	case l.XMLBody:
		in.Text = requestXML(q, l.Metadata, l.ParseMultipart, l.types)
	case len(q.body) == 0 && q.large == nil:
	case l.types.match(q.mediaType):
		if l.Source.ProcessBatch {
			return in, errBinaryBatch
		}
		in.Binary = true
		if q.large != nil {
			in.Stream = stream.ToBase64Lines(q.large)
			break
		}
		in.Text = httpbody.Base64Lines(q.body)
	default:
		cs, err := charsetOf(q.mediaType, assumedCharset(q.mediaType))
		if err != nil {
			return in, errCharset
		}
		if q.large != nil {
			in.Stream = cs.DecodeReader(q.large)
			break
		}
		in.Text = cs.Decode(q.body)
	}
	return in, nil
}

// assumedCharset is the character set of a type that names none, as Mirth's web
// server has it.
func assumedCharset(t httpbody.MediaType) string {
	if t.Is("application/json") || t.Is("text/json") {
		return "UTF-8"
	}
	return "ISO-8859-1"
}

func (q *incoming) sourceMap() map[string]any {
	return map[string]any{
		"remoteAddress": q.remoteAddress, "remotePort": q.remotePort, "localAddress": q.localAddress, "localPort": q.localPort,
		"method": q.method, "url": q.url, "uri": q.uri, "protocol": q.protocol, "query": q.query, "contextPath": q.path,
		"headers": q.headers, "parameters": q.parameters,
	}
}
