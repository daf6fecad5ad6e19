package smtp

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

func TestSettings(t *testing.T) {
	connectortest.Declared(t, new(Sender))
	var s Sender
	connectortest.Decode(t, &s, connectortest.Export(t, "testdata/sender.xml"))
	if s.Host.Text != "mail.example" || s.Headers[0].Values[0].Text != "${site}" || s.Body.Text != "<p>${text}</p>" || !s.HTML {
		t.Errorf("sender: %+v", &s)
	}
	templates := map[string]string{}
	for _, f := range config.List(&s) {
		if f.Kind == "template" {
			templates[f.Name] = f.Default
		}
	}
	for name, want := range map[string]string{"attachments.0.name": "${control}.hl7", "attachments.0.content": "${message.encodedData}",
		"attachments.1.content": "${pdf}", "attachments.1.mimeType": "application/pdf", "headers.X-Site.0": "${site}"} {
		if templates[name] != want {
			t.Errorf("template %s is %q, want %q", name, templates[name], want)
		}
	}
}

func TestSuite(t *testing.T) {
	connectortest.Destination(t, connectortest.DestinationCase{
		New:      func() weir.Destination { return new(ended) },
		Template: "body",
		Up: func(t *testing.T) connectortest.Partner {
			m := serve(t, false, nil, nil)
			return connectortest.Partner{Settings: m.settings(), Received: func() (out []string) {
				for _, one := range m.emails() {
					text, _, _ := strings.Cut(parse(t, one.text).parts[0].text, "<end>")
					out = append(out, strings.ReplaceAll(text, "\r\n", "\r"))
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
			host, port, _ := net.SplitHostPort(ln.Addr().String())
			return (&mailServer{host: host, port: port}).settings()
		},
		Silent: func(t *testing.T) []string {
			return raw(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
		},
		Cutting: func(t *testing.T) []string {
			return raw(t, func(conn net.Conn) { converse(conn, false) })
		},
	})
}

// ended is a sender that marks the end of bodies, to which SMTP may add the end of
// a line.
type ended struct{ Sender }

func (e *ended) Send(ctx context.Context, m *weir.Outbound) (weir.Response, error) {
	m.Resolved["body"] += "<end>"
	return e.Sender.Send(ctx, m)
}

// converse speaks SMTP up to the end of an e-mail and then says nothing more.
func converse(conn net.Conn, wait bool) {
	fmt.Fprint(conn, "220 here\r\n")
	lines := bufio.NewScanner(conn)
	data := false
	for lines.Scan() {
		switch line := lines.Text(); {
		case data && line == ".":
			if wait {
				io.Copy(io.Discard, conn)
			}
			return
		case data:
		case line == "DATA":
			data = true
			fmt.Fprint(conn, "354 go on\r\n")
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

// part is a part of an e-mail, decoded.
type part struct{ kind, name, text string }

type parsed struct {
	header netmail.Header
	parts  []part
}

func parse(t testing.TB, text string) (out parsed) {
	t.Helper()
	e, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %.300q", err, text)
	}
	out.header = e.Header
	kind, params, err := mime.ParseMediaType(e.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		out.parts = []part{{e.Header.Get("Content-Type"), "", decoded(t, e.Header.Get("Content-Transfer-Encoding"), e.Body)}}
		return out
	}
	r := multipart.NewReader(e.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		name, _ := new(mime.WordDecoder).DecodeHeader(p.FileName())
		out.parts = append(out.parts, part{p.Header.Get("Content-Type"), name, decoded(t, p.Header.Get("Content-Transfer-Encoding"), p)})
	}
}

func decoded(t testing.TB, encoding string, r io.Reader) string {
	t.Helper()
	switch encoding {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	default:
		t.Fatalf("transfer encoding %q", encoding)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// send opens a sender and sends one message.
func send(t testing.TB, settings []string, groups []config.Setting, change func(m *weir.Outbound)) (weir.Response, error) {
	t.Helper()
	s := new(Sender)
	connectortest.Open(t, s, append(connectortest.Settings(settings...), groups...))
	m := connectortest.Outbound(1, "nothing", "")
	if change != nil {
		change(m)
	}
	r, err := s.Send(connectortest.Context(t), m)
	if err != nil {
		connectortest.CheckFault(t, err)
		if r.Status != weir.Queued || !strings.HasPrefix(r.StatusMessage, "Error sending email message") ||
			strings.Contains(r.StatusMessage, "[") && !strings.Contains(r.StatusMessage, " [EmailException: Sending the email to the following server failed : ") {
			t.Errorf("response of a failure: %+v", r)
		}
	} else if r.Status != weir.Sent || r.StatusMessage != "Email sent successfully." {
		t.Errorf("response: %+v", r)
	}
	return r, err
}

func group(name, elements string, t testing.TB) config.Setting {
	s := connectortest.Parse(t, elements)
	s.Name = name
	return s
}

func TestEmail(t *testing.T) {
	m := serve(t, false, nil, nil)
	headers := group("headers", `<entry><string>X-Site</string><string>Süd</string></entry><entry><string>To</string><string>other@example.org</string></entry>`, t)
	attachments := group("attachments", `<a><name>Befund ü.txt</name><content>größer</content><mimeType>text/plain</mimeType></a>`+
		`<a><name>a.pdf</name><content>JVBE\nRg</content><mimeType>application/pdf</mimeType></a>`+
		`<a><name>plain</name><content>x</content><mimeType>nothing</mimeType></a>`, t)
	attachments.Group[1].Group[1].Text = "JVBE\nRg"
	r, err := send(t, m.settings("to", `"Ward, 3" <ward@example.org>, lab@example.org,`, "cc", "cc@example.org", "bcc", "hidden@example.org",
		"replyTo", "a@example.org,b@example.org", "subject", "Größe", "html", "true", "body", "<p>größer €\r\n.\r\n</p>", "charsetEncoding", "ISO-8859-1"),
		[]config.Setting{headers, attachments}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := m.only(t)
	if got.from != "weir@example.org" || !slices.Equal(got.to, []string{"ward@example.org", "lab@example.org", "cc@example.org", "hidden@example.org"}) {
		t.Errorf("envelope %q, %q", got.from, got.to)
	}
	e := parse(t, got.text)
	for name, want := range map[string]string{"To": `"Ward, 3" <ward@example.org>, <lab@example.org>`, "Cc": "<cc@example.org>", "Bcc": "",
		"Reply-To": "<a@example.org>, <b@example.org>", "Subject": "Größe", "X-Site": "Süd", "Message-Id": r.Message, "User-Agent": "", "X-Mailer": ""} {
		value, err := new(mime.WordDecoder).DecodeHeader(e.header.Get(name))
		if err != nil || value != want {
			t.Errorf("header %s: %q (%v), want %q", name, value, err, want)
		}
	}
	if e.header.Get("Date") == "" || len(e.header["To"]) != 1 || strings.Contains(got.text, "hidden@") {
		t.Errorf("headers %v", e.header)
	}
	want := []part{
		{"text/html; charset=ISO-8859-1", "", "<p>gr\xf6\xdfer ?\r\n.\r\n</p>"},
		{"text/plain; charset=ISO-8859-1", "Befund ü.txt", "gr\xf6\xdfer"},
		{"application/pdf", "a.pdf", "%PDF"},
		{"text/plain; charset=ISO-8859-1", "plain", "x"},
	}
	for i := range e.parts {
		e.parts[i].kind, _, _ = strings.Cut(e.parts[i].kind, "; name=")
	}
	if !slices.Equal(e.parts, want) {
		t.Errorf("parts\n%q\nwant\n%q", e.parts, want)
	}
}

func TestUTF16Body(t *testing.T) {
	m := serve(t, false, nil, nil)
	if _, err := send(t, m.settings("body", "a\r\nb", "charsetEncoding", "UTF-16LE"), nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := parse(t, m.only(t).text).parts[0]; got.text != "a\x00\r\x00\n\x00b\x00" || got.kind != "text/plain; charset=UTF-16LE" {
		t.Errorf("part %q", got)
	}
}

// scripted is an AttachmentEntry of a script.
type scripted struct{ content any }

func (s scripted) AttachmentEntry() (string, any, string) { return "s.bin", s.content, "image/png" }

func TestVariables(t *testing.T) {
	values := map[string]any{
		"h": map[string]any{"X-B": 2.0, "X-A": "1"},
		"a": []any{
			scripted{[]byte{1, 2}},
			map[string]any{"name": "m.xml", "content": "<ü/>", "mimeType": "application/xml"},
		},
		"none": "text",
	}
	lookup := func(m *weir.Outbound) {
		m.Lookup = func(name string) (any, bool) { v, ok := values[name]; return v, ok }
	}
	m := serve(t, false, nil, nil)
	if _, err := send(t, m.settings("isUseHeadersVariable", "true", "headersVariable", "h", "isUseAttachmentsVariable", "true", "attachmentsVariable", "a"), nil, lookup); err != nil {
		t.Fatal(err)
	}
	e := parse(t, m.only(t).text)
	if e.header.Get("X-A") != "1" || e.header.Get("X-B") != "2" {
		t.Errorf("headers %v", e.header)
	}
	if len(e.parts) != 3 || e.parts[1].text != "\x01\x02" || e.parts[2].text != "<ü/>" || e.parts[2].name != "m.xml" {
		t.Errorf("parts %q", e.parts)
	}
	if _, err := send(t, m.settings("isUseHeadersVariable", "true", "headersVariable", "none", "isUseAttachmentsVariable", "true", "attachmentsVariable", "absent"), nil, lookup); err != nil {
		t.Errorf("variables that are missing: %v", err)
	}
	values["a"] = []any{connectortest.Secret}
	if _, err := send(t, m.settings("isUseAttachmentsVariable", "true", "attachmentsVariable", "a"), nil, lookup); err == nil {
		t.Error("a list of what is no attachment was sent")
	}
}

// What a message could use to add headers or recipients, and what cannot be
// sent. Nothing of it reaches the server.
func TestRefused(t *testing.T) {
	m := serve(t, false, nil, nil)
	evil := "x\r\nBcc: " + connectortest.Secret + "@example.org"
	for _, c := range []struct{ name, setting, value, at string }{
		{"line end in the subject", "subject", evil, "subject"},
		{"line end in a recipient", "to", "a@example.org" + evil, "to"},
		{"line end in the sender", "from", "a@example.org\nX: y", "from"},
		{"line end in replyTo", "replyTo", "a@example.org,\r\n b@example.org", "replyTo"},
		{"line end in a header", "headers.X-Site.0", evil, "headers.X-Site"},
		{"line end in a file name", "attachments.0.name", evil, "attachments.0"},
		{"line end in a media type", "attachments.0.mimeType", "text/plain\r\nX: y", "attachments.0"},
		{"no media type", "attachments.0.mimeType", "a b/c", "attachments.0"},
		{"attachment that is no base64", "attachments.1.content", connectortest.Secret, "attachments.1"},
		{"no address", "to", connectortest.Secret, "to"},
		{"no recipient", "to", " , ", "to"},
		{"no sender", "from", "", "from"},
		{"two senders", "from", "a@example.org, b@example.org", "from"},
		{"no server", "smtpHost", "", "smtpHost"},
		{"no port", "smtpPort", "70000", "smtpPort"},
		{"no local address", "localAddress", "not an address", "localAddress"},
	} {
		t.Run(c.name, func(t *testing.T) {
			groups := []config.Setting{
				group("headers", `<entry><string>X-Site</string><string>${site}</string></entry>`, t),
				group("attachments", `<a><name>n</name><content>c</content><mimeType>text/plain</mimeType></a><a><name>n</name><content></content><mimeType>image/png</mimeType></a>`, t),
			}
			_, err := send(t, m.settings("overrideLocalBinding", "true", "localAddress", "127.0.0.1"), groups, func(m *weir.Outbound) { m.Resolved[c.setting] = c.value })
			if err == nil || !strings.HasPrefix(err.Error(), c.at+": ") {
				t.Errorf("%v, want a fault at %s", err, c.at)
			}
		})
	}
	if got := m.emails(); len(got) != 0 {
		t.Errorf("%d e-mails were sent", len(got))
	}
	h := group("headers", `<entry><string>X Site:</string><string>v</string></entry>`, t)
	if _, err := send(t, m.settings(), []config.Setting{h}, nil); err == nil {
		t.Error("a header name with a blank was sent")
	}
}
