package http

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/httpbody"
)

// large is what is too large for memory in these tests.
var large = strings.Repeat("Müller|", 100_000)

func TestListenerStream(t *testing.T) {
	latin := strings.Repeat("M\xfcller|", 100_000)
	for _, c := range []struct {
		name, body string
		header     []string
		settings   []string
		want       string
		streamed   bool
	}{
		{"text", large, []string{"Content-Type", "text/plain; charset=UTF-8"}, nil, large, true},
		{"no charset", latin, nil, nil, large, true},
		{"at the limit", large[:1000], []string{"Content-Type", "text/plain; charset=UTF-8"}, nil, large[:1000], false},
		{"binary", large, []string{"Content-Type", "application/pdf"}, nil, httpbody.Base64Lines([]byte(large)), true},
		{"gzip", zipped(large), []string{"Content-Type", "text/plain; charset=UTF-8", "Content-Encoding", "gzip"}, nil, large, true},
		{"gzip that is small", zipped(large[:5000]), []string{"Content-Type", "text/plain; charset=UTF-8", "Content-Encoding", "gzip"}, nil, large[:5000], false},
		{"form", "a=" + strings.Repeat("x", 5000), []string{"Content-Type", "application/x-www-form-urlencoded"}, nil, "", false},
		{"within XML", strings.Repeat("x", 5000), nil, []string{"xmlBody", "true"}, "<HttpRequest>\n    <Content multipart=\"no\">" + strings.Repeat("x", 5000) + "</Content>\n</HttpRequest>\n", false},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, ", chunked ", chunked), func(t *testing.T) {
				e := &connectortest.Engine{StreamAbove: 1000, Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
					return &weir.Response{Status: weir.Sent, Message: "taken"}, nil
				}}
				l := listen(t, e, connectortest.Settings(c.settings...))
				var body io.Reader = strings.NewReader(c.body)
				if chunked {
					body = struct{ io.Reader }{body}
				}
				r, err := http.NewRequest(http.MethodPost, l.url("/"), body)
				if err != nil {
					t.Fatal(err)
				}
				for i := 0; i < len(c.header); i += 2 {
					r.Header.Set(c.header[i], c.header[i+1])
				}
				a, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer a.Body.Close()
				if got, err := io.ReadAll(a.Body); a.StatusCode != 200 || string(got) != "taken" || err != nil || a.Close {
					t.Errorf("answer %d %q, %v; closes: %v", a.StatusCode, got, err, a.Close)
				}
				in := e.Kept()[0]
				if in.Text != c.want || in.Stream != nil != c.streamed || in.Binary != (c.name == "binary") {
					t.Errorf("%d bytes, streamed %v, binary %v; want %d, %v", len(in.Text), in.Stream != nil, in.Binary, len(c.want), c.streamed)
				}
			})
		}
	}
}

// Requests whose bodies turn out wrong while they are received are told why, and are
// not kept.
func TestListenerStreamRefused(t *testing.T) {
	for _, c := range []struct {
		name, head, body string
		settings         []string
		status           string
	}{
		{"announced too large", "Content-Length: 10000", "", []string{"maxStreamBytes", "5000"}, "413"},
		{"too large", "Transfer-Encoding: chunked", "2710\r\n" + strings.Repeat("x", 10000) + "\r\n0\r\n\r\n", []string{"maxStreamBytes", "5000"}, "413"},
		{"bomb", "Content-Encoding: gzip\r\nTransfer-Encoding: chunked", chunk(zipped(strings.Repeat(large, 20))), []string{"maxStreamBytes", "1000000"}, "413"},
		{"no gzip", "Content-Encoding: gzip\r\nContent-Length: 5000", strings.Repeat("x", 5000), nil, "400"},
		{"gzip cut", "Content-Encoding: gzip\r\nContent-Length: 1100", zipped(large)[:1100], nil, "400"},
		{"cut", "Content-Length: 10000", strings.Repeat("x", 5000), nil, "400"},
		{"silent", "Content-Length: 10000\r\nX-Silent: yes", strings.Repeat("x", 5000), []string{"timeout", "100"}, "408"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &connectortest.Engine{StreamAbove: 1000}
			l := listen(t, e, connectortest.Settings(c.settings...))
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n%s\r\n\r\n%s", c.head, c.body)
			if c.name != "silent" {
				conn.(*net.TCPConn).CloseWrite()
			}
			a, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Body.Close()
			if !strings.HasPrefix(a.Status, c.status) || !a.Close || len(e.Kept()) != 0 {
				t.Errorf("answer %q, closes %v, %d kept; want %s", a.Status, a.Close, len(e.Kept()), c.status)
			}
		})
	}
}

