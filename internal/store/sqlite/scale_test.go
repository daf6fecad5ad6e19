package sqlite

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weir-health/weir"
	"github.com/weir-health/weir/internal/store"
)

// A store of b.N messages of one day that have aged, and traffic of today: how fast that is
// alone and while the day is dropped, and what lists cost before.
//
//	go test -run - -bench Expire -benchtime 1000000x ./internal/store/sqlite
func BenchmarkExpire(b *testing.B) {
	if b.N < 1000 {
		return // the trial that every benchmark begins with
	}
	dir := b.TempDir()
	start := time.Now()
	var at atomic.Int64
	now := func() time.Time { return start.Add(time.Duration(at.Load())) }
	s, err := Open(dir, Options{Now: now})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.OpenChannel(ctx, "bench", "bench", store.Retention{Messages: 30}); err != nil {
		b.Fatal(err)
	}
	old := int64(b.N)
	fillScale(b, s, old, start)
	at.Store(int64(40 * day))
	b.ReportMetric(size(b, dir), "MB-before")
	measure := func(name string, q store.Query) {
		q.ChannelID = "bench"
		best := time.Hour
		for range 5 {
			began := time.Now()
			if list, err := s.Messages(ctx, q); err != nil || len(list) == 0 {
				b.Fatal(name, len(list), err)
			}
			best = min(best, time.Since(began))
		}
		b.ReportMetric(float64(best.Microseconds())/1000, name+"-ms")
	}
	measure("newest-page", store.Query{})
	measure("list-by-time", store.Query{Since: start.Add(time.Duration(old/2) * time.Millisecond), Until: start.Add(time.Duration(old/2+1000) * time.Millisecond)})
	measure("oldest-by-time", store.Query{Until: start.Add(time.Second)})
	measure("term", store.Query{Terms: []store.Term{{Kind: store.ControlTerm, Value: fmt.Sprint(old / 3)}}})
	began := time.Now()
	if _, _, err := s.FindKey(ctx, "bench", fmt.Sprint(old/2)); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "key-ms")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	began = time.Now()
	if s, err = Open(dir, Options{Now: now}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "start-ms")
	if err := s.ForgetKeys(ctx, "bench", now().Add(-day)); err != nil {
		b.Fatal(err)
	}
	besideTraffic(b, s, old, now)
	b.ReportMetric(size(b, dir), "MB-after")
}

// fillScale keeps messages that came a millisecond apart; every thousandth has failed.
func fillScale(b *testing.B, s *Store, n int64, start time.Time) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for id := next.Add(1); id <= n; id = next.Add(1) {
				first := benchReceived(id)
				first.Message.Received = start.Add(time.Duration(id) * time.Millisecond)
				first.Key = fmt.Sprint(id)
				first.Terms = []store.Term{{Kind: store.ControlTerm, Value: fmt.Sprint(id)}}
				done := benchFinished(first)
				first.Connectors = append(first.Connectors, done.Connectors[1])
				first.Message.Processed = true
				first.Source = first.Connectors[0].Connector
				if id%1000 == 0 {
					done.Connectors[1].Connector.Status = weir.Error
				}
				if err := s.Save(ctx, first); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// besideTraffic drops what has aged while messages come.
func besideTraffic(b *testing.B, s *Store, after int64, now func() time.Time) {
	next, stop := atomic.Int64{}, make(chan struct{})
	next.Store(after)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				first := benchReceived(next.Add(1))
				first.Message.Received = now()
				if err := s.Save(ctx, first); err != nil {
					b.Error(err)
				}
				if err := s.Save(ctx, benchFinished(first)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	rate := func(until func()) float64 {
		from, began := next.Load(), time.Now()
		until()
		return float64(next.Load()-from) / time.Since(began).Seconds()
	}
	wait := func(d time.Duration) func() { return func() { <-time.After(d) } }
	rate(wait(time.Second))
	b.ReportMetric(rate(wait(4*time.Second)), "alone-msgs/s")
	var took time.Duration
	during := rate(func() {
		began := time.Now()
		got, err := s.Expire(ctx, map[string]store.Limits{"bench": {Messages: now().Add(-30 * day)}})
		took = time.Since(began)
		if err != nil || got.Messages != after-after/1000 {
			b.Errorf("expired %+v, error %v", got, err)
		}
	})
	b.ReportMetric(during, "during-msgs/s")
	b.ReportMetric(float64(took.Milliseconds()), "expire-ms")
	b.ReportMetric(rate(wait(4*time.Second)), "after-msgs/s")
	close(stop)
	all.Wait()
}

// size is how much of the disk a directory takes, in MB.
func size(b *testing.B, dir string) (mb float64) {
	for _, at := range []string{dir, dir + "/" + folder} {
		entries, err := os.ReadDir(at)
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range entries {
			if info, err := e.Info(); err == nil && !e.IsDir() {
				mb += float64(info.Size()) / 1e6
			}
		}
	}
	return mb
}
