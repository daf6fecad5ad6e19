package http

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/connector/httpfield"
	"github.com/weir-health/weir/connector/httpserver"
)

// processed starts a listener whose messages are processed, with variables.
func processed(t *testing.T, r *weir.Response, variables map[string]any, settings config.Group) *Listener {
	t.Helper()
	e := &connectortest.Engine{}
	env := e.SourceEnv(t)
	receive := env.Receive
	env.Receive = func(ctx context.Context, in weir.Inbound) (weir.Reply, error) {
		reply, err := receive(ctx, in)
		reply.Response = r
		if variables != nil {
			reply.Lookup = func(name string) (any, bool) { v, ok := variables[name]; return v, ok }
			reply.Resolve = func(text string) string {
				for _, name := range slices.Sorted(maps.Keys(variables)) {
					text = strings.ReplaceAll(text, "${"+name+"}", httpfield.TextOf(variables[name]))
				}
				return text
			}
		}
		return reply, err
	}
	l := new(Listener)
	connectortest.Decode(t, l, append(connectortest.Settings(connectortest.Loopback()...), settings...))
	if err := l.Start(connectortest.Context(t), env); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connectortest.Stop(t, l) })
	return l
}

func TestReply(t *testing.T) {
	sent := func(text string) *weir.Response { return &weir.Response{Status: weir.Sent, Message: text} }
	for _, c := range []struct {
		name      string
		response  *weir.Response
		variables map[string]any
		settings  config.Group
		status    int
		body      string
		header    map[string]string
	}{
		{"nothing selected", nil, nil, nil, 200, "", map[string]string{"Content-Type": "text/plain;charset=utf-8", "Content-Length": "0"}},
		{"sent", sent("ü"), nil, nil, 200, "ü", map[string]string{"Content-Type": "text/plain;charset=utf-8"}},
		{"error", &weir.Response{Status: weir.Error, Message: "no"}, nil, nil, 500, "no", nil},
		{"filtered", &weir.Response{Status: weir.Filtered}, nil, nil, 200, "", nil},
		{"json", sent("{}"), nil, connectortest.Settings("responseContentType", "application/json"), 200, "{}", map[string]string{"Content-Type": "application/json;charset=utf-8"}},
		{"xml", sent("<a/>"), nil, connectortest.Settings("responseContentType", "application/xml"), 200, "<a/>", map[string]string{"Content-Type": "application/xml; charset=UTF-8"}},
		{"own charset", sent("ü"), nil, connectortest.Settings("charset", "windows-1252"), 200, "\xfc", map[string]string{"Content-Type": "text/plain; charset=windows-1252"}},
		{"variables", sent("ü"), map[string]any{"ctype": "text/plain; charset=ISO-8859-1", "code": "201"},
			append(connectortest.Settings("responseContentType", "${ctype}", "responseStatusCode", "${code}", "charset", "ISO-8859-1"), table("responseHeaders", "X-Answer", "${code}-x", "X-Answer", "y")),
			201, "\xfc", map[string]string{"Content-Type": "text/plain;charset=iso-8859-1", "X-Answer": "201-x y"}},
		{"variables that are missing", sent("x"), map[string]any{}, connectortest.Settings("responseStatusCode", "${code}"), 200, "x", nil},
		{"variables of a message that is not processed", sent("x"), nil, connectortest.Settings("responseStatusCode", "${code}", "responseContentType", "${ctype} x"), 200, "x",
			map[string]string{"Content-Type": "text/plain;charset=utf-8"}},
		{"status without a body", sent("x"), nil, connectortest.Settings("responseStatusCode", "204"), 204, "", nil},
		{"status out of range", sent("x"), nil, connectortest.Settings("responseStatusCode", "100"), 200, "x", nil},
		{"error with a status", &weir.Response{Status: weir.Error, Message: "no"}, nil, connectortest.Settings("responseStatusCode", "418"), 418, "no", nil},
		{"headers from a variable", sent("x"), map[string]any{"h": map[string]any{"X-A": []any{"1", "2"}, "X-B": 3.0}},
			append(connectortest.Settings("useResponseHeadersVariable", "true", "responseHeadersVariable", "h"), table("responseHeaders", "X-No", "1")),
			200, "x", map[string]string{"X-A": "1 2", "X-B": "3", "X-No": ""}},
		{"header injection", sent("x"), map[string]any{"v": "1\r\nX-Evil: 1\r\n\r\nbody", "n": "X-N\r\nX-Evil", "ct": "text/plain\r\nX-Evil: 1"},
			append(connectortest.Settings("responseContentType", "${ct}"), table("responseHeaders", "X-A", "${v}", "${n}", "1", "Content-Length", "1", "Transfer-Encoding", "x")),
			200, "x", map[string]string{"X-A": "1  X-Evil: 1    body", "X-Evil": "", "Content-Length": "1", "Content-Type": "text/plain;charset=utf-8"}},
		{"content type from the headers", sent("x"), nil, config.Group{table("responseHeaders", "content-type", "a/b")}, 200, "x", map[string]string{"Content-Type": "a/b"}},
		{"binary", sent("AAECAw=="), nil, connectortest.Settings("responseDataTypeBinary", "true", "responseContentType", "image/png"), 200, "\x00\x01\x02\x03", map[string]string{"Content-Type": "image/png"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ask(t, "POST", processed(t, c.response, c.variables, c.settings).url("/"), "m")
			if got.StatusCode != c.status || got.body != c.body {
				t.Errorf("answer %d %q, want %d %q", got.StatusCode, got.body, c.status, c.body)
			}
			for name, want := range c.header {
				if text := strings.Join(got.Header.Values(name), " "); text != want {
					t.Errorf("header %s is %q, want %q", name, text, want)
				}
			}
		})
	}
}

