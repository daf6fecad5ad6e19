package http

import (
	"compress/gzip"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

// seen is a request as a server got it.
type seen struct {
	method, uri string
	header      http.Header
	body        string
}

// server takes requests and answers them as a function says, with "ok" if it is
// nil.
type server struct {
	*httptest.Server
	mu  sync.Mutex
	got []seen
}

func serve(t testing.TB, answer http.HandlerFunc) *server {
	s := new(server)
	s.Server = httptest.NewServer(s.handler(answer))
	t.Cleanup(s.Close)
	return s
}

func (s *server) handler(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.got = append(s.got, seen{r.Method, r.RequestURI, r.Header, string(body)})
		s.mu.Unlock()
		if answer == nil {
			io.WriteString(w, "ok")
			return
		}
		answer(w, r)
	})
}

func (s *server) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

func (s *server) only(t testing.TB) seen {
	t.Helper()
	got := s.requests()
	if len(got) != 1 {
		t.Fatalf("%d requests, want one: %+v", len(got), got)
	}
	return got[0]
}

// table is a setting as Mirth writes headers and parameters: names and values in
// turn; a name that comes again adds a value.
func table(setting string, pairs ...string) config.Setting {
	out := config.Setting{Name: setting, Class: "linked-hash-map"}
	for i := 0; i < len(pairs); i += 2 {
		value := config.Setting{Name: "string", Text: pairs[i+1]}
		found := false
		for j := range out.Group {
			if out.Group[j].Group[0].Text == pairs[i] {
				list := &out.Group[j].Group[1]
				list.Group, found = append(list.Group, value), true
			}
		}
		if !found {
			out.Group = append(out.Group, config.Setting{Name: "entry", Group: config.Group{
				{Name: "string", Text: pairs[i]}, {Name: "list", Group: config.Group{value}}}})
		}
	}
	return out
}

func sender(t testing.TB, tables []config.Setting, settings ...string) *Sender {
	t.Helper()
	s := new(Sender)
	connectortest.Open(t, s, append(connectortest.Settings(settings...), tables...))
	return s
}

func send(t testing.TB, s *Sender, text string) (weir.Response, *weir.Outbound, error) {
	t.Helper()
	m := connectortest.Outbound(1, "content", text)
	m.Queue = true
	r, err := s.Send(connectortest.Context(t), m)
	return r, m, err
}

func TestSettings(t *testing.T) {
	connectortest.Declared(t, new(Sender))
	var s Sender
	connectortest.Decode(t, &s, connectortest.Export(t, "testdata/sender.xml"))
	if s.URL.Text != "http://127.0.0.1:8091/one" || s.Headers[0].Values[0].Text != "${site}" || s.ContentType.Text != "application/json" {
		t.Errorf("sender: %+v", &s)
	}
}

func TestSenderSuite(t *testing.T) {
	connectortest.Destination(t, connectortest.DestinationCase{
		New:      func() weir.Destination { return new(Sender) },
		Template: "content",
		Up: func(t *testing.T) connectortest.Partner {
			s := serve(t, nil)
			return connectortest.Partner{Settings: []string{"host", s.URL}, Received: func() (out []string) {
				for _, one := range s.requests() {
					out = append(out, one.body)
				}
				return out
			}}
		},
		Down: func(t *testing.T) []string {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			return []string{"host", "http://" + ln.Addr().String() + "/?patient=" + url.QueryEscape(connectortest.Secret)}
		},
		Silent: func(t *testing.T) []string {
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			return []string{"host", s.URL}
		},
		Cutting: func(t *testing.T) []string {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
			return []string{"host", s.URL}
		},
	})
}

