package http

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

// listen starts a listener that is stopped with the test.
func listen(t testing.TB, e *connectortest.Engine, settings config.Group) *Listener {
	t.Helper()
	l := new(Listener)
	connectortest.Start(t, l, e, append(connectortest.Settings(connectortest.Loopback()...), settings...))
	t.Cleanup(func() { connectortest.Stop(t, l) })
	return l
}

func (l *Listener) url(path string) string { return "http://" + l.Addr().String() + path }

// client neither follows redirects nor asks for compression.
var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       connectortest.Limit,
}

// answer is what came back for a request.
type answer struct {
	*http.Response
	body string
}

// ask makes a request; header is names and values in turn.
func ask(t testing.TB, method, url, body string, header ...string) answer {
	t.Helper()
	res, text := connectortest.Ask(t, client, method, url, body, header...)
	return answer{res, text}
}

func TestListenerSettings(t *testing.T) {
	connectortest.Declared(t, new(Listener))
	var l Listener
	connectortest.Decode(t, &l, connectortest.Export(t, "testdata/listener.xml"))
	if l.Server.Listen.Port.Text != "8090" || l.Reply.Headers[0].Values[0].Text != "${code}-x" || len(l.Static.Group) != 1 || len(l.Server.Plugins.Group) != 1 {
		t.Errorf("listener: %+v", &l)
	}
}

// poster sends messages by POST.
type poster struct {
	t *testing.T
	l *Listener
}

