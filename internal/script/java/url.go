package java

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/weir-health/weir/internal/script/access"
)

// connection is an HttpURLConnection. The request is sent when something of the
// response is asked for.
type connection struct {
	closer
	class   string
	l       *link
	method  string
	headers http.Header
	body    *output // nil until the script wants to send one
	output  bool
	follow  bool
	connect time.Duration
	read    time.Duration

	response *http.Response
	in       *input
}

func (h *connection) JavaClass() string { return h.class }
func (h *connection) String() string    { return h.class + ":" + h.l.text }

func (c *Call) newConnection(l *link) *connection {
	class := "java.net.HttpURLConnection"
	switch strings.ToLower(l.u.Scheme) {
	case "https":
		class = "javax.net.ssl.HttpsURLConnection"
	case "http":
	default:
		panic(c.Throw("java.io.IOException", "URLs of the protocol "+l.u.Scheme+" are not opened; http, https and file are"))
	}
	return &connection{class: class, l: l, method: "GET", headers: http.Header{}, follow: true}
}

// openLink is URL.openStream.
func (c *Call) openLink(l *link) *input {
	if strings.EqualFold(l.u.Scheme, "file") {
		return c.fileInput(l.u.Path, "java.io.FileInputStream")
	}
	return c.newConnection(l).input(c)
}

// send sends the request, once.
func (h *connection) send(c *Call) *http.Response {
	if h.response != nil {
		return h.response
	}
	if h.done {
		panic(c.Throw("java.net.SocketException", "Socket closed"))
	}
	var body []byte
	if h.output && h.body != nil {
		body = h.body.b.Bytes()
		if h.method == "GET" {
			h.method = "POST"
		}
	}
	defaults := map[string]string{"User-Agent": "Java/17", "Accept": "text/html, image/gif, image/jpeg, */*; q=0.2"}
	if h.method == "POST" && h.body != nil {
		defaults["Content-Type"] = "application/x-www-form-urlencoded"
	}
	for name, value := range defaults {
		if h.headers.Get(name) == "" {
			h.headers.Set(name, value)
		}
	}
	r := request{method: h.method, url: h.l.text, headers: h.headers, body: body, hasBody: h.body != nil, connect: h.connect, read: h.read,
		redirect: func(next *http.Request, via []*http.Request) error {
			if !h.follow || next.URL.Scheme != via[0].URL.Scheme {
				return http.ErrUseLastResponse
			}
			return access.Redirect(next, via)
		}}
	h.response = c.send(r, h)
	if final := h.response.Request.URL; final != nil && final.String() != h.l.u.String() {
		h.l = &link{h.l.class, final, final.String()}
	}
	return h.response
}

// request is one to be sent.
type request struct {
	method, url   string
	headers       http.Header
	body          []byte
	hasBody       bool
	connect, read time.Duration
	redirect      func(next *http.Request, via []*http.Request) error
	user, secret  string
}

// send sends a request and registers owner, whose Release closes the body.
func (c *Call) send(r request, owner interface {
	Handle
	onEnd(func() error)
}) *http.Response {
	c.mayOpen()
	ctx, cancel := context.WithCancel(c.VM.Context)
	// The time to connect and that for the response, each from where it begins.
	var late *time.Timer
	if wait := r.connect + r.read; r.read > 0 {
		late = time.AfterFunc(wait, cancel)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, nil)
	if err != nil {
		cancel()
		panic(c.Throw("java.net.MalformedURLException", "the URL or method cannot be used"))
	}
	if r.hasBody {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(r.body)), int64(len(r.body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.body)), nil }
		if len(r.body) == 0 {
			req.Body = http.NoBody
		}
	}
	req.Header = r.headers.Clone()
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	if r.secret != "" || r.user != "" {
		req.SetBasicAuth(r.user, r.secret)
	}
	client := http.Client{Transport: c.grants().Transport(), CheckRedirect: r.redirect}
	response, err := client.Do(req)
	timedOut := late != nil && !late.Stop()
	if err != nil {
		cancel()
		if timedOut {
			panic(c.Throw("java.net.SocketTimeoutException", "Read timed out"))
		}
		panic(c.throwNet(req.URL.Hostname(), err))
	}
	owner.onEnd(func() error {
		cancel()
		return response.Body.Close()
	})
	c.opened(owner)
	if response.Body == http.NoBody {
		c.closed(owner)
		owner.Release()
		return response
	}
	vm := c.VM
	response.Body = &spent{response.Body, func() { delete(vm.handles, owner); owner.Release() }}
	return response
}

