package server

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// muchMemory is the heap above which a start gives back what it no longer needs.
const muchMemory = 64 << 20

// releaseMemory gives back to the system what only the start needed: of the heap,
// where many channels were read and compiled, and of the program itself, most of
// which is run once or never.
func releaseMemory() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapSys-m.HeapReleased > muchMemory {
		debug.FreeOSMemory()
	}
	limitGarbageOfMany()
	releaseProgram()
}

// How much garbage there may be, in percent of what is in use, in place of what the
// command or GOGC says, where that is more.
const (
	// startPercent is for the start, which reads and compiles all channels, once.
	startPercent = 75
	// leanPercent is while large contents go through: a heap that is let grow to a
	// multiple would grow with them.
	leanPercent = 25
	// mostGarbage is in bytes, for where many channels are deployed. A percentage that is
	// right for a few of them would be hundreds of megabytes for a thousand.
	mostGarbage = 128 << 20
)

// garbage is which of these hold now, by their reasons.
var garbage struct {
	sync.Mutex
	usual  int // of the process, while there is a reason
	atMost map[string]int
}

// limitGarbage adds a reason for less garbage, or takes it away where percent is 0.
func limitGarbage(reason string, percent int) {
	garbage.Lock()
	defer garbage.Unlock()
	if len(garbage.atMost) == 0 {
		garbage.usual = debug.SetGCPercent(100)
		garbage.atMost = map[string]int{}
	}
	garbage.atMost[reason] = percent
	least := garbage.usual
	for why, p := range garbage.atMost {
		if p == 0 {
			delete(garbage.atMost, why)
		} else if least < 0 || p < least {
			least = p
		}
	}
	debug.SetGCPercent(least)
}

// limitGarbageOfMany sets the percentage that mostGarbage is of what is in use now. What
// GOGC says goes before it.
func limitGarbageOfMany() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if inUse := live[0].Value.Uint64(); inUse > 0 && os.Getenv("GOGC") == "" {
		limitGarbage("many channels", int(max(mostGarbage*100/inUse, startPercent)))
	}
}

// releaseEvery is how often a running engine gives back code that it ran once, and looks
// how much is in use. To get back what code it does need takes a millisecond.
const releaseEvery = 30 * time.Second

func releaseAtTimes(ctx context.Context) {
	t := time.NewTicker(releaseEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			limitGarbageOfMany()
			releaseProgram()
		}
	}
}

// lean has the collector keep the heap small, or as it was.
func lean(on bool) {
	percent := 0
	if on {
		percent = leanPercent
	}
	limitGarbage("large contents", percent)
}