func TestRequest(t *testing.T) {
	many := []string{}
	for _, name := range []string{"zeta", "alpha", "b", "a", "patientId", "Aa", "BB", "größe"} {
		many = append(many, name, "1")
	}
	for _, c := range []struct {
		name     string
		path     string
		settings []string
		tables   []config.Setting
		want     seen
		header   map[string]string
	}{
		{"post", "/x?a=1", nil, nil, seen{method: "POST", uri: "/x?a=1", body: "Mü"},
			map[string]string{"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "Mirth Connect"}},
		{"charset of the content type", "/", []string{"contentType", "text/plain; charset=ISO-8859-1"}, nil,
			seen{method: "POST", uri: "/", body: "M\xfc"}, map[string]string{"Content-Type": "text/plain; charset=ISO-8859-1"}},
		{"charset of the settings", "/", []string{"charset", "ISO-8859-1", "method", "PUT"}, nil,
			seen{method: "PUT", uri: "/", body: "M\xfc"}, map[string]string{"Content-Type": "text/plain; charset=ISO-8859-1"}},
		{"no charset", "/", []string{"charset", "NONE", "method", "patch"}, nil,
			seen{method: "PATCH", uri: "/", body: "M\xfc"}, map[string]string{"Content-Type": "text/plain"}},
		{"other parameters of the content type stay", "/", []string{"contentType", `application/fhir+json; fhirVersion="4.0"`}, nil,
			seen{method: "POST", uri: "/", body: "Mü"}, map[string]string{"Content-Type": "application/fhir+json; fhirVersion=4.0; charset=UTF-8"}},
		{"parameters replace the query", "/x?a=1", []string{"method", "get"}, []config.Setting{table("parameters", "b", "2 ~*", "b", "é")},
			seen{method: "GET", uri: "/x?b=2+%7E*&b=%C3%A9"}, map[string]string{"Content-Type": ""}},
		{"delete has no body", "/x?a=1", []string{"method", "delete"}, nil, seen{method: "DELETE", uri: "/x?a=1"}, nil},
		{"hash order", "/", []string{"method", "get"}, []config.Setting{table("parameters", many...)},
			seen{method: "GET", uri: "/?zeta=1&Aa=1&BB=1&a=1&b=1&gr%C3%B6%C3%9Fe=1&patientId=1&alpha=1"}, nil},
		{"form", "/x?a=1", []string{"contentType", "application/x-www-form-urlencoded"}, []config.Setting{table("parameters", "p", "ü &")},
			seen{method: "POST", uri: "/x?a=1", body: "p=%C3%BC+%26"}, map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}},
		{"form in Latin-1 without parameters", "/", []string{"method", "put", "contentType", "Application/X-WWW-Form-Urlencoded; charset=ISO-8859-1"}, nil,
			seen{method: "PUT", uri: "/"}, nil},
		{"headers", "/", nil, []config.Setting{table("headers", "x-Site", "a", "x-Site", "b", "user-agent", "U", "content-type", "no/no")},
			seen{method: "POST", uri: "/", body: "Mü"}, map[string]string{"X-Site": "a b", "User-Agent": "U", "Content-Type": "text/plain; charset=UTF-8"}},
		{"header injection", "/", nil, []config.Setting{table("headers", "X-A", "1\r\nX-B: 2", "X-C\r\nX-D", "3", "Content-Length", "99", "X-E", "ü€\x00")},
			seen{method: "POST", uri: "/", body: "Mü"}, map[string]string{"X-A": "1  X-B: 2", "X-B": "", "X-C": "", "X-D": "", "X-E": "\xfc?"}},
		{"blank in the query", "/x?a=b c", nil, nil, seen{method: "POST", uri: "/x?a=b%20c", body: "Mü"}, nil},
		{"binary", "/", []string{"dataTypeBinary", "true", "contentType", "image/png", "content", "iVBO\r\nRw=="}, nil,
			seen{method: "POST", uri: "/", body: "\x89PNG"}, map[string]string{"Content-Type": "image/png"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			peer := serve(t, nil)
			s := sender(t, c.tables, append([]string{"host", peer.URL + c.path}, c.settings...)...)
			text := "Mü"
			if i := slices.Index(c.settings, "content"); i >= 0 {
				text = c.settings[i+1]
			}
			r, _, err := send(t, s, text)
			if err != nil || r.Status != weir.Sent || r.Message != "ok" || r.StatusMessage != "" {
				t.Fatalf("Send = %+v, %v", r, err)
			}
			got := peer.only(t)
			if got.method != c.want.method || got.uri != c.want.uri || got.body != c.want.body {
				t.Errorf("request %s %s %q, want %s %s %q", got.method, got.uri, got.body, c.want.method, c.want.uri, c.want.body)
			}
			for name, want := range c.header {
				if got := strings.Join(got.header.Values(name), " "); got != want {
					t.Errorf("header %s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestMultipart(t *testing.T) {
	peer := serve(t, nil)
	s := sender(t, []config.Setting{table("parameters", "q", "1")}, "host", peer.URL, "multipart", "true", "contentType", "text/xml")
	if r, _, err := send(t, s, "<a/>"); err != nil || r.Status != weir.Sent {
		t.Fatal(r, err)
	}
	got := peer.only(t)
	_, params, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	if err != nil || got.uri != "/?q=1" {
		t.Fatalf("content type %q, uri %q", got.header.Get("Content-Type"), got.uri)
	}
	r := multipart.NewReader(strings.NewReader(got.body), params["boundary"])
	part, err := r.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(part)
	if string(body) != "<a/>" || part.Header.Get("Content-Type") != "text/xml" || part.FormName() != part.FileName() || part.FileName() == "" {
		t.Errorf("part %v %q", part.Header, body)
	}
	if _, err := r.NextPart(); err != io.EOF {
		t.Errorf("there is a second part: %v", err)
	}
}

func TestCompressedRequest(t *testing.T) {
	peer := serve(t, nil)
	s := sender(t, []config.Setting{table("headers", "content-encoding", "gzip")}, "host", peer.URL)
	if r, _, err := send(t, s, "hello"); err != nil || r.Status != weir.Sent {
		t.Fatal(r, err)
	}
	z, err := gzip.NewReader(strings.NewReader(peer.only(t).body))
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(z); string(body) != "hello" {
		t.Errorf("body %q", body)
	}
}

func TestVariables(t *testing.T) {
	multi := weir.NewMultiMap(weir.Headers)
	multi.Add("X-A", "1", "2")
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"map of any", map[string]any{"X-A": []any{"1", 2.0}}, "1 2"},
		{"map of texts", map[string]string{"X-A": "1"}, "1"},
		{"map of lists", map[string][]string{"X-A": {"1", "2"}}, "1 2"},
		{"headers", multi, "1 2"},
		{"no map", "text", ""},
		{"missing", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			peer := serve(t, nil)
			s := sender(t, nil, "host", peer.URL, "method", "get", "useHeadersVariable", "true", "headersVariable", "h",
				"useParametersVariable", "true", "parametersVariable", "h")
			m := connectortest.Outbound(1, "content", "")
			m.Lookup = func(name string) (any, bool) { return c.value, name == "h" && c.value != nil }
			if r, err := s.Send(connectortest.Context(t), m); err != nil || r.Status != weir.Sent {
				t.Fatal(r, err)
			}
			got := peer.only(t)
			if h := strings.Join(got.header.Values("X-A"), " "); h != c.want {
				t.Errorf("header %q, want %q", h, c.want)
			}
			uri := "/"
			for i, v := range strings.Fields(c.want) {
				uri += map[bool]string{true: "?", false: "&"}[i == 0] + "X-A=" + v
			}
			if got.uri != uri {
				t.Errorf("uri %q, want %q", got.uri, uri)
			}
		})
	}
}

// Names and values of the tables are replaced for each message.
func TestTemplatesOfTables(t *testing.T) {
	peer := serve(t, nil)
	s := sender(t, []config.Setting{table("headers", "${name}", "${value}", "X-Same", "1")}, "host", peer.URL)
	m := connectortest.Outbound(1, "content", "")
	m.Resolved["headers.${name}.name"], m.Resolved["headers.${name}.0"] = "X-Same", "2"
	if r, err := s.Send(connectortest.Context(t), m); err != nil || r.Status != weir.Sent {
		t.Fatal(r, err)
	}
	if got := peer.only(t).header.Values("X-Same"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("X-Same is %q; the last of equal names counts", got)
	}
}