// spent is a body that lets go of its connection when it has been read.
type spent struct {
	io.ReadCloser
	release func()
}

func (s *spent) Read(b []byte) (int, error) {
	n, err := s.ReadCloser.Read(b)
	if err == io.EOF && s.release != nil {
		release := s.release
		s.release = nil
		release()
	}
	return n, err
}

func (s *closer) onEnd(f func() error) { s.close = f }

// stream is the body of the response.
func (h *connection) stream(c *Call) *input {
	r := h.send(c)
	if h.in == nil {
		h.in = &input{class: "java.io.InputStream", source: source{from: r.Body, mark: -1, closer: closer{close: func() error {
			return h.end()
		}}}, waits: true}
	}
	return h.in
}

// input is getInputStream, which gives no body of a failure.
func (h *connection) input(c *Call) *input {
	switch code := h.send(c).StatusCode; {
	case code == http.StatusNotFound || code == http.StatusGone:
		panic(c.Throw("java.io.FileNotFoundException", h.l.text))
	case code >= 400:
		panic(c.Throw("java.io.IOException", "Server returned HTTP response code: "+strconv.Itoa(code)+" for URL: "+h.l.text))
	}
	return h.stream(c)
}

func connectionClasses() []*Class {
	on := func(f func(h *connection, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*connection), c) }
	}
	set := func(f func(h *connection, c *Call)) func(*Call) any {
		return func(c *Call) any { f(c.This.(*connection), c); return Void }
	}
	millis := func(c *Call) time.Duration {
		if c.Int(0) < 0 {
			panic(c.Throw("java.lang.IllegalArgumentException", "timeouts can't be negative"))
		}
		return time.Duration(c.Int(0)) * time.Millisecond
	}
	header := func(h *connection, c *Call, name string) any {
		if values := h.send(c).Header.Values(name); len(values) > 0 {
			return values[len(values)-1]
		}
		return nil
	}
	void := func(*Call) any { return Void }
	const url = "java.net.URLConnection"
	methods := Methods{
		"setRequestMethod": set(func(h *connection, c *Call) {
			switch m := c.Need(0); m {
			case "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE":
				h.method = m
			default: // as Java has it: there is no PATCH
				panic(c.Throw("java.net.ProtocolException", "Invalid HTTP method: "+m))
			}
		}),
		"getRequestMethod":           on(func(h *connection, c *Call) any { return h.method }),
		"setRequestProperty":         set(func(h *connection, c *Call) { h.headers.Set(c.field(0), c.field(1)) }),
		"addRequestProperty":         set(func(h *connection, c *Call) { h.headers.Add(c.field(0), c.field(1)) }),
		"getRequestProperty":         on(func(h *connection, c *Call) any { return nullable(h.headers.Get(c.Text(0))) }),
		"setDoOutput":                set(func(h *connection, c *Call) { h.output = c.Bool(0) }),
		"getDoOutput":                on(func(h *connection, c *Call) any { return h.output }),
		"setConnectTimeout":          set(func(h *connection, c *Call) { h.connect = millis(c) }),
		"setReadTimeout":             set(func(h *connection, c *Call) { h.read = millis(c) }),
		"getConnectTimeout":          on(func(h *connection, c *Call) any { return int(h.connect.Milliseconds()) }),
		"getReadTimeout":             on(func(h *connection, c *Call) any { return int(h.read.Milliseconds()) }),
		"setInstanceFollowRedirects": set(func(h *connection, c *Call) { h.follow = c.Bool(0) }),
		"setDoInput":                 void, "setUseCaches": void, "setDefaultUseCaches": void, "setAllowUserInteraction": void,
		"setFixedLengthStreamingMode": void, "setChunkedStreamingMode": void,
		"connect": on(func(h *connection, c *Call) any {
			c.throwDenied(c.grants().Host(h.l.u.Hostname(), portOf(h.l)))
			return Void
		}),
		"getOutputStream": on(func(h *connection, c *Call) any {
			if !h.output {
				panic(c.Throw("java.net.ProtocolException", "cannot write to a URLConnection if doOutput=false - call setDoOutput(true)"))
			}
			if h.response != nil {
				panic(c.Throw("java.net.ProtocolException", "Cannot write output after reading input."))
			}
			if h.body == nil {
				h.body = &output{class: "java.io.ByteArrayOutputStream"}
			}
			return h.body
		}),
		"getInputStream": on(func(h *connection, c *Call) any { return h.input(c) }),
		"getErrorStream": on(func(h *connection, c *Call) any {
			if h.response == nil || h.response.StatusCode < 400 {
				return nil
			}
			return h.stream(c)
		}),
		"getContent":         on(func(h *connection, c *Call) any { return h.input(c) }),
		"getResponseCode":    on(func(h *connection, c *Call) any { return h.send(c).StatusCode }),
		"getResponseMessage": on(func(h *connection, c *Call) any { return reasonPhrase(h.send(c)) }),
		"getHeaderField": on(func(h *connection, c *Call) any {
			if !c.IsNumber(0) {
				return header(h, c, c.Text(0))
			}
			lines := headerLines(h.send(c))
			if i := c.Int(0); i >= 0 && i < len(lines) {
				return lines[i].Value
			}
			return nil
		}),
		"getHeaderFieldKey": on(func(h *connection, c *Call) any {
			lines := headerLines(h.send(c))
			if i := c.Int(0); i > 0 && i < len(lines) {
				return lines[i].Key
			}
			return nil
		}),
		"getHeaderFieldInt": on(func(h *connection, c *Call) any {
			if s, ok := header(h, c, c.Text(0)).(string); ok {
				if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil {
					return n
				}
			}
			return c.Int(1)
		}),
		"getHeaderFields": on(func(h *connection, c *Call) any {
			m := newMap("java.util.Map", linked)
			for _, line := range headerLines(h.send(c)) {
				if l, ok := m.Get(line.Key); ok {
					l.(*List).Add(line.Value)
				} else {
					m.set(line.Key, NewList(line.Value))
				}
			}
			return m
		}),
		"getContentType":     on(func(h *connection, c *Call) any { return header(h, c, "Content-Type") }),
		"getContentEncoding": on(func(h *connection, c *Call) any { return header(h, c, "Content-Encoding") }),
		"getContentLength":   on(func(h *connection, c *Call) any { return int(h.send(c).ContentLength) }),
		"getLastModified": on(func(h *connection, c *Call) any {
			t, err := http.ParseTime(h.send(c).Header.Get("Last-Modified"))
			if err != nil {
				return 0.0
			}
			return float64(t.UnixMilli())
		}),
		"getURL": on(func(h *connection, c *Call) any { return h.l }),
		"disconnect": on(func(h *connection, c *Call) any {
			c.closed(h)
			h.end()
			return Void
		}),
	}
	return []*Class{
		{Name: url, Methods: methods},
		{Name: "java.net.HttpURLConnection", Super: url, Static: Methods{"setFollowRedirects": void}, Constants: map[string]any{
			"HTTP_OK": int32(200), "HTTP_CREATED": int32(201), "HTTP_ACCEPTED": int32(202), "HTTP_NO_CONTENT": int32(204),
			"HTTP_MOVED_PERM": int32(301), "HTTP_MOVED_TEMP": int32(302), "HTTP_BAD_REQUEST": int32(400), "HTTP_UNAUTHORIZED": int32(401),
			"HTTP_FORBIDDEN": int32(403), "HTTP_NOT_FOUND": int32(404), "HTTP_INTERNAL_ERROR": int32(500), "HTTP_UNAVAILABLE": int32(503),
		}},
		{Name: "javax.net.ssl.HttpsURLConnection", Super: "java.net.HttpURLConnection"},
	}
}

