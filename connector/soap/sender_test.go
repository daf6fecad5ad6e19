package soap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/soap"
)

// seen is a request as a service got it.
type seen struct {
	method, uri string
	header      http.Header
	body        string
}

// service is a web service: its WSDL is at /wsdl, itself at /soap and, in version
// 1.2, at /soap12.
type service struct {
	*httptest.Server
	mu   sync.Mutex
	got  []seen // calls, in order
	read int    // how often the WSDL was asked for
}

// serve starts a service that answers calls as a function says; if it is nil, with
// the body that came.
func serve(t testing.TB, answer http.HandlerFunc) *service {
	s := new(service)
	s.Server = httptest.NewServer(s.handler(answer))
	t.Cleanup(s.Close)
	return s
}

func (s *service) handler(answer http.HandlerFunc) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /wsdl", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.read++
		s.mu.Unlock()
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, labWSDL(scheme+"://"+r.Host))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.got = append(s.got, seen{r.Method, r.RequestURI, r.Header, string(body)})
		s.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		w.Header().Set("Content-Type", textXML)
		io.WriteString(w, soap.Answer(soap.SOAP11, "<ok/>"))
	})
	return mux
}

func labWSDL(base string) string {
	return `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" targetNamespace="urn:lab">
<service name="Lab"><port name="Lab11"><soap:address location="` + base + `/soap"/></port><port name="Lab12"><soap12:address location="` + base + `/soap12"/></port></service></definitions>`
}

// settings are those for the service, in version 1.1.
func (s *service) settings(more ...string) []string {
	return append([]string{"wsdlUrl", s.URL + "/wsdl", "service", "{urn:lab}Lab", "port", "{urn:lab}Lab11", "envelope", lab("m")}, more...)
}

func (s *service) calls() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

func (s *service) only(t testing.TB) seen {
	t.Helper()
	got := s.calls()
	if len(got) != 1 {
		t.Fatalf("%d calls, want one: %+v", len(got), got)
	}
	return got[0]
}

// lab is an envelope for the service.
func lab(text string) string {
	var b strings.Builder
	soap.Escape(&b, text)
	return `<s:Envelope xmlns:s="` + soap.Space11 + `"><s:Body><m xmlns="urn:lab">` + b.String() + `</m></s:Body></s:Envelope>`
}

func lab12() string { return strings.Replace(lab("m"), soap.Space11, soap.Space12, 1) }

func sender(t testing.TB, more []config.Setting, settings ...string) *Sender {
	t.Helper()
	s := new(Sender)
	connectortest.Open(t, s, append(connectortest.Settings(settings...), more...))
	return s
}

func send(t testing.TB, s *Sender) (weir.Response, error) {
	t.Helper()
	return s.Send(connectortest.Context(t), outbound(nil))
}

func outbound(variables map[string]any) *weir.Outbound {
	m := connectortest.Outbound(1, "nothing", "")
	m.Queue = true
	m.Lookup = func(name string) (any, bool) { v, ok := variables[name]; return v, ok }
	return m
}

// table is a setting as Mirth writes headers: names and values in turn.
func table(setting string, pairs ...string) config.Setting {
	out := config.Setting{Name: setting, Class: "linked-hash-map"}
	for i := 0; i < len(pairs); i += 2 {
		out.Group = append(out.Group, config.Setting{Name: "entry", Group: config.Group{
			{Name: "string", Text: pairs[i]}, {Name: "list", Group: config.Group{{Name: "string", Text: pairs[i+1]}}}}})
	}
	return out
}

func list(setting string, texts ...string) config.Setting {
	out := config.Setting{Name: setting}
	for _, text := range texts {
		out.Group = append(out.Group, config.Setting{Name: "string", Text: text})
	}
	return out
}

