package java

import (
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/weir-health/weir/internal/script/access"
)

// The everyday part of Apache's HttpClient 4.

const (
	apache     = "org.apache.http."
	apacheImpl = apache + "impl.client."
)

// httpSettings are those of a client, of a RequestConfig, or of their builders.
type httpSettings struct {
	class         string
	connect, read time.Duration
	redirects     bool
	lax           bool // POST is led on, too
	user, secret  string
	headers       []Pair
	agent         string
}

func (s *httpSettings) JavaClass() string { return s.class }

// httpRequest is an HttpGet, HttpPost or another method.
type httpRequest struct {
	class, method string
	link          *link
	headers       []Pair // in their order
	entity        *entityBody
	settings      *httpSettings
}

func (r *httpRequest) JavaClass() string { return r.class }
func (r *httpRequest) String() string    { return r.method + " " + r.link.text + " HTTP/1.1" }

// entityBody is an HttpEntity: of a request, or of a response.
type entityBody struct {
	class    string
	data     []byte
	of       *httpResponse // whose body it is
	mime     string
	encoding string
	in       *input
}

func (e *entityBody) JavaClass() string { return e.class }

// httpResponse is a CloseableHttpResponse.
type httpResponse struct {
	closer
	r      *http.Response
	entity *entityBody
}

func (*httpResponse) JavaClass() string { return apache + "client.methods.CloseableHttpResponse" }
func (h *httpResponse) String() string {
	return "HttpResponseProxy{" + h.r.Proto + " " + h.r.Status + "}"
}

// httpHeader is a BasicHeader or a BasicNameValuePair.
type httpHeader struct{ class, name, value string }

func (h *httpHeader) JavaClass() string { return h.class }
func (h *httpHeader) String() string {
	if h.class == apache+"message.BasicHeader" {
		return h.name + ": " + h.value
	}
	return h.name + "=" + h.value
}

// contentType is a ContentType.
type contentType struct{ mime, charset string }

func (*contentType) JavaClass() string { return apache + "entity.ContentType" }
func (t *contentType) String() string {
	if t.charset == "" {
		return t.mime
	}
	return t.mime + "; charset=" + t.charset
}

// credentials are UsernamePasswordCredentials; a provider holds some.
type credentials struct{ class, user, secret string }

func (k *credentials) JavaClass() string { return k.class }

