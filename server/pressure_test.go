package server

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weir-health/weir/internal/pipeline"
)

// With real memory: what fills the heap has sources wait, with garbage they go on, and
// when it is given up they go on by themselves.
func TestPressure(t *testing.T) {
	var log strings.Builder
	base := heapObjects() * 3 / 2
	flow := pipeline.NewFlow(1 << 20)
	p := newPressure(flow, slog.New(slog.NewTextHandler(&log, nil)), base+192<<20)
	now := time.Now()
	at := func(after time.Duration) {
		now = now.Add(after)
		p.look(now)
	}
	at(0)
	if held := flow.Held(); held != "" {
		t.Fatalf("sources wait at once: %s", held)
	}
	ballast := fillMemory(int(base) + 256<<20)
	at(time.Minute)
	if held := flow.Held(); !strings.Contains(held, "memory is short") {
		t.Fatalf("sources do not wait with %d MiB in use: %q", heapObjects()>>20, held)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if flow.Await(ctx) == nil {
		t.Error("a source may read")
	}
	at(time.Second)
	if flow.Held() == "" {
		t.Error("sources go on while memory is short")
	}
	// With nothing in hand they are not held for ever.
	at(stuckAfter)
	if flow.Held() != "" || !strings.Contains(log.String(), "--memory-limit") {
		t.Errorf("nothing is taken any more: %s", &log)
	}
	runtime.KeepAlive(ballast)
	ballast = nil
	at(time.Minute)
	if held := flow.Held(); held != "" {
		t.Errorf("sources wait although there is memory: %s", held)
	}
	if err := flow.Await(context.Background()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "sources read on") {
		t.Errorf("the log does not say that they go on: %s", &log)
	}
}

// fillMemory is that much of what lives on the heap.
func fillMemory(bytes int) [][]byte {
	var all [][]byte
	for ; bytes > 0; bytes -= 1 << 20 {
		all = append(all, make([]byte, 1<<20))
	}
	return all
}