// field is an argument that becomes a header: it must stay on its line.
func (c *Call) field(i int) string {
	s := c.Text(i)
	if strings.ContainsAny(s, "\r\n\x00") {
		panic(c.Throw("java.lang.IllegalArgumentException", "Illegal character(s) in message header"))
	}
	return s
}

func portOf(l *link) string {
	_, port, _ := net.SplitHostPort(access.URLPlace(l.u))
	return port
}

func reasonPhrase(r *http.Response) any {
	_, phrase, _ := strings.Cut(r.Status, " ")
	return nullable(phrase)
}

// headerLines are the status line, with a null key, and the headers by name.
func headerLines(r *http.Response) []Pair {
	lines := []Pair{{nil, r.Proto + " " + r.Status}}
	for _, name := range sortedKeys(r.Header) {
		for _, value := range r.Header[name] {
			lines = append(lines, Pair{name, value})
		}
	}
	return lines
}

// socket is a java.net.Socket of a client.
type socket struct {
	closer
	conn      net.Conn
	timeout   time.Duration // of reads; 0 is none
	in        *input
	out       *output
	host      string
	port      int
	connected bool
}

func (*socket) JavaClass() string { return "java.net.Socket" }

func (s *socket) Read(b []byte) (int, error) {
	if s.timeout > 0 {
		s.conn.SetReadDeadline(time.Now().Add(s.timeout))
	} else {
		s.conn.SetReadDeadline(time.Time{})
	}
	return s.conn.Read(b)
}