func sortedKeys(h http.Header) []string {
	keys := make([]string, 0, len(h))
	for k := range h {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// execute sends a request.
func (c *Call) execute(s *httpSettings, q *httpRequest) *httpResponse {
	settings := *s
	if q.settings != nil {
		settings.connect, settings.read, settings.redirects = q.settings.connect, q.settings.read, q.settings.redirects
	}
	headers := http.Header{"User-Agent": {"Apache-HttpClient/4.5.13 (Java/17)"}}
	if settings.agent != "" {
		headers.Set("User-Agent", settings.agent)
	}
	for _, h := range settings.headers {
		headers.Add(h.Key.(string), h.Value.(string))
	}
	given := map[string]bool{}
	for _, h := range q.headers {
		name := h.Key.(string)
		if !given[strings.ToLower(name)] {
			headers.Del(name)
			given[strings.ToLower(name)] = true
		}
		headers.Add(name, h.Value.(string))
	}
	r := request{method: q.method, url: q.link.text, headers: headers, connect: settings.connect, read: settings.read,
		user: settings.user, secret: settings.secret,
		redirect: func(next *http.Request, via []*http.Request) error {
			if !settings.redirects || via[0].Method != http.MethodGet && via[0].Method != http.MethodHead && !settings.lax {
				return http.ErrUseLastResponse
			}
			return access.Redirect(next, via)
		}}
	if q.entity != nil {
		r.body, r.hasBody = q.entity.data, true
		if q.entity.mime != "" && headers.Get("Content-Type") == "" {
			headers.Set("Content-Type", q.entity.mime)
		}
		if q.entity.encoding != "" && headers.Get("Content-Encoding") == "" {
			headers.Set("Content-Encoding", q.entity.encoding)
		}
	}
	h := &httpResponse{}
	h.r = c.send(r, h)
	if q.method != http.MethodHead && h.r.StatusCode != http.StatusNoContent && h.r.StatusCode != http.StatusNotModified {
		h.entity = &entityBody{class: apache + "HttpEntity", of: h, mime: h.r.Header.Get("Content-Type"), encoding: h.r.Header.Get("Content-Encoding")}
	}
	return h
}

// content is the stream of an entity.
func (e *entityBody) content() *input {
	if e.in == nil {
		if e.of == nil {
			return newInput("java.io.ByteArrayInputStream", e.data)
		}
		e.in = &input{class: "java.io.InputStream", waits: true,
			source: source{from: e.of.r.Body, mark: -1, closer: closer{close: e.of.end}}}
	}
	return e.in
}

func (e *entityBody) bytes(c *Call) []byte {
	if e.of == nil {
		return e.data
	}
	in := e.content()
	defer func() { c.closed(e.of); in.end() }()
	return in.rest(c)
}

// charsetOf is the charset that a media type names.
func charsetOf(mime string) string {
	for _, p := range strings.Split(mime, ";")[1:] {
		if name, value, ok := strings.Cut(strings.TrimSpace(p), "="); ok && strings.EqualFold(name, "charset") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

func httpClientClasses() []*Class {
	classes := []*Class{
		{Name: apache + "HttpEntity", Methods: entityMethods()},
		{Name: apache + "client.methods.CloseableHttpResponse", Implements: []string{"java.io.Closeable"}, Methods: responseMethods()},
		{Name: apache + "util.EntityUtils", Static: entityUtils()},
	}
	classes = append(classes, clientClasses()...)
	classes = append(classes, requestClasses()...)
	return append(classes, entityClasses()...)
}

func clientClasses() []*Class {
	fresh := func(class string) *httpSettings { return &httpSettings{class: class, redirects: true} }
	client := func(*Call) any { return fresh(apacheImpl + "CloseableHttpClient") }
	builder := func(*Call) any { return fresh(apacheImpl + "HttpClientBuilder") }
	on := func(f func(s *httpSettings, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*httpSettings), c) }
	}
	set := func(f func(s *httpSettings, c *Call)) func(*Call) any {
		return on(func(s *httpSettings, c *Call) any { f(s, c); return s })
	}
	millis := func(c *Call) time.Duration { return time.Duration(max(0, c.Int(0))) * time.Millisecond }
	build := func(class string) func(*Call) any {
		return on(func(s *httpSettings, c *Call) any { t := *s; t.class = class; return &t })
	}
	same := set(func(*httpSettings, *Call) {})
	config := func(s *httpSettings, c *Call) {
		if t, ok := c.Object(0).(*httpSettings); ok {
			s.connect, s.read, s.redirects = t.connect, t.read, t.redirects
		}
	}
	closeClient := func(*Call) any { return Void }
	clientMethods := Methods{
		"execute": on(func(s *httpSettings, c *Call) any {
			i := 0
			if _, ok := c.Object(0).(*httpRequest); !ok {
				i = 1 // behind an HttpHost
			}
			q, ok := c.Object(i).(*httpRequest)
			if !ok {
				panic(c.Throw("java.lang.IllegalArgumentException", "HTTP request may not be null"))
			}
			h := c.execute(s, q)
			if c.Null(i + 1) {
				return h
			}
			defer func() { c.closed(h); h.end() }()
			if _, ok := c.Object(i + 1).(*basicHandler); ok {
				return h.handled(c)
			}
			return Object(c.Func(i + 1)(h))
		}),
		"close":                closeClient,
		"getConnectionManager": func(c *Call) any { return c.This }, "shutdown": closeClient,
		"getParams": func(c *Call) any { return c.This }, "setParameter": same,
	}
	return []*Class{
		{Name: apacheImpl + "HttpClients", Static: Methods{"createDefault": client, "createSystem": client, "createMinimal": client, "custom": builder}},
		{Name: apacheImpl + "CloseableHttpClient", Implements: []string{apache + "client.HttpClient", "java.io.Closeable"}, Methods: clientMethods},
		{Name: apacheImpl + "DefaultHttpClient", Super: apacheImpl + "CloseableHttpClient", New: client},
		{Name: apacheImpl + "HttpClientBuilder", Static: Methods{"create": builder}, Methods: Methods{
			"build":                   build(apacheImpl + "CloseableHttpClient"),
			"setDefaultRequestConfig": set(config),
			"disableRedirectHandling": set(func(s *httpSettings, c *Call) { s.redirects = false }),
			"setRedirectStrategy":     set(func(s *httpSettings, c *Call) { s.lax = true }),
			"setUserAgent":            set(func(s *httpSettings, c *Call) { s.agent = c.field(0) }),
			"setDefaultCredentialsProvider": set(func(s *httpSettings, c *Call) {
				if k, ok := c.Object(0).(*credentials); ok {
					s.user, s.secret = k.user, k.secret
				}
			}),
			"setDefaultHeaders": set(func(s *httpSettings, c *Call) {
				items, _ := c.Items(0)
				for _, item := range items {
					if h, ok := item.(*httpHeader); ok {
						s.headers = append(s.headers, Pair{h.name, h.value})
					}
				}
			}),
			"setMaxConnTotal": same, "setMaxConnPerRoute": same, "disableCookieManagement": same, "disableAutomaticRetries": same,
			"disableContentCompression": same, "useSystemProperties": same, "setConnectionTimeToLive": same, "evictExpiredConnections": same,
		}},
		{Name: apacheImpl + "LaxRedirectStrategy", New: func(*Call) any { return &httpHeader{class: apacheImpl + "LaxRedirectStrategy"} }},
		{Name: apacheImpl + "BasicResponseHandler", New: func(*Call) any { return &basicHandler{} }},
		{Name: apache + "client.config.RequestConfig", Static: Methods{"custom": func(*Call) any { return fresh(apache + "client.config.RequestConfig.Builder") }},
			Constants: map[string]any{"DEFAULT": func() any { return fresh(apache + "client.config.RequestConfig") }}},
		{Name: apache + "client.config.RequestConfig.Builder", Methods: Methods{
			"build":                       build(apache + "client.config.RequestConfig"),
			"setConnectTimeout":           set(func(s *httpSettings, c *Call) { s.connect = millis(c) }),
			"setSocketTimeout":            set(func(s *httpSettings, c *Call) { s.read = millis(c) }),
			"setRedirectsEnabled":         set(func(s *httpSettings, c *Call) { s.redirects = c.Bool(0) }),
			"setConnectionRequestTimeout": same, "setCookieSpec": same, "setAuthenticationEnabled": same, "setExpectContinueEnabled": same,
			"setMaxRedirects": same, "setCircularRedirectsAllowed": same, "setContentCompressionEnabled": same,
		}},
		{Name: apache + "auth.UsernamePasswordCredentials", New: func(c *Call) any {
			user, secret := c.Need(0), c.Text(1)
			if c.Len() == 1 {
				user, secret, _ = strings.Cut(user, ":")
			}
			return &credentials{apache + "auth.UsernamePasswordCredentials", user, secret}
		}},
		{Name: apacheImpl + "BasicCredentialsProvider", New: func(*Call) any { return &credentials{class: apacheImpl + "BasicCredentialsProvider"} }, Methods: Methods{
			"setCredentials": func(c *Call) any {
				if k, ok := c.Object(1).(*credentials); ok {
					mine := c.This.(*credentials)
					mine.user, mine.secret = k.user, k.secret
				}
				return Void
			},
		}},
		{Name: apache + "auth.AuthScope", New: func(c *Call) any { return &httpHeader{class: apache + "auth.AuthScope", name: c.Text(0)} },
			Constants: map[string]any{"ANY": &httpHeader{class: apache + "auth.AuthScope"}, "ANY_HOST": nil, "ANY_PORT": int32(-1)}},
	}
}

// basicHandler is a BasicResponseHandler: the body as text, or an exception.
type basicHandler struct{ _ byte }

func (*basicHandler) JavaClass() string { return apacheImpl + "BasicResponseHandler" }

func (h *httpResponse) handled(c *Call) any {
	if h.r.StatusCode >= 300 {
		_, phrase, _ := strings.Cut(h.r.Status, " ")
		panic(c.Throw("org.apache.http.client.HttpResponseException", "status code: "+Text(h.r.StatusCode)+", reason phrase: "+phrase))
	}
	if h.entity == nil {
		return nil
	}
	return c.entityText(h.entity, "")
}

func requestClasses() []*Class {
	on := func(f func(r *httpRequest, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*httpRequest), c) }
	}
	pair := func(c *Call) Pair {
		if h, ok := c.Object(0).(*httpHeader); ok {
			return Pair{h.name, h.value}
		}
		return Pair{c.field(0), c.field(1)}
	}
	drop := func(r *httpRequest, name string) {
		var kept []Pair
		for _, h := range r.headers {
			if !strings.EqualFold(h.Key.(string), name) {
				kept = append(kept, h)
			}
		}
		r.headers = kept
	}
	const base = apache + "client.methods.HttpRequestBase"
	classes := []*Class{{Name: base, Implements: []string{apache + "client.methods.HttpUriRequest"}, Methods: Methods{
		"setHeader": on(func(r *httpRequest, c *Call) any {
			p := pair(c)
			drop(r, p.Key.(string))
			r.headers = append(r.headers, p)
			return Void
		}),
		"addHeader":     on(func(r *httpRequest, c *Call) any { r.headers = append(r.headers, pair(c)); return Void }),
		"removeHeaders": on(func(r *httpRequest, c *Call) any { drop(r, c.Text(0)); return Void }),
		"getFirstHeader": on(func(r *httpRequest, c *Call) any {
			for _, h := range r.headers {
				if strings.EqualFold(h.Key.(string), c.Text(0)) {
					return &httpHeader{apache + "message.BasicHeader", h.Key.(string), h.Value.(string)}
				}
			}
			return nil
		}),
		"getAllHeaders": on(func(r *httpRequest, c *Call) any {
			var out []any
			for _, h := range r.headers {
				out = append(out, &httpHeader{apache + "message.BasicHeader", h.Key.(string), h.Value.(string)})
			}
			return NewArray(apache+"Header", out)
		}),
		"setEntity": on(func(r *httpRequest, c *Call) any {
			r.entity, _ = c.Object(0).(*entityBody)
			return Void
		}),
		"getEntity": on(func(r *httpRequest, c *Call) any {
			if r.entity == nil {
				return nil
			}
			return r.entity
		}),
		"setConfig":         on(func(r *httpRequest, c *Call) any { r.settings, _ = c.Object(0).(*httpSettings); return Void }),
		"getMethod":         on(func(r *httpRequest, c *Call) any { return r.method }),
		"getURI":            on(func(r *httpRequest, c *Call) any { return r.link }),
		"setURI":            on(func(r *httpRequest, c *Call) any { r.link = c.link(0); return Void }),
		"releaseConnection": on(func(r *httpRequest, c *Call) any { return Void }),
		"abort":             on(func(r *httpRequest, c *Call) any { return Void }),
	}}}
	for name, method := range map[string]string{"HttpGet": "GET", "HttpPost": "POST", "HttpPut": "PUT", "HttpDelete": "DELETE",
		"HttpPatch": "PATCH", "HttpHead": "HEAD", "HttpOptions": "OPTIONS"} {
		class := apache + "client.methods." + name
		classes = append(classes, &Class{Name: class, Super: base, New: func(c *Call) any {
			r := &httpRequest{class: class, method: method, link: &link{"java.net.URI", &url.URL{}, ""}}
			if c.Len() > 0 {
				r.link = c.link(0)
			}
			return r
		}})
	}
	return classes
}

