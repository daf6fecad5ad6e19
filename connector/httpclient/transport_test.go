package httpclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/config"
	"github.com/weir-health/weir/connector/connectortest"
)

// open returns transports with settings of the group tls.
func open(t *testing.T, settings ...string) *Transports {
	t.Helper()
	var c TLS
	if _, err := config.Decode(connectortest.Settings(settings...), settingsOf(c.Fields)); err != nil {
		t.Fatal(err)
	}
	out := new(Transports)
	if err := out.Open(&c, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(out.Close)
	return out
}

// settingsOf is what declares settings.
type settingsOf func(*config.Fields)

func (s settingsOf) Fields(f *config.Fields) { s(f) }

// get makes a request through a proxy, unless that is nil.
func get(t *testing.T, client *http.Client, address string, proxy *url.URL) (string, error) {
	t.Helper()
	w := NewWatch(t.Context(), connectortest.Limit, connectortest.Limit)
	defer w.Stop()
	r, err := http.NewRequestWithContext(w.Request(proxy), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", w.Cause(err)
	}
	defer answer.Body.Close()
	body, err := w.ReadBody(answer, 1<<20)
	return string(body), err
}

// A connection is used again, by whoever needs one next.
func TestKeepAlive(t *testing.T) {
	var mu sync.Mutex
	from := map[string]int{}
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		from[r.RemoteAddr]++
		mu.Unlock()
		io.WriteString(w, "ok")
	}))
	defer peer.Close()
	client := &http.Client{Transport: open(t)}
	for range 10 {
		if text, err := get(t, client, peer.URL, nil); err != nil || text != "ok" {
			t.Fatalf("%q, %v", text, err)
		}
	}
	if len(from) != 1 {
		t.Errorf("%d connections for ten requests", len(from))
	}
}

// proxyServer passes requests on, and tunnels CONNECT; it tells what it was asked for.
func proxyServer(t *testing.T) (proxy *url.URL, asked func() []string) {
	var mu sync.Mutex
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = append(got, r.Method+" "+r.RequestURI)
		mu.Unlock()
		if r.Method == http.MethodConnect {
			to, err := net.Dial("tcp", r.RequestURI)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			w.WriteHeader(http.StatusOK)
			from, buffered, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			var both sync.WaitGroup
			both.Go(func() { io.Copy(to, buffered); to.Close() })
			both.Go(func() { io.Copy(from, to); from.Close() })
			both.Wait()
			return
		}
		r.RequestURI = ""
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	}))
	t.Cleanup(s.Close)
	proxy, _ = url.Parse(s.URL)
	return proxy, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return got
	}
}

func TestProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // of the environment, which Mirth does not look at
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	plain, secure := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	defer plain.Close()
	defer secure.Close()
	client := &http.Client{Transport: open(t, "tls.verify", "false")}
	proxy, asked := proxyServer(t)
	for _, address := range []string{plain.URL, secure.URL} {
		if text, err := get(t, client, address, proxy); err != nil || text != "ok" {
			t.Errorf("%s through the proxy: %q, %v", address, text, err)
		}
		if text, err := get(t, client, address, nil); err != nil || text != "ok" {
			t.Errorf("%s without: %q, %v", address, text, err)
		}
	}
	want := []string{"GET " + plain.URL + "/", "CONNECT " + strings.TrimPrefix(secure.URL, "https://")}
	if got := asked(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the proxy was asked for %q, want %q", got, want)
	}
	down, _ := url.Parse("http://127.0.0.1:1")
	if _, err := get(t, client, plain.URL, down); err == nil {
		t.Error("a proxy that is down is passed by")
	}
}

// New files of certificates are used for the next connection, without a restart.
func TestClientCertificateReload(t *testing.T) {
	cert, key := connectortest.Certificate(t)
	otherCert, otherKey := connectortest.Certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var shown []*x509.Certificate
	peer := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		shown = append(shown, r.TLS.PeerCertificates[0])
		mu.Unlock()
	}))
	peer.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAnyClientCert}
	peer.StartTLS()
	defer peer.Close()
	dir := t.TempDir()
	install := func(cert, key string, at time.Time) {
		for name, from := range map[string]string{"cert.pem": cert, "key.pem": key} {
			text, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.WriteFile(dir+"/"+name, text, 0o600), os.Chtimes(dir+"/"+name, at, at)); err != nil {
				t.Fatal(err)
			}
		}
	}
	install(cert, key, time.Now().Add(-time.Hour))
	transports := open(t, "tls.caFile", cert, "tls.certificateFile", dir+"/cert.pem", "tls.keyFile", dir+"/key.pem")
	client := &http.Client{Transport: transports}
	for range 2 {
		if _, err := get(t, client, peer.URL, nil); err != nil {
			t.Fatal(err)
		}
	}
	install(otherCert, otherKey, time.Now())
	if _, err := get(t, client, peer.URL, nil); err != nil {
		t.Fatal(err)
	}
	if len(shown) != 3 || !shown[0].Equal(shown[1]) || shown[1].Equal(shown[2]) {
		t.Errorf("%d requests, the new certificate is shown: %v", len(shown), len(shown) == 3 && !shown[1].Equal(shown[2]))
	}
}