func (p poster) Send(text string) bool {
	res, err := client.Post(p.l.url("/"), "text/plain; charset=UTF-8", strings.NewReader(text))
	if err != nil {
		return false
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode == 200
}

func (p poster) Cut() {
	conn, err := net.Dial("tcp", p.l.Addr().String())
	if err != nil {
		p.t.Fatal(err)
	}
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nMSH|")
	conn.Close()
}

func TestListenerSuite(t *testing.T) {
	connectortest.Source(t, connectortest.SourceCase{
		Settings: func(*testing.T) []string { return connectortest.Loopback() },
		New:      func() weir.Source { return new(Listener) },
		Peer:     func(t *testing.T, s weir.Source) connectortest.Peer { return poster{t, s.(*Listener)} },
	})
}

func TestContextPath(t *testing.T) {
	for _, c := range []struct {
		setting, path string
		status        int
		location      string
	}{
		{"", "/", 200, ""},
		{"", "/some/path", 200, ""},
		{"/x", "/x", 302, "/x/"},
		{"x/", "/x?a=1", 302, "/x/?a=1"},
		{"/x", "/x/", 200, ""},
		{"/x", "/x/y/z", 200, ""},
		{"/x", "/xy", 404, ""},
		{"/x", "/", 404, ""},
		{"/a/b", "/a", 404, ""},
		{"/a/b", "/a/b/", 200, ""},
		{"/a b", "/a%20b/c", 200, ""},
	} {
		e := &connectortest.Engine{}
		l := listen(t, e, connectortest.Settings("contextPath", c.setting))
		got := ask(t, "POST", l.url(c.path), "m")
		if got.StatusCode != c.status || got.Header.Get("Location") != c.location {
			t.Errorf("context path %q, request %s: %d %q, want %d %q", c.setting, c.path, got.StatusCode, got.Header.Get("Location"), c.status, c.location)
		}
		if kept := len(e.Kept()); (kept == 1) != (c.status == 200) {
			t.Errorf("context path %q, request %s: %d messages", c.setting, c.path, kept)
		}
	}
}

func TestBody(t *testing.T) {
	long := strings.Repeat("x", 60)
	for _, c := range []struct {
		name, method, body string
		header             []string
		text               string
		binary             bool
	}{
		{"named charset", "POST", "M\xfc", []string{"Content-Type", "text/plain; charset=ISO-8859-1"}, "Mü", false},
		{"charset in quotes", "POST", "Mü", []string{"Content-Type", `text/plain; charset="utf-8"`}, "Mü", false},
		{"text without charset", "POST", "Mü", []string{"Content-Type", "text/plain"}, "MÃ¼", false},
		{"no type", "POST", "Mü", nil, "MÃ¼", false},
		{"broken type", "POST", "Mü", []string{"Content-Type", ";"}, "MÃ¼", false},
		{"json", "POST", "Mü", []string{"Content-Type", "application/json"}, "Mü", false},
		{"fhir json", "POST", "Mü", []string{"Content-Type", "application/fhir+json"}, "MÃ¼", false},
		{"xml", "POST", "Mü", []string{"Content-Type", "application/xml"}, "MÃ¼", false},
		{"binary", "POST", long, []string{"Content-Type", "application/pdf"}, base64.StdEncoding.EncodeToString([]byte(long))[:76] + "\r\n" + base64.StdEncoding.EncodeToString([]byte(long))[76:] + "\r\n", true},
		{"image", "PUT", "a", []string{"Content-Type", "image/png"}, "YQ==\r\n", true},
		{"gzip", "POST", zipped("hello"), []string{"Content-Encoding", "gzip"}, "hello", false},
		{"x-gzip", "POST", zipped("hello"), []string{"Content-Encoding", "X-GZIP"}, "hello", false},
		{"empty gzip", "POST", "", []string{"Content-Encoding", "gzip"}, "", false},
		{"get", "GET", "", nil, "", false},
		{"delete with a body", "DELETE", "m", nil, "m", false},
		{"own method", "FETCH", "m", nil, "m", false},
		{"form", "POST", "a=1", []string{"Content-Type", "application/x-www-form-urlencoded"}, "", false},
		{"form by another method", "PATCH", "a=1", []string{"Content-Type", "application/x-www-form-urlencoded"}, "YT0x\r\n", true},
		{"line ends", "POST", "MSH|\r\nPID|\rOBX|\n", []string{"Content-Type", "text/plain"}, "MSH|\r\nPID|\rOBX|\n", false},
	} {
		e := &connectortest.Engine{}
		l := listen(t, e, nil)
		if got := ask(t, c.method, l.url("/"), c.body, c.header...); got.StatusCode != 200 {
			t.Errorf("%s: status %d: %s", c.name, got.StatusCode, got.body)
			continue
		}
		if in := e.Kept()[0]; in.Text != c.text || in.Binary != c.binary {
			t.Errorf("%s: message %q, binary %v; want %q, %v", c.name, in.Text, in.Binary, c.text, c.binary)
		}
	}
}

func TestRefusedBodies(t *testing.T) {
	for _, c := range []struct {
		name, body string
		header     []string
		settings   []string
		status     int
	}{
		{"too large", strings.Repeat("x", 1001), nil, nil, 413},
		{"gzip bomb", zipped(strings.Repeat("0", 10<<20)), []string{"Content-Encoding", "gzip"}, []string{"maxBodyBytes", "20000"}, 413},
		{"not gzip", connectortest.Secret, []string{"Content-Encoding", "gzip"}, nil, 400},
		{"cut gzip", zipped("hello")[:15], []string{"Content-Encoding", "gzip"}, nil, 400},
		{"charset not known", connectortest.Secret, []string{"Content-Type", "text/plain; charset=utf-9"}, nil, 415},
		{"binary in a batch", connectortest.Secret, []string{"Content-Type", "image/png"}, []string{"sourceConnectorProperties.processBatch", "true"}, 415},
		{"header too large", "", []string{"X-A", strings.Repeat("x", 70000)}, nil, 431},
		{"too many parameters", strings.Repeat("&", 20000), []string{"Content-Type", "application/x-www-form-urlencoded"}, []string{"maxBodyBytes", "30000"}, 413},
	} {
		e := &connectortest.Engine{}
		l := listen(t, e, connectortest.Settings(append([]string{"maxBodyBytes", "1000"}, c.settings...)...))
		got := ask(t, "POST", l.url("/"), c.body, c.header...)
		if got.StatusCode != c.status || len(e.Kept()) != 0 || strings.Contains(got.body, connectortest.Secret) {
			t.Errorf("%s: status %d, %q, %d messages; want %d", c.name, got.StatusCode, got.body, len(e.Kept()), c.status)
		}
	}
}

// A chunked body has no length that could be looked at first.
func TestHugeChunked(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, connectortest.Settings("maxBodyBytes", "100000"))
	r, _ := http.NewRequest("POST", l.url("/"), io.MultiReader(strings.NewReader(strings.Repeat("x", 100001))))
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 413 || len(e.Kept()) != 0 {
		t.Errorf("status %d, %d messages", res.StatusCode, len(e.Kept()))
	}
}

