package tcp

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

// took fails the test if anything but the wait took time.
func took(t *testing.T, start time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(start); got != want {
		t.Errorf("it took %v, want %v", got, want)
	}
}

// A message that begins and does not end is given up.
func TestNoEnd(t *testing.T) {
	for name, keep := range map[string]string{"kept open": "true", "one each": "false"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, network := &connectortest.Engine{Answer: echo}, newPipes()
				network.listen(t, e, "frameTimeout", "7000", "keepConnectionOpen", keep)
				p := network.partner(t, mllp.Options{})
				start := time.Now()
				p.Write([]byte("\x0bMSH|" + connectortest.Secret))
				p.ended()
				took(t, start, 7*time.Second)
				e.UntilEvent(t, "failed", 1)
				if details := strings.Join(e.Details(), " "); !strings.Contains(details, "did not end") {
					t.Errorf("details %q", details)
				}
			})
		})
	}
}

// A byte now and then does not keep a message alive for ever.
func TestDripping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		network.listen(t, &connectortest.Engine{Answer: echo}, "frameTimeout", "7000", "receiveTimeout", "2000")
		p := network.partner(t, mllp.Options{})
		start := time.Now()
		p.Write([]byte("\x0b"))
		for {
			time.Sleep(time.Second)
			if _, err := p.Write([]byte("x")); err != nil {
				break
			}
		}
		if lasted := time.Since(start); lasted < 7*time.Second || lasted > 10*time.Second {
			t.Errorf("the connection was closed after %v", lasted)
		}
	})
}

func TestReceiveTimeout(t *testing.T) {
	unframed := []string{"receiveTimeout", "4000", "transmissionModeProperties.startOfMessageBytes", "", "transmissionModeProperties.endOfMessageBytes", ""}
	for name, test := range map[string]func(t *testing.T, e *connectortest.Engine, network *pipes){
		"closes": func(t *testing.T, e *connectortest.Engine, network *pipes) {
			network.listen(t, e, "receiveTimeout", "4000", "keepConnectionOpen", "false")
			start := time.Now()
			network.partner(t, mllp.Options{}).ended()
			took(t, start, 4*time.Second)
		},
		"keeps open": func(t *testing.T, e *connectortest.Engine, network *pipes) {
			network.listen(t, e, "receiveTimeout", "1000")
			p := network.partner(t, mllp.Options{})
			for i := range 3 {
				// Half a message, a silence of several times the limit, the rest.
				p.Write([]byte("\x0bab"))
				time.Sleep(5500 * time.Millisecond)
				p.Write([]byte("cd\x1c\r"))
				if got := p.read(); got != "abcd" {
					t.Fatalf("message %d was received as %q", i, got)
				}
			}
		},
		"ends a message without end bytes": func(t *testing.T, e *connectortest.Engine, network *pipes) {
			network.listen(t, e, unframed...)
			p := network.partner(t, mllp.Options{Framing: &mllp.Framing{}})
			start := time.Now()
			p.Write([]byte("a"))
			time.Sleep(3 * time.Second) // not long enough
			p.Write([]byte("bc"))
			if got := e.UntilKept(t, 1)[0].Text; got != "abc" {
				t.Errorf("received %q", got)
			}
			took(t, start, 7*time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, &connectortest.Engine{Answer: echo}, newPipes()) })
		})
	}
}

// A port that becomes free while it is tried again is taken; one that does not
// is reported.
func TestPortInUse(t *testing.T) {
	for _, c := range []struct {
		busy  int // times
		tries int
		ok    bool
	}{{0, 1, true}, {1, 2, true}, {3, 4, true}, {4, 4, false}} {
		t.Run(fmt.Sprint(c.busy, " times"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, tries := newPipes(), 0
				l := &Listener{bind: func(ctx context.Context, address string) (net.Listener, error) {
					if tries++; tries <= c.busy {
						return nil, fmt.Errorf("bind: %w", syscall.EADDRINUSE)
					}
					return network.bind(ctx, address)
				}}
				connectortest.Decode(t, l, connectortest.Settings(loopback("bindRetries", "3")...))
				start := time.Now()
				err := l.Start(connectortest.Context(t), new(connectortest.Engine).SourceEnv(t))
				if (err == nil) != c.ok || tries != c.tries {
					t.Errorf("Start = %v after %d tries, want %d", err, tries, c.tries)
				}
				took(t, start, time.Duration(c.tries-1)*time.Second)
				if err == nil {
					connectortest.Stop(t, l)
				}
			})
		})
	}
}

// Each row is a partner that is silent and what becomes of the message.
func TestSilentPartner(t *testing.T) {
	for _, c := range []struct {
		outcome
		takes time.Duration
	}{
		{outcome{"silence", says("", true), nil, weir.Queued, "Timeout waiting for response", "", true}, 5 * time.Second},
		{outcome{"shorter patience", says("", true), []string{"responseTimeout", "20"}, weir.Queued, "Timeout waiting for response", "", true}, 20 * time.Millisecond},
		{outcome{"silence that is an error", says("", true), []string{"queueOnResponseTimeout", "false"}, weir.Error, "Timeout waiting for response", "", true}, 5 * time.Second},
		{outcome{"answer that does not end", says("\x0bAC", true), nil, weir.Queued, "Timeout waiting for response", "", true}, 5 * time.Second},
		{outcome{"silence that is ignored", says("", true), []string{"ignoreResponse", "true"}, weir.Sent, "Message successfully sent.", "", false}, 0},
		{outcome{"answer in time", func(_ net.Conn, w *mllp.Writer, _ int, _ string) bool {
			time.Sleep(4 * time.Second)
			return w.WriteMessage([]byte("ACK")) == nil
		}, nil, weir.Sent, "Message successfully sent.", "ACK", false}, 4 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newPipes()
				sinkOn(t, network, mllp.Options{}, c.handle)
				d := network.sender(t, c.settings...)
				start := time.Now()
				c.check(t, d)
				took(t, start, c.takes)
			})
		})
	}
}

// A partner that never reads does not hold a send beyond the time for a frame.
func TestPartnerThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		d := network.sender(t, "frameTimeout", "7000")
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, _ := network.Accept()
			accepted <- conn
		}()
		start := time.Now()
		r, err := send(t, d, connectortest.Secret)
		took(t, start, 7*time.Second)
		if r.StatusMessage != "Error sending message" {
			t.Errorf("Send = %+v, %v", r, err)
		}
		connectortest.CheckFault(t, err)
		(<-accepted).Close()
	})
}
