package http

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/connector/httpclient"
)

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func deflated(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

func TestResponse(t *testing.T) {
	for _, c := range []struct {
		name     string
		status   int
		header   []string
		body     string
		settings []string
		want     weir.Response
	}{
		{"text", 200, []string{"Content-Type", "text/plain; charset=UTF-8"}, "ü", nil, weir.Response{Status: weir.Sent, Message: "ü"}},
		{"no charset", 200, []string{"Content-Type", "text/plain"}, "ü", nil, weir.Response{Status: weir.Sent, Message: "ü"}},
		{"that of the request", 200, []string{"Content-Type", "application/json"}, "\xfc", []string{"charset", "ISO-8859-1"}, weir.Response{Status: weir.Sent, Message: "ü"}},
		{"none in the request either", 200, []string{"Content-Type", "text/plain"}, "ü", []string{"charset", "NONE"}, weir.Response{Status: weir.Sent, Message: "ü"}},
		{"charset not known", 200, []string{"Content-Type", "text/plain; charset=utf-9"}, "ü", nil, weir.Response{Status: weir.Sent, Message: "ü"}},
		{"empty", 204, nil, "", nil, weir.Response{Status: weir.Sent}},
		{"below 400", 304, nil, "", nil, weir.Response{Status: weir.Sent}},
		{"binary", 200, []string{"Content-Type", "application/pdf"}, "%PDF", nil, weir.Response{Status: weir.Sent, Message: "JVBERg==\r\n"}},
		{"binary by prefix", 200, []string{"Content-Type", "text/x-bin"}, "a", []string{"responseBinaryMimeTypesRegex", "false", "responseBinaryMimeTypes", "image/, text/x"},
			weir.Response{Status: weir.Sent, Message: "YQ==\r\n"}},
		{"json is text", 200, []string{"Content-Type", "application/fhir+json; charset=utf-8"}, "{}", nil, weir.Response{Status: weir.Sent, Message: "{}"}},
		{"gzip", 200, []string{"Content-Type", "text/plain", "Content-Encoding", "gzip"}, zipped("hello"), nil, weir.Response{Status: weir.Sent, Message: "hello"}},
		{"deflate", 200, []string{"Content-Type", "text/plain", "Content-Encoding", "deflate"}, deflated("hello"), nil, weir.Response{Status: weir.Sent, Message: "hello"}},
		{"xml", 200, []string{"Content-Type", "text/plain"}, "<a>&\r", []string{"responseXmlBody", "true"},
			weir.Response{Status: weir.Sent, Message: `<HttpResponse>
    <Body multipart="no">&lt;a&gt;&amp;&#13;</Body>
</HttpResponse>
`}},
		{"xml with metadata", 201, []string{"Content-Type", "image/png", "Date", "x", "Content-Length", "1"}, "a", []string{"responseXmlBody", "true", "responseIncludeMetadata", "true"},
			weir.Response{Status: weir.Sent, Message: `<HttpResponse>
    <Status>HTTP/1.1 201 Created</Status>
    <Header>
        <Field>
            <Name>Content-Length</Name>
            <Value>1</Value>
        </Field>
        <Field>
            <Name>Date</Name>
            <Value>x</Value>
        </Field>
        <Field>
            <Name>Content-Type</Name>
            <Value>image/png</Value>
        </Field>
    </Header>
    <Body encoding="Base64" multipart="no">YQ==&#13;
</Body>
</HttpResponse>
`}},
		{"multipart", 200, []string{"Content-Type", "multipart/mixed; boundary=B"}, "pre\r\n--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n", []string{"responseXmlBody", "true"},
			weir.Response{Status: weir.Sent, Message: `<HttpResponse>
    <Body boundary="B" multipart="yes">
        <Preamble>pre
</Preamble>
        <Part>
            <Headers>
                <Content-Type>text/plain</Content-Type>
            </Headers>
            <Content multipart="no">x</Content>
        </Part>
    </Body>
</HttpResponse>
`}},
		{"broken multipart is shown whole", 200, []string{"Content-Type", "multipart/mixed; boundary=B"}, "x", []string{"responseXmlBody", "true"},
			weir.Response{Status: weir.Sent, Message: `<HttpResponse>
    <Body multipart="no">x</Body>
</HttpResponse>
`}},
		{"no words", 299, nil, "", nil, weir.Response{Status: weir.Sent}},
		{"client error", 404, []string{"Content-Type", "text/plain"}, "no", nil,
			weir.Response{Status: weir.Queued, Message: "no", StatusMessage: "Received error response from HTTP server.", Error: " answered 404 Not Found."}},
		{"server error", 503, []string{"Content-Type", "text/plain"}, "no", nil,
			weir.Response{Status: weir.Queued, Message: "no", StatusMessage: "Received error response from HTTP server.", Error: " answered 503 Service Unavailable."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			peer := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for i := 0; i+1 < len(c.header); i += 2 {
					w.Header().Set(c.header[i], c.header[i+1])
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			r, m, err := send(t, sender(t, nil, append(c.settings, "host", peer.URL)...), "x")
			if err != nil {
				t.Fatal(err)
			}
			r.Error = strings.TrimPrefix(r.Error, peer.URL)
			if r != c.want {
				t.Errorf("Send =\n%#v\nwant\n%#v", r, c.want)
			}
			line, _ := m.ConnectorMap["responseStatusLine"].(string)
			if m.ConnectorMap["responseStatusCode"] != int32(c.status) || !strings.HasPrefix(line, "HTTP/1.1 ") || !strings.HasSuffix(line, http.StatusText(c.status)) {
				t.Errorf("connector map %v", m.ConnectorMap)
			}
			if h, ok := m.ConnectorMap["responseHeaders"].(*weir.MultiMap); !ok || len(c.header) > 0 && !h.Contains("content-TYPE") {
				t.Errorf("responseHeaders %v", m.ConnectorMap["responseHeaders"])
			}
		})
	}
}

// A response that is too large after the message was accepted is no reason to
// send it again; beside an error status it is.
func TestResponseTooLarge(t *testing.T) {
	bomb := zipped(strings.Repeat("0", 10<<20))
	for _, c := range []struct {
		name, encoding, body string
		status               int
		want                 weir.Status
	}{
		{"accepted", "", strings.Repeat("0", 1001), 200, weir.Error},
		{"refused", "", strings.Repeat("0", 1001), 500, weir.Queued},
		{"gzip bomb", "gzip", bomb, 200, weir.Error},
	} {
		t.Run(c.name, func(t *testing.T) {
			peer := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", c.encoding)
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			r, _, err := send(t, sender(t, nil, "host", peer.URL, "maxResponseBytes", "1000"), "x")
			connectortest.CheckFault(t, err)
			if r.Status != c.want || r.Message != "" {
				t.Errorf("Send = %+v, %v; want %v", r, err, c.want)
			}
		})
	}
}

func TestResponseBroken(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		at     string
	}{
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, connectortest.Secret)
		}, "host"},
		{"cut in a chunk", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, connectortest.Secret)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "host"},
		{"not gzip", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, connectortest.Secret)
		}, "host"},
		{"silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "socketTimeout"},
		{"silent in the body", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "x")
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, "socketTimeout"},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, strings.Repeat("x", 1000))
			}
		}, "maxResponseBytes"},
		{"endless redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/?"+connectortest.Secret, http.StatusSeeOther)
		}, "host"},
		{"redirect to a file", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusSeeOther)
		}, "host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			peer := serve(t, c.answer)
			timeout := "30000"
			if strings.HasPrefix(c.name, "silent") {
				timeout = "100"
			}
			r, _, err := send(t, sender(t, nil, "host", peer.URL+"/"+connectortest.Secret, "socketTimeout", timeout, "maxResponseBytes", "100000"), "x")
			connectortest.CheckFault(t, err)
			if r.Status == weir.Sent || r.Message != "" {
				t.Errorf("Send = %+v", r)
			}
			var f *weir.Fault
			if errors.As(err, &f) && f.At != c.at {
				t.Errorf("the fault is at %q, want %q: %v", f.At, c.at, err)
			}
		})
	}
}