// raw sends bytes and returns what comes back until the end.
func raw(t *testing.T, l *Listener, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(connectortest.Limit))
	io.WriteString(conn, text)
	b, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the connection was not ended")
	}
	return string(b)
}

func TestSlowAndCut(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		text     string
		want     string // in the answer; "" for none
	}{
		{"nothing comes", []string{"timeout", "60"}, "", ""},
		{"half a header", []string{"timeout", "60"}, "POST / HTTP/1.1\r\nHo", ""},
		{"half a body", []string{"timeout", "60"}, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nMSH", "408"},
		{"half a body, no idle limit", []string{"timeout", "0", "requestTimeout", "60"}, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nMSH", "408"},
		{"not a chunk", nil, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
		{"two lengths", nil, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nMSH", "400"},
		{"not HTTP", nil, "\x0bMSH|^~\\&|\x1c\r\n\r\n", "400"},
	} {
		e := &connectortest.Engine{}
		l := listen(t, e, connectortest.Settings(c.settings...))
		got := raw(t, l, c.text)
		if !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "200") || len(e.Kept()) != 0 {
			t.Errorf("%s: %q, %d messages; want %q", c.name, got, len(e.Kept()), c.want)
		}
	}
}

// A kept connection brings message after message, and is closed when it is idle.
func TestKeepAlive(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, connectortest.Settings("timeout", "200"))
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(connectortest.Limit))
	r := bufio.NewReader(conn)
	for range 3 {
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nm")
		res, err := http.ReadResponse(r, nil)
		if err != nil || res.StatusCode != 200 {
			t.Fatal(res, err)
		}
		io.Copy(io.Discard, res.Body)
	}
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection: %v, want its end", err)
	}
	e.UntilEvent(t, "disconnected", 1)
}

func TestSourceMap(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, nil)
	ask(t, "POST", l.url("/some/p%C3%A4th?a=1&b=2&b=%C3%A9+x&%zz"), "hello", "X-Site", "North", "Accept", "a", "Accept", "b")
	m := e.Kept()[0].SourceMap
	host, port := endpoint(l.Addr().String())
	want := map[string]any{
		"method": "POST", "protocol": "HTTP/1.1", "query": "a=1&b=2&b=%C3%A9+x&%zz", "contextPath": "/some/p%C3%A4th",
		"uri": "/some/p%C3%A4th?a=1&b=2&b=%C3%A9+x&%zz", "url": l.url("/some/p%C3%A4th"), "remoteAddress": "127.0.0.1", "localAddress": host, "localPort": port,
	}
	for name, v := range want {
		if m[name] != v {
			t.Errorf("%s is %v, want %v", name, m[name], v)
		}
	}
	if p, ok := m["remotePort"].(int32); !ok || p == 0 {
		t.Errorf("remotePort is %v", m["remotePort"])
	}
	h, p := m["headers"].(*weir.MultiMap), m["parameters"].(*weir.MultiMap)
	if v, _ := h.Get("x-site"); v != "North" || fmt.Sprint(h.List("accept")) != "[a b]" || !h.Contains("host") || !h.Contains("Content-Length") || h.Contains("zzz") {
		t.Errorf("headers %v", h)
	}
	if fmt.Sprint(p.List("b")) != "[2 é x]" || p.Contains("A") || p.String() != "{a=[1], %zz=[], b=[2, é x]}" && !p.Contains("%zz") {
		t.Errorf("parameters %v", p)
	}
}