func TestSenderSettings(t *testing.T) {
	connectortest.Declared(t, new(Sender))
	var s Sender
	connectortest.Decode(t, &s, connectortest.Export(t, "testdata/sender.xml"))
	if s.Headers[0].Values[0].Text != "${site}" || !s.UseMTOM || len(s.AttachmentNames.Group) != 1 || s.Port.Text == "" {
		t.Errorf("sender: %+v", &s)
	}
	s.Destination.ValidateResponse = true
	if s.DestinationSettings().ValidateResponse || !s.DestinationSettings().QueueEnabled {
		t.Errorf("settings of the channel around the sends: %+v", s.DestinationSettings())
	}
	var parts []string
	for _, f := range config.List(&s) {
		if strings.HasPrefix(f.Name, "attachment") && f.Kind == "template" {
			parts = append(parts, f.Name+"="+f.Default)
		}
	}
	if got := strings.Join(parts, " "); got != "attachmentNames.0=report attachmentContents.0=${pdf} attachmentTypes.0=application/pdf attachmentsVariable=" {
		t.Errorf("templates of the attachments: %s", got)
	}
}

// wrapped is a sender that is given a text and sends it in an envelope, so that the
// suite can have texts of its own.
type wrapped struct{ Sender }

func (w *wrapped) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	m.Resolved["envelope"] = lab(m.Resolved["envelope"])
	return w.Sender.Send(ctx, m)
}

