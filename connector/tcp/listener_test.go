package tcp

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

// peer sends to a listener and waits for the reply.
type peer struct{ *partner }

func (p peer) Send(text string) bool {
	if p.w.WriteMessage([]byte(text)) != nil {
		return false
	}
	reply, err := p.r.ReadMessage()
	return err == nil && strings.Contains(string(reply), "MSA|AA")
}

func (p peer) Cut() {
	p.Write([]byte("\x0bMSH|^~\\&|" + connectortest.Secret))
	reset(p.Conn)
}

func TestListenerSuite(t *testing.T) {
	connectortest.Source(t, connectortest.SourceCase{
		New:      func() weir.Source { return new(Listener) },
		Settings: func(*testing.T) []string { return loopback() },
		Peer: func(t *testing.T, s weir.Source) connectortest.Peer {
			return peer{dial(t, s.(*Listener).Addr(), mllp.Options{})}
		},
	})
}

// reply answers every message with a text.
func reply(text string) func(context.Context, weir.Inbound) (*weir.Response, error) {
	return func(context.Context, weir.Inbound) (*weir.Response, error) {
		return &weir.Response{Status: weir.Sent, Message: text}, nil
	}
}

func echo(_ context.Context, in weir.Inbound) (*weir.Response, error) {
	return &weir.Response{Status: weir.Sent, Message: in.Text}, nil
}

// A response without text is a frame without content, no response is nothing.
func TestEmptyResponse(t *testing.T) {
	e := &connectortest.Engine{Answer: func(_ context.Context, in weir.Inbound) (*weir.Response, error) {
		if in.Text == "silent" {
			return nil, nil
		}
		return &weir.Response{Status: weir.Sent, Message: strings.TrimPrefix(in.Text, "empty")}, nil
	}}
	l := listen(t, e)
	p := dial(t, l.Addr(), mllp.Options{})
	p.write("empty")
	if got := p.read(); got != "" {
		t.Errorf("reply %q", got)
	}
	p.write("silent")
	p.write("x")
	if got := p.read(); got != "x" {
		t.Errorf("reply %q", got)
	}
}

func TestSourceMap(t *testing.T) {
	e := &connectortest.Engine{Answer: reply("ok")}
	l := listen(t, e)
	p := dial(t, l.Addr(), mllp.Options{})
	p.write("a")
	p.read()
	in := e.UntilKept(t, 1)[0]
	for key, want := range map[string]any{
		"localAddress": "127.0.0.1", "localPort": int32(l.Addr().(*net.TCPAddr).Port),
		"remoteAddress": "127.0.0.1", "remotePort": int32(p.LocalAddr().(*net.TCPAddr).Port),
	} {
		if got := in.SourceMap[key]; got != want {
			t.Errorf("source map %s = %v (%T), want %v (%T)", key, got, got, want, want)
		}
	}
}