func TestForm(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, nil)
	ask(t, "POST", l.url("/?a=0"), "a=1&b=%FC", "Content-Type", "application/x-www-form-urlencoded; charset=ISO-8859-1")
	p := e.Kept()[0].SourceMap["parameters"].(*weir.MultiMap)
	if fmt.Sprint(p.List("a")) != "[0 1]" || fmt.Sprint(p.List("b")) != "[ü]" {
		t.Errorf("parameters %v", p)
	}
}

func TestXMLBody(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		settings                []string
		want                    string
	}{
		{"text", "text/plain", "<hello>", nil, `<HttpRequest>
    <Content multipart="no">&lt;hello&gt;</Content>
</HttpRequest>
`},
		{"binary", "image/png", "a", nil, `<HttpRequest>
    <Content encoding="Base64" multipart="no">YQ==&#13;
</Content>
</HttpRequest>
`},
		{"metadata", "text/plain", "x", []string{"includeMetadata", "true"},
			`<HttpRequest>
    <RemoteAddress>127.0.0.1</RemoteAddress>
    <RequestUrl>URL/x</RequestUrl>
    <Method>POST</Method>
    <RequestPath>a=1&amp;b%5B0%5D=2</RequestPath>
    <RequestContextPath>/x</RequestContextPath>
    <Parameters>
        <a>1</a>
        <b_0_>2</b_0_>
    </Parameters>
    <Header>HEADERS</Header>
    <Content multipart="no">x</Content>
</HttpRequest>
`},
		{"parts", "multipart/mixed; boundary=B",
			"--B\r\nContent-Type: text/plain; charset=utf-8\r\nX-A: 1\r\n\r\nü\r\n--B\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n--C--\r\n--B--", nil,
			`<HttpRequest>
    <Content boundary="B" multipart="yes">
        <Part>
            <Headers>
                <Content-Type>text/plain; charset=utf-8</Content-Type>
                <X-A>1</X-A>
            </Headers>
            <Content multipart="no">ü</Content>
        </Part>
        <Part>
            <Headers>
                <Content-Type>multipart/mixed; boundary=C</Content-Type>
            </Headers>
            <Content boundary="C" multipart="yes">
                <Part>
                    <Headers>
                        <Content-Transfer-Encoding>base64</Content-Transfer-Encoding>
                    </Headers>
                    <Content multipart="no">hi</Content>
                </Part>
            </Content>
        </Part>
    </Content>
</HttpRequest>
`},
		{"parts not wanted", "multipart/mixed; boundary=B", "--B\r\n\r\nx\r\n--B--", []string{"parseMultipart", "false"},
			"<HttpRequest>\n    <Content multipart=\"no\">--B&#13;\n&#13;\nx&#13;\n--B--</Content>\n</HttpRequest>\n"},
	} {
		e := &connectortest.Engine{}
		l := listen(t, e, connectortest.Settings(append(c.settings, "xmlBody", "true")...))
		ask(t, "POST", l.url("/x?a=1&b%5B0%5D=2"), c.body, "Content-Type", c.contentType)
		got := strings.Replace(e.Texts()[0], l.url(""), "URL", 1)
		if before, rest, ok := strings.Cut(got, "<Header>"); ok {
			_, after, _ := strings.Cut(rest, "</Header>")
			got = before + "<Header>HEADERS</Header>" + after
		}
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestRefusedStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port := endpoint(taken.Addr().String())
	for _, c := range []struct {
		name     string
		settings []string
		at       string
	}{
		{"xml and batch", []string{"xmlBody", "true", "sourceConnectorProperties.processBatch", "true"}, "xmlBody"},
		{"pattern", []string{"binaryMimeTypes", "("}, "binaryMimeTypes"},
		{"charset", []string{"charset", "utf-9"}, "charset"},
		{"port taken", []string{"listenerConnectorProperties.port", fmt.Sprint(port), "bindRetries", "0"}, "listenerConnectorProperties.port"},
		{"no port", []string{"listenerConnectorProperties.port", "http"}, "listenerConnectorProperties.port"},
		{"no certificate", []string{"tls.enabled", "true"}, "tls.certificateFile"},
	} {
		l := new(Listener)
		connectortest.Decode(t, l, connectortest.Settings(append(connectortest.Loopback(), c.settings...)...))
		err := l.Start(connectortest.Context(t), new(connectortest.Engine).SourceEnv(t))
		connectortest.CheckFault(t, err)
		var f *weir.Fault
		if errors.As(err, &f) && f.At != c.at {
			t.Errorf("%s: at %q, want %q", c.name, f.At, c.at)
		}
	}
}

