package soap

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/soap"
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

var client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}, Timeout: connectortest.Limit}

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

// accept is an envelope that calls acceptMessage with what stands for arg0 in it,
// which is XML.
func accept(arg0 string) string { return envelope(soap.Space11, arg0) }

func envelope(of, arg0 string) string {
	return `<soapenv:Envelope xmlns:soapenv="` + of + `" xmlns:ws="` + space + `">
   <soapenv:Header/>
   <soapenv:Body>
      <ws:acceptMessage>
         <!--Optional:-->
         ` + arg0 + `
      </ws:acceptMessage>
   </soapenv:Body>
</soapenv:Envelope>`
}

func arg0(message string) string {
	var b strings.Builder
	soap.Escape(&b, message)
	return "<arg0>" + b.String() + "</arg0>"
}

const textXML = "text/xml;charset=UTF-8"

func TestListenerSettings(t *testing.T) {
	connectortest.Declared(t, new(Listener))
	var l Listener
	connectortest.Decode(t, &l, connectortest.Export(t, "testdata/listener.xml"))
	if l.Server.Listen.Port.Text != "8081" || l.ServiceName.Text != "Lab" || l.Binding != "SOAP12HTTP" || len(l.Server.Plugins.Group) != 1 {
		t.Errorf("listener: %+v", &l)
	}
}

// poster sends messages as calls of acceptMessage.
type poster struct {
	t *testing.T
	l *Listener
}

func (p poster) Send(text string) bool {
	res, err := client.Post(p.l.url("/services/Mirth"), textXML, strings.NewReader(accept(arg0(text))))
	if err != nil {
		return false
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	e, err := soap.Parse(string(body))
	if err != nil {
		p.t.Errorf("the answer %q: %v", body, err)
		return false
	}
	if (e.Fault() == nil) != (res.StatusCode == 200) {
		p.t.Errorf("status %d with %q", res.StatusCode, body)
	}
	return e.Fault() == nil
}

func (p poster) Cut() {
	conn, err := net.Dial("tcp", p.l.Addr().String())
	if err != nil {
		p.t.Fatal(err)
	}
	io.WriteString(conn, "POST /services/Mirth HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n"+accept("<arg0>MSH|")[:300])
	conn.Close()
}

func TestListenerSuite(t *testing.T) {
	connectortest.Source(t, connectortest.SourceCase{
		Settings: func(*testing.T) []string { return connectortest.Loopback() },
		New:      func() weir.Source { return new(Listener) },
		Peer:     func(t *testing.T, s weir.Source) connectortest.Peer { return poster{t, s.(*Listener)} },
	})
}

// What comes becomes a message, whatever it is written in.
func TestCalls(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, accept("<arg0>zip</arg0>"))
	z.Close()
	m := soap.Attach(soap.SOAP11, "", []byte(accept(`<arg0><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:a"/></arg0>`)), []soap.Part{{ID: "a", Content: []byte("MSH")}})
	e := &connectortest.Engine{}
	l := listen(t, e, nil)
	for i, c := range []struct {
		name, path, body, want string
		header                 []string
	}{
		{"HL7", "/services/Mirth", accept(arg0("MSH|^~\\&|A\rPID|1\r")), "MSH|^~\\&|A\rPID|1\r", []string{"Content-Type", textXML, "SOAPAction", `""`}},
		{"CDATA", "/services/Mirth", accept("<arg0><![CDATA[<a>&amp;</a>]]></arg0>"), "<a>&amp;</a>", []string{"Content-Type", textXML}},
		{"line ends", "/services/Mirth", accept("<arg0>a\r\nb</arg0>"), "a\nb", []string{"Content-Type", textXML}},
		{"empty", "/services/Mirth", accept("<arg0/>"), "", []string{"Content-Type", textXML}},
		{"path that begins so", "/services/MirthOther/x?y", accept("<arg0>p</arg0>"), "p", []string{"Content-Type", textXML}},
		{"no type", "/services/Mirth", accept("<arg0>n</arg0>"), "n", nil},
		{"Latin-1 by header", "/services/Mirth", accept("<arg0>M\xfcller</arg0>"), "Müller", []string{"Content-Type", "text/xml; charset=ISO-8859-1"}},
		{"Latin-1 by declaration", "/services/Mirth", `<?xml version="1.0" encoding="ISO-8859-1"?>` + accept("<arg0>M\xfcller</arg0>"), "Müller", []string{"Content-Type", "text/xml"}},
		{"compressed", "/services/Mirth", zipped.String(), "zip", []string{"Content-Type", "text/xml", "Content-Encoding", "gzip"}},
		{"attachment", "/services/Mirth", string(m.Body), "TVNI", []string{"Content-Type", m.ContentType}},
	} {
		got := ask(t, "POST", l.url(c.path), c.body, c.header...)
		kept := e.Kept()
		if got.StatusCode != 200 || len(kept) != i+1 {
			t.Fatalf("%s: %d, %d messages\n%s", c.name, got.StatusCode, len(kept), got.body)
		}
		if in := kept[i]; in.Text != c.want || in.Binary || in.SourceMap == nil || len(in.SourceMap) != 0 {
			t.Errorf("%s: %q, source map %v; want %q", c.name, in.Text, in.SourceMap, c.want)
		}
	}
}

