package server

import (
	"context"
	"runtime"
	"runtime/debug"
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
	releaseProgram()
}

// releaseEvery is how often a running engine gives back code that it ran once. To
// get back what it does need takes a millisecond.
const releaseEvery = 30 * time.Second

func releaseAtTimes(ctx context.Context) {
	t := time.NewTicker(releaseEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			releaseProgram()
		}
	}
}

// leanPercent is how much garbage there may be, in percent of what is in use, while large
// contents go through: a heap that is let grow to a multiple would grow with them.
const leanPercent = 25

var usualPercent int

// lean has the collector keep the heap small, or as it was.
func lean(on bool) {
	if on {
		usualPercent = debug.SetGCPercent(leanPercent)
	} else {
		debug.SetGCPercent(usualPercent)
	}
}
