package tcp

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

func TestSenderSuite(t *testing.T) {
	for name, keep := range map[string]string{"kept open": "true", "one each": "false"} {
		t.Run(name, func(t *testing.T) {
			connectortest.Destination(t, connectortest.DestinationCase{
				New:      func() weir.Destination { return new(Sender) },
				Template: "template",
				Up: func(t *testing.T) connectortest.Partner {
					s := newSink(t, mllp.Options{}, nil)
					return connectortest.Partner{Settings: s.settings("keepConnectionOpen", keep), Received: s.received}
				},
				Down: func(t *testing.T) []string { return to(closedPort(t), "keepConnectionOpen", keep) },
				Silent: func(t *testing.T) []string {
					return newSink(t, mllp.Options{}, func(net.Conn, *mllp.Writer, int, string) bool { return true }).
						settings("responseTimeout", "0", "keepConnectionOpen", keep)
				},
				Cutting: func(t *testing.T) []string {
					return newSink(t, mllp.Options{}, func(c net.Conn, _ *mllp.Writer, _ int, _ string) bool {
						reset(c)
						return false
					}).settings("keepConnectionOpen", keep)
				},
			})
		})
	}
}

// outcome is a partner's behaviour towards one message and what becomes of it.
type outcome struct {
	name     string
	handle   func(c net.Conn, w *mllp.Writer, n int, msg string) bool
	settings []string
	status   weir.Status
	text     string // of the status
	message  string
	fault    bool
}

// says is a partner that answers with bytes.
func says(bytes string, goOn bool) func(net.Conn, *mllp.Writer, int, string) bool {
	return func(c net.Conn, _ *mllp.Writer, _ int, _ string) bool {
		c.Write([]byte(bytes))
		return goOn
	}
}

func (c outcome) check(t *testing.T, d *Sender) {
	t.Helper()
	text := connectortest.Secret
	if d.Binary {
		text = "AP8="
	}
	r, err := send(t, d, text)
	if r.Status != c.status {
		t.Errorf("status %v, want %v", r.Status, c.status)
	}
	if r.StatusMessage != c.text || r.Message != c.message {
		t.Errorf("status message %q, message %q; want %q, %q", r.StatusMessage, r.Message, c.text, c.message)
	}
	if c.fault {
		connectortest.CheckFault(t, err)
	} else if err != nil {
		t.Error(err)
	}
}

// Partners that are silent are in TestSilentPartner.
func TestOutcomes(t *testing.T) {
	for _, c := range []outcome{
		{"answer", says("\x0bACK\x1c\r", true), nil, weir.Sent, "Message successfully sent.", "ACK", false},
		{"answer after noise", says("\r\n\x0bACK\x1c\r", true), nil, weir.Sent, "Message successfully sent.", "ACK", false},
		{"answer, then closed", says("\x0bACK\x1c\r", false), nil, weir.Sent, "Message successfully sent.", "ACK", false},
		{"answer in Latin-1", says("\x0b\xe4\x1c\r", true), []string{"charsetEncoding", "ISO-8859-1"}, weir.Sent, "Message successfully sent.", "ä", false},
		{"answer in binary", says("\x0b\x00\xff\x1c\r", true), []string{"dataTypeBinary", "true"}, weir.Sent, "Message successfully sent.", "\x00\uFFFD", false},
		{"closed without an answer", says("", false), nil, weir.Sent, "Message successfully sent, but no response received.", "", false},
		{"answer cut off", says("\x0bAC", false), nil, weir.Queued, "Error receiving response", "", true},
		{"answer without framing", says("ACK", false), nil, weir.Queued, "Error receiving response", "", true},
		{"answer too large", says("\x0b"+strings.Repeat("x", 200)+"\x1c\r", true), []string{"maxFrameBytes", "100"}, weir.Queued, "Error receiving response", "", true},
		{"answer that is ignored", says("\x0bACK\x1c\r", true), []string{"ignoreResponse", "true"}, weir.Sent, "Message successfully sent.", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.check(t, sender(t, newSink(t, mllp.Options{}, c.handle).settings(c.settings...)))
		})
	}
}