func TestVerification(t *testing.T) {
	cert, key := connectortest.Certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	peer := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	peer.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	peer.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	peer.StartTLS()
	defer peer.Close()
	for _, c := range []struct {
		name     string
		settings []string
		ok       bool
	}{
		{"known", []string{"tls.caFile", cert}, true},
		{"unknown", nil, false},
		{"not looked at", []string{"tls.verify", "false"}, true},
		{"another name", []string{"tls.caFile", cert, "tls.serverName", "lab.example"}, false},
		{"another name, not looked at", []string{"tls.caFile", cert, "tls.serverName", "lab.example", "tls.verifyHost", "false"}, true},
		{"unknown, name not looked at", []string{"tls.verifyHost", "false"}, false},
	} {
		_, err := get(t, &http.Client{Transport: open(t, c.settings...)}, peer.URL, nil)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			continue
		}
		err = Fault("host", "peer", err)
		connectortest.CheckFault(t, err)
		var f *weir.Fault
		if errors.As(err, &f) && f.At != "tls" {
			t.Errorf("%s: the fault is at %s: %v", c.name, f.At, err)
		}
	}
}

// Of requests that take too long the kind of slowness is told.
func TestWatch(t *testing.T) {
	for _, c := range []struct {
		name         string
		quiet, total time.Duration
		each         time.Duration // between two bytes of the answer
		bytes        int
		want         string
	}{
		{"in time", 2 * time.Second, time.Minute, time.Second, 20, ""},
		{"silent", 2 * time.Second, time.Minute, 3 * time.Second, 20, "nothing for 2s"},
		{"trickles", 2 * time.Second, 10 * time.Second, time.Second, 20, "not finished after 10s"},
		{"no limits", 0, 0, time.Hour, 3, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := net.Pipe()
				var peer sync.WaitGroup
				defer peer.Wait()
				defer there.Close()
				client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}}
				defer client.CloseIdleConnections()
				peer.Go(func() {
					if _, err := http.ReadRequest(bufio.NewReader(there)); err != nil {
						return
					}
					fmt.Fprintf(there, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", c.bytes)
					for range c.bytes {
						time.Sleep(c.each)
						if _, err := io.WriteString(there, "x"); err != nil {
							return
						}
					}
				})
				w := NewWatch(t.Context(), c.quiet, c.total)
				defer w.Stop()
				r, _ := http.NewRequestWithContext(w.Request(nil), http.MethodGet, "http://peer/", nil)
				answer, err := client.Do(r)
				if err == nil {
					defer answer.Body.Close()
					_, err = w.ReadBody(answer, 1000)
				}
				err = w.Cause(err)
				if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrSlow) || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("%v, want %q", err, c.want)
				}
			})
		})
	}
}

// counting counts the pieces in which a request is written.
type counting struct {
	net.Conn
	writes *atomic.Int64
}

func (c counting) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// A request with a body of usual size is one piece; that is a packet, and a wakeup of
// the other side.
func TestOnePiece(t *testing.T) {
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	}))
	t.Cleanup(peer.Close)
	transports := open(t)
	transport, err := transports.get()
	if err != nil {
		t.Fatal(err)
	}
	var writes atomic.Int64
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return counting{conn, &writes}, err
	}
	for _, size := range []int{0, 1500, 8000, smallBody + 1} {
		w := NewWatch(t.Context(), connectortest.Limit, connectortest.Limit)
		body := strings.Repeat("x", size)
		r, err := http.NewRequestWithContext(w.Request(nil), http.MethodPost, peer.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength, r.Body = int64(size), w.Body([]byte(body))
		writes.Store(0)
		answer, err := (&http.Client{Transport: transports}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.ReadBody(answer, 1<<20)
		answer.Body.Close()
		w.Stop()
		if n := writes.Load(); err != nil || string(got) != body || size < smallBody && n != 1 {
			t.Errorf("%d bytes: written in %d pieces, %d came back; %v", size, n, len(got), err)
		}
	}
}