// A response that trickles is ended by requestTimeout, though socketTimeout sees
// progress.
func TestTrickle(t *testing.T) {
	more := make(chan struct{})
	peer := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := io.WriteString(w, "x"); err != nil {
				return
			}
			http.NewResponseController(w).Flush()
			select {
			case <-more:
			case <-r.Context().Done():
				return
			}
		}
	})
	defer close(more)
	_, _, err := send(t, sender(t, nil, "host", peer.URL, "socketTimeout", "0", "requestTimeout", "150"), "x")
	connectortest.CheckFault(t, err)
	if !errors.Is(err, httpclient.ErrSlow) {
		t.Errorf("Send = %v", err)
	}
}

func TestRedirects(t *testing.T) {
	for _, c := range []struct {
		method string
		status int
		want   string // the last request
	}{
		{"get", 301, "GET /there"},
		{"get", 307, "GET /there"},
		{"get", 308, "GET /"},
		{"post", 301, "POST /"},
		{"post", 302, "POST /"},
		{"post", 307, "POST /"},
		{"post", 303, "GET /there"},
		{"delete", 302, "DELETE /"},
	} {
		peer := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/there", c.status)
			}
		})
		r, m, err := send(t, sender(t, nil, "host", peer.URL, "method", c.method), "x")
		if err != nil || r.Status != weir.Sent {
			t.Errorf("%s %d: %+v, %v", c.method, c.status, r, err)
		}
		got := peer.requests()
		last := got[len(got)-1]
		if last.method+" "+last.uri != c.want {
			t.Errorf("%s %d: last request %s %s, want %s", c.method, c.status, last.method, last.uri, c.want)
		}
		if len(got) == 1 && m.ConnectorMap["responseStatusCode"] != int32(c.status) {
			t.Errorf("%s %d: connector map %v", c.method, c.status, m.ConnectorMap)
		}
	}
}