func TestSenderSuite(t *testing.T) {
	connectortest.Destination(t, connectortest.DestinationCase{
		New:      func() weir.Destination { return new(wrapped) },
		Template: "envelope",
		Up: func(t *testing.T) connectortest.Partner {
			s := serve(t, nil)
			return connectortest.Partner{Settings: s.settings(), Received: func() (out []string) {
				for _, one := range s.calls() {
					e, err := soap.Parse(one.body)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, e.Payload().Text())
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
			return []string{"locationURI", "http://" + ln.Addr().String() + "/?patient=DOE%5EJANE"}
		},
		Silent: func(t *testing.T) []string {
			s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			return s.settings()
		},
		Cutting: func(t *testing.T) []string {
			s := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			return s.settings()
		},
	})
}

func TestRequest(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		more     []config.Setting
		uri      string
		header   map[string]string
		body     string
	}{
		{"plain", nil, nil, "/soap", map[string]string{"Content-Type": "text/xml; charset=utf-8", "SOAPAction": `""`, "Accept": "text/xml, multipart/related",
			"Authorization": "", "User-Agent": "JAX-WS RI"}, declaration + lab("m")},
		{"action", []string{"soapAction", "urn:lab/send"}, nil, "/soap", map[string]string{"SOAPAction": `"urn:lab/send"`}, ""},
		{"1.2", []string{"port", "{urn:lab}Lab12", "envelope", lab12(), "soapAction", "urn:lab/send"}, nil, "/soap12",
			map[string]string{"Content-Type": `application/soap+xml; charset=utf-8;action="urn:lab/send"`, "SOAPAction": "", "Accept": "application/soap+xml, multipart/related"}, declaration + lab12()},
		{"declaration, comment and blanks around the envelope", []string{"envelope", `<?xml version="1.0" encoding="ISO-8859-1"?><!-- c -->` + "\n" + lab("é") + "\n"}, nil, "/soap",
			map[string]string{"Content-Type": "text/xml; charset=utf-8"}, declaration + lab("é")},
		{"location", []string{"locationURI", "http://HOST/other?a=1"}, nil, "/other?a=1", nil, ""},
		{"no WSDL", []string{"wsdlUrl", "", "locationURI", "http://HOST/other", "envelope", lab12()}, nil, "/other",
			map[string]string{"Content-Type": "application/soap+xml; charset=utf-8"}, declaration + lab12()},
		{"password", []string{"useAuthentication", "true", "username", "ü", "password", "p:q"}, nil, "/soap", map[string]string{"Authorization": "Basic w7w6cDpx"}, ""},
		{"password that is not used", []string{"username", "u", "password", "p"}, nil, "/soap", map[string]string{"Authorization": ""}, ""},
		{"headers", nil, []config.Setting{table("headers", "X-Site", "north\r\nX-Evil: 1", "Content-Type", "text/plain", "SOAPAction", "no", "User-Agent", "lab")}, "/soap",
			map[string]string{"X-Site": "north  X-Evil: 1", "X-Evil": "", "Content-Type": "text/xml; charset=utf-8", "SOAPAction": `""`, "User-Agent": "lab"}, ""},
		{"headers from a variable", []string{"isUseHeadersVariable", "true", "headersVariable", "h"}, []config.Setting{table("headers", "X-Site", "south")}, "/soap",
			map[string]string{"X-Site": "north"}, ""},
		{"headers from a variable that is missing", []string{"isUseHeadersVariable", "true", "headersVariable", "nothing"}, nil, "/soap", map[string]string{"X-Site": ""}, ""},
		{"names of headers are not replaced", nil, []config.Setting{table("headers", "X-$a", "1")}, "/soap", map[string]string{"X-$a": "1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			peer := serve(t, nil)
			settings := peer.settings()
			for i := 0; i < len(c.settings); i += 2 {
				settings = append(settings, c.settings[i], strings.Replace(c.settings[i+1], "HOST", peer.Listener.Addr().String(), 1))
			}
			s := sender(t, c.more, settings...)
			r, err := s.Send(connectortest.Context(t), outbound(map[string]any{"h": map[string]any{"X-Site": []any{"north"}}}))
			want := weir.Sent
			if strings.Contains(c.name, "1.2") || c.name == "no WSDL" {
				want = weir.Queued // the service answers in 1.1
			}
			if err != nil || r.Status != want {
				t.Fatalf("Send = %+v, %v", r, err)
			}
			got := peer.only(t)
			if got.method != "POST" || got.uri != c.uri || c.body != "" && got.body != c.body {
				t.Errorf("request %s %s %q, want %s %q", got.method, got.uri, got.body, c.uri, c.body)
			}
			for name, want := range c.header {
				if got := strings.Join(got.header.Values(name), " "); got != want {
					t.Errorf("header %s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

// Answers, what becomes of the message, and what is kept of it.
func TestOutcomes(t *testing.T) {
	const fault = `<s:Fault><faultcode>s:Server</faultcode><faultstring>no room</faultstring></s:Fault>`
	envelope := func(body string) string {
		return `<s:Envelope xmlns:s="` + soap.Space11 + `"><s:Body>` + body + `</s:Body></s:Envelope>`
	}
	const kept = `<?xml version="1.0" encoding="UTF-8" standalone="no"?><s:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><s:Body>`
	const two, one, failed = "Invoked two way operation successfully.", "Invoked one way operation successfully.", "Error invoking web service"
	const faultMessage = failed + " [ServerSOAPFaultException: Client received SOAP Fault from server: no room Please see the server log to find more detail regarding exact cause of the failure.]"
	const faultKept = "<SOAP-ENV:Fault xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\">\n    <faultcode xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">s:Server</faultcode>\n    <faultstring>no room</faultstring>\n</SOAP-ENV:Fault>\n"
	version12 := []string{"port", "{urn:lab}Lab12", "envelope", lab12()}
	fault12 := soap.AnswerFault(soap.SOAP12, soap.FaultClient, "late")
	const faultKept12 = "<S:Fault xmlns:S=\"http://www.w3.org/2003/05/soap-envelope\">\n    <S:Code>\n        <S:Value>S:Sender</S:Value>\n    </S:Code>\n    <S:Reason>\n        <S:Text xml:lang=\"en\">late</S:Text>\n    </S:Reason>\n</S:Fault>\n"
	attached := soap.Attach(soap.SOAP11, "", []byte(envelope(`<a><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:x"/></a>`)), []soap.Part{{ID: "x", Content: []byte("MSH")}})
	for _, c := range []struct {
		name        string
		settings    []string
		status      int
		contentType string
		body        string
		want        weir.Status
		message     string
		statusText  string
		detail      string // in the error
	}{
		{"answer", nil, 200, textXML, envelope("<a>é</a>"), weir.Sent, kept + "<a>é</a></s:Body></s:Envelope>", two, ""},
		{"accepted", nil, 202, textXML, envelope("<a/>"), weir.Sent, kept + "<a/></s:Body></s:Envelope>", two, ""},
		{"no fault with 500", nil, 500, "text/xml", envelope("<a/>"), weir.Sent, kept + "<a/></s:Body></s:Envelope>", two, ""},
		{"no content type", nil, 200, "", envelope("<a/>"), weir.Sent, kept + "<a/></s:Body></s:Envelope>", two, ""},
		{"Latin-1", nil, 200, "text/xml; charset=ISO-8859-1", envelope("<a>\xe9</a>"), weir.Sent, kept + "<a>é</a></s:Body></s:Envelope>", two, ""},
		{"attachment", nil, 200, attached.ContentType, string(attached.Body), weir.Sent, kept + "<a>TVNI</a></s:Body></s:Envelope>", two, ""},
		{"fault", nil, 500, textXML, envelope(fault), weir.Error, faultKept, faultMessage, "Server"},
		{"fault with 200", nil, 200, textXML, envelope(fault), weir.Error, faultKept, faultMessage, "Server"},
		{"not found", nil, 404, textXML, envelope("<a/>"), weir.Queued, "", failed, "404 Not Found"},
		{"unavailable", nil, 503, "text/html", "<html/>", weir.Queued, "", failed, "503"},
		{"page", nil, 200, "text/html", "<html/>", weir.Queued, "", failed, "200 OK"},
		{"error page", nil, 500, "text/html", "<html/>", weir.Queued, "", failed, "500"},
		{"other version", nil, 200, "application/soap+xml", envelope("<a/>"), weir.Queued, "", failed, "200 OK"},
		{"no body", nil, 200, textXML, "", weir.Queued, "", failed, "200 OK"},
		{"redirect to nowhere", nil, 302, textXML, "", weir.Queued, "", failed, "302"},
		{"one way", []string{"oneWay", "true"}, 202, "", "", weir.Sent, "", one, ""},
		{"one way with an answer", []string{"oneWay", "true"}, 200, textXML, envelope(fault), weir.Sent, "", one, ""},
		{"one way without content", []string{"oneWay", "true"}, 204, "", "", weir.Sent, "", one, ""},
		{"one way with a fault", []string{"oneWay", "true"}, 500, textXML, envelope(fault), weir.Error, faultKept, faultMessage, "Server"},
		{"one way with an error", []string{"oneWay", "true"}, 500, textXML, envelope("<a/>"), weir.Queued, "", failed, "500"},
		{"one way that fails", []string{"oneWay", "true"}, 503, "", "", weir.Queued, "", failed, "503"},
		{"fault of 1.2", version12, 400, "application/soap+xml", fault12, weir.Error, faultKept12, strings.Replace(faultMessage, "no room", "late", 1), "Sender"},
		{"404 of 1.2", version12, 404, "application/soap+xml", fault12, weir.Queued, "", failed, "404"},
	} {
		peer := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{c.contentType}
			if c.contentType == "" {
				w.Header()["Content-Type"] = nil
			}
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		r, err := send(t, sender(t, nil, peer.settings(c.settings...)...))
		if err != nil || r.Status != c.want || r.Message != c.message || r.StatusMessage != c.statusText || !strings.Contains(r.Error, c.detail) || (r.Error == "") != (c.detail == "") {
			t.Errorf("%s: %v\n got %v %q %q %q\nwant %v %q %q", c.name, err, r.Status, r.Message, r.StatusMessage, r.Error, c.want, c.message, c.statusText)
		}
	}
}

// Answers that cannot be read are errors for a person, and say nothing of what
// they hold.
func TestBrokenAnswers(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		settings                []string
		status                  weir.Status
	}{
		{"no XML", textXML, connectortest.Secret, nil, weir.Queued},
		{"no envelope", textXML, "<a>" + connectortest.Secret + "</a>", nil, weir.Queued},
		{"document type", textXML, `<!DOCTYPE a [<!ENTITY e "` + connectortest.Secret + `">]>` + lab("&e;"), nil, weir.Queued},
		{"parts", "multipart/related; boundary=b", connectortest.Secret, nil, weir.Queued},
		{"charset", "text/xml; charset=x-none", lab("m"), nil, weir.Queued},
		{"too large", textXML, lab(strings.Repeat("m", 2000)), []string{"maxResponseBytes", "1000"}, weir.Error},
	} {
		peer := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.contentType)
			io.WriteString(w, c.body)
		})
		r, err := send(t, sender(t, nil, peer.settings(c.settings...)...))
		if r.Status != c.status || r.Message != "" {
			t.Errorf("%s: %+v", c.name, r)
		}
		connectortest.CheckFault(t, err)
	}
}

func TestRedirects(t *testing.T) {
	other := serve(t, nil)
	peer := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := 0
		fmt.Sscanf(r.URL.Path, "/soap/%d", &n)
		switch {
		case r.URL.Path == "/other":
			http.Redirect(w, r, other.URL+"/there?a=1", http.StatusFound)
		case n == 1:
			w.Header().Set("Content-Type", textXML)
			io.WriteString(w, soap.Answer(soap.SOAP11, "<ok/>"))
		default:
			http.Redirect(w, r, fmt.Sprintf("/soap/%d", n-1), http.StatusTemporaryRedirect)
		}
	})
	for _, c := range []struct {
		path  string
		calls int
		want  weir.Status
	}{{"/soap/3", 3, weir.Sent}, {"/soap/20", 20, weir.Sent}, {"/soap/21", 20, weir.Queued}} {
		before := len(peer.calls())
		r, err := send(t, sender(t, nil, peer.settings("locationURI", peer.URL+c.path)...))
		if err != nil || r.Status != c.want || len(peer.calls())-before != c.calls {
			t.Errorf("%s: %+v, %v, %d calls; want %v, %d", c.path, r, err, len(peer.calls())-before, c.want, c.calls)
		}
	}
	// Another server gets the message, by POST, but not the password.
	r, err := send(t, sender(t, []config.Setting{table("headers", "Authorization", "Bearer t", "X-A", "1")}, peer.settings("locationURI", peer.URL+"/other", "useAuthentication", "true", "username", "u", "password", "p")...))
	got := other.only(t)
	if err != nil || r.Status != weir.Sent || got.method != "POST" || got.uri != "/there?a=1" || got.body != declaration+lab("m") || got.header.Get("Authorization") != "" || got.header.Get("X-A") != "1" {
		t.Errorf("%+v, %v: %+v", r, err, got)
	}
	// What was encrypted stays so, and only HTTP is followed.
	for _, to := range []string{other.URL, "file:///etc/passwd"} {
		c := &call{at: "locationURI"}
		c.endpoint.url, _ = c.endpoint.url.Parse("https://lab.example/soap")
		connectortest.CheckFault(t, c.redirect(to))
	}
}

type attachment struct {
	name, mimeType string
	content        any
}

func (a attachment) AttachmentEntry() (string, any, string) { return a.name, a.content, a.mimeType }

func TestMTOM(t *testing.T) {
	lists := []config.Setting{list("attachmentNames", "a", "b"), list("attachmentContents", "TV NI\r\n", ""), list("attachmentTypes", "text/plain", "application/pdf")}
	for _, c := range []struct {
		name     string
		settings []string
		lists    []config.Setting
		want     string
	}{
		{"lists", nil, lists, "a text/plain MSH, b application/pdf "},
		{"none", nil, nil, ""},
		{"variable", []string{"isUseAttachmentsVariable", "true", "attachmentsVariable", "v"}, lists, "x text/xml Hello"},
		{"variable that is missing", []string{"isUseAttachmentsVariable", "true", "attachmentsVariable", "nothing"}, lists, ""},
	} {
		peer := serve(t, nil)
		s := sender(t, c.lists, peer.settings(append(c.settings, "useMtom", "true", "soapAction", "act")...)...)
		r, err := s.Send(connectortest.Context(t), outbound(map[string]any{"v": []any{attachment{"x", "text/xml", "SGVsbG8="}, "no attachment"}}))
		if err != nil || r.Status != weir.Sent {
			t.Fatalf("%s: %+v, %v", c.name, r, err)
		}
		got := peer.only(t)
		root, parts, err := soap.Detach(got.header.Get("Content-Type"), []byte(got.body))
		var all []string
		for _, p := range parts {
			all = append(all, strings.Trim(p.ID, "<>")+" "+p.ContentType+" "+string(p.Content))
		}
		if err != nil || string(root.Content) != declaration+lab("m") || strings.Join(all, ", ") != c.want || got.header.Get("SOAPAction") != `"act"` {
			t.Errorf("%s: %v, %q, %q; want %q", c.name, err, root.Content, all, c.want)
		}
	}
	// Attachments of the message stand in for their tokens.
	peer := serve(t, nil)
	m := outbound(nil)
	m.Reattach = func(text string) (string, error) { return strings.ReplaceAll(text, "${ATTACH:1}", "TVNI"), nil }
	s := sender(t, []config.Setting{list("attachmentNames", "a"), list("attachmentContents", "${ATTACH:1}"), list("attachmentTypes", "text/plain")},
		peer.settings("useMtom", "true", "envelope", lab("${ATTACH:1}"))...)
	if r, err := s.Send(connectortest.Context(t), m); err != nil || r.Status != weir.Sent {
		t.Fatalf("%+v, %v", r, err)
	}
	if body := peer.only(t).body; !strings.Contains(body, lab("TVNI")) || !strings.Contains(body, "\r\n\r\nMSH\r\n") {
		t.Errorf("with tokens: %q", body)
	}
	for _, broken := range [][]config.Setting{
		{list("attachmentNames", "a", "b"), list("attachmentContents", "", ""), list("attachmentTypes", "text/plain")},
		{list("attachmentNames", "a"), list("attachmentContents", connectortest.Secret), list("attachmentTypes", "text/plain")},
	} {
		peer := serve(t, nil)
		_, err := send(t, sender(t, broken, peer.settings("useMtom", "true")...))
		connectortest.CheckFault(t, err)
	}
}

// A WSDL is read once for each service, with the password if it asks for one, from
// where it is imported, and again while it cannot be read.
func TestWSDLIsRead(t *testing.T) {
	peer := serve(t, nil)
	s := sender(t, nil, peer.settings()...)
	for range 3 {
		if r, err := send(t, s); err != nil || r.Status != weir.Sent {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	if peer.read != 1 {
		t.Errorf("the WSDL was read %d times", peer.read)
	}

	file := filepath.Join(t.TempDir(), "lab.wsdl")
	if err := os.WriteFile(file, []byte(labWSDL(peer.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	imports := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "u" || password != "p" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/main" {
			io.WriteString(w, `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><import location="parts"/></definitions>`)
			return
		}
		io.WriteString(w, labWSDL(peer.URL))
	}))
	defer imports.Close()
	moved := httptest.NewServer(http.RedirectHandler(peer.URL+"/wsdl", http.StatusFound))
	defer moved.Close()
	for _, settings := range [][]string{
		{"wsdlUrl", "file://" + file},
		{"wsdlUrl", "file:" + file},
		{"wsdlUrl", imports.URL + "/main", "username", "u", "password", "p"},
		{"wsdlUrl", moved.URL},
	} {
		if r, err := send(t, sender(t, nil, peer.settings(settings...)...)); err != nil || r.Status != weir.Sent {
			t.Errorf("%q: %+v, %v", settings, r, err)
		}
	}

	down := true
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, labWSDL(peer.URL))
	}))
	defer late.Close()
	s = sender(t, nil, peer.settings("wsdlUrl", late.URL)...)
	r, err := send(t, s)
	connectortest.CheckFault(t, err)
	if r.Status != weir.Queued || r.StatusMessage != "Error creating web service dispatch" {
		t.Errorf("without a WSDL: %+v", r)
	}
	down = false
	if r, err := send(t, s); err != nil || r.Status != weir.Sent {
		t.Errorf("with the WSDL again: %+v, %v", r, err)
	}
}

