package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// One message of the benchmarks is two durable changes: received (message,
// source, raw text of 1.5 KB) and finished (message and source again, one
// destination with its encoded text, statistics).
//
//	go test -run - -bench Save -benchtime 20000x ./internal/store/sqlite

func BenchmarkSaveAlone(b *testing.B) { benchmarkSave(b, 1) }

func BenchmarkSaveMany(b *testing.B) {
	for _, savers := range []int{8, 64, 256} {
		b.Run(fmt.Sprint(savers), func(b *testing.B) { benchmarkSave(b, savers) })
	}
}

func benchmarkSave(b *testing.B, savers int) {
	s, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{}); err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var slowest atomic.Int64
	var all sync.WaitGroup
	samples()
	b.ResetTimer()
	cpu := processTime()
	for range savers {
		all.Go(func() {
			for id := next.Add(1); id <= int64(b.N); id = next.Add(1) {
				began := time.Now()
				first := benchReceived(id)
				if err := s.Save(ctx, first); err != nil {
					b.Error(err)
				}
				if err := s.Save(ctx, benchFinished(first)); err != nil {
					b.Error(err)
				}
				took := int64(time.Since(began))
				for old := slowest.Load(); took > old && !slowest.CompareAndSwap(old, took); old = slowest.Load() {
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	messages := float64(b.N)
	b.ReportMetric(messages/b.Elapsed().Seconds(), "msgs/s")
	b.ReportMetric(float64(processTime()-cpu)/1000/messages, "cpu-µs/msg")
	b.ReportMetric(float64(s.writer.commits.Load())/messages, "commits/msg")
	b.ReportMetric(float64(slowest.Load())/1e6, "slowest-ms")
}

func benchReceived(id int64) *store.Change {
	now := time.Now()
	source := &weir.ConnectorMessage{MessageID: id, ChannelID: "bench", ConnectorName: "Source", Received: now, Status: weir.Received}
	source.Set(weir.Raw, samples()[id%sampleCount], "HL7V2")
	return &store.Change{
		Message:    &weir.Message{ID: id, ChannelID: "bench", Received: now},
		Insert:     true,
		Connectors: []store.ConnectorChange{{Connector: source, Insert: true, Contents: []weir.ContentType{weir.Raw}}},
		Counts:     map[int]store.Counts{0: {Received: 1}},
	}
}

func benchFinished(c *store.Change) *store.Change {
	source := c.Connectors[0].Connector
	source.Status = weir.Transformed
	d := &weir.ConnectorMessage{
		MessageID: source.MessageID, MetaDataID: 1, ChannelID: "bench", ConnectorName: "Destination 1", Received: source.Received,
		Status: weir.Sent, ChainID: 1, OrderID: 1, SendAttempts: 1, SendDate: source.Received, ResponseDate: source.Received,
	}
	d.Set(weir.Encoded, source.Text(weir.Raw), "HL7V2")
	c.Message.Processed = true
	return &store.Change{
		Message: c.Message,
		Connectors: []store.ConnectorChange{
			{Connector: source},
			{Connector: d, Insert: true, Contents: []weir.ContentType{weir.Encoded}},
		},
		Counts: map[int]store.Counts{1: {Received: 1, Sent: 1}},
	}
}

const sampleCount = 1000

// samples are the messages, made beforehand: that is not the store's work.
var samples = sync.OnceValue(func() *[sampleCount]string {
	texts := new([sampleCount]string)
	for i := range texts {
		texts[i] = hl7(int64(i))
	}
	return texts
})

// hl7 is an invented result of about 1.5 KB, whose values differ from message to message.
func hl7(id int64) string {
	r := rand.New(rand.NewPCG(uint64(id), 1))
	var b strings.Builder
	fmt.Fprintf(&b, "MSH|^~\\&|LAB|NORTH|EHR|MAIN|20240310015959||ORU^R01|MSG%08d|P|2.5.1\r", id)
	fmt.Fprintf(&b, "PID|1||%08d^^^NORTH^MR||DOE^SAMPLE%d^Q||19%02d0%d1%d|F|||%d EXAMPLE ST^^SPRINGFIELD^ST^%05d||555-%07d\r",
		r.IntN(1e8), r.IntN(1e4), r.IntN(99), 1+r.IntN(9), r.IntN(9), r.IntN(9999), r.IntN(99999), r.IntN(1e7))
	fmt.Fprintf(&b, "PV1|1|O|CLINIC^%d^1||||%06d^HOUSE^GREGORY|||||||||||V%09d\r", r.IntN(99), r.IntN(1e6), r.IntN(1e9))
	fmt.Fprintf(&b, "OBR|1|ORD%08d|FIL%08d|24323-8^COMPREHENSIVE METABOLIC PANEL^LN|||20240310%06d\r", r.IntN(1e8), r.IntN(1e8), r.IntN(235959))
	for i := 1; b.Len() < 1430; i++ {
		fmt.Fprintf(&b, "OBX|%d|NM|%d-%d^ANALYTE %d^LN||%.2f|mmol/L|%.1f-%.1f|N|||F|||20240310%06d\r",
			i, 2000+r.IntN(9000), r.IntN(9), r.IntN(100), r.Float64()*200, r.Float64()*50, 50+r.Float64()*100, r.IntN(235959))
	}
	return b.String()
}
