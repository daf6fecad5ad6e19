package soap

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

func read1(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func mustParse(t testing.TB, text string) *Envelope {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return e
}

// Every testdata/response/*.xml is an answer; the file beside it with .golden added
// is how it is kept.
func TestResponseGolden(t *testing.T) {
	inputs, _ := filepath.Glob("testdata/response/*.xml")
	if len(inputs) == 0 {
		t.Fatal("no cases in testdata/response")
	}
	for _, in := range inputs {
		t.Run(strings.TrimSuffix(filepath.Base(in), ".xml"), func(t *testing.T) {
			got := mustParse(t, read1(t, in)).String()
			if *update {
				os.WriteFile(in+".golden", []byte(got), 0o644)
			}
			if want := read1(t, in+".golden"); got != want {
				t.Errorf("%s\n got %s\nwant %s", in, got, want)
			}
		})
	}
}

const (
	envelope11 = `<s:Envelope xmlns:s="` + Space11 + `">%s</s:Envelope>`
	envelope12 = `<s:Envelope xmlns:s="` + Space12 + `">%s</s:Envelope>`
)

func TestFault(t *testing.T) {
	for _, c := range []struct {
		name, text, code, reason, kept string
	}{
		{"1.1", fmt.Sprintf(envelope11, `<s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>no &lt; room</faultstring><detail><x:e xmlns:x="urn:x"/></detail></s:Fault></s:Body>`),
			"Server", "no < room", `<SOAP-ENV:Fault xmlns:SOAP-ENV="` + Space11 + `">
    <faultcode xmlns:s="` + Space11 + `">s:Server</faultcode>
    <faultstring>no &lt; room</faultstring>
    <detail>
        <x:e xmlns:x="urn:x"/>
    </detail>
</SOAP-ENV:Fault>
`},
		{"as JAX-WS writes it", `<SOAP-ENV:Envelope xmlns:SOAP-ENV="` + Space11 + `" xmlns:d="urn:d"><SOAP-ENV:Body><SOAP-ENV:Fault><faultactor>a</faultactor><faultcode>SOAP-ENV:Client</faultcode><other/><detail> <d:e/>x</detail></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>`,
			"Client", "", `<SOAP-ENV:Fault xmlns:SOAP-ENV="` + Space11 + `">
    <faultcode>SOAP-ENV:Client</faultcode>
    <faultactor>a</faultactor>
    <detail>
        <d:e xmlns:d="urn:d"/>
    </detail>
</SOAP-ENV:Fault>
`},
		{"1.2", fmt.Sprintf(envelope12, `<s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">why</s:Text></s:Reason></s:Fault></s:Body>`),
			"Sender", "why", `<s:Fault xmlns:s="` + Space12 + `">
    <s:Code>
        <s:Value>s:Sender</s:Value>
    </s:Code>
    <s:Reason>
        <s:Text xml:lang="en">why</s:Text>
    </s:Reason>
</s:Fault>
`},
		{"of one's own", fmt.Sprintf(envelope11, `<s:Body xmlns:q="urn:q" xmlns:unused="urn:u"><s:Fault><faultcode>q:Late</faultcode></s:Fault></s:Body>`),
			"Late", "", `<SOAP-ENV:Fault xmlns:SOAP-ENV="` + Space11 + `">
    <faultcode xmlns:q="urn:q">q:Late</faultcode>
</SOAP-ENV:Fault>
`},
	} {
		f := mustParse(t, c.text).Fault()
		if f == nil || f.Code != c.code || f.Reason != c.reason || f.String() != c.kept {
			t.Errorf("%s: %+v\n%v\nwant %s %q\n%s", c.name, f, f, c.code, c.reason, c.kept)
		}
	}
	for _, body := range []string{"<s:Body/>", "<s:Body><Fault/></s:Body>", "<s:Body><a/><s:Fault/></s:Body>"} {
		if f := mustParse(t, fmt.Sprintf(envelope11, body)).Fault(); f != nil {
			t.Errorf("%s is taken for a fault", body)
		}
	}
}

func TestRefused(t *testing.T) {
	deep := strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth)
	wide := "<a"
	for i := range MaxAttributes + 1 {
		wide += fmt.Sprintf(` a%d=""`, i)
	}
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"nothing", "", errOutside},
		{"text", "MSH", errOutside},
		{"document type", `<!DOCTYPE a [<!ENTITY e "x">]>` + fmt.Sprintf(envelope11, "<s:Body>&e;</s:Body>"), errDoctype},
		{"document type within", fmt.Sprintf(envelope11, `<!DOCTYPE a><s:Body/>`), errDoctype},
		{"unknown entity", fmt.Sprintf(envelope11, "<s:Body>&e;</s:Body>"), nil},
		{"other root", "<a/>", ErrNoEnvelope},
		{"other namespace", `<Envelope xmlns="urn:x"><Body/></Envelope>`, ErrNoEnvelope},
		{"no body", fmt.Sprintf(envelope11, ""), ErrNoBody},
		{"body of the other version", fmt.Sprintf(envelope11, `<Body xmlns="`+Space12+`"/>`), ErrNoBody},
		{"cut off", `<s:Envelope xmlns:s="` + Space11 + `"><s:Body>`, errUnfinish},
		{"crossed", fmt.Sprintf(envelope11, "<s:Body><a></b></a></s:Body>"), errNesting},
		{"two roots", fmt.Sprintf(envelope11, "<s:Body/>") + "<a/>", errOutside},
		{"text after it", fmt.Sprintf(envelope11, "<s:Body/>") + "x", errOutside},
		{"prefix", fmt.Sprintf(envelope11, "<s:Body><p:a/></s:Body>"), errPrefix},
		{"prefix that has ended", fmt.Sprintf(envelope11, `<s:Body><p:a xmlns:p="urn:p"/><p:a/></s:Body>`), errPrefix},
		{"attribute twice", fmt.Sprintf(envelope11, `<s:Body a="1" a="2"/>`), errTwice},
		{"attribute twice by namespace", fmt.Sprintf(envelope11, `<s:Body xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>`), errTwice},
		{"too deep", fmt.Sprintf(envelope11, "<s:Body>"+deep+"</s:Body>"), errDeep},
		{"too wide", fmt.Sprintf(envelope11, "<s:Body>"+wide+"/></s:Body>"), errWide},
		{"too many", fmt.Sprintf(envelope11, "<s:Body>"+strings.Repeat("<a/>", MaxNodes)+"</s:Body>"), errMany},
	} {
		if _, err := Parse(c.text); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestNotUnderstood(t *testing.T) {
	e := mustParse(t, fmt.Sprintf(envelope11, `<s:Header><a s:mustUnderstand="1"/><b/><c s:mustUnderstand="0"/><d s:mustUnderstand="1" s:actor="urn:other"/><e xmlns="urn:e" s:mustUnderstand="true" s:actor="http://schemas.xmlsoap.org/soap/actor/next"/></s:Header><s:Body/>`))
	if got := fmt.Sprint(e.NotUnderstood()); got != "[a {urn:e}e]" {
		t.Errorf("not understood: %s", got)
	}
}

func TestCharset(t *testing.T) {
	for _, c := range []struct{ contentType, document, want string }{
		{"text/xml; charset=ISO-8859-1", `<?xml version="1.0" encoding="utf-8"?>`, "ISO-8859-1"},
		{"text/xml", `<?xml version='1.0' encoding='windows-1252'?>`, "windows-1252"},
		{"", `<?xml version="1.0"?>`, "UTF-8"},
		{"text/xml", `<a encoding="x"/>`, "UTF-8"},
		{"text/xml", "\xfe\xff\x00<", "UTF-16"},
		{"text/xml", "\xff\xfe<\x00", "UTF-16"},
		{"; ;", `<?xml encoding=`, "UTF-8"},
	} {
		if got := Charset(c.contentType, []byte(c.document)); got != c.want {
			t.Errorf("Charset(%q, %q) = %q, want %q", c.contentType, c.document, got, c.want)
		}
	}
}

// The hash was computed by other means from nonce, time and password.
func TestSecure(t *testing.T) {
	token := UsernameToken{Username: "a&b", Password: "sec<ret", Created: time.Date(2026, 1, 2, 4, 4, 5, 678e6, time.FixedZone("", 3600)),
		Nonce: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}
	text := token.String()
	token.Digest = true
	digest := token.String()
	for _, part := range []struct{ in, want string }{
		{text, `<wsse:Username>a&amp;b</wsse:Username>`},
		{text, `#PasswordText">sec&lt;ret</wsse:Password>`},
		{text, `<wsu:Created>2026-01-02T03:04:05.678Z</wsu:Created>`},
		{digest, `#PasswordDigest">vSouSKDy1lITDP2COe+tg6Nj1nM=</wsse:Password>`},
		{digest, `#Base64Binary">AAECAwQFBgcICQoLDA0ODw==</wsse:Nonce>`},
	} {
		if !strings.Contains(part.in, part.want) {
			t.Errorf("the token\n%s\nlacks %s", part.in, part.want)
		}
	}
	for _, c := range []struct{ name, before, after string }{
		{"no header", `<s:Body/>`, `<s:Header>` + text + `</s:Header><s:Body/>`},
		{"header", `<s:Header><Header/></s:Header><s:Body/>`, `<s:Header>` + text + `<Header/></s:Header><s:Body/>`},
		{"empty header", `<s:Header a="1"/><s:Body/>`, `<s:Header a="1">` + text + `</s:Header><s:Body/>`},
		{"comment before", `<!-- <s:Header/> --><s:Header></s:Header><s:Body/>`, `<!-- <s:Header/> --><s:Header>` + text + `</s:Header><s:Body/>`},
	} {
		token.Digest = false
		got, err := mustParse(t, fmt.Sprintf(envelope11, c.before)).Secure(token)
		if want := fmt.Sprintf(envelope11, c.after); err != nil || got != want {
			t.Errorf("%s: %v\n got %s\nwant %s", c.name, err, got, want)
			continue
		}
		if _, err := mustParse(t, got).Secure(token); !errors.Is(err, ErrHasSecurity) {
			t.Errorf("%s: a second token: %v", c.name, err)
		}
	}
}

func TestAttach(t *testing.T) {
	parts := []Part{{ID: "pdf", ContentType: "application/pdf", Content: []byte("%PDF\r\n--uuid\x00\xff")}, {ID: "<x@y>", ContentType: "text/plain", Content: nil}}
	for _, v := range []Version{SOAP11, SOAP12} {
		m := Attach(v, `urn:"a`, []byte("<e/>"), parts)
		root, others, err := Detach(m.ContentType, m.Body)
		if err != nil || string(root.Content) != "<e/>" || root.ContentType == "" || len(others) != 2 {
			t.Fatalf("SOAP %v: %+v, %+v, %v\n%s", v, root, others, err, m.ContentType)
		}
		if bare(others[0].ID) != "pdf" || others[0].ContentType != "application/pdf" || !bytes.Equal(others[0].Content, parts[0].Content) || others[1].ID != "<x@y>" {
			t.Errorf("SOAP %v: attachments %+v", v, others)
		}
	}
	m := Attach(SOAP11, "", nil, []Part{{ID: "a\r\nX: y", ContentType: "b\nZ: z"}})
	if bytes.Contains(m.Body, []byte("\nX:")) || bytes.Contains(m.Body, []byte("\nZ:")) {
		t.Errorf("an attachment adds headers: %q", m.Body)
	}
}

// The second part of testdata's message is the envelope, as start says.
func TestDetachRecorded(t *testing.T) {
	body := strings.ReplaceAll(read1(t, "testdata/mtom.txt"), "\n", "\r\n")
	root, parts, err := Detach(`Multipart/Related; boundary="=_b"; type="application/xop+xml"; start="<root>"; start-info="text/xml"`, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	e := mustParse(t, string(root.Content))
	if err := e.Include(parts, 100); err != nil {
		t.Fatal(err)
	}
	want := `<doc xmlns="urn:d"><a>SGVsbG8=</a><b>AP8=</b><c><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:lost"/></c></doc>`
	if got := e.String(); !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := mustParse(t, string(root.Content)).Include(parts, 11); !errors.Is(err, ErrExpanded) {
		t.Errorf("attachments beyond the limit: %v", err)
	}
}

func TestDetachRefused(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		want                    error
	}{
		{"no boundary", "multipart/related", "", errNoBoundary},
		{"no type", "", "", errNoBoundary},
		{"empty", "multipart/related; boundary=b", "", errMultipart},
		{"no parts", "multipart/related; boundary=b", "--b--\r\n", errNoRoot},
		{"cut off", "multipart/related; boundary=b", "--b\r\nA: b\r\n\r\nx", errMultipart},
		{"no such start", "multipart/related; boundary=b; start=x", "--b\r\n\r\nx\r\n--b--", errNoRoot},
		{"broken base64", "multipart/related; boundary=b", "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--b--", errEncoding},
		{"too many", "multipart/related; boundary=b", strings.Repeat("--b\r\n\r\nx\r\n", MaxParts+1) + "--b--", errManyParts},
		{"large header", "multipart/related; boundary=b", "--b\r\nA: " + strings.Repeat("x", maxPartHeader) + "\r\n\r\nx\r\n--b--", errPartHeader},
	} {
		if _, _, err := Detach(c.contentType, []byte(c.body)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// files is a fetch of a WSDL from the testdata.
func files(t testing.TB, asked *[]string) func(string) (string, error) {
	return func(location string) (string, error) {
		*asked = append(*asked, location)
		b, err := os.ReadFile(filepath.Join("testdata/wsdl", strings.TrimPrefix(location, "http://h/")))
		return string(b), err
	}
}

func TestReadWSDL(t *testing.T) {
	var asked []string
	d, err := ReadWSDL("http://h/lab.wsdl", files(t, &asked))
	if err != nil {
		t.Fatal(err)
	}
	want := &Definitions{Services: []Service{{Name: Name{"urn:lab", "Lab"}, Ports: []Port{
		{Name{"urn:lab", "LabSoap"}, "https://lab.example/soap", SOAP11, []Operation{{"send", "urn:lab/send", false}, {"note", "urn:lab/note", true}}},
		{Name{"urn:lab", "LabSoap12"}, "https://lab.example/soap12", SOAP12, []Operation{{"send", "urn:lab/send12", false}}},
	}}}}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got %+v\nwant %+v", d, want)
	}
	if got := strings.Join(asked, " "); got != "http://h/lab.wsdl http://h/parts/binding.wsdl http://h/parts/types.xsd" {
		t.Errorf("fetched %s", got)
	}
	if s := d.Service(ParseName("{urn:lab}Lab")); s == nil || s.Port(ParseName(" {urn:lab}LabSoap12 ")) == nil || s.Port(Name{"", "LabSoap"}) != nil || d.Service(Name{}) != nil {
		t.Errorf("services and ports are not found by name")
	}
}

func TestWSDLRefused(t *testing.T) {
	chain := func(location string) (string, error) {
		return `<definitions xmlns="` + spaceWSDL + `"><import location="` + location + `x"/></definitions>`, nil
	}
	text := func(s string) func(string) (string, error) { return func(string) (string, error) { return s, nil } }
	broken := errors.New("no network")
	for _, c := range []struct {
		name  string
		fetch func(string) (string, error)
		want  error
	}{
		{"not there", func(string) (string, error) { return "", broken }, broken},
		{"HTML", text("<html/>"), ErrNoWSDL},
		{"WSDL 2.0", text(`<description xmlns="http://www.w3.org/ns/wsdl"/>`), ErrNoWSDL},
		{"document type", text(`<!DOCTYPE d><definitions xmlns="` + spaceWSDL + `"/>`), errDoctype},
		{"imports without end", chain, errManyDocuments},
		{"a file of this side", text(`<definitions xmlns="` + spaceWSDL + `"><import location="file:///etc/passwd"/></definitions>`), errLocation},
		{"no address", text(`<definitions xmlns="` + spaceWSDL + `"><import location="%zz"/></definitions>`), errLocation},
	} {
		if _, err := ReadWSDL("http://h/a", c.fetch); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestAnswer(t *testing.T) {
	var b strings.Builder
	Escape(&b, "a\rb\n<&>]]>\x00é")
	if got, want := b.String(), "a&#xd;b\n&lt;&amp;>]]&gt; é"; got != want {
		t.Errorf("escaped %q, want %q", got, want)
	}
	for _, v := range []Version{SOAP11, SOAP12} {
		e := mustParse(t, Answer(v, "<r>"+b.String()+"</r>"))
		if e.Version != v || e.Payload().Text() != "a\rb\n<&>]]> é" {
			t.Errorf("SOAP %v: %q", v, e.Payload().Text())
		}
		f := mustParse(t, AnswerFault(v, FaultServer, "a < b")).Fault()
		if f == nil || f.Reason != "a < b" || f.Code != map[Version]string{SOAP11: "Server", SOAP12: "Receiver"}[v] {
			t.Errorf("SOAP %v: fault %+v", v, f)
		}
	}
	if SOAP12.ContentType(`a"b`) != `application/soap+xml; charset=utf-8;action="a\"b"` || Action("") != `""` || Action(`"x"`) != `"x"` || Action("x\r\ny") != `"x  y"` {
		t.Error("the action is not quoted as it should be")
	}
}