// What keeps a message from being sent is a fault with its setting.
func TestNotSent(t *testing.T) {
	peer := serve(t, nil)
	for _, c := range []struct {
		name     string
		settings []string
		at       string
	}{
		{"no envelope", []string{"envelope", ""}, "envelope"},
		{"broken envelope", []string{"envelope", lab("m") + connectortest.Secret}, "envelope"},
		{"envelope of the other version", []string{"envelope", lab12()}, "envelope"},
		{"no such service", []string{"service", "{urn:lab}Other"}, "service"},
		{"no such port", []string{"port", "Lab11"}, "port"},
		{"WSDL that is none", []string{"wsdlUrl", peer.URL + "/soap"}, "wsdlUrl"},
		{"WSDL that is no address", []string{"wsdlUrl", "ftp://x/" + connectortest.Secret}, "wsdlUrl"},
		{"WSDL that is not there", []string{"wsdlUrl", "file:///nowhere/x.wsdl"}, "wsdlUrl"},
		{"WSDL that is too large", []string{"maxResponseBytes", "100"}, "maxResponseBytes"},
		{"location that is no address", []string{"locationURI", "lab.example " + connectortest.Secret}, "locationURI"},
		{"token that is there already", []string{"usernameToken.type", "text", "envelope",
			`<s:Envelope xmlns:s="` + soap.Space11 + `"><s:Header>` + soap.UsernameToken{}.String() + `</s:Header><s:Body/></s:Envelope>`}, "usernameToken.type"},
	} {
		r, err := send(t, sender(t, nil, peer.settings(c.settings...)...))
		connectortest.CheckFault(t, err)
		var f *weir.Fault
		if errors.As(err, &f) && f.At != c.at || r.Status != weir.Queued || r.StatusMessage != "Error creating web service dispatch" {
			t.Errorf("%s: at %v, %+v; want at %s", c.name, err, r, c.at)
		}
	}
	var s Sender
	connectortest.Decode(t, &s, nil)
	connectortest.CheckFault(t, s.Open(connectortest.Context(t), connectortest.DestinationEnv(t)))
}

