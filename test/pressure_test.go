package test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/bench"
	"github.com/weir-health/weir/wire/mllp"
)

// Many senders with large messages, and a destination that does not answer, take no more
// memory than the limits say: what is beyond waits with its sender, the status says why,
// and all goes on by itself when the destination does.
func TestBackpressure(t *testing.T) {
	const senders, each, large = 24, 3, 1 << 20
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answer := make(chan struct{})
	var arrived atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r, w := mllp.NewReader(c, mllp.Options{}), mllp.NewWriter(c, mllp.Options{})
				for {
					msg, err := r.ReadMessage()
					if err != nil {
						return
					}
					arrived.Add(1)
					<-answer
					id := strings.Split(string(msg[:200]), "|")[9]
					w.WriteMessage([]byte("MSH|^~\\&|S|S|B|B|20240115103000||ACK|A" + id + "|P|2.5.1\rMSA|AA|" + id + "\r"))
				}
			}()
		}
	}()
	channels := t.TempDir()
	to := install(t, channels, "A", l.Addr().(*net.TCPAddr).Port, "<responseTimeout>5000</responseTimeout>", "<responseTimeout>0</responseTimeout>")
	e := start(t, t.TempDir(), channels, "--memory-limit", "128MiB", "--in-flight-limit", "6MiB")
	before, err := bench.UsageOf(e.cmd.Process.Pid)
	if err != nil {
		t.Skip(err)
	}

	var sending sync.WaitGroup
	var accepted atomic.Int64
	for s := range senders {
		sending.Go(func() {
			c, err := net.Dial("tcp", to)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			r, w := mllp.NewReader(c, mllp.Options{}), mllp.NewWriter(c, mllp.Options{})
			for n := range each {
				text := fmt.Sprintf("MSH|^~\\&|BENCH|W|LAB|H|20240115103000||ORU^R01|L%d-%d|P|2.5.1\rOBX|1|TX|X||%s\r", s, n, strings.Repeat("large ", large/6))
				c.SetDeadline(time.Now().Add(2 * time.Minute))
				if err := w.WriteMessage([]byte(text)); err != nil {
					t.Error(err)
					return
				}
				if ack, err := r.ReadMessage(); err != nil || !strings.Contains(string(ack), "MSA|AA") {
					t.Errorf("message %d of %d was answered %.100q, error %v", n, s, ack, err)
					return
				}
				accepted.Add(1)
			}
		})
	}
	e.until("the source to wait", func() bool {
		c := e.channel("A-best").Connectors[0]
		return arrived.Load() >= 4 && c.Connection == "waiting" && strings.Contains(c.Detail, "in hand")
	})
	if n := arrived.Load(); n > 6 {
		t.Errorf("%d messages of 1 MB are in hand, the limit is 6 MiB", n)
	}
	close(answer)
	sending.Wait()
	if n := accepted.Load(); n != senders*each {
		t.Errorf("%d of %d were accepted", n, senders*each)
	}
	e.until("the source to read on", func() bool { return e.channel("A-best").Connectors[0].Connection != "waiting" })
	after, _ := bench.UsageOf(e.cmd.Process.Pid)
	// Beside the limit there are the code and what the senders' connections have read.
	if grown := after.Peak - before.RSS; grown > 256<<20 {
		t.Errorf("the engine grew by %d MiB", grown>>20)
	}
	t.Logf("RSS %d MiB at most, %d MiB before", after.Peak>>20, before.RSS>>20)
	if _, err := e.API.Channels(context.Background()); err != nil {
		t.Error(err)
	}
	e.stop()
}