func TestAnswers(t *testing.T) {
	const start = `<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><S:Body>`
	const end = `</S:Body></S:Envelope>`
	for _, c := range []struct {
		name     string
		binding  string
		response *weir.Response
		want     string
	}{
		{"none", "DEFAULT", nil, start + `<ns2:acceptMessageResponse xmlns:ns2="http://ws.connectors.connect.mirth.com/"/>` + end},
		{"text", "SOAP11HTTP", &weir.Response{Status: weir.Sent, Message: "MSH|^~\\&|\rMSA|AA|<é€😀>\r"},
			start + `<ns2:acceptMessageResponse xmlns:ns2="http://ws.connectors.connect.mirth.com/"><return xmlns="">MSH|^~\&amp;|&#xd;MSA|AA|&lt;é€😀>&#xd;</return></ns2:acceptMessageResponse>` + end},
		{"error is no fault", "DEFAULT", &weir.Response{Status: weir.Error, Message: "no"},
			start + `<ns2:acceptMessageResponse xmlns:ns2="http://ws.connectors.connect.mirth.com/"><return xmlns="">no</return></ns2:acceptMessageResponse>` + end},
		{"1.2", "SOAP12HTTP", &weir.Response{Status: weir.Sent, Message: "ok"},
			`<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope" xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Header/><S:Body><ns2:acceptMessageResponse xmlns:ns2="http://ws.connectors.connect.mirth.com/"><return xmlns="">ok</return></ns2:acceptMessageResponse>` + end},
	} {
		e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) { return c.response, nil }}
		l := listen(t, e, connectortest.Settings("soapBinding", c.binding))
		of, contentType, want := soap.Space11, textXML, "text/xml; charset=utf-8"
		if c.binding == "SOAP12HTTP" {
			of, contentType, want = soap.Space12, "application/soap+xml;charset=UTF-8", "application/soap+xml; charset=utf-8"
		}
		got := ask(t, "POST", l.url("/services/Mirth"), envelope(of, "<arg0>m</arg0>"), "Content-Type", contentType)
		if got.StatusCode != 200 || got.body != c.want || got.Header.Get("Content-Type") != want {
			t.Errorf("%s: %d %s\n got %s\nwant %s", c.name, got.StatusCode, got.Header.Get("Content-Type"), got.body, c.want)
		}
	}
}