func (s *socket) dial(c *Call, host string, port int, wait time.Duration) {
	c.mayOpen()
	ctx, cancel := c.VM.Context, context.CancelFunc(func() {})
	if wait > 0 {
		ctx, cancel = context.WithTimeout(ctx, wait)
	}
	defer cancel()
	conn, err := c.grants().Dial(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		if wait > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) && c.VM.Context.Err() == nil {
			panic(c.Throw("java.net.SocketTimeoutException", "connect timed out"))
		}
		panic(c.throwNet(host, err))
	}
	stop := context.AfterFunc(c.VM.Context, func() { conn.Close() })
	s.conn, s.host, s.port, s.connected = conn, host, port, true
	s.close = func() error {
		stop()
		return conn.Close()
	}
	c.opened(s)
}

// endpoint is an InetSocketAddress.
type endpoint struct {
	host string
	port int
}

func (*endpoint) JavaClass() string { return "java.net.InetSocketAddress" }
func (e *endpoint) String() string  { return e.host + ":" + strconv.Itoa(e.port) }

// inet is an InetAddress.
type inet struct{ name, address string }

func (*inet) JavaClass() string { return "java.net.InetAddress" }
func (a *inet) String() string  { return a.name + "/" + a.address }

// hostArg is an argument that is a host: its name or an InetAddress.
func (c *Call) hostArg(i int) string {
	if a, ok := c.Object(i).(*inet); ok {
		return a.address
	}
	return c.Need(i)
}