func TestConnectionRefused(t *testing.T) {
	peer := serve(t, nil)
	gone := serve(t, nil)
	gone.Close()
	r, err := send(t, sender(t, nil, peer.settings("locationURI", gone.URL)...))
	connectortest.CheckFault(t, err)
	if r.Status != weir.Queued || r.StatusMessage != "Connection refused. [ClientTransportException: HTTP transport error: java.net.ConnectException: Connection refused]" {
		t.Errorf("%+v", r)
	}
}

func TestTimeout(t *testing.T) {
	peer := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	r, err := send(t, sender(t, nil, peer.settings("socketTimeout", "50")...))
	connectortest.CheckFault(t, err)
	if r.Status != weir.Queued || r.StatusMessage != "Error invoking web service [WebServiceException: java.net.SocketTimeoutException: Read timed out]" {
		t.Errorf("%+v", r)
	}
}

func TestUsernameToken(t *testing.T) {
	for kind, want := range map[string]string{"text": "#PasswordText\">p&lt;</wsse:Password>", "digest": "#PasswordDigest\">"} {
		peer := serve(t, nil)
		r, err := send(t, sender(t, nil, peer.settings("usernameToken.type", kind, "usernameToken.username", "u", "usernameToken.password", "p<")...))
		if err != nil || r.Status != weir.Sent {
			t.Fatalf("%s: %+v, %v", kind, r, err)
		}
		body := peer.only(t).body
		if _, err := soap.Parse(body); err != nil || !strings.Contains(body, want) || !strings.Contains(body, "<wsse:Username>u</wsse:Username>") || (kind == "digest") == strings.Contains(body, "p&lt;") {
			t.Errorf("%s: %v\n%s", kind, err, body)
		}
	}
}

