package bench

import (
	"context"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/weir-health/weir/wire/mllp"
)

func TestMessages(t *testing.T) {
	m := newMessages("run", 7)
	for _, number := range []int{1, 4} {
		msg := m.append(nil, number)
		if len(msg) < 1<<10 || len(msg) > 2<<10 {
			t.Errorf("message %d has %d bytes, want 1 to 2 KiB", number, len(msg))
		}
		run, connection, n, ok := parseID(controlID(msg))
		if !ok || run != "run" || connection != 7 || n != number {
			t.Errorf("control id of %d reads as %s %d %d %v", number, run, connection, n, ok)
		}
		if got := ackCode(appendAck(nil, msg)); got != "AA" {
			t.Errorf("the sink answers %q", got)
		}
	}
}

// relay is the smallest engine: it answers at once and delivers what faulty
// makes of each message.
func relay(t *testing.T, sink string, faulty func(n int, msg []byte) [][]byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				out, err := net.Dial("tcp", sink)
				if err != nil {
					return
				}
				defer out.Close()
				in, back := mllp.NewReader(c, mllp.Options{}), mllp.NewWriter(c, mllp.Options{})
				to, from := mllp.NewWriter(out, mllp.Options{}), mllp.NewReader(out, mllp.Options{})
				for n := 1; ; n++ {
					msg, err := in.ReadMessage()
					if err != nil {
						return
					}
					msg = slices.Clone(msg)
					for _, send := range faulty(n, msg) {
						to.WriteMessage(send)
						from.ReadMessage()
					}
					back.WriteMessage(appendAck(nil, msg))
				}
			}()
		}
	}()
	return l.Addr().String()
}

// The sink sees what is lost, doubled and out of order.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name   string
		faulty func(n int, msg []byte) [][]byte
		want   Verdict
	}{
		{"all well", func(_ int, msg []byte) [][]byte { return [][]byte{msg} }, Verdict{Arrived: 40}},
		{"one lost", func(n int, msg []byte) [][]byte {
			if n == 5 {
				return nil
			}
			return [][]byte{msg}
		}, Verdict{Arrived: 36, Missing: 4}},
		{"one twice", func(n int, msg []byte) [][]byte {
			if n == 5 {
				return [][]byte{msg, msg}
			}
			return [][]byte{msg}
		}, Verdict{Arrived: 40, Repeated: 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink, err := NewSink("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer sink.Close()
			to := relay(t, sink.Addr(), c.faulty)
			r, err := Drive(context.Background(), Load{To: to, Connections: 4, Messages: 40, Run: "x"})
			if err != nil || r.Accepted != 40 {
				t.Fatalf("%+v, %v", r, err)
			}
			got := sink.Await(context.Background(), "x", r.Acked, 50*time.Millisecond)
			got.MissingIDs = nil
			// How many messages a connection sends is up to the scheduler, so a fault at
			// the fifth message may strike fewer than four times.
			struck := 0
			for _, numbers := range r.Acked {
				if len(numbers) >= 5 {
					struck++
				}
			}
			want := c.want
			if want.Missing > 0 {
				want.Missing, want.Arrived = struck, 40-struck
			}
			if want.Repeated > 0 {
				want.Repeated = struck
			}
			if got.Arrived != want.Arrived || got.Missing != want.Missing || got.Repeated != want.Repeated || got.OutOfOrder != 0 {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestJudgeOrder(t *testing.T) {
	s := &Sink{arrived: map[source]*arrivals{}, changed: make(chan struct{}, 1)}
	for _, id := range []string{"x.0.1", "x.0.3", "x.0.2", "x.0.4", "unrelated"} {
		s.record([]byte(id))
	}
	if v := s.Judge("x", [][]int{{1, 2, 3}}); v.OutOfOrder != 1 || v.Unacked != 1 || v.OK() {
		t.Errorf("%+v", v)
	}
}

func TestUsage(t *testing.T) {
	u, err := UsageOf(os.Getpid())
	if err != nil || u.RSS <= 0 || u.Peak < u.RSS {
		t.Errorf("%+v, %v", u, err)
	}
}