func socketClasses() []*Class {
	on := func(f func(s *socket, c *Call) any) func(*Call) any {
		return func(c *Call) any { return f(c.This.(*socket), c) }
	}
	open := func(s *socket, c *Call) {
		switch {
		case s.done:
			panic(c.Throw("java.net.SocketException", "Socket is closed"))
		case s.conn == nil:
			panic(c.Throw("java.net.SocketException", "Socket is not connected"))
		}
	}
	void := func(*Call) any { return Void }
	at := func(f func(a *inet) any) func(*Call) any { return func(c *Call) any { return f(c.This.(*inet)) } }
	resolve := func(c *Call) []any {
		host := c.Text(0)
		if host == "" {
			return []any{&inet{"localhost", "127.0.0.1"}}
		}
		c.throwDenied(c.grants().Host(host, ""))
		if net.ParseIP(host) != nil {
			return []any{&inet{"", host}}
		}
		found, err := net.DefaultResolver.LookupHost(c.VM.Context, host)
		if err != nil || len(found) == 0 {
			panic(c.Throw("java.net.UnknownHostException", host+": Name or service not known"))
		}
		out := make([]any, len(found))
		for i, a := range found {
			out[i] = &inet{host, a}
		}
		return out
	}
	return []*Class{
		{Name: "java.net.Socket", Implements: []string{"java.io.Closeable", "java.lang.AutoCloseable"},
			New: func(c *Call) any {
				s := &socket{}
				if c.Len() >= 2 {
					s.dial(c, c.hostArg(0), c.Int(1), 0)
				}
				return s
			},
			Methods: Methods{
				"connect": on(func(s *socket, c *Call) any {
					to, ok := c.Object(0).(*endpoint)
					if !ok {
						panic(c.Throw("java.lang.IllegalArgumentException", "connect: The address can't be null"))
					}
					if s.connected {
						panic(c.Throw("java.net.SocketException", "already connected"))
					}
					wait := time.Duration(0)
					if c.Len() > 1 {
						wait = time.Duration(c.Int(1)) * time.Millisecond
					}
					s.dial(c, to.host, to.port, wait)
					return Void
				}),
				"getInputStream": on(func(s *socket, c *Call) any {
					open(s, c)
					if s.in == nil {
						s.in = &input{class: "java.io.InputStream", source: source{from: s, mark: -1, closer: closer{close: s.end}}, waits: true}
					}
					return s.in
				}),
				"getOutputStream": on(func(s *socket, c *Call) any {
					open(s, c)
					if s.out == nil {
						s.out = &output{class: "java.io.OutputStream", to: s.conn, closer: closer{close: s.end}}
					}
					return s.out
				}),
				"setSoTimeout":  on(func(s *socket, c *Call) any { s.timeout = time.Duration(c.Int(0)) * time.Millisecond; return Void }),
				"getSoTimeout":  on(func(s *socket, c *Call) any { return int(s.timeout.Milliseconds()) }),
				"isConnected":   on(func(s *socket, c *Call) any { return s.connected }),
				"isClosed":      on(func(s *socket, c *Call) any { return s.done }),
				"getPort":       on(func(s *socket, c *Call) any { return s.port }),
				"setTcpNoDelay": void, "setKeepAlive": void, "setReuseAddress": void, "setSoLinger": void,
				"shutdownOutput": on(func(s *socket, c *Call) any {
					open(s, c)
					if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
						c.must(half.CloseWrite())
					}
					return Void
				}),
				"shutdownInput": void,
				"close":         on(func(s *socket, c *Call) any { c.closed(s); s.end(); return Void }),
			}},
		{Name: "java.net.InetSocketAddress", New: func(c *Call) any { return &endpoint{c.hostArg(0), c.Int(1)} }, Methods: Methods{
			"getHostName": func(c *Call) any { return c.This.(*endpoint).host }, "getPort": func(c *Call) any { return c.This.(*endpoint).port },
		}},
		{Name: "java.net.InetAddress", Static: Methods{
			"getByName":    func(c *Call) any { return resolve(c)[0] },
			"getAllByName": func(c *Call) any { return NewArray("java.net.InetAddress", resolve(c)) },
			// What the engine's own computer is called is no secret.
			"getLocalHost": func(c *Call) any {
				name, _ := os.Hostname()
				address := "127.0.0.1"
				if found, err := net.DefaultResolver.LookupHost(c.VM.Context, name); err == nil && len(found) > 0 {
					address = found[0]
				}
				return &inet{name, address}
			},
			"getLoopbackAddress": func(*Call) any { return &inet{"localhost", "127.0.0.1"} },
		}, Methods: Methods{
			"getHostAddress": at(func(a *inet) any { return a.address }),
			"getHostName": at(func(a *inet) any {
				if a.name == "" {
					return a.address
				}
				return a.name
			}),
			"getCanonicalHostName": at(func(a *inet) any {
				if a.name == "" {
					return a.address
				}
				return a.name
			}),
			"getAddress": at(func(a *inet) any {
				ip := net.ParseIP(a.address)
				if four := ip.To4(); four != nil {
					return []byte(four)
				}
				return []byte(ip)
			}),
			"isLoopbackAddress": at(func(a *inet) any { return net.ParseIP(a.address).IsLoopback() }),
			// Without the rights that ICMP takes, Java asks the port echo: an answer,
			// be it a refusal, counts.
			"isReachable": func(c *Call) any {
				ctx, cancel := context.WithTimeout(c.VM.Context, time.Duration(c.Int(0))*time.Millisecond)
				defer cancel()
				conn, err := c.grants().Dial(ctx, "tcp", net.JoinHostPort(c.This.(*inet).address, "7"))
				if err == nil {
					conn.Close()
					return true
				}
				c.throwDenied(err)
				return strings.Contains(err.Error(), "refused")
			},
		}},
	}
}