// What is no call is refused, with a fault where it is SOAP, and says nothing of
// the message.
func TestCallsRefused(t *testing.T) {
	secret := connectortest.Secret
	e := &connectortest.Engine{}
	l := listen(t, e, connectortest.Settings("maxBodyBytes", "1000000"))
	for _, c := range []struct {
		name, method, path, contentType, body string
		status                                int
		code                                  string // of the fault; empty: none
	}{
		{"no XML", "POST", "/services/Mirth", textXML, secret, 500, "Client"},
		{"empty", "POST", "/services/Mirth", textXML, "", 500, "Client"},
		{"cut off", "POST", "/services/Mirth", textXML, accept("<arg0>" + secret)[:250], 500, "Client"},
		{"no envelope", "POST", "/services/Mirth", textXML, "<a>" + secret + "</a>", 500, "Client"},
		{"other version", "POST", "/services/Mirth", textXML, envelope(soap.Space12, arg0(secret)), 500, "VersionMismatch"},
		{"must understand", "POST", "/services/Mirth", textXML, strings.Replace(accept(arg0(secret)), "<soapenv:Header/>", `<soapenv:Header><x soapenv:mustUnderstand="1"/></soapenv:Header>`, 1), 500, "MustUnderstand"},
		{"other operation", "POST", "/services/Mirth", textXML, strings.ReplaceAll(accept(arg0(secret)), "acceptMessage", "other"), 500, "Client"},
		{"other namespace", "POST", "/services/Mirth", textXML, strings.Replace(accept(arg0(secret)), space, "urn:x", 1), 500, "Client"},
		{"no argument", "POST", "/services/Mirth", textXML, accept(""), 500, "Client"},
		{"qualified argument", "POST", "/services/Mirth", textXML, accept("<ws:arg0>" + secret + "</ws:arg0>"), 500, "Client"},
		{"elements", "POST", "/services/Mirth", textXML, accept("<arg0><a>" + secret + "</a></arg0>"), 500, "Client"},
		{"document type", "POST", "/services/Mirth", textXML, `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + accept("<arg0>&x;</arg0>"), 500, "Client"},
		{"entity", "POST", "/services/Mirth", textXML, accept("<arg0>&x;</arg0>"), 500, "Client"},
		{"parts", "POST", "/services/Mirth", "multipart/related; boundary=b", secret, 500, "Client"},
		{"too many elements", "POST", "/services/Mirth", "multipart/related; boundary=b", "--b\r\n\r\n" + accept(strings.Repeat("<a/>", maxNodes)) + "\r\n--b--", 500, "Client"},
		{"media type", "POST", "/services/Mirth", "application/soap+xml", accept(arg0(secret)), 415, ""},
		{"charset", "POST", "/services/Mirth", "text/xml; charset=x-none", accept(arg0(secret)), 415, ""},
		{"too large", "POST", "/services/Mirth", textXML, accept(arg0(strings.Repeat(secret, 200_000))), 413, ""},
		{"path", "POST", "/services/Mirt", textXML, accept(arg0(secret)), 404, ""},
		{"method", "PUT", "/services/Mirth", textXML, accept(arg0(secret)), 405, ""},
		{"document", "GET", "/services/Mirth?xsd=2", "", "", 404, ""},
	} {
		got := ask(t, c.method, l.url(c.path), c.body, "Content-Type", c.contentType)
		code := ""
		if envelope, err := soap.Parse(got.body); err == nil {
			if f := envelope.Fault(); f != nil {
				code = f.Code
			}
		}
		if got.StatusCode != c.status || code != c.code || strings.Contains(got.body, secret) || len(e.Kept()) != 0 {
			t.Errorf("%s: %d, fault %q, %d messages; want %d, fault %q\n%s", c.name, got.StatusCode, code, len(e.Kept()), c.status, c.code, got.body)
		}
	}
}

func TestNotKept(t *testing.T) {
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		return nil, errors.New("the disk is full")
	}}
	got := ask(t, "POST", listen(t, e, nil).url("/services/Mirth"), accept("<arg0>m</arg0>"), "Content-Type", textXML)
	envelope, err := soap.Parse(got.body)
	if err != nil || got.StatusCode != 500 || envelope.Fault() == nil || envelope.Fault().Code != "Server" {
		t.Errorf("answer %d %s", got.StatusCode, got.body)
	}
}

func TestAuthentication(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e, config.Group{connectortest.Parse(t, read(t, "testdata/listener.xml")).Group[0].Group[0]})
	for _, c := range []struct {
		method, path, user string
		status             int
	}{
		{"POST", "/services/Mirth", "", 401},
		{"POST", "/services/Mirth", "north:wrong", 401},
		{"GET", "/services/Mirth?wsdl", "", 401},
		{"POST", "/services/Mirth", "north:secret", 200},
		{"GET", "/services/Mirth?wsdl", "north:secret", 200},
	} {
		header := []string{"Content-Type", textXML}
		if c.user != "" {
			r, _ := http.NewRequest("GET", "/", nil)
			user, password, _ := strings.Cut(c.user, ":")
			r.SetBasicAuth(user, password)
			header = append(header, "Authorization", r.Header.Get("Authorization"))
		}
		if got := ask(t, c.method, l.url(c.path), accept("<arg0>m</arg0>"), header...); got.StatusCode != c.status {
			t.Errorf("%s %s as %q: %d, want %d", c.method, c.path, c.user, got.StatusCode, c.status)
		}
	}
	if len(e.Kept()) != 1 {
		t.Errorf("%d messages", len(e.Kept()))
	}
}

// A script decides who may call, and who may read the WSDL.
func TestScriptAuthentication(t *testing.T) {
	e := &connectortest.Engine{RunFor: func(_ context.Context, _ string, about map[string]any) (any, error) {
		if key, _ := about["headers"].(*weir.MultiMap).Get("X-Key"); key == "yes" && about["uri"] == "/services/Mirth" {
			return "true", nil
		}
		return "false", nil
	}}
	l := listen(t, e, config.Group{{Name: "pluginProperties", Group: config.Group{{Name: "com.mirth.connect.plugins.httpauth.javascript.JavaScriptHttpAuthProperties",
		Group: config.Group{{Name: "authType", Text: "JAVASCRIPT"}, {Name: "script", Text: "return true"}}}}}})
	if scripts := l.Scripts(); len(scripts) != 1 || scripts[0].Code != "return true" {
		t.Errorf("scripts %+v", scripts)
	}
	for key, status := range map[string]int{"yes": 200, "no": 401} {
		if got := ask(t, "POST", l.url("/services/Mirth"), accept("<arg0>m</arg0>"), "Content-Type", textXML, "X-Key", key); got.StatusCode != status {
			t.Errorf("%s: %d, want %d", key, got.StatusCode, status)
		}
	}
	if got := ask(t, "GET", l.url("/services/Mirth?wsdl"), "", "X-Key", "no"); got.StatusCode != 401 || len(e.Kept()) != 1 {
		t.Errorf("WSDL %d, %d messages", got.StatusCode, len(e.Kept()))
	}
}

func TestStartRefused(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		at       string
	}{
		{"custom class", []string{"className", "${class}"}, "className"},
		{"no port", []string{"listenerConnectorProperties.port", "x"}, "listenerConnectorProperties.port"},
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

// A class of one's own is refused before anything is started.
func TestClassRefused(t *testing.T) {
	for _, class := range []string{"com.example.Accept", ""} {
		_, err := config.Decode(connectortest.Settings("className", class), new(Listener))
		if err == nil || !strings.Contains(err.Error(), "className") || !strings.Contains(err.Error(), acceptMessage) {
			t.Errorf("className %q: %v", class, err)
		}
	}
}

// WSDL, schema, answers and faults are valid by the rules of their specifications.
func TestDocumentsAreValid(t *testing.T) {
	xmllint := tool(t)
	for _, c := range []struct {
		binding, of, contentType, schema string
	}{
		{"DEFAULT", soap.Space11, textXML, "envelope11.xsd"},
		{"SOAP12HTTP", soap.Space12, "application/soap+xml", "envelope12.xsd"},
	} {
		e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
			return &weir.Response{Message: "a\rb<&]]>"}, nil
		}}
		l := listen(t, e, connectortest.Settings("soapBinding", c.binding))
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS("testdata/schema")); err != nil {
			t.Fatal(err)
		}
		write := func(name, text string) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		write("service.xsd", ask(t, "GET", l.url("/services/Mirth?xsd=1"), "").body)
		call := func(body string) string {
			return ask(t, "POST", l.url("/services/Mirth"), body, "Content-Type", c.contentType).body
		}
		for _, d := range []struct{ name, schema, text string }{
			{"WSDL", "wsdl.xsd", ask(t, "GET", l.url("/services/Mirth?WSDL"), "").body},
			{"the test's own call", c.schema, envelope(c.of, "<arg0>m</arg0>")},
			{"answer", c.schema, call(envelope(c.of, "<arg0>m</arg0>"))},
			{"fault", c.schema, call("<a/>")},
		} {
			file := write("document.xml", d.text)
			if out, err := exec.Command(xmllint, "--noout", "--nonet", "--schema", filepath.Join(dir, d.schema), file).CombinedOutput(); err != nil {
				t.Errorf("%s, %s: %v\n%s\n%s", c.binding, d.name, err, out, d.text)
			}
		}
		// The schemas do refuse what is wrong.
		file := write("document.xml", strings.ReplaceAll(envelope(c.of, "<arg0>m</arg0>"), "arg0", "arg1"))
		if out, err := exec.Command(xmllint, "--noout", "--nonet", "--schema", filepath.Join(dir, c.schema), file).CombinedOutput(); err == nil {
			t.Errorf("%s: a call with arg1 is valid: %s", c.binding, out)
		}
	}
}

// tool returns the path of xmllint.
func tool(t testing.TB) string {
	path, err := exec.LookPath("xmllint")
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") != "":
		t.Fatal("xmllint is missing; install the package libxml2-utils")
	}
	t.Skip("xmllint is missing; install the package libxml2-utils to run this test")
	return ""
}

// A client that reads the WSDL finds the service where it asked for it.
func TestWSDL(t *testing.T) {
	l := listen(t, &connectortest.Engine{}, connectortest.Settings("serviceName", "Lab & Co"))
	base := l.url("/services/Lab%20&%20Co")
	d, err := soap.ReadWSDL(base+"?wsdl", func(location string) (string, error) {
		got := ask(t, "GET", location, "")
		if got.Header.Get("Content-Type") != "text/xml;charset=utf-8" {
			t.Errorf("%s is %s", location, got.Header.Get("Content-Type"))
		}
		return got.body, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p := d.Service(soap.Name{Space: space, Local: "DefaultAcceptMessageService"}).Port(soap.Name{Space: space, Local: "DefaultAcceptMessagePort"})
	if p.Location != base || len(p.Operations) != 1 || p.Operations[0] != (soap.Operation{Name: "acceptMessage"}) {
		t.Errorf("port %+v", p)
	}
	page := ask(t, "GET", base, "")
	if page.StatusCode != 200 || !strings.Contains(page.body, "DefaultAcceptMessageService") || !strings.Contains(page.body, "?wsdl") {
		t.Errorf("page %d %s", page.StatusCode, page.body)
	}
	if head := ask(t, "HEAD", base+"?wsdl", ""); head.StatusCode != 200 || head.body != "" {
		t.Errorf("HEAD %d %q", head.StatusCode, head.body)
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