func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(text), text) }

// A body that the engine does not take to its end is answered as any message that is
// not kept.
func TestListenerStreamNotKept(t *testing.T) {
	e := &connectortest.Engine{StreamAbove: 1000, Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		return nil, errors.New("the store is down")
	}}
	l := listen(t, e, nil)
	if a := ask(t, "POST", l.url("/"), large); a.StatusCode != 500 {
		t.Errorf("answer %d %q", a.StatusCode, a.body)
	}
}

func TestSenderStream(t *testing.T) {
	latin := strings.Repeat("M\xfcller|", 100_000)
	plain := []string{"contentType", "text/plain"}
	for _, c := range []struct {
		name, text string
		settings   []string
		headers    []config.Setting
		want       string
		length     string // Content-Length; none for what is sent in chunks
	}{
		{"text", large, plain, nil, large, fmt.Sprint(len(large))},
		{"put", large, append(plain, "method", "put"), nil, large, fmt.Sprint(len(large))},
		{"charset", large, append(plain, "charset", "ISO-8859-1"), nil, latin, fmt.Sprint(len(latin))},
		{"binary", base64.StdEncoding.EncodeToString([]byte(large)), append(plain, "dataTypeBinary", "true"), nil, large, fmt.Sprint(len(large))},
		{"gzip", large, plain, []config.Setting{table("headers", "Content-Encoding", "gzip")}, large, ""},
		{"basic", large, append(plain, "useAuthentication", "true", "username", "u", "password", "p"), nil, large, fmt.Sprint(len(large))},
		{"digest", large, append(plain, "useAuthentication", "true", "authenticationType", "Digest", "username", "u", "password", "p"), nil, large, fmt.Sprint(len(large))},
	} {
		t.Run(c.name, func(t *testing.T) {
			peer := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Header.Get("Authorization") != "":
				case c.name == "basic":
					w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
					w.WriteHeader(401)
				case c.name == "digest":
					w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth-int"`)
					w.WriteHeader(401)
				}
			})
			s := sender(t, c.headers, append(c.settings, "host", peer.URL)...)
			r, err := s.Send(connectortest.Context(t), connectortest.OutboundStream(1, "content", c.text, nil))
			if err != nil || r.Status != weir.Sent {
				t.Fatalf("Send = %+v, %v", r, err)
			}
			for _, got := range peer.requests() {
				body := got.body
				if c.name == "gzip" {
					body = unzipped(t, body)
				}
				if body != c.want || got.header.Get("Content-Length") != c.length {
					t.Errorf("%s: %d bytes, Content-Length %q; want %d, %q", got.method, len(body), got.header.Get("Content-Length"), len(c.want), c.length)
				}
			}
		})
	}
}

func TestSenderStreamMultipart(t *testing.T) {
	peer := serve(t, nil)
	s := sender(t, nil, "host", peer.URL, "multipart", "true", "contentType", "text/plain")
	r, err := s.Send(connectortest.Context(t), connectortest.OutboundStream(1, "content", large, nil))
	if err != nil || r.Status != weir.Sent {
		t.Fatalf("Send = %+v, %v", r, err)
	}
	got := peer.only(t)
	_, params, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	form := multipart.NewReader(strings.NewReader(got.body), params["boundary"])
	part, err := form.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(part); err != nil || string(text) != large || got.header.Get("Content-Length") != fmt.Sprint(len(got.body)) {
		t.Errorf("%d bytes in %d, Content-Length %s; %v", len(text), len(got.body), got.header.Get("Content-Length"), err)
	}
	if _, err := form.NextPart(); err != io.EOF {
		t.Errorf("after the part: %v", err)
	}
}

// What cannot be read to its end is not delivered.
func TestSenderStreamBroken(t *testing.T) {
	peer := serve(t, nil)
	s := sender(t, nil, "host", peer.URL)
	m := connectortest.OutboundStream(1, "content", large, errors.New("the store is down"))
	r, err := s.Send(connectortest.Context(t), m)
	connectortest.CheckFault(t, err)
	if r.Status != weir.Queued {
		t.Errorf("Send = %+v", r)
	}
	var f *weir.Fault
	if !errors.As(err, &f) || f.At != "template" {
		t.Errorf("the fault is %v", err)
	}
}

func unzipped(t *testing.T, text string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