func TestReplyGzip(t *testing.T) {
	l := processed(t, &weir.Response{Status: weir.Sent, Message: "hello"}, nil, nil)
	for _, c := range []struct {
		accept string
		zipped bool
	}{{"gzip, deflate", true}, {"br;q=1.0, gzip;q=0.8", true}, {"identity", false}, {"gzip;q=0", false}, {"gzip; q=0.000", false}, {"", false}} {
		got := ask(t, "POST", l.url("/"), "m", "Accept-Encoding", c.accept)
		body := got.body
		if got.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(z)
			body = string(b)
		}
		if body != "hello" || (got.Header.Get("Content-Encoding") == "gzip") != c.zipped {
			t.Errorf("%q: %q, %q", c.accept, got.Header.Get("Content-Encoding"), body)
		}
	}
}

// What cannot be sent is noted with the message, which is kept.
func TestReplyFailed(t *testing.T) {
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		return &weir.Response{Status: weir.Sent, Message: "not base64: " + connectortest.Secret}, nil
	}}
	l := listen(t, e, connectortest.Settings("responseDataTypeBinary", "true"))
	if got := ask(t, "POST", l.url("/"), "m"); got.StatusCode != 500 {
		t.Errorf("status %d", got.StatusCode)
	}
	connectortest.CheckFault(t, e.UntilFailed(t))
}

func TestNotKept(t *testing.T) {
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		return nil, errors.New("the disk is full")
	}}
	l := listen(t, e, connectortest.Settings("responseStatusCode", "200"))
	got := ask(t, "POST", l.url("/"), connectortest.Secret)
	if got.StatusCode != 500 || got.Header.Get("Content-Type") != "text/plain;charset=utf-8" || got.body != httpserver.ErrNotKept.Text+"\n" {
		t.Errorf("answer %d %v %q", got.StatusCode, got.Header, got.body)
	}
}

// The reply to HEAD has the headers and no body.
func TestHead(t *testing.T) {
	l := processed(t, &weir.Response{Status: weir.Sent, Message: "hello"}, nil, nil)
	got := ask(t, http.MethodHead, l.url("/"), "")
	if got.StatusCode != 200 || got.body != "" || got.Header.Get("Content-Length") != "5" {
		t.Errorf("answer %d %v %q", got.StatusCode, got.Header, got.body)
	}
}
