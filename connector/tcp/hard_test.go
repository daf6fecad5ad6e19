package tcp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/connector/connectortest"
	"github.com/weir-health/weir/wire/mllp"
)

// heap returns the bytes in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// endless gives one piece again and again, up to a number of bytes.
type endless struct {
	piece []byte
	left  int64
	sent  int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := int64(copy(p, e.piece))
	e.left -= n
	e.sent += n
	return int(n), nil
}

// A message of a gigabyte is cut off at the limit, in memory and in time.
func TestGigabyteFrame(t *testing.T) {
	const limit = 4 << 20
	e := &connectortest.Engine{Answer: echo}
	l := listen(t, e, "maxFrameBytes", fmt.Sprint(limit))
	before := heap()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("\x0bMSH|"))
	flood := &endless{piece: bytes.Repeat([]byte(connectortest.Secret), 4000), left: 1 << 30}
	if _, err := io.Copy(struct{ io.Writer }{conn}, flood); err == nil {
		t.Error("a gigabyte was taken")
	}
	if flood.sent > 64<<20 {
		t.Errorf("%d MiB were taken of a limit of %d MiB", flood.sent>>20, limit>>20)
	}
	e.UntilEvent(t, "failed", 1)
	if details := strings.Join(e.Details(), " "); !strings.Contains(details, "maxFrameBytes") {
		t.Errorf("details %q", details)
	}
	if grown := heap() - before; grown > 2*limit {
		t.Errorf("%d MiB are in use after a limit of %d MiB", grown>>20, limit>>20)
	}
	if n := len(e.Kept()); n != 0 {
		t.Errorf("%d messages kept", n)
	}
}

func TestCutInsideFrame(t *testing.T) {
	e := &connectortest.Engine{Answer: echo}
	l := listen(t, e)
	p := dial(t, l.Addr(), mllp.Options{})
	p.Write([]byte("\x0bMSH|" + connectortest.Secret))
	p.Close()
	e.UntilEvent(t, "failed", 1)
	if details := strings.Join(e.Details(), " "); !strings.Contains(details, "inside a message") || !strings.Contains(details, "not acknowledged") {
		t.Errorf("details %q", details)
	}
}

func TestNoise(t *testing.T) {
	e := &connectortest.Engine{}
	l := listen(t, e)
	source := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(source.Uint32())
		if noise[i] == 0x0B {
			noise[i] = 0x0C
		}
	}
	p := dial(t, l.Addr(), mllp.Options{})
	p.Write(noise)
	p.write("after the noise")
	if got := e.UntilKept(t, 1)[0].Text; got != "after the noise" {
		t.Errorf("received %d bytes", len(got))
	}

	// With start bytes in it nothing but limits and errors may come of it.
	for i := range noise {
		noise[i] = byte(source.Uint32())
	}
	p = dial(t, l.Addr(), mllp.Options{})
	p.Write(noise)
	p.Close()
	e.UntilEvent(t, "disconnected", 1)

	p = dial(t, l.Addr(), mllp.Options{})
	p.write("still here")
	e.UntilText(t, "still here")
}

// Senders that come, speak and vanish while the listener stops.
func TestStopUnderLoad(t *testing.T) {
	for range 5 {
		e := &connectortest.Engine{Answer: echo}
		l := new(Listener)
		connectortest.Start(t, l, e, connectortest.Settings(loopback()...))
		var acknowledged sync.Map
		var all sync.WaitGroup
		for p := range 6 {
			all.Go(func() {
				for i := 0; ; i++ {
					conn, err := net.Dial("tcp", l.Addr().String())
					if err != nil {
						return
					}
					conn.SetDeadline(time.Now().Add(connectortest.Limit))
					w, r := mllp.NewWriter(conn, mllp.Options{}), mllp.NewReader(conn, mllp.Options{})
					for k := range 5 {
						text := fmt.Sprintf("%d-%d-%d", p, i, k)
						if w.WriteMessage([]byte(text)) != nil {
							break
						}
						got, err := r.ReadMessage()
						if err != nil {
							break
						}
						acknowledged.Store(string(got), true)
					}
					reset(conn)
				}
			})
		}
		e.UntilKept(t, 50)
		connectortest.Stop(t, l)
		all.Wait()
		kept := map[string]bool{}
		for _, text := range e.Texts() {
			kept[text] = true
		}
		acknowledged.Range(func(text, _ any) bool {
			if !kept[text.(string)] {
				t.Errorf("%s was acknowledged and not kept", text)
			}
			return true
		})
	}
}

// BenchmarkListenerAndSender sends from a sender to a listener in one process.
func BenchmarkListenerAndSender(b *testing.B) {
	for _, threads := range []int{1, 8} {
		b.Run(fmt.Sprintf("%d threads", threads), func(b *testing.B) {
			e := &connectortest.Engine{Answer: acks}
			l := listen(b, e)
			d := sender(b, to(l.Addr(), "keepConnectionOpen", "true"))
			text := "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\r" + strings.Repeat("PID|1||12345^^^MRN||Muster^Mia\r", 25)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var all sync.WaitGroup
			for thread := range threads {
				all.Go(func() {
					for range b.N / threads {
						m := connectortest.Outbound(1, "template", text)
						m.Thread = thread
						if r, err := d.Send(connectortest.Context(b), m); err != nil || r.Status != weir.Sent {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

func acks(context.Context, weir.Inbound) (*weir.Response, error) {
	return &weir.Response{Status: weir.Sent, Message: "MSH|^~\\&|C|D|A|B|20260101||ACK|1|P|2.5\rMSA|AA|1\r"}, nil
}