// A partner that closes after each message, as in a recorded case: first it
// answers, then twice it does not.
func TestClosingPartner(t *testing.T) {
	s := newSink(t, mllp.Options{}, func(_ net.Conn, w *mllp.Writer, n int, _ string) bool {
		return n != 2 && n != 3 && w.WriteMessage([]byte("AA")) == nil
	})
	d := sender(t, s.settings("keepConnectionOpen", "true"))
	var got []string
	for _, text := range []string{"1", "2", "2", "2", "3"} {
		r, err := send(t, d, text)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Message)
	}
	if want := []string{"AA", "", "", "AA", "AA"}; !slices.Equal(got, want) {
		t.Errorf("responses %q, want %q", got, want)
	}
	if got, want := s.received(), []string{"1", "2", "2", "2", "3"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

// A connection that the partner closes after its answer is not used again, and
// nothing is lost or sent twice.
func TestClosedWhileKept(t *testing.T) {
	s := newSink(t, mllp.Options{}, func(_ net.Conn, w *mllp.Writer, _ int, _ string) bool {
		w.WriteMessage([]byte("AA"))
		return false
	})
	d := sender(t, s.settings("keepConnectionOpen", "true"))
	for range 20 {
		r, err := send(t, d, "m")
		// The end of the connection may be on its way while the next message is
		// sent; then nobody can know whether it arrived.
		if err == nil && r.Message != "AA" && r.StatusMessage != "Message successfully sent, but no response received." {
			t.Fatalf("response %+v", r)
		}
	}
}

func TestConnectionsAreKept(t *testing.T) {
	s := newSink(t, mllp.Options{}, nil)
	d := sender(t, s.settings("keepConnectionOpen", "true"))
	for range 5 {
		send(t, d, "m")
	}
	if n := s.connections(); n != 1 {
		t.Errorf("%d connections for one thread, want 1", n)
	}
	m := connectortest.Outbound(1, "template", "m")
	m.Thread = 1
	if _, err := d.Send(connectortest.Context(t), m); err != nil {
		t.Fatal(err)
	}
	if n := s.connections(); n != 2 {
		t.Errorf("%d connections for two threads, want 2", n)
	}
}

// What arrives unasked is not taken for the response to the next message.
func TestSecondAnswer(t *testing.T) {
	second := make(chan struct{})
	s := newSink(t, mllp.Options{}, func(_ net.Conn, w *mllp.Writer, _ int, msg string) bool {
		w.WriteMessage([]byte("commit of " + msg))
		w.WriteMessage([]byte("application answer to " + msg))
		second <- struct{}{}
		return true
	})
	d := sender(t, s.settings("keepConnectionOpen", "true"))
	for _, text := range []string{"1", "2", "3"} {
		r, err := send(t, d, text)
		if err != nil || r.Message != "commit of "+text {
			t.Errorf("response to %s: %q, %v", text, r.Message, err)
		}
		<-second
	}
	if n := s.connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestTemplates(t *testing.T) {
	s := newSink(t, mllp.Options{}, nil)
	d := sender(t, []string{"remoteAddress", "${host}", "remotePort", "${port}", "template", "${x}"})
	host, port, _ := net.SplitHostPort(s.Addr().String())
	m := connectortest.Outbound(1, "template", "text")
	m.Resolved["remoteAddress"], m.Resolved["remotePort"] = host, port
	if r, err := d.Send(connectortest.Context(t), m); err != nil || r.Status != weir.Sent {
		t.Errorf("Send = %v, %v", r, err)
	}
	m.Resolved["remotePort"] = "${port}"
	r, err := d.Send(connectortest.Context(t), m)
	connectortest.CheckFault(t, err)
	if r.StatusMessage != "Exception: Remote port is invalid." {
		t.Errorf("status message %q", r.StatusMessage)
	}
}

// What stood in the way is told in Mirth's words.
func TestNotConnected(t *testing.T) {
	host, port, _ := net.SplitHostPort(closedPort(t).String())
	for _, c := range []struct{ address, port, want string }{
		{host, port, "ConnectException: Connection refused"},
		{"", port, "Exception: Remote address is blank."},
		{host, "0", "Exception: Remote port is invalid."},
		{"nowhere.invalid", port, "UnknownHostException: nowhere.invalid"},
	} {
		r, err := send(t, sender(t, []string{"remoteAddress", c.address, "remotePort", c.port}), "m")
		connectortest.CheckFault(t, err)
		if r.Status != weir.Queued || r.StatusMessage != c.want {
			t.Errorf("%s:%s: %v, %q; want %q", c.address, c.port, r.Status, r.StatusMessage, c.want)
		}
	}
}

func TestLocalBinding(t *testing.T) {
	from := make(chan string, 1)
	s := newSink(t, mllp.Options{}, func(c net.Conn, w *mllp.Writer, _ int, _ string) bool {
		from <- c.RemoteAddr().String()
		return w.WriteMessage([]byte("ok")) == nil
	})
	d := sender(t, s.settings("overrideLocalBinding", "true", "localAddress", "127.0.0.2", "localPort", "0"))
	if _, err := send(t, d, "m"); err != nil {
		t.Skipf("127.0.0.2 cannot be bound here: %v", err)
	}
	if got := <-from; !strings.HasPrefix(got, "127.0.0.2:") {
		t.Errorf("connected from %s", got)
	}
}

func TestBinary(t *testing.T) {
	s := newSink(t, mllp.Options{}, nil)
	d := sender(t, s.settings("dataTypeBinary", "true"))
	if _, err := send(t, d, "AP8="); err != nil {
		t.Fatal(err)
	}
	if got := s.received(); len(got) != 1 || got[0] != "\x00\xff" {
		t.Errorf("received %q", got)
	}
	r, err := send(t, d, connectortest.Secret)
	connectortest.CheckFault(t, err)
	if r.Status != weir.Error {
		t.Errorf("what is no base64 is %v, want ERROR", r.Status)
	}
}

func TestRelease2Sender(t *testing.T) {
	for _, c := range []struct {
		name    string
		commits []string
		status  weir.Status
		times   int
	}{
		{"stored", []string{"\x06"}, weir.Sent, 1},
		{"stored at the third attempt", []string{"\x15", "\x15", "\x06"}, weir.Sent, 3},
		{"never stored", []string{"\x15", "\x15", "\x15", "\x15"}, weir.Queued, 3},
		{"another answer", []string{"MSH"}, weir.Queued, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSink(t, mllp.Options{}, func(_ net.Conn, w *mllp.Writer, n int, _ string) bool {
				w.WriteMessage([]byte(c.commits[n-1]))
				if c.commits[n-1] == "\x06" {
					w.WriteMessage([]byte("AA"))
				}
				return true
			})
			d := sender(t, s.settings("transmissionModeProperties.useMLLPv2", "true"))
			r, err := send(t, d, connectortest.Secret)
			if r.Status != c.status {
				t.Errorf("status %v, %v; want %v", r.Status, err, c.status)
			}
			if c.status == weir.Sent && r.Message != "AA" {
				t.Errorf("response %q", r.Message)
			}
			if c.status != weir.Sent {
				connectortest.CheckFault(t, err)
			}
			if got := len(s.received()); got != c.times {
				t.Errorf("sent %d times, want %d", got, c.times)
			}
		})
	}
}

func (p *sockets) open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.kept)
}