// link returns an argument that is a URI, a URL or the text of one.
func (c *Call) link(i int) *link {
	if l, ok := c.Object(i).(*link); ok {
		return l
	}
	u, err := url.Parse(c.Need(i))
	if err != nil {
		panic(c.Throw("java.lang.IllegalArgumentException", "the text is no URI"))
	}
	return &link{"java.net.URI", u, c.Text(i)}
}

func entityClasses() []*Class {
	make1 := func(class string, f func(c *Call) *entityBody) *Class {
		return &Class{Name: class, Super: apache + "HttpEntity", New: func(c *Call) any {
			e := f(c)
			e.class = class
			return e
		}}
	}
	typed := func(c *Call, i int) string {
		if c.Null(i) {
			return ""
		}
		return c.Text(i)
	}
	header := func(class string) *Class {
		return &Class{Name: class, New: func(c *Call) any { return &httpHeader{class, c.field(0), c.Text(1)} }, Methods: Methods{
			"getName":  func(c *Call) any { return c.This.(*httpHeader).name },
			"getValue": func(c *Call) any { return c.This.(*httpHeader).value },
		}}
	}
	types := map[string]any{}
	for name, t := range map[string]*contentType{"APPLICATION_JSON": {"application/json", "UTF-8"}, "TEXT_PLAIN": {"text/plain", "ISO-8859-1"},
		"TEXT_XML": {"text/xml", "ISO-8859-1"}, "TEXT_HTML": {"text/html", "ISO-8859-1"}, "APPLICATION_XML": {"application/xml", "ISO-8859-1"},
		"APPLICATION_FORM_URLENCODED": {"application/x-www-form-urlencoded", "ISO-8859-1"}, "APPLICATION_OCTET_STREAM": {"application/octet-stream", ""},
		"APPLICATION_SOAP_XML": {"application/soap+xml", "UTF-8"}, "MULTIPART_FORM_DATA": {"multipart/form-data", "ISO-8859-1"}} {
		types[name] = t
	}
	ofType := func(c *Call) any {
		t := &contentType{mime: c.Need(0)}
		if c.Len() > 1 {
			t.charset = typed(c, 1)
		}
		return t
	}
	return []*Class{
		make1(apache+"entity.StringEntity", func(c *Call) *entityBody {
			t := &contentType{"text/plain", "ISO-8859-1"}
			switch v := c.Object(1).(type) {
			case *contentType:
				t = &contentType{v.mime, v.charset}
				if t.charset == "" {
					t.charset = "ISO-8859-1"
				}
				return &entityBody{data: c.encode(c.Need(0), t.charset), mime: v.String()}
			case nil:
			default:
				t.charset = charsetName(c, 1)
			}
			return &entityBody{data: c.encode(c.Need(0), t.charset), mime: t.String()}
		}),
		make1(apache+"entity.ByteArrayEntity", func(c *Call) *entityBody {
			return &entityBody{data: c.Bytes(0), mime: typed(c, 1)}
		}),
		make1(apache+"entity.InputStreamEntity", func(c *Call) *entityBody {
			in, ok := c.Object(0).(*input)
			if !ok {
				panic(c.Throw("java.lang.IllegalArgumentException", "Source input stream may not be null"))
			}
			e := &entityBody{data: in.rest(c)}
			if t, ok := c.Object(c.Len() - 1).(*contentType); ok {
				e.mime = t.String()
			}
			return e
		}),
		make1(apache+"entity.FileEntity", func(c *Call) *entityBody {
			b, err := c.readFile(c.pathArg(0))
			if err != nil {
				panic(c.throwFile(c.pathArg(0), err))
			}
			return &entityBody{data: b, mime: typed(c, 1)}
		}),
		make1(apache+"client.entity.UrlEncodedFormEntity", func(c *Call) *entityBody {
			charset := charsetName(c, 1)
			mime := "application/x-www-form-urlencoded"
			if charset == "" {
				charset = "ISO-8859-1"
			}
			items, _ := c.Items(0)
			var parts []string
			for _, item := range items {
				if p, ok := item.(*httpHeader); ok {
					parts = append(parts, FormEncode(string(c.encode(p.name, charset)))+"="+FormEncode(string(c.encode(p.value, charset))))
				}
			}
			return &entityBody{data: []byte(strings.Join(parts, "&")), mime: mime + "; charset=" + charset}
		}),
		header(apache + "message.BasicHeader"), header(apache + "message.BasicNameValuePair"),
		{Name: apache + "entity.ContentType", Constants: types, Static: Methods{"create": ofType, "parse": func(c *Call) any {
			mime, _, _ := strings.Cut(c.Need(0), ";")
			return &contentType{strings.TrimSpace(mime), charsetOf(c.Text(0))}
		}}, Methods: Methods{
			"getMimeType": func(c *Call) any { return c.This.(*contentType).mime },
			"withCharset": func(c *Call) any { return &contentType{c.This.(*contentType).mime, charsetName(c, 0)} },
		}},
		{Name: apache + "HttpHeaders", Constants: map[string]any{"CONTENT_TYPE": "Content-Type", "ACCEPT": "Accept", "AUTHORIZATION": "Authorization",
			"USER_AGENT": "User-Agent", "CONTENT_LENGTH": "Content-Length", "CONTENT_ENCODING": "Content-Encoding", "LOCATION": "Location"}},
	}
}

