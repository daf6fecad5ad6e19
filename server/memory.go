package server

import (
	"runtime"
	"runtime/debug"
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