func TestReceiveForms(t *testing.T) {
	stx := []string{"transmissionModeProperties.pluginPointName", "Basic",
		"transmissionModeProperties.startOfMessageBytes", "02", "transmissionModeProperties.endOfMessageBytes", "03"}
	for _, c := range []struct {
		name     string
		settings []string
		wire     string
		want     []string // kept
		reply    string   // to each, as a text of the engine
		answer   string   // on the wire
	}{
		{"MLLP", nil, "\x0bA\x1c\r", []string{"A"}, "R", "\x0bR\x1c\r"},
		{"two in one packet", nil, "\x0bA\x1c\r\x0bB\x1c\r", []string{"A", "B"}, "R", "\x0bR\x1c\r\x0bR\x1c\r"},
		{"noise between", nil, "\r\n\x0bA\x1c\r\r\n??\x0bB\x1c\r", []string{"A", "B"}, "R", "\x0bR\x1c\r\x0bR\x1c\r"},
		{"empty message", nil, "\x0b\x1c\r", []string{""}, "R", "\x0bR\x1c\r"},
		{"longer than the first bytes", nil, "\x0b" + strings.Repeat("x", 63) + "\x1c\r\x0bB\x1c\r", []string{strings.Repeat("x", 63), "B"}, "R", "\x0bR\x1c\r\x0bR\x1c\r"},
		{"STX ETX", stx, "\x02A\x03\x02B\x03", []string{"A", "B"}, "R", "\x02R\x03\x02R\x03"},
		{"no start bytes", []string{"transmissionModeProperties.startOfMessageBytes", "", "transmissionModeProperties.endOfMessageBytes", "0A"},
			"A\nB\n", []string{"A", "B"}, "R", "R\nR\n"},
		{"Latin-1", []string{"charsetEncoding", "ISO-8859-1"}, "\x0b\xfc\x1c\r", []string{"ü"}, "ä€", "\x0b\xe4?\x1c\r"},
		{"bytes that are not UTF-8", nil, "\x0ba\xfcb\x1c\r", []string{"a\uFFFDb"}, "ü", "\x0b\u00fc\x1c\r"},
		{"binary", []string{"dataTypeBinary", "true"}, "\x0b\x00\xff\x1c\r", []string{"AP8="}, "/wA=", "\x0b\xff\x00\x1c\r"},
		{"commit acknowledgment", []string{"transmissionModeProperties.useMLLPv2", "true"}, "\x0bA\x1c\r", []string{"A"}, "R", "\x0b\x06\x1c\r\x0bR\x1c\r"},
		{"commit acknowledgment, no reply", []string{"transmissionModeProperties.useMLLPv2", "true"}, "\x0bA\x1c\r", []string{"A"}, "", "\x0b\x06\x1c\r"},
		{"closed after one", []string{"keepConnectionOpen", "false"}, "\x0bA\x1c\r\x0bB\x1c\r", []string{"A"}, "R", "\x0bR\x1c\r"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &connectortest.Engine{Answer: reply(c.reply)}
			l := listen(t, e, c.settings...)
			p := dial(t, l.Addr(), mllp.Options{})
			if _, err := p.Write([]byte(c.wire)); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(c.answer))
			for n := 0; n < len(got); {
				m, err := p.Conn.Read(got[n:])
				n += m
				if err != nil {
					t.Fatalf("after %q: %v", got[:n], err)
				}
			}
			if string(got) != c.answer {
				t.Errorf("answer %q, want %q", got, c.answer)
			}
			if texts := e.Texts(); !slices.Equal(texts, c.want) {
				t.Errorf("kept %q, want %q", texts, c.want)
			}
			if e.Kept()[0].Binary != l.Binary {
				t.Errorf("binary = %v", e.Kept()[0].Binary)
			}
		})
	}
}