// Connections on which a body is on its way, or nothing, do not keep Stop
// waiting.
func TestStopCutsBodies(t *testing.T) {
	e := &connectortest.Engine{}
	l := new(Listener)
	connectortest.Start(t, l, e, connectortest.Settings(connectortest.Loopback()...))
	for _, text := range []string{"", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nMSH"} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, text)
	}
	e.UntilEvent(t, "connected", 2)
	e.UntilEvent(t, "receiving", 1)
	connectortest.Stop(t, l)
	if n := len(e.Kept()); n != 0 {
		t.Errorf("%d messages", n)
	}
}

// More requests than are processed at once wait their turn.
func TestManyConnections(t *testing.T) {
	const many, limit = 100, 4
	var mu sync.Mutex
	now, most := 0, 0
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		defer func() { mu.Lock(); now--; mu.Unlock() }()
		return &weir.Response{Status: weir.Sent, Message: "ok"}, nil
	}}
	l := listen(t, e, connectortest.Settings("maxRequests", fmt.Sprint(limit)))
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			if !(poster{t, l}).Send("m") {
				t.Error("a message was not acknowledged")
			}
		})
	}
	all.Wait()
	if len(e.Kept()) != many || most > limit {
		t.Errorf("%d messages, %d at once; want %d, at most %d", len(e.Kept()), most, many, limit)
	}
}

// A fault of the connector is an answer and a line in the log, not the end.
func TestPanic(t *testing.T) {
	e := &connectortest.Engine{Answer: func(_ context.Context, in weir.Inbound) (*weir.Response, error) { panic(in.Text) }}
	l := listen(t, e, nil)
	got := ask(t, "POST", l.url("/"), connectortest.Secret)
	if got.StatusCode != 500 || strings.Contains(got.body, connectortest.Secret) {
		t.Errorf("answer %d %q", got.StatusCode, got.body)
	}
}

// Behind a proxy the source map has who connected to that.
func TestProxied(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, connectortest.Settings("weir.proxyProtocol", "true", "weir.trustedProxies", "127.0.0.1", "weir.connectionsPerAddress", "1"))
	send := func(conn net.Conn) string {
		_, err := io.WriteString(conn, "PROXY TCP4 192.0.2.7 192.0.2.8 4711 80\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
		if err != nil {
			t.Fatal(err)
		}
		status, _ := bufio.NewReader(conn).ReadString('\n')
		return strings.TrimSpace(status)
	}
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(connectortest.Limit))
		return conn
	}
	if status := send(dial()); status != "HTTP/1.1 200 OK" {
		t.Fatalf("answered %q", status)
	}
	if in := e.UntilKept(t, 1)[0]; in.SourceMap["remoteAddress"] != "192.0.2.7" || in.SourceMap["remotePort"] != int32(4711) {
		t.Errorf("source map %v", in.SourceMap)
	}
	if status := send(dial()); status != "" {
		t.Errorf("a second connection of the address is answered %q", status)
	}
	e.UntilEvent(t, "denied", 1)
}
