package tcp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

// large is what is too large for memory in these tests.
var large = "MSH|^~\\&|" + strings.Repeat("Müller|\r", 100_000)

// Small messages and large ones share a connection, and each is answered.
func TestListenerStream(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []string
		send     string
		want     string
	}{
		{"text", nil, large, large},
		{"charset", []string{"charsetEncoding", "ISO-8859-1"}, strings.ReplaceAll(large, "ü", "\xfc"), large},
		{"binary", []string{"dataTypeBinary", "true"}, large, base64.StdEncoding.EncodeToString([]byte(large))},
		{"release 2", []string{"transmissionModeProperties.useMLLPv2", "true"}, large, large},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := "ok"
			if c.name == "binary" {
				answer = base64.StdEncoding.EncodeToString([]byte("ok"))
			}
			e := &connectortest.Engine{StreamAbove: 1000, Answer: reply(answer)}
			l := listen(t, e, c.settings...)
			p := dial(t, l.Addr(), mllp.Options{})
			for _, text := range []string{"small", c.send, "small again", c.send, c.send} {
				p.write(text)
				if c.name == "release 2" {
					if commit := p.read(); commit != "\x06" {
						t.Fatalf("commit acknowledgment %q", commit)
					}
				}
				if got := p.read(); got != "ok" {
					t.Fatalf("reply %q", got)
				}
			}
			for i, in := range e.UntilKept(t, 5) {
				if streamed := in.Stream != nil; streamed != (i == 1 || i > 2) || streamed && in.Text != c.want {
					t.Errorf("message %d: %d bytes, streamed %v", i, len(in.Text), streamed)
				}
			}
		})
	}
}

// Large messages that arrive together, without waiting for replies.
func TestListenerStreamTogether(t *testing.T) {
	e := &connectortest.Engine{StreamAbove: 1000}
	l := listen(t, e)
	p := dial(t, l.Addr(), mllp.Options{})
	text := ""
	for i := range 4 {
		text += fmt.Sprintf("\x0b%d%s\x1c\r..\x0b%d\x1c\r", i, large, i)
	}
	if _, err := p.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	for i, in := range e.UntilKept(t, 8) {
		want := fmt.Sprint(i / 2)
		if i%2 == 0 {
			want += large
		}
		if in.Text != want {
			t.Errorf("message %d: %d bytes, want %d", i, len(in.Text), len(want))
		}
	}
}

// What is not kept is not acknowledged, and the connection ends.
func TestListenerStreamRefused(t *testing.T) {
	down := func(context.Context, weir.Inbound) (*weir.Response, error) {
		return nil, errors.New("the store is down")
	}
	for _, c := range []struct {
		name     string
		send     string
		answer   func(context.Context, weir.Inbound) (*weir.Response, error)
		settings []string
		says     string
	}{
		{"not kept", "\x0b" + large + "\x1c\r", down, nil, "the store is down"},
		{"too large", "\x0b" + large, nil, []string{"maxStreamBytes", "5000"}, "maxStreamBytes"},
		{"cut", "\x0b" + large, nil, nil, fmt.Sprintf("after %d bytes", len(large))},
		{"silent", "\x0b" + large, nil, []string{"receiveTimeout", "50", "keepConnectionOpen", "false"}, "did not end"},
		{"too slow", "\x0b" + large, nil, []string{"frameTimeout", "50"}, "did not end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &connectortest.Engine{StreamAbove: 1000, Answer: c.answer}
			l := listen(t, e, c.settings...)
			p := dial(t, l.Addr(), mllp.Options{})
			if _, err := p.Write([]byte(c.send)); err != nil && c.name != "too large" {
				t.Fatal(err)
			}
			if c.name == "cut" {
				p.Conn.(*net.TCPConn).CloseWrite()
			}
			p.ended()
			e.UntilEvent(t, "failed", 1)
			if details := strings.Join(e.Details(), "\n"); len(e.Kept()) != 0 || !strings.Contains(details, c.says) {
				t.Errorf("%d kept; %s", len(e.Kept()), details)
			}
		})
	}
}

func TestSenderStream(t *testing.T) {
	latin := strings.ReplaceAll(large, "ü", "\xfc")
	for _, c := range []struct {
		name     string
		settings []string
		text     string
		want     string
	}{
		{"text", nil, large, large},
		{"charset", []string{"charsetEncoding", "ISO-8859-1"}, large, latin},
		{"binary", []string{"dataTypeBinary", "true"}, base64.StdEncoding.EncodeToString([]byte(large)), large},
		{"kept open", []string{"keepConnectionOpen", "true"}, large, large},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSink(t, mllp.Options{}, nil)
			d := sender(t, s.settings(c.settings...))
			for i := range 2 {
				r, err := d.Send(connectortest.Context(t), connectortest.OutboundStream(int64(i), "template", c.text, nil))
				if err != nil || r.Status != weir.Sent || r.Message != "ok" {
					t.Fatalf("Send = %+v, %v", r, err)
				}
			}
			for _, got := range s.received() {
				if got != c.want {
					t.Errorf("%d bytes arrived, want %d", len(got), len(c.want))
				}
			}
			if n := s.connections(); c.name == "kept open" && n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// A negative commit acknowledgment has the stream read and sent again.
func TestSenderStreamRelease2(t *testing.T) {
	s := newSink(t, mllp.Options{}, func(_ net.Conn, w *mllp.Writer, n int, _ string) bool {
		if n < 3 {
			return w.WriteMessage([]byte("\x15")) == nil
		}
		w.WriteMessage([]byte("\x06"))
		return w.WriteMessage([]byte("AA")) == nil
	})
	d := sender(t, s.settings("transmissionModeProperties.useMLLPv2", "true"))
	r, err := d.Send(connectortest.Context(t), connectortest.OutboundStream(1, "template", large, nil))
	if err != nil || r.Message != "AA" {
		t.Errorf("Send = %+v, %v", r, err)
	}
	if got := s.received(); len(got) != 3 || got[0] != large || got[2] != large {
		t.Errorf("arrived %d times", len(got))
	}
}

// In server mode each client has a stream of its own.
func TestBroadcastStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		d := &Sender{bind: network.bind}
		connectortest.Open(t, d, connectortest.Settings("serverMode", "true", "ignoreResponse", "true"))
		got := make(chan string, 3)
		for range 3 {
			p := network.partner(t, mllp.Options{})
			go func() { got <- p.read() }()
		}
		synctest.Wait()
		if _, err := d.Send(connectortest.Context(t), connectortest.OutboundStream(1, "template", large, nil)); err != nil {
			t.Error(err)
		}
		for range 3 {
			if text := <-got; text != large {
				t.Errorf("%d bytes arrived", len(text))
			}
		}
	})
}

// What cannot be read to its end never ends for the other side.
func TestSenderStreamBroken(t *testing.T) {
	s := newSink(t, mllp.Options{}, nil)
	d := sender(t, s.settings("keepConnectionOpen", "true"))
	r, err := d.Send(connectortest.Context(t), connectortest.OutboundStream(1, "template", large, errors.New("the store is down")))
	connectortest.CheckFault(t, err)
	if r.Status != weir.Queued || len(s.received()) != 0 {
		t.Errorf("Send = %+v, %d arrived", r, len(s.received()))
	}
	if r, err := send(t, d, "next"); err != nil || r.Status != weir.Sent {
		t.Errorf("the next one: %+v, %v", r, err)
	}
}