func TestRefusedAtStart(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	_, port, _ := net.SplitHostPort(busy.Addr().String())
	for _, c := range []struct {
		name     string
		settings []string
		want     string
	}{
		{"port in use", []string{"listenerConnectorProperties.port", port, "bindRetries", "0"}, "in use"},
		{"port that is none", []string{"listenerConnectorProperties.port", "hl7"}, "no port"},
		{"port too large", []string{"listenerConnectorProperties.port", "70000"}, "no port"},
		{"address of another computer", []string{"listenerConnectorProperties.host", "192.0.2.1"}, "192.0.2.1"},
		{"binary batch", []string{"dataTypeBinary", "true", "sourceConnectorProperties.processBatch", "true"}, "batch"},
		{"unknown character set", []string{"charsetEncoding", "UTF-9"}, "UTF-9"},
		{"unknown transmission mode", []string{"transmissionModeProperties.pluginPointName", "ASTM"}, "ASTM"},
		{"client mode without partner", []string{"serverMode", "false"}, "remote"},
		{"TLS without certificate", []string{"tls.enabled", "true"}, "certificate"},
		{"TLS with a missing file", []string{"tls.enabled", "true", "tls.certificateFile", "none.pem", "tls.keyFile", "none.pem"}, "none.pem"},
		{"TLS clients without authority", []string{"tls.enabled", "true", "tls.certificateFile", "c", "tls.keyFile", "k", "tls.clientAuth", "require"}, "authority"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := new(Listener)
			connectortest.Decode(t, l, connectortest.Settings(loopback(c.settings...)...))
			err := l.Start(connectortest.Context(t), new(connectortest.Engine).SourceEnv(t))
			connectortest.CheckFault(t, err)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Start = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestMaxConnections(t *testing.T) {
	e := &connectortest.Engine{Answer: echo}
	l := listen(t, e, "maxConnections", "2")
	first := dial(t, l.Addr(), mllp.Options{})
	second := dial(t, l.Addr(), mllp.Options{})
	first.write("1")
	second.write("2")
	first.read()
	second.read()
	dial(t, l.Addr(), mllp.Options{}).ended()
	first.Close()
	e.UntilEvent(t, "disconnected", 1)
	third := dial(t, l.Addr(), mllp.Options{})
	third.write("3")
	if got := third.read(); got != "3" {
		t.Errorf("a connection after one was closed got %q", got)
	}
}

func TestEndOfStreamEndsMessageWithoutEndBytes(t *testing.T) {
	e := &connectortest.Engine{Answer: reply("R")}
	l := listen(t, e, "transmissionModeProperties.startOfMessageBytes", "", "transmissionModeProperties.endOfMessageBytes", "")
	p := dial(t, l.Addr(), mllp.Options{Framing: &mllp.Framing{}})
	p.Write([]byte("abc"))
	p.Conn.(*net.TCPConn).CloseWrite()
	if got := p.read(); got != "R" {
		t.Errorf("reply %q", got)
	}
}

func TestReplyOnNewConnection(t *testing.T) {
	s := newSink(t, mllp.Options{}, func(net.Conn, *mllp.Writer, int, string) bool { return true })
	host, port, _ := net.SplitHostPort(s.Addr().String())
	e := &connectortest.Engine{Answer: echo}
	l := listen(t, e, "respondOnNewConnection", "1", "responseAddress", host, "responsePort", port)
	p := dial(t, l.Addr(), mllp.Options{})
	p.write("a")
	p.write("b")
	e.UntilEvent(t, "idle", 3) // one at the start
	p.Conn.(*net.TCPConn).CloseWrite()
	p.ended()
	<-s.arrived
	<-s.arrived
	if got := s.received(); !slices.Contains(got, "a") || !slices.Contains(got, "b") {
		t.Errorf("replies on new connections: %q", got)
	}

	s.Close()
	p = dial(t, l.Addr(), mllp.Options{})
	p.write("c")
	connectortest.CheckFault(t, e.UntilFailed(t))
}

// A reply that cannot be written is noted on its message, which stays kept.
func TestReplyFails(t *testing.T) {
	h := make(chan struct{})
	e := &connectortest.Engine{Answer: func(context.Context, weir.Inbound) (*weir.Response, error) {
		<-h
		return &weir.Response{Message: strings.Repeat("x", 32<<20)}, nil
	}}
	l := listen(t, e)
	p := dial(t, l.Addr(), mllp.Options{})
	p.write("a")
	e.UntilCalled(t, 1)
	reset(p.Conn)
	close(h)
	if err := e.UntilFailed(t); err == nil {
		t.Error("no reason")
	}
	if n := len(e.Kept()); n != 1 {
		t.Errorf("%d messages kept", n)
	}
}

func TestNoReply(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e)
	p := dial(t, l.Addr(), mllp.Options{})
	p.write("a")
	p.write("b")
	e.UntilKept(t, 2)
	connectortest.Stop(t, listen(t, e)) // any other listener
	p.Conn.(*net.TCPConn).CloseWrite()
	p.ended()
}

func TestNegativeCommit(t *testing.T) {
	calls := 0
	e := &connectortest.Engine{Answer: func(ctx context.Context, in weir.Inbound) (*weir.Response, error) {
		if calls++; calls < 3 {
			return nil, errors.New("the disk is full")
		}
		return nil, nil
	}}
	l := listen(t, e, "transmissionModeProperties.useMLLPv2", "true")
	p := dial(t, l.Addr(), mllp.Options{})
	for _, want := range []string{"\x15", "\x15", "\x06"} {
		p.write("a")
		if got := p.read(); got != want {
			t.Fatalf("commit acknowledgment %q, want %q", got, want)
		}
	}
}

// A message that can never be received is treated as any that is not kept: its
// sender hears nothing, or of MLLP release 2 a negative commit acknowledgment.
func TestUnusable(t *testing.T) {
	answer := func(_ context.Context, in weir.Inbound) (*weir.Response, error) {
		if in.Text == "no batch" {
			return nil, weir.WithHint(weir.Unusable(errors.New("no batch")), "x", "y")
		}
		return nil, nil
	}
	t.Run("release 1", func(t *testing.T) {
		e := &connectortest.Engine{Answer: answer}
		l := listen(t, e)
		p := dial(t, l.Addr(), mllp.Options{})
		p.write("no batch")
		p.ended()
		e.UntilEvent(t, "failed", 1)
		dial(t, l.Addr(), mllp.Options{}).write("a batch")
		e.UntilKept(t, 1)
	})
	t.Run("release 2", func(t *testing.T) {
		e := &connectortest.Engine{Answer: answer}
		l := listen(t, e, "transmissionModeProperties.useMLLPv2", "true")
		p := dial(t, l.Addr(), mllp.Options{})
		for _, c := range [][2]string{{"no batch", "\x15"}, {"a batch", "\x06"}} {
			p.write(c[0])
			if got := p.read(); got != c[1] {
				t.Errorf("commit acknowledgment of %s: %q, want %q", c[0], got, c[1])
			}
		}
		e.UntilEvent(t, "failed", 1)
	})
}

func TestClientMode(t *testing.T) {
	remote, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer remote.Close()
	e := &connectortest.Engine{Answer: echo}
	settings := to(remote.Addr(), "serverMode", "false", "reconnectInterval", "10")
	listen(t, e, settings...)
	for i, text := range []string{"a", "b", "c"} {
		conn, err := remote.Accept()
		if err != nil {
			t.Fatal(err)
		}
		p := newPartner(t, conn, mllp.Options{})
		p.write(text)
		if got := p.read(); got != text {
			t.Errorf("connection %d: reply %q, want %q", i, got, text)
		}
		p.Close()
	}
}

func TestBase64Reply(t *testing.T) {
	e := &connectortest.Engine{Answer: reply("not base64!")}
	l := listen(t, e, "dataTypeBinary", "true")
	dial(t, l.Addr(), mllp.Options{}).write("a")
	connectortest.CheckFault(t, e.UntilFailed(t))
	if got := e.UntilKept(t, 1)[0].Text; got != base64.StdEncoding.EncodeToString([]byte("a")) {
		t.Errorf("kept %q", got)
	}
}

// Behind a proxy the source map has who connected to that, over TLS, too.
func TestProxied(t *testing.T) {
	e := &connectortest.Engine{Answer: reply("ok")}
	l := listen(t, e, "weir.proxyProtocol", "true", "weir.trustedProxies", "127.0.0.1", "weir.allow", "192.0.2.0/24")
	p := dial(t, l.Addr(), mllp.Options{})
	if _, err := p.Write([]byte("PROXY TCP4 192.0.2.7 192.0.2.8 4711 2575\r\n")); err != nil {
		t.Fatal(err)
	}
	p.write("a")
	p.read()
	in := e.UntilKept(t, 1)[0]
	if in.SourceMap["remoteAddress"] != "192.0.2.7" || in.SourceMap["remotePort"] != int32(4711) || in.SourceMap["localAddress"] != "127.0.0.1" {
		t.Errorf("source map %v", in.SourceMap)
	}
	other := dial(t, l.Addr(), mllp.Options{})
	if _, err := other.Write([]byte("PROXY TCP4 198.51.100.7 192.0.2.8 4711 2575\r\n")); err != nil {
		t.Fatal(err)
	}
	e.UntilEvent(t, "denied", 1)
	if _, err := other.Read(make([]byte, 1)); err == nil {
		t.Error("a connection that is not let in was answered")
	}
}