// The sender calls the listener, with mutual TLS and from its own WSDL; who has no
// certificate does not get in.
func TestSenderToListener(t *testing.T) {
	cert, key := connectortest.Certificate(t)
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		return &weir.Response{Status: weir.Sent, Message: "MSH|\rMSA|AA\r"}, nil
	}}
	l := listen(t, e, connectortest.Settings("tls.enabled", "true", "tls.certificateFile", cert, "tls.keyFile", key, "tls.caFile", cert, "tls.clientAuth", "require"))
	settings := []string{"wsdlUrl", "https://" + l.Addr().String() + "/services/Mirth?wsdl", "service", "{" + space + "}DefaultAcceptMessageService",
		"port", "{" + space + "}DefaultAcceptMessagePort", "envelope", accept(arg0("PID|1\r")), "tls.caFile", cert}
	r, err := send(t, sender(t, nil, append(settings, "tls.certificateFile", cert, "tls.keyFile", key)...))
	want := `<?xml version="1.0" encoding="UTF-8" standalone="no"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><S:Body><ns2:acceptMessageResponse xmlns:ns2="http://ws.connectors.connect.mirth.com/"><return>MSH|&#13;MSA|AA&#13;</return></ns2:acceptMessageResponse></S:Body></S:Envelope>`
	if err != nil || r.Status != weir.Sent || r.Message != want || e.Texts()[0] != "PID|1\r" {
		t.Errorf("%+v, %v, messages %q\nwant %s", r, err, e.Texts(), want)
	}
	_, err = send(t, sender(t, nil, settings...))
	connectortest.CheckFault(t, err)
	if len(e.Kept()) != 1 {
		t.Errorf("%d messages", len(e.Kept()))
	}
}