// With a clock that stands still but for what is waited for.
func TestIdleConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p sockets
		here, there := net.Pipe()
		defer there.Close()
		s := newSocket(socketKey{remote: "a"}, here, mllp.Options{})
		s.uses = 1
		p.keep(s, 5*time.Second)
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if p.open() != 1 {
			t.Error("closed too early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if p.open() != 0 {
			t.Error("not closed in time")
		}
		if _, err := there.Write([]byte("x")); err == nil {
			t.Error("the connection is open")
		}
	})
}

func TestSenderRefusedAtOpen(t *testing.T) {
	for _, settings := range [][]string{
		{"charsetEncoding", "UTF-9"},
		{"transmissionModeProperties.pluginPointName", "ASTM"},
		{"serverMode", "true", "localAddress", "192.0.2.1"},
		{"tls.enabled", "true", "tls.caFile", "none.pem"},
		{"tls.enabled", "true", "tls.certificateFile", "c.pem"},
	} {
		d := new(Sender)
		connectortest.Decode(t, d, connectortest.Settings(settings...))
		connectortest.CheckFault(t, d.Open(connectortest.Context(t), connectortest.DestinationEnv(t)))
	}
}

func TestConnectTimeout(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := sender(t, []string{"remoteAddress", "192.0.2.1"})
	_, err := d.Send(ctx, connectortest.Outbound(1, "template", "m"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Send = %v", err)
	}
	connectortest.CheckFault(t, err)
}