func entityMethods() Methods {
	on := func(f func(e *entityBody, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*entityBody), c) }
	}
	header := func(name string, value func(e *entityBody) string) func(*Call) any {
		return on(func(e *entityBody, c *Call) any {
			if v := value(e); v != "" {
				return &httpHeader{apache + "message.BasicHeader", name, v}
			}
			return nil
		})
	}
	return Methods{
		"getContent": on(func(e *entityBody, c *Call) any { return e.content() }),
		"getContentLength": on(func(e *entityBody, c *Call) any {
			if e.of != nil {
				return float64(e.of.r.ContentLength)
			}
			return float64(len(e.data))
		}),
		"getContentType":     header("Content-Type", func(e *entityBody) string { return e.mime }),
		"getContentEncoding": header("Content-Encoding", func(e *entityBody) string { return e.encoding }),
		"setContentType":     on(func(e *entityBody, c *Call) any { e.mime = c.field(0); return Void }),
		"setContentEncoding": on(func(e *entityBody, c *Call) any { e.encoding = c.field(0); return Void }),
		"setChunked":         on(func(e *entityBody, c *Call) any { return Void }),
		"isRepeatable":       on(func(e *entityBody, c *Call) any { return e.of == nil }),
		"isStreaming":        on(func(e *entityBody, c *Call) any { return e.of != nil }),
		"writeTo": on(func(e *entityBody, c *Call) any {
			_, err := c.sink(0).Write(e.bytes(c))
			c.must(err)
			return Void
		}),
	}
}