func TestHalted(t *testing.T) {
	reached := make(chan struct{}, 1)
	peer := serve(t, func(_ http.ResponseWriter, r *http.Request) { reached <- struct{}{}; <-r.Context().Done() })
	s := sender(t, nil, "host", peer.URL)
	ctx, cancel := context.WithCancel(connectortest.Context(t))
	go func() { <-reached; cancel() }()
	r, err := s.Send(ctx, connectortest.Outbound(1, "content", "x"))
	connectortest.CheckFault(t, err)
	if r.Status != weir.Queued {
		t.Errorf("Send = %+v", r)
	}
}

// The next message goes over the connection of the last one.
func TestKeepsConnections(t *testing.T) {
	from := map[string]bool{}
	peer := serve(t, func(_ http.ResponseWriter, r *http.Request) { from[r.RemoteAddr] = true })
	s := sender(t, nil, "host", peer.URL)
	for range 5 {
		if _, _, err := send(t, s, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections for five messages", len(from))
	}
}

func TestRefusedSettings(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		at       string
	}{
		{"no method", []string{"method", "head"}, "method"},
		{"no charset", []string{"charset", "utf-9"}, "charsetEncoding"},
		{"broken pattern", []string{"responseBinaryMimeTypes", "("}, "responseBinaryMimeTypes"},
		{"key without certificate", []string{"tls.keyFile", "k.pem"}, "tls.keyFile"},
	} {
		s := new(Sender)
		connectortest.Decode(t, s, connectortest.Settings(c.settings...))
		err := s.Open(connectortest.Context(t), connectortest.DestinationEnv(t))
		connectortest.CheckFault(t, err)
		var f *weir.Fault
		if errors.As(err, &f) && f.At != c.at {
			t.Errorf("%s: at %q, want %q", c.name, f.At, c.at)
		}
	}
}

// What is wrong with one message's values is said without the values.
func TestRefusedValues(t *testing.T) {
	peer := serve(t, nil)
	for _, c := range []struct {
		name     string
		settings []string
	}{
		{"no address", []string{"host", ""}},
		{"no scheme", []string{"host", "lab/" + connectortest.Secret}},
		{"other scheme", []string{"host", "ftp://" + connectortest.Secret}},
		{"port", []string{"host", "http://lab:" + connectortest.Secret}},
		{"control character", []string{"host", peer.URL + "/" + connectortest.Secret + "\r\nX: y"}},
		{"not base64", []string{"host", peer.URL, "dataTypeBinary", "true"}},
		{"content type", []string{"host", peer.URL, "contentType", connectortest.Secret + " x"}},
		{"charset", []string{"host", peer.URL, "contentType", "text/plain; charset=" + connectortest.Secret}},
	} {
		r, _, err := send(t, sender(t, nil, c.settings...), connectortest.Secret)
		connectortest.CheckFault(t, err)
		if r.Status == weir.Sent {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	if n := len(peer.requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// What stood in the way is told in the words of Mirth's web client, too.
func TestFailure(t *testing.T) {
	gone := serve(t, nil)
	gone.Close()
	at := strings.TrimPrefix(gone.URL, "http://")
	cut := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	for _, c := range []struct{ url, want string }{
		{gone.URL, "HttpHostConnectException: Connect to " + at + " [/127.0.0.1] failed: Connection refused]"},
		{"http://nowhere.invalid/", "UnknownHostException: nowhere.invalid: Name or service not known]"},
		{cut.URL, "NoHttpResponseException: " + strings.TrimPrefix(cut.URL, "http://") + " failed to respond]"},
		{slow.URL, "SocketTimeoutException: Read timed out]"},
		{secure.URL, "SSLHandshakeException: PKIX path building failed: "},
	} {
		r, err := sender(t, nil, "host", c.url, "socketTimeout", "300").Send(connectortest.Context(t), connectortest.Outbound(1, "content", ""))
		connectortest.CheckFault(t, err)
		if r.Status != weir.Queued || !strings.HasPrefix(r.StatusMessage, "Error connecting to HTTP server ["+c.want) {
			t.Errorf("%s: %v %q, want …[%s", c.url, r.Status, r.StatusMessage, c.want)
		}
	}
}