func (c *Call) entityText(e *entityBody, otherwise string) string {
	charset := charsetOf(e.mime)
	if charset == "" {
		charset = otherwise
	}
	if charset == "" {
		charset = "ISO-8859-1" // as EntityUtils has it, whatever the type
		if mime, _, _ := strings.Cut(e.mime, ";"); strings.TrimSpace(mime) == "application/json" {
			charset = "UTF-8"
		}
	}
	return c.decode(e.bytes(c), charset)
}

func entityUtils() Methods {
	entity := func(c *Call) *entityBody {
		if e, ok := c.Object(0).(*entityBody); ok {
			return e
		}
		panic(c.Throw("java.lang.IllegalArgumentException", "Entity may not be null"))
	}
	consume := func(c *Call) any {
		if e, ok := c.Object(0).(*entityBody); ok && e.of != nil {
			io.CopyN(io.Discard, e.content(), 64<<10) // so that the connection can be used again
			c.closed(e.of)
			e.of.end()
		}
		return Void
	}
	return Methods{
		"toString":    func(c *Call) any { return c.entityText(entity(c), charsetName(c, 1)) },
		"toByteArray": func(c *Call) any { return entity(c).bytes(c) },
		"consume":     consume, "consumeQuietly": consume,
	}
}

func responseMethods() Methods {
	on := func(f func(h *httpResponse, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*httpResponse), c) }
	}
	headers := func(h *httpResponse, want string) []any {
		var out []any
		for _, name := range sortedKeys(h.r.Header) {
			for _, value := range h.r.Header[name] {
				if want == "" || strings.EqualFold(want, name) {
					out = append(out, &httpHeader{apache + "message.BasicHeader", name, value})
				}
			}
		}
		return out
	}
	return Methods{
		// The status line is the response itself: it has its methods.
		"getStatusLine":      on(func(h *httpResponse, c *Call) any { return h }),
		"getStatusCode":      on(func(h *httpResponse, c *Call) any { return h.r.StatusCode }),
		"getReasonPhrase":    on(func(h *httpResponse, c *Call) any { return reasonPhrase(h.r) }),
		"getProtocolVersion": on(func(h *httpResponse, c *Call) any { return h.r.Proto }),
		"getEntity": on(func(h *httpResponse, c *Call) any {
			if h.entity == nil {
				return nil
			}
			return h.entity
		}),
		"getAllHeaders": on(func(h *httpResponse, c *Call) any { return NewArray(apache+"Header", headers(h, "")) }),
		"getHeaders":    on(func(h *httpResponse, c *Call) any { return NewArray(apache+"Header", headers(h, c.Text(0))) }),
		"getFirstHeader": on(func(h *httpResponse, c *Call) any {
			if found := headers(h, c.Text(0)); len(found) > 0 {
				return found[0]
			}
			return nil
		}),
		"containsHeader": on(func(h *httpResponse, c *Call) any { return len(headers(h, c.Text(0))) > 0 }),
		"close":          on(func(h *httpResponse, c *Call) any { c.closed(h); h.end(); return Void }),
	}
}
